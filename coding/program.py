"""What a program that codes is sent, and what it may answer. Nothing here starts one.

It is sent JSON lines, all in ASCII: the codebook, then one post a line. It answers with JSON lines: codings, and at most
one line that says which version it is. What does not fit is refused with the number of its line.
"""

import codecs
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from coding.codebook import ALL_CODES, Codebook
from coding.codings import CodingError, parse_coding
from db.records import Coding

_CODE_FIELDS = ("name", "definition", "include", "exclude", "examples", "parent", "statement")
_ANSWER_FIELDS = frozenset({"post", "code", "value", "stance", "number", "excerpt", "start", "end"})
_VERSION_DIGITS = 12
MOST_TOLD = 1_000
"""Of how many refused lines it is kept what was wrong; a program may write millions that all are."""


@dataclass(frozen=True, slots=True)
class SentPost:
    """A public post as a program sees it: who wrote it, what it scored and what others made of it is not told.

    Attributes:
        text_sha: the hash of title and text, which is not sent.
    """

    address: str
    thread: str
    parent: str | None
    kind: str
    title: str | None
    text: str | None
    text_sha: str


@dataclass(slots=True)
class Answers:
    """What a program said.

    Attributes:
        codings: those that can be stored, each once; an excerpt has become its place in the text.
        version: what the program says that it is.
        read: lines that were not empty.
        refused: what was wrong with each other line, with its number; the first `MOST_TOLD`.
        refused_count: how many lines were refused, those too of which it is not kept why.
    """

    codings: list[Coding] = field(default_factory=list)
    version: str | None = None
    read: int = 0
    refused: list[str] = field(default_factory=list)
    refused_count: int = 0

    def refuse(self, why: str) -> None:
        """Count a line that is not used, and keep why of the first."""
        self.refused_count += 1
        if len(self.refused) < MOST_TOLD:
            self.refused.append(why)


def lines_to_send(codebook: Codebook, revision: str, posts: Iterable[SentPost]) -> Iterator[bytes]:
    """Yield the lines that go to a program: the codebook first, then each post."""
    yield _line({"codebook": {"revision": revision, "codes": _codes(codebook)}})
    for post in posts:
        yield _line(
            {
                "post": post.address, "thread": post.thread, "parent": post.parent, "kind": post.kind,
                "title": post.title, "text": post.text,
            }
        )  # fmt: skip


def _line(value: Any) -> bytes:
    return json.dumps(value).encode("ascii") + b"\n"


def _codes(codebook: Codebook) -> dict[str, dict[str, Any]]:
    """The codes as a coder needs them: no rules, and none that is retired."""
    return {
        code.id: {name: getattr(code, name) for name in _CODE_FIELDS if getattr(code, name)}
        | {"stance": code.stance, "choose": "one" if code.choose_one else None}
        for code in codebook.codes.values()
        if not codebook.is_retired(code.id)
    }


def version_of(command: Sequence[str], reported: str | None) -> str:
    """Return 12 hex digits that stand for a command and the version that it reports."""
    said = json.dumps([list(command), reported])
    return hashlib.sha256(said.encode()).hexdigest()[:_VERSION_DIGITS]


def read_answers(
    lines: Iterable[bytes], posts: Mapping[str, SentPost], codebook: Codebook, coder: str, now: str
) -> Answers:
    """Read what a program answered.

    Args:
        lines: its output.
        posts: what it was sent, by address.
        codebook: the one that it was sent.
        coder: its name.
        now: the moment that its codings bear (ISO 8601 UTC).
    """
    answers = Answers()
    by = {"coder": coder, "coder_kind": "program", "created_at": now}
    said: dict[tuple[str, str], tuple[str, str | None]] = {}
    kept: dict[Coding, None] = {}
    doubted: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        answers.read += 1
        answer: dict[str, Any] = {}
        try:
            answer = _object(line.removeprefix(codecs.BOM_UTF8))
            if answer.keys() == {"version"}:
                answers.version = _version(answer["version"], answers.version)
            else:
                coding = _coding(answer, posts, codebook, by)
                _refuse_contradiction(coding, said)
                kept[coding] = None
        except CodingError as error:
            answers.refuse(f"line {number}: {error}")
            if isinstance(post := answer.get("post"), str) and post in posts:
                doubted.add(post)
    for coding in kept:
        # What it said of some code is not known here: to take that for absent would put words into its mouth.
        if coding.code == ALL_CODES and coding.post in doubted:
            answers.refuse(f"{coding.post}: nothing else is taken for {coding.value}, since a line on it was refused")
        else:
            answers.codings.append(coding)
    return answers


