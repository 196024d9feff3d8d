import pytest
from fakes.study import CODEBOOK, groundswell

from groundswell.study import Study


def test_the_codes_are_listed(study: Study) -> None:
    table, rows = (groundswell("-C", study.root, "codebook", "show", *form) for form in ((), ("--json",)))

    assert table.out.splitlines()[1] == "queue\tQueue\t\t1\t\tThe post mentions a queue."
    assert [(row["code"], row["stance"], row["rules"], row["draft"]) for row in rows.json] == [
        ("dear-bread", "yes", 2, ""),
        ("queue", "", 1, ""),
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
        (["x", "--term", "(a or b)"], 1, 'error: pattern "(a or b)", position 0: '),
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
