"""What stands behind evidence ids: community and month in public, in an internal report also a link and a few words."""

import re
from collections.abc import Mapping
from typing import Any

from db.queries.reporting import Post
from reports.corpus import Corpus
from reports.entries import HIDDEN_BELOW
from reports.phrases import Entry, claims_of

EXCERPT_WORDS = 25
SOMEBODY = "(name)"
_PSEUDONYM = re.compile(r"(?:/?u/|@)?~[0-9a-f]{12}(?![0-9a-f])")


def posts_behind(report: Entry, corpus: Corpus) -> dict[str, Post]:
    """The post of each evidence id that a report lists: one that a person decided on or a machine found something in."""
    listed = {post for claim in claims_of(report) for side in claim["evidence"].values() for post in side["posts"]}
    found = set(corpus.layer.posts).union(*corpus.mentions.values())
    candidates = (post for post in corpus.posts if post.id in found) if listed else ()
    named = ((corpus.evidence_id(post.address), post) for post in candidates)
    return {evidence: post for evidence, post in named if evidence in listed}


def evidence_entries(report: Entry, behind: Mapping[str, Post], *, sensitive: bool) -> dict[str, dict[str, Any]]:
    """Community and month of each post, by evidence id; in a sensitive study neither.

    Where a claim rests on fewer than three people of a community, these posts name no community: the report hides how
    many they are.
    """
    hidden = _of_too_few(report, behind)
    return {
        evidence: {
            "community": None if sensitive or evidence in hidden else post.community,
            "month": None if sensitive or not post.created_at else post.created_at[:7],
        }
        for evidence, post in sorted(behind.items())
    }


def _of_too_few(report: Entry, behind: Mapping[str, Post]) -> set[str]:
    """The posts that with those of fewer than three people stand for their community in a claim."""
    hidden: set[str] = set()
    for claim in claims_of(report):
        listed = {post for side in claim["evidence"].values() for post in side["posts"] if post in behind}
        people: dict[str, set[str]] = {}
        for post in listed:
            people.setdefault(behind[post].community, set()).add(behind[post].author)
        hidden |= {post for post in listed if len(people[behind[post].community]) < HIDDEN_BELOW}
    return hidden


def excerpt(text: str) -> str:
    """The first words of a text, without pseudonyms."""
    words = without_pseudonyms(text).split()
    return " ".join(words[:EXCERPT_WORDS]) + (" …" if len(words) > EXCERPT_WORDS else "")


def without_pseudonyms(text: str) -> str:
    """A text in which nobody bears even a pseudonym, by which what they wrote could be put together."""
    return _PSEUDONYM.sub(SOMEBODY, text)
