"""Looking for words in every file of a folder, and in whatever is packed inside."""

from __future__ import annotations

import gzip
import html
import io
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import zstandard

SQLITE = b"SQLite format 3\x00"
_WBITS = (15, -15, 31)


def files_with(folder: Path, *words: str) -> set[str]:
    """The files below a folder, by their paths in it, that hold any of these words, however packed or escaped."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(_holds(content, words) for content in _contents(path))
    }


def _holds(content: bytes, words: tuple[str, ...]) -> bool:
    text = html.unescape(content.decode("utf-8", "ignore")).casefold()
    return any(word.casefold() in text for word in words)


def _contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file, what they unpack to, and each value of a database."""
    content = path.read_bytes()
    yield from _unpacked(content)
    if content.startswith(SQLITE):
        for value in _values(path):
            yield from _unpacked(value)


def _unpacked(content: bytes) -> Iterator[bytes]:
    yield content
    yield content.decode("utf-16-le", "ignore").encode()
    readers: list[Callable[[], bytes]] = [
        lambda: gzip.decompress(content),
        lambda: zstandard.ZstdDecompressor().stream_reader(io.BytesIO(content)).read(),
        *(lambda bits=bits: zlib.decompress(content, wbits=bits) for bits in _WBITS),  # type: ignore[misc]
    ]
    for read in readers:
        try:
            yield read()
        except (OSError, EOFError, zlib.error, zstandard.ZstdError):
            continue


def _values(path: Path) -> Iterator[bytes]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.text_factory = bytes
    try:
        names = [row[0].decode() for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            for row in connection.execute(f'SELECT * FROM "{name}"'):
                yield from (value for value in row if isinstance(value, bytes))
    finally:
        connection.close()
