from dataclasses import replace

import pytest
from fakes.observed import ANSWER, BOT, GONE, NOTE, REPLY, ROOT, gone, post_id, save

from db.queries.posts import replace_duplicates
from db.queries.runs import record_unreadable
from db.queries.study import fingerprint, is_empty, problems, set_fingerprint, totals
from db.records import Unreadable
from db.store import Store


def test_a_new_study_has_no_fingerprint_and_no_posts(store: Store) -> None:
    assert fingerprint(store.connection) is None
    assert is_empty(store.connection)
    assert totals(store.connection) == {
        "posts": 0,
        "states": {},
        "threads": 0,
        "communities": 0,
        "authors": 0,
        "bots": 0,
        "notes": 0,
        "duplicates": 0,
        "unreadable": 0,
    }


def test_the_fingerprint_that_was_set_last_is_kept(store: Store) -> None:
    set_fingerprint(store.connection, "0123456789abcdef")
    set_fingerprint(store.connection, "fedcba9876543210")

    assert fingerprint(store.connection) == "fedcba9876543210"


def test_totals_count_what_is_public_and_notes_apart(store: Store) -> None:
    save(store, ROOT, REPLY, gone(ANSWER), replace(REPLY, native_id="t1_bot", author=BOT), NOTE)
    with store.write() as connection:
        replace_duplicates(connection, [(post_id(store, REPLY), post_id(store, ROOT))])
        record_unreadable(connection, [("abc", Unreadable("3", "no id"))], "2026-03-01T00:00:00Z")

    assert not is_empty(store.connection)
    assert totals(store.connection) == {
        "posts": 4,
        "states": {"deleted_by_author": 1, "live": 3},
        "threads": 1,
        "communities": 1,
        "authors": 3,
        "bots": 1,
        "notes": 1,
        "duplicates": 1,
        "unreadable": 1,
    }


def test_a_sound_database_has_no_problems(store: Store) -> None:
    save(store, ROOT, gone(REPLY), replace(ANSWER, author=GONE), NOTE)

    assert problems(store.connection) == []


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ("UPDATE posts SET state = 'removed' WHERE native_id = 't3_root'", "1 deleted posts still hold text"),
        ("DELETE FROM observations", "2 posts are without their observation record"),
        (
            "UPDATE authors SET address = 'reddit:mira_k' WHERE address = 'reddit:~00000000a1b2'",
            "1 posts bear an author outside the pseudonyms",
        ),
    ],
)
def test_a_rule_that_is_broken_is_told(store: Store, damage: str, problem: str) -> None:
    save(store, ROOT, REPLY)

    store.connection.execute(damage)

    assert problems(store.connection) == [problem]


def test_a_reference_to_nothing_is_told(store: Store) -> None:
    save(store, ROOT)
    store.connection.execute("PRAGMA foreign_keys = OFF")

    store.connection.execute("UPDATE posts SET id = 5, thread = 77")

    assert "posts: row 5 points to nothing in threads" in problems(store.connection)
