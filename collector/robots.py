"""What a site lets programs ask for: its robots.txt, read as RFC 9309 says.

The reader of the standard library takes the first rule that fits and knows no wildcards, so that it allows what many
sites forbid; here the longest rule decides, `*` stands for anything and `$` for the end.
"""

import math
import re
from dataclasses import dataclass
from urllib.parse import quote

MOST_CHARACTERS = 500 * 1024
"""What is beyond may be disregarded."""

_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules for one program.

    Attributes:
        rules: (pattern of paths, whether they may be asked for).
        seconds_between: how far apart the site wants requests to be; None where it does not say.
    """

    rules: tuple[tuple[str, bool], ...] = ()
    seconds_between: float | None = None

    def allows(self, path: str) -> bool:
        """Tell whether a path, with its query, may be asked for."""
        path = _normal(path)
        fitting = [(len(pattern), is_allowed) for pattern, is_allowed in self.rules if _fits(pattern, path)]
        return max(fitting, default=(0, True))[1]


OPEN = Robots()
CLOSED = Robots((("/", False),))


def read_robots(text: str, program: str) -> Robots:
    """The rules that a robots.txt has for a program: those under its name, else those for all.

    Args:
        text: the file, whatever it holds; lines that are no rules are passed over.
        program: the name that rules may be given for, in small letters.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    named: list[str] = []
    is_naming = False
    for line in text.removeprefix("\ufeff")[:MOST_CHARACTERS].splitlines():
        key, _, value = (part.strip() for part in line.partition("#")[0].partition(":"))
        key = key.lower()
        if key == "user-agent":
            named = [*(named if is_naming else []), value.lower()]
            found |= {name: found.get(name, []) for name in named}
            is_naming = True
        elif key in ("allow", "disallow", "crawl-delay"):
            is_naming = False
            for name in named:
                found[name].append((key, value))
    lines = found.get(program, found.get("*", []))
    rules = tuple((_normal(value), key == "allow") for key, value in lines if value and key != "crawl-delay")
    delays = [_seconds(value) for key, value in lines if key == "crawl-delay"]
    return Robots(rules, max((delay for delay in delays if delay is not None), default=None))


def _fits(pattern: str, path: str) -> bool:
    """Tell whether a path begins as the pattern says; each part is sought once, so that no pattern takes long."""
    is_whole = pattern.endswith("$")
    first, *parts = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    last = parts.pop() if is_whole and parts else None
    for part in parts:
        at = path.find(part, at)
        if at < 0:
            return False
        at += len(part)
    if last is not None:
        return path.endswith(last) and len(path) - len(last) >= at
    return not is_whole or at == len(path)


def _normal(path: str) -> str:
    """One way to write each character of a path."""
    path = quote(path, safe=_PRINTABLE, errors="replace")
    return _ESCAPED.sub(lambda found: _plain(found[0]), path)


def _plain(escaped: str) -> str:
    character = chr(int(escaped[1:], 16))
    return character if character in _UNRESERVED else escaped.upper()


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if seconds >= 0 and math.isfinite(seconds) else None
