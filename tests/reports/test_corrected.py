import math
from collections.abc import Sequence

import pytest
from fakes.ballots import post, stance_tally
from hypothesis import given
from hypothesis import strategies as st

from coding.intervals import Stratum, clopper_pearson, jeffreys, stratified, t_quantile, wilson
from reports.corrected import NO_VOTE, Member, Seen, correct, count
from reports.estimators import jackknife_variance, share
from reports.votes import DISPUTE, MIXED, NO, SUPPORT, YES, Ballot, Rule, Tally, tally

HIT, NONE, SILENT = "hit", "none", "silent"
FOUND = frozenset({YES})
FOR, AGAINST = frozenset({SUPPORT}), frozenset({DISPUTE})


def alone(stratum: str, vote: str | None, probability: float | None, thread: str) -> Member:
    """An author who wrote in one thread only."""
    return Member(probability, Seen(stratum, vote), {thread: None})


def group(stratum: str, probability: float, votes: Sequence[str], undrawn: int, at: int) -> list[Member]:
    """Drawn authors with these votes and others who were not drawn, each in a thread of their own."""
    return [
        *(alone(stratum, vote, probability, f"t{at + n:04}") for n, vote in enumerate(votes)),
        *(alone(stratum, None, None, f"t{at + len(votes) + n:04}") for n in range(undrawn)),
    ]


def test_a_share_of_two_strata_by_hand() -> None:
    """100 authors in threads of one. Of 20 found ones 10 were drawn at 1/2, 6 show it; of 80 others 10 at 1/8, 1 does.

    theta = .2 x 6/10 + .8 x 1/10 = .20.
    v_a: found  v~ = 7/12, v~(1 - v~) = 35/144, x .04 / 10 x (1 - 10/20) = .000486
         others v~ = 2/12, v~(1 - v~) = 20/144, x .64 / 10 x (1 - 10/80) = .007778; v_a = .008264
    Floor, with D0 = 1 between .10 and .90: .2 x .8 / 100 + .008264 = .009864.
    Without one thread theta is (19 v + 80 x .1)/99 or (20 x .6 + 79 v)/99:
      an undrawn found author   19.4/99                     10 of them
      a found one who shows it  (19 x 5/9 + 8)/99            6
      a found one who does not  (19 x 6/9 + 8)/99            4
      an undrawn other          19.9/99                      70
      the other who shows it    12/99                        1
      another who does not      (12 + 79/9)/99               9
    """
    members = [
        *group(HIT, 0.5, [YES] * 6 + [NO] * 4, 10, 0),
        *group(NONE, 0.125, [YES] + [NO] * 9, 70, 20),
    ]
    left_out = [
        (19.4 / 99, 10), ((19 * 5 / 9 + 8) / 99, 6), ((19 * 6 / 9 + 8) / 99, 4),
        (19.9 / 99, 70), (12 / 99, 1), ((12 + 79 / 9) / 99, 9),
    ]  # fmt: skip
    jackknife = 99 / 100 * sum(times * (estimate - 0.2) ** 2 for estimate, times in left_out)
    audit = 35 / 144 * 0.04 / 10 * 0.5 + 20 / 144 * 0.64 / 10 * 0.875
    variance = max(jackknife, 0.2 * 0.8 / 100 + audit)

    found = correct(count(members), FOUND, [1] * 100)

    assert audit == pytest.approx(0.008264, abs=1e-6)
    assert found.estimate == pytest.approx(0.2)
    assert found.people == pytest.approx(100)
    assert found.n_eff == pytest.approx(0.16 / variance)
    assert (found.df, found.t) == (99, t_quantile(99))
    assert (found.lower, found.upper) == pytest.approx(wilson(0.2, 0.16 / variance, t_quantile(99)))
    assert found.leave_one_thread_out == pytest.approx((12 / 99, (12 + 79 / 9) / 99))


