import pytest
from fakes.observed import REPLY, ROOT, coding, post_id, save

from db.queries.codebooks import (
    CodeChange,
    Revision,
    add_change,
    addresses,
    all_changes,
    all_revisions,
    coded_posts,
    known_uids,
    person_events,
    standing_in_batch,
)
from db.queries.codings import Event, add_events, coder_id, save_revision
from db.queries.history import undo_codings
from db.store import Store

NINE, TEN = "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"


@pytest.fixture
def posts(store: Store) -> tuple[int, int]:
    save(store, ROOT, REPLY)
    return post_id(store, ROOT), post_id(store, REPLY)


@pytest.fixture
def ana(store: Store) -> int:
    return coder_id(store.connection, "ana", "person")


def add(store: Store, *events: Event) -> None:
    with store.write() as connection:
        add_events(connection, events)


def test_revisions_come_in_the_order_of_their_first_use(store: Store) -> None:
    for name, at in (("b", TEN), ("c", NINE), ("a", NINE), ("c", TEN)):
        save_revision(store.connection, name, "{}", at)

    assert all_revisions(store.connection) == [
        Revision("a", "{}", NINE), Revision("c", "{}", NINE), Revision("b", "{}", TEN),
    ]  # fmt: skip


def test_changes_come_back_as_they_were_noted_and_in_that_order(store: Store) -> None:
    made = [
        CodeChange("split", "bread", TEN, ("white", "dark"), "split-1", "two things", "ana"),
        CodeChange("rename", "cake", NINE),
    ]
    for change in made:
        add_change(store.connection, change)

    assert all_changes(store.connection) == made


def test_standing_codings_of_people_are_read_with_all_they_say(store: Store, posts: tuple[int, int], ana: int) -> None:
    rules = coder_id(store.connection, "rules", "rules")
    save_revision(store.connection, "r1", "{}", NINE)
    add(
        store,
        coding("u1", posts[0], ana, code="bread", stance="support", number=2.5, start=1, end=3, text_sha="t",
               codebook_revision="r1", round="one", created_at=TEN, blind=True, reason="slip"),
        coding("u2", posts[1], ana, code="cake", created_at=NINE, adjudicated=True, suggestion_shown=True),
        coding("u3", posts[1], rules, code="bread"),
        coding("u4", posts[1], ana, code="pie"),
        coding("u5", posts[1], ana, code="bread"),
    )  # fmt: skip
    undo_codings(store.connection, [5], "x", TEN)

    cake, bread = person_events(store.connection, ["bread", "cake"])

    assert (cake.code, cake.adjudicated, cake.suggestion_shown, cake.blind) == ("cake", True, True, False)
    assert (bread.id, bread.post, bread.address, bread.coder, bread.coder_name) == (
        1,
        posts[0],
        ROOT.address,
        ana,
        "ana",
    )
    assert (bread.value, bread.stance, bread.number, bread.start, bread.end, bread.text_sha) == (
        "present", "support", 2.5, 1, 3, "t",
    )  # fmt: skip
    assert (bread.codebook_revision, bread.round, bread.created_at, bread.blind, bread.reason) == (
        "r1", "one", TEN, True, "slip",
    )  # fmt: skip


def test_uids_that_are_taken_are_told(store: Store, posts: tuple[int, int], ana: int) -> None:
    add(store, coding("u1", posts[0], ana))

    assert known_uids(store.connection, ["u1", *(f"free{number}" for number in range(1100))]) == {"u1"}


def test_the_codings_of_a_batch_that_stand_are_told(store: Store, posts: tuple[int, int], ana: int) -> None:
    add(
        store, coding("u1", posts[0], ana, batch="b"), coding("u2", posts[0], ana, batch="b"),
        coding("u3", posts[0], ana, batch="c"),
    )  # fmt: skip
    undo_codings(store.connection, [1], "x", TEN)

    assert standing_in_batch(store.connection, "b") == [2]


def test_posts_have_their_addresses(store: Store, posts: tuple[int, int]) -> None:
    assert addresses(store.connection, posts) == {posts[0]: ROOT.address, posts[1]: REPLY.address}


def test_posts_are_counted_by_the_codes_that_people_gave_them(store: Store, posts: tuple[int, int], ana: int) -> None:
    ben, rules = coder_id(store.connection, "ben", "person"), coder_id(store.connection, "rules", "rules")
    add(
        store, coding("u1", posts[0], ana, code="bread"), coding("u2", posts[0], ben, code="bread"),
        coding("u3", posts[1], ben, code="bread"), coding("u4", posts[1], ben, code="cake"),
        coding("u5", posts[1], rules, code="pie"),
    )  # fmt: skip
    undo_codings(store.connection, [4], "x", TEN)

    assert coded_posts(store.connection) == {"bread": 2}
