"""The leak check of a built report: nothing is written while anything in it must not be published."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from coding.codebook import Codebook
from collector.links import LinkError, parse_link
from db.errors import CheckFailed
from db.queries import publishing
from db.store import Store
from groundswell.study import Study
from reports.definition import Concern, Definition
from reports.leaks import (
    Allowed,
    Leak,
    Stored,
    leaks_in_texts,
    linked_posts,
    names_in,
    names_to_check,
    prepare,
    suspected,
)

ALLOWED_FILE = "allowed.txt"
_NAMED_LEAKS = 10
_OF_ONE_WORD = frozenset({"reddit", "x", "hn"})
"""Platforms on which a name holds no blank."""
_REPLY = re.compile(r"\bt1_[0-9a-z]+", re.IGNORECASE)


def check_leaks(study: Study, store: Store, report: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Refuse a report that shows a name, a link to a single post, words of a post or of a private note.

    An internal report shows posts on purpose; of it only private notes are asked.

    Raises:
        CheckFailed: something in it must not be published; the first lines of the hint name the places.
    """
    codebook = study.codebook()
    output = prepare(files, _allowed(study, report, codebook, study.definition(codebook)))
    texts = (Stored(*row) for row in publishing.stored_texts(store.connection))
    if report["report"]["profile"] == "internal":
        found = leaks_in_texts(output, (text for text in texts if text.is_private), ())
    else:
        people = study.pseudonyms(store)
        platforms = publishing.platforms_of_authors(store.connection)
        of_several_words = [one for one in platforms if one not in _OF_ONE_WORD]
        names = names_to_check(
            output,
            lambda name: (f"{one}:{people.of(one, name)}" for one in (of_several_words if " " in name else platforms)),
        )
        known = publishing.known_authors(store.connection, names)
        certain, plain = suspected(output, (names[address] for address in known))
        posts = linked_posts(output, _post_of)
        replies = publishing.known_replies(store.connection, posts)
        links = [Leak(output.links[posts[one]], "a link to a single post", posts[one]) for one in sorted(replies)]
        pseudonyms = [Leak(file, "a pseudonym", shown) for shown, file in sorted(output.pseudonyms.items())]
        found = [*certain, *links, *pseudonyms, *leaks_in_texts(output, texts, plain)]
    if found:
        _refuse(study, list(dict.fromkeys(found)))


def _refuse(study: Study, found: list[Leak]) -> None:
    lines = [f"{leak.file}: {leak.kind}: {leak.shown}" for leak in found[:_NAMED_LEAKS]]
    more = f"\nand {len(found) - _NAMED_LEAKS} more" if len(found) > _NAMED_LEAKS else ""
    raise CheckFailed(
        f"nothing was written: the report would show what must not be published ({len(found)} places)",
        hint="\n".join(lines)
        + f"{more}\nreword it where it comes from; what may be published goes on a line of {study.root / ALLOWED_FILE}",
    )


def is_single_post(query: str) -> bool:
    """Whether a request asked for single posts, so that its address leads to them."""
    return bool(_REPLY.search(query)) or (_post_of(query) or "").startswith("reddit:t1_")


def _post_of(link: str) -> str | None:
    try:
        target = parse_link(link)
    except LinkError:
        return None
    return f"{target.platform}:{target.post or target.thread}" if target.kind in ("thread", "page") else None


def _allowed(study: Study, report: Mapping[str, Any], codebook: Codebook, definition: Definition) -> Allowed:
    """What the study says itself, what it names on purpose, and what it allows."""
    quotes = report["quotes"]
    lines = tuple(_allowed_lines(study.root / ALLOWED_FILE))
    own = (study.file.title, study.file.question or "", *_texts(definition), *_codebook_texts(codebook))
    titles = tuple(thread["title"] or "" for thread in report["collection"]["thread_list"])
    quoted = tuple(quote["text"] for quote in quotes)
    people = tuple(f"{quote[part]}" for quote in quotes for part in ("name", "by"))
    return Allowed(
        own=own,
        texts=(*titles, *quoted, *lines),
        names=tuple(name for words in (*people, *lines) for name in names_in(words)),
        links=frozenset(quote["url"] for quote in quotes if quote["url"]),
    )


def _allowed_lines(path: Path) -> Iterator[str]:
    """The lines of the file of allowed words; `#` begins a remark."""
    if path.exists():
        for line in path.read_text(encoding="utf-8-sig").splitlines():
            words = line.partition("#")[0].strip()
            if words:
                yield words


def _codebook_texts(codebook: Codebook) -> Iterator[str]:
    for code in codebook.codes.values():
        yield from (text for text in (code.name, code.statement, code.definition) if text)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a definition of claims: statements, titles, labels."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Concern):
        return  # a reason is where one retells what somebody wrote
    elif is_dataclass(value):
        for one in fields(value):
            yield from _texts(getattr(value, one.name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, Iterable):
        for one in value:
            yield from _texts(one)