def test_what_was_collected_is_bounded_by_the_limits_of_jeffreys_by_hand() -> None:
    """The same audit: found 6 of 10 has limits l, u; others 1 of 10; the distances weigh .2 and .8, lessened by what was read.

    lower = .2 - sqrt(.04 (.6 - l1)^2 (1 - 10/20) + .64 (.1 - l2)^2 (1 - 10/80)), upper alike.
    """
    members = [
        *group(HIT, 0.5, [YES] * 6 + [NO] * 4, 10, 0),
        *group(NONE, 0.125, [YES] + [NO] * 9, 70, 20),
    ]
    l1, u1 = jeffreys(6, 10)
    l2, u2 = jeffreys(1, 10)

    lower, upper = correct(count(members), FOUND, [1] * 100).collected

    assert lower == pytest.approx(0.2 - math.sqrt(0.04 * (0.6 - l1) ** 2 * 0.5 + 0.64 * (0.1 - l2) ** 2 * 0.875))
    assert upper == pytest.approx(0.2 + math.sqrt(0.04 * (u1 - 0.6) ** 2 * 0.5 + 0.64 * (u2 - 0.1) ** 2 * 0.875))


def test_authors_drawn_by_different_chances_weigh_by_their_inverse() -> None:
    """v = (1/.5) / (1/.5 + 1/.1) = 2/12, and m = 12^2 / (2^2 + 10^2) = 144/104."""
    members = [
        alone(NONE, YES, 0.5, "t1"),
        alone(NONE, NO, 0.1, "t2"),
        *(alone(NONE, None, None, f"u{n}") for n in range(10)),
    ]
    m, v = 144 / 104, 1 / 6
    lower, upper = jeffreys(v * m, m)

    found = correct(count(members), FOUND, [1] * 12)

    assert found.estimate == pytest.approx(v)
    left = 1 - m / 12
    assert found.collected == pytest.approx(
        (max(0.0, v - (v - lower) * math.sqrt(left)), v + (upper - v) * math.sqrt(left))
    )


def test_a_share_of_support_counts_the_silent_who_take_a_side_by_hand() -> None:
    """60 found authors, all read: 40 support, 10 dispute, 10 take no side. 140 silent, 35 drawn at 1/4: 1 supports, 6 dispute.

    Support: .3 x 40/60 + .7 x 1/35 = .22; any side: .3 x 50/60 + .7 x 7/35 = .39; share .22/.39, of 200 x .39 = 78 people.
    """
    silent = [SUPPORT] + [DISPUTE] * 6 + [NO_VOTE] * 28
    members = [
        *group("support", 1.0, [SUPPORT] * 40 + [DISPUTE] * 10 + [NO_VOTE] * 10, 0, 0),
        *group(SILENT, 0.25, silent, 105, 60),
    ]
    frame = count(members)

    support, dispute = correct(frame, FOR, [1] * 57), correct(frame, AGAINST, [1] * 57)

    assert support.estimate == pytest.approx(0.22 / 0.39)
    assert support.people == pytest.approx(78)
    assert dispute.estimate == pytest.approx(0.17 / 0.39)
    assert (frame.voters, frame.heads({SUPPORT}), frame.heads({DISPUTE, MIXED})) == (57, 41, 16)


def test_machines_that_find_support_more_easily_do_not_make_more_of_it() -> None:
    """True support is 50 of 100; the machine finds 40 supporters and 20 disputers, and the silent hold the others."""
    members = [
        *group("support", 1.0, [SUPPORT] * 40, 0, 0),
        *group("other", 1.0, [DISPUTE] * 20, 0, 40),
        *group(SILENT, 0.5, [SUPPORT] * 5 + [DISPUTE] * 15 + [NO_VOTE] * 80, 100, 60),
    ]

    assert correct(count(members), FOR, [1] * 80).estimate == pytest.approx(0.5)


