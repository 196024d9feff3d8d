import re

import pytest
from fakes.report_kinds import (
    communities_claim,
    examples_claim,
    full_report,
    gap_claim,
    gap_shares,
    pair,
    pairs_claim,
    point,
    saturation,
    trend,
    trending_claim,
)
from fakes.report_sample import (
    Row,
    audited_claim,
    audited_shares,
    counts,
    figure,
    report,
    share,
    shares_claim,
    stance_claim,
    stance_figure,
    thin_claim,
    unchecked_claim,
)
from lxml import etree

from reports.charts import (
    communities_chart,
    interval_chart,
    pairs_chart,
    saturation_chart,
    sides_chart,
    trend_chart,
)

SVG = "{http://www.w3.org/2000/svg}"


def drawn(chart: str) -> etree._Element:
    return etree.fromstring(chart)


@pytest.mark.parametrize(
    "chart", [interval_chart(shares_claim()), sides_chart(stance_claim())], ids=["shares", "sides"]
)
def test_a_chart_is_a_picture_with_a_title_a_description_and_a_font(chart: str) -> None:
    svg = drawn(chart)

    assert svg.get("role") == "img"
    assert "sans-serif" in svg.get("font-family", "")
    assert [svg[0].tag, svg[1].tag] == [f"{SVG}title", f"{SVG}desc"]
    assert svg.get("aria-labelledby") == f"{svg[0].get('id')} {svg[1].get('id')}"


def test_a_chart_of_shares_says_its_numbers_in_words() -> None:
    description = drawn(interval_chart(shares_claim())).findtext(f"{SVG}desc")

    assert description == (
        "Building: 20 of 44 people, 45 % (28–64 %), published 50 %. Other work: 2 of 44 people, reported."
    )


def test_a_chart_of_sides_says_its_numbers_in_words() -> None:
    description = drawn(sides_chart(stance_claim())).findtext(f"{SVG}desc")

    assert description == "Of 49 people: 41 for, 1 of two minds, 7 against. For: 84 % (69–92 %)."


def test_a_measured_share_is_a_dot_and_a_published_figure_a_hollow_diamond() -> None:
    svg = drawn(interval_chart(shares_claim()))
    diamonds = svg.findall(f"{SVG}path[@transform]")

    assert len(svg.findall(f"{SVG}circle")) == 2  # one figure is measured; the other dot is the legend's
    assert [diamond.get("fill") for diamond in diamonds] == ["none", "none"]


def test_a_share_without_an_interval_is_a_dot_alone() -> None:
    alone = figure("a", "A", share=share(0.5, 0.0, 1.0, has_interval=False))
    svg = drawn(interval_chart(shares_claim(figures=[alone])))

    assert svg.findall(f"{SVG}path[@class='mark']") == []


@pytest.mark.parametrize(
    ("upper", "last"), [(0.0728, "10 %"), (0.1, "10 %"), (0.1001, "20 %"), (0.6356, "80 %"), (1.0, "100 %")]
)
def test_the_axis_ends_at_the_next_round_share(upper: float, last: str) -> None:
    one = figure("a", "A", share=share(0.05, 0.01, upper))
    words = [text.text for text in drawn(interval_chart(shares_claim(figures=[one]))).findall(f"{SVG}text")]

    assert last in words


def test_the_axis_reaches_a_published_figure() -> None:
    one = figure("a", "A", share=share(0.05, 0.01, 0.09), published=0.95)
    words = [text.text for text in drawn(interval_chart(shares_claim(figures=[one]))).findall(f"{SVG}text")]

    assert "100 %" in words


def test_sides_lie_left_and_right_of_one_line() -> None:
    against, of_two_minds, in_favour = drawn(sides_chart(stance_claim())).findall(f"{SVG}rect")

    assert against.get("fill") == "none"
    assert float(against.get("x", "")) + float(against.get("width", "")) == pytest.approx(148.5, abs=0.2)
    assert float(of_two_minds.get("x", "")) == pytest.approx(148.5, abs=0.2)
    assert float(in_favour.get("x", "")) == pytest.approx(151.5, abs=0.2)


