import pytest
from fakes.report_kinds import (
    difference,
    examples_claim,
    full_report,
    gap_claim,
    pairs_claim,
    ranked_claim,
    reference,
    saturation,
    trending_claim,
)
from fakes.report_sample import (
    audited_claim,
    audited_shares,
    counts,
    figure,
    report,
    shares_claim,
    stance_claim,
    thin_claim,
    unchecked_claim,
)

from reports import tables


def test_a_share_stands_beside_its_count_and_the_published_figure() -> None:
    table = tables.figures_table(shares_claim())

    assert table.header == ("Name", "People", "Share (95 % interval)", "Published")
    assert table.rows[0] == ("Building", "20 of 44", "45 % (28–64 %)", "published 50 %")


def test_a_row_that_is_not_measured_gives_its_label_instead_of_a_share() -> None:
    assert tables.figures_table(shares_claim()).rows[1] == ("Other work", "2 of 44", "reported", "")


def test_without_published_figures_there_is_no_column_for_them() -> None:
    table = tables.figures_table(shares_claim(figures=[figure("a", "A")]))

    assert table.header == ("Name", "People", "Share (95 % interval)")


def test_a_ranking_says_that_its_order_is_not_tested() -> None:
    assert tables.figures_table(shares_claim(kind="ranking")).caption == "In order of share; the order is not tested."
    assert tables.figures_table(shares_claim()).caption == ""


def test_the_sides_of_a_claim_are_counted() -> None:
    rows = tables.sides_table(stance_claim()["figures"][0]).rows

    assert [row[:2] for row in rows] == [("For", "41"), ("Of two minds", "1"), ("Against", "7")]


def test_small_communities_are_hidden() -> None:
    assert tables.communities_table(stance_claim()).rows == (
        ("r/made-up", "17", "3", "21"),
        ("r/tiny", "", "", "fewer than 3"),
    )
    assert tables.communities_table(shares_claim()).rows == (
        ("r/made-up", "13 of 30", "13 of 30"),
        ("r/tiny", "fewer than 3", "fewer than 3"),
    )


def test_a_community_that_a_figure_lacks_leaves_an_empty_cell() -> None:
    claim = shares_claim()
    claim["figures"][1]["communities"] = claim["figures"][1]["communities"][1:]

    assert tables.communities_table(claim).rows[0] == ("r/made-up", "13 of 30", "")


def test_the_details_of_shares_hold_every_count() -> None:
    counted = tables.detail_tables(shares_claim())[0]

    assert counted.rows[0] == ("Building", "20", "44", "23", "2", "44", "24", "57", "3")


def test_an_unread_claim_has_no_tables() -> None:
    assert tables.detail_tables(unchecked_claim()) == []


def test_only_a_claim_that_was_called_is_settled() -> None:
    assert tables.is_settled(stance_claim())
    assert not tables.is_settled(thin_claim())
    assert not tables.is_settled(unchecked_claim())


def test_the_collection_is_counted_by_community() -> None:
    assert tables.collected_table(report()).rows == (("r/made-up", "449", "1", "329"),)


def test_audited_shares_say_that_only_those_read_are_counted() -> None:
    table = tables.figures_table(audited_shares())

    assert table.caption == tables.CORRECTED
    assert table.rows == (
        ("Evals", "20 of 44 read", "45 % (28–64 %)"),
        ("Late", "20 of 44 read", "reported, at most 2 % in what was collected"),
    )


def test_an_audited_ranking_says_both_that_its_order_is_not_tested_and_that_it_is_corrected() -> None:
    caption = tables.figures_table(audited_shares(kind="ranking")).caption

    assert caption == f"{tables.ORDER_NOT_TESTED} {tables.CORRECTED}"


def test_the_sides_of_an_audited_claim_are_those_of_people_who_were_read() -> None:
    assert tables.sides_table(audited_claim()["figures"][0]).caption == tables.CORRECTED


def test_the_weight_of_threads_is_that_of_all_whom_an_audit_speaks_for() -> None:
    weights = next(table for table in tables.detail_tables(audited_shares()) if "Weight" in table.header[0])

    assert weights.rows[0][4] == "12 % of 739 people"


def test_a_figure_that_nobody_read_counts_who_mentions_it() -> None:
    unread = {"verdict": "unchecked", "label": "not read yet", "share": None}
    figures = [
        figure("evals", "Evals", **unread, counts=counts(0, 0, mentioning=1)),
        figure("late", "Late", **unread, counts=counts(0, 0, mentioning=7)),
    ]

    assert tables.figures_table(shares_claim(figures=figures)).rows == (
        ("Evals", "1 mentions it", "not read yet"),
        ("Late", "7 mention it", "not read yet"),
    )


