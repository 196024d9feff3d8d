import pytest
from fakes.file_samples import EXTRACTOR_FOUND, EXTRACTOR_THREAD, extractor_comment, fourcat_reddit, fourcat_x, urs_row

from collector.csv_mapping import FIELDS, Cells, Mapping, MappingError, parse_mapping, preset


def cell(name: str, value: str) -> Cells:
    return Mapping({name: "column"}).read({"column": value})


def test_a_mapping_is_read_field_by_field() -> None:
    read = parse_mapping("text=body, author = user ,created_at=posted at")

    assert read == Mapping({"text": "body", "author": "user", "created_at": "posted at"})


def test_a_column_whose_name_holds_a_comma_stands_in_quotes() -> None:
    assert parse_mapping('"text=What, and why",id=n=o').columns == {"text": "What, and why", "id": "n=o"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no column is named for the text"),
        ("author=user", "no column is named for the text"),
        ("text", "'text' does not read FIELD=COLUMN"),
        ("text=body,,", "'' does not read FIELD=COLUMN"),
        ("=body", "'=body' does not read FIELD=COLUMN"),
        ("text=body,words=body", f"'words' is no field; the fields are {', '.join(FIELDS)}"),
        ("text=body,text=title", "the field 'text' is named twice"),
    ],
)
def test_a_mapping_of_another_form_is_refused(text: str, problem: str) -> None:
    with pytest.raises(MappingError) as raised:
        parse_mapping(text)

    assert str(raised.value).startswith(problem)


def test_a_column_that_is_not_there_is_told_beside_those_that_are() -> None:
    mapping = parse_mapping("text=body,author=user,id=id")
    mapping.check(["id", "user", "body"])

    with pytest.raises(MappingError) as raised:
        mapping.check(["id", "Body"])

    assert str(raised.value) == "there is no column 'body', 'user'; the columns are 'id', 'Body'"


@pytest.mark.parametrize(
    ("name", "value", "moment"),
    [
        ("created_at", "2026-01-05T10:00:00+02:00", "2026-01-05T08:00:00Z"),
        ("created_at", "2026-01-05T08:00:00Z", "2026-01-05T08:00:00Z"),
        ("created_at", "1767600000", "2026-01-05T08:00:00Z"),
        ("created_at", "1767600000.0", "2026-01-05T08:00:00Z"),
        ("created_at", "1767600000000", "2026-01-05T08:00:00Z"),
        ("created_at", " NA ", None),
        ("created_at", "", None),
        ("created_at_utc", "2026-01-05 08:00:00", "2026-01-05T08:00:00Z"),
        ("created_at_utc", "2026-01-05", "2026-01-05T00:00:00Z"),
        ("created_at_utc", "2026-01-05 10:00:00+02:00", "2026-01-05T08:00:00Z"),
        ("created_at_utc", "01-05-2026 08:00:00", "2026-01-05T08:00:00Z"),
        ("created_at_utc", "1767600000", "2026-01-05T08:00:00Z"),
    ],
)
def test_a_moment_may_be_written_in_many_ways(name: str, value: str, moment: str | None) -> None:
    assert cell(name, value).moment("created_at") == moment


@pytest.mark.parametrize("value", ["2026-01-05 08:00:00", "yesterday", "77", "20260105", "1e400", "nan?"])
def test_a_moment_that_cannot_be_read_is_told_by_its_column_and_not_by_what_it_holds(value: str) -> None:
    with pytest.raises(ValueError, match="column 'column' holds no moment such as") as raised:
        cell("created_at", value).moment("created_at")

    assert value not in str(raised.value)
    assert str(raised.value).endswith("where it is in UTC, map it to created_at_utc")


def test_a_moment_in_utc_that_cannot_be_read_needs_no_such_hint() -> None:
    with pytest.raises(ValueError, match="column 'column' holds no moment such as") as raised:
        cell("created_at_utc", "yesterday").moment("created_at")

    assert "map it" not in str(raised.value)


@pytest.mark.parametrize(
    ("value", "number"), [("7", 7), ("-7.0", -7), (" 7 ", 7), ("", None), ("NaN", None), ("NA", None)]
)
def test_a_number_may_bear_a_point_or_be_missing(value: str, number: int | None) -> None:
    assert cell("score", value).number("score") == number


@pytest.mark.parametrize("value", ["many", "7.5", "1e300", "inf"])
def test_what_is_no_whole_number_is_told_by_its_column(value: str) -> None:
    with pytest.raises(ValueError, match="column 'column' holds no whole number"):
        cell("score", value).number("score")


def test_a_field_that_no_column_is_named_for_is_missing() -> None:
    cells = cell("text", "NA")

    assert (cells.value("author"), cells.number("score"), cells.moment("created_at")) == (None, None, None)
    assert cells.words("text") == "NA"


@pytest.mark.parametrize(
    ("row", "kind", "needed"),
    [
        (fourcat_x(), "x", {"id", "thread", "text", "author", "created_at_utc"}),
        (fourcat_reddit(), "reddit", {"id", "thread", "title", "text", "author", "created_at_utc", "parent"}),
        (urs_row(), "reddit", {"id", "title", "text", "author", "created_at_utc", "url"}),
        (extractor_comment("1"), "reddit", {"place", "url", "text", "author", "created_at_utc"}),
        (EXTRACTOR_THREAD, "reddit", {"url", "title", "text", "author", "created_at_utc", "replies"}),
        (EXTRACTOR_FOUND, "reddit", {"url", "title", "text", "created_at_utc", "replies"}),
    ],
)
def test_the_tables_of_known_programs_are_known_by_their_columns(
    row: dict[str, str], kind: str, needed: set[str]
) -> None:
    columns = tuple(filter(None, row))

    found = preset(columns)

    assert found is not None
    found.check(columns)
    assert found.kind == kind
    assert needed <= found.columns.keys()


def test_another_table_is_not_taken_for_one_of_them() -> None:
    assert preset(("id", "body", "author")) is None
