import copy

import pytest
from fakes.report_kinds import full_report, trending_claim
from fakes.report_sample import Row, figure, report, share, shares_claim, unchecked_claim
from lxml import etree

from reports.figures import figures

SVG = "{http://www.w3.org/2000/svg}"


def words(content: bytes) -> list[str]:
    return ["".join(text.itertext()) for text in etree.fromstring(content).iter(f"{SVG}text")]


@pytest.fixture
def found() -> Row:
    return report(*full_report()["sections"][0]["claims"][:4], trending_claim())


@pytest.mark.parametrize("kind", ["png", "pdf", "svg"])
def test_the_same_report_gives_the_same_bytes(kind: str, found: Row) -> None:
    assert figures(found, kind) == figures(copy.deepcopy(found), kind)


def test_each_claim_that_is_called_has_a_figure(found: Row) -> None:
    assert list(figures(found, "svg")) == [
        "day.svg", "gap-ads.svg", "gap-tests.svg", "overview.svg", "titles-by-quarter.svg",
        "titles-by-quarter.trend-1.svg", "titles-misaligned.svg",
    ]  # fmt: skip


def test_words_stay_words(found: Row) -> None:
    drawn = figures(found, "svg")

    assert {"For", "Against"} <= set(words(drawn["titles-misaligned.svg"]))
    assert "Building (20 of 44)" in words(drawn["gap-tests.svg"])
    assert "2025-Q4" in words(drawn["titles-by-quarter.trend-1.svg"])
    assert "Titles mislead" in words(drawn["overview.svg"])


def test_where_nothing_is_called_there_is_no_figure() -> None:
    assert figures(report(unchecked_claim()), "svg") == {}


def test_a_share_without_an_interval_is_a_dot_alone() -> None:
    with_line, alone = (
        figures(report(shares_claim(figures=[figure("a", "A", share=share(0.5, 0.2, 0.8, has_interval=known))])), "svg")
        for known in (True, False)
    )

    assert len(alone["work-types.svg"]) < len(with_line["work-types.svg"])
