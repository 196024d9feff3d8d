from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fakes.corpora import EVALS, TITLES, Study, crowd, make_study, post
from hypothesis import given, settings
from hypothesis import strategies as st

from db.records import Author
from reports.claims import READ, UNCHECKED, distinct_authors, distinct_threads
from reports.definition import Claim
from reports.verdicts import Verdict

ADVERTISEMENT = (
    "Our course of twelve weeks gives you a mentor and mock interviews and a guarantee that you will find work " * 2
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["titles lie", "a title", "evals", "nothing"]), min_size=1, max_size=40))
def test_rule_hits_alone_in_any_number_give_no_verdict_but_unchecked_and_no_share(texts: list[str]) -> None:
    with TemporaryDirectory() as folder:
        study = make_study(Path(folder))
        study.see(*(post(f"p{n}", f"{n:012x}", text=text, community=f"r/{n % 3}") for n, text in enumerate(texts)))
        study.apply()

        results = [study.compute(claim) for claim in (TITLES, EVALS)]
        study.store.close()

    assert {result.basis for result in results} == {UNCHECKED}
    assert {result.verdict for result in results} <= {Verdict.UNCHECKED, Verdict.NONE}
    assert results[0].figures[0].judgement.share.n == 0


def test_one_unread_post_keeps_a_claim_unchecked_and_reading_it_makes_it_read(study: Study) -> None:
    study.see(*(post(f"p{n}", f"a{n}") for n in range(3)))
    study.code("p0", "titles", stance="support")
    study.nothing_else("p1")

    before = study.compute(TITLES)
    study.nothing_else("p2")
    after = study.compute(TITLES)

    assert (before.basis, len(before.to_read)) == (UNCHECKED, 1)
    assert (after.basis, after.to_read) == (READ, frozenset())
    assert after.verdict is Verdict.THIN


def test_people_who_differ_leave_a_post_unread(study: Study) -> None:
    study.see(post("p0", "a"))
    study.code("p0", "titles", stance="support")
    study.code("p0", "titles", "absent", coder="ben")

    found = study.compute(TITLES)

    assert found.basis == UNCHECKED
    assert found.differing == found.to_read != frozenset()


def test_unsure_is_read_and_casts_no_vote_and_cannot_code_leaves_the_claim(study: Study) -> None:
    study.see(post("p0", "a"), post("p1", "b"), post("p2", "c"))
    study.code("p0", "evals")
    study.code("p1", "evals", "unsure")
    study.code("p2", "evals", "missing")

    figure = study.compute(EVALS).figures[0]

    assert figure.basis == READ
    assert (figure.judgement.share.yes, figure.judgement.share.n, figure.missing) == (1, 1, 1)


def test_a_persons_absent_overrides_a_rule_hit(study: Study) -> None:
    study.see(post("p0", "a", text="evals everywhere"))
    study.apply()
    study.code("p0", "evals", "absent")

    figure = study.compute(EVALS).figures[0]

    assert (figure.hits != frozenset(), figure.mentioning) == (True, ())
    assert figure.judgement.verdict is Verdict.NONE


def test_a_coding_without_stance_is_a_mention_and_no_vote(study: Study) -> None:
    study.see(post("p0", "a"))
    study.code("p0", "titles")

    figure = study.compute(TITLES).figures[0]

    assert (len(figure.mentioning), figure.judgement.share.n) == (1, 0)


def test_a_changed_text_makes_its_coding_stale(study: Study) -> None:
    study.see(post("p0", "a"))
    study.nothing_else("p0")
    study.see(post("p0", "a", text="other words", observed_at="2026-03-05T00:00:00Z"))

    assert study.compute(TITLES).basis == UNCHECKED


def test_looked_for_all_codes_does_not_cover_a_code_that_came_later(study: Study) -> None:
    study.see(post("p0", "a"))
    study.nothing_else("p0")

    late = study.compute(Claim(id="late", kind="shares", label="late", code="late"))

    assert (study.compute(EVALS).basis, late.basis) == (READ, UNCHECKED)


