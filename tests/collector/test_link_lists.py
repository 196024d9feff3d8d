"""Lists of links that people keep, and what would be collected from them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.collecting import PEOPLE
from hypothesis import given
from hypothesis import strategies as st

import collector.link_lists
from collector.files import UnreadableFileError
from collector.link_lists import (
    LinkEntry,
    LinkFile,
    Plan,
    clean_note,
    find_entries,
    link_file,
    make_plan,
    read_link_files,
    remember_plan,
)
from db.store import Store

RYE = "https://www.reddit.com/r/bakers/comments/1abc9/rye/"
WHEAT = "https://news.ycombinator.com/item?id=12"
LOAF = "https://bread.example/loaf"
NOON = "2026-02-01T12:00:00Z"

LIST = f"""# Bread, collected

Kept by hand.

## Rye (12 threads)

### Sour dough

1. [Why rye?]({RYE}) (r/bakers, score 7) -- A baker explains
2. [Wheat]({WHEAT})
   is missed
   - much later
     too

## Cake

- {LOAF} - a page
- [Rye again](https://redd.it/1abc9)
- [A film](https://youtu.be/abc) of [a loaf]({LOAF}2)
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "study.db", create=True) as opened:
        yield opened


def entries(text: str, name: str = "bread.md") -> list[LinkEntry]:
    return find_entries(link_file(name, text.encode()))


def plan(text: str) -> Plan:
    return make_plan(entries(text))


def test_a_link_keeps_the_headings_above_it_the_note_beside_it_and_its_place() -> None:
    assert entries(LIST)[0] == LinkEntry(
        origin="bread.md", place="line 9", line=9, path=("Rye", "Sour dough"), anchor="Why rye?",
        note="(r/bakers, score 7) -- A baker explains", link=RYE,
    )  # fmt: skip


def test_every_link_of_a_list_is_an_entry() -> None:
    assert [(entry.where, entry.anchor, entry.note, entry.tag) for entry in entries(LIST)[1:]] == [
        ("bread.md line 10", "Wheat", "is missed\nmuch later\ntoo", "Rye / Sour dough"),
        ("bread.md line 17", None, "a page", "Cake"),
        ("bread.md line 18", "Rye again", None, "Cake"),
        ("bread.md line 19", "A film", "of a loaf", "Cake"),
        ("bread.md line 19", "a loaf", "A film of", "Cake"),
    ]


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (f"- {RYE}\n  - below\n- beside", ["below"]),
        (f"- {RYE} one\n  - below\n  - and below", ["one\nbelow\nand below"]),
        (f"- {RYE}\n- {WHEAT}\n  - below", [None, "below"]),
        (f"- {RYE} {WHEAT}\n  - of which?", [None, None]),
        (f"- {RYE}\n\ntext\n\n  - below text", [None]),
        (f"- {RYE}\n  - ...", [None]),
        ("  - of nothing", []),
    ],
)
def test_an_item_below_a_link_is_about_that_link(text: str, notes: list[str | None]) -> None:
    assert [entry.note for entry in entries(text)] == notes


@pytest.mark.parametrize(
    ("line", "note"),
    [
        (f"{RYE}", None),
        (f"{RYE} -- -- ", None),
        (f"A baker ({RYE}) explains", "A baker explains"),
        (f"See: {RYE}", "See"),
        (f"[7]: {RYE} 'Seven'", "'Seven'"),
        (f"[D] {RYE}", "[D]"),
        (f"| {RYE} | rye | dark |", "rye | dark"),
        (f'<a href="{RYE}">rye</a> bread', "rye bread"),
        (f"{RYE} as in [notes](../notes.md)", "as in notes"),
        (f"## [Rye]({RYE}) is dark", "is dark"),
    ],
)
def test_a_note_is_what_stands_beside_the_link(line: str, note: str | None) -> None:
    assert [entry.note for entry in entries(line)] == [note]


def test_words_beside_very_many_links_are_about_none_of_them() -> None:
    assert {entry.note for entry in entries(f"bread {RYE} " + f"[rye]({RYE}) " * 20)} == {None}


def test_each_line_of_plain_text_is_about_its_own_link() -> None:
    found = entries(f"Rye:\n{RYE} dark\n{WHEAT} light\nhn:34\nreddit:t3_1abc9 again\nx: 12 loaves\n", "bread.txt")

    assert [(entry.link, entry.note, entry.path, entry.line) for entry in found] == [
        (RYE, "dark", ("Rye",), 2),
        (WHEAT, "light", ("Rye",), 3),
        ("hn:34", None, ("Rye",), 4),
        ("reddit:t3_1abc9", "again", ("Rye",), 5),
    ]


