"""Scheduled work: only what is due is visited, what fails keeps nobody waiting, and all of it is one recorded run."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes.messages import Request
from fakes.observed import rows
from fakes.study import bread_thread, make_study, post_line, save, save_lines
from fakes.world import World

from collector.pace import Pace
from collector.run import Outcome
from collector.times import iso
from db.errors import ConfigurationError, GroundswellError, Partial, RefusedBySite
from db.queries import runs
from db.queries.posts import exported_posts
from db.records import Counts
from groundswell.checking import status_lines, study_status
from groundswell.compliance import Refreshed
from groundswell.sites import Conduct
from groundswell.stopping import Interrupted, Stop
from groundswell.study import Study, find_study
from groundswell.updating import (
    DUE_THREADS,
    Updated,
    check_updated,
    collect_due,
    due_lines,
    due_sources,
    due_threads,
    update,
    updated_lines,
)  # fmt: skip

if TYPE_CHECKING:
    from fakes.server import FakeServer

LINK = "https://www.reddit.com/r/invented_engineers/comments/aaa111/some_words/"
STUDY = """\
version: 1
title: Bread
sources:
  - import: saved
    name: files
    cadence: 24h
  - subreddit: r/invented_engineers
    cadence: 7d
    threads: 2
  - url: https://redd.it/ccc333
    name: one thread
    cadence: 1h
  - links: list.md
    cadence: 12h
  - search: "retrieval layer"
    in: invented_engineers
    since: 2026-01-01
    cadence: 24h
  - search: "retrieval layer"
    name: when asked
