import json
import signal
from pathlib import Path
from typing import Any

import pytest
from fakes.arctic import ArcticShift
from fakes.messages import Request
from fakes.reddit import RedditApi
from fakes.server import FakeServer
from fakes.study import (
    OTHER_KEY,
    bread_thread,
    comment,
    give_key,
    groundswell,
    make_study,
    post_line,
    save,
    save_lines,
    submission,
    thread,
)
from fakes.world import World

from groundswell.study import Study

LINK = "https://www.reddit.com/r/invented_engineers/comments/aaa111/some_words/"
LOGIN_PAGE = "<!doctype html><html><head><title>Log in</title></head></html>"


class Bell:
    """Raises a signal in this process at the nth request, and answers none."""

    def __init__(self, number: int, at: int) -> None:
        self.number, self.at = number, at

    def answer(self, request: Request) -> None:
        if request.number == self.at:
            signal.raise_signal(self.number)


def exported(study: Study) -> list[dict[str, Any]]:
    return groundswell("-C", study.root, "export", "posts").rows


def states(study: Study) -> dict[str, str]:
    return {row["native_id"]: row["state"] for row in exported(study)}


def lead_to(server: FakeServer, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("GROUNDSWELL_ARCTIC_SHIFT_URL", server.url)
    environment.setenv("GROUNDSWELL_REDDIT_URL", server.url)
    environment.setenv("GROUNDSWELL_SECONDS_BETWEEN_REQUESTS", "0")


def let_time_pass(study: Study) -> None:
    """Make a site's wish to be left alone a thing of the past."""
    with study.store() as store, store.write() as connection:
        connection.execute("UPDATE paces SET closed_until = 0, last_at = 0")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (json.dumps(bread_thread())[:-40], "line 1, column 814: the file is cut short"),
        ("Dear baker, thank you for the bread.", "line 1, column 1: Expecting value"),
        (LOGIN_PAGE, "line 1: an HTML page, not JSON: a login or error page was saved in its place"),
        ("", "the file is empty"),
        ("[]", "there is no post in it"),
        (json.dumps(thread(None)), "there is no post in it"),
        ('{"bread": 3}', "JSON of no kind that is known"),
        ("[" * 100_000, "nested too deeply"),
    ],
    ids=["cut short", "no JSON", "login page", "empty", "empty list", "empty thread", "other JSON", "deep"],
)
def test_a_bad_file_is_named_with_the_place_and_a_good_one_beside_it_is_kept(
    study: Study, tmp_path: Path, content: str, problem: str
) -> None:
    bad, good = save(tmp_path / "a_bad.json", content), save(tmp_path / "b_good.json", bread_thread())

    both, alone = groundswell("-C", study.root, "collect", "import", bad, good), None
    again = groundswell("-C", study.root, "collect", "import", bad, good)
    alone = groundswell("-C", study.root, "collect", "import", bad)

    assert (both.code, both.out) == (4, "3 posts seen: 3 new, 0 changed\n")
    assert (again.code, again.out) == (4, "3 posts seen: 0 new, 0 changed\n")
    assert (alone.code, alone.out) == (1, "0 posts seen: 0 new, 0 changed\n")
    assert both.err.splitlines()[0].startswith(f"{bad}: {problem}")
    assert both.err.splitlines()[1:] == [
        "error: 1 problem; everything else was stored",
        "hint: nothing is counted twice when it is run again",
    ]
    assert len(exported(study)) == 3


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"address": "example:p9", "native', "line 2: no whole JSON value: "),
        (json.dumps(post_line("p9", created_at=None)), "line 2: created_at is missing or no text"),
        (json.dumps(post_line("p9", created_at="yesterday")), "line 2: Invalid isoformat string: 'yesterday'"),
        (json.dumps(post_line("p9", state="eaten")), "line 2: state 'eaten' is none of "),
        (json.dumps(post_line("p9", score="many")), "line 2: score is no whole number"),
        (json.dumps(post_line("p9", community=["r/bakers"])), "line 2: community is no text"),
        (json.dumps(post_line("p9", text=7)), "line 2: text is no text"),
    ],
)
def test_a_bad_line_is_named_and_all_others_are_kept(study: Study, tmp_path: Path, line: str, problem: str) -> None:
    path = save_lines(tmp_path / "posts.jsonl", post_line("p1"), line, post_line("p2"))

    ran = groundswell("-C", study.root, "collect", "import", path)
    again = groundswell("-C", study.root, "collect", "import", path)

    assert (ran.code, ran.out) == (4, "2 posts seen: 2 new, 0 changed\n")
    assert ran.err.splitlines()[0].startswith(f"{path}: {problem}")
    assert (again.code, again.out) == (4, "2 posts seen: 0 new, 0 changed\n")
    assert set(states(study)) == {"p1", "p2"}


