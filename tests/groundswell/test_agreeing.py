"""Rounds of a study: sheets out and in, agreement, and decisions where coders differ."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from fakes.bench import add_posts, bench, delete_post, filled, mount, truth
from fakes.study import coding_line, groundswell, save_lines

from coding.batches import read_batch
from coding.codebook import codebook_revision
from db.errors import ConfigurationError, GroundswellError
from db.queries import samples
from db.queries.codings import exported_codings, people_codings
from groundswell.agreeing import (
    adjudicate,
    agreement,
    bring_in_sheet,
    close_round,
    differences,
    holds_sheet,
    list_rounds,
    sheet,
    start_round,
)
from groundswell.programs import Order, run_program
from groundswell.sampling import draw_sample
from groundswell.stopping import Stop
from groundswell.study import Study, find_study


@pytest.fixture(autouse=True)
def _mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    mount(monkeypatch)


@pytest.fixture
def town(tmp_path: Path) -> Study:
    """Sixty posts, all drawn to test reliability."""
    study = bench(tmp_path, many=60)
    draw_sample(study, "reliability", size=1000, name="sample")
    return study


@pytest.fixture
def pair(town: Study) -> Study:
    """A round in which ana codes by the words, and ben misses some."""
    start_round(town, "sample", coders=["ana", "ben"], name="r")
    bring_in_sheet(town, filled(town, "r", "ana"))
    misses = {f"example:p{number:04}": {"*": "absent"} for number in (0, 2, 7)}
    bring_in_sheet(town, filled(town, "r", "ben", misses))
    return town


def _exported(study: Study) -> list[dict[str, Any]]:
    with study.store() as store:
        return [row for row in exported_codings(store.connection) if row["coder_kind"] == "person"]


def test_a_round_keeps_its_coders_codes_and_codebook(town: Study) -> None:
    round_ = start_round(town, "sample", coders=["ana", "ben", "ana"])

    assert (round_.id, round_.coders, round_.codes) == ("sample-round-1", ("ana", "ben"), ("dear-bread", "queue"))
    assert round_.codebook_revision == codebook_revision(town.codebook())
    assert (round_.blind, round_.closed_at) == (True, None)
    assert start_round(town, "sample", coders=["ana"]).id == "sample-round-2"


def test_the_coders_of_the_study_code_unless_others_are_named(town: Study) -> None:
    path = town.root / "study.yaml"
    path.write_text("title: Bread\ncoders: [uma, vic]\n", encoding="utf-8")

    assert start_round(find_study(town.root, town.root), "sample").coders == ("uma", "vic")


@pytest.mark.parametrize(("purpose", "asked", "blind"), [
    ("audit", False, True), ("reliability", False, True), ("main", False, False), ("main", True, True),
    ("training", False, False),
])  # fmt: skip
def test_audits_and_tests_of_reliability_are_always_blind(town: Study, purpose: str, asked: bool, blind: bool) -> None:
    draw_sample(town, purpose, unit="post", name="s", codes=["queue"], size=100)

    round_ = start_round(town, "s", coders=["ana"], blind=asked)

    assert round_.blind is blind
    assert round_.codes == ("queue",)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sample": "other", "coders": ["ana"]}, "there is no sample 'other'"),
        ({"sample": "sample"}, "a round needs coders"),
        ({"sample": "sample", "coders": ["ana"], "codes": ["rye"]}, "no code 'rye' can be coded"),
        ({"sample": "sample", "coders": ["ana"], "name": "taken"}, "the round taken exists already"),
        ({"sample": "sample", "coders": ["ana", "ben"], "double_share": 1.5}, "a share of 1.5 cannot be"),
        ({"sample": "sample", "coders": ["ana"], "double_share": 0.5}, "ana alone cannot code for two"),
    ],
)
def test_a_round_that_cannot_be_is_refused(town: Study, arguments: dict[str, Any], message: str) -> None:
    start_round(town, "sample", coders=["ana"], name="taken")

    with pytest.raises(GroundswellError) as caught:
        start_round(town, **arguments)

    assert caught.value.message == message


def test_a_codebook_of_drafts_has_nothing_to_code(town: Study) -> None:
    town.codebook_path.write_text("codes:\n  rye:\n    name: Rye\n", encoding="utf-8")
    town.findings_path.write_text("version: 1\n", encoding="utf-8")

    with pytest.raises(GroundswellError, match="no code with a definition"):
        start_round(town, "sample", coders=["ana"])


def test_a_sheet_holds_the_posts_in_the_order_of_the_draw_and_nothing_of_others(town: Study) -> None:
    start_round(town, "sample", coders=["ana"], name="r")

    lines = sheet(town, "r", "ana")

    with town.store() as store:
        order = [unit.unit for unit in samples.units(store.connection, "sample")]
    assert [line["post"] for line in lines] == order
    reply = next(line for line in lines if line["post"] == "example:p0001")
    assert (reply["title"], reply["text"]) == (None, "That is daylight robbery. Post 1.")
    assert (reply["parent_title"], reply["parent_text"]) == ("Bread", "Such dear bread. Post 0.")
    assert reply["codes"] == {"dear-bread": "", "queue": "", "*": ""}
    whole = json.dumps(lines)
    assert "author" not in whole
    assert "score" not in whole


def test_a_sheet_that_left_the_study_is_listed_as_stale_once_a_post_is_deleted(town: Study) -> None:
    start_round(town, "sample", coders=["ana"], name="r")
    sheet(town, "r", "ana", limit=5)

    delete_post(town, "example:p0000")

    with town.store() as store:
        rows = store.connection.execute("SELECT kind, posts FROM exports").fetchall()
    assert [tuple(row) for row in rows] == [("code round export r", 5)]


def test_a_filled_sheet_becomes_blind_codings_of_the_round(town: Study) -> None:
    start_round(town, "sample", coders=["ana"], name="r")

    done = bring_in_sheet(town, filled(town, "r", "ana"))

    assert (done.read, done.new, done.problems) == (60, 60 + 24 + 12, [])
    rows = _exported(town)
    assert {(row["coder"], row["round"], row["blind"], row["suggestion_shown"]) for row in rows} == {
        ("ana", "r", True, False)
    }
    bread = next(row for row in rows if row["code"] == "dear-bread")
    assert (bread["value"], bread["stance"], bread["version"]) == (
        "present", "support", codebook_revision(town.codebook()),
    )  # fmt: skip


def test_a_sheet_of_a_round_that_is_not_blind_gives_codings_that_are_not(town: Study) -> None:
    draw_sample(town, "main", size=1000, name="m")
    start_round(town, "m", coders=["ana"], name="r")

    bring_in_sheet(town, filled(town, "r", "ana"))

    assert {row["blind"] for row in _exported(town)} == {False}


def test_a_sheet_that_comes_twice_is_stored_once(town: Study) -> None:
    start_round(town, "sample", coders=["ana"], name="r")
    path = filled(town, "r", "ana")

    first, second = bring_in_sheet(town, path), bring_in_sheet(town, path)

    assert (first.new, second.read, second.new, second.problems) == (96, 60, 0, [])


def test_a_coder_who_changes_a_sheet_at_once_is_held_to_the_change(town: Study) -> None:
    start_round(town, "sample", coders=["ana"], name="r")
    path = filled(town, "r", "ana")
    bring_in_sheet(town, path)
    changed = path.read_text(encoding="utf-8").replace('"queue": "present"', '"queue": "absent"')
    path.write_text(changed, encoding="utf-8")

    done = bring_in_sheet(town, path)

    with town.store() as store:
        said = Counter(one.value for one in people_codings(store.connection) if one.code == "queue")
    assert (done.new, said) == (12, {"absent": 12})


def test_a_sheet_holds_what_a_coder_has_still_to_read(town: Study) -> None:
    start_round(town, "sample", coders=["ana", "ben"], name="r")
    path = filled(town, "r", "ana")
    save_lines(path, *path.read_text(encoding="utf-8").splitlines()[:25])
    bring_in_sheet(town, path)

    assert len(sheet(town, "r", "ana")) == 35
    assert len(sheet(town, "r", "ben")) == 60
    assert {(one.coder, one.posts, one.left) for one in list_rounds(town)} == {("ana", 60, 35), ("ben", 60, 60)}
    assert list_rounds(town, "r") == list_rounds(town)


def _spoil(path: Path, number: int, **changes: Any) -> str:
    """Change one line of a sheet and return the line's post."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    post = str(lines[number]["post"])
    lines[number] |= changes
    save_lines(path, *lines)
    return post


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"round": "other"}, "there is no round 'other'"),
        ({"coder": "eve"}, "eve does not code in the round r"),
        ({"post": "example:p9999"}, "the post 'example:p9999' is not in the round r, or no longer"),
        ({"version": "0"}, "the round r is coded by revision"),
        ({"codes": {"rye": "present"}}, "the code 'rye' is not in the round r"),
        ({"codes": {"queue": "support"}}, "the code 'queue' asks for no stance"),
        ({"codes": {"*": "present"}}, 'code "*" takes only absent'),
        ({"codes": {"queue": "yes"}}, "queue: 'yes' is none of"),
    ],
)
def test_a_line_that_does_not_fit_is_named_and_the_others_are_kept(
    town: Study, changes: dict[str, Any], problem: str
) -> None:
    start_round(town, "sample", coders=["ana"], name="r")
    path = filled(town, "r", "ana")
    _spoil(path, 4, **changes)

    done = bring_in_sheet(town, path)

    assert done.read == 60
    assert [one.split(": ", 2)[1:] for one in done.problems] == [["line 5", done.problems[0].split(": ", 2)[2]]]
    assert done.problems[0].split(": ", 2)[2].startswith(problem)
    assert len({row["post"] for row in _exported(town)}) == 59


