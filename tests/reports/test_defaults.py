from fakes.report_sample import report, shares_claim, stance_claim

from reports.defaults import completed
from reports.render import render_html, render_markdown

CLAIM = ("id", "kind", "statement", "headline", "filter", "basis", "verdict", "label", "sentence", "reasons", "read", "need",
         "private", "evidence")  # fmt: skip
FIGURE = ("code", "name", "verdict", "label", "counts", "share", "audit", "published", "communities", "within",
          "dispute_share", "fragility", "p_largest_against_rest")  # fmt: skip


def test_a_report_of_an_earlier_tool_can_still_be_rendered() -> None:
    old = report(stance_claim(), shares_claim())
    for name in (
        "thresholds",
        "declared_thresholds",
        "references",
        "saturation",
        "tests",
        "quotes",
        "evidence",
        "leads",
    ):
        del old[name]
    del old["report"]["output"]
    old["sections"] = [
        {"id": "s", "title": "S", "claims": [
            {**{name: claim[name] for name in CLAIM},
             "figures": [{name: figure[name] for name in FIGURE if name in figure} for figure in claim["figures"]]}
            for claim in old["sections"][0]["claims"]
        ]}
    ]  # fmt: skip

    found = completed(old)

    assert [claim["is_stance"] for claim in found["sections"][0]["claims"]] == [True, False]
    assert "41 of the 49 who took a side" in render_markdown(found)
    assert "41 of the 49 who took a side" in render_html(found)


def test_what_a_report_says_stays() -> None:
    assert completed(report()) == report()
