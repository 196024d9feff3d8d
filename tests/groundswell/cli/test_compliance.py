"""`collect refresh` and `collect forget`: what they print, what they ask, and their exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.study import bread_thread, groundswell, save
from fakes.traces import files_with

from groundswell.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.server import FakeServer
    from fakes.world import World

LINK = "https://www.reddit.com/r/invented_engineers/comments/aaa111/some_words/"


def states(study: Study) -> dict[str, str]:
    return {row["native_id"]: row["state"] for row in groundswell("-C", study.root, "export", "posts").rows}


def test_without_a_key_a_look_says_how_many_posts_cannot_be_looked_at(used: Study, tmp_path: Path) -> None:
    saved = save(tmp_path / "thread.json", bread_thread())
    groundswell("-C", used.root, "collect", "import", saved, "--observed-at", "2026-02-01T00:00:00Z")

    ran = groundswell("-C", used.root, "collect", "refresh")
    status = groundswell("-C", used.root, "status")

    assert (ran.code, ran.out) == (0, "reddit: 3 posts due for a look cannot be looked at\n")
    assert "3 of them cannot be looked at again here" in status.out


def test_posts_that_were_seen_lately_need_no_look(used: Study) -> None:
    ran = groundswell("-C", used.root, "collect", "refresh", "--older-than", "9999w")

    assert (ran.code, ran.out) == (0, "no post is due for a look\n")


@pytest.mark.parametrize("older", ["soon", "0h", "-1d", ""])
def test_an_interval_that_is_none_is_refused(used: Study, older: str) -> None:
    ran = groundswell("-C", used.root, "collect", "refresh", f"--older-than={older}")

    assert (ran.code, ran.out) == (1, "")
    assert "--older-than" in ran.err


@pytest.mark.usefixtures("reddit_key")
def test_with_a_key_deleted_posts_go(study: Study, world: World, site: FakeServer) -> None:
    world.make_thread("aaa111", 4, troubled=False)
    assert groundswell("-C", study.root, "collect", "url", LINK, "--source", "arctic_shift").code == 0
    gone = next(iter(world.threads["aaa111"].comments))
    world.delete(f"t1_{gone}")

    ran = groundswell("-C", study.root, "collect", "refresh")

    assert (ran.code, ran.out) == (0, "5 posts seen: 0 new, 1 changed\n")
    assert states(study)[f"t1_{gone}"] == "deleted_by_author"
    assert site.count("/api/info") == 1


@pytest.mark.usefixtures("reddit_key")
@pytest.mark.parametrize(("fault", "exit_code"), [("429-retry-after", 7), ("403", 7), ("401", 3)])
def test_a_site_that_does_not_answer_a_look_is_the_exit_code(
    study: Study, world: World, site: FakeServer, fault: str, exit_code: int
) -> None:
    world.make_thread("aaa111", 4, troubled=False)
    groundswell("-C", study.root, "collect", "url", LINK, "--source", "arctic_shift")
    path = "/api/v1/access_token" if fault == "401" else "/api/info"
    site.fail(fault, path=path, times=None, retry_after=500)  # type: ignore[arg-type]

    ran = groundswell("-C", study.root, "collect", "refresh")

    assert ran.code == exit_code


def test_forgetting_asks_first(used: Study) -> None:
    no = groundswell("-C", used.root, "collect", "forget", "--author", "u/mira_k", typed="n\n")
    before = states(used)
    yes = groundswell("-C", used.root, "collect", "forget", "--author", "u/mira_k", typed="y\n")

    assert (no.code, no.out.strip()) == (1, "")
    assert "live" in before["t3_aaa1"]
    assert (yes.code, yes.out.strip().partition(";")[0]) == (0, "1 post taken out")
    assert states(used)["t3_aaa1"] == "purged"


def test_the_name_that_is_to_be_forgotten_is_written_nowhere(used: Study) -> None:
    ran = groundswell("-C", used.root, "collect", "forget", "--author", "u/nobody_of_that_name", "--yes")

    assert (ran.code, ran.out.partition(";")[0]) == (0, "0 posts taken out")
    assert files_with(used.root, "nobody_of_that_name") == set()


def test_a_post_is_forgotten_by_its_link(used: Study) -> None:
    ran = groundswell(
        "-C", used.root, "collect", "forget", "--post", "https://www.reddit.com/r/x/comments/aaa1/y/bbb1/", "--yes"
    )

    assert (ran.code, ran.out.partition(";")[0]) == (0, "1 post taken out")
    assert states(used) == {"t3_aaa1": "live", "t1_bbb1": "purged", "t1_bbb2": "live"}


@pytest.mark.parametrize("options", [[], ["--author", "u/mira_k", "--post", "reddit:t1_bbb1"]])
def test_forgetting_needs_one_of_author_and_post(used: Study, options: list[str]) -> None:
    ran = groundswell("-C", used.root, "collect", "forget", "--yes", *options)

    assert ran.code == 2


def test_an_author_without_a_site_is_refused_with_a_hint(used: Study) -> None:
    ran = groundswell("-C", used.root, "collect", "forget", "--author", "mira_k", "--yes")

    assert (ran.code, ran.out) == (1, "")
    assert "hint: write u/name, @name, hn:name" in ran.err
