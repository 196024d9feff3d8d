"""Texts that hold links, taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.link_text import LinkText, heading_text, read_text, without_links

LOAF = "https://bread.example/loaf"


def links(text: str) -> list[tuple[str, str | None]]:
    whole = read_text(text)
    return [(link.link, link.anchor) for block in whole.blocks for link in whole.links(block.text)]


def shape(text: str) -> list[tuple[str, tuple[str, ...], str]]:
    return [(block.kind, block.path, block.text) for block in read_text(text).blocks]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"[A loaf]({LOAF})", [(LOAF, "A loaf")]),
        (f'[A loaf]({LOAF} "of bread")', [(LOAF, "A loaf")]),
        (f"[A loaf]( <{LOAF}> )", [(LOAF, "A loaf")]),
        (f"[[1]]({LOAF})[[2]]({LOAF}2)", [(LOAF, "[1]"), (f"{LOAF}2", "[2]")]),
        ("[Rye](https://bread.example/rye_(grain))", [("https://bread.example/rye_(grain)", "Rye")]),
        (f"[![badge](https://bread.example/x.png)]({LOAF})", [(LOAF, "![badge](https://bread.example/x.png)")]),
        (f"[Write](mailto:mira@bread.example) {LOAF}", [("mailto:mira@bread.example", "Write"), (LOAF, None)]),
        (r"[x](https://www.reddit.com/comments/1abc9/dear\_bread/)", [("https://www.reddit.com/comments/1abc9/dear_bread/", "x")]),
        ("[x](reddit.com/r/bakers/comments/1abc9)", [("reddit.com/r/bakers/comments/1abc9", "x")]),
        (f"[no link](../{LOAF[8:]}) and [{LOAF}]", [(LOAF, None)]),
        (f"<{LOAF}>", [(LOAF, None)]),
        (f'<a href="{LOAF}">loaf</a>', [(LOAF, None)]),
        (f"Look ({LOAF}), then {LOAF}2.", [(LOAF, None), (f"{LOAF}2", None)]),
        ("See https://bread.example/rye_(grain).", [("https://bread.example/rye_(grain)", None)]),
        (f"**{LOAF}**", [(LOAF, None)]),
        (f"{LOAF}?a=1&amp;b=2", [(f"{LOAF}?a=1&b=2", None)]),
        (f"読む：{LOAF}。次", [(LOAF, None)]),
        ("old.reddit.com/r/bakers and x.com/i/status/12!", [("old.reddit.com/r/bakers", None), ("x.com/i/status/12", None)]),
        ("mira@x.com/y, site:reddit.com/r/bakers, notreddit.com/r/bakers", []),
        ("https:// and https://.", []),
        (f"Loaf [one] and [two][second].\n\n[one]: {LOAF}\n[second]: <{LOAF}2> 'Two'", [(LOAF, "one"), (f"{LOAF}2", "two")]),
        (f"Bread rises.[^a]\n\n[^a]: Mira, {LOAF}", [(LOAF, "^a")]),
        (f"Bread rises [1].\n\n[1] {LOAF}", [(LOAF, "1")]),
        (f"[1] {LOAF}\n[2]: {LOAF}2", [(LOAF, None), (f"{LOAF}2", None)]),
        (f"See [1].\n\n[1]: https:// \n{LOAF}", [(LOAF, None)]),
        (f"<!-- {LOAF} -->\n<!--\n{LOAF}\n-->", []),
        (f"```\n# no heading\n{LOAF}\n```", [(LOAF, None)]),
    ],
)  # fmt: skip
def test_every_link_is_found_with_its_words(text: str, found: list[tuple[str, str | None]]) -> None:
    assert links(text) == found


@pytest.mark.parametrize(
    ("anchor", "is_citation"),
    [
        ("[1]", True),
        ("^2", True),
        ("source", True),
        ("12", True),
        ("A loaf", False),
        ("1234", False),
        ("r/bakers", False),
    ],
)
def test_words_that_only_point_to_a_source_are_told_from_others(anchor: str, is_citation: bool) -> None:
    (link,) = LinkText([], {}).links(f"[{anchor}]({LOAF})")

    assert link.is_citation is is_citation


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Bread\n## Rye (58 threads) ##\ntext\n# Cake\n- item",
         [("heading", (), "Bread"), ("heading", ("Bread",), "Rye (58 threads)"), ("paragraph", ("Bread", "Rye"), "text"),
          ("heading", (), "Cake"), ("item", ("Cake",), "item")]),
        ("Bread\n=====\nRye\n---\ntext", [("heading", (), "Bread"), ("heading", ("Bread",), "Rye"), ("paragraph", ("Bread", "Rye"), "text")]),
        ("---\ntitle: x\n---\n\ntext", [("paragraph", (), "---\ntitle: x\n---"), ("paragraph", (), "text")]),
        (f"{LOAF}\n---", [("paragraph", (), f"{LOAF}\n---")]),
        ("one\n\n---", [("paragraph", (), "one"), ("paragraph", (), "---")]),
        ("**Rye bread:**\n\n- item", [("heading", (), "Rye bread:"), ("item", ("Rye bread",), "item")]),
        (f"**{LOAF}**", [("paragraph", (), f"**{LOAF}**")]),
        ("Sources:\n- one\n- two\n\ntext", [("heading", (), "Sources:"), ("item", ("Sources",), "one"), ("item", ("Sources",), "two"), ("paragraph", (), "text")]),
        (f"Rye:\n{LOAF}\n\nCake:\n{LOAF}2", [("heading", (), "Rye:"), ("paragraph", ("Rye",), LOAF), ("heading", (), "Cake:"), ("paragraph", ("Cake",), f"{LOAF}2")]),
        ("She said:\nnothing", [("paragraph", (), "She said:\nnothing")]),
        ("- one\n  goes on\n\n  and on\n\nafter", [("item", (), "one\ngoes on\nand on"), ("paragraph", (), "after")]),
        ("- one\nlazily\n1. two\n  - [x] three", [("item", (), "one\nlazily"), ("item", (), "two"), ("item", (), "three")]),
        ("| a | b |\n|---|---|\n| c | d |", [("head", (), "a | b"), ("row", (), "c | d")]),
        ("| a |", [("row", (), "a")]),
        ("> quoted\n>> twice", [("paragraph", (), "quoted\ntwice")]),
        ("#### \n#no heading", [("paragraph", (), "####\n#no heading")]),
        ("# ``", [("heading", (), "``")]),
        ("one\n```\ncode\n```\ntwo", [("paragraph", (), "one"), ("code", (), "code"), ("paragraph", (), "two")]),
    ],
)  # fmt: skip
def test_a_text_is_read_as_headings_items_rows_and_paragraphs(text: str, expected: list[object]) -> None:
    assert shape(text) == expected


def test_the_only_heading_of_the_first_level_is_the_title() -> None:
    assert read_text("# Bread\n## Rye").title == "Bread"
    assert read_text("# Bread\n# Cake").title is None
    assert read_text("## Rye").title is None


def test_a_place_in_a_block_has_the_number_of_its_line() -> None:
    (block,) = read_text("\n- one\n\n  two").blocks

    assert [block.number(at) for at in (0, block.text.index("two"))] == [2, 4]


def test_links_are_replaced_by_their_words_unless_these_say_nothing() -> None:
    text = f"[Rye]({LOAF}) rises[[1]]({LOAF}2), [wheat]({LOAF}3) does not: {LOAF}4"
    found = LinkText([], {}).links(text)

    assert without_links(text, found) == "Rye rises, wheat does not: "
    assert without_links(text, found, found[0]) == " rises, wheat does not: "


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Rye (58 threads)", "Rye"),
        ("**Rye**:", "Rye"),
        (f"[Rye]({LOAF}) bread", "Rye bread"),
        ("Rye (dark)", "Rye (dark)"),
    ],
)
def test_a_heading_is_a_name(written: str, name: str) -> None:
    assert heading_text(written) == name


pieces = st.sampled_from(
    ["[", "]", "(", ")", "[1]", "[^a]: ", f"]({LOAF})", LOAF, "\n", "\r\n", "- ", "# ", "**", "| ", "|---|", "```", ">", ":", "  ",
     "<!--", "-->", "---\n", "===\n", "x.com/", "\\_", "\x00"]
)  # fmt: skip


@given(st.lists(st.one_of(pieces, st.text(max_size=5)), max_size=40).map("".join))
def test_any_text_is_taken_apart_and_its_links_stand_where_they_are_said_to(text: str) -> None:
    whole = read_text(text)

    for block in whole.blocks:
        at = 0
        assert len(block.lines) == len(block.numbers)
        for link in whole.links(block.text):
            assert at <= link.start < link.end <= len(block.text)
            at = link.end


def test_brackets_without_end_are_read_quickly() -> None:
    assert links("[" * 20_000 + "[a" * 20_000) == []
