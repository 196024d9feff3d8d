import csv
from pathlib import Path

import pytest
from fakes.bench import bench, filled, mount
from fakes.study import Ran, coding_line, groundswell, save_lines

from groundswell.cli.agreement import COLUMNS, SHOWN
from groundswell.study import Study


@pytest.fixture(autouse=True)
def _mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    mount(monkeypatch)


@pytest.fixture
def pair(tmp_path: Path) -> Study:
    """Sixty posts coded by ana and ben, who misses a bread and two queues."""
    study = bench(tmp_path, many=60)
    groundswell("-C", study.root, "code", "sample", "draw", "reliability", "--name", "sample")
    groundswell("-C", study.root, "code", "round", "start", "sample", "--coder", "ana", "--coder", "ben", "--name", "r")
    misses = {f"example:p{number:04}": {"*": "absent"} for number in (0, 2, 7)}
    for path in (filled(study, "r", "ana"), filled(study, "r", "ben", misses)):
        groundswell("-C", study.root, "code", "round", "import", path)
    return study


def _agreement(study: Study, *arguments: str) -> Ran:
    return groundswell("-C", study.root, "code", "agreement", *arguments)


def _adjudicate(study: Study, *arguments: str) -> Ran:
    return groundswell("-C", study.root, "code", "adjudicate", "r", *arguments)


def _close(study: Study) -> None:
    groundswell("-C", study.root, "code", "round", "close", "r")


ALIKE = "undefined: all codings say the same, so agreement cannot be told from chance"


def test_agreement_is_a_row_a_code_with_all_figures_beside_each_other(pair: Study) -> None:
    ran = _agreement(pair, "r")

    rows = [dict(zip(SHOWN, line.split("\t"), strict=True)) for line in ran.out.splitlines()]
    assert ran.code == 0
    assert [(row["code"], row["kind"], row["posts"]) for row in rows] == [
        ("dear-bread", "code", "60"), ("dear-bread", "stance", "23"), ("queue", "code", "60"),
    ]  # fmt: skip
    queue = rows[2]
    assert (queue["positives"], queue["percent"], queue["positive"]) == ("12, 10", "0.967", "0.909")
    assert (queue["kappa"], queue["alpha"], queue["ac1"], queue["verdict"]) == ("0.889", "0.89", "0.952", "firm")
    assert float(queue["lower"]) < 0.889 < float(queue["upper"])
    assert ran.err.splitlines() == [
        "coders, in the order of their positives: ana, ben",
        f"dear-bread (stance): kappa, alpha, ac1 {ALIKE}",
    ]


def test_too_few_positives_are_a_remark_and_no_verdict(pair: Study) -> None:
    groundswell(
        "-C", pair.root, "code", "round", "start", "sample", "--coder", "ana", "--coder", "ben", "--code", "queue",
        "--name", "few",
    )  # fmt: skip
    for coder in ("ana", "ben"):
        path = filled(pair, "few", coder)
        save_lines(path, *path.read_text(encoding="utf-8").splitlines()[:40])
        groundswell("-C", pair.root, "code", "round", "import", path)

    (row,) = csv.DictReader(_agreement(pair, "few", "--csv").out.splitlines())

    assert tuple(row) == COLUMNS
    assert (row["alpha"], row["lower"], row["verdict"]) == ("1.0", "", "")
    assert row["remarks"].startswith("interval undefined: there was no disagreement that could vary from thread to")
    assert "verdict fewer than 10 positives by ana" in row["remarks"]


def test_segments_that_were_marked_are_compared(pair: Study, tmp_path: Path) -> None:
    lines = [
        {
            "post": "example:p0012", "code": "queue", "value": "present", "coder": coder, "round": "r", "blind": True,
            "start": 2, "end": end, "version": None, "created_at": "2036-01-01T00:00:00Z",
        }
        for coder, end in (("ana", 7), ("ben", 9))
    ]  # fmt: skip
    groundswell("-C", pair.root, "import", "codings", save_lines(tmp_path / "segments.jsonl", *lines))

    *_, row = csv.DictReader(_agreement(pair, "r", "--csv").out.splitlines())

    assert (row["exact"], row["half"]) == ("0.0", "1.0")
    assert "queue (code): segments: 0 exactly alike, 1 at least by half\n" in _agreement(pair, "r").err


def test_codings_that_do_not_count_are_told(pair: Study, tmp_path: Path) -> None:
    line = {
        "post": "example:p0012", "code": "queue", "value": "absent", "coder": "ana", "round": "r",
        "created_at": "2036-01-01T00:00:00Z",
    }  # fmt: skip
    groundswell("-C", pair.root, "import", "codings", save_lines(tmp_path / "seen.jsonl", line))

    assert _agreement(pair, "r").err.splitlines()[-1] == "codings that do not count, not blind: 1"


def test_agreement_as_json_gives_every_figure_or_why_there_is_none(pair: Study) -> None:
    found = _agreement(pair, "r", "--coder", "ben", "--coder", "ana", "--json").json

    queue = found["codes"][2]
    assert (found["coders"], found["posts"], found["left_out"]) == (["ben", "ana"], 60, {})
    assert queue["agreement"]["positives"] == {"ben": 10, "ana": 12}
    assert queue["agreement"]["alpha"] == {"value": pytest.approx(0.88961, abs=1e-5), "problem": None}
    assert queue["segments"]["exact"] == {"value": None, "problem": "no post has segments by two coders"}


