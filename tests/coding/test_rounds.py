"""Rounds: what counts, how it is compared, and the sheets that coders fill in."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.codebook import Code, Codebook, codebook_content
from coding.codings import CodingError
from coding.final import FinalLayer
from coding.rounds import (
    Coded,
    Filled,
    again,
    agreement_by_code,
    beside,
    count_in,
    disagreements,
    is_sheet,
    programs_in,
    read_sheet_line,
    sheet_line,
    still_to_read,
)
from db.queries.codebooks import Revision
from db.queries.codings import PersonCoding
from db.queries.samples import Round, RoundCoding, Text

BOOK = Codebook(
    {
        "bread": Code("bread", "Dear bread", definition="Names the price.", stance=True),
        "queue": Code("queue", "Queue", definition="Mentions a queue."),
        "job": Code("job", "Job", choose_one=True),
        "job.baker": Code("job.baker", "Baker", parent="job"),
        "job.miller": Code("job.miller", "Miller", parent="job"),
    }
)
REVISIONS = {"r1": codebook_content(BOOK)}
CODES = ("bread", "queue", "job.baker", "job.miller")
ROUND = Round("pilot", "reliability-1", ("ana", "ben"), CODES, "r1", blind=True, started_at="2026-03-01T00:00:00Z")
POSTS = range(1, 31)
THREADS = {post: f"t{post % 10}" for post in POSTS}


def _coding(post: int, code: str, coder: str = "ana", value: str = "present", **changes: Any) -> RoundCoding:
    of_coding = {name: changes.pop(name) for name in list(changes) if name in PersonCoding.__dataclass_fields__}
    coding = PersonCoding(post, code, coder, value, None, "2026-03-02T09:00:00Z", "r1", current_text=True)
    usual = RoundCoding(
        replace(coding, **of_coding), None, None, "person", blind=True, suggestion_shown=False, note=None
    )
    return replace(usual, **changes)


def _coded(*codings: RoundCoding, round_: Round = ROUND, given: dict[str, frozenset[int]] | None = None) -> Coded:
    return count_in(codings, round_, POSTS, BOOK, REVISIONS, given=given)


def _said(coded: Coded, post: int, code: str) -> dict[str, str | None]:
    return {coder: layer.decision(post, code).value for coder, layer in coded.layers.items()}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "model"}, "not by a person"),
        ({"coder": "eve"}, "by somebody who is not of the round"),
        ({"post": 99}, "of a post that is not in the round"),
        ({"blind": False}, "not blind"),
        ({"suggestion_shown": True}, "with a suggestion shown"),
        ({"codebook_revision": "r2"}, "by another revision of the codebook"),
        ({"codebook_revision": None}, "by another revision of the codebook"),
        ({"created_at": "2026-03-03T00:00:01Z"}, "after the round was closed"),
        ({"current_text": False}, "of a text that has changed or is gone"),
    ],
)
def test_what_was_not_coded_independently_is_left_out_and_counted(changes: dict[str, Any], reason: str) -> None:
    closed = replace(ROUND, closed_at="2026-03-03T00:00:00Z")
    given = {"post": 1, "code": "queue"} | changes

    coded = _coded(_coding(**given), _coding(2, "queue", "ben"), round_=closed)

    assert coded.left_out == {reason: 1}
    assert _said(coded, 1, "queue") == {"ana": None, "ben": None}
    assert _said(coded, 2, "queue") == {"ana": None, "ben": "present"}


def test_a_coding_of_a_post_that_was_given_to_others_does_not_count() -> None:
    given = {"ana": frozenset({1, 2}), "ben": frozenset({2})}

    coded = _coded(_coding(1, "queue"), _coding(1, "queue", "ben"), _coding(2, "queue", "ben"), given=given)

    assert _said(coded, 1, "queue") == {"ana": "present", "ben": None}
    assert _said(coded, 2, "queue") == {"ana": None, "ben": "present"}
    assert coded.left_out == {"of a post that was given to others": 1}


def test_while_a_round_is_open_it_is_never_too_late() -> None:
    assert _coded(_coding(1, "queue", created_at="2036-01-01T00:00:00Z")).left_out == {}


def test_what_settles_differences_is_no_coding_of_the_round() -> None:
    coded = _coded(_coding(1, "queue", "eve", "absent", adjudicated=True, blind=False, note="slip: misread"))

    assert coded.left_out == {}
    assert _said(coded, 1, "queue") == {"ana": None, "ben": None}
    assert coded.settled.decision(1, "queue").value == "absent"
    assert coded.reasons == {(1, "queue"): "slip: misread"}


def test_a_coder_is_held_to_what_was_said_last() -> None:
    coded = _coded(_coding(1, "queue"), _coding(1, "queue", value="absent"))

    assert _said(coded, 1, "queue")["ana"] == "absent"


def _pair(code: str, ana: Sequence[str | None], ben: Sequence[str | None], **changes: Any) -> list[RoundCoding]:
    """What both coders said of posts 1, 2 and so on; None for nothing."""
    return [
        _coding(post, code, coder, value, **changes)
        for coder, values in (("ana", ana), ("ben", ben))
        for post, value in enumerate(values, start=1)
        if value is not None
    ]


def _agreement(coded: Coded, codes: Sequence[str] = CODES) -> dict[tuple[str, str], Any]:
    return {(one.code, one.kind): one for one in agreement_by_code(coded, ("ana", "ben"), codes, THREADS, BOOK)}


def test_agreement_is_per_code_stance_and_attribute() -> None:
    found = _agreement(_coded())

    assert list(found) == [
        ("bread", "code"), ("bread", "stance"), ("queue", "code"), ("job.baker", "code"), ("job.miller", "code"),
        ("job", "attribute"),
    ]  # fmt: skip
    assert {one.agreement.no_verdict for one in found.values()} == {"no post was coded by two coders"}


def test_unsure_and_missing_are_missing_cells_and_unsure_is_counted() -> None:
    coded = _coded(
        *_pair("queue", ["present", "absent", "unsure", "missing"], ["present", "absent", "absent", "absent"])
    )

    one = _agreement(coded)["queue", "code"]

    assert one.agreement.units == 2
    assert one.agreement.percent.value == 1
    assert one.unsure == {"ana": 1, "ben": 0}


def test_a_star_says_absent_for_every_code_that_was_not_coded() -> None:
    coded = _coded(
        *_pair("*", ["absent"] * 12, ["absent"] * 12),
        *_pair("queue", ["present"] * 11, ["present"] * 10 + [None, "present"]),
    )

    one = _agreement(coded)["queue", "code"].agreement

    assert one.units == 12
    assert one.positives == {"ana": 11, "ben": 11}
    assert one.percent.value == pytest.approx(10 / 12)


def test_stances_are_compared_where_both_found_the_code() -> None:
    coded = _coded(
        _coding(1, "bread", "ana", stance="support"), _coding(1, "bread", "ben", stance="support"),
        _coding(2, "bread", "ana", stance="support"), _coding(2, "bread", "ben", stance="dispute"),
        _coding(3, "bread", "ana"), _coding(3, "bread", "ben"),
        _coding(4, "bread", "ana", stance="support"), _coding(4, "bread", "ben", "absent"),
    )  # fmt: skip

    one = _agreement(coded)["bread", "stance"].agreement

    assert one.units == 3
    assert one.positives == {"ana": 2, "ben": 2}
    assert one.percent.value == pytest.approx(2 / 3)


def test_an_attribute_is_compared_by_the_value_that_each_coder_chose() -> None:
    coded = _coded(
        *_pair("*", ["absent"] * 4, ["absent"] * 4),
        _coding(1, "job.baker", "ana"), _coding(1, "job.baker", "ben"),
        _coding(2, "job.baker", "ana"), _coding(2, "job.miller", "ben"),
    )  # fmt: skip

    one = _agreement(coded)["job", "attribute"].agreement

    assert one.units == 4
    assert one.percent.value == pytest.approx(3 / 4)
    assert one.positive.value == pytest.approx(2 / 4)


def test_segments_are_compared_where_both_found_the_code() -> None:
    coded = _coded(
        _coding(1, "queue", "ana", start=0, end=10), _coding(1, "queue", "ana", start=20, end=30),
        _coding(1, "queue", "ben", start=0, end=10),
        _coding(2, "queue", "ana", start=0, end=5), _coding(2, "queue", "ben"),
        _coding(3, "queue", "ana", start=0, end=5), _coding(3, "queue", "ana", "absent"),
        _coding(3, "queue", "ben", start=0, end=5),
    )  # fmt: skip

    found = _agreement(coded)["queue", "code"].segments

    assert (found.posts, found.segments, found.exact.value) == (1, 3, pytest.approx(2 / 3))


def test_segments_marked_again_replace_those_that_were_taken_back() -> None:
    coded = _coded(
        _coding(1, "queue", start=0, end=5), _coding(1, "queue", value="absent"), _coding(1, "queue", start=7, end=9)
    )

    assert coded.segments["ana"] == {(1, "queue"): frozenset({(7, 9)})}


def test_one_coder_is_compared_with_what_the_same_person_said_before() -> None:
    first = _coded(*_pair("queue", ["present", "absent"], ["absent", "absent"]))
    second = _coded(*_pair("queue", ["present", "present"], ["absent", "absent"]))

    both = again(first, second, ("may", "june"), "ana")
    (found,) = agreement_by_code(both, ("may", "june"), ["queue"], THREADS, BOOK)

    assert found.agreement.positives == {"may": 1, "june": 2}
    assert found.agreement.percent.value == 0.5


def _by_robot(post: int, code: str, value: str = "present", **changes: Any) -> RoundCoding:
    return _coding(post, code, "robot", value, kind="program", **changes)


OTHER_BOOK = Codebook(
    {"bread": BOOK.codes["bread"], "queue": replace(BOOK.codes["queue"], definition="Mentions waiting of any kind.")}
)
USED = (
    Revision("r0", codebook_content(OTHER_BOOK), "2026-02-01T00:00:00Z"),
    Revision("r1", codebook_content(BOOK), "2026-03-01T00:00:00Z"),
)


def _programs(*codings: RoundCoding) -> dict[str, Coded]:
    return programs_in(codings, ROUND, POSTS, BOOK, USED)


def test_a_program_is_compared_with_one_person_at_a_time_as_two_coders_are() -> None:
    people = _pair("queue", ["present", "present", "absent", "absent"], ["present"] * 4)
    robot = [
        _by_robot(post, "queue", value)
        for post, value in zip(POSTS, ("present", "absent", "absent", "absent"), strict=False)
    ]

    both = beside(_coded(*people), "ana", _programs(*robot)["robot"])
    (queue,) = agreement_by_code(both, ("ana", "robot"), ("queue",), THREADS, BOOK)

    assert (queue.agreement.units, queue.agreement.positives) == (4, {"ana": 2, "robot": 1})
    assert (queue.agreement.percent.value, queue.agreement.kappa.value) == (0.75, 0.5)


def test_what_a_program_says_of_all_codes_holds_where_it_says_nothing_of_one() -> None:
    coded = _programs(_by_robot(1, "queue"), _by_robot(1, "*", "absent"), _by_robot(2, "*", "absent"))["robot"]

    assert [_said(coded, post, code) for post, code in ((1, "queue"), (1, "bread"), (2, "queue"))] == [
        {"robot": "present"},
        {"robot": "absent"},
        {"robot": "absent"},
    ]


def test_what_a_program_was_not_asked_it_did_not_deny() -> None:
    coded = _programs(_by_robot(1, "*", "absent", codebook_revision="r0"))["robot"]

    assert _said(coded, 1, "bread") == {"robot": "absent"}
    assert _said(coded, 1, "job.baker") == {"robot": None}


def test_a_program_counts_where_the_code_meant_what_the_round_asks() -> None:
    before = {"codebook_revision": "r0"}
    coded = _programs(
        _by_robot(1, "queue", **before), _by_robot(1, "bread", **before), _by_robot(2, "queue"),
        _by_robot(3, "bread", current_text=False),
    )["robot"]  # fmt: skip

    assert _said(coded, 1, "queue") == _said(coded, 3, "bread") == {"robot": None}
    assert _said(coded, 1, "bread") == _said(coded, 2, "queue") == {"robot": "present"}
    assert coded.left_out == {
        "of a text that has changed or is gone": 1,
        "of a code that meant something else": 1,
    }


def test_of_other_posts_and_codes_a_program_says_nothing_here() -> None:
    assert _programs(_by_robot(99, "queue"), _by_robot(1, "rain")) == {}


def test_differences_are_listed_with_what_each_said_and_what_was_decided() -> None:
    coded = _coded(
        _coding(1, "bread", "ana", stance="support"), _coding(1, "bread", "ben", stance="dispute"),
        _coding(2, "bread", "ana", stance="support"), _coding(2, "bread", "ben", stance="support"),
        _coding(2, "queue", "ana"), _coding(2, "queue", "ben", "absent"),
        _coding(3, "queue", "ana"), _coding(3, "queue", "ben", "unsure"),
        _coding(2, "queue", "eve", "absent", adjudicated=True, note="guideline gap"),
    )  # fmt: skip

    found = list(disagreements(coded, CODES, POSTS))

    assert [(one.post, one.code, dict(one.said), one.settled, one.reason) for one in found] == [
        (1, "bread", {"ana": "present support", "ben": "present dispute"}, None, None),
        (2, "queue", {"ana": "present", "ben": "absent"}, "absent", "guideline gap"),
    ]


def _layer(*codings: RoundCoding) -> FinalLayer:
    return FinalLayer((one.coding for one in codings), BOOK, REVISIONS)


def test_an_author_is_read_for_presence_until_a_post_has_the_code() -> None:
    nothing = still_to_read([3, 2, 1], _layer(), ["queue"], BOOK)
    absent = still_to_read([3, 2, 1], _layer(_coding(3, "queue", value="absent")), ["queue"], BOOK)
    present = still_to_read([3, 2, 1], _layer(_coding(2, "queue")), ["queue"], BOOK)

    assert nothing == {"queue": [3, 2, 1]}
    assert absent == {"queue": [2, 1]}
    assert present == {"queue": []}


def test_an_author_is_read_for_a_stance_from_the_newest_post_to_the_first_with_one() -> None:
    without = _coding(3, "bread")
    with_one = _coding(2, "bread", stance="dispute")

    assert still_to_read([3, 2, 1], _layer(without), ["bread"], BOOK) == {"bread": [2, 1]}
    assert still_to_read([3, 2, 1], _layer(without, with_one), ["bread"], BOOK) == {"bread": []}
    assert still_to_read([3, 2, 1], _layer(with_one), ["bread"], BOOK) == {"bread": [3]}


def test_an_author_whose_posts_were_all_read_is_decided() -> None:
    read = [_coding(post, "*", value="absent") for post in (1, 2)]

    assert still_to_read([2, 1], _layer(*read), ["bread", "queue"], BOOK) == {"bread": [], "queue": []}


TEXT = Text("site:p1", "Bread", "Such dear bread.", "sha", "site:p0", None, "And yours?")


def test_a_sheet_shows_words_and_empty_codes_and_nothing_of_others() -> None:
    assert sheet_line(ROUND, "ana", TEXT) == {
        "round": "pilot", "coder": "ana", "version": "r1", "post": "site:p1", "text_sha": "sha", "parent_title": None,
        "parent_text": "And yours?", "title": "Bread", "text": "Such dear bread.",
        "codes": {"bread": "", "queue": "", "job.baker": "", "job.miller": "", "*": ""},
    }  # fmt: skip


def test_a_filled_sheet_is_read_and_empty_codes_say_nothing() -> None:
    line = sheet_line(ROUND, "ana", TEXT)
    line["codes"] |= {"bread": "support", "queue": "unsure", "job.baker": None, "*": "absent"}

    assert is_sheet(line)
    assert read_sheet_line(line) == Filled(
        "pilot", "ana", "r1", "site:p1", "sha",
        {"bread": ("present", "support"), "queue": ("unsure", None), "*": ("absent", None)},
    )  # fmt: skip


def test_a_sheet_is_told_from_a_coding() -> None:
    assert not is_sheet({"post": "site:p1", "code": "queue", "value": "present"})
    assert not is_sheet([1])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"colour": "red"}, "unknown field 'colour'"),
        ({"coder": ""}, "coder is missing or no text"),
        ({"round": 3}, "round is missing or no text"),
        ({"codes": ["queue"]}, "codes is no JSON object"),
        ({"codes": {"queue": "maybe"}}, "queue: 'maybe' is none of present, absent, unsure, missing, support"),
        ({"codes": {"queue": True}}, "queue: True is none of"),
    ],
)
def test_a_line_that_is_no_sheet_is_refused_with_the_reason(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(CodingError) as caught:
        read_sheet_line(sheet_line(ROUND, "ana", TEXT) | changes)

    assert str(caught.value).startswith(problem)


def test_a_coding_is_no_line_of_a_sheet() -> None:
    with pytest.raises(CodingError, match="a JSON object with codes"):
        read_sheet_line({"post": "site:p1"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(field=st.sampled_from(sorted(sheet_line(ROUND, "ana", TEXT))), value=JSON)
def test_any_value_in_any_field_gives_a_line_or_a_reason(field: str, value: Any) -> None:
    line = sheet_line(ROUND, "ana", TEXT) | {field: value}
    found: Filled | str
    try:
        found = read_sheet_line(line)
    except CodingError as problem:
        found = str(problem)

    assert found
