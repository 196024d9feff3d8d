"""The run loop: plans that are gone on with, refusals and failures that keep nobody waiting, what is never taken in."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from fakes.collecting import Clock
from fakes.observed import FIRST, GONE, MIRA, OTTO, REPLY, ROOT, SECOND, THIRD, exported, facts, gone, rows
from fakes.sightings import batches, shuffled, sightings
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.pace import Pace, WaitCutError
from collector.people import suppression
from collector.reading import Reading
from collector.run import End, Item, Run, Site, follow_plan, look_again, resume_pace, walk
from collector.session import SiteError
from collector.source import Listing, Page
from db.errors import ConfigurationError
from db.lost import BLOCK
from db.queries import losing, runs
from db.queries.leads import Lead, save_leads, save_memo
from db.queries.runs import Request, Task
from db.records import Author, Observation, Unreadable
from db.store import Store

KEY = b"a key that only tests know"
NOW = "2026-02-09T00:00:00Z"
PYTHON = Listing("community", "python")
SENTENCE = "My manager at the bakery counts every single crumb that we drop"


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store(tmp_path / "study.db", create=True) as opened:
        yield opened


class Killed(BaseException):
    """Raised in place of an answer, as if the process were killed there."""


@dataclass(slots=True)
class Script:
    """A source whose answers are written down, and its session: what is asked twice gets the same answer.

    Attributes:
        pages: the answers by target and place in the walk, such as `t3_a 1`; a thread without one has one page.
        failures: what is raised instead, by the same names.
        asked: what was asked, in order.
    """

    NAME: str = "script"
    PLATFORM: str = "reddit"
    pages: dict[str, Page] = field(default_factory=dict)
    failures: dict[str, BaseException] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def first_tasks(self, thread: str) -> list[Task]:
        return [Task(self.NAME, thread, "page", {"at": 1})]

    def listing_tasks(self, listing: Listing) -> list[Task]:
        return [Task(self.NAME, listing.target, "page", {"at": 1})]

    def resolve_shares(self, _session: Any, paths: Sequence[str]) -> dict[str, str]:
        self.asked.append(f"shares {len(paths)}")
        return {path: f"t3_{path[-1]}" for path in paths if not path.endswith("?")}

    def fetch(self, task: Task, _session: Any, _reading: Reading) -> Page:
        name = f"{task.target} {task.payload['at']}"
        self.asked.append(name)
        if name in self.failures:
            raise self.failures[name]
        page = self.pages.get(name) or Page(observations=[post(task.target)])
        return replace(page, tasks=[Task(self.NAME, task.target, "page", {"at": at + 1}) for at in self._more(task)])

    def _more(self, task: Task) -> list[int]:
        at = int(task.payload["at"])
        return [at] if f"{task.target} {at + 1}" in self.pages else []

    def take_requests(self) -> list[Request]:
        return [Request(self.NAME, "GET", "https://example.org/", NOW)]

    @property
    def site(self) -> Site:
        return Site(self, self, lambda: Reading(None), Clock().pace())  # type: ignore[arg-type]


def post(native_id: str, **changes: Any) -> Observation:
    """The post that opens a thread."""
    return replace(ROOT, native_id=native_id, thread=native_id, text=f"It is about {native_id}.", **changes)


def new_run(store: Store, command: str = "collect url", **more: Any) -> Run:
    return Run(store, command, more.pop("parameters", {}), "0", more.pop("clock", lambda: NOW), key=KEY, **more)


def follow(store: Store, items: Sequence[Item], *scripts: Script, most: int | None = None, **more: Any) -> Run:
    """Follow a plan in a run of its own, and close it unless it was killed."""
    run = new_run(store, **more)
    sites = {script.NAME: script.site for script in scripts}
    follow_plan(run, lambda name: sites[name], items, most)
    run.finish()
    return run


def threads(*names: str, by: str = "script") -> list[Item]:
    return [Item(by, thread=f"t3_{name}") for name in names]


def asked_after(script: Script, commits: int) -> Callable[[], bool]:
    """Ask for the end once so many answers came."""
    return lambda: len(script.asked) >= commits


def unavailable() -> SiteError:
    return SiteError("unavailable", "status 503", status=503)


def pages(*names: str) -> dict[str, Page]:
    return {name: Page(observations=[post(name.split()[0])]) for name in names}


def test_a_plan_is_done_in_order(store: Store) -> None:
    script = Script()

    run = follow(store, threads("a", "b", "c"), script)

    assert script.asked == ["t3_a 1", "t3_b 1", "t3_c 1"]
    assert (run.outcome.state, run.outcome.counts.new, run.outcome.is_left) == ("done", 3, False)


def test_a_plan_that_was_done_begins_anew(store: Store) -> None:
    script = Script()
    follow(store, threads("a", "b"), script)

    follow(store, threads("a", "b"), script)

    assert script.asked == ["t3_a 1", "t3_b 1"] * 2


@pytest.mark.parametrize("commits", [1, 2, 3, 4, 5])
def test_a_plan_that_was_stopped_goes_on_and_asks_nothing_again(store: Store, commits: int) -> None:
    script = Script(pages=pages("t3_b 1", "t3_b 2", "t3_b 3"))
    first = follow(store, threads("a", "b", "c"), script, stop=asked_after(script, commits))

    second = follow(store, threads("a", "b", "c"), script)

    assert first.outcome.state == ("interrupted" if commits < 5 else "done")
    whole = ["t3_a 1", "t3_b 1", "t3_b 2", "t3_b 3", "t3_c 1"]
    assert script.asked == (whole if commits < 5 else whole * 2)
    assert second.outcome.state == "done"


@pytest.mark.parametrize("at", ["t3_a 1", "t3_b 1", "t3_b 2", "t3_c 1"])
def test_a_plan_that_was_killed_repeats_only_the_request_in_flight(store: Store, at: str) -> None:
    script = Script(pages=pages("t3_b 1", "t3_b 2"), failures={at: Killed()})
    with pytest.raises(Killed):
        follow(store, threads("a", "b", "c"), script)
    script.failures.clear()

    follow(store, threads("a", "b", "c"), script)

    whole = ["t3_a 1", "t3_b 1", "t3_b 2", "t3_c 1"]
    assert script.asked == [*whole[: whole.index(at) + 1], *whole[whole.index(at) :]]
    assert [row["state"] for row in rows(store, "SELECT state FROM runs ORDER BY id")] == ["interrupted", "done"]


def test_other_parameters_are_another_plan(store: Store) -> None:
    script = Script()
    follow(store, threads("a", "b"), script, stop=asked_after(script, 1), parameters={"targets": ["a", "b"]})

    follow(store, threads("c"), script, parameters={"targets": ["c"]})
    follow(store, threads("a", "b"), script, parameters={"targets": ["a", "b"]})

    assert script.asked == ["t3_a 1", "t3_c 1", "t3_b 1"]


def test_a_failed_thread_keeps_its_work_and_the_others_are_walked(store: Store) -> None:
    script = Script(pages=pages("t3_b 1", "t3_b 2"), failures={"t3_b 2": unavailable()})

    run = follow(store, threads("a", "b", "c"), script)

    assert script.asked == ["t3_a 1", "t3_b 1", "t3_b 2", "t3_c 1"]
    assert (run.outcome.state, run.outcome.is_left) == ("partial", True)
    assert run.outcome.problems == ["t3_b: unavailable: status 503"]


def test_a_failed_thread_is_made_up_for_without_asking_for_the_others_again(store: Store) -> None:
    script = Script(pages=pages("t3_b 1", "t3_b 2"), failures={"t3_b 2": unavailable()})
    follow(store, threads("a", "b", "c"), script)
    script.asked.clear()
    script.failures.clear()

    run = follow(store, threads("a", "b", "c"), script)
    follow(store, threads("a", "b", "c"), script)

    assert script.asked == ["t3_b 2", "t3_a 1", "t3_b 1", "t3_b 2", "t3_c 1"]
    assert run.outcome.state == "done"


def test_a_failed_thread_is_not_forgotten_when_the_run_is_stopped_after_it(store: Store) -> None:
    script = Script(failures={"t3_a 1": unavailable()})
    follow(store, threads("a", "b", "c"), script, stop=asked_after(script, 2))
    script.failures.clear()

    follow(store, threads("a", "b", "c"), script)

    assert script.asked == ["t3_a 1", "t3_b 1", "t3_a 1", "t3_c 1"]


def test_a_scheduled_list_that_goes_on_failing_keeps_no_new_thread_waiting(store: Store) -> None:
    script = Script(failures={"t3_a 1": unavailable()})
    follow(store, threads("a", "b"), script, anew=True)
    script.asked.clear()

    follow(store, threads("a", "c"), script, anew=True)

    assert script.asked == ["t3_a 1", "t3_c 1"]


def test_a_thread_that_is_gone_is_given_up_and_its_reason_kept(store: Store) -> None:
    script = Script(failures={"t3_a 1": SiteError("gone", "status 404")})

    run = follow(store, threads("a", "b"), script)
    follow(store, threads("a", "b"), script)

    assert (run.outcome.state, run.outcome.is_left) == ("partial", False)
    assert script.asked == ["t3_a 1", "t3_b 1"] * 2
    assert rows(store, "SELECT target, problem FROM frontier WHERE state = 'gave_up'") == [
        {"target": "t3_a", "problem": "gone: status 404"}
    ]


def test_a_source_that_refuses_is_not_asked_again_and_others_are_not_kept_waiting(store: Store) -> None:
    refusing = Script("refusing", failures={"t3_a 1": SiteError("slow-down", "status 429", retry_after=500)})
    other = Script("other", "hn")
    items = [*threads("a", "b", by="refusing"), *threads("c", by="other"), *threads("d", by="refusing")]

    run = follow(store, items, refusing, other)

    assert (refusing.asked, other.asked) == (["t3_a 1"], ["t3_c 1"])
    assert (run.outcome.state, run.outcome.retry_after) == ("refused", 500)

    refusing.failures.clear()
    follow(store, items, refusing, other)
    assert refusing.asked == ["t3_a 1", "t3_a 1", "t3_b 1", "t3_d 1"]
    assert other.asked == ["t3_c 1"]


def test_a_refusal_without_a_time_closes_the_site_for_a_minute(store: Store) -> None:
    script = Script(failures={"t3_a 1": SiteError("slow-down", "status 429")})

    run = follow(store, threads("a"), script)

    assert run.outcome.retry_after == 60


def test_one_thread_that_is_forbidden_keeps_no_other_waiting_and_two_in_a_row_do(store: Store) -> None:
    forbidden = SiteError("forbidden", "status 403", status=403)
    script = Script(failures=dict.fromkeys(["t3_a 1", "t3_c 1", "t3_d 1"], forbidden))

    run = follow(store, threads("a", "b", "c", "d", "e"), script)

    assert script.asked == ["t3_a 1", "t3_b 1", "t3_c 1", "t3_d 1"]
    assert run.outcome.state == "refused"


def test_a_source_that_cannot_be_opened_keeps_no_other_waiting(store: Store) -> None:
    script = Script()

    def sites(name: str) -> Site:
        if name != "script":
            raise ConfigurationError("it needs a key")
        return script.site

    run = new_run(store)
    follow_plan(run, sites, [*threads("x", "y", by="closed"), *threads("a")])
    run.finish()

    assert script.asked == ["t3_a 1"]
    assert (run.outcome.state, run.outcome.problems) == ("partial", ["it needs a key"])
    with pytest.raises(ConfigurationError, match="it needs a key"):
        follow_plan(new_run(store, "collect search"), sites, threads("x", by="closed"))


def test_the_threads_of_a_listing_are_walked_after_it(store: Store) -> None:
    script = Script(pages={
        "community:python 1": Page(threads=["t3_a", "t3_b"]), "community:python 2": Page(threads=["t3_b", "t3_c"])
    })  # fmt: skip

    run = follow(store, [Item("script", listing=PYTHON, threads_by="script"), *threads("z")], script)

    assert script.asked == ["community:python 1", "community:python 2", "t3_z 1", "t3_a 1", "t3_b 1", "t3_c 1"]
    assert run.outcome.state == "done"


def test_a_listing_whose_threads_nobody_walks_is_only_listed(store: Store) -> None:
    script = Script(pages={"community:python 1": Page(observations=[post("t3_a")], threads=["t3_a"])})

    follow(store, [Item("script", listing=PYTHON)], script)

    assert script.asked == ["community:python 1"]


@pytest.mark.parametrize("at", ["community:python 1", "community:python 2", "t3_a 1", "t3_b 1", "t3_c 1"])
def test_a_kill_between_pages_and_threads_repeats_only_the_request_in_flight(store: Store, at: str) -> None:
    script = Script(
        pages={"community:python 1": Page(threads=["t3_a", "t3_b"]), "community:python 2": Page(threads=["t3_c"])},
        failures={at: Killed()},
    )
    items = [Item("script", listing=PYTHON, threads_by="script")]
    with pytest.raises(Killed):
        follow(store, items, script, anew=True)
    script.failures.clear()

    follow(store, items, script, anew=True)

    whole = ["community:python 1", "community:python 2", "t3_a 1", "t3_b 1", "t3_c 1"]
    assert script.asked == [*whole[: whole.index(at) + 1], *whole[whole.index(at) :]]


@pytest.mark.parametrize(("most", "walked", "listed"), [(1, 1, 1), (2, 2, 1), (3, 3, 2), (9, 4, 3)])
def test_no_more_threads_are_walked_and_no_more_pages_asked_for_than_wanted(
    store: Store, most: int, walked: int, listed: int
) -> None:
    script = Script(pages={
        "community:python 1": Page(threads=["t3_a", "t3_b"]),
        "community:python 2": Page(threads=["t3_b", "t3_c"]),
        "community:python 3": Page(threads=["t3_d"]),
    })  # fmt: skip
    items = [Item("script", listing=PYTHON, threads_by="script"), *threads("y", "z")]

    run = follow(store, items, script, most=most)

    pages_asked = [name for name in script.asked if name.startswith("community")]
    assert len(pages_asked) == listed
    assert len(script.asked) == listed + 2 + walked
    assert run.outcome.state == "done"


def test_the_limit_holds_over_a_kill(store: Store) -> None:
    script = Script(
        pages={
            "community:python 1": Page(threads=["t3_a", "t3_b"]),
            "community:python 2": Page(threads=["t3_c", "t3_d"]),
        },
        failures={"community:python 2": Killed()},
    )
    items = [Item("script", listing=PYTHON, threads_by="script")]
    with pytest.raises(Killed):
        follow(store, items, script, most=3)
    script.failures.clear()

    follow(store, items, script, most=3)

    assert [name for name in script.asked if name.startswith("t3")] == ["t3_a 1", "t3_b 1", "t3_c 1"]


def test_a_due_listing_is_walked_again_although_a_thread_of_it_goes_on_failing(store: Store) -> None:
    script = Script(pages={"community:python 1": Page(threads=["t3_a", "t3_b"])}, failures={"t3_a 1": unavailable()})
    items = [Item("script", listing=PYTHON, threads_by="script")]
    follow(store, items, script, anew=True)
    script.asked.clear()
    script.pages["community:python 1"] = Page(threads=["t3_c"])

    again = follow(store, items, script, anew=True)

    assert script.asked == ["community:python 1", "t3_a 1", "t3_c 1"]
    assert again.outcome.is_left
    script.asked.clear()
    follow(store, items, script)
    assert script.asked == ["t3_a 1"]


def test_what_another_plan_left_of_a_listing_hides_no_thread(store: Store) -> None:
    script = Script(pages={"community:python 1": Page(threads=["t3_a"]), "community:python 2": Page(threads=["t3_b"])})
    items = [Item("script", listing=PYTHON, threads_by="script")]
    follow(store, items, script, stop=asked_after(script, 1), parameters={"threads": 5})
    script.asked.clear()

    follow(store, items, script, parameters={"threads": None})

    assert script.asked == ["community:python 1", "community:python 2", "t3_a 1", "t3_b 1"]


def test_a_source_without_listings_and_a_list_that_is_not_there_are_problems_and_nothing_more(store: Store) -> None:
    class Strict(Script):
        def listing_tasks(self, listing: Listing) -> list[Task]:
            raise ValueError(f"there is no list {listing.name!r}")

    class Bare:
        NAME, PLATFORM = "bare", "x"

    strict, last = Strict("strict"), Script()
    bare = Site(Bare(), None, lambda: Reading(None))  # type: ignore[arg-type]
    sites = {"strict": strict.site, "bare": bare, "script": last.site}
    items = [Item(name, listing=PYTHON, threads_by=name) for name in ("strict", "bare")]
    run = new_run(store)

    follow_plan(run, sites.__getitem__, [*items, *threads("a")])

    assert run.finish().problems == [
        "community:python: there is no list 'python'", "community:python: bare shows no listings"
    ]  # fmt: skip
    assert (run.outcome.state, last.asked) == ("partial", ["t3_a 1"])
    assert rows(store, "SELECT problems FROM runs") == [{"problems": 2}]


def test_share_links_are_resolved_at_once_and_their_threads_walked(store: Store) -> None:
    script = Script()
    paths = ("/r/python/s/a", "/r/python/s/b", "/r/python/s/?")
    save_memo(store.connection, "reddit:/r/python/s/a", "a note", "list.md", NOW)
    save_leads(store.connection, [Lead("l1", "list.md", "line 1", thread="reddit:/r/python/s/b")], NOW)

    run = follow(store, [Item("script", shares=paths, threads_by="script")], script)

    assert script.asked == ["shares 3", "t3_a 1", "t3_b 1"]
    assert run.outcome.problems == ["shares /r/python/s/?: nobody knows to which thread it leads"]
    assert rows(store, "SELECT m.about, l.thread FROM memos m, leads l") == [
        {"about": "reddit:t3_a", "thread": "reddit:t3_b"}
    ]


def test_a_request_whose_wait_was_cut_is_not_made_and_no_problem(store: Store) -> None:
    script = Script(failures={"t3_b 1": WaitCutError()})
    stops = [False]

    def fetched() -> bool:
        stops[0] = stops[0] or "t3_b 1" in script.asked
        return stops[0]

    run = follow(store, threads("a", "b", "c"), script, stop=fetched)

    assert (run.outcome.state, run.outcome.problems) == ("interrupted", [])
    assert script.asked == ["t3_a 1", "t3_b 1"]
    assert rows(store, "SELECT count(*) AS requests FROM requests") == [{"requests": 2}]


def test_a_failure_after_a_signal_ends_the_run_as_interrupted(store: Store) -> None:
    script = Script(failures={"t3_b 1": unavailable()})

    run = follow(store, threads("a", "b"), script, stop=asked_after(script, 2))

    assert (run.outcome.state, script.asked) == ("interrupted", ["t3_a 1", "t3_b 1"])


def recheck(*places: int, target: str = "recheck") -> list[Task]:
    return [Task("script", target, "recheck", {"at": place * 10}) for place in places]


def test_a_second_look_does_not_go_on_with_what_an_earlier_one_left(store: Store) -> None:
    script = Script()
    run = new_run(store)
    runs.add_tasks(store.connection, recheck(1))

    look_again(run, script.site, recheck(2, 3))

    assert script.asked == ["recheck 20", "recheck 30"]


def test_looks_that_fail_keep_a_few_others_waiting_and_no_more(store: Store) -> None:
    script = Script(failures={f"recheck {place}0": unavailable() for place in (1, 3, 4, 5)})

    look_again(new_run(store), script.site, recheck(1, 2, 3, 4, 5, 6))

    assert script.asked == [f"recheck {place}0" for place in (1, 2, 3, 4)]


def test_looks_at_pages_of_their_own_are_all_made(store: Store) -> None:
    script = Script(failures={"b 20": unavailable(), "c 30": SiteError("forbidden", "no")})
    run = new_run(store)

    look_again(
        run,
        script.site,
        [*recheck(1, target="a"), *recheck(2, target="b"), *recheck(3, target="c"), *recheck(4, target="d")],
    )

    assert script.asked == ["a 10", "b 20", "c 30", "d 40"]


def test_looks_end_when_the_run_is_asked_to_end(store: Store) -> None:
    script = Script()

    look_again(new_run(store, stop=asked_after(script, 1)), script.site, [*recheck(1, 2), *recheck(3, target="other")])

    assert script.asked == ["recheck 10"]


def look(store: Store, missing: Sequence[str] = (), at: str = NOW, gone: dict[str, str] | None = None) -> Run:
    """A look at stored posts from which some did not come."""
    script = Script(pages={"recheck 10": Page(missing=list(missing), gone=gone or {})})
    run = new_run(store, "collect refresh", clock=lambda: at)
    look_again(run, script.site, recheck(1))
    run.finish()
    return run


def stored(store: Store, *observations: Observation, key: bytes = KEY) -> Run:
    """Store observations in a run of their own."""
    run = Run(store, "collect import", {}, "0", lambda: NOW, key=key)
    with store.write() as connection:
        run.outcome.counts.add(run.save(connection, observations))
    run.finish()
    return run


def test_a_post_is_called_vanished_only_at_a_second_look_an_hour_later(store: Store) -> None:
    stored(store, ROOT, REPLY)
    states = []

    for at in ("10:00:00", "10:59:59", "11:00:00"):
        look(store, ["t1_reply"], f"2026-03-01T{at}Z")
        states.append(exported(store, REPLY.address)["state"])

    assert states == ["live", "live", "vanished"]
    assert exported(store, REPLY.address)["text"] is None


def test_a_post_that_was_seen_in_between_is_not_called_vanished(store: Store) -> None:
    stored(store, ROOT, REPLY)
    look(store, ["t1_reply"], "2026-03-01T10:00:00Z")
    stored(store, replace(REPLY, observed_at="2026-03-01T10:30:00Z"))

    look(store, ["t1_reply"], "2026-03-01T11:30:00Z")

    assert exported(store, REPLY.address)["state"] == "live"


def test_a_live_look_after_it_was_called_vanished_brings_it_back(store: Store) -> None:
    stored(store, ROOT, REPLY)
    look(store, ["t1_reply"], "2026-03-01T10:00:00Z")
    look(store, ["t1_reply"], "2026-03-01T12:00:00Z")

    stored(store, replace(REPLY, observed_at="2026-03-01T11:00:00Z"))
    before = exported(store, REPLY.address)["state"]
    stored(store, replace(REPLY, observed_at="2026-03-01T13:00:00Z"))

    assert (before, exported(store, REPLY.address)["state"]) == ("vanished", "live")
    assert exported(store, REPLY.address)["text"] == REPLY.text


def test_a_post_that_a_site_calls_gone_is_gone_at_the_first_look(store: Store) -> None:
    stored(store, ROOT, REPLY)

    look(store, gone={"t1_reply": "removed", "t1_unknown": "removed"})

    assert exported(store, REPLY.address)["state"] == "removed"


def test_a_deletion_dated_earlier_than_a_live_look_does_not_win(store: Store) -> None:
    stored(store, ROOT, replace(REPLY, observed_at=THIRD))

    stored(store, gone(REPLY, SECOND))

    assert exported(store, REPLY.address)["text"] == REPLY.text


QUOTED = replace(ROOT, text=f"Hello. {SENTENCE}. Bye.", title=None)
QUOTING = replace(REPLY, text=f"> {SENTENCE}.\n\nI do not.")
BLANKED = "> " + "".join(BLOCK if letter.isalnum() else letter for letter in SENTENCE) + ".\n\nI do not."


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_a_reply_that_quotes_a_deleted_post_is_blanked_whatever_comes_first(
    store: Store, order: tuple[int, ...]
) -> None:
    files = [QUOTED, gone(QUOTED), QUOTING]

    for place in order:
        stored(store, files[place])

    assert exported(store, QUOTING.address)["text"] == BLANKED
    assert exported(store, QUOTED.address)["text"] is None


def test_a_later_import_of_the_reply_does_not_bring_the_quotation_back(store: Store) -> None:
    stored(store, QUOTED, QUOTING, gone(QUOTED))

    stored(store, replace(QUOTING, observed_at=THIRD, score=99))
    stored(store, replace(QUOTING, text=f"{QUOTING.text}\n\nEdit: really.", observed_at=NOW))

    assert exported(store, QUOTING.address)["text"] == f"{BLANKED}\n\nEdit: really."
    assert [row["text"] for row in rows(store, "SELECT text FROM revisions")] == [BLANKED]


def _quoting(number: int, text: str) -> Observation:
    return replace(REPLY, native_id=f"t1_q{number}", text=text, author=MIRA)


QUOTATIONS = (
    _quoting(1, "> one text\n\nIs it?"),
    _quoting(2, "> a second text\n> and another\n\n> The third text."),
    _quoting(3, "> A title\n\none text is not another title"),
)


def _shortened(seen: Observation) -> Observation:
    """The beginning of a text holds no whole sentence that somebody could quote."""
    return replace(seen, title=None, text=seen.text and seen.text[:5]) if seen.cut else seen


SEEN = st.one_of(*(st.builds(_shortened, sightings(post)) for post in (ROOT, ROOT, REPLY)), *map(st.just, QUOTATIONS))


def facts_after(folder: Path, saved: Sequence[Sequence[Observation]], forgotten: Sequence[str] = ()) -> Any:
    with Store(folder / "study.db", create=True) as store:
        losing.suppress(store.connection, [(suppression(KEY, name), "post") for name in forgotten], NOW)
        for batch in saved:
            stored(store, *batch)
        return facts(store)


@settings(max_examples=80)
@given(data=st.data(), seen=st.lists(SEEN, min_size=1, max_size=9))
def test_any_order_of_runs_gives_the_same_posts_with_quotations_among_them(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, seen: list[Observation]
) -> None:
    expected = facts_after(tmp_path_factory.mktemp("one"), [seen])

    found = facts_after(tmp_path_factory.mktemp("other"), data.draw(batches(data.draw(shuffled(seen)))))

    assert found == expected


@settings(max_examples=40)
@given(data=st.data(), seen=st.lists(SEEN, min_size=1, max_size=8))
def test_what_was_forgotten_comes_back_in_no_order(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, seen: list[Observation]
) -> None:
    forgotten = [ROOT.address]
    expected = facts_after(tmp_path_factory.mktemp("one"), [seen], forgotten)

    found = facts_after(tmp_path_factory.mktemp("other"), data.draw(batches(data.draw(shuffled(seen)))), forgotten)

    assert found == expected
    assert [row["text"] for row in found["posts"] if row["address"] == ROOT.address] in ([], [None])
    assert not any(row["address"] == ROOT.address for row in found["revisions"])


def suppressing(store: Store, *addresses: str) -> None:
    with store.write() as connection:
        losing.suppress(connection, [(suppression(KEY, address), "author") for address in addresses], NOW)


def test_of_a_forgotten_author_nothing_comes_in_but_the_place_of_posts(store: Store) -> None:
    suppressing(store, OTTO.address)

    stored(store, ROOT, REPLY, replace(REPLY, native_id="t1_hers", author=MIRA))

    assert {row["native_id"]: (row["state"], row["text"]) for row in rows(store, "SELECT * FROM posts")} == {
        "t3_root": ("live", ROOT.text), "t1_reply": ("purged", None), "t1_hers": ("live", REPLY.text)
    }  # fmt: skip
    assert OTTO.address not in [row["address"] for row in rows(store, "SELECT address FROM authors")]
    assert rows(store, "SELECT count(*) AS scores FROM scores") == [{"scores": 2}]


def test_words_of_a_forgotten_author_that_come_in_as_quotations_are_blanked(store: Store) -> None:
    suppressing(store, MIRA.address)

    stored(store, QUOTED, replace(QUOTING, author=Author("reddit:~1")))

    assert exported(store, QUOTING.address)["text"] == BLANKED


def test_a_post_of_a_forgotten_author_that_was_stored_without_a_name_goes_when_the_name_is_seen(store: Store) -> None:
    stored(store, replace(REPLY, author=None))
    suppressing(store, OTTO.address)

    stored(store, replace(REPLY, observed_at=THIRD))
    stored(store, replace(REPLY, author=None, observed_at="2027-01-01T00:00:00Z"))

    assert exported(store, REPLY.address)["text"] is None


def test_a_run_knows_who_was_forgotten_after_it_began(store: Store) -> None:
    run = new_run(store)
    suppressing(store, OTTO.address)

    with store.write() as connection:
        run.save(connection, [REPLY])

    assert exported(store, REPLY.address)["text"] is None


def test_notes_that_repeat_lost_words_are_blanked_at_the_end_of_the_run_that_lost_them(store: Store) -> None:
    save_memo(store.connection, ROOT.address, SENTENCE, "a.md", NOW)
    stored(store, QUOTED)

    stored(store, gone(QUOTED))

    [memo] = rows(store, "SELECT text FROM memos")
    assert set(memo["text"]) == {BLOCK, " "}


def test_unreadable_items_that_repeat_lost_words_are_blanked_at_the_end_of_their_run(store: Store) -> None:
    stored(store, QUOTED, gone(QUOTED))
    bad = Unreadable("line 3", "no id", json.dumps({"body": SENTENCE}))
    script = Script(pages={"t3_a 1": Page(unreadable=[bad])})

    follow(store, threads("a"), script)

    [item] = rows(store, "SELECT item FROM unreadable")
    assert "manager" not in item["item"]
    assert json.loads(item["item"])["body"].split()[0] == BLOCK * 2


def test_a_text_that_came_too_late_blanks_quotations_although_it_changes_nothing(store: Store) -> None:
    stored(store, gone(QUOTED), QUOTING)
    assert exported(store, QUOTING.address)["text"] == QUOTING.text

    late = stored(store, replace(QUOTED, author=GONE, score=None, observed_at=FIRST))

    assert exported(store, QUOTING.address)["text"] == BLANKED
    assert late.outcome.counts.new == 0


def test_a_run_inside_another_does_not_call_it_killed(store: Store) -> None:
    outer = new_run(store, "update")
    killed = new_run(store)

    inner = new_run(store, within=outer.outcome.run)
    inner.finish()

    assert {row["id"]: row["state"] for row in rows(store, "SELECT id, state FROM runs")} == {
        outer.outcome.run: "running", killed.outcome.run: "running", inner.outcome.run: "done"
    }  # fmt: skip
    assert runs.running(store.connection) is not None


def pace_of(clock: Clock, wall: Clock, store: Store, source: str = "script") -> tuple[Run, Pace]:
    run = new_run(store, clock=lambda: f"2026-02-09T00:{int(wall.seconds) // 60:02d}:{int(wall.seconds) % 60:02d}Z")
    return run, resume_pace(run, source, clock.pace(2.0))


def test_how_a_site_wants_to_be_asked_is_kept_for_the_next_process(store: Store) -> None:
    clock, wall = Clock(), Clock(seconds=0)
    run, pace = pace_of(clock, wall, store)
    pace.before_request()
    pace.spread(1, 30)
    script = Script(
        failures={"t3_a 2": SiteError("slow-down", "status 429", retry_after=90)}, pages=pages("t3_a 1", "t3_a 2")
    )
    site = replace(script.site, pace=pace)

    end = walk(run, site, "t3_a", lambda: script.first_tasks("t3_a"))
    wall.seconds = 40

    later = Clock(seconds=5)
    _, resumed = pace_of(later, wall, store)
    assert end is End.REFUSED
    assert resumed.due_in() == 50
    wall.seconds = 100
    assert pace_of(later, wall, store)[1].due_in() <= 0
    assert pace_of(later, wall, store, "another")[1].due_in() == 0
