from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fakes.corpora import EVALS, TITLES, Study, make_study, post
from fakes.drawing import draw_audit, needed, read, start_round, store_audit
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.sampling import author_labels
from db.records import Observation
from reports.claims import ESTIMATED, READ, SCREENED, UNCHECKED, Result, compute
from reports.corpus import data_hash, machine_view
from reports.definition import Claim
from reports.screening import Screening, SecondReading, second_reading_words
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


def audited_by(study: Study, coder: str, posts: Sequence[Observation], showing: Sequence[Observation] = ()) -> None:
    """Let somebody read posts blind: present where the code shows, absent on the others."""
    for one in posts:
        study.code(one.address, "evals", "present" if one in showing else "absent", coder=coder, blind=True)


def one_coder_has_read(study: Study) -> list[Observation]:
    """10 found authors and 60 silent ones of whom 40 were drawn; ana reads all drawn, and finds 8 and 3."""
    seen = people(10, 60)
    study.see(*seen)
    study.apply()
    store_audit(study, {author(n): 1.0 for n in range(10)} | {author(n): 0.5 for n in range(10, 50)}, "evals")
    audited_by(study, "ana", seen[:50], [*seen[:8], *seen[20:23]])
    return seen


def second(study: Study) -> SecondReading:
    found = screening(study.compute(EVALS)).second
    assert found is not None
    return found


def names(study: Study, ids: frozenset[int]) -> set[str]:
    return {one.address for one in study.corpus().posts if one.id in ids}


def test_with_one_coder_the_correction_is_used_and_says_what_a_positive_stands_for(study: Study) -> None:
    one_coder_has_read(study)

    found = study.compute(EVALS)

    assert found.basis == SCREENED
    assert screening(found).second is None
    assert (screening(found).coders, screening(found).unflagged, screening(found).stands_for) == (1, 3, 1.5)


def test_a_second_coder_keeps_a_claim_unchecked_until_positives_and_as_many_others_are_read_twice(study: Study) -> None:
    seen = one_coder_has_read(study)
    audited_by(study, "ben", seen[:1], seen[:1])

    found = study.compute(EVALS)
    waiting = second(study)

    assert (found.basis, found.verdict) == (UNCHECKED, Verdict.UNCHECKED)
    assert names(study, waiting.positives) == set(addresses(seen[20:23]))
    assert len(waiting.others) == 3
    assert waiting.missing == waiting.positives | waiting.others
    assert needed(study, EVALS) == names(study, waiting.missing)

    audited_by(study, "ben", [one for one in seen if one.address in needed(study, EVALS)], seen[20:23])
    assert study.compute(EVALS).basis == SCREENED
    assert second(study).missing == frozenset()
    assert needed(study, EVALS) == frozenset()


def test_others_to_read_twice_are_drawn_from_the_unflagged_by_the_key_of_the_study(study: Study) -> None:
    seen = one_coder_has_read(study)
    audited_by(study, "ben", seen[:1], seen[:1])
    figures = [study.compute(EVALS), compute(EVALS, study.corpus(key=b"another key of the same length!"))]

    ours, theirs = (screening(one).second for one in figures)

    assert ours is not None
    assert theirs is not None
    assert ours.positives == theirs.positives
    assert ours.others != theirs.others
    assert names(study, ours.others | theirs.others) <= {*addresses(seen[10:20]), *addresses(seen[23:50])}


def test_people_who_differ_on_a_second_reading_have_to_be_settled_first(study: Study) -> None:
    seen = one_coder_has_read(study)
    audited_by(study, "ben", seen[:1], seen[:1])
    audited_by(study, "ben", [one for one in seen if one.address in needed(study, EVALS)], seen[21:23])
    apart = study.compute(EVALS)
    waiting = needed(study, EVALS)
    study.code(seen[20].address, "evals", "absent", coder="cleo", adjudicated=True, reason="slip")

    assert (apart.basis, waiting) == (UNCHECKED, {seen[20].address})
    assert study.compute(EVALS).basis == SCREENED
    assert screening(study.compute(EVALS)).unflagged == 2


def test_a_present_that_only_the_second_coder_finds_asks_for_one_more_of_the_others(study: Study) -> None:
    seen = one_coder_has_read(study)
    audited_by(study, "ben", seen[:1], seen[:1])
    found_late = next(one for one in seen if one.address in names(study, second(study).others))
    audited_by(study, "ben", [one for one in seen if one.address in needed(study, EVALS)], [*seen[20:23], found_late])

    assert (len(second(study).positives), len(second(study).others)) == (4, 4)
    assert len(second(study).missing) == 1 + 2


