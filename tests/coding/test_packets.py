"""Packets: known by their content to whoever holds the key, and read back line by line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.codebook import Code, Codebook
from coding.codings import CodingError
from coding.packets import (
    Memo,
    Packet,
    PacketError,
    is_return,
    read_packet,
    read_return,
    read_return_header,
    without_people,
    write_return,
)
from db.records import Coding

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY = b"a key that only tests know"
BOOK = Codebook(
    {
        "bread": Code("bread", "Dear bread", definition="Names the price.", stance=True),
        "queue": Code("queue", "Queue", definition="Mentions a queue."),
    }
)
PACKET = Packet(
    coder="ben", sample="main-1", round="r", codebook_revision="4f0c", codes=("bread",), blind=True,
    posts={"example:p2": "sha2", "example:p1": "sha1"},
).signed(KEY)  # fmt: skip
MEMO = Memo("example:p1", "Is this irony?", "2026-03-01T09:00:00Z")
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PACKETS = st.builds(
    Packet, coder=WORDS, sample=WORDS, round=st.none() | WORDS, codebook_revision=WORDS,
    codes=st.lists(WORDS, max_size=3).map(tuple), blind=st.booleans(), posts=st.dictionaries(WORDS, WORDS, max_size=5),
)  # fmt: skip


def _line(**changes: Any) -> dict[str, Any]:
    line = {
        "post": "example:p1", "code": "bread", "value": "present", "stance": "support", "number": None, "start": None,
        "end": None, "coder": "ben", "coder_kind": "person", "version": "4f0c", "round": "r",
        "created_at": "2026-03-01T09:00:00Z", "text_sha": "sha1", "blind": True, "suggestion_shown": False,
        "adjudicated": False, "reason": None,
    }  # fmt: skip
    return line | changes


def _read(*lines: Any, packet: Packet = PACKET) -> list[Coding | Memo | str | CodingError]:
    raw = (line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return list(read_return(raw, packet, BOOK))


def _problem(*lines: Any) -> str:
    [found] = _read(*lines)
    assert isinstance(found, CodingError)
    return str(found)


@given(PACKETS, st.binary(min_size=1), st.binary(min_size=1))
def test_a_packet_is_known_to_the_key_that_made_it_and_to_no_other(packet: Packet, key: bytes, other: bytes) -> None:
    signed = packet.signed(key)

    assert signed.is_of(key)
    assert signed.signed(key) == signed
    # HMAC fills a key up with zeros, so keys that differ in nothing else are the same key.
    assert signed.is_of(other) is (key.rstrip(b"\0") == other.rstrip(b"\0"))
    assert read_packet(signed.to_json()) == signed


@pytest.mark.parametrize(
    "changes",
    [
        {"coder": "eve"}, {"sample": "main-2"}, {"round": None}, {"codebook_revision": "beef"}, {"codes": ("queue",)},
        {"blind": False}, {"posts": {"example:p1": "sha1"}}, {"posts": {"example:p2": "sha2", "example:p1": "sha9"}},
        {"id": "0" * 16}, {"id": "ü"},
    ],
)  # fmt: skip
def test_a_packet_in_which_anything_was_changed_is_not_the_one_that_was_made(changes: dict[str, Any]) -> None:
    assert not msgspec.structs.replace(PACKET, **changes).is_of(KEY)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no packet: "),
        (b"[" * 200_000, "no packet: "),
        (b"\xff\xfe", "no packet: "),
        (b'{"coder": "ben"}', "no packet: Object missing required field"),
        (PACKET.to_json().replace(b'"blind"', b'"blond"'), "no packet: "),
        (PACKET.to_json().replace(b'"version": 1', b'"version": 2'), "no packet that this version reads: "),
        (PACKET.to_json().replace(b'"groundswell packet"', b'"wells"'), "no packet that this version reads: wells 1"),
    ],
)
def test_what_is_no_packet_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(PacketError, match=f"^{problem}"):
        read_packet(content)


@given(st.binary(max_size=200))
def test_no_bytes_are_taken_for_a_packet_or_break_its_reader(content: bytes) -> None:
    with pytest.raises(PacketError):
        read_packet(content)
    with pytest.raises(PacketError):
        read_return_header(content)
    assert not is_return(content)


@given(WORDS, st.text("0123456789abcdef", min_size=12, max_size=12), WORDS)
def test_pseudonyms_stand_for_nobody_in_a_packet_and_texts_keep_their_length(
    before: str, digits: str, after: str
) -> None:
    text = f"{before}/u/~{digits} said so @~{digits}{after}"

    shown = without_people(text)

    assert shown is not None
    assert len(shown) == len(text)
    assert digits not in shown.removeprefix(before)[: len(shown) - len(before) - len(after)]
    assert without_people(None) is None
    assert without_people("about ~0123456789ab of them") == "about ~0123456789ab of them"


def test_what_was_written_comes_back() -> None:
    undone = "ab" * 32
    lines = write_return(PACKET, [_line()], [MEMO], [undone]).splitlines()

    packet, follow = read_return_header(lines[0])
    coding, memo, taken_back = read_return(lines[1:], packet, BOOK)

    assert is_return(lines[0])
    assert not is_return(lines[1])
    assert (packet, follow, memo, taken_back) == (PACKET, 3, MEMO, undone)
    assert isinstance(coding, Coding)
    assert (coding.post, coding.code, coding.stance, coding.coder, coding.round, coding.blind) == (
        "example:p1", "bread", "support", "ben", "r", True,
    )  # fmt: skip


def test_a_header_of_another_version_is_refused() -> None:
    header = write_return(PACKET, [], [], []).replace(b'"version":1', b'"version":2')

    with pytest.raises(PacketError, match="no packet that this version reads"):
        read_return_header(header)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"post": "example:p9"}, "example:p9 bread: the post was not in the packet"),
        ({"text_sha": "sha2"}, "example:p1 bread: it is of another text than the packet had"),
        ({"text_sha": None}, "example:p1 bread: it is of another text than the packet had"),
        ({"version": "beef"}, "example:p1 bread: coded by revision beef of the codebook, the packet is of 4f0c"),
        ({"version": None}, "example:p1 bread: coded by revision None of the codebook, the packet is of 4f0c"),
        ({"code": "queue", "stance": None}, "example:p1 queue: the packet does not ask for 'queue'"),
        ({"code": "rye"}, "example:p1 rye: the codebook has no code 'rye'"),
        ({"round": "s"}, "example:p1 bread: coded in round s, the packet is of round r"),
        ({"round": None}, "example:p1 bread: coded in no round, the packet is of round r"),
        ({"adjudicated": True}, "example:p1 bread: whoever codes alone settles no difference"),
        ({"value": "maybe"}, "example:p1 bread: value 'maybe' is none of present, absent, unsure, missing"),
        ({"mood": "bad"}, "example:p1 bread: unknown field 'mood'"),
    ],
)
def test_a_coding_that_was_not_asked_for_is_refused_by_name(changes: dict[str, Any], problem: str) -> None:
    assert _problem({"coding": _line(**changes)}) == problem


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"{", "no whole JSON value: "),
        (b"[" * 200_000, "no whole JSON value: "),
        (b'{"memo": {"about": "x", "text": "\xff"}}', "no whole JSON value: "),
        ([], "a line has one of coding, memo and taken_back"),
        ({}, "a line has one of coding, memo and taken_back"),
        ({"coding": 1, "memo": 2}, "a line has one of coding, memo and taken_back"),
        ({"coding": 1}, "a coding: a coding is a JSON object"),
        ({"taken_back": 1}, "'taken_back' is none of coding, memo and taken_back"),
        ({"mood": {}}, "'mood' is none of coding, memo and taken_back"),
        ({"memo": {"about": "x"}}, "no whole JSON value: Object missing required field"),
        ({"memo": {"about": "x", "text": "", "created_at": "2026-03-01T09:00:00Z"}}, "no whole JSON value: Expected"),
        ({"memo": {"about": "x", "text": "y", "created_at": "today"}}, "no whole JSON value: Expected"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_and_the_next_one_is_read(line: Any, problem: str) -> None:
    refused, coding = _read(line, {"coding": _line()})

    assert isinstance(refused, CodingError)
    assert str(refused).startswith(problem)
    assert isinstance(coding, Coding)


@pytest.mark.parametrize(
    "changes", [{"coder": "eve"}, {"coder": None}, {"coder": ["ben"]}, {"coder_kind": "model"}, {"coder_kind": None}]
)
def test_a_file_with_codings_of_anybody_else_is_refused_as_a_whole(changes: dict[str, Any]) -> None:
    with pytest.raises(PacketError, match="the packet is ben's, but a coding in it is by "):
        _read({"coding": _line()}, {"coding": _line(**changes)})


@pytest.mark.parametrize(("said", "packet", "blind"), [(True, True, True), (False, True, False), (True, False, False)])
def test_a_coding_is_blind_only_if_coder_and_packet_say_so(said: bool, packet: bool, blind: bool) -> None:
    [coding] = _read({"coding": _line(blind=said)}, packet=msgspec.structs.replace(PACKET, blind=packet))

    assert isinstance(coding, Coding)
    assert coding.blind is blind


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.lists(st.binary(max_size=30) | JSON | st.dictionaries(st.sampled_from(["memo", "taken_back"]), JSON), max_size=5)
)
def test_no_line_breaks_the_reader(lines: Iterable[Any]) -> None:
    for found in _read(*lines):
        assert isinstance(found, (Memo, str, CodingError))


@given(st.sampled_from(sorted(_line())), JSON)
def test_no_value_of_a_field_breaks_the_reader(name: str, value: Any) -> None:
    if name in ("coder", "coder_kind"):
        return
    [found] = _read({"coding": _line(**{name: value})})

    assert isinstance(found, (Coding, CodingError))
