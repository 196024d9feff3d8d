"""What a trained classifier is and does: one linear model a code over n-grams of words and characters.

A model says how probable it is that a person would code a post present. It never says a stance. It is kept as JSON (its
n-grams, a whole number for each, and what turns their sum into a probability), so that reading one runs nothing, and no
version of another library stands between a stored model and what it says. `coding.fitting` makes models.
"""

import hashlib
import json
import zlib
from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from coding.features import NORMALISER, Counter, Floats, Ints, Vocabulary, grams
from db.tokens import FILLER, words

_ID_DIGITS = 16


@dataclass(frozen=True)
class Model:
    """A linear model of one code.

    Attributes:
        codebook_revision: the codebook by which people coded what it learnt from.
        vocabulary: its n-grams.
        weights: for each n-gram, in the order of the vocabulary, a whole number.
        unit: what a weight of 1 stands for.
        bias: the score of a text without any of the n-grams.
        slope, offset: turn a score into a probability: 1 / (1 + exp(-(slope * score + offset))).
        threshold: the least probability that is called present.
        made_with: versions and settings; see `fits`.
    """

    code: str
    codebook_revision: str
    vocabulary: Vocabulary
    weights: tuple[int, ...]
    unit: float
    bias: float
    slope: float
    offset: float
    threshold: float
    made_with: Mapping[str, Any]

    @cached_property
    def id(self) -> str:
        """16 hex digits that stand for all that the model says: the same data give the same."""
        return hashlib.sha256(self._said()).hexdigest()[:_ID_DIGITS]

    def pack(self) -> bytes:
        """The model as it is stored: compressed JSON."""
        return zlib.compress(self._said())

    def _said(self) -> bytes:
        said = _fields(self) | {"vocabulary": _fields(self.vocabulary)}
        return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()

    @property
    def coefficients(self) -> Floats:
        """The weights as the numbers that they stand for."""
        return np.asarray(self.weights, dtype=np.float64) * self.unit


def _fields(record: Any) -> dict[str, Any]:
    """The fields of a record, not copied as `asdict` would: there are hundreds of thousands of n-grams."""
    return {one.name: getattr(record, one.name) for one in fields(record)}


def fits(made_with: Mapping[str, Any]) -> bool:
    """Whether a model that was made with these versions reads texts as this program does.

    The version of scikit-learn is on record only: it trains models, and nothing of it is needed to use one.
    """
    return bool(made_with["text_normaliser"] == NORMALISER)


def unpack(stored: bytes) -> Model:
    """Read a stored model that fits."""
    said = json.loads(zlib.decompress(stored))
    held = said.pop("vocabulary")
    vocabulary = Vocabulary(
        words=tuple(held["words"]),
        pairs=tuple((first, second) for first, second in held["pairs"]),
        characters=tuple(held["characters"]),
        frequencies=tuple(held["frequencies"]),
        posts=held["posts"],
    )
    return Model(**said | {"vocabulary": vocabulary, "weights": tuple(said["weights"])})


class Predictor:
    """Several models at once: texts are cut and counted once for all of them.

    Args:
        models: at least one; those that know the same n-grams share the work.
    """

    def __init__(self, models: Sequence[Model]) -> None:
        self._models = tuple(models)
        kinds = {model.vocabulary: None for model in models}
        together, columns = _together(list(kinds))
        self._counter = Counter(together)
        kind_of = {vocabulary: number for number, vocabulary in enumerate(kinds)}
        self._kinds = np.asarray([kind_of[model.vocabulary] for model in models])
        weights = np.zeros((len(together), len(models)))
        squares = np.zeros((len(together), len(kinds)))
        for vocabulary, number in kind_of.items():
            squares[columns[number], number] = vocabulary.idf**2
        for number, model in enumerate(models):
            weights[columns[self._kinds[number]], number] = model.vocabulary.idf * model.coefficients
        cut = [together.spoken]
        self._halves = list(zip(np.split(weights, cut), np.split(squares, cut), strict=True))
        self._bias = np.asarray([model.bias for model in models])
        self._slope = np.asarray([model.slope for model in models])
        self._offset = np.asarray([model.offset for model in models])

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """How probable each code is in each text, as `coding.features.plain` gives it: texts x models."""
        scores = np.tile(self._bias, (len(texts), 1))
        for counts, (weights, squares) in zip(self._counter.weighted(texts), self._halves, strict=True):
            sums = counts @ weights
            counts.data **= 2
            lengths = np.sqrt(counts @ squares)[:, self._kinds]
            scores += np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0)
        return logistic(self._slope * scores + self._offset)


