"""Threads are the same each time, and change as the script says."""

from __future__ import annotations

from fakes.world import World


def test_the_same_arguments_build_the_same_thread() -> None:
    assert World().make_thread("1abc", 50, 3) == World().make_thread("1abc", 50, 3)


def test_another_seed_builds_other_posts() -> None:
    assert World().make_thread("1abc", 50, 3).comments != World().make_thread("1abc", 50, 4).comments


def test_deep_threads_are_deep_and_wide_ones_are_not(world: World) -> None:
    deep = world.make_thread("deep", 400, shape="deep")
    wide = world.make_thread("wide", 400, shape="wide")
    assert max(map(deep.depth_of, deep.comments.values())) > 15
    assert max(map(wide.depth_of, wide.comments.values())) <= 5


def test_a_troubled_thread_holds_every_kind_of_trouble(world: World) -> None:
    thread = world.make_thread("1abc", 400)
    last = [comment.versions[-1] for comment in thread.comments.values()]
    assert {version.state for version in last} == {"live", "deleted", "removed"}
    assert any(version.author_gone and version.state == "live" for version in last)
    assert any(version.edited_at for version in last)


def test_a_deleted_comment_is_visible_only_while_it_has_replies(world: World) -> None:
    world.make_thread("1abc", 0)
    parent = world.add_comment("1abc", "first")
    reply = world.add_comment("1abc", "second", parent=parent)
    world.delete(parent)
    assert world.visible_ids("1abc") == {parent, reply}
    world.delete(reply)
    assert world.visible_ids("1abc") == set()


def test_a_vanished_comment_takes_its_branch_along(world: World) -> None:
    world.make_thread("1abc", 0)
    parent = world.add_comment("1abc", "first")
    world.add_comment("1abc", "second", parent=parent)
    world.vanish(parent)
    assert world.visible_ids("1abc") == set()
