import json
from pathlib import Path
from typing import Any

import pytest
from fakes.study import ALL_BREAD, KEY, coding_line, give_key, groundswell, make_study, save_lines

from db.errors import FileError, GroundswellError
from groundswell.backups import back_up
from groundswell.database import check_database
from groundswell.restoring import restore, restore_into
from groundswell.settings import load_settings
from groundswell.study import Study, find_study

POST, QUEUE, OTHER = ALL_BREAD
RICH = (
    coding_line(POST, coder="ben", blind=True, round="first", created_at="2026-02-03T09:00:00Z"),
    coding_line(POST, stance="dispute", suggestion_shown=True, created_at="2026-02-04T09:00:00Z"),
    coding_line(POST, adjudicated=True, reason="guideline gap", created_at="2026-02-05T09:00:00Z"),
    coding_line(QUEUE, code="queue", stance=None, start=10, end=15, number=1.5, coder="ben"),
    coding_line(OTHER, value="unsure", stance=None, coder="ben"),
    coding_line(OTHER, code="*", value="missing", stance=None, coder="ben"),
    coding_line(OTHER, code="queue", value="absent", stance=None, text_sha="0" * 32, coder="ben"),
)


@pytest.fixture
def rich(used: Study) -> Study:
    """A study with codings of every kind, a private note, a memo, a sample, and a code that was taken out since."""
    lines = save_lines(used.root.parent / "rich.jsonl", *RICH)
    note = (
        "collect",
        "note",
        "--text",
        "Such dear bread, she said.",
        "--month",
        "2026-01",
        "--code",
        "queue",
        "--coder",
        "ana",
    )
    for command in (("import", "codings", lines), note):
        assert groundswell("-C", used.root, *command).code == 0
    with used.store() as store, store.write() as connection:
        for table, values in (
            ("memos", "(9, 'reddit:t1_bbb1', 'Ask again.', 'ana', '2026-03-01T00:00:00Z')"),
            ("samples", "('audit-1', 'audit', 'post', '{}', NULL, '2026-03-01T00:00:00Z')"),
            ("sample_units", "('audit-1', 'reddit:t1_bbb1', 1, 0.5, 'hit', '2026-03-01T00:00:00Z')"),
            ("suppressions", "('0a1b', 'author', '2026-03-01T00:00:00Z')"),
            ("code_changes", "(4, 'retire', 'queue', NULL, NULL, 'done', 'ana', '2026-03-01T00:00:00Z')"),
            ("leads", "(7, 'l1', 'answer.md', 'line 3', 'Bread is dear', NULL, 'reddit:t3_aaa1', NULL, '2026-03-01')"),
            (
                "lead_judgements",
                (
                    "(5, 'j1', 'l1', 'supports', (SELECT id FROM posts WHERE address = 'reddit:t1_bbb1'),"
                    " (SELECT id FROM coders WHERE name = 'ben'), '2026-03-02T00:00:00Z')"
                ),
            ),
            (
                "lead_judgements",
                (
                    "(6, 'j2', 'l1', 'cannot_tell', NULL, (SELECT id FROM coders WHERE name = 'ana' AND kind = 'person'),"
                    " '2026-03-02T00:00:00Z')"
                ),
            ),
            (
                "quotes",
                (
                    "(5, 'q1', (SELECT id FROM posts WHERE address = 'reddit:t1_bbb1'), 2, 7, 'aa', 'Mira K.', 'agreed',"
                    " 'by mail', 'ana', '2026-03-01T00:00:00Z', NULL)"
                ),
            ),
        ):
            connection.execute(f"INSERT INTO {table} VALUES {values}")
    text = used.codebook_path.read_text(encoding="utf-8")
    used.codebook_path.write_text("# ours\n" + text.partition("  queue:")[0], encoding="utf-8")
    used.findings_path.unlink()
    return used


def exported(study: Study) -> list[str]:
    out = groundswell("-C", study.root, "export", "codings").out
    return [line for line in out.splitlines() if '"coder_kind": "person"' in line]


