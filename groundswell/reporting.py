"""Reporting on a study: building, verifying, and showing the posts behind a number."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coding.codebook import codebook_revision
from db.errors import CheckFailed, GroundswellError
from db.queries import reporting
from db.queries.programs import machine_coders_used
from db.store import Store
from groundswell import VERSION
from groundswell.study import Study, now, record_codebook
from reports.build import Heading, build_report, canonical, definition_hash
from reports.corpus import Corpus, load_corpus
from reports.phrases import need_words
from reports.render import render_html, render_markdown
from reports.words import counted

NAMED = 5
"""How many claims a line names before it breaks off."""


@dataclass(frozen=True, slots=True)
class Built:
    """A built report and where it lies; `drafts` are codes that mean nothing yet and therefore have no claim."""

    report: dict[str, Any]
    paths: tuple[Path, ...]
    changed: bool
    drafts: tuple[str, ...] = ()


def compute_report(study: Study, store: Store) -> dict[str, Any]:
    """Compute the report from the database, without writing anything."""
    corpus = _corpus(study, store)
    definition = study.definition(corpus.codebook)
    heading = Heading(study.file.title, study.file.question, sensitive=study.file.sensitivity == "high", tool=VERSION)
    return build_report(store, corpus, definition, heading)


def _corpus(study: Study, store: Store) -> Corpus:
    return load_corpus(store, study.codebook(), study.key(store))


def build(study: Study) -> Built:
    """Build the report: JSON, Markdown and HTML, each written whole or not at all."""
    with study.store() as store:
        codebook = study.codebook()
        record_codebook(store, codebook)
        report = compute_report(study, store)
        files = render(report)
        changed = any(_read(study.reports / name) != content for name, content in files.items())
        study.reports.mkdir(exist_ok=True)
        for name, content in files.items():
            _write(study.reports / name, content)
        hashes = {
            "report": hashlib.sha256(files["report.json"]).hexdigest(),
            "data": report["inputs"]["data_sha256"],
            "codebook": codebook_revision(codebook),
            "definition": definition_hash(study.definition(codebook)),
        }
        findings = {claim["id"]: (claim["verdict"], claim["basis"]) for claim in claims_of(report)}
        with store.write() as connection:
            reporting.record_report(connection, now(), hashes, findings)
    drafts = tuple(code for code in codebook.asked if codebook.is_draft(code))
    return Built(report, tuple(study.reports / name for name in files), changed, drafts)


def render(report: dict[str, Any]) -> dict[str, bytes]:
    """The files of a report; all are functions of the JSON alone."""
    return {
        "report.json": canonical(report),
        "report.md": render_markdown(report).encode(),
        "report.html": render_html(report).encode(),
    }


def verify(study: Study) -> list[str]:
    """Recompute the report and name the claims and files that differ from what was built.

    Raises:
        GroundswellError: nothing was built yet, or report.json cannot be read.
        CheckFailed: something differs, or a machine coded in a study that promises that none did.
    """
    stored = _stored_report(study)
    with study.store() as store:
        machines = machine_coders_used(store.connection) if study.file.machine == "none" else []
        report = compute_report(study, store)
    if machines:
        raise CheckFailed(f"study.yaml promises machine: none, but machines coded here: {', '.join(machines)}")
    before, after = _by_id(stored), _by_id(report)
    different = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    files = [name for name, content in render(report).items() if _read(study.reports / name) != content]
    if different or files:
        claims = f"; claims: {', '.join(different)}" if different else ""
        raise CheckFailed(
            f"the report is not what the data give now: {', '.join(files)}{claims}", hint="groundswell report build"
        )
    return sorted(after)


def show_evidence(study: Study, name: str) -> list[dict[str, Any]]:
    """The posts behind an evidence id, an address, or a whole claim, with their texts, for the owner's eyes.

    Raises:
        GroundswellError: nothing bears that name.
    """
    with study.store() as store:
        corpus = _corpus(study, store)
        sides = {name: None} if name.startswith("E-") else _sides(study, store, name)
        wanted = {corpus.evidence_id(address): address for address in reporting.addresses(store.connection)}
        wanted |= {address: address for address in wanted.values() if address in sides}
        found = []
        for evidence, side in sides.items():
            post = reporting.post_by_address(store.connection, wanted.get(evidence, ""))
            if post is not None:
                found.append({"evidence": corpus.evidence_id(post["address"]), "side": side, **post})
    if not found:
        raise GroundswellError(
            f"{name}: no evidence, post or claim of this study bears that name",
            hint="report.json lists claims by id and evidence as E-…",
        )
    return found


def _sides(study: Study, store: Store, name: str) -> dict[str, str | None]:
    """Evidence ids of a claim with the side they stand on; for anything else the name itself."""
    for claim in claims_of(compute_report(study, store)):
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
            "read": f"read {claim['read']['read']:,} of {claim['read']['posts']:,}",
            "need": need_words(claim["need"]),
        }
        for claim in claims_of(report)
    ]


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


def claims_of(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The claims of a report, in their order."""
    return [claim for section in report["sections"] for claim in section["claims"]]


def _by_id(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {claim["id"]: claim for claim in claims_of(report)}


def _stored_report(study: Study) -> dict[str, Any]:
    path = study.reports / "report.json"
    content = _read(path)
    if content is None:
        raise GroundswellError(f"{path}: no report was built yet", hint="groundswell report build")
    try:
        report: dict[str, Any] = json.loads(content)
        _by_id(report)
    except (ValueError, KeyError, TypeError) as error:
        raise GroundswellError(
            f"{path}: this is no report of ours: {error}", hint="groundswell report build"
        ) from error
    return report


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _write(path: Path, content: bytes) -> None:
    """Write beside and rename, so that nobody ever sees half a report."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)