def test_lines_that_are_no_json_are_named_and_empty_ones_passed_over(town: Study) -> None:
    start_round(town, "sample", coders=["ana"], name="r")
    path = filled(town, "r", "ana")
    path.write_text("{\n\n" + path.read_text(encoding="utf-8"), encoding="utf-8")

    done = bring_in_sheet(town, path)

    assert (done.read, len(done.problems)) == (61, 1)
    assert "line 1: no whole JSON value" in done.problems[0]


def test_a_sheet_that_cannot_be_read_is_one_error(town: Study, tmp_path: Path) -> None:
    with pytest.raises(GroundswellError, match=r"nowhere\.jsonl: no such file"):
        bring_in_sheet(town, tmp_path / "nowhere.jsonl")


def test_a_sheet_is_told_from_a_file_of_codings_by_its_first_line(town: Study, tmp_path: Path) -> None:
    start_round(town, "sample", coders=["ana"], name="r")
    path = filled(town, "r", "ana")
    path.write_text("\n" + path.read_text(encoding="utf-8"), encoding="utf-8")

    assert holds_sheet(path)
    assert not holds_sheet(save_lines(tmp_path / "codings.jsonl", coding_line()))
    assert not holds_sheet(save_lines(tmp_path / "broken.jsonl", "{"))
    assert not holds_sheet(save_lines(tmp_path / "empty.jsonl"))