"""


def again(study: Study) -> Study:
    return find_study(study.root, study.root)


def stored(study: Study) -> set[str]:
    with study.store() as store:
        return {row["native_id"] for row in exported_posts(store.connection)}


def visits(study: Study) -> dict[str, str]:
    with study.store() as store:
        return {name: state for name, (_, state, _) in runs.source_visits(store.connection).items()}


def recorded(study: Study) -> list[tuple[str, str]]:
    with study.store() as store:
        return [(row["command"], row["state"]) for row in rows(store, "SELECT command, state FROM runs ORDER BY id")]


def due(study: Study) -> list[str]:
    with study.store() as store:
        return [source.title for source in due_sources(study, store)]


def ago(study: Study, source: str, **time: float) -> None:
    """Let a source have been visited so long ago."""
    moment = iso(datetime.now(UTC) - timedelta(**time))
    with study.store() as store, store.write() as connection:
        connection.execute("UPDATE sources SET last_at = ? WHERE name = ?", (moment, source))


def walked_long_ago(study: Study, *threads: str) -> None:
    """Let threads be young, and walked a day ago."""
    moment, born = (iso(datetime.now(UTC) - timedelta(days=days)) for days in (1, 2))
    with study.store() as store, store.write() as connection:
        for thread in threads:
            connection.execute("UPDATE threads SET walked_at = ? WHERE native_id = ?", (moment, thread))
            connection.execute("UPDATE posts SET created_at = ? WHERE native_id = ?", (born, thread))


@pytest.fixture
def scheduled(tmp_path: Path, world: World) -> Study:
    """A study with a source of every kind, and what they lead to."""
    study = make_study(tmp_path / "scheduled", study=STUDY)
    (study.root / "saved").mkdir()
    save(study.root / "saved" / "thread.json", bread_thread())
    (study.root / "list.md").write_text("- https://redd.it/ddd444\n", encoding="utf-8")
    for number, thread in enumerate(("aaa111", "bbb222", "ccc333", "ddd444", "eee555")):
        subreddit = "invented_engineers" if number < 2 else "invented_cooks"
        world.make_thread(thread, 3, troubled=False, subreddit=subreddit, created_at=1_767_600_000 + number * 1000)
    return study


SOURCES = ["files", "r/invented_engineers", "one thread", "list.md", "search retrieval layer"]


def test_every_kind_of_source_is_visited_and_noted(scheduled: Study, site: FakeServer) -> None:
    done = update(again(scheduled), Conduct(Stop()))

    assert (done.state, done.failures, site.count() > 0) == ("done", {}, True)
    assert set(done.outcomes) == set(SOURCES)
    assert visits(scheduled) == dict.fromkeys(SOURCES, "done")
    assert {"t3_aaa1", "t3_aaa111", "t3_bbb222", "t3_ccc333", "t3_ddd444"} <= stored(scheduled)
    assert "t3_eee555" not in stored(scheduled)
    assert recorded(scheduled)[0] == ("update", "done")
    assert {state for _, state in recorded(scheduled)} == {"done"}
    assert done.verdicts.keys() == {"bread-is-dear", "queues"}


def test_only_due_sources_are_visited(scheduled: Study, site: FakeServer) -> None:
    update(again(scheduled), Conduct(Stop()))
    asked = site.count()

    nothing = update(again(scheduled), Conduct(Stop()))
    ago(scheduled, "one thread", hours=2)
    ago(scheduled, "files", hours=2)
    one = update(again(scheduled), Conduct(Stop()))

    assert nothing.outcomes == {}
    assert set(one.outcomes) == {"one thread"}
    assert site.count() > asked
    assert due(scheduled) == []


def test_the_number_of_threads_of_a_source_is_kept_to(tmp_path: Path, world: World, site: FakeServer) -> None:
    study = make_study(tmp_path / "few", study=STUDY.replace("threads: 2", "threads: 1"))
    for thread in ("aaa111", "bbb222"):
        world.make_thread(thread, 3, troubled=False)

    collect_due(again(study), Conduct(Stop()), ["r/invented_engineers"])

    assert site.count() > 0
    with study.store() as store:
        assert len(rows(store, "SELECT * FROM threads WHERE walked_at IS NOT NULL")) == 1


def test_a_source_may_be_named_whether_it_is_due_or_not(scheduled: Study, site: FakeServer) -> None:
    update(again(scheduled), Conduct(Stop()))
    asked = site.count()

    done = collect_due(again(scheduled), Conduct(Stop()), ["one thread", "files"])

    assert list(done.outcomes) == ["one thread", "files"]
    assert site.count() > asked


def test_a_search_that_a_source_cannot_make_is_a_problem_of_that_source(scheduled: Study, site: FakeServer) -> None:
    done = collect_due(again(scheduled), Conduct(Stop()), ["when asked", "files"])

    assert (done.outcomes["when asked"].state, done.outcomes["files"].state) == ("failed", "done")
    assert done.outcomes["when asked"].problems[0].startswith("search:retrieval layer: ")
    assert (done.state, site.count()) == ("partial", 0)


def test_a_name_that_no_source_has_is_refused_before_anything_is_done(scheduled: Study) -> None:
    with pytest.raises(GroundswellError, match=r"nothing: study\.yaml has no source of that name") as refused:
        collect_due(again(scheduled), Conduct(Stop()), ["files", "nothing"])

    assert "one thread" in str(refused.value.hint)
    assert visits(scheduled) == {}


def test_what_is_due_is_told(scheduled: Study, site: FakeServer) -> None:
    before = due_lines(again(scheduled))
    update(again(scheduled), Conduct(Stop()))
    walked_long_ago(scheduled, "t3_aaa111")

    assert before == SOURCES
    assert due_lines(again(scheduled)) == ["reddit:t3_aaa111"]
    assert site.count() > 0


def test_threads_are_walked_again_when_their_time_has_come(scheduled: Study, world: World, site: FakeServer) -> None:
    update(again(scheduled), Conduct(Stop()))
    walked_long_ago(scheduled, "t3_aaa111", "t3_ccc333")
    new = world.add_comment("aaa111", "One more.", at=world.now - 1000)
    asked = site.count("/api/posts/ids")

    done = update(again(scheduled), Conduct(Stop()))

    assert list(done.outcomes) == [DUE_THREADS]
    assert f"t1_{new}" in stored(scheduled)
    assert site.count("/api/posts/ids") == asked + 2
    with scheduled.store() as store:
        assert due_threads(store) == []


def test_a_due_thread_that_goes_on_failing_keeps_no_other_waiting(scheduled: Study, site: FakeServer) -> None:
    update(again(scheduled), Conduct(Stop(), pace=_quick))
    walked_long_ago(scheduled, "t3_aaa111")
    site.fail("503", path="/api/posts/ids", times=4)
    failed = update(again(scheduled), Conduct(Stop(), pace=_quick))
    walked_long_ago(scheduled, "t3_ccc333")
    site.fail("503", path="/api/posts/ids", times=4)

    done = update(again(scheduled), Conduct(Stop(), pace=_quick))

    assert failed.outcomes[DUE_THREADS].state == "failed"
    assert done.outcomes[DUE_THREADS].counts.seen == 4
    with scheduled.store() as store:
        assert due_threads(store) == [("reddit", "t3_aaa111")]


def _quick(seconds_between: float) -> Any:
    return Pace(seconds_between, sleep=lambda _: None)


def test_a_source_that_fails_keeps_no_other_waiting_and_shows(scheduled: Study, site: FakeServer) -> None:
    (scheduled.root / "list.md").unlink()
    site.fail("503", path="/api/posts/search", times=4)

    done = update(again(scheduled), Conduct(Stop(), pace=_quick))

    assert done.state == "partial"
    assert list(done.failures) == ["list.md"]
    assert visits(scheduled) == {
        "files": "done", "r/invented_engineers": "failed", "one thread": "done", "list.md": "failed",
        "search retrieval layer": "done",
    }  # fmt: skip
    lines = "\n".join(status_lines(study_status(again(scheduled))))
    assert "list.md ended failed at" in lines
    assert "r/invented_engineers ended failed at" in lines
    assert recorded(scheduled)[0] == ("update", "partial")
    with pytest.raises(Partial):
        check_updated(done, Stop())


def test_a_source_whose_visit_failed_is_due_again_at_once(scheduled: Study, site: FakeServer) -> None:
    site.fail("503", path="/api/posts/search", times=4)
    update(again(scheduled), Conduct(Stop(), pace=_quick))
    ill = due(scheduled)

    update(again(scheduled), Conduct(Stop(), pace=_quick))

    assert (ill, due(scheduled)) == (["r/invented_engineers"], [])
    assert visits(scheduled)["r/invented_engineers"] == "done"


def test_a_source_that_left_a_thread_undone_makes_up_for_it_at_the_next_update(
    scheduled: Study, site: FakeServer
) -> None:
    site.fail("503", path="/api/comments/tree", times=4)
    first = update(again(scheduled), Conduct(Stop(), pace=_quick))
    left = due(scheduled)

    second = update(again(scheduled), Conduct(Stop(), pace=_quick))

    assert (first.state, visits(scheduled)[left[0]]) == ("partial", "done")
    assert len(left) == 1
    assert second.state == "done"
    assert due(scheduled) == []


def test_a_source_that_refuses_is_due_again_and_does_not_end_the_update(scheduled: Study, site: FakeServer) -> None:
    site.fail("429-retry-after", path="/api/", times=None, retry_after=500)

    done = update(again(scheduled), Conduct(Stop(), pace=_quick))

    assert visits(scheduled)["files"] == "done"
    assert {state for name, state in visits(scheduled).items() if name != "files"} == {"refused"}
    assert done.state == "partial"
    assert set(due(scheduled)) == set(SOURCES) - {"files"}


def test_a_visit_that_a_signal_ended_is_not_noted_and_the_run_is_called_interrupted(
    scheduled: Study, site: FakeServer
) -> None:
    stop = Stop()

    class Bell:
        def answer(self, request: Request) -> None:
            if request.number == 2:
                stop.ask(signal.SIGTERM, None)

    site.services = (Bell(), *site.services)

    done = update(again(scheduled), Conduct(stop))

    assert visits(scheduled) == {"files": "done"}
    assert recorded(scheduled)[0] == ("update", "interrupted")
    assert recorded(scheduled)[-1] == ("collect run", "interrupted")
    assert (done.refreshed, done.verdicts) == (None, {})
    with pytest.raises(Interrupted):
        check_updated(done, stop)


def test_a_signal_before_the_first_source_visits_none(scheduled: Study, site: FakeServer) -> None:
    stop = Stop()
    stop.ask(signal.SIGINT, None)

    done = update(again(scheduled), Conduct(stop))

    assert (done.outcomes, site.count()) == ({}, 0)


def test_while_parts_of_an_update_end_the_update_goes_on(scheduled: Study, site: FakeServer) -> None:
    states: list[tuple[str, str]] = []

    class Watch:
        def answer(self, request: Request) -> None:
            if request.number == 8:
                states.extend(recorded(scheduled))

    site.services = (Watch(), *site.services)

    update(again(scheduled), Conduct(Stop()))

    assert states[0] == ("update", "running")
    assert ("collect import", "done") in states


def test_without_a_codebook_there_is_no_report(scheduled: Study, site: FakeServer) -> None:
    (scheduled.root / "codebook.yaml").write_text("version: 1\ncodes: {}\n", encoding="utf-8")
    (scheduled.root / "findings.yaml").write_text("version: 1\n", encoding="utf-8")

    done = update(again(scheduled), Conduct(Stop()))

    assert (done.state, done.verdicts, site.count() > 0) == ("done", {}, True)


def test_a_report_that_cannot_be_built_is_a_failure_and_the_rest_is_done(scheduled: Study, site: FakeServer) -> None:
    (scheduled.root / "codebook.yaml").write_text("version: 1\ncodes: [\n", encoding="utf-8")

    done = update(again(scheduled), Conduct(Stop()))

    assert (list(done.failures), done.state, site.count() > 0) == (["report"], "partial", True)
    assert recorded(scheduled)[0] == ("update", "partial")


def test_where_no_machine_may_code_the_report_is_built_all_the_same(scheduled: Study, site: FakeServer) -> None:
    text = (scheduled.root / "study.yaml").read_text(encoding="utf-8")
    (scheduled.root / "study.yaml").write_text(f"{text}\nmachine: none\n", encoding="utf-8")

    done = update(again(scheduled), Conduct(Stop()))

    assert (done.state, len(done.verdicts), site.count() > 0) == ("done", 2, True)


def test_looking_again_that_cannot_be_done_is_a_failure_and_the_report_is_built(
    scheduled: Study, site: FakeServer
) -> None:
    (scheduled.root / "backups").mkdir(exist_ok=True)
    (scheduled.root / "backups" / "broken.db").write_bytes(b"no database" * 100)
    lines = (
        post_line("p1"),
        post_line("p1", state="removed", text=None, title=None, observed_at="2026-03-01T00:00:00Z"),
    )
    save_lines(scheduled.root / "saved" / "posts.jsonl", *lines)

    done = update(again(scheduled), Conduct(Stop()))

    assert (list(done.failures), len(done.verdicts), site.count() > 0) == (["looking again"], 2, True)


def test_an_error_of_ours_leaves_a_run_that_failed(scheduled: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundswell.updating.collect_due", _broken)

    with pytest.raises(RuntimeError):
        update(again(scheduled), Conduct(Stop()))

    assert recorded(scheduled) == [("update", "failed")]


def _broken(*_: Any) -> Updated:
    raise RuntimeError("a mistake of ours")


def _interrupted(*_: Any, **__: Any) -> Any:
    raise Interrupted(signal.SIGINT)


@pytest.mark.parametrize("part", ["import_into", "refresh", "build"])
def test_a_second_signal_ends_the_update_at_once(
    scheduled: Study, site: FakeServer, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr(f"groundswell.updating.{part}", _interrupted)

    with pytest.raises(Interrupted):
        update(again(scheduled), Conduct(Stop()))

    assert "failed" not in visits(scheduled).values()
    assert (site.count() > 0) is (part != "import_into")


def test_x_is_walked_again_only_where_somebody_asks_for_it(scheduled: Study) -> None:
    with scheduled.store() as store, store.write() as connection:
        connection.execute(
            "INSERT INTO threads (address, platform, native_id, walked_at) VALUES ('x:1', 'x', '1', '2026-01-01T00:00:00Z')"
        )

    assert collect_due(again(scheduled), Conduct(Stop()), ["files"]).outcomes.keys() == {"files"}
    with scheduled.store() as store, store.write() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO sources (name, last_at, state) SELECT name, '2200-01-01T00:00:00Z', 'done' FROM sources"
        )
        for name in SOURCES:
            runs.note_source(connection, name, iso(datetime.now(UTC)), "done", None)
    assert collect_due(again(scheduled), Conduct(Stop())).outcomes == {}


def outcome(**values: Any) -> Outcome:
    return Outcome(1, **values)


FINE = outcome(counts=Counts(seen=2, new=1, changed=1))
REFUSED = outcome(refused="slow-down: status 429", retry_after=90.0)
NOTHING = outcome(problems=["t3_a: gone: status 404"])
SOME = outcome(counts=Counts(seen=2), problems=["t3_a: gone: status 404"], notes=["the listing ends at a thousand"])
ERROR = ConfigurationError("it needs a key")


@pytest.mark.parametrize(
    ("done", "state"),
    [
        (Updated(), "done"),
        (Updated({"a": FINE}), "done"),
        (Updated({"a": FINE, "b": REFUSED}), "partial"),
        (Updated({"a": SOME}), "partial"),
        (Updated({"a": NOTHING}), "failed"),
        (Updated({"a": NOTHING}, verdicts={"c": "none"}), "partial"),
        (Updated({}, {"a": ERROR}), "failed"),
        (Updated({"b": FINE}, {"a": ERROR}), "partial"),
        (Updated({}, {}, Refreshed({"reddit": NOTHING})), "failed"),
        (Updated({}, {}, Refreshed({"reddit": FINE})), "done"),
    ],
)
def test_the_state_of_an_update_is_that_of_its_parts(done: Updated, state: str) -> None:
    assert done.state == state


@pytest.mark.parametrize(
    ("done", "raised", "exit_code"),
    [
        (Updated({"a": REFUSED, "b": REFUSED}), RefusedBySite, 7),
        (Updated({"a": REFUSED, "b": FINE}), Partial, 4),
        (Updated({"a": REFUSED}, {"b": ERROR}), GroundswellError, 1),
        (Updated({"a": NOTHING}), GroundswellError, 1),
    ],
)
def test_what_an_update_met_is_its_exit_code(done: Updated, raised: type[GroundswellError], exit_code: int) -> None:
    with pytest.raises(raised) as error:
        check_updated(done, Stop())

    assert error.value.exit_code == exit_code


def test_an_update_that_went_well_raises_nothing() -> None:
    check_updated(Updated({"a": FINE}), Stop())


def test_a_refusal_of_all_says_when_to_come_again() -> None:
    with pytest.raises(RefusedBySite) as error:
        check_updated(Updated({"a": REFUSED, "b": outcome(refused="forbidden: status 403")}), Stop())

    assert error.value.hint == "run the same command again in 90 seconds"


def test_people_are_told_what_each_source_brought() -> None:
    done = Updated({"a": FINE, "b": SOME}, {"c": ERROR}, Refreshed({"hn": FINE}, {"reddit": 3}, 2, [Path("memo.md")]))

    assert updated_lines(done) == [
        "c: it needs a key",
        "a: 2 posts seen: 1 new, 1 changed",
        "b: 2 posts seen: 0 new, 0 changed",
        "b: t3_a: gone: status 404",
        "b: the listing ends at a thousand",
        "looking again at hn: 2 posts seen: 1 new, 1 changed",
        "reddit: 3 posts due for a look cannot be looked at",
        "2 posts lost their text, since nobody could confirm them for as long as texts are kept",
        "words blanked in memo.md",
    ]
