import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes.corpora import Study, post
from hypothesis import given
from hypothesis import strategies as st

from coding.codebook import Code, Codebook, codebook_revision
from coding.codings import CodingError, Imported, import_codings, parse_coding, read_codings, store_codings
from coding.final import codebook_content
from db.errors import GroundswellError
from db.queries.codings import exported_codings, save_revision
from db.records import Coding

DAY, LATER = "2026-02-05T09:00:00Z", "2026-03-01T09:00:00Z"
BOOK = Codebook(
    {
        "dear-bread": Code("dear-bread", "Dear bread", definition="Names the price.", stance=True),
        "queue": Code("queue", "Queue", definition="Mentions a queue."),
        "job": Code("job", "Job", choose_one=True),
        "job.baker": Code("job.baker", "Baker", parent="job"),
    }
)
REVISION = codebook_revision(BOOK)
LINE: dict[str, Any] = {
    "post": "site:p1",
    "code": "dear-bread",
    "value": "present",
    "stance": "support",
    "coder": "ana",
    "created_at": DAY,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def _save(folder: Path, *lines: dict[str, Any] | str) -> Path:
    path = folder / "codings.jsonl"
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), "utf-8")
    return path


@pytest.fixture
def one(study: Study) -> Study:
    """A study with one post and the codebook of this module."""
    study.codebook = BOOK
    study.see(post("p1", "a"))
    with study.store.write() as connection:
        save_revision(connection, REVISION, codebook_content(BOOK), DAY)
    return study


def _rows(study: Study) -> list[dict[str, Any]]:
    return list(exported_codings(study.store.connection))


def test_a_line_becomes_a_coding_by_a_person() -> None:
    coding = parse_coding(LINE, BOOK)

    assert (coding.post, coding.code, coding.value, coding.stance) == ("site:p1", "dear-bread", "present", "support")
    assert (coding.coder, coding.coder_kind, coding.created_at) == ("ana", "person", DAY)
    assert (coding.start, coding.end, coding.number, coding.version, coding.round, coding.text_sha) == (None,) * 6


