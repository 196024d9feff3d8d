"""Say from the recordings alone what a correct import of them must hold.

Independent of the product on purpose: the files are read and merged a second time by other code, so that
an agreement of the two means something. Nothing of the recordings is kept here; texts leave this module only as
hashes, or in memory through `needles`.
"""

import argparse
import contextlib
import hashlib
import html
import io
import json
import math
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import zstandard

Row = dict[str, Any]
PARTS = ("arctic_shift", "reddit_threads", "reddit_recollect", "corpus")
GONE = ("deleted_by_author", "removed")
MARKERS = {"[deleted]": "deleted_by_author", "[removed]": "removed", "[ removed by reddit ]": "removed"}
WINDOW = 2**31
SHORTEST_NEEDLE = 25
SHORTEST_TEXT = 20
SHINGLE = 5

BARE_AMPERSAND = re.compile(r"&(?!amp;|lt;|gt;)")
ENTITY = re.compile(r"&(?:amp|lt|gt);")
MENTION = re.compile(r"(?<!\w)/?(?:u|user)/~?[\w\\-]+", re.IGNORECASE)
PLAIN_MENTION = re.compile(r"(?<![\w/])/?u/([A-Za-z0-9_-]{3,20})")
CUT_MENTION = re.compile(r"(?<![\w/])/?u/[\w-]*\\_[\w\\-]*")
STAMP = re.compile(r"\d{8}T\d{6}(?:Z|[+-]\d{4})")
INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")
ADDRESS_IN_TEXT = re.compile(r"(?:https?://|www\.)[^\s)\]>]+")
FENCE = re.compile(r" {0,3}(?:```|~~~)")
INDENTED = re.compile(r"(?: {4}|\t)")
QUOTED = re.compile(r" {0,3}>(?!!)")
WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
TOKEN = re.compile(r"\S+")


class Seen(NamedTuple):
    """One post as one file showed it, decoded; `author` None is a deleted account.

    `text` is None where the post is deleted; `last_text` is what the file still shows of it.
    """

    name: str
    part: str
    file: str
    at: int | None
    state: str
    author: str | None
    title: str | None
    text: str | None
    last_text: str | None
    thread: str
    parent: str | None
    created: int
    edited: int | None
    score: int | None
    score_hidden: bool


class Expected(NamedTuple):
    """What the import must hold of one post. Where the rules leave a choice, every legal value is listed."""

    name: str
    states: frozenset[str]
    authors: frozenset[str | None]
    titles: frozenset[str | None]
    texts: frozenset[str | None]
    scores: frozenset[int | None]
    revisions: frozenset[int]
    thread: str
    parent: str | None
    created: int
    observed: int | None

    @property
    def state(self) -> str:
        return min(self.states)

    @property
    def text(self) -> str | None:
        return min((t for t in self.texts if t is not None), default=None)

    @property
    def author(self) -> str | None:
        return min((a for a in self.authors if a is not None), default=None)


class File(NamedTuple):
    """One recording: its rows as they lie there, whether they are escaped, and when it was made if it says so."""

    part: str
    label: str
    rows: list[Row]
    escaped: bool
    made: int | None


# Reading


def default_data_dir() -> Path:
    given = os.environ.get("GROUNDSWELL_DATA")
    return Path(given) if given else Path(__file__).resolve().parents[3] / "shared" / "data"


def iter_files(data: Path, parts: Iterable[str] = PARTS) -> Iterator[File]:
    """Read the recordings one after the other, rows untouched."""
    for part in parts:
        folder = data / "corpus" if part == "corpus" else data / "acceptance" / part
        for path in sorted(folder.rglob("*.zst" if part == "corpus" else "*.json")):
            rows = list(iter_lines(path)) if part == "corpus" else list(iter_rows(json.loads(path.read_bytes())))
            label = path.relative_to(folder).as_posix()
            yield File(part, f"{part}/{label}", rows, is_escaped(rows), time_in_name(path.name))


def iter_lines(path: Path) -> Iterator[Row]:
    with path.open("rb") as raw:
        stream = zstandard.ZstdDecompressor(max_window_size=WINDOW).stream_reader(raw)
        for line in io.TextIOWrapper(stream, encoding="utf-8", newline="\n"):
            yield json.loads(line)