def test_a_program_has_rows_of_its_own_below_those_of_people(pair: Study, tmp_path: Path) -> None:
    alone = _agreement(pair, "r")
    robot = [
        coding_line(f"example:p{number:04}", code="queue", value="present" if number % 5 == 0 else "absent", stance=None,
                    coder="robot", coder_kind="program")
        for number in range(60)
    ]  # fmt: skip
    groundswell("-C", pair.root, "import", "codings", save_lines(tmp_path / "robot.jsonl", *robot))

    ran = _agreement(pair, "r")
    rows = [line.split("\t") for line in ran.out.splitlines()]

    assert ran.out.startswith(alone.out)
    assert [(row[0], row[2], row[-1]) for row in rows[3:]] == [
        ("queue", "60", "ana, robot"),
        ("queue", "60", "ben, robot"),
    ]
    assert "coders, in the order of their positives: ana, robot\n" in ran.err
    both = _agreement(pair, "r", "--csv").out.splitlines()
    assert [line.split(",queue,")[0] for line in both if ",queue," in line] == [
        '"ana, ben"', '"ana, robot"', '"ben, robot"'
    ]  # fmt: skip
    assert [one["person"] for one in _agreement(pair, "r", "--json").json["programs"]] == ["ana", "ben"]


def test_codes_with_the_same_remark_share_a_line(pair: Study) -> None:
    groundswell(
        "-C", pair.root, "code", "round", "start", "sample", "--coder", "mia", "--coder", "eve", "--name", "none"
    )
    nothing = {f"example:p{number:04}": {"*": "absent"} for number in range(60)}
    for coder in ("mia", "eve"):
        groundswell("-C", pair.root, "code", "round", "import", filled(pair, "none", coder, nothing))

    remarks = [line for line in _agreement(pair, "none").err.splitlines() if "nobody coded a positive" in line]

    assert [line.partition(": ")[0] for line in remarks] == ["dear-bread (code), queue (code)"]


def test_the_paragraph_for_a_paper_is_printed(pair: Study) -> None:
    ran = _agreement(pair, "r", "--methods")

    assert ran.out.startswith("2 coders independently coded 60 posts from 6 threads (a reliability sample of posts,")
    assert "Krippendorff's alpha is for nominal data, with 95 % intervals from a jackknife over threads" in ran.out
    assert "Queue: 60 posts; positives 12 by ana, 10 by ben; alpha 0.89 (" in ran.out


def test_one_coder_is_compared_with_an_earlier_round(pair: Study) -> None:
    groundswell("-C", pair.root, "code", "round", "start", "sample", "--coder", "ben", "--name", "again")
    groundswell("-C", pair.root, "code", "round", "import", filled(pair, "again", "ben"))

    ran = _agreement(pair, "again", "--coder", "ben", "--earlier", "r")

    assert "queue\tcode\t60\t10, 12\t" in ran.out
    assert "coders, in the order of their positives: r, again\n" in ran.err


def test_a_closed_round_keeps_its_figures(pair: Study) -> None:
    before = _agreement(pair, "r").out

    _close(pair)

    assert _agreement(pair, "r").out == before


def test_differences_are_listed_only_once_the_round_is_closed(pair: Study) -> None:
    early = _agreement(pair, "r", "--differences")
    _close(pair)
    ran = _agreement(pair, "r", "--differences")

    assert (early.code, early.out) == (1, "")
    assert early.err.endswith("hint: groundswell code round close r\n")
    assert sorted(ran.out.splitlines()) == [
        "example:p0000\tdear-bread\tana: present support, ben: absent\t\t",
        "example:p0002\tqueue\tana: present, ben: absent\t\t",
        "example:p0007\tqueue\tana: present, ben: absent\t\t",
    ]


def test_a_decision_is_told_and_shows_beside_the_difference(pair: Study) -> None:
    _close(pair)

    queue = _adjudicate(pair, "example:p0002", "queue", "present", "--by", "mia", "--reason", "guideline-gap")
    bread = _adjudicate(
        pair, "example:p0000", "dear-bread", "present", "--stance", "mixed", "--by", "mia", "--reason", "ambiguous",
        "--note", "says both",
    )  # fmt: skip

    assert (queue.code, queue.out) == (0, "example:p0002: queue is present\n")
    assert bread.out == "example:p0000: dear-bread is present mixed\n"
    rows = {row["post"]: row for row in _agreement(pair, "r", "--differences", "--json").json}
    assert (rows["example:p0002"]["settled"], rows["example:p0002"]["reason"]) == ("present", "guideline gap")
    assert rows["example:p0000"] == {
        "post": "example:p0000", "code": "dear-bread", "said": {"ana": "present support", "ben": "absent"},
        "settled": "present mixed", "reason": "ambiguous: says both",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["example:p0002", "queue", "perhaps", "--by", "mia", "--reason", "slip"], 2, "'perhaps' is not one of"),
        (["example:p0002", "queue", "present", "--by", "mia", "--reason", "tired"], 2, "'tired' is not one of"),
        (["example:p0001", "queue", "present", "--by", "mia", "--reason", "slip"], 1, "do not differ on queue"),
    ],
)
def test_what_cannot_be_decided_is_one_error(pair: Study, arguments: list[str], code: int, words: str) -> None:
    _close(pair)

    ran = _adjudicate(pair, *arguments)

    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
