"""Training classifiers on what people coded in a study, when somebody asks for it and at no other time."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from coding.codebook import Codebook
from coding.features import plain
from coding.final import ABSENT, PRESENT, FinalLayer
from coding.fitting import LEAST, Material, TooFewError, Trained, TrainingPost, train
from db.queries import codings as coding_queries
from db.queries import models as queries
from db.queries.samples import training_codings
from db.store import Store
from groundswell.predicting import Predicted, Tell, known_codes, predict_all, refuse_where_forbidden
from groundswell.study import Study, now, record_codebook


@dataclass(slots=True)
class Training:
    """What a training did.

    Attributes:
        cards: by code.
        models: the id of each code's model.
        refused: why a code has no model, by code.
        predicted: what the models then said of all posts.
    """

    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    predicted: Predicted = field(default_factory=Predicted)


def may_train(study: Study) -> bool:
    """Whether somebody said before that this study may learn from what its posts say."""
    with study.store() as store:
        return queries.training_permitted_at(store.connection) is not None


def train_models(study: Study, codes: Sequence[str] = (), tell: Tell = lambda _text: None) -> Training:
    """Train a model for each of these codes, or for all that people coded often enough, and let them code all posts.

    Whoever calls this has asked whether the study may learn from what people wrote; that is noted.

    Raises:
        ConfigurationError: the study allows no machine coding.
        GroundswellError: the codebook has no such code.
    """
    refuse_where_forbidden(study)
    codebook = study.codebook()
    wanted = sorted(known_codes(codebook, codes) or codebook.asked)
    done = Training()
    with study.store() as store:
        study.key(store)
        revision = record_codebook(store, codebook)
        with store.write() as connection:
            queries.permit_training(connection, now())
        # A text that is lost from here on takes the models with it.
        began = now()
        lessons = _Lessons(store, codebook)
        for code in wanted:
            tell(f"training {code}")
            try:
                trained, ids = lessons.learn(code, revision)
            except TooFewError as refusal:
                done.refused[code] = str(refusal)
                continue
            with store.write() as connection:
                model, card = trained.model, json.dumps(trained.card, sort_keys=True)
                stored = queries.StoredModel(model.id, code, revision, card, began)
                queries.save_model(connection, stored, model.pack(), ids)
            done.cards[code], done.models[code] = trained.card, trained.model.id
        with store.write() as connection:
            for code in queries.drop_models_trained_on_lost(connection):
                done.refused[code] = "a post that it learnt from lost its text meanwhile; train again"
                done.cards.pop(code, None)
        done.predicted = predict_all(store, codebook, "train", tell)
        for code in done.refused.keys() & done.predicted.posts_by_code.keys():
            done.refused[code] += "; the model that was trained before stays in use"
    return done


class _Lessons:
    """What people decided, and the posts that they decided on."""

    def __init__(self, store: Store, codebook: Codebook) -> None:
        said = list(training_codings(store.connection, *codebook.asked))
        self._layer = FinalLayer(said, codebook, coding_queries.revisions(store.connection))
        posts = queries.learning_posts(store.connection, sorted(self._layer.posts))
        self._posts = sorted(posts, key=lambda post: post.address)
        self._material: tuple[list[int], Material] | None = None

    def learn(self, code: str, revision: str) -> tuple[Trained, list[int]]:
        """The model of a code, and the posts that it learnt from; raises TooFewError."""
        found = {post.id: self._layer.decision(post.id, code) for post in self._posts}
        decided = {id_: made.value == PRESENT for id_, made in found.items() if made.value in (PRESENT, ABSENT)}
        disputed = sum(made.disputed for made in found.values())
        if not decided:
            raise TooFewError(f"people decided on no post; at least {LEAST} present and {LEAST} absent are needed")
        ids, material = self._shared(list(decided))
        try:
            trained = train(code, revision, material, [decided[id_] for id_ in ids])
        except TooFewError as refusal:
            raise TooFewError(f"{refusal}{_left_out(disputed)}") from None
        trained.card["trained_on"]["left_out_as_disputed"] = disputed
        return trained, ids

    def _shared(self, ids: list[int]) -> tuple[list[int], Material]:
        """The material of these posts, made once for all codes in a row that were decided on the same ones."""
        if self._material is None or self._material[0] != ids:
            chosen = set(ids)
            posts = [
                TrainingPost(one.address, plain(one.title, one.text), one.thread, one.author, one.same_text_as)
                for one in self._posts
                if one.id in chosen
            ]
            self._material = ids, Material(posts)
        return self._material


def _left_out(disputed: int) -> str:
    return f" ({disputed} on which people differ are not counted)" if disputed else ""
