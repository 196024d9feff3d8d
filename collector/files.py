"""Files that people hold: found in folders, unpacked, and read document by document with a place for every error."""

import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import zstandard

from collector.json_values import UNREADABLE, decode
from collector.tables import read_rows

WINDOW = 2**31
LINE_LIMIT = 16 * 2**20
DOCUMENT_LIMIT = 512 * 2**20
HTML_LIMIT = 32 * 2**20
_PIECE = 4096
_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
_PACKED = (".gz", ".zst")
_TABLES = (".csv", ".tsv")
_READABLE = (".json", ".jsonl", ".ndjson", ".html", ".htm", *_TABLES)
_ARCHIVED_POSTS = re.compile(r"tweets?(-part\d+)?\.js")
_ASSIGNMENT = re.compile(rb"\s*(?:window\.)?([A-Za-z_][\w.]*)\s*=(?=\s*[\[{]|\s*$)")
_CUT_SHORT = "the file is cut short"


class UnreadableFileError(Exception):
    """The file as a whole cannot be read; its text says where and why."""


@dataclass(frozen=True, slots=True)
class Document:
    """One value of a file: where it stands (`line 7`, or '' for the whole file), and the value or the problem.

    The value is a JSON value, or one of `HtmlPage`, `Script` and `collector.tables.Row`.
    """

    position: str
    value: Any = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A page as a browser saved it."""

    markup: str


@dataclass(frozen=True, slots=True)
class Script:
    """JSON behind `name = `, as the account archives of X hold it, and the file in which it stands."""

    name: str
    value: Any
    path: Path


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those below the folders named that can hold posts, by name."""
    for path in paths:
        if path.is_dir():
            yield from sorted(found for found in path.rglob("*") if found.is_file() and _may_hold_posts(found))
        else:
            yield path


def _may_hold_posts(path: Path) -> bool:
    name = path.name.lower()
    if name.endswith(".zst") or _ARCHIVED_POSTS.fullmatch(name):
        return True
    return name.removesuffix(".gz").endswith(_READABLE) and not any(map(_belongs_to_a_page, path.parents))


def _belongs_to_a_page(folder: Path) -> bool:
    """Tell whether a browser made this folder for what a saved page loads."""
    page = folder.with_name(folder.name.removesuffix("_files")) if folder.name.endswith("_files") else None
    return page is not None and any(page.with_name(page.name + end).exists() for end in (".html", ".htm"))


class FileReader:
    """Reads one file as a stream of documents; afterwards `sha256` and `size` tell what was read.

    A table is read row by row, a file whose first line is a whole JSON value line by line, however long it is. Any
    other is one document: an HTML page, a script of an account archive, or JSON.
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
            UnreadableFileError: the file cannot be opened or unpacked, is empty, or is of no form that is known.
        """
        last = ""
        try:
            with self.path.open("rb") as raw, self._unpacked(_Counted(raw, self)) as stream:
                for document in _documents(stream, self.path):
                    last = document.position
                    yield document
        except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
            raise UnreadableFileError(f"after {last}: {_plain(error)}" if last else _plain(error)) from error

    def _unpacked(self, raw: io.RawIOBase) -> IO[bytes]:
        buffered = io.BufferedReader(raw, 2**20)
        name = self.path.name.lower()
        if name.endswith(".zst"):
            return io.BufferedReader(_Unpacked(buffered), 2**20)
        if name.endswith(".gz"):
            return io.BufferedReader(_Gunzipped(gzip.GzipFile(fileobj=buffered)), 2**20)
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


class _Gunzipped(io.RawIOBase):
    """What a gzip file holds, piece by piece: of a file that is cut short all that comes before the cut."""

    def __init__(self, packed: gzip.GzipFile) -> None:
        self._packed = packed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._packed.read1(len(buffer))
        buffer[: len(piece)] = piece
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
                    raise zstandard.ZstdError(_CUT_SHORT)
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


