from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fakes.corpora import EVALS, TITLES, Study, make_study, post
from fakes.drawing import draw_audit, needed, read, store_audit
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.sampling import author_labels
from db.records import Observation
from reports.claims import ESTIMATED, READ, SCREENED, UNCHECKED, Result
from reports.corpus import machine_view
from reports.definition import Claim
from reports.screening import Screening
from reports.verdicts import Verdict

EVIDENCE = Claim(id="evidence", kind="shares", label="evidence", attribute="evidence")
FIRSTHAND = Claim(id="evals", kind="shares", label="evals", code="evals", filter={"evidence": "evidence.firsthand"})
BOTH = Claim(id="both", kind="ranking", label="both", codes=("evals", "titles"))


def people(hits: int, silent: int, threads: int = 20) -> list[Observation]:
    """Authors with one post each; the first so many name evals, so that a machine finds them."""
    return [
        post(f"p{n:03}", f"{n:03}", thread=f"p{n % threads:03}", text="evals" if n < hits else f"words of {n}")
        for n in range(hits + silent)
    ]


def author(number: int) -> str:
    return f"site:~{number:03}"


def addresses(seen: Sequence[Observation]) -> list[str]:
    return [one.address for one in seen]


def screening(result: Result) -> Screening:
    found = result.figures[0].screening
    assert found is not None
    return found


def started(study: Study, hits: int, silent: int, **audit: int) -> tuple[list[Observation], dict[str, float]]:
    """A study in which a machine looked and an audit was drawn."""
    seen = people(hits, silent)
    study.see(*seen)
    study.apply()
    return seen, draw_audit(study, "evals", **audit)


def of_authors(seen: Sequence[Observation], drawn: dict[str, float]) -> list[str]:
    return [one.address for one in seen if one.author is not None and one.author.address in drawn]


def test_a_drawn_audit_that_nobody_read_leaves_a_claim_unchecked_and_says_what_it_waits_for(study: Study) -> None:
    seen, drawn = started(study, 30, 90, per_stratum=10)

    found = study.compute(EVALS)

    assert (found.basis, found.verdict) == (UNCHECKED, Verdict.UNCHECKED)
    assert (screening(found).drawn, screening(found).undecided) == (len(drawn), len(drawn))
    assert needed(study, EVALS) == {*addresses(seen[:30]), *of_authors(seen, drawn)}


def test_the_drawn_authors_alone_make_a_claim_estimated_and_all_found_posts_make_it_screened(study: Study) -> None:
    seen, drawn = started(study, 40, 120, per_stratum=20)
    shown = addresses(seen[:25])

    read(study, EVALS, of_authors(seen, drawn), shown)
    estimated = study.compute(EVALS)
    read(
        study,
        EVALS,
        needed_of_hits := [one for one in addresses(seen[:40]) if one not in of_authors(seen, drawn)],
        shown,
    )
    screened = study.compute(EVALS)

    assert needed_of_hits
    assert (estimated.basis, screened.basis) == (ESTIMATED, SCREENED)
    assert (estimated.verdict, screened.verdict) == (Verdict.MEASURED, Verdict.MEASURED)
    # All 25 of 40 found authors are known to show it, and nobody of the others does: 25 of 160.
    assert screened.figures[0].judgement.share.estimate == pytest.approx(25 / 160)


def test_reading_every_post_makes_a_screened_claim_read(study: Study) -> None:
    seen, _ = started(study, 10, 30)
    read(study, EVALS, addresses(seen), addresses(seen[:8]))

    found = study.compute(EVALS)

    assert (found.basis, found.figures[0].screening) == (READ, None)


@pytest.mark.parametrize(("left", "basis"), [(2, SCREENED), (3, UNCHECKED)])
def test_a_claim_rests_on_an_audit_while_at_most_one_in_twenty_of_the_drawn_is_undecided(
    study: Study, left: int, basis: str
) -> None:
    seen = people(10, 60)
    study.see(*seen)
    study.apply()
    store_audit(study, {author(n): 0.5 for n in range(10, 50)}, "evals")
    read(study, EVALS, addresses(seen[: 50 - left]), addresses(seen[:10]))

    assert study.compute(EVALS).basis == basis


