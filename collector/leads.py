"""Leads: what a model's answer, or any text that somebody else wrote, claims and links to.

A claim is a unit of the text: an item of a list, a row of a table, or a sentence of a paragraph. A unit with links makes
one lead a link. A unit without makes a lead without address, but only where it is likely to be a finding: an item, a row,
or a sentence with a digit in it; of at least four words, no question, no introduction that ends in a colon, not in a
section of sources.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from collector.answers import find_answers
from collector.link_lists import LinkFile, clean_note, find_entries, is_html, json_documents, nameless
from collector.link_text import Block, Found, read_text, without_links
from collector.links import LinkError, parse_link
from collector.people import Pseudonyms
from db.queries.leads import Lead

FEWEST_WORDS = 4

_MARK = re.compile("\ue000(\\d+)\ue001")
_PRIVATE_USE = re.compile("[\ue000\ue001]")
_SENTENCE_END = re.compile(
    "[.!?…]+[\"'”\u2019)*_]*(?:\\s?\ue000\\d+\ue001[*_]*)*(?=\\s+[\"'“\u2018(*_\\[]*[A-Z0-9À-Þ\u0370-\uffff]|\\s*$)"
    "|[。\uff01\uff1f]+(?:\ue000\\d+\ue001)*"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|cf|etc|approx|ca|no|dr|mr|ms|mrs|prof|inc|st|fig)|\b[A-Z])\.$", re.IGNORECASE
)
_LONGEST_ABBREVIATION = 8
_SOURCES = re.compile(
    r"[\W\d]*(?:sources?|references?|citations?|works cited|bibliography|further reading|links?|footnotes?|queries)\b",
    re.IGNORECASE,
)
_EMPHASIS = re.compile(r"\*\*|__|`|(?<!\w)[*_]|[*_](?!\w)")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A piece of a text that may be a claim.

    Attributes:
        place: where it stands.
        said: the unit as it is written, its links replaced by their words.
        rest: what of it is left without the words of its links.
        links: the links in it, as they were written.
        is_listed: whether it is an item or a row.
        is_source: whether it stands in a section of sources.
    """

    place: str
    said: str
    rest: str
    links: tuple[str, ...]
    is_listed: bool
    is_source: bool


def is_answer(file: LinkFile) -> bool:
    """Tell whether a file is a model's answer in a known form, and its links are leads."""
    return any(find_answers(value).found for _, value in json_documents(file) or [])


def find_leads(file: LinkFile, people: Pseudonyms) -> list[Lead]:
    """The leads of a file; names of people in them become pseudonyms.

    In an answer of a known form only the answer itself is read, not what the model asked and opened on the way. In JSON
    of another form and in HTML there are no sentences to tell apart: each link is a lead, with the note beside it.
    """
    documents = json_documents(file)
    texts = [("", file.text)] if documents is None and not is_html(file) else []
    for at, value in documents or []:
        texts += [(f"{at} {answer.place}".lstrip(), answer.text) for answer in find_answers(value).found]
    if texts:
        units: Iterator[_Unit] = (unit for place, text in texts for unit in _units(text, place))
    else:
        units = (
            _Unit(
                f"{entry.place} #{number}",
                entry.note or "",
                entry.note or "",
                (entry.link,),
                is_listed=True,
                is_source=False,
            )
            for number, entry in enumerate(find_entries(file), 1)
        )
    return [lead for unit in units for lead in _leads(unit, file, people)]


def _leads(unit: _Unit, file: LinkFile, people: Pseudonyms) -> Iterator[Lead]:
    has_claim = _is_statement(unit.rest) and not unit.is_source
    claim = nameless(_claim(unit.said), people) if has_claim else None
    links = list(dict.fromkeys(unit.links))
    if not links and has_claim and _is_finding(unit):
        yield Lead(_uid(file, unit.place), file.name, unit.place, claim)
    for number, link in enumerate(links, 1):
        place = unit.place if len(links) == 1 else f"{unit.place}, link {number}"
        try:
            target = parse_link(link)
        except LinkError as error:
            yield Lead(_uid(file, place), file.name, place, claim, error.link, None, str(error))
        else:
            yield Lead(_uid(file, place), file.name, place, claim, target.url, target.address)


def _uid(file: LinkFile, place: str) -> str:
    return hashlib.sha256(f"{file.sha256}\n{place}".encode()).hexdigest()[:32]


def _is_statement(text: str) -> bool:
    return len(re.findall(r"\w+", text)) >= FEWEST_WORDS


def _is_finding(unit: _Unit) -> bool:
    said = unit.said.rstrip(" *_")
    if said.endswith((":", "?", "\uff1f")):
        return False
    return unit.is_listed or re.search(r"\d", said) is not None


def _units(text: str, place: str) -> Iterator[_Unit]:
    whole = read_text(_PRIVATE_USE.sub("", text))
    for block in whole.blocks:
        links = whole.links(block.text)
        is_source = any(_SOURCES.match(name) for name in block.path)
        if block.kind == "paragraph":
            for number, sentence in enumerate(_sentences(_marked(block.text, links)), 1):
                numbers = {int(found[1]) for found in _MARK.finditer(sentence)}
                said = _MARK.sub("", sentence)
                rest = said
                for link in (links[index] for index in sorted(numbers)):
                    rest = rest if link.is_citation else rest.replace(link.anchor or "", "", 1)
                at = f"{place} line {block.numbers[0]}, sentence {number}".lstrip()
                borne = tuple(links[index].link for index in sorted(numbers))
                yield _Unit(at, said, rest, borne, is_listed=False, is_source=is_source)
        elif links or block.kind in ("item", "row"):
            yield _block_unit(block, links, place, is_source=is_source)


def _block_unit(block: Block, links: list[Found], place: str, *, is_source: bool) -> _Unit:
    rest = block.text
    for link in reversed(links):
        rest = rest[: link.start] + rest[link.end :]
    said = without_links(block.text, links) if block.kind in ("item", "row") else ""
    at = f"{place} line {block.numbers[0]}".lstrip()
    links_in_it = tuple(link.link for link in links)
    return _Unit(at, said, rest if said else "", links_in_it, is_listed=True, is_source=is_source)


def _marked(text: str, links: list[Found]) -> str:
    """A text on one line, in which each link is its words, if they say anything, and a mark with its number."""
    pieces, at = [], 0
    for number, link in enumerate(links):
        words = "" if link.is_citation else link.anchor or ""
        pieces += [text[at : link.start], words, f"\ue000{number}\ue001"]
        at = link.end
    return re.sub(r"\s+", " ", "".join([*pieces, text[at:]]))


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for found in _SENTENCE_END.finditer(text):
        if not _ABBREVIATION.search(text[max(0, found.start() - _LONGEST_ABBREVIATION) : found.start() + 1]):
            yield text[start : found.end()]
            start = found.end()
    if text[start:].strip():
        yield text[start:]


def _claim(text: str) -> str:
    """The words of a claim on one line, without the marks of Markdown."""
    words = re.sub(r"\s+", " ", _EMPHASIS.sub("", clean_note(text) or ""))
    return re.sub(r" (?=[.,;:!?])", "", words).strip()
