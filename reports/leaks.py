"""The leak check: whether what is to be published shows a name, a single post, private words or somebody's own words.

It is necessary and not sufficient: it finds runs of words that are the same, names that an account bears, and links; it
does not know a story by which somebody can be recognised.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, NamedTuple

from db.tokens import fold
from db.tokens import words as unicode_words

RUN = 8
"""So many words in a row that are those of a post are a leak."""
PRIVATE_RUN = 5
"""So many of a private note are; of a shorter note all of them, if there are three."""
LEAST_PRIVATE = 3
LEAST_WHOLE = 5
"""An allowed text of so many words parts what stands around it, where it stands as a whole."""
ORDINARY_FROM = 3
"""A plain word that so many posts use is a word, also if an account bears it as its name."""
BLOCK = 4
"""Every run of `RUN` words holds a block of this many that begins at a multiple of it: only those are looked up."""

_NO_WORD = bytes(code if chr(code).isalnum() else 32 for code in range(128)) + b" " * 128
# ASCII, and signs that part words as blanks do: of other characters some are letters or continue a word.
_MORE_LETTERS = re.compile(
    "[^\x00-\x7f\u00a0\u00a3\u00a7\u00a9\u00ab\u00ae\u00b0\u00b4\u00b7\u00bb\u2010-\u2027\u2030-\u203a\u20ac\u2122"
    "\u2190-\u21ff\u2600-\u2775\u2794-\u27bf\U0001f300-\U0001faff]"
)
_NAME = re.compile(r"[\w.-]*\w")
_PLAIN_NAME = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)*")
_AROUND_NAMES = ".,;:!?()[]{}<>\"'*_`\u201c\u201d\u2018\u2019"
_MOST_WORDS_OF_A_NAME = 3
_NAMED = re.compile(r"(?:(?<![\w/])/?u/|(?<![\w@/.])@)([\w-]+)")
_PSEUDONYM = re.compile(r"~[0-9a-f]{12}(?![0-9a-f])")
_LINK = re.compile(r"https?://[^\s<>\"'()\[\]`]+(?:\([^\s()]*\))?[^\s<>\"'()\[\]`.,;:!?]*", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_MARKUP = (".html", ".svg")

Run = tuple[str, ...]
AddressOf = Callable[[str], Iterable[str]]
"""Gives the addresses under which an account of a name would be stored, on every platform that the study knows."""
PostOf = Callable[[str], str | None]
"""Gives the address of the post that a link leads to."""


class Leak(NamedTuple):
    """What may not be published, where, and what kind it is."""

    file: str
    kind: str
    shown: str


class Stored(NamedTuple):
    """A text as it is stored: a post, an earlier version of one, or a private note."""

    text: str
    url: str | None
    is_root: bool
    is_private: bool


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be published although it is stored.

    Attributes:
        own: the study's own words. They may be those of a post, but not so many of a private note.
        texts: thread titles where threads are named, quotations, and the words of allowed.txt.
        names: names that may stand: those of people who are quoted, and those of allowed.txt.
        links: those to quoted posts.
    """

    own: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    links: frozenset[str] = frozenset()


