import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.people import Pseudonyms
from collector.reading import Reading
from collector.x_items import (
    XPost,
    hide_names,
    identities,
    missing,
    observation,
    observations,
    problems,
    words,
    written,
)  # fmt: skip
from db.records import Observation, Unreadable

PEOPLE = Pseudonyms(b"a key")
READING = Reading(PEOPLE, otherwise_at="2026-03-01T00:00:00Z")
ROOT, REPLY, OTHER = "1900000000000000001", "1900000004194304002", "1900000008388608003"
WRITTEN = "2025-03-13T01:44:34Z"
"""When the id of the opening post was given."""
SECOND = "1900000001000000009"
POST: dict[str, Any] = {
    "id": ROOT, "text": "Bread is dear.", "conversation_id": ROOT, "created_at": "2025-03-13T01:44:34.000Z",
    "author_id": "71", "edit_history_tweet_ids": [ROOT],
    "public_metrics": {"like_count": 4, "reply_count": 2, "retweet_count": 0, "quote_count": 0},
}  # fmt: skip
ANSWER = POST | {
    "id": REPLY, "text": "So it is.", "author_id": "72", "edit_history_tweet_ids": [REPLY],
    "referenced_tweets": [{"type": "replied_to", "id": ROOT}],
}  # fmt: skip
USERS = [{"id": "71", "username": "mira_k"}, {"id": "72", "username": "otto_9"}]
NEW_NAMES = {
    "edit_history_tweet_ids": "edit_history_post_ids", "referenced_tweets": "referenced_posts",
    "note_tweet": "note_post", "tweets": "posts", "total_tweet_count": "total_post_count",
}  # fmt: skip


def renamed(value: Any) -> Any:
    """A document in the new spelling of its fields."""
    if isinstance(value, dict):
        return {NEW_NAMES.get(name, name): renamed(inner) for name, inner in value.items()}
    return [renamed(inner) for inner in value] if isinstance(value, list) else value


def read(document: Any, reading: Reading = READING, **options: Any) -> list[Observation]:
    found = list(observations(document, reading, **options))
    assert [item for item in found if isinstance(item, Unreadable)] == []
    return [item for item in found if isinstance(item, Observation)]


def one(item: dict[str, Any], reading: Reading = READING, **rest: Any) -> Observation:
    (found,) = read({"data": item} | rest, reading)
    return found


def unreadable(document: Any, position: str = "") -> list[Unreadable]:
    return [item for item in observations(document, READING, position) if isinstance(item, Unreadable)]


def text_of(text: str, **fields: Any) -> str | None:
    return words(XPost(ROOT, ROOT, text=text, **fields), PEOPLE)[0]


def test_a_post_that_opens_a_conversation_is_read_field_by_field() -> None:
    assert one(POST, includes={"users": USERS}) == Observation(
        platform="x", native_id=ROOT, thread=ROOT, parent=None, kind="post",
        author=PEOPLE.author("x", "mira_k", ROOT), community="X", created_at=WRITTEN, edited_at=None, title=None,
        text="Bread is dear.", url=f"https://x.com/i/status/{ROOT}", thread_url=f"https://x.com/i/status/{ROOT}",
        score=4, state="live", observed_at="2026-03-01T00:00:00Z", declared_count=2,
    )  # fmt: skip


def test_a_reply_knows_its_parent_and_announces_nothing() -> None:
    seen = one(ANSWER, includes={"users": USERS})

    assert (seen.kind, seen.native_id, seen.thread, seen.parent) == ("reply", REPLY, ROOT, ROOT)
    assert seen.declared_count is None
    assert seen.url == f"https://x.com/i/status/{REPLY}"


def test_a_post_that_quotes_another_opens_a_conversation_of_its_own() -> None:
    seen = one(POST | {"referenced_tweets": [{"type": "quoted", "id": OTHER}]})

    assert (seen.kind, seen.parent, seen.quoted) == ("quote", None, OTHER)


def test_a_reply_that_quotes_is_a_reply() -> None:
    both = [{"type": "quoted", "id": OTHER}, {"type": "replied_to", "id": ROOT}]

    seen = one(ANSWER | {"referenced_tweets": both})

    assert (seen.kind, seen.parent, seen.quoted) == ("reply", ROOT, OTHER)


def test_a_reply_that_does_not_say_what_it_replies_to_stands_below_the_opening_post() -> None:
    assert one(ANSWER | {"referenced_tweets": []}).parent == ROOT


