from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.observed import (
    ANSWER,
    BOT,
    DELETED,
    FIRST,
    GONE,
    MIRA,
    NOTE,
    OTTO,
    REPLY,
    ROOT,
    SECOND,
    THIRD,
    dump,
    exported,
    facts,
    gone,
    post_id,
    rows,
    save,
)  # fmt: skip
from fakes.sightings import batches, shuffled, sightings
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.duplicates import find_duplicates
from db.queries.posts import exported_posts, ids_by_address, replace_duplicates, texts_for_duplicates
from db.records import Author, Counts, Observation
from db.store import Store

ANY_SIGHTING = st.one_of(sightings(ROOT), sightings(REPLY), sightings(ANSWER), sightings(NOTE))
FIELDS = {
    "address", "platform", "native_id", "thread", "parent", "author", "kind", "created_at", "edited_at", "title", "text",
    "url", "score", "state", "revisions", "observed_at",
}  # fmt: skip


def _facts_after(folder: Path, saved: Iterable[list[Observation]]) -> dict[str, list[dict[str, object]]]:
    with Store(folder / "study.db", create=True) as store:
        for batch in saved:
            save(store, *batch)
        return facts(store)


@settings(max_examples=60)
@given(data=st.data(), seen=st.lists(ANY_SIGHTING, min_size=1, max_size=10))
def test_any_order_in_any_batches_gives_the_same_posts_revisions_and_threads(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, seen: list[Observation]
) -> None:
    other = data.draw(batches(data.draw(shuffled(seen))))

    expected = _facts_after(tmp_path_factory.mktemp("together"), [seen])

    assert _facts_after(tmp_path_factory.mktemp("apart"), other) == expected


@settings(max_examples=30)
@given(seen=st.lists(ANY_SIGHTING, min_size=1, max_size=8))
def test_a_second_save_changes_nothing(tmp_path_factory: pytest.TempPathFactory, seen: list[Observation]) -> None:
    with Store(tmp_path_factory.mktemp("study") / "study.db", create=True) as store:
        save(store, *seen)
        before = dump(store)

        counts = save(store, *seen)

        assert counts == Counts(seen=len(seen), new=0, changed=0)
        assert dump(store) == before


def test_counts_tell_new_posts_from_changed_ones(store: Store) -> None:
    first = save(store, ROOT, REPLY, ROOT)
    second = save(store, ROOT, replace(REPLY, score=3, observed_at=SECOND), ANSWER)

    assert first == Counts(seen=3, new=2, changed=0)
    assert second == Counts(seen=3, new=1, changed=1)


def test_an_empty_batch_is_no_work(store: Store) -> None:
    assert save(store) == Counts()


def test_more_posts_than_sqlite_takes_at_once_are_stored(store: Store) -> None:
    many = [replace(REPLY, native_id=f"t1_{number}") for number in range(1201)]

    assert save(store, *many).new == 1201
    assert save(store, *many).changed == 0


def test_a_post_is_exported_with_all_that_is_known_of_it(store: Store) -> None:
    save(store, ROOT, replace(REPLY, edited_at="2026-01-04T00:00:00Z"))

    assert exported(store, "reddit:t1_reply") == {
        "address": "reddit:t1_reply",
        "platform": "reddit",
        "native_id": "t1_reply",
        "thread": "reddit:t3_root",
        "parent": "reddit:t3_root",
        "author": OTTO.address,
        "kind": "comment",
        "community": "r/learnml",
        "created_at": "2026-01-03T11:00:00Z",
        "edited_at": "2026-01-04T00:00:00Z",
        "title": None,
        "text": "Mine has four.",
        "url": "https://www.reddit.com/comments/root/_/reply/",
        "score": 12,
        "state": "live",
        "revisions": 0,
        "observed_at": FIRST,
    }


def test_an_export_has_every_field_that_is_promised(store: Store) -> None:
    save(store, NOTE, ROOT)

    assert [FIELDS - set(row) for row in exported_posts(store.connection)] == [set()]
    assert [FIELDS - set(row) for row in exported_posts(store.connection, private=True)] == [set()]


def test_posts_are_exported_by_time_and_address(store: Store) -> None:
    twin = replace(ANSWER, native_id="t1_aaa")
    save(store, ANSWER, twin, REPLY, ROOT)

    found = [row["native_id"] for row in exported_posts(store.connection)]

    assert found == ["t3_root", "t1_reply", "t1_aaa", "t1_answer"]


def test_private_notes_are_exported_only_when_asked_for(store: Store) -> None:
    save(store, ROOT, NOTE)

    assert [row["address"] for row in exported_posts(store.connection)] == ["reddit:t3_root"]
    assert [(row["address"], row["private"]) for row in exported_posts(store.connection, private=True)] == [
        ("note:n1", True)
    ]


