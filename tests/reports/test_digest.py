"""The digest: one page of what changed, of what to look at, and of what could not have been seen."""

from typing import Any

import pytest
from fakes.differences import causes, claim, diff, figure, side, trial, verdict

from reports.digest import NewThread, Surroundings, digest, first_digest, has_news

AROUND = Surroundings("Bread: our town")
MOVED = claim("titles", verdict=verdict("reported", "most say so", "new_data"), first_reached=2)
OPEN = NewThread("reddit:t3_a", "https://example.org/a", "r/bakers", 34, {"Prices": 3, "Queues": 12})
SMALL = NewThread("reddit:t3_b", None, "r/cooks", 1, {"Prices": 1})
SILENT = NewThread("reddit:t3_c", None, "r/cooks", 5, {})


def reported(*claims: dict[str, Any]) -> dict[str, Any]:
    return {"sections": [{"id": "one", "claims": list(claims)}]}


def share(estimate: float, lower: float, upper: float, **changes: Any) -> dict[str, Any]:
    return {"estimate": estimate, "lower": lower, "upper": upper, "has_interval": True} | changes


def of_report(name: str, *shares: dict[str, Any] | None, headline: bool = True) -> dict[str, Any]:
    return {
        "id": name, "statement": f"{name} mislead", "label": "reported", "headline": headline,
        "figures": [{"share": one} for one in shares],
    }  # fmt: skip


def page(found: dict[str, Any], around: Surroundings = AROUND, report: dict[str, Any] | None = None) -> str:
    return digest(found, report or reported(), around)


def headings(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("## ")]


def test_the_first_page_says_how_the_claims_stand_and_has_nothing_to_compare() -> None:
    around = Surroundings("Bread: our town", way=["2 decisions, about 1 minute, would settle one claim: titles"])

    assert first_digest(reported(of_report("titles")), around).splitlines() == [
        "# Bread: our town: what changed",
        "",
        "For the people of this study only, not for publication: it links to single threads.",
        "",
        "This is the first digest: the next one says what changed since.",
        "",
        "## Where the claims stand",
        "",
        "- “titles mislead” (`titles`): reported",
        "",
        "## What to read next",
        "",
        "- 2 decisions, about 1 minute, would settle one claim: titles",
    ]
    assert "No claim is computed yet." in first_digest(reported(), AROUND)


def test_a_page_begins_with_the_data_and_what_came() -> None:
    found = diff(MOVED, new=side(2, as_of="2026-03-01T00:00:00Z"), causes=causes(new_posts=12, new_people=1, recoded=2))

    data = "Data: 40 posts by 30 people in 10 threads, up to 1 March 2026 (last time up to 1 February 2026)."
    assert f"{data} 12 new posts, one new person, 2 codings of earlier posts." in page(found)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2026-02-01", "2026-02-01", ", up to 1 February 2026 (as last time). No new post and no new coding."),
        (None, "2026-02-01", ", up to 1 February 2026 (nothing last time)."),
        (None, None, "10 threads (as last time)."),
    ],
)
def test_data_that_did_not_grow_or_are_new_are_called_so(old: str | None, new: str | None, words: str) -> None:
    assert words in page(diff(old=side(as_of=old), new=side(2, as_of=new), causes=None))


def test_changed_verdicts_come_first_with_cause_and_look() -> None:
    named = {"id": "x", "statement": "x *y*", "verdict": "thin", "label": "reported"}
    text = page(
        diff(MOVED, claim("work", verdict=verdict("open", "split")), new_claims=[named], removed_claims=[named])
    )

    assert headings(text) == ["## Changed verdicts"]
    assert (
        "- “titles mislead” (`titles`): reported → **most say so**, by new posts; reached first in this build, of 2"
        in text
    )
    assert "- “work mislead” (`work`): open → **split**; reached first in build 1 of 2" in text
    assert "- “x \\*y\\*” (`x`) is new: reported" in text
    assert "- “x \\*y\\*” (`x`) is no longer computed; it was: reported" in text


def test_a_share_that_changed_by_more_than_chance_is_told() -> None:
    text = page(diff(claim("titles", figure(0.61, 0.72, test=trial(is_more_than_chance=True)))))

    assert headings(text) == ["## Shares that changed by more than chance"]
    assert "- The share of “titles mislead” went from 61 % to 72 %: 11 points (`titles`)" in text


def test_where_nothing_changed_the_size_that_would_have_shown_is_told() -> None:
    text = page(diff(claim("titles", figure(0.61, 0.66, test=trial()))))

    assert headings(text) == ["## No verdict changed, and no share by more than chance"]
    assert "Only a change of 14 points or more would have shown in a claim (“titles mislead” (`titles`))." in text


def test_of_several_sizes_the_smallest_of_a_headline_claim_is_told_and_what_others_take() -> None:
    found = diff(
        claim("a", figure(test=trial(visible_from=0.2))),
        claim("b", figure(test=trial(visible_from=0.3))),
        claim("c", figure(test=trial(visible_from=0.02)), figure(), headline=False),
    )
    report = reported(of_report("a"), of_report("b"), of_report("c", headline=False))

    assert (
        "Only a change of 20 points or more would have shown in a headline claim (“a mislead” (`a`)); others take up to "
        "30 points." in page(found, report=report)
    )