def test_more_than_one_in_twenty_undecided_among_the_silent_is_not_screened_though_it_may_be_estimated(
    study: Study,
) -> None:
    seen = people(30, 60)
    study.see(*seen)
    study.apply()
    store_audit(study, {author(n): 1.0 for n in range(30)} | {author(n): 0.5 for n in range(30, 60)}, "evals")
    read(study, EVALS, addresses(seen[:58]), addresses(seen[:10]))

    assert (screening(study.compute(EVALS)).drawn, screening(study.compute(EVALS)).undecided) == (60, 2)
    assert study.compute(EVALS).basis == ESTIMATED


def test_a_silent_author_who_shows_the_code_stands_for_all_who_were_not_drawn(study: Study) -> None:
    """16 found authors, all read, 8 of them show it; of 64 silent ones 16 were drawn at 1/4, and 2 of them show it.

    W of the found ones is 16/80 and v = 8/16; W of the silent is 64/80 and v = (2/.25)/(16/.25) = 1/8.
    So the share is .2 x .5 + .8 x .125 = .2, where the machine alone counts 16/80 = .2 and confirmed ones 8/80 = .1.
    """
    seen = people(16, 64)
    study.see(*seen)
    study.apply()
    store_audit(study, {author(n): 1.0 for n in range(16)} | {author(n): 0.25 for n in range(16, 32)}, "evals")
    read(study, EVALS, addresses(seen[:32]), [*addresses(seen[:8]), *addresses(seen[20:22])])

    found = study.compute(EVALS)

    assert found.basis == SCREENED
    assert found.figures[0].judgement.share.estimate == pytest.approx(0.2)
    assert (screening(found).machine, screening(found).unflagged, screening(found).stands_for) == (16, 2, 4.0)


def test_who_was_read_without_being_drawn_does_not_speak_for_others(study: Study) -> None:
    seen = people(16, 64)
    study.see(*seen)
    study.apply()
    store_audit(study, {author(n): 1.0 for n in range(16)} | {author(n): 0.25 for n in range(16, 32)}, "evals")
    read(study, EVALS, addresses(seen[:32]), addresses(seen[:8]))
    before = study.compute(EVALS).figures[0].judgement.share.estimate
    read(study, EVALS, addresses(seen[60:70]), addresses(seen[60:70]))

    assert study.compute(EVALS).figures[0].judgement.share.estimate == before == pytest.approx(8 / 80)


def test_an_author_whose_found_post_was_refuted_is_known_only_by_the_draw(study: Study) -> None:
    """Of 20 found authors with a silent post each, 10 are confirmed by the found post; the audit drew 5 of the others.

    Those 5 were read whole, and one shows it in the silent post: v = 1/5 among the 10. None of 40 silent authors does.
    So the share is 10/60 x 1 + 10/60 x 1/5 + 40/60 x 0 = .2.
    """
    found = [post(f"h{n:02}", f"{n:03}", thread=f"t{n % 10}", text="evals") for n in range(20)]
    beside = [post(f"b{n:02}", f"{n:03}", thread=f"t{n % 10}", created_at="2026-01-02T00:00:00Z") for n in range(20)]
    silent = [post(f"s{n:02}", f"{n + 20:03}", thread=f"t{n % 10}") for n in range(40)]
    study.see(*found, *beside, *silent)
    study.apply()
    store_audit(study, {author(n): 0.5 for n in (0, 1, 2, 3, 4, 10, 11, 12, 13, 14, *range(20, 40))}, "evals")
    read(study, EVALS, addresses(found), addresses(found[:10]))
    read(study, EVALS, addresses([*beside[10:15], *silent[:20]]), addresses(beside[14:15]))

    result = study.compute(EVALS)

    assert result.basis == SCREENED
    assert result.figures[0].judgement.share.estimate == pytest.approx(0.2)
    assert {name: sums.authors for name, sums in screening(result).frame.strata.items()} == {
        "hit": 10, "hit, confirmed": 10, "none": 40,
    }  # fmt: skip