def _documents(stream: IO[bytes], path: Path) -> Iterator[Document]:
    number, first, skipped = 0, b"", 0
    while not first.strip():
        skipped += len(first)
        first = stream.readline(LINE_LIMIT)
        number += 1
        if not first:
            raise UnreadableFileError("the file is empty")
        if number == 1:
            if first.startswith(_WIDE_BOMS):
                raise UnreadableFileError("byte 0: not UTF-8 but UTF-16")
            first, skipped = first.removeprefix(_BOM), len(_BOM) if first.startswith(_BOM) else 0
    if first.lstrip()[:1] == b"<":
        yield _page(first, stream, skipped)
    elif _unpacked_name(path).lower().endswith(_TABLES):
        yield from _table(first, stream, number, skipped, path)
    else:
        yield from _json(first, stream, number, skipped, path)


def _unpacked_name(path: Path) -> str:
    return path.name[: -len(path.suffix)] if path.suffix.lower() in _PACKED else path.name


def _page(first: bytes, stream: IO[bytes], skipped: int) -> Document:
    content = first + stream.read(HTML_LIMIT)
    if len(content) > HTML_LIMIT:
        raise UnreadableFileError(f"an HTML page of more than {HTML_LIMIT // 2**20} MB")
    try:
        return Document("", HtmlPage(content.decode()))
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"byte {skipped + error.start}: not UTF-8") from None


def _table(first: bytes, stream: IO[bytes], number: int, skipped: int, path: Path) -> Iterator[Document]:
    lines = iter(partial(stream.readline, LINE_LIMIT), b"")
    try:
        for line, row in read_rows(first, lines, number, skipped, _unpacked_name(path)):
            position = f"line {line}"
            yield Document(position, problem=row) if isinstance(row, str) else Document(position, row)
    except ValueError as error:
        raise UnreadableFileError(str(error)) from None


def _json(first: bytes, stream: IO[bytes], number: int, skipped: int, path: Path) -> Iterator[Document]:
    assigned = _ASSIGNMENT.match(first)
    if assigned:
        # Blanks in place of what stands before the JSON keep the columns of its errors right.
        content = b" " * assigned.end() + first[assigned.end() :] + _rest(stream)
        value = _whole(content.rstrip().removesuffix(b";"), number, skipped)
        yield Document("", Script(assigned[1].decode(), value, path))
        return
    second = stream.readline(LINE_LIMIT)
    if _is_json(first) or (first.lstrip()[:1] == b"{" and second[:1] == b"{" and _is_json(second)):
        yield from _lines(stream, number, first, second)
    else:
        yield Document("", _whole(first + second + _rest(stream), number, skipped))


def _rest(stream: IO[bytes]) -> bytes:
    content = stream.read(DOCUMENT_LIMIT)
    if len(content) == DOCUMENT_LIMIT and stream.read(1):
        raise UnreadableFileError(f"one JSON value of more than {DOCUMENT_LIMIT // 2**20} MB")
    return content


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
                yield Document(f"line {number}", problem=_line_problem(line, error))
        number += 1


def _line_problem(line: bytes, found: Exception) -> str:
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return f"byte {error.start} of the line: not UTF-8"
    return f"no whole JSON value: {found}"


def _whole(content: bytes, first_line: int, skipped: int) -> Any:
    try:
        return decode(content)
    except UNREADABLE as error:
        raise UnreadableFileError(_json_problem(content, first_line, skipped, error)) from None


def _json_problem(content: bytes, first_line: int, skipped: int, found: Exception) -> str:
    try:
        json.loads(content.decode())
    except json.JSONDecodeError as error:
        cut = error.pos >= len(error.doc.rstrip()) - 1 or "Unterminated" in error.msg
        line = error.lineno + first_line - 1
        return f"line {line}, column {error.colno}: {_CUT_SHORT if cut else error.msg}"
    except UnicodeDecodeError as error:
        return f"byte {skipped + error.start}: not UTF-8"
    except RecursionError:
        return "nested too deeply"
    except ValueError:
        return "a number of more digits than can be read"
    # Python reads NaN and Infinity, which no JSON holds.
    return f"no JSON that can be read: {found}"


def _is_json(line: bytes) -> bool:
    try:
        value = decode(line)
    except UNREADABLE:
        return False
    return isinstance(value, dict | list)


def _plain(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"cannot be unpacked: {_CUT_SHORT if isinstance(error, EOFError) else error}"
