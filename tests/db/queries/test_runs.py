from dataclasses import replace

import pytest
from fakes.observed import rows

from db.queries.runs import (
    Request,
    Task,
    add_counts,
    add_tasks,
    clear_frontier,
    close_killed,
    drop_old_unreadable,
    finish_run,
    finish_task,
    next_task,
    open_tasks,
    record_requests,
    record_unreadable,
    start_run,
)  # fmt: skip
from db.records import Counts, Unreadable
from db.store import Store

START, END = "2026-03-01T08:00:00Z", "2026-03-01T08:05:00Z"
ROOT_TASK = Task("reddit_api", "t3_a", "thread", {"sort": "old", "limit": 500})
MORE_TASK = Task("reddit_api", "t3_a", "more", {"children": ["x", "y"]})
REQUEST = Request("reddit_api", "GET", "https://example.org/a", START)


def _run(store: Store) -> int:
    return start_run(store.connection, "collect url", {"threads": ["reddit:t3_a"], "source": "auto"}, "0.1.0", START)


def _task_ids(store: Store) -> list[int]:
    return [row["id"] for row in rows(store, "SELECT id FROM frontier ORDER BY id")]


def test_a_run_is_recorded_from_its_start(store: Store) -> None:
    run = _run(store)

    assert rows(store, "SELECT * FROM runs") == [
        {
            "id": run,
            "command": "collect url",
            "parameters": '{"source": "auto", "threads": ["reddit:t3_a"]}',
            "version": "0.1.0",
            "state": "running",
            "started_at": START,
            "finished_at": None,
            "posts_seen": 0,
            "posts_new": 0,
            "posts_changed": 0,
            "problems": 0,
        }
    ]


def test_a_finished_run_has_its_outcome_and_what_its_pages_did(store: Store) -> None:
    run, other = _run(store), _run(store)

    add_counts(store.connection, run, Counts(seen=5, new=3, changed=1), problems=2)
    add_counts(store.connection, run, Counts(seen=1, new=1, changed=0))
    finish_run(store.connection, run, "partial", END)

    assert rows(store, "SELECT id, state, finished_at, posts_seen, posts_new, posts_changed, problems FROM runs") == [
        {"id": run, "state": "partial", "finished_at": END, "posts_seen": 6, "posts_new": 4, "posts_changed": 1,
         "problems": 2},
        {"id": other, "state": "running", "finished_at": None, "posts_seen": 0, "posts_new": 0, "posts_changed": 0,
         "problems": 0},
    ]  # fmt: skip


def test_earlier_runs_that_never_ended_are_called_interrupted(store: Store) -> None:
    done, killed, current = _run(store), _run(store), _run(store)
    finish_run(store.connection, done, "done", END)

    closed = close_killed(store.connection, current)

    assert closed == 1
    assert rows(store, "SELECT id, state FROM runs") == [
        {"id": done, "state": "done"},
        {"id": killed, "state": "interrupted"},
        {"id": current, "state": "running"},
    ]


def test_a_state_that_does_not_exist_is_refused(store: Store) -> None:
    run = _run(store)

    with pytest.raises(Exception, match="CHECK constraint failed"):
        finish_run(store.connection, run, "fine", END)


def test_requests_are_recorded_with_all_that_is_known_of_them(store: Store) -> None:
    run = _run(store)
    full = replace(
        REQUEST, status=200, bytes=17, sha256="ab", waited_ms=600, elapsed_ms=90, rate_limit="98/100", error="cut short"
    )

    record_requests(store.connection, run, [full, REQUEST])

    assert rows(store, "SELECT * FROM requests") == [
        {"id": 1, "run": run, "source": "reddit_api", "method": "GET", "url": "https://example.org/a", "status": 200,
         "bytes": 17, "sha256": "ab", "waited_ms": 600, "elapsed_ms": 90, "rate_limit": "98/100",
         "requested_at": START, "error": "cut short"},
        {"id": 2, "run": run, "source": "reddit_api", "method": "GET", "url": "https://example.org/a", "status": None,
         "bytes": None, "sha256": None, "waited_ms": 0, "elapsed_ms": None, "rate_limit": None,
         "requested_at": START, "error": None},
    ]  # fmt: skip