def test_a_share_of_support_and_its_opposite_are_mirrored() -> None:
    members = [
        *group("support", 0.5, [SUPPORT] * 9 + [DISPUTE] * 2, 9, 0),
        *group(SILENT, 0.25, [SUPPORT] * 2 + [DISPUTE] * 3 + [NO_VOTE] * 20, 75, 30),
    ]
    frame = count(members)

    support, dispute = correct(frame, FOR, [2] * 8), correct(frame, AGAINST, [2] * 8)

    assert support.estimate == pytest.approx(1 - (dispute.estimate or 0))
    assert support.collected == pytest.approx((1 - dispute.collected[1], 1 - dispute.collected[0]))
    assert (support.lower, support.upper) == pytest.approx((1 - dispute.upper, 1 - dispute.lower))


def test_silent_authors_of_whom_few_were_read_leave_a_share_of_support_open() -> None:
    """100 known supporters, and of 5,000 silent ones 150 read who take no side: 82 of them still might."""
    members = [
        *group("support", 1.0, [SUPPORT] * 80 + [DISPUTE] * 20, 0, 0),
        *group(SILENT, 0.03, [NO_VOTE] * 150, 4_850, 100),
    ]

    found = correct(count(members), FOR, [1] * 100)

    assert found.estimate == pytest.approx(0.8)
    assert found.collected[0] < 0.44 < found.collected[1]
    assert found.upper - found.lower > 0.5


def test_a_share_that_nobody_votes_on_is_none() -> None:
    found = correct(count(group(SILENT, 0.5, [NO_VOTE] * 5, 5, 0)), FOR, [])

    assert (found.estimate, found.people, found.lower, found.upper) == (None, 0.0, 0.0, 1.0)
    assert (found.design_effect, found.effective_threads, found.t) == (1.0, 0.0, None)


def test_a_stratum_without_a_decided_author_has_no_share() -> None:
    frame = count([*group(HIT, 0.5, [YES], 1, 0), *group(NONE, 0.5, [], 9, 10)])

    assert not frame.is_judged
    with pytest.raises(ValueError, match="without a decided author"):
        correct(frame, FOUND, [1] * 11)


def test_an_empty_frame_is_not_judged() -> None:
    assert not count([]).is_judged


def test_who_was_decided_without_being_drawn_counts_only_in_a_stratum_decided_as_a_whole() -> None:
    undrawn = [alone(HIT, YES, None, "t1"), alone(HIT, NO, None, "t2")]
    drawn = [alone(NONE, NO, 0.5, "t3"), alone(NONE, YES, None, "t4"), alone(NONE, None, None, "t5")]

    frame = count([*undrawn, *drawn])

    assert frame.whole == {HIT}
    assert frame.strata[HIT].heads == {YES: 1, NO: 1}
    assert frame.strata[NONE].heads == {NO: 1}
    assert correct(frame, FOUND, [1] * 5).estimate == pytest.approx(0.4 * 0.5)


def test_a_stratum_that_loses_its_decided_authors_with_a_thread_keeps_the_share_it_had() -> None:
    members = [*group(HIT, 0.5, [YES, NO], 2, 0), alone(NONE, YES, 0.1, "t9"), *group(NONE, 0.1, [], 5, 20)]

    found = correct(count(members), FOUND, [1] * 10)

    # Without thread t9 the five others keep v = 1: (4 x .5 + 5 x 1)/9.
    assert found.leave_one_thread_out is not None
    assert found.leave_one_thread_out[1] == pytest.approx(max(7 / 9, (3 * 1.0 + 6) / 9))


def test_without_a_thread_an_author_is_what_the_other_posts_show() -> None:
    there_and_elsewhere = Member(1.0, Seen(HIT, YES), {"t1": Seen(NONE, NO), "t2": Seen(HIT, YES)})
    members = [there_and_elsewhere, alone(NONE, NO, 1.0, "t2"), alone(NONE, NO, 1.0, "t3")]

    frame = count(members)

    assert {name: sums.authors for name, sums in frame.without["t1"].items()} == {HIT: 0, NONE: 3}
    assert {name: sums.authors for name, sums in frame.without["t2"].items()} == {HIT: 1, NONE: 1}
    assert correct(frame, FOUND, [1, 1, 1]).leave_one_thread_out == pytest.approx((0.0, 0.5))


