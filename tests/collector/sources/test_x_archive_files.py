from pathlib import Path
from typing import Any

import pytest
from fakes.collecting import PEOPLE
from fakes.file_samples import ARCHIVED_REPLY, X_QUOTED, X_REPLY, X_ROOT, archived, script
from hypothesis import given
from hypothesis import strategies as st

from collector.files import Script
from collector.reading import Reading
from collector.sources.x_archive_files import OWNER, observations, recognises
from db.records import Observation, Unreadable

READING = Reading(PEOPLE)
ACCOUNT = [{"account": {"username": "otto_9", "accountId": "44", "accountDisplayName": "Otto"}}]
MANIFEST = {"archiveInfo": {"generationDate": "2026-01-06T11:46:40.000Z"}, "userInfo": {"userName": "otto_9"}}
NOWHERE = Path("nowhere") / "tweets.js"


def posts(*items: Any, path: Path = NOWHERE) -> Script:
    return Script("YTD.tweets.part0", list(items), path)


def read(document: Script, reading: Reading = READING) -> list[Observation]:
    found = list(observations(document, reading))
    assert [item for item in found if isinstance(item, Unreadable)] == []
    return [item for item in found if isinstance(item, Observation)]


def unreadable(*items: Any) -> list[Unreadable]:
    return [item for item in observations(posts(*items), READING) if isinstance(item, Unreadable)]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive with all its files; the path is that of its posts."""
    (tmp_path / "account.js").write_bytes(script("YTD.account.part0", ACCOUNT))
    (tmp_path / "manifest.js").write_bytes(script("__THAR_CONFIG", MANIFEST))
    return tmp_path / "tweets.js"


def test_a_post_is_read_whole_with_what_stands_beside_it(archive: Path) -> None:
    (post,) = read(posts(archived(), path=archive))

    assert post == Observation(
        platform="x", native_id=X_ROOT, thread=X_ROOT, parent=None, kind="post",
        author=PEOPLE.author("x", "otto_9", X_ROOT), community="X", created_at="2026-01-05T08:00:00Z", edited_at=None,
        title=None, text=f"Such dear bread & butter, @{PEOPLE.of('x', 'mira_k')}!", url=f"https://x.com/i/status/{X_ROOT}",
        thread_url=f"https://x.com/i/status/{X_ROOT}", score=7, state="live", observed_at="2026-01-06T11:46:40Z",
    )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        None,
        script("YTD.account.part0", []),
        script("YTD.account.part0", [{"account": {"username": ""}}]),
        script("YTD.account.part0", {"account": "otto_9"}),
        b'window.YTD.account.part0 = [ {"acc',
        b'[{"account": {"username": "otto_9"}}]',
        b"",
    ],
)
def test_where_no_file_names_the_owner_all_posts_are_by_the_owner_of_an_archive(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "account.js").write_bytes(content)

    (post,) = read(posts(archived(), path=tmp_path / "tweets.js"), Reading(PEOPLE, None, "2026-02-02T00:00:00Z"))

    assert post.author == PEOPLE.author("x", OWNER, X_ROOT)
    assert post.observed_at == "2026-02-02T00:00:00Z"


def test_the_time_that_is_known_better_is_the_time_at_which_it_was_seen(archive: Path) -> None:
    (post,) = read(posts(archived(), path=archive), Reading(PEOPLE, "2026-02-01T00:00:00Z"))

    assert post.observed_at == "2026-02-01T00:00:00Z"


def test_replies_of_ones_own_lead_up_to_the_thread() -> None:
    further = archived("1900000000000000010", in_reply_to_status_id_str=X_REPLY)

    found = {post.native_id: post for post in read(posts(further, ARCHIVED_REPLY, archived()))}

    assert {post.thread for post in found.values()} == {X_ROOT}
    assert found["1900000000000000010"].parent == X_REPLY


def test_a_reply_to_somebody_else_stands_in_the_thread_of_what_it_answers() -> None:
    (reply,) = read(posts(ARCHIVED_REPLY))

    assert (reply.thread, reply.parent, reply.kind) == (X_ROOT, X_ROOT, "reply")


@pytest.mark.parametrize(
    "edits",
    [
        {"initial": {"editTweetIds": [X_ROOT, X_QUOTED]}},
        {"edit": {"initialTweetId": X_ROOT, "editControlInitial": {"editTweetIds": [X_ROOT, X_QUOTED]}}},
    ],
)
def test_an_edited_post_is_the_post_of_its_first_version(edits: Any) -> None:
    (post,) = read(posts(archived(X_QUOTED, edit_info=edits)))

    assert post.native_id == X_ROOT


def test_old_archives_hold_posts_bare_and_with_other_names() -> None:
    bare = {"id": X_ROOT, "text": "Such dear bread.", "created_at": "Mon Jan 05 08:00:00 +0000 2026"}

    (post,) = read(posts(bare))

    assert (post.native_id, post.text, post.score) == (X_ROOT, "Such dear bread.", None)


def test_a_repost_is_passed_over() -> None:
    assert [post.native_id for post in read(posts(archived("1", full_text="RT @mira_k: Queues!"), archived()))] == [
        X_ROOT
    ]


def test_links_become_what_they_lead_to() -> None:
    urls = [{"url": "https://t.co/aaa", "expanded_url": "https://example.org/bread"}]

    (post,) = read(posts(archived(full_text="See https://t.co/aaa", entities={"urls": urls})))

    assert post.text == "See https://example.org/bread"


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        (archived(full_text=None), "its text is missing"),
        (archived(full_text=["mira_k"]), "its text is list, not text"),
        (archived(id=None, id_str=None), "it bears no id"),
        (archived(in_reply_to_status_id_str="mira_k"), None),
        (archived(created_at="yesterday"), "a moment is of another form"),
        (archived(created_at="Mon Jan 05 08:00:00 +0000 1926"), "'1926-01-05T08:00:00Z' is no time between"),
        (archived(favorite_count="many"), "invalid literal for int()"),
        ("mira_k", "it is no post"),
        ({"tweet": "mira_k"}, "it is no post"),
        ({"tweet": None}, "it is no post"),
    ],
)
def test_an_item_that_cannot_be_read_is_told_and_those_around_it_are_kept(item: Any, problem: str | None) -> None:
    around = (archived("1900000000000000005"), item, archived("1900000000000000006"))

    told = unreadable(*around)

    assert len(list(observations(posts(*around), READING))) == 3
    assert [each.position for each in told] == ([] if problem is None else ["[1]"])
    assert all(each.problem.startswith(str(problem)) for each in told)
    assert "mira_k" not in repr(told)


def test_an_archive_that_holds_no_list_is_told() -> None:
    (told,) = observations(Script("YTD.tweets.part0", {"tweet": {}}, NOWHERE), READING)

    assert told == Unreadable("", "it holds no list of posts")


@pytest.mark.parametrize("name", ["YTD.tweets.part0", "YTD.tweet.part0", "YTD.tweets.part12"])
def test_the_parts_that_hold_posts_are_recognised(name: str) -> None:
    assert recognises(Script(name, [], NOWHERE))


@pytest.mark.parametrize(
    "document", [Script("YTD.like.part0", [], NOWHERE), Script("YTD.deleted_tweets.part0", [], NOWHERE), []]
)
def test_other_parts_are_not(document: Any) -> None:
    assert not recognises(document)


ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.none(), max_size=2)
NAMES = st.sampled_from([*archived()["tweet"], "in_reply_to_status_id_str"])


@given(
    st.lists(st.dictionaries(NAMES, ODD | st.dictionaries(st.sampled_from(["urls", "edit"]), ODD), max_size=4) | ODD)
)
def test_an_archive_with_anything_in_its_fields_gives_posts_or_problems(changes: list[Any]) -> None:
    items = [archived(**each) if isinstance(each, dict) else each for each in changes]

    found = list(observations(posts(*items), READING))

    assert all(isinstance(item, Observation | Unreadable) for item in found)
