from pathlib import Path

import pytest
from fakes.study import CODEBOOK, groundswell

from coding.codebook import codebook_revision
from groundswell.study import Study


def test_the_codes_are_listed(study: Study) -> None:
    table, rows = (groundswell("-C", study.root, "codebook", "show", *form) for form in ((), ("--json",)))

    assert table.out.splitlines()[1] == "queue\tQueue\tactive\t\t1\tThe post mentions a queue."
    assert [(row["code"], row["stance"], row["rules"], row["status"]) for row in rows.json] == [
        ("dear-bread", "yes", 2, "active"),
        ("queue", "", 1, "active"),
    ]


def test_a_code_is_added_and_all_else_is_left_as_it_is(study: Study) -> None:
    ran = groundswell(
        "-C", study.root, "codebook", "add", "Stale bread", "--term", "stale bread", "--term", "old loa*",
        "--definition", "The bread was not fresh.",
    )  # fmt: skip

    written = study.codebook_path.read_text(encoding="utf-8")
    assert (ran.code, ran.out, ran.err) == (0, "stale-bread\n", "")
    assert written.startswith(CODEBOOK)
    assert [(rule.pattern) for rule in study.codebook().codes["stale-bread"].rules] == ["stale bread", "old loa*"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (["x", "--term", "(a or b"], 1, 'error: pattern "(a or b", position 0: '),
        (["x", "--term", "fine", "--term", "* *"], 1, 'error: pattern "* *", position 0: '),
        (["Queue"], 3, 'the code "queue" exists already'),
        (["!!"], 3, "no id can be made from"),
    ],
)
def test_a_code_that_cannot_be_added_leaves_the_file_as_it_was(
    study: Study, arguments: list[str], exit_code: int, message: str
) -> None:
    ran = groundswell("-C", study.root, "codebook", "add", *arguments)

    assert (ran.code, ran.out) == (exit_code, "")
    assert message in ran.err
    assert study.codebook_path.read_text(encoding="utf-8") == CODEBOOK


def test_a_codebook_in_order_is_only_counted(study: Study) -> None:
    ran = groundswell("-C", study.root, "codebook", "check")

    assert (ran.code, ran.out) == (0, "2 codes and 2 claims are in order\n")


def test_a_claim_about_an_unknown_code_is_named_with_its_line(study: Study) -> None:
    study.codebook_path.write_text(CODEBOOK.replace("  queue:", "  line:"), encoding="utf-8")

    ran = groundswell("-C", study.root, "codebook", "check")

    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(f"error: {study.findings_path}:12: sections[0].claims[1].code: ")


def test_one_code_is_shown_in_full(study: Study) -> None:
    table, one = (groundswell("-C", study.root, "codebook", "show", "Dear bread", *form) for form in ((), ("--json",)))

    assert table.out.splitlines()[:2] == ["code\tdear-bread", "name\tDear bread"]
    assert "rules\tdear bread\n\tmatch: daylight robbery, stance: support\n" in table.out
    assert table.out.endswith("status\tactive\n")
    assert (one.json["code"], one.json["stance"], one.json["status"]) == ("dear-bread", True, "active")


def test_a_code_is_added_with_all_that_is_said_of_it(study: Study) -> None:
    ran = groundswell(
        "-C", study.root, "codebook", "add", "Long queue", "--parent", "queue", "--include", "lines", "--exclude", "crowds"
    )  # fmt: skip

    found = study.codebook().codes["long-queue"]
    assert (ran.code, found.parent, found.include, found.exclude) == (0, "queue", "lines", "crowds")


def test_drafts_and_retired_codes_are_counted(study: Study) -> None:
    study.codebook_path.write_text(CODEBOOK + "  new: {}\n  old: {status: retired}\n", encoding="utf-8")

    assert groundswell("-C", study.root, "codebook", "check").out == (
        "4 codes and 2 claims are in order (1 draft, 1 retired)\n"
    )


def test_codings_without_their_code_end_the_check_with_6(used: Study) -> None:
    used.codebook_path.write_text(CODEBOOK.replace("  queue:", "  line:"), encoding="utf-8")
    used.findings_path.write_text("version: 1\n", encoding="utf-8")

    ran = groundswell("-C", used.root, "codebook", "check")

    assert (ran.code, ran.out) == (6, "")
    assert "these codes are gone, but posts are coded with them: queue (1)" in ran.err


def test_a_code_is_given_another_name(study: Study) -> None:
    ran = groundswell("-C", study.root, "codebook", "rename", "queue", "Line", "--by", "lea", "--reason", "shorter")

    assert (ran.code, ran.out) == (0, "queue is now called Line\n")
    log = groundswell("-C", study.root, "codebook", "log", "--json").json
    assert [(row["by"], row["reason"]) for row in log if row["what"] == "rename"] == [
        ("lea", '"Queue" is now "Line": shorter')
    ]


