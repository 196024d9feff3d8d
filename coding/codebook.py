"""The codebook: what each code means, as people write it in codebook.yaml.

`load_codebook` reads and checks the file; the frozen records it returns are what the rest of the program works with.
Rule patterns are text here; `check_rules` says which of them cannot be parsed.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from coding.negation import Negation, phrases_of
from coding.patterns import RuleError
from coding.rules import Rule, RuleSet, rule_problems
from db.errors import FileError
from db.yaml_files import Document, FileModel, Key, Problem, Text, load, refuse, save, suggest, validate, with_entry

CODE_ID = re.compile(r"[a-z0-9][a-z0-9.-]*")
ALL_CODES = "*"
Stance = Literal["support", "dispute", "mixed"]
Status = Literal["draft", "active", "retired"]
RESERVED_KEYS = frozenset("0cefgjkmnqstu")
"""Keys that the review screen needs for itself; the signs and blanks that it also needs are no keys of codes anyway."""
_COLOUR = re.compile(r"#?([0-9A-Fa-f]{6})")
_FREQUENCY = re.compile(r"\b(often|rarely|usually|mostly|most|increasingly|always|never|sometimes)\b", re.IGNORECASE)


_COPIED = (
    "definition",
    "include",
    "exclude",
    "examples",
    "parent",
    "colour",
    "key",
    "status",
    "since",
    "stance",
    "statement",
    "must_match",
    "must_not_match",
)


def _yes_or_no(value: Any) -> Any:
    """YAML 1.2 leaves yes and no as text; people mean true and false."""
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


def _iso_date(value: Any) -> Any:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise ValueError("must be a date such as 2026-02-01") from None


def _colour(value: Any) -> Any:
    found = _COLOUR.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError('must be six hex digits in quotes, such as "1f77b4"')
    return found[1].lower()


def _key(value: Any) -> Any:
    letter = str(value).strip().lower() if isinstance(value, str | int) else ""
    if len(letter) != 1 or not letter.isalnum():
        raise ValueError("must be one letter, or a digit from 1 to 9")
    return letter


YesNo = Annotated[
    bool,
    Field(strict=True),
    BeforeValidator(_yes_or_no),
    WithJsonSchema({"enum": ["yes", "no", True, False]}),
]
IsoDate = Annotated[str, BeforeValidator(_iso_date), WithJsonSchema({"type": "string", "format": "date"})]

Colour = Annotated[str, BeforeValidator(_colour), WithJsonSchema({"type": "string", "pattern": "^#?[0-9a-fA-F]{6}$"})]
KeyboardKey = Annotated[str, BeforeValidator(_key), WithJsonSchema({"type": ["string", "integer"]})]


class RuleFields(FileModel):
    """A rule with a stance of its own."""

    match: Text
    stance: Stance | None = None


RuleEntry = Annotated[
    Annotated[Text, Tag("a pattern")] | Annotated[RuleFields, Tag("a rule with stance")],
    Discriminator(lambda entry: "a rule with stance" if isinstance(entry, dict) else "a pattern"),
]


class ExampleFields(FileModel):
    """A post that a rule must find, or must not find, with what stands around it."""

    title: Text | None = None
    text: Text | None = None
    parent: Text | None = None
    op: YesNo = False


ExampleEntry = Annotated[
    Annotated[Text, Tag("a text")] | Annotated[ExampleFields, Tag("a post")],
    Discriminator(lambda entry: "a post" if isinstance(entry, dict | ExampleFields) else "a text"),
]


class NegationFields(FileModel):
    """The words of negation; those that are not given are those of the program."""

    cues: tuple[Text, ...] | None = None
    breaks: tuple[Text, ...] | None = None


class CodeFields(FileModel):
    """What may be written under a code's id."""

    name: Text | None = None
    definition: Text | None = None
    include: Text | None = None
    exclude: Text | None = None
    examples: tuple[Text, ...] = ()
    parent: Text | None = None
    colour: Colour | None = None
    key: KeyboardKey | None = None
    status: Status | None = None
    since: IsoDate | None = None
    stance: YesNo = False
    statement: Text | None = None
    choose: Literal["one"] | None = None
    rules: tuple[RuleEntry, ...] = ()
    must_match: tuple[ExampleEntry, ...] = ()
    must_not_match: tuple[ExampleEntry, ...] = ()


