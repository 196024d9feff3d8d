from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes.observed import NOTE, REPLY, ROOT, SECOND, coding, post_id, rows, save
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.codings import store_codings
from db.queries.codings import (
    Event,
    PersonCoding,
    add_events,
    coder_counts,
    coder_id,
    exported_codings,
    machine_codings,
    machine_mentions,
    people_codings,
    revisions,
    save_revision,
)  # fmt: skip
from db.queries.history import undo_codings
from db.records import Coding
from db.store import Store

NINE, TEN, ELEVEN = "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"


@pytest.fixture
def posts(store: Store) -> tuple[int, int, int]:
    save(store, ROOT, REPLY, NOTE)
    return post_id(store, ROOT), post_id(store, REPLY), post_id(store, NOTE)


@pytest.fixture
def ana(store: Store) -> int:
    return coder_id(store.connection, "ana", "person")


@pytest.fixture
def rules(store: Store) -> int:
    return coder_id(store.connection, "rules", "rules")


def _text_hash(store: Store, post: int) -> str:
    return str(store.connection.execute("SELECT text_sha FROM posts WHERE id = ?", (post,)).fetchone()[0])


def _add(store: Store, *events: Event) -> int:
    with store.write() as connection:
        return add_events(connection, events)


def _said(store: Store) -> list[tuple[str, str]]:
    return [(person.coder, person.value) for person in people_codings(store.connection)]


def test_a_coder_is_made_at_first_sight_and_found_again(store: Store, ana: int) -> None:
    assert coder_id(store.connection, "ana", "person") == ana
    assert coder_id(store.connection, "ana", "program") != ana


def test_a_revision_of_the_codebook_is_kept_as_it_was_first(store: Store) -> None:
    save_revision(store.connection, "r1", "one", NINE)
    save_revision(store.connection, "r1", "two", TEN)
    save_revision(store.connection, "r2", "three", TEN)

    assert revisions(store.connection) == {"r1": "one", "r2": "three"}


def test_the_same_coding_is_stored_once(store: Store, posts: tuple[int, int, int], ana: int) -> None:
    event = coding("u1", posts[0], ana)

    assert _add(store, event, coding("u2", posts[1], ana)) == 2
    assert _add(store, event, coding("u3", posts[1], ana)) == 1
    assert _add(store, event) == 0


@pytest.mark.parametrize("wrong", [{"value": "perhaps"}, {"stance": "for"}, {"created_at": None}])
def test_a_coding_that_cannot_be_stored_is_never_lost_in_silence(
    store: Store, posts: tuple[int, int, int], ana: int, wrong: dict[str, Any]
) -> None:
    with pytest.raises(Exception, match="constraint failed"):
        _add(store, coding("u1", posts[0], ana), coding("u2", posts[1], ana, **wrong))

    assert rows(store, "SELECT * FROM coding_events") == []


def test_a_coder_of_no_known_kind_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="CHECK constraint failed"):
        coder_id(store.connection, "ana", "oracle")


def test_an_undo_leaves_an_event_and_the_coding_in_the_log(store: Store, posts: tuple[int, int, int], ana: int) -> None:
    _add(store, coding("u1", posts[0], ana, start=0, end=2), coding("u2", posts[1], ana))
    first, second = (row["id"] for row in rows(store, "SELECT id FROM coding_events ORDER BY id"))

    with store.write() as connection:
        undo_codings(connection, [first], "run-a", TEN)

    assert rows(store, 'SELECT id, uid, start, "end", created_at, undo_of, undone_by FROM coding_events') == [
        {"id": first, "uid": "u1", "start": 0, "end": 2, "created_at": NINE, "undo_of": None, "undone_by": second + 1},
        {"id": second, "uid": "u2", "start": None, "end": None, "created_at": NINE, "undo_of": None, "undone_by": None},
        {"id": second + 1, "uid": f"undo:run-a:{first}", "start": 0, "end": 2, "created_at": TEN, "undo_of": first,
         "undone_by": None},
    ]  # fmt: skip


