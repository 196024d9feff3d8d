"""Who reads which posts of a round: each goes to one coder at least, and a share of them to two.

Nothing here is random: who gets a post follows from keyed hashes of the post and of the coders' names alone. So a post
that is drawn later, or one that is deleted, moves no other, and the same round gives the same assignment on any machine.
"""

from collections.abc import Iterable, Mapping, Sequence

from coding.sampling import chance, shuffled

EVERYBODY = 1.0
"""The share at which every coder reads every post, however many coders there are."""
_PAIR = 2


def assigned(
    post_addresses: Iterable[str],
    coders: Sequence[str],
    double_share: float,
    seed: str,
    units: Mapping[str, str] | None = None,
) -> dict[str, tuple[str, ...]]:
    """Tell which posts each coder of a round reads.

    Args:
        post_addresses: the posts of the round in the order of reading.
        coders: who codes in it, each named once.
        double_share: the share of units that two coders read, 0 to 1; with 1 every coder reads everything.
        seed: of the sample, as hex digits.
        units: of each post the unit that was drawn, where that is its author: all posts of an author go together, since
            whoever reads them stops as soon as the author is decided. Without it each post is a unit.

    Returns:
        For each coder the posts in the order of reading. With fewer than two coders nothing is read twice.
    """
    found: dict[str, list[str]] = {coder: [] for coder in coders}
    for post in post_addresses:
        unit = post if units is None else units[post]
        for coder in readers(unit, coders, double_share, seed):
            found[coder].append(post)
    return {coder: tuple(posts) for coder, posts in found.items()}


def readers(unit: str, coders: Sequence[str], double_share: float, seed: str) -> tuple[str, ...]:
    """The coders who read a unit: of keyed hashes of unit and name the smallest, or the two smallest.

    A greater share only adds second readers; another coder only takes units over (rendezvous hashing, Thaler and
    Ravishankar 1998).
    """
    if double_share >= EVERYBODY:
        return tuple(coders)
    many = _PAIR if chance(seed, f"double:{unit}") < double_share else 1
    return tuple(sorted(coders, key=lambda coder: (shuffled(seed, f"{coder}\n{unit}"), coder))[:many])