def test_a_bad_item_in_a_thread_is_named_by_its_place(study: Study, tmp_path: Path) -> None:
    path = save(
        tmp_path / "thread.json", thread(submission(), comment("bbb1", "x", created_utc="never"), comment("bbb2", "y"))
    )

    ran = groundswell("-C", study.root, "collect", "import", path)

    assert ran.code == 4
    assert ran.err.splitlines()[0].startswith(f"{path}: line 1[1].data.children[0].data: ")
    assert set(states(study)) == {"t3_aaa1", "t1_bbb2"}


def test_a_reply_whose_parent_is_missing_is_kept_as_an_orphan_until_the_parent_comes(
    study: Study, tmp_path: Path
) -> None:
    child = comment("bbb2", "I agree.", parent="t1_bbb1")
    without = save(tmp_path / "without.json", thread(submission(), child))
    whole = save(tmp_path / "whole.json", thread(submission(), comment("bbb1", "So dear!"), child))

    ran = groundswell("-C", study.root, "collect", "import", without)
    orphaned = states(study)
    groundswell("-C", study.root, "collect", "import", whole)

    assert ran.code == 0
    assert orphaned == {"t3_aaa1": "live", "t1_bbb2": "orphan"}
    assert states(study) == {"t3_aaa1": "live", "t1_bbb1": "live", "t1_bbb2": "live"}


def test_only_the_first_of_many_problems_are_listed(study: Study, tmp_path: Path) -> None:
    path = save_lines(tmp_path / "posts.jsonl", post_line(), *(post_line(f"q{n}", score="x") for n in range(60)))

    ran = groundswell("-C", study.root, "collect", "import", path)

    assert len(ran.err.splitlines()) == 50 + 1 + 2
    assert ran.err.splitlines()[50] == "… and 10 more"


def test_a_file_may_be_told_what_it_is_and_when_it_was_seen(study: Study, tmp_path: Path) -> None:
    path = save(tmp_path / "thread.json", bread_thread())

    ran = groundswell(
        "-C",
        study.root,
        "collect",
        "import",
        path,
        "--format",
        "reddit_files",
        "--observed-at",
        "2026-02-01T12:00+02:00",
    )

    assert ran.code == 0
    assert {row["observed_at"] for row in exported(study)} == {"2026-02-01T10:00:00Z"}


def test_a_moment_without_its_zone_is_refused_before_anything_is_read(study: Study, tmp_path: Path) -> None:
    path = save(tmp_path / "thread.json", bread_thread())

    ran = groundswell("-C", study.root, "collect", "import", path, "--observed-at", "2026-02-01")

    assert (ran.code, exported(study)) == (1, [])
    assert "bears no time zone" in ran.err


@pytest.mark.parametrize("key", [OTHER_KEY, ""])
def test_with_a_wrong_or_missing_key_nothing_is_collected(used: Study, tmp_path: Path, key: str) -> None:
    give_key(used.root, key)
    path = save_lines(tmp_path / "posts.jsonl", post_line())

    ran = groundswell("-C", used.root, "collect", "import", path)

    assert (ran.code, ran.out) == (3, "")
    assert "GROUNDSWELL_KEY" in ran.err
    assert len(exported(used)) == 3


def test_a_thread_is_collected_without_a_key(study: Study, world: World, site: FakeServer) -> None:
    world.make_thread("aaa111", 30, troubled=False)

    first = groundswell("-C", study.root, "collect", "url", LINK)
    second = groundswell("-C", study.root, "collect", "url", LINK)

    assert (first.code, first.out, first.err) == (0, "31 posts seen: 31 new, 0 changed\n", "")
    assert (second.code, second.out) == (0, "31 posts seen: 0 new, 0 changed\n")
    assert site.count("/api/v1/access_token") == 0


@pytest.mark.usefixtures("reddit_key")
def test_a_thread_is_collected_with_a_key(study: Study, world: World, site: FakeServer) -> None:
    world.make_thread("aaa111", 30, troubled=False)

    ran = groundswell("-C", study.root, "collect", "url", LINK)

    assert (ran.code, ran.out, ran.err) == (0, "31 posts seen: 31 new, 0 changed\n", "")
    assert site.count("/comments/aaa111") >= 1
    assert site.count("/api/comments/tree") == 0


