"""Training a classifier from people's codings: folds, calibration, threshold, learning curve and card.

All that is told of a model is measured on posts that it did not learn from. The folds are whole threads. In each of them,
training posts by an author of the held-out posts, or with the same text as one of them, are left out: people repeat
themselves, and a model that has seen them seems better than it is on anybody else.

The settings are the same for all data: scikit-learn's `LinearSVC` with C = 0.1, its scores turned into probabilities by
Platt's method, and the threshold that gives the best F1 on held-out posts. The same codings give the same model, byte
for byte: posts are sorted by address, seeds are fixed, nothing is summed by several threads.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heapreplace
from typing import Any, Final

import numpy as np
import sklearn  # type: ignore[import-untyped]  # it brings no types
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.svm import LinearSVC  # type: ignore[import-untyped]  # it brings no types

from coding.classifier import Model, logistic
from coding.features import CHARACTERS, MIN_POSTS, NORMALISER, Counter, Floats, Ints, Vocabulary, learn
from coding.intervals import NORMAL

LEAST: Final = 20
"""Without so many posts on either side nothing is learnt."""
FOLDS: Final = 5
COST: Final = 0.1
CURVE: Final = (0.125, 0.25, 0.5)
"""The shares of the training posts at which the learning curve is measured, beside all of them."""
CURVE_PRESENT: Final = 200
"""The curve is measured on as many folds as hold so many present posts: enough to see a difference, and much quicker."""
_LARGEST_WEIGHT = 2**15 - 1
_MEASURES = 4  # decimals of what is shown
_DIGITS = 6  # decimals of a threshold
_SMALL = 1e-12

Bools = NDArray[np.bool_]


class TooFewError(ValueError):
    """What people coded does not suffice for a model; the text says why."""


@dataclass(frozen=True, slots=True)
class TrainingPost:
    """A post that people decided on.

    Attributes:
        address: its name, by which posts are sorted.
        text: as `coding.features.plain` gives it.
        thread: its thread's address.
        author: the author's address; None for accounts that are gone or that nobody named.
        same_text_as: the address of the post whose text it repeats.
    """

    address: str
    text: str
    thread: str
    author: str | None = None
    same_text_as: str | None = None


class Material:
    """Posts to learn from, with their features, shared by all codes that people decided on the same posts.

    Args:
        posts: in any order.
    """

    def __init__(self, posts: Sequence[TrainingPost]) -> None:
        self.posts = tuple(sorted(posts, key=lambda post: post.address))
        self.threads = _numbered([post.thread for post in self.posts])
        self.places = _places(sorted({post.thread for post in self.posts}))
        """For each thread, by its number, a place from 0 to 1 that says nothing of its time or content."""
        self._authors = _numbered([post.author for post in self.posts])
        self._texts = _numbered([post.same_text_as or post.address for post in self.posts])

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The n-grams of all posts. They are the same in every fold; which of them matter is learnt in each."""
        return learn([post.text for post in self.posts])

    @cached_property
    def matrix(self) -> Any:
        """The features: sparse, posts x n-grams."""
        return Counter(self.vocabulary).tfidf([post.text for post in self.posts])

    def apart_from(self, held_out: Bools) -> Bools:
        """The posts that share neither thread, nor author, nor text with those held out."""
        apart = ~held_out
        for kind in (self.threads, self._authors, self._texts):
            apart &= ~np.isin(kind, kind[held_out]) | (kind < 0)
        return apart


def _places(names: Sequence[str]) -> Floats:
    """Places from 0 to 1 in the order of the names' hashes."""
    order = sorted(range(len(names)), key=lambda number: hashlib.sha256(names[number].encode()).digest())
    places = np.zeros(len(names))
    places[order] = np.arange(len(names)) / len(names)
    return places