def test_a_filter_that_nobody_has_decided_keeps_a_claim_unchecked_and_its_hits_in_sight(study: Study) -> None:
    firsthand = Claim(id="evals", kind="shares", label="evals", code="evals", filter={"evidence": "evidence.firsthand"})
    study.see(post("p0", "a", text="evals"), post("p1", "b"))
    study.apply()
    study.code("p1", "evidence.opinion")
    study.nothing_else("p1")

    open_ = study.compute(firsthand)
    study.code("p0", "evidence.firsthand")
    study.code("p0", "evals")
    closed = study.compute(firsthand)

    assert (open_.verdict, open_.figures[0].considered) == (Verdict.UNCHECKED, 1)
    assert (closed.basis, closed.figures[0].judgement.share.n) == (READ, 1)


def test_an_authors_attribute_is_that_of_the_latest_post_that_bears_it(study: Study) -> None:
    claim = Claim(id="evidence", kind="shares", label="evidence", attribute="evidence")
    study.see(post("p0", "a"), post("p1", "a", created_at="2026-01-02T00:00:00Z"))
    study.code("p0", "evidence.opinion")
    study.code("p1", "evidence.firsthand")

    figures = {figure.code: figure.judgement.share.yes for figure in study.compute(claim).figures}

    assert figures == {"evidence.firsthand": 1, "evidence.opinion": 0}


@pytest.mark.parametrize(
    "silenced",
    [
        post("p1", "b", state="removed", text=None),
        post("p1", "b", private=True),
        post("p1", author="b", platform="example"),
    ],
)
def test_posts_without_a_voice_are_out_of_scope(study: Study, silenced: object) -> None:
    study.see(post("p0", "a"), silenced)  # type: ignore[arg-type]  # an observation

    assert study.compute(EVALS).figures[0].considered == 1


def test_a_bot_has_no_voice_whatever_was_coded_on_it(study: Study) -> None:
    study.see(post("p0", "a"), post("p1"), post("p2", author="b"))
    study.see(replace(post("p1", observed_at="2026-04-01T00:00:00Z"), author=Author("site:~b07", is_bot=True)))
    study.code("p1", "evals")

    figure = study.compute(EVALS).figures[0]

    assert {found.native_id for found in study.corpus().posts} == {"p0", "p2"}
    assert figure.mentioning == ()


def test_an_advertisement_by_two_accounts_has_one_voice_also_after_its_earlier_copy_is_deleted(study: Study) -> None:
    study.see(
        post("p0", "a", text=ADVERTISEMENT), post("p1", "b", text=ADVERTISEMENT, created_at="2026-01-02T00:00:00Z")
    )
    first = {found.native_id for found in study.corpus().posts}
    study.see(post("p0", "a", text=None, state="deleted_by_author", observed_at="2026-03-01T00:00:00Z"))

    assert first == {"p0"}
    assert {found.native_id for found in study.corpus().posts} == {"p1"}


def test_two_people_who_both_wrote_same_here_have_two_voices(study: Study) -> None:
    study.see(post("p0", "a", text="same here"), post("p1", "b", text="same here"))
    study.code("p0", "evals")
    study.code("p1", "evals")

    assert study.compute(EVALS).figures[0].judgement.share.yes == 2


def test_one_author_with_the_same_post_twice_is_one_voter_with_two_posts(study: Study) -> None:
    study.see(post("p0", "a", text="how did it go"), post("p1", "a", thread="p0", text="how did it go"))
    study.nothing_else("p0", "p1")

    figure = study.compute(EVALS).figures[0]

    assert (figure.considered, figure.judgement.share.n) == (2, 1)


def test_accounts_that_are_gone_are_one_voter_a_thread(study: Study) -> None:
    study.see(post("p0"), post("c1", thread="p0"), post("p1"))
    study.nothing_else("p0", "c1", "p1")

    assert study.compute(EVALS).figures[0].judgement.share.n == 2


def test_threads_that_repeat_each_other_are_one_cluster(study: Study) -> None:
    study.see(post("p0", "a"), post("p1", "b", crosspost_of="p0"), post("p2", "c", crosspost_of="p0"), post("p3", "d"))

    clusters = study.corpus().clusters

    assert len({clusters[f"site:p{n}"] for n in range(3)}) == 1
    assert clusters["site:p3"] != clusters["site:p0"]


