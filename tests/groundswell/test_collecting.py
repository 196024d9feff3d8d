import io
import signal
from pathlib import Path

import pytest
from fakes.server import FakeServer
from fakes.study import bread_thread, coding_line, groundswell, save
from fakes.world import World

from collector.importing import ImportOptions
from collector.pace import Pace
from collector.run import Outcome
from db.errors import ConfigurationError, GroundswellError, Partial, RefusedBySite
from db.queries.posts import exported_posts
from db.queries.study import totals
from db.records import Counts
from groundswell.collecting import (
    Note,
    add_note,
    check_outcome,
    collect_links,
    import_into,
    moment,
    parse_codes,
    read_note,
)
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

    first = import_into(study, [saved], ImportOptions(), stop=Stop())
    second = import_into(study, [tmp_path / "thread.json", saved], ImportOptions(), stop=Stop())

    assert (first.state, first.counts.seen, first.counts.new) == ("done", 3, 3)
    assert (second.state, second.counts.new, second.counts.changed) == ("done", 0, 0)
    assert len(addresses(study)) == 3


def test_a_run_remembers_names_and_no_folders(study: Study, tmp_path: Path) -> None:
    import_into(study, [save(tmp_path / "thread.json", bread_thread())], ImportOptions(), stop=Stop())

    [kept] = parameters(study)

    assert '"thread.json"' in kept
    assert str(tmp_path) not in kept


def test_a_path_that_is_not_there_stops_the_import_before_it_begins(study: Study, tmp_path: Path) -> None:
    saved = save(tmp_path / "thread.json", bread_thread())

    with pytest.raises(GroundswellError, match=r"nowhere\.json: there is no such file or folder"):
        import_into(study, [saved, tmp_path / "nowhere.json"], ImportOptions(), stop=Stop())

    assert addresses(study) == set()


@pytest.mark.usefixtures("site")
def test_without_a_key_a_thread_comes_whole_from_the_archive(study: Study, world: World) -> None:
    thread = world.make_thread("aaa111", 40, troubled=False)
    found = find_study(study.root, study.root)

    outcome = collect_links(found, [LINK], stop=Stop())

    assert (outcome.state, outcome.counts.new) == ("done", 41)
    assert addresses(study) == {"reddit:t3_aaa111", *(f"reddit:{post.fullname}" for post in thread.comments.values())}


@pytest.mark.usefixtures("site", "reddit_key")
def test_with_a_key_a_thread_comes_whole_from_reddit(study: Study, world: World) -> None:
    thread = world.make_thread("aaa111", 40, troubled=False)
    found = find_study(study.root, study.root)

    outcome = collect_links(found, [LINK], stop=Stop())

    assert (outcome.state, outcome.counts.new) == ("done", 41)
    assert addresses(study) == {"reddit:t3_aaa111", *(f"reddit:{post.fullname}" for post in thread.comments.values())}


@pytest.mark.usefixtures("reddit_key")
def test_the_archive_may_be_asked_though_there_is_a_key(study: Study, world: World, site: FakeServer) -> None:
    world.make_thread("aaa111", 3)

    collect_links(find_study(study.root, study.root), [LINK], source="arctic_shift", stop=Stop())

    assert site.count("/api/comments/tree") == 1
    assert site.count("/comments/") == 0


def test_reddit_itself_is_not_asked_without_a_key(study: Study) -> None:
    with pytest.raises(ConfigurationError, match="needs REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET"):
        collect_links(study, [LINK], source="reddit_api", stop=Stop())


def test_the_same_thread_by_two_links_is_fetched_once(study: Study, world: World, site: FakeServer) -> None:
    world.make_thread("aaa111", 3)

    collect_links(find_study(study.root, study.root), [LINK, "https://redd.it/aaa111", "reddit:t3_aaa111"], stop=Stop())

    assert site.count("/api/comments/tree") == 1


@pytest.mark.usefixtures("site")
def test_what_a_link_bears_beside_its_thread_is_not_kept(study: Study, world: World) -> None:
    world.make_thread("aaa111", 3)
    link = "https://someone:canary@www.reddit.com/comments/aaa111/?share_id=canary"

    collect_links(find_study(study.root, study.root), [link], stop=Stop())

    assert parameters(study) == ['{"source": "arctic_shift", "threads": ["reddit:t3_aaa111"]}']