def test_names_of_people_are_nowhere_in_the_study(study: Study, world: World, site: FakeServer) -> None:
    world.make_thread("aaa111", 5, troubled=False)
    world.add_comment("aaa111", "As u/mira_kandinsky_9 said.", author="mira_kandinsky_9")

    assert groundswell("-C", study.root, "collect", "url", LINK).code == 0

    assert site.count() > 0
    assert b"mira_kandinsky_9" not in b"".join(path.read_bytes() for path in study.root.rglob("*") if path.is_file())


@pytest.mark.parametrize("fixture", [None, "reddit_key"], ids=["archive", "Reddit"])
def test_a_site_that_refuses_says_when_to_come_and_the_same_command_goes_on(
    study: Study, world: World, site: FakeServer, request: pytest.FixtureRequest, fixture: str | None
) -> None:
    request.getfixturevalue(fixture) if fixture else None
    world.make_thread("aaa111", 30, troubled=False)
    site.fail("429-retry-after", at=2, path="/comments/" if fixture else "/api/", retry_after=500)
    site.fail("429-retry-after", at=1, path="/comments/", retry_after=500)

    refused = groundswell("-C", study.root, "collect", "url", LINK)
    site.heal()
    asked = site.count()
    too_early = groundswell("-C", study.root, "collect", "url", LINK)
    asked_again = site.count() - asked
    let_time_pass(study)
    resumed = groundswell("-C", study.root, "collect", "url", LINK)

    assert refused.code == 7
    assert (too_early.code, asked_again) == (7, 0)
    assert refused.err.splitlines()[-2].startswith("error: the site refused: slow-down: ")
    assert refused.err.splitlines()[-1] == "hint: run the same command again in 500 seconds"
    assert resumed.code == 0
    assert len(exported(study)) == 31


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("at", [1, 2])
def test_a_signal_ends_it_after_the_page_in_flight_and_the_same_command_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, world: World, number: int, exit_code: int, at: int
) -> None:
    world.make_thread("aaa111", 30)
    whole, study = make_study(tmp_path / "whole"), make_study(tmp_path / "study")
    with FakeServer(ArcticShift(world)) as server:
        lead_to(server, monkeypatch)
        groundswell("-C", whole.root, "collect", "url", LINK)
    with FakeServer(Bell(number, at), ArcticShift(world)) as server:
        lead_to(server, monkeypatch)
        stopped = groundswell("-C", study.root, "collect", "url", LINK)
        asked = server.count()
        resumed = groundswell("-C", study.root, "collect", "url", LINK)

    assert (stopped.code, asked) == (exit_code, at)
    assert stopped.err.splitlines()[-1] == "hint: the same command goes on from here"
    assert resumed.code == 0
    assert exported(study) == exported(whole)


def test_a_walk_with_a_key_goes_on_where_it_was_stopped(
    study: Study,
    monkeypatch: pytest.MonkeyPatch,
    world: World,
    reddit_key: None,  # noqa: ARG001 - sets the environment
) -> None:
    world.make_thread("aaa111", 900, troubled=False)
    with FakeServer(Bell(signal.SIGTERM, 3), RedditApi(world)) as server:
        lead_to(server, monkeypatch)
        stopped = groundswell("-C", study.root, "collect", "url", LINK)
        pages = server.count("/comments/")
        resumed = groundswell("-C", study.root, "collect", "url", LINK)

        assert (stopped.code, resumed.code) == (143, 0)
        assert len(exported(study)) == 901
        assert server.count("/comments/aaa111") == pages


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ("https://i.redd.it/bread.png", "it is an image"),
        ("https://www.reddit.com/user/mira_k/", ""),
        ("https://127.0.0.1/bread", ""),
        ("http://[bread", ""),
        ("file:///etc/bread", ""),
    ],
)
def test_a_link_that_cannot_be_collected_is_named(study: Study, link: str, problem: str) -> None:
    ran = groundswell("-C", study.root, "collect", "url", link)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"error: {link}: {problem}")


def test_a_thread_that_is_not_there_fails_and_one_beside_it_is_kept(
    study: Study, world: World, site: FakeServer
) -> None:
    world.make_thread("aaa111", 3, troubled=False)

    both = groundswell("-C", study.root, "collect", "url", "https://redd.it/zzz999", LINK)
    alone = groundswell("-C", study.root, "collect", "url", "https://redd.it/zzz999")

    assert site.count() > 0
    assert (both.code, both.out) == (4, "4 posts seen: 4 new, 0 changed\n")
    assert "gone: the archive does not hold" in both.err
    assert (alone.code, alone.out) == (1, "0 posts seen: 0 new, 0 changed\n")


