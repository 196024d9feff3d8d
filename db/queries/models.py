"""Trained classifiers: what they learn from, their weights, cards and scores, and when they have to go."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL
from typing import Any

from db.queries.batches import chunks, marks
from db.queries.history import undo_codings
from db.queries.reporting import EXAMPLE_PLATFORM, holds_real_posts
from db.queries.study import note_lost_text

_PERMITTED = "training_permitted"


@dataclass(frozen=True, slots=True)
class LearningPost:
    """A post as a classifier learns from it.

    Attributes:
        author: its address; None for accounts that are gone or that nobody named.
        same_text_as: the address of the post whose text it repeats.
    """

    id: int
    address: str
    title: str | None
    text: str | None
    thread: str
    author: str | None
    same_text_as: str | None


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model of a code.

    Attributes:
        card: as JSON.
        in_use: whether its weights are kept; not once a newer model took its place, or a post that it learnt from lost
            its text.
    """

    id: str
    code: str
    codebook_revision: str
    card: str
    trained_at: str
    in_use: bool = True


def learning_posts(connection: Connection, posts: Sequence[int]) -> Iterator[LearningPost]:
    """Those of these posts that show a text, are public and were not written by a program."""
    for chunk in chunks(posts):
        rows = connection.execute(
            f"""
            SELECT p.id, p.address, p.title, p.text, t.address AS thread,
                   CASE WHEN a.is_gone = 0 THEN a.address END AS author, first.address AS same_text_as
              FROM public_posts p
              JOIN threads t ON t.id = p.thread
              LEFT JOIN authors a ON a.id = p.author
              LEFT JOIN edges d ON d.source = p.id AND d.kind = 'duplicate_of'
              LEFT JOIN posts first ON first.id = d.target
             WHERE p.id IN ({marks(chunk)}) AND coalesce(a.is_bot, 0) = 0
               AND (p.text IS NOT NULL OR p.title IS NOT NULL)
             ORDER BY p.address
            """,  # noqa: S608 - only question marks are put in
            chunk,
        )
        yield from (LearningPost(*tuple(row)) for row in rows)


def posts_to_predict(connection: Connection) -> Iterator[tuple[int, str | None, str | None, str]]:
    """Id, title, text and text hash of every public post that shows any; invented ones only while all are."""
    yield from connection.execute(
        f"""
        SELECT id, title, text, text_sha FROM public_posts
         WHERE (text IS NOT NULL OR title IS NOT NULL) AND (? OR platform <> '{EXAMPLE_PLATFORM}') ORDER BY id
        """,  # noqa: S608 - only a constant is put in
        (int(not holds_real_posts(connection)),),
    )


