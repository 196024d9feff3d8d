"""HTML becomes the one text that people would have typed."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.markup import decoded, html_text, soup
from db.spans import Kind, own_text, spans
from db.tokens import words

TAGS = (
    "a", "blockquote", "br", "code", "div", "em", "h2", "hr", "li", "ol", "p", "pre", "q", "script", "table", "td", "tr", "ul",
)  # fmt: skip
PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["&amp;", "&lt;", "&#0;", "&#xD800;", "<!--", "-->", "<", ">", '"', "<![CDATA[", "`", "\n", "\r", "> "]
    ),
    st.sampled_from([f"<{tag}>" for tag in TAGS]),
    st.sampled_from([f"</{tag}>" for tag in TAGS]),
    st.sampled_from(
        ["<a href='https://a.example/(b'>", "<a href='javascript:x'>", "<p hidden", "<?php ?>", "<!doctype html>"]
    ),
)
MARKUP = st.lists(PIECES, max_size=40).map("".join)


@st.composite
def voices(draw: st.DrawFn) -> str:
    """HTML in which words that begin with `own` are the author's and those that begin with `quoted` are not."""

    def piece(quoted: bool, depth: int) -> str:
        word = ("quoted" if quoted else "own") + draw(st.sampled_from("abc"))
        kinds = ["word", "paragraph", "line", "heading"] + ([] if depth == 4 else ["quote", "item", "div"])
        kind = draw(st.sampled_from(kinds))
        inside = (
            "".join(piece(quoted or kind == "quote", depth + 1) for _ in range(draw(st.integers(1, 3))))
            if depth < 4
            else ""
        )
        return {
            "word": f"{word} ",
            "paragraph": f"<p>{word}</p>",
            "line": f"{word}<br>",
            "heading": f"<h3>{word}</h3>",
            "quote": f"<blockquote>{inside}</blockquote>",
            "item": f"<ul><li>{inside}</li></ul>",
            "div": f"<div>{inside}</div>",
        }[kind]

    return "".join(piece(quoted=False, depth=0) for _ in range(draw(st.integers(1, 5))))


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>one<p>two", "one\n\ntwo"),
        ("one<br>two", "one\ntwo"),
        ("one<br><br><br>two", "one\n\ntwo"),
        ("<div><div><div>one</div></div></div>two", "one\n\ntwo"),
        ("  one \n two\t<b> three</b> ", "one two three"),
        ("one<hr>two", "one\n\n---\n\ntwo"),
        ("<table><tr><td>1<td>2<tr><th>3<td>4</table>", "1 2\n3 4"),
        ("she said <q>no</q>", "she said “no”"),
        ("<h2>Title</h2>text", "Title\n\ntext"),
    ],
)
def test_paragraphs_and_lines_are_those_that_a_browser_shows(markup: str, text: str) -> None:
    assert html_text(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<ul><li>one</li><li>two</li></ul>after", "- one\n- two\n\nafter"),
        ("<ol><li><p>one</p><p>more</p></li><li><br>two</li></ol>", "- one\n\nmore\n\n- two"),
        ("<ul><li>one<ul><li>inner</li></ul></li></ul>", "- one\n\n- inner"),
        ("<ul><li></li><li> </li><li>one</li></ul>", "- one"),
        ("<ul><li><pre>x = 1</pre></li></ul>", "- ```\nx = 1\n```"),
    ],
)
def test_items_of_lists_are_marked(markup: str, text: str) -> None:
    assert html_text(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<blockquote>no</blockquote>yes", "> no\n\nyes"),
        ("<blockquote><p>one<p>two</blockquote>", "> one\n>\n> two"),
        ("<blockquote>a<blockquote>b</blockquote>c</blockquote>d", "> a\n>\n> > b\n>\n> c\n\nd"),
        ("<blockquote>a</blockquote><blockquote>b</blockquote>", "> a\n\n> b"),
        ("<li><blockquote>no</blockquote>yes", "> no\n\nyes"),
        ("<blockquote><pre>a\n\nb</pre></blockquote>", "> ```\n> a\n>\n> b\n> ```"),
        ("&gt; no<br>yes", "> no\n\nyes"),
        ("&gt; no<br>&gt; never<br>yes", "> no\n> never\n\nyes"),
        ("<blockquote> </blockquote>yes", "yes"),
    ],
)
def test_quoted_lines_bear_the_mark_of_a_quote(markup: str, text: str) -> None:
    assert html_text(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<pre>a\n  b<br>c\n</pre>", "```\na\n  b\nc\n```"),
        ("<pre><code><div>a</div><div>b\n</div>c</code></pre>d", "```\na\nb\nc\n```\n\nd"),
        ("<pre>```\nx\n```</pre>", "````\n```\nx\n```\n````"),
        ("<pre>\n \n</pre>a", "a"),
        ("<pre><div></div>a</pre>", "```\na\n```"),
        ("<pre>a\r\nb</pre>", "```\na\nb\n```"),
        ("run <code>x\n  y</code> now", "run `x y` now"),
        ("run <code>a`b</code>", "run ``a`b``"),
        ("run <code>`a</code>", "run `` `a ``"),
        ("run <code> </code>it", "run it"),
    ],
)
def test_code_stands_between_more_backticks_than_it_holds(markup: str, text: str) -> None:
    assert html_text(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("see <a href='https://a.example/b'>the page</a>.", "see [the page](https://a.example/b)."),
        ("see<a href='https://a.example/b'> the page </a>now", "see [the page](https://a.example/b) now"),
        ("<a href=' https://a.example/b(c d)'>x</a>", "[x](https://a.example/b%28c%20d%29)"),
        ("<a href='https://a.example/long/path'>a.example/lon…</a>", "https://a.example/long/path"),
        ("<a href='https://a.example/long/path'>https://a.example/...</a>", "https://a.example/long/path"),
        ("<a href='https://a.example/'></a>", "https://a.example/"),
        ("<a href='https://a.example/'>a</a>", "[a](https://a.example/)"),
        ("<a href='/here'>here</a> <a>there</a> <a href='javascript:go()'>go</a>", "here there go"),
        ("<a href='https://a.example/'><div>one</div><div>two</div></a>end", "one\n\ntwo\n\nhttps://a.example/ end"),
        ("<a href='https://a.example/'>one<b><a href='https://b.example/'> two</a></b>", "[one two](https://a.example/)"),
    ],
)  # fmt: skip
def test_a_link_keeps_its_words_and_its_address(markup: str, text: str) -> None:
    assert html_text(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [("&amp;lt;b&amp;gt;", "&lt;b&gt;"), ("&lt;b&gt; &amp; c", "<b> & c"), ("caf&eacute;&nbsp;x", "café\xa0x")],
)
def test_entities_are_decoded_once(markup: str, text: str) -> None:
    assert html_text(markup) == text


