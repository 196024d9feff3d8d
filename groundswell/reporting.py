"""Reporting on a study: building, verifying, and showing the posts behind a number."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from coding.codebook import codebook_revision
from collector.times import iso
from db.errors import CheckFailed, GroundswellError
from db.queries import losing, publishing, quotes, reporting
from db.queries.leads import audit_leads
from db.queries.programs import machine_coders_used
from db.store import Store
from groundswell import VERSION
from groundswell.backups import drop_names
from groundswell.keeping import keep_build
from groundswell.publishing import check_leaks, is_single_post
from groundswell.study import Study, now, record_codebook
from reports import pictures
from reports.build import Heading, build_report, definition_hash
from reports.corpus import Corpus, load_corpus
from reports.defaults import completed
from reports.evidence import evidence_entries, excerpt, posts_behind, without_pseudonyms
from reports.exports import export_all
from reports.phrases import Entry, claims_of, need_words, rests_words
from reports.quotes import ALIVE_HOURS, Quote, may_be_shown, quote_entries
from reports.words import counted

NAMED = 5
"""How many claims a line names before it breaks off."""
REPORT = "report.json"
INTERNAL_FOLDER = "internal"
Profile = Literal["public", "internal"]

__all__ = [
    "Built", "Profile", "build", "built_report", "claims_of", "compute_report", "show_evidence", "stored_quotes", "templates_of", "verdict_rows",
    "verify", "way_lines",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Built:
    """A built report and where it lies.

    Attributes:
        paths: its files, without the pictures.
        pictures: how many pictures lie beside them.
        drafts: codes that mean nothing yet and therefore have no claim.
    """

    report: dict[str, Any]
    paths: tuple[Path, ...]
    changed: bool
    drafts: tuple[str, ...] = ()
    pictures: int = 0


def compute_report(
    study: Study, store: Store, profile: Profile = "public", chosen_quotes: Sequence[str] | None = None
) -> dict[str, Any]:
    """Compute the report from the database, without writing anything.

    `chosen_quotes` are the ids of the quotations to show; None for those of the last build.
    """
    corpus = _corpus(study, store)
    definition = study.definition(corpus.codebook)
    sensitive = study.file.sensitivity == "high"
    heading = Heading(study.file.title, study.file.question, sensitive=sensitive and profile == "public", tool=VERSION)
    report = build_report(store, corpus, definition, heading)
    report["report"] |= {"profile": profile, "output": definition.output.entry()}
    runs = publishing.program_runs(store.connection)
    report["coding"] |= {"program_runs": runs["runs"], "program_runs_after_audit": runs["after_audit"]}
    report["leads"] = audit_leads(store.connection).entry()
    _name_evidence(report, corpus, store, profile, sensitive=sensitive)
    if chosen_quotes is None:
        chosen_quotes = json.loads(publishing.quotes_of_report(store.connection) or "[]")
    report["quotes"] = [] if sensitive else _quotes(report, corpus, store, chosen_quotes)
    return report


def _corpus(study: Study, store: Store) -> Corpus:
    return load_corpus(store, study.codebook(), study.key(store))


def _name_evidence(report: dict[str, Any], corpus: Corpus, store: Store, profile: Profile, *, sensitive: bool) -> None:
    """Add what stands behind evidence ids, and take out of titles and requests what leads to single people."""
    behind = posts_behind(report, corpus)
    is_hidden = sensitive and profile == "public"
    report["evidence"] = evidence_entries(report, behind, sensitive=is_hidden)
    for thread in report["collection"]["thread_list"]:
        thread["title"] = thread["title"] and without_pseudonyms(thread["title"])
    report["inputs"]["queries"] = sorted(
        corpus.keyed(f"query:{query}")[:16] if is_single_post(query) else query for query in report["inputs"]["queries"]
    )
    if profile == "internal":
        by_row = {post.id: evidence for evidence, post in behind.items()}
        for row, url, text in publishing.links_and_words(store.connection, by_row):
            post = behind[by_row[row]]
            shown = {"community": post.community, "url": url, "excerpt": excerpt(text)}
            report["evidence"][by_row[row]] |= shown


def stored_quotes(store: Store) -> list[Quote]:
    """Every quotation on record, beside its post as it is stored now."""
    return [Quote(**{**row, "is_private": bool(row["is_private"])}) for row in quotes.quotes(store.connection)]


def _quotes(report: dict[str, Any], corpus: Corpus, store: Store, chosen: Sequence[str]) -> list[dict[str, Any]]:
    on_record = stored_quotes(store)
    evidence = {corpus.evidence_id(quote.post): quote.post for quote in on_record}
    claims: dict[str, list[str]] = {}
    for claim in claims_of(report):
        for side in claim["evidence"].values():
            for post in side["posts"]:
                if post in evidence:
                    claims.setdefault(evidence[post], []).append(claim["id"])
    return quote_entries(on_record, chosen, claims)


def build(study: Study, profile: Profile = "public") -> Built:
    """Build the report and check it for leaks; each file is written whole, and none where anything would leak.

    Raises:
        CheckFailed: something in it must not be published.
    """
    with study.store() as store:
        codebook = study.codebook()
        record_codebook(store, codebook)
        with store.write() as connection:
            quotes.drop_quotes_of_the_gone(connection, now())
        drop_names(study.root, store)
        alive_since = iso(datetime.now(UTC) - timedelta(hours=ALIVE_HOURS))
        chosen = may_be_shown(stored_quotes(store), alive_since)
        report = compute_report(study, store, profile, chosen)
        files = export_all(report, templates_of(study))
        check_leaks(study, store, report, files)
        folder = _folder(study, profile)
        changed = any(_read(folder / name) != content for name, content in files.items())
        _write_all(folder, files)
        if profile == "public":
            _record(study, store, report, files[REPORT], chosen)
        else:
            with store.write() as connection:
                losing.record_export(connection, "internal report", now(), len(report["evidence"]))
    drafts = tuple(code for code in codebook.asked if codebook.is_draft(code))
    paths = tuple(folder / name for name in files if "/" not in name)
    return Built(report, paths, changed, drafts, len(files) - len(paths))


def _record(study: Study, store: Store, report: dict[str, Any], content: bytes, chosen: Sequence[str]) -> None:
    """Keep that a report was built, and all that a later look at it needs."""
    codebook = study.codebook()
    hashes = {
        "report": hashlib.sha256(content).hexdigest(),
        "data": report["inputs"]["data_sha256"],
        "codebook": codebook_revision(codebook),
        "definition": definition_hash(study.definition(codebook)),
    }
    findings = {claim["id"]: (claim["verdict"], claim["basis"]) for claim in claims_of(report)}
    with store.write() as connection:
        reporting.record_report(connection, now(), hashes, findings)
        publishing.note_quotes(connection, json.dumps(list(chosen)))
        keep_build(connection, report, study.findings_path)


def _folder(study: Study, profile: Profile) -> Path:
    return study.reports if profile == "public" else study.reports / INTERNAL_FOLDER


def templates_of(study: Study) -> Path | None:
    """The study's own templates, if it has any."""
    folder = study.root / "templates"
    return folder if folder.is_dir() else None


