"""The codebook's pages: what they show, what they write to codebook.yaml, and what they refuse."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes.bench import bench
from fakes.pages import fields, words
from fakes.review import sit
from fakes.study import coding_line, groundswell, save_lines

from groundswell.study import Study

CODEBOOK = """\
# Ours, kept by hand.
version: 1
codes:
  # Money first.
  dear-bread:
    name: Dear bread
    definition: The post says something about the price of bread.  # agreed in March
    stance: yes
    statement: bread is too dear
    colour: "1f77b4"
    key: d
    rules:
      # the plain word
      - dear bread
      # a figure of speech
      - match: daylight robbery
        stance: support
    must_match:
      - Such dear bread!
      - title: Bread
        op: yes
        text: such dear bread
    must_not_match: [ "Bread is dear to me." ]
  queue:
    name: Queue
    definition: The post mentions a queue.
    rules: [ queue* ]
  crumbs:
    name: Crumbs
"""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return bench(tmp_path, 20, codebook=CODEBOOK)


@pytest.fixture
def coded(study: Study) -> Study:
    """Two people coded dear bread, one of them a queue."""
    lines = save_lines(
        study.root.parent / "codings.jsonl",
        coding_line("example:p0000"),
        coding_line("example:p0000", coder="ben"),
        coding_line("example:p0002", code="queue", stance=None, coder="ben"),
    )
    assert groundswell("-C", study.root, "import", "codings", lines).code == 0
    return study


def opened(client: httpx.Client, code: str = "dear-bread") -> dict[str, Any]:
    return fields(client.get(f"/codebook/{code}/edit").text, f"/codebook/{code}/edit")


def save(client: httpx.Client, sent: dict[str, Any], code: str = "dear-bread") -> Any:
    return client.post(f"/codebook/{code}/edit", data=sent)


def file_of(study: Study) -> str:
    return study.codebook_path.read_text(encoding="utf-8")


def test_drafts_are_listed_before_the_codes_in_use(study: Study) -> None:
    said = words(sit(study).get("/codebook").text)

    assert said.index("Drafts") < said.index("Crumbs") < said.index("In use") < said.index("Dear bread")
    assert "2 in use, 1 draft, 0 retired" in said


def test_the_list_tells_key_colour_definition_and_posts(coded: Study) -> None:
    html = sit(coded).get("/codebook").text

    assert 'fill="#1f77b4"' in html
    assert "1f77b4" in words(html)
    assert "key d" in words(html)
    assert "The post says something about the price of bread." in html
    assert "1 post " in words(html)


def test_retired_codes_come_last(study: Study) -> None:
    groundswell("-C", study.root, "codebook", "retire", "queue")

    said = words(sit(study).get("/codebook").text)

    assert said.index("In use") < said.index("Dear bread") < said.index("Retired") < said.index("Queue")


def test_codes_stand_below_the_code_that_they_are_parts_of(study: Study) -> None:
    study.codebook_path.write_text(
        f"{CODEBOOK}  rolls:\n    parent: dear-bread\n    definition: Rolls.\n", encoding="utf-8"
    )

    html = sit(study).get("/codebook").text

    assert re.search(
        r'id="code-dear-bread" class="depth-0".*?id="code-rolls" class="depth-1".*?id="code-queue"', html, re.DOTALL
    )


def test_signs_that_are_shown_by_name_are_sent_back_as_they_are(study: Study) -> None:
    study.codebook_path.write_text(CODEBOOK.replace("name: Queue", 'name: "Que\u202eue"'), encoding="utf-8")
    client, before = sit(study), file_of(study)

    assert "Que⟨U+202E⟩ue" in client.get("/codebook").text
    assert save(client, opened(client, "queue"), "queue").headers["location"].startswith("/codebook?same=")
    assert file_of(study) == before


def test_a_form_that_is_sent_untouched_changes_nothing(study: Study) -> None:
    client, before = sit(study), file_of(study)

    answer = save(client, opened(client))

    assert (answer.status_code, answer.headers["location"]) == (303, "/codebook?same=dear-bread#code-dear-bread")
    assert file_of(study) == before


def test_one_field_is_changed_and_every_other_line_stays(study: Study) -> None:
    client, before = sit(study), file_of(study)

    answer = save(client, opened(client) | {"name": ["Costly bread"]})

    assert answer.headers["location"] == "/codebook?saved=dear-bread#code-dear-bread"
    assert file_of(study) == before.replace("name: Dear bread", "name: Costly bread")


def test_another_name_is_noted_in_the_log_with_who_gave_it(study: Study) -> None:
    client = sit(study)
    save(client, opened(client) | {"name": ["Costly bread"]})

    (row,) = (row for row in groundswell("-C", study.root, "codebook", "log", "--json").json if row["what"] == "rename")

    assert (row["by"], row["reason"]) == ("ada", '"Dear bread" is now "Costly bread"')


def test_rules_are_changed_added_and_taken_out_with_comments_kept(study: Study) -> None:
    client, before = sit(study), file_of(study)
    sent = opened(client)
    sent["rule"] = ["dear loaf*", "daylight robbery", "pricey", ""]
    sent["rule_stance"] = ["", "support", "", ""]

    save(client, sent)

    wanted = before.replace("- dear bread\n", "- dear loaf*\n", 1)
    assert file_of(study) == wanted.replace("        stance: support\n", "        stance: support\n      - pricey\n")


def test_an_example_with_a_title_stays_as_the_file_has_it(study: Study) -> None:
    client = sit(study)
    sent = opened(client)
    sent["must_match"] = ["Such very dear bread!", "another dear bread"]

    save(client, sent)

    assert "      - Such very dear bread!\n      - title: Bread\n        op: yes\n" in file_of(study)
    assert file_of(study).count("another dear bread") == 1


def test_an_example_with_a_title_goes_when_its_box_is_emptied(study: Study) -> None:
    client = sit(study)
    sent = opened(client)
    del sent["must_match_kept"]

    save(client, sent)

    assert "title: Bread" not in file_of(study)
    assert "Such dear bread!" in file_of(study)


def test_a_draft_gets_its_definition(study: Study) -> None:
    client = sit(study)

    save(client, opened(client, "crumbs") | {"definition": ["What falls from the table."]}, "crumbs")

    assert "  crumbs:\n    name: Crumbs\n    definition: What falls from the table.\n" in file_of(study)
    assert "0 drafts" in words(client.get("/codebook").text)


def test_what_a_change_asks_for_is_shown_before_it_is_written(coded: Study) -> None:
    client, before = sit(coded), file_of(coded)
    sent = opened(client) | {"definition": ["The post complains about the price of bread."]}

    shown = save(client, sent)

    assert shown.status_code == 200
    assert "Nothing is written yet. 2 codings were made of what the code meant until now" in words(shown.text)
    assert "ana : 1" in words(shown.text)
    assert "example:p0000" in shown.text
    assert file_of(coded) == before


def test_a_change_that_was_seen_is_written_with_the_comment_behind_it(coded: Study) -> None:
    client = sit(coded)
    shown = save(client, opened(client) | {"definition": ["The post complains about the price of bread."]})

    answer = save(client, fields(shown.text, "/codebook/dear-bread/edit") | {"step": ["write"]})

    assert answer.status_code == 303
    assert "definition: The post complains about the price of bread.  # agreed in March" in file_of(coded)
    assert len(groundswell("-C", coded.root, "codebook", "worklist", "--json").json) == 2


def test_one_can_go_back_from_what_a_change_asks_for(coded: Study) -> None:
    client = sit(coded)
    shown = save(client, opened(client) | {"definition": ["Prices of bread."]})

    form = save(client, fields(shown.text, "/codebook/dear-bread/edit") | {"step": ["back"]})

    assert fields(form.text, "/codebook/dear-bread/edit")["definition"] == ["Prices of bread."]


def test_a_change_of_layout_asks_for_nothing(coded: Study) -> None:
    client = sit(coded)

    answer = save(client, opened(client) | {"key": ["b"], "colour": ["ff0000"]})

    assert answer.status_code == 303
    assert 'colour: "ff0000"' in file_of(coded) or "colour: ff0000" in file_of(coded)


def test_what_was_changed_in_an_editor_meanwhile_is_not_overwritten(study: Study) -> None:
    client = sit(study)
    sent = opened(client) | {"name": ["Costly bread"]}
    study.codebook_path.write_text(CODEBOOK.replace("name: Dear bread", "name: Bread prices"), encoding="utf-8")

    answer = save(client, sent)

    said = words(answer.text)
    assert answer.status_code == 409
    assert "codebook.yaml says now Bread prices You want it to say Costly bread" in said
    assert "name: Bread prices" in file_of(study)


def test_after_comparing_both_one_may_take_ones_own(study: Study) -> None:
    client = sit(study)
    sent = opened(client) | {"name": ["Costly bread"]}
    study.codebook_path.write_text(CODEBOOK.replace("name: Dear bread", "name: Bread prices"), encoding="utf-8")
    conflict = save(client, sent)

    answer = save(client, fields(conflict.text, "/codebook/dear-bread/edit") | {"step": ["again"]})

    assert answer.status_code == 303
    assert file_of(study) == CODEBOOK.replace("name: Dear bread", "name: Costly bread")


def test_another_code_that_was_changed_meanwhile_stands_in_nobodys_way(study: Study) -> None:
    client = sit(study)
    sent = opened(client) | {"name": ["Costly bread"]}
    changed = CODEBOOK.replace("name: Queue", "name: Line")
    study.codebook_path.write_text(changed, encoding="utf-8")

    assert save(client, sent).status_code == 303
    assert file_of(study) == changed.replace("name: Dear bread", "name: Costly bread")


def test_a_form_that_is_sent_twice_is_taken_once(study: Study) -> None:
    client = sit(study)
    sent = opened(client) | {"name": ["Costly bread"]}

    assert [save(client, sent).status_code for _ in range(2)] == [303, 303]
    assert sum(row["what"] == "rename" for row in groundswell("-C", study.root, "codebook", "log", "--json").json) == 1


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("key", "j", '"j" is reserved'),
        ("key", "dd", "must be one letter"),
        ("colour", "red", "must be six hex digits"),
        ("since", "spring", "must be a date"),
        ("statement", "that bread is dear", 'begins with "that"'),
        ("parent", "cake", 'there is no code "cake"'),
    ],
)
def test_an_error_stands_at_its_field(study: Study, field: str, value: str, problem: str) -> None:
    client, before = sit(study), file_of(study)

    answer = save(client, opened(client) | {field: [value]})

    assert answer.status_code == 422
    found = re.search(rf'id="{field}-error">(.*?)</p>', answer.text, flags=re.DOTALL)
    assert found is not None
    assert problem in unescape(found[1])
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true" aria-describedby="{field}-error"', answer.text)
    assert file_of(study) == before


def test_a_wrong_rule_is_told_with_its_number(study: Study) -> None:
    client = sit(study)

    answer = save(client, opened(client) | {"rule": ["dear bread", "(loaf"], "rule_stance": ["", ""]})

    assert "Rules 2: pattern" in words(answer.text)


def test_an_error_that_is_no_fields_stands_above_the_form(study: Study) -> None:
    client = sit(study)

    answer = save(client, opened(client, "crumbs") | {"name": ["Queue"], "parent": ["crumbs"]}, "crumbs")

    assert answer.status_code == 422
    assert "Not saved." in words(answer.text)


def test_an_error_of_another_code_names_it(study: Study) -> None:
    client = sit(study)
    sent = opened(client) | {"name": ["Crumbs"]}

    said = words(save(client, sent).text)

    assert "codes.crumbs.name" in said
    assert "is the name of dear-bread too" in said


def test_a_code_is_added_once_however_often_its_form_is_sent(study: Study) -> None:
    client = sit(study)
    sent = fields(client.get("/codebook").text, "/codebook/add") | {"name": ["Stale rolls"], "parent": ["queue"]}

    answers = [client.post("/codebook/add", data=sent) for _ in range(2)]

    assert {answer.headers["location"] for answer in answers} == {"/codebook/stale-rolls/edit?added=1"}
    assert file_of(study).count("stale-rolls:") == 1
    assert "The code was added" in client.get("/codebook/stale-rolls/edit?added=1").text


@pytest.mark.parametrize(("name", "problem"), [("", "a code needs a name"), ("Queue", "exists already")])
def test_a_code_that_cannot_be_added_is_not(study: Study, name: str, problem: str) -> None:
    client, before = sit(study), file_of(study)

    answer = client.post("/codebook/add", data={"name": name, "definition": "What it means."})

    assert answer.status_code == 422
    assert problem in words(answer.text)
    assert "What it means." in answer.text
    assert file_of(study) == before


def test_a_merge_tells_what_it_would_do_and_does_it_once(coded: Study) -> None:
    client, before = sit(coded), file_of(coded)

    shown = client.post("/codebook/queue/merge", data={"into": "dear-bread", "reason": "the same"})

    assert "1 coding is written for it" in words(shown.text)
    assert "findings.yaml names it in: queues" in words(shown.text)
    assert file_of(coded) == before

    sent = fields(shown.text, "/codebook/queue/merge")
    answers = [client.post("/codebook/queue/merge", data=sent) for _ in range(2)]

    assert {answer.status_code for answer in answers} == {303}
    log = groundswell("-C", coded.root, "codebook", "log", "--json").json
    assert [(row["into"], row["by"], row["reason"]) for row in log if row["what"] == "merge"] == [
        (["dear-bread"], "ada", "the same")
    ]
    assert "merged; 1 codings written" in unescape(client.get(answers[0].headers["location"]).text)


def test_a_split_tells_which_codings_wait_for_a_part(coded: Study) -> None:
    client = sit(coded)

    shown = client.post("/codebook/dear-bread/split", data={"parts": "Dear rolls\r\nDear loaves\r\n"})

    said = words(shown.text)
    assert "Begun as drafts: dear-rolls, dear-loaves" in said
    assert "2 codings of the whole wait" in said

    client.post("/codebook/dear-bread/split", data=fields(shown.text, "/codebook/dear-bread/split"))

    assert len(groundswell("-C", coded.root, "codebook", "worklist", "--json").json) == 2
    assert "split into dear-rolls, dear-loaves" in words(client.get("/codebook/worklist").text)


def test_a_code_is_retired_and_brought_back(coded: Study) -> None:
    client = sit(coded)
    shown = client.post("/codebook/queue/retire", data={})
    assert "on 1 post stay" in words(shown.text)
    client.post("/codebook/queue/retire", data=fields(shown.text, "/codebook/queue/retire"))
    assert "status: retired" in file_of(coded)

    shown = client.post("/codebook/queue/restore", data={})
    client.post("/codebook/queue/restore", data=fields(shown.text, "/codebook/queue/restore"))

    assert file_of(coded) == CODEBOOK


def test_what_a_merge_wrote_is_taken_back_with_the_code(coded: Study) -> None:
    client = sit(coded)
    groundswell("-C", coded.root, "codebook", "merge", "queue", "dear-bread")

    shown = client.post("/codebook/queue/restore", data={})

    assert "1 coding that its merge or split wrote is taken back" in words(shown.text)


@pytest.mark.parametrize(
    ("path", "sent", "problem"),
    [
        ("dear-bread/merge", {"into": "dear-bread"}, "cannot be merged into itself"),
        ("dear-bread/split", {"parts": "One"}, "at least two different codes"),
        ("dear-bread/restore", {}, "is not retired"),
        ("dear-bread/merge", {"into": "cake", "action": "x1"}, 'has no code "cake"'),
    ],
)
def test_a_change_that_cannot_be_says_why(study: Study, path: str, sent: dict[str, str], problem: str) -> None:
    before = file_of(study)

    answer = sit(study).post(f"/codebook/{path}", data=sent)

    assert answer.status_code == 422
    assert problem in words(answer.text)
    assert file_of(study) == before


def test_a_retired_code_is_not_retired_again(study: Study) -> None:
    groundswell("-C", study.root, "codebook", "retire", "queue")

    answer = sit(study).post("/codebook/queue/retire", data={})

    assert "is retired already" in words(answer.text)


def test_a_retired_code_can_be_edited_and_stays_retired(study: Study) -> None:
    groundswell("-C", study.root, "codebook", "retire", "queue")
    client = sit(study)

    save(client, opened(client, "queue") | {"include": ["Lines too."]}, "queue")

    assert "include: Lines too." in file_of(study)
    assert "status: retired" in file_of(study)


@pytest.mark.parametrize("path", ["cake/edit", "cake/merge", "queue/burn"])
def test_what_is_not_there_is_not_found(study: Study, path: str) -> None:
    client = sit(study)
    ask = client.get if path.endswith("edit") else client.post

    assert ask(f"/codebook/{path}").status_code == 404


def test_a_decision_becomes_an_example(study: Study) -> None:
    client = sit(study)

    client.post("/codebook/queue/example", data={"text": "We stood\nfor an hour.", "kind": "include"})
    client.post("/codebook/queue/example", data={"text": "We stood for an hour.", "kind": "include"})

    assert file_of(study).count("- We stood for an hour.") == 1


def test_an_example_of_what_a_code_is_not_is_a_line_of_exclude_and_asks_for_reading_again(coded: Study) -> None:
    client = sit(coded)

    shown = client.post("/codebook/queue/example", data={"text": "Queued at the bank.", "kind": "exclude"})
    assert "1 coding was made" in words(shown.text)
    save(client, fields(shown.text, "/codebook/queue/edit") | {"step": ["write"]}, "queue")

    assert "exclude: 'Not this: Queued at the bank.'" in file_of(coded)


def test_an_example_needs_words(study: Study) -> None:
    assert sit(study).post("/codebook/queue/example", data={"text": " "}).status_code == 422


def test_posts_of_an_open_blind_round_are_missing_from_worklists(coded: Study) -> None:
    assert (
        groundswell("-C", coded.root, "code", "sample", "draw", "reliability", "--size", "100", "--name", "all").code
        == 0
    )
    ran = groundswell("-C", coded.root, "code", "round", "start", "all", "--coder", "ada", "--coder", "ben", "--blind")
    assert ran.code == 0, ran.err
    client = sit(coded)

    shown = save(client, opened(client) | {"definition": ["Prices of bread."]})
    save(client, fields(shown.text, "/codebook/dear-bread/edit") | {"step": ["write"]})

    assert "Codings that you may not see were made of what the code meant until now" in words(shown.text)
    assert "0 that you may see Those on posts that you code blind are left out." in words(shown.text)
    assert "1 post" not in words(client.get("/codebook").text)
    assert "example:p0000" not in shown.text
    assert "ana" not in words(shown.text)
    assert "example:p0000" not in client.get("/codebook/worklist").text
    assert "example:p0000" in sit(coded, "eve").get("/codebook/worklist?code=dear-bread").text


def test_a_blind_seat_sees_no_other_coders_codings_in_worklists(coded: Study) -> None:
    open_client = sit(coded)
    shown = save(open_client, opened(open_client) | {"definition": ["Prices of bread."]})
    save(open_client, fields(shown.text, "/codebook/dear-bread/edit") | {"step": ["write"]})

    said = words(sit(coded, "ana", blind=True).get("/codebook/worklist").text)

    assert "ana: present" in said
    assert "ben" not in said


def test_an_empty_worklist_says_so(study: Study) -> None:
    assert "Nothing." in words(sit(study).get("/codebook/worklist").text)


def test_names_and_texts_are_shown_as_text(study: Study) -> None:
    client = sit(study)
    save(client, opened(client) | {"name": ["<script>alert(1)</script>"], "include": ["<img src=x onerror=alert(1)>"]})

    for path in ("/codebook", "/codebook/dear-bread/edit"):
        html = client.get(path).text
        assert "<script>alert" not in html
        assert "<img" not in html
