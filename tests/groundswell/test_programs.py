import json
import os
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fakes.study import ALL_BREAD, CODEBOOK, coding_line, groundswell, make_study, post_line, save_lines

from db.errors import ConfigurationError, GroundswellError, Partial
from db.queries.codings import coder_counts, people_codings
from db.queries.programs import blank_answers, machine_coders_used
from groundswell import programs
from groundswell.agreeing import start_round
from groundswell.coding_work import bring_in_codings
from groundswell.history import history, undo
from groundswell.programs import Order, Ran, check_ran, preview, run_program
from groundswell.sampling import draw_sample
from groundswell.stopping import Interrupted, Stop
from groundswell.study import Study, find_study
from groundswell.web.server import seats_for

POST, QUEUE, OTHER = ALL_BREAD
MACHINE_NONE = "version: 1\ntitle: Bread\nmachine: none\n"
ROBOT = """\
import json, sys
codebook = json.loads(next(sys.stdin))["codebook"]
print(json.dumps({"version": "robot 1"}))
for line in sys.stdin:
    post = json.loads(line)
    for code, word in (("queue", "queue"), ("dear-bread", "dear bread")):
        found = word in (post["text"] or "")
        answer = {"post": post["post"], "code": code, "value": "present" if found else "absent"}
        print(json.dumps(answer | ({"excerpt": word} if found else {})))
"""


