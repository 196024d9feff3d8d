"""What blind coding keeps from a coder, on every screen of the app, whoever wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.crawl import crawl
from fakes.review import sit
from fakes.study import ALL_BREAD

from groundswell.reviewing import hidden_from

if TYPE_CHECKING:
    from groundswell.study import Study

WORDS = {ALL_BREAD[0]: "Such dear bread", ALL_BREAD[1]: "I stood in a queue", ALL_BREAD[2]: "Nice weather"}
QUEUES = ("/read", "/coding/")
"""Where the posts of a blind round are read, and nowhere else."""
FORMS = ("/search", "/rules", "/codebook")


@pytest.fixture
def mixed(furnished: Study) -> Study:
    """The open blind round of ben and zoe holds the reply about a queue alone."""
    with furnished.store() as store, store.write() as connection:
        connection.execute("DELETE FROM sample_units WHERE unit <> ?", (ALL_BREAD[1],))
        assert hidden_from(store, "ana") == frozenset()
        assert len(hidden_from(store, "ben")) == 1
    return furnished


def asked_for_by_name(address: str) -> tuple[str, ...]:
    """Pages that nobody is led to, but that somebody may ask for."""
    name = address.replace(":", "%3A")
    return (
        f"/post/{name}", f"/post/{name}?all", f"/history?post={name}", f"/thread/{name}",
        f"/thread/reddit%3At3_aaa1?under={name}", "/search?q=stood", "/search?q=queue*", "/search?q=%23queue",
        "/report/queues?of=queue", "/report/bread-is-dear?of=for", "/code/queue", "/rules?code=queue",
        "/rules/hits?code=queue&rules=queue*", "/disagreements?state=settled&code=&round=",
    )  # fmt: skip


def test_a_post_of_an_open_blind_round_is_missing_from_every_page_of_its_coder(mixed: Study) -> None:
    client = sit(mixed, "ben")
    walk = crawl(client, mixed, each=20)
    shown = {path: html for path, (_, html) in walk.pages.items()}
    shown |= {path: client.get(path).text for path in asked_for_by_name(ALL_BREAD[1])}
    leaking = [path for path, html in shown.items() if WORDS[ALL_BREAD[1]] in html and not path.startswith(QUEUES)]
    assert leaking == []


def test_whoever_is_not_of_the_round_sees_it(mixed: Study) -> None:
    walk = crawl(sit(mixed, "ana"), mixed, each=20)
    assert any(WORDS[ALL_BREAD[1]] in html for path, (_, html) in walk.pages.items() if path.startswith("/thread"))


def test_posts_outside_the_round_stay_where_they_are(mixed: Study) -> None:
    client = sit(mixed, "ben")
    html = client.get("/thread/reddit%3At3_aaa1").text
    assert WORDS[ALL_BREAD[0]] in html
    assert WORDS[ALL_BREAD[2]] in html
    assert "1 post is not shown" in html


def test_a_round_that_is_closed_hides_nothing(mixed: Study) -> None:
    with mixed.store() as store, store.write() as connection:
        connection.execute("UPDATE rounds SET closed_at = '2026-03-01T00:00:00Z'")
    assert WORDS[ALL_BREAD[1]] in sit(mixed, "ben").get(f"/post/{ALL_BREAD[1]}").text


def test_a_blind_seat_shows_neither_authors_nor_scores_nor_what_others_said(mixed: Study) -> None:
    seeing, blind = (sit(mixed, "zoe2", blind=blind) for blind in (False, True))
    for path in (f"/post/{ALL_BREAD[0]}", "/thread/reddit%3At3_aaa1", "/search?q=bread"):
        assert "points" in seeing.get(path).text
        assert "points" not in blind.get(path).text
        assert 'title="reddit:' not in blind.get(path).text
    assert "ana" in seeing.get(f"/post/{ALL_BREAD[0]}").text
    for path in (f"/post/{ALL_BREAD[0]}", f"/history?post={ALL_BREAD[0]}"):
        html = blind.get(path).text
        assert "supports" not in html
        assert ">ana" not in html
        assert "rules</span>" not in html


def test_a_blind_seat_cannot_ask_what_rules_find(mixed: Study) -> None:
    blind = sit(mixed, "zoe2", blind=True)
    assert "not shown while you read blind" in blind.get("/search?q=%23queue").text
    assert "Not shown while you read blind" in blind.get("/study/rules").text


def test_looking_at_every_page_changes_nothing(furnished: Study) -> None:
    def state() -> list[str]:
        with furnished.store() as store:
            return list(store.connection.iterdump())

    before, files = state(), {path: path.read_bytes() for path in furnished.root.rglob("*.yaml")}
    for coder, blind in (("ana", False), ("ben", False), ("new", True)):
        walk = crawl(sit(furnished, coder, blind=blind), furnished)
        broken = {path: status for path, (status, _) in walk.pages.items() if status >= 500}
        assert broken == {}
    assert state() == before
    assert {path: path.read_bytes() for path in furnished.root.rglob("*.yaml")} == files