@pytest.mark.parametrize("kind", ["retweeted", "reposted"])
def test_a_pure_repost_is_passed_over_and_what_it_repeats_is_read(kind: str) -> None:
    repost = POST | {"id": OTHER, "conversation_id": OTHER, "referenced_tweets": [{"type": kind, "id": ROOT}]}

    found = read({"data": [repost], "includes": {"tweets": [repost, POST]}})

    assert [seen.native_id for seen in found] == [ROOT]


@pytest.mark.parametrize("spelling", [lambda value: value, renamed])
def test_both_spellings_of_the_fields_are_read(spelling: Any) -> None:
    edited = ANSWER | {"edit_history_tweet_ids": [REPLY, SECOND], "note_tweet": {"text": "So it is, by far."}}
    document = {"data": [edited], "includes": {"tweets": [POST], "users": USERS}}

    found = read(spelling(document))

    assert [(seen.native_id, seen.text, seen.parent) for seen in found] == [
        (REPLY, "So it is, by far.", ROOT),
        (ROOT, "Bread is dear.", None),
    ]


@pytest.mark.parametrize(
    ("document", "ids"),
    [
        ({"data": POST}, [ROOT]),
        ({"data": [POST, ANSWER]}, [ROOT, REPLY]),
        ({"data": [ANSWER], "includes": {"tweets": [ANSWER, POST]}}, [REPLY, ROOT]),
        ([{"data": POST}, {"data": ANSWER}], [ROOT, REPLY]),
        (ANSWER | {"author": USERS[1], "referenced_tweets": [{"type": "replied_to", **POST}]}, [REPLY, ROOT]),
        ({"data": []}, []),
        ({"meta": {"result_count": 0}}, []),
        ({"errors": [{"title": "Not Found Error"}]}, []),
        ({"data": [POST], "includes": {"tweets": None, "users": None}}, [ROOT]),
    ],
)
def test_each_post_of_an_answer_is_read_once_and_those_asked_for_first(document: Any, ids: list[str]) -> None:
    assert [seen.native_id for seen in read(document)] == ids


def test_a_flat_line_bears_its_author_itself() -> None:
    assert one(POST, includes={"users": USERS}).author == read(POST | {"author": USERS[0]})[0].author


def test_an_author_of_whom_only_the_number_is_told_is_another_pseudonym_than_that_of_the_name() -> None:
    seen = one(POST, includes={"users": [{"id": "71"}, "no user", {"id": "71", "username": 7}]})

    assert seen.author == PEOPLE.author("x", "id:71", ROOT)


def test_of_an_author_of_whom_nothing_is_told_nothing_is_said() -> None:
    assert one({name: value for name, value in POST.items() if name != "author_id"}).author is None


@pytest.mark.parametrize(
    ("reading", "mark", "seen_at"),
    [
        (Reading(PEOPLE, observed_at="2026-04-01T00:00:00Z"), {"retrieved_at": "2026-02-01T00:00:00+00:00"}, "2026-04-01T00:00:00Z"),
        (READING, {"retrieved_at": "2026-02-01T02:00:00+02:00"}, "2026-02-01T00:00:00Z"),
        (READING, {"retrieved_at": 7}, "2026-03-01T00:00:00Z"),
        (READING, None, "2026-03-01T00:00:00Z"),
        (Reading(PEOPLE), None, None),
    ],
)  # fmt: skip
def test_a_post_was_seen_when_it_is_known_to_have_been(reading: Reading, mark: Any, seen_at: str | None) -> None:
    assert one(POST, reading, __twarc=mark).observed_at == seen_at


def test_an_id_that_is_a_number_is_a_text_and_keeps_all_its_digits() -> None:
    assert one(POST | {"id": int(ROOT), "conversation_id": int(ROOT)}).native_id == ROOT


def test_each_version_of_an_edited_post_is_an_observation_of_the_first_id() -> None:
    chain = {"edit_history_tweet_ids": [ROOT, SECOND]}
    later = (
        POST
        | chain
        | {"id": SECOND, "conversation_id": SECOND, "text": "Bread is cheap.", "created_at": "2025-03-13T01:50:00Z"}
    )

    new, old = read({"data": [later], "includes": {"tweets": [POST | chain]}})

    assert (new.native_id, new.thread, new.parent) == (old.native_id, old.thread, old.parent) == (ROOT, ROOT, None)
    assert (new.text, old.text) == ("Bread is cheap.", "Bread is dear.")
    assert (new.created_at, old.created_at) == (WRITTEN, WRITTEN)
    assert (new.edited_at, old.edited_at) == ("2025-03-13T01:50:00Z", None)
    assert (new.observed_at, old.observed_at) == ("2026-03-01T00:00:00Z", WRITTEN)
    assert (new.score, old.score, new.declared_count, old.declared_count) == (4, None, 2, None)


