"""Tags and memos, and leads: what somebody else claimed or linked to, to be collected and judged, never counted."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL
from typing import Any

from db.errors import GroundswellError

JUDGEMENTS = ("supports", "contradicts", "not_in_it", "cannot_tell")
"""What a person can find of a lead's claim in the thread that the lead gave."""


@dataclass(frozen=True, slots=True)
class Lead:
    """A claim that somebody else made, or a link that somebody else gave.

    Attributes:
        uid: the hash of the file's content and the place in it.
        origin: the name of the file.
        place: where in it, in words.
        claim: the sentence or the item around the link; None where a link stands for itself.
        link: where a browser finds it, naming nobody; None where the claim bears none.
        thread: the address of what is to be collected; None where nothing is.
        problem: why the link cannot be collected.
    """

    uid: str
    origin: str
    place: str
    claim: str | None = None
    link: str | None = None
    thread: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class LeadCounts:
    """How many leads there are, and what became of them.

    Attributes:
        listed: all of them.
        without_address: claims that bear no link at all.
        not_collectable: those whose link leads to nothing that can be collected.
        collected: those of which the thread, or the very post, is stored.
    """

    listed: int
    without_address: int
    not_collectable: int
    collected: int


def save_tags(connection: Connection, thread_address: str, tags: Iterable[str]) -> None:
    """Give a thread tags, whether it is stored yet or not; one that it has stays."""
    connection.executemany(
        "INSERT INTO tags (thread, tag) VALUES (?, ?) ON CONFLICT DO NOTHING", [(thread_address, tag) for tag in tags]
    )


def save_memo(connection: Connection, about: str, text: str, origin: str, now: str, *, once: bool = False) -> None:
    """Keep a memo about an address, each origin's own.

    Args:
        connection: the study's database.
        about: the address.
        text: the memo.
        origin: who wrote it, or the file and line where it stands.
        now: the time.
        once: whether the same words about the same address are kept once whatever their origin, as where a list is
            read again whose lines have moved.
    """
    connection.execute(
        """
        INSERT INTO memos (about, text, origin, created_at)
        SELECT :about, :text, :origin, :now
         WHERE NOT :once OR NOT EXISTS (SELECT 1 FROM memos WHERE about = :about AND text = :text)
            ON CONFLICT DO NOTHING
        """,
        {"about": about, "text": text, "origin": origin, "now": now, "once": once},
    )


def save_leads(connection: Connection, leads: Iterable[Lead], now: str) -> int:
    """Keep leads, each once, and return how many are new."""
    before = connection.total_changes
    connection.executemany(
        """
        INSERT INTO leads (uid, origin, place, claim, link, thread, problem, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """,
        [
            (lead.uid, lead.origin, lead.place, lead.claim, lead.link, lead.thread, lead.problem, now)
            for lead in leads
        ],
    )  # fmt: skip
    return connection.total_changes - before


def readdress(connection: Connection, found: Mapping[str, str]) -> None:
    """Say of threads what was said of addresses that turned out to lead to them, such as those of share links."""
    for old, new in found.items():
        connection.execute(
            "INSERT INTO tags SELECT ?, tag FROM tags WHERE thread = ? ON CONFLICT DO NOTHING", (new, old)
        )
        connection.execute("DELETE FROM tags WHERE thread = ?", (old,))
        connection.execute("UPDATE OR IGNORE memos SET about = ? WHERE about = ?", (new, old))
        connection.execute("DELETE FROM memos WHERE about = ?", (old,))
        connection.execute("UPDATE leads SET thread = ? WHERE thread = ?", (new, old))


def lead_counts(connection: Connection) -> LeadCounts:
    """How many leads there are and what became of them."""
    row = connection.execute(
        """
        SELECT count(*) AS listed,
               count(*) FILTER (WHERE link IS NULL AND problem IS NULL) AS without_address,
               count(*) FILTER (WHERE problem IS NOT NULL) AS not_collectable,
               count(*) FILTER (WHERE thread IN (SELECT address FROM threads)
                                   OR thread IN (SELECT address FROM public_posts)) AS collected
          FROM leads
        """
    ).fetchone()
    return LeadCounts(row["listed"], row["without_address"], row["not_collectable"], row["collected"])


