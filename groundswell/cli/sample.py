"""Commands that draw posts or authors for people to read."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundswell.cli.console import Form, form, next_step, open_study, show, show_json, show_rows, tell

if TYPE_CHECKING:
    from groundswell.sampling import CodeShare, SampleState

app = typer.Typer(no_args_is_help=True, help="Draw posts or authors for people to read, with known probabilities.")


class Purpose(StrEnum):
    """What a sample is for."""

    TRAINING = "training"
    RELIABILITY = "reliability"
    MAIN = "main"
    AUDIT = "audit"


class UnitOf(StrEnum):
    """What is drawn."""

    POST = "post"
    AUTHOR = "author"


AsJson = Annotated[bool, typer.Option("--json", help="Show the result as JSON.")]


@app.command()
def draw(
    context: typer.Context,
    purpose: Annotated[Purpose, typer.Argument(help="What the codings will serve.")],
    unit: Annotated[
        UnitOf | None, typer.Option(help="What is drawn; without it authors for an audit, else posts.")
    ] = None,
    code: Annotated[
        list[str] | None,
        typer.Option(
            help="A code by whose machine codings strata are made; for an audit without it, the headline claims'."
        ),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many to expect in a stratum, or in all without codes; without it 75 authors, 100 posts, 200 in all.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What the sample is called; without it the purpose and a number.")
    ] = None,
    top_up: Annotated[
        bool, typer.Option("--top-up", help="Draw once more for the sample, only from what is new since.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be drawn, and store nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Draw a sample by keyed hashes; the same study draws the same."""
    from dataclasses import asdict

    from groundswell.sampling import draw_sample

    done = draw_sample(
        open_study(context), purpose.value, unit=unit and unit.value, codes=code or (), size=size, name=name,
        top_up=top_up, dry_run=dry_run,
    )  # fmt: skip
    if form(as_json=as_json) is Form.JSON:
        show_json(asdict(done))
    else:
        would = "would be drawn" if dry_run else "drawn"
        show(f"{done.sample}: {done.drawn:,} of {done.new:,} new {done.unit}s {would}, {done.frame:,} there are")
    if done.invented_left_out:
        tell(context, "invented posts were left out, since the study holds real ones")
    _tell_taught(context, done.taught)
    next_step(context, "groundswell code round list" if top_up else f"groundswell code round start {done.sample}")


@app.command(name="list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List the samples of the study."""
    from groundswell.sampling import list_samples

    columns = ("sample", "purpose", "unit", "drawn", "lost", "waiting", "posts", "rounds")
    rows = [_state(one) for one in list_samples(open_study(context))]
    if form(as_json=as_json) is Form.TABLE:
        rows = [row | {"rounds": ", ".join(row["rounds"])} for row in rows]
    show_rows(rows, columns, form(as_json=as_json))


def _state(state: "SampleState") -> dict[str, Any]:
    sample = state.sample
    return {
        "sample": sample.id, "purpose": sample.purpose, "unit": sample.unit, "drawn": state.drawn, "lost": state.lost,
        "waiting": state.waiting, "posts": state.posts, "rounds": list(state.rounds), "created_at": sample.created_at,
    }  # fmt: skip


@app.command(name="show")
def show_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="SAMPLE", help="The sample.")],
    as_json: AsJson = False,
) -> None:
    """Show what became of a sample's units: drawn, and lost to deletion (non-response)."""
    from dataclasses import asdict

    from groundswell.sampling import sample_state

    state = sample_state(open_study(context), name)
    strata = [asdict(one) for one in state.strata]
    if form(as_json=as_json) is Form.JSON:
        show_json(_state(state) | {"strata": strata})
        return
    show_rows(strata, ("code", "stratum", "frame", "drawn", "lost"), Form.TABLE)
    tell(context, f"{state.drawn:,} drawn, {state.lost:,} lost, {state.posts:,} posts to read")
    if state.waiting:
        tell(context, f"{state.waiting:,} {state.sample.unit}s came since; --top-up considers them")


