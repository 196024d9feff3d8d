"""Building a report: all claims, what they rest on and what is missing, as one canonical JSON document.

The same data give the same bytes: keys are sorted, shares rounded before writing, and neither the clock nor the order
of imports leaves a trace.
"""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from coding.codebook import codebook_revision
from db.queries import codings, reporting
from db.store import Store
from reports.claims import Result, compute
from reports.corpus import Corpus, data_hash, load_corpus
from reports.definition import Definition
from reports.entries import claim_entry
from reports.reading import Step, best_step, posts_to_read, shortest_way

SCHEMA = "groundswell/report/1"


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
    results = [[compute(claim, corpus) for claim in section.claims] for section in definition.sections]
    waiting = {one.claim: one for section in results for r in section if (one := posts_to_read(r, corpus))}
    steps = shortest_way(waiting.values())
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
        },
        "collection": _collection(store, corpus, sensitive=heading.sensitive),
        "coding": _coding(store, corpus),
        "sections": [
            {
                "id": section.id,
                "title": section.title,
                "claims": [claim_entry(result, corpus, waiting.get(result.claim.id)) for result in section_results],
            }
            for section, section_results in zip(definition.sections, results, strict=True)
        ],
        "next_steps": {
            "best": _step(best_step(steps)),
            "all": _step(steps[-1] if steps else None),
            "way": [_step(step) for step in steps],
        },
        "warnings": _warnings(corpus, results),
    }


def canonical(report: dict[str, Any]) -> bytes:
    """The bytes of report.json."""
    return (json.dumps(report, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def definition_hash(definition: Definition) -> str:
    """SHA-256 over what is to be computed; comments and spacing of the file do not count."""
    sections = [[s.id, s.title, [_plain(claim) for claim in s.claims]] for s in definition.sections]
    packed = json.dumps([definition.title, sections], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(packed.encode()).hexdigest()


def _plain(claim: Any) -> dict[str, Any]:
    return {name: getattr(claim, name) for name in claim.__dataclass_fields__}


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


def _warnings(corpus: Corpus, results: list[list[Result]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if corpus.invented_left_out:
        found.append(
            {"code": "invented-left-out", "text": "Invented example posts are in this study; they were left out."}
        )
    elif any(post.platform == reporting.EXAMPLE_PLATFORM for post in corpus.posts):
        found.append(
            {"code": "invented", "text": "All posts and coders of this study are invented, to show how a report reads."}
        )
    drafts = sorted(
        result.claim.id
        for section in results
        for result in section
        if any(corpus.codebook.codes[figure.code].is_draft for figure in result.figures)
    )
    if drafts:
        found.append(
            {
                "code": "draft-codes",
                "claims": drafts,
                "text": "These claims rest on codes without a definition: " + ", ".join(drafts) + ".",
            }
        )
    return found


__all__ = ["Heading", "build_report", "canonical", "definition_hash", "load_corpus"]