class CodebookFile(FileModel):
    """codebook.yaml as a whole."""

    version: Literal[1] = 1
    negation: NegationFields | None = None
    codes: dict[str, CodeFields] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of the codebook.

    Attributes:
        colour: six hex digits.
        key: the keyboard key that gives it.
        status: as it is written; None leaves it to the definition, without which a code is a draft.
        since: the day from which the code is looked for; None = from the beginning.
        stance: whether a coding of it says for or against `statement`.
        choose_one: whether it is an attribute, whose values are the codes below it.
    """

    id: str
    name: str
    definition: str | None = None
    include: str | None = None
    exclude: str | None = None
    examples: tuple[str, ...] = ()
    parent: str | None = None
    colour: str | None = None
    key: str | None = None
    status: Status | None = None
    since: str | None = None
    stance: bool = False
    statement: str | None = None
    choose_one: bool = False
    rules: tuple[Rule, ...] = ()
    must_match: tuple[str | ExampleFields, ...] = ()
    must_not_match: tuple[str | ExampleFields, ...] = ()

    @property
    def is_draft(self) -> bool:
        """Whether nobody has yet settled what the code means."""
        return self.status == "draft" or (self.status is None and self.definition is None)

    @property
    def is_retired(self) -> bool:
        """Whether the code is no longer in use; its codings stay."""
        return self.status == "retired"


@dataclass(frozen=True, slots=True)
class Codebook:
    """All codes by their id, in the order of the file, and the words of negation."""

    codes: dict[str, Code]
    negation: Negation = field(default_factory=Negation)

    @property
    def attributes(self) -> tuple[str, ...]:
        """The codes of which a post carries one value."""
        return tuple(code.id for code in self.codes.values() if code.choose_one)

    def values_of(self, attribute: str) -> tuple[str, ...]:
        """Return the values of an attribute: the codes right below it."""
        return tuple(code.id for code in self.codes.values() if code.parent == attribute)

    @property
    def asked(self) -> tuple[str, ...]:
        """The codes that coders are asked for: drafts too, but no retired code and no attribute itself."""
        return tuple(code.id for code in self.codes.values() if not code.choose_one and not self.is_retired(code.id))

    @property
    def counted(self) -> tuple[str, ...]:
        """The codes that agreement and reports are about: those that are asked for, without drafts."""
        return tuple(code for code in self.asked if not self.is_draft(code))

    def is_draft(self, code: str) -> bool:
        """Whether a code is a draft; a value of an attribute needs no definition beside its name."""
        found = self.codes[code]
        return found.is_draft and (found.status == "draft" or not (found.choose_one or self.is_value(code)))

    def is_retired(self, code: str) -> bool:
        """Whether a code is retired, by itself or with its attribute."""
        found = self.codes[code]
        return found.is_retired or (self.is_value(code) and self.codes[found.parent or ""].is_retired)

    def status(self, code: str) -> Status:
        """The status of a code as it works out."""
        return "retired" if self.is_retired(code) else "draft" if self.is_draft(code) else "active"

    def is_value(self, code: str) -> bool:
        """Whether a code is a value of an attribute."""
        parent = self.codes[code].parent
        return parent is not None and self.codes[parent].choose_one


def load_codebook(path: Path | str) -> Codebook:
    """Read codebook.yaml, or raise one FileError for all that is wrong in it."""
    return read_codebook(load(path))


def read_codebook(document: Document) -> Codebook:
    """Return the codebook that a document holds; the document stays at hand for `check_rules`."""
    fields = validate(document, CodebookFile)
    codes = {code_id: _code(code_id, entry) for code_id, entry in fields.codes.items()}
    codebook = Codebook(codes, _negation(fields.negation))
    refuse(document, [problem for code in codebook.codes.values() for problem in _problems(codebook, code)])
    return codebook


def codebook_revision(codebook: Codebook) -> str:
    """Return 12 hex digits that stand for everything the codebook says; comments and order do not count."""
    canonical = json.dumps(_content(codebook), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def code_entry(code: Code) -> dict[str, Any]:
    """Return what codebook.yaml says of a code, fields that say nothing left out: what `read_content` reads back."""
    said = {"name": code.name} | {field: getattr(code, field) for field in _COPIED}
    said["choose"] = "one" if code.choose_one else None
    said["rules"] = tuple(_rule_entry(rule) for rule in code.rules)
    filled = {field: said[field] for field in CodeFields.model_fields if said[field] not in (None, False, ())}
    return {field: list(map(_plain, value)) if isinstance(value, tuple) else value for field, value in filled.items()}


def codebook_content(codebook: Codebook) -> str:
    """Return a codebook as it is kept with its revision: JSON, what the file says of each code by its id."""
    return json.dumps(_content(codebook), ensure_ascii=False)


def read_content(content: str) -> Codebook:
    """Return the codebook that was kept with a revision."""
    entries = json.loads(content)
    negation = _negation(NegationFields.model_validate(entries.pop(ALL_CODES, {}).get("negation", {})))
    return Codebook({code_id: read_entry(code_id, entry) for code_id, entry in entries.items()}, negation)


def read_entry(code_id: str, entry: Mapping[str, Any]) -> Code:
    """Return the code of which `entry` is what codebook.yaml says; a pydantic ValidationError if it cannot be so."""
    return _code(code_id, CodeFields.model_validate(dict(entry)))


def looked_for(content: str) -> frozenset[str]:
    """Return the codes that coders were asked for under a revision, from what was kept with it."""
    entries = {code: entry for code, entry in json.loads(content).items() if code != ALL_CODES}
    gone = {code for code, entry in entries.items() if entry.get("status") == "retired"}
    gone |= {
        code
        for code, entry in entries.items()
        if entry.get("parent") in gone and entries[entry["parent"]].get("choose") == "one"
    }
    return frozenset(entries.keys() - gone)


def rule_set(codebook: Codebook) -> RuleSet:
    """Return the codebook's rules, ready to be matched.

    Raises:
        RuleError: one of them cannot be read.
    """
    return RuleSet(_rules(codebook), codebook.negation)


def check_rules(document: Document, codebook: Codebook) -> None:
    """Parse every rule and every word of negation; what is wrong with one is a problem at its line."""
    problems = [
        Problem(("codes", code, "rules", number), str(error), error.hint)
        for code, number, error in rule_problems(_rules(codebook))
    ]
    for kind, patterns in (("cues", codebook.negation.cues), ("breaks", codebook.negation.breaks)):
        for number, pattern in enumerate(patterns):
            try:
                phrases_of(pattern)
            except RuleError as error:
                problems.append(Problem(("negation", kind, number), str(error), error.hint))
    refuse(document, problems)


def add_code(
    path: Path | str,
    id_or_name: str,
    *,
    name: str | None = None,
    definition: str | None = None,
    terms: Sequence[str] = (),
    more: Mapping[str, str | None] = MappingProxyType({}),
) -> str:
    """Append a code to codebook.yaml, all other lines left as they are, and return its id.

    Args:
        path: the codebook.
        id_or_name: the id, or a name to make it from ("Title confusion" becomes title-confusion).
        name: how people read the code; without it, what was given.
        definition: what the code means; without it the code is a draft.
        terms: patterns that find it.
        more: other fields of text, such as include and parent.

    Raises:
        FileError: no id can be made, the code is there already or does not fit, or the file cannot be read or written.
    """
    document = load(path)
    codebook = read_codebook(document)
    code_id = code_id_of(id_or_name)
    if not code_id:
        hint = "add it under an id of a-z, 0-9, - and ., then give it the name: groundswell codebook rename"
        raise FileError(document.path, f'no id can be made from "{id_or_name}"', field="codes", hint=hint)
    if code_id in codebook.codes:
        raise FileError(
            document.path,
            f'the code "{code_id}" exists already',
            line=document.line("codes", code_id),
            field=f"codes.{code_id}",
            hint="change it there, or give another id",
        )
    fields = {
        "name": name or (readable_name(code_id) if id_or_name == code_id else id_or_name),
        "definition": definition,
        **more,
    }
    entry = {key: value.strip() for key, value in fields.items() if value} | ({"rules": list(terms)} if terms else {})
    changed = with_entry(document, "codes", code_id, entry)
    read_codebook(changed)
    save(changed)
    return code_id


def code_id_of(name: str) -> str:
    """Return the id that a name gives, empty if it has no letter or digit of the Latin alphabet."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9.]+", "-", plain).strip("-.")