def test_a_plan_puts_together_what_leads_to_the_same_and_names_both_places() -> None:
    found = plan(LIST)

    assert [(planned.target.address, len(planned.entries)) for planned in found.planned] == [
        ("reddit:t3_1abc9", 2), ("hn:12", 1), (f"web:{LOAF}", 1), (f"web:{LOAF}2", 1),
    ]  # fmt: skip
    assert [[entry.where for entry in planned.entries] for planned in found.duplicates] == [
        ["bread.md line 9", "bread.md line 18"]
    ]
    assert [planned.target.thread for planned in found.at("hn")] == ["12"]


def test_a_plan_says_what_cannot_be_collected_and_why() -> None:
    (refused,) = plan(LIST).refused

    assert (refused.entry.line, refused.problem, refused.link) == (19, "it is a video", "https://youtu.be/abc")


def test_strings_of_any_json_are_searched_and_described_links_keep_their_words() -> None:
    document = {
        "saved": [
            {"title": "Rye", "url": RYE, "note": "dark"},
            {"href": LOAF, "name": "Loaf", "summary": ""},
            {"url": "no link", "text": f"see {WHEAT}\nand\n{LOAF}2"},
        ],
        "count": 7,
        "other": "words: none",
        "plain": "nothing",
    }

    found = entries(json.dumps(document), "saved.json")

    assert [(entry.place, entry.anchor, entry.note, entry.link) for entry in found] == [
        ("saved[0]", "Rye", "dark", RYE),
        ("saved[1]", "Loaf", None, LOAF),
        ("saved[2].text line 1", None, "see", WHEAT),
        ("saved[2].text line 3", None, None, f"{LOAF}2"),
    ]
    assert {entry.line for entry in found} == {None}


def test_lines_of_json_are_read_one_by_one_and_a_broken_one_as_text() -> None:
    text = json.dumps({"link": RYE}) + f'\n\n{{"link": "{LOAF}", broken\n' + json.dumps(WHEAT)

    assert [(entry.place, entry.link) for entry in entries(text, "saved.jsonl")] == [
        ("line 1", RYE), ("line 3 line 1", LOAF), ("line 4 line 1", WHEAT),
    ]  # fmt: skip


@pytest.mark.parametrize("text", [f"[Rye]({RYE})", f'{{"link": "{RYE}"', f"[{RYE}, {RYE}"])
def test_what_only_looks_like_json_is_a_text(text: str) -> None:
    assert entries(text, "bread.json")[0].link == RYE


def test_json_may_be_as_deep_as_it_likes() -> None:
    text = "[" * 900 + json.dumps(RYE) + "]" * 900

    assert [entry.link for entry in entries(text, "deep.json")] == [RYE]


def test_links_of_an_answer_are_leads_and_come_first() -> None:
    part = {"type": "output_text", "text": f"## Rye\n- It is dark. [[1]]({RYE})", "annotations": [{"url": RYE}]}
    document = {
        "query": f"not {LOAF}",
        "response": {"output": [{"type": "search", "url": WHEAT}, {"type": "message", "content": [part]}]},
    }

    found = entries(json.dumps(document), "answer.json")

    assert [(entry.place, entry.path, entry.is_lead) for entry in found] == [
        ("response.output[1].content[0].text line 2", ("Rye",), True),
        ("query line 1", (), False),
        ("response.output[0]", (), False),
    ]


def test_any_file_may_be_named_one_of_leads() -> None:
    assert {entry.is_lead for entry in find_entries(link_file("x.md", LIST.encode()), leads=True)} == {True}


BOOKMARKS = f"""<!DOCTYPE NETSCAPE-Bookmark-file-1>
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks</H1>
<DL><p>
    <DT><H3>Bread</H3>
    <DL><p>
        <DT><H3>Rye</H3>
        <DL><p>
            <DT><A HREF="{RYE}" ADD_DATE="1">Why rye?</A>
            <DD>A baker explains
            <DT><A HREF="{WHEAT}">Wheat</A>
        </DL><p>
        <DT><A HREF="javascript:void(0)">Nothing</A>
    </DL><p>
    <DT><A HREF="{LOAF}"></A>
</DL>
"""


