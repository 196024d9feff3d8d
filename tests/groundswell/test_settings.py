import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import ConfigurationError
from groundswell.settings import (
    ARCTIC_SHIFT_URL,
    REDDIT_OAUTH_URL,
    REDDIT_URL,
    Settings,
    load_settings,
    new_key,
)

KEY = "ab" * 32


def written(root: Path, text: str) -> Path:
    (root / ".env").write_text(text, encoding="utf-8")
    return root


def test_without_any_setting_the_public_sites_are_asked_at_a_polite_pace(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})

    assert (settings.arctic_shift_url, settings.reddit_url) == (ARCTIC_SHIFT_URL, REDDIT_URL)
    assert settings.reddit_oauth_url == REDDIT_OAUTH_URL
    assert settings.seconds_between_requests == 0.5
    assert settings.key is None
    assert not settings.has_reddit_key
    assert settings.reddit_user_agent


def test_the_env_file_of_the_study_is_read(tmp_path: Path) -> None:
    root = written(tmp_path, f"GROUNDSWELL_KEY={KEY}\nREDDIT_CLIENT_ID=an-id\nREDDIT_CLIENT_SECRET='a secret'\n")

    settings = load_settings(root, {})

    assert settings.key == bytes.fromhex(KEY)
    assert (settings.reddit_client_id, settings.reddit_client_secret) == ("an-id", "a secret")
    assert settings.has_reddit_key


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    root = written(tmp_path, "REDDIT_USER_AGENT=of the file\nGROUNDSWELL_REDDIT_URL=https://file.example\n")

    settings = load_settings(root, {"REDDIT_USER_AGENT": "of the environment"})

    assert settings.reddit_user_agent == "of the environment"
    assert settings.reddit_url == "https://file.example"


def test_a_setting_without_a_value_is_none(tmp_path: Path) -> None:
    root = written(tmp_path, "GROUNDSWELL_ARCTIC_SHIFT_URL=\nREDDIT_CLIENT_ID\nGROUNDSWELL_KEY=\n")

    settings = load_settings(root, {"GROUNDSWELL_REDDIT_URL": ""})

    assert (settings.arctic_shift_url, settings.reddit_url) == (ARCTIC_SHIFT_URL, REDDIT_URL)
    assert (settings.key, settings.reddit_client_id) == (None, None)


def test_a_secret_stands_for_itself_whatever_signs_it_holds(tmp_path: Path) -> None:
    root = written(tmp_path, "REDDIT_CLIENT_SECRET=ab${HOME}cd\n")

    assert load_settings(root, {}).reddit_client_secret == "ab${HOME}cd"


def test_an_id_without_its_secret_is_no_key(tmp_path: Path) -> None:
    assert not load_settings(tmp_path, {"REDDIT_CLIENT_ID": "id"}).has_reddit_key


def test_another_address_of_reddit_holds_for_requests_with_a_key_too(tmp_path: Path) -> None:
    one = load_settings(tmp_path, {"GROUNDSWELL_REDDIT_URL": "https://a.example"})
    both = load_settings(
        tmp_path,
        {"GROUNDSWELL_REDDIT_URL": "https://a.example", "GROUNDSWELL_REDDIT_OAUTH_URL": "https://b.example"},
    )

    assert one.reddit_oauth_url == "https://a.example"
    assert (both.reddit_url, both.reddit_oauth_url) == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(("written_as", "seconds"), [("2", 2.0), ("0.25", 0.25), ("-3", 0.0)])
def test_the_pause_between_requests_is_never_negative(tmp_path: Path, written_as: str, seconds: float) -> None:
    settings = load_settings(tmp_path, {"GROUNDSWELL_SECONDS_BETWEEN_REQUESTS": written_as})

    assert settings.seconds_between_requests == seconds


def test_a_pause_that_is_no_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="SECONDS_BETWEEN_REQUESTS is no number: 'soon'"):
        load_settings(tmp_path, {"GROUNDSWELL_SECONDS_BETWEEN_REQUESTS": "soon"})


@pytest.mark.parametrize("key", ["abc", "ab" * 15, "ab" * 16 + "c", "xy" * 32, "ab " * 16])
def test_a_key_that_is_none_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigurationError, match="GROUNDSWELL_KEY is no key"):
        load_settings(tmp_path, {"GROUNDSWELL_KEY": key})


@given(secret=st.text(min_size=1))
def test_a_refused_key_is_never_shown(tmp_path_factory: pytest.TempPathFactory, secret: str) -> None:
    key = f"canary-{secret}"

    with pytest.raises(ConfigurationError) as raised:
        load_settings(tmp_path_factory.getbasetemp(), {"GROUNDSWELL_KEY": key})

    assert "canary" not in f"{raised.value} {raised.value.hint} {raised.value.__cause__}"


def test_a_new_key_is_accepted_and_never_the_same(tmp_path: Path) -> None:
    keys = {new_key() for _ in range(5)}

    assert len(keys) == 5
    assert all(load_settings(tmp_path, {"GROUNDSWELL_KEY": key}).key == bytes.fromhex(key) for key in keys)


def test_settings_show_no_secret() -> None:
    settings = Settings(key=b"canary-key", reddit_client_id="canary-id", reddit_client_secret="canary-secret")

    assert "canary" not in repr(settings)


def test_an_env_file_that_is_no_text_is_refused_without_being_shown(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"REDDIT_CLIENT_SECRET=canary\xff\xfe\n")

    with pytest.raises(ConfigurationError) as raised:
        load_settings(tmp_path, {})

    assert raised.value.message == f"{tmp_path / '.env'}: not UTF-8 text"
    assert raised.value.__suppress_context__


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is closed to this user")
def test_an_env_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "").joinpath(".env").chmod(0)

    with pytest.raises(ConfigurationError, match=r"\.env: permission denied"):
        load_settings(tmp_path, {})