def test_what_a_sheet_brought_in_can_be_undone_together(pair: Study) -> None:
    with pair.store() as store:
        rows = store.connection.execute(
            "SELECT coder, count(*) AS many, count(DISTINCT batch) AS batches FROM coding_events"
            " WHERE round = 'r' GROUP BY coder ORDER BY coder"
        ).fetchall()
        names = {row["batch"] for row in store.connection.execute("SELECT batch FROM coding_events WHERE round = 'r'")}

    assert [(row["many"], row["batches"]) for row in rows] == [(96, 1), (93, 1)]
    assert {found.action for name in names if (found := read_batch(name))} == {"sheet"}
    assert len(names) == 2


def test_no_sheet_is_taken_back_without_the_key(town: Study) -> None:
    start_round(town, "sample", coders=["ana"], name="r")
    path = filled(town, "r", "ana")
    (town.root / ".env").unlink()

    with pytest.raises(ConfigurationError, match="GROUNDSWELL_KEY is missing"):
        bring_in_sheet(find_study(town.root, town.root), path)


def test_a_text_that_changed_after_it_was_exported_is_exported_again(town: Study) -> None:
    start_round(town, "sample", coders=["ana"], name="r")
    path = filled(town, "r", "ana")
    post = _spoil(path, 0, text_sha="of an older text")

    done = bring_in_sheet(town, path)

    assert done.problems == [f"{path}: line 1: the text of {post} has changed since; export it again"]
    assert [line["post"] for line in sheet(town, "r", "ana")] == [post]