def test_a_private_note_stays_private_when_it_is_seen_in_public(store: Store) -> None:
    save(store, NOTE)
    save(store, replace(NOTE, private=False, observed_at=THIRD))

    assert list(exported_posts(store.connection)) == []


def test_a_changed_text_makes_a_revision_whatever_the_site_says_of_edits(store: Store) -> None:
    save(store, ROOT)
    save(store, replace(ROOT, text="My job has five names.", edited_at=None, observed_at=SECOND))

    assert exported(store, ROOT.address)["revisions"] == 1
    assert exported(store, ROOT.address)["text"] == "My job has five names."
    assert rows(store, "SELECT title, text, observed_at FROM revisions") == [
        {"title": ROOT.title, "text": ROOT.text, "observed_at": FIRST}
    ]


def test_an_unchanged_text_makes_no_revision_even_if_the_site_says_it_was_edited(store: Store) -> None:
    save(store, ROOT)
    save(store, replace(ROOT, edited_at="2026-01-09T00:00:00Z", observed_at=SECOND))

    assert exported(store, ROOT.address)["revisions"] == 0
    assert exported(store, ROOT.address)["edited_at"] == "2026-01-09T00:00:00Z"


def test_an_older_observation_adds_what_is_missing_and_replaces_nothing(store: Store) -> None:
    save(store, replace(ROOT, score=None, author=None, url=None, text="The newest text.", observed_at=THIRD))
    save(store, ROOT)

    found = exported(store, ROOT.address)

    assert (found["score"], found["author"], found["url"]) == (12, MIRA.address, ROOT.url)
    assert (found["text"], found["observed_at"]) == ("The newest text.", THIRD)


def test_an_older_observation_that_names_another_thread_adds_what_is_missing(store: Store) -> None:
    save(store, ROOT, replace(REPLY, url=None, observed_at=THIRD))

    save(store, replace(REPLY, thread="t3_another"))

    found = exported(store, REPLY.address)
    assert (found["thread"], found["url"]) == ("reddit:t3_root", REPLY.url)


def test_what_a_post_quotes_and_whether_its_text_is_cut_is_stored(store: Store) -> None:
    quoting = replace(REPLY, quoted="t3_root", cut=True)
    save(store, ROOT, quoting)

    assert rows(store, "SELECT quoted, cut FROM posts WHERE native_id = 't1_reply'") == [
        {"quoted": "reddit:t3_root", "cut": 1}
    ]
    assert save(store, quoting).changed == 0
    assert save(store, replace(quoting, text=f"{REPLY.text} And more.", cut=False, observed_at=SECOND)).changed == 1
    assert rows(store, "SELECT quoted, cut FROM posts WHERE native_id = 't1_reply'") == [
        {"quoted": "reddit:t3_root", "cut": 0}
    ]
    assert exported(store, REPLY.address)["revisions"] == 0


def test_texts_of_deleted_posts_are_told_once_to_whoever_saves_them(store: Store) -> None:
    edited = replace(REPLY, text="Mine has six.", observed_at=SECOND)

    stored = save(store, ROOT, REPLY, edited)
    taken = save(store, gone(REPLY, THIRD))
    refused = save(store, REPLY)

    assert stored.lost == []
    assert sorted(lost.text or "" for lost in taken.lost) == [REPLY.text, "Mine has six."]
    assert [(lost.thread, lost.text) for lost in refused.lost] == [("t3_root", REPLY.text)]


def test_a_text_that_came_with_its_deletion_is_told_too(store: Store) -> None:
    assert [lost.text for lost in save(store, ROOT, REPLY, gone(REPLY)).lost] == [REPLY.text]
    assert save(store, gone(ANSWER)).lost == []


def test_a_text_that_is_shown_again_is_not_told_as_lost(store: Store) -> None:
    save(store, ROOT, gone(REPLY))

    assert save(store, replace(REPLY, observed_at=THIRD)).lost == []


def test_a_deleted_post_keeps_its_place_in_the_thread(store: Store) -> None:
    save(store, ROOT, REPLY, ANSWER)
    save(store, gone(REPLY))

    found = exported(store, REPLY.address)

    assert (found["state"], found["parent"], found["text"]) == ("deleted_by_author", "reddit:t3_root", None)
    assert exported(store, ANSWER.address)["state"] == "live"


def test_a_deletion_takes_the_revisions_with_it(store: Store) -> None:
    save(store, ROOT, replace(ROOT, text="Another text.", observed_at=SECOND))
    save(store, gone(ROOT, THIRD))

    assert rows(store, "SELECT * FROM revisions") == []


