from collections.abc import Sequence
from typing import Any

import pytest
from fakes.corpora import EVALS, TITLES, Study, crowd, post
from fakes.drawing import read, store_audit

from db.records import Observation
from reports.claims import compute
from reports.definition import Claim
from reports.entries import LISTED, claim_entry
from reports.reading import posts_to_read

EVIDENCE = Claim(id="evidence", kind="shares", label="evidence", attribute="evidence")
RANKED = Claim(id="ranked", kind="ranking", label="what is named", codes=("titles", "evals"))
NOBODY = {"people": None, "threads": None, "decisions": None, "minutes": None}


def _entry(study: Study, claim: Claim) -> dict[str, Any]:
    """The entry of a claim as a report builds it."""
    corpus = study.corpus()
    result = compute(claim, corpus)
    return claim_entry(result, corpus, posts_to_read(result, corpus))


def _hold(study: Study, people: Sequence[Observation], stance: str | None) -> None:
    """Let a person find this stance in all of these posts."""
    for seen in people:
        study.code(seen.address, "titles", stance=stance)


def test_rule_hits_alone_give_counts_of_mentions_and_no_share(study: Study) -> None:
    study.see(*(post(f"p{n:02}", f"{n:02}", text="titles lie") for n in range(30)))
    study.apply()

    entry = _entry(study, TITLES)
    (figure,) = entry["figures"]

    assert (entry["basis"], entry["verdict"], entry["label"]) == ("unchecked", "unchecked", "not read yet")
    assert entry["sentence"] == (
        "30 people in 30 threads mention this; none of the 30 posts found for it has been read."
    )
    assert (figure["share"], figure["dispute_share"], figure["communities"]) == (None, None, [])
    assert (figure["counts"]["support"], figure["counts"]["people"]) == (0, 0)
    assert (figure["counts"]["mentioning"], figure["counts"]["without_stance"]) == (30, 30)
    assert (len(entry["evidence"]["mentions"]["posts"]), entry["evidence"]["for"]["posts"]) == (30, [])


def test_a_share_of_presence_is_not_shown_while_anything_is_unread(study: Study) -> None:
    people = crowd(30, 10)
    study.see(*people)
    for seen in people[1:]:
        study.code(seen.address, "evals")

    entry = _entry(study, EVALS)

    assert entry["verdict"] == "unchecked"
    assert entry["figures"][0]["share"] is None
    assert entry["read"] == {"posts": 30, "read": 29, "hits": 0, "hits_read": 0}


def test_a_claim_on_which_all_agree_is_a_consensus_with_its_figures(study: Study) -> None:
    people = crowd(24, 12)
    study.see(*people)
    _hold(study, people, "support")

    entry = _entry(study, TITLES)
    (figure,) = entry["figures"]

    assert (entry["basis"], entry["verdict"], entry["label"]) == ("read", "consensus", "broad agreement")
    assert entry["sentence"] == (
        "People broadly agree that titles mislead: 24 of the 24 who took a side, in 12 threads and 2 communities."
    )
    assert (entry["need"], entry["reasons"]) == (None, [])
    assert figure["share"]["estimate"] == figure["share"]["upper"] == 1.0
    assert figure["dispute_share"]["estimate"] == 0.0
    assert figure["communities"] == [
        {"name": "r/one", "people": 12, "yes": 12, "no": 0},
        {"name": "r/two", "people": 12, "yes": 12, "no": 0},
    ]
    assert len(entry["evidence"]["for"]["posts"]) == 24


def test_communities_on_opposite_sides_are_divided(study: Study) -> None:
    people = crowd(40, 20)
    study.see(*people)
    _hold(study, [seen for seen in people if seen.community == "r/one"], "support")
    _hold(study, [seen for seen in people if seen.community == "r/two"], "dispute")

    entry = _entry(study, TITLES)

    assert entry["verdict"] == "divided"
    assert entry["sentence"] == (
        "Communities are divided on whether titles mislead: 20 of 20 say so in r/one, 0 of 20 elsewhere."
    )
    assert entry["figures"][0]["p_largest_against_rest"] < 0.01


def test_most_within_one_community_are_labelled_so(study: Study) -> None:
    people = crowd(24, 12, ["r/one"])
    study.see(*people)
    _hold(study, people, "support")

    entry = _entry(study, TITLES)

    assert (entry["verdict"], entry["label"]) == ("majority", "most say so within r/one")
    assert entry["sentence"].startswith("Within r/one, most of those who took a side say that titles mislead")
    assert entry["figures"][0]["within"] == "r/one"