def test_a_coding_that_was_undone_stands_nowhere(
    store: Store, posts: tuple[int, int, int], ana: int, rules: int
) -> None:
    _add(store, coding("u1", posts[0], ana), coding("m1", posts[0], rules, text_sha=_text_hash(store, posts[0])))
    ids = [row["id"] for row in rows(store, "SELECT id FROM coding_events")]

    with store.write() as connection:
        undo_codings(connection, ids, "run-a", TEN)

    assert list(exported_codings(store.connection)) == []
    assert list(people_codings(store.connection)) == []
    assert list(machine_codings(store.connection, rules)) == []
    assert list(machine_mentions(store.connection)) == []
    assert coder_counts(store.connection) == []
    assert rows(store, "SELECT * FROM codings_current") == []


def test_more_codings_than_sqlite_takes_at_once_are_undone(
    store: Store, posts: tuple[int, int, int], rules: int
) -> None:
    _add(store, *(coding(f"u{number}", posts[0], rules, start=number, end=number + 1) for number in range(1201)))
    ids = [row["id"] for row in rows(store, "SELECT id FROM coding_events")]

    with store.write() as connection:
        undo_codings(connection, ids, "run-a", TEN)

    assert rows(
        store, "SELECT count(*) AS standing FROM coding_events WHERE undone_by IS NULL AND undo_of IS NULL"
    ) == [{"standing": 0}]


def test_what_a_person_said_last_holds(store: Store, posts: tuple[int, int, int], ana: int) -> None:
    _add(
        store,
        coding("u2", posts[0], ana, value="absent", created_at=TEN),
        coding("u1", posts[0], ana, value="present", created_at=NINE),
    )

    assert _said(store) == [("ana", "absent")]
    assert rows(store, "SELECT value FROM codings_current") == [{"value": "absent"}]


def test_an_undone_last_word_gives_the_floor_to_the_word_before(
    store: Store, posts: tuple[int, int, int], ana: int
) -> None:
    _add(store, coding("u1", posts[0], ana), coding("u2", posts[0], ana, value="absent", created_at=TEN))
    last = rows(store, "SELECT id FROM coding_events WHERE uid = 'u2'")[0]["id"]

    with store.write() as connection:
        undo_codings(connection, [last], "run-a", ELEVEN)

    assert _said(store) == [("ana", "present")]
    assert rows(store, "SELECT value FROM codings_current") == [{"value": "present"}]


def test_people_and_codes_and_posts_do_not_overrule_each_other(
    store: Store, posts: tuple[int, int, int], ana: int
) -> None:
    ben = coder_id(store.connection, "ben", "person")
    _add(
        store,
        coding("u1", posts[0], ana),
        coding("u2", posts[0], ben, value="absent", created_at=TEN),
        coding("u3", posts[0], ana, code="other", value="unsure", created_at=TEN),
        coding("u4", posts[1], ana, value="missing", created_at=TEN),
    )

    assert sorted(_said(store)) == [("ana", "missing"), ("ana", "present"), ("ana", "unsure"), ("ben", "absent")]


@settings(max_examples=40)
@given(
    said=st.lists(
        st.tuples(
            st.sampled_from([NINE, TEN]), st.sampled_from(["present", "absent", "unsure"]), st.sampled_from("ab")
        ),
        max_size=6,
    )
)
def test_the_view_and_the_reports_see_the_same_last_words(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str, str]]
) -> None:
    with Store(tmp_path_factory.mktemp("study") / "study.db", create=True) as store:
        save(store, ROOT)
        post = post_id(store, ROOT)
        coders = {name: coder_id(store.connection, name, "person") for name in "ab"}
        _add(store, *(coding(f"{said}{n}", post, coders[c], value=v, created_at=t) for n, (t, v, c) in enumerate(said)))

        view = rows(store, "SELECT coder, value, created_at FROM codings_current")

        assert sorted(tuple(row.values()) for row in view) == sorted(
            (person.coder, person.value, person.created_at) for person in people_codings(store.connection)
        )


def test_a_persons_coding_tells_whether_the_text_is_still_the_same(
    store: Store, posts: tuple[int, int, int], ana: int
) -> None:
    save_revision(store.connection, "r1", "codes", NINE)
    _add(
        store,
        coding("u1", posts[0], ana, text_sha=_text_hash(store, posts[0]), stance="support", codebook_revision="r1"),
    )
    before = list(people_codings(store.connection))

    save(store, replace(ROOT, text="Another text.", observed_at=SECOND))

    told = PersonCoding(posts[0], "confusion", "ana", "present", "support", NINE, "r1", current_text=True)
    assert before == [told]
    assert list(people_codings(store.connection)) == [replace(told, current_text=False)]
    assert rows(store, "SELECT text_unchanged FROM codings_current") == [{"text_unchanged": 0}]


