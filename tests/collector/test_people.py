import pytest

from collector.people import Pseudonyms, fingerprint, is_bot_name

PEOPLE = Pseudonyms(b"one key")
MIRA = PEOPLE.of("reddit", "mira_k")


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("thanks u/mira_k!", f"thanks u/{MIRA}!"),
        ("/u/Mira_K said so", f"/u/{MIRA} said so"),
        ("~~u/mira_k~~", f"~~u/{MIRA}~~"),
        (r"u/mira\_k", f"u/{MIRA}"),
        ("see https://www.reddit.com/user/mira_k/", f"see https://www.reddit.com/user/{MIRA}/"),
        ("r/mira_k is a community", "r/mira_k is a community"),
        ("either/u/or", "either/u/or"),
    ],
)
def test_a_name_in_a_text_becomes_its_pseudonym(written: str, stored: str) -> None:
    assert PEOPLE.hide_names("reddit", written) == stored


def test_on_x_names_stand_behind_an_at_sign() -> None:
    assert PEOPLE.hide_names("x", "hi @mira_k, mail a@b.org") == f"hi @{PEOPLE.of('x', 'mira_k')}, mail a@b.org"


def test_one_name_has_one_pseudonym_a_key_and_a_platform() -> None:
    assert PEOPLE.of("reddit", "MIRA_K") == MIRA
    assert Pseudonyms(b"another key").of("reddit", "mira_k") != MIRA
    assert PEOPLE.of("x", "mira_k") != MIRA
    assert PEOPLE.of("reddit", MIRA) == MIRA


def test_an_account_that_is_gone_is_one_voice_a_thread() -> None:
    first, second = (PEOPLE.author("reddit", name, "t3_a") for name in (None, "[deleted]"))

    assert first == second
    assert first.is_gone
    assert PEOPLE.author("reddit", None, "t3_b") != first


@pytest.mark.parametrize("name", ["AutoModerator", "helpful-bot", "RemindMeBot", "bot_of_things", "tidyBot2"])
def test_a_bot_is_known_by_its_name(name: str) -> None:
    assert is_bot_name(name)
    assert PEOPLE.author("reddit", name, "t3_a").is_bot


@pytest.mark.parametrize("name", ["abbot", "robotics_fan", "Talbot", "botanist"])
def test_a_person_whose_name_sounds_like_one_is_no_bot(name: str) -> None:
    assert not is_bot_name(name)


def test_a_fingerprint_tells_keys_apart_and_not_what_they_are() -> None:
    assert fingerprint(b"one key") != fingerprint(b"another key")
    assert b"one key".hex() not in fingerprint(b"one key")
