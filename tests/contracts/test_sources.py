"""What every site source must do: find a thread whole, store it once, and name nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.collecting import THREAD, Site, comment_ids, stored_bytes
from fakes.observed import facts, rows

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.arctic import ArcticShift
    from fakes.reddit import RedditApi
    from fakes.world import Shape

    from db.store import Store


@pytest.fixture
def narrow_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive's tree that leaves out most of a thread, as that of a huge thread does."""
    monkeypatch.setattr("collector.sources.arctic_shift.TREE_LIMIT", 40)


@pytest.mark.parametrize("shape", ["deep", "wide"])
def test_every_comment_that_the_site_shows_is_stored(site: Site, shape: Shape) -> None:
    site.world.make_thread("1abc", 600, seed=3, shape=shape)

    outcome = site.walk()

    assert outcome.state == "done"
    assert comment_ids(site.store) == site.ids_shown()
    assert len(comment_ids(site.store)) > 550


@pytest.mark.usefixtures("narrow_tree")
@pytest.mark.parametrize("inclusive", [True, False])
def test_what_an_archives_tree_leaves_out_is_found_page_by_page(site: Site, *, inclusive: bool) -> None:
    site.archive.inclusive = inclusive
    site.world.make_thread("1abc", 600, seed=4)

    site.walk()

    assert comment_ids(site.store) == site.ids_shown()