def iter_rows(value: Any) -> Iterator[Row]:
    """Yield every submission and comment in an answer of Reddit or a `{post, comments}` file, depth first."""
    if isinstance(value, list):
        for item in value:
            yield from iter_rows(item)
    elif isinstance(value, dict) and "comments" in value:
        yield from (row for row in [value.get("post"), *value["comments"]] if row)
    elif isinstance(value, dict) and value.get("kind") == "Listing":
        yield from iter_rows(value["data"]["children"])
    elif isinstance(value, dict) and value.get("kind") in {"t1", "t3"}:
        yield value["data"]
        yield from iter_rows(value["data"].get("replies"))


def time_in_name(name: str) -> int | None:
    stamp = STAMP.search(name)
    return int(datetime.strptime(stamp[0], "%Y%m%dT%H%M%S%z").timestamp()) if stamp else None


# One row


def raw_body(row: Row) -> str:
    return str(row.get("body" if "body" in row else "selftext") or "")


def row_evidence(row: Row) -> bool | None:
    """Tell whether one row is escaped: True, False, or None where it does not show."""
    rendered = row.get("body_html") or row.get("selftext_html") or ""
    if rendered.lstrip().startswith(("&lt;", "<")):
        return bool(rendered.lstrip().startswith("&lt;"))
    shown = raw_body(row) + "\n" + str(row.get("title") or "")
    if "<" in shown or ">" in shown or BARE_AMPERSAND.search(shown):
        return False
    return None


def is_escaped(rows: list[Row]) -> bool:
    """Decide for a file: raw where more rows prove rawness than escaping."""
    votes = Counter(row_evidence(row) for row in rows)
    return votes[False] <= votes[True]


def decode(text: str, row: Row, file_escaped: bool) -> str:
    """Undo exactly one layer of escaping where there is one; line ends become LF."""
    evidence = row_evidence(row)
    escaped = file_escaped if evidence is None else evidence
    return (html.unescape(text) if escaped else text).replace("\r\n", "\n").replace("\r", "\n")


def fullname(row: Row) -> str:
    return str(row.get("name") or ("t1_" if "body" in row else "t3_") + str(row["id"]))


def row_state(row: Row) -> str:
    """Read the state one row shows; an archive's note about a later look counts as that later look."""
    meta = row.get("_meta") or {}
    if meta.get("was_deleted_later") or meta.get("removal_type"):
        return "deleted_by_author" if meta.get("removal_type") == "deleted" else "removed"
    marker = MARKERS.get(raw_body(row).strip().casefold())
    return marker or ("account_gone" if row.get("author") in {None, "[deleted]"} else "live")


def row_time(row: Row, file: File) -> int | None:
    meta = row.get("_meta") or {}
    found = (meta.get("retrieved_2nd_on") or row.get("retrieved_on")) if file.part == "arctic_shift" else file.made
    return None if found is None else int(found)


def read_row(row: Row, file: File) -> Seen:
    state = row_state(row)
    body = raw_body(row)
    readable = None if body.strip().casefold() in MARKERS else decode(body, row, file.escaped)
    comment = "body" in row
    title = None if comment else decode(str(row.get("title") or ""), row, file.escaped)
    edited = row.get("edited")
    return Seen(
        name=fullname(row),
        part=file.part,
        file=file.label,
        at=row_time(row, file),
        state=state,
        author=None if row.get("author") in {None, "[deleted]"} else str(row["author"]),
        title=title,
        text=None if state in GONE else readable,
        last_text=readable,
        thread=str(row["link_id"]) if comment else fullname(row),
        parent=str(row["parent_id"]) if comment else None,
        created=int(float(row["created_utc"])),
        edited=None if isinstance(edited, bool) or edited is None else int(edited),
        score=row.get("score"),
        score_hidden=bool(row.get("score_hidden")),
    )


# Merging


def newest(seen: list[Seen]) -> list[Seen]:
    """Keep the observations that no other one outdates: the newest dated, or all of them where none is dated."""
    last = max((s.at for s in seen if s.at is not None), default=None)
    return [s for s in seen if s.at == last]


def standing_deletions(seen: list[Seen]) -> list[Seen]:
    """Keep the deletions that no later dated live observation takes back."""
    live_at = max((s.at for s in seen if s.state not in GONE and s.at is not None), default=None)
    return [s for s in seen if s.state in GONE and (s.at is None or live_at is None or live_at <= s.at)]


