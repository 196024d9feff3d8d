"""Settings from the environment and the study's .env: the only place that reads them. No secret is ever shown."""

import os
import platform
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from db.errors import ConfigurationError

KEY = "GROUNDSWELL_KEY"
ARCTIC_SHIFT_URL = "https://arctic-shift.photon-reddit.com"
REDDIT_URL = "https://www.reddit.com"
REDDIT_OAUTH_URL = "https://oauth.reddit.com"
HACKER_NEWS_URL = "https://hn.algolia.com"
X_API_URL = "https://api.x.com"
X_SYNDICATION_URL = "https://cdn.syndication.twimg.com"
X_OEMBED_URL = "https://publish.twitter.com"
SECONDS_BETWEEN_REQUESTS = 0.5
_PREFIXES = ("GROUNDSWELL_", "REDDIT_", "X_")
_HEX_KEY = re.compile(r"[0-9a-fA-F]{32,}")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a command needs to know beyond the study's files; secrets are kept out of every representation."""

    key: bytes | None = field(default=None, repr=False)
    reddit_client_id: str | None = field(default=None, repr=False)
    reddit_client_secret: str | None = field(default=None, repr=False)
    reddit_user_agent: str = ""
    arctic_shift_url: str = ARCTIC_SHIFT_URL
    reddit_url: str = REDDIT_URL
    reddit_oauth_url: str = REDDIT_OAUTH_URL
    reddit_feed: str | None = field(default=None, repr=False)
    hacker_news_url: str = HACKER_NEWS_URL
    x_bearer_token: str | None = field(default=None, repr=False)
    x_api_url: str = X_API_URL
    x_syndication_url: str = X_SYNDICATION_URL
    x_oembed_url: str = X_OEMBED_URL
    seconds_between_requests: float = SECONDS_BETWEEN_REQUESTS

    @property
    def has_reddit_key(self) -> bool:
        """Whether Reddit's own API can be asked."""
        return bool(self.reddit_client_id and self.reddit_client_secret)


def load_settings(root: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of a study: the environment wins over its .env.

    Raises:
        ConfigurationError: a value cannot be used.
    """
    outside = os.environ if environment is None else environment  # noqa: TID251 - this is where it is read
    found: dict[str, str] = {}
    for values in (_read_env_file(root / ".env"), outside):
        found.update((name, value) for name, value in values.items() if value and name.startswith(_PREFIXES))
    oauth = found.get("GROUNDSWELL_REDDIT_OAUTH_URL") or found.get("GROUNDSWELL_REDDIT_URL")
    return Settings(
        key=_key(found.get(KEY)),
        reddit_client_id=found.get("REDDIT_CLIENT_ID"),
        reddit_client_secret=found.get("REDDIT_CLIENT_SECRET"),
        reddit_user_agent=found.get("REDDIT_USER_AGENT") or f"{platform.system().lower()}:groundswell:0.1 (research)",
        arctic_shift_url=found.get("GROUNDSWELL_ARCTIC_SHIFT_URL", ARCTIC_SHIFT_URL),
        reddit_url=found.get("GROUNDSWELL_REDDIT_URL", REDDIT_URL),
        reddit_oauth_url=oauth or REDDIT_OAUTH_URL,
        reddit_feed=found.get("REDDIT_FEED"),
        hacker_news_url=found.get("GROUNDSWELL_HACKER_NEWS_URL", HACKER_NEWS_URL),
        x_bearer_token=found.get("X_BEARER_TOKEN"),
        x_api_url=found.get("GROUNDSWELL_X_API_URL", X_API_URL),
        x_syndication_url=found.get("GROUNDSWELL_X_SYNDICATION_URL", X_SYNDICATION_URL),
        x_oembed_url=found.get("GROUNDSWELL_X_OEMBED_URL", X_OEMBED_URL),
        seconds_between_requests=_seconds(found.get("GROUNDSWELL_SECONDS_BETWEEN_REQUESTS")),
    )


def new_key() -> str:
    """A fresh pseudonym key as it stands in .env."""
    return secrets.token_hex(32)


def _read_env_file(path: Path) -> Mapping[str, str | None]:
    try:
        # A secret may hold ${…}; it stands for nothing but itself.
        return dotenv_values(path, interpolate=False)
    except OSError as error:
        raise ConfigurationError(
            f"{path}: {(error.strerror or str(error)).lower()}", hint="check its rights"
        ) from error
    except UnicodeDecodeError:
        # Its bytes may be a secret's, so the cause is not shown.
        raise ConfigurationError(f"{path}: not UTF-8 text", hint="restore the .env of this study") from None


def _key(text: str | None) -> bytes | None:
    if text is None:
        return None
    if not _HEX_KEY.fullmatch(text) or len(text) % 2:
        raise ConfigurationError(f"{KEY} is no key (at least 32 hex digits)", hint="restore the .env of this study")
    return bytes.fromhex(text)


def _seconds(text: str | None) -> float:
    if text is None:
        return SECONDS_BETWEEN_REQUESTS
    try:
        return max(0.0, float(text))
    except ValueError:
        raise ConfigurationError(f"GROUNDSWELL_SECONDS_BETWEEN_REQUESTS is no number: {text!r}") from None