def logistic(logits: Floats) -> Floats:
    """1 / (1 + exp(-x)), without overflow."""
    return np.exp(-np.logaddexp(0, -logits))


def _together(vocabularies: Sequence[Vocabulary]) -> tuple[Vocabulary, list[Ints]]:
    """One vocabulary that holds all n-grams of several, and for each of them where its columns stand in it."""
    all_words = sorted({word for one in vocabularies for word in one.words})
    at_word = {word: at for at, word in enumerate(all_words)}
    own_pairs = [[(at_word[one.words[a]], at_word[one.words[b]]) for a, b in one.pairs] for one in vocabularies]
    all_pairs = sorted({pair for pairs in own_pairs for pair in pairs})
    at_pair = {pair: len(all_words) + at for at, pair in enumerate(all_pairs)}
    all_grams = sorted({gram for one in vocabularies for gram in one.characters})
    at_gram = {gram: len(all_words) + len(all_pairs) + at for at, gram in enumerate(all_grams)}
    size = len(all_words) + len(all_pairs) + len(all_grams)
    together = Vocabulary(tuple(all_words), tuple(all_pairs), tuple(all_grams), (0,) * size, 0)
    columns = [
        np.asarray(
            [at_word[word] for word in one.words]
            + [at_pair[pair] for pair in pairs]
            + [at_gram[gram] for gram in one.characters],
            dtype=np.int64,
        )
        for one, pairs in zip(vocabularies, own_pairs, strict=True)
    ]
    return together, columns


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a model decides as it does about one text.

    Attributes:
        probability: that a person would code it present.
        threshold: the least that is called present.
        without_words: the probability of a text without any n-gram that the model knows.
        tokens: each different token of the text with what it adds to the logarithm of the odds, strongest first.
        words: the same of each word and pair of words that the model knows.
    """

    probability: float
    threshold: float
    without_words: float
    tokens: tuple[tuple[str, float], ...]
    words: tuple[tuple[str, float], ...]

    @property
    def is_present(self) -> bool:
        """Whether the model calls the code present."""
        return self.probability >= self.threshold


def reasons(model: Model, text: str) -> Reasons:
    """Take a decision apart: what each token of a text adds to it, by its words and by its n-grams of characters.

    What an n-gram adds is dealt to the tokens that hold it, by how often each does; a pair of words belongs to both. The
    tokens add up to the whole difference from a text without known words.

    Args:
        model: the model.
        text: as `coding.features.plain` gives it.
    """
    row = Counter(model.vocabulary).tfidf([text])
    added = row.data * model.coefficients[row.indices] * model.slope
    names = model.vocabulary.names()
    shares = {
        (at < model.vocabulary.spoken, names[at]): float(share) for at, share in zip(row.indices, added, strict=True)
    }
    holders = [(token, ngram) for token, ngram in _holders(text) if ngram in shares]
    times = Tally(ngram for _, ngram in holders)
    by_token: dict[str, float] = {}
    for token, ngram in holders:
        by_token[token] = by_token.get(token, 0.0) + shares[ngram] / times[ngram]
    start = model.slope * model.bias + model.offset
    return Reasons(
        probability=float(logistic(np.asarray(start + added.sum()))),
        threshold=model.threshold,
        without_words=float(logistic(np.asarray(start))),
        tokens=_strongest(by_token),
        words=_strongest({name: share for (is_spoken, name), share in shares.items() if is_spoken}),
    )


def _holders(text: str) -> Iterator[tuple[str, tuple[bool, str]]]:
    """Each token of a text beside each n-gram that it holds or has a part in, and whether that is one of words."""
    spoken: list[tuple[str, str]] = []
    for token in text.split():
        spoken += [(token, word) for word in words(token)]
        if token != FILLER:
            yield from ((token, (False, gram)) for gram in grams(token))
    yield from ((token, (True, word)) for token, word in spoken)
    for (first_token, first), (second_token, second) in pairwise(spoken):
        pair = (True, f"{first} {second}")
        yield first_token, pair
        yield second_token, pair


def _strongest(shares: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(shares.items(), key=lambda item: (-abs(item[1]), item[0])))