def authors_of(seen: list[Seen]) -> frozenset[str | None]:
    """List the authors that may stand: a gone account stays gone unless a later dated observation names one."""
    gone = [s for s in seen if s.author is None]
    named = [s for s in seen if s.author is not None]
    if not gone:
        return frozenset(s.author for s in newest(named))
    gone_at = max((s.at for s in gone if s.at is not None), default=None)
    later = [s for s in named if s.at is not None and gone_at is not None and s.at > gone_at]
    return frozenset(s.author for s in newest(later)) if later else frozenset({None})


def scores_of(seen: list[Seen]) -> frozenset[int | None]:
    known = newest([s for s in seen if s.score is not None] or seen)
    hidden: set[int | None] = {None} if any(s.score_hidden for s in known) else set()
    return frozenset({s.score for s in known} | hidden)


def revisions_of(seen: list[Seen], deleted: bool) -> frozenset[int]:
    """Count earlier texts. Undated differing texts and the texts of deleted posts may or may not be counted."""
    dated = {s.text for s in seen if s.text is not None and s.at is not None}
    texts = {s.text for s in seen if s.text is not None}
    if deleted:
        return frozenset(range(len({s.last_text for s in seen if s.last_text is not None}) + 1))
    return frozenset(range(max(len(dated) - 1, 0), max(len(texts), 1)))


def merge(seen: list[Seen], known: set[str]) -> Expected:
    """Apply the merge rules to all observations of one post."""
    deletions = standing_deletions(seen)
    live = [s for s in seen if s.state not in GONE]
    authors = authors_of(seen)
    first = seen[0]
    if deletions:
        states = frozenset(s.state for s in newest(deletions))
    elif authors == {None}:
        states = frozenset({"account_gone"})
    else:
        states = frozenset({"orphan" if first.parent is not None and first.parent not in known else "live"})
    return Expected(
        name=first.name,
        states=states,
        authors=authors,
        titles=frozenset({None} if deletions else {s.title for s in newest(live)}),
        texts=frozenset({None} if deletions else {s.text for s in newest(live)}),
        scores=scores_of(seen),
        revisions=revisions_of(seen, bool(deletions)),
        thread=first.thread,
        parent=first.parent,
        created=first.created,
        observed=max((s.at for s in seen if s.at is not None), default=None),
    )


class Study(NamedTuple):
    """All that was read, and what it comes to."""

    files: list[File]
    seen: dict[str, list[Seen]]
    posts: dict[str, Expected]


def load(data: Path, parts: Iterable[str] = PARTS) -> Study:
    files = list(iter_files(data, parts))
    seen: dict[str, list[Seen]] = defaultdict(list)
    for file in files:
        for row in file.rows:
            seen[fullname(row)].append(read_row(row, file))
    known = set(seen)
    return Study(files, dict(seen), {name: merge(found, known) for name, found in seen.items()})


# The facts


def expected(data_dir: str | Path | None = None, parts: Iterable[str] = PARTS, near: bool = True) -> dict[str, Any]:
    """Return every figure as plain JSON values; `near=False` leaves out the slow near-duplicates."""
    study = load(Path(data_dir) if data_dir else default_data_dir(), parts)
    facts: dict[str, Any] = {
        "posts": post_facts(study),
        "threads": thread_facts(study),
        "authors": author_facts(study),
        "files": [file_facts(file) for file in study.files],
        "recollected": recollect_facts(study),
        "repeats_in_archived_threads": repeat_facts(study),
        "lost_texts": lost_facts(study),
        "escaping": escape_facts(study),
        "quirks": quirk_facts(study),
        "open_choices": choice_facts(study),
    }
    if near:
        facts["near_duplicates"] = near_facts(study)
    return facts


def post_facts(study: Study) -> dict[str, Any]:
    posts = study.posts.values()
    return {
        "total": len(posts),
        "submissions": sum(p.name.startswith("t3_") for p in posts),
        "comments": sum(p.name.startswith("t1_") for p in posts),
        "observations": sum(len(s) for s in study.seen.values()),
        "seen_more_than_once": sum(len(s) > 1 for s in study.seen.values()),
        "by_state": sorted_counts(p.state for p in posts),
        "by_state_and_kind": sorted_counts(f"{p.state} {p.name[:2]}" for p in posts),
        "orphans": sorted(p.name for p in posts if p.state == "orphan"),
        "parent_not_collected": sorted(p.name for p in posts if p.parent is not None and p.parent not in study.posts),
        "empty_text_and_not_deleted": sum(p.text == "" for p in posts),
        "with_revisions_at_least": {p.name: min(p.revisions) for p in posts if min(p.revisions)},
        "removed_by_reddit": removed_by_reddit(study),
    }