def test_every_stance_has_its_count_and_its_evidence(study: Study) -> None:
    people = crowd(7, 7)
    study.see(*people)
    _hold(study, people[:3], "support")
    _hold(study, people[3:5], "dispute")
    _hold(study, people[5:6], "mixed")
    _hold(study, people[6:], None)

    entry = _entry(study, TITLES)
    counts = entry["figures"][0]["counts"]

    assert [counts[name] for name in ("support", "dispute", "mixed", "without_stance")] == [3, 2, 1, 1]
    assert (counts["people"], counts["mentioning"], counts["mentioning_posts"]) == (6, 7, 7)
    assert {name: len(listed["posts"]) for name, listed in entry["evidence"].items()} == {
        "for": 3, "against": 2, "mixed": 1, "mentions": 1,
    }  # fmt: skip


def test_nothing_found_has_no_need_and_no_share(study: Study) -> None:
    study.see(post("p0", "a"), post("p1", "b"))
    study.nothing_else("p0", "p1")

    entry = _entry(study, TITLES)

    assert (entry["verdict"], entry["need"], entry["figures"][0]["share"]) == ("none", None, None)
    assert entry["sentence"] == "Nothing was found on whether titles mislead."


def test_a_claim_without_any_posts_is_unread_and_empty(study: Study) -> None:
    entry = _entry(study, EVALS)

    assert (entry["basis"], entry["verdict"], entry["need"]) == ("unchecked", "none", None)
    assert entry["read"] == {"posts": 0, "read": 0, "hits": 0, "hits_read": 0}


def test_a_thin_claim_shows_its_share_its_reasons_and_whom_it_needs(study: Study) -> None:
    people = crowd(6, 4)
    study.see(*people)
    _hold(study, people, "support")

    entry = _entry(study, TITLES)

    assert (entry["verdict"], entry["label"]) == ("thin", "reported")
    assert entry["reasons"] == ["few-people", "few-threads", "few-effective-threads"]
    assert entry["need"] == NOBODY | {"people": 14, "threads": 4}
    assert entry["figures"][0]["share"]["estimate"] == 1.0


def test_a_claim_out_of_one_thread_is_labelled_so_and_needs_other_threads(study: Study) -> None:
    crowded = [post(f"q{n:02}", f"q{n:02}", thread="p000") for n in range(14)]
    people = [*crowd(10, 10), *crowded]
    study.see(*people)
    _hold(study, people, "support")

    entry = _entry(study, TITLES)

    assert (entry["label"], entry["reasons"]) == (
        "reported, much of it in one thread",
        ["few-effective-threads", "one-thread-dominates"],
    )
    assert entry["need"] == NOBODY | {"threads": 14}


def test_an_open_claim_needs_more_people(study: Study) -> None:
    people = crowd(24, 12)
    study.see(*people)
    _hold(study, people[::4] + people[1::4], "support")
    _hold(study, people[2::4] + people[3::4], "dispute")

    entry = _entry(study, TITLES)
    share = entry["figures"][0]["share"]

    assert (entry["verdict"], entry["label"]) == ("inconclusive", "open")
    assert share["upper"] - share["lower"] > 0.3
    assert entry["need"]["people"] > 0
    assert (entry["need"]["threads"], entry["need"]["decisions"]) == (None, None)


def test_an_unchecked_claim_without_hits_needs_every_unread_post(study: Study) -> None:
    people = crowd(100, 10)
    study.see(*people)
    study.code(people[0].address, "titles", stance="support")

    entry = _entry(study, TITLES)

    assert entry["verdict"] == "unchecked"
    assert entry["need"] == NOBODY | {"decisions": 99, "minutes": 30}


@pytest.mark.parametrize(("claim", "decisions", "minutes"), [(TITLES, 151, 46), (EVALS, 77, 24)])
def test_an_unchecked_claim_with_hits_needs_those_and_a_draw_of_silent_authors(
    study: Study, claim: Claim, decisions: int, minutes: int
) -> None:
    study.see(
        *(post(f"h{n}", f"h{n}", text="titles and evals") for n in range(4)),
        *(post(f"s{n:03}", f"s{n:03}") for n in range(300)),
    )
    study.apply()

    entry = _entry(study, claim)

    assert entry["need"] == NOBODY | {"decisions": decisions, "minutes": minutes}