def test_a_closed_round_takes_nothing_more(pair: Study) -> None:
    path = pair.root.parent / "r-ana.jsonl"

    closed = close_round(pair, "r")
    done = bring_in_sheet(pair, path)

    assert closed.closed_at is not None
    assert done.new == 0
    assert done.problems[0].endswith(f"the round r was closed at {closed.closed_at}")
    with pytest.raises(GroundswellError, match="the round r was closed at"):
        sheet(pair, "r", "ana")
    with pytest.raises(GroundswellError, match="the round r was closed at"):
        close_round(pair, "r")


def test_a_round_is_coded_by_the_codebook_that_it_began_with(town: Study) -> None:
    start_round(town, "sample", coders=["ana", "ben"], name="r")
    text = town.codebook_path.read_text(encoding="utf-8")
    town.codebook_path.write_text(text.replace("  queue:", "  waiting-line:"), encoding="utf-8")
    town.findings_path.write_text("version: 1\n", encoding="utf-8")

    for coder in ("ana", "ben"):
        assert bring_in_sheet(town, filled(town, "r", coder)).problems == []

    found = agreement(town, "r")
    assert [one.code for one in found.codes] == ["dear-bread", "dear-bread", "queue"]
    assert found.codes[2].agreement.positives == {"ana": 12, "ben": 12}


def test_agreement_is_computed_per_code(pair: Study) -> None:
    found = agreement(pair, "r")

    assert (found.coders, found.posts, found.left_out) == (("ana", "ben"), 60, {})
    bread, stance, queue = found.codes
    assert (bread.code, bread.kind, bread.agreement.units) == ("dear-bread", "code", 60)
    assert bread.agreement.positives == {"ana": 24, "ben": 23}
    assert bread.agreement.percent.value == pytest.approx(59 / 60)
    assert (stance.kind, stance.agreement.percent.value) == ("stance", 1.0)
    assert queue.agreement.positives == {"ana": 12, "ben": 10}
    assert queue.agreement.positive.value == pytest.approx(20 / 22)
    assert queue.agreement.verdict == "firm"


def test_a_program_stands_beside_each_person_and_changes_nothing_between_people(pair: Study, tmp_path: Path) -> None:
    program = tmp_path / "robot.py"
    program.write_text(
        "import json, sys\n"
        "next(sys.stdin)\n"
        "for post in map(json.loads, sys.stdin):\n"
        "    value = 'present' if 'queue' in (post['text'] or '') else 'absent'\n"
        "    print(json.dumps({'post': post['post'], 'code': 'queue', 'value': value}))\n",
        encoding="utf-8",
    )
    before = agreement(pair, "r")

    run_program(pair, Order((sys.executable, str(program)), coder="robot", seconds=60), Stop())
    after = agreement(pair, "r")

    assert before.programs == ()
    assert (after.codes, after.posts, after.coders, after.left_out) == (
        before.codes, before.posts, before.coders, before.left_out
    )  # fmt: skip
    assert [(one.program, one.person) for one in after.programs] == [("robot", "ana"), ("robot", "ben")]
    for one in after.programs:
        (queue,) = one.codes
        assert (queue.code, queue.agreement.units, list(queue.agreement.positives)) == (
            "queue", 60, [one.person, "robot"]
        )  # fmt: skip
    with_ana, with_ben = (one.codes[0].agreement for one in after.programs)
    assert with_ana.percent.value == 1
    assert with_ben.percent.value is not None
    assert with_ben.percent.value < 1
    assert (
        "The program robot coded by itself and enters none of these figures; beside ana: Queue: 60 posts;"
        in after.methods
    )
    assert agreement(pair, "r", coders=["ana"]).programs[0].person == "ana"


