"""The sites that a study collects from, each opened when it is first needed and closed at the end."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from collector.pace import Pace
from collector.people import Pseudonyms
from collector.reading import Reading
from collector.run import Note, Run, Site, Tell, resume_pace, silent, unnoted
from collector.source import site_source
from db.errors import ConfigurationError
from db.queries import ledger
from db.store import Store
from groundswell import VERSION
from groundswell.stopping import Stop
from groundswell.study import Study, now

LIVE = frozenset({"reddit_api", "reddit_rss", "hacker_news", "x_api", "x_public", "web_page"})
"""Sources that show what holds now; an archive's rows bear the time at which they were seen."""
KEYS = {
    "reddit_api": "Reddit's own API needs REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET",
    "x_api": "X's API needs X_BEARER_TOKEN, and costs money per post",
}


def source_for(study: Study, platform: str) -> str:
    """The source by which threads of a platform are walked unless somebody says otherwise.

    Raises:
        ConfigurationError: there is a way only for those who have a key.
    """
    settings = study.settings
    if platform == "reddit":
        return "reddit_api" if settings.has_reddit_key else "arctic_shift"
    if platform == "x" and not settings.x_bearer_token:
        raise ConfigurationError(
            KEYS["x_api"],
            hint="put it into the study's .env; or --source x_public: single posts, without their replies",
        )
    return {"hn": "hacker_news", "x": "x_api", "web": "web_page"}[platform]


def source_to_recheck(study: Study, platform: str) -> str | None:
    """The source that can tell whether posts of a platform still stand, or None."""
    if platform == "reddit":
        return "reddit_api" if study.settings.has_reddit_key else None
    if platform == "x":
        return "x_api" if study.settings.x_bearer_token else None
    return {"hn": "hacker_news", "web": "web_page"}.get(platform)


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a command goes about collecting.

    Attributes:
        stop: tells whether a signal asked for the end.
        tell: is told how it goes on.
        note: is told what is to be logged.
        threads: how many of the threads that a listing shows are walked at most.
        max_usd, max_requests: what X's API may cost, and how often it may be asked, in one run.
        x_archive: whether X is searched back to its beginning instead of seven days.
        x_authors: whether X is asked for the names of accounts, which is two thirds of the price.
        pace: makes the pace of a site from the least seconds between two requests.
        within: the run that all runs are a part of.
        anew: whether a plan that came to its end before begins anew even if some of it failed then.
    """

    stop: Stop
    tell: Tell = silent
    note: Note = unnoted
    threads: int | None = None
    max_usd: float | None = None
    max_requests: int | None = None
    x_archive: bool = False
    x_authors: bool = True
    pace: Callable[[float], Pace] | None = None
    within: int | None = None
    anew: bool = False

    def new_pace(self, seconds: float) -> Pace:
        """A pace whose waits end when the command is asked to end."""
        return self.pace(seconds) if self.pace is not None else Pace(seconds, sleep=self.stop.wait, stopped=self.stop)


def begin(study: Study, store: Store, command: str, parameters: dict[str, Any], conduct: Conduct) -> Run:
    """Open a run."""
    return Run(
        store, command, parameters, VERSION, now, conduct.tell, conduct.stop, study.key(store), conduct.note,
        within=conduct.within, anew=conduct.anew,
    )  # fmt: skip


class Sites:
    """Opens sources before their sites for one run; a context manager."""

    def __init__(self, study: Study, run: Run, people: Pseudonyms, conduct: Conduct) -> None:
        self._study, self._run, self._people, self._conduct = study, run, people, conduct
        self._open: dict[str, Site] = {}

    def __call__(self, name: str) -> Site:
        """The source before its site.

        Raises:
            ConfigurationError: it needs a key that the study does not have.
        """
        if name not in self._open:
            self._open[name] = self._opened(name)
        return self._open[name]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for site in self._open.values():
            site.session.close()

    def _opened(self, name: str) -> Site:
        settings = self._study.settings
        missing = {"reddit_api": not settings.has_reddit_key, "x_api": not settings.x_bearer_token}
        if missing.get(name):
            raise ConfigurationError(KEYS[name], hint="put it into the study's .env, or leave --source away")
        pace = resume_pace(self._run, name, self._conduct.new_pace(settings.seconds_between_requests))
        people = self._people

        def reading() -> Reading:
            return Reading(people, observed_at=now() if name in LIVE else None)

        # Each host of the web has a pace of its own, in the session.
        kept = pace if name != "web_page" else None
        return Site(site_source(name), self._session(name, pace), reading, kept)

    def _session(self, name: str, pace: Pace) -> Any:
        settings = self._study.settings
        if name == "reddit_api":
            from collector.reddit_session import Credentials, RedditSession

            credentials = Credentials(
                settings.reddit_client_id or "", settings.reddit_client_secret or "", settings.reddit_user_agent
            )
            return RedditSession(
                credentials, pace, now, oauth_url=settings.reddit_oauth_url, reddit_url=settings.reddit_url
            )
        if name == "reddit_rss":
            from collector.sources import reddit_rss

            return reddit_rss.open_session(settings.reddit_url, settings.reddit_feed, pace, now)
        if name == "x_api":
            from collector.budget import Budget
            from collector.sources import x_api

            if self._conduct.max_usd is None:
                raise ConfigurationError(
                    "X's API costs money per post, and nothing says how much may be spent", hint="--max-usd 5"
                )
            spent = ledger.spent(self._run.store.connection, name, now()[:7])
            budget = Budget(self._conduct.max_usd, self._conduct.max_requests, self._study.file.max_usd_a_month, spent)
            asked = x_api.Options(archive=self._conduct.x_archive, authors=self._conduct.x_authors)
            token = settings.x_bearer_token or ""
            return x_api.open_session(settings.x_api_url, token, pace, now, budget, options=asked)
        if name == "x_public":
            from collector.sources import x_public

            return x_public.open_session(settings.x_syndication_url, settings.x_oembed_url, pace, now)
        if name == "web_page":
            from collector.sources import web_page

            return web_page.open_session(pace, now)
        from collector.session import open_session

        urls = {"arctic_shift": settings.arctic_shift_url, "hacker_news": settings.hacker_news_url}
        return open_session(name, urls[name], pace, now)
