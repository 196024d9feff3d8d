"""Differences between two reports: what changed, at which step, and steps that add up."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.diff import (
    CAUSES,
    DEFINITION,
    METHOD,
    NEW_DATA,
    RECODED,
    WITHDRAWN,
    State,
    compare_claims,
    kept_content,
    only_share,
)


def claim(
    name: str = "titles", verdict: str = "thin", share: float | None = 0.5, *, label: str | None = None, **more: Any
) -> dict[str, Any]:
    """A claim as report.json has it, as far as a difference reads it."""
    figure = {
        "code": name, "name": name.title(), "verdict": verdict, "label": verdict, "counts": {"support": 1},
        "share": None if share is None else {"estimate": share, "lower": 0.0, "upper": 1.0}, "dispute_share": None,
    }  # fmt: skip
    return {
        "id": name, "kind": "consensus", "statement": f"{name} mislead", "headline": False, "basis": "read",
        "verdict": verdict, "label": label or verdict, "sentence": "…", "reasons": [], "read": {}, "need": None,
        "figures": [figure], "evidence": {}, **more,
    }  # fmt: skip


def evidence(*posts: str, more: int = 0) -> dict[str, Any]:
    return {"posts": list(posts), "more": more}


def report(*claims: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema": "groundswell/report/1",
        "report": {"title": "Bread", "as_of": "2026-03-01T00:00:00Z", "profile": "public", "tool": "0.1"},
        "inputs": {"data_sha256": "d", "definition_sha256": "f", "codebook_revision": "c", "files": ["a"]},
        "collection": {"posts": 3, "authors": 2, "threads": 1, "thread_list": [{"title": "What a day"}]},
        "sections": [{"id": "one", "title": "One", "claims": list(claims)}],
    }


def walk(old: dict[str, Any], **ways: dict[str, Any]) -> dict[str, Any]:
    """Compare by way of states that are named by their cause; two causes are joined by `_and_`."""
    states = [State(tuple(name.split("_and_")), report(*[found] if found else [])) for name, found in ways.items()]
    return compare_claims(report(old), states)


def only(found: dict[str, Any]) -> dict[str, Any]:
    [entry] = found["claims"]
    assert isinstance(entry, dict)
    return entry


def test_what_is_kept_of_a_report_holds_no_word_of_a_post() -> None:
    kept = kept_content(report(claim(quotes=[{"text": "What a day"}])))

    assert "What a day" not in str(kept)
    assert kept["sections"][0]["claims"][0]["figures"][0]["share"]["estimate"] == 0.5
    assert kept["collection"] == {"posts": 3, "authors": 2, "threads": 1}
    assert kept_content(kept) == kept


def test_a_claim_with_one_figure_has_one_share_and_one_with_two_has_none() -> None:
    one = claim()
    assert only_share(one) == {"estimate": 0.5, "lower": 0.0, "upper": 1.0}
    assert only_share({**one, "figures": one["figures"] * 2}) is None
    assert only_share(claim(share=None)) is None


def test_every_cause_gets_its_part_of_a_change_and_all_parts_add_up() -> None:
    entry = only(
        walk(
            claim(share=0.5),
            withdrawn=claim(share=0.52),
            new_data=claim(share=0.6),
            recoded=claim(share=0.55),
            definition=claim(share=0.55),
            method=claim(share=0.58),
        )
    )

    [figure] = entry["figures"]
    assert (figure["old"], figure["new"], figure["change"]) == (0.5, 0.58, 0.08)
    assert figure["steps"] == [
        {"due_to": [WITHDRAWN], "change": 0.02},
        {"due_to": [NEW_DATA], "change": 0.08},
        {"due_to": [RECODED], "change": -0.05},
        {"due_to": [METHOD], "change": 0.03},
    ]


def test_what_is_left_over_at_both_ends_is_taken_together() -> None:
    states = [
        State((WITHDRAWN,), report(claim(share=0.4))),
        State((NEW_DATA,), report(claim(share=0.5))),
        State((WITHDRAWN,), report(claim(share=0.56))),
    ]
    [figure] = only(compare_claims(report(claim(share=0.5)), states))["figures"]

    assert figure["steps"] == [{"due_to": [WITHDRAWN], "change": -0.04}, {"due_to": [NEW_DATA], "change": 0.1}]


def test_steps_around_an_unknown_share_are_told_as_one() -> None:
    entry = only(
        walk(
            claim(share=0.5, verdict="majority"),
            new_data=claim(share=None, verdict="unchecked"),
            recoded=claim(share=0.7, verdict="consensus"),
        )
    )

    assert entry["figures"][0]["steps"] == [{"due_to": [NEW_DATA, RECODED], "change": 0.2}]
    assert entry["verdict"]["due_to"] == [NEW_DATA, RECODED]


def test_a_share_that_one_report_lacks_has_no_change() -> None:
    [figure] = only(walk(claim(share=None), new_data=claim(share=0.7)))["figures"]

    assert (figure["old"], figure["new"], figure["change"], figure["steps"]) == (None, 0.7, None, [])


def test_a_figure_that_is_new_has_no_old_share() -> None:
    new = claim()
    new["figures"] = [{**new["figures"][0], "code": "other"}]

    assert only(walk(claim(), definition=new))["figures"][0]["old"] is None


def test_a_claim_that_a_step_does_not_know_is_told_with_the_next() -> None:
    found = walk(claim(share=0.5), recoded={}, definition=claim(share=0.6, verdict="majority"))

    assert only(found)["figures"][0]["steps"] == [{"due_to": [RECODED, DEFINITION], "change": 0.1}]
    assert only(found)["verdict"]["due_to"] == [RECODED, DEFINITION]


def test_a_verdict_that_ends_as_it_began_is_due_to_nothing() -> None:
    verdict = only(
        walk(claim(), new_data=claim(verdict="majority"), recoded=claim(verdict="thin"))
    )["verdict"]  # fmt: skip

    assert (verdict["changed"], verdict["due_to"]) == (False, [])


def test_another_label_of_the_same_verdict_is_a_change() -> None:
    verdict = only(
        walk(claim(verdict="majority"), new_data=claim(verdict="majority", label="most say so within r/one"))
    )["verdict"]

    assert (verdict["changed"], verdict["old"], verdict["new"]) == (True, "majority", "majority")
    assert (verdict["new_label"], verdict["due_to"]) == ("most say so within r/one", [NEW_DATA])


def test_changed_verdicts_come_first_then_headlines_then_the_largest_change() -> None:
    names = {"same": 0.0, "small": 0.1, "large": -0.2, "turned": 0.0}
    old = report(*(claim(name, share=0.5) for name in names), claim("head", headline=True))
    new = report(
        *(
            claim(name, "majority" if name == "turned" else "thin", share=0.5 + change)
            for name, change in names.items()
        ),
        claim("head", headline=True),
    )
    found = compare_claims(old, [State((NEW_DATA,), new)])

    assert [entry["id"] for entry in found["claims"]] == ["turned", "head", "large", "small", "same"]


def test_claims_that_only_one_report_has_are_named() -> None:
    found = compare_claims(report(claim("old"), claim()), [State((DEFINITION,), report(claim(), claim("new")))])

    assert [entry["id"] for entry in found["new_claims"]] == ["new"]
    assert [entry["id"] for entry in found["removed_claims"]] == ["old"]
    assert [entry["id"] for entry in found["claims"]] == ["titles"]


def test_evidence_that_came_and_went_is_told_with_its_cause() -> None:
    old = claim(evidence={"for": evidence("E-1", "E-2", "E-3"), "against": evidence("E-4"), "note": "none"})
    states = [
        State((WITHDRAWN,), report(claim(evidence={"for": evidence("E-2", "E-3"), "against": evidence("E-4")}))),
        State((NEW_DATA,), report(claim(evidence={"for": evidence("E-2", "E-3", "E-5"), "against": evidence("E-4")}))),
        State((RECODED,), report(claim(evidence={"for": evidence("E-2", "E-5"), "against": evidence("E-3", "E-4")}))),
    ]
    entry = only(compare_claims(report(old), states, frozenset({"E-1"})))

    assert entry["evidence"] == {
        "for": {"new": {"E-5": [NEW_DATA]}, "gone": {"E-1": [WITHDRAWN], "E-3": [RECODED]}, "is_whole": True},
        "against": {"new": {"E-3": [RECODED]}, "gone": {}, "is_whole": True},
    }


def test_withdrawn_evidence_is_withdrawn_whatever_else_the_step_may_be_due_to() -> None:
    states = [State((WITHDRAWN, METHOD), report(claim(evidence={"for": evidence("E-3")})))]
    entry = only(compare_claims(report(claim(evidence={"for": evidence("E-1", "E-2")})), states, frozenset({"E-1"})))

    assert entry["evidence"]["for"]["gone"] == {"E-1": [WITHDRAWN], "E-2": [WITHDRAWN, METHOD]}
    assert entry["evidence"]["for"]["new"] == {"E-3": [WITHDRAWN, METHOD]}


def test_lists_of_evidence_that_break_off_are_not_whole() -> None:
    entry = only(
        walk(
            claim(evidence={"for": evidence("E-1", more=3), "against": evidence("E-2")}),
            new_data=claim(evidence={"for": evidence("E-1", more=4), "against": evidence("E-2")}),
        )
    )

    assert entry["evidence"] == {"for": {"new": {}, "gone": {}, "is_whole": False}}


def test_the_last_state_must_be_the_new_report() -> None:
    found = compare_claims(report(claim()), [State((NEW_DATA,), report())])

    assert (found["claims"], [entry["id"] for entry in found["removed_claims"]]) == ([], ["titles"])


SHARES = st.one_of(st.none(), st.integers(0, 10_000).map(lambda tenths: tenths / 10_000))
CAUSE = st.lists(st.sampled_from(CAUSES), min_size=1, max_size=2).map(tuple)


@given(st.integers(0, 10_000), st.lists(st.tuples(CAUSE, SHARES), max_size=6), CAUSE, st.integers(0, 10_000))
def test_whatever_the_way_the_steps_add_up_to_the_change(
    first: int, way: list[tuple[tuple[str, ...], float | None]], cause: tuple[str, ...], last: int
) -> None:
    states = [State(causes, report(claim(share=share))) for causes, share in [*way, (cause, last / 10_000)]]
    [figure] = only(compare_claims(report(claim(share=first / 10_000)), states))["figures"]

    assert sum(step["change"] for step in figure["steps"]) == pytest.approx(figure["change"], abs=1e-9)
    assert all(set(step["due_to"]) <= set(CAUSES) for step in figure["steps"])


def test_comparing_changes_neither_report() -> None:
    old, new = report(claim(evidence={"for": evidence("E-1")})), report(claim(share=0.7))
    before = copy.deepcopy((old, new))

    compare_claims(old, [State((NEW_DATA,), new)])

    assert (old, new) == before