def test_where_nobody_refuted_was_drawn_the_found_authors_stay_one_stratum(study: Study) -> None:
    found = [post(f"h{n:02}", f"{n:03}", thread=f"t{n % 10}", text="evals") for n in range(20)]
    beside = post("b19", "019", thread="t1", created_at="2026-01-02T00:00:00Z")
    silent = [post(f"s{n:02}", f"{n + 20:03}", thread=f"t{n % 10}") for n in range(40)]
    study.see(*found, beside, *silent)
    study.apply()
    store_audit(study, {author(n): 0.5 for n in (*range(10), *range(20, 40))}, "evals")
    read(study, EVALS, addresses([*found, *silent[:20]]), addresses(found[:19]))

    result = study.compute(EVALS)

    assert result.basis == SCREENED
    assert set(screening(result).frame.strata) == {"hit", "none"}
    assert result.figures[0].judgement.share.estimate == pytest.approx(20 / 60)


def test_a_stratum_of_which_nobody_was_drawn_has_to_be_read_whole(study: Study) -> None:
    seen = people(3, 60)
    study.see(*seen)
    study.apply()
    store_audit(study, {author(n): 0.5 for n in range(3, 33)}, "evals")
    read(study, EVALS, addresses(seen[3:33]))
    before = study.compute(EVALS)

    assert before.basis == UNCHECKED
    assert needed(study, EVALS) == frozenset(addresses(seen[:3]))
    read(study, EVALS, addresses(seen[:3]))
    assert study.compute(EVALS).basis == SCREENED


def test_found_authors_who_are_confirmed_do_not_wait_for_their_other_posts(study: Study) -> None:
    found = [post(f"h{n:02}", f"{n:03}", thread=f"t{n % 10}", text="evals") for n in range(20)]
    beside = [post(f"b{n:02}", f"{n:03}", thread=f"t{n % 10}", created_at="2026-01-02T00:00:00Z") for n in range(20)]
    silent = [post(f"s{n:02}", f"{n + 20:03}", thread=f"t{n % 10}") for n in range(40)]
    study.see(*found, *beside, *silent)
    study.apply()
    store_audit(study, {author(n): 0.5 for n in range(20, 40)}, "evals")
    read(study, EVALS, addresses(found), addresses(found[:15]))

    assert needed(study, EVALS) == {*addresses(beside[15:]), *addresses(silent[:20])}


def test_fewer_than_five_found_give_an_upper_limit_alone_and_a_thin_claim(study: Study) -> None:
    seen, drawn = started(study, 4, 200, per_stratum=50)
    read(study, EVALS, {*addresses(seen[:4]), *of_authors(seen, drawn)}, addresses(seen[:4]))

    judged = study.compute(EVALS).figures[0].judgement

    assert judged.verdict is Verdict.THIN
    assert judged.reasons == ("few-positives",)
    assert (judged.share.estimate, judged.share.lower, judged.share.t) == (None, 0.0, None)
    assert 4 / 204 < judged.share.upper < 0.12


def test_where_a_finished_audit_found_nobody_nothing_was_found(study: Study) -> None:
    seen, drawn = started(study, 4, 200, per_stratum=50)
    read(study, EVALS, {*addresses(seen[:4]), *of_authors(seen, drawn)})

    found = study.compute(EVALS)

    assert (found.basis, found.verdict) == (SCREENED, Verdict.NONE)


