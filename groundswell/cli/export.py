"""Commands that hand data on."""

from typing import Annotated

import typer

from groundswell.cli.console import Form, form, open_study, show_rows

app = typer.Typer(no_args_is_help=True, help="Export posts and codings.")
AsLines = Annotated[bool, typer.Option("--nl", help="One JSON object a line (as it is also without any option).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="CSV; cells that look like formulas get a leading apostrophe.")]

POST_COLUMNS = (
    "address", "platform", "native_id", "thread", "parent", "author", "kind", "community", "created_at", "edited_at",
    "title", "text", "url", "score", "state", "revisions", "observed_at",
)  # fmt: skip
CODING_COLUMNS = (
    "post", "code", "value", "stance", "number", "start", "end", "coder", "coder_kind", "version", "round",
    "created_at", "text_sha", "blind", "suggestion_shown", "adjudicated", "reason",
)  # fmt: skip


@app.command()
def posts(context: typer.Context, as_lines: AsLines = False, as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """Export every public post; authors are pseudonyms, private notes stay."""
    from db.queries.losing import record_export
    from db.queries.posts import exported_posts
    from db.queries.study import totals
    from groundswell.study import now

    with open_study(context).store() as store:
        with store.write() as connection:
            record_export(connection, "export posts", now(), totals(connection)["posts"])
        show_rows(exported_posts(store.connection), POST_COLUMNS, _form(as_lines, as_json, as_csv))


@app.command()
def codings(context: typer.Context, as_lines: AsLines = False, as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """Export every standing coding of public posts, people's and machines'."""
    from db.queries.codings import exported_codings

    with open_study(context).store() as store:
        show_rows(exported_codings(store.connection), CODING_COLUMNS, _form(as_lines, as_json, as_csv))


def _form(as_lines: bool, as_json: bool, as_csv: bool) -> Form:
    chosen = form(as_json=as_json, as_lines=as_lines, as_csv=as_csv)
    return Form.LINES if chosen is Form.TABLE else chosen