def test_a_reply_to_a_later_version_is_a_reply_to_the_post() -> None:
    later = POST | {"id": SECOND, "conversation_id": SECOND, "edit_history_tweet_ids": [ROOT, SECOND]}
    reply = ANSWER | {"conversation_id": SECOND, "referenced_tweets": [
        {"type": "replied_to", "id": SECOND}, {"type": "quoted", "id": SECOND},
    ]}  # fmt: skip

    seen = read({"data": [reply], "includes": {"tweets": [later]}})[0]

    assert (seen.thread, seen.parent, seen.quoted) == (ROOT, ROOT, ROOT)
    assert read({"data": [reply]}, known={SECOND: ROOT}) == [seen]
    assert read({"data": [reply]})[0].parent == SECOND


def test_versions_are_known_by_their_chain_only() -> None:
    chained = POST | {"edit_history_tweet_ids": [ROOT, SECOND]}

    assert identities({"data": [chained], "includes": {"tweets": [ANSWER]}}) == {ROOT: ROOT, SECOND: ROOT, REPLY: REPLY}
    assert identities({"data": ["no post", {"id": "1"}, {"edit_history_tweet_ids": ["", None, "a b"]}]}) == {}


def test_an_id_tells_when_it_was_given_since_november_2010() -> None:
    assert written(ROOT) == WRITTEN
    assert written("29700859247") == "2010-11-04T01:43:01Z"
    assert written(str(2**63 - 1)) == "2080-07-10T17:30:30Z"
    assert written("29700859246") is None
    assert written(str(2**63)) is None
    assert written("t3_abc") is None


def test_a_post_without_a_time_was_written_when_its_id_was_given() -> None:
    assert one({name: value for name, value in POST.items() if name != "created_at"}).created_at == WRITTEN


def test_an_old_version_with_an_id_that_tells_no_time_was_seen_at_no_known_time() -> None:
    seen = one({"id": "7", "conversation_id": "7", "text": "Old.", "edit_history_tweet_ids": ["7", "8"]})

    assert (seen.created_at, seen.observed_at) == (None, None)


@pytest.mark.parametrize("whole", ["5 &lt; 6 &amp;&amp; 7 &gt; 6", "5 < 6 && 7 > 6"])
def test_the_note_of_a_long_post_is_its_text_whether_it_is_escaped_or_not(whole: str) -> None:
    seen = one(POST | {"text": "5 &lt; 6… https://t.co/abc", "note_tweet": {"text": whole}})

    assert (seen.text, seen.cut) == ("5 < 6 && 7 > 6", False)


def test_links_of_a_note_are_those_of_its_own_entities() -> None:
    urls = [{"url": "https://t.co/long1", "expanded_url": "https://example.org/far?a=1&lt=2"}]

    seen = one(POST | {"note_tweet": {"text": "See https://t.co/long1 now", "entities": {"urls": urls}}})

    assert seen.text == "See https://example.org/far?a=1&lt=2 now"


@pytest.mark.parametrize(
    "entities", [None, [], {"urls": None}, {"urls": ["no", {"url": "https://t.co/a1"}, {"expanded_url": "b"}]}]
)
def test_entities_that_lead_nowhere_leave_the_short_link(entities: Any) -> None:
    assert one(POST | {"text": "See https://t.co/a1 now", "entities": entities}).text == "See https://t.co/a1 now"


def test_a_note_without_a_text_leaves_the_beginning() -> None:
    seen = one(POST | {"text": "So it begins… https://t.co/abc", "note_tweet": {}})

    assert (seen.text, seen.cut) == ("So it begins…", True)


@pytest.mark.parametrize(
    ("text", "links", "shown", "is_cut"),
    [
        ("It begins… https://t.co/a1", {"https://t.co/a1": f"https://twitter.com/i/web/status/{ROOT}"}, "It begins…", True),
        ("It begins… https://t.co/a1", {}, "It begins…", True),
        ("Look… https://t.co/a1", {"https://t.co/a1": "https://example.org/b"}, "Look… https://example.org/b", False),
        ("It ends so…", {}, "It ends so…", False),
        ("A link https://t.co/a1", {}, "A link https://t.co/a1", False),
    ],
)  # fmt: skip
def test_a_text_that_ends_in_a_link_to_itself_is_a_beginning(
    text: str, links: dict[str, str], shown: str, is_cut: bool
) -> None:
    assert words(XPost(ROOT, ROOT, text=text, links=links), PEOPLE) == (shown, is_cut)


