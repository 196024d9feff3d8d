"""Long lists of bound values, cut to what SQLite takes at once."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
_CHUNK = 500


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut a list into pieces of at most 500."""
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


def marks(items: Sequence[Any]) -> str:
    """As many question marks as there are items."""
    return ", ".join("?" * len(items))
