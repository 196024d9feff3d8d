import subprocess
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from groundswell import folders
from groundswell.folders import Mount, folder_warnings, mounts_of_linux, mounts_of_mac, named_service, network_kind

LINUX = """\
/dev/sda1 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
//server/share /mnt/our\\040share cifs rw 0 0
server:/export /srv nfs4 rw 0 0
/dev/sdb1 /srv/local ext4 rw 0 0
cut
"""
MAC = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//ana@server/share on /Volumes/our share (smbfs, nodev, nosuid, mounted by ana)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
"""


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("OneDrive", "OneDrive"),
        ("OneDrive - University of Nowhere", "OneDrive"),
        ("OneDrive-Nowhere", "OneDrive"),
        ("Dropbox", "Dropbox"),
        ("Dropbox (Personal)", "Dropbox"),
        ("Nowhere Dropbox", "Dropbox"),
        ("iCloudDrive", "iCloud"),
        ("iCloud Drive", "iCloud"),
        ("Mobile Documents", "iCloud"),
        ("com~apple~CloudDocs", "iCloud"),
        ("Google Drive", "Google Drive"),
        ("GoogleDrive-ana@example.org", "Google Drive"),
        ("My Drive", "Google Drive"),
        ("Nextcloud", "Nextcloud"),
        ("nextcloud2", "Nextcloud"),
        ("ownCloud", "Nextcloud"),
        ("Syncthing", "Syncthing"),
    ],
)
def test_a_folder_is_known_by_the_name_of_its_service(name: str, service: str) -> None:
    assert named_service(("home", "ana", name, "bread")) == service


def test_what_lies_in_the_cloud_storage_of_a_mac_is_synchronised_by_whom_its_folder_names() -> None:
    assert named_service(("Library", "CloudStorage", "OneDrive-Nowhere")) == "OneDrive"
    assert named_service(("Library", "CloudStorage", "Box-Box")) == "a synchronising service"


@pytest.mark.parametrize("name", ["bread", "dropboxes", "about-dropbox", "google drives", "my drives", "nextclouds"])
def test_a_folder_that_only_sounds_like_a_service_is_none(name: str) -> None:
    assert named_service(("home", name)) is None


@pytest.mark.parametrize(
    ("mark", "service"),
    [(".stfolder", "Syncthing"), (".dropbox.cache", "Dropbox"), (".sync_0a1b2c.db", "Nextcloud")],
)
def test_a_folder_is_known_by_what_a_service_leaves_in_it(tmp_path: Path, mark: str, service: str) -> None:
    (tmp_path / mark).touch()
    (tmp_path / "deep" / "study").mkdir(parents=True)

    [warning] = folder_warnings(tmp_path / "deep" / "study")

    assert f"that {service} synchronises" in warning


def test_a_warning_names_the_danger_and_the_remedy(tmp_path: Path) -> None:
    [warning] = folder_warnings(tmp_path / "Dropbox" / "bread")

    assert "damages it" in warning
    assert "Move the study to a folder that is not synchronised" in warning
    assert "backups/" in warning


def test_a_plain_folder_is_warned_of_by_nobody(tmp_path: Path) -> None:
    assert folder_warnings(tmp_path / "bread") == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ana/study", None),
        ("/mnt/our share/study", "cifs"),
        ("/mnt/our shareholders/study", None),
        ("/srv/study", "nfs4"),
        ("/srv/local/study", None),
    ],
)
def test_the_innermost_mount_says_whether_a_folder_is_on_the_network(path: str, kind: str | None) -> None:
    assert network_kind(PurePosixPath(path), mounts_of_linux(LINUX)) == kind


@pytest.mark.parametrize(("path", "kind"), [("/home/x", None), ("/Volumes/our share/study", "smbfs")])
def test_the_mounts_of_a_mac_are_read(path: str, kind: str | None) -> None:
    assert network_kind(PurePosixPath(path), mounts_of_mac(MAC)) == kind


@pytest.mark.parametrize(
    ("kind", "is_remote"),
    [
        ("fuse.sshfs", True),
        ("fuse.rclone", True),
        ("fuse.google-drive-ocamlfuse", True),
        ("9p", True),
        ("fuse.ntfs-3g", False),
        ("fuseblk", False),
        ("btrfs", False),
    ],
)
def test_a_helper_that_shows_remote_files_is_of_the_network(kind: str, *, is_remote: bool) -> None:
    found = network_kind(PurePosixPath("/data/study"), [Mount(PurePosixPath("/data"), kind)])

    assert (found == kind) is is_remote


def test_of_two_mounts_at_one_place_the_later_one_is_seen() -> None:
    here = PurePosixPath("/data")

    assert network_kind(here / "study", [Mount(here, "nfs"), Mount(here, "ext4")]) is None
    assert network_kind(here / "study", [Mount(here, "ext4"), Mount(here, "nfs")]) == "nfs"


def test_where_nothing_is_mounted_nothing_is_said() -> None:
    assert network_kind(PurePosixPath("/data"), []) is None


def test_a_study_on_the_network_is_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_mounts", lambda: [Mount(tmp_path.resolve(), "nfs4")])

    [warning] = folder_warnings(tmp_path / "study")

    assert "on a network file system (nfs4)" in warning
    assert "Move the study to a disk of this computer" in warning


@pytest.mark.skipif(sys.platform != "linux", reason="reads the table of mounts of Linux")
def test_the_mounts_of_this_computer_begin_at_its_root() -> None:
    assert PurePosixPath("/") in {mount.point for mount in folders._mounts()}


@pytest.fixture
def another_unix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No table of Linux, but a command that shows one."""
    command = tmp_path / "mount"
    command.touch()
    monkeypatch.setattr(folders, "_LINUX_MOUNTS", tmp_path / "none")
    monkeypatch.setattr(folders, "_MOUNT", command)
    return command


def test_a_table_of_mounts_that_cannot_be_had_is_no_error(another_unix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(command: list[Path], **_options: object) -> None:
        assert command == [another_unix]
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(subprocess, "run", fail)

    assert folders._mounts() == []


def test_on_another_unix_the_command_mount_is_asked(another_unix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(command: list[Path], **_options: object) -> subprocess.CompletedProcess[bytes]:
        assert command == [another_unix]
        return subprocess.CompletedProcess(command, 0, MAC.encode())

    monkeypatch.setattr(subprocess, "run", answer)

    assert [mount.kind for mount in folders._mounts()] == ["apfs", "smbfs", "autofs"]


def test_a_computer_without_a_table_of_mounts_has_none(another_unix: Path) -> None:
    another_unix.unlink()

    assert folders._mounts() == []


def test_a_share_of_windows_is_of_the_network() -> None:
    assert folders._is_on_share(PureWindowsPath("//server/share/study"))