def readable_name(code_id: str) -> str:
    """Return what an id without a name is called: `context.at-work` is "At work"."""
    words = code_id.rsplit(".", 1)[-1].replace("-", " ").strip() or code_id
    return words[:1].upper() + words[1:]


def statement_problem(statement: str) -> tuple[str, str] | None:
    """Return what is wrong with a statement that people support or dispute, and the remedy."""
    if statement.lower().startswith("that "):
        return 'begins with "that"', f"leave it out: {statement[5:]}"
    if statement.endswith(".") and not statement.endswith("..."):
        return "ends with a full stop", f"leave it out: {statement[:-1]}"
    word = _FREQUENCY.search(statement)
    if word:
        return f'says "{word.group()}"', "state the view itself; how many hold it comes from the counts"
    return None


def _code(code_id: str, fields: CodeFields) -> Code:
    return Code(
        id=code_id,
        name=fields.name or readable_name(code_id),
        choose_one=fields.choose == "one",
        rules=tuple(Rule(rule) if isinstance(rule, str) else Rule(rule.match, rule.stance) for rule in fields.rules),
        **{field: getattr(fields, field) for field in _COPIED},
    )


def _rules(codebook: Codebook) -> dict[str, tuple[Rule, ...]]:
    return {code.id: code.rules for code in codebook.codes.values() if code.rules}


