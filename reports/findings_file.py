"""The form of findings.yaml: what may be written, field by field."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from coding.codebook import YesNo
from db.yaml_files import FileModel, Text
from reports.output import OutputFields

Kind = Literal["consensus", "shares", "ranking", "pairs", "examples", "gap", "compare", "takeaway"]
Component = Literal["methods", "coherence", "adequacy", "relevance"]
COMPONENTS: tuple[Component, ...] = ("methods", "coherence", "adequacy", "relevance")
NO_REFERENCE = "none"
"""Written for `reference:` where there is no outside figure, which the report then says."""
ANY_VERDICT = "any"
"""The key of a `say:` that is one text for whatever the claim comes to."""


def _one_is_a_list(written: Any) -> Any:
    return (written,) if isinstance(written, str) else written


def _one_is_for_all(written: Any) -> Any:
    return {ANY_VERDICT: written} if isinstance(written, str) else written


OneOrMore = Annotated[
    tuple[Text, ...],
    BeforeValidator(_one_is_a_list),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Sayings = Annotated[
    dict[str, Text],
    BeforeValidator(_one_is_for_all),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]}),
]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, le=100_000)]
AboveNought = Annotated[float, Field(ge=0.01, le=1)]
"""A share or width that somebody can fall below."""
HalfOrMore = Annotated[float, Field(ge=0.5, le=1)]
HalfOrLess = Annotated[float, Field(ge=0, le=0.5)]
"""Where a word begins may be moved, but "broad agreement" and "often" never say less than half, nor "rarely" more."""


class PairFields(FileModel):
    """What may be written for a pair: what is assumed or expected, and what people report."""

    assumed: Text | None = None
    expected: Text | None = None
    got: Text
    code: Text
    against: Text | None = None
    often: YesNo = False
    rarely: YesNo = False


class TrendFields(FileModel):
    """What may be written for a trend."""

    period: Text


class DenominatorFields(FileModel):
    """What may be written for whom a claim counts."""

    has: Text


class ConcernFields(FileModel):
    """A concern as a person sees it."""

    level: Literal["none", "minor", "moderate", "serious"]
    reason: Text


class ConfidenceFields(FileModel):
    """How far a person trusts a claim."""

    level: Literal["high", "moderate", "low", "very low"]
    reason: Text


class ClaimFields(FileModel):
    """What may be written for a claim."""

    id: Text
    kind: Kind
    code: Text | None = None
    codes: tuple[Text, ...] = ()
    attribute: Text | None = None
    pairs: tuple[PairFields, ...] = ()
    match: tuple[Text, ...] = ()
    code_prefix: Text | None = None
    min_authors: Annotated[int, Field(ge=1)] = 2
    max: Annotated[int, Field(ge=1)] | None = None
    of: dict[str, Text] = Field(default_factory=dict)
    against: Text | None = None
    a: Text | None = None
    b: Text | None = None
    rests_on: tuple[Text, ...] = ()
    statement: Text | None = None
    say: Sayings = Field(default_factory=dict)
    often: YesNo = False
    rarely: YesNo = False
    rank: YesNo = False
    filter: dict[str, Text] = Field(default_factory=dict)
    denominator: DenominatorFields | None = None
    headline: YesNo = False
    published: dict[str, Share] = Field(default_factory=dict)
    reference: OneOrMore = ()
    also: OneOrMore = ()
    construct_: Annotated[Literal["same", "differs"], Field(alias="construct")] = "same"
    dimension: Text | None = None
    trend: TrendFields | None = None
    concerns: dict[Component, ConcernFields] = Field(default_factory=dict)
    confidence: ConfidenceFields | None = None


class SectionFields(FileModel):
    """What may be written for a section."""

    id: Text
    title: Text
    link: Text | None = None
    bases: Literal["differ"] | None = None
    claims: tuple[ClaimFields, ...] = ()


class ThresholdFields(FileModel):
    """The limits that may be declared."""

    people: Count | None = None
    threads: Count | None = None
    effective_threads: Annotated[float, Field(ge=0, le=10_000)] | None = None
    thread_share: AboveNought | None = None
    consensus_share: HalfOrMore | None = None
    consensus_lower: HalfOrMore | None = None
    rest_people: Count | None = None
    rest_share: Share | None = None
    community_people: Count | None = None
    community_share: Share | None = None
    divided_p: Share | None = None
    contested_width: AboveNought | None = None
    trend_threads: Count | None = None
    order_people: Count | None = None
    q: Share | None = None
    often_lower: HalfOrMore | None = None
    rarely_upper: HalfOrLess | None = None


class FindingsFile(FileModel):
    """findings.yaml as a whole."""

    version: Literal[1] = 1
    title: Text | None = None
    references: OneOrMore = ()
    thresholds: ThresholdFields = Field(default_factory=ThresholdFields)
    output: OutputFields = Field(default_factory=OutputFields)
    sections: tuple[SectionFields, ...] = ()
