"""What may stand in a marked place of somebody's own Markdown: a claim's sentence, its counts, its share and so on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from db.yaml_files import suggest
from reports import methods, phrases, tables
from reports.fill import FORMS, Place, UnfitError, Write
from reports.markdown import escape_markdown as md
from reports.markdown import link_to
from reports.phrases import Entry, counted_plainly, share_words
from reports.tables import Table, is_measured, is_settled, is_stance
from reports.verdicts import Verdict
from reports.words import first_upper

WHOLE = "report"
"""The name under which a place asks for the whole report, where no claim bears it."""
_UNREAD = (Verdict.UNCHECKED, Verdict.NONE)


def writer(report: Mapping[str, Any]) -> Write:
    """What fills places from a report."""
    claims = {claim["id"]: claim for claim in phrases.claims_of(report)}

    def write(place: Place) -> str:
        if place.form not in FORMS:
            raise UnfitError(f'there is no form "{place.form}"', suggest(place.form, FORMS) or "")
        name, _, part = place.claim.partition("/")
        if name in claims:
            return _of_part(claims[name], part, place) if part else _of_claim(claims[name], report, place)
        if name == WHOLE and not part:
            return _of_report(report, place)
        raise UnfitError(f'the report has no claim "{name}"', suggest(name, claims) or "report.json lists all claims")

    return write


def _of_claim(claim: Entry, report: Entry, place: Place) -> str:
    match place.form:
        case "sentence":
            said = md(phrases.sentence(claim))
        case "counts":
            said = _counts(claim)
        case "share":
            said = _share(claim)
        case "row":
            said = _rows(claim, place)
        case "list":
            said = _lines([md(line) for line in _list(claim)], place)
        case "sources":
            said = _lines(list(_sources(claim, report)), place)
        case _:
            said = _how_sure(claim, place)
    return said


def _of_report(report: Entry, place: Place) -> str:
    match place.form:
        case "sentence":
            return md(phrases.summary(report))
        case "counts":
            collection = report["collection"]
            people, threads = (counted_plainly(collection[name], name[:-1]) for name in ("authors", "threads"))
            return f"{counted_plainly(collection['posts'], 'post')} by {people} in {threads}"
        case "list":
            return _lines([md(phrases.sentence(claim)) for claim in phrases.claims_of(report)], place)
        case "sources":
            threads = report["collection"]["thread_list"] or report["collection"]["communities"]
            return _lines([_thread(thread) if "url" in thread else _community(thread) for thread in threads], place)
        case "methods":
            return "\n\n".join(md(paragraph) for paragraph in methods.paragraphs(report))
        case _:
            raise UnfitError(f"`{place.form}` is said of one claim", f"name a claim instead of {WHOLE}")


def _of_part(claim: Entry, part: str, place: Place) -> str:
    """What is said of one figure of a claim, or of one of its pairs."""
    figure = _figure(claim, part)
    pair = next((one for one in claim["pairs"] if one["code"] == figure["code"]), None)
    match place.form:
        case "sentence":
            return md(pair["sentence"] if pair else f"{figure['name']}: {_figure_words(figure)}.")
        case "counts":
            return _figure_counts(figure)
        case "share":
            return md(_figure_share(figure))
        case "row":
            return " | ".join(md(cell) for cell in (figure["name"], _figure_counts(figure), _figure_share(figure)))
        case _:
            raise UnfitError(f"`{place.form}` is said of a whole claim", f"write {claim['id']} without /{part}")


def _figure(claim: Entry, part: str) -> Entry:
    """The figure of that code; the last part of its id is enough where no other code has it."""
    figures: list[Entry] = claim["figures"]
    codes = [figure["code"] for figure in figures]
    found = [f for f in figures if f["code"] == part] or [f for f in figures if f["code"].rsplit(".", 1)[-1] == part]
    if len(found) != 1:
        raise UnfitError(
            f'the claim "{claim["id"]}" has no figure "{part}"', suggest(part, codes) or "report.json lists its figures"
        )
    return found[0]


def _only_figure(claim: Entry, form: str) -> Entry:
    figures: list[Entry] = claim["figures"]
    if not figures:
        raise UnfitError(
            f'the claim "{claim["id"]}" rests on others and counts nothing', "use sentence, list or methods"
        )
    if len(figures) > 1:
        named = f"{claim['id']}/{figures[0]['code']}"
        raise UnfitError(f'`{form}`: the claim "{claim["id"]}" counts several things', f"name one: {named}")
    return figures[0]


def _counts(claim: Entry) -> str:
    figure = _only_figure(claim, "counts")
    return phrases.read_words(claim["read"]) if claim["verdict"] in _UNREAD else _figure_counts(figure)


def _share(claim: Entry) -> str:
    figure = _only_figure(claim, "share")
    if is_stance(claim):
        return md(share_words(figure["share"]) if is_settled(claim) else claim["label"])
    return md(_figure_share(figure))


def _figure_counts(figure: Entry) -> str:
    if figure["verdict"] in _UNREAD:
        mentioning = figure["counts"]["mentioning"]
        return f"{mentioning:,} {'mentions' if mentioning == 1 else 'mention'} it"
    return phrases.counted_words(figure)


def _figure_share(figure: Entry) -> str:
    return share_words(figure["share"]) if is_measured(figure) else str(figure["label"])


def _figure_words(figure: Entry) -> str:
    return f"{_figure_counts(figure)}, {_figure_share(figure)}"


def _rows(claim: Entry, place: Place) -> str:
    """The cells of one row within a line; on lines of their own a whole table."""
    table = _table(claim)
    if not place.has_lines:
        if len(table.rows) != 1:
            raise UnfitError(
                f'the claim "{claim["id"]}" gives several rows',
                "put the marks on lines of their own for the whole table",
            )
        return " | ".join(md(cell) for cell in table.rows[0])
    dashes = " | ".join("---" for _ in table.header)
    rows = (" | ".join(md(cell) for cell in row) for row in (table.header, *table.rows))
    header, *others = (f"| {row} |" for row in rows)
    return "\n".join([header, f"| {dashes} |", *others])


def _table(claim: Entry) -> Table:
    if claim["dimension"] is not None:
        return Table("", ("Dimension", "Published", "In the discussions"), (tables.gap_row(claim),))
    if claim["pairs"]:
        return tables.pairs_table(claim)
    if is_stance(claim):
        cells = (first_upper(claim["statement"]), claim["label"], _counts(claim), _share_cell(claim))
        return Table("", ("Statement", "Verdict", "People", "Share (95 % interval)"), (cells,))
    if not claim["figures"]:
        return Table("", ("Takeaway", "Verdict"), ((first_upper(claim["statement"]), claim["label"]),))
    return tables.figures_table(claim)


def _share_cell(claim: Entry) -> str:
    return share_words(claim["figures"][0]["share"]) if is_settled(claim) else ""


def _list(claim: Entry) -> Iterator[str]:
    if claim["pairs"]:
        yield from (pair["sentence"] for pair in claim["pairs"])
    elif claim["rests_on"]:
        yield from (f"{first_upper(one['statement'])}: {one['label']}" for one in claim["rests_on"])
    elif is_stance(claim):
        figure = claim["figures"][0]
        yield from (f"{row[0]}: {row[1]}" for row in tables.sides_table(figure).rows)
    else:
        yield from (f"{figure['name']}: {_figure_words(figure)}" for figure in tables.shown_figures(claim))
        yield from (f"{figure['name']}: {_few_accounts(figure)}" for figure in tables.single_accounts(claim))


def _few_accounts(figure: Entry) -> str:
    people = figure["counts"]["yes"]
    return "a single account" if people == 1 else f"{people:,} accounts, no pattern"


def _sources(claim: Entry, report: Entry) -> Iterable[str]:
    """The threads that a claim's evidence lies in; where threads are not named, the communities."""
    known = {thread["id"]: thread for thread in report["collection"]["thread_list"]}
    named = [known[thread] for thread in claim["sources"]["threads"] if thread in known]
    if named:
        more = claim["sources"]["more"]
        return [*map(_thread, named), *([counted_plainly(more, "more thread")] if more else [])]
    found = {c["name"] for figure in claim["figures"] for c in figure["communities"]}
    return [md(name) for name in sorted(found)] or ["no thread"]


def _thread(thread: Entry) -> str:
    return f"{link_to(thread)} - {md(methods.thread_words(thread))}"


def _community(community: Entry) -> str:
    return md(f"{community['name']}: {counted_plainly(community['threads'], 'thread')}")


def _how_sure(claim: Entry, place: Place) -> str:
    if not place.has_lines:
        return md(phrases.evidence_line(claim))
    return _lines([md(f"{line.term}: {line.text}") for line in phrases.how_sure(claim)], place)


def _lines(lines: Sequence[str], place: Place) -> str:
    """A list on lines of its own; within a line its parts one after the other."""
    return "\n".join(f"- {line}" for line in lines) if place.has_lines else "; ".join(lines)