def test_examples_show_what_several_people_give_and_name_the_rest_apart() -> None:
    assert [row[0] for row in tables.figures_table(examples_claim()).rows] == ["Building"]
    assert [figure["name"] for figure in tables.single_accounts(examples_claim())] == ["Other work"]
    assert tables.single_accounts(shares_claim()) == []


def test_only_accounts_of_one_person_are_called_single() -> None:
    two = {"shown": [], "single": [], "more": 0, "min_authors": 2}

    assert tables.single_title(examples_claim(examples=two)) == "Single accounts, not counted as a pattern"
    assert tables.single_title(examples_claim()) == "In the accounts of fewer than 3 people, not counted as a pattern"


def test_pairs_say_who_names_only_one_of_two() -> None:
    table = tables.pairs_table(pairs_claim())

    assert table.rows[0] == (
        "Assumed: writing prompts all day", "code that makes prompts", "17 of 44", "6", "3", "measured"
    )  # fmt: skip
    assert table.rows[1] == ("Expected: agents", "pipelines", "", "", "", "not read yet")


def test_a_pair_without_an_opposite_has_no_figures_for_it() -> None:
    claim = pairs_claim()
    claim["pairs"][0]["against"] = None

    assert tables.pairs_table(claim).rows[0][2:] == ("17 of 44", "", "", "measured")


def test_a_table_of_gaps_has_outside_figures_beside_what_people_say() -> None:
    section = {"claims": [gap_claim(), stance_claim(), gap_claim(references=[], no_reference=True)]}
    table = tables.gap_table(section)

    assert table.caption
    assert [row[0] for row in table.rows] == ["Adverts", "Adverts"]
    assert "321 of 895" in table.rows[0][1]
    assert table.rows[1][1] == "no outside figure"
    assert tables.gap_table({"claims": [stance_claim()]}).rows == ()


def test_outside_figures_are_told_with_base_and_source() -> None:
    assert tables.references_table([reference(), reference(definition=None, as_of=None, source=None)]).rows == (
        ("Made-up adverts that name it", "321 of 895", "36 %", "all adverts", "the advert names it", "2026-01",
         "an invented count"),
        ("Made-up adverts that name it", "321 of 895", "36 %", "all adverts", "", "", ""),
    )  # fmt: skip


def test_the_order_is_told_two_and_two() -> None:
    table = tables.order_table(ranked_claim())

    assert table.rows == (("Building and Other work", "17", "6", "+25 points (+6 to +44)", "0.0121", "Building"),)
    assert table in tables.detail_tables(ranked_claim())
    assert tables.order_table(shares_claim()).rows == ()


def test_an_order_that_cannot_be_told_says_so() -> None:
    pair = difference(ahead=None, q=None, difference=-0.004, lower=None, upper=None)
    order = {"unit": "people", "pairs": [pair], "tested": False, "fewest": 10}

    assert tables.order_table(ranked_claim(order=order)).rows[0][3:] == ("0 points", "", "cannot be told")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"difference": None}, ""),
        ({"difference": -0.1, "lower": -0.2, "upper": 0.0}, "\N{MINUS SIGN}10 points (\N{MINUS SIGN}20 to 0)"),
    ],
)
def test_a_difference_is_said_in_points(values: dict[str, float], said: str) -> None:
    assert tables.difference_words(difference(**values)) == said


def test_periods_are_rows_and_those_without_a_share_are_empty() -> None:
    table = tables.trend_table(trending_claim()["figures"][0])

    assert table.header[1] == "People"
    assert table.rows[0] == ("2025-Q2", "20 of 40", "16", "30 % (20–40 %)")
    assert table.rows[1][3] == ""
    assert table in tables.detail_tables(trending_claim())


def test_the_curve_of_saturation_is_told_in_six_rows_at_most() -> None:
    table = tables.saturation_table(full_report())

    assert table.rows[0] == ("1", "2.4")
    assert table.rows[-1] == ("12", "11.2")
    assert len(table.rows) == 6
    assert tables.saturation_table(report()).rows == ()
    assert tables.saturation_table(report(saturation=saturation(curve=[[1, 3.0]]))).rows == (("1", "3.0"),)


def test_communities_counted_by_thread_say_so() -> None:
    assert tables.communities_table(shares_claim()).caption == tables.PAIRS_COUNTED
    people = figure("a", "A", communities_unit="people")
    assert tables.communities_table(shares_claim(figures=[people])).caption == ""
