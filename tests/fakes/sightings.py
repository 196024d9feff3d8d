"""Observations as hypothesis draws them: anything that may be seen of a post, in any order, in any batches."""

from collections.abc import Sequence
from dataclasses import replace

from fakes.observed import BOT, FIRST, GONE, MIRA, OTTO, SECOND, THIRD, gone
from hypothesis import strategies as st

from db.records import Observation


def sightings(post: Observation) -> st.SearchStrategy[Observation]:
    """Anything that sources may show of one post: live, edited, cut, deleted, removed, its author gone, dated or not."""
    seen_at = st.sampled_from([None, FIRST, SECOND, THIRD])
    live = st.builds(
        replace,
        st.just(post),
        observed_at=seen_at,
        thread=st.sampled_from([post.thread, post.thread, "t3_another"]),
        author=st.sampled_from([None, MIRA, OTTO, BOT, GONE]),
        title=st.sampled_from([None, "A title", "Another title"]),
        text=st.sampled_from([None, "one text", "a second text", "the third text"]),
        state=st.sampled_from(["live", "orphan", "account_gone"]),
        edited_at=st.sampled_from([None, "2026-01-05T00:00:00Z"]),
        score=st.sampled_from([None, 0, 7]),
        community=st.sampled_from([None, "r/learnml", "r/LearnML", "r/other"]),
        url=st.sampled_from([None, post.url]),
        thread_url=st.sampled_from([None, post.thread_url]),
        declared_count=st.sampled_from([None, 0, 2, 30]),
        crosspost_of=st.sampled_from([None, "t3_elsewhere"]),
        quoted=st.sampled_from([None, "t3_quoted", "t3_another"]),
        cut=st.sampled_from([False, False, True]),
    )
    taken = st.sampled_from(["deleted_by_author", "removed", "vanished"])
    dead = st.builds(gone, live, seen_at, taken)
    return st.one_of(live, live, dead)


@st.composite
def shuffled(draw: st.DrawFn, items: Sequence[Observation]) -> list[Observation]:
    """The same items in any order, some of them more than once."""
    again = draw(st.lists(st.sampled_from(items), max_size=4))
    return draw(st.permutations([*items, *again]))


@st.composite
def batches(draw: st.DrawFn, items: Sequence[Observation]) -> list[list[Observation]]:
    """The items, cut at any places."""
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(items) - 1)), max_size=4)))
    return [list(items[start:end]) for start, end in zip([0, *cuts], [*cuts, len(items)], strict=True)]
