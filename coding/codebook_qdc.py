"""Codebooks as REFI-QDA exchanges them between programs (`.qdc`): XML of the namespace urn:QDA-XML:codebook:1.0."""

import re
import uuid
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from coding.codebook import Code, Codebook
from coding.codebook_exchange import LEFT_OUT, Item, Reading, described, entries_of, read_bytes, unique_names
from db.errors import FileError, GroundswellError

NAMESPACE = "urn:QDA-XML:codebook:1.0"
_OURS = uuid.UUID("1c2ff0ac-6d0a-5b0e-9f63-6f0f2a3c8d51")
_COLOUR = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE)
_SHORT = 3


def code_guid(code: str) -> str:
    """Return the GUID of a code: made from its id, so that another name leaves it as it is."""
    return str(uuid.uuid5(_OURS, f"code/{code}"))


def as_qdc(codebook: Codebook, origin: str) -> bytes:
    """Return a codebook as a `.qdc` file.

    Args:
        codebook: at least one code; the form knows no empty codebook.
        origin: the program that writes it.

    Raises:
        GroundswellError: there is no code.
    """
    if not codebook.codes:
        raise GroundswellError("a .qdc file cannot be without codes", hint="groundswell codebook add makes one")
    names = unique_names(codebook)
    root = Element("CodeBook", {"xmlns": NAMESPACE, "origin": origin})
    elements: dict[str | None, Element] = {None: SubElement(root, "Codes")}
    for code in _parents_first(codebook):
        elements[code.id] = _element(elements[code.parent], code, names[code.id])
    indent(root)
    xml: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{xml}\n'.encode()


def read_qdc(path: Path) -> Reading:
    """Read a codebook that another program wrote; entities and document types are refused.

    Raises:
        FileError: it is no such file.
    """
    try:
        root: Element = defusedxml.ElementTree.fromstring(read_bytes(path), forbid_dtd=True)
    except (ParseError, LookupError) as error:
        line = error.position[0] if isinstance(error, ParseError) else None
        raise FileError(path, f"no XML can be read from it: {error}", line=line) from error
    except (DefusedXmlException, ValueError) as error:
        raise FileError(path, "it has a document type or entities, which are not read", hint="take them out") from error
    if _tag(root) != "CodeBook":
        raise FileError(path, f"its root is {_tag(root)}, not CodeBook", hint="a .qdc file holds a codebook")
    items = list[Item]()
    sets = 0
    for part in root:
        if _tag(part) == "Codes":
            _collect(part, items)
        elif _tag(part) == "Sets":
            sets += len(part)
    reading = entries_of(items)
    if sets:
        reading.note("sets", LEFT_OUT, f"{sets} of them; codes are not kept in sets here")
    return reading


def _parents_first(codebook: Codebook) -> list[Code]:
    """The codes in the order of the file, but none before the one above it."""
    placed: dict[str, Code] = {}
    for code in codebook.codes.values():
        way = [code]
        while way[-1].parent and way[-1].parent not in placed:
            way.append(codebook.codes[way[-1].parent])
        placed |= {one.id: one for one in reversed(way) if one.id not in placed}
    return list(placed.values())


def _element(above: Element, code: Code, name: str) -> Element:
    fields = {"guid": code_guid(code.id), "name": name, "isCodable": "false" if code.choose_one else "true"}
    if code.colour:
        fields["color"] = f"#{code.colour}"
    element = SubElement(above, "Code", fields)
    SubElement(element, "Description").text = described(code, name, without=["colour"])
    return element


def _collect(codes: Element, items: list[Item]) -> None:
    """Add all codes below an element, each after the one above it; nesting may be as deep as a file can be."""
    waiting: list[tuple[Element, int | None]] = [(element, None) for element in reversed(codes)]
    while waiting:
        element, above = waiting.pop()
        if _tag(element) != "Code":
            continue
        description = next((part.text or "" for part in element if _tag(part) == "Description"), "")
        items.append(
            Item(
                name=" ".join(element.get("name", "").split()),
                description=description,
                above=above,
                colour=_colour(element.get("color", "")),
                is_codable=element.get("isCodable", "true").strip() not in {"false", "0"},
            )
        )
        here = len(items) - 1
        waiting += [(child, here) for child in reversed(element)]


def _colour(text: str) -> str | None:
    found = _COLOUR.fullmatch(text.strip())
    if found is None:
        return None
    digits = found[1].lower()
    return "".join(digit * 2 for digit in digits) if len(digits) == _SHORT else digits


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