def test_codings_that_are_not_independent_do_not_enter(pair: Study, tmp_path: Path) -> None:
    later = {"round": "r", "created_at": "2036-01-01T00:00:00Z", "stance": None, "code": "queue", "value": "absent"}
    more = save_lines(
        tmp_path / "more.jsonl",
        coding_line("example:p0002", blind=False, **later),
        coding_line("example:p0007", blind=True, suggestion_shown=True, **later),
        coding_line("example:p0012", blind=True, **later | {"coder": "eve"}),
    )
    groundswell("-C", pair.root, "import", "codings", more)

    found = agreement(pair, "r")

    assert found.left_out == {
        "by somebody who is not of the round": 1, "not blind": 1, "with a suggestion shown": 1,
    }  # fmt: skip
    assert found.codes[2].agreement.positives == {"ana": 12, "ben": 10}


def test_plain_codings_that_name_the_round_count_too(town: Study, tmp_path: Path) -> None:
    start_round(town, "sample", coders=["ana", "ben"], name="r")
    lines = [
        coding_line(f"example:p{number:04}", coder=coder, round="r", blind=True)
        for number in range(12)
        for coder in ("ana", "ben")
    ]
    groundswell("-C", town.root, "import", "codings", save_lines(tmp_path / "plain.jsonl", *lines))

    assert agreement(town, "r").codes[0].agreement.units == 12


def test_kappa_is_of_two_coders_who_are_named(town: Study) -> None:
    start_round(town, "sample", coders=["ana", "ben", "cid"], name="r")
    for coder in ("ana", "ben", "cid"):
        bring_in_sheet(town, filled(town, "r", coder))

    three, two = agreement(town, "r"), agreement(town, "r", coders=["cid", "ana"])

    assert three.codes[0].agreement.kappa.problem == "only of two coders; here are 3"
    assert two.coders == ("cid", "ana")
    assert two.codes[0].agreement.kappa.value == 1


def test_a_coder_is_compared_with_an_earlier_round(pair: Study) -> None:
    start_round(pair, "sample", coders=["ben"], codes=["queue"], name="again")
    bring_in_sheet(pair, filled(pair, "again", "ben"))

    found = agreement(pair, "again", coders=["ben"], earlier="r")

    (queue,) = found.codes
    assert found.coders == ("r", "again")
    assert queue.agreement.positives == {"r": 10, "again": 12}
    assert found.methods.startswith("ben coded twice, in the rounds r and again, 60 posts from 6 threads")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"coders": ["eve"]}, "eve does not code in the round r"),
        ({"earlier": "r"}, "two rounds are compared for one coder"),
        ({"earlier": "other", "coders": ["ana"]}, "ana does not code in the round other"),
        ({"earlier": "none"}, "there is no round 'none'"),
    ],
)
def test_coders_who_are_not_of_the_round_have_no_agreement(
    pair: Study, arguments: dict[str, Any], message: str
) -> None:
    start_round(pair, "sample", coders=["zoe"], name="other")

    with pytest.raises(GroundswellError) as caught:
        agreement(pair, "r", **arguments)

    assert caught.value.message == message


def test_one_coder_alone_agrees_with_nobody(pair: Study) -> None:
    with pytest.raises(GroundswellError, match="ben alone agrees with nobody") as caught:
        agreement(pair, "r", coders=["ben"])

    assert caught.value.hint == "name a second --coder, or an --earlier round of the same posts"


def test_differences_wait_until_the_round_is_closed(pair: Study) -> None:
    with pytest.raises(GroundswellError, match="the round r is open; coders who see"):
        differences(pair, "r")

    close_round(pair, "r")

    found = {(one.address, one.found.code): dict(one.found.said) for one in differences(pair, "r")}
    assert found == {
        ("example:p0000", "dear-bread"): {"ana": "present support", "ben": "absent"},
        ("example:p0002", "queue"): {"ana": "present", "ben": "absent"},
        ("example:p0007", "queue"): {"ana": "present", "ben": "absent"},
    }


