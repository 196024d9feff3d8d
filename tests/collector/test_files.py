import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard
from fakes.collecting import comment_row
from fakes.file_samples import fourcat_reddit, lines, table

import collector.files
from collector.files import Document, FileReader, HtmlPage, Script, UnreadableFileError, find_files
from collector.tables import Row

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


def test_a_line_that_is_not_utf8_is_told_with_the_byte(tmp_path: Path) -> None:
    first, second = LINES.splitlines(keepends=True)

    documents = read(tmp_path / "dump.ndjson", first + b'{"id": "\xff"}\n' + second)

    assert [document.value for document in documents] == [ROWS[0], None, ROWS[1]]
    assert documents[1] == Document("line 2", problem="byte 8 of the line: not UTF-8")


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


@pytest.mark.parametrize(
    ("name", "pack"), [("dump.gz", gzip.compress), ("dump.zst", zstandard.ZstdCompressor().compress)]
)
def test_all_lines_before_the_place_where_a_packed_file_is_cut_are_read(
    tmp_path: Path, name: str, pack: Callable[[bytes], bytes]
) -> None:
    (tmp_path / name).write_bytes(pack(LINES * 5000)[:-9])
    documents = FileReader(tmp_path / name).documents()

    assert [next(documents).value for _ in range(len(ROWS))] == ROWS


def test_a_packed_file_that_is_cut_short_tells_after_which_line(tmp_path: Path) -> None:
    packed = gzip.compress(LINES, mtime=0) + gzip.compress(LINES, mtime=0)[:12]

    assert problem(tmp_path / "dump.gz", packed) == (
        f"after line {len(ROWS)}: cannot be unpacked: the file is cut short"
    )


@pytest.mark.parametrize("members", [1, 3])
def test_a_gzipped_file_is_read_member_after_member(tmp_path: Path, members: int) -> None:
    documents = read(tmp_path / "dump.ndjson.gz", gzip.compress(LINES, mtime=0) * members)

    assert [document.value for document in documents] == ROWS * members


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (gzip.compress(LINES, mtime=0)[:12], "cannot be unpacked: the file is cut short"),
        (b"no archive", "cannot be unpacked: Not a gzipped file"),
        (gzip.compress(LINES, mtime=0)[:10] + b"\xff" * 20, "cannot be unpacked: "),
    ],
)
def test_a_gzipped_file_that_cannot_be_unpacked_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    assert problem(tmp_path / "dump.gz", content).startswith(told)


@pytest.mark.parametrize("name", ["page.html", "saved page", "thread.json", "rows.csv"])
def test_what_begins_like_html_is_a_page_whatever_its_name(tmp_path: Path, name: str) -> None:
    (document,) = read(tmp_path / name, b"\xef\xbb\xbf\n <!doctype html>\r\n<p>na\xc3\xafve</p>")

    assert document == Document("", HtmlPage(" <!doctype html>\r\n<p>naïve</p>"))


def test_a_page_that_is_too_large_is_told_and_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector.files, "HTML_LIMIT", 2**20)

    assert problem(tmp_path / "page.html", b"<p>\n" + b" " * 2**20) == "an HTML page of more than 1 MB"


def test_a_value_that_is_too_large_is_told_and_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector.files, "DOCUMENT_LIMIT", 2**20)

    assert problem(tmp_path / "thread.json", b"[\n\n" + b" " * 2**20 + b"]") == "one JSON value of more than 1 MB"


@pytest.mark.parametrize("name", ["rows.csv", "rows.tsv", "Rows.CSV", "rows.csv.gz", "rows.csv.zst"])
def test_a_table_is_read_row_by_row(tmp_path: Path, name: str) -> None:
    content = b'\xef\xbb\xbfwho\tsaid\r\nana\t"two\r\nlines"\r\nbo\r\ncy\tno\r\n'
    packed = {".gz": gzip.compress(content, mtime=0), ".zst": zstandard.compress(content)}.get(
        Path(name).suffix, content
    )

    documents = read(tmp_path / name, packed)

    assert [document.position for document in documents] == ["line 2", "line 4", "line 5"]
    assert [document.problem for document in documents] == [None, "1 cells under 2 columns", None]
    found = documents[0].value
    assert isinstance(found, Row)
    assert (found.table.name, found.cells) == (
        name.removesuffix(".gz").removesuffix(".zst"),
        {"who": "ana", "said": "two\r\nlines"},
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xef\xbb\xbf\n\xffwho,said\n", "byte 4: not UTF-8"),
        (b"\n\nwho,who\n", "line 3: two columns are named 'who'"),
        ("who,said\n".encode("utf-16"), "byte 0: not UTF-8 but UTF-16"),
    ],
)
def test_a_table_whose_header_cannot_be_read_is_told_with_the_place(tmp_path: Path, content: bytes, told: str) -> None:
    assert problem(tmp_path / "rows.csv", content) == told


