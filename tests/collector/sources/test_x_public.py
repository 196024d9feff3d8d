from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fakes.collecting import PEOPLE, Clock, client
from fakes.server import FakeServer
from fakes.world import DEFAULT_CREATED_AT, Version, World
from fakes.x_public import XPublic, version
from hypothesis import given
from hypothesis import strategies as st

from collector.reading import Reading
from collector.run import Outcome, Run, walk_thread
from collector.session import Session, SiteError
from collector.source import Page, site_source
from collector.sources import x_public
from collector.sources.x_public import NO_REPLIES, PublicSession, token
from db.queries.runs import Task
from db.records import Observation
from db.store import Store

NOW = "2026-02-01T00:00:00Z"
READING = Reading(PEOPLE, NOW)
ROOT = version("1abc")
TOKENS = {
    # As Node.js prints them.
    "1": "bhi2ay3f28n", "20": "6dq1a2xwd93", "999999999999999": "353i5ab8p54",
    "1000000000000000": "353i5ab8p5f", "1136048014974423040": "2r54kjt4", "7322143925810801629": "hqz6yvbl8",
    "4592328081886770816": "b4r82in32k", "966585135268653353": "2ccm7bkgw3", "654263375475727449": "1l3fg2mfjf",
    "9073845669173943": "si876r3a8ze", "1005000380595257": "35nv2n2xxnb", "450683133405": "1u23t6fxdr2",
    "4563908589979196505": "b29xwfuxkg", "837773962313569662": "213y3rxg48", "1988443588521080840": "4tivo6je364",
    "434147768855458168": "11vwyetp8rd", "26992949951552317": "2cstwlyk9wc", "888486225763984": "2shh3z8opn",
    "23491405491": "3fyfgrjeazu", "8734561980490128213": "l68foqd29t", "1714515286455993276": "45mb3zd768",
    "1998779011845378695": "4ufckwe7j1g", "744226644161793640": "1sy21tfeocx",
}  # fmt: skip


@dataclass
class Desk:
    """The stand-in, and a session with it."""

    server: FakeServer
    site: XPublic
    world: World
    session: PublicSession
    clock: Clock = field(default_factory=Clock)

    def walk(self, post: str) -> list[tuple[Task, Page]]:
        done, tasks = [], x_public.first_tasks(post)
        while tasks:
            task, *tasks = tasks
            page = x_public.fetch(task, self.session, READING)
            done.append((task, page))
            tasks += page.tasks
        return done


@pytest.fixture
def desk() -> Iterator[Desk]:
    world, clock = World(), Clock()
    site = XPublic(world)
    with FakeServer(site) as server:
        inner = Session("x_public", server.url, client(), clock.pace(), lambda: NOW)
        session = PublicSession(inner, server.url)
        yield Desk(server, site, world, session, clock)
        session.close()


@pytest.fixture
def chain(desk: Desk) -> list[str]:
    """Three posts, each a reply to the one before, as ids on X."""
    desk.world.make_thread("1abc", 0)
    first = desk.world.add_comment("1abc", "The first reply.", author="amber_loom_1", at=DEFAULT_CREATED_AT + 60)
    second = desk.world.add_comment(
        "1abc", "The second reply.", parent=first, author="slow_ferry_2", at=DEFAULT_CREATED_AT + 90
    )
    return [ROOT, version(first), version(second)]


def kinds(done: list[tuple[Task, Page]]) -> list[str]:
    return [task.kind for task, _ in done]


def seen(done: list[tuple[Task, Page]]) -> list[Observation]:
    return [found for _, page in done for found in page.observations]


def told(done: list[tuple[Task, Page]]) -> list[str]:
    return [item.problem for _, page in done for item in page.unreadable]


def placed(done: list[tuple[Task, Page]]) -> list[tuple[str, str, str | None]]:
    return [(found.native_id, found.thread, found.parent) for found in seen(done)]


@pytest.mark.parametrize(("native_id", "expected"), TOKENS.items())
def test_a_token_is_what_javascript_makes_of_an_id(native_id: str, expected: str) -> None:
    assert token(native_id) == expected


@given(st.integers(1, 2**63 - 1))
def test_a_token_is_short_and_holds_neither_a_dot_nor_a_zero(number: int) -> None:
    made = token(str(number))

    assert 1 <= len(made) <= 20
    assert made.strip("123456789abcdefghijklmnopqrstuvwxyz") == ""