def test_the_methods_count_the_posts_that_two_have_read_and_not_those_they_were_given(
    town: Study, tmp_path: Path
) -> None:
    start_round(town, "sample", coders=["ana", "ben"], name="half")
    bring_in_sheet(town, filled(town, "half", "ana"))
    lines = [json.loads(line) for line in filled(town, "half", "ben").read_text(encoding="utf-8").splitlines()]
    bring_in_sheet(town, save_lines(tmp_path / "begun.jsonl", *lines[:7]))

    found = agreement(town, "half")

    assert found.posts == 7
    assert found.methods.startswith("2 coders independently coded 7 posts from")


def test_codings_that_are_not_blind_are_not_called_independent(town: Study) -> None:
    draw_sample(town, "main", size=1000, name="seen")
    start_round(town, "seen", coders=["ana", "ben"], name="open")
    for coder in ("ana", "ben"):
        bring_in_sheet(town, filled(town, "open", coder))

    assert agreement(town, "open").methods.startswith("2 coders coded 0 posts from 0 threads (a main sample of posts")


def test_the_methods_speak_of_an_audit(town: Study) -> None:
    draw_sample(town, "audit", unit="post", codes=["queue"], name="checked")
    start_round(town, "checked", coders=["ana", "ben"], name="c")

    assert "(an audit sample of posts, drawn by keyed hash" in agreement(town, "c").methods


def test_a_decision_settles_a_difference_and_the_methods_tell_why(pair: Study) -> None:
    close_round(pair, "r")

    adjudicate(pair, "r", "example:p0002", "queue", "present", reason="slip", by="mia", note="ben read too fast")
    adjudicate(pair, "r", "example:p0000", "dear-bread", "present", stance="mixed", reason="guideline gap", by="mia")

    settled = {one.address: (one.found.settled, one.found.reason) for one in differences(pair, "r")}
    assert settled == {
        "example:p0000": ("present mixed", "guideline gap"), "example:p0002": ("present", "slip: ben read too fast"),
        "example:p0007": (None, None),
    }  # fmt: skip
    assert "2 differences were adjudicated (1 guideline gap, 1 slip)." in agreement(pair, "r").methods
    rows = [row for row in _exported(pair) if row["adjudicated"]]
    assert [(row["post"], row["coder"], row["value"], row["stance"], row["reason"]) for row in rows] == [
        ("example:p0000", "mia", "present", "mixed", "guideline gap"),
        ("example:p0002", "mia", "present", None, "slip: ben read too fast"),
    ]


def test_a_decision_can_be_made_anew_at_once(pair: Study) -> None:
    close_round(pair, "r")

    for value in ("present", "absent", "present", "absent"):
        adjudicate(pair, "r", "example:p0002", "queue", value, reason="ambiguous", by="mia")

    assert next(one for one in differences(pair, "r") if one.address == "example:p0002").found.settled == "absent"


def test_what_coders_said_stays_what_agreement_is_computed_from(pair: Study) -> None:
    before = agreement(pair, "r").codes
    close_round(pair, "r")

    adjudicate(pair, "r", "example:p0002", "queue", "present", reason="slip", by="ana")

    assert agreement(pair, "r").codes == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reason": "tired"}, "say why they differ"),
        ({"post": "example:p0001"}, "the coders of r do not differ on queue of example:p0001"),
        ({"code": "dear-bread"}, "the coders of r do not differ on dear-bread of example:p0002"),
        ({"value": "maybe"}, "say what holds"),
        ({"by": "TFIDF"}, "TFIDF is a machine's name here"),
        ({"stance": "support"}, "the code 'queue' asks for no stance"),
        ({"name": "other"}, "there is no round 'other'"),
    ],
)
def test_what_cannot_be_decided_is_refused(pair: Study, changes: dict[str, Any], message: str) -> None:
    close_round(pair, "r")
    usual = {"name": "r", "post": "example:p0002", "code": "queue", "value": "present", "reason": "slip", "by": "mia"}

    with pytest.raises(GroundswellError) as caught:
        adjudicate(pair, **usual | changes)

    assert caught.value.message == message