def test_posts_that_people_differ_on_are_among_those_needed(study: Study) -> None:
    study.see(post("p0", "a", text="evals"), *(post(f"p{n}", f"a{n}") for n in range(1, 5)))
    study.apply()
    study.nothing_else("p0", "p1", "p2", "p3", "p4")
    study.code("p3", "evals", coder="ben")

    entry = _entry(study, EVALS)

    assert entry["need"] == NOBODY | {"decisions": 1, "minutes": 1}
    assert entry["sentence"].endswith("; on one post the people who read it differ.")


def test_communities_with_fewer_than_three_voters_are_hidden_and_named(study: Study) -> None:
    people = [*crowd(8, 8, ["r/one"]), *(post(f"q{n}", f"q{n}", community="r/small") for n in range(2))]
    study.see(*people)
    _hold(study, people, "support")

    communities = _entry(study, TITLES)["figures"][0]["communities"]

    assert communities == [
        {"name": "r/one", "people": 8, "yes": 8, "no": 0},
        {"name": "r/small", "people": None, "yes": None, "no": None},
    ]


@pytest.mark.parametrize(("people", "listed", "more"), [(LISTED, LISTED, 0), (LISTED + 3, LISTED, 3)])
def test_evidence_is_listed_up_to_a_limit_and_sorted(study: Study, people: int, listed: int, more: int) -> None:
    study.see(*(post(f"p{n:03}", f"{n:03}", text="evals") for n in range(people)))
    study.apply()

    evidence = _entry(study, EVALS)["evidence"]["evals"]

    assert (len(evidence["posts"]), evidence["more"]) == (listed, more)
    assert evidence["posts"] == sorted(evidence["posts"])


def test_each_value_of_an_attribute_has_its_figure_and_its_evidence(study: Study) -> None:
    people = crowd(4, 4)
    study.see(*people)
    for seen in people[:3]:
        study.code(seen.address, "evidence.firsthand")
    study.code(people[3].address, "evidence.opinion")

    entry = _entry(study, EVIDENCE)

    assert [(f["code"], f["name"], f["counts"]["yes"], f["counts"]["people"]) for f in entry["figures"]] == [
        ("evidence.firsthand", "Firsthand", 3, 4),
        ("evidence.opinion", "Opinion", 1, 4),
    ]
    assert {code: len(listed["posts"]) for code, listed in entry["evidence"].items()} == {
        "evidence.firsthand": 3, "evidence.opinion": 1,
    }  # fmt: skip


def test_a_published_figure_stands_beside_its_own(study: Study) -> None:
    claim = Claim(id="evals", kind="shares", label="evals", code="evals", published={"evals": 0.4})
    study.see(post("p0", "a"))
    study.code("p0", "evals")

    assert _entry(study, claim)["figures"][0]["published"] == 0.4
    assert _entry(study, EVALS)["figures"][0]["published"] is None


def test_a_ranking_shows_what_more_people_mention_first(study: Study) -> None:
    people = crowd(24, 12)
    study.see(*people)
    for seen in people[:9]:
        study.code(seen.address, "evals")
    for seen in people[:5]:
        study.code(seen.address, "titles")
    study.nothing_else(*(seen.address for seen in people))

    entry = _entry(study, RANKED)

    assert [(figure["code"], figure["counts"]["yes"]) for figure in entry["figures"]] == [("evals", 9), ("titles", 5)]
    assert (entry["verdict"], entry["label"]) == ("measured", "measured")
    assert entry["sentence"] == "What is named: counted for 24 people in 12 threads and 2 communities."


def test_posts_that_nobody_can_code_are_counted_apart(study: Study) -> None:
    study.see(post("p0", "a"), post("p1", "b"))
    study.code("p0", "*", "missing")
    study.code("p1", "evals")

    counts = _entry(study, EVALS)["figures"][0]["counts"]

    assert (counts["cannot_be_coded"], counts["people"]) == (1, 1)


@pytest.mark.parametrize(("notes", "shown"), [(1, "fewer than 3"), (2, "fewer than 3"), (3, 3)])
@pytest.mark.parametrize(
    ("claim", "code", "name"), [(EVIDENCE, "evidence.opinion", "evidence.opinion"), (TITLES, "titles", "mentions")]
)
def test_what_private_accounts_say_is_counted_apart(
    study: Study, claim: Claim, code: str, name: str, notes: int, shown: int | str
) -> None:
    study.see(*(post(f"n{n}", platform="note", private=True) for n in range(notes)))
    for n in range(notes):
        study.code(f"note:n{n}", code)

    entry = _entry(study, claim)

    assert entry["private"] == {name: shown}
    assert entry["figures"][0]["counts"]["mentioning"] == 0