def test_a_post_that_opens_a_conversation_is_one_request_and_it_is_told_that_replies_cannot_be_had(desk: Desk) -> None:
    thread = desk.world.make_thread("1abc", 5, troubled=False)

    done = desk.walk(ROOT)

    (post,) = seen(done)
    assert (post.native_id, post.thread, post.parent, post.kind) == (ROOT, ROOT, None, "post")
    assert post.author == PEOPLE.author("x", thread.root.author, ROOT)
    assert (post.score, post.declared_count, post.observed_at) == (thread.root.versions[-1].score, 5, NOW)
    assert [page.problems for _, page in done] == [[NO_REPLIES]]
    assert [request.query for request in desk.server.requests] == [{"id": ROOT, "lang": "en", "token": token(ROOT)}]


def test_a_reply_leads_up_to_the_post_that_opens_its_conversation(desk: Desk, chain: list[str]) -> None:
    root, first, second = chain

    done = desk.walk(second)

    assert kinds(done) == ["up", "up", "up", "down", "down"]
    assert placed(done) == [(root, root, None), (first, root, root), (second, root, first)]
    assert desk.server.count() == 3
    assert desk.session.seen == {}


def test_a_walk_that_was_cut_off_on_its_way_down_asks_again(desk: Desk, chain: list[str]) -> None:
    root, first, _ = chain
    task = Task("x_public", first, "down", {"post": first, "root": root, "known": {}})

    page = x_public.fetch(task, desk.session, READING)

    assert placed([(task, page)]) == [(first, root, root)]
    assert desk.server.count() == 1


def test_what_is_gone_by_then_is_told(desk: Desk, chain: list[str]) -> None:
    root, first, _ = chain
    desk.site.hidden.add(first)
    task = Task("x_public", first, "down", {"post": first, "root": root, "known": {}})

    page = x_public.fetch(task, desk.session, READING)

    assert page.missing == [first]
    assert told([(task, page)]) == [f"gone: X does not show {first}"]


@pytest.mark.parametrize("gone", ["404", "empty", "tombstone"])
def test_a_post_that_is_gone_is_told_after_both_addresses_were_asked(desk: Desk, gone: str) -> None:
    desk.site.gone = gone

    done = desk.walk(ROOT)

    assert kinds(done) == ["up", "embedded"]
    assert told(done) == [f"gone: X does not show {ROOT} (vanished)"]
    assert done[-1][1].missing == [ROOT]
    assert seen(done) == []


def test_a_gone_post_stands_for_the_beginning_of_what_is_below_it(desk: Desk, chain: list[str]) -> None:
    root, first, second = chain
    desk.world.delete("1abc")

    done = desk.walk(second)

    assert placed(done) == [(first, root, root), (second, root, first)]
    assert told(done) == [f"gone: X does not show {root} (vanished)"]


def test_a_protected_post_is_told_as_such(desk: Desk) -> None:
    desk.site.protected.add(ROOT)

    assert told(desk.walk(ROOT)) == [f"gone: X does not show {ROOT} (protected)"]


def test_what_syndication_hides_is_read_from_its_embedding(desk: Desk, chain: list[str]) -> None:
    root, first, _ = chain
    thread = desk.world.threads["1abc"]
    thread.root.versions[:] = [Version(DEFAULT_CREATED_AT, "5 < 6 & so on,\n\nsays @mira_k #bread")]
    desk.site.hidden.add(root)

    done = desk.walk(first)

    top = seen(done)[0]
    assert placed(done) == [(root, root, None), (first, root, root)]
    assert top.text == f"5 < 6 & so on,\n\nsays @{PEOPLE.of('x', 'mira_k')} #bread"
    assert top.author == PEOPLE.author("x", thread.root.author, root)
    assert (top.cut, top.score, top.observed_at) == (False, None, NOW)
    assert desk.server.requests[1].query == {"id": root, "lang": "en", "token": token(root)}
    asked = desk.server.requests[2].query
    assert asked == {
        "url": f"https://x.com/i/status/{root}",
        "omit_script": "true",
        "hide_thread": "true",
        "dnt": "true",
    }


