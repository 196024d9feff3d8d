"""Reviewing: what a person may see and say of posts, one decision at a time. The screens know the web, this does not."""

from db.queries import reviewing as queries
from db.queries import samples
from db.store import Store


def hidden_from(store: Store, coder: str) -> frozenset[int]:
    """The ids of posts that a coder may see nowhere but in the queue of a blind round.

    They are all posts of the coder's open blind rounds, coded already or not: what is seen of one of them before the
    round is closed could no longer be said to be independent.
    """
    connection = store.connection
    found: set[int] = set()
    for round_ in samples.rounds(connection):
        if round_.blind and round_.closed_at is None and coder in round_.coders:
            sample = samples.sample(connection, round_.sample)
            if sample is not None:
                found |= queries.posts_of_sample(connection, sample.id, sample.unit)
    return frozenset(found)
