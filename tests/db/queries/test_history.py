from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.queries.codings import Event, add_events, coder_id, exported_codings
from db.queries.history import Action, actions, events_of, take_back_action, undo_codings
from db.queries.posts import save_observations
from db.queries.threads import settle_threads
from db.records import Author, Observation
from db.store import Store

NOW = "2026-03-01T09:00:00Z"


def post(name: str) -> Observation:
    return Observation(
        platform="site", native_id=name, thread=name, parent=None, kind="post", author=Author(f"site:~{name}"),
        community=None, created_at="2026-01-01T00:00:00Z", edited_at=None, title=None, text=f"words of {name}", url=None,
        thread_url=None, score=None, state="live", observed_at="2026-02-01T00:00:00Z",
    )  # fmt: skip


@pytest.fixture
def two_posts(store: Store) -> Store:
    with store.write() as connection:
        save_observations(connection, [post("p1"), post("p2")])
        settle_threads(connection)
    return store


def post_id(store: Store, number: int) -> int:
    row = store.connection.execute("SELECT id FROM posts WHERE address = ?", (f"site:p{number}",)).fetchone()
    return int(row["id"])


def write(store: Store, uid: str, post: int = 1, **changes: Any) -> None:
    """A coding of the first post by ana, unless told otherwise; `coder` is (name, kind)."""
    with store.write() as connection:
        coder = coder_id(connection, *changes.pop("coder", ("ana", "person")))
        values: dict[str, Any] = {
            "post": post_id(store, post), "code": "queue", "value": "present", "stance": None, "number": None, "start": None, "end": None,
            "text_sha": "sha", "version": None, "codebook_revision": None, "round": "r1", "created_at": NOW,
            "blind": True, "suggestion_shown": True, "reason": "slip",
        }  # fmt: skip
        assert add_events(connection, [Event(uid=uid, coder=coder, **{**values, **changes})]) == 1


def take_back(store: Store, action: str, batch: str) -> tuple[int, int]:
    with store.write() as connection:
        return take_back_action(connection, action, batch, NOW)


def standing(store: Store) -> list[dict[str, Any]]:
    return list(exported_codings(store.connection))


def test_what_was_written_together_is_one_action_and_the_last_comes_first(two_posts: Store) -> None:
    write(two_posts, "a", batch="b1")
    write(two_posts, "b", batch="b1", post=2, coder=("ben", "person"))
    write(two_posts, "c", batch="b2", created_at="2026-03-02T00:00:00Z")

    assert list(actions(two_posts.connection)) == [
        Action("b2", "2026-03-02T00:00:00Z", (("ana", "person"),), 1, 0, 1, 1),
        Action("b1", NOW, (("ana", "person"), ("ben", "person")), 2, 0, 2, 2),
    ]


def test_without_a_batch_each_coding_of_a_person_is_an_action(two_posts: Store) -> None:
    write(two_posts, "a")
    write(two_posts, "b", post=2)

    assert [action.id for action in actions(two_posts.connection)] == ["b", "a"]


def test_without_a_batch_what_a_machine_wrote_at_one_moment_is_an_action(two_posts: Store) -> None:
    rules = ("rules", "rules")
    write(two_posts, "old", coder=rules, created_at="2026-01-01T00:00:00Z")
    write(two_posts, "new", coder=rules)
    write(two_posts, "new too", post=2, coder=rules)

    last, first = actions(two_posts.connection)

    assert (last.id, last.codings) == (f"rules@{NOW}", 2)
    assert (first.id, first.codings) == ("rules@2026-01-01T00:00:00Z", 1)


def test_the_events_of_an_action_say_what_became_of_them(two_posts: Store) -> None:
    write(two_posts, "a", batch="b1")
    write(two_posts, "b", batch="b1", post=2)
    with two_posts.write() as connection:
        undo_codings(connection, [1], "later", NOW)

    events = {(e["uid"], e["post"]): (e["undoes"], e["undone"]) for e in events_of(two_posts.connection, "b1")}
    undoings = [(e["post"], e["undoes"], e["undone"]) for e in events_of(two_posts.connection, "later")]

    assert events == {("a", "site:p1"): (False, True), ("b", "site:p2"): (False, False)}
    assert undoings == [("site:p1", True, False)]


def test_taking_an_action_back_leaves_its_codings_in_the_log(two_posts: Store) -> None:
    write(two_posts, "a", batch="b1")
    write(two_posts, "b", batch="b1", post=2)
    write(two_posts, "c", batch="b2", code="other")

    assert take_back(two_posts, "b1", "u1") == (2, 0)
    assert [row["code"] for row in standing(two_posts)] == ["other"]
    assert [(a.id, a.codings, a.undoings, a.standing) for a in actions(two_posts.connection)] == [
        ("u1", 0, 2, 2),
        ("b2", 1, 0, 1),
        ("b1", 2, 0, 0),
    ]


def test_only_what_still_stands_is_taken_back(two_posts: Store) -> None:
    write(two_posts, "a", batch="b1")
    write(two_posts, "b", batch="b1", post=2)
    with two_posts.write() as connection:
        undo_codings(connection, [1], "earlier", NOW)

    assert take_back(two_posts, "b1", "u1") == (1, 0)
    assert take_back(two_posts, "b1", "u2") == (0, 0)


