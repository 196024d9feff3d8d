"""Answers of language models, as their services give them in JSON: each becomes Markdown that bears its sources itself.

Known are the Responses form (OpenAI, xAI), chat completions (OpenAI, Perplexity), messages (Anthropic) and candidates
(Gemini), by themselves, in a list, or under a key such as `response`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_WRAPPERS = ("response", "body", "result", "data", "answer")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's text, and where in the document it stands."""

    place: str
    text: str


@dataclass(slots=True)
class Answers:
    """The answers in a document.

    Attributes:
        found: the answers, in order.
        read: `id()` of each JSON object or array that is part of one, and holds nothing else to look for.
    """

    found: list[Answer] = field(default_factory=list)
    read: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Source:
    """A page that an answer cites; `end` tells where the words end that it is cited for, if that is known."""

    url: str
    title: str
    end: int | None = None


def find_answers(document: Any) -> Answers:
    """The answers in a JSON document; none where it is of no known form."""
    answers = Answers()
    for place, root in _roots(document):
        _responses(answers, place, root)
        _choices(answers, place, root)
        _message(answers, place, root)
        _candidates(answers, place, root)
    return answers


def _roots(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    tops = _objects(document, "") if isinstance(document, list) else [("", document)]
    for place, top in tops:
        if isinstance(top, dict):
            before = f"{place}." if place else ""
            yield before, top
            yield from ((f"{before}{key}.", top[key]) for key in _WRAPPERS if isinstance(top.get(key), dict))


def _responses(answers: Answers, place: str, root: dict[str, Any]) -> None:
    for at, item in _objects(root.get("output"), f"{place}output"):
        if item.get("type") == "message":
            for within, part in _objects(item.get("content"), f"{at}.content"):
                if isinstance(part.get("text"), str):
                    answers.read.add(id(part))
                    answers.found.append(Answer(f"{within}.text", _woven(part["text"], _sources(part))))


def _choices(answers: Answers, place: str, root: dict[str, Any]) -> None:
    for at, choice in _objects(root.get("choices"), f"{place}choices"):
        message = choice.get("message")
        if isinstance(message, dict) and isinstance(message.get("content"), str):
            numbered = _listed(root.get("citations")) or _listed(root.get("search_results"))
            answers.read.update((id(message), id(root.get("citations")), id(root.get("search_results"))))
            text = _woven(message["content"], _sources(message), numbered)
            answers.found.append(Answer(f"{at}.message.content", text))


def _message(answers: Answers, place: str, root: dict[str, Any]) -> None:
    if root.get("role") != "assistant":
        return
    parts = [part for _, part in _objects(root.get("content"), "") if isinstance(part.get("text"), str)]
    if parts:
        answers.read.update(map(id, parts))
        text = "".join(part["text"] + "".join(map(_mark, _sources(part))) for part in parts)
        answers.found.append(Answer(f"{place}content", text))


def _candidates(answers: Answers, place: str, root: dict[str, Any]) -> None:
    for at, candidate in _objects(root.get("candidates"), f"{place}candidates"):
        content, grounding = candidate.get("content"), candidate.get("groundingMetadata")
        parts = _objects(content.get("parts"), "") if isinstance(content, dict) else []
        text = "".join(part["text"] for _, part in parts if isinstance(part.get("text"), str))
        if text:
            answers.read.update((id(content), id(grounding)))
            sources = _grounds(text, grounding) if isinstance(grounding, dict) else []
            answers.found.append(Answer(f"{at}.content", _woven(text, sources)))


def _grounds(text: str, grounding: dict[str, Any]) -> list[_Source]:
    """Gemini's sources. Its offsets count bytes; the words that they stand for are given too, and found instead."""
    chunks = grounding.get("groundingChunks")
    pages = [
        _source(chunk.get("web") if isinstance(chunk, dict) else None)
        for chunk in (chunks if isinstance(chunks, list) else [])
    ]
    sources = []
    for _, support in _objects(grounding.get("groundingSupports"), ""):
        segment, indexes = support.get("segment"), support.get("groundingChunkIndices")
        words = segment.get("text") if isinstance(segment, dict) else None
        start = text.find(words) if isinstance(words, str) and words else -1
        for index in indexes if isinstance(indexes, list) else []:
            page = pages[index] if isinstance(index, int) and 0 <= index < len(pages) else None
            if page is not None and start >= 0:
                sources.append(_Source(page.url, page.title, start + len(words or "")))
    cited = {source.url for source in sources}
    return sources + [page for page in pages if page is not None and page.url not in cited]


def _sources(part: dict[str, Any]) -> list[_Source]:
    """The sources that a text has beside it."""
    found = []
    for name in ("annotations", "citations"):
        for _, note in _objects(part.get(name), ""):
            inner = note.get("url_citation")
            source = _source(inner if isinstance(inner, dict) else note)
            if source is not None:
                found.append(source)
    return found


def _listed(sources: Any) -> list[_Source]:
    """Sources given as a list, to which the text points by numbers."""
    pages = sources if isinstance(sources, list) else []
    found = [_source({"url": page} if isinstance(page, str) else page) for page in pages]
    return [source for source in found if source is not None]


def _source(page: Any) -> _Source | None:
    if not isinstance(page, dict):
        return None
    url = page.get("url") or page.get("uri")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        return None
    address = url.strip().replace(" ", "%20").replace("(", "%28").replace(")", "%29")
    title = str(page.get("title") or "")
    end = page.get("end_index")
    return _Source(address, title, end if isinstance(end, int) and end >= 0 else None)


def _woven(text: str, sources: list[_Source], numbered: list[_Source] | None = None) -> str:
    """The text with its sources where they belong, and those of which that is not told in a section of their own.

    A source whose address the text bears itself is not put in again.
    """
    missing = [source for source in sources if source.url not in text]
    placed = [source for source in missing if source.end is not None and source.end <= len(text)]
    lost = list(dict.fromkeys(source for source in missing if source not in placed))
    for source in sorted(placed, key=lambda source: source.end or 0, reverse=True):
        text = text[: source.end] + _mark(source) + text[source.end :]
    lines = [f"- [{_words(source.title)}]({source.url})" for source in lost]
    lines += [f"[{number}]: {source.url}" for number, source in enumerate(numbered or [], 1)]
    return "\n".join([text, "", "## Sources", "", *lines]) if lines else text


def _mark(source: _Source) -> str:
    return f" [[1]]({source.url})"


def _words(title: str) -> str:
    return title.translate({ord("["): "(", ord("]"): ")", ord("\n"): " "}) or "source"


def _objects(value: Any, place: str) -> list[tuple[str, dict[str, Any]]]:
    """The objects of an array, each with its place."""
    items = value if isinstance(value, list) else []
    return [(f"{place}[{index}]", item) for index, item in enumerate(items) if isinstance(item, dict)]
