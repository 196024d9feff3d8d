"""Names become keyed pseudonyms."""

import re

import pytest
from fakes.collecting import PEOPLE
from hypothesis import given
from hypothesis import strategies as st

from collector.people import Pseudonyms, fingerprint, is_bot_name
from db.records import Author

MIRA = PEOPLE.of("reddit", "mira_k")
NAMES = st.from_regex(r"[A-Za-z0-9_-]{3,20}", fullmatch=True)


def test_the_same_name_has_the_same_pseudonym_for_one_key() -> None:
    again = Pseudonyms(b"a key that only tests know")

    assert again.of("reddit", "mira_k") == MIRA
    assert again.of("reddit", "Mira_K") == MIRA
    assert re.fullmatch("~[0-9a-f]{12}", MIRA)


def test_another_key_gives_another_pseudonym() -> None:
    assert Pseudonyms(b"another key").of("reddit", "mira_k") != MIRA


def test_one_name_on_two_platforms_is_two_people() -> None:
    assert PEOPLE.of("x", "mira_k") != MIRA


def test_a_pseudonym_stays_what_it_is() -> None:
    assert PEOPLE.of("reddit", MIRA) == MIRA


def test_a_fingerprint_tells_keys_apart_and_holds_nothing_of_them() -> None:
    assert fingerprint(b"one key") == fingerprint(b"one key")
    assert fingerprint(b"one key") != fingerprint(b"two keys")
    assert re.fullmatch("[0-9a-f]{16}", fingerprint(b"one key"))


@pytest.mark.parametrize("name", [None, "[deleted]", "[removed]"])
def test_accounts_that_are_gone_are_one_voice_a_thread(name: str | None) -> None:
    assert PEOPLE.author("reddit", name, "t3_a") == Author("reddit:[deleted]/t3_a", is_gone=True)
    assert PEOPLE.author("reddit", name, "t3_b") != PEOPLE.author("reddit", name, "t3_a")


def test_an_author_is_a_pseudonym_with_its_platform() -> None:
    assert PEOPLE.author("reddit", "mira_k", "t3_a") == Author(f"reddit:{MIRA}")


@pytest.mark.parametrize(
    "name",
    [
        "AutoModerator",
        "automoderator",
        "RemindMeBot",
        "bread-bot",
        "bread_BOT2",
        "bot_of_bread",
        "Bot-Nine",
        "BreadBot",
        "BreadBot12",
    ],
)
def test_a_program_is_known_by_its_name(name: str) -> None:
    assert is_bot_name(name)
    assert PEOPLE.author("reddit", name, "t3_a").is_bot


@pytest.mark.parametrize("name", ["mira_k", "abbot", "talbot", "Robotics_fan", "botany", "Bot", "bottle_9", "TALBOT"])
def test_a_person_is_not_taken_for_a_program(name: str) -> None:
    assert not is_bot_name(name)
    assert not PEOPLE.author("reddit", name, "t3_a").is_bot


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Thanks u/mira_k!", f"Thanks u/{MIRA}!"),
        ("Thanks /u/mira_k.", f"Thanks /u/{MIRA}."),
        ("U/MIRA_K said so", f"U/{MIRA} said so"),
        ("~~u/mira_k~~ was wrong", f"~~u/{MIRA}~~ was wrong"),
        ("**u/mira_k** and (u/mira_k)", f"**u/{MIRA}** and (u/{MIRA})"),
        ("u/mira\\_k, you mean", f"u/{MIRA}, you mean"),
        ("_u/mira_k said_", f"_u/{MIRA} said_"),
        ("mira's hint: u/mira_k's loaf", f"mira's hint: u/{MIRA}'s loaf"),
        ("https://www.reddit.com/user/mira_k/", f"https://www.reddit.com/user/{MIRA}/"),
        ("https://old.reddit.com/u/mira_k?x=1", f"https://old.reddit.com/u/{MIRA}?x=1"),
        ("reddit.com//user/mira_k", f"reddit.com//user/{MIRA}"),
        ("[she](/user/mira_k) said", f"[she](/user/{MIRA}) said"),
        ("[u/mira_k](https://www.reddit.com/user/mira_k)", f"[u/{MIRA}](https://www.reddit.com/user/{MIRA})"),
        ("see r/u_mira_k", f"see r/u_{MIRA}"),
        ("問u/mira_k呢", f"問u/{MIRA}呢"),
        ("u/mira_k u/mira_k", f"u/{MIRA} u/{MIRA}"),
    ],
)
def test_a_name_in_a_text_becomes_its_pseudonym(text: str, hidden: str) -> None:
    assert PEOPLE.hide_names("reddit", text) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "no name here",
        "r/invented_bakers is kind",
        "w/o and and/or and 50/50",
        "menu/breakfast",
        "https://example.org/u/mira_k/photo",
        "u/ab is too short",
        "mail me: x@example.org",
    ],
)
def test_what_is_no_name_of_the_platform_stays(text: str) -> None:
    assert PEOPLE.hide_names("reddit", text) == text


def test_a_names_underscore_written_for_markdown_is_the_same_name() -> None:
    assert PEOPLE.hide_names("reddit", "u/mira\\_k") == PEOPLE.hide_names("reddit", "u/mira_k")


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("@mira_k yes", f"@{PEOPLE.of('x', 'mira_k')} yes"),
        (".@mira_k: no", f".@{PEOPLE.of('x', 'mira_k')}: no"),
        ("mail mira@example.org", "mail mira@example.org"),
        ("u/mira_k", "u/mira_k"),
        ("@@mira_k", "@@mira_k"),
        ("@a_name_far_too_long_for_it", "@a_name_far_too_long_for_it"),
    ],
)
def test_another_platform_names_people_in_its_own_way(text: str, hidden: str) -> None:
    assert PEOPLE.hide_names("x", text) == hidden


@given(NAMES, st.sampled_from(["u/{}", "/u/{}", "hi u/{}, yes", "https://www.reddit.com/user/{}", "(/u/{})"]))
def test_no_name_survives_in_a_text_and_hiding_twice_changes_nothing(name: str, form: str) -> None:
    once = PEOPLE.hide_names("reddit", form.format(name))

    assert once == form.format(PEOPLE.of("reddit", name))
    assert PEOPLE.hide_names("reddit", once) == once
