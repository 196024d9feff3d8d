"""A list of links as the start of a study."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.observed import rows
from fakes.study import comment, groundswell, save, submission
from fakes.study import thread as saved_thread

from collector.forecast import ROW_HEADINGS
from db.errors import GroundswellError
from db.lost import BLOCK
from db.queries.posts import exported_posts
from groundswell.link_lists import LinkList, collect_list, forecast, read_links, remark_lines
from groundswell.sites import Conduct
from groundswell.stopping import Stop
from groundswell.study import Study, find_study

if TYPE_CHECKING:
    from fakes.server import FakeServer
    from fakes.world import World

LINK = "https://www.reddit.com/r/invented_engineers/comments/aaa111/some_words/"
OTHER = "https://www.reddit.com/r/invented_engineers/comments/bbb222/"
POST_ON_X = "https://x.com/mira_k/status/1234567890123456789"
SENTENCE = "Our zymurgist hides quinoa under every floorboard of the bakery"
LIST = f"""# Threads

- [What is it]({LINK}) -- a good one
- [Again](https://redd.it/aaa111)
- [Other]({OTHER})

## Elsewhere

- {POST_ON_X}
- https://youtu.be/abc
"""
ANSWER = {"choices": [{"message": {"content": f"- {SENTENCE}: [a thread]({LINK})"}}], "citations": [LINK]}
NOTHING = io.BytesIO()


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    return save(tmp_path / "list.md", LIST)


def again(study: Study) -> Study:
    return find_study(study.root, study.root)


def stored(study: Study) -> set[str]:
    with study.store() as store:
        return {row["thread"] for row in exported_posts(store.connection)}


def found(*paths: Path) -> LinkList:
    return read_links(paths, NOTHING)


def test_links_are_read_from_files_folders_standard_input_and_the_command_line(listed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    save(folder / "one.txt", OTHER)

    everything = read_links(
        [listed, folder, Path("-")],
        io.BytesIO(b"https://news.ycombinator.com/item?id=12"),
        links=["https://redd.it/ccc3"],
    )

    assert [file.name for file in everything.files[-2:]] == ["standard input", "the command line"]
    assert [item.target.address for item in everything.plan.planned] == [
        "reddit:t3_aaa111", "reddit:t3_bbb222", "x:1234567890123456789", "hn:12", "reddit:t3_ccc3"
    ]  # fmt: skip


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(GroundswellError, match=r"nowhere\.md: there is no such file or folder"):
        found(tmp_path / "nowhere.md")


def test_a_list_without_a_link_is_an_error_and_an_answer_without_one_is_not(tmp_path: Path) -> None:
    empty = save(tmp_path / "empty.md", "Nothing but words.")

    with pytest.raises(GroundswellError, match=r"no link stands in empty\.md"):
        found(empty)
    assert read_links([empty], NOTHING, leads=True).plan.planned == ()


def test_standard_input_that_is_no_text_is_an_error(listed: Path) -> None:
    with pytest.raises(GroundswellError, match="standard input"):
        read_links([listed, Path("-")], io.BytesIO(b"\x00\x01\x02" * 40))


def test_a_forecast_tells_what_each_site_would_take(study: Study, listed: Path) -> None:
    table, told = forecast(study, found(listed))

    assert len(table[0]) == len(ROW_HEADINGS)
    assert {row[0] for row in table} >= {"reddit", "x"}
    assert json.dumps(told)


def test_people_are_told_what_is_listed_twice_and_what_cannot_be_collected(listed: Path) -> None:
    lines = remark_lines(found(listed))

    assert lines[0].startswith("listed 2 times: https://www.reddit.com/comments/aaa111/ (")
    assert [line for line in lines if line.startswith("cannot be collected: ") and "line 10" in line] != []


def test_pages_of_forums_are_counted(tmp_path: Path) -> None:
    listed = save(tmp_path / "forums.md", "https://discourse.example.org/t/bread/12 and https://example.org/a")

    assert "1 of the web pages are pages of forums" in remark_lines(found(listed))


def test_a_list_is_collected_and_what_it_says_is_kept(
    study: Study, listed: Path, world: World, site: FakeServer
) -> None:
    for thread in ("aaa111", "bbb222"):
        world.make_thread(thread, 3, troubled=False)

    outcome, left_out = collect_list(again(study), found(listed), Conduct(Stop()))

    assert (outcome.state, site.count() > 0) == ("done", True)
    assert stored(study) == {"reddit:t3_aaa111", "reddit:t3_bbb222"}
    assert len(left_out) == 1
    assert left_out[0].startswith("x: 1 left out: X's API needs X_BEARER_TOKEN")
    with study.store() as store:
        assert {row["text"] for row in rows(store, "SELECT text FROM memos")} >= {"a good one"}


def test_a_list_goes_on_where_a_failure_left_it(study: Study, listed: Path, world: World, site: FakeServer) -> None:
    for thread in ("aaa111", "bbb222"):
        world.make_thread(thread, 3, troubled=False)
    site.fail("403", path="/api/posts/ids", at=1)
    site.fail("403", path="/api/posts/ids", at=2)
    refused, _ = collect_list(again(study), found(listed), Conduct(Stop()))
    site.heal()

    resumed, _ = collect_list(again(study), found(listed), Conduct(Stop()))

    assert (refused.state, resumed.state) == ("refused", "done")
    assert stored(study) == {"reddit:t3_aaa111", "reddit:t3_bbb222"}


def test_only_the_wanted_sites_are_asked(study: Study, listed: Path, site: FakeServer) -> None:
    outcome, left_out = collect_list(again(study), found(listed), Conduct(Stop()), only=["hn"])

    assert (outcome.state, left_out, site.count()) == ("done", [], 0)


def test_x_is_left_out_until_somebody_says_what_it_may_cost(
    study: Study, listed: Path, site: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X_BEARER_TOKEN", "a token")

    _, left_out = collect_list(again(study), found(listed), Conduct(Stop()), only=["x"])

    assert left_out == ["x: 1 left out: reading them costs money; --max-usd says how much"]
    assert site.count() == 0


def test_an_answer_leaves_leads(study: Study, tmp_path: Path, world: World, site: FakeServer) -> None:
    world.make_thread("aaa111", 3, troubled=False)
    answer = save(tmp_path / "answer.json", ANSWER)

    outcome, _ = collect_list(again(study), found(answer), Conduct(Stop()))

    assert (outcome.state, site.count() > 0) == ("done", True)
    with study.store() as store:
        assert any(SENTENCE in (row["claim"] or "") for row in rows(store, "SELECT claim FROM leads"))


def test_a_lead_that_repeats_words_of_a_deleted_post_is_kept_without_them(
    study: Study, tmp_path: Path, world: World, site: FakeServer
) -> None:
    for name, told, author in (("a", f"{SENTENCE}.", "otto"), ("b", "[deleted]", "[deleted]")):
        path = save(tmp_path / f"{name}.json", saved_thread(submission(), comment("bbb1", told, author=author)))
        day = "01" if name == "a" else "02"
        ran = groundswell("-C", study.root, "collect", "import", path, "--observed-at", f"2026-02-{day}T00:00:00Z")
        assert ran.code == 0
    world.make_thread("aaa111", 1, troubled=False)
    answer = save(tmp_path / "answer.md", f"- {SENTENCE}: [a thread]({LINK})")

    collect_list(again(study), read_links([answer], NOTHING, leads=True), Conduct(Stop()), leads=True)

    assert site.count() > 0
    with study.store() as store:
        claims = " ".join(row["claim"] for row in rows(store, "SELECT claim FROM leads"))
    assert "zymurgist" not in claims
    assert BLOCK in claims