@pytest.mark.parametrize(
    "target",
    [
        f"https://twitter.com/mira_k/status/{ROOT}/photo/1",
        f"https://x.com/mira_k/status/{ROOT}/video/1",
        f"https://twitter.com/i/web/status/{ROOT}",
        f"https://twitter.com/mira_k/status/{SECOND}",
    ],
)
def test_a_link_to_the_post_itself_is_left_out(target: str) -> None:
    shown = text_of("A photo https://t.co/pic", links={"https://t.co/pic": target}, chain=(ROOT, SECOND))

    assert shown == "A photo"


def test_a_photo_without_words_is_no_text() -> None:
    assert text_of("https://t.co/pic", links={"https://t.co/pic": f"https://x.com/a/status/{ROOT}/photo/1"}) is None
    assert words(XPost(ROOT, ROOT, text=None), PEOPLE) == (None, False)


def test_a_short_link_before_letters_of_another_script_is_found() -> None:
    assert (
        text_of("見てhttps://t.co/a1です", links={"https://t.co/a1": "https://example.org/b"})
        == "見てhttps://example.org/bです"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://twitter.com/Mira_K/status/19", "https://x.com/i/status/19"),
        ("http://mobile.twitter.com/mira_k/statuses/19?s=20&t=mira_k", "https://x.com/i/status/19"),
        ("see x.com/mira_k/status/19/photo/2.", "see https://x.com/i/status/19."),
        ("(https://x.com/i/web/status/19)", "(https://x.com/i/status/19)"),
        ("https://x.com/search?q=from%3Amira_k", "https://x.com/search"),
        ("https://twitter.com/intent/user?screen_name=mira_k", "https://x.com/intent/user"),
        ("https://x.com/hashtag/bread?src=hash", "https://x.com/hashtag/bread"),
        ("https://netflix.com/mira_k", "https://netflix.com/mira_k"),
        ("https://www.example.org/x.com/mira_k", "https://www.example.org/x.com/mira_k"),
    ],
)
def test_links_to_posts_name_nobody(text: str, shown: str) -> None:
    assert hide_names(text, PEOPLE) == shown


@pytest.mark.parametrize(
    "text",
    [
        "@mira_k says so", "ask @MIRA_K!", "さん@mira_kさんありがとうございました", ".@mira_k: no", "\uff20mira_k hello",
        "https://x.com/mira_k", "https://twitter.com/Mira_K/with_replies?x=1", "twitter.com/#!/mira_k",
        "As u/mira_k wrote on https://www.reddit.com/user/mira_k/",
    ],
)  # fmt: skip
def test_no_name_that_a_text_mentions_is_left(text: str) -> None:
    assert "mira_k" not in hide_names(text, PEOPLE).lower()


def test_a_mention_and_a_link_to_an_account_bear_the_pseudonym_of_its_posts() -> None:
    author = one(POST, includes={"users": USERS}).author

    assert author is not None
    hidden = author.address.removeprefix("x:")
    assert hide_names("@Mira_K x.com/mira_k/media", PEOPLE) == f"@{hidden} https://x.com/{hidden}/media"


def test_what_is_no_mention_stays() -> None:
    text = "me@example.org, https://example.org/@mira, 5 @ 3, @" + "a" * 16

    assert hide_names(text, PEOPLE) == text


@given(
    st.lists(
        st.sampled_from(["@mira_k", "https://x.com/Mira_K", " ", "日", "n", ".", "/", "@", "https://t.co/a"]),
        max_size=12,
    )
)
def test_hiding_names_twice_is_hiding_them_once(parts: list[str]) -> None:
    once = hide_names("".join(parts), PEOPLE)

    assert hide_names(once, PEOPLE) == once


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"id": None}, "id 'None' is no id"),
        ({"id": True}, "id 'True' is no id"),
        ({"id": "../1"}, "id '../1' is no id"),
        ({"conversation_id": ""}, "conversation_id '' is no id"),
        ({"created_at": "soon, says @mira_k"}, f"Invalid isoformat string: 'soon, says @{PEOPLE.of('x', 'mira_k')}'"),
        ({"created_at": "1970-01-01T00:00:12Z"}, "'1970-01-01T00:00:12Z' is no time between 1990 and 2200"),
        ({"text": 7}, "its text is int, not text"),
        ({"public_metrics": {"like_count": 10**30}}, f"{10**30} is no count or score"),
        ({"public_metrics": ["none"]}, "'list' object has no attribute 'get'"),
        ({"referenced_tweets": [{"type": "replied_to"}]}, "id is missing"),
    ],
)
def test_an_item_that_cannot_be_read_is_told_beside_the_good_ones(changes: dict[str, Any], problem: str) -> None:
    found = list(observations({"data": [POST | changes, ANSWER]}, READING, "line 3"))

    assert isinstance(found[0], Unreadable)
    assert (found[0].position, found[0].problem) == ("line 3.data[0]", problem)
    assert isinstance(found[1], Observation)


