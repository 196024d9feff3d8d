"""The findings to compute: the claims of findings.yaml, checked against the codebook.

A study without findings.yaml gets `default_definition`: one claim a code.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from coding.codebook import Code, Codebook
from db.yaml_files import Problem, load, refuse, validate
from reports.code_names import codes_of, counted_by, full_id, full_value
from reports.definition_problems import all_problems
from reports.findings_file import NO_REFERENCE, ClaimFields, FindingsFile, Kind, PairFields, SectionFields
from reports.frequency import FrequencyWord, frequency_words
from reports.output import OutputFields
from reports.references import Reference, ReferenceFile, read_references
from reports.verdicts import DECLARED, Thresholds

__all__ = [
    "Claim",
    "ClaimFields",
    "Concern",
    "Definition",
    "FindingsFile",
    "Kind",
    "Pair",
    "Section",
    "default_definition",
    "load_definition",
]
BESIDE, ALSO = "beside", "also"


@dataclass(frozen=True, slots=True)
class Pair:
    """What is assumed or expected of something, and what people report.

    Attributes:
        belief: assumed or expected.
        before: what is.
        got: what people report instead.
        code: shows what they report.
        against: shows what was assumed; None where only the report is counted.
        frequency: the word of frequency in `got` that the figures have to carry.
    """

    belief: str
    before: str
    got: str
    code: str
    against: str | None = None
    frequency: FrequencyWord | None = None


@dataclass(frozen=True, slots=True)
class Concern:
    """What a person holds of one component of a claim, or of all."""

    level: str
    reason: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing to compute.

    Attributes:
        kind: consensus (who supports a statement), shares (of authors, over values or codes), ranking (of codes), pairs
            (what is assumed and what people report), examples (codes that several people show), gap (a discussion share
            beside an outside figure), compare (two codes), takeaway (what other claims come to).
        code, codes, attribute: what is counted; exactly one of them is set, none for a takeaway.
        statement: the statement that people support or dispute, from here or from the codebook; else a free label.
        label: the statement, or the names of what is counted.
        has_sides: whether the code of a gap is coded with stance, so that sides are counted.
        filter: the full id of the value that a post's author must have, by attribute.
        scope_code: the code that an author must show in a thread for what they wrote there to count.
        published: figures from elsewhere to show beside, by full code id.
        pairs: the pairs of a claim of that kind.
        ranked: whether the order of the codes is tested.
        min_authors: how many authors an example needs not to be called a single account.
        max_shown: how many examples are shown at most.
        references: keys of outside figures, each with `beside` or `also`.
        construct_differs: whether the outside figure is known to count something else.
        dimension: what a row of a table of gaps is called.
        trend: the period by which the claim is counted again.
        frequency: the word of frequency in the statement that the figures have to carry.
        rests_on: the claims that a takeaway rests on.
        say: sentences of the study's own, by verdict.
        concerns: what a person holds of each component.
        confidence: how far a person trusts the claim.
    """

    id: str
    kind: Kind
    label: str
    code: str | None = None
    codes: tuple[str, ...] = ()
    attribute: str | None = None
    statement: str | None = None
    has_sides: bool = False
    filter: dict[str, str] = field(default_factory=dict)
    scope_code: str | None = None
    headline: bool = False
    published: dict[str, float] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()
    ranked: bool = False
    min_authors: int = 1
    max_shown: int | None = None
    references: tuple[tuple[str, str], ...] = ()
    construct_differs: bool = False
    dimension: str | None = None
    trend: str | None = None
    frequency: FrequencyWord | None = None
    rests_on: tuple[str, ...] = ()
    say: dict[str, str] = field(default_factory=dict)
    concerns: dict[str, Concern] = field(default_factory=dict)
    confidence: Concern | None = None

    @property
    def is_stance(self) -> bool:
        """Whether people's sides are counted, and not who shows a code."""
        return self.kind == "consensus" or self.has_sides

    @property
    def named_codes(self) -> frozenset[str]:
        """Every code that it names, in whatever part."""
        named = (self.code, self.attribute, self.scope_code, *self.codes, *self.filter.values(), *self.published)
        pairs = (code for pair in self.pairs for code in (pair.code, pair.against))
        return frozenset(code for code in (*named, *pairs) if code)

    @property
    def counts_pairs(self) -> bool:
        """Whether authors are counted who show one of two codes without the other."""
        return self.ranked or bool(self.pairs)


