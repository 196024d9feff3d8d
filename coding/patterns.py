"""Read the pattern of a rule: words that follow each other, with wildcards inside words.

A pattern is cut into words exactly as a text is (`db.tokens`), so that "ML-engineer" is the phrase "ml engineer".
``*`` stands for any number of characters of a word, ``?`` for exactly one. The whole may stand in double quotes.
Characters and words that a richer language needs are reserved: they are refused now, so that no pattern that works
today will mean something else later.
"""

import re

from db.errors import GroundswellError
from db.tokens import fold, word_bounds

ANY_NUMBER, EXACTLY_ONE = "*", "?"
_QUOTES = '"\u201c\u201d\u201e'
_WORD_END = r"(?![^\W_]|[*?])"
_RESERVED = re.compile(
    r"(?P<sign>[()\[\]{}|/#~\\])"
    r"|(?<=[\w*?])(?P<scope>:)"
    rf"|(?<![^\W_])(?<![*?])(?P<operator>AND|OR|NOT|NEAR|THEN|UNLESS){_WORD_END}"
    rf"|(?P<quote>[{_QUOTES}])"
)
# Private-use characters count as letters, so that a wildcard stays within its word when the pattern is cut into words.
_AS_LETTERS = str.maketrans({ANY_NUMBER: "\ue001", EXACTLY_ONE: "\ue002"})
_AS_WILDCARDS = str.maketrans({"\ue001": ANY_NUMBER, "\ue002": EXACTLY_ONE})

_REFUSALS = {
    "sign": ("is reserved", "leave the sign out, or write a blank in its place"),
    "scope": ("after a word is reserved", "leave the colon out, or write a blank in its place"),
    "operator": ("is reserved", "write the word in lower case (case makes no difference), or write two rules"),
    "quote": (
        "has no partner around the whole pattern",
        "quotes may only enclose the whole pattern; one phrase a rule",
    ),
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


def parse_pattern(pattern: str) -> tuple[str, ...]:
    """Return the words of a pattern, folded, wildcards kept.

    Raises:
        RuleError: the pattern is empty, has a word of wildcards only, or uses what is reserved.
    """
    bare = _without_enclosing_quotes(pattern)
    _refuse_reserved(pattern, bare)
    # Equal length before and after, so that positions hold.
    lettered = bare.translate(_AS_LETTERS)
    bounds = word_bounds(lettered)
    if not bounds:
        raise RuleError(pattern, 0, "no word is left in it", hint="write at least one letter or digit")
    for start, end in bounds:
        if not bare[start:end].strip(ANY_NUMBER + EXACTLY_ONE):
            raise RuleError(
                pattern, start, f'"{bare[start:end]}" matches any word', hint="put letters beside the wildcard"
            )
    return tuple(fold(lettered[start:end]).translate(_AS_WILDCARDS) for start, end in bounds)


def has_wildcard(word: str) -> bool:
    """Tell whether a word of a pattern has a wildcard in it."""
    return ANY_NUMBER in word or EXACTLY_ONE in word


def wildcard_expression(word: str) -> re.Pattern[str]:
    """Return the expression that a folded word of a text matches as a whole.

    Each piece between two ``*`` is taken where it first fits and never tried again, which is enough for wildcards and
    keeps the time proportional to the length of the word.
    """
    first, *rest = (_piece(piece) for piece in word.split(ANY_NUMBER))
    if not rest:
        return re.compile(first + r"\Z", re.DOTALL)
    middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1] if piece)
    return re.compile(rf"{first}{middle}.*{rest[-1]}\Z", re.DOTALL)


def literal_start(word: str) -> str:
    """Return what stands before the first wildcard of a word."""
    return re.split(r"[*?]", word, maxsplit=1)[0]


def _piece(piece: str) -> str:
    return ".".join(re.escape(part) for part in piece.split(EXACTLY_ONE))


def _without_enclosing_quotes(pattern: str) -> str:
    """Return the pattern with blanks for the two quotes around it, so that positions hold."""
    first, last = len(pattern) - len(pattern.lstrip()), len(pattern.rstrip()) - 1
    if last > first and pattern[first] in _QUOTES and pattern[last] in _QUOTES:
        return f"{pattern[:first]} {pattern[first + 1 : last]} {pattern[last + 1 :]}"
    return pattern


def _refuse_reserved(pattern: str, bare: str) -> None:
    found = _RESERVED.search(bare)
    if found:
        problem, hint = _REFUSALS[str(found.lastgroup)]
        raise RuleError(pattern, found.start(), f'"{found[0]}" {problem}', hint=hint)