def test_drawn_authors_whose_posts_are_gone_are_lost_and_not_undecided(study: Study) -> None:
    seen = people(10, 60)
    study.see(*seen)
    study.apply()
    store_audit(study, {author(n): 0.5 for n in range(10, 50)}, "evals")
    read(study, EVALS, addresses(seen[:47]), addresses(seen[:10]))
    gone = [
        post(one.native_id, one.native_id[1:], thread=one.thread, text=None, state="removed",
             observed_at="2026-03-05T00:00:00Z")
        for one in seen[47:50]
    ]  # fmt: skip
    study.see(*gone)

    found = study.compute(EVALS)

    assert found.basis == SCREENED
    assert (screening(found).drawn, screening(found).undecided, screening(found).lost) == (37, 0, 3)
    assert screening(found).authors == 67


def test_authors_who_came_since_and_would_be_drawn_count_as_drawn_and_undecided(study: Study) -> None:
    seen, drawn = started(study, 4, 40)
    read(study, EVALS, addresses(seen), addresses(seen[:4]))
    study.see(*(post(f"q{n}", f"new{n}") for n in range(6)))

    found = study.compute(EVALS)

    assert len(drawn) == 44
    assert found.basis == UNCHECKED
    assert (screening(found).due, screening(found).undecided) == (6, 6)
    assert needed(study, EVALS) == {f"site:q{n}" for n in range(6)}


def test_authors_who_came_since_and_would_not_be_drawn_are_spoken_for(study: Study) -> None:
    seen = people(10, 60)
    study.see(*seen)
    study.apply()
    draw_audit(study, "evals", per_stratum=5)
    read(study, EVALS, addresses(seen), addresses(seen[:10]))
    study.see(*(post(f"q{n}", f"new{n}") for n in range(6)))

    found = study.compute(EVALS)

    assert screening(found).due < 6
    assert screening(found).authors == 76


def test_a_second_draw_takes_those_who_came_since(study: Study) -> None:
    seen, _ = started(study, 4, 40)
    read(study, EVALS, addresses(seen), addresses(seen[:4]))
    study.see(*(post(f"q{n}", f"new{n}") for n in range(6)))

    assert len(draw_audit(study, name="audit-1")) == 50
    assert screening(study.compute(EVALS)).due == 0


def test_of_several_audits_the_finished_one_counts(study: Study) -> None:
    seen, drawn = started(study, 10, 60, per_stratum=10)
    read(study, EVALS, {*addresses(seen[:10]), *of_authors(seen, drawn)}, addresses(seen[:10]))
    draw_audit(study, "evals", per_stratum=60, name="audit-2")

    found = study.compute(EVALS)

    assert (found.basis, screening(found).sample) == (SCREENED, "audit-1")


def test_an_audit_says_nothing_of_codes_that_it_was_not_drawn_for(study: Study) -> None:
    seen, drawn = started(study, 10, 60, per_stratum=10)
    study.nothing_else(*of_authors(seen, drawn), *addresses(seen[:10]))

    assert study.compute(TITLES).figures[0].screening is None
    assert study.compute(TITLES).basis == UNCHECKED


def test_attributes_and_open_filters_are_settled_by_reading_all_alone(study: Study) -> None:
    seen, _ = started(study, 10, 30, per_stratum=10)
    study.code(seen[0].address, "evidence.firsthand")

    for claim in (EVIDENCE, FIRSTHAND):
        result = study.compute(claim)
        assert all(figure.screening is None for figure in result.figures)
    assert needed(study, EVIDENCE) == frozenset(addresses(seen[1:]))
    assert needed(study, FIRSTHAND) == frozenset(addresses(seen))


def test_a_ranking_is_as_weak_as_the_weakest_of_its_codes(study: Study) -> None:
    seen, drawn = started(study, 10, 60, per_stratum=10)
    audited = {*addresses(seen[:10]), *of_authors(seen, drawn)}
    read(study, EVALS, audited, addresses(seen[:10]))
    half = study.compute(BOTH)
    read(study, Claim(id="t", kind="shares", label="t", code="titles"), addresses(seen), addresses(seen[:30]))

    assert (half.basis, study.compute(BOTH).basis) == (UNCHECKED, SCREENED)
    assert [figure.code for figure in study.compute(BOTH).figures] == ["titles", "evals"]
    assert needed(study, BOTH) == frozenset()


