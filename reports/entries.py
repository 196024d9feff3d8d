"""Entries: a computed claim as it stands in report.json, with its sentence, figures, evidence and need.

Every claim has the same keys, whatever its kind: what a kind does not have is null or empty. `reports/schema` says what
each of them holds.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from coding.final import PRESENT
from db.queries.reporting import Post
from reports.claims import Figures, Result, distinct_authors, distinct_threads, least_certain, scope_of
from reports.concerns import concerns
from reports.corpus import Corpus
from reports.definition import Claim, Pair
from reports.estimators import CommunityShare, Share
from reports.families import Adjusted
from reports.figure_entries import HIDDEN_BELOW, SETTLED, difference_entry, figure_entry
from reports.frequency import DECREASINGLY, INCREASINGLY, OFTEN, RARELY, FrequencyWord, without
from reports.kind_words import PairSlots, comparison_sentence, examples_sentence, pair_sentence, takeaway_sentence
from reports.needs import Need, need_for_inconclusive, need_for_thin, need_for_unchecked
from reports.phrases import percent
from reports.reading import ToRead
from reports.references import Reference
from reports.screening import UNCHECKED
from reports.verdicts import DECLARED, FEW_POSITIVES, Thresholds, Verdict
from reports.words import LABELS, Slots, own_sentence, presence_sentence, stance_sentence

__all__ = ["HIDDEN_BELOW", "LISTED", "SETTLED", "Context", "claim_entry", "reference_entry"]

LISTED = 200
THREADS_LISTED = 20
TOO_FEW = frozenset({"few-people", "few-threads", FEW_POSITIVES})
NO_TESTS = Adjusted({}, {}, {})


@dataclass(frozen=True, slots=True)
class Context:
    """What an entry needs to know of the rest of the report.

    Attributes:
        tests: what is adjusted together.
        thresholds: the limits declared for the report.
        references: the outside figures, by key.
        names_threads: whether the report may name threads.
    """

    tests: Adjusted = NO_TESTS
    thresholds: Thresholds = DECLARED
    references: Mapping[str, Reference] = field(default_factory=dict)
    names_threads: bool = True


def claim_entry(
    result: Result, corpus: Corpus, waiting: ToRead | None, context: Context | None = None
) -> dict[str, Any]:
    """The entry of one claim.

    Args:
        result: as computed.
        corpus: the data of the report.
        waiting: what it waits for.
        context: what it needs to know of the rest of the report.
    """
    context = context or Context()
    claim, verdict = result.claim, result.verdict
    frequency = _frequency(
        claim.frequency, often=result.figures[:1], rarely=result.figures[:1], claim=claim.id, context=context
    )
    statement = _statement(claim.label, claim.frequency, frequency)
    slots = _slots(result, statement) if result.figures else None
    figures = [
        figure_entry(
            figure,
            corpus,
            claim.published.get(figure.code),
            context.tests.trends.get((claim.id, figure.code)),
            context.thresholds,
        )
        for figure in result.figures
    ]
    order = _order(result, context)
    examples = _examples(result)
    return {
        "id": claim.id,
        "kind": claim.kind,
        "is_stance": claim.is_stance,
        "statement": statement,
        "headline": claim.headline,
        "filter": dict(sorted(claim.filter.items())),
        "scope_code": claim.scope_code,
        "basis": result.basis,
        "verdict": verdict.value,
        "label": LABELS[verdict] if slots is None else _label(verdict, slots),
        "sentence": _sentence(result, statement, slots, order=order, examples=examples, corpus=corpus),
        "frequency": frequency,
        "reasons": list(_reasons(result)),
        "read": _read(result),
        "need": _need(result, waiting, context.thresholds),
        "test": _test(result, context),
        "figures": figures,
        "order": order,
        "pairs": [_pair(pair, result, order, context) for pair in claim.pairs],
        "examples": examples,
        "references": _references(claim, context),
        "construct": "differs" if claim.construct_differs else "same",
        "dimension": claim.dimension,
        "no_reference": claim.kind == "gap" and not claim.references,
        "rests_on": [_rest(one) for one in result.rests],
        "concerns": concerns(result, figures, corpus),
        "confidence": None
        if claim.confidence is None
        else {"level": claim.confidence.level, "reason": claim.confidence.reason},
        "private": _private(result, corpus),
        "evidence": _evidence(result, corpus),
        "sources": _sources(result) if context.names_threads else {"threads": [], "more": 0},
    }


def _statement(text: str, word: FrequencyWord | None, entry: Mapping[str, Any] | None) -> str:
    """A statement with its word of frequency, or without it where its rule does not hold."""
    return without(text, word) if word is not None and entry is not None and not entry["holds"] else text


def _frequency(
    word: FrequencyWord | None, *, often: Sequence[Figures], rarely: Sequence[Figures], claim: str, context: Context
) -> dict[str, Any] | None:
    """Whether the figures carry a word of frequency.

    Args:
        word: the word.
        often: the figures whose share "often" and a trend speak of.
        rarely: those whose share "rarely" speaks of.
        claim: its id.
        context: limits and tests.
    """
    if word is None or word.rule is None:
        return None
    limits = context.thresholds
    rules = {
        OFTEN: f"the lower limit of the share is above {percent(limits.often_lower)}",
        RARELY: f"the upper limit of the share is below {percent(limits.rarely_upper)}",
        INCREASINGLY: "the share rose, and by more than chance after adjusting for all trends",
        DECREASINGLY: "the share fell, and by more than chance after adjusting for all trends",
    }
    if word.rule in (OFTEN, RARELY):
        holds = _carries(word.rule, often if word.rule == OFTEN else rarely, limits)
    else:
        holds = any(_moved(figure, claim, context) == word.rule for figure in often)
    return {"word": word.word, "rule": rules[word.rule], "holds": holds}


def _carries(rule: str, figures: Sequence[Figures], limits: Thresholds) -> bool:
    for figure in figures:
        share = figure.judgement.share
        if figure.judgement.verdict in SETTLED and share.estimate is not None and share.t is not None:
            return share.lower > limits.often_lower if rule == OFTEN else share.upper < limits.rarely_upper
    return False


def _moved(figure: Figures, claim: str, context: Context) -> str | None:
    q = context.tests.trends.get((claim, figure.code))
    if figure.trend is None or figure.trend.change is None or q is None or q > context.thresholds.q:
        return None
    if figure.judgement.verdict not in SETTLED:
        return None
    return INCREASINGLY if figure.trend.change.estimate > 0 else DECREASINGLY


def _sentence(
    result: Result,
    statement: str,
    slots: Slots | None,
    *,
    order: Mapping[str, Any] | None,
    examples: Mapping[str, Any] | None,
    corpus: Corpus,
) -> str:
    claim, verdict = result.claim, result.verdict
    if slots is None:
        own = own_sentence(verdict, claim.say, _bare(statement))
        return own or takeaway_sentence(verdict, statement, [one.verdict for one in result.rests])
    own = own_sentence(verdict, claim.say, slots)
    if own is not None:
        return own
    if claim.is_stance:
        return stance_sentence(verdict, slots)
    names = {figure.code: corpus.codebook.codes[figure.code].name for figure in result.figures}
    if examples is not None and verdict is not Verdict.UNCHECKED:
        by_code = {figure.code: figure.judgement.share.yes for figure in result.figures}
        shown = [(names[code], by_code[code]) for code in examples["shown"]]
        return examples_sentence(
            verdict,
            statement,
            shown,
            more=examples["more"],
            single=len(examples["single"]),
            least=examples["min_authors"],
            people=slots.people,
        )
    if claim.kind == "compare" and verdict is Verdict.MEASURED and order is not None and order["pairs"]:
        first, second = result.figures
        ahead = order["pairs"][0]["ahead"]
        return comparison_sentence(
            statement,
            (names[first.code], first.judgement.share.yes),
            (names[second.code], second.judgement.share.yes),
            slots.people,
            None if ahead is None else names[ahead],
        )
    return presence_sentence(verdict, slots)


def _bare(statement: str) -> Slots:
    """The slots of a takeaway, which counts no people."""
    return Slots(statement, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def _order(result: Result, context: Context) -> dict[str, Any] | None:
    if not result.claim.counts_pairs:
        return None
    q_values = {
        (first, second): q for (claim, first, second), q in context.tests.orders.items() if claim == result.claim.id
    }
    return {
        "unit": "people",
        "fewest": context.thresholds.order_people,
        "tested": bool(q_values),
        "pairs": [difference_entry(one, q_values, context.thresholds) for one in result.order],
    }


def _pair(pair: Pair, result: Result, order: Mapping[str, Any] | None, context: Context) -> dict[str, Any]:
    """A pair of what is assumed and what people report."""
    by_code = {figure.code: figure for figure in result.figures}
    report = by_code[pair.code]
    other = by_code[pair.against] if pair.against is not None else None
    both = [report] if other is None else [report, other]
    verdict = _verdict_of_pair(both)
    pairs = order["pairs"] if order is not None else []
    difference = next((one for one in pairs if (one["first"], one["second"]) == (pair.code, pair.against)), None)
    frequency = _frequency(pair.frequency, often=[report], rarely=both[1:], claim=result.claim.id, context=context)
    got = _statement(pair.got, pair.frequency, frequency)
    counts = _pair_counts(report, other, difference)
    ahead = None if difference is None or difference["ahead"] is None else difference["ahead"] == pair.code
    mentioning = {post.author for figure in both for post in figure.mentioning}
    slots = PairSlots(
        belief=pair.belief,
        before=pair.before,
        got=got,
        has_against=other is not None,
        only_got=counts["only_got"],
        only_before=counts["only_against"],
        both=counts["both"],
        people=counts["people"],
        mentioning=len(mentioning),
        ahead=None if ahead is None else ("got" if ahead else "before"),
    )
    return {
        "belief": pair.belief,
        "before": pair.before,
        "got": got,
        "code": pair.code,
        "against": pair.against,
        "verdict": verdict.value,
        "label": LABELS[verdict],
        "sentence": pair_sentence(verdict, slots),
        "frequency": frequency,
        "counts": counts if verdict in SETTLED or verdict is Verdict.THIN else None,
        "difference": difference if verdict in SETTLED else None,
    }


def _verdict_of_pair(figures: Sequence[Figures]) -> Verdict:
    """The less certain verdict; a side of which nothing was found counts as not read while it is not."""
    found = [figure.judgement.verdict for figure in figures]
    if set(found) == {Verdict.NONE}:
        return Verdict.NONE
    unread = (figure.judgement.verdict is Verdict.NONE and figure.basis == UNCHECKED for figure in figures)
    return Verdict.UNCHECKED if any(unread) else least_certain(found)


def _pair_counts(report: Figures, other: Figures | None, difference: Mapping[str, Any] | None) -> dict[str, int]:
    if difference is not None:
        names = {"both": "both", "only_got": "only_first", "only_against": "only_second", "people": "people"}
        return {name: difference[key] for name, key in names.items()}
    against = other.judgement.share.yes if other is not None else 0
    share = report.judgement.share
    return {"both": 0, "only_got": share.yes, "only_against": against, "people": share.n}


def _examples(result: Result) -> dict[str, Any] | None:
    """Which examples several people show, and which only stand in single accounts."""
    if result.claim.kind != "examples":
        return None
    least, most = result.claim.min_authors, result.claim.max_shown
    found = [(figure.code, figure.judgement.share.yes) for figure in result.figures]
    several = [code for code, people in found if people >= least]
    return {
        "min_authors": least,
        "shown": several[:most],
        "more": len(several) - len(several[:most]),
        "single": [code for code, people in found if 0 < people < least],
    }


def reference_entry(reference: Reference) -> dict[str, Any]:
    """An outside figure: the percentage is computed here and stands in no file."""
    lower, upper = reference.limits
    return {
        "key": reference.key,
        "label": reference.label,
        "numerator": reference.numerator,
        "denominator": reference.denominator,
        "base": reference.base,
        "definition": reference.definition,
        "as_of": reference.as_of,
        "source": reference.source,
        "share": {"estimate": round(reference.estimate, 4), "lower": round(lower, 4), "upper": round(upper, 4)},
    }


def _references(claim: Claim, context: Context) -> list[dict[str, Any]]:
    """The outside figures of a claim; of a comparison the first stands beside the first code, the second beside the other."""
    codes = (*claim.codes, *([claim.code] if claim.code is not None else ()))
    found = []
    for at, (key, relation) in enumerate(claim.references):
        beside = codes[at] if claim.kind == "compare" and at < len(codes) else codes[0] if len(codes) == 1 else None
        found.append({**reference_entry(context.references[key]), "relation": relation, "code": beside})
    return found


def _rest(result: Result) -> dict[str, Any]:
    """A claim that a takeaway rests on."""
    return {
        "claim": result.claim.id,
        "statement": result.claim.label,
        "verdict": result.verdict.value,
        "label": LABELS[result.verdict],
    }


def _test(result: Result, context: Context) -> dict[str, Any] | None:
    """The test of a headline claim against one half, and the verdict that it took back."""
    found = context.tests.headlines.get(result.claim.id)
    if found is None:
        return None
    p, q = found
    was = None if result.was is None else result.was.value
    return {"p": round(p, 4), "q": round(q, 4), "family": "headlines", "was": was}


def _deciding(result: Result) -> Figures:
    """The figure that gives the claim its verdict: the first of those that have it."""
    return next(figure for figure in result.figures if figure.judgement.verdict is result.verdict)


def _slots(result: Result, statement: str) -> Slots:
    deciding = _deciding(result)
    judged = deciding.judgement
    mentioning = {post.id: post for figure in result.figures for post in figure.mentioning}
    corrected = [figure.judgement.corrected for figure in result.figures if figure.judgement.corrected is not None]
    carrying, read = result.hits | frozenset(mentioning), _read(result)
    return Slots(
        statement=statement,
        support=judged.share.yes,
        dispute=judged.dispute.yes if judged.dispute is not None else 0,
        people=max(figure.judgement.share.n for figure in result.figures),
        threads=max(figure.judgement.share.threads for figure in result.figures),
        communities=len(judged.communities),
        mentioning=distinct_authors(mentioning.values()),
        mentioning_threads=distinct_threads(mentioning.values()),
        posts=read["posts"],
        posts_read=read["read"],
        hits=len(carrying),
        hits_read=len(carrying - result.to_read),
        largest=_largest(judged.largest),
        rest=(judged.rest.yes, judged.rest.n),
        differing=len(result.differing),
        is_within=judged.within_one_community,
        largest_thread=max(deciding.thread_sizes, default=0),
        one_thread="one-thread-dominates" in judged.reasons,
        is_few=bool(TOO_FEW.intersection(judged.reasons)),
        is_single=len(result.figures) == 1 and result.claim.attribute is None,
        corrected=_corrected_words(deciding),
        audited=max(round(found.people) for found in corrected) if corrected else 0,
    )


def _corrected_words(figure: Figures) -> tuple[str, str] | None:
    """The shares for and against as an audit corrects them, where it gives any."""
    judged = figure.judgement
    if judged.corrected is None or judged.share.estimate is None:
        return None
    dispute = judged.dispute.estimate if judged.dispute is not None else None
    return percent(judged.share.estimate), percent(dispute or 0.0)


def _largest(community: CommunityShare | None) -> tuple[str, int, int] | None:
    return None if community is None else (community.community, community.yes, community.n)


def _label(verdict: Verdict, slots: Slots) -> str:
    if verdict is Verdict.MAJORITY and slots.is_within and slots.largest is not None:
        return f"most say so within {slots.largest[0]}"
    if verdict is Verdict.THIN and slots.one_thread:
        return "reported, much of it in one thread"
    return LABELS[verdict]


def _reasons(result: Result) -> Sequence[str]:
    found = [reason for figure in result.figures for reason in figure.judgement.reasons]
    return list(dict.fromkeys(found)) if result.verdict in (Verdict.THIN, Verdict.UNCHECKED) else []


def _read(result: Result) -> dict[str, int]:
    considered = max((figure.considered for figure in result.figures), default=0)
    return {
        "posts": considered,
        "read": considered - len(result.to_read),
        "hits": len(result.hits),
        "hits_read": len(result.hits - result.to_read),
    }


def _need(result: Result, waiting: ToRead | None, thresholds: Thresholds) -> dict[str, Any] | None:
    need = Need()
    if result.verdict is Verdict.UNCHECKED and waiting is not None:
        need = need_for_unchecked(len(waiting.posts))
    elif result.verdict is Verdict.THIN:
        need = _need_of_thin(result, thresholds)
    elif result.verdict is Verdict.INCONCLUSIVE:
        need = need_for_inconclusive(_in_all(_deciding(result)), thresholds)
    else:
        return None
    return {"people": need.people, "threads": need.threads, "decisions": need.decisions, "minutes": need.minutes}


def _need_of_thin(result: Result, thresholds: Thresholds) -> Need:
    """What brings every thin figure of the claim over the limits."""
    thin = [figure for figure in result.figures if figure.judgement.verdict is Verdict.THIN]
    needs = [need_for_thin(_in_all(figure).n, figure.thread_sizes, thresholds) for figure in thin]
    return Need(
        people=max(need.people or 0 for need in needs) or None,
        threads=max(need.threads or 0 for need in needs) or None,
    )


def _in_all(figure: Figures) -> Share:
    """The share of a figure, its number of people that of all whom an audit speaks of and not of those read for it."""
    judged = figure.judgement
    return judged.share if judged.corrected is None else replace(judged.share, n=int(judged.corrected.people))


def _evidence(result: Result, corpus: Corpus) -> dict[str, Any]:
    """The posts behind a claim: by side where sides are counted, else by code."""
    if not result.claim.is_stance:
        return {figure.code: _listed(figure.mentioning, corpus) for figure in result.figures}
    figure = result.figures[0]
    sided = {post.id for posts in figure.by_stance.values() for post in posts}
    return {
        "for": _listed(figure.by_stance.get("support", ()), corpus),
        "against": _listed(figure.by_stance.get("dispute", ()), corpus),
        "mixed": _listed(figure.by_stance.get("mixed", ()), corpus),
        "mentions": _listed((post for post in figure.mentioning if post.id not in sided), corpus),
    }


def _sources(result: Result) -> dict[str, Any]:
    """The threads that the evidence lies in, those with most of it first."""
    evidence = {post.id: post.thread for figure in result.figures for post in figure.mentioning}
    threads = Counter(evidence.values())
    ordered = sorted(threads, key=lambda thread: (-threads[thread], thread))
    return {"threads": ordered[:THREADS_LISTED], "more": len(ordered[THREADS_LISTED:])}


def _listed(posts: Iterable[Post], corpus: Corpus) -> dict[str, Any]:
    ids = sorted(corpus.evidence_id(post.address) for post in posts)
    return {"posts": ids[:LISTED], "more": max(0, len(ids) - LISTED)}


def _private(result: Result, corpus: Corpus) -> dict[str, Any]:
    """What private accounts say: counted apart, never part of a share, small numbers hidden."""
    counts: dict[str, int] = {}
    if not result.figures:
        return {}
    notes = scope_of(result.claim, corpus.notes, corpus).posts
    for figure in result.figures:
        for note in notes:
            made = corpus.layer.decision(note.id, figure.code)
            if made.value == PRESENT:
                name = made.stance or "mentions" if result.claim.is_stance else figure.code
                counts[name] = counts.get(name, 0) + 1
    return {name: count if count >= HIDDEN_BELOW else "fewer than 3" for name, count in sorted(counts.items())}