def _numbered(names: Sequence[str | None]) -> Ints:
    """A number for each different name, in the order of the names; -1 for none."""
    number = {name: at for at, name in enumerate(sorted({name for name in names if name is not None}))}
    return np.asarray([-1 if name is None else number[name] for name in names], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Trained:
    """A model and its card: how it was made and how good it is on posts that it did not learn from.

    The card holds no word of any post.
    """

    model: Model
    card: dict[str, Any]


def train(code: str, codebook_revision: str, material: Material, present: Sequence[bool]) -> Trained:
    """Train the model of one code.

    Args:
        code: its id.
        codebook_revision: the codebook as it stands.
        material: the posts that people decided on for this code.
        present: what they decided, in the order of `material.posts`.

    Raises:
        TooFewError: the codings do not suffice, or the words do not tell the two sides apart.
    """
    truth = np.asarray(present, dtype=np.bool_)
    _check_numbers(truth)
    if not len(material.vocabulary):
        raise TooFewError("no two of the posts coded so far share a word")
    folds = _folds(material, truth)
    scores = np.zeros(len(truth))
    for held_out, learning in folds:
        scores[held_out] = _scores(material.matrix, truth, learning, held_out)
    slope, offset = platt(scores, truth)
    if slope <= 0 or not beats_chance(scores, truth):
        raise TooFewError("the words of the posts coded so far tell present from absent no better than chance")
    probabilities = logistic(slope * scores + offset)
    threshold = best_threshold(probabilities, truth)
    weights, unit, bias = _rounded(_fit(material.matrix, truth))
    model = Model(
        code=code,
        codebook_revision=codebook_revision,
        vocabulary=material.vocabulary,
        weights=weights,
        unit=unit,
        bias=bias,
        slope=slope,
        offset=offset,
        threshold=threshold,
        made_with=_settings(material, truth),
    )
    card = {
        "code": code,
        "codebook_revision": codebook_revision,
        "trained_on": _trained_on(material, truth),
        "folds": len(folds),
        **_quality(_crossed_decisions(probabilities, truth, folds), truth),
        "average_precision": round(average_precision(scores, truth), _MEASURES),
        "average_precision_by_chance": round(float(truth.mean()), _MEASURES),
        "threshold": round(threshold, _DIGITS),
        "learning_curve": list(_curve(material, truth, folds, scores)),
        "ngrams": len(material.vocabulary),
        "made_with": dict(model.made_with),
    }
    return Trained(model, card)


def _check_numbers(truth: Bools) -> None:
    for value, found in (("present", int(truth.sum())), ("absent", int((~truth).sum()))):
        if found < LEAST:
            raise TooFewError(f"people decided {value} on {found} posts; at least {LEAST} are needed")


def _settings(material: Material, truth: Bools) -> dict[str, Any]:
    labels = [[post.address, bool(value)] for post, value in zip(material.posts, truth, strict=True)]
    return {
        "scikit-learn": sklearn.__version__,
        "text_normaliser": NORMALISER,
        "estimator": "LinearSVC",
        "C": COST,
        "calibration": "Platt",
        "word_ngrams": [1, 2],
        "character_ngrams": list(CHARACTERS),
        "least_posts_with_an_ngram": MIN_POSTS,
        "decisions_sha256": hashlib.sha256(json.dumps(labels).encode()).hexdigest(),
    }


def _trained_on(material: Material, truth: Bools) -> dict[str, int]:
    return {
        "posts": len(truth),
        "present": int(truth.sum()),
        "absent": int((~truth).sum()),
        "threads": len({post.thread for post in material.posts}),
        "authors": len({post.author for post in material.posts} - {None}),
    }


# ---------------------------------------------------------------------------------------------------------- folds

_Fold = tuple[Bools, Bools]
"""The posts held out, and those that are learnt from meanwhile."""


def _folds(material: Material, truth: Bools) -> list[_Fold]:
    """Cut the posts into folds of whole threads, present posts dealt evenly."""
    with_present, with_absent = (len(np.unique(material.threads[side])) for side in (truth, ~truth))
    for value, threads in (("present", with_present), ("absent", with_absent)):
        if threads == 1:
            raise TooFewError(
                f"all posts decided {value} stand in one thread; two at least are needed to test on others"
            )
    fold_of_thread = deal(material, truth, min(FOLDS, with_present, with_absent))
    folds = []
    for number in range(int(fold_of_thread.max()) + 1):
        held_out = fold_of_thread[material.threads] == number
        learning = material.apart_from(held_out)
        if not truth[learning].any() or truth[learning].all():
            raise TooFewError("the same people wrote in all threads, so that nobody else's posts are left to test on")
        folds.append((held_out, learning))
    return folds


def deal(material: Material, truth: Bools, folds: int) -> Ints:
    """Deal whole threads to folds, larger ones first: present posts evenly, then the threads without any.

    Returns:
        The fold of each thread, by the thread's number.
    """
    size = len(material.places)
    posts = np.bincount(material.threads, minlength=size).tolist()
    present = np.bincount(material.threads[truth], minlength=size).tolist()
    order = sorted(range(size), key=lambda thread: (-present[thread], -posts[thread], material.places[thread]))
    chosen = np.zeros(size, dtype=np.int64)
    held = [0] * folds
    for counted, some in ((present, True), (posts, False)):
        filled = [((0 if some else held[fold]), held[fold], fold) for fold in range(folds)]
        heapify(filled)
        for thread in order:
            if (present[thread] > 0) is some:
                count, _, fold = filled[0]
                chosen[thread] = fold
                held[fold] += posts[thread]
                heapreplace(filled, (count + counted[thread], held[fold], fold))
    return chosen


# -------------------------------------------------------------------------------------------------------- fitting


def _fit(matrix: Any, truth: Bools) -> tuple[Floats, float]:
    """The weight of each n-gram and the bias."""
    estimator = LinearSVC(C=COST, random_state=0).fit(matrix, truth)
    return estimator.coef_[0], float(estimator.intercept_[0])


def _scores(matrix: Any, truth: Bools, learning: Bools, held_out: Bools) -> Floats:
    """What is learnt from some posts says of others."""
    weights, bias = _fit(matrix[learning], truth[learning])
    scores: Floats = matrix[held_out] @ weights + bias
    return scores


def _rounded(fitted: tuple[Floats, float]) -> tuple[tuple[int, ...], float, float]:
    """Weights as whole numbers of a common unit: they take a quarter of the room, and no decision notices."""
    weights, bias = fitted
    unit = float(np.abs(weights).max()) / _LARGEST_WEIGHT
    return tuple(np.rint(weights / unit).astype(np.int64).tolist()), unit, bias


def platt(scores: Floats, truth: Bools) -> tuple[float, float]:
    """Fit slope and offset of `1 / (1 + exp(-(slope * score + offset)))` to what people decided.

    The targets are moved off 0 and 1 as Platt (1999) has it, so that few posts give no certainty. Newton's method, each
    step halved until it helps (Lin, Lin and Weng 2007).
    """
    present, absent = int(truth.sum()), int((~truth).sum())
    targets = np.where(truth, (present + 1) / (present + 2), 1 / (absent + 2))
    at = np.asarray([0.0, np.log((present + 1) / (absent + 1))])
    loss = _log_loss(at, scores, targets)
    while True:
        probabilities = logistic(at[0] * scores + at[1])
        error, spread = probabilities - targets, probabilities * (1 - probabilities)
        gradient = np.asarray([(error * scores).sum(), error.sum()])
        middle = (spread * scores).sum()
        hessian = np.asarray([[(spread * scores**2).sum(), middle], [middle, spread.sum()]]) + _SMALL * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        while (moved := _log_loss(at - step, scores, targets)) > loss and np.abs(step).max() > _SMALL:
            step = step / 2
        if loss - moved < _SMALL * loss:
            break
        at, loss = at - step, moved
    return float(at[0]), float(at[1])


def _log_loss(at: Floats, scores: Floats, targets: Floats) -> float:
    logits = at[0] * scores + at[1]
    return float((np.logaddexp(0, logits) - targets * logits).sum())


def best_threshold(probabilities: Floats, truth: Bools) -> float:
    """The probability from which on calling a post present gives the best F1, halfway to the next lower one."""
    order = np.argsort(-probabilities, kind="stable")
    sorted_ = probabilities[order]
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + truth.sum())
    is_last_of_equals = np.append(sorted_[1:] != sorted_[:-1], True)
    best = int(np.argmax(np.where(is_last_of_equals, f1, -1.0)))
    below = sorted_[best + 1] if best + 1 < len(sorted_) else 0.0
    return float((sorted_[best] + below) / 2)


