import os
from pathlib import Path

import pytest

from db.errors import CheckFailed, FileError, GroundswellError
from groundswell.filling import fill
from groundswell.study import Study

SENTENCE = "Some people report that bread is too dear"
OPEN, CLOSE = "<!-- groundswell bread-is-dear -->", "<!-- /groundswell -->"
PAGE = f"# Bread\r\n\r\nI say: {OPEN}{CLOSE}\r\n\r\n<!-- groundswell report sources -->\r\n{CLOSE}"


def page(folder: Path, content: str | bytes = PAGE, name: str = "page.md") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_places_are_filled_and_all_else_stays(used: Study, tmp_path: Path) -> None:
    path = page(tmp_path)

    [done] = fill(used, [path])

    assert (done.path, done.places, len(done.stale)) == (path, 2, 2)
    assert path.read_bytes().decode() == (
        f"# Bread\r\n\r\nI say: {OPEN}Within r/invented_bakers, one person reports that bread is too dear (one person, in "
        f"one thread): too few to say how common it is.{CLOSE}\r\n\r\n<!-- groundswell report sources -->\r\n"
        f"- [Bread](https://www.reddit.com/comments/aaa1/) - r/invented_bakers, 3 posts, 2 announced, whole\r\n{CLOSE}"
    )


def test_filled_twice_nothing_changes(used: Study, tmp_path: Path) -> None:
    path = page(tmp_path)
    fill(used, [path])
    before, written = path.read_bytes(), path.stat().st_mtime_ns

    [done] = fill(used, [path])

    assert done.stale == ()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, written)


def test_bytes_that_are_no_utf_8_stay(used: Study, tmp_path: Path) -> None:
    path = page(tmp_path, b"\xef\xbb\xbf\xff\xfe caf\xe9 " + OPEN.encode() + CLOSE.encode() + b"\xe9")

    fill(used, [path])

    assert path.read_bytes().startswith(b"\xef\xbb\xbf\xff\xfe caf\xe9 <!--")
    assert path.read_bytes().endswith(b"-->\xe9")


def test_checking_names_stale_places_and_writes_nothing(used: Study, tmp_path: Path) -> None:
    path = page(tmp_path)

    with pytest.raises(CheckFailed, match="2 places say something else than the report") as raised:
        fill(used, [path], check=True)

    assert raised.value.exit_code == 6
    assert (raised.value.hint or "").splitlines()[:2] == [
        f"{path}:3: bread-is-dear sentence",
        f"{path}:5: report sources",
    ]
    assert path.read_bytes() == PAGE.encode()
    fill(used, [path])
    assert [done.places for done in fill(used, [path], check=True)] == [2]


def test_one_wrong_mark_keeps_all_files_as_they_were(used: Study, tmp_path: Path) -> None:
    good, bad = page(tmp_path), page(tmp_path, f"one\n\n<!-- groundswell bred -->{CLOSE}\n{OPEN}", "bad.md")

    with pytest.raises(FileError) as raised:
        fill(used, [good, bad])

    assert raised.value.message == f'{bad}:3: the report has no claim "bred" (and 1 more)'
    assert raised.value.hint == (f"there is: bread-is-dear, queues\n{bad}:4: the mark is not closed; add {CLOSE}")
    assert good.read_bytes() == PAGE.encode()


def test_a_file_named_twice_is_filled_once(used: Study, tmp_path: Path) -> None:
    path = page(tmp_path)

    assert len(fill(used, [path, path])) == 1


def test_a_file_without_marks_is_left_alone(used: Study, tmp_path: Path) -> None:
    assert fill(used, [page(tmp_path, "# Bread\n")])[0].places == 0


@pytest.mark.parametrize("name", ["none.md", "."])
def test_what_is_no_file_is_refused(used: Study, tmp_path: Path, name: str) -> None:
    with pytest.raises(GroundswellError, match="cannot be read"):
        fill(used, [tmp_path / name])


def test_nothing_is_filled_before_a_report_was_built(study: Study, tmp_path: Path) -> None:
    with pytest.raises(GroundswellError, match="no report was built yet"):
        fill(study, [page(tmp_path)])


def test_a_link_stays_a_link_and_rights_stay(used: Study, tmp_path: Path) -> None:
    path = page(tmp_path)
    path.chmod(0o640)
    link = tmp_path / "link.md"
    link.symlink_to(path)

    fill(used, [link])

    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert SENTENCE.partition(" that ")[2] in path.read_text(encoding="utf-8")


def test_a_write_that_fails_puts_back_what_was_written(
    used: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = page(tmp_path), page(tmp_path, name="second.md")
    replace = Path.replace

    def fail_at_the_second(self: Path, target: Path) -> Path:
        if Path(target).name == "second.md":
            raise OSError(28, os.strerror(28))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail_at_the_second)

    with pytest.raises(GroundswellError, match="nothing was changed"):
        fill(used, [first, second])

    assert first.read_bytes() == second.read_bytes() == PAGE.encode()
    assert sorted(path.name for path in tmp_path.glob("*.new")) == []
    assert [path.name for path in tmp_path.glob(".*.new")] == []
