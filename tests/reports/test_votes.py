"""One vote an author, and the recount without each thread."""

from collections import Counter

import pytest
from fakes.ballots import post
from hypothesis import given
from hypothesis import strategies as st

from reports.votes import Ballot, Rule, Tally, Vote, tally

STANCES = ("support", "dispute", "mixed", None)


def ballots_of(values: tuple[str | None, ...]) -> st.SearchStrategy[list[Ballot]]:
    """Draw up to 25 posts of five authors in five threads of two communities, often at the same minute."""
    fields = st.tuples(
        st.sampled_from("abcde"),
        st.sampled_from("12345"),
        st.sampled_from(values),
        st.integers(0, 3),
        st.sampled_from("xy"),
    )
    return st.lists(fields, max_size=25).map(
        lambda rows: [
            post(author, thread, value, at=at, community=community, native_id=f"{index:02}")
            for index, (author, thread, value, at, community) in enumerate(rows)
        ]
    )


def values_without(ballots: list[Ballot], thread: str, rule: Rule) -> Counter[str]:
    """Count from the start, without a thread."""
    rest = [ballot for ballot in ballots if ballot.thread != thread]
    return Counter(vote.value for vote in tally(rest, rule).votes)


def values_without_in(ballots: list[Ballot], thread: str, rule: Rule, community: str) -> Counter[str]:
    """Count the voters of a community from the start, without a thread."""
    rest = [ballot for ballot in ballots if ballot.thread != thread]
    return Counter(vote.value for vote in tally(rest, rule).votes if vote.community == community)


def vote_by_sorting(ballots: list[Ballot], author: str, rule: Rule) -> Vote | None:
    """Decide one author's vote as the rule is worded: sort the posts and take one."""
    own = [ballot for ballot in ballots if ballot.author == author]
    own.sort(key=lambda ballot: (ballot.created_at, ballot.platform, ballot.native_id))
    coded = [ballot for ballot in own if ballot.value is not None]
    if rule is Rule.PRESENCE:
        deciding = (coded or own)[0]
        return Vote(author, "yes" if coded else "no", deciding.thread, deciding.community)
    return Vote(author, str(coded[-1].value), coded[-1].thread, coded[-1].community) if coded else None


def everything(counted: Tally) -> tuple[object, ...]:
    """Give all that a tally tells."""
    return counted.votes, counted.counts, counted.by_thread, counted.by_community, counted.without, counted.posts


def test_nobody_gives_an_empty_tally() -> None:
    counted = tally([], Rule.STANCE)

    assert (counted.counts, counted.by_thread, counted.by_community, counted.without) == ({}, {}, {}, {})
    assert (counted.votes, counted.n, counted.threads, counted.clusters, counted.posts) == ((), 0, 0, 0, 0)


def test_an_author_with_the_code_in_any_post_votes_yes() -> None:
    counted = tally([post("mira", "t1", at=1), post("mira", "t2", "yes", at=2), post("jon", "t1", at=3)], Rule.PRESENCE)

    assert counted.counts == {"no": 1, "yes": 1}


def test_the_earliest_post_with_the_code_decides_where_a_presence_vote_counts() -> None:
    posts = [post("mira", "t1", at=1), post("mira", "t2", "yes", at=2), post("mira", "t3", "yes", at=3)]

    assert tally(posts, Rule.PRESENCE).votes == (Vote("mira", "yes", "t2", "r/here"),)


def test_the_earliest_post_decides_where_an_author_without_the_code_counts() -> None:
    posts = [post("mira", "t2", at=2), post("mira", "t1", at=1, community="r/there")]

    assert tally(posts, Rule.PRESENCE).votes == (Vote("mira", "no", "t1", "r/there"),)


def test_an_author_who_takes_no_stance_casts_no_vote() -> None:
    assert tally([post("mira", "t1"), post("jon", "t1", "support")], Rule.STANCE).counts == {"support": 1}


@pytest.mark.parametrize("rule", [Rule.STANCE, Rule.ATTRIBUTE])
def test_the_latest_post_with_a_value_decides(rule: Rule) -> None:
    posts = [post("mira", "t1", "support", at=1), post("mira", "t2", "dispute", at=2), post("mira", "t3", at=3)]

    assert tally(posts, rule).votes == (Vote("mira", "dispute", "t2", "r/here"),)


def test_posts_of_the_same_moment_are_ordered_by_platform_and_then_by_id() -> None:
    posts = [
        post("mira", "t1", "support", platform="b", native_id="1"),
        post("mira", "t2", "dispute", platform="a", native_id="9"),
        post("mira", "t3", "mixed", platform="b", native_id="2"),
    ]

    assert tally(posts, Rule.STANCE).votes[0].thread == "t3"


