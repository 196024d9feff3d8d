"""Rounds: what coders said of the same posts independently of each other, and the sheets on which they say it.

A round counts only what a person of the round coded blind, with no suggestion shown, by the round's codebook, before the
round was closed, of a text that still stands. Everything else that names the round is counted by the reason for which
it was left out. What a program said of the same posts is compared with one person at a time and enters nothing else.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from coding.agreement import Agreement, Overlap, Segment, Table, assess, overlap
from coding.codebook import ALL_CODES, Codebook, looked_for
from coding.codebook_changes import stale_codings
from coding.codings import STANCES, VALUES, CodingError
from coding.final import ABSENT, PRESENT, UNSURE, Decision, FinalLayer
from db.queries.codebooks import Revision
from db.queries.samples import Round, RoundCoding, Text

REASONS = ("ambiguous", "guideline gap", "slip")
"""Why coders differed: the post allows both, the codebook does not say, or one of them made a mistake."""
NO_VALUE = "none"
NO_STANCE = "no stance"
_TWO = 2


@dataclass(frozen=True, slots=True)
class Coded:
    """What counts of a round.

    Attributes:
        layers: what each coder said, by coder.
        segments: where each coder marked a code: by coder, post and code.
        settled: what was adjudicated.
        reasons: why, by post and code.
        left_out: codings that do not count, by reason.
    """

    layers: Mapping[str, FinalLayer]
    segments: Mapping[str, Mapping[tuple[int, str], frozenset[Segment]]]
    settled: FinalLayer
    reasons: Mapping[tuple[int, str], str | None]
    left_out: Mapping[str, int]


def count_in(
    codings: Iterable[RoundCoding],
    round_: Round,
    posts: Iterable[int],
    codebook: Codebook,
    revisions: Mapping[str, str],
    *,
    given: Mapping[str, Collection[int]] | None = None,
) -> Coded:
    """Tell what counts of the codings of a round.

    Args:
        codings: all that name the round, in the order in which they were made.
        round_: the round.
        posts: those that it is about.
        codebook: the one that it was frozen with.
        revisions: the content of earlier revisions.
        given: the posts that each coder was given, where not all read all.
    """
    counted, settled, left_out = independent(codings, round_, posts, given)
    return Coded(
        layers={
            coder: FinalLayer((one.coding for one in found), codebook, revisions) for coder, found in counted.items()
        },
        segments={coder: _segments(found) for coder, found in counted.items()},
        settled=FinalLayer((one.coding for one in settled), codebook, revisions),
        reasons={(one.coding.post, one.coding.code): one.note for one in settled},
        left_out=left_out,
    )


def independent(
    codings: Iterable[RoundCoding],
    round_: Round,
    posts: Iterable[int],
    given: Mapping[str, Collection[int]] | None = None,
) -> tuple[dict[str, list[RoundCoding]], list[RoundCoding], dict[str, int]]:
    """Sort the codings of a round: those that count by coder, those that settle differences, the rest by reason.

    A coding of a post that was given to others tells what the post says, but is none of those that chance picked for a
    second reading: it counts unless `given` says who was given what.
    """
    here = frozenset(posts)
    counted: dict[str, list[RoundCoding]] = {coder: [] for coder in round_.coders}
    settled: list[RoundCoding] = []
    left_out: Counter[str] = Counter()
    for coding in codings:
        if coding.coding.adjudicated:
            settled.append(coding)
        elif reason := _why_not(coding, round_, here, given):
            left_out[reason] += 1
        else:
            counted[coding.coding.coder].append(coding)
    return counted, settled, dict(sorted(left_out.items()))


def _why_not(
    coding: RoundCoding, round_: Round, posts: frozenset[int], given: Mapping[str, Collection[int]] | None
) -> str | None:
    said = coding.coding
    reasons = (
        (coding.kind != "person", "not by a person"),
        (said.coder not in round_.coders, "by somebody who is not of the round"),
        (said.post not in posts, "of a post that is not in the round"),
        (given is not None and said.post not in given.get(said.coder, ()), "of a post that was given to others"),
        (not coding.blind, "not blind"),
        (coding.suggestion_shown, "with a suggestion shown"),
        (said.codebook_revision != round_.codebook_revision, "by another revision of the codebook"),
        (round_.closed_at is not None and said.created_at > round_.closed_at, "after the round was closed"),
        (not said.current_text, "of a text that has changed or is gone"),
    )
    return next((reason for holds, reason in reasons if holds), None)


def _segments(codings: Iterable[RoundCoding]) -> dict[tuple[int, str], frozenset[Segment]]:
    """The segments that a coder marked since last saying anything but present."""
    marked: dict[tuple[int, str], set[Segment]] = defaultdict(set)
    for one in codings:
        here = marked[one.coding.post, one.coding.code]
        if one.coding.value != PRESENT:
            here.clear()
        elif one.start is not None and one.end is not None:
            here.add((one.start, one.end))
    return {place: frozenset(found) for place, found in marked.items() if found}


CODE, STANCE, ATTRIBUTE = "code", "stance", "attribute"


@dataclass(frozen=True, slots=True)
class CodeAgreement:
    """The agreement on one code.

    Attributes:
        kind: of a code whether it is there; of its stance, on posts where coders say that it is there; of an attribute
            which value a post has.
        unsure: for each coder the posts that were left unsure; they are missing cells.
        segments: how far marked segments meet; None where the kind has none.
    """

    code: str
    kind: str
    agreement: Agreement
    unsure: Mapping[str, int]
    segments: Overlap | None


def agreement_by_code(
    coded: Coded, coders: Sequence[str], codes: Sequence[str], threads: Mapping[int, str], codebook: Codebook
) -> list[CodeAgreement]:
    """Assess the agreement on each code, on stances, and on attributes.

    Args:
        coded: what counts of the round.
        coders: whose agreement.
        codes: the round's.
        threads: the thread of each post of the round.
        codebook: the one that the round was frozen with.
    """
    found = []
    for code in codes:
        found.append(_on_code(coded, coders, code, threads))
        if codebook.codes[code].stance:
            found.append(_on_stance(coded, coders, code, threads))
    values = dict.fromkeys(codebook.codes[code].parent for code in codes if codebook.is_value(code))
    found += [_on_attribute(coded, coders, name, threads) for name in values if name is not None]
    return found


def _table(
    decisions: Mapping[int, Sequence[Decision]],
    cell: Mapping[int, Sequence[str | None]],
    coders: Sequence[str],
    threads: Mapping[int, str],
    negative: str,
) -> tuple[Agreement, dict[str, int]]:
    posts = [post for post in decisions if any(value is not None for value in cell[post])]
    table = Table(
        coders=tuple(coders),
        rows=tuple(tuple(cell[post]) for post in posts),
        threads=tuple(threads[post] for post in posts),
        negative=negative,
    )
    unsure = {
        coder: sum(made[place].value == UNSURE for made in decisions.values()) for place, coder in enumerate(coders)
    }
    return assess(table), unsure


def _on_code(coded: Coded, coders: Sequence[str], code: str, threads: Mapping[int, str]) -> CodeAgreement:
    made = {post: [coded.layers[coder].decision(post, code) for coder in coders] for post in threads}
    cells = {post: [one.value if one.value in (PRESENT, ABSENT) else None for one in made[post]] for post in made}
    agreement, unsure = _table(made, cells, coders, threads, ABSENT)
    none: frozenset[Segment] = frozenset()
    marked = (
        [
            coded.segments[coder].get((post, code), none) if one.value == PRESENT else none
            for coder, one in zip(coders, made[post], strict=True)
        ]
        for post in made
    )
    return CodeAgreement(code, CODE, agreement, unsure, overlap(marked))


def _on_stance(coded: Coded, coders: Sequence[str], code: str, threads: Mapping[int, str]) -> CodeAgreement:
    made = {post: [coded.layers[coder].decision(post, code) for coder in coders] for post in threads}
    cells = {post: [(one.stance or NO_STANCE) if one.value == PRESENT else None for one in made[post]] for post in made}
    agreement, unsure = _table(made, cells, coders, threads, NO_STANCE)
    return CodeAgreement(code, STANCE, agreement, unsure, None)


def _on_attribute(coded: Coded, coders: Sequence[str], name: str, threads: Mapping[int, str]) -> CodeAgreement:
    made = {post: [coded.layers[coder].value_of(post, name) for coder in coders] for post in threads}
    cells = {
        post: [one.stance if one.value == PRESENT else NO_VALUE if one.value == ABSENT else None for one in made[post]]
        for post in made
    }
    agreement, unsure = _table(made, cells, coders, threads, NO_VALUE)
    return CodeAgreement(name, ATTRIBUTE, agreement, unsure, None)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A post and code on which coders of a round decided differently.

    Attributes:
        said: what each of them said, such as "present support".
        settled: what was adjudicated, in the same words; None while nothing was.
        reason: why they differed, as whoever adjudicated has it.
    """

    post: int
    code: str
    said: Mapping[str, str]
    settled: str | None
    reason: str | None


