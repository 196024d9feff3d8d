"""Who reads which posts: nobody's post is lost, shares come out, and what is assigned stays so."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.assignments import assigned, readers
from coding.sampling import seed_of

SEED = seed_of(b"invented key", "sample")
POSTS = tuple(f"example:p{number}" for number in range(2000))

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
CODERS = st.lists(NAMES, min_size=1, max_size=5, unique=True)
ADDRESSES = st.lists(NAMES.map("example:{}".format), max_size=40, unique=True)
SHARES = st.floats(0, 1)
SEEDS = st.binary(min_size=32, max_size=32).map(bytes.hex)


def _coders_by_post(given_to: dict[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    posts = dict.fromkeys(post for mine in given_to.values() for post in mine)
    return {post: frozenset(coder for coder, mine in given_to.items() if post in mine) for post in posts}


@given(ADDRESSES, CODERS, SHARES, SEEDS)
def test_every_post_is_read_by_one_coder_at_least_and_by_two_at_most_below_a_share_of_one(
    posts: list[str], coders: list[str], share: float, seed: str
) -> None:
    by_post = _coders_by_post(assigned(posts, coders, share, seed))

    assert by_post.keys() == set(posts)
    most = len(coders) if share == 1 else min(2, len(coders))
    assert all(1 <= len(who) <= most for who in by_post.values())


@given(ADDRESSES, CODERS, SHARES, SEEDS)
def test_each_coder_reads_in_the_order_of_the_round(
    posts: list[str], coders: list[str], share: float, seed: str
) -> None:
    for mine in assigned(posts, coders, share, seed).values():
        assert list(mine) == [post for post in posts if post in set(mine)]


@given(ADDRESSES, ADDRESSES, CODERS, SHARES, SEEDS)
def test_posts_that_come_or_go_move_no_other(
    posts: list[str], more: list[str], coders: list[str], share: float, seed: str
) -> None:
    before = _coders_by_post(assigned(posts, coders, share, seed))

    after = _coders_by_post(assigned(dict.fromkeys([*posts, *more]), coders, share, seed))

    assert {post: after[post] for post in before} == before


@given(ADDRESSES, CODERS, SEEDS, st.tuples(SHARES, SHARES).map(sorted))
def test_a_greater_share_only_adds_readers(posts: list[str], coders: list[str], seed: str, shares: list[float]) -> None:
    fewer, more = (_coders_by_post(assigned(posts, coders, share, seed)) for share in shares)

    assert all(fewer[post] <= more[post] for post in posts)


@given(ADDRESSES, CODERS, NAMES, SHARES, SEEDS)
def test_another_coder_only_takes_posts_over(
    posts: list[str], coders: list[str], name: str, share: float, seed: str
) -> None:
    grown = list(dict.fromkeys([*coders, name]))
    before, after = (_coders_by_post(assigned(posts, who, share, seed)) for who in (coders, grown))

    assert all(after[post] <= before[post] | {name} for post in posts)


@given(ADDRESSES, CODERS, SHARES, SEEDS)
def test_the_order_in_which_coders_are_named_makes_no_difference(
    posts: list[str], coders: list[str], share: float, seed: str
) -> None:
    assert assigned(posts, coders, share, seed) == assigned(posts, coders[::-1], share, seed)


@given(ADDRESSES, CODERS, SHARES, SEEDS)
def test_posts_of_one_author_go_together(posts: list[str], coders: list[str], share: float, seed: str) -> None:
    authors = {post: f"author {number % 3}" for number, post in enumerate(posts)}

    by_post = _coders_by_post(assigned(posts, coders, share, seed, authors))

    for post, who in by_post.items():
        assert who == frozenset(readers(authors[post], coders, share, seed))


@pytest.mark.parametrize("coders", [("ana",), ("ana", "ben"), ("ana", "ben", "cid")])
def test_with_a_share_of_one_everybody_reads_everything(coders: tuple[str, ...]) -> None:
    assert assigned(POSTS, coders, 1.0, SEED) == dict.fromkeys(coders, POSTS)


def test_with_a_share_of_zero_nothing_is_read_twice() -> None:
    given_to = assigned(POSTS, ("ana", "ben", "cid"), 0.0, SEED)

    assert sum(map(len, given_to.values())) == len(POSTS)


def test_shares_and_halves_come_out_within_four_standard_errors() -> None:
    coders, share = ("ana", "ben", "cid"), 0.2

    by_post = _coders_by_post(assigned(POSTS, coders, share, SEED))

    many = len(POSTS)
    doubled = sum(len(who) == 2 for who in by_post.values())
    assert abs(doubled - share * many) < 4 * math.sqrt(many * share * (1 - share))
    each = (1 + share) / 3
    read = Counter(coder for who in by_post.values() for coder in who)
    assert all(abs(read[coder] - each * many) < 4 * math.sqrt(many * each * (1 - each)) for coder in coders)
    pairs = Counter(who for who in by_post.values() if len(who) == 2)
    assert all(abs(seen - doubled / 3) < 4 * math.sqrt(doubled * 2 / 9) for seen in pairs.values())
    assert len(pairs) == 3


def test_one_coder_reads_everything_whatever_the_share() -> None:
    assert assigned(POSTS, ("ana",), 0.5, SEED) == {"ana": POSTS}
