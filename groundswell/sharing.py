"""Coders elsewhere: a packet with what one coder is to read, opened there, and what comes back from it."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from sqlite3 import Connection  # noqa: TID251 - only its name: queries take one
from typing import Any

from coding.assignments import EVERYBODY
from coding.batches import new_batch
from coding.codebook import Codebook, read_content
from coding.codebook_exchange import as_yaml
from coding.codings import CodingError, Imported, coding_uid, store_codings
from coding.packets import (
    Memo,
    Packet,
    PacketError,
    is_return,
    misfit,
    read_packet,
    read_return,
    read_return_header,
    without_people,
    write_return,
)
from coding.sampling import Design
from db.errors import GroundswellError
from db.lost import blank
from db.queries import codings as coding_queries
from db.queries import history, leads, losing, packets, samples
from db.queries.batches import chunks
from db.queries.packets import PacketRow
from db.queries.posts import ids_by_address
from db.queries.samples import POST, Round, Sample, Unit
from db.records import Coding
from db.store import Store
from db.yaml_edits import dump
from groundswell.agreeing import find_round, left_to_read, posts_in_order
from groundswell.backups import back_up_before, write_privately
from groundswell.packet_files import README_FILE, pack, unpack
from groundswell.reviewing import memo_origin
from groundswell.sampling import find_sample
from groundswell.study import (
    CODEBOOK_FILE,
    DATABASE_FILE,
    PACKET_FILE,
    STUDY_FILE,
    Study,
    now,
    record_codebook,
)
from reports.words import counted

_HASH = re.compile(r"[0-9a-f]{64}")
_ZIP = b"PK\x03\x04"
_GONE: tuple[int | None, str | None] = (None, None)
REPLIES_SHOWN = 5
"""How many replies to a post a packet holds beside it, the first ones."""
_README = """\
{title}
{posts} for {coder} to read.

1. You need groundswell; whoever sent you this tells you how to get it.
2. In this folder: groundswell review
3. When you are done, or want to hand in what you have: groundswell share return
   It writes one file. Send that file back, and nothing else.

Nothing in this folder is to be passed on: people wrote it who do not know you.
"""


@dataclass(frozen=True, slots=True)
class Shared:
    """A packet that was made.

    Attributes:
        around: posts in it that are there to be seen around those that are to be read.
    """

    packet: Packet
    path: Path
    around: int


def share(
    study: Study, coder: str, *, sample: str | None = None, round_name: str | None = None, out: Path | None = None
) -> Shared:
    """Make a packet of what a coder has still to read, and note that it went out.

    It holds the posts in their threads, the codebook by which they are coded and nothing of other coders, machines and
    authors. The same study gives the same bytes.

    Args:
        study: the study.
        coder: for whom.
        sample: what is read; needed without a round.
        round_name: in which round; without it the one open round of the sample in which the person codes, if there is
            one, else the whole sample outside of any round.
        out: the zip; without it one in the working folder, named after round and coder.

    Raises:
        GroundswellError: there is no such sample or round, it is not clear which round is meant, the round is closed or
            not the coder's, or nothing is left to read.
    """
    if packet_of(study) is not None:
        raise GroundswellError(f"{study.root}: this is a packet itself", hint="groundswell share return")
    with study.store() as store:
        key, connection = study.key(store), store.connection
        wanted = _wanted(study, store, coder, sample, round_name)
        if not wanted.posts:
            raise GroundswellError(f"nothing is left for {coder} to read there", hint="groundswell code round list")
        packet = wanted.packet.signed(key)
        around = packets.in_context(connection, wanted.posts, REPLIES_SHOWN)
        content = pack(f"packet-{packet.id}", _contents(study, connection, packet, wanted, around))
        path = Path(f"{_as_file_name(packet.round or packet.sample, coder)}.zip") if out is None else out
        row = PacketRow(
            packet.id, coder, packet.sample, packet.round, packet.codebook_revision, len(packet.posts), now()
        )
        # Noted first: a packet that went out must be known as stale once a text in it is deleted.
        with store.write():
            packets.record_packet(connection, row)
            losing.record_export(connection, f"packet {packet.id} for {coder}", now(), len(around))
        write_privately({path: content})
    return Shared(packet, path, len(around) - len(wanted.posts))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to go into a packet; `posts` are the ids of those to read."""

    packet: Packet
    sample: Sample
    round: Round | None
    posts: Sequence[int]


