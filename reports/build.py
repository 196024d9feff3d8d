"""Building a report: all claims, what they rest on and what is missing, as one canonical JSON document.

The same data give the same bytes: keys are sorted, shares rounded before writing, and neither the clock nor the order
of imports leaves a trace.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from coding.codebook import codebook_revision
from coding.final import PRESENT
from db.queries import codings, reporting
from db.store import Store
from reports.claims import Result, compute
from reports.corpus import Corpus, data_hash, load_corpus
from reports.definition import Definition
from reports.entries import Context, claim_entry, reference_entry
from reports.families import Adjusted, adjust, withdraw
from reports.reading import Step, best_step, posts_to_read, shortest_way
from reports.references import bases
from reports.saturation import saturation
from reports.scopes import Scopes
from reports.takeaways import conclude

SCHEMA = "groundswell/report/1"
_NOT_COMPUTED = ("reference_files", "declared", "output")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a report says of its study.

    Attributes:
        sensitive: whether threads are named by community only.
        tool: the version that built it.
    """

    title: str
    question: str | None
    sensitive: bool
    tool: str


def build_report(store: Store, corpus: Corpus, definition: Definition, heading: Heading) -> dict[str, Any]:
    """Compute every claim of a definition and put the report together."""
    results, tests = compute_all(corpus, definition)
    waiting = {name: one for name, result in results.items() if (one := posts_to_read(result, corpus))}
    steps = shortest_way(waiting.values())
    context = Context(tests, definition.thresholds, definition.references, names_threads=not heading.sensitive)
    return {
        "schema": SCHEMA,
        "report": {
            "title": definition.title or heading.title,
            "question": heading.question,
            "profile": "public",
            "as_of": _as_of(corpus),
            "tool": heading.tool,
        },
        "inputs": {
            "data_sha256": data_hash(corpus),
            "definition_sha256": definition_hash(definition),
            "codebook_revision": codebook_revision(corpus.codebook),
            "files": _files(store, sensitive=heading.sensitive),
            "queries": _queries(store, corpus, sensitive=heading.sensitive),
            "references": [{"file": file.name, "sha256": file.sha256} for file in definition.reference_files],
        },
        "thresholds": asdict(definition.thresholds),
        "declared_thresholds": list(definition.declared),
        "references": [{**reference_entry(one), "file": one.file} for _, one in sorted(definition.references.items())],
        "saturation": _saturation(corpus),
        "tests": tests.numbers,
        "collection": _collection(store, corpus, sensitive=heading.sensitive),
        "coding": _coding(store, corpus),
        "sections": [
            {
                "id": section.id,
                "title": section.title,
                "link": section.link,
                "claims": [
                    claim_entry(results[claim.id], corpus, waiting.get(claim.id), context) for claim in section.claims
                ],
            }
            for section in definition.sections
        ],
        "next_steps": {
            "best": _step(best_step(steps)),
            "all": _step(steps[-1] if steps else None),
            "way": [_step(step) for step in steps],
        },
        "warnings": [*_warnings(corpus, results.values()), *_reference_warnings(definition)],
    }


def compute_all(corpus: Corpus, definition: Definition) -> tuple[dict[str, Result], Adjusted]:
    """Compute every claim, adjust what is tested together, and conclude what rests on other claims.

    Returns:
        the results by claim, and the q-values of the report.
    """
    scopes, claims = Scopes(corpus), definition.claims
    counting = [claim for claim in claims if claim.kind != "takeaway"]
    computed = [compute(claim, corpus, scopes, definition.thresholds) for claim in counting]
    tests = adjust(computed)
    settled = {result.claim.id: withdraw(result, tests, definition.thresholds) for result in computed}
    return conclude(claims, settled), tests


