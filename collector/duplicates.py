"""Which texts repeat an earlier one, so that an advertisement posted by five accounts has one voice.

Two texts of at least 20 own words are the same when their sets of five-word shingles have a Jaccard index of 0.9 or
more. Shorter texts are never duplicates: two people may both write "same here". The search is exact: two sets that
similar must share one of the few shingles with which each of them starts in a common order (prefix filtering;
Chaudhuri, Ganti and Kaushik 2006).
"""

from collections.abc import Iterable, Iterator

from db.spans import own_text
from db.tokens import FILLER, fold, words

MIN_WORDS = 20
SHINGLE = 5
TENTHS = 9


def shingles(text: str) -> frozenset[int]:
    """The hashed five-word shingles of the author's own words; empty for a text of fewer than 20 words."""
    if len(text) < 2 * MIN_WORDS - 1:
        return frozenset()
    own = own_text(text).replace(FILLER, " ")
    folded = words(own.lower()) if own.isascii() else [fold(word) for word in words(own)]
    if len(folded) < MIN_WORDS:
        return frozenset()
    return frozenset(map(hash, zip(*(folded[start:] for start in range(SHINGLE)), strict=False)))


def find_duplicates(texts: Iterable[tuple[int, str]]) -> list[tuple[int, int]]:
    """Link each repeated text to the earliest of its kind.

    Args:
        texts: (id, text) of live posts, the earliest first.

    Returns:
        (id of the copy, id of the earliest), by copy.
    """
    sets: dict[int, frozenset[int]] = {}
    same: dict[frozenset[int], int] = {}
    parent: dict[int, int] = {}
    order: dict[int, int] = {}
    for place, (post, text) in enumerate(texts):
        found = shingles(text)
        if not found:
            continue
        order[post], parent[post] = place, post
        first = same.setdefault(found, post)
        if first == post:
            sets[post] = found
        else:
            _join(parent, order, first, post)
    for left, right in _similar(sets):
        _join(parent, order, left, right)
    roots = ((post, _root(parent, post)) for post in parent)
    return sorted((post, root) for post, root in roots if post != root)


def _similar(sets: dict[int, frozenset[int]]) -> Iterator[tuple[int, int]]:
    index: dict[int, list[int]] = {}
    for post, found in sorted(sets.items(), key=lambda item: (len(item[1]), item[0])):
        size = len(found)
        prefix = sorted(found)[: size - _tenths(size) + 1]
        candidates = {other for shingle in prefix for other in index.get(shingle, ())}
        for other in candidates:
            shared = len(found & sets[other])
            if shared >= _tenths(size + len(sets[other]) - shared):
                yield other, post
        for shingle in prefix:
            index.setdefault(shingle, []).append(post)


def _tenths(size: int) -> int:
    """The least whole number that is nine tenths of a size or more."""
    return -(-TENTHS * size // 10)


def _root(parent: dict[int, int], post: int) -> int:
    while parent[post] != post:
        parent[post] = parent[parent[post]]
        post = parent[post]
    return post


def _join(parent: dict[int, int], order: dict[int, int], left: int, right: int) -> None:
    first, second = sorted((_root(parent, left), _root(parent, right)), key=order.__getitem__)
    parent[second] = first