def test_ids_stand_in_the_order_of_time_whatever_the_order_of_arrival(store: Store) -> None:
    ancient = replace(REPLY, native_id="t1_old", created_at="1969-07-20T20:17:00Z")
    save(store, ANSWER, REPLY)
    save(store, ROOT, ancient)

    found = [row["native_id"] for row in rows(store, "SELECT native_id FROM posts ORDER BY id")]

    assert found == ["t1_old", "t3_root", "t1_reply", "t1_answer"]


def test_a_post_without_a_time_has_an_id_before_all_others(store: Store) -> None:
    save(store, ROOT, replace(REPLY, created_at=None))

    assert 0 <= post_id(store, REPLY) < post_id(store, ROOT)


def test_posts_whose_ids_would_meet_get_ids_of_their_own(store: Store) -> None:
    save(store, ROOT)
    taken = post_id(store, ROOT)
    store.connection.execute("UPDATE posts SET address = 'reddit:t3_other' WHERE id = ?", (taken,))

    save(store, ROOT)

    assert post_id(store, ROOT) == taken + 1


def test_what_a_program_posts_is_known_even_if_an_export_does_not_say_so(store: Store) -> None:
    save(store, replace(ROOT, author=Author(BOT.address), observed_at=THIRD))
    save(store, replace(ROOT, author=BOT))

    assert facts(store)["bots"] == [{"address": BOT.address}]


def test_accounts_that_are_gone_are_one_voice_a_thread(store: Store) -> None:
    save(store, replace(ROOT, author=GONE), replace(REPLY, author=GONE))

    assert {row["author"] for row in exported_posts(store.connection)} == {"reddit:[deleted]/t3_root"}
    assert {row["state"] for row in exported_posts(store.connection)} == {"account_gone"}


def test_internal_ids_and_text_hashes_are_found_by_address(store: Store) -> None:
    save(store, ROOT, replace(REPLY, **DELETED))

    found = ids_by_address(store.connection, [ROOT.address, REPLY.address, "reddit:t1_nobody"])

    assert set(found) == {ROOT.address, REPLY.address}
    assert found[ROOT.address][0] == post_id(store, ROOT)
    assert found[ROOT.address][1] is not None
    assert found[REPLY.address][1] is None


def test_only_public_texts_of_people_that_are_shown_can_be_duplicates(store: Store) -> None:
    save(store, ANSWER, replace(REPLY, author=BOT), NOTE, ROOT, replace(REPLY, native_id="t1_dead", **DELETED))

    found = [text for _, text in texts_for_duplicates(store.connection)]

    assert found == [ROOT.text, ANSWER.text]


def test_duplicate_links_take_the_place_of_those_before(store: Store) -> None:
    save(store, ROOT, REPLY, ANSWER)
    root, reply, answer = (post_id(store, post) for post in (ROOT, REPLY, ANSWER))
    with store.write() as connection:
        replace_duplicates(connection, [(reply, root), (answer, root)])
        replace_duplicates(connection, [(answer, reply)])

    assert rows(store, "SELECT source, target, kind FROM edges") == [
        {"source": answer, "target": reply, "kind": "duplicate_of"}
    ]


def test_duplicate_links_join_only_posts_that_are_live(store: Store) -> None:
    advertisement = " ".join(f"word{number}" for number in range(30))
    save(store, *(replace(post, text=advertisement) for post in (ROOT, REPLY, ANSWER)))
    save(store, gone(ROOT))

    with store.write() as connection:
        replace_duplicates(connection, find_duplicates(texts_for_duplicates(connection)))

    assert rows(store, "SELECT source, target FROM edges") == [
        {"source": post_id(store, ANSWER), "target": post_id(store, REPLY)}
    ]


def test_a_post_that_is_only_seen_once_more_has_not_changed(store: Store) -> None:
    save(store, ROOT)

    again = save(store, replace(ROOT, observed_at=SECOND))
    scored = save(store, replace(ROOT, observed_at=THIRD, score=99))

    assert (again.new, again.changed, scored.changed) == (0, 0, 1)
    assert exported(store, ROOT.address)["observed_at"] == THIRD


def test_one_score_a_day_is_kept_the_last_one_in_any_order(store: Store) -> None:
    seen = [("2026-02-01T08:00:00Z", 3), ("2026-02-01T20:00:00Z", 5), ("2026-02-02T08:00:00Z", 4)]

    for at, score in (seen[1], seen[0], seen[2]):
        save(store, replace(ROOT, observed_at=at, score=score))

    assert rows(store, "SELECT day, score FROM scores ORDER BY day") == [
        {"day": "2026-02-01", "score": 5},
        {"day": "2026-02-02", "score": 4},
    ]
