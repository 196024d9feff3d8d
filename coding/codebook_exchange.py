"""Codebooks on their way out and in: what every form of exchange shares, and the two that are text.

Whatever reads a file returns a `Reading`: entries as codebook.yaml would say them, and notes on what is otherwise than it
was in the file. `fitting` then holds them against the codebook they are to go into. Nothing here writes to a study.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from coding.codebook import (
    ALL_CODES,
    CODE_ID,
    RESERVED_KEYS,
    Code,
    Codebook,
    CodeFields,
    code_entry,
    code_id_of,
    codebook_content,
    read_codebook,
    read_entry,
)
from coding.conditions import Reference, walk
from coding.negation import Negation
from coding.patterns import RuleError, parse_pattern
from db.errors import FileError
from db.yaml_edits import dump
from db.yaml_files import load

MAX_BYTES = 20_000_000
CHANGED, LEFT_OUT, EXISTS, SAME = "changed", "left out", "exists", "same"
CSV_COLUMNS = ("tag", "parent", "description", "number of highlights")

# What a description says besides the definition, each under a heading at the beginning of a line.
_HEADINGS = {
    "Include": "include",
    "Exclude": "exclude",
    "Example": "examples",
    "Statement": "statement",
    "Stance": "stance",
    "Choose": "choose",
    "Since": "since",
    "Colour": "colour",
    "Key": "key",
    "Status": "status",
    "Rule": "rules",
    "Must match": "must_match",
    "Must not match": "must_not_match",
    "Name": "name",
    "Id": "id",
}
_LISTS = frozenset({"examples", "rules", "must_match", "must_not_match"})
_HEADING = re.compile(rf"({'|'.join(_HEADINGS)}):(?: |$)(.*)")
_LOOKS_LIKE_HEADING = re.compile(rf"(?m)^(?=\\*(?:{'|'.join(_HEADINGS)}):(?: |$))")
_ESCAPED_HEADING = re.compile(rf"(?m)^\\(?=\\*(?:{'|'.join(_HEADINGS)}):(?: |$))")


@dataclass(frozen=True, slots=True)
class Note:
    """What is otherwise after an exchange than before.

    Attributes:
        code: the id of the code, or what the file calls it where it has none.
        what: changed (it means something else now), left out, exists (the codebook has it and keeps its own), same.
        detail: what exactly, and why.
    """

    code: str
    what: str
    detail: str


@dataclass(slots=True)
class Reading:
    """Entries for codebook.yaml by id, in order, and notes on what is otherwise than it was."""

    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def note(self, code: str, what: str, detail: str) -> None:
        """Add a note."""
        self.notes.append(Note(code, what, detail))


@dataclass(frozen=True, slots=True)
class Item:
    """A code as another program writes it; `above` is the place of its parent among the items."""

    name: str
    description: str = ""
    above: int | None = None
    colour: str | None = None
    is_codable: bool = True


# Out


def as_yaml(codebook: Codebook) -> str:
    """Return a codebook as codebook.yaml says it."""
    codes = json.loads(codebook_content(codebook))
    other = codes.pop(ALL_CODES, {})
    return dump({"version": 1} | other) + (dump({"codes": codes}) if codes else "codes:\n")


def as_csv(codebook: Codebook, posts: Mapping[str, int]) -> str:
    """Return a codebook in the columns of Taguette, all else in the description; `posts` counts coded posts by code."""
    names, out = unique_names(codebook), io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for code in codebook.codes.values():
        above = names[code.parent] if code.parent else ""
        writer.writerow([names[code.id], above, described(code, names[code.id]), posts.get(code.id, 0)])
    return out.getvalue()


def as_patterns(codebook: Codebook) -> str:
    """Return the rules of a codebook as a table of codes and patterns; a stance stands in a third column."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("code", "pattern", "stance"))
    for code in codebook.codes.values():
        writer.writerows((code.id, rule.pattern, rule.stance or "") for rule in code.rules)
    return out.getvalue()


def unique_names(codebook: Codebook) -> dict[str, str]:
    """Return a name for each code that no other has: programs that know codes by name mix them up otherwise."""
    names = {code.id: _one_line(code.name) for code in codebook.codes.values()}
    names |= {code: f"{names[above]} / {names[code]}" for code, above in _shared(codebook, names) if above}
    while shared := _shared(codebook, names):
        names |= {code: f"{names[code]} ({code})" for code, _ in shared}
    return names


