"""Recounting: what is tested of a claim is what its report says, in the unit in which it may be compared."""

from collections.abc import Sequence
from typing import Any

import pytest
from fakes.corpora import EVALS, TITLES, Study, crowd, post
from fakes.drawing import draw_audit, needed, read

from reports.corpus import Corpus
from reports.definition import Claim
from reports.pairing import FEW_CHANGED, NOT_COMPARABLE, UNITS, PairedChange
from reports.recounting import compare_figure

EVIDENCE = Claim(id="evidence", kind="shares", label="evidence", attribute="evidence")
FIRSTHAND = Claim(id="evals", kind="shares", label="evals", code="evals", filter={"evidence": "evidence.firsthand"})


def figure(study: Study, claim: Claim, code: str) -> dict[str, Any]:
    """The figure as a report has it."""
    found = next(one for one in study.compute(claim).figures if one.code == code)
    estimate = found.judgement.share.estimate
    settled = found.basis != "unchecked" and estimate is not None
    return {
        "code": code,
        "counts": {"support": 0} if claim.kind == "consensus" else {},
        "share": {"estimate": round(estimate or 0.0, 4)} if settled else None,
    }


def state(study: Study, claim: Claim, code: str) -> tuple[dict[str, Any], Corpus]:
    return figure(study, claim, code), study.corpus()


def outcome(
    claim: Claim, old: tuple[dict[str, Any], Corpus], new: tuple[dict[str, Any], Corpus]
) -> PairedChange | None:
    return compare_figure((claim, claim), (old[0], new[0]), (old[1], new[1]))


def see(study: Study, name: str, people: int, sides: Sequence[str | None], code: str = "titles") -> None:
    """Let so many people come, each with a thread of their own, and read them all."""
    study.see(*(post(f"{name}{number}", f"{name}{number}") for number in range(people)))
    for number in range(people):
        side = sides[number % len(sides)]
        if side is None:
            study.nothing_else(f"{name}{number}")
        else:
            study.code(f"{name}{number}", code, stance=side or None)
            study.nothing_else(f"{name}{number}")


def test_a_stance_is_tested_by_people(study: Study) -> None:
    see(study, "a", 20, ["support", "dispute"])
    old = state(study, TITLES, "titles")
    see(study, "b", 20, ["dispute"])

    found = outcome(TITLES, old, state(study, TITLES, "titles"))

    assert found is not None
    assert (found.change, found.unit, found.changed) == (-0.25, UNITS[0], 20)
    assert found.p is not None


def test_presence_is_tested_by_author_and_thread_and_not_by_volume(study: Study) -> None:
    study.see(*(post(f"a{number}", f"{number}") for number in range(12)))
    for number in range(12):
        study.nothing_else(f"a{number}") if number % 2 else study.code(f"a{number}", "evals")
    old = state(study, EVALS, "evals")
    # The same people write again, in threads where nobody names it: none of them changes, all of their pairs are new.
    study.see(*(post(f"b{number}", f"{number}", created_at="2026-01-05T00:00:00Z") for number in range(12)))
    study.nothing_else(*(f"b{number}" for number in range(12)))

    found = outcome(EVALS, old, state(study, EVALS, "evals"))

    assert found is not None
    assert (found.unit, found.changed, found.change) == (UNITS[1], 12, -0.25)


def test_the_value_of_an_attribute_is_tested_by_people(study: Study) -> None:
    see(study, "a", 4, [""], "evidence.firsthand")
    old = state(study, EVIDENCE, "evidence.firsthand")
    see(study, "b", 12, [""], "evidence.opinion")

    found = outcome(EVIDENCE, old, state(study, EVIDENCE, "evidence.firsthand"))

    assert found is not None
    assert (found.unit, found.changed, found.change) == (UNITS[0], 12, -0.75)


def test_unsure_and_uncodable_posts_cast_no_vote(study: Study) -> None:
    see(study, "a", 10, ["support"])
    study.see(post("x", "x"), post("y", "y"))
    study.code("x", "titles", "unsure")
    study.code("y", "titles", "missing")
    same = state(study, TITLES, "titles")

    found = outcome(TITLES, same, same)

    assert found is not None
    assert (found.change, found.changed, found.why_not) == (0.0, 0, FEW_CHANGED)


