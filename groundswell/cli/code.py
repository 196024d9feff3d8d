"""Commands that code by rule."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundswell.cli.console import form, next_step, open_study, show, show_json, show_rows, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coding.previews import Candidates, Precision, Preview, Shown

app = typer.Typer(no_args_is_help=True, help="Code posts by the codebook's rules, and test the rules.")


@app.command()
def apply(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Show the result as JSON.")] = False,
) -> None:
    """Apply all rules to all public posts; only what changed is written."""
    from groundswell.coding_work import apply as apply_to

    done = apply_to(open_study(context))
    negated = done.negated_by_code
    rows = [
        {"code": code, "posts": done.posts_by_code[code], "negated": negated[code]}
        for code in sorted(done.posts_by_code.keys() | negated.keys())
    ]
    show_rows(rows, ("code", "posts", "negated") if negated else ("code", "posts"), form(as_json=as_json))
    tell(context, f"{done.posts:,} posts looked at: {done.new:,} codings written, {done.undone:,} undone")
    next_step(context, "groundswell report build", "groundswell review", "groundswell status")


@app.command()
def test(context: typer.Context) -> None:
    """Try the must-match and must-not-match examples of the codebook; exit 6 when one fails."""
    from db.errors import CheckFailed
    from groundswell.coding_work import try_examples

    tried, failed = try_examples(open_study(context))
    for one in failed:
        wrong = f"matched by {one.found_by!r}" if one.found_by else "matched by no rule"
        show(f"{one.code}: {'must' if one.should else 'must not'} match, {wrong}: {one.text}")
    if failed:
        raise CheckFailed(f"{len(failed)} of {tried} examples fail")
    show(f"{tried} examples hold")


@app.command()
def preview(
    context: typer.Context,
    code: Annotated[str | None, typer.Argument(help="The code whose rules are tried.")] = None,
    rule: Annotated[list[str] | None, typer.Option(help="A pattern to try beside them; may be repeated.")] = None,
    size: Annotated[int, typer.Option("--show", min=0, help="How many posts to show of each kind.")] = 20,
    seed: Annotated[int, typer.Option(help="Another number shows other posts.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Show the result as JSON.")] = False,
) -> None:
    """Show what rules would find, and what they nearly find; nothing is written."""
    from groundswell.previewing import preview as preview_of

    def say(candidates: "Sequence[Candidates]") -> None:
        for one in candidates:
            tell(context, _at_once(one))

    live = say if sys.stderr.isatty() else None
    made = preview_of(open_study(context), code, rule or (), size=size, seed=seed, tell_candidates=live)
    if as_json:
        show_json(_as_json(made))
        return
    show(
        f"{made.found:,} of {made.posts:,} posts, {made.hits:,} hits{_fields(made)}; negated in {made.negated:,} posts"
    )
    if made.precision is not None:
        show(_precision(made.precision))
    rows = [
        {"posts": one.posts, "alone": one.alone, "negated": one.negated, "rule": one.rule.pattern} for one in made.rules
    ]
    show("")
    show_rows(rows, ("posts", "alone", "negated", "rule"), form())
    for title, shown, count in (
        ("found", made.shown, made.found),
        ("negated", made.shown_negated, made.negated),
        ("nearly found", made.shown_nearly, made.nearly),
    ):
        if shown:
            show(f"\n{title}, {len(shown)} of {_posts(count)}:")
        for one in shown:
            show(f"{one.address}  {_line(one)}")


def _at_once(one: "Candidates") -> str:
    """What the index says of a rule, before its posts are looked at."""
    if one.exact:
        return f"{one.pattern}: {_posts(one.posts)}"
    if one.limits is None:
        return f"{one.pattern}: no post could match"
    share, (lower, upper) = one.matching / one.looked_at, one.limits
    return (
        f"{one.pattern}: {_posts(one.posts)} could match; of {one.looked_at:,} of them {share:.0%} do"
        f" ({lower:.0%} to {upper:.0%}); counting"
    )


def _posts(count: int) -> str:
    return f"{count:,} post{'' if count == 1 else 's'}"


def _fields(made: "Preview") -> str:
    names = {"title": "in the title", "text": "in the text", "post": "by what is answered"}
    counts = [f"{made.fields[field]:,} {name}" for field, name in names.items() if made.fields[field]]
    return f" ({', '.join(counts)})" if len(counts) > 1 else ""


def _precision(precision: "Precision") -> str:
    missed = f"people found it in {_posts(precision.missed)} without a hit"
    if precision.limits is None:
        return f"precision: none of the posts with a hit has been decided; {missed}"
    share, (lower, upper) = precision.present / precision.read, precision.limits
    return (
        f"precision: {share:.0%} ({lower:.0%} to {upper:.0%}), {precision.present:,} of {_posts(precision.read)} with a hit"
        f" that people decided; {missed}"
    )


def _line(shown: "Shown") -> str:
    """The words around the first hit: those of the text, else those of the title."""
    from coding.previews import excerpt

    for field, text in (("text", shown.text), ("title", shown.title)):
        segments = [(hit.start, hit.end) for hit in shown.hits if hit.field == field]
        if text and segments:
            return f"title: {excerpt(text, segments)}" if field == "title" else excerpt(text, segments)
    return f"answers: {excerpt(shown.text or shown.title or '', [])}"


def _as_json(made: "Preview") -> dict[str, Any]:
    precision = made.precision
    return {
        "posts": made.posts, "found": made.found, "hits": made.hits, "fields": dict(sorted(made.fields.items())),
        "negated": made.negated, "nearly": made.nearly,
        "precision": precision and {
            "present": precision.present, "read": precision.read, "limits": precision.limits, "missed": precision.missed
        },
        "rules": [
            {"match": one.rule.pattern, "stance": one.rule.stance, "posts": one.posts, "alone": one.alone,
             "negated": one.negated}
            for one in made.rules
        ],
        "shown": list(map(_shown_as_json, made.shown)),
        "shown_negated": list(map(_shown_as_json, made.shown_negated)),
        "shown_nearly": list(map(_shown_as_json, made.shown_nearly)),
    }  # fmt: skip


def _shown_as_json(shown: "Shown") -> dict[str, Any]:
    hits = [{"field": hit.field, "start": hit.start, "end": hit.end, "rule": hit.pattern} for hit in shown.hits]
    return {"post": shown.address, "title": shown.title, "text": shown.text, "hits": hits}