def test_where_nothing_was_tested_the_reach_of_the_intervals_is_told() -> None:
    report = reported(
        of_report("a", share(0.5, 0.36, 0.62)),
        of_report("b", share(0.5, 0.2, 0.6), share(0.9, 0.0, 1.0, has_interval=False), None),
        of_report("c", share(0.01, 0.0, 0.02), headline=False),
    )

    assert (
        "In no share did 10 come, leave or change sides, so none was tested. By the intervals of the shares: only a change "
        "of 14 points or more would have shown in a headline claim (“a mislead” (`a`)); others take up to 30 points."
        in page(diff(claim("a")), report=report)
    )
    assert "so none was tested; no share has an interval yet." in page(diff(), report=reported(of_report("a", None)))


def test_new_disputing_voices_are_counted_with_the_way_to_them() -> None:
    text = page(diff({**MOVED, "new_disputing": 3}, claim("work", new_disputing=1)))

    assert "## New disputing voices" in text
    assert "- “titles mislead” (`titles`): 3 people newly dispute it (`groundswell evidence show titles`)" in text
    assert "- “work mislead” (`work`): one person newly disputes it" in text


def test_threads_worth_opening_stand_with_link_size_and_codes_those_with_most_first() -> None:
    text = page(diff(), Surroundings("Bread", threads=[SILENT, SMALL, OPEN]))

    assert (
        "## Threads worth opening\n\n- https://example.org/a (r/bakers, 34 posts): Queues 12, Prices 3\n"
        "- reddit:t3_b (r/cooks, 1 post): Prices 1\n\n1 new thread mentions none." in text
    )


def test_no_more_than_eight_threads_are_named_and_the_rest_is_counted() -> None:
    many = [NewThread(f"example:{n:02}", None, "r/x", 1, {"Prices": 1}) for n in range(11)]
    text = page(diff(), Surroundings("Bread", threads=[*many, SILENT, SILENT]))

    assert text.count("(r/x, 1 post)") == 8
    assert "3 more new threads mention a code; 2 new threads mention none." in text


def test_a_sensitive_study_names_no_thread() -> None:
    around = Surroundings(
        "Bread", threads=[OPEN, SMALL, SILENT], incomplete=[("https://example.org/a", 3, 9)], sensitive=True
    )
    text = page(diff(), around)

    assert "example.org" not in text
    assert "- r/bakers: 1 new thread\n- r/cooks: 1 new thread" in text
    assert "For the people of this study only, not for publication.\n" in text


def test_withdrawn_posts_are_told_by_what_became_of_them_and_by_claim() -> None:
    lost = {"for": {"new": {}, "gone": {"E-1": ["withdrawn"], "E-2": ["recoded"]}, "is_whole": True}}
    found = diff(claim(evidence=lost), claim("work"), causes=causes(withdrawn={"deleted_by_author": 4, "removed": 1}))

    assert (
        "## Withdrawn\n\n- 4 posts withdrawn by their authors\n- 1 post removed by moderators\n"
        "- 1 post of the evidence of `titles`\n" in page(found)
    )


def test_gaps_of_collection_are_told_new_ones_first() -> None:
    around = Surroundings(
        "Bread",
        problems=["r/bakers: it did not answer"],
        still=["list.md: no such file"],
        incomplete=[("https://example.org/a", 3, 9), ("hn:1", None, None)],
    )

    assert (
        "## Gaps of collection\n\n- r/bakers: it did not answer\n- list.md: no such file (as before)\n"
        "- 2 threads are not known to be complete (`groundswell collect gaps`)\n"
        "  - https://example.org/a: 3 of 9\n  - hn:1: 0 of an unknown number\n" in page(diff(), around)
    )


def test_what_to_read_next_is_a_list() -> None:
    around = Surroundings("Bread", way=["2 decisions*, about 1 minute", "  * the posts that were found"])

    assert page(diff(), around).endswith(
        "## What to read next\n\n- 2 decisions*, about 1 minute\n  * the posts that were found\n"
    )


@pytest.mark.parametrize(
    ("found", "around"),
    [
        (diff(MOVED), AROUND),
        (diff(claim(new_disputing=1)), AROUND),
        (diff(claim("a", figure(test=trial(is_more_than_chance=True)))), AROUND),
        (diff(new_claims=[{}]), AROUND),
        (diff(removed_claims=[{}]), AROUND),
        (diff(claim(evidence={"for": {"new": {}, "gone": {"E-1": ["withdrawn"]}}})), AROUND),
        (diff(), Surroundings("Bread", threads=[OPEN])),
        (diff(), Surroundings("Bread", problems=["r/bakers: it did not answer"])),
    ],
)
def test_there_is_news_where_a_reader_does_not_know_something_yet(found: dict[str, Any], around: Surroundings) -> None:
    assert has_news(found, around)


@pytest.mark.parametrize(
    "around",
    [
        AROUND,
        Surroundings("Bread", threads=[SILENT]),
        Surroundings("Bread", still=["as before"], incomplete=[("hn:1", 1, 2)], way=["2 decisions"]),
    ],
)
def test_there_is_no_news_where_all_is_as_it_was(around: Surroundings) -> None:
    counts = causes(new_posts=3, recoded=2, withdrawn={"removed": 1})

    assert not has_news(diff(claim("a", figure(0.5, 0.52, test=trial())), causes=counts), around)


def test_the_same_changes_give_the_same_page() -> None:
    around = Surroundings("Bread", threads=[OPEN, SMALL])

    assert page(diff(MOVED), around) == page(diff(MOVED), Surroundings("Bread", threads=[SMALL, OPEN]))