def test_a_private_account_that_says_nothing_of_it_leaves_no_trace(study: Study) -> None:
    study.see(post("n0", platform="note", private=True))
    study.nothing_else("note:n0")

    assert _entry(study, TITLES)["private"] == {}


def test_private_accounts_are_counted_only_where_the_filter_lets_them_in(study: Study) -> None:
    firsthand = Claim(id="f", kind="shares", label="f", code="evals", filter={"evidence": "evidence.firsthand"})
    study.see(*(post(f"n{n}", platform="note", private=True) for n in range(7)))
    for n in range(7):
        study.code(f"note:n{n}", "evals")
        study.code(f"note:n{n}", "evidence.firsthand" if n < 3 else "evidence.opinion")

    assert _entry(study, firsthand)["private"] == {"evals": 3}
    assert _entry(study, EVALS)["private"] == {"evals": 7}


def test_a_claim_of_several_figures_needs_what_its_thin_one_needs(study: Study) -> None:
    early = crowd(24, 12)
    late = [
        post(f"q{n:02}", f"{n:03}", thread="q00", created_at="2026-01-02T00:00:00Z", community="r/three")
        for n in range(24)
    ]
    study.see(*early, *late)
    for seen in early:
        study.code(seen.address, "evals")
    for seen in late:
        study.code(seen.address, "titles")
    study.nothing_else(*(seen.address for seen in (*early, *late)))

    entry = _entry(study, RANKED)

    assert [figure["verdict"] for figure in entry["figures"]] == ["measured", "thin"]
    assert entry["label"] == "reported, much of it in one thread"
    assert entry["need"]["people"] is None
    assert entry["need"]["threads"] > 0


def test_a_claim_on_which_nobody_took_a_side_has_no_share(study: Study) -> None:
    study.see(post("p0", "a"))
    study.code("p0", "titles")

    entry = _entry(study, TITLES)

    assert (entry["verdict"], entry["figures"][0]["share"]) == ("thin", None)
    assert entry["sentence"].endswith("One person brings up whether titles mislead, and nobody took a side.")


def test_a_claim_of_several_thin_figures_needs_what_brings_all_of_them_over_the_limits(study: Study) -> None:
    people = [*crowd(8, 4), *(post(f"q{n}", f"q{n}", thread="p000") for n in range(16))]
    study.see(*people)
    for seen in people[8:]:
        study.code(seen.address, "evals", "unsure")
    study.code(people[0].address, "titles")
    study.code(people[0].address, "evals")
    study.nothing_else(*(seen.address for seen in people))

    entry = _entry(study, RANKED)

    assert [(figure["code"], figure["counts"]["people"]) for figure in entry["figures"]] == [
        ("evals", 8),
        ("titles", 24),
    ]
    assert (entry["need"]["people"], entry["need"]["threads"]) == (12, 11)


def test_a_claim_of_two_minds_reports_nothing(study: Study) -> None:
    people = crowd(3, 3)
    study.see(*people)
    _hold(study, people, "mixed")

    entry = _entry(study, TITLES)

    assert entry["sentence"].startswith("3 people are of two minds whether titles mislead: too few to say more")
    assert entry["figures"][0]["counts"]["mixed"] == 3


def test_many_people_bunched_in_one_thread_are_not_called_too_few(study: Study) -> None:
    people = [*crowd(10, 10), *(post(f"q{n:02}", f"q{n:02}", thread="p000") for n in range(14))]
    study.see(*people)
    _hold(study, people, "support")

    assert "too bunched in a few threads to say how common it is" in _entry(study, TITLES)["sentence"]


def test_a_claim_about_one_code_says_how_many_people_show_it(study: Study) -> None:
    people = crowd(24, 12)
    study.see(*people)
    for seen in people[:7]:
        study.code(seen.address, "evals")
    study.nothing_else(*(seen.address for seen in people))

    entry = _entry(study, EVALS)
    counts = entry["figures"][0]["counts"]

    assert entry["sentence"] == "Evals: 7 people of 24 in 12 threads and 2 communities."
    assert (counts["yes"], counts["people"], counts["threads"], counts["communities"]) == (7, 24, 12, 2)