def _negation(fields: NegationFields | None) -> Negation:
    given = fields.model_dump(exclude_none=True) if fields else {}
    return Negation(**given)


def _content(codebook: Codebook) -> dict[str, Any]:
    """What the file says of each code by its id, and, under the sign for all codes, what holds for all of them."""
    codes = {code.id: code_entry(code) for code in codebook.codes.values()}
    usual = Negation()
    names = [each.name for each in fields(usual)]
    own = {name: list(getattr(codebook.negation, name)) for name in names}
    other = {name: words for name, words in own.items() if words != list(getattr(usual, name))}
    return {ALL_CODES: {"negation": other}, **codes} if other else codes


def _plain(value: Any) -> Any:
    return value.model_dump(exclude_defaults=True) if isinstance(value, ExampleFields) else value


def _rule_entry(rule: Rule) -> Any:
    """A rule as it stands in the file: its pattern alone where nothing else is said."""
    said = {field.name: getattr(rule, field.name) for field in fields(rule)}
    entry = {"match": said.pop("pattern")} | {name: value for name, value in said.items() if value is not None}
    return entry if len(entry) > 1 else entry["match"]


def _problems(codebook: Codebook, code: Code) -> Iterator[Problem]:
    here = ("codes", code.id)
    yield from _id_problems(code.id, here)
    yield from _place_problems(codebook, code, here)
    yield from _stance_problems(codebook, code, here)
    yield from _status_problems(codebook, code, here)
    yield from _key_problems(codebook, code, here)
    if code.must_match and not code.rules:
        yield Problem((*here, "must_match"), "there are no rules that could match", "add `rules:`, or take it out")
    for kind, examples in (("must_match", code.must_match), ("must_not_match", code.must_not_match)):
        for number, example in enumerate(examples):
            if isinstance(example, ExampleFields) and not (example.title or example.text):
                yield Problem((*here, kind, number), "a post without words", "give it a `text` or a `title`")


