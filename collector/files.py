"""Files that people hold: found in folders, unpacked, and read document by document with a place for every error."""

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import msgspec
import zstandard

WINDOW = 2**31
LINE_LIMIT = 16 * 2**20
DOCUMENT_LIMIT = 512 * 2**20
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_READABLE = (".json", ".jsonl", ".ndjson", ".zst")


class UnreadableFileError(Exception):
    """The file as a whole cannot be read; its text says where and why."""


@dataclass(frozen=True, slots=True)
class Document:
    """One JSON value of a file: where it stands (`line 7`, or '' for the whole file), and the value or the problem."""

    position: str
    value: Any = None
    problem: str | None = None


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those below the folders named that can hold posts, by name."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and p.name.lower().endswith(_READABLE))
        else:
            yield path


class FileReader:
    """Reads one file as a stream of JSON documents; afterwards `sha256` and `size` tell what was read.

    A file whose first line is a whole JSON value is read line by line, however long it is; any other is one document.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The hash of the bytes read so far, those of the whole file at the end."""
        return self._hash.hexdigest()

    def documents(self) -> Iterator[Document]:
        """Every document in turn.

        Raises:
            UnreadableFileError: the file cannot be opened or unpacked, is empty, or is no JSON at all.
        """
        try:
            with self.path.open("rb") as raw, self._unpacked(_Counted(raw, self)) as stream:
                yield from _documents(stream)
        except (OSError, zstandard.ZstdError) as error:
            raise UnreadableFileError(_plain(error)) from error

    def _unpacked(self, raw: io.RawIOBase) -> IO[bytes]:
        buffered = io.BufferedReader(raw, 2**20)
        if self.path.name.lower().endswith(".zst"):
            packed = zstandard.ZstdDecompressor(max_window_size=WINDOW)
            return io.BufferedReader(packed.stream_reader(buffered, read_across_frames=True), 2**20)
        return buffered

    def take(self, piece: bytes) -> None:
        """Count and hash a piece of the file."""
        self._hash.update(piece)
        self.size += len(piece)


class _Counted(io.RawIOBase):
    def __init__(self, raw: IO[bytes], reader: FileReader) -> None:
        self._raw, self._reader = raw, reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._raw.read(len(buffer))
        buffer[: len(piece)] = piece
        self._reader.take(piece)
        return len(piece)


def _documents(stream: IO[bytes]) -> Iterator[Document]:
    number, first = 0, b""
    while not first.strip():
        first = stream.readline(LINE_LIMIT)
        number += 1
        if not first:
            raise UnreadableFileError("the file is empty")
    first = first.removeprefix(b"\xef\xbb\xbf")
    if first.lstrip()[:1] == b"<":
        raise UnreadableFileError(
            f"line {number}: an HTML page, not JSON: a login or error page was saved in its place"
        )
    second = stream.readline(LINE_LIMIT)
    if _is_json(first) or (first.lstrip()[:1] == b"{" and second[:1] == b"{" and _is_json(second)):
        yield from _lines(stream, number, first, second)
    else:
        yield _whole(first + second + stream.read(DOCUMENT_LIMIT))


def _lines(stream: IO[bytes], number: int, first: bytes, second: bytes) -> Iterator[Document]:
    waiting = [second, first]
    while True:
        line = waiting.pop() if waiting else stream.readline(LINE_LIMIT)
        if not line:
            return
        if line.strip():
            try:
                yield Document(f"line {number}", msgspec.json.decode(line))
            except _UNREADABLE as error:
                yield Document(f"line {number}", problem=f"no whole JSON value: {error}")
        number += 1


def _whole(content: bytes) -> Document:
    try:
        return Document("", msgspec.json.decode(content))
    except _UNREADABLE:
        raise UnreadableFileError(_json_problem(content)) from None


def _json_problem(content: bytes) -> str:
    try:
        json.loads(content)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(error.doc.rstrip()) - 1 or "Unterminated" in error.msg
        return f"line {error.lineno}, column {error.colno}: {'the file is cut short' if cut else error.msg}"
    except UnicodeDecodeError as error:
        return f"byte {error.start}: not UTF-8"
    except RecursionError:
        return "nested too deeply"
    return "no JSON that can be read"


def _is_json(line: bytes) -> bool:
    try:
        value = msgspec.json.decode(line)
    except _UNREADABLE:
        return False
    return isinstance(value, dict | list)


def _plain(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"cannot be unpacked: {error}"
