"""What a classifier sees of a text: which n-grams of words and of characters it holds, and how often.

The features are those of scikit-learn's `TfidfVectorizer`: single words and pairs of neighbours, and the `char_wb` n-grams
of two to five characters, each kind with sublinear counts, smoothed inverse document frequencies and unit length. They are
computed otherwise: the n-grams of each different token are listed once, however many posts hold it, and a sparse product
spreads them over the posts.

Only the author's own words count. A mark stands in place of each quotation, piece of code and address, and between title and
text; no n-gram holds it, so that no pair of words reaches across.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from db.spans import own_text
from db.tokens import FILLER, words

NORMALISER = 1
"""Changes with whatever `plain` or the n-grams change; a model made under another one cannot be used."""
CHARACTERS = (2, 5)
MIN_POSTS = 2
_GAP = re.compile(f"{FILLER}+")
_STRAIGHT = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def plain(title: str | None, text: str | None) -> str:
    """The own words of a post in the form in which they are compared: lower case, one form of each character."""
    own = f"{own_text(title or '')}{FILLER}{own_text(text or '')}"
    folded = unicodedata.normalize("NFKC", own).translate(_STRAIGHT).lower()
    return _GAP.sub(f" {FILLER} ", folded)


def grams(token: str) -> list[str]:
    """The n-grams of a token between two blanks, as `char_wb` lists them."""
    padded = f" {token} "
    size = len(padded)
    shortest, longest = CHARACTERS
    return [
        padded[at : at + length]
        for length in range(shortest, min(longest, size) + 1)
        for at in range(size - length + 1)
    ]


@dataclass(frozen=True)
class Vocabulary:
    """The n-grams that a model knows.

    Attributes:
        words: sorted.
        pairs: sorted pairs of neighbours, as positions in `words`.
        characters: sorted.
        frequencies: for each word, pair and n-gram of characters, in this order, the training posts that hold it.
        posts: the number of training posts.
    """

    words: tuple[str, ...]
    pairs: tuple[tuple[int, int], ...]
    characters: tuple[str, ...]
    frequencies: tuple[int, ...]
    posts: int

    def __len__(self) -> int:
        return len(self.frequencies)

    @property
    def spoken(self) -> int:
        """How many of the columns are words or pairs; the rest are n-grams of characters."""
        return len(self.words) + len(self.pairs)

    @cached_property
    def idf(self) -> Floats:
        """How rare each n-gram is: 1 plus the logarithm of posts by posts that hold it, each plus one."""
        held = np.asarray(self.frequencies, dtype=np.float64)
        return np.log((1 + self.posts) / (1 + held)) + 1

    def names(self) -> list[str]:
        """The n-grams in the order of the columns, a pair as two words with a blank between them."""
        pairs = [f"{self.words[first]} {self.words[second]}" for first, second in self.pairs]
        return [*self.words, *pairs, *self.characters]


class Tokens:
    """Texts cut at their blanks: each different token once, and which of them each text holds in which order."""

    def __init__(self, texts: Iterable[str]) -> None:
        numbers: defaultdict[str, int] = defaultdict()
        numbers.default_factory = numbers.__len__
        order: list[int] = []
        ends = [0]
        for text in texts:
            order.extend(map(numbers.__getitem__, text.split()))
            ends.append(len(order))
        self.distinct = list(numbers)
        self.order = np.asarray(order, dtype=np.int64)
        self.ends = np.asarray(ends, dtype=np.int64)

    @cached_property
    def by_text(self) -> Any:
        """How often each text holds each token: sparse, texts x tokens."""
        shape = (len(self.ends) - 1, len(self.distinct))
        counts = np.ones(len(self.order), dtype=np.float32)
        # The arrays are copied: summing changes them in place.
        matrix = sparse.csr_matrix((counts, self.order.copy(), self.ends.copy()), shape=shape)
        matrix.sum_duplicates()
        return matrix

    def spoken(self, known: Mapping[str, int]) -> tuple[Ints, Ints]:
        """The known words in order, as their numbers, and the text of each; -1 stands for a word that is not known."""
        by_token = [[known.get(word, -1) for word in words(token)] for token in self.distinct]
        starts = _ends([len(each) for each in by_token])
        numbers = np.asarray([number for each in by_token for number in each], dtype=np.int64)
        sizes = np.diff(starts)[self.order]
        first = np.repeat(starts[self.order] - _ends(sizes)[:-1], sizes)
        texts = np.repeat(np.arange(len(self.ends) - 1), np.diff(self.ends))
        return numbers[first + np.arange(len(first))], np.repeat(texts, sizes)

    def characters(self, known: Mapping[str, int]) -> Any:
        """How often each text holds each known n-gram of characters: sparse, texts x n-grams."""
        by_token = [
            [] if token == FILLER else [number for gram in grams(token) if (number := known.get(gram, -1)) >= 0]
            for token in self.distinct
        ]
        columns = np.asarray([number for each in by_token for number in each], dtype=np.int64)
        ends = _ends([len(each) for each in by_token])
        shape = (len(self.distinct), len(known))
        return self.by_text @ sparse.csr_matrix((np.ones(len(columns), dtype=np.float32), columns, ends), shape=shape)


def _ends(sizes: Sequence[int] | Ints) -> Ints:
    """0 and the running sums."""
    return np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))


def learn(texts: Sequence[str]) -> Vocabulary:
    """The n-grams that at least two of the texts hold."""
    tokens = Tokens(texts)
    all_words = sorted({word for token in tokens.distinct for word in words(token)} - {FILLER})
    number, text = tokens.spoken({word: at for at, word in enumerate(all_words)})
    is_word = number >= 0
    held = _texts_with(number[is_word], text[is_word], len(all_words))
    kept = np.flatnonzero(held >= MIN_POSTS)
    chosen = tuple(all_words[at] for at in kept)
    pairs, held_pairs = _pairs(tokens, chosen)
    all_grams = sorted({gram for token in tokens.distinct if token != FILLER for gram in grams(token)})
    counts = tokens.characters({gram: at for at, gram in enumerate(all_grams)})
    held_grams = np.bincount(counts.indices, minlength=len(all_grams))
    kept_grams = np.flatnonzero(held_grams >= MIN_POSTS)
    return Vocabulary(
        words=chosen,
        pairs=pairs,
        characters=tuple(all_grams[at] for at in kept_grams),
        frequencies=(*held[kept].tolist(), *held_pairs, *held_grams[kept_grams].tolist()),
        posts=len(texts),
    )


def _texts_with(columns: Ints, texts: Ints, size: int) -> Ints:
    """For each column, how many different texts it stands beside."""
    distinct = np.unique(texts * max(size, 1) + columns)
    return np.bincount(distinct % max(size, 1), minlength=size)


def _pairs(tokens: Tokens, chosen: Sequence[str]) -> tuple[tuple[tuple[int, int], ...], list[int]]:
    """The pairs of chosen words that are neighbours in at least two texts, and in how many each."""
    number, text = tokens.spoken({word: at for at, word in enumerate(chosen)})
    key, where = _neighbours(number, text, len(chosen))
    found, column = np.unique(key, return_inverse=True)
    held = _texts_with(column, where, len(found))
    kept = np.flatnonzero(held >= MIN_POSTS)
    size = max(len(chosen), 1)
    pairs = tuple((int(pair) // size, int(pair) % size) for pair in found[kept])
    return pairs, held[kept].tolist()


def _neighbours(number: Ints, text: Ints, size: int) -> tuple[Ints, Ints]:
    """Each pair of known words that follow one another in a text, as one number, with its text."""
    first, second = number[:-1], number[1:]
    meet = (first >= 0) & (second >= 0) & (text[:-1] == text[1:])
    return first[meet] * size + second[meet], text[:-1][meet]


class Counter:
    """Counts the n-grams of a vocabulary in texts."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._words = {word: at for at, word in enumerate(vocabulary.words)}
        self._characters = {gram: at for at, gram in enumerate(vocabulary.characters)}
        size = len(vocabulary.words)
        self._pairs = np.asarray([first * size + second for first, second in vocabulary.pairs], dtype=np.int64)

    def weighted(self, texts: Iterable[str]) -> tuple[Any, Any]:
        """1 plus the logarithm of each count: sparse, texts x words and pairs, and texts x n-grams of characters."""
        tokens = Tokens(texts)
        return _sublinear(self._spoken(tokens)), _sublinear(tokens.characters(self._characters))

    def tfidf(self, texts: Iterable[str]) -> Any:
        """The features of texts, each half of unit length: sparse, texts x columns of the vocabulary."""
        vocabulary = self._vocabulary
        halves = self.weighted(texts)
        idfs = np.split(vocabulary.idf, [vocabulary.spoken])
        return sparse.hstack([_unit(half, idf) for half, idf in zip(halves, idfs, strict=True)], format="csr")

    def _spoken(self, tokens: Tokens) -> Any:
        size = len(self._words)
        number, text = tokens.spoken(self._words)
        is_word = number >= 0
        key, where = _neighbours(number, text, size)
        at = np.searchsorted(self._pairs, key)
        is_pair = at < len(self._pairs)
        is_pair[is_pair] = self._pairs[at[is_pair]] == key[is_pair]
        columns = np.concatenate((number[is_word], size + at[is_pair]))
        rows = np.concatenate((text[is_word], where[is_pair]))
        shape = (len(tokens.ends) - 1, self._vocabulary.spoken)
        return sparse.csr_matrix((np.ones(len(columns), dtype=np.float32), (rows, columns)), shape=shape)


def _sublinear(counts: Any) -> Any:
    counts.data = 1 + np.log(counts.data)
    return counts


def _unit(counts: Any, idf: Floats) -> Any:
    """Weigh the columns and bring each row to length 1."""
    weighted = counts.astype(np.float64).multiply(idf).tocsr()
    weighted.sort_indices()
    lengths = np.sqrt(weighted.multiply(weighted).sum(axis=1).A1)
    scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return sparse.diags(scale) @ weighted