def test_a_merge_says_what_it_did_and_what_is_left_to_do(used: Study) -> None:
    tried, ran = (
        groundswell("-C", used.root, "codebook", "merge", "dear-bread", "queue", *more) for more in (["--dry-run"], [])
    )

    assert tried.out == "dear-bread would be merged into queue: one coding written\n"
    assert ran.out == "dear-bread is merged into queue: one coding written\n"
    assert ran.err.splitlines() == tried.err.splitlines() == [
        "1 of them without a stance, since the statements differ; see --keep-stance",
        "3 rules and examples added to queue",
        "findings.yaml names dear-bread in bread-is-dear: name queue there",
        "see that the definition of queue covers both",
    ]  # fmt: skip


def test_a_merge_is_taken_back(used: Study) -> None:
    groundswell("-C", used.root, "codebook", "merge", "queue", "dear-bread", "--leave-rules", "--keep-stance")

    ran = groundswell("-C", used.root, "codebook", "restore", "queue")

    assert (ran.code, ran.out, ran.err) == (0, "queue is in use again: one coding taken back\n", "")
    again = groundswell("-C", used.root, "codebook", "restore", "queue")
    assert (again.code, again.err) == (
        1, 'error: the code "queue" is not retired\nhint: there is nothing to bring back\n',
    )  # fmt: skip


def test_rules_that_stay_with_the_other_code_are_told(used: Study) -> None:
    groundswell("-C", used.root, "codebook", "merge", "queue", "dear-bread")

    ran = groundswell("-C", used.root, "codebook", "restore", "queue")

    assert ran.err == "the code it was merged into keeps one rule or example of it\n"


def test_a_split_says_what_it_did_and_the_worklist_what_is_left_to_do(used: Study) -> None:
    ran = groundswell("-C", used.root, "codebook", "split", "queue", "Long queue", "Short queue", "--keep-absent")

    assert ran.out == "queue is split into Long queue, Short queue\n"
    assert ran.err.splitlines() == [
        "new drafts: long-queue, short-queue; say in codebook.yaml what they mean",
        "4 codings written that a part is absent",
        "findings.yaml names queue in queues: name its parts there",
    ]
    table, lines, sheet = (
        groundswell("-C", used.root, "codebook", "worklist", *form) for form in ([], ["--nl"], ["--csv"])
    )
    assert table.out.startswith("reddit:t1_bbb1\tqueue\tana\tpresent\t2026-02-02T09:00:00Z\t")
    assert table.err == "one coding to look at again\n"
    assert [row["changed"] for row in lines.rows] == [["split into long-queue, short-queue"]]
    assert sheet.out.splitlines()[0] == "post,code,coder,value,coded_at,revision,since,changed"
    assert sheet.out.splitlines()[1].endswith(',"split into long-queue, short-queue"')


def test_a_split_into_codes_that_are_there_begins_none(study: Study) -> None:
    study.codebook_path.write_text(CODEBOOK + "  a: {}\n  b: {}\n", encoding="utf-8")

    ran = groundswell("-C", study.root, "codebook", "split", "queue", "a", "b", "--dry-run")

    assert ran.out == "queue would be split into a, b\n"
    assert ran.err == "findings.yaml names queue in queues: name its parts there\n"


def test_without_anything_to_look_at_again_the_worklist_says_so(used: Study) -> None:
    ran = groundswell("-C", used.root, "codebook", "worklist")

    assert (ran.code, ran.out, ran.err) == (0, "", "nothing to look at again\n")


def test_a_code_is_retired(study: Study) -> None:
    ran = groundswell("-C", study.root, "codebook", "retire", "dear-bread", "--reason", "too rare")

    assert (ran.code, ran.out) == (0, "dear-bread is retired; its codings stay\n")
    assert ran.err == "findings.yaml names dear-bread in bread-is-dear: take it out there\n"


def test_a_code_that_no_claim_names_is_retired_without_more_words(study: Study) -> None:
    study.codebook_path.write_text(CODEBOOK + "  cake: {}\n", encoding="utf-8")

    assert groundswell("-C", study.root, "codebook", "retire", "cake").err == ""


def test_the_log_lists_revisions_and_changes(study: Study) -> None:
    groundswell("-C", study.root, "codebook", "merge", "queue", "dear-bread")

    ran = groundswell("-C", study.root, "codebook", "log")

    assert sorted(line.split("\t")[1] for line in ran.out.splitlines()) == ["in use", "in use", "merge"]
    assert "\tmerge\t\tqueue\tdear-bread\t\t\n" in ran.out


