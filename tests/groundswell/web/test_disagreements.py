"""Disagreements: what is shown of whom, what a decision writes, and what is refused."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes.bench import bench, filled
from fakes.pages import fields, words
from fakes.review import sit
from fakes.study import coding_line, groundswell, post_line, save_lines

from db.queries.codings import exported_codings
from db.queries.reviewing import post_id
from groundswell.reviewing import keep_memo
from groundswell.study import Study
from groundswell.web.screens import disagreements

DEAR = "example:p0000"


def bring_in(study: Study, *lines: dict[str, Any]) -> None:
    ran = groundswell("-C", study.root, "import", "codings", save_lines(study.root.parent / "c.jsonl", *lines))
    assert ran.code == 0, ran.err


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Twenty posts; of one Ana and Ben say different things on dear bread, and Ben alone saw a queue."""
    study = bench(tmp_path, 20)
    bring_in(
        study,
        coding_line(DEAR, start=0, end=15),
        coding_line(DEAR, coder="ben", stance="dispute", start=5, end=10),
        coding_line(DEAR, coder="ana", code="queue", value="absent", stance=None),
        coding_line(DEAR, coder="ben", code="queue", stance=None),
        coding_line("example:p0001"),
        coding_line("example:p0001", coder="ben"),
    )
    return study


@pytest.fixture
def in_round(tmp_path: Path) -> Study:
    """A blind round of all of ten posts in which Ana and Ben differ on the first one; it is still open."""
    study = bench(tmp_path, 10)
    for command in (
        ["sample", "draw", "reliability", "--size", "500", "--name", "all"],
        ["round", "start", "all", "--coder", "ana", "--coder", "ben", "--blind", "--name", "r"],
    ):
        ran = groundswell("-C", study.root, "code", *command)
        assert ran.code == 0, ran.err
    for coder, answers in (("ana", {}), ("ben", {DEAR: {"dear-bread": "dispute", "*": "absent"}})):
        ran = groundswell("-C", study.root, "import", "codings", filled(study, "r", coder, answers))
        assert ran.code == 0, ran.err
    return study


def close(study: Study) -> None:
    assert groundswell("-C", study.root, "code", "round", "close", "r").code == 0


def first_form(client: httpx.Client, path: str = "/disagreements") -> dict[str, Any]:
    return fields(client.get(path).text, "/disagreements")


def settle(
    client: httpx.Client, decision: str = "present:support", reason: str = "slip", **more: str
) -> httpx.Response:
    return client.post("/disagreements", data=first_form(client) | {"decision": [decision], "reason": [reason]} | more)


def adjudicated(study: Study) -> list[dict[str, Any]]:
    with study.store() as store:
        return [row for row in exported_codings(store.connection) if row["adjudicated"]]


def test_what_people_said_stands_side_by_side_with_what_they_marked(study: Study) -> None:
    html = sit(study).get("/disagreements").text
    said = words(html)

    assert "2 to decide, 0 decided" in said
    assert "ana : there, supports 2026-02-02 Such dear bread" in said
    assert "ben : there, disputes 2026-02-02 dear " in said
    assert "ana : not there" in said
    assert '<mark class="excerpt">' in html
    assert "example:p0001" not in said


def test_the_post_is_shown_with_what_it_answers(study: Study) -> None:
    bring_in(
        study,
        coding_line("example:p0003", code="queue", value="absent", stance=None),
        coding_line("example:p0003", coder="ben", code="queue", stance=None),
    )

    said = words(sit(study).get("/disagreements").text)

    assert "What it answers Bread Such dear bread. Post 0. Nice weather. Post 3." in said


def test_memos_of_both_stand_beside_their_codings(study: Study) -> None:
    with study.store() as store:
        number = post_id(store.connection, DEAR)
        assert number is not None
        keep_memo(store, "ben", number, "Ironic, I think.")

    assert "Note: Ironic, I think." in words(sit(study).get("/disagreements").text)


def test_a_decision_holds_in_place_of_both(study: Study) -> None:
    client = sit(study)

    answer = settle(client, "present:support", "slip", note="Ben misread it.")

    assert answer.status_code == 303
    (made,) = adjudicated(study)
    assert (made["post"], made["code"], made["value"], made["stance"], made["coder"], made["reason"], made["round"]) == (
        DEAR, "dear-bread", "present", "support", "ada", "slip: Ben misread it.", None,
    )  # fmt: skip
    said = words(client.get("/disagreements?state=settled").text)
    assert "1 to decide, 1 decided" in said
    assert "Decided by ada" in said
    assert "there, supports (slip: Ben misread it.)" in said


def test_a_decision_that_is_sent_twice_is_written_once(study: Study) -> None:
    client = sit(study)
    sent = first_form(client) | {"decision": ["absent:"], "reason": ["ambiguous"]}

    assert [client.post("/disagreements", data=sent).status_code for _ in range(2)] == [303, 303]
    assert len(adjudicated(study)) == 1