def test_an_embedded_text_with_short_links_is_less_than_one_with_whole_links(desk: Desk) -> None:
    desk.world.make_thread("1abc", 0)
    desk.world.edit("1abc", "See https://example.org/notes?a=1 now.", at=DEFAULT_CREATED_AT)
    desk.site.hidden |= {ROOT, version("1abc", 1)}

    (post,) = seen(desk.walk(version("1abc", 1)))

    assert post.cut
    assert (post.text or "").startswith("See https://t.co/")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"html": "<blockquote></blockquote>"}, "the HTML holds no paragraph"),
        ({"author_url": "https://x.com/a"}, "html is missing"),
    ],
)
def test_an_embedding_that_cannot_be_read_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, answer: dict[str, str], problem: str
) -> None:
    monkeypatch.setattr(PublicSession, "embedded", lambda *_: answer)

    assert told(desk.walk(ROOT)) == [problem]


def test_an_embedding_without_an_author_names_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PublicSession, "embedded", lambda *_: {"html": "<p>Words.</p>", "author_url": None})

    assert [(post.text, post.author) for post in seen(desk.walk(ROOT))] == [("Words.", None)]


def test_a_quoted_post_comes_with_the_one_that_quotes_it(desk: Desk) -> None:
    desk.world.make_thread("1abc", 0)
    desk.world.make_thread("1abd", 3, troubled=False)
    other = version("1abd")
    desk.site.quotes[ROOT] = other

    done = desk.walk(ROOT)

    first, second = seen(done)
    assert (first.native_id, first.kind, first.quoted) == (ROOT, "quote", other)
    assert (second.native_id, second.thread, second.declared_count) == (other, other, None)
    assert desk.server.count() == 1


def test_a_quoted_reply_is_not_stored_since_its_conversation_is_unknown(desk: Desk, chain: list[str]) -> None:
    root, first, _ = chain
    desk.site.quotes[root] = first

    assert placed(desk.walk(root)) == [(root, root, None)]


def test_an_edited_post_is_read_in_its_last_version_and_a_reply_to_any_version_is_one_to_it(desk: Desk) -> None:
    desk.world.make_thread("1abc", 0)
    desk.world.edit("1abc", "The second version.", at=DEFAULT_CREATED_AT + 50)
    reply = desk.world.add_comment("1abc", "A reply.", at=DEFAULT_CREATED_AT + 60)

    first, second = desk.walk(ROOT), desk.walk(version(reply))

    assert [(post.native_id, post.text) for post in seen(first)] == [(ROOT, "The second version.")]
    assert placed(second) == [(ROOT, ROOT, None), (version(reply), ROOT, ROOT)]


def test_a_long_post_is_known_to_be_cut(desk: Desk) -> None:
    desk.world.make_thread("1abc", 0)
    desk.world.edit("1abc", "word " * 100, at=DEFAULT_CREATED_AT)

    (post,) = seen(desk.walk(version("1abc", 1)))

    assert post.cut
    assert (post.text or "").endswith("word …")


def test_a_chain_is_followed_so_far_and_no_farther(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(x_public, "_LONGEST_CHAIN", 1)
    desk.world.make_thread("1abc", 0)
    first = desk.world.add_comment("1abc", "One.", at=DEFAULT_CREATED_AT + 60)
    second = desk.world.add_comment("1abc", "Two.", parent=first, at=DEFAULT_CREATED_AT + 90)

    done = desk.walk(version(second))

    above = version(first)
    assert placed(done) == [(above, above, None), (version(second), above, above)]
    assert done[1][1].problems == [f"{above} stands more than 1 posts above; what is above it is missing", NO_REPLIES]


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ({"id_str": 7, "text": "x"}, "it bears no id or no text"),
        ({"id_str": ROOT, "text": None}, "it bears no id or no text"),
        ({"id_str": ROOT}, "text is missing"),
        ({"id_str": ROOT, "text": "x", "created_at": "by @mira_k"}, f"Invalid isoformat string: 'by @{PEOPLE.of('x', 'mira_k')}'"),
        ({"id_str": ROOT, "text": "x", "user": "mira"}, "'str' object has no attribute 'get'"),
    ],
)  # fmt: skip
def test_a_post_that_cannot_be_read_is_told(desk: Desk, item: dict[str, Any], problem: str) -> None:
    desk.session.seen[ROOT] = item, NOW

    assert told(desk.walk(ROOT)) == [problem]