@pytest.mark.parametrize(
    "markup",
    [
        None, "", " \n", "<br>", "<!-- note -->", "<!doctype html>", "<script>x = 1</script>", "<style>a {}</style>",
        "<head><title>Title</title></head>", "<template>x</template>", "<textarea>x</textarea>", "<noscript>on</noscript>",
        "<ul><li></ul>", "<blockquote></blockquote>", "<pre></pre>", "<p>&nbsp;</p>",
    ],
)  # fmt: skip
def test_what_shows_no_text_has_none(markup: str | None) -> None:
    assert html_text(markup) is None


def test_a_parsed_element_is_read_like_its_markup() -> None:
    element = soup("<div id=x><p>one</p><blockquote>two</blockquote></div><p>three").find(id="x")

    assert html_text(element) == "one\n\n> two"


def test_an_element_that_is_left_out_takes_all_with_it() -> None:
    text = html_text("one<nav><p>two</p></nav> three", left_out=lambda tag: tag.name == "nav")

    assert text == "one three"


@given(MARKUP)
def test_no_markup_is_too_broken(markup: str) -> None:
    text = html_text(markup)

    assert text is None or (text.strip() and not {"\r", "\x00"} & set(text))


@given(MARKUP)
def test_lines_end_without_blanks_and_empty_lines_stand_alone_outside_code(markup: str) -> None:
    text = html_text(markup.replace("pre>", "p>")) or ""

    assert [line for line in text.split("\n") if line != line.rstrip()] == []
    assert "\n\n\n" not in text


