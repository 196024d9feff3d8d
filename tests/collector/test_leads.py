"""What a model's answer claims and links to."""

import json

import pytest
from fakes.collecting import PEOPLE
from hypothesis import given
from hypothesis import strategies as st

from collector.leads import find_leads, is_answer
from collector.link_lists import LinkFile, link_file
from db.queries.leads import Lead

RYE = "https://www.reddit.com/r/bakers/comments/1abc9/rye/"
WHEAT = "https://news.ycombinator.com/item?id=12"


def leads(text: str, name: str = "answer.md") -> list[Lead]:
    return find_leads(link_file(name, text.encode()), PEOPLE)


def claims(text: str) -> list[tuple[str | None, str | None]]:
    return [(lead.claim, lead.thread) for lead in leads(text)]


def test_a_lead_bears_its_claim_its_link_and_its_place() -> None:
    (lead,) = leads(f"## Findings\n\n- Most bakers prefer **rye** ([thread]({RYE}))\n")

    assert (lead.origin, lead.place, lead.claim) == ("answer.md", "line 3", "Most bakers prefer rye (thread)")
    assert (lead.link, lead.thread, lead.problem) == ("https://www.reddit.com/comments/1abc9/", "reddit:t3_1abc9", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Bakers do prefer rye.[[1]]({RYE}) Others bake with wheat. [2]({WHEAT})",
         [("Bakers do prefer rye.", "reddit:t3_1abc9"), ("Others bake with wheat.", "hn:12")]),
        (f"**Bakers do prefer rye.[[1]]({RYE})[[2]]({WHEAT})**",
         [("Bakers do prefer rye.", "reddit:t3_1abc9"), ("Bakers do prefer rye.", "hn:12")]),
        (f"Bakers do prefer rye [1]. Nobody knows why.\n\n[1]: {RYE}", [("Bakers do prefer rye.", "reddit:t3_1abc9")]),
        (f"Bakers do prefer rye.[^r]\n\n[^r]: Mira, {RYE}", [("Bakers do prefer rye.", "reddit:t3_1abc9")]),
        (f"According to [a thread on Reddit]({RYE}), bakers do prefer rye.",
         [("According to a thread on Reddit, bakers do prefer rye.", "reddit:t3_1abc9")]),
        (f"Some grains, e.g. Rye, do rise slowly.[1]({RYE})", [("Some grains, e.g. Rye, do rise slowly.", "reddit:t3_1abc9")]),
        (f"裸麦は膨らむ。[1]({RYE}) 小麦", [(None, "reddit:t3_1abc9")]),
        (f"| grain | who |\n|---|---|\n| rye is what they prefer | [12 bakers]({RYE}) |",
         [("rye is what they prefer | 12 bakers", "reddit:t3_1abc9")]),
        (f"- Bakers do prefer rye {RYE} {RYE}", [("Bakers do prefer rye", "reddit:t3_1abc9")]),
    ],
)  # fmt: skip
def test_the_claim_of_a_link_is_the_sentence_or_the_item_around_it(
    text: str, expected: list[tuple[str | None, str | None]]
) -> None:
    assert claims(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"- [Why do bakers prefer rye so much?]({RYE})",
        f"- [Rye]({RYE}) - r/bakers",
        f"{RYE}",
        f"## [Why do bakers prefer rye]({RYE})",
        f"## Sources\n\n1. Why do bakers prefer rye so much, accessed in May, {RYE}",
        f"**References:**\n\nWhy bakers do prefer rye: {RYE}",
        f"```\ncurl --silent --fail {RYE}\n```",
    ],
)
def test_a_link_that_nothing_is_said_of_has_no_claim(text: str) -> None:
    assert claims(text) == [(None, "reddit:t3_1abc9")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- Bakers do prefer rye", ["Bakers do prefer rye"]),
        ("1. Rye: preferred by most bakers", ["Rye: preferred by most bakers"]),
        ("| grain | who |\n|---|---|\n| rye | most of the bakers |", ["rye | most of the bakers"]),
        ("About 40% prefer rye. Nobody knows why that is.", ["About 40% prefer rye."]),
        ("Of 1.5 million bakers, most do\nprefer rye.", ["Of 1.5 million bakers, most do prefer rye."]),
        ("- see [the page on rye](../rye.md) first", ["see the page on rye first"]),
    ],
)
def test_a_claim_without_a_link_is_a_lead_without_address(text: str, expected: list[str]) -> None:
    found = leads(text)

    assert [lead.claim for lead in found] == expected
    assert {(lead.link, lead.thread, lead.problem) for lead in found} == {(None, None, None)}