def test_where_too_few_threads_allow_no_interval_the_limits_are_zero_and_one() -> None:
    members = [alone(HIT, YES, 1.0, "t1"), alone(HIT, NO, 1.0, "t1"), alone(NONE, NO, 1.0, "t1")]

    found = correct(count(members), FOUND, [3])

    assert (found.t, found.lower, found.upper, found.leave_one_thread_out) == (None, 0.0, 1.0, None)


def test_a_rare_share_takes_authors_of_a_thread_to_be_alike() -> None:
    """Of 200 authors in threads of 20, all read, 5 show it: D0 = 1 + 19 x .05 = 1.95 below a tenth."""
    rare = [alone(NONE, YES if n < 5 else NO, 1.0, f"t{n % 10}") for n in range(200)]
    common = [alone(NONE, YES if n < 50 else NO, 1.0, f"t{n % 10}") for n in range(200)]

    few = correct(count(rare), FOUND, [20] * 10)
    many = correct(count(common), FOUND, [20] * 10)

    assert few.design_effect == pytest.approx(1.95)
    assert many.design_effect == pytest.approx(1.0)


def test_an_upper_limit_for_few_positives_is_that_of_clopper_and_pearson() -> None:
    """None of 100 drawn from 10,000: .0362 by Clopper and Pearson, hardly lessened by what was read."""
    found = correct(count(group(NONE, 0.01, [NO] * 100, 9_900, 0)), FOUND, [1] * 10_000)

    assert found.estimate == 0.0
    assert found.most == pytest.approx(clopper_pearson(0, 100)[1] * math.sqrt(0.99))
    assert found.collected[1] < found.most


VOTES = st.sampled_from([YES, NO, None])
PROBABILITIES = st.sampled_from([0.1, 0.25, 0.5, 1.0, None])


@st.composite
def presence_members(draw: st.DrawFn) -> list[Member]:
    """Authors of two strata, each in one thread or two, with a drawn and decided one in each."""
    found = [
        alone(HIT, draw(st.sampled_from([YES, NO])), 0.5, "t0"),
        alone(NONE, draw(st.sampled_from([YES, NO])), 0.2, "t1"),
    ]
    for _ in range(draw(st.integers(2, 25))):
        seen = Seen(draw(st.sampled_from([HIT, NONE])), draw(VOTES))
        threads = draw(st.lists(st.sampled_from([f"t{n}" for n in range(6)]), min_size=1, max_size=2, unique=True))
        others = Seen(NONE, draw(VOTES)) if len(threads) > 1 else None
        found.append(Member(draw(PROBABILITIES), seen, dict.fromkeys(threads, others)))
    return found


@given(presence_members(), st.data())
def test_a_corrected_share_lies_within_its_limits_whatever_the_order(
    members: list[Member], data: st.DataObject
) -> None:
    frame = count(members)
    found, again = (
        correct(frame, FOUND, [5, 4, 3]),
        correct(count(data.draw(st.permutations(members))), FOUND, [5, 4, 3]),
    )

    assert found.estimate is not None
    assert again.estimate == pytest.approx(found.estimate)
    assert (again.lower, again.upper) == pytest.approx((found.lower, found.upper))
    assert 0 <= found.lower <= found.estimate + 1e-12
    assert found.estimate - 1e-12 <= found.upper <= 1
    assert 0 <= found.collected[0] <= found.estimate + 1e-12
    assert found.estimate - 1e-12 <= found.collected[1] <= found.most + 1e-12 <= 1 + 1e-12
    assert found.people == pytest.approx(len(members))
    assert found.design_effect >= 1 - 1e-9