def verify(study: Study, file: Path | None = None) -> list[str]:
    """Recompute the report and name the claims and files that differ from what was built.

    `file` is a report.json, by default that of the study, whose other files are compared too. Quotations are those that
    the build of this file chose, as far as their posts still stand.

    Raises:
        GroundswellError: nothing was built yet, or the file is no report.
        CheckFailed: something differs, or a machine coded in a study that promises that none did.
    """
    path = study.reports / REPORT if file is None else file
    content, stored = _stored_report(path)
    profile: Profile = "internal" if stored["report"]["profile"] == "internal" else "public"
    with study.store() as store:
        machines = machine_coders_used(store.connection) if study.file.machine == "none" else []
        chosen = publishing.quotes_of_report(store.connection, hashlib.sha256(content).hexdigest())
        report = compute_report(study, store, profile, json.loads(chosen or "[]"))
    if machines:
        raise CheckFailed(f"study.yaml promises machine: none, but machines coded here: {', '.join(machines)}")
    before, after = _by_id(stored), _by_id(report)
    different = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    files = export_all(report, templates_of(study))
    compared = {name: path.parent / name for name in files} if file is None else {REPORT: path}
    stale = [name for name, place in compared.items() if _read(place) != files[name]]
    if different or stale:
        claims = f"; claims: {', '.join(different)}" if different else ""
        raise CheckFailed(
            f"the report is not what the data give now: {', '.join(stale)}{claims}", hint="groundswell report build"
        )
    return sorted(after)