@pytest.mark.parametrize(
    "text",
    [
        "Bakers do prefer rye.",
        "- Prefer rye",
        "- What do bakers prefer?",
        "- Bakers prefer one of these two:\n  - Rye\n  - Wheat",
        "Of 12 bakers, who prefers rye?",
        "Of 12 bakers, these prefer rye:",
        "# In 2026 most bakers do prefer rye",
        "## Sources\n\n- The book of bread and rye",
        "```\nprint 12 loaves of bread\n```",
        "| 12 grains | 12 bakers of bread |\n|---|---|",
        "",
    ],
)
def test_what_states_nothing_is_no_lead(text: str) -> None:
    assert leads(text) == []


def test_names_in_claims_become_pseudonyms_and_links_name_nobody() -> None:
    found = leads("- @mira_k says that rye rises: https://x.com/mira_k/status/12 https://x.com/mira_k")

    name = PEOPLE.of("x", "mira_k")
    assert {lead.claim for lead in found} == {f"@{name} says that rye rises"}
    assert [(lead.place, lead.link, lead.thread, lead.problem) for lead in found] == [
        ("line 1, link 1", "https://x.com/i/status/12", "x:12", None),
        ("line 1, link 2", "https://x.com/", None, "it leads to a person's page, not to a post"),
    ]


def test_a_lead_is_the_same_for_the_same_content_and_place() -> None:
    text = f"- Bakers do prefer rye {RYE}\n- Bakers do prefer wheat"

    assert [lead.uid for lead in leads(text, "a.md")] == [lead.uid for lead in leads(text, "b.md")]
    assert len({lead.uid for lead in [*leads(text), *leads(text + "\n")]}) == 4


def test_of_an_answer_only_the_answer_is_read() -> None:
    message = {"type": "message", "content": [{"text": f"- Bakers do prefer rye [[1]]({RYE})"}]}
    answer = {"query": "- what do 12 bakers prefer", "response": {"output": [{"type": "open", "url": WHEAT}, message]}}

    (lead,) = leads(json.dumps(answer), "answer.json")

    assert (lead.place, lead.claim) == ("response.output[1].content[0].text line 1", "Bakers do prefer rye")


def test_in_json_of_another_form_and_in_html_each_link_is_a_lead_with_its_note() -> None:
    listed = [{"url": RYE, "note": "Bakers do prefer rye"}, {"url": WHEAT, "note": "wheat"}]
    page = f"<html><ul><li>Bakers do prefer rye <a href='{RYE}'>1</a></li><li><a href='{RYE}'>2</a></li></ul></html>"

    assert [(lead.place, lead.claim, lead.thread) for lead in leads(json.dumps(listed), "x.json")] == [
        ("[0] #1", "Bakers do prefer rye", "reddit:t3_1abc9"), ("[1] #2", None, "hn:12"),
    ]  # fmt: skip
    assert [lead.claim for lead in leads(page, "x.html")] == ["Bakers do prefer rye", None]


def test_an_answer_is_recognised_by_its_form() -> None:
    assert is_answer(link_file("x.json", b'{"choices": [{"message": {"content": "Rye."}}]}'))
    assert not is_answer(link_file("x.json", b'{"links": []}'))
    assert not is_answer(link_file("x.md", b"- Rye"))


words = st.sampled_from(
    [
        "Rye rises. ",
        f"[[1]]({RYE})",
        f"[x]({RYE})",
        WHEAT,
        "\n",
        "- ",
        "| a |",
        "12 ",
        "? ",
        "e.g. ",
        "**",
        ":",
        "\ue0007\ue001",
    ]
)


@given(st.lists(st.one_of(words, st.text(max_size=4)), max_size=30).map("".join))
def test_any_text_gives_leads_each_in_a_place_of_its_own(text: str) -> None:
    found = find_leads(LinkFile("x.md", text, ""), PEOPLE)

    assert len({lead.uid for lead in found}) == len({lead.place for lead in found}) == len(found)
    assert all(lead.claim is not None or lead.link is not None or lead.problem is not None for lead in found)