@given(presence_members())
def test_where_everybody_votes_the_limits_are_those_of_a_stratified_share(members: list[Member]) -> None:
    frame = count(members)
    strata = [
        Stratum(
            sums.authors,
            sum(sums.votes.values()) ** 2 / sums.squares,
            sums.votes.get(YES, 0.0) / sum(sums.votes.values()),
        )
        for sums in frame.strata.values()
    ]
    estimate, lower, upper = stratified(strata)

    found = correct(frame, FOUND, [1, 2])

    assert found.estimate == pytest.approx(estimate)
    assert found.collected == pytest.approx((lower, upper))


@given(presence_members(), st.data())
def test_one_who_shows_it_after_all_raises_the_share_and_its_limits_for_what_was_collected(
    members: list[Member], data: st.DataObject
) -> None:
    absent = [n for n, member in enumerate(members) if member.seen.vote == NO and member.probability is not None]
    if not absent:
        return
    changed = list(members)
    at = data.draw(st.sampled_from(absent))
    changed[at] = Member(members[at].probability, Seen(members[at].seen.stratum, YES), members[at].without)

    before, after = correct(count(members), FOUND, [3, 3]), correct(count(changed), FOUND, [3, 3])

    assert (before.estimate or 0) < (after.estimate or 0)
    assert before.collected[0] <= after.collected[0] + 1e-12
    assert before.collected[1] <= after.collected[1] + 1e-12


STANCES = st.sampled_from([SUPPORT, DISPUTE, MIXED])
POSTS = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 5), STANCES, st.integers(0, 50)), min_size=1, max_size=30
)  # fmt: skip


def read_whole(posts: list[tuple[int, int, str, int]]) -> tuple[list[Member], Tally]:
    """Authors of whom people decided every post, written out by hand, and the count of the same posts."""
    ballots = [
        post(f"a{who}", f"t{thread}", stance, at=at, native_id=f"{number:02}")
        for number, (who, thread, stance, at) in enumerate(posts)
    ]
    members = []
    for author in sorted({ballot.author for ballot in ballots}):
        mine = [ballot for ballot in ballots if ballot.author == author]
        without = {
            thread: latest([ballot for ballot in mine if ballot.thread != thread])
            for thread in {ballot.thread for ballot in mine}
        }
        members.append(Member(None, latest(mine) or Seen("all", None), without))
    return members, tally(ballots, Rule.STANCE)


def latest(ballots: Sequence[Ballot]) -> Seen | None:
    """What the latest of these posts says of its author."""
    last = max(ballots, key=lambda one: (one.created_at, one.platform, one.native_id), default=None)
    return None if last is None else Seen("all", last.value)


@given(POSTS)
def test_an_audit_that_read_everybody_gives_the_counted_share_and_its_variance(
    posts: list[tuple[int, int, str, int]],
) -> None:
    """The jackknife of a corrected share is that of a counted one where nothing is left to correct (S2)."""
    members, counted = read_whole(posts)
    raw, found = share(counted, FOR), correct(count(members), FOR, counted.thread_sizes)

    assert found.estimate == pytest.approx(raw.estimate)
    assert found.collected == pytest.approx((raw.estimate, raw.estimate))
    assert found.people == pytest.approx(raw.n)
    assert found.effective_threads == pytest.approx(raw.effective_threads)
    assert found.leave_one_thread_out == (raw.leave_one_thread_out and pytest.approx(raw.leave_one_thread_out))
    cautious = min(max(raw.yes / raw.n, 1 / (raw.n + 2)), 1 - 1 / (raw.n + 2))
    spread = cautious * (1 - cautious)
    if 0.1 <= raw.yes / raw.n <= 0.9:
        assert found.n_eff == pytest.approx(spread / max(jackknife_variance(counted, FOR), spread / raw.n))


def test_a_worked_tally_and_a_frame_read_whole_agree() -> None:
    counted = stance_tally((3, 4), (2, 2), (0, 3), (1, 1))
    members = [alone("all", vote.value, None, vote.thread) for vote in counted.votes]

    found = correct(count(members), FOR, counted.thread_sizes)

    assert found.estimate == share(counted, FOR).estimate == 0.6