def show_evidence(study: Study, name: str) -> list[dict[str, Any]]:
    """The posts behind an evidence id, an address, or a whole claim, with their texts, for the owner's eyes.

    Raises:
        GroundswellError: nothing bears that name.
    """
    with study.store() as store:
        corpus = _corpus(study, store)
        claims = [] if name.startswith("E-") else claims_of(compute_report(study, store))
        rests = {claim["id"]: rests_words(claim) for claim in claims if claim["kind"] == "takeaway"}
        sides = _sides(claims, name)
        wanted = {corpus.evidence_id(address): address for address in reporting.addresses(store.connection)}
        wanted |= {address: address for address in wanted.values() if address in sides}
        found = []
        for evidence, side in sides.items():
            post = reporting.post_by_address(store.connection, wanted.get(evidence, ""))
            if post is not None:
                found.append({"evidence": corpus.evidence_id(post["address"]), "side": side, **post})
    if not found and name in rests:
        raise GroundswellError(f"{name}: {rests[name]}, and has no posts of its own", hint="ask for one of these")
    if not found:
        raise GroundswellError(
            f"{name}: no evidence, post or claim of this study bears that name",
            hint="report.json lists claims by id and evidence as E-…",
        )
    return found


def _sides(claims: Sequence[Entry], name: str) -> dict[str, str | None]:
    """Evidence ids of a claim with the side they stand on; for anything else the name itself."""
    for claim in claims:
        if claim["id"] == name:
            return {post: side for side, listed in claim["evidence"].items() for post in listed["posts"]}
    return {name: None}


def verdict_rows(report: dict[str, Any]) -> list[dict[str, str]]:
    """Each claim's verdict, basis, how much of it was read, and what it needs, in a row."""
    return [
        {
            "claim": claim["id"],
            "verdict": claim["verdict"],
            "basis": claim["basis"],
            "read": _read_words(claim),
            "need": need_words(claim["need"]),
        }
        for claim in claims_of(report)
    ]


def _read_words(claim: Entry) -> str:
    if claim["kind"] == "takeaway":
        return rests_words(claim)
    return f"read {claim['read']['read']:,} of {claim['read']['posts']:,}"


def way_lines(report: dict[str, Any]) -> list[str]:
    """What would settle most claims for least reading."""
    steps = report["next_steps"]
    chosen = [step for step in (steps["best"], steps["all"]) if step is not None]
    if chosen[1:] == chosen[:1]:
        chosen = chosen[:1]
    lines = [_way_line(step) for step in chosen]
    if not all(step["is_whole"] for step in chosen):
        lines.append(
            "  * the posts that were found and those of drawn authors: groundswell code sample draw audit --code CODE"
        )
    return lines


def _way_line(step: dict[str, Any]) -> str:
    named = ", ".join(step["claims"][:NAMED]) + (" …" if len(step["claims"]) > NAMED else "")
    return (
        f"{counted(step['decisions'], 'decision')}{'' if step['is_whole'] else '*'}, about "
        f"{counted(step['minutes'], 'minute')}, would {'settle' if step['is_whole'] else 'screen'} "
        f"{counted(len(step['claims']), 'claim')}: {named}"
    )


def _by_id(report: Entry) -> dict[str, Entry]:
    return {claim["id"]: claim for claim in claims_of(report)}


def built_report(study: Study) -> dict[str, Any]:
    """The public report as it was built last.

    Raises:
        GroundswellError: nothing was built yet, or report.json cannot be read.
    """
    return completed(_stored_report(study.reports / REPORT)[1])


def _stored_report(path: Path) -> tuple[bytes, dict[str, Any]]:
    content = _read(path)
    if content is None:
        raise GroundswellError(f"{path}: no report was built yet", hint="groundswell report build")
    try:
        report: dict[str, Any] = json.loads(content)
        _by_id(report)
        _ = report["report"]["profile"]
    except (ValueError, KeyError, TypeError) as error:
        raise GroundswellError(
            f"{path}: this is no report of ours: {error}", hint="groundswell report build; FILE is a report.json"
        ) from error
    return content, report


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _write_all(folder: Path, files: dict[str, bytes]) -> None:
    """Write the files of a report, and take away the pictures of an older one."""
    for path in (folder / pictures.FOLDER).glob("*.svg"):
        if f"{pictures.FOLDER}/{path.name}" not in files:
            path.unlink()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        _write(folder / name, content)
    if folder.name == INTERNAL_FOLDER:
        (folder / ".gitignore").write_text("*\n", encoding="utf-8", newline="\n")


def _write(path: Path, content: bytes) -> None:
    """Write beside and rename, so that nobody ever sees half a report."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)