def test_bookmarks_of_a_browser_keep_their_folders_and_notes() -> None:
    found = entries(BOOKMARKS, "bookmarks.html")

    assert [(e.place, e.path[-2:], e.anchor, e.note, e.link) for e in found] == [
        ("link 1", ("Bread", "Rye"), "Why rye?", "A baker explains", RYE),
        ("link 2", ("Bread", "Rye"), "Wheat", None, WHEAT),
        ("link 4", (), None, None, LOAF),
    ]


def test_a_page_is_a_list_too() -> None:
    page = f"""<html><body><h1>Bread</h1><h2>Rye</h2><h3>Old</h3><h2>Dark <i>rye</i></h2>
    <p>See <a href="{RYE}">this</a> first, and <a href="/relative">that</a>.</p>
    <h2></h2><div><a href="{LOAF}">Loaf</a></div></body></html>"""

    found = entries(page, "page.html")

    assert [(entry.path, entry.anchor, entry.note) for entry in found] == [
        (("Bread", "Dark rye"), "this", "See first, and that ."),
        (("Bread",), "Loaf", None),
    ]


def test_files_and_folders_are_read_by_name_and_what_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "lists"
    (folder / "sub").mkdir(parents=True)
    (folder / "b.md").write_bytes(b"\xef\xbb\xbfbread")
    (folder / "a.txt").write_text("rye", encoding="utf-16")
    (folder / "sub" / "c.JSON").write_bytes(b'{"x": "\xff"}')
    (folder / "image.png").write_bytes(b"\x00")
    (folder / "d.txt").write_bytes(b"\x00\x01")
    (folder / "e.md").write_text("x" * 41)
    monkeypatch.setattr(collector.link_lists, "LARGEST", 40)

    files, problems = read_link_files([folder, tmp_path / "none.md", folder / "b.md"])

    assert [(file.name, file.text) for file in files] == [
        ("a.txt", "rye"), ("b.md", "bread"), ("c.JSON", '{"x": "\ufffd"}'), ("b.md", "bread"),
    ]  # fmt: skip
    assert problems == [
        "d.txt: it is no text",
        "e.md: too large for a list of links",
        f"{tmp_path / 'none.md'}: no such file or directory",
    ]
    assert files[1] == files[3]


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(UnreadableFileError, match="loaf: it is no text"):
        link_file("loaf", b"\x00")


def test_headings_become_tags_and_notes_become_memos_without_names(store: Store) -> None:
    text = f"## Of @mira_k\n\n- {RYE} u/mira_k explains\n- https://redd.it/1abc9\n\n{WHEAT}\n"

    with store.write() as connection:
        for _ in range(2):
            remember_plan(connection, plan(text), PEOPLE, NOON)

    tags = [tuple(row) for row in store.connection.execute("SELECT thread, tag FROM tags ORDER BY thread")]
    memos = [tuple(row) for row in store.connection.execute("SELECT about, text, origin, created_at FROM memos")]
    name = PEOPLE.of("x", "mira_k")
    assert tags == [("hn:12", f"Of @{name}"), ("reddit:t3_1abc9", f"Of @{name}")]
    assert memos == [("reddit:t3_1abc9", f"u/{PEOPLE.of('reddit', 'mira_k')} explains", "bread.md line 3", NOON)]


def test_what_leads_say_is_no_memo(store: Store) -> None:
    found = make_plan(find_entries(link_file("answer.md", LIST.encode()), leads=True))

    with store.write() as connection:
        remember_plan(connection, found, PEOPLE, NOON)

    counts = [store.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("tags", "memos")]
    assert counts == [0, 0]


def test_a_note_without_words_is_none() -> None:
    assert clean_note(" - (…) ") is None


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.just(RYE)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["url", "title", "note", "output", "choices", "x"]), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(values)
def test_a_link_is_found_wherever_in_json_it_stands(value: Any) -> None:
    text = json.dumps(value)

    assert (RYE in {entry.link for entry in entries(text, "x.json")}) is (RYE in text)


@given(st.text(), st.sampled_from(["x.md", "x.json", "x.jsonl", "x.html"]))
def test_any_text_gives_a_plan_that_leaves_no_link_out(text: str, name: str) -> None:
    listed = find_entries(LinkFile(name, text, ""))
    found = make_plan(listed)

    assert len(found.refused) + sum(len(planned.entries) for planned in found.planned) == len(listed)
