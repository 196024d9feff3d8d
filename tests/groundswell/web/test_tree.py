from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from groundswell.web.tree import Node, Place, grow


def places(*pairs: tuple[str, str | None]) -> list[Place]:
    return [Place(number, address, parent) for number, (address, parent) in enumerate(pairs, start=1)]


def outline(nodes: tuple[Node, ...] | list[Node]) -> list[object]:
    return [(node.place.address, outline(node.replies)) if node.replies else node.place.address for node in nodes]


def test_posts_stand_below_what_they_answer_in_order_of_time() -> None:
    tree = grow(places(("a", None), ("b", "a"), ("c", "a"), ("d", "b")))
    assert outline(tree.tops) == [("a", [("b", ["d"]), "c"])]
    assert (tree.tops[0].below, tree.not_shown) == (3, 0)


def test_what_answers_a_post_that_is_not_stored_stands_at_the_top() -> None:
    assert outline(grow(places(("a", None), ("b", "gone"))).tops) == ["a", "b"]


def test_posts_that_answer_each_other_in_a_circle_are_shown_once() -> None:
    tree = grow(places(("a", "b"), ("b", "a"), ("c", "c"), ("d", "b")))
    assert outline(tree.tops) == [("a", [("b", ["d"])]), "c"]
    assert sorted(tree.shown) == [1, 2, 3, 4]


def test_a_branch_can_be_shown_alone() -> None:
    tree = grow(places(("a", None), ("b", "a"), ("c", "b")), under="b")
    assert outline(tree.tops) == [("b", ["c"])]
    assert grow(places(("a", None)), under="z").tops == ()


def test_the_beginning_of_every_branch_comes_before_the_end_of_one() -> None:
    tree = grow(places(("a", None), ("b", "a"), ("c", "b"), ("d", "c"), ("e", "a")), most=3)
    assert outline(tree.tops) == [("a", ["b", "e"])]
    assert [reply.not_shown for reply in tree.tops[0].replies] == [1, 0]


def test_what_lies_too_deep_is_counted_where_it_begins() -> None:
    chain = places(("0", None), *((str(number), str(number - 1)) for number in range(1, 20)))
    tree = grow(chain, deepest=3)
    deepest = tree.tops[0].replies[0].replies[0]
    assert (deepest.replies, deepest.not_shown, deepest.below) == ([], 1, 17)


def test_posts_at_the_top_that_are_too_many_are_counted() -> None:
    tree = grow(places(*((str(number), None) for number in range(9))), most=4)
    assert (len(tree.tops), tree.not_shown) == (4, 5)


def test_a_thread_of_a_thousand_levels_does_no_harm() -> None:
    chain = places(("0", None), *((str(number), str(number - 1)) for number in range(1, 5000)))
    assert grow(chain).tops[0].below == 4999


PARENTS = st.lists(st.one_of(st.none(), st.integers(0, 30)), max_size=30)


@given(PARENTS, st.integers(1, 40), st.integers(1, 6))
def test_every_post_is_shown_once_or_counted_once(parents: list[int | None], most: int, deepest: int) -> None:
    given_ = places(*((str(number), None if parent is None else str(parent)) for number, parent in enumerate(parents)))
    tree = grow(given_, most=most, deepest=deepest)
    assert len(set(tree.shown)) == len(tree.shown) <= most
    counted, waiting = 0, list(tree.tops)
    while waiting:
        node = waiting.pop()
        counted += 1
        assert node.not_shown >= 0
        waiting += node.replies
    assert counted == len(tree.shown)
    whole = grow(given_, most=1000, deepest=1000)
    assert sorted(whole.shown) == [place.id for place in given_]
    assert sum(top.below + 1 for top in whole.tops) == len(given_)
