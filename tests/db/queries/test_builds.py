"""Builds, what was kept of them, and the study as it stood at an earlier one."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fakes.observed import ANSWER, NOTE, REPLY, ROOT, coding, gone, post_id, rows, save

from db.queries import builds
from db.queries.builds import Figure, Moment
from db.queries.codings import add_events, coder_id, last_event
from db.queries.history import undo_codings
from db.queries.reporting import posts_with_a_voice, record_report
from db.records import Observation
from db.store import Store

MONDAY, TUESDAY, WEDNESDAY = "2026-03-02T08:00:00Z", "2026-03-03T08:00:00Z", "2026-03-04T08:00:00Z"
HASHES = {"report": "aa", "data": "bb", "codebook": "cc", "definition": "dd"}


def record(store: Store, at: str, verdict: str = "thin", **hashes: str) -> None:
    with store.write() as connection:
        record_report(connection, at, {**HASHES, **hashes}, {"titles": (verdict, "read"), "work": ("none", "read")})


def stored_at(store: Store, moment: str, *posts: Observation) -> None:
    with store.write() as connection:
        for post in posts:
            connection.execute("UPDATE posts SET stored_at = ? WHERE address = ?", (moment, post.address))


def say(store: Store, uid: str, post: Observation, coder: str = "ana", kind: str = "person", **said: str) -> None:
    with store.write() as connection:
        by = coder_id(connection, coder, kind)
        sha = connection.execute("SELECT text_sha FROM posts WHERE address = ?", (post.address,)).fetchone()[0]
        add_events(connection, [coding(uid, post_id(store, post), by, **{"text_sha": sha, **said})])


@pytest.fixture
def then(store: Store) -> Iterator[Store]:
    """A second connection to the same study, to be turned back."""
    with Store(store.path) as opened:
        yield opened


def test_content_definition_and_figures_are_kept_with_the_newest_build(store: Store) -> None:
    record(store, MONDAY)
    record(store, TUESDAY)
    with store.write() as connection:
        builds.keep_content(connection, '{"codings": 3}', "version: 1\n", {"titles": Figure(0.5, 0.4, 0.6)})

    newest, first = builds.newest_builds(store.connection, 2)
    assert (newest.number, newest.built_at, newest.content, newest.definition) == (
        2, TUESDAY, '{"codings": 3}', "version: 1\n",
    )  # fmt: skip
    assert (newest.report_sha256, newest.data_sha256, newest.codebook_revision) == ("aa", "bb", "cc")
    assert (first.number, first.content, first.definition) == (1, None, None)
    assert rows(store, "SELECT report, claim, share, lower, upper FROM findings ORDER BY report, claim") == [
        {"report": 1, "claim": "titles", "share": None, "lower": None, "upper": None},
        {"report": 1, "claim": "work", "share": None, "lower": None, "upper": None},
        {"report": 2, "claim": "titles", "share": 0.5, "lower": 0.4, "upper": 0.6},
        {"report": 2, "claim": "work", "share": None, "lower": None, "upper": None},
    ]


def test_builds_are_found_by_number_and_by_the_bytes_of_their_file(store: Store) -> None:
    record(store, MONDAY, report="x")
    record(store, TUESDAY, report="y")
    record(store, WEDNESDAY, report="x")

    found = builds.find_build(store.connection, 2)
    assert found is not None
    assert found.report_sha256 == "y"
    assert builds.find_build(store.connection, 4) is None
    by_bytes = builds.build_of_file(store.connection, "x")
    assert by_bytes is not None
    assert by_bytes.number == 3
    assert builds.build_of_file(store.connection, "z") is None


def test_a_verdict_was_first_reached_in_the_first_build_that_gave_it_however_often_it_changed(store: Store) -> None:
    for verdict in ("thin", "majority", "thin", "majority"):
        record(store, MONDAY, verdict)

    assert builds.first_reached(store.connection, 4) == {"titles": 2, "work": 1}
    assert builds.first_reached(store.connection, 3) == {"titles": 1, "work": 1}
    assert builds.first_reached(store.connection, 9) == {}


def test_what_was_told_last_is_remembered_with_what_was_failing(store: Store) -> None:
    assert builds.last_told(store.connection) is None
    for number, failing in ((1, ["b", "a"]), (2, [])):
        with store.write() as connection:
            builds.note_told(connection, number, failing)
        assert builds.last_told(store.connection) == (number, frozenset(failing))


def test_the_log_of_codings_has_a_mark_that_grows(store: Store) -> None:
    save(store, ROOT)
    assert last_event(store.connection) == 0
    say(store, "one", ROOT)
    say(store, "two", ROOT)
    assert last_event(store.connection) == 2


def test_posts_that_lost_their_text_in_a_time_are_told_with_what_became_of_them(store: Store) -> None:
    save(store, ROOT, REPLY, ANSWER)
    stored_at(store, MONDAY, ROOT, REPLY, ANSWER)
    save(store, gone(REPLY), gone(ANSWER, state="removed"))
    with store.write() as connection:
        connection.execute("UPDATE losses SET lost_at = ? WHERE post = ?", (WEDNESDAY, post_id(store, REPLY)))
        connection.execute("UPDATE losses SET lost_at = ? WHERE post = ?", (TUESDAY, post_id(store, ANSWER)))

    assert builds.withdrawn(store.connection, MONDAY, WEDNESDAY) == {
        ANSWER.address: "removed", REPLY.address: "deleted_by_author",
    }  # fmt: skip
    assert builds.withdrawn(store.connection, MONDAY, TUESDAY) == {ANSWER.address: "removed"}
    assert builds.withdrawn(store.connection, TUESDAY, WEDNESDAY) == {REPLY.address: "deleted_by_author"}
    assert builds.withdrawn(store.connection, "2026-01-01T00:00:00Z", WEDNESDAY) == {}


def test_new_threads_are_told_with_size_and_what_they_mention(store: Store) -> None:
    other = replace(ROOT, native_id="t3_new", thread="t3_new", thread_url="https://www.reddit.com/comments/new/")
    answer = replace(ANSWER, native_id="t1_new", thread="t3_new", parent="t3_new", thread_url=other.thread_url)
    save(store, ROOT, REPLY, other, answer, NOTE)
    stored_at(store, MONDAY, ROOT)
    stored_at(store, WEDNESDAY, REPLY, other, answer, NOTE)
    say(store, "a", other, "rules", "rules")
    say(store, "b", answer, "rules", "rules")
    say(store, "c", answer)
    say(store, "d", other, "rules", "rules", code="pay")
    say(store, "e", other, value="absent", code="pay")
    say(store, "f", REPLY)

    assert builds.threads_stored_after(store.connection, TUESDAY, WEDNESDAY) == [
        {
            "address": "reddit:t3_new", "url": "https://www.reddit.com/comments/new/", "community": "r/learnml",
            "posts": 2,
        }
    ]  # fmt: skip
    assert builds.threads_stored_after(store.connection, TUESDAY, TUESDAY) == []
    assert builds.mentions_in_threads(store.connection, TUESDAY) == {"reddit:t3_new": {"confusion": 2}}
    assert dict(builds.states_of_posts(store.connection)).keys() == {
        post.address for post in (ROOT, REPLY, other, answer, NOTE)
    }


def test_a_turned_back_study_shows_only_the_posts_that_were_stored_by_then(store: Store, then: Store) -> None:
    save(store, ROOT, REPLY)
    stored_at(store, MONDAY, ROOT)
    stored_at(store, WEDNESDAY, REPLY)

    builds.rewind(then.connection, Moment(TUESDAY, 0))

    found = [post.address for post in posts_with_a_voice(then.connection, private=False, invented=True)]
    assert found == [ROOT.address]
    assert [row["address"] for row in rows(then, "SELECT address FROM posts_readable")] == [ROOT.address]
    assert len(rows(store, "SELECT * FROM posts")) == 2


def test_a_turned_back_study_stands_where_the_log_of_codings_stood(store: Store, then: Store) -> None:
    save(store, ROOT)
    stored_at(store, MONDAY, ROOT)
    say(store, "one", ROOT)
    say(store, "two", ROOT, "ben")
    mark = last_event(store.connection)
    with store.write() as connection:
        undo_codings(connection, [1], "x", WEDNESDAY)
    say(store, "three", ROOT, value="absent")

    builds.rewind(then.connection, Moment(TUESDAY, mark))

    current = "SELECT coder, value FROM codings_current ORDER BY coder"
    assert rows(store, current) == [{"coder": "ana", "value": "absent"}, {"coder": "ben", "value": "present"}]
    assert rows(then, current) == [{"coder": "ana", "value": "present"}, {"coder": "ben", "value": "present"}]


def test_later_codings_count_on_new_and_on_changed_posts_alone_where_that_is_asked(store: Store, then: Store) -> None:
    edited = replace(REPLY, text="Mine has five now.", observed_at=WEDNESDAY, edited_at=WEDNESDAY)
    save(store, ROOT, REPLY)
    stored_at(store, MONDAY, ROOT, REPLY)
    say(store, "one", ROOT)
    say(store, "two", REPLY)
    mark = last_event(store.connection)
    save(store, ANSWER, edited)
    stored_at(store, WEDNESDAY, ANSWER)
    for uid, post in (("three", ROOT), ("four", edited), ("five", ANSWER)):
        say(store, uid, post, "ben")

    builds.rewind(then.connection, Moment(WEDNESDAY, mark, TUESDAY, last_event(store.connection)))

    standing = "SELECT post, coder FROM codings_current WHERE text_unchanged ORDER BY post, coder"
    assert rows(then, standing) == [
        {"post": ANSWER.address, "coder": "ben"},
        {"post": REPLY.address, "coder": "ben"},
        {"post": ROOT.address, "coder": "ana"},
    ]
    assert builds.edited(store.connection, TUESDAY, WEDNESDAY) == 1
    assert builds.edited(store.connection, WEDNESDAY, WEDNESDAY) == 0
    assert builds.recoded(store.connection, Moment(TUESDAY, mark), last_event(store.connection)) == 1


def test_codings_of_an_earlier_text_stand_again_where_that_text_did(store: Store, then: Store) -> None:
    save(store, ROOT)
    stored_at(store, MONDAY, ROOT)
    say(store, "one", ROOT)
    save(store, replace(ROOT, text="Only one name now.", observed_at=WEDNESDAY))

    builds.rewind(then.connection, Moment(TUESDAY, 1))

    unchanged = "SELECT text_unchanged FROM codings_current"
    assert (rows(store, unchanged), rows(then, unchanged)) == ([{"text_unchanged": 0}], [{"text_unchanged": 1}])


def test_samples_that_were_drawn_later_are_not_there_yet(store: Store, then: Store) -> None:
    with store.write() as connection:
        for name, at in (("early", MONDAY), ("late", WEDNESDAY)):
            connection.execute("INSERT INTO samples VALUES (?, 'audit', 'author', '{}', NULL, ?)", (name, at))
        for unit, at in (("a", MONDAY), ("b", WEDNESDAY)):
            connection.execute("INSERT INTO sample_units VALUES ('early', ?, 1, 0.5, NULL, ?)", (unit, at))

    builds.rewind(then.connection, Moment(TUESDAY, 0))

    assert [row["id"] for row in rows(then, "SELECT id FROM samples")] == ["early"]
    assert [row["unit"] for row in rows(then, "SELECT unit FROM sample_units")] == ["a"]


def test_a_turned_back_study_cannot_be_changed(store: Store, then: Store) -> None:
    save(store, ROOT)
    builds.rewind(then.connection, Moment(TUESDAY, 0))

    with pytest.raises(Exception, match="readonly"), then.write() as connection:
        connection.execute("DELETE FROM main.posts")
    assert len(rows(store, "SELECT * FROM posts")) == 1