@dataclass(slots=True)
class Output:
    """What is to be published, made ready for being compared with stored texts.

    Attributes:
        runs: the file of each run of `RUN` words that is not allowed.
        private_runs: the same for the runs that no private note may share, by their length.
        links: the file of each link.
        names: the file of each word, and of two or three in a row, that may be a name.
        named: those of them that stand for a person by the sign before them.
        pseudonyms: the file of each pseudonym.
        blocks: `BLOCK` words in a row of any run.
    """

    runs: dict[Run, str] = field(default_factory=dict)
    blocks: frozenset[Run] = frozenset()
    private_runs: dict[int, dict[Run, str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    named: frozenset[str] = frozenset()
    pseudonyms: dict[str, str] = field(default_factory=dict)

    def by_length(self) -> Iterator[tuple[int, dict[Run, str]]]:
        """The runs by their length, those that no private note may share among them."""
        yield RUN, self.runs
        yield from self.private_runs.items()


def prepare(files: Mapping[str, bytes], allowed: Allowed) -> Output:
    """Read what is to be published, file by file, leaving out what is allowed."""
    output = Output(private_runs={size: {} for size in range(LEAST_PRIVATE, PRIVATE_RUN + 1)})
    named: set[str] = set()
    vouched = [normalised(text) for text in allowed.texts]
    exempt = [*(normalised(text) for text in allowed.own), *vouched]
    whole, vouched_whole = _by_beginning(exempt), _by_beginning(vouched)
    for path, content in files.items():
        for text in visible_texts(path, content):
            _add(output, path, text, whole, vouched_whole)
            named.update(name.casefold() for name in _NAMED.findall(text))
    for size, runs in output.by_length():
        for found in vouched if size == PRIVATE_RUN else exempt:
            for run in _runs(found, size):
                runs.pop(run, None)
    for name in allowed.names:
        output.names.pop(name.casefold(), None)
    for link in allowed.links:
        output.links.pop(link, None)
    output.blocks = frozenset(run[at : at + BLOCK] for run in output.runs for at in range(RUN - BLOCK + 1))
    output.named = frozenset(named)
    return output


def _by_beginning(texts: Iterable[list[str]]) -> dict[Run, list[list[str]]]:
    """Texts of enough words by their first ones, the longest first."""
    found: dict[Run, list[list[str]]] = {}
    for words in sorted(texts, key=len, reverse=True):
        if len(words) >= LEAST_WHOLE:
            found.setdefault(tuple(words[:LEAST_WHOLE]), []).append(words)
    return found


def _add(
    output: Output, path: str, text: str, whole: Mapping[Run, list[list[str]]], vouched: Mapping[Run, list[list[str]]]
) -> None:
    # A link parts what stands before and after it, and so does an allowed text as a whole: many a post holds the title
    # of another thread with its link or its community.
    for piece in _LINK.split(text):
        words = normalised(piece)
        parted, parted_by_vouched = list(_between(words, whole)), list(_between(words, vouched))
        for size, runs in output.by_length():
            for stretch in parted_by_vouched if size == PRIVATE_RUN else parted:
                for run in _runs(stretch, size):
                    runs.setdefault(run, path)
    for link in _LINK.findall(text):
        output.links.setdefault(link, path)
    for name in names_in(text):
        output.names.setdefault(name, path)
    for pseudonym in _PSEUDONYM.findall(text):
        output.pseudonyms.setdefault(pseudonym, path)


def _between(words: list[str], whole: Mapping[Run, list[list[str]]]) -> Iterator[list[str]]:
    """The stretches of words between allowed texts that stand there as a whole."""
    begun = at = 0
    while at < len(words):
        known = whole.get(tuple(words[at : at + LEAST_WHOLE]), ())
        length = next((len(text) for text in known if words[at : at + len(text)] == text), 0)
        if length:
            yield words[begun:at]
            begun = at + length
        at += length or 1
    yield words[begun:]


def names_in(text: str) -> set[str]:
    """All that may be a name in a text, in the form in which names are compared."""
    return {form for word in (*_NAME.findall(text), *_names_of_several_words(text)) for form in _forms(word)}


def _names_of_several_words(text: str) -> Iterator[str]:
    """Two or three words in a row, which may be what somebody is called."""
    words = text.split()
    for size in range(2, _MOST_WORDS_OF_A_NAME + 1):
        for start in range(len(words) - size + 1):
            name = " ".join(words[start : start + size])
            yield name.strip(_AROUND_NAMES)
            if name.endswith("."):
                yield f"{name.strip(_AROUND_NAMES)}."


def _forms(word: str) -> set[str]:
    """A word as an account may be called: whole, without signs of emphasis around it, and its parts; a name as it is."""
    if " " in word:
        return {word.casefold()}
    parts = re.split(r"\.+", word)
    return {form.casefold() for part in (word, *parts) for form in (part, part.strip("_-."), part.lstrip("-")) if form}


def visible_texts(path: str, content: bytes) -> Iterator[str]:
    """What a reader can see or find in a file: of markup its text and what its attributes say, of JSON its values."""
    text = content.decode(errors="replace")
    if path.endswith(".json"):
        yield from _strings(json.loads(text))
    elif path.endswith(_MARKUP):
        reader = _Reader()
        reader.feed(text)
        reader.close()
        yield from reader.texts()
    else:
        yield _ESCAPED.sub(r"\1", text)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)


class _Reader(HTMLParser):
    """Takes the words out of a page; what a tag only marks does not part a sentence, a block does."""

    _INLINE = frozenset({"a", "abbr", "b", "bdi", "code", "em", "i", "q", "s", "span", "strong", "tspan", "u"})
    _SPOKEN = frozenset({"alt", "aria-label", "aria-description", "content", "href", "id", "src", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._said: list[str] = []
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = tag in ("style", "script")
        self._said += [value for name, value in attrs if name in self._SPOKEN and value]
        if tag not in self._INLINE:
            self._parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._style = False
        if tag not in self._INLINE:
            self._parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._style:
            self._parts.append(data)

    def texts(self) -> Iterator[str]:
        yield "".join(self._parts)
        yield from self._said


def normalised(text: str) -> list[str]:
    """The words of a text in lower case, without diacritics and signs: the same words give the same list."""
    if text.isascii() or not _MORE_LETTERS.search(text):
        return text.lower().encode("ascii", "replace").translate(_NO_WORD).decode("ascii").split()
    return [fold(word) for word in unicode_words(text)]


def _runs(words: Sequence[str], size: int) -> Iterator[Run]:
    return zip(*(words[start:] for start in range(size)), strict=False)


def leaks_in_texts(output: Output, stored: Iterable[Stored], suspects: Collection[str]) -> list[Leak]:
    """Compare what is to be published with every stored text.

    `suspects` are words that are names of accounts too; those that enough posts use are words and no leak.
    """
    found: dict[tuple[str, str], Leak] = {}
    uses: Counter[str] = Counter()
    blocks, links = output.blocks, output.links
    watched = {fold(name): name for name in suspects}
    several = [name for name in watched if " " in name]
    for text, url, is_root, is_private in stored:
        words = normalised(text)
        if is_private:
            for leak in _private_leaks(output, words):
                found.setdefault((leak.kind, leak.shown), leak)
            continue
        if not is_root and url in links:
            found.setdefault(("link", url or ""), Leak(links[url or ""], "a link to a single post", url or ""))
        if not blocks.isdisjoint(zip(words[::4], words[1::4], words[2::4], words[3::4], strict=False)):
            for leak in _word_leaks(output, words):
                found.setdefault((leak.kind, leak.shown), leak)
        if watched:
            uses.update(watched.keys() & words)
        if several:
            line = f" {' '.join(words)} "
            uses.update(name for name in several if f" {name} " in line)
    rare = sorted(name for folded, name in watched.items() if uses[folded] < ORDINARY_FROM)
    names = [Leak(output.names[name], "a name", name) for name in rare]
    return [*names, *(found[key] for key in sorted(found))]


def _word_leaks(output: Output, words: Sequence[str]) -> Iterator[Leak]:
    """The first run that a text shares with each file."""
    files: set[str] = set()
    for run in _runs(words, RUN):
        file = output.runs.get(run)
        if file is not None and file not in files:
            files.add(file)
            yield Leak(file, f"{RUN} words in a row of a post", " ".join(run))


def _private_leaks(output: Output, words: Sequence[str]) -> Iterator[Leak]:
    size = min(len(words), PRIVATE_RUN)
    for run in _runs(words, size) if size >= LEAST_PRIVATE else ():
        file = output.private_runs[size].get(run)
        if file is not None:
            yield Leak(file, "words of a private note", " ".join(run))


def names_to_check(output: Output, addresses_of: AddressOf) -> dict[str, str]:
    """Every address under which a word of the output would be stored as an account, with the word."""
    return {address: name for name in output.names for address in addresses_of(name)}


def suspected(output: Output, names: Iterable[str]) -> tuple[list[Leak], frozenset[str]]:
    """Of words that are names of accounts, those that are a leak for certain, and those that may be words.

    A name with a digit or a sign in it is no word, and what stands after u/ or @ is a name.
    """
    certain, plain = [], set()
    for name in sorted(set(names)):
        if name in output.named or not _PLAIN_NAME.fullmatch(name):
            certain.append(Leak(output.names[name], "a name", name))
        else:
            plain.add(name)
    return certain, frozenset(plain)


def linked_posts(output: Output, post_of: PostOf) -> dict[str, str]:
    """The address of every post that a link of the output leads to, with the link."""
    return {address: link for link in output.links if (address := post_of(link)) is not None}
