import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes.study import groundswell

from groundswell.study import Study


def test_a_database_of_today_needs_no_migration(study: Study) -> None:
    ran = groundswell("-C", study.root, "db", "migrate")

    assert (ran.code, ran.out) == (0, "nothing to do\n")


def test_pending_migrations_are_named_and_applied(study: Study) -> None:
    study.database.write_bytes(b"")

    before = groundswell("-C", study.root, "export", "posts")
    named = groundswell("-C", study.root, "db", "migrate", "--list")
    done = groundswell("-C", study.root, "db", "migrate")

    assert (before.code, before.err.splitlines()[-1]) == (3, "hint: groundswell db migrate")
    assert named.out == done.out == "0001_study\n"
    assert groundswell("-C", study.root, "export", "posts").code == 0


def test_a_backup_is_named(used: Study) -> None:
    ran = groundswell("-C", used.root, "db", "backup")

    assert ran.code == 0
    assert ran.out.startswith(str(used.root / "backups"))
    assert [line.rpartition("-")[2] for line in ran.out.splitlines()] == ["codings.jsonl", "codebook.jsonl"]


def test_a_sound_database_is_in_order(used: Study) -> None:
    ran = groundswell("-C", used.root, "db", "check")

    assert (ran.code, ran.out, ran.err) == (0, "the database is in order\n", "")


def test_a_database_with_a_problem_ends_with_6_and_names_it(used: Study) -> None:
    with used.store() as store, store.write() as connection:
        connection.execute("UPDATE posts SET state = 'removed'")

    ran = groundswell("-C", used.root, "db", "check")

    assert (ran.code, ran.out) == (6, "3 deleted posts still hold text\n")
    assert ran.err.startswith("error: 1 problems in the database\n")


@pytest.mark.parametrize("command", ["check", "migrate", "backup"])
def test_a_file_that_is_no_database_ends_with_3(study: Study, command: str) -> None:
    study.database.write_bytes(b"no database at all" * 100)

    ran = groundswell("-C", study.root, "db", command)

    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(f"error: {study.database}: file is not a database\nhint: ")


@pytest.mark.slow
def test_a_database_that_another_program_keeps_ends_with_5(used: Study) -> None:
    with closing(sqlite3.connect(used.database)) as other:
        other.execute("BEGIN IMMEDIATE")

        ran = groundswell("-C", used.root, "code", "apply")

    assert (ran.code, ran.out) == (5, "")
    assert "another process is writing" in ran.err


def test_a_backup_makes_a_new_study(used: Study, tmp_path: Path) -> None:
    groundswell("-C", used.root, "db", "backup")

    ran = groundswell("db", "restore", used.root / "backups", "--into", tmp_path / "new")

    assert ran.code == 0
    assert ran.out.splitlines() == [
        f"{tmp_path / 'new'}: 0 codings restored (0 new), 0 private notes, one other row",
        f"5 codings of posts without a text here: kept in {next((tmp_path / 'new' / 'backups').iterdir())}",
    ]
    assert f"the key is that of {used.root}" in ran.err


def test_what_waited_comes_back_with_its_posts(used: Study, tmp_path: Path) -> None:
    groundswell("-C", used.root, "db", "backup")
    groundswell("db", "restore", used.root / "backups", "--into", tmp_path / "new")
    groundswell("-C", tmp_path / "new", "collect", "import", used.root.parent / "bread_thread.json")

    ran = groundswell("-C", tmp_path / "new", "db", "restore", used.root / "backups")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{tmp_path / 'new'}: 5 codings restored (5 new), 0 private notes, 0 other rows\n"


def test_a_backup_with_a_broken_line_ends_with_4_and_names_it(used: Study, tmp_path: Path) -> None:
    first, *_ = groundswell("-C", used.root, "db", "backup").out.splitlines()
    with Path(first).open("a", encoding="utf-8") as file:
        file.write("{broken\n")

    ran = groundswell("db", "restore", first, "--into", tmp_path / "new")

    assert ran.code == 4
    assert f"{first}: line 6: " in ran.err


def test_to_restore_where_there_is_no_backup_ends_with_1(study: Study, tmp_path: Path) -> None:
    ran = groundswell("-C", study.root, "db", "restore", tmp_path / "nowhere")

    assert (ran.code, ran.err.splitlines()[0]) == (1, f"error: {tmp_path / 'nowhere'}: no backup of a study")