def _shared(codebook: Codebook, names: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """The codes, each with the one above it, whose name another code has too."""
    found = Counter(name.casefold() for name in names.values())
    return [(code.id, code.parent) for code in codebook.codes.values() if found[names[code.id].casefold()] > 1]


def described(code: Code, name: str, *, without: Iterable[str] = ()) -> str:
    """Return all that is said of a code as one text: the definition, and the rest under headings.

    Args:
        code: the code.
        name: under which it is written; its own name is in the text where that differs.
        without: fields that have a place of their own.
    """
    entry = code_entry(code) | {"id": code.id}
    left_out = {*without, "definition", "parent"} | ({"name"} if name == code.name else set())
    parts = [_escaped(code.definition)] if code.definition else []
    for heading, name_of_field in _HEADINGS.items():
        value = None if name_of_field in left_out else entry.get(name_of_field)
        items = value if isinstance(value, list) else [] if value is None else [value]
        parts += [f"{heading}: {_escaped(_said(item))}" for item in items]
    return "\n\n".join(parts)


def _said(item: Any) -> str:
    if item is True:
        return "yes"
    return json.dumps(item, ensure_ascii=False) if isinstance(item, dict) else str(item)


def _escaped(text: str) -> str:
    return _LOOKS_LIKE_HEADING.sub(r"\\", re.sub(r"\r\n?", "\n", text))


def _one_line(text: str) -> str:
    return " ".join(text.split())


# In


def read_bytes(path: Path) -> bytes:
    """Read a file that is to be imported, or raise a FileError."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileError(path, f"cannot be read: {(error.strerror or str(error)).lower()}") from error
    if len(content) > MAX_BYTES:
        raise FileError(path, f"larger than {MAX_BYTES // 1_000_000} MB", hint="that is no codebook")
    return content


def read_table(path: Path, wanted: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a table with their lines; columns are parted by comma, semicolon or tab.

    Args:
        path: a CSV file in UTF-8.
        wanted: columns of which the table has at least one; case makes no difference.

    Raises:
        FileError: the file cannot be read, is no table, or has none of the columns.
    """
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(path, "not UTF-8 text", hint="save it as CSV in UTF-8") from error
    columns = {name.casefold() for name in wanted}
    first = text.partition("\n")[0]
    delimiter = next((sign for sign in ",;\t" if columns & {*_cells(first, sign)}), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        if not columns & {*header}:
            raise FileError(path, f"no column is called {' or '.join(wanted)}", line=1, hint="name the columns so")
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, dict(zip(header, (cell.strip() for cell in row), strict=False))
    except csv.Error as error:
        raise FileError(path, f"no table can be read from it: {error}", line=reader.line_num) from error


def read_yaml(path: Path) -> Reading:
    """Read another codebook.yaml."""
    codebook = read_codebook(load(path))
    reading = Reading()
    if codebook.negation != Negation():
        reading.note("negation", LEFT_OUT, "its words of negation; those of the codebook hold for all of its codes")
    for code in codebook.codes.values():
        entry = code_entry(code)
        entry["rules"] = list(_sound_rules(reading, code.id, entry.get("rules", [])))
        reading.entries[code.id] = {name: value for name, value in entry.items() if value != []}
    return reading


def read_csv(path: Path) -> Reading:
    """Read a codebook that Taguette wrote, or a table like it: `tag` (or `name`, or `path`), `parent`, `description`."""
    names = ("tag", "name", "path")
    rows = list(read_table(path, names))
    places: dict[str, int] = {}
    for place, (_, row) in enumerate(rows):
        places.setdefault(_name_in(row, names), place)
    items, notes = [], []
    for line, row in rows:
        name, above = _name_in(row, names), _one_line(row.get("parent", ""))
        if above and above not in places:
            notes.append(Note(name, CHANGED, f'line {line}: the code above it, "{above}", is not in the file'))
        items.append(Item(name, row.get("description", ""), places.get(above) if above else _prefix(name, places)))
    reading = entries_of(_without_circles(items, notes))
    reading.notes[:0] = notes
    return reading


def entries_of(items: Sequence[Item]) -> Reading:
    """Return codes of another program as entries: ours are known by what their description says, others get an id."""
    reading = Reading()
    ids: list[str] = []
    said = [read_description(item.description) for item in items]
    taken = {fields["id"] for fields in said if CODE_ID.fullmatch(fields.get("id", ""))}
    for item, fields in zip(items, said, strict=True):
        above = ids[item.above] if item.above is not None and item.above < len(ids) else None
        code = fields.pop("id", "")
        if code not in taken:
            code = _new_id(item.name, above, taken | reading.entries.keys())
        ids.append(code)
        if code in reading.entries or not item.name:
            reading.note(code or item.name, LEFT_OUT, "it has no name" if not item.name else "it is there twice")
            continue
        entry = {"name": item.name} | ({"colour": item.colour} if item.colour else {}) | fields
        reading.entries[code] = _sound_entry(reading, code, entry)
        if not item.is_codable and "choose" not in entry:
            reading.note(code, CHANGED, "it only held other codes together; here it can be given like any code")
    for item, code in zip(items, ids, strict=True):
        if item.above is not None and code in reading.entries:
            reading.entries[code]["parent"] = ids[item.above]
    return reading


def read_description(description: str) -> dict[str, Any]:
    """Return the fields that a description says; one that is not ours is a definition as a whole."""
    lines = re.sub(r"\r\n?", "\n", description).split("\n")
    parts: list[tuple[str, list[str]]] = [("definition", [])]
    for line in lines:
        found = _HEADING.match(line)
        if found:
            parts.append((_HEADINGS[found[1]], [found[2]]))
        else:
            parts[-1][1].append(line)
    if "id" not in {name for name, _ in parts}:
        whole = description.strip()
        return {"definition": whole} if whole else {}
    fields: dict[str, Any] = {}
    for name, content in parts:
        text = _ESCAPED_HEADING.sub("", "\n".join(content)).strip()
        if name in _LISTS and text:
            fields.setdefault(name, []).append(text if name == "examples" else _block(text))
        elif text:
            fields[name] = text
    return fields


def fitting(codebook: Codebook, reading: Reading) -> Reading:
    """Return what of a reading can be added to a codebook, with notes on all that cannot; what exists is left as it is."""
    fit = Reading()
    names = {(code.parent, code.name.casefold()): code.id for code in codebook.codes.values()}
    namesakes: dict[str, str] = {}
    for code, entry in reading.entries.items():
        name = (entry.get("parent"), str(entry["name"]).casefold())
        if code in codebook.codes:
            fit.notes.append(_existing(codebook.codes[code], entry))
        elif name in names:
            namesakes[code] = names[name]
            fit.note(code, EXISTS, f'"{entry["name"]}" is the name of {names[name]} already')
        else:
            fit.entries[code] = dict(entry)
            names[name] = code
    for code, entry in fit.entries.items():
        above = entry.get("parent")
        if above in namesakes:
            entry["parent"] = namesakes[above]
        elif above is not None and above not in codebook.codes and above not in fit.entries:
            fit.note(code, CHANGED, f"the code above it, {entry.pop('parent')}, is not in the codebook")
    had = {note.code for note in fit.notes if note.what == SAME}
    fit.notes[:0] = [note for note in reading.notes if note.code not in had]
    _drop_references(codebook, fit)
    _drop_what_clashes(codebook, fit)
    return fit


def _existing(code: Code, entry: Mapping[str, Any]) -> Note:
    """What to say of an entry for a code that the codebook has."""
    ours, theirs = code_entry(code), code_entry(read_entry(code.id, entry))
    differing = [name for name in CodeFields.model_fields if ours.get(name) != theirs.get(name)]
    if not differing:
        return Note(code.id, SAME, "it is in the codebook already")
    return Note(
        code.id, EXISTS, f"it is in the codebook already, which differs in {', '.join(differing)} and is left so"
    )


def _drop_what_clashes(codebook: Codebook, fit: Reading) -> None:
    """Take out of entries what the codebook would refuse beside what it has."""
    keys = {code.key: code.id for code in codebook.codes.values() if code.key and not code.is_retired}
    parents = {entry.get("parent") for entry in fit.entries.values()}
    for code, entry in fit.entries.items():
        if "key" in entry and (entry["key"] in RESERVED_KEYS or keys.setdefault(entry["key"], code) != code):
            fit.note(code, CHANGED, f'without its key "{entry.pop("key")}", which is taken')
        if "must_match" in entry and "rules" not in entry:
            entry.pop("must_match")
            fit.note(code, CHANGED, "without its texts to match, since none of its rules is left")
        if "choose" in entry and code not in parents:
            entry.pop("choose")
            fit.note(code, CHANGED, "no attribute any more, since none of its values is added")


def _drop_references(codebook: Codebook, fit: Reading) -> None:
    """Take out rules that name codes which are nowhere."""
    known = codebook.codes.keys() | fit.entries.keys()
    for code, entry in fit.entries.items():
        rules = entry.get("rules", [])
        missing = [next((name for name in _references(rule) if name not in known), None) for rule in rules]
        left = [rule for rule, name in zip(rules, missing, strict=True) if name is None]
        for rule, name in zip(rules, missing, strict=True):
            if name is not None:
                fit.note(code, LEFT_OUT, f"its rule {_said(rule)}, since there is no code {name}")
        if left:
            entry["rules"] = left
        else:
            entry.pop("rules", None)


def _references(rule: Any) -> list[str]:
    """The codes whose rules a rule names."""
    pattern = rule["match"] if isinstance(rule, dict) else rule
    return sorted({part.code for part in walk(parse_pattern(pattern)) if isinstance(part, Reference)})


def _cells(line: str, delimiter: str) -> Iterator[str]:
    return (cell.strip().strip('"').casefold() for cell in line.split(delimiter))


def _name_in(row: Mapping[str, str], columns: Iterable[str]) -> str:
    return _one_line(next((row[name] for name in columns if row.get(name)), ""))


def _prefix(name: str, places: Mapping[str, int]) -> int | None:
    """The code above a name that is written as a path with dots, if there is one."""
    parts = name.split(".")
    above = (".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))
    return next((places[path] for path in above if path in places), None)


def _without_circles(items: Sequence[Item], notes: list[Note]) -> list[Item]:
    """The items with no code above itself."""
    kept = list(items)
    for place, item in enumerate(items):
        above, seen = item.above, {place}
        while above is not None and above not in seen:
            seen.add(above)
            above = kept[above].above
        if above == place:
            kept[place] = Item(item.name, item.description, None, item.colour, item.is_codable)
            notes.append(Note(item.name, CHANGED, "it was above itself; here no code is above it"))
    return kept


def _new_id(name: str, above: str | None, taken: Iterable[str]) -> str:
    made = code_id_of(name) or "code"
    used = set(taken)
    candidates = [made, f"{above}.{made}"] if above else [made]
    free = next((code for code in candidates if code not in used), None)
    number = 2
    while free is None:
        free = f"{made}-{number}" if f"{made}-{number}" not in used else None
        number += 1
    return free


def _block(text: str) -> Any:
    """A rule or a post as it stands in the file, where it is more than its words."""
    if not text.startswith("{"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _sound_rules(reading: Reading, code: str, rules: Iterable[Any]) -> Iterator[Any]:
    """The rules that can be read; a note for each of the others."""
    for rule in rules:
        pattern = str(rule.get("match", "")) if isinstance(rule, dict) else str(rule)
        try:
            parse_pattern(pattern)
        except RuleError as error:
            reading.note(code, LEFT_OUT, f"its rule cannot be read: {error}")
        else:
            yield rule


def _sound_entry(reading: Reading, code: str, entry: dict[str, Any]) -> dict[str, Any]:
    """An entry without what codebook.yaml would refuse; a note for each field that goes."""
    sound = dict(entry)
    if "rules" in sound:
        sound["rules"] = list(_sound_rules(reading, code, sound["rules"]))
    sound = {name: value for name, value in sound.items() if value != []}
    try:
        CodeFields.model_validate(sound)
    except ValidationError as error:
        for wrong in {str(detail["loc"][0]) for detail in error.errors(include_url=False)}:
            reading.note(code, LEFT_OUT, f"its {wrong} cannot be read: {sound.pop(wrong)}")
    return sound