def disagreements(coded: Coded, codes: Sequence[str], posts: Iterable[int]) -> Iterator[Disagreement]:
    """The posts and codes on which coders decided differently, in the order of the posts."""
    for post in posts:
        for code in codes:
            said = {
                coder: _in_words(made)
                for coder, layer in coded.layers.items()
                if (made := layer.decision(post, code)).value in (PRESENT, ABSENT)
            }
            if len(set(said.values())) >= _TWO:
                made = coded.settled.decision(post, code)
                settled = None if made.value is None else _in_words(made)
                yield Disagreement(post, code, said, settled, coded.reasons.get((post, code)))


def _in_words(made: Decision) -> str:
    return f"{made.value} {made.stance}" if made.stance else f"{made.value}"


def again(first: Coded, second: Coded, rounds: tuple[str, str], coder: str) -> Coded:
    """One coder in two rounds as if that were two coders, named after the rounds: what intra-coder agreement is of."""
    both = dict(zip(rounds, (first, second), strict=True))
    return Coded(
        layers={name: coded.layers[coder] for name, coded in both.items()},
        segments={name: coded.segments[coder] for name, coded in both.items()},
        settled=second.settled,
        reasons=second.reasons,
        left_out=second.left_out,
    )


def programs_in(
    codings: Iterable[RoundCoding],
    round_: Round,
    posts: Iterable[int],
    codebook: Codebook,
    revisions: Sequence[Revision],
) -> dict[str, Coded]:
    """Tell what counts of what programs said of the posts of a round, each program by itself.

    A program is sent the codebook as it is when it runs. What it says of a code counts if the code meant then what the
    round's codebook says, and if the post's text still stands.

    Args:
        codings: of programs, in the order in which they were made.
        round_: the round.
        posts: those that it is about.
        codebook: the one that it was frozen with.
        revisions: the codebooks that were in use, in the order of their first use.
    """
    here = frozenset(posts)
    asked = {kept.revision: looked_for(kept.content) for kept in revisions}
    of_all: dict[str, list[RoundCoding]] = defaultdict(list)
    of_one: dict[str, list[RoundCoding]] = defaultdict(list)
    for one in codings:
        if one.coding.post not in here:
            continue
        if one.coding.code == ALL_CODES:
            covered = asked.get(one.coding.codebook_revision or "", round_.codes)
            codes = [code for code in round_.codes if code in covered]
            of_all[one.coding.coder] += [replace(one, coding=replace(one.coding, code=code)) for code in codes]
        else:
            of_one[one.coding.coder] += [one] if one.coding.code in round_.codes else []
    # What it says of one code comes after what it says of all, and so holds in its place.
    said = {program: of_all[program] + of_one[program] for program in sorted({*of_all, *of_one})}
    return {program: _program_in(program, found, codebook, revisions) for program, found in said.items() if found}