def test_deleted_posts_leave_the_round(pair: Study) -> None:
    delete_post(pair, "example:p0002")

    found = agreement(pair, "r")

    assert found.posts == 59
    assert found.left_out == {"of a post that is not in the round": 3}


def _authors_study(folder: Path) -> Study:
    """Sixty posts by six authors, ten each, all authors drawn for an audit."""
    study = bench(folder, many=60, authors=6)
    draw_sample(study, "audit", name="authors")
    return study


def test_posts_of_drawn_authors_come_singly_and_newest_first(tmp_path: Path) -> None:
    study = _authors_study(tmp_path)
    start_round(study, "authors", coders=["ana"], name="r")

    order = [int(line["post"][-4:]) for line in sheet(study, "r", "ana")]

    turns = [order[start : start + 6] for start in range(0, 60, 6)]
    assert all({number % 6 for number in turn} == set(range(6)) for turn in turns)
    assert [sorted(turn) for turn in turns] == [list(range(start, start + 6)) for start in range(54, -1, -6)]
    assert turns[0] != sorted(turns[0])


def test_an_author_is_read_until_decided(tmp_path: Path) -> None:
    study = _authors_study(tmp_path)
    start_round(study, "authors", coders=["ana"], codes=["queue"], name="r")
    path = filled(study, "r", "ana")
    save_lines(path, *path.read_text(encoding="utf-8").splitlines()[:6])

    bring_in_sheet(study, path)

    # Of the newest posts, 54 to 59, one names a queue: 57. Its author needs no further reading, the others do.
    left = [int(line["post"][-4:]) for line in sheet(study, "r", "ana")]
    assert truth("A queue, again. Post 57.")["queue"] == "present"
    assert {number % 6 for number in left} == {0, 1, 2, 4, 5}
    assert len(left) == 5 * 9


def test_a_drawn_authors_later_posts_are_read_too(tmp_path: Path) -> None:
    study = _authors_study(tmp_path)
    start_round(study, "authors", coders=["ana"], name="r")

    add_posts(study, 60, 66, authors=6)

    (progress,) = list_rounds(study)
    assert (progress.posts, progress.left) == (66, 66)


def test_posts_that_are_to_teach_are_read_in_a_mixed_order(town: Study, tmp_path: Path) -> None:
    draw_sample(town, "training", size=1000, name="t")
    round_ = start_round(town, "t", coders=["ana"], codes=["queue"], name="r")
    with town.store() as store, store.write() as connection:
        values = (round_.codebook_revision,)
        connection.execute(
            "INSERT INTO models VALUES ('m', 'queue', ?, '{\"threshold\": 0.5}', NULL, '2026-03-01')", values
        )
        connection.execute("INSERT INTO model_scores SELECT 'm', id, 0.01 FROM posts WHERE address <> 'example:p0005'")
        connection.execute("INSERT INTO model_scores SELECT 'm', id, 0.99 FROM posts WHERE address = 'example:p0005'")

    by_model = coding_line("example:p0005", code="queue", stance=None, coder="m", coder_kind="model")
    groundswell("-C", town.root, "import", "codings", save_lines(tmp_path / "by_model.jsonl", by_model))

    first = [line["post"] for line in sheet(town, "r", "ana", limit=20)]

    assert first == [line["post"] for line in sheet(town, "r", "ana")][:20]
    assert "example:p0005" in first  # no rule found a queue in it, and the model is sure
    assert sum(int(post[-4:]) % 5 == 2 for post in first) >= 4  # the rule found queues of which the model knows nothing


def test_a_stranger_gets_no_sheet(town: Study) -> None:
    start_round(town, "sample", coders=["ana"], name="r")

    with pytest.raises(GroundswellError, match="eve does not code in the round r"):
        sheet(town, "r", "eve")


