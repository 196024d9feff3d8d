"""Dictionaries that people own, read as codes with rules: quanteda's YAML, LIWC's `.dic`, and tables of code and pattern.

A dictionary counts words and a rule finds places, so an entry may mean something else here. Each that does is noted: a
wildcard inside a word, letters in capitals, signs between words, a whole word left open, conditions on other words, and
categories that count what is below them. LIWC's own dictionaries are copyrighted; none comes with this program.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from coding.codebook import CODE_ID, code_id_of, readable_name
from coding.codebook_exchange import CHANGED, LEFT_OUT, Reading, read_bytes, read_table
from coding.codings import STANCES
from coding.emoji import emoji_bounds
from coding.patterns import RuleError, parse_pattern
from db.errors import FileError
from db.yaml_files import load
from db.yaml_syntax import Node

OWN_VALUES = ("__", "_")
"""Under which quanteda writes the values of a key that has keys below it."""

_SYNTAX = re.compile(r"[()\[\]{}|/#~\\:\"“”„]|\b(?:AND|OR|NOT|UNLESS|NEAR|THEN|NOTNEG)\b")
_QUOTES = re.compile(r"[\"“”„\\]")
_INSIDE = re.compile(r"[*?](?=[^\s*?])")
_SIGNS = re.compile(r"[^\w\s*?'\u2019]|_")
_FENCE = "%"
_KEY = re.compile(r"(\t*)\s*(\d+)\s+(.+)")
_VALUE = re.compile(r"([^\t]+)\t\s*(\d+(?:\s+\d+)*)|(\S.*?)\s+(\d+(?:\s+\d+)*)")
_CONDITIONAL = re.compile(r"\(.*\)|<[^>]*>|\d+/\d+")


def as_pattern(entry: str) -> tuple[str | None, list[str]]:
    """Return a dictionary's entry as a pattern, and what it means otherwise here; None if no pattern says it."""
    words = entry.split()
    open_words = [place for place, word in enumerate(words) if not word.strip("*?")]
    if len(open_words) > 1 or any(words[place] != "*" or place in {0, len(words) - 1} for place in open_words):
        return None, ["it leaves a whole word open, which no pattern says"]
    cut = open_words[0] if open_words else len(words)
    parts = [" ".join(words[:cut]), " ".join(words[cut + 1 :])] if open_words else [" ".join(words)]
    pattern = " THEN/1 ".join(map(_plain, parts))
    notes = ["with one word or none where it says *"] if open_words else []
    if _INSIDE.search(entry):
        notes.append("a wildcard inside a word ends with the word, so at a hyphen or an apostrophe too")
    if entry != entry.lower():
        notes.append("found in any case; case: before it wants it exactly so")
    signs = sorted({found[0] for found in _SIGNS.finditer(_without_emoji(entry))})
    if signs:
        notes.append(f"signs only part words: found with or without {' '.join(signs)}")
    try:
        parse_pattern(pattern)
    except RuleError as error:
        return None, [str(error).removeprefix(f'pattern "{pattern}", ')]
    return pattern, notes


def read_quanteda(path: Path) -> Reading:
    """Read a dictionary in YAML: keys with lists of values, or with keys below them."""
    document = load(path)
    reading = Reading()
    for key, node in document.root.content.items():
        _add_key(reading, document.text, key, node, None)
    return reading


def read_liwc(path: Path) -> Reading:
    """Read a `.dic` file: numbered categories between two lines of %, then a word and its categories on each line.

    Raises:
        FileError: the file cannot be read, or has no two lines of %.
    """
    reading = Reading()
    lines = _decoded(reading, path).splitlines()
    fences = [place for place, line in enumerate(lines) if line.strip() == _FENCE]
    if len(fences) < 2:  # noqa: PLR2004 - one before and one after the categories
        raise FileError(path, "the categories do not stand between two lines of %", hint="this is no LIWC dictionary")
    codes = _categories(reading, lines[fences[0] + 1 : fences[1]], fences[0] + 2)
    for number, line in enumerate(lines[fences[1] + 1 :], fences[1] + 2):
        if line.strip():
            _add_word(reading, codes, line.strip(), number)
    return reading


def read_patterns(path: Path) -> Reading:
    """Read a table with the columns `code` and `pattern`, and `stance` if there is one; patterns are rules as they stand."""
    reading = Reading()
    rows = list(read_table(path, ["pattern"]))
    stances = {row.get("code") for _, row in rows if row.get("stance") in STANCES}
    for line, row in rows:
        written, pattern, stance = row.get("code", ""), row.get("pattern", ""), row.get("stance", "")
        code = written if CODE_ID.fullmatch(written) else code_id_of(written)
        if not code or not pattern:
            reading.note(written, LEFT_OUT, f"line {line}: it needs a code and a pattern")
            continue
        name = readable_name(code) if code == written else written
        entry = reading.entries.setdefault(code, {"name": name} | ({"stance": True} if written in stances else {}))
        _add_rule(reading, code, entry, {"match": pattern, "stance": stance} if stance else pattern, f"line {line}")
    return reading


