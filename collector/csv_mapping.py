"""Which column of a table holds what: as a person says it, and as it is known of the tables that programs export."""

import csv
from collections.abc import Mapping as Columns
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from collector.json_values import GREATEST
from collector.times import from_epoch, from_text

FIELDS = (
    "text", "title", "author", "created_at", "created_at_utc", "edited_at", "edited_at_utc", "id", "thread", "parent",
    "community", "score", "replies",
)  # fmt: skip
"""What a person may map a column to. Moments bear their zone, or are in UTC where the field says so."""

_MISSING = frozenset({"", "na", "n/a", "nan", "nat", "none", "null", "[null]"})
_MILLISECONDS = 10**11


class MappingError(ValueError):
    """A mapping that cannot be read, or that names a column which the table does not have."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column holds which field.

    Attributes:
        columns: the column of each field.
        kind: whose posts they are: `csv` for nobody's that is known, `reddit` or `x` where the ids are theirs.
    """

    columns: Columns[str, str]
    kind: str = "csv"

    def check(self, found: Sequence[str]) -> None:
        """Make sure that a table has all the columns.

        Raises:
            MappingError: it does not.
        """
        missing = [column for column in self.columns.values() if column not in found]
        if missing:
            raise MappingError(f"there is no column {', '.join(map(repr, missing))}; the columns are {_named(found)}")

    def read(self, cells: Columns[str, str]) -> "Cells":
        """The cells of a row by their fields."""
        return Cells({name: cells[column] for name, column in self.columns.items()}, self.columns)


@dataclass(frozen=True, slots=True)
class Cells:
    """One row by fields. What is wrong with a cell is told by its column, never by what it holds."""

    values: Columns[str, str]
    columns: Columns[str, str]

    def words(self, name: str) -> str | None:
        """A cell as it stands there, for what somebody wrote; None where it is empty or not mapped."""
        return self.values.get(name) or None

    def value(self, name: str) -> str | None:
        """A cell without blanks around it; None where programs write that there is nothing."""
        found = self.values.get(name, "").strip()
        return None if found.casefold() in _MISSING else found

    def number(self, name: str) -> int | None:
        """A cell as a whole number, also where a program wrote it with a point.

        Raises:
            ValueError: it is none.
        """
        found = self.value(name)
        if found is None:
            return None
        try:
            number = float(found)
            if number.is_integer() and abs(number) <= GREATEST:
                return int(number)
        except ValueError:
            pass
        raise ValueError(f"column {self.columns[name]!r} holds no whole number")

    def moment(self, name: str) -> str | None:
        """A moment as ISO 8601 UTC: the field itself, with its zone or in seconds since 1970, or its form in UTC.

        Raises:
            ValueError: there is one that cannot be read.
        """
        in_zone, in_utc = self.value(name), self.value(f"{name}_utc")
        try:
            if in_zone is not None:
                return _from_number(in_zone) or from_text(in_zone)
            return None if in_utc is None else _from_number(in_utc) or _from_utc(in_utc)
        except (ValueError, OverflowError):
            column = self.columns[name if in_zone is not None else f"{name}_utc"]
            hint = f"; where it is in UTC, map it to {name}_utc" if in_zone is not None else ""
            raise ValueError(
                f"column {column!r} holds no moment such as 2026-01-31T12:00:00Z or seconds since 1970{hint}"
            ) from None


def parse_mapping(text: str) -> Mapping:
    """Read `text=body,author=user`, fields before the names of their columns.

    A column whose name holds a comma is written with its field in double quotes: `"text=What, and why"`.

    Raises:
        MappingError: a part is of another form, a field is unknown or named twice, or there is no text.
    """
    columns: dict[str, str] = {}
    for part in next(csv.reader([text], skipinitialspace=True), []):
        name, mark, column = (piece.strip() for piece in part.partition("="))
        if not (name and mark and column):
            raise MappingError(f"{part!r} does not read FIELD=COLUMN")
        if name not in FIELDS:
            raise MappingError(f"{name!r} is no field; the fields are {', '.join(FIELDS)}")
        if name in columns:
            raise MappingError(f"the field {name!r} is named twice")
        columns[name] = column
    if not {"text", "title"} & columns.keys():
        raise MappingError("no column is named for the text, as in text=COLUMN")
    return Mapping(columns)


