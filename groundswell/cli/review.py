"""The command that opens the review app."""

import sys
import threading
from typing import Annotated

import typer

from groundswell.cli.console import complain, next_step, open_study, show, tell


def review(
    context: typer.Context,
    claim: Annotated[str | None, typer.Option(help="Read the posts that can change this claim, and no others.")] = None,
    sample: Annotated[str | None, typer.Option(help="Read this sample.")] = None,
    coder: Annotated[
        list[str] | None,
        typer.Option(help="Who codes, once for each person; without it the coders of study.yaml."),
    ] = None,
    blind: Annotated[
        bool, typer.Option("--blind", help="Show no codings of others, hits, scores or authors before a decision.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 finds a free one.")] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the link, but open no browser.")] = False,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:PORT]", help="A further name under which browsers come, as a proxy or tunnel keeps it."
        ),
    ] = None,
    knowingly: Annotated[
        bool, typer.Option("--i-know", help="Listen beyond this computer, where plain http can be listened to.")
    ] = False,
) -> None:
    """Open the review app: read posts in their threads and code them, in the browser, until Ctrl-C.

    Prints one link for each coder; each works once, and Enter prints new ones.
    """
    from groundswell.folders import folder_warnings
    from groundswell.web.desk import Desk
    from groundswell.web.keymap import load_keymaps
    from groundswell.web.server import Place, links_of, listening, new_coders, open_browser, seats_for, serve
    from reports.words import counted

    study = open_study(context)
    for warning in folder_warnings(study.root):
        complain(f"warning: {warning}")
    seats = seats_for(study, coder or (), blind=blind, claim=claim, sample=sample)
    for line in new_coders(study, seats):
        complain(f"warning: {line}")
    load_keymaps(study.root, study.codebook())
    place = Place(host, port, tuple(allow_host or ()), knowingly)
    desk = Desk(study, {})

    def print_links() -> list[tuple[str, str]]:
        links = links_of(place, opened, desk, seats)
        for name, link in links:
            show(f"{name}: {link}")
        sys.stdout.flush()
        return links

    def print_again() -> None:
        for _ in sys.stdin:
            print_links()

    with listening(place) as opened:
        links = print_links()
        if not no_browser and len(links) == 1:
            open_browser(links[0][1])
        if sys.stdin.isatty():
            threading.Thread(target=print_again, name="links", daemon=True).start()
            tell(context, "each link works once; Enter prints new ones, Ctrl-C ends")
        done = serve(desk, place, opened)
    tell(
        context,
        f"{counted(done.codings, 'coding')} on {counted(done.posts, 'post')} by {', '.join(done.coders)}; backed up"
        if done.codings
        else "nothing was coded",
    )
    if done.codings:
        next_step(context, "groundswell report build")
