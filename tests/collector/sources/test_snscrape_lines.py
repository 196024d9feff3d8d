from typing import Any

import pytest
from fakes.collecting import PEOPLE
from fakes.file_samples import OLD_SNSCRAPE, SNSCRAPE_REPLY, X_QUOTED, X_REPLY, X_ROOT, snscrape_post
from hypothesis import given
from hypothesis import strategies as st

from collector.reading import Reading
from collector.sources.snscrape_lines import observations, recognises
from db.records import Observation, Unreadable

READING = Reading(PEOPLE)


def read(document: Any) -> list[Observation]:
    found = list(observations(document, READING, "line 3"))
    assert [item for item in found if isinstance(item, Unreadable)] == []
    return [item for item in found if isinstance(item, Observation)]


def test_a_line_is_read_whole() -> None:
    (reply,) = read(SNSCRAPE_REPLY)

    assert reply == Observation(
        platform="x", native_id=X_REPLY, thread=X_ROOT, parent=X_ROOT, kind="reply",
        author=PEOPLE.author("x", "mira_k", X_ROOT), community="X", created_at="2026-01-05T08:00:00Z", edited_at=None,
        title=None, text="I stood in a queue.", url=f"https://x.com/i/status/{X_REPLY}",
        thread_url=f"https://x.com/i/status/{X_ROOT}", score=7, state="live", observed_at=None,
    )  # fmt: skip


def test_names_in_the_text_are_hidden() -> None:
    (post,) = read(snscrape_post())

    assert post.text == f"Such dear bread & butter, @{PEOPLE.of('x', 'mira_k')}!"


@pytest.mark.parametrize(
    "line",
    [OLD_SNSCRAPE, snscrape_post(rawContent="Such dear bread: https://t.co/abc", links=[
        {"url": "https://example.org/bread", "tcourl": "https://t.co/abc"}, {"url": None, "tcourl": 7}, "odd",
    ])],
)  # fmt: skip
def test_old_and_new_names_of_the_fields_are_known(line: Any) -> None:
    (post,) = read(line)

    assert post.text == "Such dear bread: https://example.org/bread"


def test_old_lists_of_links_that_do_not_fit_each_other_are_left_alone() -> None:
    (post,) = read({**OLD_SNSCRAPE, "outlinks": []})

    assert post.text == "Such dear bread: https://t.co/abc"


def test_a_text_that_was_cut_is_known_as_such() -> None:
    (post,) = read(snscrape_post(rawContent="Such dear… https://t.co/xyz"))

    assert (post.text, post.cut) == ("Such dear…", True)


def test_ids_written_as_text_count_more_than_numbers_that_may_have_lost_digits() -> None:
    line = snscrape_post(1, id_str=X_REPLY, conversationIdStr=X_ROOT, conversationId=2, inReplyToTweetIdStr=X_ROOT)

    (post,) = read(line)

    assert (post.native_id, post.thread, post.parent) == (X_REPLY, X_ROOT, X_ROOT)


@pytest.mark.parametrize(("answered", "thread"), [(None, X_REPLY), (int(X_ROOT), X_ROOT)])
def test_a_line_without_its_conversation_stands_below_what_it_answers(answered: int | None, thread: str) -> None:
    (post,) = read(snscrape_post(X_REPLY, conversationId=None, inReplyToTweetId=answered))

    assert post.thread == thread


def test_a_quoted_post_is_read_beside_the_one_that_quotes_it() -> None:
    quoting, quoted = read(snscrape_post(quotedTweet=snscrape_post(X_QUOTED, conversationId=int(X_QUOTED))))

    assert (quoting.quoted, quoting.kind, quoted.native_id) == (X_QUOTED, "quote", X_QUOTED)


def test_a_repost_is_passed_over_and_what_it_repeats_is_read() -> None:
    (post,) = read(snscrape_post("1900000000000000009", retweetedTweet=snscrape_post()))

    assert post.native_id == X_ROOT


@pytest.mark.parametrize(
    ("line", "place", "problem"),
    [
        (snscrape_post(rawContent=None), "line 3", "its text is missing"),
        (snscrape_post(id=None), "line 3", "it bears no id"),
        (snscrape_post(date="yesterday"), "line 3", "Invalid isoformat string"),
        (snscrape_post(date="2026-01-05T08:00:00"), "line 3", "'2026-01-05T08:00:00' bears no time zone"),
        (snscrape_post(likeCount=-7), "line 3", "-7 is no count"),
        (snscrape_post(retweetedTweet="mira_k"), "line 3.retweetedTweet", "it is no post"),
        ("mira_k", "line 3", "it is no post"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_without_names(line: Any, place: str, problem: str) -> None:
    (told,) = observations(line, READING, "line 3")

    assert isinstance(told, Unreadable)
    assert told.position == place
    assert told.problem.startswith(problem)
    assert "mira_k" not in repr(told)
    assert "otto_9" not in repr(told)


@pytest.mark.parametrize("document", [{"_type": "snscrape.modules.reddit.Comment"}, {"content": "a"}, [], None])
def test_another_document_is_not_recognised(document: Any) -> None:
    assert not recognises(document)


def test_a_line_without_its_type_is_recognised_by_its_names() -> None:
    assert recognises({name: value for name, value in snscrape_post().items() if name != "_type"})


ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.none(), max_size=2)


@given(st.dictionaries(st.sampled_from(sorted(snscrape_post())), ODD | st.dictionaries(st.just("id"), ODD), max_size=5))
def test_a_line_with_anything_in_its_fields_gives_posts_or_problems(changes: dict[str, Any]) -> None:
    found = list(observations(snscrape_post(**changes), READING))

    assert found
    assert all(isinstance(item, Observation | Unreadable) for item in found)