@lru_cache(maxsize=32)
def preset(found: tuple[str, ...]) -> Mapping | None:
    """The mapping of a table that a known program exported, recognised by its columns; None for all others."""
    for known in _PRESETS:
        if known.needs <= set(found):
            chosen = {
                name: next((column for column in choice if column in found), None)
                for name, choice in known.columns.items()
            }
            return Mapping({name: column for name, column in chosen.items() if column is not None}, known.kind)
    return None


def unknown_columns(found: Sequence[str]) -> str:
    """What to say of a table of no known program."""
    return f"a table of no kind that is known; say which column holds what, as in text=COLUMN; they are {_named(found)}"


@dataclass(frozen=True, slots=True)
class _Preset:
    """A table that a program exports: the columns by which it is known, and which may hold each field."""

    kind: str
    needs: frozenset[str]
    columns: Columns[str, tuple[str, ...]]


_PRESETS = (
    # 4CAT, posts of X. Times are in UTC.
    _Preset(
        "x",
        frozenset({"id", "thread_id", "body", "author", "timestamp", "is_retweet"}),
        {
            "id": ("id",), "thread": ("thread_id",), "text": ("body",), "author": ("author",),
            "created_at_utc": ("unix_timestamp", "timestamp"), "score": ("like_count",), "replies": ("reply_count",),
            "repost": ("is_retweet",), "account": ("author_id",), "quoted": ("quote_tweet_id",),
        },
    ),
    # 4CAT, posts of Reddit. Times are in UTC.
    _Preset(
        "reddit",
        frozenset({"id", "thread_id", "body", "author", "timestamp", "subreddit"}),
        {
            "id": ("id",), "thread": ("thread_id",), "parent": ("parent",), "title": ("subject",), "text": ("body",),
            "author": ("author",), "created_at_utc": ("unix_timestamp", "timestamp"), "community": ("subreddit",),
            "score": ("score",), "replies": ("num_comments",),
        },
    ),
    # URS, posts of a subreddit. It writes the time of its own clock without a zone, which is read as UTC.
    _Preset(
        "reddit",
        frozenset({"id", "author", "created_utc", "selftext", "title", "num_comments", "permalink"}),
        {
            "id": ("name", "id"), "title": ("title",), "text": ("selftext",), "author": ("author",),
            "created_at_utc": ("created_utc",), "edited_at_utc": ("edited",), "community": ("subreddit",),
            "score": ("score",), "replies": ("num_comments",), "url": ("permalink",),
        },
    ),
    # RedditExtractoR, comments: a comment's id is its place in the thread, such as 1_2_1.
    _Preset(
        "reddit",
        frozenset({"url", "author", "comment", "comment_id"}),
        {
            "url": ("url",), "place": ("comment_id",), "text": ("comment",), "author": ("author",), "score": ("score",),
            "created_at_utc": ("timestamp", "time_stamp", "date"),
        },
    ),
    # RedditExtractoR, threads with or without their authors.
    _Preset(
        "reddit",
        frozenset({"url", "title", "text", "subreddit", "comments"}),
        {
            "url": ("url",), "title": ("title",), "text": ("text",), "author": ("author",), "score": ("score",),
            "created_at_utc": ("timestamp", "time_stamp", "date_utc", "date"), "community": ("subreddit",),
            "replies": ("comments",),
        },
    ),
)  # fmt: skip


def _named(columns: Sequence[str]) -> str:
    return ", ".join(map(repr, columns)) or "none"


def _from_number(value: str) -> str | None:
    """Seconds or milliseconds since 1970; None for what is no number."""
    try:
        number = float(value)
    except ValueError:
        return None
    return from_epoch(number / 1000 if abs(number) >= _MILLISECONDS else number)


def _from_utc(value: str) -> str:
    """A moment without a zone, in ISO 8601 or as URS writes it (`01-31-2026 12:00:00`)."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = datetime.strptime(value, "%m-%d-%Y %H:%M:%S")  # noqa: DTZ007 - the zone follows
    return from_text((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat())