@pytest.mark.parametrize(
    "changes",
    [
        {"entities": None, "mediaDetails": "none", "edit_control": {"edit_tweet_ids": None}, "favorite_count": True},
        {
            "entities": {"urls": [7, {"url": "https://t.co/a"}], "media": None},
            "edit_control": [],
            "favorite_count": 10**20,
        },
        {"quoted_tweet": {"text": "no id"}, "favorite_count": "7", "conversation_count": None},
    ],
)
def test_fields_of_another_shape_are_as_if_missing(desk: Desk, changes: dict[str, Any]) -> None:
    desk.session.seen[ROOT] = {"id_str": ROOT, "text": "Words https://t.co/a"} | changes, NOW

    (post,) = seen(desk.walk(ROOT))

    assert (post.text, post.score, post.declared_count, post.quoted) == ("Words https://t.co/a", None, None, None)


def test_links_to_pictures_of_the_post_are_left_out_and_others_are_whole(desk: Desk) -> None:
    desk.session.seen[ROOT] = {
        "id_str": ROOT, "text": "See https://t.co/a &amp; https://t.co/b",
        "entities": {"urls": [{"url": "https://t.co/a", "expanded_url": "https://example.org/x"}]},
        "mediaDetails": [{"url": "https://t.co/b", "expanded_url": f"https://x.com/mira_k/status/{ROOT}/photo/1"}],
    }, NOW  # fmt: skip

    assert [post.text for post in seen(desk.walk(ROOT))] == ["See https://example.org/x &"]


@pytest.mark.parametrize("post", ["t3_abc", "", "１２", "../1"])
def test_what_is_no_id_is_asked_for_nowhere(desk: Desk, post: str) -> None:
    with pytest.raises(SiteError, match="is no id of X"):
        desk.walk(post)
    assert desk.server.count() == 0


@pytest.mark.parametrize(
    ("mode", "name"), [("403-html", "forbidden"), ("200-login", "login-page"), ("500", "unavailable")]
)
def test_a_closed_door_is_no_gone_post(desk: Desk, mode: Any, name: str) -> None:
    desk.server.fail(mode, times=None)

    with pytest.raises(SiteError) as refused:
        desk.walk(ROOT)

    assert refused.value.name == name


@pytest.mark.parametrize("path", ["/tweet-result", "/oembed"])
def test_an_answer_that_is_no_object_is_broken(desk: Desk, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(Session, "get_json", lambda *_: [] if path == "/tweet-result" else {})
    monkeypatch.setattr(Session, "exchange", lambda *_: ([], {}))

    with pytest.raises(SiteError, match="the answer is no JSON object"):
        desk.walk(ROOT)


def test_an_embedding_is_asked_for_again_after_a_passing_failure(desk: Desk) -> None:
    desk.world.make_thread("1abc", 0)
    desk.site.hidden.add(ROOT)
    desk.server.fail("503", path="/oembed")

    assert len(seen(desk.walk(ROOT))) == 1
    assert desk.server.count("/oembed") == 2


def test_a_failure_of_the_embedding_is_told_by_its_name(desk: Desk) -> None:
    desk.server.fail("500", path="/oembed", times=None)

    with pytest.raises(SiteError) as refused:
        desk.walk(ROOT)

    assert refused.value.name == "unavailable"


def test_a_walk_stores_the_chain_and_notes_what_it_cannot_have(desk: Desk, chain: list[str], tmp_path: Path) -> None:
    with Store(tmp_path / "study.db", create=True) as store:
        run = Run(store, "collect url", {}, "0", lambda: NOW)
        walk_thread(run, site_source("x_public"), desk.session, chain[2], lambda: READING)
        outcome: Outcome = run.finish()

        stored = store.connection.execute(
            "SELECT native_id, state FROM posts ORDER BY created_at, native_id"
        ).fetchall()
        asked = store.connection.execute("SELECT DISTINCT source FROM requests").fetchall()

    assert (outcome.state, outcome.notes) == ("done", [f"{chain[2]}: {NO_REPLIES}"])
    assert {tuple(row) for row in stored} == {(post, "live") for post in chain}
    assert [tuple(row) for row in asked] == [("x_public",)]


def test_a_session_of_its_own_opens_and_closes(desk: Desk) -> None:
    desk.world.make_thread("1abc", 0)
    session = x_public.open_session(desk.server.url, desk.server.url, desk.clock.pace(), lambda: NOW)

    assert session.post(ROOT) is not None
    assert len(session.take_requests()) == 1
    session.close()
    assert desk.server.requests[0].headers["user-agent"] == "groundswell (x_public)"