@pytest.mark.usefixtures("site")
def test_requests_keep_the_distance_that_was_set(study: Study, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.make_thread("aaa111", 3)
    monkeypatch.setenv("GROUNDSWELL_SECONDS_BETWEEN_REQUESTS", "30")
    clock = Clock()

    collect_links(find_study(study.root, study.root), [LINK], pace=clock.pace, stop=Stop())

    assert [29 < wait <= 30 for wait in clock.waits] == [True]


def test_a_link_that_names_no_thread_is_refused_before_anything_is_asked(study: Study, site: FakeServer) -> None:
    found = find_study(study.root, study.root)

    with pytest.raises(GroundswellError, match=r"https://bread\.example/x: bread\.example is not a site"):
        collect_links(found, [LINK, "https://bread.example/x"], stop=Stop())

    assert site.count() == 0


def test_a_refusal_ends_the_walk_of_all_threads(study: Study, world: World, site: FakeServer) -> None:
    world.make_thread("aaa111", 3)
    world.make_thread("bbb222", 3)
    site.fail("429-retry-after", times=None, retry_after=500)

    outcome = collect_links(find_study(study.root, study.root), [LINK, "https://redd.it/bbb222"], stop=Stop())

    assert (outcome.state, outcome.retry_after) == ("refused", 500)
    assert site.count() == 1


def test_a_run_that_was_asked_to_stop_asks_no_further(study: Study, world: World, site: FakeServer) -> None:
    world.make_thread("aaa111", 3)

    outcome = collect_links(find_study(study.root, study.root), [LINK], stop=asked(signal.SIGINT))

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


def test_a_note_is_stored_and_coded_at_once(study: Study) -> None:
    address = add_note(study, Note("Such dear bread.", "2026-01", "baker", (("dear-bread", "support"),), "ana"))

    with study.store() as store:
        [note] = exported_posts(store.connection, private=True)
        assert totals(store.connection)["notes"] == 1
        assert list(exported_posts(store.connection)) == []
    assert address.startswith("note:")
    assert (note["address"], note["title"], note["text"]) == (address, "baker", "Such dear bread.")
    assert (note["created_at"], note["private"]) == ("2026-01-01T00:00:00Z", True)


def test_two_notes_with_the_same_words_are_two_accounts(study: Study) -> None:
    assert add_note(study, Note("The same.")) != add_note(study, Note("The same."))


@pytest.mark.parametrize(
    ("note", "message"),
    [
        (Note(" \n"), "the note is empty; nothing was stored"),
        (Note("x", codes=(("queue", None),)), "codes need a coder"),
        (Note("x", codes=(("rain", None),), coder="ana"), "the codebook has no code 'rain'"),
        (Note("x", codes=(("queue", "support"),), coder="ana"), "the code 'queue' asks for no stance"),
        (Note("x", codes=(("dear-bread", "perhaps"),), coder="ana"), "stance 'perhaps' is none of"),
        (Note("x", month="2026-13"), "--month: '2026-13' is no month such as 2026-01"),
        (Note("x", month="January"), "--month: 'January' is no month such as 2026-01"),
    ],
)
def test_a_note_that_is_wrong_leaves_nothing_behind(study: Study, note: Note, message: str) -> None:
    with pytest.raises(GroundswellError, match=message):
        add_note(study, note)

    with study.store() as store:
        assert totals(store.connection)["notes"] == 0


def test_codes_are_written_with_or_without_a_stance() -> None:
    assert parse_codes(["queue", "dear-bread=support", "x="]) == (
        ("queue", None),
        ("dear-bread", "support"),
        ("x", None),
    )


def test_a_note_is_read_from_a_file_or_as_it_is_typed(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("from a file", encoding="utf-8")

    assert read_note(path, io.StringIO("typed")) == "from a file"
    assert read_note(None, io.StringIO("typed")) == "typed"


def test_a_note_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(b"caf\xe9")

    with pytest.raises(GroundswellError, match=r"note\.txt: byte 3: not UTF-8"):
        read_note(path, io.StringIO())
    with pytest.raises(GroundswellError, match=r"no\.txt: no such file or directory"):
        read_note(tmp_path / "no.txt", io.StringIO())
    with pytest.raises(GroundswellError, match="standard input: byte 3: not UTF-8"):
        read_note(None, io.TextIOWrapper(io.BytesIO(b"caf\xe9"), encoding="utf-8"))


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


def test_a_note_may_be_coded_later_too(study: Study, tmp_path: Path) -> None:
    address = add_note(study, Note("Such dear bread."))
    lines = save(tmp_path / "codings.jsonl", coding_line(address))

    assert groundswell("-C", study.root, "import", "codings", lines).out == "one coding read: 1 new\n"