@pytest.mark.usefixtures("narrow_tree")
@pytest.mark.parametrize("inclusive", [True, False])
def test_comments_of_the_second_at_which_a_page_is_cut_are_found(site: Site, *, inclusive: bool) -> None:
    site.archive.inclusive = inclusive
    site.world.make_thread("1abc", 95, seed=5)
    moment = site.world.now - 200_000
    for number in range(20):
        site.world.add_comment("1abc", f"reply {number}", at=moment)
    for number in range(100):
        site.world.add_comment("1abc", f"later {number}", at=moment + 1 + number // 40)

    site.walk()

    assert comment_ids(site.store) == site.ids_shown()


@pytest.mark.parametrize("shape", ["deep", "wide"])
def test_comments_that_an_archive_never_saw_stop_nothing(site: Site, archive: ArcticShift, shape: Shape) -> None:
    thread = site.world.make_thread("1abc", 300, seed=6, shape=shape)
    archive.gaps = set(list(thread.comments)[5:25])

    outcome = site.walk()

    assert outcome.state == "done"
    assert comment_ids(site.store) <= site.ids_shown()
    assert len(comment_ids(site.store)) > 20


@pytest.mark.parametrize("shape", ["deep", "wide"])
def test_comments_that_the_site_passes_over_when_asked_by_their_ids_are_found(
    site: Site, reddit: RedditApi, shape: Shape
) -> None:
    thread = site.world.make_thread("1abc", 800, seed=7, shape=shape)
    reddit.morechildren_omits = set(list(thread.comments)[200:800:7])

    outcome = site.walk()

    assert outcome.state == "done"
    assert comment_ids(site.store) == site.ids_shown()


def test_a_thread_without_replies_is_one_post(site: Site) -> None:
    site.world.make_thread("1abc", 0)

    outcome = site.walk()

    assert outcome.state == "done"
    assert rows(site.store, "SELECT address, kind, state FROM posts") == [
        {"address": "reddit:t3_1abc", "kind": "post", "state": "live"}
    ]
    assert rows(site.store, "SELECT address, stored_count, coverage FROM threads") == [
        {"address": "reddit:t3_1abc", "stored_count": 0, "coverage": 1.0}
    ]


def test_a_second_walk_changes_no_post(site: Site) -> None:
    site.world.make_thread("1abc", 120, seed=8)
    site.walk()
    before = facts(site.store)

    outcome = site.walk()

    assert (outcome.counts.new, outcome.counts.changed) == (0, 0)
    assert outcome.counts.seen >= len(site.ids_shown())
    assert facts(site.store) == before


def test_a_second_walk_finds_what_was_written_since(site: Site) -> None:
    site.world.make_thread("1abc", 30, seed=9)
    site.walk()
    site.world.add_comment("1abc", "One more.")
    site.world.advance(hours=1)

    outcome = site.walk()

    assert outcome.counts.new == 1
    assert comment_ids(site.store) == site.ids_shown()


def test_a_text_is_stored_as_its_author_typed_it(site: Site) -> None:
    site.world.make_thread("1abc", 0)
    typed = "5 < 6 && 7 > 6 — naïve 👩‍👩‍👧 \u202bשלום\u202c &amp; done"
    site.world.add_comment("1abc", typed, at=site.world.now - 100)

    site.walk()

    assert rows(site.store, "SELECT text FROM posts WHERE parent IS NOT NULL") == [{"text": typed}]


def test_a_gone_account_keeps_its_text_and_loses_its_name(site: Site) -> None:
    thread = site.world.make_thread("1abc", 0)
    kept = site.world.add_comment("1abc", "I stay.", author="leaving_soon", at=thread.root.created_at + 50)
    site.world.close_account("leaving_soon", at=thread.root.created_at + 55)

    site.walk()

    assert rows(
        site.store,
        "SELECT p.native_id, p.text, p.state, a.address, a.is_gone FROM posts p JOIN authors a ON a.id = p.author"
        " WHERE p.parent IS NOT NULL",
    ) == [
        {
            "native_id": f"t1_{kept}", "text": "I stay.", "state": "account_gone",
            "address": "reddit:[deleted]/t3_1abc", "is_gone": 1,
        }
    ]  # fmt: skip


def test_a_deleted_comment_with_replies_keeps_its_place_without_text(site: Site) -> None:
    thread = site.world.make_thread("1abc", 0)
    early = thread.root.created_at + 50
    parent = site.world.add_comment("1abc", "Soon gone.", author="someone_7", at=early)
    site.world.add_comment("1abc", "A reply.", parent=parent, at=early + 10)
    site.world.delete(parent, at=early + 3600)

    site.walk()

    assert rows(site.store, "SELECT state, text FROM posts WHERE parent IS NOT NULL ORDER BY created_at") == [
        {"state": "deleted_by_author", "text": None},
        {"state": "live", "text": "A reply."},
    ]


def test_no_account_name_is_stored(site: Site, tmp_path: Path) -> None:
    thread = site.world.make_thread("1abc", 40, seed=10)
    site.world.add_comment("1abc", "Thanks u/quiet_lantern_5!", author="brisk_otter_8", at=site.world.now - 100)
    names = {thread.root.author, "quiet_lantern_5", "brisk_otter_8"}
    names |= {comment.author for comment in thread.comments.values()}

    site.walk()

    found = stored_bytes(site.store, tmp_path / "study.db").lower()
    assert [name for name in sorted(names) if name.encode().lower() in found] == []


def test_a_bots_comment_is_marked_as_such(site: Site) -> None:
    site.world.make_thread("1abc", 0)
    site.world.add_comment("1abc", "I am a bot.", author="AutoModerator", at=site.world.now - 100)

    site.walk()

    assert rows(site.store, "SELECT is_bot FROM authors JOIN posts ON posts.author = authors.id ORDER BY is_bot") == [
        {"is_bot": 0},
        {"is_bot": 1},
    ]


def test_each_request_is_recorded(site: Site) -> None:
    site.world.make_thread("1abc", 30)

    outcome = site.walk()

    recorded = rows(site.store, "SELECT * FROM requests ORDER BY id")
    assert len(recorded) == len(site.server.requests)
    assert {(row["run"], row["source"], row["status"]) for row in recorded} == {(outcome.run, site.name, 200)}
    assert all(row["bytes"] > 0 and row["error"] is None for row in recorded)
    assert "secret" not in repr(recorded)


def test_a_walk_tells_how_far_it_is(site: Site) -> None:
    site.world.make_thread("1abc", 30)

    site.walk()

    assert site.told[0].at.startswith(f"{THREAD} ")
    assert site.told[0].posts == 0
    assert site.told[0].left is not None


def test_two_threads_are_kept_apart(site: Site, other_store: Store) -> None:
    site.world.make_thread("1abc", 20, seed=11)
    site.world.make_thread("1abd", 20, seed=12)
    site.walk("t3_1abd", store=other_store)

    site.walk()
    site.walk("t3_1abd")

    assert comment_ids(site.store) == site.ids_shown() | site.ids_shown("t3_1abd")
    assert comment_ids(other_store) == site.ids_shown("t3_1abd")