def test_votes_are_counted_by_thread_and_by_community_of_the_deciding_post() -> None:
    posts = [
        post("mira", "t1", "support", community="r/a"),
        post("jon", "t1", "dispute", community="r/a"),
        post("eva", "t2", "support", community="r/b"),
    ]
    counted = tally(posts, Rule.STANCE)

    assert counted.by_thread == {"t1": {"dispute": 1, "support": 1}, "t2": {"support": 1}}
    assert counted.by_community == {"r/a": {"dispute": 1, "support": 1}, "r/b": {"support": 1}}
    assert (counted.n, counted.threads, counted.thread_sizes) == (3, 2, (2, 1))


def test_an_author_who_wrote_elsewhere_keeps_a_vote_when_the_deciding_thread_is_removed() -> None:
    posts = [post("mira", "t1", "support", at=1), post("mira", "t2", "dispute", at=2), post("jon", "t2", "support")]

    assert tally(posts, Rule.STANCE).without == {"t1": {"dispute": 1, "support": 1}, "t2": {"support": 1}}


def test_a_presence_vote_falls_back_to_no_when_the_only_thread_with_the_code_is_removed() -> None:
    posts = [post("mira", "t1", at=1), post("mira", "t2", "yes", at=2)]

    assert tally(posts, Rule.PRESENCE).without == {"t1": {"yes": 1}, "t2": {"no": 1}}


def test_a_thread_counts_as_a_cluster_if_a_voter_only_wrote_beside_the_point_there() -> None:
    counted = tally([post("mira", "t1", "support"), post("mira", "t2"), post("jon", "t3")], Rule.STANCE)

    assert (counted.threads, counted.clusters) == (1, 2)
    assert counted.without == {"t1": {}, "t2": {"support": 1}}


def test_voters_whose_vote_moves_here_enter_the_recount_of_a_community() -> None:
    posts = [
        post("mira", "t1", "support", at=1, community="r/a"),
        post("mira", "t2", "dispute", at=2, community="r/b"),
        post("jon", "t3", "dispute", community="r/a"),
    ]
    here = tally(posts, Rule.STANCE).within("r/a")

    assert here.counts == {"dispute": 1}
    assert here.without == {"t2": {"dispute": 1, "support": 1}, "t3": {}}


@pytest.mark.parametrize("rule", [Rule.STANCE, Rule.ATTRIBUTE])
@given(ballots=ballots_of(STANCES))
def test_the_recount_without_a_thread_is_what_counting_again_gives(ballots: list[Ballot], rule: Rule) -> None:
    counted = tally(ballots, rule)

    assert counted.without == {thread: values_without(ballots, thread, rule) for thread in counted.without}


@given(ballots=ballots_of(("yes", None)))
def test_the_recount_of_presence_without_a_thread_is_what_counting_again_gives(ballots: list[Ballot]) -> None:
    counted = tally(ballots, Rule.PRESENCE)

    assert counted.without == {
        thread: values_without(ballots, thread, Rule.PRESENCE) for thread in {ballot.thread for ballot in ballots}
    }


@given(ballots=ballots_of(STANCES))
def test_the_recount_of_a_community_is_what_counting_again_gives(ballots: list[Ballot]) -> None:
    here = tally(ballots, Rule.STANCE).within("x")

    assert here.without == {thread: values_without_in(ballots, thread, Rule.STANCE, "x") for thread in here.without}


@given(ballots=ballots_of(STANCES))
def test_restricting_twice_is_restricting_once(ballots: list[Ballot]) -> None:
    once = tally(ballots, Rule.STANCE).within("x")

    assert everything(once.within("x")) == everything(once)


@pytest.mark.parametrize("rule", list(Rule))
@given(ballots=ballots_of(STANCES))
def test_each_vote_is_the_one_that_sorting_the_posts_gives(ballots: list[Ballot], rule: Rule) -> None:
    by_sorting = [vote_by_sorting(ballots, author, rule) for author in sorted({ballot.author for ballot in ballots})]

    assert list(tally(ballots, rule).votes) == [vote for vote in by_sorting if vote is not None]


@pytest.mark.parametrize("rule", list(Rule))
@given(data=st.data(), ballots=ballots_of(STANCES))
def test_the_order_of_the_posts_does_not_matter(data: st.DataObject, ballots: list[Ballot], rule: Rule) -> None:
    shuffled = data.draw(st.permutations(ballots))

    one, other = tally(shuffled, rule), tally(ballots, rule)

    assert everything(one) == everything(other)
    assert list(one.counts) == list(other.counts)
    assert list(one.without) == list(other.without)
