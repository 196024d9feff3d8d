"""Lists of links that people keep by hand, and what would be collected from them.

A list is any text: Markdown, plain text, JSON, bookmarks of a browser. Where a link stands says what it is for: the
headings above it become tags of its thread, the words beside it a memo.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from sqlite3 import Connection  # noqa: TID251 - named as a type only
from typing import Any

from bs4.element import Tag

from collector.answers import find_answers
from collector.files import UnreadableFileError
from collector.json_values import UNREADABLE, decode
from collector.link_text import Block, Found, LinkText, read_text, without_links
from collector.links import LinkError, Target, parse_link
from collector.markup import soup
from collector.people import Pseudonyms
from db.queries.leads import save_memo, save_tags

LARGEST = 64 * 2**20
MOST_LINKS_A_NOTE = 20
"""What stands beside more links than this is about none of them."""
READABLE = (".md", ".markdown", ".txt", ".json", ".jsonl", ".ndjson", ".html", ".htm")

_ADDRESS = re.compile(r"(?:reddit:(?:t3_|/?[ru]/)\S+|(?:hn|x):\d{1,20})(?=\s|$)", re.IGNORECASE)
_DEFINED = re.compile(r"^\s*\[(?:\^?[^\[\]]{1,60}\]:|\d{1,3}\])(?:\s|$)")
_LINK_WITHIN = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]|<\s*>|</?[a-zA-Z][^<>]*>")
_LEADING = re.compile(r"^[\s\-\u2013\u2014:|,;.·•→>]+")
_TRAILING = re.compile(r"[\s\-\u2013\u2014:|,;·•→(]+$")
_URL_KEYS = ("url", "link", "href", "uri")
_ANCHOR_KEYS = ("title", "name", "label")
_NOTE_KEYS = ("note", "notes", "comment", "description", "snippet", "summary")
_HTML_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]


@dataclass(frozen=True, slots=True)
class LinkFile:
    """A file that may hold links: its name without its folder, its text, and the hash of its bytes."""

    name: str
    text: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LinkEntry:
    """A link where it stands.

    Attributes:
        origin: the name of the file.
        place: where in it, in words.
        line: the number of the line, where the file has such; in JSON and HTML None.
        path: the headings above it, the widest first, without the title of the whole.
        anchor: the words that bear the link.
        note: the words beside it.
        link: as it was written.
        is_lead: whether somebody else gave it, such as a model in its answer; what it says then is no memo.
    """

    origin: str
    place: str
    line: int | None
    path: tuple[str, ...]
    anchor: str | None
    note: str | None
    link: str
    is_lead: bool = False

    @property
    def where(self) -> str:
        """The file and the place in it."""
        return f"{self.origin} {self.place}".rstrip()

    @property
    def tag(self) -> str | None:
        """The headings above it as one tag."""
        return " / ".join(self.path) or None


@dataclass(frozen=True, slots=True)
class Planned:
    """What one or more links lead to."""

    target: Target
    entries: tuple[LinkEntry, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A link that cannot be collected, and why; `link` is its form that names nobody, if there is one."""

    entry: LinkEntry
    problem: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be collected, in the order of the links, and what cannot be."""

    planned: tuple[Planned, ...]
    refused: tuple[Refused, ...]

    def at(self, platform: str) -> list[Planned]:
        """What lies on one platform."""
        return [planned for planned in self.planned if planned.target.platform == platform]

    @property
    def duplicates(self) -> list[Planned]:
        """What more than one link leads to."""
        return [planned for planned in self.planned if len(planned.entries) > 1]


def read_link_files(paths: Iterable[Path]) -> tuple[list[LinkFile], list[str]]:
    """Read the files named, and those below the folders named that may hold links, by name.

    Returns:
        The files, and what stood in the way of reading others.
    """
    files, problems = [], []
    for path in paths:
        for found in _below(path) if path.is_dir() else (path,):
            try:
                files.append(_read(found))
            except UnreadableFileError as error:
                problems.append(str(error))
            except OSError as error:
                problems.append(f"{found}: {(error.strerror or str(error)).lower()}")
    return files, problems


def link_file(name: str, content: bytes) -> LinkFile:
    """A file from its bytes; a byte that is no UTF-8 becomes a replacement character.

    Raises:
        UnreadableFileError: it is no text.
    """
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = content.decode(encoding, errors="replace")
    if "\x00" in text:
        raise UnreadableFileError(f"{name}: it is no text")
    return LinkFile(name, text, hashlib.sha256(content).hexdigest())


def find_entries(file: LinkFile, *, leads: bool = False) -> list[LinkEntry]:
    """Every link of a file, in the order in which it stands; those of a model's answer first.

    Args:
        file: the file.
        leads: whether it is known that somebody else made the list; answers of models are recognised without it.
    """
    documents = json_documents(file)
    if documents is not None:
        entries = [entry for place, value in documents for entry in _json_entries(value, file.name, place)]
    elif is_html(file):
        entries = list(_html_entries(file))
    else:
        entries = text_entries(file.text, file.name)
    return [replace(entry, is_lead=True) for entry in entries] if leads else entries


def make_plan(entries: Iterable[LinkEntry]) -> Plan:
    """Put the links together that lead to the same, and tell those apart that lead to nothing."""
    targets: dict[str, Target] = {}
    found: dict[str, list[LinkEntry]] = {}
    refused = []
    for entry in entries:
        try:
            target = parse_link(entry.link)
        except LinkError as error:
            refused.append(Refused(entry, str(error), error.link))
            continue
        targets.setdefault(target.address, target)
        found.setdefault(target.address, []).append(entry)
    planned = tuple(Planned(target, tuple(found[address])) for address, target in targets.items())
    return Plan(planned, tuple(refused))


def remember_plan(connection: Connection, plan: Plan, people: Pseudonyms, now: str) -> None:
    """Store what the lists say about the threads: headings as tags, notes as memos. Names in them become pseudonyms.

    What leads say is left out: a claim that nobody has judged yet is no memo.
    """
    for planned in plan.planned:
        address = planned.target.address
        kept = [entry for entry in planned.entries if not entry.is_lead]
        save_tags(connection, address, [nameless(entry.tag, people) for entry in kept if entry.tag])
        for entry in kept:
            if entry.note:
                save_memo(connection, address, nameless(entry.note, people), entry.where, now, once=True)


def nameless(text: str, people: Pseudonyms) -> str:
    """A text of somebody who writes about several platforms, without the names of people there."""
    return people.hide_names("reddit", people.hide_names("x", text))


def json_documents(file: LinkFile) -> list[tuple[str, Any]] | None:
    """The JSON values of a file, each with its place; None where it is no JSON. A broken line stays a text."""
    if file.name.lower().endswith((".jsonl", ".ndjson")):
        lines = enumerate(file.text.split("\n"), 1)
        return [(f"line {number}", _decoded(line, line)) for number, line in lines if line.strip()]
    if not file.text.lstrip().startswith(("{", "[")):
        return None
    nothing = object()
    value = _decoded(file.text, nothing)
    return None if value is nothing else [("", value)]


def is_html(file: LinkFile) -> bool:
    """Tell from its name or its beginning whether a file is HTML."""
    start = file.text.lstrip()[:20].lower()
    return file.name.lower().endswith((".html", ".htm")) or start.startswith(("<!doctype", "<html"))


def text_entries(text: str, origin: str, place: str = "") -> list[LinkEntry]:
    """The links of a text; `place` is where the text stands in its file."""
    whole = read_text(text)
    entries: list[LinkEntry] = []
    owner: tuple[int, int] | None = None
    for block in whole.blocks:
        found = [entry for piece in _pieces(block) for entry in _piece_entries(whole, piece, origin, place)]
        if block.kind != "item":
            owner = None
        elif len(found) == 1:
            owner = (block.indent, len(entries))
        elif found or owner is None or block.indent <= owner[0]:
            owner = None
        else:
            _add_note(entries, owner[1], block.text)
        entries += found
    return entries


def _add_note(entries: list[LinkEntry], index: int, text: str) -> None:
    """An item below an item that holds one link is about that link."""
    old, more = entries[index], clean_note(text)
    notes = [note for note in (old.note, more) if note]
    entries[index] = replace(old, note="\n".join(notes) or None)


def clean_note(text: str) -> str | None:
    """The words that are left beside a link, without what parted them from it; None where they say nothing."""
    lines = []
    for line in text.split("\n"):
        cleaned = _EMPTY_BRACKETS.sub(" ", _LINK_WITHIN.sub(r"\1", line))
        cleaned = _TRAILING.sub("", _LEADING.sub("", _DEFINED.sub("", cleaned)))
        lines.append(re.sub(r"[ \t]{2,}", " ", cleaned))
    note = "\n".join(line for line in lines if line)
    return note if re.search(r"\w", note) else None


def _pieces(block: Block) -> list[Block]:
    """The pieces of a block of which each is about the links in it: the lines of a paragraph, else the whole."""
    if block.kind not in ("paragraph", "code"):
        return [block]
    lines = zip(block.lines, block.numbers, strict=True)
    return [Block(block.kind, block.path, 0, [line], [number]) for line, number in lines]


def _piece_entries(whole: LinkText, piece: Block, origin: str, place: str) -> Iterator[LinkEntry]:
    text = piece.text
    links = whole.links(text)
    address = _ADDRESS.match(text)
    if address and not links:
        links = [Found(address[0], None, address.start(), address.end(), is_citation=True)]
    path = piece.path[1:] if whole.title is not None and piece.path[:1] == (whole.title,) else piece.path
    for link in links:
        line = piece.number(link.start)
        anchor = None if link.is_citation else link.anchor
        note = clean_note(without_links(text, links, link)) if len(links) <= MOST_LINKS_A_NOTE else None
        yield LinkEntry(
            origin, f"{place} line {line}".lstrip(), None if place else line, path, anchor, note, link.link
        )  # fmt: skip


def _json_entries(document: Any, origin: str, place: str) -> Iterator[LinkEntry]:
    answers = find_answers(document)
    for answer in answers.found:
        found = text_entries(answer.text, origin, f"{place} {answer.place}".lstrip())
        yield from (replace(entry, is_lead=True) for entry in found)
    waiting: list[tuple[str, Any]] = [(place, document)]
    while waiting:
        at, value = waiting.pop()
        if isinstance(value, str):
            yield from text_entries(value, origin, at) if "/" in value or ":" in value else ()
        elif id(value) not in answers.read and isinstance(value, dict | list):
            described = _described(value, origin, at) if isinstance(value, dict) else None
            if described is not None:
                yield described
            items = value.items() if isinstance(value, dict) else enumerate(value)
            kept = [(key, item) for key, item in items if described is None or item != described.link]
            waiting += [(_below_place(at, key), item) for key, item in reversed(kept)]


def _described(value: dict[str, Any], origin: str, place: str) -> LinkEntry | None:
    """An object that describes a link: its address beside its title and a note."""
    links = [value[key] for key in _URL_KEYS if isinstance(value.get(key), str)]
    link = next((link for link in links if re.fullmatch(r"https?://\S+", link)), None)
    if link is None:
        return None
    anchor, note = (
        next((value[key] for key in keys if isinstance(value.get(key), str) and value[key].strip()), None)
        for keys in (_ANCHOR_KEYS, _NOTE_KEYS)
    )
    return LinkEntry(origin, place, None, (), anchor, note, link)


def _below_place(place: str, key: Any) -> str:
    if isinstance(key, int):
        return f"{place}[{key}]"
    return f"{place}.{key}" if place else str(key)


def _html_entries(file: LinkFile) -> Iterator[LinkEntry]:
    """The links of a page, or of a browser's bookmarks: folders are headings there, and a `dd` holds the note."""
    root = soup(file.text)
    for number, anchor in enumerate(root.find_all("a", href=True), 1):
        link = str(anchor["href"])
        if re.match(r"https?:", link, re.IGNORECASE):
            words = " ".join(anchor.get_text(" ").split()) or None
            path, note = _folders(anchor), _html_note(anchor)
            yield LinkEntry(file.name, f"link {number}", None, path, words, note, link)