def test_a_request_belongs_to_a_run(store: Store) -> None:
    with pytest.raises(Exception, match="FOREIGN KEY constraint failed"):
        record_requests(store.connection, 77, [REQUEST])


def test_an_item_that_could_not_be_read_is_kept_once(store: Store) -> None:
    item = Unreadable("line 3", "no id", '{"body": "hello"}')

    record_unreadable(store.connection, [("abc 3", item), ("abc 4", Unreadable("line 4", "no time"))], START)
    record_unreadable(store.connection, [("abc 3", item)], END)

    assert rows(store, "SELECT position, problem, item, seen_at FROM unreadable ORDER BY position") == [
        {"position": "line 3", "problem": "no id", "item": '{"body": "hello"}', "seen_at": START},
        {"position": "line 4", "problem": "no time", "item": None, "seen_at": START},
    ]


def test_unreadable_items_are_forgotten_when_they_are_old(store: Store) -> None:
    record_unreadable(store.connection, [("abc 3", Unreadable("line 3", "no id"))], START)
    record_unreadable(store.connection, [("abc 4", Unreadable("line 4", "no id"))], END)

    drop_old_unreadable(store.connection, END)

    assert rows(store, "SELECT position FROM unreadable") == [{"position": "line 4"}]


def test_work_is_taken_from_the_frontier_in_the_order_in_which_it_was_put_there(store: Store) -> None:
    add_tasks(store.connection, [ROOT_TASK, MORE_TASK])
    first, second = _task_ids(store)
    before = next_task(store.connection, "reddit_api", "t3_a")

    finish_task(store.connection, first)

    assert before == (first, ROOT_TASK)
    assert next_task(store.connection, "reddit_api", "t3_a") == (second, MORE_TASK)
    assert open_tasks(store.connection, "t3_a") == 1


def test_threads_and_sources_do_not_take_each_others_work(store: Store) -> None:
    add_tasks(store.connection, [ROOT_TASK])

    assert next_task(store.connection, "reddit_api", "t3_b") is None
    assert next_task(store.connection, "arctic_shift", "t3_a") is None


def test_work_that_is_done_is_not_done_again_until_the_thread_is_walked_anew(store: Store) -> None:
    add_tasks(store.connection, [ROOT_TASK])
    finish_task(store.connection, _task_ids(store)[0])
    add_tasks(store.connection, [ROOT_TASK])
    before = next_task(store.connection, "reddit_api", "t3_a")

    clear_frontier(store.connection, "reddit_api", "t3_a")
    add_tasks(store.connection, [ROOT_TASK])

    assert before is None
    assert open_tasks(store.connection, "t3_a") == 1


def test_clearing_a_thread_keeps_what_is_still_to_do_and_all_other_threads(store: Store) -> None:
    add_tasks(store.connection, [ROOT_TASK, MORE_TASK, replace(ROOT_TASK, target="t3_b")])
    done, left, elsewhere = _task_ids(store)
    finish_task(store.connection, done)
    finish_task(store.connection, elsewhere)

    clear_frontier(store.connection, "reddit_api", "t3_a")

    assert _task_ids(store) == [left, elsewhere]


def test_work_that_was_given_up_says_why(store: Store) -> None:
    add_tasks(store.connection, [ROOT_TASK, MORE_TASK])
    first, second = _task_ids(store)

    finish_task(store.connection, first, "gave_up", "no such thread")
    finish_task(store.connection, second, "gave_up", "an empty answer")

    assert rows(store, "SELECT state, tries, problem FROM frontier ORDER BY id") == [
        {"state": "gave_up", "tries": 1, "problem": "no such thread"},
        {"state": "gave_up", "tries": 1, "problem": "an empty answer"},
    ]
