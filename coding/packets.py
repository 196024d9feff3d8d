"""Packets: what a coder elsewhere is given to read, and the file in which their codings come back.

A packet says of itself which study made it: its id is a keyed hash of everything else in it. So whoever holds the key
recognises a packet of their own, whatever became of the record of it, and one in which coder, round, codebook or posts
were changed is known for that.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

import msgspec

from coding.codebook import ALL_CODES, Codebook
from coding.codings import CodingError, parse_coding
from db.records import Coding

FORMAT = "groundswell packet"
VERSION = 1
_ID_DIGITS = 16
_IN_TEXT = re.compile(r"(?<=[/@_=])~[0-9a-f]{12}")


class PacketError(ValueError):
    """What cannot be a packet or come back from one; its text says what is wrong."""


class Packet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a coder elsewhere is given to read.

    Attributes:
        id: sixteen hex digits, a keyed hash of all else.
        sample, round: what is read; a packet without a round is read outside of any.
        codes: what is coded.
        blind: whether the coder sees no scores either; of other coders and machines a packet holds nothing anyway.
        posts: of each post to read, by address and in the order of the draw, the hash of its text.
    """

    coder: str
    sample: str
    round: str | None
    codebook_revision: str
    codes: tuple[str, ...]
    blind: bool
    posts: dict[str, str]
    id: str = ""
    format: str = FORMAT
    version: int = VERSION

    def signed(self, key: bytes) -> "Packet":
        """The packet with the id that its content has under a key."""
        return msgspec.structs.replace(self, id=self._hash(key))

    def is_of(self, key: bytes) -> bool:
        """Whether the holder of a key made this packet, and nothing in it was changed."""
        return hmac.compare_digest(self.id.encode(), self._hash(key).encode())

    def _hash(self, key: bytes) -> str:
        content = msgspec.json.encode(msgspec.structs.replace(self, id=""))
        return hmac.new(key, b"packet:" + content, hashlib.sha256).hexdigest()[:_ID_DIGITS]

    def to_json(self) -> bytes:
        """The packet as its file packet.json holds it."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


def read_packet(content: bytes) -> Packet:
    """Read what packet.json holds.

    Raises:
        PacketError: it is no packet, or one of a newer version.
    """
    try:
        found = msgspec.json.decode(content, type=Packet)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PacketError(f"no packet: {error}") from error
    if (found.format, found.version) != (FORMAT, VERSION):
        raise PacketError(f"no packet that this version reads: {found.format} {found.version}")
    return found


def without_people(text: str | None) -> str | None:
    """A text in which pseudonyms stand for nobody; it keeps its length, so that excerpts stay where they are."""
    return None if text is None else _IN_TEXT.sub(lambda found: "~" + "·" * (len(found[0]) - 1), text)


Words = Annotated[str, msgspec.Meta(min_length=1)]
Moment = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]


class Memo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A note that a coder wrote: about what, and when."""

    about: Words
    text: Words
    created_at: Moment


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    packet: Packet
    codings: int
    memos: int
    taken_back: int


def is_return(line: bytes) -> bool:
    """Whether this is the first line of a file that came back from a coder."""
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(found, dict) and "packet" in found


def write_return(
    packet: Packet, codings: Iterable[Mapping[str, Any]], memos: Iterable[Memo], taken_back: Iterable[str]
) -> bytes:
    """What a coder sends back, as JSON lines: the packet and how much follows, then each coding, memo and undoing.

    Args:
        packet: as it was given out.
        codings: as `export codings` gives them.
        memos: what the coder noted.
        taken_back: the hashes of codings that the coder made and took back, in case they were returned before.
    """
    lines: list[dict[str, Any]] = [{"coding": dict(coding)} for coding in codings]
    many = len(lines)
    lines += [{"memo": memo} for memo in memos]
    memos_written = len(lines) - many
    lines += [{"taken_back": uid} for uid in taken_back]
    header = _Header(packet, many, memos_written, len(lines) - many - memos_written)
    return b"".join(msgspec.json.encode(line) + b"\n" for line in (header, *lines))


def read_return_header(line: bytes) -> tuple[Packet, int]:
    """Read the first line of what came back; returns the packet and how many lines follow.

    Raises:
        PacketError: it is not one.
    """
    try:
        found = msgspec.json.decode(line, type=_Header)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PacketError(f"no packet that came back: {error}") from error
    if (found.packet.format, found.packet.version) != (FORMAT, VERSION):
        raise PacketError("no packet that this version reads")
    return found.packet, found.codings + found.memos + found.taken_back


def read_return(
    lines: Iterable[bytes], packet: Packet, codebook: Codebook
) -> Iterator[Coding | Memo | str | CodingError]:
    """What follows the first line: codings, memos, the hashes of codings that were taken back, or what is wrong.

    Args:
        lines: one each.
        packet: of the first line.
        codebook: of the packet's revision.

    Raises:
        PacketError: a coding is not by the packet's coder; then none of the file is to be trusted.
    """
    for line in lines:
        try:
            yield _read_line(msgspec.json.decode(line), packet, codebook)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield CodingError(f"no whole JSON value: {error}")
        except CodingError as error:
            yield error


def _read_line(line: Any, packet: Packet, codebook: Codebook) -> Coding | Memo | str:
    if not isinstance(line, dict) or len(line) != 1:
        raise CodingError("a line has one of coding, memo and taken_back")
    [(kind, found)] = line.items()
    if kind == "coding":
        return _coding(found, packet, codebook)
    if kind == "memo":
        return msgspec.convert(found, Memo)
    if kind == "taken_back" and isinstance(found, str):
        return found
    raise CodingError(f"{kind!r} is none of coding, memo and taken_back")


def _coding(line: Any, packet: Packet, codebook: Codebook) -> Coding:
    _refuse_others(line, packet)
    where = _named(line)
    try:
        coding = parse_coding(line, codebook)
    except CodingError as error:
        raise CodingError(f"{where}: {error}") from error
    problem = misfit(coding, packet)
    if problem is not None:
        raise CodingError(f"{where}: {problem}")
    return replace(coding, blind=coding.blind and packet.blind, reason=None)


def _refuse_others(line: Any, packet: Packet) -> None:
    """Raise where a coding bears the name of anybody but the packet's coder."""
    if isinstance(line, dict) and (line.get("coder"), line.get("coder_kind", "person")) != (packet.coder, "person"):
        raise PacketError(
            f"the packet is {packet.coder}'s, but a coding in it is by {line.get('coder')!r} ({line.get('coder_kind')})"
        )


def _named(line: Any) -> str:
    return f"{line.get('post')} {line.get('code')}" if isinstance(line, dict) else "a coding"


def misfit(coding: Coding, packet: Packet) -> str | None:
    """Why a coding is not one that a packet asks for; None if it is."""
    problems = (
        (coding.post not in packet.posts, "the post was not in the packet"),
        (coding.text_sha != packet.posts.get(coding.post), "it is of another text than the packet had"),
        (
            coding.version != packet.codebook_revision,
            f"coded by revision {coding.version} of the codebook, the packet is of {packet.codebook_revision}",
        ),
        (coding.code not in (*packet.codes, ALL_CODES), f"the packet does not ask for {coding.code!r}"),
        (coding.round != packet.round, f"coded in {_round(coding.round)}, the packet is of {_round(packet.round)}"),
        (coding.adjudicated, "whoever codes alone settles no difference"),
    )
    return next((problem for holds, problem in problems if holds), None)


def _round(name: str | None) -> str:
    return "no round" if name is None else f"round {name}"