def test_a_second_reading_that_was_not_blind_is_none(study: Study) -> None:
    seen = one_coder_has_read(study)
    for one in seen[10:50]:
        study.code(one.address, "evals", "present" if one in seen[20:23] else "absent", coder="ben")

    assert study.compute(EVALS).basis == UNCHECKED
    assert len(second(study).missing) == 6


@pytest.mark.parametrize(("coders", "codes", "asks"), [
    (("ana", "ben"), ("evals",), True), (("ana",), ("evals",), False), (("ana", "ben"), ("titles",), False),
])  # fmt: skip
def test_a_round_that_names_two_coders_asks_for_second_readings_before_anybody_else_has_read(
    study: Study, coders: tuple[str, ...], codes: tuple[str, ...], *, asks: bool
) -> None:
    one_coder_has_read(study)
    start_round(study, coders, codes)

    found = study.compute(EVALS)

    assert (found.basis, screening(found).second is not None) == ((UNCHECKED, True) if asks else (SCREENED, False))


def test_who_read_the_same_posts_for_another_code_is_no_second_coder(study: Study) -> None:
    seen = one_coder_has_read(study)
    for one in seen[:50]:
        study.code(one.address, "titles", "absent", coder="ben", blind=True)

    assert study.compute(EVALS).basis == SCREENED
    assert screening(study.compute(EVALS)).coders == 1


def test_where_nothing_was_found_among_the_unflagged_a_second_coder_has_nothing_to_read(study: Study) -> None:
    seen = people(10, 60)
    study.see(*seen)
    study.apply()
    store_audit(study, {author(n): 1.0 for n in range(10)} | {author(n): 0.5 for n in range(10, 50)}, "evals")
    audited_by(study, "ana", seen[:50], seen[:8])
    audited_by(study, "ben", seen[:1], seen[:1])

    assert study.compute(EVALS).basis == SCREENED
    assert second(study) == SecondReading(frozenset(), frozenset(), frozenset())


def test_for_a_stance_a_mention_without_a_side_needs_no_second_reading(study: Study) -> None:
    seen = stance_study(study)
    store_audit(study, {author(n): 1.0 for n in range(40)} | {author(n): 0.5 for n in range(40, 80)}, "titles")
    for n, one in enumerate(seen[:80]):
        stance = "support" if n < 30 else "dispute" if n == 50 else None
        value = "present" if stance or n == 60 else "absent"
        study.code(one.address, "titles", value, stance=stance, blind=True)
    study.code(seen[0].address, "titles", stance="support", coder="ben", blind=True)

    found = screening(study.compute(TITLES)).second

    assert found is not None
    assert names(study, found.positives) == {seen[50].address}
    assert len(found.others) == 1


def test_what_a_suggestion_stood_beside_enters_no_correction_and_is_still_to_be_read(study: Study) -> None:
    seen = people(10, 60)
    study.see(*seen)
    study.apply()
    store_audit(study, {author(n): 1.0 for n in range(10)} | {author(n): 0.5 for n in range(10, 50)}, "evals")
    audited_by(study, "ana", seen[:47], seen[:8])
    for one in seen[47:50]:
        study.code(one.address, "evals", suggestion_shown=True)

    found = study.compute(EVALS)

    assert found.basis == UNCHECKED
    assert (screening(found).undecided, screening(found).unflagged) == (3, 0)
    assert needed(study, EVALS) == set(addresses(seen[47:50]))


def test_a_blind_coding_holds_although_the_same_person_changed_it_when_a_suggestion_was_shown(study: Study) -> None:
    seen = one_coder_has_read(study)
    before = study.compute(EVALS).figures[0].judgement.share.estimate
    study.code(seen[30].address, "evals", suggestion_shown=True)

    assert study.compute(EVALS).figures[0].judgement.share.estimate == before


def test_found_posts_of_authors_who_were_not_drawn_may_be_decided_with_help_and_enter_no_share(study: Study) -> None:
    """Of 20 found authors 10 were drawn, 4 show it; the others were confirmed beside suggestions: v is .4 and not .7."""
    seen = people(20, 60)
    study.see(*seen)
    study.apply()
    store_audit(study, {author(n): 0.5 for n in (*range(10), *range(20, 50))}, "evals")
    audited_by(study, "ana", [*seen[:10], *seen[20:50]], seen[:4])
    for one in seen[10:20]:
        study.code(one.address, "evals", suggestion_shown=True)

    found = study.compute(EVALS)

    assert found.basis == SCREENED
    assert found.figures[0].judgement.corrected is not None
    assert found.figures[0].judgement.corrected.estimate == pytest.approx(0.25 * 0.4)


