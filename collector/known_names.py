"""Names that a page itself tells, replaced wherever its texts mention them."""

import re
from collections.abc import Iterable
from itertools import pairwise

from collector.people import GONE_NAMES, Pseudonyms

_WORD = re.compile(r"\w+")
_MOST_WORDS = 5
_WIDEST_GAP = 3
_NAMED_BEFORE = ("@", "/", "~")
_NAMED_AFTER = re.compile(r"\s+(?:said|says|wrote|writes|schrieb|sagte|a écrit|escribió|ha scritto)\b")


class KnownNames:
    """The names of those who write on a page.

    A name of several words, or one that holds a digit, a sign or a capital inside, is replaced wherever it stands. A
    single plain word may be a word of the language (Will, Mark), and is replaced only where it stands for a person:
    after `@`, in an address, and before "wrote" or "said". `within` is the site on which the names are names: the same
    name on two sites is two people.
    """

    def __init__(self, people: Pseudonyms, platform: str, names: Iterable[str], within: str = "") -> None:
        self._pseudonyms: dict[tuple[str, ...], str] = {}
        self._plain: set[tuple[str, ...]] = set()
        self._most_words = 0
        for name in dict.fromkeys(names):
            words = tuple(_WORD.findall(name.casefold()))
            if words and len(words) <= _MOST_WORDS and len(name) > 1 and name not in GONE_NAMES:
                self._pseudonyms[words] = people.of(platform, within + name)
                self._most_words = max(self._most_words, len(words))
                if len(words) == 1 and name[1:].isalpha() and name[1:].islower():
                    self._plain.add(words)

    def hide(self, text: str) -> str:
        """A text with pseudonyms in place of the names."""
        words = list(_WORD.finditer(text)) if self._pseudonyms else []
        folded = [word[0].casefold() for word in words]
        pieces, done, at = [], 0, 0
        while at < len(words):
            count = self._count(text, words, folded, at)
            if count:
                pieces += [text[done : words[at].start()], self._pseudonyms[tuple(folded[at : at + count])]]
                done = words[at + count - 1].end()
            at += count or 1
        return "".join([*pieces, text[done:]])

    def is_in(self, address: str) -> bool:
        """Tell whether an address bears one of the names."""
        return self.hide(address) != address

    def _count(self, text: str, words: list[re.Match[str]], folded: list[str], at: int) -> int:
        """How many words the longest name has that begins here; 0 for none."""
        for count in range(min(self._most_words, len(words) - at), 0, -1):
            name = tuple(folded[at : at + count])
            if name not in self._pseudonyms or not _stand_together(text, words[at : at + count]):
                continue
            before, end = text[max(words[at].start() - 1, 0) : words[at].start()], words[at + count - 1].end()
            if name not in self._plain or before in _NAMED_BEFORE or _NAMED_AFTER.match(text, end):
                return count
        return 0


def _stand_together(text: str, words: list[re.Match[str]]) -> bool:
    gaps = (text[one.end() : next_one.start()] for one, next_one in pairwise(words))
    return all(len(gap) <= _WIDEST_GAP and "\n\n" not in gap for gap in gaps)
