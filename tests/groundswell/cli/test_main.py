import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.study import CODEBOOK, ROOT, groundswell, make_study, post_line, save_lines, thread
from typer.main import get_command
from typer.testing import CliRunner

from groundswell.cli.main import app
from groundswell.study import Study

GROUPS = (
    ("collect",), ("schedule",), ("codebook",), ("code",), ("code", "sample"), ("code", "round"), ("share",), ("report",),
    ("evidence",), ("quote",), ("import",), ("export",), ("db",),
)  # fmt: skip
COMMANDS = (
    ("demo",), ("init",), ("status",), ("find",), ("update",), ("doctor",), ("schema",), ("version",),
    ("collect", "import"), ("collect", "url"), ("collect", "note"), ("collect", "status"),
    ("collect", "subreddit"), ("collect", "search"), ("collect", "x-conversation"), ("collect", "run"), ("collect", "gaps"),
    ("collect", "refresh"), ("collect", "forget"), ("schedule", "print"), ("schedule", "install"), ("schedule", "remove"),
    ("schedule", "status"),
    ("codebook", "show"), ("codebook", "check"), ("codebook", "add"), ("codebook", "rename"), ("codebook", "merge"),
    ("codebook", "split"), ("codebook", "retire"), ("codebook", "restore"), ("codebook", "worklist"), ("codebook", "log"),
    ("codebook", "diff"), ("codebook", "import"), ("codebook", "export"), ("code", "apply"), ("code", "test"), ("code", "preview"),
    ("code", "agreement"), ("code", "adjudicate"), ("code", "train"), ("code", "predict"), ("code", "models"), ("code", "why"),
    ("code", "run"), ("code", "log"), ("code", "undo"), ("code", "sample", "draw"), ("code", "sample", "list"),
    ("code", "sample", "show"), ("code", "sample", "shares"), ("code", "sample", "plan"), ("code", "round", "start"),
    ("code", "round", "close"), ("code", "round", "list"), ("code", "round", "export"), ("code", "round", "import"),
    ("review",), ("share", "to"), ("share", "open"), ("share", "return"), ("share", "list"),
    ("report", "build"), ("report", "verify"), ("report", "diff"), ("report", "fill"), ("report", "figures"),
    ("report", "pdf"), ("quote", "add"), ("quote", "list"), ("quote", "drop"), ("evidence", "show"), ("import", "codings"),
    ("export", "posts"), ("export", "codings"), ("db", "migrate"), ("db", "backup"), ("db", "check"), ("db", "restore"),
)  # fmt: skip

NEED_NO_STUDY = {("demo",), ("init",), ("schema",), ("version",), ("code", "sample", "plan"), ("share", "open")}
NEEDED: dict[tuple[str, ...], list[str]] = {
    ("collect", "import"): ["tests"],
    ("collect", "url"): ["redd.it/aaa111"],
    ("find",): ["x"],
    ("collect", "subreddit"): ["invented"],
    ("collect", "search"): ["x", "--in", "invented"],
    ("collect", "x-conversation"): ["1"],
    ("collect", "forget"): ["--post", "reddit:t1_x", "--yes"],
    ("codebook", "add"): ["x"],
    ("code", "preview"): ["x"],
    ("code", "agreement"): ["x"],
    ("code", "adjudicate"): ["x", "reddit:t1_x", "x", "present", "--by", "ana", "--reason", "slip"],
    ("code", "sample", "draw"): ["main"],
    ("code", "sample", "show"): ["x"],
    ("code", "sample", "shares"): ["x"],
    ("code", "sample", "plan"): ["--share", "0.1", "--width", "0.1"],
    ("code", "round", "start"): ["x"],
    ("code", "round", "close"): ["x"],
    ("code", "round", "export"): ["x", "--coder", "ana"],
    ("code", "round", "import"): ["x"],
    ("code", "why"): ["x", "reddit:t1_x"],
    ("code", "run"): ["--coder", "x", "--", "true"],
    ("db", "restore"): ["tests"],
    ("codebook", "rename"): ["x", "y"],
    ("codebook", "merge"): ["x", "y"],
    ("codebook", "split"): ["x", "y", "z"],
    ("codebook", "retire"): ["x"],
    ("codebook", "restore"): ["x"],
    ("codebook", "import"): ["x.yaml"],
    ("evidence", "show"): ["x"],
    ("review",): ["--no-browser"],
    ("report", "fill"): ["x.md"],
    ("quote", "add"): ["reddit:t1_x", "--reason", "agreed", "--by", "ana"],
    ("quote", "drop"): ["x"],
    ("share", "to"): ["x", "--sample", "x", "--out", "x.zip"],
    ("share", "open"): ["x.zip"],
    ("import", "codings"): ["x"],
}

