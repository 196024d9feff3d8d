import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from sqlite3 import Connection

import pytest
from fakes import endless_writer
from fakes.observed import REPLY, ROOT, THIRD, dump, gone, post_id, rows, save
from sqlite_utils import Database

from db.errors import Busy, ConfigurationError, GroundswellError
from db.queries.study import problems
from db.schema import SCHEMA_VERSION
from db.store import Store, copy_database, pending_migrations

TESTS = Path(__file__).parents[1]
SECRET = "nobody-may-ever-read-this-again"
MANY = [
    replace(REPLY, native_id=f"t1_{n}", created_at=f"2026-01-04T{n % 24:02d}:{n % 60:02d}:00Z", text=f"text {n} " * 90)
    for n in range(400)
]


@pytest.fixture
def second(store: Store) -> Iterator[Store]:
    with Store(store.path) as other:
        other.connection.execute("PRAGMA busy_timeout = 20")
        yield other


def _all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def _pragma(store: Store, name: str) -> object:
    return store.connection.execute(f"PRAGMA {name}").fetchone()[0]


def _change_two_tables_and_fail(connection: Connection) -> None:
    connection.execute("UPDATE posts SET score = 0")
    connection.execute("INSERT INTO meta (key, value) VALUES ('a', 'b')")
    raise StopIteration