def _add_key(reading: Reading, text: str, key: str, node: Node, above: str | None) -> str:
    """Add a key as a code, and what is below it; return its id."""
    code = _id_of(reading, key, above)
    entry: dict[str, Any] = {"name": " ".join(key.split()) or code} | ({"parent": above} if above else {})
    reading.entries[code] = entry
    for value in _values(node):
        _add_entry(reading, code, _written(text, value))
    below = [_add_key(reading, text, name, child, code) for name, child in _keys(node)]
    if below:
        entry["rules"] = [*entry.get("rules", []), *(f"#{child}" for child in below)]
        reading.note(code, CHANGED, f"finds what those below it find by rules of its own: {', '.join(below)}")
    return code


def _values(node: Node) -> Iterator[Node]:
    """The values right below a key."""
    if isinstance(node.content, dict):
        for name in OWN_VALUES:
            if name in node.content:
                yield from _values(node.content[name])
    elif isinstance(node.content, list):
        for item in node.content:
            if not isinstance(item.content, dict | list):
                yield item
    elif node.content is not None:
        yield node


def _keys(node: Node) -> Iterator[tuple[str, Node]]:
    """The keys right below a key; in a list they stand as blocks of their own."""
    for part in node.content if isinstance(node.content, list) else [node]:
        if isinstance(part.content, dict):
            yield from ((name, child) for name, child in part.content.items() if name not in OWN_VALUES)


def _written(text: str, node: Node) -> str:
    """A value as it is written: 1.50 and 007 are words here, not numbers."""
    return node.content if isinstance(node.content, str) else text[node.start : node.end].strip()


def _categories(reading: Reading, lines: list[str], first: int) -> dict[str, str]:
    """Add the categories as codes and return their ids by number; one that is indented is below the one before it."""
    codes: dict[str, str] = {}
    way: list[tuple[int, str]] = []
    for number, line in enumerate(lines, first):
        found = _KEY.fullmatch(line.rstrip())
        if found is None:
            if line.strip():
                reading.note(line.strip(), LEFT_OUT, f"line {number}: no category with a number")
            continue
        depth, name = len(found[1]), " ".join(found[3].split())
        way = [(at, code) for at, code in way if at < depth]
        above = way[-1][1] if way else None
        code = _id_of(reading, name, above)
        reading.entries[code] = {"name": name} | ({"parent": above} if above else {})
        if above:
            reading.note(code, CHANGED, f"below {above}, which finds only the words that name it themselves")
        codes[str(int(found[2]))] = code
        way.append((depth, code))
    return codes


def _add_word(reading: Reading, codes: Mapping[str, str], line: str, number: int) -> None:
    if _CONDITIONAL.search(line):
        reading.note(line, LEFT_OUT, f"line {number}: it depends on the words around it")
        return
    found = _VALUE.fullmatch(line)
    if found is None:
        reading.note(line, LEFT_OUT, f"line {number}: no word with the numbers of its categories")
        return
    word, categories = (found[1] or found[3]).strip(), (found[2] or found[4]).split()
    for category in dict.fromkeys(categories):
        code = codes.get(str(int(category)))
        if code is None:
            reading.note(word, LEFT_OUT, f"line {number}: there is no category {category}")
        else:
            _add_entry(reading, code, word)


def _add_entry(reading: Reading, code: str, entry: str) -> None:
    """Add a dictionary's entry to a code as a rule."""
    pattern, notes = as_pattern(entry)
    if pattern is None:
        reading.note(code, LEFT_OUT, f'"{entry}": {notes[0]}')
        return
    for note in notes:
        reading.note(code, CHANGED, f'"{entry}": {note}')
    rules = reading.entries[code].setdefault("rules", [])
    if pattern not in rules:
        rules.append(pattern)


def _add_rule(reading: Reading, code: str, entry: dict[str, Any], rule: Any, place: str) -> None:
    try:
        parse_pattern(rule["match"] if isinstance(rule, dict) else rule)
    except RuleError as error:
        reading.note(code, LEFT_OUT, f"{place}: {error}")
        return
    if isinstance(rule, dict) and rule["stance"] not in STANCES:
        reading.note(code, LEFT_OUT, f'{place}: "{rule["stance"]}" is no stance')
    elif rule not in entry.setdefault("rules", []):
        entry["rules"].append(rule)


def _without_emoji(entry: str) -> str:
    """An entry without its emoji, which are found whole."""
    bounds = list(emoji_bounds(entry))
    return "".join(sign for place, sign in enumerate(entry) if not any(start <= place < end for start, end in bounds))


def _plain(words: str) -> str:
    """Words as a pattern in which nothing is syntax but the wildcards."""
    return f'"{_QUOTES.sub(" ", words)}"' if _SYNTAX.search(words) else words


def _id_of(reading: Reading, name: str, above: str | None) -> str:
    made = code_id_of(name) or "category"
    code = f"{above}.{made}" if above else made
    number = 2
    while code in reading.entries:
        code = f"{above}.{made}-{number}" if above else f"{made}-{number}"
        number += 1
    return code


def _decoded(reading: Reading, path: Path) -> str:
    content = read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        reading.note(path.name, CHANGED, "not UTF-8, read as Windows-1252: look at accented letters")
        return content.decode("cp1252", errors="replace")
