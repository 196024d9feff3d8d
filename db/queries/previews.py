"""Posts as rules look at them, with what stands around each."""

from collections.abc import Iterator, Sequence
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL
from typing import NamedTuple

from db.queries.batches import marks


class RuleText(NamedTuple):
    """A public post that shows a title or a text.

    Attributes:
        parent_title: the title of the post that it answers, where rules ask for that.
        by_opener: whether the account that wrote it opened the thread; no account that is gone is known to have.
    """

    id: int
    address: str
    title: str | None
    text: str | None
    text_sha: str
    parent_title: str | None
    parent_text: str | None
    by_opener: bool


_ALONE = """
SELECT p.id, p.address, p.title, p.text, p.text_sha, NULL AS parent_title, NULL AS parent_text, 0 AS by_opener
  FROM public_posts p
 WHERE (p.text IS NOT NULL OR p.title IS NOT NULL)
"""
_WITH_SURROUNDINGS = """
SELECT p.id, p.address, p.title, p.text, p.text_sha, above.title AS parent_title, above.text AS parent_text,
       coalesce(p.author = first.author AND NOT a.is_gone, 0) AS by_opener
  FROM public_posts p
  JOIN threads t ON t.id = p.thread
  LEFT JOIN public_posts above ON above.address = p.parent
  LEFT JOIN public_posts first ON first.address = t.address
  LEFT JOIN authors a ON a.id = p.author
 WHERE (p.text IS NOT NULL OR p.title IS NOT NULL)
"""


def rule_texts(connection: Connection, *, surroundings: bool) -> Iterator[RuleText]:
    """All public posts that show a title or a text, in time order.

    Args:
        connection: the study's database.
        surroundings: whether to look up the post that each answers, and who opened its thread; else both stay empty.
    """
    for row in connection.execute((_WITH_SURROUNDINGS if surroundings else _ALONE) + " ORDER BY p.id"):
        yield RuleText._make((*row[:-1], bool(row["by_opener"])))


def rule_texts_of(connection: Connection, posts: Sequence[int], *, surroundings: bool) -> Iterator[RuleText]:
    """Some public posts as `rule_texts` gives all of them; at most some hundreds at once."""
    query = (_WITH_SURROUNDINGS if surroundings else _ALONE) + f" AND p.id IN ({marks(posts)}) ORDER BY p.id"
    for row in connection.execute(query, posts):
        yield RuleText._make((*row[:-1], bool(row["by_opener"])))


def posts_with_text(connection: Connection) -> int:
    """How many public posts show a title or a text."""
    row = connection.execute("SELECT count(*) FROM public_posts WHERE text IS NOT NULL OR title IS NOT NULL").fetchone()
    return int(row[0])
