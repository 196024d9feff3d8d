"""Concerns: what speaks for and against trusting a claim, in four components, with a level that only a person sets.

The components are those of GRADE-CERQual; this is informed by it and is not it. The facts are computed. The levels are not:
no number of them adds up to one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from reports.claims import Result
from reports.corpus import Corpus
from reports.findings_file import COMPONENTS
from reports.phrases import counted_plainly, filter_words, fragility_words, percent, whole
from reports.words import LABELS


def concerns(result: Result, figures: Sequence[Mapping[str, Any]], corpus: Corpus) -> list[dict[str, Any]]:
    """The four components of a claim, each with what the data say of it and what a person holds of it.

    Args:
        result: the computed claim.
        figures: its figures as they stand in the report.
        corpus: the data of the report.
    """
    facts = {
        "methods": _methods(result, corpus),
        "coherence": _coherence(result, figures),
        "adequacy": _adequacy(result, figures),
        "relevance": _relevance(result, corpus),
    }
    held = result.claim.concerns
    return [
        {
            "component": component,
            "facts": facts[component],
            "level": held[component].level if component in held else None,
            "reason": held[component].reason if component in held else None,
        }
        for component in COMPONENTS
    ]


def _methods(result: Result, corpus: Corpus) -> str:
    """How the posts were coded."""
    if result.rests:
        return f"rests on {counted_plainly(len(result.rests), 'claim')}, the weakest of them {result.basis}"
    read = corpus.layer.posts & result.scope.ids
    coders = [corpus.layer.coders(post) for post in read]
    twice = sum(len(names) > 1 for names in coders)
    everybody = frozenset[str]().union(*coders)
    differ = f", who differ on {counted_plainly(len(result.differing), 'post')}" if result.differing else ""
    posts = counted_plainly(len(result.scope.posts), "post")
    return f"{result.basis} by {counted_plainly(len(everybody), 'person', 'people')}{differ}; {twice:,} of {posts} read twice"


def _coherence(result: Result, figures: Sequence[Mapping[str, Any]]) -> str:
    """How far people and communities disagree."""
    if result.rests:
        labels = dict.fromkeys(LABELS[one.verdict] for one in result.rests)
        return f"what the claims below come to: {', '.join(labels)}"
    figure = figures[0] if figures else None
    if figure is None or figure["share"] is None:
        return "nothing to compare yet"
    parts = []
    if result.claim.is_stance:
        parts.append(f"{percent(figure['dispute_share']['estimate'])} dispute it")
    if figure["leave_one_community_out"] is not None:
        low, high = figure["leave_one_community_out"]
        parts.append(f"{whole(low)} to {whole(high)} % without any one community")
    else:
        parts.append("one community, or none can be left out")
    return ", ".join(parts)


def _adequacy(result: Result, figures: Sequence[Mapping[str, Any]]) -> str:
    """How much there is to go by."""
    if result.rests:
        return "that of the claims below"
    most = max(figures, key=lambda figure: figure["counts"]["people"])
    people, threads = most["counts"]["people"], most["counts"]["threads"]
    if not people:
        return "nobody is counted yet"
    found = f"{counted_plainly(people, 'person', 'people')} in {counted_plainly(threads, 'thread')}"
    if most["share"] is not None:
        found += f" ({most['share']['effective_threads']:.1f} effective)"
    if most.get("fragility") is not None:
        found += f"; {fragility_words(most['fragility'])}"
    return found


def _relevance(result: Result, corpus: Corpus) -> str:
    """How much of what was collected bears on it."""
    if result.rests:
        return "that of the claims below"
    counted = f"{len(result.scope.posts):,} of {counted_plainly(len(corpus.posts), 'post')} counted"
    chosen = filter_words(result.claim.filter, result.claim.scope_code)
    return f"{counted}, {f'where {chosen}' if chosen else 'whoever speaks and from whatever experience'}"
