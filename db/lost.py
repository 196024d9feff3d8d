"""Recognising the words of deleted posts without keeping them, and blanking them where others repeat them.

What is kept of a deleted text are keyed hashes of parts of it: each run of five words, and each sentence. Without the
study's key they tell nothing. Where such a part stands in a quotation, in a memo or in a file of the study, its letters
are replaced by as many blocks, so that every place in the text stays where it is.

* In a quotation (lines that begin with `>`): any run of five words, and any whole sentence; a sentence of up to three
  words only in the thread of the deleted post.
* In memos, leads and files: any run of eight words, and any whole sentence of four words or more. The words of a post
  that is still live are somebody's own and stay.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

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
_LETTER = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class LostWords:
    """The hashes of what was lost, and the key that made them."""

    key: bytes
    hashes: Collection[bytes] = frozenset()

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
        """A post's text without the lost words that it quotes."""
        if not self.hashes or ">" not in text:
            return text
        bounds: list[tuple[int, int]] = []
        for span in spans(text):
            if span.kind is Kind.QUOTE:
                quoted = text[span.start : span.end]
                for start, end in self._found(quoted, thread, RUN):
                    bounds.append((span.start + start, span.start + end))
        return _blanked(text, bounds)

    def blank(self, text: str) -> str:
        """A memo or a file without the lost words that it holds."""
        return _blanked(text, self._found(text, None, PLAIN_RUN)) if self.hashes else text

    def _found(self, text: str, thread: str | None, least: int) -> Iterator[tuple[int, int]]:
        """Start and end of each stretch of lost words."""
        said = tokens(text)
        yield from self._runs(said, least)
        for sentence in _SENTENCE.finditer(text):
            inside = [token for token in said if sentence.start() <= token.start < sentence.end()]
            for some in _windows(inside, whole=thread is not None):
                short = len(some) <= SHORT_SENTENCE
                if (thread or not short) and self._sentence([t.folded for t in some], thread or "") in self.hashes:
                    yield some[0].start, some[-1].end

    def _runs(self, said: list[Token], least: int) -> Iterator[tuple[int, int]]:
        held = [
            self._hash("run", [token.folded for token in said[at : at + RUN]]) in self.hashes
            for at in range(len(said) - RUN + 1)
        ]
        at = 0
        while at < len(held):
            begin = at
            while at < len(held) and held[at]:
                at += 1
            if at - begin + RUN - 1 >= least and at > begin:
                yield said[begin].start, said[at + RUN - 2].end
            at += 1

    def _sentence(self, said: list[str], thread: str) -> bytes:
        return self._hash("sentence", [*said, thread] if len(said) <= SHORT_SENTENCE else said)

    def _hash(self, kind: str, said: Iterable[str]) -> bytes:
        return blake2b("\x1f".join((kind, *said)).encode(), key=self.key[:64], digest_size=8).digest()


def _windows(said: list[Token], *, whole: bool) -> Iterator[list[Token]]:
    """The stretches of words that may be a lost sentence: in quotations whole sentences, else any stretch."""
    if whole:
        if said and len(said) < PLAIN_RUN:
            yield said
        return
    for length in range(SHORT_SENTENCE + 1, PLAIN_RUN):
        for at in range(len(said) - length + 1):
            yield said[at : at + length]


def _blanked(text: str, bounds: Iterable[tuple[int, int]]) -> str:
    characters: list[str] | None = None
    for start, end in bounds:
        characters = characters or list(text)
        characters[start:end] = _LETTER.sub(BLOCK, text[start:end])
    return text if characters is None else "".join(characters)