def removed_by_reddit(study: Study) -> list[str]:
    """List the posts that carry the third marker, which keeps the author's name, instead of the two bracketed words."""
    marked = (row for file in study.files for row in file.rows if len(raw_body(row)) < 40)
    return sorted({fullname(r) for r in marked if raw_body(r).strip().casefold() == "[ removed by reddit ]"})


def thread_facts(study: Study) -> dict[str, Any]:
    threads = {p.thread for p in study.posts.values()}
    return {
        "total": len(threads),
        "submission_missing": sorted(threads - set(study.posts)),
        "with_comments": len({p.thread for p in study.posts.values() if p.parent is not None}),
    }


def author_facts(study: Study) -> dict[str, Any]:
    """Count voices. A post that two salts name differently widens the range between at_least and at_most."""
    kept = [p for p in study.posts.values() if p.state not in GONE]
    sure = {a.casefold() for p in kept if len(p.authors) == 1 for a in p.authors if a}
    possible = {a.casefold() for p in kept for a in p.authors if a}
    every = {s.author.casefold() for seen in study.seen.values() for s in seen if s.author}
    return {
        "of_kept_posts_at_least": len(sure),
        "of_kept_posts_at_most": len(possible),
        "named_in_any_observation": len(every),
        "bots": sorted(a for a in every if a == "automoderator" or a.endswith("bot")),
        "account_gone_posts": sum(p.state == "account_gone" for p in study.posts.values()),
        "threads_with_account_gone": len({p.thread for p in study.posts.values() if p.state == "account_gone"}),
    }


def file_facts(file: File) -> dict[str, Any]:
    names = [fullname(row) for row in file.rows]
    votes = Counter(row_evidence(row) for row in file.rows)
    return {
        "file": file.label,
        "observations": len(names),
        "posts": len(set(names)),
        "duplicates": len(names) - len(set(names)),
        "escaped": file.escaped,
        "rows_that_prove_escaping": votes[True],
        "rows_that_prove_raw": votes[False],
        "observed_at": iso(file.made),
        "markers": sorted_counts(s for s in map(row_state, file.rows) if s != "live"),
    }


def recollect_facts(study: Study) -> dict[str, list[str]]:
    """Compare the two collections of each thread that was collected twice."""
    rounds: dict[str, dict[int, dict[str, Seen]]] = defaultdict(dict)
    for seen in study.seen.values():
        for s in seen:
            if s.part == "reddit_recollect" and s.at is not None:
                rounds[s.thread].setdefault(s.at, {})[s.name] = s
    found: dict[str, list[str]] = {k: [] for k in ("edits", "deletions", "removals", "absences", "arrivals")}
    for thread in rounds.values():
        before, after = (thread[at] for at in sorted(thread))
        found["absences"] += before.keys() - after.keys()
        found["arrivals"] += after.keys() - before.keys()
        for name in before.keys() & after.keys():
            change = changed(before[name], after[name])
            if change:
                found[change].append(name)
    found["edits_without_flag"] = [
        n for n in found["edits"] if all(s.edited is None for s in study.seen[n] if s.part == "reddit_recollect")
    ]
    return {kind: sorted(names) for kind, names in found.items()}


def changed(before: Seen, after: Seen) -> str | None:
    if after.state in GONE:
        was = {"deleted_by_author": "deletions", "removed": "removals"}[after.state]
        return None if before.state in GONE else was
    return "edits" if before.state not in GONE and before.text != after.text else None