def _wanted(study: Study, store: Store, coder: str, sample: str | None, round_name: str | None) -> _Wanted:
    connection = store.connection
    drawn, round_ = _found(connection, coder, sample, round_name)
    if round_ is None:
        codebook = study.codebook()
        posts = posts_in_order(connection, drawn)
        revision, codes, blind = record_codebook(store, codebook), codebook.asked, True
    else:
        posts = left_to_read(connection, round_.id, coder)
        revision, codes, blind = round_.codebook_revision, round_.codes, round_.blind
    packet = Packet(
        coder=coder,
        sample=drawn.id,
        round=None if round_ is None else round_.id,
        codebook_revision=revision,
        codes=codes,
        blind=blind,
        posts={post.address: post.text_sha for post in posts},
    )
    return _Wanted(packet, drawn, round_, [post.id for post in posts])


def _found(
    connection: Connection, coder: str, sample: str | None, round_name: str | None
) -> tuple[Sample, Round | None]:
    if round_name is not None:
        round_ = find_round(connection, round_name)
        if sample not in (None, round_.sample):
            raise GroundswellError(f"the round {round_name} is of the sample {round_.sample}, not of {sample}")
        return find_sample(connection, round_.sample), round_
    if sample is None:
        raise GroundswellError("a packet needs a sample or a round", hint="groundswell code sample list")
    drawn = find_sample(connection, sample)
    still_open = [one for one in samples.rounds(connection, sample) if one.closed_at is None]
    theirs = [one for one in still_open if coder in one.coders]
    if len(theirs) > 1:
        names = " or ".join(one.id for one in theirs)
        raise GroundswellError(f"{coder} codes {sample} in {len(theirs)} open rounds", hint=f"--round {names}")
    if still_open and not theirs:
        coders = ", ".join(dict.fromkeys(name for one in still_open for name in one.coders))
        raise GroundswellError(f"{coder} codes in no open round of {sample}", hint=f"its coders are {coders}")
    return drawn, theirs[0] if theirs else None


def _as_file_name(*parts: str) -> str:
    return re.sub(r"[^\w.-]+", "-", "-".join(parts)).strip(".-") or "packet"


def _contents(
    study: Study, connection: Connection, packet: Packet, wanted: _Wanted, around: Sequence[int]
) -> dict[str, bytes]:
    """The files of a packet, by name."""
    frozen = coding_queries.revisions(connection)[packet.codebook_revision]
    file = {"version": 1, "title": study.file.title, "question": study.file.question, "coders": [packet.coder],
            "machine": "none"}  # fmt: skip
    rows = [_shown(row, packet) for row in packets.shown_posts(connection, around)]
    readme = _README.format(title=study.file.title, posts=counted(len(packet.posts), "post"), coder=packet.coder)
    return {
        PACKET_FILE: packet.to_json(),
        STUDY_FILE: dump({name: value for name, value in file.items() if value is not None}).encode(),
        CODEBOOK_FILE: as_yaml(read_content(frozen)).encode(),
        DATABASE_FILE: _database(packet, wanted, frozen, rows),
        README_FILE: readme.encode(),
    }


def _shown(row: dict[str, Any], packet: Packet) -> dict[str, Any]:
    """A post as the packet's coder may see it."""
    seen = row | {"title": without_people(row["title"]), "text": without_people(row["text"])}
    return seen | {"score": None} if packet.blind else seen


def _database(packet: Packet, wanted: _Wanted, codebook: str, rows: Sequence[dict[str, Any]]) -> bytes:
    """The study.db of a packet. Of the sample it knows neither probabilities nor strata: they tell what machines found."""
    # In memory: a file would leave texts behind if this were killed.
    with Store(Path(":memory:"), create=True) as store:
        with store.write() as connection:
            coding_queries.save_revision(connection, packet.codebook_revision, codebook, wanted.sample.created_at)
            packets.fill(connection, rows)
            design = Design(hashlib.sha256(packet.id.encode()).hexdigest(), (), len(packet.posts))
            drawn_at = wanted.sample.created_at
            samples.save_sample(
                connection,
                Sample(
                    packet.sample,
                    wanted.sample.purpose,
                    POST,
                    design.to_json(),
                    packet.codebook_revision,
                    wanted.sample.created_at,
                ),
            )
            samples.add_units(
                connection,
                packet.sample,
                [Unit(address, place, 1.0, None, drawn_at) for place, address in enumerate(packet.posts, start=1)],
            )
            if wanted.round is not None:
                samples.add_round(connection, replace(wanted.round, coders=(packet.coder,), double_share=EVERYBODY))
        return packets.as_file(store.connection)