@dataclass(frozen=True, slots=True)
class LeadToJudge:
    """A lead whose claim a coder has still to hold against the posts that it gave as its source.

    Attributes:
        thread: the address of what was to be collected.
        is_collected: whether any post of it shows a text here; until then nothing can be judged.
        posts: ids of the posts that show a text: the one that the link leads to, then the rest of its thread by time.
    """

    uid: str
    origin: str
    place: str
    claim: str
    link: str | None
    thread: str
    is_collected: bool
    posts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LeadJudgement:
    """What one person last found of a lead's claim.

    Attributes:
        judgement: one of `JUDGEMENTS`.
        post: the id of the post that says so, where one was named.
        stands: whether that post still shows a text; a judgement without a post stands.
    """

    uid: str
    lead: str
    judgement: str
    post: int | None
    coder: int
    created_at: str
    stands: bool


@dataclass(frozen=True, slots=True)
class LeadAudit:
    """What became of all leads; each judged lead is in exactly one of the five counts before `single_source`.

    Attributes:
        listed: all of them.
        without_address: claims that bear no link at all.
        not_collectable: those whose link leads to nothing that can be collected.
        collected: those of which the thread, or the very post, is stored.
        supported: those whose claim is in their source, by all who judged them.
        contradicted: those whose source says the opposite.
        not_found: those whose source does not speak of it.
        cannot_tell: those that nobody could judge by their source.
        unresolved: those on which people differ.
        single_source: those of the supported whose claim, whichever lead makes it, was found with one account only.
        not_judged: claims with a collected source of which nobody's judgement stands.
    """

    listed: int
    without_address: int
    not_collectable: int
    collected: int
    supported: int
    contradicted: int
    not_found: int
    cannot_tell: int
    unresolved: int
    single_source: int
    not_judged: int

    def entry(self) -> dict[str, int] | None:
        """The audit as it stands in a report; None where there is no lead."""
        return asdict(self) if self.listed else None

    @property
    def judged(self) -> int:
        """How many were judged by anybody."""
        return self.supported + self.contradicted + self.not_found + self.cannot_tell + self.unresolved


_SHOWN = "(p.text IS NOT NULL OR p.title IS NOT NULL)"

_STANDING = f"""
SELECT j.uid, j.lead, j.judgement, j.post, j.coder, j.created_at, j.post IS NULL OR {_SHOWN} AS stands
  FROM lead_judgements j
  LEFT JOIN posts p ON p.id = j.post
 WHERE NOT EXISTS (
       SELECT 1 FROM lead_judgements later
        WHERE later.lead = j.lead AND later.coder = j.coder
          AND (later.created_at, later.uid) > (j.created_at, j.uid))
"""  # noqa: S608 - only a constant is put in


def judge_lead(  # noqa: PLR0917 - the columns of one row, in their order
    connection: Connection, uid: str, lead: str, judgement: str, post: int | None, coder_id: int, created_at: str
) -> None:
    """Keep what a coder found of a lead's claim; the coder's latest judgement holds, and the same uid is kept once.

    The uid names the judgement, so that a repeated answer is stored once; `lead` is the uid of the lead, `judgement` one
    of `JUDGEMENTS`, `post` the id of the post that says so, if one was named.

    Raises:
        GroundswellError: there is no such lead, judgement or public post.
    """
    if judgement not in JUDGEMENTS:
        raise GroundswellError(f"{judgement}: no judgement of a lead", hint=f"one of {', '.join(JUDGEMENTS)}")
    if connection.execute("SELECT 1 FROM leads WHERE uid = ?", (lead,)).fetchone() is None:
        raise GroundswellError(f"{lead}: no lead bears that name", hint="groundswell status counts the leads")
    if post is not None and connection.execute("SELECT 1 FROM public_posts WHERE id = ?", (post,)).fetchone() is None:
        raise GroundswellError(f"the lead {lead} was judged by a post that is not in the study")
    connection.execute(
        """
        INSERT INTO lead_judgements (uid, lead, judgement, post, coder, created_at) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (uid) DO NOTHING
        """,
        (uid, lead, judgement, post, coder_id, created_at),
    )


def lead_judgement_of(connection: Connection, lead: str, coder_id: int) -> LeadJudgement | None:
    """What a coder last found of a lead's claim."""
    row = connection.execute(f"{_STANDING} AND j.lead = ? AND j.coder = ?", (lead, coder_id)).fetchone()
    return None if row is None else _judgement(row)


