"""The sites that a study collects from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from db.errors import ConfigurationError
from groundswell.sites import LIVE, Conduct, Sites, begin, source_for, source_to_recheck
from groundswell.stopping import Stop
from groundswell.study import Study, find_study

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYLESS = ("arctic_shift", "reddit_rss", "hacker_news", "x_public", "web_page")
CONDUCT = Conduct(Stop(), max_usd=5.0)


@pytest.fixture
def keyed(study: Study, monkeypatch: pytest.MonkeyPatch) -> Study:
    for name in ("REDDIT_CLIENT_ID", "REDDIT_CLIENT_SECRET", "X_BEARER_TOKEN"):
        monkeypatch.setenv(name, "id")
    return find_study(study.root, study.root)


def opened(study: Study, conduct: Conduct = CONDUCT) -> Iterator[Sites]:
    with study.store() as store:
        run = begin(study, store, "collect url", {}, conduct)
        with Sites(study, run, study.pseudonyms(store), conduct) as sites:
            yield sites


@pytest.mark.parametrize("name", KEYLESS)
def test_sources_that_need_no_key_are_opened_once_without_one(study: Study, name: str) -> None:
    for sites in opened(study):
        site = sites(name)

        assert name == site.source.NAME
        assert sites(name) is site
        assert site.session.take_requests() == []


@pytest.mark.parametrize("name", ["reddit_api", "x_api"])
def test_sources_that_need_a_key_are_refused_without_one_and_opened_with_it(
    study: Study, keyed: Study, name: str
) -> None:
    for sites in opened(replace(study, settings=replace(study.settings, reddit_client_id=None, x_bearer_token=None))):
        with pytest.raises(ConfigurationError, match="needs") as refused:
            sites(name)
        assert refused.value.hint == "put it into the study's .env, or leave --source away"
    for sites in opened(keyed):
        assert name == sites(name).source.NAME


def test_x_is_opened_only_where_somebody_says_what_it_may_cost(keyed: Study) -> None:
    for sites in opened(keyed, Conduct(Stop())):
        with pytest.raises(ConfigurationError, match="nothing says how much may be spent"):
            sites("x_api")


@pytest.mark.parametrize("name", KEYLESS)
def test_only_sources_that_show_the_present_date_what_they_show(study: Study, name: str) -> None:
    for sites in opened(study):
        assert (sites(name).reading().observed_at is not None) is (name in LIVE)


def test_a_pace_waits_no_longer_than_the_command_lasts(study: Study) -> None:
    stop = Stop()
    for sites in opened(study, Conduct(stop)):
        pace = sites("arctic_shift").pace
        assert pace is not None
        stop.ask(2, None)
        assert pace.stopped()
        pace.wait(60)


def test_what_is_walked_by_which_source_depends_on_the_keys(study: Study, keyed: Study) -> None:
    assert [source_for(study, platform) for platform in ("reddit", "hn", "web")] == [
        "arctic_shift", "hacker_news", "web_page"
    ]  # fmt: skip
    assert [source_for(keyed, platform) for platform in ("reddit", "x")] == ["reddit_api", "x_api"]
    with pytest.raises(ConfigurationError, match="X_BEARER_TOKEN") as refused:
        source_for(study, "x")
    assert "--source x_public" in str(refused.value.hint)


def test_what_can_be_looked_at_again_depends_on_the_keys(study: Study, keyed: Study) -> None:
    platforms = ("reddit", "hn", "x", "web", "csv")

    assert [source_to_recheck(study, platform) for platform in platforms] == [
        None, "hacker_news", None, "web_page", None
    ]  # fmt: skip
    assert [source_to_recheck(keyed, platform) for platform in platforms] == [
        "reddit_api", "hacker_news", "x_api", "web_page", None
    ]  # fmt: skip


def test_a_run_knows_what_it_is_part_of(study: Study) -> None:
    with study.store() as store:
        run = begin(study, store, "collect run", {}, Conduct(Stop(), within=7, anew=True))

    assert (run.within, run.anew) == (7, True)
