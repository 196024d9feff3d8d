"""Changes in words: one paragraph for a changelog, and the whole difference in lines."""

from typing import Any

import pytest
from fakes.differences import causes, claim, diff, figure, side, trial, verdict

from reports.change_words import diff_lines, paragraph, points, since

MOVED = claim("titles", verdict=verdict("reported", "most say so", "new_data"))


def lines(*claims: dict[str, Any], **changes: Any) -> str:
    return "\n".join(diff_lines(diff(*claims, **changes)))


def test_a_changelog_says_what_moved_and_how_many_came_and_went() -> None:
    counts = causes(new_people=31, new_threads=4, new_posts=52, withdrawn={"deleted_by_author": 4})

    assert paragraph(diff(MOVED, causes=counts)) == (
        "Since February: “titles mislead” moved from reported to most say so (new posts); 31 new people, 4 new threads, "
        "52 new posts, 4 posts withdrawn by their authors."
    )


def test_one_of_each_is_singular() -> None:
    counts = causes(
        new_people=1, new_threads=1, new_posts=1, edited_posts=1, recoded=1,
        withdrawn={"deleted_by_author": 1, "removed": 1, "vanished": 1},
    )  # fmt: skip

    assert paragraph(diff(causes=counts)) == (
        "Since February: one new person, 1 new thread, 1 new post, 1 text edited since, 1 post withdrawn by its author, "
        "1 post removed by moderators, 1 post that cannot be seen any more, 1 coding of an earlier post."
    )


def test_several_verdicts_shares_and_claims_stand_in_one_paragraph() -> None:
    other = claim("work", verdict=verdict("open", "split"))
    grown = claim("pay", figure(0.61, 0.72, test=trial(is_more_than_chance=True)))
    two = claim("day", figure(), figure(0.1, 0.3, name="Prompts", test=trial(is_more_than_chance=True)))
    both = claim(
        "titles", figure(0.2, 0.4, test=trial(is_more_than_chance=True)),
        verdict=verdict("reported", "most say so", "withdrawn", "recoded"),
    )  # fmt: skip
    counts = causes(
        withdrawn={"vanished": 2, "protected": 1, "purged": 2}, edited_posts=2, recoded=3, codebook=True,
        definition=True, method=["0.1", "0.2"],
    )  # fmt: skip
    named = [{"id": "x", "statement": "x", "verdict": "thin", "label": "reported"}]

    assert paragraph(diff(both, other, grown, two, causes=counts, new_claims=named * 2, removed_claims=named)) == (
        "Since February: “titles mislead” moved from reported to most say so (withdrawn posts and reading and coding); "
        "“work mislead” moved from open to split; the share of “pay mislead” went from 61 % to 72 %, more than chance; "
        "the share of Prompts in “day mislead” went from 10 % to 30 %, more than chance; 2 new claims, "
        "1 claim no longer computed, 2 texts edited since, 3 posts that cannot be seen any more, "
        "2 posts taken out of the study, 3 codings of earlier posts, another codebook, another findings.yaml, "
        "version 0.2 of the program in the place of 0.1."
    )


@pytest.mark.parametrize("counts", [None, causes()])
def test_where_nothing_changed_that_is_said(counts: dict[str, Any] | None) -> None:
    assert paragraph(diff(claim(), causes=counts)) == "Since February: nothing changed."


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2026-02-03T08:00:00Z", "2026-03-03T08:00:00Z", "Since February"),
        ("2026-03-03T08:00:00Z", "2026-03-10T08:00:00Z", "Since 3 March"),
        ("2025-12-03T08:00:00Z", "2026-01-10T08:00:00Z", "Since December 2025"),
    ],
)
def test_since_when_is_as_precise_as_it_must_be(old: str, new: str, words: str) -> None:
    assert since(diff(old=side(1, old), new=side(2, new))) == words


def test_a_report_from_elsewhere_is_dated_by_its_data_or_named() -> None:
    assert since(diff(old=side(None, None, name="old.json"))) == "Since February"
    assert since(diff(old=side(None, None, name="old.json", as_of=None))) == "Since old.json"


@pytest.mark.parametrize(("change", "words"), [(0.061, "6.1 points"), (-0.14, "14 points"), (0.01, "1 point")])
def test_the_size_of_a_change_is_told_in_points(change: float, words: str) -> None:
    assert points(change) == words


