"""Where a study lies: folders that a service synchronises and network file systems damage databases."""

import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath, PurePosixPath
from typing import NamedTuple

_BY_NAME = (
    ("OneDrive", re.compile(r"onedrive(?:$| - |-)", re.IGNORECASE)),
    ("Dropbox", re.compile(r"(?:.* )?dropbox(?:$| \()", re.IGNORECASE)),
    ("iCloud", re.compile(r"(?:icloud ?drive|mobile documents|com~apple~clouddocs)$", re.IGNORECASE)),
    ("Google Drive", re.compile(r"(?:google ?drive(?:$| \(|-)|my drive$)", re.IGNORECASE)),
    ("Nextcloud", re.compile(r"(?:nextcloud|owncloud)(?:$|[-\d])", re.IGNORECASE)),
    ("Syncthing", re.compile(r"syncthing$", re.IGNORECASE)),
    ("a synchronising service", re.compile(r"cloudstorage$", re.IGNORECASE)),
)
_BY_MARK = (
    ("OneDrive", ".849C9593-D756-4E56-8D6E-42412F2A707B"),
    ("Dropbox", ".dropbox.cache"),
    ("Google Drive", ".tmp.drivedownload"),
    ("Google Drive", ".tmp.driveupload"),
    ("Nextcloud", ".nextcloudsync.log"),
    ("Nextcloud", ".owncloudsync.log"),
    ("Nextcloud", ".sync_*.db"),
    ("Nextcloud", "._sync_*.db"),
    ("Syncthing", ".stfolder"),
)
"""What services leave in the folder that they synchronise, however it is called."""
_NETWORK = frozenset(
    {
        "9p", "afpfs", "afs", "ceph", "cifs", "davfs", "davfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "prl_fs",
        "smb2", "smb3", "smbfs", "vboxsf", "vmhgfs", "webdav",
    }
)  # fmt: skip
_NETWORK_HELPERS = (
    "ceph", "curlftpfs", "davfs", "drive", "dropbox", "glusterfs", "gvfsd", "kio", "mount_ftp", "nfs", "onedrive",
    "rclone", "s3fs", "seadrive", "smb", "sshfs", "vmhgfs",
)  # fmt: skip
"""Parts of the names of programs that show remote files as a file system (`fuse.NAME`)."""
_OCTAL = re.compile(r"\\([0-7]{3})")
_MOUNT_LINE = re.compile(r"^.+? on (?P<point>/.*) \((?P<kind>[\w.-]+)[,)]", re.MULTILINE)
_LINUX_MOUNTS, _MOUNT = Path("/proc/self/mounts"), Path("/sbin/mount")
_REMOTE_DRIVE = 4


class Mount(NamedTuple):
    """A place at which a file system begins, and its kind."""

    point: PurePath
    kind: str


def folder_warnings(folder: Path) -> list[str]:
    """Say what may go wrong with a database in this folder, and the remedy; empty where nothing is known against it."""
    here = folder.resolve()
    service = _service(here)
    found = []
    if service is not None:
        found.append(
            f"{here} is in a folder that {service} synchronises: it copies the database while a command writes into it, "
            "and damages it or brings an old state back. Move the study to a folder that is not synchronised while no "
            "command runs, and synchronise copies of its backups/ instead"
        )
    kind = "a network share" if _is_on_share(here) else network_kind(here, _mounts())
    if kind is not None:
        found.append(
            f"{here} is on a network file system ({kind}): the locks of a database do not hold there, and two commands "
            "at once damage it. Move the study to a disk of this computer, and copy its backups/ to the network instead"
        )
    return found


def named_service(parts: Iterable[str]) -> str | None:
    """Return the service that a folder among these parts of a path is named after."""
    known = tuple(parts)
    return next((service for service, name in _BY_NAME if any(map(name.match, known))), None)


def network_kind(path: PurePath, mounts: Iterable[Mount]) -> str | None:
    """Return the kind of the file system that a path lies on if it is one of the network, by its innermost mount."""
    holding = [mount for mount in mounts if path.is_relative_to(mount.point)]
    # Of two mounts at one place the later one is seen.
    kind = max(enumerate(holding), key=lambda item: (len(item[1].point.parts), item[0]))[1].kind if holding else ""
    base, _, helper = kind.lower().partition(".")
    if base in _NETWORK or (base == "fuse" and any(name in helper for name in _NETWORK_HELPERS)):
        return kind
    return None


def mounts_of_linux(table: str) -> list[Mount]:
    """Read the table of mounts as Linux shows it (`/proc/self/mounts`)."""
    rows = (line.split(" ") for line in table.splitlines())
    return [Mount(PurePosixPath(_OCTAL.sub(_character, row[1])), row[2]) for row in rows if len(row) > 2]  # noqa: PLR2004 - place and kind


def mounts_of_mac(table: str) -> list[Mount]:
    """Read the table of mounts as the command `mount` of macOS and the BSDs shows it."""
    return [Mount(PurePosixPath(found["point"]), found["kind"]) for found in _MOUNT_LINE.finditer(table)]


def _character(code: re.Match[str]) -> str:
    return chr(int(code[1], 8))


def _service(folder: Path) -> str | None:
    named = named_service(folder.parts)
    if named is not None:
        return named
    above: Sequence[Path] = (folder, *folder.parents)
    return next((service for place in above for service, mark in _BY_MARK if any(place.glob(mark))), None)


def _mounts() -> list[Mount]:
    """Where file systems begin on this computer; none where that cannot be told."""
    try:
        if _LINUX_MOUNTS.exists():
            return mounts_of_linux(_LINUX_MOUNTS.read_text(encoding="utf-8", errors="surrogateescape"))
        if _MOUNT.exists():
            shown = subprocess.run([_MOUNT], capture_output=True, check=True, timeout=10)  # noqa: S603 - the system's own
            return mounts_of_mac(shown.stdout.decode(errors="surrogateescape"))
    except (OSError, subprocess.SubprocessError):
        pass
    return []


def _is_on_share(folder: PurePath) -> bool:
    """Whether a folder of Windows lies on a share or on a drive letter that stands for one."""
    if folder.drive.startswith("\\\\"):
        return True
    if sys.platform == "win32":
        import ctypes

        return int(ctypes.windll.kernel32.GetDriveTypeW(folder.anchor)) == _REMOTE_DRIVE
    return False