def test_a_side_without_people_is_not_drawn() -> None:
    all_for = stance_figure(counts=counts(30, 30, support=30, dispute=0, mixed=0, without_stance=0))

    assert len(drawn(sides_chart(stance_claim(figures=[all_for]))).findall(f"{SVG}rect")) == 1


@pytest.mark.parametrize("claim", [thin_claim(), unchecked_claim()], ids=["thin", "unchecked"])
def test_a_claim_that_was_not_called_has_no_bar(claim: Row) -> None:
    assert sides_chart(claim) == ""


def test_where_nothing_is_measured_there_is_no_chart() -> None:
    claim = shares_claim(
        figures=[figure("a", "A", verdict="unchecked", label="not read yet", share=None, published=0.5)]
    )

    assert interval_chart(claim) == ""


def test_names_are_shown_as_text_and_long_ones_are_cut_in_the_picture_only() -> None:
    name = '<script>alert("x")</script> & a name far too long'
    svg = drawn(interval_chart(shares_claim(figures=[figure("a", name)])))

    assert svg.findall(f".//{SVG}script") == []
    assert svg.findtext(f"{SVG}text[1]") is not None
    assert name in (svg.findtext(f"{SVG}desc") or "")
    assert '<script>alert("x")</script> & a nam…' in [text.text for text in svg.findall(f"{SVG}text")]


def test_the_same_claim_gives_the_same_bytes() -> None:
    assert interval_chart(shares_claim()) == interval_chart(shares_claim())
    assert sides_chart(stance_claim()) == sides_chart(stance_claim())


def test_colour_is_that_of_the_text_around_it() -> None:
    svg = drawn(interval_chart(shares_claim()))

    assert {mark.get("fill") for mark in svg.iter() if mark.get("fill")} == {"currentColor", "none"}
    assert {mark.get("stroke") for mark in svg.iter() if mark.get("stroke")} == {"currentColor"}


def test_a_chart_of_audited_sides_draws_the_shares_and_not_those_who_were_read() -> None:
    chart = sides_chart(audited_claim())

    assert "Of about 96 people: 84 % for, 2 % of two minds, 14 % against." in chart
    widths = [float(width) for width in re.findall(r'<rect [^>]*? width="([\d.]+)"', chart)]
    assert widths == pytest.approx([0.1429 * 148, 0.0204 * 148, 0.8367 * 148], abs=0.1)


def test_a_chart_of_audited_shares_counts_those_who_were_read() -> None:
    chart = interval_chart(audited_shares())

    assert ">20 of 44 read<" in chart
    assert "Evals: of about 739 people, 45 %" in chart


def words_in(chart: str) -> list[str | None]:
    return [text.text for text in drawn(chart).findall(f"{SVG}text")]


def test_an_outside_figure_stands_beside_the_code_that_it_counts() -> None:
    chart = interval_chart(gap_shares())

    assert "Building: 20 of 44 people, 45 % (28–64 %), published 50 %, published 36 %." in chart
    assert interval_chart(gap_claim()) == ""


def test_single_accounts_are_not_drawn() -> None:
    assert "Other work" not in interval_chart(examples_claim())


def test_pairs_lie_left_and_right_of_one_line() -> None:
    chart = pairs_chart(pairs_claim())

    assert words_in(chart) == ["writing prompts all day", "code that makes prompts", "6 only", "3 both", "17 only"]
    assert (drawn(chart).findtext(f"{SVG}desc") or "").startswith(
        "Of 44 people 17 name only code that makes prompts, 6 only"
    )
    assert len(drawn(chart).findall(f"{SVG}rect")) == 3


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [pair(counts=None)],
        [pair(against=None)],
        [pair(counts={"both": 0, "only_got": 0, "only_against": 0, "people": 9})],
    ],
    ids=["none", "unread", "without an opposite", "nobody"],
)
def test_pairs_of_which_nothing_is_known_are_not_drawn(pairs: list[Row]) -> None:
    assert pairs_chart(pairs_claim(pairs=pairs)) == ""