FIRSTHAND = Claim(id="evals", kind="shares", label="evals", code="evals", filter={"evidence": "evidence.firsthand"})
EVIDENCE = Claim(id="evidence", kind="shares", label="evidence", attribute="evidence")
RANKED = Claim(id="ranked", kind="ranking", label="ranked", codes=("titles", "evals"))
BOTH = Claim(id="both", kind="shares", label="both", codes=("titles", "late"))


@pytest.mark.parametrize("stance", ["support", "dispute", "mixed"])
def test_any_number_of_rule_hits_with_a_stance_cast_no_vote(study: Study, stance: str) -> None:
    people = crowd(24, 12)
    study.see(*people)
    for seen in people:
        study.code(seen.address, "titles", stance=stance, coder="rules", coder_kind="rules")

    found = study.compute(TITLES)
    (figure,) = found.figures

    assert found.verdict is Verdict.UNCHECKED
    assert figure.judgement.share.n == 0
    assert {name: len(posts) for name, posts in figure.by_stance.items()} == {"support": 0, "dispute": 0, "mixed": 0}
    assert len(figure.mentioning) == len(figure.to_read) == 24


def test_the_last_post_to_be_read_makes_a_consensus(study: Study) -> None:
    people = crowd(24, 12)
    study.see(*people)
    for seen in people[1:]:
        study.code(seen.address, "titles", stance="support")
    before = study.compute(TITLES)

    study.code(people[0].address, "titles", stance="support")

    assert (before.verdict, study.compute(TITLES).verdict) == (Verdict.UNCHECKED, Verdict.CONSENSUS)


def test_an_author_takes_the_side_of_the_latest_post_that_takes_one(study: Study) -> None:
    study.see(*(post(f"p{n}", "a", created_at=f"2026-01-0{n + 1}T00:00:00Z") for n in range(3)))
    study.code("p0", "titles", stance="support")
    study.code("p1", "titles", stance="dispute")
    study.code("p2", "titles")

    judged = study.compute(TITLES).figures[0].judgement

    assert judged.dispute is not None
    assert (judged.share.n, judged.share.yes, judged.dispute.yes) == (1, 0, 1)


def test_a_post_on_which_people_differ_counts_among_the_mentions(study: Study) -> None:
    study.see(post("p0", "a"))
    study.code("p0", "evals")
    study.code("p0", "evals", "absent", coder="ben")

    found = study.compute(EVALS)

    assert len(found.figures[0].mentioning) == 1
    assert found.verdict is Verdict.UNCHECKED


def test_an_unsure_person_leaves_a_machines_hit_among_the_mentions(study: Study) -> None:
    study.see(post("p0", "a", text="evals"), post("p1", "b", text="evals"))
    study.apply()
    study.code("p0", "evals", "unsure")
    study.code("p1", "evals", "missing")

    (figure,) = study.compute(EVALS).figures

    assert [seen.native_id for seen in figure.mentioning] == ["p0"]
    assert figure.basis == READ


def test_a_value_that_a_person_gave_later_moves_the_post(study: Study) -> None:
    study.see(post("p0", "a"))
    study.code("p0", "evidence.opinion")
    study.code("p0", "evidence.firsthand")

    found = study.compute(EVIDENCE)

    assert {figure.code: len(figure.mentioning) for figure in found.figures} == {
        "evidence.firsthand": 1, "evidence.opinion": 0,
    }  # fmt: skip
    assert found.basis == READ


def test_an_attribute_on_which_people_differ_keeps_a_filtered_claim_unchecked(study: Study) -> None:
    study.see(post("p0", "a"))
    study.code("p0", "evidence.firsthand")
    study.code("p0", "evidence.opinion", coder="ben")
    study.code("p0", "evals")

    found = study.compute(FIRSTHAND)

    assert (found.basis, found.scope.posts) == (UNCHECKED, ())
    assert [seen.native_id for seen in found.scope.undecided] == ["p0"]
    assert len(found.figures[0].mentioning) == 1


