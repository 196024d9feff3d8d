from dataclasses import replace
from typing import Any

import pytest

from reports.quotes import Quote, may_be_shown, quote_entries, why_hidden

QUOTE = Quote(
    id="q-1", post="example:p1", start=0, end=5, text_sha="abc", name="Mira", reason="agreed", note=None, by="ana",
    at="2026-02-20T10:00:00Z", state="live", is_private=False, observed_at="2026-02-20T09:00:00Z", current_sha="abc",
    title="Bread", text="Dear\nbread.", url="https://example.org/p1", community="r/bakers", created_at="2026-01-03T10:00:00Z",
)  # fmt: skip
SINCE = "2026-02-18T10:00:00Z"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, ""),
        ({"observed_at": SINCE}, ""),
        ({"state": "orphan"}, ""),
        (
            {"observed_at": "2026-02-18T09:59:59Z"},
            "the post was last seen alive at 2026-02-18T09:59:59Z, more than 48 hours ago",
        ),
        ({"observed_at": None}, "the post was never looked at"),
        ({"state": "deleted_by_author"}, "the post is deleted by author"),
        ({"state": "account_gone"}, "the post is account gone"),
        ({"current_sha": "def"}, "the text has changed since"),
        ({"current_sha": None}, "the text has changed since"),
        ({"is_private": True}, "it is a private note"),
    ],
)
def test_a_quotation_is_shown_only_while_its_post_stands_as_it_was(changes: dict[str, Any], why: str) -> None:
    quote = replace(QUOTE, **changes)

    assert why_hidden(quote, SINCE) == why
    assert may_be_shown([quote], SINCE) == ([] if why else ["q-1"])


def test_how_long_ago_it_was_seen_does_not_matter_once_that_was_decided() -> None:
    assert why_hidden(replace(QUOTE, observed_at="2020-01-01T00:00:00Z"), None) == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Dear"),
        ({"start": None, "end": None}, "Dear bread."),
        ({"start": None, "end": None, "text": None}, "Bread"),
        ({"start": 5, "end": None}, "bread."),
        ({"text": None, "title": None}, ""),
    ],
)
def test_the_words_are_those_of_the_post_as_it_stands(changes: dict[str, Any], words: str) -> None:
    assert replace(QUOTE, **changes).words == words


def test_chosen_quotations_are_told_in_the_order_of_their_places() -> None:
    later = replace(QUOTE, id="q-0", start=5, end=None)
    other = replace(QUOTE, id="q-2", post="example:p0")
    entries = quote_entries([later, QUOTE, other], ["q-0", "q-1", "q-2"], {"example:p1": ["b", "a"]})

    assert [(entry["id"], entry["claims"]) for entry in entries] == [
        ("q-2", []),
        ("q-1", ["a", "b"]),
        ("q-0", ["a", "b"]),
    ]


def test_what_is_not_chosen_or_gone_is_not_told() -> None:
    assert quote_entries([QUOTE], [], {}) == []
    assert quote_entries([replace(QUOTE, state="removed")], ["q-1"], {}) == []


def test_without_a_name_the_community_is_named_and_nobody_else() -> None:
    quote = replace(QUOTE, name=None, start=None, end=None, text="u/~0123456789ab says so", created_at=None)
    [entry] = quote_entries([quote], ["q-1"], {})

    assert (entry["name"], entry["text"], entry["month"]) == ("somebody in r/bakers", "(name) says so", None)
