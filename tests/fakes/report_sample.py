"""Small reports to render, as report.json has them: invented claims with every kind of figure."""

from typing import Any

Row = dict[str, Any]


def share(estimate: float, lower: float, upper: float, **changes: Any) -> Row:
    """Give a share with its interval."""
    return {
        "estimate": estimate,
        "lower": lower,
        "upper": upper,
        "has_interval": True,
        "effective_people": 44.6,
        "effective_threads": 16.6,
        "design_effect": 1.1,
        "largest_thread_share": 0.12,
        "leave_one_thread_out": [0.83, 0.86],
    } | changes


def counts(yes: int, people: int, **changes: Any) -> Row:
    """Give the counts of a figure."""
    return {
        "yes": yes,
        "people": people,
        "threads": 23,
        "communities": 2,
        "mentioning": people,
        "mentioning_threads": 24,
        "mentioning_posts": 57,
        "cannot_be_coded": 3,
    } | changes


def stance_figure(**changes: Any) -> Row:
    """Give the figure of a claim about stance that many agree with."""
    return {
        "code": "titles",
        "name": "Titles",
        "verdict": "consensus",
        "label": "broad agreement",
        "counts": counts(41, 49, support=41, dispute=7, mixed=1, without_stance=5),
        "share": share(0.8367, 0.6896, 0.922),
        "dispute_share": share(0.1429, 0.0613, 0.2927),
        "audit": None,
        "published": None,
        "communities": [
            {"name": "r/made-up", "people": 21, "yes": 17, "no": 3},
            {"name": "r/tiny", "people": None, "yes": None, "no": None},
        ],
        "within": None,
        "fragility": {"people": 6, "limit": "share"},
        "p_largest_against_rest": 0.6851,
        **_MORE_OF_A_FIGURE,
        "communities_unit": "people",
        "salience": {"yes": 54, "people": 329, "share": share(0.1641, 0.1212, 0.2184), "posts_per_person": 1.8},
    } | changes


_MORE_OF_A_FIGURE: Row = {
    "leave_one_community_out": None,
    "posts_per_person": 1.4,
    "salience": None,
    "by_thread": None,
    "communities_unit": "pairs",
    "trend": None,
}
_MORE_OF_A_CLAIM: Row = {
    "scope_code": None,
    "frequency": None,
    "test": None,
    "references": [],
    "construct": "same",
    "dimension": None,
    "no_reference": False,
    "concerns": [
        {"component": name, "facts": f"facts of {name}", "level": None, "reason": None}
        for name in ("methods", "coherence", "adequacy", "relevance")
    ],
    "confidence": None,
    "rests_on": [],
    "pairs": [],
    "order": None,
    "examples": None,
    "sources": {"threads": ["example:t1"], "more": 0},
}


def figure(code: str, name: str, **changes: Any) -> Row:
    """Give one figure of a claim of shares."""
    return {
        "code": code,
        "name": name,
        "verdict": "measured",
        "label": "measured",
        "counts": counts(20, 44),
        "share": share(0.4545, 0.2848, 0.6356),
        "audit": None,
        "published": None,
        "communities": [
            {"name": "r/made-up", "people": 30, "yes": 13, "no": 17},
            {"name": "r/tiny", "people": None, "yes": None, "no": None},
        ],
        "within": None,
        **_MORE_OF_A_FIGURE,
        "by_thread": {"yes": 22, "pairs": 50, "share": share(0.44, 0.27, 0.62)},
    } | changes


def posts(*ids: str, more: int = 0) -> Row:
    """Give evidence."""
    return {"posts": list(ids), "more": more}


def stance_claim(**changes: Any) -> Row:
    """Give a claim about stance that many agree with."""
    return {
        "id": "titles-misaligned",
        "kind": "consensus",
        "is_stance": True,
        "statement": "titles mislead",
        "headline": True,
        "filter": {},
        "basis": "read",
        "verdict": "consensus",
        "label": "broad agreement",
        "sentence": "People broadly agree that titles mislead: 41 of the 49 who took a side.",
        "reasons": [],
        "read": {"posts": 449, "read": 449, "hits": 33, "hits_read": 32},
        "need": None,
        "figures": [stance_figure()],
        "private": {},
        "evidence": {
            "for": posts("E-f1", "E-f2"),
            "against": posts("E-a1", "E-a2", "E-a3", "E-a4", "E-a5", "E-a6", "E-a7", "E-a8"),
            "mixed": posts("E-m1"),
            "mentions": posts(),
        },
        **_MORE_OF_A_CLAIM,
    } | changes


def thin_claim(**changes: Any) -> Row:
    """Give a claim about stance with too few voices."""
    thin = stance_figure(
        verdict="thin",
        label="reported",
        counts=counts(9, 10, support=9, dispute=1, mixed=0, without_stance=0),
        share=share(0.9, 0.4956, 0.988),
        fragility=None,
        p_largest_against_rest=None,
        within="r/made-up",
    )
    return (
        stance_claim(
            id="ads-mislead",
            verdict="thin",
            label="reported",
            sentence="Some people report that ads mislead (9 people, 1 against, in 8 threads): too few to say.",
            reasons=["few-people", "few-threads"],
            need={"people": 10, "threads": 3, "decisions": None, "minutes": None},
            figures=[thin],
            filter={"evidence": "evidence.firsthand"},
        )
        | changes
    )