def test_a_stratum_without_a_drawn_author_waits_for_readings_without_help(study: Study) -> None:
    seen = people(3, 60)
    study.see(*seen)
    study.apply()
    store_audit(study, {author(n): 0.5 for n in range(3, 33)}, "evals")
    audited_by(study, "ana", seen[3:33])
    for one in seen[:3]:
        study.code(one.address, "evals", suggestion_shown=True)

    assert study.compute(EVALS).basis == UNCHECKED
    assert needed(study, EVALS) == set(addresses(seen[:3]))


def test_where_a_round_codes_an_audit_only_what_was_said_blind_counts(study: Study) -> None:
    seen = people(10, 60)
    study.see(*seen)
    study.apply()
    store_audit(study, {author(n): 1.0 for n in range(10)} | {author(n): 0.5 for n in range(10, 50)}, "evals")
    read(study, EVALS, addresses(seen[:50]), addresses(seen[:8]))
    without_a_round = study.compute(EVALS).basis
    start_round(study, ("ana",), ("evals",))
    in_a_round = study.compute(EVALS)
    audited_by(study, "ana", seen[:50], seen[:8])

    assert (without_a_round, in_a_round.basis) == (SCREENED, UNCHECKED)
    assert screening(in_a_round).undecided == 50
    assert study.compute(EVALS).basis == SCREENED


def test_the_hash_of_the_data_tells_what_was_read_twice(study: Study) -> None:
    seen = one_coder_has_read(study)
    before = data_hash(study.corpus())
    audited_by(study, "ben", seen[20:21], seen[20:21])

    assert data_hash(study.corpus()) != before


@pytest.mark.parametrize(
    ("missing", "begins"),
    [
        (2, "2 of 7 posts to be read a second time, blind, or to be settled: "),
        (0, "read twice, blind, and settled where people differed: "),
    ],
)
def test_a_second_reading_is_told_in_one_line(missing: int, begins: str) -> None:
    words = second_reading_words(4, 3, missing)

    assert words == f"{begins}4 found where machines found nothing, and 3 drawn from the others"


ANSWERS = st.sampled_from([None, "present", "absent", "unsure", "missing"])


@settings(max_examples=30, deadline=None)
@given(
    first=st.lists(st.sampled_from(["present", "absent"]), min_size=12, max_size=12),
    others=st.lists(ANSWERS, min_size=12, max_size=12),
    blind=st.lists(st.booleans(), min_size=12, max_size=12),
    settled=st.frozensets(st.integers(0, 11)),
)
def test_no_correction_is_used_before_every_positive_of_the_unflagged_was_read_twice_and_settled(
    first: list[str], others: list[str | None], blind: list[bool], settled: frozenset[int]
) -> None:
    with TemporaryDirectory() as folder:
        study = make_study(Path(folder))
        seen = people(4, 20, threads=6)
        study.see(*seen)
        study.apply()
        store_audit(study, {author(n): 1.0 for n in range(4)} | {author(n): 0.5 for n in range(4, 16)}, "evals")
        audited_by(study, "ana", seen[:4], seen[:2])
        for n, (said, again) in enumerate(zip(first, others, strict=True), start=4):
            study.code(seen[n].address, "evals", said, blind=True)
            if again is not None:
                study.code(seen[n].address, "evals", again, coder="ben", blind=blind[n - 4])
            if n - 4 in settled:
                study.code(seen[n].address, "evals", coder="cleo", adjudicated=True)
        found = study.compute(EVALS)
        study.store.close()

    read_by_ben = {n for n, again in enumerate(others) if again is not None}
    positive = {n for n in range(12) if "present" in (first[n], others[n])}
    confirmed = {
        n
        for n in range(12)
        if n in settled
        or (blind[n] and others[n] in ("present", "absent", "unsure") and others[n] in (first[n], "unsure"))
    }
    if found.basis in (SCREENED, ESTIMATED) and read_by_ben:
        assert positive <= confirmed
        assert len(confirmed - positive) >= min(len(positive), 12 - len(positive))
    if not read_by_ben:
        assert screening(found).second is None


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
