"""Recognising the words of deleted posts without keeping them, and blanking them where others repeat them.

What is kept of a deleted text are keyed hashes of parts of it: each run of five words, and each short sentence. Without
the study's key they tell nothing. Where such a part stands in a quotation, in a memo or in a file of the study, words are
replaced by as many blocks, so that every place in the text stays where it is.

* In a quotation (lines that begin with `>`): each sentence that holds any run of five words, or is a lost sentence; one of
  up to three words only in the thread of the deleted post.
* In memos, leads and files: any run of eight words, and any sentence of four words or more, however it is wrapped or
  escaped; numbers alone stay. What a live post holds as its own words can be spared.
"""

import html
import json
import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

from db.records import Lost
from db.spans import Kind, spans
from db.tokens import Token, tokens

BLOCK = "█"
RUN = 5
"""Words in a run whose hash is kept."""
PLAIN_RUN = 8
"""Words in a run that is blanked outside quotations; a longer sentence holds such a run."""
SHORT_SENTENCE = 3
"""Words up to which a sentence is so common that it is recognised in its own thread only."""
_SENTENCE = re.compile(r"[^.!?\n]+")
_ESCAPE = re.compile(
    r"(?P<code>(?:\\u[0-9a-fA-F]{4})+)|(?P<entity>&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});)"
    r"|\\[bfnrtv]|</?[a-zA-Z][^<>]{0,2000}>"
)
"""What stands for other characters, or parts words, in files of JSON, YAML, HTML and Markdown."""


class Place(NamedTuple):
    """Where a word is written, and how many characters it has once escapes are read."""

    start: int
    end: int
    length: int