def test_a_machine_mentions_what_it_found_in_the_text_as_it_stands(
    store: Store, posts: tuple[int, int, int], ana: int, rules: int
) -> None:
    now = {post: _text_hash(store, post) for post in posts}
    _add(
        store,
        coding("m1", posts[0], rules, text_sha=now[posts[0]], start=0, end=2),
        coding("m2", posts[0], rules, text_sha=now[posts[0]], start=3, end=6),
        coding("m3", posts[0], rules, text_sha=now[posts[0]], code="other", value="absent"),
        coding("m4", posts[1], rules, text_sha="of an older text"),
        coding("u1", posts[1], ana, text_sha=now[posts[1]]),
    )

    assert list(map(tuple, machine_mentions(store.connection))) == [(posts[0], "confusion")]


def test_the_standing_codings_of_one_machine_are_told(store: Store, posts: tuple[int, int, int], rules: int) -> None:
    other = coder_id(store.connection, "model", "model")
    _add(
        store,
        coding("m1", posts[0], rules, start=0, end=2, text_sha="abc", version="v1", stance="support"),
        coding("m2", posts[0], other),
    )

    assert list(machine_codings(store.connection, rules)) == [
        {"id": 1, "post": posts[0], "code": "confusion", "stance": "support", "start": 0, "end": 2, "text_sha": "abc",
         "version": "v1"}
    ]  # fmt: skip


def test_coders_are_counted_with_their_posts_and_codings(
    store: Store, posts: tuple[int, int, int], ana: int, rules: int
) -> None:
    _add(
        store,
        coding("u1", posts[0], ana),
        coding("u2", posts[0], ana, code="other"),
        coding("u3", posts[1], ana),
        coding("m1", posts[0], rules),
    )

    assert coder_counts(store.connection) == [
        {"name": "ana", "kind": "person", "posts": 2, "codings": 3},
        {"name": "rules", "kind": "rules", "posts": 1, "codings": 1},
    ]


def test_codings_of_private_notes_are_exported_only_when_asked_for(
    store: Store, posts: tuple[int, int, int], ana: int
) -> None:
    _add(store, coding("u1", posts[0], ana), coding("u2", posts[2], ana))

    assert {row["post"] for row in exported_codings(store.connection)} == {ROOT.address}
    assert {row["post"] for row in exported_codings(store.connection, private=True)} == {ROOT.address, NOTE.address}


def _coded(**said: Any) -> Coding:
    usual: dict[str, Any] = {
        "post": ROOT.address, "code": "confusion", "value": "present", "stance": None, "number": None, "start": None,
        "end": None, "coder": "ana", "coder_kind": "person", "version": None, "round": None, "created_at": NINE,
    }  # fmt: skip
    return Coding(**usual | said)


def test_codings_survive_the_way_from_one_study_to_another(tmp_path: Path, store: Store) -> None:
    save(store, ROOT, REPLY)
    save_revision(store.connection, "r1", "codes", NINE)
    store_codings(
        store,
        [
            _coded(stance="support", start=0, end=6, round="main"),
            _coded(post=REPLY.address, code="*", value="absent", created_at=TEN),
            _coded(code="years", number=3.5, value="unsure", coder="ben"),
            _coded(coder="a model", coder_kind="model", version="v3"),
        ],
        "r1",
    )
    sent = list(exported_codings(store.connection))

    with Store(tmp_path / "other.db", create=True) as other:
        save(other, replace(ROOT, text="A text that was edited since.", observed_at=SECOND), REPLY)
        save_revision(other.connection, "r1", "codes", TEN)
        new, refused = store_codings(other, [Coding(**row) for row in sent], "r1")
        again, _ = store_codings(other, [Coding(**row) for row in sent], "r1")
        received = list(exported_codings(other.connection))

    assert (new, refused, again) == (4, {}, 0)
    assert received == sent