def test_what_was_decided_can_be_decided_anew_and_the_later_holds(study: Study) -> None:
    client = sit(study)
    settle(client, "present:support")
    form = first_form(client, "/disagreements?state=settled")

    client.post("/disagreements", data=form | {"decision": ["absent:"], "reason": ["guideline gap"]})

    assert [row["value"] for row in adjudicated(study)] == ["present", "absent"]
    assert "ada , 2" in words(client.get("/disagreements?state=settled").text)
    assert ": not there (guideline gap)" in words(client.get("/disagreements?state=settled").text)


def test_what_somebody_said_meanwhile_stops_a_decision_and_is_shown(study: Study) -> None:
    client = sit(study)
    form = first_form(client) | {"decision": ["present:support"], "reason": ["slip"]}
    bring_in(study, coding_line(DEAR, coder="ben", stance="mixed", created_at="2026-02-03T09:00:00Z"))

    answer = client.post("/disagreements", data=form)

    assert answer.status_code == 409
    assert "somebody said or decided something else on dear-bread" in words(answer.text)
    assert "ben : there, does both" in words(answer.text)
    assert adjudicated(study) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"decision": [""]}, "say what holds"),
        ({"reason": [""]}, "say why they differ"),
        ({"decision": ["absent:support"]}, "a stance goes with present only"),
        ({"code": ["cake"]}, "nobody differs on cake"),
        ({"post": ["example:none"]}, "nobody differs on dear-bread of example:none"),
    ],
)
def test_a_decision_that_is_none_is_refused(study: Study, changes: dict[str, list[str]], problem: str) -> None:
    client = sit(study)
    form = first_form(client) | {"decision": ["present:support"], "reason": ["slip"]} | changes

    answer = client.post("/disagreements", data=form)

    assert answer.status_code == 422
    assert problem in words(answer.text) or "code" in changes or "post" in changes
    assert adjudicated(study) == []


def test_no_machine_decides(study: Study) -> None:
    answer = settle(sit(study, "tfidf"))

    assert answer.status_code == 422
    assert "tfidf is a machine's name here" in words(answer.text)
    assert adjudicated(study) == []


def test_a_refusal_of_something_that_is_not_listed_stands_above_an_empty_list(study: Study) -> None:
    client = sit(study)
    form = first_form(client) | {"decision": ["present:"], "reason": ["slip"], "code": ["cake"], "show_code": ["cake"]}

    assert "nobody differs on cake" in words(client.post("/disagreements", data=form).text)


def test_a_code_without_stance_offers_none(study: Study) -> None:
    html = sit(study).get("/disagreements?code=queue").text

    assert "It is there, and supports" not in words(html)
    assert 'value="present:"' in html


def test_only_one_code_or_round_can_be_shown(study: Study) -> None:
    client = sit(study)

    assert "Dear bread decided" not in words(client.get("/disagreements?code=queue").text)
    assert len(re.findall(r'class="panel case"', client.get("/disagreements?code=queue").text)) == 1
    assert len(re.findall(r'class="panel case"', client.get("/disagreements?round=none").text)) == 2
    assert "Nothing to decide" in words(client.get("/disagreements?round=r9").text)


def test_many_posts_are_shown_page_by_page(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disagreements, "ON_A_PAGE", 1)
    bring_in(
        study,
        coding_line("example:p0003", code="queue", value="absent", stance=None),
        coding_line("example:p0003", coder="ben", code="queue", stance=None),
    )
    client = sit(study)

    first, second = client.get("/disagreements").text, client.get("/disagreements?from=1").text

    assert ("Post 0." in first, "Post 3." in first, "Later ones" in first) == (True, False, True)
    assert ("Post 3." in second, "Later ones" in second, "Earlier ones" in second) == (True, False, True)
    assert client.get("/disagreements?from=x").text.count("Post 0.") == first.count("Post 0.")


def test_values_of_an_attribute_differ_and_one_decision_settles_them(tmp_path: Path) -> None:
    codebook = """\
version: 1
codes:
  dear-bread: {choose: one}
  queue: {definition: A queue.}
  good: {parent: dear-bread}
  bad: {parent: dear-bread}
"""
    study = bench(tmp_path, 10, codebook=codebook)
    bring_in(
        study,
        coding_line(code="good", post=DEAR, stance=None),
        coding_line(code="bad", post=DEAR, stance=None, coder="ben"),
    )
    client = sit(study)
    assert "2 to decide" in words(client.get("/disagreements").text)

    settle(client, "present:")

    assert "0 to decide, 2 decided" in words(client.get("/disagreements").text)


def test_codings_of_a_text_that_changed_since_are_no_disagreement(study: Study) -> None:
    line = post_line(
        "p0000", text="Cheap cake.", thread=DEAR, observed_at="2026-03-01T00:00:00Z", created_at="2026-01-03T00:00:00Z",
        author="author_0",
    )  # fmt: skip
    groundswell("-C", study.root, "collect", "import", save_lines(study.root.parent / "p.jsonl", line))

    assert "0 to decide" in words(sit(study).get("/disagreements").text)