class Stretch(NamedTuple):
    """Lost words that stand in a text: folded, and the place of each."""

    words: tuple[str, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class LostWords:
    """The hashes of what was lost, and the key that made them."""

    key: bytes
    hashes: Collection[bytes] = frozenset()
    _keyed: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_keyed", blake2b(key=self.key[:64], digest_size=8))

    def parts(self, lost: Lost) -> set[bytes]:
        """The hashes by which the words of a deleted post are recognised."""
        found: set[bytes] = set()
        for text in filter(None, (lost.title, lost.text)):
            folded = [token.folded for token in tokens(text)]
            found.update(self._hash("run", folded[at : at + RUN]) for at in range(len(folded) - RUN + 1))
            for sentence in _SENTENCE.findall(text):
                said = [token.folded for token in tokens(sentence)]
                if said and len(said) < PLAIN_RUN:
                    found.add(self._sentence(said, lost.thread))
        return found

    def blank_quotes(self, text: str, thread: str) -> str:
        """A post's text without the lost words that it quotes; as long as before, its own words untouched."""
        if not self.hashes or ">" not in text:
            return text
        places = [
            Place(span.start + token.start, span.start + token.end, token.end - token.start)
            for span in spans(text)
            if span.kind is Kind.QUOTE
            for token in self._quoted(text[span.start : span.end], thread)
        ]
        return _blanked(text, places)

    def stretches(self, text: str) -> list[Stretch]:
        """The lost words in a memo or a file, as it is written and as it reads without escapes and markup."""
        if not self.hashes:
            return []
        found = [
            Stretch(_words(said), tuple(Place(token.start, token.end, token.end - token.start) for token in said))
            for said in self._plain(tokens(text))
        ]
        if _ESCAPE.search(text):
            reading = _Reading(text)
            found += [
                Stretch(_words(said), tuple(map(reading.place, said))) for said in self._plain(tokens(reading.text))
            ]
        return found

    def _quoted(self, text: str, thread: str) -> Iterator[Token]:
        """The words of the quoted sentences that hold lost words.

        Each sentence is judged by itself and goes as a whole, so that it does not matter in which order words get lost.
        """
        said = tokens(text)
        for sentence in _SENTENCE.finditer(text):
            inside = [token for token in said if sentence.start() <= token.start < sentence.end()]
            folded = _words(inside)
            is_lost = 0 < len(inside) < PLAIN_RUN and self._sentence(folded, thread) in self.hashes
            if is_lost or any(self._held(folded)):
                yield from inside

    def _plain(self, said: list[Token]) -> Iterator[list[Token]]:
        """The stretches that are lost words outside quotations. Numbers alone may be anybody's, and data."""
        held = self._held(_words(said))
        for some in (*_runs(said, held, PLAIN_RUN), *self._sentences(said, held)):
            if not all(token.folded.isdigit() for token in some):
                yield some

    def _sentences(self, said: list[Token], held: Sequence[bool]) -> Iterator[list[Token]]:
        """The sentences too short to be runs; one of five words or more begins with a run, which saves most of the work."""
        folded = _words(said)
        for at in range(len(said) - SHORT_SENTENCE):
            longest = PLAIN_RUN - 1 if at < len(held) and held[at] else SHORT_SENTENCE + 1
            for length in range(SHORT_SENTENCE + 1, longest + 1):
                if self._hash("sentence", folded[at : at + length]) in self.hashes:
                    yield said[at : at + length]

    def _held(self, folded: Sequence[str]) -> list[bool]:
        """For each run of words whether it is a lost one."""
        return [self._hash("run", folded[at : at + RUN]) in self.hashes for at in range(len(folded) - RUN + 1)]

    def _sentence(self, said: Collection[str], thread: str) -> bytes:
        return self._hash("sentence", [*said, thread] if len(said) <= SHORT_SENTENCE else said)

    def _hash(self, kind: str, said: Iterable[str]) -> bytes:
        hashed = self._keyed.copy()
        hashed.update("\x1f".join((kind, *said)).encode())
        digest: bytes = hashed.digest()
        return digest


def _runs(said: list[Token], held: Sequence[bool], least: int) -> Iterator[list[Token]]:
    """The longest stretches of at least so many words whose runs are all lost ones."""
    begin = 0
    for at, is_held in enumerate((*held, False)):
        if not is_held:
            if at > begin and at - begin + RUN - 1 >= least:
                yield said[begin : at + RUN - 1]
            begin = at + 1


def blank(text: str, found: Iterable[Stretch], spared: Collection[tuple[str, ...]] = ()) -> str:
    """A memo or a file without the lost words that were found in it, but for those to be spared."""
    return _blanked(text, (place for stretch in found if stretch.words not in spared for place in stretch.places))


class _Reading:
    """A text as it reads, and where each piece of it is written; what is no character of a word is a blank."""

    def __init__(self, written: str) -> None:
        self._starts: list[int] = []
        self._written: list[tuple[int, int, bool]] = []
        pieces: list[str] = []
        length = 0
        for piece, start, stop, is_plain in _pieces(written):
            self._starts.append(length)
            self._written.append((start, stop, is_plain))
            pieces.append(piece)
            length += len(piece)
        self.text = "".join(pieces)

    def place(self, token: Token) -> Place:
        """Where a word of it is written."""
        return Place(self._written_at(token.start)[0], self._written_at(token.end - 1)[1], token.end - token.start)

    def _written_at(self, position: int) -> tuple[int, int]:
        index = bisect_right(self._starts, position) - 1
        start, stop, is_plain = self._written[index]
        if is_plain:
            start += position - self._starts[index]
            stop = start + 1
        return start, stop


def _pieces(written: str) -> Iterator[tuple[str, int, int, bool]]:
    """What stands for itself and what an escape stands for, in turn: start and end as written, whether it is the former."""
    end = 0
    for escape in _ESCAPE.finditer(written):
        yield written[end : escape.start()], end, escape.start(), True
        yield _read(escape), *escape.span(), False
        end = escape.end()
    yield written[end:], end, len(written), True


def _read(escape: re.Match[str]) -> str:
    if escape["code"]:
        return str(json.loads(f'"{escape["code"]}"'))
    return html.unescape(escape["entity"]) if escape["entity"] else " "


def _words(said: Iterable[Token]) -> tuple[str, ...]:
    return tuple(token.folded for token in said)


def _blanked(text: str, places: Iterable[Place]) -> str:
    """Put blocks in these places; one that overlaps an earlier one is the same word, read in another way."""
    pieces: list[str] = []
    end = 0
    for place in sorted(set(places), key=lambda place: (place.start, -place.end)):
        if place.start >= end:
            pieces += [text[end : place.start], BLOCK * place.length]
            end = place.end
    return "".join([*pieces, text[end:]])
