"""Tags and memos, and leads: what somebody else claimed or linked to, to be collected and judged, never counted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL


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


def save_memo(connection: Connection, about: str, text: str, origin: str, now: str) -> None:
    """Keep a memo about an address; the same words about the same are kept once, with their first origin."""
    connection.execute(
        "INSERT INTO memos (about, text, origin, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (about, text, origin, now),
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
