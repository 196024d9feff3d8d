import signal
from pathlib import Path

import pytest
from fakes.server import FakeServer
from fakes.study import bread_thread, save
from fakes.world import World

from collector.importing import ImportOptions
from collector.pace import Pace
from collector.run import Outcome
from db.errors import ConfigurationError, GroundswellError, Partial, RefusedBySite
from db.queries.posts import exported_posts
from db.records import Counts
from groundswell.collecting import check_outcome, collect_links, import_into, moment
from groundswell.sites import Conduct
from groundswell.stopping import Interrupted, Stop
from groundswell.study import Study, find_study

LINK = "https://www.reddit.com/r/invented_engineers/comments/aaa111/some_words/"


class Clock:
    """Tells what was waited, and waits for nothing."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def pace(self, seconds_between: float) -> Pace:
        return Pace(seconds_between, sleep=self.waits.append)


def addresses(study: Study) -> set[str]:
    with study.store() as store:
        return {row["address"] for row in exported_posts(store.connection)}


def parameters(study: Study) -> list[str]:
    with study.store() as store:
        return [row["parameters"] for row in store.connection.execute("SELECT parameters FROM runs")]


def asked(number: int) -> Stop:
    stop = Stop()
    stop.ask(number, None)
    return stop


def test_files_are_imported_as_one_run(study: Study, tmp_path: Path) -> None:
    saved = save(tmp_path / "thread.json", bread_thread())

    first = import_into(study, [saved], ImportOptions(), Conduct(Stop()))
    second = import_into(study, [tmp_path / "thread.json", saved], ImportOptions(), Conduct(Stop()))

    assert (first.state, first.counts.seen, first.counts.new) == ("done", 3, 3)
    assert (second.state, second.counts.new, second.counts.changed) == ("done", 0, 0)
    assert len(addresses(study)) == 3


def test_a_run_remembers_names_and_no_folders(study: Study, tmp_path: Path) -> None:
    import_into(study, [save(tmp_path / "thread.json", bread_thread())], ImportOptions(), Conduct(Stop()))

    [kept] = parameters(study)

    assert '"thread.json"' in kept
    assert str(tmp_path) not in kept


def test_a_path_that_is_not_there_stops_the_import_before_it_begins(study: Study, tmp_path: Path) -> None:
    saved = save(tmp_path / "thread.json", bread_thread())

    with pytest.raises(GroundswellError, match=r"nowhere\.json: there is no such file or folder"):
        import_into(study, [saved, tmp_path / "nowhere.json"], ImportOptions(), Conduct(Stop()))

    assert addresses(study) == set()


@pytest.mark.usefixtures("site")
def test_without_a_key_a_thread_comes_whole_from_the_archive(study: Study, world: World) -> None:
    thread = world.make_thread("aaa111", 40, troubled=False)
    found = find_study(study.root, study.root)

    outcome = collect_links(found, [LINK], Conduct(Stop()))

    assert (outcome.state, outcome.counts.new) == ("done", 41)
    assert addresses(study) == {"reddit:t3_aaa111", *(f"reddit:{post.fullname}" for post in thread.comments.values())}


@pytest.mark.usefixtures("site", "reddit_key")
def test_with_a_key_a_thread_comes_whole_from_reddit(study: Study, world: World) -> None:
    thread = world.make_thread("aaa111", 40, troubled=False)
    found = find_study(study.root, study.root)

    outcome = collect_links(found, [LINK], Conduct(Stop()))

    assert (outcome.state, outcome.counts.new) == ("done", 41)
    assert addresses(study) == {"reddit:t3_aaa111", *(f"reddit:{post.fullname}" for post in thread.comments.values())}


@pytest.mark.usefixtures("reddit_key")
def test_the_archive_may_be_asked_though_there_is_a_key(study: Study, world: World, site: FakeServer) -> None:
    world.make_thread("aaa111", 3)

    collect_links(find_study(study.root, study.root), [LINK], Conduct(Stop()), source="arctic_shift")

    assert site.count("/api/comments/tree") == 1
    assert site.count("/comments/") == 0


def test_reddit_itself_is_not_asked_without_a_key(study: Study) -> None:
    with pytest.raises(ConfigurationError, match="needs REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET"):
        collect_links(study, [LINK], Conduct(Stop()), source="reddit_api")


def test_the_same_thread_by_two_links_is_fetched_once(study: Study, world: World, site: FakeServer) -> None:
    world.make_thread("aaa111", 3)

    collect_links(
        find_study(study.root, study.root), [LINK, "https://redd.it/aaa111", "reddit:t3_aaa111"], Conduct(Stop())
    )

    assert site.count("/api/comments/tree") == 1


@pytest.mark.usefixtures("site")
def test_what_a_link_bears_beside_its_thread_is_not_kept(study: Study, world: World) -> None:
    world.make_thread("aaa111", 3)
    link = "https://www.reddit.com/comments/aaa111/?share_id=canary"

    collect_links(find_study(study.root, study.root), [link], Conduct(Stop()))

    assert parameters(study) == ['{"source": "auto", "targets": ["reddit:t3_aaa111"]}']


@pytest.mark.usefixtures("site")
def test_requests_keep_the_distance_that_was_set(study: Study, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.make_thread("aaa111", 3)
    monkeypatch.setenv("GROUNDSWELL_SECONDS_BETWEEN_REQUESTS", "30")
    clock = Clock()

    collect_links(find_study(study.root, study.root), [LINK], Conduct(Stop(), pace=clock.pace))

    assert [29 < wait <= 30 for wait in clock.waits] == [True]


def test_a_link_that_names_no_thread_is_refused_before_anything_is_asked(study: Study, site: FakeServer) -> None:
    found = find_study(study.root, study.root)

    with pytest.raises(GroundswellError, match=r"https://i\.redd\.it/bread\.png: it is an image"):
        collect_links(found, [LINK, "https://i.redd.it/bread.png"], Conduct(Stop()))

    assert site.count() == 0


def test_a_refusal_ends_the_walk_of_all_threads(study: Study, world: World, site: FakeServer) -> None:
    world.make_thread("aaa111", 3)
    world.make_thread("bbb222", 3)
    site.fail("429-retry-after", times=None, retry_after=500)

    outcome = collect_links(find_study(study.root, study.root), [LINK, "https://redd.it/bbb222"], Conduct(Stop()))

    assert (outcome.state, outcome.retry_after) == ("refused", 500)
    assert site.count() == 1


def test_a_run_that_was_asked_to_stop_asks_no_further(study: Study, world: World, site: FakeServer) -> None:
    world.make_thread("aaa111", 3)

    outcome = collect_links(find_study(study.root, study.root), [LINK], Conduct(asked(signal.SIGINT)))

    assert outcome.state == "interrupted"
    assert site.count() == 0


def test_a_run_without_a_problem_is_done() -> None:
    check_outcome(Outcome(1, Counts(seen=3)), Stop())


def test_a_run_that_stored_something_and_met_a_problem_is_partial() -> None:
    with pytest.raises(Partial, match="1 problem; everything else was stored"):
        check_outcome(Outcome(1, Counts(seen=3), ["line 4: no"]), Stop())


def test_a_run_that_stored_nothing_failed() -> None:
    with pytest.raises(GroundswellError, match="2 problems; nothing was stored") as raised:
        check_outcome(Outcome(1, Counts(), ["line 4: no", "line 5: no"]), Stop())

    assert raised.value.exit_code == 1


@pytest.mark.parametrize(
    ("seconds", "hint"),
    [(90.0, "run the same command again in 90 seconds"), (None, "run the same command again later")],
)
def test_a_refusal_says_when_to_come_again(seconds: float | None, hint: str) -> None:
    with pytest.raises(RefusedBySite, match="the site refused: slow-down") as raised:
        check_outcome(Outcome(1, refused="slow-down", retry_after=seconds), Stop())

    assert (raised.value.hint, raised.value.exit_code) == (hint, 7)


def test_a_signal_counts_more_than_what_else_a_run_met() -> None:
    with pytest.raises(Interrupted):
        check_outcome(Outcome(1, Counts(), ["line 4: no"], refused="slow-down"), asked(signal.SIGTERM))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (None, None),
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ("2026-01-31T14:00+02:00", "2026-01-31T12:00:00Z"),
    ],
)
def test_a_moment_is_brought_into_our_form(text: str | None, read: str | None) -> None:
    assert moment(text) == read


@pytest.mark.parametrize("text", ["yesterday", "2026-01-31T12:00:00", ""])
def test_a_moment_without_its_zone_is_refused(text: str) -> None:
    with pytest.raises(GroundswellError, match="--observed-at: "):
        moment(text)
