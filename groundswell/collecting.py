"""Collecting into a study: files, links, communities, searches, what is due, and gaps."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from collector.importing import ImportOptions, import_files
from collector.links import LinkError, Target, parse_link
from collector.run import Item, Outcome, Run, follow_plan
from collector.source import Listing, site_source
from collector.times import from_text
from db.errors import ConfigurationError, GroundswellError, Partial, RefusedBySite
from db.queries import threads
from db.store import Store
from groundswell.compliance import scrub_files
from groundswell.locking import collecting
from groundswell.sites import Conduct, Sites, begin, source_for
from groundswell.stopping import Stop
from groundswell.study import Study


def import_into(study: Study, paths: Sequence[Path], options: ImportOptions, conduct: Conduct) -> Outcome:
    """Import files and folders as one run.

    Raises:
        GroundswellError: one of the paths is not there; nothing is imported then.
        ConfigurationError: the key is missing or another one, or the study is a packet.
    """
    for path in paths:
        if not path.exists():
            raise GroundswellError(f"{path}: there is no such file or folder")
    with study.store() as store:
        people = study.pseudonyms(store)
        named = {
            "format": options.format, "observed_at": options.observed_at, "paths": [path.name for path in paths],
            "mapped": options.mapping is not None,
        }  # fmt: skip
        run = begin(study, store, "collect import", named, conduct)
        import_files(run, paths, people, options)
        return _ended(study, store, run)


def _ended(study: Study, store: Store, run: Run) -> Outcome:
    """End a run; what it saw to be gone goes from the study's own files and copies too, whatever brought the news."""
    outcome = run.finish()
    if outcome.has_lost:
        try:
            outcome.notes += [f"words blanked in {path}" for path in scrub_files(study, store, study.key(store))]
        except GroundswellError as error:
            # An older copy that cannot be opened: what was collected is stored all the same.
            outcome.notes.append(error.message)
    return outcome


def collect_links(study: Study, links: Sequence[str], conduct: Conduct, *, source: str = "auto") -> Outcome:
    """Collect the threads and pages that links name, whole; an interrupted walk is gone on with."""
    targets = [_target(link) for link in links]
    items = plan_items(study, targets, source)
    # Addresses, not the links as they were typed: those may bear whatever a browser or a person put into them.
    named = {"targets": [target.address for target in targets], "source": source}
    return collect(study, "collect url", named, items, conduct)


def collect_listing(
    study: Study, listing: Listing, conduct: Conduct, *, source: str = "auto", platform: str = "reddit"
) -> Outcome:
    """Collect the threads of a community, or those that a search finds."""
    item = listing_item(study, listing, source=source, platform=platform)
    named = {"listing": listing.target, "on": platform, "source": source, "threads": conduct.threads}
    return collect(study, f"collect {'subreddit' if listing.kind == 'community' else 'search'}", named, [item], conduct)


def listing_item(study: Study, listing: Listing, *, source: str = "auto", platform: str = "reddit") -> Item:
    """A listing as a part of a plan; the threads that a feed shows are walked by a source that can."""
    by = source_for(study, platform) if source == "auto" else source
    return Item(by, listing=listing, threads_by=source_for(study, "reddit") if by == "reddit_rss" else by)


def collect(study: Study, command: str, parameters: dict[str, Any], items: Iterable[Item], conduct: Conduct) -> Outcome:
    """Follow a plan as one run, with the study held for collecting."""
    with collecting(study), study.store() as store:
        people = study.pseudonyms(store)
        run = begin(study, store, command, parameters, conduct)
        with Sites(study, run, people, conduct) as sites:
            follow_plan(run, sites, items, conduct.threads)
        return _ended(study, store, run)


def gaps(study: Study) -> list[dict[str, Any]]:
    """Threads of which something is known to be missing, the emptiest first, and why."""
    with study.store() as store:
        return threads.gaps(store.connection)


def fill_gaps(study: Study, conduct: Conduct) -> Outcome:
    """Walk the threads again of which something is missing; X only where `max_usd` says what that may cost."""
    items = [
        Item(source_for(study, row["platform"]), thread=row["address"].partition(":")[2])
        for row in gaps(study)
        if row["platform"] in ("reddit", "hn", "web") or (row["platform"] == "x" and conduct.max_usd is not None)
    ]
    return collect(study, "collect gaps", {}, items, replace(conduct, anew=True))


def check_outcome(outcome: Outcome, stop: Stop) -> None:
    """Turn what a run met into the exit code that says so.

    Raises:
        Interrupted: a signal ended it.
        ConfigurationError: the site knows no such credentials.
        RefusedBySite: the site refused for now.
        Partial: something was stored and something failed.
        GroundswellError: nothing was stored.
    """
    stop.raise_if_asked()
    count = len(outcome.problems)
    problems = "1 problem" if count == 1 else f"{count} problems"
    if outcome.refused is not None and outcome.refused.startswith("bad-credentials"):
        raise ConfigurationError(
            outcome.refused, hint="look at the credentials in the study's .env, or in the environment"
        )
    if outcome.refused is not None and outcome.refused.startswith("over-budget"):
        raise RefusedBySite(
            f"stopped: {outcome.refused}", hint="a higher --max-usd or --max-requests lets the same command go on"
        )
    if outcome.refused is not None:
        when = "" if outcome.retry_after is None else f" in {outcome.retry_after:.0f} seconds"
        raise RefusedBySite(
            f"the site refused: {outcome.refused}", hint=f"run the same command again{when or ' later'}"
        )
    if outcome.state == "partial":
        raise Partial(f"{problems}; everything else was stored", hint="nothing is counted twice when it is run again")
    if outcome.state == "failed":
        raise GroundswellError(f"{problems}; nothing was stored", hint="the lines above say what stood in the way")


def _target(link: str) -> Target:
    try:
        return parse_link(link)
    except LinkError as error:
        raise GroundswellError(f"{link}: {error}") from error


def plan_items(study: Study, targets: Sequence[Target], source: str = "auto") -> list[Item]:
    """What links lead to as the parts of a plan; share links are resolved together, first.

    `source` reads what lies on its platform; everything else goes by the source that is best there.
    """
    by = {target.platform: _source_on(study, target.platform, source) for target in targets}
    shares = tuple(dict.fromkeys(target.thread for target in targets if target.kind == "share"))
    items = [Item("arctic_shift", shares=shares, threads_by=by["reddit"])] if shares else []
    for target in dict.fromkeys(targets):
        if target.kind == "community":
            listing = Listing("community", target.thread.removeprefix("r/"))
            items.append(listing_item(study, listing, source=by[target.platform]))
        elif target.kind != "share":
            items.append(Item(by[target.platform], thread=target.thread))
    return items


def _source_on(study: Study, platform: str, source: str) -> str:
    if source != "auto" and platform == site_source(source).PLATFORM:
        return source
    return source_for(study, platform)


def moment(text: str | None, option: str = "--observed-at") -> str | None:
    """A moment as the user wrote it, in our form.

    Raises:
        GroundswellError: it is none, or bears no time zone.
    """
    try:
        return None if text is None else from_text(text)
    except ValueError as error:
        raise GroundswellError(f"{option}: {error}") from error