def _program_in(program: str, found: Sequence[RoundCoding], codebook: Codebook, revisions: Sequence[Revision]) -> Coded:
    stale = {(one.post, one.code) for one in stale_codings((one.coding for one in found), codebook, revisions)}
    reasons = {
        "of a text that has changed or is gone": [one for one in found if not one.coding.current_text],
        "of a code that meant something else": [one for one in found if (one.coding.post, one.coding.code) in stale],
    }
    left_out = {id(one) for those in reasons.values() for one in those}
    counted = [one for one in found if id(one) not in left_out]
    content = {kept.revision: kept.content for kept in revisions}
    return Coded(
        layers={program: FinalLayer((one.coding for one in counted), codebook, content)},
        segments={program: _segments(counted)},
        settled=FinalLayer((), codebook, content),
        reasons={},
        left_out={reason: len(those) for reason, those in reasons.items() if those},
    )


def beside(coded: Coded, person: str, program: Coded) -> Coded:
    """One person of a round and a program as if they were its two coders."""
    return Coded(
        layers={person: coded.layers[person], **program.layers},
        segments={person: coded.segments[person], **program.segments},
        settled=coded.settled,
        reasons=coded.reasons,
        left_out=program.left_out,
    )


def still_to_read(
    newest_first: Sequence[int], layer: FinalLayer, codes: Sequence[str], codebook: Codebook
) -> dict[str, list[int]]:
    """The posts of one drawn author that are still to be read, by code; a decided code has none.

    For presence reading stops at a post that is coded present. For a stance it stops at the newest post with one: only
    posts that are newer still count (S8 of docs/explanation/statistics.md).
    """
    left = {}
    for code in codes:
        unread = []
        for post in newest_first:
            made = layer.decision(post, code)
            if made.value is None:
                unread.append(post)
            elif made.value == PRESENT and codebook.codes[code].stance:
                if made.stance is not None:
                    break
            elif made.value == PRESENT:
                unread = []
                break
        left[code] = unread
    return left