@given(voices())
def test_the_author_s_own_words_are_told_from_quoted_ones(markup: str) -> None:
    text = html_text(markup) or ""
    own = {word.casefold() for word in own_text(text).split() if word.startswith("own")}

    assert "quoted" not in own_text(text)
    assert own == {word for word in text.split() if word.startswith("own")}


@given(st.text(st.sampled_from("ab`~ \n"), min_size=1), st.booleans())
def test_code_is_told_from_words(code: str, is_block: bool) -> None:
    tag = "pre" if is_block else "code"
    text = html_text(f"<p>before</p><{tag}>{code}</{tag}><p>after</p>") or ""
    found = "".join(text[span.start : span.end] for span in spans(text) if span.kind is Kind.CODE)

    assert [word for word in words(code) if word not in words(found)] == []
    assert own_text(text).split()[0] == "before"
    assert own_text(text).split()[-1] == "after"


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_the_address_of_a_link_is_never_words(rest: str) -> None:
    link = soup("<a href=''>word</a>")
    link.find_all("a")[0]["href"] = f"https://a.example/{rest}"

    assert own_text(html_text(link) or "").replace("]", " ").replace("[", " ").split()[0] == "word"
    assert "a.example" not in own_text(html_text(link) or "")


@pytest.mark.parametrize(
    "tag", ["div", "blockquote", "ul><li", "b", "q", "pre", "code", "a href='https://a.example'><b"]
)
def test_elements_may_be_nested_as_deep_as_strangers_like(tag: str) -> None:
    text = html_text(f"<{tag}>x" * 20_000) or ""

    assert text.count("x") >= 20_000
    assert len(text) <= 20_000 * 40


def _calls(do: Callable[[], object]) -> int:
    count = 0

    def note(_frame: object, _event: str, _argument: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        do()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "piece", ["<p>x", "<blockquote>x", "<ul><li>x", "<a href='https://a.example'><b>x", "<pre>x", "x<br>"]
)
def test_twice_the_markup_takes_twice_the_work(piece: str) -> None:
    small, large = soup(piece * 500), soup(piece * 1000)

    assert _calls(lambda: html_text(large)) <= 2.2 * _calls(lambda: html_text(small))


@pytest.mark.parametrize(
    ("body", "charset", "text"),
    [
        ("é".encode(), None, "é"),
        ("é".encode("cp1252"), None, "é"),
        (b"\x80", "iso-8859-1", "€"),
        ("é".encode("utf-16"), "utf-8", "é"),
        (b"\xef\xbb\xbfx", "iso-8859-1", "x"),
        ("<meta charset=windows-1251>ж".encode("cp1251"), None, "<meta charset=windows-1251>ж"),
        ('<meta content="text/html; charset=koi8-r">ж'.encode("koi8-r"), None, '<meta content="text/html; charset=koi8-r">ж'),
        ('<?xml version="1.0" encoding="shift_jis"?>の'.encode("shift_jis"), None, '<?xml version="1.0" encoding="shift_jis"?>の'),
        ("<meta charset=windows-1251>é".encode(), "utf-8", "<meta charset=windows-1251>é"),
        (b"caf\xe9", "utf-8", "caf\ufffd"),
        (b"x", "no-such-charset", "x"),
        (b"x", "rot13", "x"),
        (b"x", "punycode", "x"),
        (b"x", "\x00", "x"),
    ],
)  # fmt: skip
def test_bytes_are_read_in_the_charset_that_is_named_first(body: bytes, charset: str | None, text: str) -> None:
    assert decoded(body, charset) == text
