"""Commands on the codebook."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundswell.cli.console import Form, form, next_step, open_study, show, show_json, show_rows, tell

if TYPE_CHECKING:
    from groundswell.codebooks import Changed, Why

app = typer.Typer(no_args_is_help=True, help="Show, check, extend and change the codebook; import and export it.")

FORMS_OUT = ("yaml", "csv", "qdc", "patterns")
FORMS_IN = ("auto", "yaml", "csv", "qdc", "quanteda", "liwc", "patterns")

Code = Annotated[str, typer.Argument(help="The code's id or name.")]
By = Annotated[str | None, typer.Option(help="Who decided it, for the log.")]
Reason = Annotated[str | None, typer.Option(help="Why, for the log.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
AsJson = Annotated[bool, typer.Option("--json", help="Show the result as JSON.")]


@app.command(name="show")
def show_(
    context: typer.Context,
    code: Annotated[str | None, typer.Argument(metavar="[CODE]", help="One code in full; without it, all.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the codes, or show one in full."""
    from coding.codebook import code_entry
    from groundswell.codebooks import find_code

    codebook = open_study(context).codebook()
    if code is not None:
        found = find_code(codebook, code)
        entry = {"code": found.id, **code_entry(found), "status": codebook.status(found.id)}
        if as_json:
            show_json(entry)
        else:
            show_rows(_lines(entry), ("field", "value"), Form.TABLE)
        return
    rows = [
        {
            "code": one.id, "name": one.name, "status": codebook.status(one.id), "parent": one.parent,
            "stance": "yes" if one.stance else "", "rules": len(one.rules), "key": one.key, "colour": one.colour,
            "definition": one.definition,
        }
        for one in codebook.codes.values()
    ]  # fmt: skip
    show_rows(rows, ("code", "name", "status", "stance", "rules", "definition"), form(as_json=as_json))


@app.command()
def check(context: typer.Context) -> None:
    """Check the codebook, its rules, the findings that rest on it, and that every coding has its code."""
    from groundswell.codebooks import check as check_codebook

    found = check_codebook(open_study(context))
    apart = [f"{number} {word}" for number, word in ((found.drafts, "draft"), (found.retired, "retired")) if number]
    show(f"{found.codes} codes and {found.claims} claims are in order" + (f" ({', '.join(apart)})" if apart else ""))


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help='The name, such as "Title confusion", or an id.')],
    term: Annotated[list[str] | None, typer.Option(help="A pattern that finds it; may be repeated.")] = None,
    definition: Annotated[str | None, typer.Option(help="What the code means; without it the code is a draft.")] = None,
    include: Annotated[str | None, typer.Option(help="What belongs to it.")] = None,
    exclude: Annotated[str | None, typer.Option(help="What does not.")] = None,
    parent: Annotated[str | None, typer.Option(metavar="CODE", help="The code above it.")] = None,
) -> None:
    """Add a code to codebook.yaml, all else left as it is."""
    from coding.patterns import parse_pattern
    from groundswell.codebooks import add as add_to_codebook

    study = open_study(context)
    for pattern in term or ():
        parse_pattern(pattern)
    more = {"include": include, "exclude": exclude}
    show(add_to_codebook(study, name, definition=definition, parent=parent, terms=term or (), more=more))
    next_step(context, "groundswell code apply")


@app.command()
def rename(
    context: typer.Context,
    code: Code,
    name: Annotated[str, typer.Argument(help="The new name.")],
    by: By = None,
    reason: Reason = None,
) -> None:
    """Give a code another name; its id and its codings stay."""
    from groundswell.codebooks import rename as rename_code

    rename_code(open_study(context), code, name, _why(by, reason))
    show(f"{code} is now called {name}")


@app.command()
def merge(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="The code that goes.")],
    into: Annotated[str, typer.Argument(help="The code that stays and means both from now on.")],
    keep_stance: Annotated[
        bool, typer.Option("--keep-stance", help="Keep stances although the statements differ.")
    ] = False,
    leave_rules: Annotated[
        bool, typer.Option("--leave-rules", help="Leave rules and examples with the code that goes.")
    ] = False,
    by: By = None,
    reason: Reason = None,
    dry_run: DryRun = False,
) -> None:
    """Merge a code into another: people's codings are written for that too, and the code is retired."""
    from groundswell.codebooks import merge as merge_codes
    from reports.words import counted

    done = merge_codes(
        open_study(context), code, into, _why(by, reason),
        keep_stance=keep_stance, leave_rules=leave_rules, dry_run=dry_run,
    )  # fmt: skip
    show(f"{code} {_is(dry_run)} merged into {into}: {counted(done.codings, 'coding')} written")
    if done.without_stance:
        tell(
            context, f"{done.without_stance:,} of them without a stance, since the statements differ; see --keep-stance"
        )
    if done.moved:
        tell(context, f"{counted(done.moved, 'rule or example', 'rules and examples')} added to {into}")
    _say_claims(context, done, code, f"name {into} there")
    tell(context, f"see that the definition of {into} covers both")
    if not dry_run:
        next_step(context, "groundswell code apply", f"groundswell codebook restore {code}    takes it back")