def stance_study(study: Study) -> list[Observation]:
    """40 authors whose titles a machine calls support, of whom 30 do, and 80 silent ones of whom every tenth disputes."""
    seen = [
        post(f"p{n:03}", f"{n:03}", thread=f"p{n % 20:03}", community=f"r/{n % 2}",
             text="titles lie" if n < 40 else f"words of {n}")
        for n in range(120)
    ]  # fmt: skip
    study.see(*seen)
    study.apply()
    return seen


def test_a_stance_counts_the_silent_who_take_a_side(study: Study) -> None:
    """Of 40 on the machine's side all are read: 30 support, 10 take no side. Of 80 silent 40 were drawn: 4 dispute.

    Support is 40/120 x 30/40 = .25 of all, and any side 40/120 x 30/40 + 80/120 x 4/40 = .3167, so support .25/.3167 of
    those who take a side: .7895, and 120 x .3167 = 38 people.
    """
    seen = stance_study(study)
    store_audit(study, {author(n): 1.0 for n in range(40)} | {author(n): 0.5 for n in range(40, 80)}, "titles")
    read(study, TITLES, addresses(seen[:80]), addresses(seen[:30]))
    for one in seen[40:80:10]:
        study.code(one.address, "titles", stance="dispute")

    result = study.compute(TITLES)
    judged = result.figures[0].judgement

    assert result.basis == SCREENED
    assert judged.share.estimate == pytest.approx(0.25 / (0.25 + 0.2 / 3))
    assert judged.corrected is not None
    assert judged.corrected.people == pytest.approx(38)
    assert (judged.share.yes, judged.share.n) == (30, 34)
    assert judged.dispute is not None
    assert judged.dispute.estimate == pytest.approx(1 - judged.share.estimate)
    assert judged.verdict in (Verdict.CONSENSUS, Verdict.MAJORITY, Verdict.INCONCLUSIVE)


def test_for_a_stance_reading_stops_at_the_latest_one(study: Study) -> None:
    study.see(
        *(post(f"p{n}", "a", created_at=f"2026-01-0{n + 1}T00:00:00Z", text="titles lie") for n in range(4)),
        *(post(f"s{n}", f"s{n}") for n in range(5)),
    )
    study.apply()
    draw_audit(study, "titles")
    study.nothing_else(*(f"s{n}" for n in range(5)))
    study.code("p2", "titles", stance="dispute")
    waiting = needed(study, TITLES)
    study.code("p3", "titles")

    found = study.compute(TITLES)

    assert waiting == {"site:p0", "site:p1", "site:p3"}
    assert found.basis == ESTIMATED
    assert screening(found).undecided == 0
    assert found.figures[0].by_stance["dispute"]


def test_a_silent_post_later_than_the_found_one_keeps_the_side_open(study: Study) -> None:
    study.see(
        post("p0", "a", text="titles lie"),
        post("p1", "a", created_at="2026-01-02T00:00:00Z"),
        *(post(f"s{n}", f"s{n}") for n in range(5)),
    )
    study.apply()
    draw_audit(study, "titles")
    study.code("p0", "titles", stance="support")
    study.nothing_else(*(f"s{n}" for n in range(5)))

    assert screening(study.compute(TITLES)).undecided == 1
    assert needed(study, TITLES) == {"site:p1"}


def test_an_unsure_or_uncodable_author_is_decided_and_has_no_vote(study: Study) -> None:
    seen, drawn = started(study, 10, 10)
    read(study, EVALS, addresses(seen[2:]), addresses(seen[2:10]))
    study.code(seen[0].address, "evals", "unsure")
    study.code(seen[1].address, "evals", "missing")
    study.see(post("late", "late", text="evals"))

    found = screening(study.compute(EVALS))

    assert len(drawn) == 20
    assert found.frame.voters == 18
    assert found.frame.heads({"yes"}) == 8


