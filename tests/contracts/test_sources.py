"""What every site source must do: find a thread whole, store it once, and name nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.collecting import Site, comment_ids, sites_that_show, stored_bytes
from fakes.observed import facts, rows

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.world import Shape

    from db.store import Store


@pytest.mark.parametrize("shape", ["deep", "wide"])
def test_every_comment_that_the_site_shows_is_stored(site: Site, shape: Shape) -> None:
    site.world.make_thread("1abc", 600, seed=3, shape=shape)

    outcome = site.walk()

    assert outcome.state == "done"
    assert comment_ids(site.store) == site.ids_shown()
    assert len(comment_ids(site.store)) > 550


def test_a_thread_without_replies_is_one_post(site: Site) -> None:
    site.world.make_thread("1abc", 0)

    outcome = site.walk()

    assert outcome.state == "done"
    assert rows(site.store, "SELECT address, kind, state FROM posts") == [
        {"address": site.address(site.thread), "kind": "post", "state": "live"}
    ]
    assert rows(site.store, "SELECT address, stored_count, coverage FROM threads") == [
        {"address": site.address(site.thread), "stored_count": 0, "coverage": 1.0}
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


@pytest.mark.parametrize("site", sites_that_show("gone accounts"), indirect=True)
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
            "native_id": site.profile.comment_id(kept), "text": "I stay.", "state": "account_gone",
            "address": site.address(f"[deleted]/{site.thread}"), "is_gone": 1,
        }
    ]  # fmt: skip


@pytest.mark.parametrize("site", sites_that_show("deleted parents"), indirect=True)
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
    site.world.add_comment(
        "1abc", f"Thanks {site.profile.mention}quiet_lantern_5!", author="brisk_otter_8", at=site.world.now - 100
    )
    posts = [thread.root, *thread.comments.values()]
    # Some invented texts name people in Reddit's way, which are but words elsewhere.
    typed = " ".join(version.text for post in posts[:-1] for version in post.versions)
    names = {"quiet_lantern_5"} | {post.author for post in posts if post.author not in typed}

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

    assert site.told[0].at.startswith(f"{site.thread} ")
    assert site.told[0].posts == 0
    assert site.told[0].left is not None


def test_two_threads_are_kept_apart(site: Site, other_store: Store) -> None:
    site.world.make_thread("1abc", 20, seed=11)
    site.world.make_thread("1abd", 20, seed=12)
    site.walk("1abd", store=other_store)

    site.walk()
    site.walk("1abd")

    assert comment_ids(site.store) == site.ids_shown() | site.ids_shown("1abd")
    assert comment_ids(other_store) == site.ids_shown("1abd")
