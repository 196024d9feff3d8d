import json
import stat
from pathlib import Path

import pytest
from fakes.study import bread_thread, groundswell, make_study, save

from db.errors import ConfigurationError
from db.store import Store
from groundswell.database import back_up, check_database, migrate_study
from groundswell.study import Study


def exported(study: Study) -> list[str]:
    return [line for line in groundswell("-C", study.root, "export", "codings").out.splitlines() if "person" in line]


def test_a_database_of_today_needs_no_migration(study: Study) -> None:
    assert migrate_study(study) == []
    assert not (study.root / "backups").exists()


def test_an_older_database_is_copied_and_then_migrated(study: Study) -> None:
    study.database.write_bytes(b"")

    named, done = migrate_study(study, only_list=True), migrate_study(study)

    assert named == done == ["0001_study"]
    assert [path.name.endswith("-before-migration.db") for path in (study.root / "backups").iterdir()] == [True]
    with Store(study.database) as store:
        assert store.connection.execute("SELECT count(*) FROM posts").fetchone()[0] == 0


def test_to_name_what_is_pending_changes_nothing(study: Study) -> None:
    study.database.write_bytes(b"")

    migrate_study(study, only_list=True)

    assert study.database.read_bytes() == b""
    assert not (study.root / "backups").exists()


def test_a_database_that_is_missing_is_not_made_in_passing(study: Study) -> None:
    study.database.unlink()

    with pytest.raises(ConfigurationError, match="there is no database here"):
        migrate_study(study, only_list=True)

    assert not study.database.exists()


def test_a_file_that_is_no_database_is_not_migrated(study: Study) -> None:
    study.database.write_bytes(b"no database at all" * 100)

    with pytest.raises(ConfigurationError, match="file is not a database"):
        migrate_study(study)


def test_a_backup_holds_what_people_did_and_nothing_of_machines(used: Study) -> None:
    [path] = back_up(used)

    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    assert path.parent == used.root / "backups"
    assert {row["coder_kind"] for row in rows} == {"person"}
    assert len(rows) == 5


def test_only_its_owner_reads_a_backup(used: Study) -> None:
    groundswell("-C", used.root, "collect", "note", "--text", "The baker told me.")

    paths = back_up(used)

    assert [stat.S_IMODE(path.stat().st_mode) for path in paths] == [0o600, 0o600]


def test_a_backup_brings_peoples_work_back_into_an_empty_study_with_the_same_key(used: Study, tmp_path: Path) -> None:
    note = groundswell(
        "-C", used.root, "collect", "note", "--text", "Such dear bread, she said.", "--month", "2026-01",
        "--role", "baker", "--code", "dear-bread=support", "--coder", "ana",
    )  # fmt: skip
    codings, notes = back_up(used)
    empty = make_study(tmp_path / "empty")
    saved = save(tmp_path / "thread.json", bread_thread())

    runs = (
        groundswell("-C", empty.root, "collect", "import", notes, saved),
        groundswell("-C", empty.root, "import", "codings", codings),
    )

    restored_codings, restored_notes = back_up(empty)
    assert [ran.code for ran in (note, *runs)] == [0, 0, 0]
    assert exported(empty) == exported(used)
    assert restored_codings.read_bytes() == codings.read_bytes()
    assert restored_notes.read_bytes() == notes.read_bytes()


def test_a_sound_database_has_no_problem(used: Study) -> None:
    assert check_database(used) == []


def test_a_broken_rule_is_a_problem(used: Study) -> None:
    with used.store() as store, store.write() as connection:
        connection.execute("UPDATE authors SET address = 'reddit:mira_k' WHERE id = 1")
        connection.execute("DELETE FROM observations WHERE post = (SELECT min(id) FROM posts)")

    assert check_database(used) == [
        "1 posts are without their observation record",
        "1 posts bear an author outside the pseudonyms",
    ]
