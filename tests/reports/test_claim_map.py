"""The claims of the findings page that the example study recomputes: each has an entry, or a fixed part of the report."""

import re
from pathlib import Path

import pytest

from coding.codebook import load_codebook
from reports.definition import Definition, load_definition

STUDY = Path(__file__).resolve().parents[2] / "studies" / "ai-engineer"
# Parts that no claim computes: how it was made, where it came from, and what one person may be quoted with.
FIXED = frozenset({"methods", "references", "quotes", "threads", "section:skills"})
CLAIMS = {
    "0.1": "methods", "0.2": "references", "0.3": "quotes", "0.4": "quotes", "0.5": "postings-against-work",
    "1.1": "titles-misaligned", "1.2": "posts-ai-means-ml", "1.3": "posts-ml-means-ai", "1.4": "threads", "1.5": "ml-trains",
    "1.6": "ai-integrates", "1.7": "rebrand", "1.8": "reported-mismatch/mismatch.classical-ml",
    "1.9": "reported-mismatch/mismatch.train-from-scratch", "1.10": "reported-mismatch/mismatch.infra",
    "2.1": "work-types", "2.2": "work-types/work-type.orchestrator", "2.3": "work-types/work-type.evals",
    "2.4": "work-types/work-type.efficiency", "2.5": "orchestrators-build", "2.6": "orchestrators-build/project.slack-answers",
    "2.7": "orchestrators-build", "2.8": "orchestrators-build/project.multi-tenant", "2.9": "orchestrators-build/project.agents",
    "2.10": "evals-practices/practice.eval.llm-judge", "2.11": "evals-practices/practice.eval.golden-set",
    "2.12": "evals-practices/practice.eval.hallucination", "2.13": "evals-practices/practice.eval.prod-metrics",
    "2.14": "efficiency-practices/practice.eff.semantic-cache", "2.15": "efficiency-practices/practice.eff.tokens",
    "2.16": "efficiency-practices/practice.eff.rate-limit", "2.17": "efficiency-practices/practice.eff.routing",
    "2.18": "day-to-day/day.dynamic-prompts", "2.19": "day-to-day/day.llm-systems", "2.20": "day-to-day/day.pretrained",
    "2.21": "day-to-day/day.production", "2.22": "debug-loop/challenge.ignored-instruction",
    "2.23": "debug-loop/challenge.chunk", "2.24": "debug-loop/challenge.tokens", "2.25": "debug-loop/challenge.rate-limit",
    "3.1": "section:skills", "4.1": "gap-rag", "4.2": "gap-rag-evals", "4.3": "gap-fine-tuning", "4.4": "gap-ml",
    "4.5": "gap-end-to-end", "4.6": "gap-tools-banned", "4.7": "gap-tools-tested", "4.8": "gap-tools-banned",
    "5.1": "combo-complaint", "5.2": "combo-parts/combo.ml", "5.3": "combo-parts/combo.mlops", "5.4": "combo-parts/combo.data",
    "5.5": "combo-parts/combo.ai", "6.1": "t-titles", "6.2": "t-production", "6.3": "t-evals", "6.4": "t-owners", "6.5": "t-gap",
}  # fmt: skip
SECTIONS = {"0": 5, "1": 10, "2": 25, "3": 1, "4": 8, "5": 5, "6": 5}


@pytest.fixture(scope="module")
def definition() -> Definition:
    return load_definition(STUDY / "findings.yaml", load_codebook(STUDY / "codebook.yaml"))


def test_every_numbered_claim_of_the_page_is_mapped() -> None:
    expected = [f"{section}.{number}" for section, last in SECTIONS.items() for number in range(1, last + 1)]

    assert list(CLAIMS) == expected


@pytest.mark.parametrize(("number", "place"), CLAIMS.items())
def test_a_numbered_claim_has_an_entry_or_a_fixed_part(definition: Definition, number: str, place: str) -> None:
    if place in FIXED:
        assert place.startswith("section:") is (number == "3.1")
        return
    name, _, code = place.partition("/")
    claims = {claim.id: claim for claim in definition.claims}
    assert name in claims
    counted = {*claims[name].codes, claims[name].code}
    if claims[name].attribute is not None:
        counted = set(load_codebook(STUDY / "codebook.yaml").values_of(claims[name].attribute or ""))
    assert not code or code in counted


def test_the_section_that_stands_elsewhere_is_linked(definition: Definition) -> None:
    linked = {section.id for section in definition.sections if section.link}

    assert linked == {"skills"}


def test_every_kind_of_claim_has_something_to_show(definition: Definition) -> None:
    assert {claim.kind for claim in definition.claims} == {
        "consensus", "shares", "ranking", "pairs", "examples", "gap", "compare", "takeaway",
    }  # fmt: skip
    assert any(claim.trend for claim in definition.claims)
    assert any(claim.scope_code for claim in definition.claims)
    assert any(claim.say for claim in definition.claims)
    assert any(claim.concerns for claim in definition.claims)


def test_outside_figures_of_the_page_come_from_counts(definition: Definition) -> None:
    text = (STUDY / "findings.yaml").read_text(encoding="utf-8")

    assert set(definition.references) >= {"rag", "rag_ai_first", "ml_some", "beyond_genai", "full_stack_both"}
    assert not re.search(r"\d\s*%", text)
