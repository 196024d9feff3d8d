"""What holds for all items while they are read."""

from fakes.collecting import READING


def test_a_field_that_is_missing_is_told_by_its_name() -> None:
    assert READING.problem(KeyError("id"), "x") == "id is missing"


def test_a_problem_names_nobody() -> None:
    assert "mira" not in READING.problem(ValueError("u/mira_k is no date"), "reddit")
