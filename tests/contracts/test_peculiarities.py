"""What single sites do that others do not, and what their sources make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.collecting import Site, comment_ids

if TYPE_CHECKING:
    from fakes.world import Shape


@pytest.fixture
def narrow_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive's tree that leaves out most of a thread, as that of a huge thread does."""
    monkeypatch.setattr("collector.sources.arctic_shift.TREE_LIMIT", 40)


@pytest.mark.usefixtures("narrow_tree")
@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("site", ["arctic_shift"], indirect=True)
def test_what_an_archives_tree_leaves_out_is_found_page_by_page(site: Site, *, inclusive: bool) -> None:
    site.service.inclusive = inclusive
    site.world.make_thread("1abc", 600, seed=4)

    site.walk()

    assert comment_ids(site.store) == site.ids_shown()


@pytest.mark.usefixtures("narrow_tree")
@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("site", ["arctic_shift"], indirect=True)
def test_comments_of_the_second_at_which_a_page_is_cut_are_found(site: Site, *, inclusive: bool) -> None:
    site.service.inclusive = inclusive
    site.world.make_thread("1abc", 95, seed=5)
    moment = site.world.now - 200_000
    for number in range(20):
        site.world.add_comment("1abc", f"reply {number}", at=moment)
    for number in range(100):
        site.world.add_comment("1abc", f"later {number}", at=moment + 1 + number // 40)

    site.walk()

    assert comment_ids(site.store) == site.ids_shown()


@pytest.mark.parametrize("shape", ["deep", "wide"])
@pytest.mark.parametrize("site", ["arctic_shift"], indirect=True)
def test_comments_that_an_archive_never_saw_stop_nothing(site: Site, shape: Shape) -> None:
    thread = site.world.make_thread("1abc", 300, seed=6, shape=shape)
    site.service.gaps = set(list(thread.comments)[5:25])

    outcome = site.walk()

    assert outcome.state == "done"
    assert comment_ids(site.store) <= site.ids_shown()
    assert len(comment_ids(site.store)) > 20


@pytest.mark.parametrize("shape", ["deep", "wide"])
@pytest.mark.parametrize("site", ["reddit_api"], indirect=True)
def test_comments_that_the_site_passes_over_when_asked_by_their_ids_are_found(site: Site, shape: Shape) -> None:
    thread = site.world.make_thread("1abc", 800, seed=7, shape=shape)
    site.service.morechildren_omits = set(list(thread.comments)[200:800:7])

    outcome = site.walk()

    assert outcome.state == "done"
    assert comment_ids(site.store) == site.ids_shown()
