"""What a merge or a split carries over, and what has to be read again: nobody says more than they said."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.codebook import Code, Codebook, codebook_content
from coding.codebook_changes import (
    Difference,
    Stale,
    absent_in_parts,
    as_events,
    carried_over,
    differences,
    stale_codings,
    uid_of,
)
from coding.negation import Negation
from db.queries.codebooks import CodeChange, PersonEvent, Revision
from db.queries.codings import PersonCoding

NINE, TEN, ELEVEN, NOON = (f"2026-03-02T{hour:02}:00:00Z" for hour in (9, 10, 11, 12))
AFTER_TEN = "2026-03-02T10:00:01Z"


def event(code: str, value: str = "present", at: str = NINE, **more: Any) -> PersonEvent:
    """What ana said of a code on the first post."""
    fields: dict[str, Any] = {
        "id": 1, "post": 1, "address": "example:p1", "stance": None, "number": None, "start": None, "end": None,
        "text_sha": "t1", "coder": 1, "coder_name": "ana", "codebook_revision": "r1", "round": None, "blind": True,
        "suggestion_shown": False, "adjudicated": False, "reason": None,
    }  # fmt: skip
    return PersonEvent(**{**fields, "code": code, "value": value, "created_at": at, **more})


def said(code: str, value: str = "present", at: str = NINE, **more: Any) -> PersonCoding:
    """The same as the final layer sees it."""
    fields: dict[str, Any] = {
        "post": 1, "coder": "ana", "stance": None, "codebook_revision": "r1", "current_text": True, "adjudicated": False,
    }  # fmt: skip
    return PersonCoding(**{**fields, "code": code, "value": value, "created_at": at, **more})


def merged(*events: PersonEvent, stances: bool = True, values: tuple[str, ...] = ()) -> list[tuple[str, Any, str]]:
    """What is written for `kept` when `old` is merged into it."""
    carried = carried_over(
        sorted(events, key=lambda one: one.created_at), "old", "kept", stances=stances, values=values
    )
    assert {one.code for one in carried} <= {"kept"}
    return [(one.value, one.stance, one.created_at) for one in carried]


def book(**codes: dict[str, Any]) -> Codebook:
    return Codebook({name: Code(name, name.title(), **fields) for name, fields in codes.items()})


# Merging


@pytest.mark.parametrize("value", ["present", "unsure"])
def test_what_was_said_of_the_merged_code_alone_is_carried_over_with_its_time(value: str) -> None:
    assert merged(event("old", value)) == [(value, None, NINE)]


@pytest.mark.parametrize("value", ["absent", "missing"])
def test_that_one_of_two_codes_is_not_there_says_nothing_of_both(value: str) -> None:
    assert merged(event("old", value)) == []


@pytest.mark.parametrize(
    ("old", "kept", "written"),
    [
        ("present", "absent", "present"),
        ("present", "missing", "present"),
        ("present", "unsure", "present"),
        ("unsure", "absent", "unsure"),
        ("present", "present", None),
        ("unsure", "present", None),
        ("unsure", "unsure", None),
        ("absent", "present", None),
        ("absent", "absent", None),
    ],
)
@pytest.mark.parametrize("order", ["old first", "kept first", "at once"])
def test_both_together_are_there_where_either_is(old: str, kept: str, written: str | None, order: str) -> None:
    times = {"old first": (NINE, TEN), "kept first": (TEN, NINE), "at once": (TEN, TEN)}[order]
    at = TEN if order == "kept first" else AFTER_TEN

    found = merged(event("old", old, times[0]), event("kept", kept, times[1]))

    assert found == ([(written, None, at)] if written else [])


@pytest.mark.parametrize(
    ("old", "kept", "written"),
    [
        ("support", None, "support"),
        ("support", "dispute", "mixed"),
        ("support", "support", "nothing"),
        (None, "support", "nothing"),
        ("mixed", "support", "mixed"),
    ],
)
def test_stances_of_one_statement_add_up(old: str | None, kept: str | None, written: str) -> None:
    found = merged(event("old", stance=old), event("kept", at=TEN, stance=kept))

    assert [stance for _, stance, _ in found] == ([] if written == "nothing" else [written])


def test_a_stance_on_another_statement_stays_behind() -> None:
    assert merged(event("old", stance="support"), stances=False) == [("present", None, NINE)]


def test_each_person_and_post_is_carried_over_by_itself() -> None:
    found = merged(
        event("old"), event("old", coder=2, coder_name="ben", at=TEN), event("old", "absent", post=2),
        event("kept", post=3),
    )  # fmt: skip

    assert found == [("present", None, NINE), ("present", None, TEN)]


def test_the_last_word_of_a_person_counts() -> None:
    assert merged(event("old"), event("old", "absent", TEN)) == []
    assert merged(event("old", "absent"), event("old", at=TEN)) == [("present", None, TEN)]


def test_where_a_difference_was_settled_against_the_code_nothing_is_carried_over() -> None:
    settled = event("old", "absent", TEN, adjudicated=True)

    assert merged(event("old"), event("old", "absent", coder=2, coder_name="ben"), settled) == []


def test_what_was_settled_for_the_code_is_settled_for_the_kept_one() -> None:
    carried = carried_over([event("old"), event("old", at=TEN, adjudicated=True)], "old", "kept", stances=True)

    assert [(one.adjudicated, one.created_at) for one in carried] == [(False, NINE), (True, TEN)]


def test_what_another_person_settled_of_the_kept_code_gives_way() -> None:
    settled = event("kept", "absent", TEN, adjudicated=True, coder=2, coder_name="ben")

    assert merged(event("old", adjudicated=True), settled) == [("present", None, AFTER_TEN)]


def test_a_coding_of_a_text_that_has_changed_does_not_replace_one_of_the_new_text() -> None:
    assert merged(event("old"), event("kept", "absent", TEN, text_sha="t2")) == []


def test_a_coding_of_the_new_text_replaces_one_of_the_old_text() -> None:
    assert merged(event("old", at=TEN, text_sha="t2"), event("kept", "absent")) == [("present", None, TEN)]


def test_a_value_that_was_chosen_is_replaced_by_the_kept_one() -> None:
    assert merged(event("old"), values=("old", "kept", "third")) == [("present", None, "2026-03-02T09:00:01Z")]


def test_a_value_that_was_chosen_and_given_up_is_not_carried_over() -> None:
    assert merged(event("old"), event("third", at=TEN), values=("old", "kept", "third")) == []
    assert merged(event("old"), event("third", "absent", TEN), values=("old", "kept", "third")) != []


@st.composite
def histories(draw: st.DrawFn) -> list[PersonEvent]:
    """What ana, ben and those who settle say of two codes on one post, in some order."""
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["old", "kept"]), st.sampled_from(["present", "absent", "unsure", "missing"]),
                st.sampled_from([None, "support", "dispute"]), st.sampled_from([("ana", False), ("ben", False), ("ben", True)]),
            ),
            max_size=8,
        )
    )  # fmt: skip
    return [
        event(
            code, value, f"2026-03-02T09:00:{place:02}Z", id=place, coder_name=coder, adjudicated=settled,
            stance=stance if value == "present" else None,
        )
        for place, (code, value, stance, (coder, settled)) in enumerate(steps)
    ]  # fmt: skip


@given(histories())
def test_after_any_merge_a_person_holds_present_what_they_held_present_in_either(events: list[PersonEvent]) -> None:
    carried = carried_over(events, "old", "kept", stances=True)
    after = sorted([*events, *carried], key=lambda one: one.created_at)

    for who in (("ana", False), ("ben", False), ("ben", True)):
        before = {one.code: one.value for one in events if (one.coder_name, one.adjudicated) == who}
        now = {one.code: one.value for one in after if (one.coder_name, one.adjudicated) == who}
        settled = {one.value for one in events if one.adjudicated and one.code == "old"}
        if settled <= {"present"}:
            assert (now.get("kept") == "present") == ("present" in before.values())
        assert now.get("old") == before.get("old")
        assert (now.get("kept") is None) <= (before.get("kept") is None)


@given(histories())
def test_a_second_merge_writes_nothing_more(events: list[PersonEvent]) -> None:
    carried = carried_over(events, "old", "kept", stances=True)
    after = sorted([*events, *carried], key=lambda one: one.created_at)

    assert carried_over(after, "old", "kept", stances=True) == []


def test_what_is_carried_over_is_stored_as_its_author_said_it() -> None:
    one = event("kept", stance="support", round="round-1", start=2, end=5, number=3.5, suggestion_shown=True)

    (stored,) = as_events([one], "r2", "merge-x")

    assert (stored.uid, stored.batch, stored.codebook_revision) == (uid_of(one), "merge-x", "r2")
    copied = (
        "post",
        "code",
        "value",
        "stance",
        "number",
        "start",
        "end",
        "text_sha",
        "coder",
        "round",
        "created_at",
        "blind",
    )
    assert {name: getattr(stored, name) for name in copied} == {name: getattr(one, name) for name in copied}
    assert (stored.suggestion_shown, stored.version) == (True, None)


def test_what_was_stored_before_and_undone_is_stored_under_a_name_of_its_own() -> None:
    one = event("kept")

    (stored,) = as_events([one], "r2", "merge-x", {uid_of(one)})

    assert stored.uid == f"{uid_of(one)}:merge-x"


# Splitting

SPLIT = CodeChange("split", "old", NOON, ("first", "second"))
WHOLE = book(old={"definition": "Says it."})
KEPT = {"r1": codebook_content(WHOLE)}


def parts_absent(codings: list[PersonCoding]) -> list[tuple[str, str, str]]:
    events = [
        event(one.code, one.value, one.created_at, coder_name=one.coder, adjudicated=one.adjudicated) for one in codings
    ]
    found = absent_in_parts(codings, events, WHOLE, KEPT, SPLIT)
    assert {one.value for one in found} <= {"absent"}
    return [(one.coder_name, one.code, one.created_at) for one in found]


@pytest.mark.parametrize("code", ["old", "*"])
def test_where_the_whole_is_absent_its_parts_are(code: str) -> None:
    assert parts_absent([said(code, "absent")]) == [("ana", "first", NINE), ("ana", "second", NINE)]


@pytest.mark.parametrize("value", ["present", "unsure", "missing"])
def test_where_the_whole_is_not_absent_nothing_follows(value: str) -> None:
    assert parts_absent([said("old", value), said("*", "absent")]) == []


def test_where_people_differ_nothing_follows() -> None:
    assert parts_absent([said("old", "absent"), said("old", coder="ben")]) == []


def test_where_it_was_settled_that_the_whole_is_absent_so_are_the_parts() -> None:
    codings = [
        said("old", "absent"),
        said("old", coder="ben"),
        said("old", "absent", TEN, coder="cleo", adjudicated=True),
    ]

    assert {(coder, at) for coder, _, at in parts_absent(codings)} == {("ana", NINE), ("cleo", TEN)}


def test_a_text_that_has_changed_says_nothing_of_parts() -> None:
    assert parts_absent([said("old", "absent", current_text=False)]) == []


# What has to be read again


def revision(name: str, codebook: Codebook, at: str = NINE) -> Revision:
    return Revision(name, codebook_content(codebook), at)


OLD = book(bread={"definition": "Names bread."}, cake={"definition": "Names cake.", "include": "pies"})
NEW = book(bread={"definition": "Names the price of bread."}, cake={"definition": "Names\n  cake.", "include": "pies"})
BOTH = [revision("r1", OLD), revision("r2", NEW, NOON)]


def test_a_coding_under_another_definition_is_stale() -> None:
    assert stale_codings([said("bread"), said("cake")], NEW, BOTH) == [
        Stale(1, "bread", "ana", "present", NINE, "r1", "r2", ("definition",))
    ]


def test_a_coding_under_the_definition_of_now_is_not() -> None:
    assert stale_codings([said("bread", codebook_revision="r2")], NEW, BOTH) == []


@pytest.mark.parametrize("field", ["include", "exclude"])
def test_what_belongs_to_a_code_is_a_part_of_its_meaning(field: str) -> None:
    now = book(bread={"definition": "Names bread.", field: "rolls"}, cake={})

    (found,) = stale_codings([said("bread")], now, [*BOTH, revision("r3", now, NOON)])

    assert (found.changed, found.since) == ((field,), "r3")


@pytest.mark.parametrize("change", [{"name": "Loaf"}, {"key": "b"}, {"colour": "00ff00"}, {"examples": ("A loaf!",)}])
def test_a_name_a_key_a_colour_or_an_example_makes_nothing_stale(change: dict[str, Any]) -> None:
    now = Codebook({"bread": replace(OLD.codes["bread"], **change)})

    assert stale_codings([said("bread")], now, BOTH) == []


def test_another_statement_makes_codings_with_a_stance_stale() -> None:
    then = book(bread={"definition": "Says it.", "stance": True, "statement": "bread is dear"})
    now = book(bread={"definition": "Says it.", "stance": True, "statement": "bread is cheap"})

    found = stale_codings(
        [said("bread", stance="support"), said("bread", coder="ben")],
        now,
        [revision("r1", then), revision("r2", now, NOON)],
    )

    assert [(one.coder, one.changed) for one in found] == [("ana", ("statement",))]


def test_a_meaning_that_came_back_makes_nothing_stale() -> None:
    assert stale_codings([said("bread")], OLD, BOTH) == []


def test_a_code_that_was_a_draft_then_is_stale_once_it_is_defined() -> None:
    draft = book(bread={}, cake={})

    (found,) = stale_codings([said("bread", codebook_revision="r0")], OLD, [revision("r0", draft), *BOTH])

    assert found.changed == ("definition",)


@pytest.mark.parametrize(
    "coding",
    [
        said("bread", current_text=False),
        said("bread", codebook_revision=None),
        said("bread", codebook_revision="unknown"),
        said("pie"),
        said("*", "absent"),
    ],
    ids=["another text", "no codebook", "unknown codebook", "no code", "all codes"],
)
def test_what_cannot_be_judged_is_not_listed(coding: PersonCoding) -> None:
    assert stale_codings([coding], NEW, BOTH) == []


def test_a_retired_code_needs_no_second_look() -> None:
    retired = Codebook({"bread": replace(NEW.codes["bread"], status="retired")})

    assert stale_codings([said("bread")], retired, BOTH) == []


def test_posts_of_which_a_person_said_that_nothing_was_found_are_listed_when_asked_for() -> None:
    found = stale_codings([said("*", "absent")], NEW, BOTH, everything=True)

    assert [(one.code, one.value, one.changed) for one in found] == [("bread", "absent (*)", ("definition",))]


def test_a_code_that_nobody_was_asked_for_then_is_not_listed() -> None:
    now = Codebook({**NEW.codes, "pie": Code("pie", "Pie", definition="Names pie.")})

    assert "pie" not in {one.code for one in stale_codings([said("*", "absent")], now, BOTH, everything=True)}


def test_since_is_left_open_where_no_codebook_of_now_was_in_use_later() -> None:
    (found,) = stale_codings([said("bread")], NEW, BOTH[:1])

    assert found.since is None


SPLIT_BOOK = book(
    bread={"definition": "Names bread.", "status": "retired"}, white={"definition": "W."}, dark={"definition": "D."}
)
SPLIT_UP = [CodeChange("split", "bread", TEN, ("white", "dark", "gone"))]
SPLIT_REVISIONS = [revision("r1", OLD), revision("r2", SPLIT_BOOK, TEN)]


def waiting(*codings: PersonCoding, changes: list[CodeChange] = SPLIT_UP) -> list[tuple[str, tuple[str, ...]]]:
    found = stale_codings(codings, SPLIT_BOOK, SPLIT_REVISIONS, changes)
    return [(one.coder, one.changed) for one in found if one.code == "bread"]


@pytest.mark.parametrize("value", ["present", "unsure"])
def test_posts_of_a_split_code_wait_for_its_parts(value: str) -> None:
    assert waiting(said("bread", value)) == [("ana", ("split into white, dark",))]


@pytest.mark.parametrize("value", ["absent", "missing"])
def test_posts_without_the_split_code_do_not_wait(value: str) -> None:
    assert waiting(said("bread", value)) == []


@pytest.mark.parametrize(
    "later", [said("white", "absent", ELEVEN), said("*", "absent", ELEVEN, codebook_revision="r2")], ids=["part", "all"]
)
def test_who_has_coded_a_part_since_is_done(later: PersonCoding) -> None:
    assert waiting(said("bread"), said("bread", coder="ben"), later) == [("ben", ("split into white, dark",))]


@pytest.mark.parametrize(
    "earlier",
    [said("white", at=NINE), said("*", "absent", ELEVEN, codebook_revision="r1")],
    ids=["before", "not asked"],
)
def test_what_was_said_without_the_parts_in_mind_does_not_count(earlier: PersonCoding) -> None:
    assert len(waiting(said("bread"), earlier)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [CodeChange("split", "pie", TEN, ("white", "dark"))],
        [CodeChange("split", "white", TEN, ("dark",))],
        [*SPLIT_UP, CodeChange("merge", "bread", ELEVEN, ("white",))],
        [CodeChange("retire", "bread", TEN)],
    ],
    ids=["none", "code is gone", "code is in use", "merged since", "only retired"],
)
def test_only_a_split_that_stands_makes_posts_wait(changes: list[CodeChange]) -> None:
    assert waiting(said("bread"), said("white"), changes=changes) == []


def test_the_list_goes_by_the_order_of_codes_and_posts() -> None:
    now = book(cake={"definition": "New."}, bread={"definition": "New."})
    codings = [said("bread"), said("cake", post=2), said("cake", post=1, coder="ben"), said("cake", post=1)]

    found = stale_codings(codings, now, [revision("r1", OLD)])

    assert [(one.code, one.post, one.coder) for one in found] == [
        ("cake", 1, "ana"), ("cake", 1, "ben"), ("cake", 2, "ana"), ("bread", 1, "ana"),
    ]  # fmt: skip


# Differences


def test_codebooks_differ_in_codes_and_fields() -> None:
    before = book(bread={"definition": "Names bread."}, pie={})
    after = book(bread={"definition": "Names any bread.", "include": "rolls"}, cake={"definition": "Names cake."})

    assert differences(before, after) == [
        Difference("bread", "changed", "definition", "Names bread.", "Names any bread."),
        Difference("bread", "changed", "include", None, "rolls"),
        Difference("cake", "added", after={"name": "Cake", "definition": "Names cake."}),
        Difference("pie", "removed", before={"name": "Pie"}),
    ]


def test_a_field_that_went_is_a_difference() -> None:
    assert differences(book(bread={"include": "rolls"}), book(bread={})) == [
        Difference("bread", "changed", "include", "rolls", None)
    ]


def test_a_codebook_does_not_differ_from_itself() -> None:
    assert differences(OLD, OLD) == []


def test_words_of_negation_are_a_difference_of_all_codes() -> None:
    other = Codebook(OLD.codes, Negation(cues=("kein",)))

    assert [(one.code, one.change) for one in differences(OLD, other)] == [("*", "added")]