def bring_posts(study: Study, old: Study) -> None:
    ran = groundswell("-C", study.root, "collect", "import", old.root.parent / "bread_thread.json")
    assert ran.code == 0, ran.err


def contents(study: Study) -> dict[str, bytes]:
    """What a backup holds, by kind, but for the codebook, of which a revision more may be known."""
    return {path.name.rpartition("-")[2]: path.read_bytes() for path in back_up(study) if "codebook" not in path.name}


def test_a_study_from_a_backup_exports_the_same_codings_once_its_posts_are_there(rich: Study, tmp_path: Path) -> None:
    [codings, *_] = back_up(rich)

    done = restore_into(tmp_path / "new", codings)
    waited = done.waiting
    bring_posts(done.study, rich)
    again = restore(done.study, codings)

    assert (waited, again.waiting, again.problems) == (12, 0, [])
    assert len(exported(rich)) == 12
    assert exported(done.study) == exported(rich)
    assert contents(done.study) == contents(rich)
    kinds = ("codings", "notes", "memos", "samples", "forgotten", "leads", "quotes")
    assert contents(rich).keys() == {f"{kind}.jsonl" for kind in kinds}
    assert check_database(done.study) == []


def test_the_codebook_comes_back_byte_for_byte_and_its_revisions_too(rich: Study, tmp_path: Path) -> None:
    back_up(rich)

    new = restore_into(tmp_path / "new", rich.root).study

    assert new.codebook_path.read_bytes() == rich.codebook_path.read_bytes()
    assert (new.root / "study.yaml").read_bytes() == (rich.root / "study.yaml").read_bytes()
    with rich.store() as old_store, new.store() as new_store:
        query = "SELECT revision, content, created_at FROM codebook_revisions ORDER BY revision"
        old_rows = {tuple(row) for row in old_store.connection.execute(query)}
        assert old_rows <= {tuple(row) for row in new_store.connection.execute(query)}


def test_private_notes_come_back_at_once_and_stay_private(rich: Study, tmp_path: Path) -> None:
    done = restore_into(tmp_path / "new", back_up(rich)[0])

    assert (done.notes, done.codings) == (1, 1)
    assert groundswell("-C", done.study.root, "export", "posts").out == ""


def test_codings_that_wait_are_kept_in_a_file_until_their_posts_are_there(rich: Study, tmp_path: Path) -> None:
    [codings, *_] = back_up(rich)
    done = restore_into(tmp_path / "new", codings)

    kept = done.waiting_in.read_text(encoding="utf-8").splitlines()
    bring_posts(done.study, rich)
    restore(done.study, codings)

    assert set(kept) == set(exported(rich))
    assert not done.waiting_in.exists()


def test_codings_of_posts_that_stay_away_stay_in_the_file(rich: Study, tmp_path: Path) -> None:
    [codings, *_] = back_up(rich)
    done = restore_into(tmp_path / "new", codings)
    bring_posts(done.study, rich)
    groundswell("-C", done.study.root, "collect", "forget", "--post", OTHER, "--yes")

    again = restore(done.study, codings)

    kept = [json.loads(line)["post"] for line in done.waiting_in.read_text(encoding="utf-8").splitlines()]
    assert again.waiting == len(kept) == 4
    assert set(kept) == {OTHER}


def test_of_several_backups_in_a_folder_the_last_one_is_taken(used: Study, tmp_path: Path) -> None:
    back_up(used)
    lines = save_lines(tmp_path / "more.jsonl", coding_line(OTHER, code="queue", stance=None))
    groundswell("-C", used.root, "import", "codings", lines)
    back_up(used, "after-review")

    assert restore_into(tmp_path / "new", used.root / "backups").waiting == 6


def test_the_key_of_the_study_that_the_backup_lies_in_is_taken_over(used: Study, tmp_path: Path) -> None:
    back_up(used)

    done = restore_into(tmp_path / "new", used.root)

    assert load_settings(tmp_path / "new", {}).key == bytes.fromhex(KEY)
    assert done.remarks == [f"the key is that of {used.root}"]


