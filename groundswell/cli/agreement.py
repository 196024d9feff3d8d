"""Commands on the agreement of coders, and on what is decided where they differ."""

from collections import defaultdict
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundswell.cli.console import Form, form, next_step, open_study, show, show_json, show_rows, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coding.agreement import Figure
    from coding.rounds import CodeAgreement
    from groundswell.agreeing import AgreementReport, Difference

COLUMNS = (
    "coders", "code", "kind", "posts", "positives", "percent", "positive", "kappa", "alpha", "lower", "upper", "ac1", "exact",
    "half", "verdict", "remarks",
)  # fmt: skip
SHOWN = (
    "code",
    "kind",
    "posts",
    "positives",
    "percent",
    "positive",
    "kappa",
    "alpha",
    "lower",
    "upper",
    "ac1",
    "verdict",
)
BESIDE = ("code", "kind", "posts", "positives", "percent", "positive", "kappa", "alpha", "coders")
"""What is shown of a program beside a person, in a table that bears other coders than the first."""
_DIGITS = 3


class Reason(StrEnum):
    """Why coders differed."""

    AMBIGUOUS = "ambiguous"
    GUIDELINE_GAP = "guideline-gap"
    SLIP = "slip"


class Value(StrEnum):
    """What can be decided."""

    PRESENT = "present"
    ABSENT = "absent"
    UNSURE = "unsure"
    MISSING = "missing"


class StanceOf(StrEnum):
    """The side that a post takes."""

    SUPPORT = "support"
    DISPUTE = "dispute"
    MIXED = "mixed"


def agreement(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ROUND", help="The round.")],
    coder: Annotated[
        list[str] | None, typer.Option(help="Whose agreement, once for each; without it all coders of the round.")
    ] = None,
    earlier: Annotated[
        str | None,
        typer.Option(help="An earlier round of the same posts: how far one --coder agrees with what they said there."),
    ] = None,
    differences: Annotated[
        bool, typer.Option("--differences", help="List the posts on which coders of a closed round differ.")
    ] = False,
    methods: Annotated[bool, typer.Option("--methods", help="Print the paragraph for a paper.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Show the result as JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Show the result as CSV.")] = False,
) -> None:
    """Show how far the coders of a round agree, code by code."""
    from groundswell.agreeing import agreement as compute
    from groundswell.agreeing import differences as find_differences

    study, shape = open_study(context), form(as_json=as_json, as_csv=as_csv)
    if differences:
        rows = [_difference(one, shape) for one in find_differences(study, name)]
        show_rows(rows, ("post", "code", "said", "settled", "reason"), shape)
        return
    found = compute(study, name, coders=coder or (), earlier=earlier)
    if methods:
        show(found.methods)
        return
    _show(context, name, found, shape)
    if shape is Form.JSON:
        return
    if found.round.closed_at is None:
        next_step(context, f"groundswell code round close {name}")
    else:
        next_step(context, f"groundswell code agreement {name} --differences")


def _show(context: typer.Context, name: str, found: "AgreementReport", shape: Form) -> None:
    """Show the agreement of the coders with each other, and then of each program with each of them."""
    if shape is Form.JSON:
        show_json(
            {"round": name, "coders": list(found.coders), "posts": found.posts, "left_out": dict(found.left_out),
             "codes": [asdict(one) for one in found.codes], "programs": [asdict(one) for one in found.programs]}
        )  # fmt: skip
        return
    tables: list[tuple[tuple[str, ...], tuple[CodeAgreement, ...], tuple[str, ...]]]
    tables = [(found.coders, found.codes, SHOWN)]
    tables += [((one.person, one.program), one.codes, BESIDE) for one in found.programs]
    if shape is Form.CSV:
        show_rows((_row(coders, one) for coders, codes, _ in tables for one in codes), COLUMNS, shape)
        return
    for coders, codes, columns in tables:
        tell(context, f"coders, in the order of their positives: {', '.join(coders)}")
        rows = [_row(coders, one) for one in codes]
        counts = [", ".join(map(str, one.agreement.positives.values())) for one in codes]
        show_rows((row | {"positives": many} for row, many in zip(rows, counts, strict=True)), columns, shape)
        remarks = defaultdict(list)
        for row in rows:
            for remark in filter(None, (_segments(row), row["remarks"])):
                remarks[remark].append(f"{row['code']} ({row['kind']})")
        for remark, those in remarks.items():
            tell(context, f"{', '.join(those)}: {remark}")
    for reason, many in found.left_out.items():
        tell(context, f"codings that do not count, {reason}: {many:,}")
    for program, left_out in {one.program: one.left_out for one in found.programs}.items():
        for reason, many in left_out.items():
            tell(context, f"codings of {program} that do not count, {reason}: {many:,}")