def test_a_coder_of_an_open_blind_round_sees_none_of_it(in_round: Study) -> None:
    said = words(sit(in_round, "ana").get("/disagreements").text)

    assert "0 to decide" in said
    assert "ben" not in said


def test_a_coder_of_an_open_blind_round_can_decide_nothing_in_it(in_round: Study) -> None:
    form = first_form(sit(in_round, "eve")) | {"decision": ["present:support"], "reason": ["slip"]}

    answer = sit(in_round, "ana").post("/disagreements", data=form)

    assert answer.status_code == 422
    assert "nobody differs" in words(answer.text)
    assert adjudicated(in_round) == []


def test_a_parent_that_is_to_be_read_blind_is_not_shown(study: Study) -> None:
    bring_in(
        study,
        coding_line("example:p0003", code="queue", value="absent", stance=None),
        coding_line("example:p0003", coder="ben", code="queue", stance=None),
    )

    said = words(sit(study, "ana", blind=True).get("/disagreements?code=queue").text)

    assert "Post 3." in said
    assert "What it answers" in said
    assert "What it answers" not in words(sit(study, "eve", blind=True).get("/disagreements").text)


def test_whoever_does_not_code_a_round_sees_it_while_it_is_open(in_round: Study) -> None:
    assert "1 to decide" in words(sit(in_round, "eve").get("/disagreements").text)


def test_once_a_round_is_closed_its_coders_see_it_and_the_decision_belongs_to_it(in_round: Study) -> None:
    close(in_round)
    client = sit(in_round, "ana")

    settle(client)

    (made,) = adjudicated(in_round)
    assert (made["round"], made["coder"]) == ("r", "ana")
    ran = groundswell("-C", in_round.root, "code", "agreement", "r", "--methods")
    assert "slip" in ran.out


def test_agreement_in_a_closed_round_stands_beside(in_round: Study) -> None:
    client = sit(in_round, "eve")
    assert "None is closed yet" in words(client.get("/disagreements").text)
    assert "no such round that is closed" in words(client.get("/disagreements/agreement?round=r").text)
    close(in_round)

    assert 'hx-get="/disagreements/agreement?round=r"' in client.get("/disagreements").text
    said = words(client.get("/disagreements/agreement?round=r").text)
    assert "ana, ben, 10 posts; Krippendorff's alpha with a 95 % interval" in said
    assert "Dear bread (stance)" in said
    part = client.get("/disagreements/agreement?round=r", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "Krippendorff" in part


def test_a_program_stands_below_the_people_of_a_closed_round_and_not_before(in_round: Study) -> None:
    bring_in(
        in_round,
        coding_line(DEAR, coder="robot", coder_kind="program"),
        coding_line("example:p0001", coder="robot", coder_kind="program", value="absent", stance=None),
    )
    client = sit(in_round)
    open_ = words(client.get("/disagreements/agreement?round=r").text)
    close(in_round)
    closed = words(client.get("/disagreements/agreement?round=r").text)

    assert "robot" not in open_
    assert "The program robot beside ana; it decides nothing" in closed


def test_a_blind_seat_sees_only_posts_that_its_coder_has_coded(study: Study) -> None:
    assert "0 to decide" in words(sit(study, "eve", blind=True).get("/disagreements").text)
    assert "2 to decide" in words(sit(study, "ana", blind=True).get("/disagreements").text)


def test_a_decision_offers_an_example_for_the_codebook(study: Study) -> None:
    client = sit(study)
    settle(client, "absent:")
    html = client.get("/disagreements?state=settled").text

    form = fields(html, "/codebook/dear-bread/example")
    assert form["text"] == ["Such dear bread"]
    assert 'name="kind" value="exclude" checked' in html


def test_of_two_decisions_in_a_second_the_later_holds(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundswell.study.now", lambda: "2026-03-01T00:00:00Z")
    client = sit(study)
    settle(client, "present:support")
    form = first_form(client, "/disagreements?state=settled")

    client.post("/disagreements", data=form | {"decision": ["absent:"], "reason": ["slip"]})

    assert [row["created_at"] for row in adjudicated(study)] == ["2026-03-01T00:00:00Z", "2026-03-01T00:00:01Z"]


def test_texts_are_shown_as_text(study: Study) -> None:
    lines = save_lines(
        study.root.parent / "bad.jsonl", post_line("x1", title="<b>bold</b>", text="<script>crumbs</script>")
    )
    groundswell("-C", study.root, "collect", "import", lines)
    bring_in(
        study, coding_line("example:x1"), coding_line("example:x1", coder="<i>ben</i>", value="absent", stance=None)
    )

    html = sit(study).get("/disagreements").text

    assert "<script>crumbs" not in html
    assert "<b>bold" not in html
    assert "<i>ben" not in html
