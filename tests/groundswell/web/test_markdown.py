from __future__ import annotations

import re

import pytest
from fakes.hostile import ATTEMPTS, TEXT
from hypothesis import given
from hypothesis import strategies as st

from groundswell.web.markdown import TAGS, render_markdown

PIECES = st.lists(
    st.sampled_from(
        [*ATTEMPTS, "[a](https://b.example)", "# h", "| a |\n|--|\n| b |", "- x", "\n\n", "**", "~~", "`", "<", ">"]
    )
)


@given(st.one_of(st.text(), PIECES.map("".join), PIECES.map("\n".join)))
def test_only_listed_tags_and_safe_links_come_out_whatever_goes_in(text: str) -> None:
    html = render_markdown(text)
    tags = re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)", html)
    assert set(tags) <= TAGS
    for attributes in re.findall(r"<[a-z0-9]+((?:\s[^>]*)?)>", html):
        for name, value in re.findall(r'([a-z-]+)="([^"]*)"', attributes):
            assert name in {"href", "rel", "start", "title", "lang"}
            if name == "href":
                assert value.startswith(("http://", "https://"))


def test_a_link_bears_its_relation_and_its_host() -> None:
    html = render_markdown("[the bakery](https://bread.example/x)")
    assert 'rel="noopener noreferrer nofollow ugc"' in html
    assert "</a> (bread.example)" in html


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "data:text/html,x", "/history", "//evil.example/x", "vbscript:x"]
)
def test_a_link_that_leads_anywhere_but_to_the_web_leads_nowhere(target: str) -> None:
    assert "href" not in render_markdown(f"[x]({target})")


def test_no_image_is_shown() -> None:
    assert "<img" not in render_markdown("![x](https://evil.example/x.png) <img src=https://evil.example/x.png>")


def test_html_is_text() -> None:
    assert "&lt;b&gt;" in render_markdown("<b>bold</b>")
    assert "<script" not in render_markdown(TEXT)


def test_lists_tables_quotes_and_code_are_laid_out() -> None:
    html = render_markdown("- a\n- **b**\n\n> q\n\n`c`\n\n| h |\n|--|\n| d |\n\n~~e~~")
    for tag in ("ul", "li", "strong", "blockquote", "code", "table", "th", "td", "s"):
        assert f"<{tag}>" in html


def test_a_heading_stays_a_line_of_text_so_that_the_pages_order_holds() -> None:
    assert render_markdown("# Bread") == "<p># Bread</p>\n"