@pytest.mark.parametrize("value", ["absent", "missing"])
def test_a_post_without_the_attribute_is_out_of_a_filtered_claim(study: Study, value: str) -> None:
    study.see(post("p0", "a"))
    study.code("p0", "*", value)

    assert study.compute(FIRSTHAND).figures[0].considered == 0


def test_a_codes_claim_is_as_sure_as_its_least_sure_part(study: Study) -> None:
    people = crowd(24, 12)
    study.see(*people)
    study.nothing_else(*(seen.address for seen in people))
    study.code(people[0].address, "titles", stance="support")
    study.code(people[1].address, "late")

    found = study.compute(BOTH)

    assert [figure.judgement.verdict for figure in found.figures] == [Verdict.MEASURED, Verdict.UNCHECKED]
    assert (found.verdict, found.basis) == (Verdict.UNCHECKED, UNCHECKED)


def test_a_claim_of_several_codes_of_which_none_was_found_finds_nothing(study: Study) -> None:
    study.see(post("p0", "a"))
    study.nothing_else("p0")

    assert study.compute(RANKED).verdict is Verdict.NONE


def test_a_code_that_nobody_mentions_does_not_hide_the_others(study: Study) -> None:
    people = crowd(24, 12)
    study.see(*people)
    study.code(people[0].address, "evals")
    study.nothing_else(*(seen.address for seen in people))

    found = study.compute(RANKED)

    assert [(figure.code, figure.judgement.share.yes) for figure in found.figures] == [("evals", 1), ("titles", 0)]
    assert found.verdict is Verdict.MEASURED


def test_of_equal_codes_a_ranking_names_the_first_by_id(study: Study) -> None:
    study.see(post("p0", "a"))
    study.nothing_else("p0")

    assert [figure.code for figure in study.compute(RANKED).figures] == ["evals", "titles"]


def test_authors_and_threads_are_counted_once(study: Study) -> None:
    study.see(post("p0", "a"), post("c1", "b", thread="p0"), post("p2", "a"))
    posts = study.corpus().posts

    assert (distinct_authors(posts), distinct_threads(posts)) == (2, 2)


def test_a_thread_in_which_a_voter_took_no_side_is_one_of_the_voters_threads(study: Study) -> None:
    people = crowd(12, 6)
    study.see(*people, post("q0", people[0].native_id[1:]), post("q1", people[0].native_id[1:]))
    for seen in people:
        study.code(seen.address, "titles", stance="support" if seen in people[::3] else "dispute")
    before = study.compute(TITLES).figures[0].judgement.share
    study.nothing_else("q0")
    study.code("q1", "*", "missing")
    after = study.compute(TITLES).figures[0].judgement.share

    assert (before.threads, after.threads) == (6, 6)
    assert after.design_effect == pytest.approx(before.design_effect * (7 - 1) / 7 / ((8 - 1) / 8))


def test_a_post_on_which_people_differ_mentions_only_the_values_that_somebody_gave(study: Study) -> None:
    study.see(post("p0", "a"))
    study.code("p0", "evidence.firsthand")
    study.code("p0", "*", "absent", coder="ben")

    found = study.compute(EVIDENCE)

    assert {figure.code: len(figure.mentioning) for figure in found.figures} == {
        "evidence.firsthand": 1, "evidence.opinion": 0,
    }  # fmt: skip
    assert len(found.differing) == 1


def test_a_value_that_a_person_ruled_out_is_no_mention_whatever_a_machine_found(study: Study) -> None:
    study.see(post("p0", "a"), post("p1", "b"))
    for name in ("p0", "p1"):
        study.code(name, "evidence.firsthand", coder="rules", coder_kind="rules")
    study.code("p0", "evidence.firsthand", "absent")

    firsthand = study.compute(EVIDENCE).figures[0]

    assert [seen.native_id for seen in firsthand.mentioning] == ["p1"]
    assert len(firsthand.to_read) == 2


def test_a_ranking_that_is_not_read_is_in_the_order_of_its_codes(study: Study) -> None:
    people = crowd(24, 12)
    study.see(*people)
    for seen in people[:9]:
        study.code(seen.address, "titles")

    found = study.compute(RANKED)

    assert [(figure.code, figure.judgement.share.yes) for figure in found.figures] == [("evals", 0), ("titles", 9)]