@app.command()
def shares(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="SAMPLE", help="An audit of posts.")],
    as_json: AsJson = False,
) -> None:
    """Estimate shares of posts, and how precise and complete the machine codings are."""
    from coding.shares import RAW_LABEL
    from groundswell.sampling import post_shares

    found = post_shares(open_study(context), name)
    rows = [_share(one) for one in found.codes]
    if form(as_json=as_json) is Form.JSON:
        show_json(
            {"sample": found.sample, "unit": "posts", "lost": found.lost, "waiting": found.waiting,
             "left_out": dict(found.left_out), "taught": list(found.taught), "codes": rows}
        )  # fmt: skip
        return
    for row in rows:
        show(f"{row['code']}: {row['decided']:,} of {row['drawn']:,} drawn posts decided")
        show(f"  {RAW_LABEL}: {row['raw']['hits']:,} of {row['raw']['posts']:,} posts")
        for title, key in (
            ("share of posts", "share"),
            ("sample alone", "human"),
            ("precision", "precision"),
            ("recall", "recall"),
        ):
            show(f"  {title}: {_in_words(row[key])}")
        for machine in row["by_machine"]:
            show(f"  precision of {machine['kind']}: {_in_words(machine['precision'])}")
        for coder, share in row["by_coder"].items():
            show(f"  share by {coder} alone: {_in_words(share)}")
    for reason, many in found.left_out.items():
        tell(context, f"codings that do not count, {reason}: {many:,}")
    _tell_taught(context, found.taught)
    tell(context, f"{found.lost:,} drawn posts are gone (non-response)")
    if found.waiting:
        tell(context, f"{found.waiting:,} posts came since the last draw and are in no figure; --top-up considers them")


def _tell_taught(context: typer.Context, codes: tuple[str, ...]) -> None:
    if codes:
        what = f"models that learned from drawn posts: {', '.join(codes)}"
        tell(context, f"{what}; they look more precise than they are until they are trained again")


def _share(one: "CodeShare") -> dict[str, Any]:
    from dataclasses import asdict

    from coding.shares import RAW_LABEL

    found = one.found
    return {
        "code": one.code,
        "drawn": found.drawn,
        "decided": found.drawn - found.undecided,
        "raw": {"label": RAW_LABEL, "hits": found.machine, "posts": found.posts},
        "share": asdict(found.estimate),
        "human": asdict(found.human),
        "precision": asdict(found.precision),
        "recall": asdict(found.recall),
        "by_machine": [asdict(machine) for machine in one.by_machine],
        "by_coder": {coder: asdict(share) for coder, share in one.by_coder.items()},
    }


def _in_words(share: dict[str, Any]) -> str:
    basis = f"{share['positives']:,} of {share['n']:,} decided posts"
    if share["estimate"] is not None:
        return f"{share['estimate']:.1%} ({share['lower']:.1%} to {share['upper']:.1%}); {basis}"
    if share["upper"] is not None:
        return f"at most {share['upper']:.1%}; {basis}; {share['problem']}"
    return f"no estimate: {share['problem']}"


@app.command()
def plan(
    context: typer.Context,
    share: Annotated[float, typer.Option(min=0, max=1, help="The share that you expect, such as 0.1.")],
    width: Annotated[float, typer.Option(help="How wide the 95 % interval may be, such as 0.07.")],
    as_json: AsJson = False,
) -> None:
    """Say how many posts must be coded for an interval of a wanted width."""
    from coding.shares import codings_needed
    from reports.needs import need_for_unchecked

    try:
        posts = codings_needed(share, width)
    except ValueError as error:
        raise typer.BadParameter(str(error), ctx=context) from error
    minutes = need_for_unchecked(posts).minutes
    if form(as_json=as_json) is Form.JSON:
        show_json({"share": share, "width": width, "posts": posts, "minutes": minutes})
        return
    show(f"{posts:,} posts drawn without strata, about {minutes:,} minutes")
