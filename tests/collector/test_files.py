import hashlib
import json
from pathlib import Path

import pytest
import zstandard

from collector.files import Document, FileReader, UnreadableFileError, find_files

ROWS = [{"id": "a", "text": "naïve 👩‍👩‍👧"}, {"id": "b"}]
LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()
LONG_WINDOW = zstandard.ZstdCompressionParameters.from_level(1, window_log=27, enable_ldm=True)


def read(path: Path, content: bytes) -> list[Document]:
    path.write_bytes(content)
    return list(FileReader(path).documents())


def problem(path: Path, content: bytes) -> str:
    with pytest.raises(UnreadableFileError) as raised:
        read(path, content)
    return str(raised.value)


@pytest.mark.parametrize("content", [LINES, b"\xef\xbb\xbf" + LINES, LINES.replace(b"\n", b"\r\n"), b"\n\n" + LINES])
def test_lines_are_documents_of_their_own_whatever_stands_around_them(tmp_path: Path, content: bytes) -> None:
    assert [document.value for document in read(tmp_path / "dump.ndjson", content)] == ROWS


def test_a_line_that_is_broken_is_told_with_its_number_and_those_around_it_are_kept(tmp_path: Path) -> None:
    first, second = LINES.splitlines(keepends=True)

    documents = read(tmp_path / "dump.ndjson", first + b'{"id": \n' + second)

    assert [document.value for document in documents] == [ROWS[0], None, ROWS[1]]
    assert documents[1].position == "line 2"
    assert str(documents[1].problem).startswith("no whole JSON value")


def test_a_first_line_that_is_broken_does_not_hide_the_lines_below(tmp_path: Path) -> None:
    documents = read(tmp_path / "dump.ndjson", b'{"id": \n' + LINES)

    assert [document.value for document in documents] == [None, *ROWS]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_whole_value_is_one_document_on_one_line_or_many(tmp_path: Path, indent: int | None) -> None:
    content = json.dumps([{"kind": "Listing"}, {"kind": "Listing"}], indent=indent).encode()

    documents = read(tmp_path / "thread.json", content)

    assert [document.value for document in documents] == [[{"kind": "Listing"}, {"kind": "Listing"}]]


@pytest.mark.parametrize("frames", [1, 3])
def test_a_packed_file_with_a_long_window_is_read_frame_after_frame(tmp_path: Path, frames: int) -> None:
    packed = zstandard.ZstdCompressor(compression_params=LONG_WINDOW).compress(LINES)

    documents = read(tmp_path / "dump.ndjson.zst", packed * frames)

    assert [document.value for document in documents] == ROWS * frames


def test_a_packed_file_that_is_cut_short_keeps_its_lines_and_says_so(tmp_path: Path) -> None:
    packed = zstandard.ZstdCompressor().compress(LINES * 5000)

    assert "cut short" in problem(tmp_path / "dump.zst", packed[:-4])


def test_the_hash_and_size_are_those_of_the_file_as_it_lies_there(tmp_path: Path) -> None:
    packed = zstandard.ZstdCompressor().compress(LINES)
    (tmp_path / "dump.zst").write_bytes(packed)
    reader = FileReader(tmp_path / "dump.zst")

    list(reader.documents())

    assert (reader.size, reader.sha256) == (len(packed), hashlib.sha256(packed).hexdigest())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"  \n \n", "the file is empty"),
        (b"<p>\xff</p>", "byte 3: not UTF-8"),
        (b"not json at all", "line 1, column 1: "),
        (b'[\n {"id": "a",\n  "text": "half a sen', "line 3, column 11: the file is cut short"),
        (b'{"text": "\xff\xfe"}', "byte "),
    ],
)
def test_a_file_that_is_no_json_is_told_with_the_place(tmp_path: Path, content: bytes, told: str) -> None:
    assert problem(tmp_path / "thread.json", content).startswith(told)


def test_a_file_that_is_no_archive_or_is_not_there_is_told(tmp_path: Path) -> None:
    assert "cannot be unpacked" in problem(tmp_path / "dump.zst", b"no archive")
    with pytest.raises(UnreadableFileError, match="no such file"):
        list(FileReader(tmp_path / "nothing.json").documents())


def test_a_folder_gives_what_may_hold_posts_by_name_and_a_named_file_is_taken_as_it_is(tmp_path: Path) -> None:
    for name in ("b.json", "a.ndjson", "deep/c.zst", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    found = [path.name for path in find_files([tmp_path, tmp_path / "notes.txt"])]

    assert found == ["a.ndjson", "b.json", "c.zst", "notes.txt"]
