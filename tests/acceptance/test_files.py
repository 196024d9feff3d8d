"""Files of several forms from the recordings kept beside the project, checked against what the raw files say."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acceptance import recount

from collector.files import FileReader
from collector.people import Pseudonyms
from collector.reading import Reading
from collector.source import file_sources
from db.records import Observation, Unreadable

pytestmark = pytest.mark.acceptance

DATA = recount.default_data_dir() / "acceptance"
PEOPLE = Pseudonyms(b"a key")
ANSWERS = {"TweetDetail_1848831595014459513.json": 1, "TweetResultByRestId_1902059299591090335.json": 2}
"""The recorded answers of X's pages, and how many posts each holds, quoted ones included."""


def read(path: Path) -> tuple[list[Observation], list[Unreadable], set[str]]:
    """The posts, the problems, and the sources but Reddit's that recognised a document."""
    posts: list[Observation] = []
    problems: list[Unreadable] = []
    names: set[str] = set()
    for document in FileReader(path).documents():
        recognising = {name: source for name, source in file_sources().items() if source.recognises(document.value)}
        names |= recognising.keys()
        source = next(source for name, source in recognising.items() if name != "reddit_files" or len(recognising) == 1)
        for found in source.observations(document.value, Reading(PEOPLE), document.position):
            if isinstance(found, Observation):
                posts.append(found)
            else:
                problems.append(found)
    return posts, problems, names - {"reddit_files"}


def values(node: Any, name: str) -> Iterator[Any]:
    """All values of a field, wherever it stands."""
    stack = [node]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            if name in value:
                yield value[name]
            stack += value.values()
        elif isinstance(value, list):
            stack += value


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_an_answer_of_the_pages_of_x_is_read_whole(name: str) -> None:
    path = DATA / "x_graphql" / name
    raw = json.loads(path.read_bytes())

    posts, problems, sources = read(path)

    assert (problems, sources) == ([], {"zeeschuimer_lines"})
    assert len(posts) == ANSWERS[name]
    assert posts[0].native_id == name.partition("_")[2].removesuffix(".json")
    legacy = {each["id_str"]: each for each in values(raw, "legacy") if "full_text" in each}
    for post in posts:
        assert post.score == legacy[post.native_id]["favorite_count"]
        assert post.declared_count == legacy[post.native_id]["reply_count"]
        assert post.url == f"https://x.com/i/status/{post.native_id}"


@pytest.mark.parametrize("path", sorted((DATA / "x_api_v2").glob("*.jsonl")), ids=lambda path: path.stem)
def test_lines_of_twarc_give_every_post_that_is_no_repost_once(path: Path) -> None:
    pages = [json.loads(line) for line in path.read_bytes().splitlines()]
    whole = [post for page in pages for post in (*page["data"], *page.get("includes", {}).get("tweets", []))]
    wanted = {
        post["id"]
        for post in whole
        if "text" in post and not any(each["type"] == "retweeted" for each in post.get("referenced_tweets", []))
    }

    posts, problems, sources = read(path)

    assert sources == {"twarc_lines"}
    assert [problem.problem for problem in problems] == ["it counts posts and holds none"] * (path.stem == "counts")
    chains = {post["id"]: post.get("edit_history_tweet_ids", [post["id"]])[0] for post in whole if "id" in post}
    assert {post.native_id for post in posts} == {chains[native] for native in wanted}
    assert {post.platform for post in posts} <= {"x"}


@pytest.mark.parametrize(
    "path",
    sorted([*(DATA / "x_graphql").glob("*.json"), *(DATA / "x_api_v2").glob("*.jsonl")]),
    ids=lambda path: path.stem,
)
def test_nobody_who_is_named_in_a_file_is_named_in_what_is_read(path: Path) -> None:
    raw = [json.loads(line) for line in path.read_bytes().splitlines()]
    named = {name for field in ("screen_name", "username") for name in values(raw, field)}

    posts, problems, _ = read(path)

    assert [name for name in named if name in repr((posts, problems))] == []
    assert named or path.stem == "counts"