def test_several_people_who_read_for_an_audit_are_counted(study: Study) -> None:
    seen, drawn = started(study, 10, 60, per_stratum=10)
    read(study, EVALS, {*addresses(seen[:10]), *of_authors(seen, drawn)}, addresses(seen[:10]))
    study.code(seen[0].address, "evals", coder="ben")

    assert screening(study.compute(EVALS)).coders == 2


def test_rules_that_change_after_the_draw_move_authors_and_keep_their_probabilities(study: Study) -> None:
    seen, drawn = started(study, 10, 60, per_stratum=10)
    read(study, EVALS, {*addresses(seen[:10]), *of_authors(seen, drawn)}, addresses(seen[:10]))
    moved = next(one for one in seen[10:] if one.author is not None and one.author.address in drawn)
    study.code(moved.address, "evals", coder="other rules", coder_kind="rules")

    strata = screening(study.compute(EVALS)).frame.strata

    assert strata["none"].authors == 59
    assert strata["hit"].authors == 1
    assert strata["none"].votes["no"] == pytest.approx(sum(1 / drawn[a] for a in drawn if a > author(9)) - 1 / drawn[
        moved.author.address if moved.author is not None else ""
    ])  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(
    texts=st.lists(st.sampled_from(["evals", "titles lie", "titles", "words"]), min_size=30, max_size=60),
    writers=st.integers(12, 40),
    per_stratum=st.integers(2, 12),
    claim=st.sampled_from([EVALS, TITLES]),
    data=st.data(),
)
def test_reading_what_a_claim_needs_is_enough_to_screen_it(
    texts: list[str], writers: int, per_stratum: int, claim: Claim, data: st.DataObject
) -> None:
    """Whatever machines found, whoever was drawn, and whatever people then decide."""
    with TemporaryDirectory() as folder:
        study = make_study(Path(folder))
        study.see(
            *(post(f"p{n}", f"{n % writers}", thread=f"p{n % 7}", text=text, created_at=f"2026-01-01T00:{n:02}:00Z")
              for n, text in enumerate(texts))
        )  # fmt: skip
        study.apply()
        draw_audit(study, claim.code or "", per_stratum=per_stratum)
        waiting = needed(study, claim)
        read(study, claim, waiting, {one for one in sorted(waiting) if data.draw(st.booleans())})
        found = study.compute(claim)
        left = needed(study, claim)
        study.store.close()

    assert found.basis in (SCREENED, READ)
    assert left == frozenset()


@settings(max_examples=25, deadline=None)
@given(
    texts=st.lists(st.sampled_from(["evals", "titles lie", "titles", "words"]), min_size=1, max_size=25),
    disputing=st.frozensets(st.integers(0, 24), max_size=6),
    claim=st.sampled_from([EVALS, TITLES]),
)
def test_authors_stand_in_the_strata_that_samples_are_drawn_by(
    texts: list[str], disputing: frozenset[int], claim: Claim
) -> None:
    with TemporaryDirectory() as folder:
        study = make_study(Path(folder))
        study.see(
            *(
                post(f"p{n}", f"{n % 9}", thread=f"p{n % 4}", text=text, created_at=f"2026-01-01T00:{n:02}:00Z")
                for n, text in enumerate(texts)
            )
        )
        study.apply()
        for n in disputing & set(range(len(texts))):
            study.code(f"p{n}", "titles", stance="dispute", coder="other rules", coder_kind="rules")
        draw_audit(study, claim.code or "")
        corpus = study.corpus()
        strata = screening(study.compute(claim)).frame.strata
        study.store.close()

    codes = {claim.code or "": claim.kind == "consensus"}
    labels = author_labels((machine_view(one, codes, corpus.stances) for one in corpus.posts), codes)
    assert {name: sums.authors for name, sums in strata.items()} == Counter(
        mine[claim.code or ""] for mine in labels.values()
    )