def test_a_minority_is_not_called_few(study: Study) -> None:
    people = crowd(400, 81)
    study.see(*people)
    _hold(study, [*people[::5], *people[1::5]], "support")
    _hold(study, [*people[2::5], *people[3::5], *people[4::5]], "dispute")

    entry = _entry(study, TITLES)

    assert (entry["verdict"], entry["label"]) == ("minority", "mostly rejected")
    assert entry["sentence"].endswith("say that titles mislead (160 of 400); 240 dispute it.")


def _audited(study: Study, shown: int, hits: int = 40, silent: int = 160) -> None:
    """An audit that drew all found authors and every fourth silent one; people found it in the first so many."""
    seen = [
        post(f"p{n:03}", f"{n:03}", thread=f"p{n % 20:03}", community=f"r/{n % 2}",
             text="evals and titles lie" if n < hits else f"words of {n}")
        for n in range(hits + silent)
    ]  # fmt: skip
    study.see(*seen)
    study.apply()
    probabilities = {f"site:~{n:03}": 1.0 if n < hits else 0.25 for n in range(hits + silent // 4)}
    store_audit(study, probabilities, "evals", "titles")
    for claim in (EVALS, TITLES):
        read(study, claim, [one.address for one in seen[: hits + silent // 4]], [one.address for one in seen[:shown]])


def test_an_audited_share_is_corrected_and_says_what_it_rests_on(study: Study) -> None:
    _audited(study, shown=30)

    entry = _entry(study, EVALS)
    (figure,) = entry["figures"]

    assert (entry["basis"], entry["verdict"], entry["need"]) == ("screened", "measured", None)
    assert entry["sentence"] == "Evals: an estimated 15 % of 200 people in 20 threads and 2 communities."
    assert figure["share"]["estimate"] == 0.15
    assert (figure["counts"]["yes"], figure["counts"]["people"]) == (30, 80)
    assert figure["communities"] == []
    audit = figure["audit"]
    assert {name: audit[name] for name in ("sample", "authors", "drawn", "undecided", "not_drawn_yet", "lost")} == {
        "sample": "audit-1", "authors": 200, "drawn": 80, "undecided": 0, "not_drawn_yet": 0, "lost": 0,
    }  # fmt: skip
    assert (audit["machine_count"], audit["unflagged"], audit["stands_for"], audit["people"]) == (40, 0, 4.0, 200.0)
    assert audit["collected"]["lower"] <= 0.15 <= audit["collected"]["upper"]
    assert audit["strata"] == [
        {"name": "hit", "authors": 10, "decided": 10, "votes": {"no": 10}},
        {"name": "hit, confirmed", "authors": 30, "decided": 30, "votes": {"yes": 30}},
        {"name": "none", "authors": 160, "decided": 40, "votes": {"no": 40}},
    ]


def test_an_audited_stance_has_its_shares_and_the_communities_of_those_read(study: Study) -> None:
    _audited(study, shown=36)

    entry = _entry(study, TITLES)
    (figure,) = entry["figures"]

    assert entry["basis"] == "screened"
    assert figure["share"]["estimate"] == 1.0
    assert [community["people"] for community in figure["communities"]] == [18, 18]
    assert figure["audit"]["people"] == 36.0
    assert "an estimated 100 %" in entry["sentence"]


def test_an_audit_that_found_too_few_gives_only_an_upper_limit(study: Study) -> None:
    _audited(study, shown=4)

    entry = _entry(study, EVALS)
    (figure,) = entry["figures"]

    assert (entry["verdict"], entry["reasons"], figure["share"]) == ("thin", ["few-positives"], None)
    assert figure["audit"]["collected"]["lower"] is None
    assert 0.02 < figure["audit"]["collected"]["upper"] < 0.12
    assert entry["sentence"] == ("Evals: 4 people of 80 who were read, in 20 threads, too few to say how common it is.")


def test_an_audited_stance_with_too_few_sides_needs_as_many_people_as_are_missing(study: Study) -> None:
    _audited(study, shown=10)

    entry = _entry(study, TITLES)

    assert entry["verdict"] == "thin"
    assert entry["need"]["people"] == 10


def test_an_audit_that_is_not_finished_shows_how_far_it_has_come_and_what_is_left(study: Study) -> None:
    _audited(study, shown=30)
    study.see(*(post(f"q{n:02}", f"q{n:02}", text="evals") for n in range(12)))
    study.apply()

    entry = _entry(study, EVALS)
    (figure,) = entry["figures"]

    assert (entry["verdict"], figure["share"]) == ("unchecked", None)
    assert entry["need"] == NOBODY | {"decisions": 12, "minutes": 4}
    assert (figure["audit"]["people"], figure["audit"]["collected"]) == (None, None)
