"""The zip in which a packet goes out: written byte by byte the same, and unpacked without trusting it."""

import io
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from coding.packets import Packet, PacketError, read_packet
from db.errors import GroundswellError
from groundswell.study import CODEBOOK_FILE, DATABASE_FILE, PACKET_FILE, STUDY_FILE

README_FILE = "README.txt"
_FILES = (PACKET_FILE, STUDY_FILE, CODEBOOK_FILE, DATABASE_FILE, README_FILE)
MOST_BYTES = 2**31
"""How much a packet may be when it is unpacked; whoever codes by hand reads far less."""
_PIECE = 2**20
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can name, as reproducible builds have it
_UNIX, _OWNER_ONLY = 3, 0o100600 << 16
_ENCRYPTED = 0x1
_PACKED = (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)


def pack(folder: str, contents: Mapping[str, bytes]) -> bytes:
    """A zip with these files in one folder; the same files give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(contents.items()):
            entry = zipfile.ZipInfo(f"{folder}/{name}", _FIRST_DAY)
            entry.create_system, entry.external_attr = _UNIX, _OWNER_ONLY
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()


def unpack(path: Path, folder: Path | None = None, most_bytes: int = MOST_BYTES) -> tuple[Path, Packet]:
    """Unpack a packet into a new folder: all of it, or nothing.

    Only the files that a packet consists of are written, under their own names, whatever the zip calls its folders.

    Args:
        path: the zip.
        folder: where to, which must not exist yet or be empty; without it a folder beside the zip, named after it.
        most_bytes: how much it may be.

    Returns:
        The folder and the packet.

    Raises:
        GroundswellError: it is no packet, it is damaged or too large, or the folder holds something.
    """
    target = path.with_suffix("") if folder is None else folder
    if target == path or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        raise GroundswellError(
            f"{target}: there is something here already; it was left as it is", hint="--out names another folder"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        with _opened(path) as archive:
            _extract(path, archive, beside, most_bytes)
        packet = read_packet((beside / PACKET_FILE).read_bytes())
        if target.exists():
            target.rmdir()
        beside.replace(target)
    except PacketError as error:
        raise GroundswellError(f"{path}: {error}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise GroundswellError(f"{path}: damaged: {error}", hint="have it sent again") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return target, packet


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        # From memory: of a damaged zip a file is read at places where there are none, which is no fault of the disk.
        return zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    except OSError as error:
        raise GroundswellError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    except zipfile.BadZipFile as error:
        raise GroundswellError(f"{path}: no packet: {str(error).lower()}") from error


def _extract(path: Path, archive: zipfile.ZipFile, folder: Path, most_bytes: int) -> None:
    left = most_bytes
    for entry in archive.infolist():
        name = _name(path, entry)
        if (folder / name).exists():
            raise GroundswellError(f"{path}: no packet: it holds {name} twice")
        # What an entry says of its own size is not believed.
        with archive.open(entry) as packed, os.fdopen(_new_file(folder / name), "wb") as file:
            while piece := packed.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise GroundswellError(f"{path}: no packet: it unpacks to more than {most_bytes:,} bytes")
                file.write(piece)
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        raise GroundswellError(f"{path}: no packet: it has no {missing[0]}")


def _name(path: Path, entry: zipfile.ZipInfo) -> str:
    name = entry.filename.rpartition("/")[2]
    if name not in _FILES or entry.flag_bits & _ENCRYPTED or entry.compress_type not in _PACKED:
        raise GroundswellError(f"{path}: no packet: it holds {entry.filename!r}, which no packet does")
    return name


def _new_file(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