def open_packet(path: Path, folder: Path | None = None) -> tuple[Path, Packet]:
    """Unpack a packet into a folder, which is a study that its coder can review without any key.

    Raises:
        GroundswellError: it is no packet, it is damaged, or the folder holds something.
    """
    return unpack(path, folder)


def list_packets(study: Study) -> list[PacketRow]:
    """The packets that went out, in their order."""
    with study.store() as store:
        return packets.packets(store.connection)


def packet_of(study: Study) -> Packet | None:
    """What a study asks of its one coder, if it is a packet: who codes which posts, in which round, blind or not.

    Raises:
        GroundswellError: its packet.json is damaged.
    """
    if not study.packet_path.exists():
        return None
    try:
        return read_packet(study.packet_path.read_bytes())
    except PacketError as error:
        raise GroundswellError(f"{study.packet_path}: {error}", hint="unpack the packet anew") from error


@dataclass(frozen=True, slots=True)
class Returned:
    """The file that a coder sends back.

    Attributes:
        read: posts of the packet of which something was coded.
        codings, memos: how many it holds.
        problems: codings in it that the packet did not ask for, and that will therefore be refused.
    """

    packet: Packet
    path: Path
    read: int
    codings: int
    memos: int
    problems: tuple[str, ...]


def give_back(study: Study, out: Path | None = None) -> Returned:
    """Write what a packet's coder coded and noted into one file; again and again, if more was coded since.

    Args:
        study: the packet's folder.
        out: the file; without it one in that folder.

    Raises:
        GroundswellError: the study is no packet, or nothing was coded in it.
    """
    packet = packet_of(study)
    if packet is None:
        raise GroundswellError(f"{study.root}: no packet; only what is coded in one is sent back")
    with study.store() as store:
        codings = [row for row in coding_queries.exported_codings(store.connection) if _is_by(row, packet.coder)]
        ever = packets.own_codings(store.connection, packet.coder)
        memos = [Memo(**row) for row in packets.memos(store.connection)]
    if not codings and not memos:
        raise GroundswellError("nothing was coded here yet", hint="groundswell review")
    made = [Coding(**row) for row in codings]
    stands = {coding_uid(coding) for coding in made}
    taken_back = [uid for uid in ever if uid not in stands and _HASH.fullmatch(uid)]
    path = study.root / f"{_as_file_name('return', packet.coder)}.jsonl" if out is None else out
    write_privately({path: write_return(packet, codings, memos, taken_back)})
    read = {row["post"] for row in codings} & packet.posts.keys()
    misfits = ((coding, misfit(coding, packet)) for coding in made)
    problems = tuple(f"{coding.post} {coding.code}: {why}" for coding, why in misfits if why is not None)
    return Returned(packet, path, len(read), len(codings), len(memos), problems)


def _is_by(row: dict[str, Any], coder: str) -> bool:
    return bool((row["coder"], row["coder_kind"]) == (coder, "person"))


@dataclass(slots=True)
class BroughtBack(Imported):
    """What came back from a coder elsewhere.

    Attributes:
        packet: from which it came.
        memos: notes that were new.
        taken_back: codings that had come back before and that their coder took back since.
    """

    packet: Packet = field(kw_only=True)
    memos: int = 0
    taken_back: int = 0


def holds_return(path: Path) -> bool:
    """Whether a file begins like one that came back from a coder elsewhere.

    Raises:
        GroundswellError: the file cannot be read, or is a packet as it went out.
    """
    first = next(_lines(path), b"")
    if first.startswith(_ZIP):
        raise GroundswellError(
            f"{path}: a packet as it goes out; nothing comes back in it",
            hint="its coder opens it, and sends the file that groundswell share return writes",
        )
    return is_return(first)


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as lines:
            yield from (line for line in lines if line.strip())
    except OSError as error:
        raise GroundswellError(f"{path}: {(error.strerror or str(error)).lower()}") from error


