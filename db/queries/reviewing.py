"""What the review app asks of the store: the posts of a sample, a post in its thread, what its coder said of it."""

from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL

from db.queries.samples import AUTHOR

_BY_POST = "SELECT p.id FROM sample_units u JOIN posts p ON p.address = u.unit WHERE u.sample = ?"
_BY_AUTHOR = """
SELECT p.id FROM sample_units u JOIN authors a ON a.address = u.unit JOIN posts p ON p.author = a.id WHERE u.sample = ?
"""
_BY_NOBODY = """
SELECT p.id FROM posts p JOIN threads t ON t.id = p.thread
  JOIN sample_units u ON u.sample = ? AND u.unit = p.platform || ':[unnamed]/' || t.native_id
 WHERE p.author IS NULL
"""
"""Posts that nobody is named for are drawn as one voice a thread, as `db.queries.samples` has it."""


def posts_of_sample(connection: Connection, sample: str, unit: str) -> frozenset[int]:
    """The ids of all posts of a sample's units, whether or not they still have a voice."""
    queries = (_BY_AUTHOR, _BY_NOBODY) if unit == AUTHOR else (_BY_POST,)
    return frozenset(row["id"] for query in queries for row in connection.execute(query, (sample,)))