def test_communities_that_may_be_shown_are_drawn_on_one_scale() -> None:
    chart = communities_chart(communities_claim())

    assert words_in(chart) == [text for name in ("r/one", "r/two", "r/three") for text in (name, "15 for, 4 against")]
    assert {rect.get("width") for rect in drawn(chart).findall(f"{SVG}rect") if rect.get("class")} == {"78.8"}
    assert "r/tiny" not in chart


@pytest.mark.parametrize(
    "claim",
    [stance_claim(), thin_claim(), shares_claim(), unchecked_claim()],
    ids=["one community", "thin", "several figures", "unread"],
)
def test_communities_are_not_drawn_where_there_is_nothing_to_compare(claim: Row) -> None:
    assert communities_chart(claim) == ""


def test_communities_of_a_share_count_yes_and_no() -> None:
    found = [{"name": name, "people": 20, "yes": 15, "no": 5} for name in ("r/one", "r/two")]
    chart = communities_chart(shares_claim(figures=[figure("a", "A", communities=found)]))

    assert "15 yes, 5 no" in chart


def test_a_line_joins_periods_and_leaves_gaps() -> None:
    svg = drawn(trend_chart(trending_claim()))

    assert (svg.findtext(f"{SVG}desc") or "").startswith("2025-Q2: 30 % (20–40 %); 2025-Q3: not shown; 2025-Q4: 50 %")
    assert len(svg.findall(f"{SVG}circle")) == 3
    assert len(svg.findall(f"{SVG}path[@class='mark']")) == 2
    assert {"2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "80 %"} <= {text.text for text in svg.findall(f"{SVG}text")}


def test_long_names_of_many_periods_are_cut_and_some_left_out() -> None:
    points = [point(f"2025-{month:02}-01 to 2025-{month:02}-28", 0.3) for month in range(1, 10)]
    claim = stance_claim(figures=[stance_figure(trend=trend(points=points))])

    assert [text for text in words_in(trend_chart(claim)) if text and text.startswith("2025")] == [
        f"2025-0{month}-01" for month in (1, 3, 5, 7, 9)
    ]


@pytest.mark.parametrize("points", [[], [point("a", 0.3)], [point("a", 0.3), point("b", None)]])
def test_one_period_alone_is_no_line(points: list[Row]) -> None:
    assert trend_chart(stance_claim(figures=[stance_figure(trend=trend(points=points))])) == ""
    assert trend_chart(stance_claim()) == ""


def test_the_curve_of_saturation_rises_to_the_codes_that_were_found() -> None:
    svg = drawn(saturation_chart(full_report()))

    assert svg.findtext(f"{SVG}desc") == "9.5 codes are expected in 7 threads, 11.2 in 12 threads."
    assert len(svg.findall(f"{SVG}path[@class='mark']")) == 1


def test_without_a_curve_saturation_is_not_drawn() -> None:
    assert saturation_chart(report()) == ""
    assert saturation_chart(report(saturation=saturation(curve=[[1, 3.0]]))) == ""


def test_a_side_that_nobody_takes_has_no_width_in_a_pair() -> None:
    nobody = pair(counts={"both": 0, "only_got": 0, "only_against": 4, "people": 9})

    assert len(drawn(pairs_chart(pairs_claim(pairs=[nobody]))).findall(f"{SVG}rect")) == 1


def test_a_long_gap_parts_a_line_once() -> None:
    points = [point("a", 0.3), point("b", None), point("c", None), point("d", 0.4)]
    chart = trend_chart(stance_claim(figures=[stance_figure(trend=trend(points=points))]))

    assert len(drawn(chart).findall(f"{SVG}path[@class='mark']")) == 2