@pytest.mark.parametrize(
    "content",
    [
        b'window.YTD.tweets.part0 = [ {"a": 1} ]',
        b'\xef\xbb\xbfwindow.YTD.tweets.part0 = [\r\n  {"a": 1}\r\n];\r\n',
        b'YTD.tweets.part0=\n[{"a": 1}]\n',
    ],
)
def test_json_behind_a_name_is_a_script(tmp_path: Path, content: bytes) -> None:
    documents = read(tmp_path / "tweets.js", content)

    assert documents == [Document("", Script("YTD.tweets.part0", [{"a": 1}], tmp_path / "tweets.js"))]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'window.YTD.x = [ {"a" 1} ]', "line 1, column 23: "),
        (b'window.YTD.x = [\n {"a": "half', "line 2, column 8: the file is cut short"),
        (b"window.alert('x')", "line 1, column 1: "),
    ],
)
def test_a_script_that_holds_no_json_is_told_with_the_place(tmp_path: Path, content: bytes, told: str) -> None:
    assert problem(tmp_path / "tweets.js", content).startswith(told)


def test_the_hash_and_size_are_those_of_the_file_as_it_lies_there(tmp_path: Path) -> None:
    packed = zstandard.ZstdCompressor().compress(LINES)
    (tmp_path / "dump.zst").write_bytes(packed)
    reader = FileReader(tmp_path / "dump.zst")

    list(reader.documents())

    assert (reader.size, reader.sha256) == (len(packed), sha256(packed).hexdigest())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"  \n \n", "the file is empty"),
        (b"<p>\xff</p>", "byte 3: not UTF-8"),
        (b"not json at all", "line 1, column 1: "),
        (b'[\n {"id": "a",\n  "text": "half a sen', "line 3, column 11: the file is cut short"),
        (b'{"text": "\xff\xfe"}', "byte 10: not UTF-8"),
        (b'\xef\xbb\xbf\n{"text": "\xff\xfe"}', "byte 14: not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"score": ' + b"9" * 5000 + b"}", "a number of more digits than can be read"),
        (b'{"score": NaN}', "no JSON that can be read: JSON is malformed: invalid character (byte 10)"),
    ],
)
def test_a_file_that_is_no_json_is_told_with_the_place(tmp_path: Path, content: bytes, told: str) -> None:
    assert problem(tmp_path / "thread.json", content).startswith(told)


def test_a_file_that_is_no_archive_or_is_not_there_is_told(tmp_path: Path) -> None:
    assert "cannot be unpacked" in problem(tmp_path / "dump.zst", b"no archive")
    with pytest.raises(UnreadableFileError, match="no such file"):
        list(FileReader(tmp_path / "nothing.json").documents())


def test_a_folder_gives_what_may_hold_posts_by_name_and_a_named_file_is_taken_as_it_is(tmp_path: Path) -> None:
    readable = {
        "b.json",
        "a.ndjson",
        "deep/c.zst",
        "d.csv.gz",
        "e.HTM",
        "page.html",
        "other_files/f.tsv",
        "tweets-part1.js",
    }
    for name in readable | {
        "notes.txt",
        "account.js",
        "g.tar.gz",
        "page_files/frame.html",
        "page_files/deep/frame.html",
    }:
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()

    found = [path.relative_to(tmp_path).as_posix() for path in find_files([tmp_path, tmp_path / "notes.txt"])]

    assert found[-1] == "notes.txt"
    assert set(found[:-1]) == readable
    assert found[:-1] == sorted(found[:-1])


READ_AND_MEASURE = """
import resource, sys
from pathlib import Path
from collector.files import FileReader
from collector.people import Pseudonyms
from collector.reading import Reading
from collector.source import file_sources

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (2**20 if sys.platform == "darwin" else 2**10)

reading, source = Reading(Pseudonyms(b"a key")), file_sources()[sys.argv[2]]
count = posts = early = 0
for document in FileReader(Path(sys.argv[1])).documents():
    count += 1
    posts += sum(1 for _ in source.observations(document.value, reading, document.position))
    early = peak() if count == 1000 else early
print(count, posts, early, peak())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "source", "row"),
    [
        ("dump.ndjson", "reddit_files", lines(comment_row(body="Such dear bread."))),
        ("dump.ndjson.gz", "reddit_files", lines(comment_row(body="Such dear bread."))),
        ("dump.ndjson.zst", "reddit_files", lines(comment_row(body="Such dear bread."))),
        ("rows.csv", "csv_files", table([fourcat_reddit()])),
    ],
)
def test_a_million_lines_need_no_more_memory_than_a_thousand(
    tmp_path: Path, name: str, source: str, row: bytes
) -> None:
    *header, line = row.splitlines(keepends=True)
    opened = {".gz": gzip.open, ".zst": zstandard.open}.get(Path(name).suffix, open)
    with opened(tmp_path / name, "wb") as written:
        written.write(b"".join(header))
        # No line is like another: a file of the same line over and over packs as no real one does.
        for number in range(10**6):
            written.write(line.replace(b"dear", sha256(str(number).encode()).hexdigest().encode()))

    ran = subprocess.run(
        [sys.executable, "-c", READ_AND_MEASURE, tmp_path / name, source], capture_output=True, text=True, check=True
    )

    documents, posts, early, late = map(int, ran.stdout.split())
    sys.stdout.write(f"{name}: {early} MB after a thousand lines, {late} MB after {documents}\n")
    assert documents == posts == 1_000_000
    assert late - early <= 8