def test_an_undoing_that_is_taken_back_brings_every_field_back(two_posts: Store) -> None:
    write(two_posts, "a", batch="b1", adjudicated=True, stance="support", number=2.5, start=0, end=5)
    before = standing(two_posts)

    take_back(two_posts, "b1", "u1")
    gone = standing(two_posts)

    assert take_back(two_posts, "u1", "u2") == (0, 1)
    assert (gone, standing(two_posts)) == ([], before)
    assert [(a.id, a.standing) for a in actions(two_posts.connection)] == [("u2", 1), ("u1", 0), ("b1", 0)]


def test_undoing_goes_back_and_forth_as_often_as_one_likes(two_posts: Store) -> None:
    write(two_posts, "a", batch="b1")

    for step in range(1, 6):
        take_back(two_posts, f"u{step - 1}" if step > 1 else "b1", f"u{step}")
        assert len(standing(two_posts)) == (step + 1) % 2


def test_taking_back_a_run_that_wrote_and_undid_brings_back_what_stood_before(two_posts: Store) -> None:
    rules = ("rules", "rules")
    write(two_posts, "old", coder=rules, batch="run1", version="1")
    before = standing(two_posts)
    write(two_posts, "new", coder=rules, batch="run2", version="2")
    with two_posts.write() as connection:
        undo_codings(connection, [1], "run2", NOW)

    assert take_back(two_posts, "run2", "u1") == (1, 1)
    assert standing(two_posts) == before


def test_what_a_machine_said_anew_is_not_brought_back_beside_it(two_posts: Store) -> None:
    rules = ("rules", "rules")
    write(two_posts, "first", coder=rules, batch="run1")
    take_back(two_posts, "run1", "u1")
    write(two_posts, "again", coder=rules, batch="run2", created_at="2026-03-05T00:00:00Z")

    assert take_back(two_posts, "u1", "u2") == (0, 0)
    assert len(standing(two_posts)) == 1
    assert [a.standing for a in actions(two_posts.connection) if a.id == "u1"] == [0]


def test_what_a_person_said_at_another_moment_is_another_coding(two_posts: Store) -> None:
    write(two_posts, "first", batch="b1")
    take_back(two_posts, "b1", "u1")
    write(two_posts, "again", batch="b2", created_at="2026-03-05T00:00:00Z")

    assert take_back(two_posts, "u1", "u2") == (0, 1)
    assert len(standing(two_posts)) == 2


def test_long_actions_are_taken_back_whole(two_posts: Store) -> None:
    with two_posts.write() as connection:
        coder = coder_id(connection, "ana", "person")
        events = (
            Event(
                f"e{n}",
                post_id(two_posts, 1),
                f"c{n}",
                "present",
                None,
                None,
                None,
                None,
                None,
                coder,
                None,
                None,
                None,
                NOW,
                batch="b",
            )
            for n in range(1201)
        )
        add_events(connection, events)

    assert take_back(two_posts, "b", "u") == (1201, 0)
    assert take_back(two_posts, "u", "v") == (0, 1201)
    assert len(standing(two_posts)) == 1201


Step = tuple[str, int, int]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["write", "undo"]), st.integers(0, 1), st.integers(0, 30)), max_size=14))
def test_undoing_an_undoing_always_gives_what_stood_before_it(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    with Store(tmp_path_factory.mktemp("study") / "study.db", create=True) as store:
        with store.write() as connection:
            save_observations(connection, [post("p1"), post("p2")])
            settle_threads(connection)
        _play(store, steps, lambda: None)
        before = sorted(map(str, standing(store)))

        for action in [action.id for action in actions(store.connection)]:
            take_back(store, action, f"there {action}")
            take_back(store, f"there {action}", f"back {action}")
            assert sorted(map(str, standing(store))) == before


def _play(store: Store, steps: list[Step], after: Callable[[], None]) -> None:
    """Write codings and take back actions, in any order."""
    for number, (step, which, at) in enumerate(steps):
        known = [action.id for action in actions(store.connection)]
        if step == "write":
            moment = f"2026-03-01T09:{number:02}:00Z"
            write(store, f"e{number}", batch=f"b{at % 3}", post=which + 1, code=f"c{at % 2}", created_at=moment)
        elif known:
            take_back(store, known[at % len(known)], f"u{number}")
        after()


def test_nothing_is_ever_deleted_or_overwritten(two_posts: Store) -> None:
    steps: list[Step] = [
        ("write", 0, 0),
        ("write", 1, 1),
        ("undo", 0, 0),
        ("undo", 0, 0),
        ("write", 0, 2),
        ("undo", 0, 0),
    ]
    query = "SELECT id, uid, post, code, value, coder, created_at, batch, undo_of FROM coding_events"
    logs: list[set[tuple[Any, ...]]] = []

    _play(two_posts, steps, lambda: logs.append({tuple(row) for row in two_posts.connection.execute(query)}))

    assert [len(log) for log in logs] == [1, 2, 3, 4, 5, 6]
    assert all(earlier < later for earlier, later in pairwise(logs))