def training_permitted_at(connection: Connection) -> str | None:
    """When somebody said that this study may learn from what its posts say; None if nobody has."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_PERMITTED,)).fetchone()
    return None if row is None else str(row["value"])


def permit_training(connection: Connection, now: str) -> None:
    """Note that somebody said so, the first time."""
    connection.execute("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING", (_PERMITTED, now))


def save_model(connection: Connection, model: StoredModel, weights: bytes, posts: Iterable[int]) -> None:
    """Store a model in the place of the one that its code had; of that one the card is kept."""
    older = connection.execute(
        "SELECT id FROM models WHERE code = ? AND id <> ? AND weights IS NOT NULL", (model.code, model.id)
    )
    _strip(connection, [row["id"] for row in older.fetchall()])
    connection.execute(
        """
        INSERT INTO models (id, code, codebook_revision, card, weights, trained_at) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET card = excluded.card, weights = excluded.weights, trained_at = excluded.trained_at
        """,
        (model.id, model.code, model.codebook_revision, model.card, weights, model.trained_at),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO model_posts (model, post) VALUES (?, ?)", [(model.id, post) for post in posts]
    )


def _strip(connection: Connection, models: Sequence[str]) -> None:
    """Take everything but the card from models: weights, scores, and the list of what they learnt from."""
    for chunk in chunks(models):
        held = marks(chunk)
        connection.execute(f"UPDATE models SET weights = NULL WHERE id IN ({held})", chunk)  # noqa: S608
        connection.execute(f"DELETE FROM model_scores WHERE model IN ({held})", chunk)  # noqa: S608
        connection.execute(f"DELETE FROM model_posts WHERE model IN ({held})", chunk)  # noqa: S608


def models(connection: Connection) -> list[StoredModel]:
    """All models that were ever trained, by code and time; at most one of a code is in use."""
    rows = connection.execute(
        """
        SELECT id, code, codebook_revision, card, trained_at, weights IS NOT NULL AS in_use FROM models
         ORDER BY code, trained_at, id
        """
    )
    return [
        StoredModel(
            row["id"], row["code"], row["codebook_revision"], row["card"], row["trained_at"], bool(row["in_use"])
        )
        for row in rows
    ]


def weights(connection: Connection, model: str) -> bytes:
    """The weights of a model that is in use."""
    return bytes(connection.execute("SELECT weights FROM models WHERE id = ?", (model,)).fetchone()["weights"])


def replace_scores(connection: Connection, model: str, scores: Iterable[tuple[int, float]]) -> None:
    """Store what a model gives to posts (id, probability), in the place of what it gave before."""
    connection.execute("DELETE FROM model_scores WHERE model = ?", (model,))
    connection.executemany(
        "INSERT INTO model_scores (model, post, score) VALUES (?, ?, ?)", [(model, *scored) for scored in scores]
    )


def drop_models_trained_on_lost(connection: Connection) -> list[str]:
    """Take away the models that learnt from a post whose text was lost since: their n-grams may hold its words.

    The card is kept, with a note. The standing codings of such a model are undone, since nobody can say any more how it
    came to them.

    Returns:
        The codes that have no model any more.
    """
    lost = connection.execute(
        """
        SELECT m.id, m.code, m.card, strftime('%Y%m%dT%H%M%SZ') AS stamp, strftime('%Y-%m-%dT%H:%M:%SZ') AS now
          FROM models m
         WHERE m.weights IS NOT NULL AND EXISTS (
               SELECT 1 FROM model_posts l JOIN posts p ON p.id = l.post LEFT JOIN losses o ON o.post = p.id
                WHERE l.model = m.id AND ((p.text IS NULL AND p.title IS NULL) OR o.lost_at >= m.trained_at))
         ORDER BY m.code, m.id
        """
    ).fetchall()
    for model in lost:
        card = json.loads(model["card"]) | {"dropped": "a post that it learnt from lost its text"}
        connection.execute("UPDATE models SET card = ? WHERE id = ?", (json.dumps(card, sort_keys=True), model["id"]))
        batch = f"drop-{model['stamp']}-{model['id'][:6]}"
        undo_codings(connection, _standing_of(connection, model["code"], model["id"]), batch, model["now"])
    if lost:
        _strip(connection, [model["id"] for model in lost])
        note_lost_text(connection)
    return [model["code"] for model in lost]


def _standing_of(connection: Connection, code: str, model: str) -> list[int]:
    rows = connection.execute(
        """
        SELECT e.id FROM coding_events e JOIN coders r ON r.id = e.coder
         WHERE r.kind = 'model' AND e.code = ? AND e.version = ? AND e.undone_by IS NULL AND e.undo_of IS NULL
         ORDER BY e.id
        """,
        (code, model),
    )
    return [row["id"] for row in rows]


def standing_predictions(connection: Connection, coder: int) -> dict[tuple[int, str, str, str], int]:
    """The standing codings of a model's coder: post, code, text hash and version, with the id of each."""
    rows: Iterable[Any] = connection.execute(
        """
        SELECT id, post, code, text_sha, version FROM coding_events
         WHERE coder = ? AND undone_by IS NULL AND undo_of IS NULL
        """,
        (coder,),
    )
    return {(row["post"], row["code"], row["text_sha"], row["version"]): row["id"] for row in rows}