Program = Callable[..., Order]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Makes the order to run a program that is written down; without one, a robot that looks for two words."""

    def make(source: str = ROBOT, *arguments: str, **more: Any) -> Order:
        path = tmp_path / f"program{len(list(tmp_path.glob('program*.py')))}.py"
        path.write_text(source, encoding="utf-8")
        return Order((sys.executable, str(path), *arguments), **{"coder": "robot", "seconds": 60.0} | more)

    return make


@pytest.fixture
def said(tmp_path: Path) -> Callable[..., Order]:
    """Makes the order to run a program that answers these lines, whatever it is sent."""

    def make(*lines: Any, ends: str = "") -> Order:
        path = tmp_path / "said.jsonl"
        save_lines(path, *lines)
        # The same command whatever is said: only the answers differ.
        source = (
            f"import sys; sys.stdout.write(open({str(path)!r}, encoding='utf-8').read()); sys.stdout.flush(); {ends}"
        )
        (tmp_path / "says.py").write_text(source, encoding="utf-8")
        return Order((sys.executable, str(tmp_path / "says.py")), "robot", seconds=60.0)

    return make


def rows(study: Study, query: str) -> list[Any]:
    with study.store() as store:
        return [dict(row) for row in store.connection.execute(query)]


def standing(study: Study) -> list[tuple[str, str, str, int | None]]:
    """What the program holds: post, code, value and where the excerpt begins."""
    query = """
        SELECT post, code, value, start FROM codings_current WHERE coder = 'robot' ORDER BY post, code, start
    """
    return [tuple(row.values()) for row in rows(study, query)]


def answer(post: str = POST, **changes: Any) -> dict[str, Any]:
    return {"post": post, "code": "queue", "value": "present"} | changes


def run(study: Study, order: Order) -> Ran:
    return run_program(study, order, Stop())


def test_a_program_codes_every_public_post(used: Study, program: Program) -> None:
    ran = run(used, program())

    assert (ran.posts, ran.codings, ran.refused, ran.new, ran.undone, ran.ended) == (3, 6, (), 6, 0, None)
    assert standing(used) == [
        (QUEUE, "dear-bread", "absent", None),
        (QUEUE, "queue", "present", 13),
        (OTHER, "dear-bread", "absent", None),
        (OTHER, "queue", "absent", None),
        (POST, "dear-bread", "present", 5),
        (POST, "queue", "absent", None),
    ]


def test_a_run_is_kept_on_record_with_all_that_was_said(used: Study, program: Program) -> None:
    order = program(ROBOT, "--carefully")

    ran = run(used, order)

    [kept] = rows(used, "SELECT p.*, c.name, c.kind FROM program_runs p JOIN coders c ON c.id = p.coder")
    assert (kept["id"], kept["name"], kept["kind"], kept["version"]) == (ran.id, "robot", "program", "robot 1")
    assert json.loads(kept["command"]) == list(order.command)
    assert json.loads(kept["answers"].partition("\n")[0]) == {"version": "robot 1"}
    assert (kept["posts"], kept["codings"], kept["refused"], kept["sample"]) == (3, 6, 0, None)
    assert kept["started_at"] <= kept["finished_at"]


def test_the_hash_of_what_was_sent_is_that_of_what_the_program_read(used: Study, program: Program) -> None:
    run(used, program("import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"))

    [kept] = rows(used, "SELECT sent_sha256, answers FROM program_runs")
    assert kept["answers"].strip() == kept["sent_sha256"]


def test_a_program_is_told_nothing_of_other_coders_and_of_authors(
    used: Study, program: Program, tmp_path: Path
) -> None:
    groundswell("-C", used.root, "collect", "note", "--text", "The baker told me a secret.")
    seen = tmp_path / "seen.jsonl"

    run(used, program(f"import sys; open({str(seen)!r}, 'wb').write(sys.stdin.buffer.read())"))

    first, *posts = [json.loads(line) for line in seen.read_text(encoding="ascii").splitlines()]
    assert first.keys() == {"codebook"}
    assert {frozenset(post) for post in posts} == {frozenset({"post", "thread", "parent", "kind", "title", "text"})}
    assert {post["post"] for post in posts} == set(ALL_BREAD)
    assert not any(word in seen.read_text(encoding="ascii") for word in ("secret", "~", "ana", 'support"', "score"))


def test_a_program_is_no_person(used: Study, program: Program) -> None:
    with used.store() as store:
        before = list(people_codings(store.connection))

    run(used, program())

    with used.store() as store:
        assert list(people_codings(store.connection)) == before
        assert [(row["name"], row["kind"]) for row in coder_counts(store.connection)] == [
            ("ana", "person"), ("robot", "program"), ("rules", "rules"),
        ]  # fmt: skip


def test_its_codings_are_blind_undecided_and_of_a_version(used: Study, program: Program) -> None:
    order = program()

    run(used, order)

    query = "SELECT DISTINCT version, blind, adjudicated, suggestion_shown, round FROM coding_events WHERE batch LIKE 'run-%'"
    assert rows(used, query) == [
        {
            "version": programs.version_of(order.command, "robot 1"), "blind": 1, "adjudicated": 0, "suggestion_shown": 0,
            "round": None,
        }
    ]  # fmt: skip


def test_the_same_run_again_writes_nothing_but_its_record(used: Study, program: Program) -> None:
    order = program()
    run(used, order)
    before = rows(used, "SELECT * FROM coding_events")

    again = run(used, order)

    assert (again.codings, again.new, again.undone) == (6, 0, 0)
    assert rows(used, "SELECT * FROM coding_events") == before
    assert len(rows(used, "SELECT * FROM program_runs")) == 2


def test_what_changed_is_undone_and_written_anew(used: Study, said: Callable[..., Order]) -> None:
    run(used, said(answer(POST), answer(QUEUE, excerpt="queue"), answer(OTHER, value="absent")))

    again = run(used, said(answer(POST, value="absent"), answer(QUEUE, excerpt="queue")))

    assert (again.new, again.undone) == (1, 2)
    assert standing(used) == [(QUEUE, "queue", "present", 13), (POST, "queue", "absent", None)]


def test_another_version_is_another_coding(used: Study, said: Callable[..., Order]) -> None:
    run(used, said({"version": "1"}, answer()))

    again = run(used, said({"version": "2"}, answer()))

    assert (again.new, again.undone) == (1, 1)


def test_a_run_is_undone_as_a_whole(used: Study, said: Callable[..., Order]) -> None:
    run(used, said(answer(POST), answer(QUEUE)))
    before = standing(used)
    again = run(used, said(answer(POST), answer(OTHER)))

    undo(used, again.id)

    assert standing(used) == before


def test_a_run_of_which_some_lines_were_refused_ends_with_4_like_an_import(
    used: Study, said: Callable[..., Order]
) -> None:
    order = said(answer(QUEUE, excerpt="a queue"), answer(POST, excerpt="cheap bread"), "Here you are!")

    ran = run(used, order)
    with pytest.raises(Partial, match="2 lines could not be used; one coding kept") as caught:
        check_ran(ran, order, Stop())

    assert caught.value.exit_code == 4
    assert [line.partition(": ")[0] for line in ran.refused] == ["line 2", "line 3"]
    assert [(row["codings"], row["refused"]) for row in rows(used, "SELECT * FROM program_runs")] == [(1, 2)]


def test_a_program_of_which_nothing_can_be_used_is_said_to_have_failed(used: Study, said: Callable[..., Order]) -> None:
    order = said("Sorry.")

    with pytest.raises(Partial, match="none of one line could be used"):
        check_ran(run(used, order), order, Stop())


def test_a_program_that_has_nothing_to_say_is_no_failure(used: Study, said: Callable[..., Order]) -> None:
    order = said()

    check_ran(run(used, order), order, Stop())

    assert len(rows(used, "SELECT * FROM program_runs")) == 1


def ends(study: Study) -> list[str | None]:
    """How the runs ended, the last one first."""
    return [entry.ended for entry in history(study) if entry.what == "run"]


def test_a_run_that_wrote_nothing_is_listed_in_its_place_and_cannot_be_undone(
    used: Study, said: Callable[..., Order]
) -> None:
    first = run(used, said(answer()))
    silent = run(used, said(ends="sys.exit(2)"))
    listed = [entry for entry in history(used) if entry.what == "run"]

    assert [(entry.id, entry.coders, entry.codings, entry.state, entry.ended) for entry in listed] == [
        (silent.id, ("robot",), 0, "wrote nothing", "failed: it ended with exit code 2"),
        (first.id, ("robot",), 1, "stands", "done"),
    ]
    with pytest.raises(GroundswellError, match="wrote nothing that could be undone"):
        undo(used, silent.id)
    assert undo(used).entry.id == first.id


def test_a_program_that_dies_keeps_what_it_said_and_undoes_only_there(used: Study, said: Callable[..., Order]) -> None:
    run(used, said(answer(POST), answer(QUEUE)))

    order = said(answer(POST, value="absent"), '{"post": "cut', ends="sys.exit(3)")
    ran = run(used, order)

    assert (ran.codings, len(ran.refused), ran.ended) == (1, 1, "it ended with exit code 3")
    assert ends(used) == ["failed: it ended with exit code 3", "done"]
    assert standing(used) == [(QUEUE, "queue", "present", None), (POST, "queue", "absent", None)]
    with pytest.raises(Partial, match="exit code 3; one coding kept") as caught:
        check_ran(ran, order, Stop())
    assert caught.value.exit_code == 4


def test_a_program_that_takes_too_long_is_ended(used: Study, said: Callable[..., Order]) -> None:
    order = said(answer(), ends="import time; time.sleep(60)")
    began = time.monotonic()

    ran = run_program(used, Order(order.command, "robot", seconds=1.0), Stop())

    assert time.monotonic() - began < 30
    assert (ran.codings, ran.ended) == (1, "it took longer than 1 seconds")
    assert ends(used) == ["failed: it took longer than 1 seconds"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends the program alone")
def test_what_a_program_started_is_ended_with_it(used: Study, program: Program, tmp_path: Path) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    reader = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    source = f"""\
import os, subprocess
held = os.open({str(held)!r}, os.O_WRONLY)
subprocess.run(["sleep", "60"], pass_fds=[held])
"""
    began = time.monotonic()

    run(used, program(source, seconds=2.0))

    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""  # the end, which comes when nobody holds the other side
    os.close(reader)
    assert time.monotonic() - began < 30


def test_a_program_that_answers_without_end_is_ended(
    used: Study, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "MOST_BYTES", 1000)

    ran = run(used, program("while True: print('again and again and again')"))

    assert ran.ended == "it answered more than 1,000 bytes"
    assert [len(row["answers"]) for row in rows(used, "SELECT answers FROM program_runs")] == [1000]


def test_a_program_that_writes_millions_of_bad_lines_takes_little_more_memory_than_its_answer(
    used: Study, program: Program
) -> None:
    order = program("import sys; sys.stdout.write('y\\n' * 500_000)")
    tracemalloc.start()

    ran = run(used, order)

    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(ran.refused), ran.refused_count) == (1_000, 500_000)
    [kept] = rows(used, "SELECT refused, answers FROM program_runs")
    assert (kept["refused"], kept["answers"]) == (500_000, "y\n" * 500_000)
    assert most < 20 * len(kept["answers"])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_a_line_ends_an_answer(used: Study, program: Program, end: str) -> None:
    lines = end.join(json.dumps(answer(post)) for post in (POST, QUEUE))

    ran = run(used, program(f"import sys; sys.stdout.buffer.write({lines.encode()!r})"))

    assert (ran.codings, ran.refused_count) == (2, 0)


def test_a_signal_ends_the_program_and_keeps_what_it_said(used: Study, said: Callable[..., Order]) -> None:
    stop = Stop()
    stop.ask(2, None)
    order = said(answer(), ends="import time; time.sleep(60)")

    ran = run_program(used, order, stop)

    assert ran.ended == "stopped"
    assert ends(used) == ["interrupted"]
    with pytest.raises(Interrupted, match="stopped; one coding kept of what") as caught:
        check_ran(ran, order, stop)
    assert (caught.value.exit_code, str(caught.value.hint).partition(";")[0]) == (
        130,
        "the same command sends all posts again",
    )


def test_a_program_that_does_not_read_what_it_is_sent_is_no_problem(used: Study, program: Program) -> None:
    assert run(used, program("")).ended is None


def test_a_program_that_is_not_there_is_named(used: Study) -> None:
    with pytest.raises(GroundswellError, match="no-such-robot: cannot be started: no such file"):
        run(used, Order(("no-such-robot",), "robot"))

    assert rows(used, "SELECT * FROM program_runs") == []


def test_a_command_that_cannot_be_is_named(used: Study) -> None:
    with pytest.raises(GroundswellError, match="cannot be started: embedded null byte"):
        run(used, Order((sys.executable, "\0"), "robot"))


def test_a_program_gets_no_secret_of_the_environment(
    used: Study, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GROUNDSWELL_KEY", "REDDIT_CLIENT_SECRET", "MY_TOKEN", "OTHER_TOKEN"):
        monkeypatch.setenv(name, "ab" * 32)
    monkeypatch.setenv("GROUNDSWELL_KEY", (used.settings.key or b"").hex())
    monkeypatch.setenv("LANG", "C.UTF-8")

    run(used, program("import json, os; print(json.dumps(dict(os.environ)))", environment=("MY_TOKEN",)))

    [kept] = rows(used, "SELECT answers FROM program_runs")
    names = set(json.loads(kept["answers"]))
    assert {"PATH", "HOME", "LANG", "MY_TOKEN"} <= names
    # What remains is what an interpreter sets for itself.
    assert names - set(programs.PASSED_ON) - {"MY_TOKEN"} <= {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"}
    assert len(os.environ) > len(names)


@pytest.mark.parametrize(
    ("name", "why"), [("NO_SUCH_VARIABLE", "there is no such variable"), ("groundswell_key", "is given to no program")]
)
def test_a_variable_that_cannot_be_given_is_named(used: Study, program: Program, name: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=f"--env {name}: .*{why}"):
        run(used, program(environment=(name,)))


def test_where_machines_are_forbidden_no_program_runs(used: Study, program: Program, tmp_path: Path) -> None:
    (used.root / "study.yaml").write_text(MACHINE_NONE, encoding="utf-8")
    mark = tmp_path / "it-ran"
    order = program(f"open({str(mark)!r}, 'w')")

    for do in (
        lambda: run(find_study(used.root, used.root), order),
        lambda: preview(find_study(used.root, used.root), order),
    ):
        with pytest.raises(ConfigurationError, match="machine: none"):
            do()

    assert not mark.exists()


@pytest.mark.parametrize("name", ["ana", "ANA", "rules", "Ben", "tfidf"])
def test_a_program_does_not_bear_the_name_of_another_coder(used: Study, program: Program, name: str) -> None:
    (used.root / "study.yaml").write_text("version: 1\ntitle: Bread\ncoders: [ben]\n", encoding="utf-8")

    with pytest.raises(GroundswellError, match="is the name of a coder already"):
        run(find_study(used.root, used.root), program(coder=name))


def test_a_program_does_not_take_the_name_of_rules_that_have_not_coded_yet(study: Study, program: Program) -> None:
    with pytest.raises(GroundswellError, match="is the name of a coder already"):
        preview(study, program(coder="Rules"))


def test_a_person_does_not_take_the_name_of_a_program(used: Study, program: Program, tmp_path: Path) -> None:
    run(used, program())
    save_lines(tmp_path / "robot.jsonl", coding_line(POST, coder="Robot"), coding_line(POST, coder="cleo"))

    done = bring_in_codings(used, tmp_path / "robot.jsonl")

    assert done.problems == [
        f"{tmp_path / 'robot.jsonl'}: line 1: Robot is a machine's name here; a person needs another"
    ]
    assert done.new == 1
    with pytest.raises(GroundswellError, match="robot is a machine's name here"):
        seats_for(used, ["robot"])


def test_nobody_codes_under_the_name_of_the_classifier(used: Study) -> None:
    draw_sample(used, "reliability", name="s")

    with pytest.raises(GroundswellError, match="tfidf is a machine's name here"):
        start_round(used, "s", coders=["ada", "tfidf"])


def test_a_program_needs_a_name(used: Study, program: Program) -> None:
    with pytest.raises(GroundswellError, match="is empty"):
        run(used, program(coder=" "))


def test_without_posts_nothing_is_started(study: Study, program: Program) -> None:
    with pytest.raises(GroundswellError, match="there is no post to send"):
        run(study, program())


def sampled(study: Study, unit: str, *units: str) -> None:
    with study.store() as store, store.write() as connection:
        connection.execute(
            "INSERT INTO samples (id, purpose, unit, design, created_at) VALUES ('audit-1', 'audit', ?, '{}', '2026-03-01')",
            (unit,),
        )
        connection.executemany(
            "INSERT INTO sample_units (sample, unit, place, probability, drawn_at) VALUES ('audit-1', ?, ?, 0.5, '2026-03-01')",
            [(name, place) for place, name in enumerate(units)],
        )


def test_with_a_sample_only_its_posts_are_sent_in_its_order(used: Study, program: Program) -> None:
    sampled(used, "post", OTHER, POST, "reddit:t1_gone")

    run(used, program("import sys; sys.stdout.write(sys.stdin.read())", sample="audit-1"))

    [kept] = rows(used, "SELECT sample, posts, answers FROM program_runs")
    assert (kept["sample"], kept["posts"]) == ("audit-1", 2)
    assert [json.loads(line)["post"] for line in kept["answers"].splitlines()[1:]] == [OTHER, POST]


def test_with_a_sample_of_authors_all_their_posts_are_sent(used: Study, program: Program) -> None:
    [author] = rows(
        used, f"SELECT a.address FROM posts p JOIN authors a ON a.id = p.author WHERE p.address = '{QUEUE}'"
    )
    sampled(used, "author", author["address"])

    assert run(used, program(sample="audit-1")).posts == 1


def test_codings_outside_of_the_sample_stay(used: Study, program: Program) -> None:
    sampled(used, "post", POST)
    run(used, program())

    ran = run(used, program("", sample="audit-1"))

    assert ran.undone == 2
    assert {post for post, *_ in standing(used)} == {QUEUE, OTHER}


def test_a_sample_that_is_not_there_is_named(used: Study, program: Program) -> None:
    with pytest.raises(GroundswellError, match="audit-9: there is no such sample"):
        run(used, program(sample="audit-9"))


def test_a_preview_shows_what_would_be_sent_and_starts_nothing(used: Study, program: Program, tmp_path: Path) -> None:
    mark = tmp_path / "it-ran"

    shown = preview(used, program(f"open({str(mark)!r}, 'w')"))

    assert shown.posts == 3
    assert [next(iter(json.loads(line))) for line in shown.lines] == ["codebook", "post"]
    assert not mark.exists()


def test_a_text_that_goes_while_the_program_runs_leaves_no_trace_in_its_answers(used: Study, program: Program) -> None:
    order = program(
        f"""\
