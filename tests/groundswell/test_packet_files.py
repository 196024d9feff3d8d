"""The zip of a packet: the same bytes for the same files, and nothing that a zip can do to whoever unpacks it."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coding.packets import Packet
from db.errors import GroundswellError
from groundswell.packet_files import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PACKET = Packet(
    coder="ben", sample="main-1", round=None, codebook_revision="4f0c", codes=("bread",), blind=True,
    posts={"example:p1": "sha1"},
).signed(b"key")  # fmt: skip
CONTENTS = {
    "packet.json": PACKET.to_json(),
    "study.yaml": b"title: Bread\n",
    "codebook.yaml": b"codes: {}\n",
    "study.db": b"no database" * 100,
    "README.txt": b"Read me.\n",
}
ZIP = pack("packet-1", CONTENTS)


def _zip(contents: Mapping[str, bytes], *more: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (*contents.items(), *more):
            archive.writestr(name, content)
    return packed.getvalue()


def _saved(folder: Path, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "packet.zip"
    path.write_bytes(content)
    return path


def _refusal(folder: Path, content: bytes, most_bytes: int = 10**6) -> str:
    """Why a packet is refused; nothing of it is left."""
    path = _saved(folder / "in", content)
    with pytest.raises(GroundswellError) as caught:
        unpack(path, most_bytes=most_bytes)
    assert [found.name for found in folder.rglob("*")] == ["in", "packet.zip"]
    return caught.value.message.removeprefix(f"{path}: ")


def test_the_same_files_give_the_same_bytes() -> None:
    assert pack("packet-1", dict(reversed(CONTENTS.items()))) == ZIP


def test_a_packet_is_unpacked_beside_its_zip_or_where_one_says(tmp_path: Path) -> None:
    path = _saved(tmp_path, ZIP)
    (tmp_path / "empty").mkdir()

    beside, packet = unpack(path)
    elsewhere, _ = unpack(path, tmp_path / "deep" / "down")
    into_empty, _ = unpack(path, tmp_path / "empty")

    assert packet == PACKET
    assert beside == tmp_path / "packet"
    for folder in (beside, elsewhere, into_empty):
        assert {found.name: found.read_bytes() for found in folder.iterdir()} == CONTENTS
    assert all(found.stat().st_mode & 0o077 == 0 for found in beside.iterdir())


def test_a_folder_with_anything_in_it_is_left_as_it_is(tmp_path: Path) -> None:
    path = _saved(tmp_path, ZIP)
    (tmp_path / "packet").mkdir()
    (tmp_path / "packet" / "mine.txt").write_text("mine", encoding="utf-8")

    for folder in (None, tmp_path / "packet", path):
        with pytest.raises(GroundswellError, match="there is something here already"):
            unpack(path, folder)

    assert sorted(found.name for found in tmp_path.rglob("*")) == ["mine.txt", "packet", "packet.zip"]


def test_a_zip_without_an_ending_is_not_unpacked_over_itself(tmp_path: Path) -> None:
    path = _saved(tmp_path, ZIP).rename(tmp_path / "packet")

    with pytest.raises(GroundswellError, match="there is something here already"):
        unpack(path)

    assert path.read_bytes() == ZIP


@pytest.mark.parametrize("name", ["../study.yaml", "/etc/study.yaml", "C:/study.yaml", "a/../../../study.yaml"])
def test_whatever_folders_a_zip_names_its_files_land_in_the_one_folder(tmp_path: Path, name: str) -> None:
    contents = {name if old == "study.yaml" else old: content for old, content in CONTENTS.items()}

    folder, _ = unpack(_saved(tmp_path, _zip(contents)))

    assert {found.name for found in folder.iterdir()} == set(CONTENTS)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["packet", "packet.zip"]


@pytest.mark.parametrize(
    "name", ["../../evil.sh", "/etc/evil.sh", "..\\evil.sh", ".env", "packet-1/.env", "packet-1/study.db/", ".."]
)
def test_a_zip_with_any_other_file_is_refused(tmp_path: Path, name: str) -> None:
    why = _refusal(tmp_path, _zip(CONTENTS, (name, b"")))

    assert why.startswith("no packet: it holds ")
    assert why.endswith(", which no packet does")


def test_a_zip_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    bomb = _zip(CONTENTS | {"study.db": bytes(3 * 10**6)})

    assert len(bomb) < 10**4
    assert _refusal(tmp_path, bomb) == "no packet: it unpacks to more than 1,000,000 bytes"


def test_what_a_zip_says_of_its_sizes_is_not_believed(tmp_path: Path) -> None:
    many = 3 * 10**6
    bomb = _zip(CONTENTS | {"study.db": bytes(many)})
    lying = bomb.replace(many.to_bytes(4, "little"), (9).to_bytes(4, "little"))

    assert lying != bomb
    # It is read to the nine bytes that it admits, and these do not have the sum of all.
    assert _refusal(tmp_path, lying).startswith("damaged: Bad CRC-32")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_a_file_twice_is_refused(tmp_path: Path) -> None:
    twice = _zip(CONTENTS, ("other/packet.json", b"{}"))

    assert _refusal(tmp_path, twice) == "no packet: it holds packet.json twice"


@pytest.mark.parametrize("missing", sorted(CONTENTS))
def test_a_zip_that_lacks_a_file_is_refused(tmp_path: Path, missing: str) -> None:
    rest = {name: content for name, content in CONTENTS.items() if name != missing}

    assert _refusal(tmp_path, _zip(rest)) == f"no packet: it has no {missing}"


def test_a_zip_whose_packet_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert _refusal(tmp_path, _zip(CONTENTS | {"packet.json": b"{"})).startswith("no packet: ")


def test_a_file_that_is_no_zip_or_is_not_there_is_named(tmp_path: Path) -> None:
    assert _refusal(tmp_path, b"hello") == "no packet: file is not a zip file"
    with pytest.raises(GroundswellError) as caught:
        unpack(tmp_path / "nowhere.zip")
    assert caught.value.message == f"{tmp_path / 'nowhere.zip'}: no such file or directory"


@pytest.mark.parametrize("offset", [6, 8])
def test_a_zip_that_is_encrypted_or_packed_in_another_way_is_refused(tmp_path: Path, offset: int) -> None:
    at = ZIP.rindex(b"PK\x01\x02") + offset + 2
    changed = bytearray(ZIP)
    changed[at] = 1 if offset == 6 else 12

    assert _refusal(tmp_path, bytes(changed)).endswith("which no packet does")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(ZIP) - 1))
def test_a_zip_that_was_cut_off_is_refused_wherever_that_was(
    tmp_path_factory: pytest.TempPathFactory, length: int
) -> None:
    assert _refusal(tmp_path_factory.mktemp("cut"), ZIP[:length])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(ZIP) - 1), st.integers(0, 255)), min_size=1, max_size=3))
def test_a_damaged_zip_is_refused_or_unpacks_to_the_same(
    tmp_path_factory: pytest.TempPathFactory, damages: list[tuple[int, int]]
) -> None:
    folder, changed = tmp_path_factory.mktemp("damaged"), bytearray(ZIP)
    for place, byte in damages:
        changed[place] = byte
    path = _saved(folder, bytes(changed))
    try:
        unpacked, _ = unpack(path)
    except GroundswellError:
        assert [found.name for found in folder.iterdir()] == ["packet.zip"]
    else:
        assert {found.name: found.read_bytes() for found in unpacked.iterdir()} == CONTENTS
