import errno
import json
import shutil
import stat
import sys
from datetime import date, timedelta
from pathlib import Path
from sqlite3 import Connection

import pytest
from fakes.study import coding_line, groundswell, save_lines
from hypothesis import given
from hypothesis import strategies as st

from db.errors import GroundswellError
from db.queries.codings import coder_id
from db.queries.leads import Lead, judge_lead, save_leads
from groundswell import backups
from groundswell.backups import (
    KEPT,
    KINDS,
    Stem,
    back_up,
    back_up_before,
    backups_among,
    drop_names,
    outdated,
    read_name,
)
from groundswell.study import Study

MONDAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def no_backup_of_their_own(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Imports make no backups here, so that a test counts its own only."""
    monkeypatch.setattr("groundswell.coding_work.back_up_before", lambda *_: [])
    if "used" in request.fixturenames:
        shutil.rmtree(request.getfixturevalue("used").root / "backups", ignore_errors=True)


def post_id(connection: Connection, address: str) -> int:
    return int(connection.execute("SELECT id FROM posts WHERE address = ?", (address,)).fetchone()["id"])


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def by_kind(paths: list[Path]) -> dict[str, Path]:
    return {(read_name(path.name) or (None, ""))[1]: path for path in paths}


def more(study: Study, number: int) -> None:
    """One coding more."""
    line = coding_line("reddit:t1_bbb2", code="queue", stance=None, created_at=f"2026-03-02T09:00:{number:02}Z")
    lines = save_lines(study.root.parent / "more.jsonl", line)
    assert groundswell("-C", study.root, "import", "codings", lines).code == 0


def name_of(day: date, time: str = "090000", kind: str = "codings") -> str:
    return f"{day:%Y%m%d}T{time}Z-{kind}.jsonl"


def test_a_backup_holds_what_people_did_and_nothing_of_machines(used: Study) -> None:
    found = by_kind(back_up(used))

    codings = rows(found["codings"])

    assert found.keys() == {"codings", "codebook"}
    assert {path.parent for path in found.values()} == {used.root / "backups"}
    assert {row["coder_kind"] for row in codings} == {"person"}
    assert len(codings) == 5


def test_a_backup_holds_the_files_of_the_study_and_every_revision_of_the_codebook(used: Study) -> None:
    lines = rows(by_kind(back_up(used))["codebook"])

    files = {str(line["file"]): line["text"] for line in lines if "file" in line}
    revisions = [line["revision"] for line in lines if "revision" in line]

    assert files == {name: (used.root / name).read_bytes().decode() for name in files}
    assert list(files) == ["codebook.yaml", "study.yaml", "findings.yaml"]
    assert [sorted(revision) for revision in revisions if isinstance(revision, dict)] == [
        ["content", "created_at", "revision"]
    ]


def quote(study: Study, uid: str = "q1", name: str = "Mira K.") -> None:
    """A quotation on record."""
    with study.store() as store, store.write() as connection:
        connection.execute(
            'INSERT INTO quotes (uid, post, start, "end", text_sha, name, reason, note, made_by, made_at)'
            " VALUES (?, (SELECT id FROM posts WHERE address = 'reddit:t1_bbb1'), 2, 7, 'aa', ?, 'agreed', 'by mail', 'ana',"
            " '2026-03-01T00:00:00Z')",
            (uid, name),
        )


def drop_quote(study: Study, uid: str = "q1") -> None:
    with study.store() as store, store.write() as connection:
        connection.execute(
            "UPDATE quotes SET dropped_at = '2026-03-05T00:00:00Z', name = NULL, note = NULL WHERE uid = ?", (uid,)
        )


def test_a_backup_holds_leads_with_what_people_found_of_them_by_address_and_name(used: Study) -> None:
    with used.store() as store, store.write() as connection:
        save_leads(
            connection, [Lead("l1", "answer.md", "line 3", "Bread is dear", thread="reddit:t3_aaa1")], "2026-03-01"
        )
        ana, post = coder_id(connection, "ana", "person"), post_id(connection, "reddit:t1_bbb1")
        judge_lead(connection, "j1", "l1", "supports", post, ana, "2026-03-02T00:00:00Z")
        judge_lead(connection, "j2", "l1", "cannot_tell", None, ana, "2026-03-01T00:00:00Z")

    lead, other, judgement = rows(by_kind(back_up(used))["leads"])

    assert lead == {
        "lead": {
            "uid": "l1", "origin": "answer.md", "place": "line 3", "claim": "Bread is dear", "link": None,
            "thread": "reddit:t3_aaa1", "problem": None, "created_at": "2026-03-01",
        }
    }  # fmt: skip
    assert other["judgement"] == {
        "uid": "j2", "lead": "l1", "judgement": "cannot_tell", "post": None, "coder": "ana",
        "created_at": "2026-03-01T00:00:00Z",
    }  # fmt: skip
    assert judgement["judgement"] == {
        "uid": "j1", "lead": "l1", "judgement": "supports", "post": "reddit:t1_bbb1", "coder": "ana",
        "created_at": "2026-03-02T00:00:00Z",
    }  # fmt: skip


def test_a_backup_holds_quotations_by_address_and_no_word_of_them(used: Study) -> None:
    quote(used)

    assert rows(by_kind(back_up(used))["quotes"]) == [
        {
            "quote": {
                "uid": "q1", "post": "reddit:t1_bbb1", "start": 2, "end": 7, "text_sha": "aa", "name": "Mira K.",
                "reason": "agreed", "note": "by mail", "made_by": "ana", "made_at": "2026-03-01T00:00:00Z",
                "dropped_at": None,
            }
        }
    ]  # fmt: skip


def test_the_name_of_a_dropped_quotation_goes_from_earlier_backups_too(used: Study) -> None:
    quote(used)
    quote(used, "q2", "Otto L.")
    [first] = [path for path in back_up(used) if path.name.endswith("-quotes.jsonl")]
    first.write_bytes(first.read_bytes() + b'broken\n{"quote": 3}\n')
    mode = stat.S_IMODE(first.stat().st_mode)
    drop_quote(used)

    back_up(used, "later")

    everywhere = [path.read_text(encoding="utf-8") for path in sorted((used.root / "backups").glob("*-quotes.jsonl"))]
    assert len(everywhere) == 2
    assert not any("Mira K." in text for text in everywhere)
    assert all("Otto L." in text for text in everywhere)
    assert everywhere[0].endswith('broken\n{"quote": 3}\n')
    assert stat.S_IMODE(first.stat().st_mode) == mode


def test_names_stay_where_nothing_was_dropped_and_files_that_are_none_of_ours_stay_as_they_are(used: Study) -> None:
    quote(used)
    [first] = [path for path in back_up(used) if path.name.endswith("-quotes.jsonl")]
    foreign = used.root / "backups" / "my-quotes.jsonl"
    foreign.write_bytes(first.read_bytes())
    with used.store() as store:
        assert drop_names(used.root, store) == []
    drop_quote(used)

    with used.store() as store:
        assert drop_names(used.root, store) == [first]
        assert drop_names(used.root, store) == []
    assert "Mira K." in foreign.read_text(encoding="utf-8")


def test_a_study_without_findings_has_none_in_its_backup(used: Study) -> None:
    used.findings_path.unlink()

    lines = rows(by_kind(back_up(used))["codebook"])

    assert [line["file"] for line in lines if "file" in line] == ["codebook.yaml", "study.yaml"]


def test_a_backup_holds_no_key(used: Study) -> None:
    key = used.settings.key or b""

    assert all(key.hex() not in path.read_text(encoding="utf-8") for path in back_up(used))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such rights")
def test_only_its_owner_reads_a_backup(used: Study) -> None:
    groundswell("-C", used.root, "collect", "note", "--text", "The baker told me.")

    assert {stat.S_IMODE(path.stat().st_mode) for path in back_up(used)} == {0o600}


def test_a_backup_says_what_it_came_before(used: Study) -> None:
    assert {path.name.partition("Z-")[2] for path in back_up_before(used, "merge")} == {
        "before-merge-codings.jsonl",
        "before-merge-codebook.jsonl",
    }


def test_where_nothing_has_changed_the_last_backup_serves(used: Study) -> None:
    first = back_up(used)

    assert back_up_before(used, "undo") == first
    assert sorted((used.root / "backups").iterdir()) == sorted(first)


def test_what_has_changed_is_written_beside_the_earlier_backup(used: Study) -> None:
    first = back_up(used)
    before = [path.read_bytes() for path in first]
    more(used, 1)

    second = back_up(used)

    assert set(first) & set(second) == set()
    assert [path.read_bytes() for path in first] == before
    assert len(rows(second[0])) == 6


def test_backups_of_one_second_do_not_overwrite_each_other(used: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "now", lambda: "2026-03-02T09:00:00Z")
    written = []
    for number in range(3):
        more(used, number)
        written += back_up(used)

    assert len(set(written)) == 6
    assert sorted(stem.number for stem in backups_among(path.name for path in written)) == [1, 2, 3]


def test_a_reason_that_makes_no_name_is_refused(used: Study) -> None:
    with pytest.raises(ValueError, match="is no word"):
        back_up(used, "Before 1")


def test_a_folder_of_backups_stays_small(used: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    place = used.root / "backups"
    place.mkdir()
    for days in range(40):
        (place / name_of(MONDAY - timedelta(days=days))).touch()
    (place / "my own notes.txt").touch()
    monkeypatch.setattr(backups, "now", lambda: "2026-03-03T09:00:00Z")

    back_up(used)

    names = [path.name for path in place.iterdir()]
    assert len(backups_among(names)) == KEPT + 4
    assert "my own notes.txt" in names


def test_a_backup_that_cannot_be_written_stops_what_comes_next(used: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, _content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)

    with pytest.raises(GroundswellError, match="no space left on device; people's work could not be backed up"):
        back_up_before(used, "undo")

    assert list((used.root / "backups").iterdir()) == []


def test_a_backup_of_which_one_file_cannot_be_written_leaves_none(used: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if "codebook" in path.name:
            raise OSError(errno.EDQUOT, "Disk quota exceeded", str(path))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)

    with pytest.raises(GroundswellError, match="quota") as caught:
        back_up(used)

    assert list((used.root / "backups").iterdir()) == []
    assert caught.value.hint is not None


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(used: Study) -> None:
    (used.root / "backups").write_text("a file in its place", encoding="utf-8")

    with pytest.raises(GroundswellError, match="backups: "):
        back_up(used)


def test_what_is_purged_does_not_survive_in_a_backup(used: Study) -> None:
    with used.store() as store, store.write() as connection:
        connection.execute(
            "INSERT INTO memos (about, text, origin, created_at) VALUES ('x:1', ?, 'ana', '2026-03-01T00:00:00Z')",
            ("She wrote: I stood in a queue for it.",),
        )
        connection.execute("UPDATE coding_events SET reason = 'says: I stood in a queue for it.' WHERE id = 3")
    paths = back_up(used)
    assert "stood in a queue" in "".join(path.read_text(encoding="utf-8") for path in paths)

    ran = groundswell("-C", used.root, "collect", "forget", "--post", "reddit:t1_bbb1", "--yes")

    assert ran.code == 0
    for path in {*paths, *back_up(used)}:
        assert "stood in a queue" not in path.read_text(encoding="utf-8")


stems = st.builds(
    Stem,
    st.dates(date(2020, 1, 1), date(2030, 12, 31)).map(lambda day: f"{day:%Y%m%d}"),
    st.times().map(lambda time: f"{time:%H%M%S}"),
    st.integers(1, 12),
    st.sampled_from(["", "before-import", "after-review", "before-undo"]),
)
folders = st.lists(st.tuples(stems, st.sampled_from(KINDS)), max_size=150).map(
    lambda found: [stem.file_name(kind) for stem, kind in found]
)


@given(stems, st.sampled_from(KINDS))
def test_a_name_says_what_it_was_made_from(stem: Stem, kind: str) -> None:
    assert read_name(stem.file_name(kind)) == (stem, kind)


@given(st.text(max_size=60) | stems.map(lambda stem: f"waiting-{stem.file_name('codings')}"))
def test_a_file_of_another_name_is_none_of_ours(name: str) -> None:
    assert read_name(name) is None
    assert outdated([name] * 30) == []


@pytest.mark.parametrize("name", ["20261301T090000Z-codings.jsonl", "20260301T090000Z.1-codings.jsonl"])
def test_a_day_or_a_number_that_we_never_write_is_none_of_ours(name: str) -> None:
    assert read_name(name) is None


@given(folders)
def test_the_last_twenty_backups_stay(names: list[str]) -> None:
    kept = backups_among(set(names) - set(outdated(names)))

    assert sorted(backups_among(names))[-KEPT:] == sorted(kept)[-KEPT:]


@given(folders)
def test_of_every_week_a_backup_stays_whole(names: list[str]) -> None:
    before, kept = backups_among(names), backups_among(set(names) - set(outdated(names)))
    older = sorted(before)[:-KEPT]

    def weeks(found: list[Stem]) -> list[tuple[int, int]]:
        return [date.fromisoformat(f"{s.day[:4]}-{s.day[4:6]}-{s.day[6:]}").isocalendar()[:2] for s in found]

    weekly = [stem for stem in older if stem in kept]
    assert sorted(set(weeks(older))) == weeks(weekly)
    assert all(kept[stem] == before[stem] for stem in kept)
    assert all(max(s for s in older if weeks([s]) == weeks([stem])) == stem for stem in weekly)


@given(folders)
def test_what_stayed_stays(names: list[str]) -> None:
    assert outdated(set(names) - set(outdated(names))) == []


def test_one_backup_a_day_for_a_year_leaves_twenty_and_one_a_week() -> None:
    names: set[str] = set()
    for days in range(365):
        names.add(name_of(MONDAY + timedelta(days=days)))
        names -= set(outdated(names))

    assert len(names) == KEPT + 50
