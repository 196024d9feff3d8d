"""Files that people hold: found in folders, unpacked, and read document by document with a place for every error."""

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import zstandard

from collector.json_values import UNREADABLE, decode

WINDOW = 2**31
LINE_LIMIT = 16 * 2**20
DOCUMENT_LIMIT = 512 * 2**20
_PIECE = 4096
_BOM = b"\xef\xbb\xbf"
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
            return io.BufferedReader(_Unpacked(buffered), 2**20)
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


class _Unpacked(io.RawIOBase):
    """What a Zstandard file holds, in one frame or several; a file that ends inside a frame is an error.

    It is fed in small pieces, so that not even a file made to burst can fill the memory.
    """

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=WINDOW)
        self._frame: Any = None
        self._fed, self._ready = b"", memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            self._fed = self._fed or self._packed.read(_PIECE)
            if not self._fed:
                if self._frame is not None:
                    raise zstandard.ZstdError("the file is cut short")
                return 0
            self._feed()
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _feed(self) -> None:
        if self._frame is None:
            self._frame = self._decompressor.decompressobj()
        self._ready, self._fed = memoryview(self._frame.decompress(self._fed)), b""
        if self._frame.eof:
            self._frame, self._fed = None, self._frame.unused_data


def _documents(stream: IO[bytes]) -> Iterator[Document]:
    number, first = 0, b""
    while not first.strip():
        first = stream.readline(LINE_LIMIT)
        number += 1
        if not first:
            raise UnreadableFileError("the file is empty")
        if number == 1:
            first = first.removeprefix(_BOM)
    if first.lstrip()[:1] == b"<":
        raise UnreadableFileError(
            f"line {number}: an HTML page, not JSON: a login or error page was saved in its place"
        )
    second = stream.readline(LINE_LIMIT)
    if _is_json(first) or (first.lstrip()[:1] == b"{" and second[:1] == b"{" and _is_json(second)):
        yield from _lines(stream, number, first, second)
    else:
        yield _whole(first + second + stream.read(DOCUMENT_LIMIT), number)


def _lines(stream: IO[bytes], number: int, first: bytes, second: bytes) -> Iterator[Document]:
    waiting = [second, first]
    while True:
        line = waiting.pop() if waiting else stream.readline(LINE_LIMIT)
        if not line:
            return
        if line.strip():
            try:
                yield Document(f"line {number}", decode(line))
            except UNREADABLE as error:
                yield Document(f"line {number}", problem=f"no whole JSON value: {error}")
        number += 1


def _whole(content: bytes, first_line: int) -> Document:
    try:
        return Document("", decode(content))
    except UNREADABLE:
        raise UnreadableFileError(_json_problem(content, first_line)) from None


def _json_problem(content: bytes, first_line: int) -> str:
    try:
        json.loads(content.decode())
    except json.JSONDecodeError as error:
        cut = error.pos >= len(error.doc.rstrip()) - 1 or "Unterminated" in error.msg
        line = error.lineno + first_line - 1
        return f"line {line}, column {error.colno}: {'the file is cut short' if cut else error.msg}"
    except UnicodeDecodeError as error:
        return f"byte {error.start}: not UTF-8"
    except RecursionError:
        return "nested too deeply"
    return "no JSON that can be read"


def _is_json(line: bytes) -> bool:
    try:
        value = decode(line)
    except UNREADABLE:
        return False
    return isinstance(value, dict | list)


def _plain(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"cannot be unpacked: {error}"