@app.command()
def split(
    context: typer.Context,
    code: Code,
    parts: Annotated[list[str], typer.Argument(help="Names or ids of the parts; new ones become drafts.")],
    keep_absent: Annotated[
        bool, typer.Option("--keep-absent", help="Hold new parts absent where people held the code absent.")
    ] = False,
    by: By = None,
    reason: Reason = None,
    dry_run: DryRun = False,
) -> None:
    """Split a code: its codings stay with it, it is retired, and the worklist lists its posts for coding anew."""
    from groundswell.codebooks import split as split_code
    from reports.words import counted

    done = split_code(open_study(context), code, parts, _why(by, reason), keep_absent=keep_absent, dry_run=dry_run)
    show(f"{code} {_is(dry_run)} split into {', '.join(parts)}")
    if done.begun:
        tell(context, f"new drafts: {', '.join(done.begun)}; say in codebook.yaml what they mean")
    if keep_absent:
        tell(context, f"{counted(done.codings, 'coding')} written that a part is absent")
    _say_claims(context, done, code, "name its parts there")
    if not dry_run:
        next_step(context, f"groundswell codebook worklist {code}")


@app.command()
def retire(context: typer.Context, code: Code, by: By = None, reason: Reason = None) -> None:
    """Take a code out of what coders are asked for and of reports; its codings stay."""
    from groundswell.codebooks import retire as retire_code

    done = retire_code(open_study(context), code, _why(by, reason))
    show(f"{code} is retired; its codings stay")
    _say_claims(context, done, code, "take it out there")
    next_step(context, f"groundswell codebook restore {code}    brings it back")


@app.command()
def restore(context: typer.Context, code: Code, by: By = None, reason: Reason = None) -> None:
    """Bring a retired code back; codings that its merge or split wrote are taken back."""
    from groundswell.codebooks import restore as restore_code
    from reports.words import counted

    done = restore_code(open_study(context), code, _why(by, reason))
    show(f"{code} is in use again: {counted(done.codings, 'coding')} taken back")
    if done.moved:
        kept = counted(done.moved, "rule or example", "rules and examples")
        tell(context, f"the code it was merged into keeps {kept} of it")


@app.command()
def worklist(
    context: typer.Context,
    code: Annotated[str | None, typer.Argument(metavar="[CODE]", help="Only this code.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also posts of which a person only said that no other code (*) was found.")
    ] = False,
    as_json: AsJson = False,
    as_lines: Annotated[bool, typer.Option("--nl", help="One JSON object a line.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Show the result as CSV.")] = False,
) -> None:
    """List posts that people coded when the code meant something else: its definition has changed, or it was split."""
    from groundswell.codebooks import worklist as work_of
    from reports.words import counted

    rows = work_of(open_study(context), code, everything=everything)
    shape = form(as_json=as_json, as_lines=as_lines, as_csv=as_csv)
    if shape in {Form.TABLE, Form.CSV}:
        rows = [row | {"changed": ", ".join(row["changed"])} for row in rows]
    show_rows(rows, ("post", "code", "coder", "value", "coded_at", "revision", "since", "changed"), shape)
    if shape is Form.TABLE:
        tell(context, f"{counted(len(rows), 'coding')} to look at again" if rows else "nothing to look at again")


@app.command()
def log(context: typer.Context, as_json: AsJson = False) -> None:
    """List what became of the codebook: the revisions that were in use, and the changes of codes."""
    from groundswell.codebooks import history

    rows = history(open_study(context))
    if not as_json:
        rows = [row | {"into": ", ".join(row.get("into", []))} for row in rows]
    show_rows(rows, ("at", "what", "revision", "code", "into", "by", "reason"), form(as_json=as_json))


