from pathlib import Path

import pytest

from db.errors import ConfigurationError, GroundswellError
from db.store import Store
from groundswell import database
from groundswell.database import check_database, migrate_study
from groundswell.study import Study


def test_a_database_of_today_needs_no_migration(study: Study) -> None:
    assert migrate_study(study) == []
    assert not (study.root / "backups").exists()


def test_an_older_database_is_copied_and_then_migrated(study: Study) -> None:
    study.database.write_bytes(b"")

    named, done = migrate_study(study, only_list=True), migrate_study(study)

    assert named == done == ["0001_study"]
    assert sorted(path.name.partition("-")[2] for path in (study.root / "backups").iterdir()) == [
        "before-migration-codebook.jsonl",
        "before-migration.db",
    ]
    with Store(study.database) as store:
        assert store.connection.execute("SELECT count(*) FROM posts").fetchone()[0] == 0


def test_a_migration_that_fails_on_the_copy_leaves_the_database_as_it_was(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_store: Store) -> list[str]:
        raise RuntimeError

    study.database.write_bytes(b"")
    monkeypatch.setattr(Store, "migrate", fail)

    with pytest.raises(RuntimeError):
        migrate_study(study)

    assert study.database.read_bytes() == b""
    assert [path.suffix for path in (study.root / "backups").iterdir()] == [".db"]


def test_a_database_is_not_migrated_without_a_backup(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> list[Path]:
        raise GroundswellError("the disk is full")

    study.database.write_bytes(b"")
    monkeypatch.setattr(database, "write_backup", fail)

    with pytest.raises(GroundswellError, match="the disk is full"):
        migrate_study(study)

    assert study.database.read_bytes() == b""


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
