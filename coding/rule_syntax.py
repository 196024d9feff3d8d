"""Cut the pattern of a rule into the signs and words of the rule language.

Signs that have no meaning yet are refused, so that no pattern that works today will mean something else later.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple

from coding.conditions import Scope, Spelling
from db.errors import GroundswellError
from db.tokens import FILLER

LONGEST_PATTERN = 2000
WILDCARDS_AS_LETTERS = {"*": "\ue001", "?": "\ue002"}
"""Private-use characters count as letters, so that a wildcard stays in its word when a pattern is cut into words."""

SCOPES = {scope.value: scope for scope in Scope}
SPELLINGS = {spelling.value: spelling for spelling in (Spelling.EXACT, Spelling.STEM)}

_QUOTES = '"\u201c\u201d\u201e'
_OPERATOR = r"(?<![^\W_])(?<![*?])(?P<operator>AND|OR|NOT|UNLESS|NEAR|THEN|NOTNEG)(?![^\W_]|[*?])"
_IN_WORDS = rf"[^\s()\[\]|/#{{}}\\{_QUOTES}]"
_TOKEN = re.compile(
    r"(?P<blank>\s+)"
    rf"|{_OPERATOR}(?:(?<=NEAR|THEN)/(?P<size>{_IN_WORDS}*)|(?<=NOTNEG)/(?P<window>{_IN_WORDS}*))?"
    r"|(?<![^\W_])(?P<prefix>[A-Za-z]+):"
    r"|(?P<sign>[()\[\]|])"
    r"|/(?P<expression>(?:[^/\\]|\\.)*)/(?P<flags>\w*)"
    r"|#(?P<reference>[a-z0-9][a-z0-9.-]*)"
    rf"|[{_QUOTES}](?P<quoted>[^{_QUOTES}]*)[{_QUOTES}]"
    rf"|(?P<words>(?:(?!(?<=[\w*?]):){_IN_WORDS})+)",
    re.DOTALL,
)
_OPERATOR_INSIDE = re.compile(_OPERATOR)
_UNSEARCHABLE = re.compile(f"[{FILLER}{''.join(WILDCARDS_AS_LETTERS.values())}]")
_OPENING = frozenset({"(", "[", "|", "AND", "OR", "NOT", "UNLESS", "NEAR", "THEN", "NOTNEG", "scope", "spelling"})
_NEVER_TOO_CLOSE = frozenset({")", "]", "|", "AND", "OR", "NOT", "UNLESS", "NEAR", "THEN", "NOTNEG"})

_BLANK_OR_QUOTES = "write a blank in its place, or put the words in quotes"
_PREFIXES = ", ".join(f"{name}:" for name in (*SCOPES, *SPELLINGS))
_REFUSALS = {
    "/": ("stands alone or inside a word", f"{_BLANK_OR_QUOTES}; an expression stands between two, /…/"),
    "#": ("names no code", "write a blank, the sign and a code's id (#an-id), or put the words in quotes"),
    ":": ("after a word is reserved", f"{_BLANK_OR_QUOTES}; what may stand before words: {_PREFIXES}"),
    **dict.fromkeys("{}\\", ("is reserved", _BLANK_OR_QUOTES)),
    **dict.fromkeys(_QUOTES, ("has no partner", "quotes come in pairs, around what is meant as words")),
}


class RuleError(GroundswellError):
    """Raised when a pattern cannot be read.

    Args:
        pattern: the pattern as it was written.
        position: where the trouble is, in code points of the pattern, from 0.
        problem: what is wrong there.
        hint: what to write instead.
    """

    def __init__(self, pattern: str, position: int, problem: str, *, hint: str) -> None:
        self.pattern, self.position = pattern, position
        super().__init__(f'pattern "{pattern}", position {position}: {problem}', hint=hint)


class Token(NamedTuple):
    """One sign or word of a pattern.

    Attributes:
        kind: the sign or operator itself, or what it is: words, quoted, scope, spelling, reference, expression.
        text: what it says, without the signs that only delimit it.
        position: where it begins.
        more: the size of a window, or the flags of an expression.
    """

    kind: str
    text: str
    position: int
    more: str = ""


def cut(pattern: str) -> Iterator[Token]:
    """Yield the tokens of a pattern in order, blanks left out.

    Raises:
        RuleError: something in it has no meaning.
    """
    _refuse_length_and_characters(pattern)
    position, apart = 0, True
    while position < len(pattern):
        found = _TOKEN.match(pattern, position)
        if not found:
            raise _refusal(pattern, position)
        token = _token(pattern, found)
        if token:
            if not apart and token.kind not in _NEVER_TOO_CLOSE:
                raise _too_close(pattern, position)
            yield token
        apart = token is None or token.kind in _OPENING
        position = found.end()


def _token(pattern: str, found: re.Match[str]) -> Token | None:
    start = found.start()
    if found["blank"]:
        return None
    if found["operator"]:
        return Token(found["operator"], found["operator"], start, found["size"] or found["window"] or "")
    if found["prefix"] is not None:
        return Token(_kind_of_prefix(pattern, found["prefix"], start), found["prefix"], start)
    if found["sign"]:
        return Token(found["sign"], found["sign"], start)
    if found["expression"] is not None:
        return Token("expression", found["expression"], start, found["flags"])
    if found["words"]:
        _refuse_operator_inside(pattern, *found.span())
    kind = next(kind for kind in ("reference", "quoted", "words") if found[kind] is not None)
    return Token(kind, found[kind], start)


def _kind_of_prefix(pattern: str, name: str, position: int) -> str:
    if name in SCOPES:
        return "scope"
    if name in SPELLINGS:
        return "spelling"
    close = get_close_matches(name.lower(), [*SCOPES, *SPELLINGS], 1)
    hint = f"write {close[0]}:" if close else f"what may stand before words: {_PREFIXES}"
    raise RuleError(pattern, position, f'"{name}:" has no meaning', hint=f"{hint}; in quotes it is plain words")


def _refuse_length_and_characters(pattern: str) -> None:
    if len(pattern) > LONGEST_PATTERN:
        problem = f"longer than {LONGEST_PATTERN} characters"
        raise RuleError(f"{pattern[:20]}…", LONGEST_PATTERN, problem, hint="write several rules")
    found = _UNSEARCHABLE.search(pattern)
    if found:
        raise RuleError(pattern, found.start(), "no text has this character", hint="leave it out")


def _refuse_operator_inside(pattern: str, start: int, end: int) -> None:
    found = _OPERATOR_INSIDE.search(pattern, start, end)
    if found:
        problem = f'"{found[0]}" is an operator'
        raise RuleError(pattern, found.start(), problem, hint="write blanks around it, or small letters for the word")


def _too_close(pattern: str, position: int) -> RuleError:
    if pattern[position] in "/#":
        return _refusal(pattern, position)
    hint = "write a blank there; the endings of a word are written title* or title|titles"
    return RuleError(pattern, position, f'no blank before "{pattern[position]}"', hint=hint)


def _refusal(pattern: str, position: int) -> RuleError:
    problem, hint = _REFUSALS[pattern[position]]
    return RuleError(pattern, position, f'"{pattern[position]}" {problem}', hint=hint)