def average_precision(scores: Floats, truth: Bools) -> float:
    """The mean of the precision at each present post, posts read from the highest score down."""
    order = np.argsort(-scores, kind="stable")
    sorted_, hits = scores[order], np.cumsum(truth[order])
    last = np.flatnonzero(np.append(sorted_[1:] != sorted_[:-1], True))
    found = hits[last]
    return float((np.diff(found, prepend=0) * found / (last + 1)).sum() / truth.sum())


def beats_chance(scores: Floats, truth: Bools) -> bool:
    """Whether present posts have higher scores than absent ones, beyond what chance would do in 1 of 40 cases.

    This is the rank test of Mann and Whitney with its normal approximation.
    """
    present, absent = int(truth.sum()), int((~truth).sum())
    ranks = rankdata(scores)
    area = (float(ranks[truth].sum()) - present * (present + 1) / 2) / (present * absent)
    return bool(area - 0.5 > NORMAL * np.sqrt((present + absent + 1) / (12 * present * absent)))


# -------------------------------------------------------------------------------------------------------- quality


def _crossed_decisions(probabilities: Floats, truth: Bools, folds: Sequence[_Fold]) -> Bools:
    """What would be called present, each fold by the threshold that is best on the others."""
    decided = np.zeros(len(truth), dtype=np.bool_)
    for held_out, _ in folds:
        decided[held_out] = probabilities[held_out] >= best_threshold(probabilities[~held_out], truth[~held_out])
    return decided


