import pytest
from fakes.collecting import PEOPLE
from fakes.web_pages import article, paragraphs

from collector.files import HtmlPage
from collector.reading import Reading
from collector.sources import web_page_files
from db.records import Observation, Unreadable

READING = Reading(PEOPLE, observed_at="2026-02-01T00:00:00Z")
AT = "https://blog.example/a"


def page(markup: str) -> HtmlPage:
    return HtmlPage(markup)


@pytest.mark.parametrize(
    "told",
    [
        f"<link rel='canonical' href='{AT}'>",
        f"<meta property='og:url' content='{AT}'>",
        f"<!-- saved from url=(0022){AT} -->",
    ],
)
def test_a_saved_article_is_known_by_the_address_that_it_tells(told: str) -> None:
    saved = page(f"<html>{told}" + article(paragraphs(3)))

    assert web_page_files.recognises(saved)
    (found,) = web_page_files.observations(saved, READING)
    assert isinstance(found, Observation)
    assert (found.native_id, found.platform) == (AT, "web")


@pytest.mark.parametrize(
    "document",
    [
        page("<html>Log in</html>"),
        page(f"<link rel='canonical' href='{AT}'><div data-fullname='t3_abc'>"),
        {"rel": "canonical"},
    ],
)
def test_other_documents_are_left_to_others(document: object) -> None:
    assert not web_page_files.recognises(document)


def test_a_page_without_a_text_is_told() -> None:
    (found,) = web_page_files.observations(page(f"<link rel='canonical' href='{AT}'><p>Short.</p>"), READING, "p.html")

    assert isinstance(found, Unreadable)
    assert found.position == "p.html"