def repeat_facts(study: Study) -> list[dict[str, Any]]:
    """List where one account posted the same words twice in one archived thread, with what became of each copy."""
    groups: dict[tuple[str, str | None, str], list[Seen]] = defaultdict(list)
    for seen in study.seen.values():
        for s in seen:
            if s.part == "arctic_shift" and s.last_text and s.author:
                groups[s.thread, s.author, s.last_text].append(s)
    return [
        {
            "thread": key[0],
            "same_author": True,
            "own_words": len(own_words(key[2])),
            "posts": {s.name: study.posts[s.name].state for s in sorted(group, key=lambda s: s.created)},
        }
        for key, group in sorted(groups.items(), key=lambda item: item[0][0] + item[1][0].name)
        if len(group) > 1
    ]


def lost_texts(study: Study) -> dict[str, list[str]]:
    """Return by post the texts that some file still shows although the post is gone in the end."""
    return {
        name: sorted({s.last_text for s in study.seen[name] if s.last_text})
        for name, post in sorted(study.posts.items())
        if post.state in GONE and any(s.last_text for s in study.seen[name])
    }


def lost_facts(study: Study) -> list[dict[str, Any]]:
    findable = find_needles(study)
    return [
        {
            "post": name,
            "state": study.posts[name].state,
            "sha256": [hashlib.sha256(text.encode()).hexdigest() for text in texts],
            "has_a_needle": name in findable,
        }
        for name, texts in lost_texts(study).items()
    ]


def needles(data_dir: str | Path | None = None, parts: Iterable[str] = PARTS) -> dict[str, list[str]]:
    """Return by post the longest line of each lost text: none of them may be found in the database's bytes."""
    return find_needles(load(Path(data_dir) if data_dir else default_data_dir(), parts))


def find_needles(study: Study) -> dict[str, list[str]]:
    """Leave out what a kept post also says (or quotes), and names and URLs, which an import may rewrite."""
    kept = "\n".join(t for p in study.posts.values() for t in (p.text, min(p.titles, key=str)) if t)
    found: dict[str, list[str]] = {}
    for name, texts in lost_texts(study).items():
        for text in texts:
            plain = MENTION.sub("\n", ADDRESS_IN_TEXT.sub("\n", text))
            lines = [line.strip() for line in plain.split("\n")]
            usable = [line for line in lines if len(line) >= SHORTEST_NEEDLE and line not in kept]
            if usable:
                found.setdefault(name, []).append(max(usable, key=len))
    return found