@pytest.mark.parametrize("what", ["elsewhere", "no key", "a broken key"])
def test_without_the_old_key_a_new_one_is_made_and_said(used: Study, tmp_path: Path, what: str) -> None:
    back_up(used)
    if what == "elsewhere":
        (used.root / "backups").rename(tmp_path / "backups")
    elif what == "no key":
        (used.root / ".env").unlink()
    else:
        give_key(used.root, "nonsense")

    done = restore_into(tmp_path / "new", tmp_path / "backups" if what == "elsewhere" else used.root)

    assert load_settings(tmp_path / "new", {}).key not in {None, bytes.fromhex(KEY)}
    assert "a new key was made; put the old study's .env into" in done.remarks[0]


def test_a_study_in_which_people_coded_something_else_is_left_as_it_is(used: Study, tmp_path: Path) -> None:
    [codings, *_] = back_up(used)
    lines = save_lines(tmp_path / "more.jsonl", coding_line(OTHER, code="queue", stance=None))
    groundswell("-C", used.root, "import", "codings", lines)
    before = exported(used)

    with pytest.raises(GroundswellError, match="people coded here what is not in the backup"):
        restore(used, codings)

    assert exported(used) == before


def test_a_second_time_changes_nothing(used: Study) -> None:
    [codings, *_] = back_up(used)
    before = exported(used)

    done = restore(used, codings)

    assert (done.codings, done.new, done.others, done.remarks) == (5, 0, 0, [])
    assert exported(used) == before


def test_a_blank_codebook_gives_way_to_that_of_the_backup(used: Study, tmp_path: Path) -> None:
    [codings, *_] = back_up(used)
    groundswell("init", tmp_path / "blank")

    done = restore(find_study(tmp_path / "blank", tmp_path), codings)

    assert done.study.codebook_path.read_bytes() == used.codebook_path.read_bytes()
    assert done.remarks == [f"{done.study.codebook_path} is that of the backup"]


def test_a_codebook_with_codes_is_left_as_it_is_and_that_is_said(used: Study, tmp_path: Path) -> None:
    [codings, *_] = back_up(used)
    other = make_study(tmp_path / "other", codebook="codes:\n  mine:\n    name: Mine\n", findings="version: 1\n")

    done = restore(other, codings)

    assert "mine:" in other.codebook_path.read_text(encoding="utf-8")
    assert done.remarks == [f"{other.codebook_path} was left as it is; the backup's codebook is another"]


def test_a_backup_that_is_only_codings_is_restored_too(used: Study, tmp_path: Path) -> None:
    [codings, _codebook] = back_up(used)
    old = tmp_path / "old" / codings.name
    old.parent.mkdir()
    old.write_bytes(codings.read_bytes())

    done = restore_into(tmp_path / "new", old)
    bring_posts(done.study, used)

    assert restore(done.study, old).new == 5


def test_what_undoing_took_away_does_not_come_back(used: Study, tmp_path: Path) -> None:
    groundswell("-C", used.root, "code", "apply")
    with used.store() as store, store.write() as connection:
        connection.execute("UPDATE coding_events SET undone_by = id WHERE code = '*'")

    done = restore_into(tmp_path / "new", back_up(used)[0])

    assert done.waiting == 2


def broken(study: Study, kind: str, *lines: str | dict[str, Any]) -> Path:
    """A backup whose file of one kind holds these lines only."""
    place = study.root.parent / "broken"
    place.mkdir()
    return save_lines(place / f"20260301T090000Z-{kind}.jsonl", *lines)


def test_lines_that_cannot_be_read_are_named_and_the_others_restored(used: Study, tmp_path: Path) -> None:
    path = broken(
        used,
        "codings",
        "{half",
        "[1]",
        "[" * 100_000,
        coding_line(value="perhaps"),
        coding_line(code=""),
        coding_line(),
    )

    done = restore_into(tmp_path / "new", path)

    assert done.waiting == 1
    assert [problem.partition(": line ")[2][:1] or problem[:20] for problem in done.problems] == [
        "1", "2", "3", "a coding of example:", "a coding of example:",
    ]  # fmt: skip