def _refuse_contradiction(coding: Coding, said: dict[tuple[str, str], tuple[str, str | None]]) -> None:
    now = coding.value, coding.stance
    if said.setdefault((coding.post, coding.code), now) != now:
        raise CodingError(f"an earlier line says otherwise of {coding.code!r} in {coding.post}")


def _object(line: bytes) -> dict[str, Any]:
    try:
        answer = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CodingError(f"no whole JSON value: {error}") from error
    if not isinstance(answer, dict):
        raise CodingError("an answer is a JSON object")
    return answer


def _version(told: Any, before: str | None) -> str:
    if not isinstance(told, str) or not told.strip():
        raise CodingError("version is no text")
    if before not in {None, told.strip()}:
        raise CodingError(f"another version than before: {told!r}")
    return told.strip()


def _coding(answer: dict[str, Any], posts: Mapping[str, SentPost], codebook: Codebook, by: dict[str, str]) -> Coding:
    unknown = sorted(answer.keys() - _ANSWER_FIELDS)
    if unknown:
        raise CodingError(f"unknown field {unknown[0]!r}")
    excerpt = answer.get("excerpt")
    if excerpt is not None and not isinstance(excerpt, str):
        raise CodingError(f"excerpt {excerpt!r} is not text")
    coding = parse_coding({name: value for name, value in answer.items() if name != "excerpt"} | by, codebook)
    post = posts.get(coding.post)
    if post is None:
        raise CodingError(f"post {coding.post!r} was not sent")
    if coding.code != ALL_CODES and codebook.is_retired(coding.code):
        raise CodingError(f"the code {coding.code!r} is retired")
    if coding.end is not None and coding.end > len(post.text or ""):
        raise CodingError(f"end {coding.end} lies beyond the text of {post.address}")
    start, end = _place(coding, excerpt.strip(), post) if excerpt and excerpt.strip() else (coding.start, coding.end)
    return replace(coding, start=start, end=end, number=_number(coding.number), text_sha=post.text_sha)


def _place(coding: Coding, excerpt: str, post: SentPost) -> tuple[int | None, int | None]:
    """Where an excerpt stands in the text; one that stands in the title has no place, and is of the whole post."""
    text = post.text or ""
    if coding.start is not None:
        if text[coding.start : coding.end].split() != excerpt.split():
            raise CodingError(f"the excerpt is not what stands from {coding.start} to {coding.end} in {post.address}")
        return coding.start, coding.end
    place = find_excerpt(excerpt, text)
    if place is None and find_excerpt(excerpt, post.title or "") is None:
        raise CodingError(f"the excerpt does not stand in {post.address}")
    return place or (None, None)


def find_excerpt(excerpt: str, text: str) -> tuple[int, int] | None:
    """Return where an excerpt first stands in a text, in code points: as it is, else with any blanks between its words.

    Whole words come before parts of words: the "it" that a program copied is hardly that of "with".
    """
    pattern = re.escape(excerpt) if excerpt in text else r"\s+".join(map(re.escape, excerpt.split()))
    found = re.search(rf"(?<!\w){pattern}(?!\w)", text) or re.search(pattern, text)
    return None if found is None else found.span()


def _number(number: float | None) -> float | None:
    try:
        return None if number is None else float(number)
    except OverflowError as error:
        raise CodingError("number is too large") from error
