"""Commands for coders elsewhere: what goes out to them, and what they send back."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from groundswell.cli.console import Form, complain_about, form, next_step, open_study, show, show_json, show_rows, tell

_TO = "to"


class _Coders(TyperGroup):
    """A group in which a word that is no command is the name of a coder: `share ben` is `share to ben`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Give what follows `share` to the command that it names, or to `to`."""
        return super().resolve_command(ctx, args if args[0] in self.commands else [_TO, *args])


app = typer.Typer(
    cls=_Coders,
    no_args_is_help=True,
    help="Send a coder elsewhere what to read, as a small study: `share CODER --sample ID`. The word `to` may be left out.",
)
AsJson = Annotated[bool, typer.Option("--json", help="Show the result as JSON.")]


@app.command(name=_TO)
def to(
    context: typer.Context,
    coder: Annotated[str, typer.Argument(help="Who is to read.")],
    sample: Annotated[str | None, typer.Option(help="The sample that is read.")] = None,
    round_: Annotated[
        str | None,
        typer.Option(
            "--round", metavar="ROUND", help="The round; without it the coder's one open round of the sample."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The zip; without it one named after round and coder, here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a packet: what a coder has still to read, with the codebook, and nothing of other coders, machines and authors."""
    from groundswell.sharing import share
    from reports.words import counted

    made = share(open_study(context), coder, sample=sample, round_name=round_, out=out)
    if form(as_json=as_json) is Form.JSON:
        show_json(
            {"packet": made.packet.id, "file": str(made.path), "coder": coder, "sample": made.packet.sample,
             "round": made.packet.round, "posts": len(made.packet.posts), "around": made.around,
             "blind": made.packet.blind}
        )  # fmt: skip
    else:
        how = "blind" if made.packet.blind else "not blind"
        around = f" and {counted(made.around, 'post')} around them" if made.around else ""
        show(f"{made.path}: {counted(len(made.packet.posts), 'post')} for {coder} to read{around}, {how}")
    tell(context, "it holds texts of people; send it to nobody else")
    next_step(context, "groundswell import codings FILE   (with what comes back)")


@app.command(name="open")
def open_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A packet that somebody sent you.")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder; without it one named after the file, beside it.")
    ] = None,
) -> None:
    """Unpack a packet that was sent to you."""
    from groundswell.sharing import open_packet
    from reports.words import counted

    folder, packet = open_packet(file, out)
    show(f"{folder}: {counted(len(packet.posts), 'post')} for {packet.coder} to read")
    next_step(context, f"groundswell -C {folder} review", f"groundswell -C {folder} share return")


@app.command(name="return")
def return_(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file; without it one in the packet's folder.")
    ] = None,
) -> None:
    """Write what you coded in a packet into one file to send back; do it again when you coded more."""
    from groundswell.sharing import give_back
    from reports.words import counted

    done = give_back(open_study(context), out)
    complain_about([f"will be refused: {problem}" for problem in done.problems])
    memos = f", {counted(done.memos, 'memo')}" if done.memos else ""
    show(
        f"{done.path}: {counted(done.codings, 'coding')}{memos}; {done.read:,} of {len(done.packet.posts):,} posts read"
    )
    next_step(context, f"send {done.path} back to whoever sent you the packet")


@app.command(name="list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List the packets that went out, and which of them came back."""
    from groundswell.sharing import list_packets

    rows = [asdict(one) for one in list_packets(open_study(context))]
    columns = ("id", "coder", "sample", "round", "posts", "made_at", "returned_at")
    show_rows(rows, columns, form(as_json=as_json))