def unchecked_claim(**changes: Any) -> Row:
    """Give a claim about stance that nobody has read."""
    unread = stance_figure(
        verdict="unchecked",
        label="not read yet",
        counts=counts(0, 0, support=0, dispute=0, mixed=0, without_stance=7, threads=0),
        share=None,
        dispute_share=None,
        communities=[],
        fragility=None,
        p_largest_against_rest=None,
    )
    return (
        stance_claim(
            id="tools-tested",
            statement="the use of tools is tested",
            basis="unchecked",
            verdict="unchecked",
            label="not read yet",
            sentence="7 people in 4 threads mention this; 0 of 7 posts that mention it have been read.",
            read={"posts": 449, "read": 12, "hits": 7, "hits_read": 0},
            need={"people": None, "threads": None, "decisions": 217, "minutes": 66},
            figures=[unread],
            evidence={"for": posts(), "against": posts(), "mixed": posts(), "mentions": posts("E-n1")},
        )
        | changes
    )


def shares_claim(**changes: Any) -> Row:
    """Give a claim of shares with a published figure, and one value that is not measured."""
    figures = [
        figure("work.build", "Building", published=0.5),
        figure("work.other", "Other work", verdict="thin", label="reported", counts=counts(2, 44)),
    ]
    return {
        **stance_claim(),
        "id": "work-types",
        "kind": "shares",
        "is_stance": False,
        "statement": "kinds of work",
        "verdict": "measured",
        "label": "measured",
        "sentence": "Kinds of work: counted for 44 people in 23 threads.",
        "figures": figures,
        "private": {"work.build": "fewer than 3"},
        "evidence": {"work.build": posts("E-b1", more=4), "work.other": posts("E-o1")},
    } | changes


def audit(**changes: Any) -> Row:
    """Give a finished audit of authors."""
    return {
        "sample": "audit-1",
        "authors": 740,
        "drawn": 225,
        "undecided": 4,
        "not_drawn_yet": 0,
        "lost": 2,
        "coders": 1,
        "machine_count": 120,
        "unflagged": 3,
        "stands_for": 8.9,
        "people": 96.4,
        "collected": {"lower": 0.7512, "upper": 0.9031},
        "second_reading": None,
        "strata": [{"name": "silent", "authors": 620, "decided": 146, "votes": {"support": 3}}],
    } | changes


def audited_claim(**changes: Any) -> Row:
    """Give a claim about stance that an audit corrects."""
    sentence = "People broadly agree that titles mislead: an estimated 84 % of those who took a side, in 23 threads."
    return stance_claim(basis="screened", sentence=sentence, figures=[stance_figure(audit=audit())]) | changes


def audited_shares(**changes: Any) -> Row:
    """Give a claim of shares of which an audit corrects one and found too few for the other."""
    few = audit(people=739.0, unflagged=1, collected={"lower": None, "upper": 0.0213})
    figures = [
        figure("evals", "Evals", communities=[], audit=audit(people=739.0)),
        figure("late", "Late", verdict="thin", label="reported", share=None, communities=[], audit=few),
    ]
    return shares_claim(
        basis="estimated", figures=figures, private={}, evidence={"evals": posts("E-b1"), "late": posts()}
    ) | changes  # fmt: skip


def thread(**changes: Any) -> Row:
    """Give one thread of the list."""
    return {
        "id": "example:t1",
        "title": "An invented thread",
        "url": "https://example.org/t/1",
        "community": "r/made-up",
        "posts": 12,
        "announced": None,
        "coverage": None,
    } | changes


def collection(**changes: Any) -> Row:
    """Give what was collected."""
    return {
        "posts": 449,
        "authors": 329,
        "threads": 1,
        "effective_threads": 47.2,
        "platforms": ["example"],
        "period": ["2025-09-14T16:22:32Z", "2026-02-10T00:13:44Z"],
        "communities": [{"name": "r/made-up", "posts": 449, "threads": 1, "authors": 329}],
        "excluded": {"bots": 2, "deleted_or_removed": 1, "without_words": 0, "repeated_by_another_account": 1},
        "private_accounts": 4,
        "incomplete_threads": 1,
        "thread_list": [thread()],
    } | changes


def report(*claims: Row, **changes: Any) -> Row:
    """Give a report of these claims; without any, of one of each kind."""
    every = claims or (stance_claim(), thin_claim(), unchecked_claim(), shares_claim())
    return {
        "schema": "groundswell/report/1",
        "report": {
            "title": "Titles and work",
            "question": "What do people say?",
            "profile": "public",
            "as_of": "2026-03-01T00:00:00Z",
            "tool": "0.1",
            "output": {"citations": "inline", "voice": "none", "emphasis": False},
        },
        "inputs": {
            "data_sha256": "d" * 64,
            "definition_sha256": "e" * 64,
            "codebook_revision": "c0deb00c",
            "files": [{"name": "posts.jsonl", "sha256": "f" * 64}],
            "references": [],
            "queries": ["https://api.example.org/search?q=titles"],
        },
        "collection": collection(),
        "coding": {"people": 2, "machines": ["rules"], "posts_read": 449, "posts_read_twice": 110, "codes": 64},
        "sections": [{"id": "titles", "title": "Titles", "link": None, "claims": list(every)}],
        "next_steps": next_steps(None, None),
        "warnings": [],
        "thresholds": {"people": 20, "threads": 8},
        "declared_thresholds": [],
        "references": [],
        "saturation": None,
        "tests": {"headlines": 1, "trends": 0, "orders": 0},
        "quotes": [],
        "leads": None,
        "evidence": {"E-f1": {"community": "r/made-up", "month": "2025-11"}},
    } | changes


def step(decisions: int, minutes: int, *claims: str, is_whole: bool = True) -> Row:
    """Give a stretch of reading."""
    return {"claims": list(claims), "decisions": decisions, "minutes": minutes, "is_whole": is_whole}


def next_steps(best: Row | None, whole: Row | None) -> Row:
    """Give what would settle most."""
    return {"best": best, "all": whole, "way": []}
