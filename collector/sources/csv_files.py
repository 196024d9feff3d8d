"""Tables: the CSV exports of 4CAT, URS and RedditExtractoR, and any other whose columns a person names.

A post of a table of no known program has an address of its own kind (`csv:…`), made by hashing the name of the file
and the row's id; where no column holds ids, all of the row. Rows that are alike to the letter are then one post. All
posts of a file are one thread unless a column tells them apart.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from collector import reddit_items, x_items
from collector.csv_mapping import Cells, Mapping, preset
from collector.reading import Reading
from collector.tables import Row
from collector.text import canonical
from collector.x_fields import needed_id
from db.records import Observation, Unreadable

NAME = "csv_files"
PLATFORM = "csv"
_THREAD = re.compile(r"/comments/([0-9a-z]+)")
_PLACE = re.compile(r"\d+(?:_\d+)*")
_YES = frozenset({"yes", "true", "1"})
_NO = frozenset({"false", "no", "0"})


def recognises(document: Any) -> bool:
    """Tell whether a row is of a table that a known program exported."""
    return isinstance(document, Row) and preset(document.table.columns) is not None


def observations(document: Row, reading: Reading, position: str = "") -> Iterator[Observation | Unreadable]:
    """The post in a row of such a table."""
    mapping = preset(document.table.columns)
    if mapping is None:
        yield Unreadable(position, "the columns of the table are not known")
    else:
        yield from _read(document, mapping, reading, position)


class MappedTable:
    """Reads any table by a mapping, in place of those that are known."""

    NAME = NAME

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping

    def recognises(self, document: Any) -> bool:
        """Tell whether a document is a row."""
        return isinstance(document, Row)

    def observations(self, document: Row, reading: Reading, position: str = "") -> Iterator[Observation | Unreadable]:
        """The post in a row."""
        yield from _read(document, self._mapping, reading, position)


def _read(row: Row, mapping: Mapping, reading: Reading, position: str) -> Iterator[Observation | Unreadable]:
    try:
        yield from _KINDS[mapping.kind](row, mapping.read(row.cells), reading, position)
    except (ValueError, OverflowError) as error:
        yield Unreadable(position, str(error))


def _own(row: Row, cells: Cells, reading: Reading, _: str) -> Iterator[Observation | Unreadable]:
    table, title, words = row.table.name, cells.words("title"), cells.words("text")
    title, text = _hidden(title, reading), _hidden(words, reading)
    if title is None and text is None:
        raise ValueError("it holds no text")
    thread_id, own_id, parent_id = (cells.value(name) for name in ("thread", "id", "parent"))
    thread = _key(table, thread_id) if thread_id else _key(table)
    parent = _key(table, parent_id) if parent_id else None
    author, community = cells.value("author"), cells.value("community")
    yield Observation(
        platform=PLATFORM,
        native_id=_key(table, own_id)
        if own_id
        else _key(table, *(part for cell in row.cells.items() for part in cell)),
        thread=thread,
        parent=parent,
        kind="comment" if parent else "post",
        author=reading.people.author(PLATFORM, author, thread) if author else None,
        community=_hidden(community, reading),
        created_at=cells.moment("created_at"),
        edited_at=cells.moment("edited_at"),
        title=title,
        text=text,
        url=None,
        thread_url=None,
        score=cells.number("score"),
        state="live",
        observed_at=reading.observed_at or reading.otherwise_at,
        declared_count=cells.number("replies") if thread_id and own_id == thread_id else None,
    )


def _reddit(_: Row, cells: Cells, reading: Reading, position: str) -> Iterator[Observation | Unreadable]:
    """A row of Reddit's posts, by way of what Reddit's own JSON holds."""
    place, opening = cells.value("place"), _reddit_thread(cells)
    own = f"t3_{opening}/{_place(place)}" if place else cells.value("id") or f"t3_{opening}"
    written, edited = cells.moment("created_at"), _edited(cells)
    row: dict[str, Any] = {
        "id": own,
        "subreddit": cells.value("community"),
        "created_utc": written and datetime.fromisoformat(written).timestamp(),
        "edited": edited and datetime.fromisoformat(edited).timestamp(),
        "score": cells.number("score"),
    }
    if "author" in cells.values:
        row["author"] = (cells.value("author") or "[deleted]").removeprefix("u/")
    if own.removeprefix("t3_") == opening:
        row |= {"title": cells.words("title"), "selftext": cells.words("text") or ""}
        yield from reddit_items.observations(row | {"num_comments": cells.number("replies")}, reading, position)
        return
    row |= {"link_id": f"t3_{opening}", "parent_id": _reddit_parent(cells, opening), "body": cells.words("text") or ""}
    for found in reddit_items.observations(row, reading, position):
        # A place in a table is no id of Reddit's, so that no link leads to it but that of the thread.
        yield replace(found, url=found.thread_url) if place and isinstance(found, Observation) else found


def _reddit_thread(cells: Cells) -> str:
    named = _THREAD.search(cells.value("url") or "")
    found = named[1] if named else cells.value("thread") or cells.value("id")
    if found is None:
        raise ValueError("it does not say to which thread it belongs")
    return found.removeprefix("t3_")


def _place(place: str) -> str:
    if not _PLACE.fullmatch(place):
        raise ValueError("its comment_id is no place in a thread, such as 1_2_1")
    return place


def _reddit_parent(cells: Cells, opening: str) -> str:
    place, parent = cells.value("place"), cells.value("parent")
    if place and "_" in place:
        return f"t3_{opening}/{place.rpartition('_')[0]}"
    return parent if parent and parent.startswith(("t1_", "t3_")) else f"t3_{opening}"


def _edited(cells: Cells) -> str | None:
    return None if (cells.value("edited_at_utc") or "").casefold() in _NO else cells.moment("edited_at")


def _x(_: Row, cells: Cells, reading: Reading, _position: str) -> Iterator[Observation | Unreadable]:
    if (cells.value("repost") or "").casefold() in _YES:
        return
    own, quoted = needed_id(cells.value("id")), cells.value("quoted")
    yield x_items.observation(
        x_items.XPost(
            id=own,
            conversation=needed_id(cells.value("thread"), own),
            quoted=quoted and needed_id(quoted),
            name=(cells.value("author") or "").removeprefix("@") or None,
            account=cells.value("account"),
            created_at=cells.moment("created_at"),
            text=cells.words("text"),
            escaped=None,
            likes=cells.number("score"),
            replies=cells.number("replies"),
        ),
        reading,
    )


_KINDS = {"csv": _own, "reddit": _reddit, "x": _x}


def _hidden(words: str | None, reading: Reading) -> str | None:
    """A text without names, in whichever way they are written, since the place that it comes from is not known."""
    text = canonical(words, escaped=False)
    return text and x_items.hide_names(reading.people.hide_names(PLATFORM, text), reading.people)


def _key(*parts: str) -> str:
    """An id that names nobody, whatever the cells hold."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