def bring_in_return(study: Study, path: Path) -> BroughtBack:
    """Merge what came back from a coder elsewhere; a second time changes nothing.

    A coding is refused by name, and all others are kept, if its text is gone or another now, or if it was not made by the
    packet's codebook, in its round, of its posts.

    Args:
        study: the one that made the packet.
        path: what `share return` wrote.

    Raises:
        GroundswellError: the packet is not of this study or was changed, or somebody else's codings are in it; nothing
            of it is stored then.
    """
    lines = _lines(path)
    with study.store() as store:
        key = study.key(store)
        try:
            packet, follow = read_return_header(next(lines, b""))
            _refuse_foreign(store.connection, path, packet, key)
            codebook = _codebook_of(store.connection, path, packet)
            found = list(enumerate(read_return(lines, packet, codebook), start=2))
        except PacketError as error:
            raise GroundswellError(f"{path}: {error}; nothing of it was stored") from error
        back_up_before(study, "import")
        done, batch = BroughtBack(packet=packet), new_batch("packet", now())
        done.problems = [f"{path}: line {number}: {one}" for number, one in found if isinstance(one, CodingError)]
        done.read = len(done.problems)
        if len(found) < follow:
            done.problems.append(f"{path}: cut off: {follow:,} lines were sent, {len(found):,} are here")
            done.read += follow - len(found)
        _store_codings(store, path, [(number, one) for number, one in found if isinstance(one, Coding)], batch, done)
        with store.write() as connection:
            taken_back = {one for _, one in found if isinstance(one, str)}
            undone = packets.standing_ids(connection, packet.coder, taken_back, packet.posts)
            history.undo_codings(connection, undone, batch, now())
            done.taken_back = len(undone)
            done.memos = _store_memos(connection, key, [one for _, one in found if isinstance(one, Memo)], packet)
            packets.mark_returned(connection, packet.id, now())
    return done


def _store_codings(
    store: Store, path: Path, found: Sequence[tuple[int, Coding]], batch: str, done: BroughtBack
) -> None:
    """Store codings of texts that are here as they were sent out, and name all others."""
    done.read += len(found)
    for chunk in chunks(found):
        here = ids_by_address(store.connection, sorted({coding.post for _, coding in chunk}))
        fitting = [
            (number, coding) for number, coding in chunk if here.get(coding.post, _GONE)[1] in (None, coding.text_sha)
        ]
        done.problems += [
            f"{path}: line {number}: {coding.post} {coding.code}: its text has changed since the packet went out"
            for number, coding in sorted({*chunk} - {*fitting}, key=lambda one: one[0])
        ]
        codings = [coding for _, coding in fitting]
        new, refused = store_codings(store, codings, codings[0].version or "" if codings else "", batch)
        done.new += new
        done.problems += [f"{path}: line {fitting[place][0]}: {why}" for place, why in refused.items()]
        hashes = {coding_uid(coding): (number, coding) for number, coding in fitting}
        for uid in packets.no_longer_standing(store.connection, list(hashes)):
            number, coding = hashes[uid]
            done.problems.append(
                f"{path}: line {number}: {coding.post} {coding.code}: taken back here since, and left so"
            )


def _store_memos(connection: Connection, key: bytes, memos: Sequence[Memo], packet: Packet) -> int:
    """Store memos under their coder's name, without words of posts that were deleted; return how many are new."""
    lost, before = losing.lost_words(connection, key), connection.total_changes
    for memo in memos:
        stretches = lost.stretches(memo.text)
        spared = losing.still_said(connection, {stretch.words for stretch in stretches})
        text = blank(memo.text, stretches, spared)
        leads.save_memo(connection, memo.about, text, memo_origin(packet.coder), memo.created_at)
    return connection.total_changes - before


def _refuse_foreign(connection: Connection, path: Path, packet: Packet, key: bytes) -> None:
    if not packet.is_of(key):
        known = packet.id in {row.id for row in packets.packets(connection)}
        why = "something in it was changed since it went out" if known else "this study did not make it"
        raise GroundswellError(f"{path}: packet {packet.id}: {why}; nothing of it was stored")


def _codebook_of(connection: Connection, path: Path, packet: Packet) -> Codebook:
    """The codebook of a packet's revision; round and revision are gone where a backup was restored without them."""
    revisions, rounds = coding_queries.revisions(connection), {one.id for one in samples.rounds(connection)}
    if packet.codebook_revision not in revisions or (packet.round is not None and packet.round not in rounds):
        raise GroundswellError(
            f"{path}: packet {packet.id}: its round or its codebook is not in this study; nothing of it was stored",
            hint="groundswell db restore brings them back from backups/",
        )
    return read_content(revisions[packet.codebook_revision])