def leads_to_judge(connection: Connection, coder: int) -> list[LeadToJudge]:
    """The leads with a claim and an address that a coder has not judged, those that can be judged now first.

    A judgement by a post whose text was withdrawn has to be made again. A lead without a claim of its own is only a link
    to collect, so there is nothing to judge.
    """
    done = {row["lead"] for row in connection.execute(f"{_STANDING} AND j.coder = ?", (coder,)) if row["stands"]}
    rows = connection.execute(
        "SELECT uid, origin, place, claim, link, thread FROM leads"
        " WHERE claim IS NOT NULL AND thread IS NOT NULL ORDER BY origin, id"
    )
    waiting = [row for row in rows if row["uid"] not in done]
    posts = {thread: posts_of_lead(connection, thread) for thread in {row["thread"] for row in waiting}}
    found = [
        LeadToJudge(**dict(row), is_collected=bool(posts[row["thread"]]), posts=posts[row["thread"]]) for row in waiting
    ]
    return sorted(found, key=lambda lead: not lead.is_collected)


def audit_leads(connection: Connection) -> LeadAudit:
    """Count what became of all leads, by the latest judgement of each person (people who differ leave a lead unresolved)."""
    counts, claims = lead_counts(connection), _collected_claims(connection)
    judged: dict[str, list[LeadJudgement]] = defaultdict(list)
    for row in connection.execute(_STANDING):
        found = _judgement(row)
        if found.stands:
            judged[found.lead].append(found)
    outcomes = {lead: _agreed(made) for lead, made in judged.items()}
    supported = frozenset(lead for lead, outcome in outcomes.items() if outcome == "supports")
    by_outcome = Counter(outcomes.values())
    return LeadAudit(
        listed=counts.listed,
        without_address=counts.without_address,
        not_collectable=counts.not_collectable,
        collected=counts.collected,
        supported=by_outcome["supports"],
        contradicted=by_outcome["contradicts"],
        not_found=by_outcome["not_in_it"],
        cannot_tell=by_outcome["cannot_tell"],
        unresolved=by_outcome[None],
        single_source=_resting_on_one_source(connection, supported, judged),
        not_judged=len(claims - judged.keys()),
    )


def _collected_claims(connection: Connection) -> frozenset[str]:
    """The leads that make a claim and whose thread, or very post, is stored."""
    rows = connection.execute(
        """
        SELECT uid FROM leads
         WHERE claim IS NOT NULL
           AND (thread IN (SELECT address FROM threads) OR thread IN (SELECT address FROM public_posts))
        """
    )
    return frozenset(row["uid"] for row in rows)


def _judgement(row: Mapping[str, Any]) -> LeadJudgement:
    return LeadJudgement(**{**dict(row), "stands": bool(row["stands"])})


def _agreed(made: Iterable[LeadJudgement]) -> str | None:
    """The judgement that all share, None where they differ."""
    found = {one.judgement for one in made}
    return found.pop() if len(found) == 1 else None


def posts_of_lead(connection: Connection, address: str) -> tuple[int, ...]:
    """The public posts to hold a lead's claim against: the one that its link leads to, then its thread's, by time."""
    rows = connection.execute(
        f"""
        SELECT p.id FROM public_posts p JOIN threads t ON t.id = p.thread
         WHERE {_SHOWN} AND (t.address = ? OR t.id IN (SELECT thread FROM public_posts WHERE address = ?))
         ORDER BY p.address <> ?, p.created_at, p.address
        """,  # noqa: S608 - only a constant is put in
        (address, address, address),
    )
    return tuple(row["id"] for row in rows)


def _resting_on_one_source(
    connection: Connection, supported: frozenset[str], judged: Mapping[str, list[LeadJudgement]]
) -> int:
    """How many of the supported leads make a claim that was found with one account only.

    A post that repeats another's text is no second source; a judgement that names no post rests on whoever began the
    thread.
    """
    claims = {
        row["uid"]: (" ".join((row["claim"] or row["uid"]).split()).casefold(), row["thread"])
        for row in connection.execute("SELECT uid, claim, thread FROM leads")
    }
    sources: dict[str, set[str]] = defaultdict(set)
    for lead in supported:
        claim, thread = claims[lead]
        for one in judged[lead]:
            sources[claim].add(_source_of(connection, one.post, thread))
    return sum(len(sources[claims[lead][0]]) == 1 for lead in supported)


def _source_of(connection: Connection, post: int | None, thread: str | None) -> str:
    """The account that a judgement rests on; its thread where that is not known."""
    row = connection.execute(
        """
        SELECT coalesce(a.address, t.address) AS source
          FROM posts p
          LEFT JOIN edges d ON d.source = p.id AND d.kind = 'duplicate_of'
          JOIN posts own ON own.id = coalesce(d.target, p.id)
          JOIN threads t ON t.id = own.thread
          LEFT JOIN authors a ON a.id = own.author
         WHERE p.id = ? OR (? IS NULL AND p.address = ?)
        """,
        (post, post, thread),
    ).fetchone()
    return str(row["source"]) if row is not None else str(thread)