WHAT_IS_LOADED = """
import sys
import groundswell.cli.main
heavy = ("sklearn", "starlette", "uvicorn", "matplotlib", "scipy", "numpy", "praw", "requests", "httpx", "pydantic", "ruamel", "jinja2", "sqlite_utils", "rich.table")
print([name for name in heavy if name in sys.modules])
"""


def process(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); from groundswell.cli.main import run; run()",
         *map(str, arguments)],
        capture_output=True,
        check=False,
        env={"PATH": os.defpath, **environment},
    )  # fmt: skip


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The commands below a group, each by its words."""
    for name, below in command.commands.items():
        if hasattr(below, "commands"):
            yield from leaves(below, (*path, name))
        else:
            yield (*path, name)


def test_every_command_is_known_to_these_tests() -> None:
    assert set(leaves(get_command(app))) == set(COMMANDS)


@pytest.mark.parametrize("command", [(), *GROUPS, *COMMANDS], ids=" ".join)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_explains_itself(command: tuple[str, ...], flag: str) -> None:
    result = CliRunner().invoke(app, [*command, flag])

    assert result.exit_code == 0
    assert "Usage" in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_option_takes_a_secret(command: tuple[str, ...]) -> None:
    found = get_command(app)
    for name in command:
        found = found.commands[name]  # type: ignore[attr-defined]
    options = {option for parameter in found.params for option in parameter.opts}

    assert not {option for option in options if any(word in option for word in ("key", "secret", "token", "password"))}


def test_to_start_loads_no_heavy_package() -> None:
    result = subprocess.run(
        [sys.executable, "-c", WHAT_IS_LOADED], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        ["cook"],
        ["collect", "bake"],
        ["collect", "import"],
        ["report", "build", "--loud"],
        ["collect", "import", "x.json", "--format", "csv"],
        ["init", "x", "--example", "cakes"],
        ["schema", "bread"],
    ],
)
def test_a_wrong_command_line_ends_with_2_and_says_why_on_stderr(arguments: list[str]) -> None:
    ran = groundswell(*arguments)

    assert (ran.code, ran.out) == (2, "")
    assert "Usage" in ran.err


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in NEED_NO_STUDY], ids=" ".join)
def test_outside_of_a_study_a_command_says_so(command: tuple[str, ...], tmp_path: Path) -> None:
    ran = groundswell("-C", tmp_path, *command, *NEEDED.get(command, []))

    assert ran.code in {3, 6}
    assert "not a study, nor inside one" in ran.err + ran.out


@pytest.fixture
def with_posts(study: Study, tmp_path: Path) -> Study:
    lines = save_lines(tmp_path / "p.jsonl", *(post_line(f"p{n}", text="Bread 🥖 " * 500) for n in range(40)))
    assert groundswell("-C", study.root, "collect", "import", lines).code == 0
    return study


def test_texts_are_written_as_utf_8_whatever_the_locale_says(with_posts: Study) -> None:
    ended = process("-C", with_posts.root, "export", "posts", PYTHONIOENCODING="ascii")

    assert (ended.returncode, ended.stderr) == (0, b"")
    assert "🥖" in ended.stdout.decode()


@pytest.mark.skipif(os.name != "posix", reason="a pipe that is closed is another thing elsewhere")
@pytest.mark.parametrize("command", [["export", "posts"], ["codebook", "show"]], ids=["long", "short"])
def test_a_reader_that_goes_away_is_no_error(with_posts: Study, command: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from groundswell.cli.main import run; run()"
    ended = subprocess.run(
        [sys.executable, "-c", program, "-C", with_posts.root, *command],
        stdout=writing, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    os.close(writing)

    assert ended.stderr == b""


def test_an_error_of_the_system_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear baker", encoding="utf-8")

    ran = groundswell("init", tmp_path / "letter" / "study")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"error: {tmp_path / 'letter' / 'study'}: not a directory\n"


def test_quiet_leaves_the_result_and_nothing_else(used: Study) -> None:
    loud, quiet = groundswell("-C", used.root, "report", "build"), groundswell("-q", "-C", used.root, "report", "build")

    assert loud.out == quiet.out != ""
    assert "unchanged: " in loud.err
    assert quiet.err == ""


def test_verbose_tells_how_a_run_goes(study: Study, tmp_path: Path) -> None:
    lines = save_lines(tmp_path / "posts.jsonl", post_line())

    ran = groundswell("-v", "-C", study.root, "collect", "import", lines)

    assert ran.err == "posts.jsonl: 1 posts\n"


def test_from_nothing_to_a_report_without_a_file_edited_by_hand(tmp_path: Path) -> None:
    study, saved = tmp_path / "s", tmp_path / "posts.jsonl"
    save_lines(saved, post_line(text="My job title says nothing."), post_line("p2"))

    runs = (
        groundswell("init", study, "--example", "blank"),
        groundswell(
            "-C", study, "codebook", "add", "Title confusion", "--term", "job title*", "--definition", "Titles."
        ),
        groundswell("-C", study, "collect", "import", saved),
        groundswell("-C", study, "code", "apply"),
        groundswell("-C", study, "report", "build"),
        groundswell("-C", study, "report", "verify"),
    )

    assert [ran.code for ran in runs] == [0] * 6, runs
    report = (study / "reports" / "report.md").read_text(encoding="utf-8")
    assert "title confusion" in report.lower()
    assert (study / "reports" / "report.html").stat().st_size > 1000


CANARIES = ("canary-id-4711", "canary-secret-4711", "feedface" * 8)


def everything_in(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and p.name != ".env")


@pytest.mark.usefixtures("site")
def test_no_secret_is_in_any_file_or_on_any_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDDIT_CLIENT_ID", CANARIES[0])
    monkeypatch.setenv("REDDIT_CLIENT_SECRET", CANARIES[1])
    study = make_study(tmp_path / "study", key=CANARIES[2])
    saved = save_lines(tmp_path / "posts.jsonl", post_line())

    runs = [
        groundswell("-v", "-C", study.root, *command)
        for command in (
            ["collect", "import", saved], ["collect", "url", "https://redd.it/aaa111"], ["code", "apply"],
            ["collect", "note", "--text", "x"], ["report", "build"], ["status", "--json"], ["doctor", "--json"],
            ["export", "posts"], ["export", "codings"], ["db", "backup"], ["evidence", "show", "example:p1"],
        )
    ]  # fmt: skip

    seen = "".join(ran.out + ran.err for ran in runs).encode() + everything_in(study.root)
    assert [canary for canary in CANARIES if canary.encode() in seen] == []
    assert all("Traceback" not in ran.err for ran in runs)
    assert "does not accept the credentials" in runs[1].err


def test_a_traceback_of_a_bug_shows_no_secret(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", key=CANARIES[2])
    broken = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "import groundswell.study, groundswell.cli.main\n"
        "groundswell.study.Study.codebook = lambda study: study.settings.no_such_thing\n"
        "groundswell.cli.main.run()\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", broken, "-C", study.root, "codebook", "show"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Traceback" in ended.stderr
    assert CANARIES[2] not in ended.stderr + ended.stdout


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("codebook.yaml", CODEBOOK.replace("queue*", '"(queue"'), "codebook.yaml:17: codes.queue.rules[0]: "),
        ("codebook.yaml", CODEBOOK.replace("name: Queue", "nmae: Queue"), "codebook.yaml:15: codes.queue.nmae: "),
        ("codebook.yaml", "codes: [", "codebook.yaml:1: "),
        (
            "findings.yaml",
            "sections:\n- id: a\n  title: A\n  claims:\n  - {id: b, kind: consensus, code: rain}\n",
            "findings.yaml:5: sections[0].claims[0].code: ",
        ),
        ("study.yaml", "title: Bread\nmachine: perhaps\n", "study.yaml:2: machine: "),
        (".env", "GROUNDSWELL_KEY=short\n", "GROUNDSWELL_KEY is no key"),
        (".env", "", ".env: GROUNDSWELL_KEY is missing"),
        ("study.db", "no database at all" * 50, "study.db: file is not a database"),
    ],
)
def test_a_broken_file_of_the_study_is_one_line_with_its_place_and_ends_with_3(
    study: Study, name: str, content: str, message: str
) -> None:
    (study.root / name).write_text(content, encoding="utf-8")

    ran = groundswell("-C", study.root, "report", "build")

    error, *hint = ran.err.splitlines()
    assert (ran.code, ran.out) == (3, "")
    assert error.startswith("error: ")
    assert message in error
    assert all(line.startswith("hint: ") for line in hint)
    assert len(hint) <= 1
    assert not (study.reports / "report.json").exists()


def test_an_empty_thread_gives_no_report_of_nothing(study: Study, tmp_path: Path) -> None:
    saved = save_lines(tmp_path / "empty.json", thread(None))

    ran = groundswell("-C", study.root, "collect", "import", saved)

    assert (ran.code, ran.out) == (1, "0 posts seen: 0 new, 0 changed\n")
    assert "empty.json: there is no post in it" in ran.err