import json, subprocess, sys
sent = sys.stdin.read()
subprocess.run(
    [{sys.executable!r}, "-m", "groundswell", "-C", {str(used.root)!r}, "collect", "forget", "--yes", "--post", {QUEUE!r}],
    check=True, stdout=subprocess.DEVNULL, cwd={str(Path(programs.__file__).parents[1])!r},
)
print(json.dumps({{"post": {QUEUE!r}, "code": "queue", "value": "present", "excerpt": "in a queue"}}))
print("I stood in a queue for it.")
print(json.dumps({{"post": {POST!r}, "code": "queue", "value": "absent"}}))
"""
    )

    ran = run(used, order)

    assert ran.codings == 1
    assert ran.refused[1:] == (f"{QUEUE}: its text went while the program ran",)
    [kept] = rows(used, "SELECT answers FROM program_runs")
    assert "queue for it" not in kept["answers"]
    assert "in a queue" not in kept["answers"]
    assert kept["answers"].count("█") == len("in a queue") + len("Istoodinaqueueforit")


def test_words_of_a_lost_post_are_blanked_wherever_they_stand_in_a_long_answer(used: Study, program: Program) -> None:
    groundswell("-C", used.root, "collect", "forget", "--yes", "--post", QUEUE)
    words = "I\nstood\nin\na\nqueue\nfor\nit\n"

    run(used, program(f"import sys; sys.stdout.write('y\\n' * (2**19 - 6) + {words!r} + 'y\\n' * 2**19)"))

    [kept] = rows(used, "SELECT answers FROM program_runs")
    assert kept["answers"].replace("y\n", "") == "█\n█████\n██\n█\n█████\n███\n██\n"
    assert kept["answers"].count("y\n") == 2**20 - 6


def test_a_text_that_changes_while_the_program_runs_was_coded_as_it_was(
    used: Study, said: Callable[..., Order]
) -> None:
    order = said(
        answer(QUEUE, excerpt="queue"),
        ends=f"import sqlite3; c = sqlite3.connect({str(used.database)!r}); "
        f"c.execute(\"UPDATE posts SET text = 'A line.', text_sha = 'new' WHERE address = '{QUEUE}'\"); c.commit()",
    )

    run(used, order)

    [kept] = rows(used, f"SELECT text_unchanged FROM codings_current WHERE post = '{QUEUE}' AND coder = 'robot'")
    assert kept["text_unchanged"] == 0


def test_every_machine_that_was_used_is_known(used: Study, said: Callable[..., Order]) -> None:
    fresh = make_study(used.root.parent / "fresh")

    def used_in(study: Study) -> list[str]:
        with study.store() as store:
            return machine_coders_used(store.connection)

    run(used, said())
    with used.store() as store, store.write() as connection:
        revision = connection.execute("SELECT revision FROM codebook_revisions").fetchone()["revision"]
        connection.execute(
            "INSERT INTO models (id, code, codebook_revision, card, trained_at) VALUES ('m', 'queue', ?, '{}', '2026-03-01')",
            (revision,),
        )

    assert used_in(fresh) == []
    assert used_in(used) == ["queue (trained model)", "robot (program)", "rules (rules)"]


def test_what_was_undone_was_used_all_the_same(used: Study, program: Program) -> None:
    undo(used, run(used, program()).id)

    with used.store() as store:
        assert "robot (program)" in machine_coders_used(store.connection)


def test_invented_posts_are_sent_like_others(tmp_path: Path, program: Program) -> None:
    study = make_study(tmp_path / "invented", codebook=CODEBOOK)
    lines = save_lines(
        tmp_path / "posts.jsonl", post_line("p1"), post_line("p2", text=None, title=None, state="removed")
    )
    groundswell("-C", study.root, "collect", "import", lines)
    groundswell("-C", study.root, "import", "codings", save_lines(tmp_path / "c.jsonl", coding_line()))

    assert run(study, program()).posts == 1


def test_words_that_a_program_repeated_go_with_their_post(used: Study, said: Callable[..., Order]) -> None:
    run(used, said(answer(QUEUE, excerpt="queue"), answer(POST, excerpt="dear bread"), ["queue"], "a queue"))
    groundswell("-C", used.root, "collect", "forget", "--yes", "--post", QUEUE)

    with used.store() as store, store.write() as connection:
        blank_answers(connection)
        assert blank_answers(connection) == 0

    [kept] = rows(used, "SELECT answers FROM program_runs")
    assert kept["answers"].splitlines() == [
        json.dumps(answer(QUEUE, excerpt="█████"), ensure_ascii=False),
        json.dumps(answer(POST, excerpt="dear bread")),
        '["queue"]',
        "a queue",
    ]


class Model(BaseHTTPRequestHandler):
    """A server that answers like a model: a list of codings with a sentence before it, or only a sentence."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        content = "I would rather not."
        if "queue" in asked["messages"][-1]["content"]:
            content = 'Here: [{"code": "queue", "value": "present", "stance": null, "excerpt": "in a queue"}]'
        body = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def model() -> Iterator[str]:
    """The URL of a server with a model."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_example_of_the_page_on_programs_codes_with_a_model_behind_a_local_server(
    used: Study, program: Program, model: str
) -> None:
    page = (Path(programs.__file__).parents[1] / "docs" / "how-to" / "programs.md").read_text(encoding="utf-8")
    example = page.partition("```python\n")[2].partition("```")[0]

    ran = run(used, program(example, model, "small-model"))

    assert (ran.codings, len(ran.refused), ran.ended) == (1, 2, None)
    assert standing(used) == [(QUEUE, "queue", "present", 8)]
    [kept] = rows(used, "SELECT version, answers FROM program_runs")
    assert kept["version"] == "small-model"
    assert kept["answers"].count("I would rather not.") == 2
    assert len(example.splitlines()) <= 36
