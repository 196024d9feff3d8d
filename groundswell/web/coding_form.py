"""What the form of the coding screen says: codes with stances, excerpts, a memo, and how long the post was looked at."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coding.final import PRESENT, UNSURE
from coding.sentences import sentence_ends
from db.spans import own_text
from groundswell.reviewing import Answer, Choice, Excerpt, Refused

Form = Mapping[str, Sequence[str]]
VALUE_OF = "of:"
"""What the names of an attribute's fields begin with; the value is the id of the code that was chosen."""
SENTENCE_ROWS = 3
"""How many excerpts may be given by the numbers of sentences at once."""
_SLACK_MS = 50
"""By how much a browser's measure may exceed ours, which begins earlier: when the page is made."""
_MOST_SENTENCES = 120
_CLOSING = re.compile(r"[.!?\u2026\u3002\uff01\uff1f]+[\"'\u2019\u201d)\]*_~]*")
_MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text, by its number, for whoever cannot select: where it stands, in code points."""

    number: int
    start: int
    end: int
    words: str


def sentences(text: str | None) -> list[Sentence]:
    """Cut a text into numbered sentences; of a very long one only the first."""
    whole = text or ""
    found: list[Sentence] = []
    start = 0
    # A sentence keeps all that closes it; a quoted line begins one.
    for end in [*(_closed_at(whole, place) for place in sentence_ends(own_text(whole))), len(whole)]:
        piece = whole[start:end]
        words = piece.strip()
        if words and len(found) < _MOST_SENTENCES:
            begin = start + piece.index(words)
            found.append(Sentence(len(found) + 1, begin, begin + len(words), words))
        start = end
    return found


def _closed_at(text: str, place: int) -> int:
    found = _CLOSING.match(text, place)
    return place if found is None else found.end()


def one(form: Form, name: str) -> str:
    """The last value of a field, empty if it was not sent."""
    return (form.get(name) or [""])[-1]


def whole_number(written: str) -> int | None:
    """A number as a field or an address holds it; None for anything else, and for one that is too long to mean anything."""
    return int(written) if written.isdecimal() and len(written) <= _MOST_DIGITS else None


def read_answer(form: Form, text: str | None) -> Answer:
    """What a form says of a post with this text.

    Raises:
        Refused: an excerpt or a number cannot be read.
    """
    codes = [code for code in form.get("code", ()) if code]
    values = [value[-1] for name, value in form.items() if name.startswith(VALUE_OF) and value and value[-1]]
    unsure = set(form.get("unsure", ()))
    chosen = dict.fromkeys((*codes, *values, *(code for code in form.get("unsure", ()) if code)))
    excerpts = [_excerpt(written) for written in form.get("excerpt", ()) if written]
    return Answer(
        choices={code: _choice(form, code, is_unsure=code in unsure) for code in chosen},
        excerpts=(*excerpts, *_by_sentences(form, text)),
        none=bool(one(form, "none")),
        missing=bool(one(form, "missing")),
        memo=one(form, "memo").replace("\r\n", "\n"),
    )


def _choice(form: Form, code: str, *, is_unsure: bool) -> Choice:
    written = one(form, f"number:{code}").strip()
    try:
        number = float(written.replace(",", ".")) if written else None
    except ValueError:
        raise Refused(f"{written!r} is no number") from None
    if is_unsure:
        return Choice(UNSURE, None, number)
    return Choice(PRESENT, one(form, f"stance:{code}") or None, number)


def _excerpt(written: str) -> Excerpt:
    code, _, rest = written.partition("|")
    start, _, rest = rest.partition("|")
    end, _, words = rest.partition("|")
    begin, stop = whole_number(start), whole_number(end)
    if begin is None or stop is None:
        raise Refused("an excerpt has no place in the text; select it again")
    # A form is sent with the line ends of the network.
    return Excerpt(code, begin, stop, words.replace("\r\n", "\n") or None)


def written_excerpt(excerpt: Excerpt, text: str | None) -> str:
    """An excerpt as the form carries it."""
    words = (text or "")[excerpt.start : excerpt.end]
    return f"{excerpt.code}|{excerpt.start}|{excerpt.end}|{words}"


def _by_sentences(form: Form, text: str | None) -> list[Excerpt]:
    rows = [[one(form, f"{name}:{row}").strip() for name in ("in", "from", "to")] for row in range(SENTENCE_ROWS)]
    if not any(code for code, _, _ in rows):
        return []
    known = {str(sentence.number): sentence for sentence in sentences(text)}
    found = []
    for code, first, last in rows:
        if not code:
            continue
        begin, end = known.get(first), known.get(last or first)
        if begin is None or end is None or end.start < begin.start:
            raise Refused(f"the text has no sentences {first} to {last or first}")
        found.append(Excerpt(code, begin.start, end.end))
    return found


def shown_ms(form: Form, now_ms: int, shortest_ms: int) -> int:
    """How long the post was on the screen, by the browser's clock, and by ours where it does not say or cannot be right.

    Raises:
        Refused: that was too short for anybody to have read it.
    """
    served, said = whole_number(one(form, "served")), whole_number(one(form, "shown_ms"))
    since = 0 if served is None else max(now_ms - served, 0)
    shown = since if said is None else min(said, since + _SLACK_MS)
    if shown < shortest_ms:
        raise Refused(
            f"the post was on the screen for {shown} ms only; nothing was saved",
            hint=f"commit again when you have read it; a post must be shown for {shortest_ms} ms",
        )
    return shown