def test_a_new_database_is_made_only_when_asked_for(database: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no database here") as refused:
        Store(database)

    assert refused.value.hint == "groundswell init DIR makes a study"
    assert not database.exists()


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        Store(tmp_path / "nowhere" / "study.db", create=True)


def test_every_connection_blanks_deleted_rows_and_holds_foreign_keys(store: Store) -> None:
    with Store(store.path) as other:
        found = [_pragma(other, name) for name in ("secure_delete", "foreign_keys", "journal_mode")]

    assert found == [1, 1, "wal"]


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(database: Path) -> None:
    database.write_bytes(b"a letter to a friend, and no database at all" * 50)

    with pytest.raises(ConfigurationError, match="not a database"):
        Store(database)

    assert database.read_bytes() == b"a letter to a friend, and no database at all" * 50


@pytest.mark.parametrize("create", [True, False])
def test_a_newer_schema_is_refused_and_left_as_it_is(tmp_path: Path, database: Path, create: bool) -> None:
    with Store(database, create=True) as store:
        save(store, ROOT)
        store.connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = _all_bytes(tmp_path)

    with pytest.raises(ConfigurationError, match="written by a newer groundswell"):
        Store(database, create=create)

    assert _all_bytes(tmp_path) == before


def test_an_older_schema_asks_for_a_migration(database: Path) -> None:
    Database(database).close()

    with pytest.raises(ConfigurationError, match="older than this groundswell") as refused:
        Store(database)

    assert refused.value.hint == "groundswell db migrate"


def test_migrations_that_are_pending_are_listed_and_not_applied(database: Path) -> None:
    Database(database).close()

    assert pending_migrations(database) == ["0001_study"]
    assert pending_migrations(database) == ["0001_study"]


def test_a_second_migration_does_nothing(store: Store, database: Path) -> None:
    assert store.migrate() == []
    assert pending_migrations(database) == []


def test_pending_migrations_of_a_missing_file_are_an_error(database: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no database here"):
        pending_migrations(database)

    assert not database.exists()


def test_pending_migrations_of_a_file_that_is_no_database_are_an_error(database: Path) -> None:
    database.write_bytes(b"no database" * 100)

    with pytest.raises(ConfigurationError, match="not a database"):
        pending_migrations(database)


def test_a_closed_store_leaves_one_file_and_may_be_closed_again(tmp_path: Path, database: Path) -> None:
    store = Store(database, create=True)
    save(store, ROOT)

    store.close()
    store.close()

    assert [path.name for path in tmp_path.iterdir()] == ["study.db"]


def test_a_write_that_fails_is_rolled_back_whole(store: Store) -> None:
    save(store, ROOT)
    before = dump(store)

    with pytest.raises(StopIteration), store.write() as connection:
        _change_two_tables_and_fail(connection)

    assert dump(store) == before
    assert not store.connection.in_transaction


def test_a_constraint_that_is_hurt_rolls_back_whole_and_is_shown_as_it_is(store: Store) -> None:
    save(store, ROOT, REPLY)
    before = dump(store)

    with pytest.raises(Exception, match="CHECK constraint failed: state"), store.write() as connection:
        connection.execute("UPDATE posts SET state = CASE kind WHEN 'post' THEN 'removed' ELSE 'lost' END")

    assert dump(store) == before


def test_a_second_writer_is_told_that_another_process_writes(store: Store, second: Store) -> None:
    with store.write(), pytest.raises(Busy, match="another process is writing"), second.write():
        pass

    with second.write() as connection:
        connection.execute("INSERT INTO meta (key, value) VALUES ('a', 'b')")


def test_a_reader_sees_the_last_commit_while_another_writes(store: Store, second: Store) -> None:
    save(store, ROOT)

    with store.write() as connection:
        connection.execute("UPDATE posts SET score = 99")
        seen = rows(second, "SELECT score FROM posts")

    assert seen == [{"score": 12}]


def test_a_full_disk_gives_one_clear_error_and_keeps_the_old_rows(database: Path) -> None:
    with Store(database, create=True) as store:
        save(store, ROOT)
        before = dump(store)
        store.connection.execute(f"PRAGMA max_page_count = {_pragma(store, 'page_count')}")

        with pytest.raises(GroundswellError, match="disk is full; nothing of this step was kept") as full:
            save(store, *MANY)

        assert (full.value.exit_code, full.value.hint) == (1, "free some space and run it again")
        assert dump(store) == before
        store.connection.execute("PRAGMA max_page_count = 100000")
        assert save(store, *MANY).new == len(MANY)


def test_a_file_that_may_only_be_read_is_told(store: Store) -> None:
    store.connection.execute("PRAGMA query_only = ON")

    with pytest.raises(ConfigurationError, match="readonly") as refused:
        save(store, ROOT)

    assert refused.value.hint == "check the rights of the study's folder"


def test_a_deleted_text_leaves_no_byte_in_the_file(tmp_path: Path, database: Path) -> None:
    secret = replace(REPLY, text=f"{SECRET} my reply")
    with Store(database, create=True) as store:
        save(store, replace(ROOT, title=f"{SECRET} my title", text=SECRET * 500), secret, *MANY[:50])
        save(store, replace(secret, text=f"{SECRET} once more", observed_at=THIRD))
    assert SECRET.encode() in _all_bytes(tmp_path)

    with Store(database) as store:
        save(store, gone(ROOT, "2026-02-09T00:00:00Z"), gone(secret, "2026-02-09T00:00:00Z"))

    assert SECRET.encode() not in _all_bytes(tmp_path)


@pytest.mark.parametrize("seed", range(6))
def test_copies_of_deleted_texts_that_moved_between_pages_are_scrubbed(database: Path, seed: int) -> None:
    order = Random(seed)
    marked = [replace(post, text=f"<{post.native_id}>" + "w" * order.randint(0, 900)) for post in MANY]
    order.shuffle(marked)
    with Store(database, create=True) as store:
        for start in range(0, len(marked), 20):
            save(store, *marked[start : start + 20])
        save(store, *(gone(post) for post in marked[:100]))

    left = database.read_bytes()

    assert [post.native_id for post in marked[:100] if f"<{post.native_id}>".encode() in left] == []


def test_a_file_that_could_not_be_scrubbed_is_scrubbed_by_the_next_to_close_it(
    tmp_path: Path, database: Path, store: Store, second: Store
) -> None:
    save(store, replace(ROOT, text=SECRET))
    save(store, gone(ROOT))
    with second.write():
        store.close()
    assert rows(second, "SELECT key FROM meta") == [{"key": "lost_texts"}]

    second.close()

    assert SECRET.encode() not in _all_bytes(tmp_path)
    with Store(database) as again:
        assert rows(again, "SELECT key FROM meta") == []


def test_scrubbing_keeps_the_internal_ids(database: Path) -> None:
    with Store(database, create=True) as store:
        save(store, ROOT, REPLY)
        before = post_id(store, REPLY)
        save(store, gone(ROOT))

    with Store(database) as store:
        assert post_id(store, REPLY) == before


def test_a_copy_holds_everything_even_while_the_database_is_open(tmp_path: Path, database: Path, store: Store) -> None:
    save(store, ROOT, REPLY)

    copy_database(database, tmp_path / "copy.db")

    with Store(tmp_path / "copy.db") as copy:
        assert dump(copy) == dump(store)


@pytest.mark.parametrize("batches", Random(20).sample(range(1, 60), 20))
def test_a_kill_in_the_middle_of_writing_loses_no_batch_that_was_acknowledged(database: Path, batches: int) -> None:
    command = [sys.executable, endless_writer.__file__, str(database)]
    environment = {"PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as writer:
        assert writer.stdout is not None
        heard = [int(writer.stdout.readline()) for _ in range(batches)]
        writer.kill()
        heard += [int(line) for line in writer.stdout]

    with Store(database) as store:
        stored = rows(store, "SELECT substr(text, 1, 11) AS batch, count(*) AS posts FROM posts GROUP BY 1")
        whole = {row["batch"].split()[1] for row in stored if row["posts"] == endless_writer.BATCH}
        assert {str(number) for number in heard} <= whole
        assert len(stored) == len(whole) + 1
        assert problems(store.connection) == []