def _id_problems(code_id: str, here: tuple[Key, ...]) -> Iterator[Problem]:
    if code_id == ALL_CODES:
        yield Problem(here, '"*" stands for all codes of a post', "give the code an id of its own")
    elif not CODE_ID.fullmatch(code_id):
        better = code_id_of(code_id)
        hint = f"write `{better}:` and put the wording in `name:`" if better else "begin with a letter or digit"
        yield Problem(here, "an id is made of a-z, 0-9, - and .", hint)


def _place_problems(codebook: Codebook, code: Code, here: tuple[Key, ...]) -> Iterator[Problem]:
    if code.parent is not None and code.parent not in codebook.codes:
        yield Problem((*here, "parent"), f'there is no code "{code.parent}"', suggest(code.parent, codebook.codes))
    elif code.id in _ancestors(codebook, code):
        yield Problem((*here, "parent"), "the code is above itself", "let one of the circle have no parent")
    if code.choose_one and not codebook.values_of(code.id):
        yield Problem((*here, "choose"), "an attribute without values", f"add codes with `parent: {code.id}`")
    namesake = _namesake(codebook.codes.values(), code)
    if namesake:
        yield Problem((*here, "name"), f'"{code.name}" is the name of {namesake} too', "give one of them another name")


def _stance_problems(codebook: Codebook, code: Code, here: tuple[Key, ...]) -> Iterator[Problem]:
    if code.stance and code.choose_one:
        yield Problem((*here, "stance"), "an attribute takes no stance", "take out `stance` or `choose`")
    parent = codebook.codes.get(code.parent or "")
    if code.stance and parent and parent.choose_one:
        yield Problem((*here, "stance"), "a value of an attribute takes no stance", "take it out, or make a code apart")
    if code.statement and not code.stance:
        yield Problem((*here, "statement"), "a statement without `stance: yes`", "add `stance: yes`, or take it out")
    wrong = statement_problem(code.statement) if code.statement else None
    if wrong:
        yield Problem((*here, "statement"), *wrong)
    for number, rule in enumerate(code.rules):
        if rule.stance and not code.stance:
            keys = (*here, "rules", number)
            yield Problem(keys, "a rule with a stance, for a code without", "add `stance: yes` to the code")


def _status_problems(codebook: Codebook, code: Code, here: tuple[Key, ...]) -> Iterator[Problem]:
    needs_none = code.choose_one or (code.parent in codebook.codes and codebook.is_value(code.id))
    if code.status == "active" and code.definition is None and not needs_none:
        hint = "say what it means: `definition: …`, or take `status` out; then it is a draft"
        yield Problem((*here, "status"), "active without a definition", hint)


def _key_problems(codebook: Codebook, code: Code, here: tuple[Key, ...]) -> Iterator[Problem]:
    if code.key is None:
        return
    if code.key in RESERVED_KEYS:
        hint = f"the screen needs {', '.join(sorted(RESERVED_KEYS))} for itself"
        yield Problem((*here, "key"), f'"{code.key}" is reserved', hint)
    for other in codebook.codes.values():
        if other.id == code.id:
            return
        if other.key == code.key and not (other.is_retired or code.is_retired):
            yield Problem((*here, "key"), f'"{code.key}" is the key of {other.id} too', "give one of them another key")


def _ancestors(codebook: Codebook, code: Code) -> set[str]:
    found: set[str] = set()
    parent = code.parent
    while parent in codebook.codes and parent not in found:
        found.add(parent)
        parent = codebook.codes[parent].parent
    return found


def _namesake(codes: Iterable[Code], code: Code) -> str | None:
    """Return the id of an earlier code beside this one that has its name."""
    for other in codes:
        if other.id == code.id:
            return None
        if other.parent == code.parent and other.name.casefold() == code.name.casefold():
            return other.id
    return None
