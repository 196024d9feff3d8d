"""Names that a page tells do not stay in its texts."""

from __future__ import annotations

import pytest
from fakes.collecting import PEOPLE
from hypothesis import given
from hypothesis import strategies as st

from collector.known_names import KnownNames


def hidden(text: str, *names: str) -> str:
    """The text with `<name>` for each pseudonym."""
    shown = KnownNames(PEOPLE, "web", names).hide(text)
    for name in names:
        shown = shown.replace(PEOPLE.of("web", name), f"<{name}>")
    return shown


@pytest.mark.parametrize(
    ("text", "name", "shown"),
    [
        ("Ana Vogel says no; ANA VOGEL is here.", "Ana Vogel", "<Ana Vogel> says no; <Ana Vogel> is here."),
        ("Ana and Vogel", "Ana Vogel", "Ana and Vogel"),
        ("Ana\n\nVogel", "Ana Vogel", "Ana\n\nVogel"),
        ("Ana, as we know, Vogel", "Ana Vogel", "Ana, as we know, Vogel"),
        ("ask ana_v, brisk-otter or JonS", "ana_v", "ask <ana_v>, brisk-otter or JonS"),
        ("ask brisk-otter", "brisk-otter", "ask <brisk-otter>"),
        ("ask JonS about jons", "JonS", "ask <JonS> about <JonS>"),
        ("user12 user123", "user12", "<user12> user123"),
        ("Will will do it", "Will", "Will will do it"),
        ("@Will will, and Will said so", "Will", "@<Will> will, and <Will> said so"),
        ("https://forum.example/u/will/x", "will", "https://forum.example/u/<will>/x"),
        ("will wrote: no", "will", "<will> wrote: no"),
        ("Émile Zoë", "émile zoë", "<émile zoë>"),
        ("x", "x", "x"),
        ("[deleted] wrote", "[deleted]", "[deleted] wrote"),
        ("...", "...", "..."),
        ("one two three four five six", "one two three four five six", "one two three four five six"),
    ],
)
def test_a_name_is_replaced_where_it_stands_for_a_person(text: str, name: str, shown: str) -> None:
    assert hidden(text, name) == shown


def test_of_two_names_that_begin_alike_the_longer_one_is_taken() -> None:
    assert hidden("Ana Vogel Lund, Ana Vogel", "Ana Vogel", "Ana Vogel Lund") == "<Ana Vogel Lund>, <Ana Vogel>"


def test_a_name_may_be_told_twice() -> None:
    assert hidden("Ana Vogel", "Ana Vogel", "Ana Vogel") == "<Ana Vogel>"


def test_an_address_that_bears_a_name_is_known() -> None:
    names = KnownNames(PEOPLE, "web", ["will"])

    assert names.is_in("https://forum.example/u/will")
    assert not names.is_in("https://forum.example/free-will")


@given(st.text(max_size=60), st.lists(st.text(max_size=12), max_size=4))
def test_nothing_is_lost_but_names(text: str, names: list[str]) -> None:
    shown = KnownNames(PEOPLE, "web", names).hide(text)

    assert shown == text or "~" in shown


@given(st.from_regex(r"[a-z]{2,8}_[a-z0-9]{1,8}", fullmatch=True), st.text(max_size=30), st.text(max_size=30))
def test_a_name_with_a_sign_in_it_never_stays(name: str, before: str, after: str) -> None:
    assert name not in KnownNames(PEOPLE, "web", [name]).hide(f"{before} {name} {after}")
