"""The plan of what of a thread is still to be asked for: made from answers, kept as JSON, never without an end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.reddit_walk import Answer, Branch, Plan, Step, announced, read_answer

Json = dict[str, Any]

IDS = st.text("abcdefgh123", min_size=1, max_size=3)
LEVELS = st.dictionaries(IDS, st.integers(0, 30), max_size=8)
BRANCHES = st.lists(
    st.builds(Branch, st.integers(0, 30), st.lists(IDS, min_size=1, max_size=4, unique=True).map(tuple))
)
PLANS = st.builds(Plan, LEVELS, BRANCHES, BRANCHES, LEVELS, st.none() | st.booleans(), st.booleans())
ANSWERS = st.builds(Answer, st.dictionaries(IDS, IDS | st.just("")), LEVELS, BRANCHES)


def comment(native_id: str, parent: str, *replies: Json, **more: Any) -> Json:
    data = {"id": native_id, "parent_id": parent} | more
    return {"kind": "t1", "data": data | {"replies": {"data": {"children": list(replies)}} if replies else ""}}


def stub(parent: str, *children: Any, depth: Any = 1) -> Json:
    return {"kind": "more", "data": {"parent_id": parent, "children": list(children), "depth": depth}}


@given(PLANS)
def test_a_plan_is_the_same_after_it_was_a_payload(plan: Plan) -> None:
    assert Plan.from_payload(json.loads(json.dumps(plan.payload(), sort_keys=True))) == plan


@given(PLANS, st.lists(ANSWERS, max_size=5))
def test_no_id_is_asked_for_twice_in_one_request_and_none_is_lost_without_being_asked_for(
    plan: Plan, answers: list[Answer]
) -> None:
    for answer in answers:
        step = plan.next_step()
        if step is None:
            return
        left = set(plan.waiting) | set(plan.lost) | {branch.comment for branch in (*plan.branches, *plan.alone)}
        assert 0 < len(step.ids) <= 100
        assert len(set(step.ids)) == len(step.ids)
        take(plan, step, answer)
        still = set(plan.waiting) | set(plan.lost) | {branch.comment for branch in (*plan.branches, *plan.alone)}
        gone = left - still - set(step.ids) - answer.parents.keys()
        assert gone == set()


@given(PLANS)
def test_a_site_that_gives_nothing_ends_the_walk(plan: Plan) -> None:
    most = 3 * (len(plan.waiting) + len(plan.lost)) + 5 * (len(plan.branches) + len(plan.alone)) + 1
    for _ in range(most):
        step = plan.next_step()
        if step is None:
            return
        plan.drop_step(step)
    pytest.fail("the walk goes on without an end")


def take(plan: Plan, step: Step, answer: Answer) -> None:
    if step.kind == "more":
        plan.take_more(step.ids, answer)
    elif step.kind == "info":
        plan.take_info(step.ids, [])
    else:
        plan.take_branch(step.ids[0], answer)


def test_stubs_are_read_with_the_levels_of_what_they_name() -> None:
    page = [
        {"kind": "Listing", "data": {"children": [{"kind": "t3", "data": {"id": "p", "num_comments": 9}}]}},
        {
            "kind": "Listing",
            "data": {
                "children": [
                    comment("a", "t3_p", comment("b", "t1_a", stub("t1_b", depth=2)), stub("t1_a", "c", "d")),
                    stub("t3_p", "e", "a", depth=0),
                ]
            },
        },
    ]

    answer = read_answer(page, 5)

    assert answer.parents == {"a": "", "b": "a"}
    assert answer.named == {"c": 6, "d": 6, "e": 5}
    assert answer.branches == [Branch(6, ("b", "a"))]
    assert announced(page) == 9


@pytest.mark.parametrize(
    "broken",
    [
        stub("t1_a", "../x", 7, None),
        {"kind": "more", "data": {"parent_id": "t1_a?", "children": []}},
        {"kind": "more", "data": {"parent_id": None, "children": "abc"}},
        {"kind": "more", "data": {"parent_id": "t3_p", "children": [], "depth": "deep"}},
        {"kind": "t1", "data": {"id": 7, "parent_id": "t3_p"}},
        {"kind": "t1", "data": {"id": "a/b", "parent_id": "t3_p"}},
        {"kind": "t1", "data": "text"},
        "text",
        None,
    ],
)
def test_what_names_no_comment_is_passed_over(broken: Any) -> None:
    answer = read_answer({"json": {"data": {"things": [broken]}}})

    assert answer.parents == {}
    assert answer.named == {}
    assert [branch.comment for branch in answer.branches] in ([], ["a"])
    assert announced([broken]) == 0


def test_a_page_that_shows_several_branches_is_asked_for_before_one_that_shows_one() -> None:
    plan = Plan(
        branches=[Branch(9, ("x", "p", "g")), Branch(9, ("y", "p", "g")), Branch(9, ("z",))], reaches_below=False
    )

    step = plan.next_step()

    assert step == Step("branch", ["p"])
    assert plan.level_of("p") == 8


def test_a_branch_that_its_ancestors_page_did_not_show_is_looked_for_further_down() -> None:
    plan = Plan(branches=[Branch(9, ("x", "p", "g")), Branch(9, ("y", "p", "g"))], reaches_below=False)

    plan.take_branch("p", Answer({"p": "", "x": "p"}, {}, []))

    assert plan.branches == [Branch(9, ("y",))]


def test_branches_are_asked_for_by_the_hundred_once_an_answer_reached_below_them() -> None:
    cut = [Branch(9, (f"c{number}",)) for number in range(3)]
    plan = Plan(branches=cut)
    step = plan.next_step()

    plan.take_more(
        step.ids if step else [], Answer({"c0": "", "k": "c0", "c1": "", "c2": ""}, {"n": 10}, [Branch(18, ("k",))])
    )

    assert step == Step("more", ["c0", "c1", "c2"])
    assert plan.reaches_below is True
    assert plan.next_step() == Step("more", ["n", "k"])


def test_branches_are_asked_for_one_by_one_once_an_answer_did_not_reach_below_them() -> None:
    plan = Plan(branches=[Branch(9, (f"c{number}", "p")) for number in range(3)])

    plan.take_more(["c0", "c1", "c2"], Answer({"c0": "", "c1": ""}, {}, [Branch(9, ("c0",)), Branch(9, ("c1",))]))

    assert plan.reaches_below is False
    assert plan.branches == [Branch(9, ("c0", "p")), Branch(9, ("c1", "p"))]
    assert plan.alone == [Branch(9, ("c2", "p"))]
    assert plan.next_step() == Step("branch", ["p"])


def test_two_branches_are_not_worth_a_trial() -> None:
    plan = Plan(branches=[Branch(9, ("x",)), Branch(9, ("y",))])

    assert plan.next_step() == Step("branch", ["y"])


def test_ids_that_an_answer_had_no_room_for_are_asked_for_again() -> None:
    plan = Plan(waiting={"a": 0, "b": 0})

    plan.take_more(["a", "b"], Answer({"a": ""} | {f"r{number}": "a" for number in range(99)}, {}, []))

    assert plan.waiting == {"b": 0}
    assert plan.lost == {}


def test_deeper_ids_that_an_answer_passed_over_are_asked_for_level_by_level() -> None:
    plan = Plan(waiting={"a": 0, "b": 3, "c": 3, "d": 7})

    plan.take_more(["a", "b", "c", "d"], Answer({"a": ""}, {}, []))

    assert plan.one_level
    assert plan.next_step() == Step("more", ["b", "c"])


def test_an_answer_that_gives_nothing_of_what_was_asked_for_is_not_asked_for_again() -> None:
    plan = Plan(waiting={"a": 0, "b": 0})

    plan.take_more(["a", "b"], Answer({}, {"a": 0, "b": 0}, []))

    assert plan.next_step() == Step("info", ["a", "b"])