def _folders(anchor: Tag) -> tuple[str, ...]:
    lists = [parent for parent in anchor.parents if parent.name == "dl"]
    if lists:
        names = [folder.get_text().strip() for part in lists if (folder := part.find_previous("h3")) is not None]
        return tuple(reversed(list(dict.fromkeys(names))))
    path: list[str] = []
    deepest = 7
    for heading in anchor.find_all_previous(_HTML_HEADINGS):
        if int(heading.name[1]) < deepest:
            deepest = int(heading.name[1])
            path.append(" ".join(heading.get_text().split()))
    return tuple(name for name in reversed(path) if name)


def _html_note(anchor: Tag) -> str | None:
    term = anchor.find_parent("dt")
    below = term.find_next_sibling() if term is not None else None
    if below is not None and below.name == "dd":
        return clean_note(" ".join(below.get_text(" ").split()))
    around = anchor.find_parent(["li", "p", "tr"])
    if term is not None or around is None:
        return None
    pieces = [text for text in around.find_all(string=True) if anchor not in text.parents]
    return clean_note(" ".join(" ".join(pieces).split()))


def _read(path: Path) -> LinkFile:
    if path.stat().st_size > LARGEST:
        raise UnreadableFileError(f"{path.name}: too large for a list of links")
    return link_file(path.name, path.read_bytes())


def _below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name.lower().endswith(READABLE))


def _decoded(text: str, otherwise: Any) -> Any:
    try:
        return decode(text.encode("utf-8", errors="replace"))
    except UNREADABLE:
        return otherwise