@app.command()
def diff(
    context: typer.Context,
    before: Annotated[
        str | None, typer.Argument(metavar="[OLD]", help="A revision; without it, the last one that differs.")
    ] = None,
    after: Annotated[
        str | None, typer.Argument(metavar="[NEW]", help="A revision; without it, codebook.yaml as it is.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show in what two codebooks differ, code by code and field by field."""
    from dataclasses import asdict

    from groundswell.codebooks import compare
    from reports.words import counted

    earlier, later, found = compare(open_study(context), before, after)
    if as_json:
        show_json({"before": earlier, "after": later, "differences": [asdict(one) for one in found]})
        return
    for one in found:
        show(f"{one.code}: {one.change}" if one.field is None else f"{one.code}: {one.field}")
        if one.field is not None:
            before_lines, after_lines = _text(one.before), _text(one.after)
            for line in (line for line in before_lines if line not in after_lines):
                show(f"  - {line}")
            for line in (line for line in after_lines if line not in before_lines):
                show(f"  + {line}")
    differ = f"{earlier} and {later}: {counted(len(found), 'difference')}"
    tell(context, differ if found else f"nothing differs from {earlier}")


@app.command(name="import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="codebook.yaml, CSV, .qdc, or a dictionary: quanteda YAML, LIWC .dic.")],
    format_: Annotated[
        str, typer.Option("--format", metavar="|".join(FORMS_IN), help="The form of the file; auto goes by its ending.")
    ] = "auto",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Add codes from a file; codes that exist are left as they are, and all that means something else is listed."""
    from groundswell.codebook_files import ImportForm, check_imported_codes, import_codes
    from reports.words import counted

    done = import_codes(open_study(context), file, ImportForm(_chosen(format_, FORMS_IN)), dry_run=dry_run)
    rows = [{"code": code, "what": "added", "detail": entry["name"]} for code, entry in done.added.items()]
    rows += [
        {"code": note.code, "what": note.what, "detail": note.detail} for note in done.notes if note.what != "same"
    ]
    show_rows(rows, ("code", "what", "detail"), form(as_json=as_json))
    would = "would be added" if dry_run else "added"
    tell(context, f"{counted(len(done.added), 'code')} {would}, {done.same} there already")
    if not dry_run:
        check_imported_codes(done)
        next_step(context, "groundswell codebook check", "groundswell code apply")


@app.command()
def export(
    context: typer.Context,
    format_: Annotated[
        str, typer.Option("--format", metavar="|".join(FORMS_OUT), help="csv has Taguette's columns, qdc is REFI-QDA.")
    ] = "yaml",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file to write; without it the result goes to stdout.")
    ] = None,
    revision: Annotated[str | None, typer.Option(help="An earlier codebook; `codebook log` lists them.")] = None,
) -> None:
    """Export the codebook, or bring an earlier one back to light."""
    from groundswell.codebook_files import ExportForm, export_codebook, lost_in, save_export
    from groundswell.codebooks import codebook_at

    shape, study = ExportForm(_chosen(format_, FORMS_OUT)), open_study(context)
    codebook = codebook_at(study, revision)
    content = export_codebook(study, codebook, shape)
    if output is None:
        sys.stdout.write(content.decode())
    else:
        save_export(study, output, content)
        show(str(output))
    lost = lost_in(codebook, shape)
    if lost:
        tell(context, lost)


def _why(by: str | None, reason: str | None) -> "Why":
    from groundswell.codebooks import Why

    return Why(by, reason)


def _is(dry_run: bool) -> str:
    return "would be" if dry_run else "is"


def _say_claims(context: typer.Context, done: "Changed", code: str, remedy: str) -> None:
    if done.claims:
        tell(context, f"findings.yaml names {code} in {', '.join(done.claims)}: {remedy}")


def _chosen(written: str, known: tuple[str, ...]) -> str:
    if written not in known:
        raise typer.BadParameter(f"{written!r} is none of {', '.join(known)}", param_hint="--format")
    return written


def _lines(entry: dict[str, Any]) -> list[dict[str, str]]:
    """The fields of a code, a row for each line of what they say."""
    return [
        {"field": name if place == 0 else "", "value": line}
        for name, value in entry.items()
        for place, line in enumerate(_text(value))
    ]


def _text(value: Any) -> list[str]:
    """A value of a field as lines."""
    if value is None:
        return []
    if isinstance(value, dict):
        return [", ".join(f"{name}: {inner}" for name, inner in value.items())]
    if isinstance(value, list):
        return [line for item in value for line in _text(item)]
    return ["yes"] if value is True else str(value).split("\n")
