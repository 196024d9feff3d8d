"""The findings to compute: the claims of findings.yaml, checked against the codebook.

A study without findings.yaml gets `default_definition`: one claim a code.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from coding.codebook import CODE_ID, Code, Codebook, YesNo, code_id_of, statement_problem
from db.yaml_files import FileModel, Key, Problem, Text, load, refuse, suggest, validate

Kind = Literal["consensus", "shares", "ranking"]
_ENOUGH_TO_RANK = 2


class ClaimFields(FileModel):
    """What may be written for a claim."""

    id: Text
    kind: Kind
    code: Text | None = None
    codes: tuple[Text, ...] = ()
    attribute: Text | None = None
    statement: Text | None = None
    filter: dict[str, Text] = Field(default_factory=dict)
    headline: YesNo = False
    published: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)


class SectionFields(FileModel):
    """What may be written for a section."""

    id: Text
    title: Text
    claims: tuple[ClaimFields, ...] = ()


class FindingsFile(FileModel):
    """findings.yaml as a whole."""

    version: Literal[1] = 1
    title: Text | None = None
    sections: tuple[SectionFields, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing to compute.

    Attributes:
        kind: consensus (who supports a statement), shares (of authors, over values or codes), ranking (of codes).
        code, codes, attribute: what is counted; exactly one of them is set.
        statement: the statement of a consensus claim, from here or from the codebook; else a free label.
        label: the statement, or the names of what is counted.
        filter: the full id of the value that a post's author must have, by attribute.
        published: figures from elsewhere to show beside, by full code id.
    """

    id: str
    kind: Kind
    label: str
    code: str | None = None
    codes: tuple[str, ...] = ()
    attribute: str | None = None
    statement: str | None = None
    filter: dict[str, str] = field(default_factory=dict)
    headline: bool = False
    published: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """Claims under one heading."""

    id: str
    title: str
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """All that a report has to compute, in the order of the file."""

    title: str | None
    sections: tuple[Section, ...] = ()


def load_definition(path: Path | str, codebook: Codebook) -> Definition:
    """Read findings.yaml, or raise one FileError for all that is wrong in it."""
    document = load(path)
    fields = validate(document, FindingsFile)
    refuse(document, [*_name_problems(fields), *_all_claim_problems(fields, codebook)])
    sections = tuple(
        Section(section.id, section.title, tuple(_claim(claim, codebook) for claim in section.claims))
        for section in fields.sections
    )
    return Definition(fields.title, sections)


def default_definition(codebook: Codebook, title: str) -> Definition:
    """Return one claim for each code that is in use and is not the value of an attribute; drafts mean nothing yet."""
    in_use = (
        code
        for code in codebook.codes.values()
        if not (codebook.is_value(code.id) or codebook.is_retired(code.id) or codebook.is_draft(code.id))
    )
    claims = tuple(_default_claim(code, codebook) for code in in_use)
    return Definition(title, (Section("codes", "Codes", claims),) if claims else ())


def _default_claim(code: Code, codebook: Codebook) -> Claim:
    if code.stance and code.statement:
        return _claim(ClaimFields(id=code.id, kind="consensus", code=code.id), codebook)
    if code.choose_one:
        return _claim(ClaimFields(id=code.id, kind="shares", attribute=code.id), codebook)
    return _claim(ClaimFields(id=code.id, kind="shares", code=code.id), codebook)


def _claim(fields: ClaimFields, codebook: Codebook) -> Claim:
    statement = _statement(fields, codebook)
    return Claim(
        id=fields.id,
        kind=fields.kind,
        label=statement or _names(fields, codebook),
        code=fields.code,
        codes=fields.codes,
        attribute=fields.attribute,
        statement=statement,
        filter={name: _full_value(codebook, name, value) or value for name, value in fields.filter.items()},
        headline=fields.headline,
        published={_full_id(key, _counted(fields, codebook)) or key: share for key, share in fields.published.items()},
    )


def _statement(fields: ClaimFields, codebook: Codebook) -> str | None:
    code = codebook.codes.get(fields.code or "")
    return fields.statement or (code.statement if code and fields.kind == "consensus" else None)


def _names(fields: ClaimFields, codebook: Codebook) -> str:
    if fields.code:
        return f"share of authors who mention {codebook.codes[fields.code].name}"
    if fields.attribute:
        return codebook.codes[fields.attribute].name
    return ", ".join(codebook.codes[code].name for code in fields.codes)


def _counted(fields: ClaimFields, codebook: Codebook) -> tuple[str, ...]:
    """Return the ids that a claim gives figures for."""
    if fields.attribute:
        return codebook.values_of(fields.attribute)
    return (fields.code,) if fields.code else fields.codes


def _full_value(codebook: Codebook, attribute: str, value: str) -> str | None:
    return _full_id(value, codebook.values_of(attribute))


def _full_id(written: str, ids: Iterable[str]) -> str | None:
    """Return the id that was meant: the whole of it, or its last dotted part if only one has that."""
    known = tuple(ids)
    if written in known:
        return written
    matching = [known_id for known_id in known if known_id.rsplit(".", 1)[-1] == written]
    return matching[0] if len(matching) == 1 else None


def _name_problems(fields: FindingsFile) -> Iterator[Problem]:
    """Yield what is wrong with the ids of sections and claims."""
    sections = [(section.id, ("sections", number)) for number, section in enumerate(fields.sections)]
    claims = [(claim.id, keys) for claim, keys in _claims(fields)]
    for kind, named in (("section", sections), ("claim", claims)):
        seen: set[str] = set()
        for name, keys in named:
            if name in seen:
                yield Problem((*keys, "id"), f'another {kind} is called "{name}"', "give each an id of its own")
            if not CODE_ID.fullmatch(name):
                better = code_id_of(name)
                yield Problem(
                    (*keys, "id"), "an id is made of a-z, 0-9, - and .", f"write `{better}`" if better else None
                )
            seen.add(name)