def _row(coders: "Sequence[str]", one: "CodeAgreement") -> dict[str, Any]:
    found = one.agreement
    figures = {
        "percent": found.percent, "positive": found.positive, "kappa": found.kappa, "alpha": found.alpha,
        "ac1": found.ac1,
    }  # fmt: skip
    if one.segments is not None and one.segments.segments:
        figures |= {"exact": one.segments.exact, "half": one.segments.half}
    problems = [(name, figure.problem) for name, figure in figures.items()]
    if not found.alpha.problem:
        problems.append(("interval", found.interval.problem))
    if found.no_verdict != found.alpha.problem:
        problems.append(("verdict", found.no_verdict))
    remarks = defaultdict(list)
    for name, problem in problems:
        if problem:
            remarks[problem].append(name)
    return {
        "coders": ", ".join(coders),
        "code": one.code,
        "kind": one.kind,
        "posts": found.units,
        "positives": ", ".join(f"{coder} {many}" for coder, many in found.positives.items()),
        **{name: _rounded(figure) for name, figure in figures.items()},
        "lower": _digits(found.interval.lower),
        "upper": _digits(found.interval.upper),
        "verdict": found.verdict,
        "remarks": "; ".join(f"{', '.join(names)} {problem}" for problem, names in remarks.items()),
    }


def _segments(row: dict[str, Any]) -> str | None:
    return f"segments: {row['exact']:g} exactly alike, {row['half']:g} at least by half" if "exact" in row else None


def _rounded(figure: "Figure") -> float | None:
    return _digits(figure.value)


def _digits(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


def _difference(one: "Difference", shape: Form) -> dict[str, Any]:
    found = one.found
    in_words = ", ".join(f"{coder}: {what}" for coder, what in found.said.items())
    said = dict(found.said) if shape is Form.JSON else in_words
    return {
        "post": one.address, "code": found.code, "said": said, "settled": found.settled, "reason": found.reason
    }  # fmt: skip


def adjudicate(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ROUND", help="The round, which is closed.")],
    post: Annotated[str, typer.Argument(help="The post's address.")],
    code: Annotated[str, typer.Argument(help="The code on which the coders differ.")],
    value: Annotated[Value, typer.Argument(help="What holds.")],
    by: Annotated[str, typer.Option(help="Who decides.")],
    reason: Annotated[Reason, typer.Option(help="Why the coders differed.")],
    stance: Annotated[StanceOf | None, typer.Option(help="The stance of a present code.")] = None,
    note: Annotated[str | None, typer.Option(help="A sentence on why.")] = None,
) -> None:
    """Decide where coders differ; the decision holds, and what they said stays in the log."""
    from groundswell.agreeing import adjudicate as decide

    decide(
        open_study(context), name, post, code, value.value, reason=reason.value.replace("-", " "), by=by,
        stance=stance and stance.value, note=note,
    )  # fmt: skip
    show(f"{post}: {code} is {value.value}{f' {stance.value}' if stance else ''}")
    next_step(context, f"groundswell code agreement {name} --differences")
