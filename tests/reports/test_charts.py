import re

import pytest
from fakes.report_sample import (
    Row,
    audited_claim,
    audited_shares,
    counts,
    figure,
    share,
    shares_claim,
    stance_claim,
    stance_figure,
    thin_claim,
    unchecked_claim,
)
from lxml import etree

from reports.charts import interval_chart, sides_chart

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