@pytest.mark.usefixtures("site", "reddit_key")
def test_credentials_that_reddit_does_not_know_are_a_matter_of_configuration(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDDIT_CLIENT_SECRET", "mistyped")

    ran = groundswell("-C", study.root, "collect", "url", LINK)

    assert (ran.code, ran.out) == (3, "0 posts seen: 0 new, 0 changed\n")
    assert "error: bad-credentials: Reddit does not accept the credentials\nhint: look at the credentials" in ran.err
    assert "mistyped" not in ran.err


def test_reddit_is_not_asked_without_its_key(study: Study) -> None:
    ran = groundswell("-C", study.root, "collect", "url", LINK, "--source", "reddit_api")

    assert ran.code == 3
    assert "REDDIT_CLIENT_ID" in ran.err


def add_a_note(study: Study, *options: str, typed: str = "") -> tuple[int, str]:
    ran = groundswell("-C", study.root, "collect", "note", *options, typed=typed)
    return ran.code, ran.out.strip()


def test_a_note_is_private_through_and_through(used: Study) -> None:
    code, address = add_a_note(
        used, "--text", "My canary sings for dear bread.", "--role", "canary keeper", "--month", "2026-01",
        "--code", "dear-bread=support", "--code", "queue", "--coder", "ana",
    )  # fmt: skip
    built = groundswell("-C", used.root, "report", "build", "--json")
    shown = [groundswell("-C", used.root, "export", what, form) for what in ("posts", "codings") for form in FORMS]

    reports = "".join(path.read_text(encoding="utf-8") for path in used.reports.iterdir())
    public = built.out + reports + "".join(ran.out for ran in shown)
    assert code == 0
    assert address.startswith("note:")
    assert "canary" not in public
    assert address not in public
    assert "The baker" not in public
    assert groundswell("-C", used.root, "status", "--json").json["totals"]["notes"] == 1


FORMS = ("--nl", "--json", "--csv")


def test_a_note_is_counted_apart(used: Study) -> None:
    report = used.reports / "report.json"
    before = json.loads(report.read_bytes())["collection"]

    add_a_note(used, "--text", "Such dear bread.", "--code", "dear-bread=support", "--coder", "ana")
    groundswell("-C", used.root, "report", "build")

    after = json.loads(report.read_bytes())["collection"]
    assert (before["private_accounts"], after["private_accounts"]) == (0, 1)
    assert (before["posts"], before["authors"]) == (after["posts"], after["authors"])


@pytest.mark.parametrize("options", [("--text", "Dear bread."), ("--file",), ()], ids=["option", "file", "typed"])
def test_a_note_comes_from_an_option_a_file_or_the_keyboard(
    study: Study, tmp_path: Path, options: tuple[str, ...]
) -> None:
    file = save(tmp_path / "note.txt", "Dear bread.")
    named = (*options, str(file)) if options == ("--file",) else options

    assert add_a_note(study, *named, typed="Dear bread.")[0] == 0
    assert groundswell("-C", study.root, "status", "--json").json["totals"]["notes"] == 1


def test_an_empty_note_is_refused(study: Study) -> None:
    ran = groundswell("-C", study.root, "collect", "note", typed=" \n")

    assert (ran.code, ran.out, ran.err) == (1, "", "error: the note is empty; nothing was stored\n")


def test_rules_leave_notes_alone(study: Study) -> None:
    add_a_note(study, "--text", "Such dear bread.")

    assert groundswell("-C", study.root, "code", "apply", "--json").json == []


def test_the_status_lists_threads_that_lack_replies(study: Study, tmp_path: Path) -> None:
    path = save(tmp_path / "thread.json", thread(submission(num_comments=4), comment("bbb1", "x")))
    groundswell("-C", study.root, "collect", "import", path)

    table, rows = (groundswell("-C", study.root, "collect", "status", *form) for form in ((), ("--json",)))

    assert table.out == "reddit:t3_aaa1\t1\t4\t0.25\t\t\n"
    assert rows.json == [
        {
            "address": "reddit:t3_aaa1", "platform": "reddit", "url": "https://www.reddit.com/comments/aaa1/",
            "stored_count": 1, "declared_count": 4, "coverage": 0.25, "to_fetch": None, "why": None,
        }
    ]  # fmt: skip
    assert table.err == "1 thread not known to be complete\n"
