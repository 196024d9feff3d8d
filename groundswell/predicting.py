"""What trained classifiers say of the posts of a study, and why: suggestions, written as codings by a machine coder."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np

from coding.batches import new_batch
from coding.classifier import Model, Predictor, Reasons, fits, reasons, unpack
from coding.codebook import Codebook, code_entry, read_content
from coding.features import Floats, plain
from coding.final import PRESENT
from db.errors import ConfigurationError, GroundswellError
from db.queries import codings as coding_queries
from db.queries import models as queries
from db.queries.history import undo_codings
from db.queries.posts import ids_by_address
from db.queries.samples import texts
from db.store import Store
from groundswell.study import Study, now

CODER = "tfidf"
SCORES_KEPT = 5000
"""So many posts nearest to the threshold keep their score, and so many with the highest: what queues and strata need."""
_BATCH = 20_000
_Key = tuple[int, str, str, str]
"""Post, code, text hash, version: what makes a coding by a model the same as one already stored."""
Tell = Callable[[str], None]


@dataclass(slots=True)
class Predicted:
    """What the models said of all posts.

    Attributes:
        posts: posts that were looked at.
        posts_by_code: posts that were called present, by code.
        unusable: why a code's model was not used, by code.
        new: codings that were written.
        undone: codings that no longer hold.
    """

    posts: int = 0
    posts_by_code: dict[str, int] = field(default_factory=dict)
    unusable: dict[str, str] = field(default_factory=dict)
    new: int = 0
    undone: int = 0


def predict(study: Study, tell: Tell = lambda _text: None) -> Predicted:
    """Let the models that there are code all public posts; only what changed is written.

    Raises:
        ConfigurationError: the study allows no machine coding.
    """
    refuse_where_forbidden(study)
    codebook = study.codebook()
    with study.store() as store:
        study.key(store)
        return predict_all(store, codebook, "predict", tell)


def predict_all(store: Store, codebook: Codebook, action: str, tell: Tell) -> Predicted:
    """Let the models that are in use code all public posts; `action` names the batch of what is written."""
    done = Predicted()
    models = list(_usable(store, codebook, done.unusable))
    found = _Found(models, codebook)
    if models:
        predictor = Predictor(models)
        posts = queries.posts_to_predict(store.connection)
        while batch := list(islice(posts, _BATCH)):
            found.add([(row[0], row[3]) for row in batch], predictor.probabilities([plain(*row[1:3]) for row in batch]))
            done.posts += len(batch)
            tell(f"{done.posts:,} posts looked at")
    at = now()
    with store.write() as connection:
        coder = coding_queries.coder_id(connection, CODER, "model")
        standing = queries.standing_predictions(connection, coder)
        fresh = [key for key in found.present if standing.pop(key, None) is None]
        batch_name = new_batch(action, at)
        undo_codings(connection, sorted(standing.values()), batch_name, at)
        done.new = coding_queries.add_events(connection, (_event(key, coder, batch_name, at) for key in fresh))
        done.undone = len(standing)
        for model, scores in zip(models, found.scores(), strict=True):
            queries.replace_scores(connection, model.id, scores)
    done.posts_by_code = {model.code: 0 for model in models}
    for _, code, _, _ in found.present:
        done.posts_by_code[code] += 1
    return done


class _Found:
    """What models found in the posts so far."""

    def __init__(self, models: Sequence[Model], codebook: Codebook) -> None:
        self._models = models
        self._rivals = _rivals(models, codebook)
        self._thresholds = np.asarray([model.threshold for model in models])
        self._ids: list[int] = []
        self._probabilities: list[Floats] = []
        self.present: list[_Key] = []

    def add(self, posts: Sequence[tuple[int, str]], probabilities: Floats) -> None:
        """Add posts (id, text hash) with the probability that each model gives them."""
        self._ids += [id_ for id_, _ in posts]
        self._probabilities.append(probabilities.astype(np.float32))
        called = probabilities >= self._thresholds
        for columns in self._rivals:
            best = probabilities[:, columns].argmax(axis=1)
            called[:, columns] &= np.arange(len(columns)) == best[:, None]
        self.present += [
            (posts[row][0], self._models[column].code, posts[row][1], self._models[column].id)
            for row, column in zip(*(found.tolist() for found in np.nonzero(called)), strict=True)
        ]

    def scores(self) -> Iterator[list[tuple[int, float]]]:
        """For each model the scores to keep: of the posts nearest to its threshold, and of those with the highest."""
        for column, threshold in enumerate(self._thresholds):
            given = np.concatenate([part[:, column] for part in self._probabilities]) if self._ids else np.zeros(0)
            nearest = np.argsort(np.abs(given - threshold), kind="stable")[:SCORES_KEPT]
            highest = np.argsort(-given, kind="stable")[:SCORES_KEPT]
            yield [(self._ids[at], float(given[at])) for at in np.union1d(nearest, highest).tolist()]


def _rivals(models: Sequence[Model], codebook: Codebook) -> list[list[int]]:
    """The places of models whose codes are values of one attribute: a post carries one of them, the most probable."""
    groups = [
        [at for at, model in enumerate(models) if model.code in codebook.values_of(attribute)]
        for attribute in codebook.attributes
    ]
    return [group for group in groups if len(group) > 1]


def _event(key: _Key, coder: int, batch: str, at: str) -> coding_queries.Event:
    post, code, text_sha, version = key
    return coding_queries.Event(
        uid=f"{batch}:{post}:{code}", post=post, code=code, value=PRESENT, stance=None, number=None, start=None, end=None,
        text_sha=text_sha, coder=coder, version=version, codebook_revision=None, round=None, created_at=at, batch=batch,
    )  # fmt: skip


def _usable(store: Store, codebook: Codebook, unusable: dict[str, str], only: str | None = None) -> Iterator[Model]:
    """The models (or the one of a code) whose codes still mean what they meant; why others do not serve, in `unusable`."""
    revisions = coding_queries.revisions(store.connection)
    for stored in queries.models(store.connection):
        if not stored.in_use or only not in (None, stored.code):
            continue
        problem = _obstacle(stored, codebook, revisions)
        if problem is not None:
            unusable[stored.code] = problem
        else:
            yield unpack(queries.weights(store.connection, stored.id))


def _obstacle(stored: queries.StoredModel, codebook: Codebook, revisions: dict[str, str]) -> str | None:
    """Why a stored model cannot be used now; None if it can."""
    code = codebook.codes.get(stored.code)
    if code is None or codebook.is_retired(stored.code):
        return "the codebook no longer asks for it"
    then = read_content(revisions[stored.codebook_revision]).codes[stored.code]
    if _meaning(code_entry(then)) != _meaning(code_entry(code)):
        return "its definition was changed since it was trained; train it again"
    if not fits(json.loads(stored.card)["made_with"]):
        return "it was trained by a groundswell that reads texts otherwise; train it again"
    return None


def _meaning(entry: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(entry.get(name) for name in ("definition", "include", "exclude", "parent"))


def list_models(study: Study) -> list[dict[str, Any]]:
    """Every model that was ever trained: its card, with `model`, `trained_at` and `state`.

    `state` is `in use`, `replaced`, `dropped`, or why the model is not used.
    """
    codebook = study.codebook()
    with study.store() as store:
        revisions = coding_queries.revisions(store.connection)
        listed = []
        for stored in queries.models(store.connection):
            card = json.loads(stored.card)
            head = {"code": stored.code, "model": stored.id, "trained_at": stored.trained_at}
            listed.append(head | {"state": _state(stored, card, codebook, revisions)} | card)
        return listed


def _state(stored: queries.StoredModel, card: dict[str, Any], codebook: Codebook, revisions: dict[str, str]) -> str:
    if not stored.in_use:
        return f"dropped: {card['dropped']}" if "dropped" in card else "replaced"
    problem = _obstacle(stored, codebook, revisions)
    return "in use" if problem is None else f"not used: {problem}"


def why(study: Study, code: str, address: str) -> Reasons:
    """Why the model of a code decides as it does on a post: what each of its words adds.

    Raises:
        GroundswellError: the code has no model that is in use, or the post shows no text.
    """
    codebook = study.codebook()
    known_codes(codebook, [code])
    with study.store() as store:
        unusable: dict[str, str] = {}
        model = next(_usable(store, codebook, unusable, only=code), None)
        if model is None:
            reason = unusable.get(code, "it has no model")
            raise GroundswellError(f"{code}: {reason}", hint=f"groundswell code train {code}")
        post, _ = ids_by_address(store.connection, [address]).get(address, (None, None))
        shown = texts(store.connection, [post])[post] if post is not None else None
        if shown is None or (shown.title is None and shown.text is None):
            raise GroundswellError(f"{address}: no public post with a text here has this address")
        return reasons(model, plain(shown.title, shown.text))


def known_codes(codebook: Codebook, codes: Sequence[str]) -> list[str]:
    """These codes, each once.

    Raises:
        GroundswellError: one is not in the codebook, or is an attribute.
    """
    for code in codes:
        if code not in codebook.asked:
            why_not = "is an attribute; name its values" if code in codebook.attributes else "is not in the codebook"
            raise GroundswellError(f"{code}: {why_not}", hint="groundswell codebook show lists the codes")
    return list(dict.fromkeys(codes))


def refuse_where_forbidden(study: Study) -> None:
    """Refuse to go on where the study promises that no machine codes it.

    Raises:
        ConfigurationError: it promises so.
    """
    if study.file.machine == "none":
        raise ConfigurationError(
            f"{study.root / 'study.yaml'}: machine: none; no classifier may code this study",
            hint="that is a promise to your readers; machine: all takes it back",
        )
