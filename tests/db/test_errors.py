from pathlib import Path

import pytest

from db.errors import Busy, CheckFailed, ConfigurationError, FileError, GroundswellError, Partial, RefusedBySite


@pytest.mark.parametrize(
    ("kind", "code"),
    [(GroundswellError, 1), (ConfigurationError, 3), (Partial, 4), (Busy, 5), (CheckFailed, 6), (RefusedBySite, 7)],
)
def test_each_kind_of_error_has_the_exit_code_that_is_documented(kind: type[GroundswellError], code: int) -> None:
    error = kind("it failed", hint="do this")

    assert (error.exit_code, str(error), error.hint) == (code, "it failed", "do this")


def test_an_error_may_have_no_hint() -> None:
    assert GroundswellError("it failed").hint is None


def test_an_error_in_a_file_names_file_line_and_field() -> None:
    error = FileError(Path("study.yaml"), "it is missing", line=4, field="title", hint="add it")

    assert str(error) == "study.yaml:4: title: it is missing"
    assert (error.exit_code, error.line, error.field, error.hint) == (3, 4, "title", "add it")


def test_an_error_in_a_file_as_a_whole_names_the_file_alone() -> None:
    assert str(FileError("study.yaml", "it is empty")) == "study.yaml: it is empty"