def sheet_line(round_: Round, coder: str, text: Text) -> dict[str, Any]:
    """A post as a coder gets it to fill in: its words and those that it answers, nothing of authors or other coders."""
    return {
        "round": round_.id, "coder": coder, "version": round_.codebook_revision, "post": text.address,
        "text_sha": text.text_sha, "parent_title": text.parent_title, "parent_text": text.parent_text,
        "title": text.title, "text": text.text, "codes": dict.fromkeys((*round_.codes, ALL_CODES), ""),
    }  # fmt: skip


_SHEET_FIELDS = frozenset(
    {"round", "coder", "version", "post", "text_sha", "parent_title", "parent_text", "title", "text", "codes"}
)
_SHEET_KEYS = ("round", "coder", "version", "post", "text_sha")


@dataclass(frozen=True, slots=True)
class Filled:
    """A line of a sheet as it came back.

    Attributes:
        codes: value and stance of each code that was filled in.
    """

    round: str
    coder: str
    version: str
    post: str
    text_sha: str
    codes: Mapping[str, tuple[str, str | None]]


def is_sheet(line: Any) -> bool:
    """Whether a decoded JSON line is one of a sheet and not a coding."""
    return isinstance(line, dict) and "codes" in line


def read_sheet_line(line: Any) -> Filled:
    """Read a line of a sheet; a code that was left empty says nothing.

    Raises:
        CodingError: a field is missing, unknown or wrong.
    """
    if not is_sheet(line):
        raise CodingError("a line of a sheet is a JSON object with codes")
    unknown = sorted(set(line) - _SHEET_FIELDS)
    if unknown:
        raise CodingError(f"unknown field {unknown[0]!r}")
    for name in _SHEET_KEYS:
        if not isinstance(line.get(name), str) or not line[name]:
            raise CodingError(f"{name} is missing or no text")
    if not isinstance(line["codes"], dict):
        raise CodingError("codes is no JSON object")
    codes = {code: said for code, word in line["codes"].items() if (said := _said(code, word)) is not None}
    return Filled(line["round"], line["coder"], line["version"], line["post"], line["text_sha"], codes)


def _said(code: str, word: Any) -> tuple[str, str | None] | None:
    if word is None or word == "":
        return None
    if word in VALUES:
        return str(word), None
    if word in STANCES:
        return PRESENT, str(word)
    raise CodingError(f"{code}: {word!r} is none of {', '.join((*VALUES, *STANCES))}")
