"""Stand-ins for crontab and systemctl: real programs on PATH that keep what they are given in a folder."""

from __future__ import annotations

import os
from pathlib import Path

CRONTAB = """\
#!/bin/sh
cd {folder} || exit 9
if [ -e refuse-crontab-"$1" ]; then cat refuse-crontab-"$1" >&2; exit 1; fi
case "$1" in
  -l) if [ -e table ]; then cat table; else echo "no crontab for mira" >&2; exit 1; fi ;;
  -) cat > table.new && mv table.new table; echo written >> writes ;;
  *) exit 2 ;;
esac
"""

SYSTEMCTL = """\
#!/bin/sh
cd {folder} || exit 9
[ "$1" = --user ] || exit 8
shift
echo "$*" >> calls
if [ -e refuse-systemctl-"$1" ]; then cat refuse-systemctl-"$1" >&2; exit 1; fi
case "$1" in
  is-active) if [ -e active ]; then echo active; else echo inactive; exit 3; fi ;;
  enable) touch active ;;
  disable) rm -f active ;;
esac
"""


class Schedulers:
    """The folder in which the stand-ins keep what they were told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "bin"
        self.programs.mkdir(parents=True)
        for name, script in (("crontab", CRONTAB), ("systemctl", SYSTEMCTL)):
            path = self.programs / name
            path.write_text(script.format(folder=f"'{folder}'"), encoding="utf-8")
            path.chmod(0o755)

    @property
    def path(self) -> str:
        """PATH with the stand-ins before everything else."""
        return f"{self.programs}{os.pathsep}{os.defpath}"

    @property
    def table(self) -> bytes | None:
        """The crontab; None before there is one."""
        path = self.folder / "table"
        return path.read_bytes() if path.exists() else None

    @table.setter
    def table(self, content: bytes) -> None:
        (self.folder / "table").write_bytes(content)

    @property
    def writes(self) -> int:
        """How often a crontab was written."""
        path = self.folder / "writes"
        return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0

    @property
    def calls(self) -> list[str]:
        """What systemctl --user was told, in order."""
        path = self.folder / "calls"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    @property
    def active(self) -> bool:
        """Whether the timer runs."""
        return (self.folder / "active").exists()

    def stop_timer(self) -> None:
        """Stop the timer as somebody might by hand."""
        (self.folder / "active").unlink()

    def refuse(self, program: str, verb: str, why: str) -> None:
        """Have a program fail when it is told this."""
        (self.folder / f"refuse-{program}-{verb}").write_text(f"{why}\n", encoding="utf-8")

    def allow(self, program: str, verb: str) -> None:
        """Take a refusal back."""
        (self.folder / f"refuse-{program}-{verb}").unlink()

    def without(self, program: str) -> None:
        """Take a program off the machine."""
        (self.programs / program).unlink()