def test_judgements_and_quotations_wait_for_their_posts_and_come_with_them(rich: Study, tmp_path: Path) -> None:
    [codings, *_] = back_up(rich)

    done = restore_into(tmp_path / "new", codings)
    with done.study.store() as store:
        before = [
            store.connection.execute(f"SELECT uid FROM {table}").fetchall() for table in ("lead_judgements", "quotes")
        ]
    bring_posts(done.study, rich)
    again = restore(done.study, codings)
    third = restore(done.study, codings)

    assert (done.pointing, again.pointing, again.others, third.others) == (2, 0, 2, 0)
    assert "2 judgements and quotations of posts without a text here" in done.remarks[-1]
    assert [[row["uid"] for row in found] for found in before] == [["j2"], []]
    audit = "SELECT l.judgement, p.address, c.name FROM lead_judgements l LEFT JOIN posts p ON p.id = l.post JOIN coders c ON c.id = l.coder ORDER BY l.uid"
    with done.study.store() as store:
        assert [tuple(row) for row in store.connection.execute(audit)] == [
            ("supports", "reddit:t1_bbb1", "ben"), ("cannot_tell", None, "ana"),
        ]  # fmt: skip
        [kept] = store.connection.execute('SELECT start, "end", name, reason FROM quotes').fetchall()
    assert tuple(kept) == (2, 7, "Mira K.", "agreed")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"lead": "l1", "post": 3, "coder": "ana"}, "a judgement that cannot be: its post is no address"),
        ({"lead": "l1", "post": None, "coder": 3}, "a judgement that cannot be: its coder has no name"),
        ({"uid": "j9", "lead": "l9", "coder": "ana", "judgement": "maybe"}, "a judgement that cannot be: NOT NULL"),
    ],
)
def test_judgements_that_cannot_be_are_named(used: Study, tmp_path: Path, row: dict[str, Any], problem: str) -> None:
    path = broken(used, "leads", {"judgement": row})

    [found] = restore_into(tmp_path / "new", path).problems

    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"about": "x", "colour": "red"}, "a memo has no 'colour'"),
        ({"about": "x"}, "a memo that cannot be: NOT NULL"),
        ({"about": {}, "text": "t", "origin": "o", "created_at": "n"}, "a memo that cannot be: Error binding"),
    ],
)
def test_rows_that_cannot_be_are_named(used: Study, tmp_path: Path, row: dict[str, Any], problem: str) -> None:
    path = broken(used, "memos", {"memo": row}, {"other": {}}, {"memo": 3})

    [found] = restore_into(tmp_path / "new", path).problems

    assert found.startswith(problem)


def test_a_codebook_of_the_backup_that_cannot_be_read_is_named(used: Study, tmp_path: Path) -> None:
    path = broken(used, "codebook", {"file": "codebook.yaml", "text": "codes: ["}, {"file": "../x", "text": "no"})

    with pytest.raises(FileError, match=r"codebook\.yaml"):
        restore_into(tmp_path / "new", path)

    assert not (tmp_path / "x").exists()


def test_a_file_of_the_backup_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "20260301T090000Z-codings.jsonl").mkdir()

    with pytest.raises(GroundswellError, match="20260301T090000Z-codings"):
        restore_into(tmp_path / "new", tmp_path)


@pytest.mark.parametrize("name", ["nowhere", "posts.jsonl", "."])
def test_what_is_no_backup_makes_no_study(tmp_path: Path, name: str) -> None:
    save_lines(tmp_path / "posts.jsonl", {})

    with pytest.raises(GroundswellError, match="no backup of a study"):
        restore_into(tmp_path / "new", tmp_path / name)

    assert not (tmp_path / "new").exists()


def test_a_folder_that_holds_something_is_left_as_it_is(used: Study) -> None:
    [codings, *_] = back_up(used)

    with pytest.raises(GroundswellError, match="there is a study here already"):
        restore_into(used.root, codings)