def test_the_same_twice_says_so_and_nothing_else() -> None:
    assert lines(claim(), same=True).splitlines()[2:] == ["The two are the same, byte for byte."]


def test_both_reports_are_named_with_what_they_hold() -> None:
    assert lines(old=side(None, None, name="old.json", posts=None, as_of=None)).splitlines()[:2] == [
        "from old.json",
        "to   build 2, built on 3 March 2026, data up to 1 February 2026: 40 posts by 30 people in 10 threads",
    ]


def test_verdicts_come_first_with_the_build_that_first_reached_them() -> None:
    later = claim("work", verdict=verdict("open", "split", "recoded"), first_reached=2)
    unknown = claim("pay", verdict=verdict("open", "split"), first_reached=None)

    assert lines(MOVED, later, unknown, causes=causes(new_posts=2)).splitlines()[2:8] == [
        "between them: 2 new posts",
        "",
        "Verdicts",
        "  titles: reported -> most say so (new posts); reached first in build 1 of 2",
        "  work: open -> split (reading and coding); reached first in this build, of 2",
        "  pay: open -> split",
    ]


def test_a_share_is_told_with_its_steps_and_whether_it_is_more_than_chance() -> None:
    steps = [{"due_to": ["new_data"], "change": 0.12}, {"due_to": ["withdrawn", "method"], "change": -0.01}]
    told = lines(
        claim("a", figure(0.61, 0.72, steps=steps, test=trial(is_more_than_chance=True, q=0.0123))),
        claim(
            "b",
            figure(0.61, 0.56, steps=[{"due_to": [], "change": -0.05}], test=trial(unit="author-and-thread pairs")),
        ),
        claim("c", figure(0.2, 0.3, test=trial(why_not="few-changed", p=None, q=None, visible_from=None))),
        claim("d", figure(0.2, 0.3), figure(0.2, 0.2, name="Other")),
    )

    assert (
        "  a: 61 % -> 72 %, +11 points (new posts +12, withdrawn posts and another version of the program -1); "
        "more than chance (adjusted p 0.012)" in told
    )
    assert (
        "  b: 61 % -> 56 %, -5 points; no more than chance by author-and-thread pairs: only 14 points or more would show"
        in told
    )
    assert "  c: 20 % -> 30 %, +10 points; not tested: fewer than 10 came, left or changed sides" in told
    assert "  d, Titles: 20 % -> 30 %, +10 points" in told
    assert "Other" not in told


def test_shares_that_come_and_go_are_told_and_small_changes_are_counted() -> None:
    told = lines(
        claim("a", figure(None, 0.5)), claim("b", figure(0.5, None)), claim("c", figure(0.5, 0.504)),
        claim("d", figure(0.5, 0.496)), claim("e", figure(0.5, 0.504, test=trial(is_more_than_chance=True))),
    )  # fmt: skip

    assert "  a: 50 %, no share before" in told
    assert "  b: no share any more" in told
    assert "  2 other shares changed by less than 0.5 points" in told
    assert "  e: 50 % -> 50 %, +0.4 points; more than chance" in told


def test_evidence_is_counted_by_side_with_its_reasons() -> None:
    evidence = {
        "for": {"new": {"E-1": ["new_data"], "E-2": ["recoded"]}, "gone": {"E-3": ["withdrawn"]}, "is_whole": True},
        "against": {"new": {}, "gone": {"E-4": []}, "is_whole": False},
    }

    assert (
        "  titles: for: 2 new (new posts, reading and coding), 1 gone (withdrawn posts); against: 1 gone (not known why), "
        "not all posts are listed, so more may have changed; one person newly disputes it"
    ) in lines(claim(evidence=evidence, new_disputing=1))


def test_claims_that_came_and_went_and_notes_are_told() -> None:
    named = {"id": "x", "statement": "x", "verdict": "thin", "label": "reported"}
    told = lines(new_claims=[named], removed_claims=[named], notes=["the texts are gone"], causes=None)

    assert told.splitlines()[2:] == [
        "", "Verdicts", "  none changed", "", "Shares", "  none changed", "", "New claims", "  x: reported", "",
        "Claims no longer computed", "  x was reported", "", "To know", "  the texts are gone",
    ]  # fmt: skip