@dataclass(frozen=True, slots=True)
class Section:
    """Claims under one heading.

    Attributes:
        link: where the section is, if it stands in another document.
        bases_differ: whether its author knows that its outside figures have different bases.
    """

    id: str
    title: str
    claims: tuple[Claim, ...] = ()
    link: str | None = None
    bases_differ: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """All that a report has to compute, in the order of the file.

    Attributes:
        thresholds: the limits of the verdict rule.
        declared: the names of those that the file changes.
        reference_files: the outside figures.
        output: how Markdown is written; nothing that is computed depends on it.
    """

    title: str | None
    sections: tuple[Section, ...] = ()
    thresholds: Thresholds = DECLARED
    declared: tuple[str, ...] = ()
    reference_files: tuple[ReferenceFile, ...] = ()
    output: OutputFields = field(default_factory=OutputFields)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """All claims, in the order of the file."""
        return tuple(claim for section in self.sections for claim in section.claims)

    @property
    def references(self) -> dict[str, Reference]:
        """The outside figures, by key."""
        return {one.key: one for file in self.reference_files for one in file.references}


def load_definition(path: Path | str, codebook: Codebook) -> Definition:
    """Read findings.yaml and the files of references that it names, or raise one FileError for all that is wrong in it."""
    document = load(path)
    fields = validate(document, FindingsFile)
    files = tuple(read_references(Path(path).parent, name) for name in fields.references)
    known = {one.key: one for file in files for one in file.references}
    refuse(document, [*_repeated_references(files), *all_problems(fields, codebook, known)])
    declared = {name: value for name, value in fields.thresholds.model_dump().items() if value is not None}
    return Definition(
        fields.title,
        tuple(_section(section, codebook) for section in fields.sections),
        replace(DECLARED, **declared),
        tuple(name for name, value in sorted(declared.items()) if value != getattr(DECLARED, name)),
        files,
        fields.output,
    )


def _repeated_references(files: Sequence[ReferenceFile]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for number, file in enumerate(files):
        for one in file.references:
            if one.key in seen:
                yield Problem(
                    ("references", number),
                    f'"{one.key}" is in {seen[one.key]} and in {file.name}',
                    "give each figure a key of its own",
                )
            seen[one.key] = file.name


def _section(section: SectionFields, codebook: Codebook) -> Section:
    claims = tuple(_claim(claim, codebook) for claim in section.claims)
    return Section(section.id, section.title, claims, section.link, section.bases == "differ")


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
    code = codebook.codes.get(fields.code or "")
    has_sides = fields.kind == "gap" and fields.against is None and code is not None and code.stance
    takes_from_code = code is not None and (has_sides or fields.kind == "consensus")
    statement = fields.statement or (code.statement if code and takes_from_code else None)
    codes = codes_of(fields, codebook)
    chosen = {**fields.filter, **fields.of}
    return Claim(
        id=fields.id,
        kind=fields.kind,
        label=statement or _names(fields, codes, codebook),
        code=None if codes else fields.code,
        codes=codes,
        attribute=fields.attribute,
        statement=statement,
        has_sides=has_sides,
        filter={name: full_value(codebook, name, value) or value for name, value in chosen.items()},
        scope_code=fields.denominator.has if fields.denominator else None,
        headline=fields.headline,
        published=_published(fields, codebook),
        pairs=tuple(_pair(pair) for pair in fields.pairs),
        ranked=fields.kind in ("ranking", "compare") or fields.rank or (fields.kind == "gap" and bool(codes)),
        min_authors=fields.min_authors if fields.kind == "examples" else 1,
        max_shown=fields.max,
        references=(
            *((key, BESIDE) for key in fields.reference if key != NO_REFERENCE),
            *((key, ALSO) for key in fields.also),
        ),
        construct_differs=fields.construct_ == "differs",
        dimension=fields.dimension,
        trend=fields.trend.period if fields.trend else None,
        frequency=next(iter(frequency_words(fields.statement or "")), None),
        rests_on=fields.rests_on,
        say=dict(fields.say),
        concerns={name: Concern(one.level, one.reason) for name, one in fields.concerns.items()},
        confidence=Concern(fields.confidence.level, fields.confidence.reason) if fields.confidence else None,
    )


def _published(fields: ClaimFields, codebook: Codebook) -> dict[str, float]:
    counted = counted_by(fields, codebook)
    return {full_id(key, counted) or key: share for key, share in fields.published.items()}


def _pair(fields: PairFields) -> Pair:
    return Pair(
        belief="assumed" if fields.assumed else "expected",
        before=fields.assumed or fields.expected or "",
        got=fields.got,
        code=fields.code,
        against=fields.against,
        frequency=next(iter(frequency_words(fields.got)), None),
    )


def _names(fields: ClaimFields, codes: Sequence[str], codebook: Codebook) -> str:
    if fields.code and not codes:
        return f"the share of authors who mention {codebook.codes[fields.code].name}"
    if fields.attribute:
        return codebook.codes[fields.attribute].name
    return ", ".join(codebook.codes[code].name for code in codes)
