"""Commands that code by rule."""

from typing import Annotated

import typer

from groundswell.cli.console import form, next_step, open_study, show, show_rows, tell

app = typer.Typer(no_args_is_help=True, help="Code posts by the codebook's rules, and test the rules.")


@app.command()
def apply(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Show the result as JSON.")] = False,
) -> None:
    """Apply all rules to all public posts; only what changed is written."""
    from groundswell.coding_work import apply as apply_to

    done = apply_to(open_study(context))
    rows = [{"code": code, "posts": posts} for code, posts in sorted(done.posts_by_code.items())]
    show_rows(rows, ("code", "posts"), form(as_json=as_json))
    tell(context, f"{done.posts:,} posts looked at: {done.new:,} codings written, {done.undone:,} undone")
    next_step(context, "groundswell report build", "groundswell status")


@app.command()
def test(context: typer.Context) -> None:
    """Try the must-match and must-not-match examples of the codebook; exit 6 when one fails."""
    from db.errors import CheckFailed
    from groundswell.coding_work import try_examples

    tried, failed = try_examples(open_study(context))
    for one in failed:
        wrong = f"matched by {one.matched_by!r}" if one.matched_by else "matched by no rule"
        show(f"{one.code}: {'must' if one.should_match else 'must not'} match, {wrong}: {one.text}")
    if failed:
        raise CheckFailed(f"{len(failed)} of {tried} examples fail")
    show(f"{tried} examples hold")