def escape_facts(study: Study) -> dict[str, dict[str, int]]:
    """Count by folder the texts with entities, with raw signs, and with both (there should be none)."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for file in study.files:
        for row in file.rows:
            for field in ("body", "selftext", "title"):
                counts[f"{file.part} {field}"].update(escape_signs(str(row.get(field) or "")))
            counts[f"{file.part} rows"].update({f"proof {row_evidence(row)}": 1})
    return {key: dict(sorted(found.items())) for key, found in sorted(counts.items()) if found}


def escape_signs(text: str) -> Iterator[str]:
    yield from (sign for sign in ("&gt;", "&lt;", "&amp;", "<", ">") if sign in text)
    raw = "<" in text or ">" in text or BARE_AMPERSAND.search(text) is not None
    if BARE_AMPERSAND.search(text):
        yield "bare &"
    if raw and ENTITY.search(text):
        yield "both entities and raw signs"
    if re.search(r"&amp;(?:\w+|#\w+);", text):
        yield "double escape"


def quirk_facts(study: Study) -> dict[str, int]:
    """Count the peculiarities the notes beside the recordings speak of, in the comments of the corpus."""
    rows = [row for file in study.files if file.part == "corpus" for row in file.rows]
    comments = [row for row in rows if "body" in row]
    submissions = [row for row in rows if "body" not in row]
    bodies = [raw_body(row) for row in comments]
    stored = Counter(row["link_id"] for row in comments)
    gone = [row for row in comments if row["author"] == "[deleted]"]
    return {
        "comments": len(comments),
        "submissions": len(submissions),
        "author [deleted]": len(gone),
        "author [deleted] and text": sum(raw_body(row) not in MARKERS for row in gone),
        "body [deleted]": bodies.count("[deleted]"),
        "body [removed]": bodies.count("[removed]"),
        "&gt;": sum("&gt;" in b for b in bodies),
        "&amp;": sum("&amp;" in b for b in bodies),
        "&amp;#x200B;": sum("&amp;#x200B;" in b for b in bodies),
        "quoted lines": holding(bodies, r"(?m)^&gt;"),
        "code: ``` anywhere": sum("```" in b for b in bodies),
        "code: four spaces": holding(bodies, r"(?m)^ {4}\S"),
        "code: either": holding(bodies, r"(?m)```|^ {4}\S"),
        "no-break space": sum("\u00a0" in b for b in bodies),
        "emoji": holding(bodies, "[\U0001f300-\U0001faff\u2600-\u27bf]"),
        "zero-width": holding(bodies, INVISIBLE.pattern),
        "carriage return": sum("\r" in b for b in bodies),
        "edited is a number": sum(not isinstance(row["edited"], bool) for row in comments),
        "score hidden": sum(bool(row.get("score_hidden")) for row in comments),
        "score negative": sum(row["score"] < 0 for row in comments),
        "upvote_ratio is an int": sum(isinstance(row["upvote_ratio"], int) for row in submissions),
        "threads with fewer than announced": sum(stored[fullname(r)] < r["num_comments"] for r in submissions),
        "threads with more than announced": sum(stored[fullname(r)] > r["num_comments"] for r in submissions),
    }


def holding(texts: list[str], pattern: str) -> int:
    found = re.compile(pattern)
    return sum(found.search(text) is not None for text in texts)


def choice_facts(study: Study) -> dict[str, Any]:
    """List the posts where the rules leave more than one legal outcome."""
    posts = study.posts.values()
    return {
        "state": sorted(p.name for p in posts if len(p.states) > 1),
        "text": sorted(p.name for p in posts if len(p.texts) > 1),
        "title": sorted(p.name for p in posts if len(p.titles) > 1),
        "score": sorted(p.name for p in posts if len(p.scores) > 1),
        "author": sum(len(p.authors) > 1 for p in posts),
        "revisions": sum(len(p.revisions) > 1 for p in posts if p.state not in GONE),
        "thread_or_parent_or_time_differs": sorted(
            name for name, seen in study.seen.items() if len({(s.thread, s.parent, s.created) for s in seen}) > 1
        ),
    }


def sorted_counts(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def iso(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# Near-duplicates


def own_words(text: str, word: re.Pattern[str] = WORD) -> list[str]:
    """Return the author's own words, folded: no quoted lines, no code blocks, no URLs."""
    kept: list[str] = []
    fenced = code = False
    blank = True
    for line in text.split("\n"):
        if FENCE.match(line):
            fenced = not fenced
            continue
        code = bool(INDENTED.match(line)) and (blank or code)
        blank = not line.strip()
        if not (fenced or code or QUOTED.match(line)):
            kept.append(ADDRESS_IN_TEXT.sub(" ", line))
    return word.findall("\n".join(kept).casefold())


def shingles(words: list[str]) -> frozenset[int]:
    """Return the distinct runs of five words; a hash of the interpreter serves as the run's identity."""
    return frozenset(hash(tuple(words[i : i + SHINGLE])) for i in range(len(words) - SHINGLE + 1))


def near_facts(study: Study) -> dict[str, Any]:
    acceptance = {n for n, seen in study.seen.items() if any(s.part != "corpus" for s in seen)}
    texts = {p.name: p.text for p in study.posts.values() if p.text and p.state not in GONE}
    found: dict[str, Any] = {}
    for label, word in (("words", WORD), ("split at spaces", TOKEN)):
        sets = {
            name: shingles(words)
            for name, text in texts.items()
            if len(words := own_words(text, word)) >= SHORTEST_TEXT
        }
        some = {name: found_set for name, found_set in sets.items() if name in acceptance}
        found[label] = {"all": pair_facts(sets, study), "acceptance": pair_facts(some, study)}
    return found


def pair_facts(sets: dict[str, frozenset[int]], study: Study) -> dict[str, Any]:
    groups: dict[frozenset[int], list[str]] = defaultdict(list)
    for name in sorted(sets):
        groups[sets[name]].append(name)
    distinct = list(groups)
    members = [groups[found] for found in distinct]
    equal = sum(math.comb(len(names), 2) for names in members)
    joined = near_pairs(distinct)
    clusters = [[name for i in component for name in members[i]] for component in components(len(distinct), joined)]
    clusters = [names for names in clusters if len(names) > 1]
    voices = [{a for n in names if (a := study.posts[n].author)} for names in clusters]
    return {
        "texts_long_enough": len(sets),
        "pairs_equal": equal,
        "pairs": equal + sum(len(members[a]) * len(members[b]) for a, b in joined),
        "clusters": len(clusters),
        "posts_in_clusters": sum(map(len, clusters)),
        "clusters_with_different_authors": sum(len(names) > 1 for names in voices),
        "largest_clusters": sorted(map(len, clusters), reverse=True)[:5],
        "clusters_across_authors": sorted(sorted(c) for c, v in zip(clusters, voices, strict=True) if len(v) > 1)[:20],
    }