def test_a_difference_is_shown_field_by_field(study: Study) -> None:
    study.codebook_path.write_text(CODEBOOK + "  cake: {}\n", encoding="utf-8")
    before = codebook_revision(study.codebook())
    groundswell("-C", study.root, "codebook", "worklist")
    changed = CODEBOOK.replace("a queue.", "any queue.").replace("[ queue* ]", "[ queue*, line ]")
    study.codebook_path.write_text(
        changed.replace("stance: yes", "key: b\n    stance: yes") + "  pie: {}\n", encoding="utf-8"
    )

    ran, found = (groundswell("-C", study.root, "codebook", "diff", *form) for form in ((), (before[:6], "--json")))

    assert ran.out.splitlines() == [
        "dear-bread: key", "  + b",
        "queue: definition", "  - The post mentions a queue.", "  + The post mentions any queue.",
        "queue: rules", "  + line",
        "pie: added",
        "cake: removed",
    ]  # fmt: skip
    assert ran.err.endswith(": 5 differences\n")
    assert (found.json["before"], len(found.json["differences"])) == (before, 5)


def test_what_does_not_differ_is_told(study: Study) -> None:
    ran = groundswell("-C", study.root, "codebook", "diff")

    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith("nothing differs from ")


def test_an_import_lists_what_was_added_and_what_means_something_else(study: Study, tmp_path: Path) -> None:
    path = tmp_path / "mood.yml"
    path.write_text("mood: ['un*y', '* x']\nqueue: [line]\n", encoding="utf-8")

    tried, ran = (
        groundswell("-C", study.root, "codebook", "import", path, *more) for more in (["--dry-run", "--json"], [])
    )

    assert tried.code == 0
    assert [(row["code"], row["what"]) for row in tried.json] == [
        ("mood", "added"), ("mood", "changed"), ("mood", "left out"), ("queue", "exists"),
    ]  # fmt: skip
    assert tried.err == "one code would be added, 0 there already\n"
    assert ran.code == 4
    assert ran.out.splitlines()[0] == "mood\tadded\tmood"
    assert ran.err.splitlines()[1] == "error: 1 of 2 codes are in the codebook otherwise"


def test_an_import_without_conflicts_is_done(study: Study, tmp_path: Path) -> None:
    path = tmp_path / "mood"
    path.write_text("mood: happy\n", encoding="utf-8")

    ran = groundswell("-C", study.root, "codebook", "import", path, "--format", "quanteda")

    assert (ran.code, ran.out, ran.err) == (0, "mood\tadded\tmood\n", "one code added, 0 there already\n")


@pytest.mark.parametrize("command", [["import", "x.csv"], ["export"]])
def test_a_form_that_nobody_knows_is_a_wrong_command_line(study: Study, command: list[str]) -> None:
    ran = groundswell("-C", study.root, "codebook", *command, "--format", "word")

    assert ran.code == 2
    assert "'word' is none of" in ran.err


def test_a_codebook_goes_out_to_a_file_or_to_stdout(study: Study, tmp_path: Path) -> None:
    shown = groundswell("-C", study.root, "codebook", "export")
    saved = groundswell("-C", study.root, "codebook", "export", "--format", "qdc", "-o", tmp_path / "book.qdc")

    assert shown.out.startswith("version: 1\ncodes:\n  dear-bread:\n    name: Dear bread\n")
    assert (saved.out, saved.err) == (f"{tmp_path / 'book.qdc'}\n", "")
    assert (tmp_path / "book.qdc").read_bytes().startswith(b"<?xml")


def test_an_export_does_not_go_over_the_codebook_itself(study: Study) -> None:
    ran = groundswell("-C", study.root, "codebook", "export", "-o", study.root / "." / "codebook.yaml")

    assert (ran.code, ran.out) == (1, "")
    assert "the codebook of the study is not written over" in ran.err
    assert study.codebook_path.read_text(encoding="utf-8") == CODEBOOK


def test_what_is_lost_on_the_way_out_is_told(study: Study) -> None:
    ran = groundswell("-C", study.root, "codebook", "export", "--format", "patterns")

    assert ran.out.splitlines()[:2] == ["code,pattern,stance", "dear-bread,dear bread,"]
    assert ran.err == "only rules are in the file, without what the codes mean\n"


def test_an_earlier_codebook_goes_out(study: Study) -> None:
    first = codebook_revision(study.codebook())
    groundswell("-C", study.root, "codebook", "rename", "queue", "Line")

    then, now = (
        groundswell("-C", study.root, "codebook", "export", *which).out for which in (("--revision", first), ())
    )

    assert ("name: Queue" in then, "name: Queue" in now, "name: Line" in now) == (True, False, True)


def test_all_that_a_worklist_holds_can_be_had_as_json(used: Study) -> None:
    changed = CODEBOOK.replace("mentions a queue", "mentions a long queue")
    used.codebook_path.write_text(changed, encoding="utf-8")

    few, many = (
        groundswell("-C", used.root, "codebook", "worklist", "queue", "--json", *more).json for more in ([], ["--all"])
    )

    assert [(row["value"], row["changed"]) for row in few] == [("present", ["definition"])]
    assert [row["value"] for row in many].count("absent (*)") == 3
