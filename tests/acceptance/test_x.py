"""Answers of the API of X that were recorded, read as observations and merged."""

import json
import re
from typing import Any

import pytest
from acceptance import recount

from collector.people import Pseudonyms
from collector.reading import Reading
from collector.x_items import identities, missing, observations, written
from db.merge import Merged, merge
from db.records import Observation, Unreadable

pytestmark = pytest.mark.acceptance

FOLDER = recount.default_data_dir() / "acceptance" / "x_api_v2"
READING = Reading(Pseudonyms(b"a key for recordings"))
EXPECTED = {
    # Versions of posts, posts, items that cannot be read.
    "cashtags.jsonl": (1, 1, 0),
    "counts.jsonl": (0, 0, 1),
    "edited.jsonl": (2, 1, 0),
    "edited_before.jsonl": (2, 1, 0),
    "geo_tweets.jsonl": (3, 3, 0),
    "many_urls.jsonl": (2, 2, 0),
    "mentions_tweet.jsonl": (1, 1, 0),
    "quoted_edit.jsonl": (3, 2, 0),
    "two_tweets.jsonl": (1, 1, 0),
}


def documents(name: str) -> list[Any]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines() if line]


def read(name: str) -> tuple[list[Observation], list[Unreadable]]:
    found = [item for document in documents(name) for item in observations(document, READING)]
    return (
        [item for item in found if isinstance(item, Observation)],
        [item for item in found if isinstance(item, Unreadable)],
    )


def items(name: str) -> list[dict[str, Any]]:
    """Every post of a recording as it stands there."""
    found = []
    for document in documents(name):
        data = document["data"]
        found += [item for item in (data if isinstance(data, list) else [data]) if "text" in item]
        found += document.get("includes", {}).get("tweets", [])
    return found


def test_every_recording_is_expected() -> None:
    assert {path.name for path in FOLDER.glob("*.jsonl")} == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_each_recording_gives_so_many_posts(name: str) -> None:
    seen, unreadable = read(name)

    assert (len(seen), len({post.native_id for post in seen}), len(unreadable)) == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_all_that_is_no_repost_is_read(name: str) -> None:
    reposts = {
        item["id"]
        for item in items(name)
        if any(reference["type"] == "retweeted" for reference in item.get("referenced_tweets", []))
    }

    assert len({item["id"] for item in items(name)} - reposts) == EXPECTED[name][0]


@pytest.mark.parametrize("name", EXPECTED)
def test_ids_tell_the_time_that_the_recordings_tell(name: str) -> None:
    assert [written(item["id"]) for item in items(name)] == [item["created_at"][:19] + "Z" for item in items(name)]


def test_no_recording_tells_of_a_post_that_is_gone() -> None:
    assert [missing(document) for name in EXPECTED for document in documents(name)] == [{}] * 10


@pytest.mark.parametrize("name", EXPECTED)
def test_no_name_and_no_short_link_that_was_resolved_is_left(name: str) -> None:
    seen, _ = read(name)
    users = [user for document in documents(name) for user in document.get("includes", {}).get("users", [])]
    shorts = {url["url"] for item in items(name) for url in item.get("entities", {}).get("urls", [])}

    for post in seen:
        text = post.text or ""
        assert not any(
            re.search(rf"@{user['username']}\b|(twitter|x)\.com/{user['username']}\b", text) for user in users
        )
        assert not any(short in text for short in shorts)


def test_an_edit_is_one_post_with_two_texts_in_whatever_order_the_recordings_come() -> None:
    # The recording with the earlier text was made after the one with the later text.
    names = ["edited.jsonl", "edited_before.jsonl", "quoted_edit.jsonl"]
    edited = next(iter(identities(documents(names[0])[0]).values()))
    texts = set()
    for order in (names, names[::-1]):
        known = Merged(f"x:{edited}", "x", edited)
        for name in order:
            for post in read(name)[0]:
                if post.native_id == edited:
                    merge(known, post)
        texts.add((known.text, known.score, tuple(old.text for old in known.earlier.values())))

    assert len(texts) == 1
    ((current, score, earlier),) = texts
    assert len(current or "") < len(earlier[0] or "")
    assert (score, len(earlier)) == (39, 1)


def test_a_reply_to_the_later_version_that_quotes_the_first_stands_below_one_post() -> None:
    reply = next(post for post in read("quoted_edit.jsonl")[0] if post.kind == "reply")

    assert reply.parent == reply.quoted == reply.thread != reply.native_id