def near_pairs(sets: list[frozenset[int]]) -> list[tuple[int, int]]:
    """Return every pair with Jaccard >= 0.9, exactly: two such sets must share one of their rarest members."""
    frequency = Counter(member for found in sets for member in found)
    order = sorted(range(len(sets)), key=lambda i: len(sets[i]))
    holders: dict[int, list[int]] = defaultdict(list)
    pairs: list[tuple[int, int]] = []
    for i in order:
        size = len(sets[i])
        rare = sorted(sets[i], key=lambda member: (frequency[member], member))[: size - (9 * size + 9) // 10 + 1]
        candidates = {j for member in rare for j in holders[member] if 10 * len(sets[j]) >= 9 * size}
        pairs += [(j, i) for j in candidates if 19 * len(sets[i] & sets[j]) >= 9 * (size + len(sets[j]))]
        for member in rare:
            holders[member].append(i)
    return pairs


def components(count: int, pairs: list[tuple[int, int]]) -> list[list[int]]:
    root = list(range(count))

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for a, b in pairs:
        root[find(a)] = find(b)
    grouped: dict[int, list[int]] = defaultdict(list)
    for i in range(count):
        grouped[find(i)].append(i)
    return list(grouped.values())


# Comparing with an export


def compare(
    export_jsonl_path: str | Path, data_dir: str | Path | None = None, parts: Iterable[str] = PARTS
) -> list[dict[str, Any]]:
    """List every disagreement between an export of posts and the recordings; empty when they agree."""
    study = load(Path(data_dir) if data_dir else default_data_dir(), parts)
    lines = [json.loads(line) for line in Path(export_jsonl_path).read_text("utf-8").split("\n") if line.strip()]
    exported = [row for row in lines if row["platform"] == "reddit"]
    found: list[dict[str, Any]] = [
        difference(name, "exported", 1, times)
        for name, times in Counter(row["native_id"] for row in exported).items()
        if times > 1
    ]
    rows = {str(row["native_id"]): row for row in exported}
    found += [difference(name, "post", "present", "missing") for name in sorted(study.posts.keys() - rows.keys())]
    found += [difference(name, "post", "absent", "extra") for name in sorted(rows.keys() - study.posts.keys())]
    for name in sorted(rows.keys() & study.posts.keys()):
        found += compare_post(study.posts[name], rows[name])
        found += compare_privacy(study.seen[name], rows[name])
    return [*found, *compare_authors(study, rows)]


def difference(name: str, field: str, wanted: Any, got: Any) -> dict[str, Any]:
    return {"post": name, "field": field, "expected": wanted, "got": got}


def compare_post(post: Expected, row: Row) -> Iterator[dict[str, Any]]:
    exact = {
        "address": f"reddit:{post.name}",
        "thread": f"reddit:{post.thread}",
        "parent": None if post.parent is None else f"reddit:{post.parent}",
        "created_at": iso(post.created),
        "observed_at": iso(post.observed),
    }
    for field, value in exact.items():
        if row.get(field) != value:
            yield difference(post.name, field, value, row.get(field))
    legal: dict[str, frozenset[Any]] = {"state": post.states, "score": post.scores, "revisions": post.revisions}
    for field, values in legal.items():
        if row.get(field) not in values:
            yield difference(post.name, field, sorted(values, key=str), row.get(field))
    for field, texts in (("title", post.titles), ("text", post.texts)):
        yield from compare_text(post.name, field, texts, row.get(field))


def compare_text(name: str, field: str, wanted: frozenset[str | None], got: str | None) -> Iterator[dict[str, Any]]:
    """Compare after masking names; where only spaces or invisible characters differ, say so in the field's name."""
    legal = {mask(text) for text in wanted}
    have = mask(got)
    if have in legal:
        return
    if have is not None and squeeze(have) in {squeeze(text) for text in legal if text is not None}:
        yield difference(name, f"{field} (spacing only)", *first_difference(min(filter(None, legal)), have))
    elif have is None or legal == {None}:
        yield difference(name, field, describe(min(legal, key=str)), describe(have))
    else:
        yield difference(name, field, *first_difference(min(t for t in legal if t is not None), have))


def mask(text: str | None) -> str | None:
    """Hide names; an empty text and a missing one are the same here, because the formats disagree on it."""
    return MENTION.sub("u/X", text) if text and text.strip() else None


def squeeze(text: str) -> str:
    return " ".join(INVISIBLE.sub("", text).split())


def describe(text: str | None) -> str | None:
    return None if text is None else f"{len(text)} characters: {text[:30]!r}"


def first_difference(wanted: str, got: str) -> tuple[str, str]:
    length = min(len(wanted), len(got))
    at = next((i for i in range(length) if wanted[i] != got[i]), length)
    start = max(at - 15, 0)
    return f"at {at}: {wanted[start : at + 25]!r}", f"at {at}: {got[start : at + 25]!r}"


def compare_privacy(seen: list[Seen], row: Row) -> Iterator[dict[str, Any]]:
    """Find plain names that should have become pseudonyms."""
    author = row.get("author")
    if author and author in {s.author for s in seen}:
        yield difference(row["native_id"], "author in plain", "a pseudonym", author)
    said = {name for s in seen for name in PLAIN_MENTION.findall(f"{s.title or ''}\n{s.last_text or ''}")}
    kept = set(PLAIN_MENTION.findall(f"{row.get('title') or ''}\n{row.get('text') or ''}"))
    if said & kept:
        yield difference(row["native_id"], "mention in plain", "a pseudonym", sorted(said & kept))
    if cut := CUT_MENTION.findall(row.get("text") or ""):
        yield difference(row["native_id"], "mention cut at an escaped underscore", "the whole name masked", cut)


def compare_authors(study: Study, rows: dict[str, Row]) -> Iterator[dict[str, Any]]:
    """Check that one account is one author and two are two, and that gone accounts are nobody's voice elsewhere."""
    pairs = [(study.posts[name], rows[name].get("author")) for name in sorted(rows.keys() & study.posts.keys())]
    certain = [(p, a) for p, a in pairs if p.state in {"live", "orphan"} and len(p.authors) == 1]
    shown: dict[str, set[str | None]] = defaultdict(set)
    behind: dict[str | None, set[str]] = defaultdict(set)
    first: dict[str | None, str] = {}
    for post, author in certain:
        account = str(post.author).casefold()
        shown[account].add(author)
        behind[author].add(account)
        first.setdefault(author, post.name)
    for authors in shown.values():
        if len(authors) > 1 or None in authors:
            name = min(first[author] for author in authors)
            yield difference(name, "author", "one pseudonym for one account", sorted(map(str, authors)))
    for author, accounts in behind.items():
        if len(accounts) > 1:
            yield difference(first[author], "author", "one account behind it", f"{len(accounts)} behind {author}")
    yield from compare_gone(pairs, {a for p, a in pairs if p.state in {"live", "orphan"}})


def compare_gone(pairs: list[tuple[Expected, str | None]], voices: set[str | None]) -> Iterator[dict[str, Any]]:
    threads: dict[str, set[str]] = defaultdict(set)
    for post, author in pairs:
        if post.state == "account_gone" and author is not None:
            threads[author].add(post.thread)
    for author, places in threads.items():
        if len(places) > 1 or author in voices:
            yield difference(min(places), "author", "a gone account is one voice a thread", author)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("data", nargs="?", type=Path, help="the folder of recordings")
    parser.add_argument("--parts", default=",".join(PARTS), help="which of its folders, separated by commas")
    parser.add_argument("--no-near", action="store_true", help="leave out the near-duplicates, which take a minute")
    parser.add_argument("--compare", type=Path, metavar="EXPORT", help="an export of posts as JSON lines")
    given = parser.parse_args()
    parts = tuple(given.parts.split(","))
    if given.compare:
        result: Any = compare(given.compare, given.data, parts)
    else:
        result = expected(given.data, parts, near=not given.no_near)
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=1) + "\n")
    sys.exit(1 if given.compare and result else 0)


if __name__ == "__main__":
    main()