def test_of_an_item_that_cannot_be_read_nothing_is_kept_that_names_somebody_or_was_said() -> None:
    bad = POST | {"conversation_id": "a b", "author": USERS[0], "text": "Ask @mira_k", "lang": "x" * 2000}

    (told,) = unreadable({"data": [bad]})

    assert json.loads(told.item or "") == {
        "id": ROOT, "conversation_id": "a b", "created_at": POST["created_at"], "edit_history_tweet_ids": [ROOT],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("document", "position", "problem"),
    [
        ({"data": ["words"]}, "data[0]", "it is no post"),
        ({"data": {"id": "7", "username": "mira_k"}}, "data", "it is no post"),
        ({"includes": {"tweets": [None]}}, "includes.tweets[0]", "it is no post"),
        ({"some": "thing"}, "", "it is no post"),
        ("words", "", "it is no answer of the API of X"),
        ([7], "[0]", "it is no answer of the API of X"),
        ({"data": [{"tweet_count": 3}] * 9, "meta": {"total_tweet_count": 27}}, "", "it counts posts and holds none"),
        ({"data": [{"post_count": 3}] * 9, "meta": {"total_post_count": 27}}, "", "it counts posts and holds none"),
    ],
)
def test_what_is_no_post_is_told(document: Any, position: str, problem: str) -> None:
    assert [(told.position, told.problem) for told in unreadable(document)] == [(position, problem)]


def test_a_reference_with_words_of_its_own_is_a_post_and_one_without_is_none() -> None:
    line = ANSWER | {"referenced_tweets": [{"type": "replied_to", "id": ROOT}, {"type": "quoted", **POST, "text": 7}]}

    assert [told.position for told in unreadable(line)] == ["referenced_tweets[1]"]
    assert [told.position for told in unreadable([line])] == ["[0].referenced_tweets[1]"]


def error(kind: str, **changes: Any) -> dict[str, Any]:
    return {
        "type": f"https://api.twitter.com/2/problems/{kind}", "title": "A title", "resource_type": "tweet",
        "resource_id": ROOT, "value": ROOT,
    } | changes  # fmt: skip


def test_an_answer_tells_which_posts_are_gone_and_which_are_protected() -> None:
    told = {"errors": [
        error("resource-not-found"),
        error("not-authorized-for-resource", resource_id=REPLY, resource_type="post"),
        error("resource-not-found", resource_id=None, value=OTHER),
        error("resource-not-found", resource_type="user", resource_id="71"),
        error("resource-not-found", resource_id=7, value=7),
        error("disallowed-resource", resource_id="5"),
        "an error",
    ]}  # fmt: skip

    assert missing(told) == {ROOT: "vanished", REPLY: "protected", OTHER: "vanished"}
    assert missing({"data": []}) == missing({"errors": "many"}) == missing([]) == {}


def test_errors_about_no_post_or_account_are_problems_each_told_once() -> None:
    told = {"errors": [
        error("resource-not-found"), error("field-unauthorized"), error("field-unauthorized"),
        error("about:blank", title=None),
    ]}  # fmt: skip

    assert problems(told) == ["A title", "https://api.twitter.com/2/problems/about:blank"]


def test_a_post_of_any_shape_can_be_made_an_observation() -> None:
    seen = observation(XPost(ROOT, ROOT, name="mira_k", created_at="2025-03-13T01:44:34Z", text="Hi &amp; ho"), READING)

    assert (seen.text, seen.author) == ("Hi & ho", PEOPLE.author("x", "mira_k", ROOT))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "id", ROOT, "@a", "replied_to", "2026-01-01T00:00:00Z"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from([*POST, "data", "includes", "tweets", "users", "errors", "meta", "note_tweet", "type", "text", "entities",
                         "urls", "author", "referenced_posts", "like_count", "username", "__twarc"]),
        inner, max_size=6,
    ),
    max_leaves=30,
)  # fmt: skip


@given(JSON)
def test_no_document_whatever_its_shape_stops_the_reading(document: Any) -> None:
    found = list(observations(document, READING))
    missing(document)
    problems(document)

    assert all(isinstance(item, Observation | Unreadable) for item in found)