def test_a_report_without_the_share_gives_nothing_to_test(study: Study) -> None:
    study.see(*crowd(20, 10))
    unread = state(study, TITLES, "titles")
    study.nothing_else(*(f"p{number:03}" for number in range(20)))
    nobody = state(study, TITLES, "titles")

    assert outcome(TITLES, unread, nobody) is None
    assert outcome(TITLES, nobody, unread) is None


@pytest.mark.parametrize("claim", [FIRSTHAND, EVALS])
def test_a_share_that_single_votes_do_not_give_is_not_comparable(study: Study, claim: Claim) -> None:
    see(study, "a", 20, [""], "evals")
    fitting = state(study, EVALS, "evals")
    study.see(post("x", "x"))

    found = compare_figure((EVALS, claim), (fitting[0], fitting[0]), (fitting[1], study.corpus()))

    assert found is not None
    assert (found.why_not, found.p, found.unit) == (NOT_COMPARABLE, None, UNITS[1])


def test_a_share_that_the_report_computes_otherwise_is_not_comparable(study: Study) -> None:
    see(study, "a", 20, ["support", "dispute"])
    told, corpus = state(study, TITLES, "titles")
    otherwise = {**told, "share": {"estimate": 0.6}}

    found = outcome(TITLES, (told, corpus), (otherwise, corpus))

    assert found is not None
    assert found.why_not == NOT_COMPARABLE
    assert found.change == pytest.approx(0.1)


def audited(study: Study, *, sides: bool = True) -> None:
    """A study in which a machine finds titles in 30 of 90 authors, and an audit is drawn and read.

    Of the authors that were found a third disputes the statement and the others support it, or none takes a side.
    """
    study.see(
        *(
            post(f"p{n:03}", f"{n:03}", thread=f"p{n % 30:03}", text="titles lie" if n < 30 else f"words of {n}")
            for n in range(90)
        )
    )
    study.apply()
    draw_audit(study, "titles", per_stratum=15)
    wanted = sorted(needed(study, TITLES))
    for place, address in enumerate(wanted):
        if address.removeprefix("site:p") < "030":
            side = "support" if place % 3 else "dispute"
            study.code(address, "titles", stance=side if sides else None)
    read(study, TITLES, [address for address in wanted if address.removeprefix("site:p") >= "030"])


def test_a_corrected_stance_is_recounted_as_its_frame_is(study: Study) -> None:
    audited(study)
    old = state(study, TITLES, "titles")
    assert study.compute(TITLES).basis == "screened"
    for number in range(24):
        study.code(f"p{number:03}", "titles", stance="dispute")

    found = outcome(TITLES, old, state(study, TITLES, "titles"))

    assert found is not None
    assert (found.why_not, found.changed) == (None, 16)
    assert found.change < -0.5
    assert found.p is not None
    assert found.p < 0.01


def test_a_stance_that_waits_for_its_audit_is_not_comparable(study: Study) -> None:
    audited(study)
    told, _ = state(study, TITLES, "titles")
    study.see(post("new", "new", text="titles lie"))
    study.apply()
    for number in range(30):
        study.code(f"p{number:03}", "titles", "unsure")
    study.see(*(post(f"q{n}", f"q{n}") for n in range(200)))
    waiting = study.corpus()

    found = compare_figure((TITLES, TITLES), (told, told), (waiting, waiting))

    assert found is not None
    assert found.why_not == NOT_COMPARABLE


def test_an_audit_in_which_nobody_takes_a_side_gives_no_share_to_compare(study: Study) -> None:
    audited(study, sides=False)
    nobody, told = study.corpus(), {"code": "titles", "counts": {"support": 0}, "share": {"estimate": 0.5}}

    found = outcome(TITLES, (told, nobody), (told, nobody))

    assert study.compute(TITLES).basis == "screened"
    assert found is not None
    assert found.why_not == NOT_COMPARABLE
