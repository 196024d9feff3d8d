from dataclasses import replace

import pytest
from fakes.observed import MIRA, NOTE, REPLY, ROOT, coding, post_id, rows, save

from db.queries.codings import add_events, coder_id
from db.queries.runs import Request, add_counts, finish_run, record_requests, start_run
from db.records import Counts
from db.schema import SCHEMA_VERSION, STATES
from db.store import Store

NINE, TEN = "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"
VIEWS = ("public_posts", "posts_readable", "codings_current", "code_counts", "disagreements", "runs_summary")


@pytest.fixture
def coded(store: Store) -> Store:
    """Two people and a rule set on a thread and a note: they agree on the root, differ on the reply."""
    save(store, ROOT, REPLY, NOTE)
    with store.write() as connection:
        ana, ben = (coder_id(connection, name, "person") for name in ("ana", "ben"))
        rules = coder_id(connection, "rules", "rules")
        root, reply, note = (post_id(store, post) for post in (ROOT, REPLY, NOTE))
        add_events(
            connection,
            [
                coding("1", root, ana),
                coding("2", root, ben),
                coding("3", reply, ana, value="absent", created_at=NINE),
                coding("4", reply, ana, stance="support", created_at=TEN),
                coding("5", reply, ben, stance="dispute"),
                coding("6", reply, ben, code="unsure-of-this", value="unsure"),
                coding("7", reply, ana, code="unsure-of-this"),
                coding("8", reply, rules, value="absent", start=0, end=4),
                coding("9", reply, rules, start=5, end=8),
                coding("10", note, ana),
            ],
        )
    return store


def test_the_schema_has_its_version_in_the_file(store: Store) -> None:
    assert rows(store, "PRAGMA user_version") == [{"user_version": SCHEMA_VERSION}]


def test_every_table_of_ours_is_strict(store: Store) -> None:
    loose = rows(
        store,
        "SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND name NOT LIKE '%sqlite%'"
        " AND schema = 'main'",
    )

    assert loose == []


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_can_be_selected_when_the_study_is_empty(store: Store, view: str) -> None:
    assert rows(store, f"SELECT * FROM {view}") == []


def test_there_is_no_view_besides(store: Store) -> None:
    names = {row["name"] for row in rows(store, "SELECT name FROM sqlite_schema WHERE type = 'view'")}

    assert names == set(VIEWS)


@pytest.mark.parametrize("state", STATES)
def test_every_state_can_be_stored(store: Store, state: str) -> None:
    save(store, ROOT)

    store.connection.execute("UPDATE posts SET state = ?", (state,))

    assert rows(store, "SELECT state FROM posts") == [{"state": state}]


def test_posts_are_readable_with_names_in_place_of_ids(store: Store) -> None:
    save(store, ROOT, NOTE)

    assert rows(store, "SELECT * FROM posts_readable") == [
        {
            "address": "reddit:t3_root",
            "community": "r/learnml",
            "thread": "reddit:t3_root",
            "parent": None,
            "author": MIRA.address,
            "kind": "post",
            "created_at": "2026-01-03T10:00:00Z",
            "title": "Which title fits?",
            "text": "My job has three names.",
            "score": 12,
            "state": "live",
            "url": "https://www.reddit.com/comments/root/",
        }
    ]


def test_public_posts_hold_no_private_note(store: Store) -> None:
    save(store, NOTE, ROOT, replace(NOTE, native_id="n2", thread="n2", private=False))

    assert [row["address"] for row in rows(store, "SELECT address FROM public_posts ORDER BY 1")] == [
        "note:n2", "reddit:t3_root"
    ]  # fmt: skip


def test_current_codings_are_a_persons_last_word_and_all_that_machines_marked(coded: Store) -> None:
    found = rows(
        coded,
        "SELECT coder, value, stance, start FROM codings_current WHERE post = 'reddit:t1_reply' AND code = 'confusion'"
        " ORDER BY coder, start",
    )

    assert [tuple(row.values()) for row in found] == [
        ("ana", "present", "support", None),
        ("ben", "present", "dispute", None),
        ("rules", "absent", None, 0),
        ("rules", "present", None, 5),
    ]


def test_codes_are_counted_by_coder_and_what_was_said_without_private_notes(coded: Store) -> None:
    found = rows(coded, "SELECT coder, value, stance, posts FROM code_counts WHERE code = 'confusion' ORDER BY 1, 2, 3")

    assert [tuple(row.values()) for row in found] == [
        ("ana", "present", None, 1),
        ("ana", "present", "support", 1),
        ("ben", "present", None, 1),
        ("ben", "present", "dispute", 1),
        ("rules", "absent", None, 1),
        ("rules", "present", None, 1),
    ]


def test_people_who_differ_are_a_disagreement_and_being_unsure_is_none(coded: Store) -> None:
    assert rows(coded, "SELECT * FROM disagreements") == [
        {
            "post": "reddit:t1_reply",
            "code": "confusion",
            "codings": "ana: present support; ben: present dispute",
        }
    ]


def test_runs_are_summed_up_with_their_requests(store: Store) -> None:
    run = start_run(store.connection, "collect url", {}, "0.1.0", NINE)
    add_counts(store.connection, run, Counts(seen=3, new=2, changed=1), problems=1)
    record_requests(store.connection, run, [Request("reddit_api", "GET", "https://example.org/a", NINE)] * 2)
    finish_run(store.connection, run, "partial", TEN)

    assert rows(store, "SELECT * FROM runs_summary") == [
        {
            "id": run,
            "command": "collect url",
            "state": "partial",
            "started_at": NINE,
            "finished_at": TEN,
            "posts_seen": 3,
            "posts_new": 2,
            "posts_changed": 1,
            "problems": 1,
            "requests": 2,
        }
    ]