def _claims(fields: FindingsFile) -> Iterator[tuple[ClaimFields, tuple[Key, ...]]]:
    for section_number, section in enumerate(fields.sections):
        for number, claim in enumerate(section.claims):
            yield claim, ("sections", section_number, "claims", number)


def _all_claim_problems(fields: FindingsFile, codebook: Codebook) -> Iterator[Problem]:
    for claim, here in _claims(fields):
        yield from _subject_problems(claim, here)
        yield from _code_problems(claim, codebook, here)
        yield from _filter_problems(claim, codebook, here)
        yield from _published_problems(claim, codebook, here)
        if claim.kind == "consensus":
            yield from _consensus_problems(claim, codebook, here)


def _subject_problems(claim: ClaimFields, here: tuple[Key, ...]) -> Iterator[Problem]:
    """Yield what is missing or too much among code, codes and attribute."""
    given = [name for name in ("code", "codes", "attribute") if getattr(claim, name)]
    wanted = {"consensus": ["code"], "ranking": ["codes"], "shares": ["attribute", "code", "codes"]}[claim.kind]
    fitting = [name for name in given if name in wanted]
    if len(fitting) != 1:
        needs = f"exactly one of {', '.join(wanted)}" if len(wanted) > 1 else f"`{wanted[0]}: …`"
        yield Problem((*here, "kind"), f"a claim of kind {claim.kind} needs {needs}")
    for name in given:
        if name not in wanted:
            yield Problem((*here, name), f"has no place in a claim of kind {claim.kind}", f"use `{wanted[0]}: …`")
    if claim.kind == "ranking" and fitting and len(claim.codes) < _ENOUGH_TO_RANK:
        yield Problem((*here, "codes"), "a ranking needs at least 2 codes", "for one code use `kind: shares`")


def _code_problems(claim: ClaimFields, codebook: Codebook, here: tuple[Key, ...]) -> Iterator[Problem]:
    if claim.code:
        yield from _reference_problems(claim.code, codebook, (*here, "code"))
    for number, code in enumerate(claim.codes):
        keys = (*here, "codes", number)
        yield from _reference_problems(code, codebook, keys)
        if code in claim.codes[:number]:
            yield Problem(keys, f'"{code}" is here twice', "take one out")
    if claim.attribute and claim.attribute not in codebook.attributes:
        yield _not_an_attribute(claim.attribute, codebook, (*here, "attribute"))
    elif claim.attribute and codebook.is_retired(claim.attribute):
        yield Problem((*here, "attribute"), f'the attribute "{claim.attribute}" is retired', "take the claim out")


def _reference_problems(code_id: str, codebook: Codebook, keys: Sequence[Key]) -> Iterator[Problem]:
    code, place = codebook.codes.get(code_id), tuple(keys)
    if code is None:
        yield Problem(place, f'there is no code "{code_id}"', suggest(code_id, codebook.codes))
    elif codebook.is_retired(code_id):
        yield Problem(place, f'the code "{code_id}" is retired', "take it out, or name the code that took its place")
    elif code.choose_one:
        yield Problem(place, f'"{code_id}" is an attribute', f"use `kind: shares` and `attribute: {code_id}`")
    elif code.is_draft and not codebook.is_value(code_id):
        yield Problem(place, f'the code "{code_id}" is a draft', "say in codebook.yaml what it means: `definition: …`")


def _not_an_attribute(name: str, codebook: Codebook, keys: Sequence[Key]) -> Problem:
    if name in codebook.codes:
        return Problem(tuple(keys), f'"{name}" is no attribute', "give it `choose: one` and values in codebook.yaml")
    return Problem(tuple(keys), f'there is no attribute "{name}"', suggest(name, codebook.attributes))


def _filter_problems(claim: ClaimFields, codebook: Codebook, here: tuple[Key, ...]) -> Iterator[Problem]:
    for attribute, value in claim.filter.items():
        keys = (*here, "filter", attribute)
        if attribute not in codebook.attributes:
            yield _not_an_attribute(attribute, codebook, keys)
        elif _full_value(codebook, attribute, value) is None:
            values = codebook.values_of(attribute)
            yield Problem(keys, f'"{attribute}" has no value "{value}"', suggest(value, values))


def _published_problems(claim: ClaimFields, codebook: Codebook, here: tuple[Key, ...]) -> Iterator[Problem]:
    counted = _counted(claim, codebook)
    seen: set[str] = set()
    for key in claim.published:
        full = _full_id(key, counted)
        if full is None:
            yield Problem((*here, "published", key), "the claim gives no figure for it", suggest(key, counted))
        elif full in seen:
            yield Problem((*here, "published", key), f'"{full}" is here twice', "keep one of the two")
        else:
            seen.add(full)


def _consensus_problems(claim: ClaimFields, codebook: Codebook, here: tuple[Key, ...]) -> Iterator[Problem]:
    code = codebook.codes.get(claim.code or "")
    if code and not code.choose_one and not code.stance:
        hint = "give the code `stance: yes` in codebook.yaml, or use `kind: shares`"
        yield Problem((*here, "code"), f'"{code.id}" is coded without stance, so nobody agrees or disagrees', hint)
    if claim.statement:
        wrong = statement_problem(claim.statement)
        if wrong:
            yield Problem((*here, "statement"), *wrong)
    elif code and code.stance and not code.statement:
        hint = "add `statement: …` here or to the code: what people agree with"
        yield Problem((*here, "statement"), "is missing here and in the codebook", hint)