def test_every_field_is_taken_over() -> None:
    more = {
        "number": 2.5,
        "start": 0,
        "end": 5,
        "coder": "judge",
        "coder_kind": "model",
        "version": "v3",
        "round": "pilot",
        "text_sha": "abc",
    }

    coding = parse_coding(LINE | more, BOOK)

    assert {name: getattr(coding, name) for name in more} == more


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-02-05T10:00:00+01:00", "2026-02-05T09:00:00Z"),
        ("2026-02-05 09:00:00.250Z", "2026-02-05T09:00:00Z"),
        ("2026-02-04T23:30:00-09:30", "2026-02-05T09:00:00Z"),
        ("0206-02-05T09:00:00Z", "0206-02-05T09:00:00Z"),
    ],
)
def test_moments_are_kept_in_one_form(written: str, kept: str) -> None:
    assert parse_coding(LINE | {"created_at": written}, BOOK).created_at == kept


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"colour": "red"}, "unknown field 'colour'"),
        ({"post": None}, "post is missing or no text"),
        ({"coder": ""}, "coder is missing or no text"),
        ({"value": "maybe"}, "value 'maybe' is none of present, absent, unsure, missing"),
        ({"stance": "pro"}, "stance 'pro' is none of support, dispute, mixed"),
        ({"coder_kind": "robot"}, "coder_kind 'robot' is none of person, model, program, rules"),
        ({"number": "3"}, "number '3' is not a number"),
        ({"number": True}, "number True is not a number"),
        ({"start": 0.5, "end": 2}, "start 0.5 is not a whole number"),
        ({"version": 3}, "version 3 is not text"),
        ({"created_at": "2026-02-05"}, "created_at '2026-02-05' is no moment with a time zone"),
        ({"created_at": "yesterday"}, "created_at 'yesterday' is no moment with a time zone"),
        ({"code": "rye"}, "the codebook has no code 'rye'"),
        ({"code": "job", "stance": None}, "'job' is an attribute; code one of its values"),
        ({"value": "absent"}, "a stance goes with present only"),
        ({"code": "queue"}, "the code 'queue' asks for no stance"),
        ({"start": 3}, "start and end go together"),
        ({"start": 3, "end": 3}, "start must be at least 0 and less than end"),
        ({"start": -1, "end": 3}, "start must be at least 0 and less than end"),
        ({"code": "*", "stance": None}, 'code "*" takes only absent'),
        ({"code": "*", "value": "absent"}, "a stance goes with present only"),
        ({"code": "*", "value": "absent", "stance": None, "start": 3}, "start and end go together"),
        ({"created_at": "0001-01-01T00:00:00+05:00"}, "created_at '0001-01-01T00:00:00+05:00' is no moment"),
    ],
)
def test_a_line_that_is_no_coding_is_refused_with_the_reason(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(CodingError) as caught:
        parse_coding(LINE | changes, BOOK)

    assert str(caught.value).startswith(problem)


def test_a_list_is_no_coding() -> None:
    with pytest.raises(CodingError, match="a coding is a JSON object"):
        parse_coding([LINE], BOOK)


@pytest.mark.parametrize("value", ["absent", "missing"])
def test_a_star_says_that_nothing_was_found_or_nothing_can_be_coded(value: str) -> None:
    coding = parse_coding(LINE | {"code": "*", "value": value, "stance": None}, BOOK)

    assert (coding.code, coding.value) == ("*", value)


@given(field=st.sampled_from(sorted(Coding.__dataclass_fields__)), value=JSON)
def test_any_value_in_any_field_gives_a_coding_or_a_reason(field: str, value: Any) -> None:
    line = json.dumps(LINE | {field: value}).encode()

    ((number, found),) = read_codings([line], BOOK)

    assert number == 1
    assert isinstance(found, Coding | str)


@given(line=st.binary(max_size=60).filter(bytes.strip))
def test_any_bytes_give_a_reason_and_stop_nothing(line: bytes) -> None:
    found = list(read_codings([line, json.dumps(LINE).encode()], BOOK))

    assert isinstance(found[0][1], str)
    assert isinstance(found[1][1], Coding)


def test_empty_lines_are_passed_over_and_still_numbered() -> None:
    found = list(read_codings([b"\n", b"  \n", json.dumps(LINE).encode(), b"{"], BOOK))

    assert [number for number, _ in found] == [3, 4]
    assert str(found[1][1]).startswith("no whole JSON value: ")


def test_very_deep_nesting_is_a_problem_of_its_line() -> None:
    ((_, problem),) = read_codings([b"[" * 100_000], BOOK)

    assert str(problem).startswith("no whole JSON value: ")


def _import(study: Study, path: Path) -> Imported:
    return import_codings(study.store, path, BOOK, REVISION)


def _store(study: Study, **changes: Any) -> tuple[int, dict[int, str]]:
    return store_codings(study.store, [parse_coding(LINE | changes, BOOK)], REVISION)


def test_an_import_keeps_the_good_lines_and_names_the_others(one: Study, tmp_path: Path) -> None:
    path = _save(tmp_path, LINE, LINE | {"value": "maybe"}, LINE | {"post": "site:p9"}, "{")

    done = _import(one, path)

    assert (done.read, done.new) == (4, 1)
    assert [problem.split(": ", 2)[1] for problem in done.problems] == ["line 2", "line 4", "line 3"]
    assert done.problems[2] == f"{path}: line 3: post 'site:p9' is not in this study"


def test_the_same_file_twice_is_stored_once(one: Study, tmp_path: Path) -> None:
    path = _save(tmp_path, LINE, LINE)

    first, again = _import(one, path), _import(one, path)

    assert (first.new, again.new) == (1, 0)
    assert len(_rows(one)) == 1


@pytest.mark.parametrize("make", [lambda _path: None, Path.mkdir], ids=["missing", "a folder"])
def test_a_file_that_cannot_be_read_is_one_error(one: Study, tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "codings.jsonl"
    make(path)

    with pytest.raises(GroundswellError, match=r"codings\.jsonl: "):
        _import(one, path)


def test_what_is_exported_can_be_imported_again(one: Study, tmp_path: Path) -> None:
    _store(one, stance="mixed", start=0, end=5, round="pilot")
    _store(one, code="*", value="absent", stance=None)
    before = _rows(one)

    done = _import(one, _save(tmp_path, *before))

    assert (done.read, done.new, done.problems) == (2, 0, [])
    assert _rows(one) == before


def test_a_coding_of_a_post_without_text_is_refused(one: Study) -> None:
    one.see(post("p1", "a", text=None, state="deleted_by_author", observed_at=LATER))

    new, refused = _store(one)

    assert new == 0
    assert refused == {0: "the text of site:p1 is gone; there is nothing to code"}


def test_a_coding_keeps_the_hash_of_the_text_as_it_is_stored_now(one: Study) -> None:
    stored = one.store.connection.execute("SELECT text_sha FROM posts").fetchone()["text_sha"]

    _store(one)

    assert _rows(one)[0]["text_sha"] == stored


def test_a_coding_that_names_its_text_keeps_that_hash(one: Study) -> None:
    other = hashlib.sha256(b"other words").hexdigest()

    _store(one, text_sha=other)

    assert _rows(one)[0]["text_sha"] == other


def test_a_persons_coding_carries_the_codebooks_revision_and_a_machines_its_own_version(one: Study) -> None:
    _store(one)
    _store(one, coder="judge", coder_kind="model", version="v3")

    assert {row["coder"]: row["version"] for row in _rows(one)} == {"ana": REVISION, "judge": "v3"}


def test_a_person_keeps_the_revision_that_the_coding_names_if_it_is_known(one: Study) -> None:
    coding = parse_coding(LINE | {"version": REVISION}, BOOK)

    new, _ = store_codings(one.store, [coding], "another")

    assert new == 1
    assert [row["version"] for row in _rows(one)] == [REVISION]


def test_a_person_who_names_an_unknown_revision_gets_that_of_today(one: Study) -> None:
    _store(one, version="0123456789ab")

    assert [row["version"] for row in _rows(one)] == [REVISION]


def test_two_coders_of_one_name_but_different_kind_are_two(one: Study) -> None:
    _store(one)
    _store(one, coder_kind="program")

    assert [(row["coder"], row["coder_kind"]) for row in _rows(one)] == [("ana", "person"), ("ana", "program")]