@pytest.fixture
def shared_out(town: Study) -> Study:
    """A round of which two coders read a half each, and a third of the posts both."""
    start_round(town, "sample", coders=["ana", "ben"], name="r", double_share=0.3)
    return town


def _addresses(study: Study, coder: str) -> set[str]:
    return {line["post"] for line in sheet(study, "r", coder)}


def test_coders_read_what_they_were_given_and_some_posts_are_read_twice(shared_out: Study) -> None:
    ana, ben = (_addresses(shared_out, coder) for coder in ("ana", "ben"))

    assert len(ana | ben) == 60
    assert 0 < len(ana & ben) < 60
    assert [(one.coder, one.posts, one.left) for one in list_rounds(shared_out)] == [
        ("ana", len(ana), len(ana)), ("ben", len(ben), len(ben)),
    ]  # fmt: skip


def test_a_topped_up_sample_leaves_every_post_with_its_readers(shared_out: Study) -> None:
    before = {coder: _addresses(shared_out, coder) for coder in ("ana", "ben")}
    add_posts(shared_out, 60, 90)
    draw_sample(shared_out, "reliability", top_up=True)

    after = {coder: _addresses(shared_out, coder) for coder in ("ana", "ben")}

    assert len(after["ana"] | after["ben"]) == 90
    old = before["ana"] | before["ben"]
    assert {coder: posts & old for coder, posts in after.items()} == before


def test_agreement_is_of_the_posts_that_two_were_given(shared_out: Study) -> None:
    both = _addresses(shared_out, "ana") & _addresses(shared_out, "ben")
    for coder in ("ana", "ben"):
        bring_in_sheet(shared_out, filled(shared_out, "r", coder))

    found = agreement(shared_out, "r")

    assert found.posts == len(both)
    assert {one.agreement.units for one in found.codes if one.kind == "code"} == {len(both)}
    assert f"2 coders independently coded {len(both)} posts from" in found.methods
    assert (
        f"recorded probabilities; {len(both)} of its 60 posts, a planned 30 % of the posts, went to two coders each by "
        "keyed hash)" in found.methods
    )
    assert all(one.left == 0 for one in list_rounds(shared_out))


def test_a_sheet_line_for_a_post_of_others_is_refused_by_name(shared_out: Study, tmp_path: Path) -> None:
    stray = next(line for line in sheet(shared_out, "r", "ana") if line["post"] not in _addresses(shared_out, "ben"))
    line = stray | {"coder": "ben", "codes": {"queue": "present"}}

    done = bring_in_sheet(shared_out, save_lines(tmp_path / "stray.jsonl", line))

    assert done.new == 0
    assert done.problems == [
        f"{tmp_path / 'stray.jsonl'}: line 1: the post {stray['post']!r} was given to other coders of the round r"
    ]


def test_of_drawn_authors_all_posts_go_to_the_same_coders(tmp_path: Path) -> None:
    study = bench(tmp_path, many=60, authors=12)
    draw_sample(study, "audit", name="authors", codes=["dear-bread"], size=100)
    start_round(study, "authors", coders=["ana", "ben"], name="r", double_share=0.25)

    given_to = {
        coder: {int(post.rpartition("p")[2]) % 12 for post in _addresses(study, coder)} for coder in ("ana", "ben")
    }

    assert given_to["ana"] | given_to["ben"] == set(range(12))
    both = given_to["ana"] & given_to["ben"]
    assert sum(one.posts for one in list_rounds(study)) == 60 + 5 * len(both)


def test_one_coder_in_two_rounds_is_compared_on_what_this_coder_was_given(shared_out: Study) -> None:
    start_round(shared_out, "sample", coders=["ana"], name="again")
    mine = _addresses(shared_out, "ana")
    for name in ("r", "again"):
        bring_in_sheet(shared_out, filled(shared_out, name, "ana"))

    found = agreement(shared_out, "again", coders=["ana"], earlier="r")

    assert found.posts == len(mine)
    assert all(one.agreement.percent.value == 1 for one in found.codes if one.kind == "code")