def canonical(report: dict[str, Any]) -> bytes:
    """The bytes of report.json."""
    return (json.dumps(report, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def definition_hash(definition: Definition) -> str:
    """SHA-256 over what is to be computed; comments and spacing of the file do not count.

    The outside figures have hashes of their own.
    """
    plain = {name: value for name, value in asdict(definition).items() if name not in _NOT_COMPUTED}
    packed = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(packed.encode()).hexdigest()


def _as_of(corpus: Corpus) -> str | None:
    """The newest observation or post used."""
    moments = (moment for post in corpus.posts for moment in (post.observed_at, post.created_at) if moment)
    return max(moments, default=None)


def _files(store: Store, *, sensitive: bool) -> list[dict[str, Any]]:
    """Files by hash; in a sensitive study without their names, which may name a thread."""
    return [{**file, "name": "(not named)"} if sensitive else file for file in reporting.files_read(store.connection)]


def _queries(store: Store, corpus: Corpus, *, sensitive: bool) -> list[str]:
    """What sites were asked; in a sensitive study as keyed hashes, which can be counted and compared and lead nowhere."""
    asked = reporting.queries_asked(store.connection)
    return sorted(corpus.keyed(f"query:{query}")[:16] for query in asked) if sensitive else asked


def _collection(store: Store, corpus: Corpus, *, sensitive: bool) -> dict[str, Any]:
    threads = reporting.threads(store.connection, invented=not reporting.holds_real_posts(store.connection))
    created = [post.created_at for post in corpus.posts]
    return {
        "posts": len(corpus.posts),
        "authors": len({post.author for post in corpus.posts}),
        "threads": len(threads),
        "effective_threads": _effective(Counter(corpus.clusters[post.thread] for post in corpus.posts)),
        "platforms": sorted({post.platform for post in corpus.posts}),
        "period": [min(created), max(created)] if created else None,
        "communities": _communities(corpus),
        "excluded": reporting.excluded(store.connection),
        "private_accounts": len(corpus.notes),
        "incomplete_threads": sum(_is_incomplete(thread) for thread in threads),
        "thread_list": [] if sensitive else [_thread(thread) for thread in threads],
    }


def _effective(sizes: Counter[str]) -> float:
    total = sum(sizes.values())
    return round(total * total / sum(size * size for size in sizes.values()), 1) if total else 0.0


def _communities(corpus: Corpus) -> list[dict[str, Any]]:
    names = sorted({post.community for post in corpus.posts})
    by_name = {name: [post for post in corpus.posts if post.community == name] for name in names}
    return [
        {
            "name": name,
            "posts": len(posts),
            "threads": len({post.thread for post in posts}),
            "authors": len({post.author for post in posts}),
        }
        for name, posts in by_name.items()
    ]


def _is_incomplete(thread: dict[str, Any]) -> bool:
    """Whether replies are known to be missing, or may be; invented threads are as their makers left them."""
    if thread["address"].startswith(f"{reporting.EXAMPLE_PLATFORM}:"):
        return False
    return thread["coverage"] is None or thread["coverage"] < 1


def _thread(thread: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": thread["address"],
        "title": thread["title"],
        "url": thread["url"],
        "community": thread["community"],
        "posts": thread["posts"],
        "announced": thread["declared_count"],
        "coverage": None if thread["coverage"] is None else round(thread["coverage"], 4),
    }


def _coding(store: Store, corpus: Corpus) -> dict[str, Any]:
    coders = codings.coder_counts(store.connection)
    readers = [corpus.layer.coders(post.id) for post in corpus.posts]
    return {
        "people": sum(coder["kind"] == "person" for coder in coders),
        "machines": sorted(coder["name"] for coder in coders if coder["kind"] != "person"),
        "posts_read": sum(bool(names) for names in readers),
        "posts_read_twice": sum(len(names) > 1 for names in readers),
        "codes": len(corpus.codebook.codes),
    }


def _step(step: Step | None) -> dict[str, Any] | None:
    if step is None:
        return None
    return {
        "claims": list(step.claims),
        "decisions": step.decisions,
        "minutes": step.minutes,
        "is_whole": step.is_whole,
    }


def _saturation(corpus: Corpus) -> dict[str, Any] | None:
    """How far the codes that people use are exhausted; the values of attributes are no codes that could turn up."""
    codebook = corpus.codebook
    codes = [code for code in codebook.codes if code not in codebook.attributes and not codebook.is_value(code)]
    is_open = any(codebook.is_draft(code) for code in codebook.asked)
    by_thread: dict[str, set[str]] = defaultdict(set)
    read = corpus.layer.posts
    for post in corpus.posts:
        if post.id in read:
            found = (code for code in codes if corpus.layer.decision(post.id, code).value == PRESENT)
            by_thread[corpus.clusters[post.thread]].update(found)
    found_in_all = saturation(by_thread, is_open=is_open)
    if found_in_all is None:
        return None
    return {
        "threads": found_in_all.threads,
        "codes": found_in_all.codes,
        "curve": [[threads, round(codes, 2)] for threads, codes in found_in_all.curve],
        "new_rate": None if found_in_all.new_rate is None else round(found_in_all.new_rate, 4),
        "chao2": None if found_in_all.chao2 is None else round(found_in_all.chao2, 1),
        "is_open": is_open,
    }


def _warnings(corpus: Corpus, results: Collection[Result]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if corpus.invented_left_out:
        text = "Invented example posts are in this study; they were left out."
        found.append({"code": "invented-left-out", "text": text})
    elif any(post.platform == reporting.EXAMPLE_PLATFORM for post in corpus.posts):
        text = "All posts and coders of this study are invented, to show how a report reads."
        found.append({"code": "invented", "text": text})
    drafts = sorted(
        result.claim.id
        for result in results
        if any(corpus.codebook.codes[figure.code].is_draft for figure in result.figures)
    )
    if drafts:
        text = "These claims rest on codes without a definition: " + ", ".join(drafts) + "."
        found.append({"code": "draft-codes", "claims": drafts, "text": text})
    return found


def _reference_warnings(definition: Definition) -> Iterator[dict[str, Any]]:
    """Yield the sections whose outside figures have different bases, and the claims whose figure counts something else."""
    known = definition.references
    for section in definition.sections:
        keys = {claim.id: [known[key] for key, _ in claim.references] for claim in section.claims if claim.references}
        different = bases(figure for figures in keys.values() for figure in figures)
        if len(different) > 1:
            yield {
                "code": "bases-differ",
                "claims": sorted(keys),
                "text": f"{section.title}: the outside figures are shares of different bases ({', '.join(different)}) and "
                "cannot be compared with each other.",
            }
    for claim in definition.claims:
        if claim.construct_differs:
            yield {
                "code": "construct-differs",
                "claims": [claim.id],
                "text": f"{claim.dimension or claim.label}: the outside figure counts something else than the claim "
                "does, so that it neither supports nor contradicts it.",
            }


__all__ = ["Heading", "build_report", "canonical", "definition_hash", "load_corpus"]