def _quality(decided: Bools, truth: Bools) -> dict[str, float | None]:
    hits, called, there = (int(found.sum()) for found in (decided & truth, decided, truth))
    return {
        "precision": round(hits / called, _MEASURES) if called else None,
        "recall": round(hits / there, _MEASURES),
        "f1": round(2 * hits / (called + there), _MEASURES),
    }


def _curve(material: Material, truth: Bools, folds: Sequence[_Fold], scores: Floats) -> Iterator[dict[str, Any]]:
    """How good it would be with fewer training posts: whole threads are left out of what each fold learns from."""
    held = np.cumsum([truth[held_out].sum() for held_out, _ in folds])
    chosen = folds[: int(np.searchsorted(held, CURVE_PRESENT)) + 1]
    places = material.places[material.threads]
    for share in CURVE:
        smaller = [(held_out, learning & (places < share)) for held_out, learning in chosen]
        if all(min(truth[learning].sum(), (~truth[learning]).sum()) >= FOLDS for _, learning in smaller):
            fewer = np.zeros(len(truth))
            for held_out, learning in smaller:
                fewer[held_out] = _scores(material.matrix, truth, learning, held_out)
            yield _point(fewer, truth, smaller)
    yield _point(scores, truth, chosen)


def _point(scores: Floats, truth: Bools, folds: Sequence[_Fold]) -> dict[str, Any]:
    held_out = np.any([held_out for held_out, _ in folds], axis=0)
    posts = sum(int(learning.sum()) for _, learning in folds) / len(folds)
    precision = average_precision(scores[held_out], truth[held_out])
    return {"posts": round(posts), "average_precision": round(precision, _MEASURES)}
