"""Answers of language models become Markdown that bears its sources."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.answers import find_answers

RYE, WHEAT = "https://bread.example/rye", "https://bread.example/wheat"


def texts(document: Any) -> list[tuple[str, str]]:
    return [(answer.place, answer.text) for answer in find_answers(document).found]


def responses(text: str, *annotations: Any) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": list(annotations)}
    return {"output": [{"type": "web_search_call"}, {"type": "message", "content": [part, {"type": "refusal"}]}]}


def chat(text: Any, **more: Any) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": text, **more.pop("message", {})}}], **more}


def gemini(text: str, grounding: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": [{"text": text}, {"x": 1}]}, "groundingMetadata": grounding}]}


def test_the_responses_form_bears_its_sources_where_they_belong() -> None:
    note = {"type": "url_citation", "url": RYE, "start_index": 0, "end_index": 10, "title": "1"}

    assert texts(responses("Rye rises. So do we.", note)) == [
        ("output[1].content[0].text", f"Rye rises. [[1]]({RYE}) So do we.")
    ]


def test_a_source_that_the_text_bears_itself_is_not_put_in_again() -> None:
    text = f"Rye rises.[[1]]({RYE})"

    assert texts(responses(text, {"url": RYE, "start_index": 3, "end_index": 5})) == [
        ("output[1].content[0].text", text)
    ]


@pytest.mark.parametrize("end", [None, -1, 99, "3", 1.5])
def test_a_source_without_a_place_stands_in_a_section_of_its_own(end: Any) -> None:
    sources = ({"url": RYE, "title": "On [rye]", "end_index": end}, {"url": RYE, "title": "On [rye]", "end_index": end})
    ((_, text),) = texts(responses("Rye rises.", *sources, {"url": "rye"}, {"title": "none"}, 7))

    assert text == f"Rye rises.\n\n## Sources\n\n- [On (rye)]({RYE})"


def test_an_address_with_brackets_or_blanks_can_stand_in_markdown() -> None:
    ((_, text),) = texts(responses("Rye", {"url": "https://bread.example/a (b)"}))

    assert text.endswith("- [source](https://bread.example/a%20%28b%29)")


@pytest.mark.parametrize("where", ["citations", "search_results"])
def test_a_chat_completion_defines_the_numbers_that_it_points_by(where: str) -> None:
    pages = [RYE, {"url": WHEAT}] if where == "citations" else [{"url": RYE}, {"url": WHEAT}]

    assert texts(chat("Rye rises [1].", **{where: pages})) == [
        ("choices[0].message.content", f"Rye rises [1].\n\n## Sources\n\n[1]: {RYE}\n[2]: {WHEAT}")
    ]


def test_a_chat_completion_may_have_annotations() -> None:
    note = {"type": "url_citation", "url_citation": {"url": RYE, "end_index": 3}}

    assert texts(chat("Rye rises", message={"annotations": [note]})) == [
        ("choices[0].message.content", f"Rye [[1]]({RYE}) rises")
    ]


def test_the_pieces_of_a_message_are_one_text() -> None:
    parts = [
        {"type": "text", "text": "Rye"},
        {"type": "text", "text": " rises", "citations": [{"url": RYE, "cited_text": "…"}]},
        {"type": "tool_use", "input": {}},
        {"type": "text", "text": "."},
    ]

    assert texts({"role": "assistant", "content": parts}) == [("content", f"Rye rises [[1]]({RYE}).")]
    assert texts({"role": "user", "content": parts}) == []
    assert texts({"role": "assistant", "content": []}) == []


def test_candidates_are_grounded_by_the_words_and_not_by_their_bytes() -> None:
    grounding = {
        "groundingChunks": [{"web": {"uri": RYE, "title": "rye"}}, {"web": {"uri": WHEAT, "title": "wheat"}}, {"maps": {}}, 7],
        "groundingSupports": [
            {"segment": {"endIndex": 99, "text": "Rye rises."}, "groundingChunkIndices": [0, 9, -1, "0", 2]},
            {"segment": {"text": "not there"}, "groundingChunkIndices": [1]},
            {"segment": 7, "groundingChunkIndices": 7},
        ],
    }  # fmt: skip

    assert texts(gemini("Ünd: Rye rises. Yes.", grounding)) == [
        ("candidates[0].content", f"Ünd: Rye rises. [[1]]({RYE}) Yes.\n\n## Sources\n\n- [wheat]({WHEAT})")
    ]
    assert texts(gemini("Rye.", None)) == [("candidates[0].content", "Rye.")]
    assert texts(gemini("Rye.", {"groundingChunks": 7})) == [("candidates[0].content", "Rye.")]
    assert texts(gemini("", {})) == []
    assert texts({"candidates": [{"content": 7}]}) == []


def test_answers_are_found_in_lists_and_under_known_keys() -> None:
    documents = [{"query": "rye?", "response": responses("Rye.")}, 7, chat("Wheat.")]

    assert texts(documents) == [
        ("[0].response.output[1].content[0].text", "Rye."),
        ("[2].choices[0].message.content", "Wheat."),
    ]


@pytest.mark.parametrize(
    "document",
    [None, 7, "rye", [], {}, {"output": 7}, {"output": [{"type": "message", "content": "x"}]}, chat(None), chat([])],
)
def test_what_is_of_no_known_form_holds_no_answer(document: Any) -> None:
    assert texts(document) == []


def test_what_was_read_is_named_so_that_nothing_is_found_twice() -> None:
    document = chat("Rye [1]", citations=[RYE])

    assert {id(document["citations"]), id(document["choices"][0]["message"])} <= find_answers(document).read


KEYS = st.sampled_from(
    ["output", "type", "content", "text", "annotations", "citations", "url", "end_index", "choices", "message", "role",
     "candidates", "parts", "groundingMetadata", "groundingChunks", "groundingSupports", "segment", "web", "uri"]
)  # fmt: skip
LEAVES = st.one_of(st.none(), st.integers(-3, 9), st.sampled_from(["message", "assistant", RYE]), st.text(max_size=8))


@given(
    st.recursive(
        LEAVES,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=5)),
        max_leaves=20,
    )
)
def test_any_json_is_read(document: Any) -> None:
    assert all(isinstance(answer.text, str) for answer in find_answers(document).found)
