"""Read the pattern of a rule into a condition. The grammar stands in docs/reference/rules.md.

Words are cut exactly as those of a text (`db.tokens`), so that "ML-engineer" is the phrase "ml engineer".
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import islice, product

import regex  # type: ignore[import-untyped]

from coding.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Emoji,
    Expression,
    Near,
    Phrase,
    Reference,
    Spelling,
    Unless,
    Unnegated,
    Within,
    Without,
    Word,
)
from coding.emoji import emoji_bounds, plain
from coding.expressions import compile_expression
from coding.rule_syntax import SCOPES, SPELLINGS, WILDCARDS_AS_LETTERS, RuleError, Token, cut
from coding.words import as_written, has_wildcard
from db.tokens import fold, word_bounds

__all__ = ["RuleError", "parse_pattern"]

LONGEST_EXPRESSION = 500
MOST_VARIANTS = 500
DEEPEST_GROUP = 30
WIDEST_WINDOW = 1000
SAME_SENTENCE = "sentence"

_FLAGS = "ims"
_ELEMENTS = frozenset({"words", "quoted", "(", "[", "spelling"})
_TERMS = frozenset({*_ELEMENTS, "scope", "NOTNEG", "reference", "expression"})
_AS_LETTERS = str.maketrans(WILDCARDS_AS_LETTERS)
_AS_WILDCARDS = str.maketrans({letter: wildcard for wildcard, letter in WILDCARDS_AS_LETTERS.items()})
_JOINT = re.compile(r"(?<=[^\W_*?]|[*?])~(?=[^\W_]|[*?])")
_BETWEEN = "put AND, OR, NEAR/5 or another operator between"


@lru_cache(maxsize=1 << 13)
def parse_pattern(pattern: str) -> Condition:
    """Return the condition that a pattern states.

    Raises:
        RuleError: the pattern is empty, has a word of wildcards only, or does not follow the grammar.
    """
    return _Parser(pattern).whole()


_Sequence = tuple[Word | Emoji, ...]


@dataclass(frozen=True, slots=True)
class _Variants:
    """Ways to write a phrase: no condition yet, since more words may stand before and after them."""

    sequences: tuple[_Sequence, ...]


_Parsed = _Variants | Condition


class _Parser:
    """Reads one pattern, from the operator that binds least down to the words."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._tokens = list(cut(pattern))
        self._next = 0
        self._depth = 0
        self._scope: str | None = None
        self._spelling = Spelling.FOLDED

    def whole(self) -> Condition:
        """Return the condition that the pattern as a whole states."""
        if not self._tokens:
            raise self._no_word(0)
        condition = self._condition(self._any_of(), self._tokens[0].position)
        if self._next < len(self._tokens):
            closing = self._tokens[self._next]
            raise self._error(closing.position, f'"{closing.text}" closes nothing', "leave it out, or open a group")
        return condition

    # Operators, from the one that binds least

    def _any_of(self) -> _Parsed:
        start, parsed = self._here, self._all_of()
        while self._takes("OR"):
            left, right = self._condition(parsed, start), self._operand(self._all_of)
            parsed = AnyOf((*(left.parts if isinstance(left, AnyOf) else (left,)), right))
        return parsed

    def _all_of(self) -> _Parsed:
        start, parsed = self._here, self._unless()
        while self._is_at("AND", "NOT"):
            negative = self._takes("AND") is None
            negative = self._takes("NOT") is not None or negative
            left, right = self._condition(parsed, start), self._operand(self._unless)
            if negative:
                parsed = Without(left, right)
            else:
                parsed = AllOf((*(left.parts if isinstance(left, AllOf) else (left,)), right))
        return parsed

    def _unless(self) -> _Parsed:
        start, parsed = self._here, self._near()
        while self._takes("UNLESS"):
            parsed = Unless(self._condition(parsed, start), self._operand(self._near))
        return parsed

    def _near(self) -> _Parsed:
        start, parsed = self._here, self._term()
        while operator := self._takes("NEAR", "THEN"):
            within = None if operator.more == SAME_SENTENCE else self._window(operator)
            left, right = self._condition(parsed, start), self._operand(self._term)
            parsed = Near(left, right, within, ordered=operator.kind == "THEN")
        return parsed

    def _operand(self, level: Callable[[], _Parsed]) -> Condition:
        start = self._here
        return self._condition(level(), start)

    def _window(self, operator: Token) -> int:
        if operator.more.isascii() and operator.more.isdecimal() and int(operator.more) <= WIDEST_WINDOW:
            return int(operator.more)
        raise self._error(
            operator.position + len(operator.kind),
            f'"{operator.kind}" does not say how far',
            f"write {operator.kind}/5, from 0 to {WIDEST_WINDOW} words"
            + ("" if operator.kind == "NOTNEG" else f", or {operator.kind}/{SAME_SENTENCE}"),
        )

    # Terms: what operators join

    def _term(self) -> _Parsed:
        if not self._is_at(*_TERMS):
            raise self._error(self._here, "something to find is missing here", "words, or a group in parentheses")
        parsed = self._joined_by_nothing()
        if self._is_at(*_TERMS):
            raise self._error(self._here, "a phrase is made of words only", _BETWEEN)
        return parsed

    def _joined_by_nothing(self) -> _Parsed:
        if token := self._takes("scope"):
            return self._scoped(token)
        if token := self._takes("NOTNEG"):
            window = self._window(token)
            return Unnegated(self._operand(self._term), window)
        if token := self._takes("reference"):
            return Reference(token.text, token.position)
        if token := self._takes("expression"):
            return self._expression(token)
        return self._alternatives()

    def _scoped(self, prefix: Token) -> Condition:
        if self._scope:
            problem = f'"{prefix.text}:" inside "{self._scope}:"'
            raise self._error(prefix.position, problem, "give each its own words, joined by AND or OR")
        self._scope = prefix.text
        inner = self._operand(self._term)
        self._scope = None
        return Within(SCOPES[prefix.text], inner)

    def _expression(self, token: Token) -> Condition:
        flags = "".join(sorted(set(token.more)))
        if not set(flags) <= set(_FLAGS):
            position = token.position + len(token.text) + 2
            raise self._error(position, f'"{token.more}" are no flags', f"flags are {', '.join(_FLAGS)}")
        if len(token.text) > LONGEST_EXPRESSION:
            raise self._error(token.position, f"longer than {LONGEST_EXPRESSION} characters", "write several rules")
        try:
            compiled = compile_expression(token.text, flags)
        except (regex.error, ValueError) as error:
            position = token.position + 1 + (getattr(error, "pos", None) or 0)
            problem = f"no expression: {getattr(error, 'msg', error)}"
            raise self._error(position, problem, "the syntax is that of Python's regex") from None
        except RecursionError:
            raise self._error(token.position, "too many groups inside each other", "write several rules") from None
        if compiled.fullmatch(""):
            raise self._error(token.position, "the expression matches nothing, anywhere", "let it need a character")
        return Expression(token.text, flags)

    # Phrases

    def _alternatives(self) -> _Parsed:
        start, parsed = self._here, self._phrase()
        while bar := self._takes("|"):
            if not self._is_at(*_ELEMENTS):
                raise self._error(self._here, 'words are missing after "|"', "leave it out")
            following = self._phrase()
            if not (isinstance(parsed, _Variants) and isinstance(following, _Variants)):
                raise self._error(bar.position, '"|" stands between words', "write OR between conditions")
            parsed = self._few((*parsed.sequences, *following.sequences), start)
        return parsed

    def _phrase(self) -> _Parsed:
        start, parsed = self._here, self._element()
        while self._is_at(*_ELEMENTS):
            here = self._here
            following = self._element()
            if not (isinstance(parsed, _Variants) and isinstance(following, _Variants)):
                raise self._error(here, "a phrase is made of words only", _BETWEEN)
            pairs = product(parsed.sequences, following.sequences)
            parsed = self._few((before + after for before, after in pairs), start)
        return parsed

    def _element(self) -> _Parsed:
        token = self._tokens[self._next]
        self._next += 1
        if token.kind in {"(", "["}:
            return self._group(token)
        if token.kind == "spelling":
            return self._spelled(token)
        if token.kind == "quoted":
            return _Variants((self._words(token.text, token.position + 1),))
        return self._joined_words(token)

    def _group(self, opening: Token) -> _Parsed:
        self._depth += 1
        if self._depth > DEEPEST_GROUP:
            raise self._error(opening.position, "too many groups inside each other", "write several rules")
        inner = self._any_of()
        if not self._takes(")" if opening.kind == "(" else "]"):
            raise self._error(opening.position, f'"{opening.kind}" is not closed', "close it where the group ends")
        self._depth -= 1
        if opening.kind == "(":
            return inner
        if not isinstance(inner, _Variants):
            raise self._error(opening.position, "only words can be optional", "write two rules")
        return _Variants((*inner.sequences, ()))

    def _spelled(self, prefix: Token) -> _Parsed:
        if self._spelling is not Spelling.FOLDED:
            problem = f'"{prefix.text}:" inside "{self._spelling}:"'
            raise self._error(prefix.position, problem, "one of the two")
        if not self._is_at(*_ELEMENTS):
            raise self._error(self._here, f'a word is missing after "{prefix.text}:"', "it stands before words")
        self._spelling = SPELLINGS[prefix.text]
        parsed = self._element()
        self._spelling = Spelling.FOLDED
        return parsed

    # Words

    def _joined_words(self, token: Token) -> _Variants:
        """Read words as they stand; those joined by ~ may be one word or two."""
        sequences: list[_Sequence] = [()]
        start = token.position
        for number, part in enumerate(token.text.split("~")):
            words = self._words(part, start)
            if number:
                self._refuse_loose_joint(start - 1)
                joined = [(*before[:-1], _join(before[-1], words[0]), *words[1:]) for before in sequences]
                sequences = [*self._few([*(before + words for before in sequences), *joined], token.position).sequences]
            else:
                sequences = [words]
            start += len(part) + 1
        return self._few(sequences, token.position)

    def _refuse_loose_joint(self, position: int) -> None:
        if not _JOINT.match(self._pattern, position):
            problem, hint = '"~" stands between nothing', "write it inside what may be one word or two: ml~engineer"
            raise self._error(position, problem, hint)

    def _words(self, text: str, start: int) -> _Sequence:
        """Return the words and emoji of a piece of the pattern that begins at `start`."""
        # Equal length before and after, so that positions hold.
        lettered = text.translate(_AS_LETTERS)
        found: dict[int, Word | Emoji] = {}
        for begin, end in word_bounds(lettered):
            if not text[begin:end].strip("*?"):
                hint = "put letters beside the wildcard"
                raise self._error(start + begin, f'"{text[begin:end]}" matches any word', hint)
            found[begin] = self._word(lettered[begin:end], start + begin)
        found |= {begin: Emoji(plain(text[begin:end])) for begin, end in emoji_bounds(text)}
        return tuple(found[begin] for begin in sorted(found))

    def _word(self, lettered: str, position: int) -> Word:
        if self._spelling is Spelling.EXACT:
            return Word(as_written(lettered).translate(_AS_WILDCARDS), Spelling.EXACT)
        text = fold(lettered).translate(_AS_WILDCARDS)
        if self._spelling is Spelling.STEM and has_wildcard(text):
            raise self._error(position, "a stem has no wildcards", "leave one of the two out")
        return Word(text, self._spelling)

    def _few(self, sequences: Iterable[_Sequence], position: int) -> _Variants:
        different = tuple(dict.fromkeys(islice(sequences, MOST_VARIANTS + 1)))
        if len(different) > MOST_VARIANTS:
            raise self._error(position, f"more than {MOST_VARIANTS} ways to write it", "write several rules")
        return _Variants(different)

    def _condition(self, parsed: _Parsed, position: int) -> Condition:
        if not isinstance(parsed, _Variants):
            return parsed
        if () in parsed.sequences:
            if any(parsed.sequences):
                raise self._error(position, "all of it is optional", "leave the brackets of one word out")
            raise self._no_word(position)
        phrases = tuple(_phrase_of(sequence) for sequence in parsed.sequences)
        return AnyOf(phrases) if len(phrases) > 1 else phrases[0]

    # Tokens

    @property
    def _here(self) -> int:
        return self._tokens[self._next].position if self._next < len(self._tokens) else len(self._pattern)

    def _is_at(self, *kinds: str) -> bool:
        return self._next < len(self._tokens) and self._tokens[self._next].kind in kinds

    def _takes(self, *kinds: str) -> Token | None:
        if not self._is_at(*kinds):
            return None
        self._next += 1
        return self._tokens[self._next - 1]

    def _no_word(self, position: int) -> RuleError:
        return self._error(position, "no word is left in it", "write at least one letter or digit, or an emoji")

    def _error(self, position: int, problem: str, hint: str) -> RuleError:
        return RuleError(self._pattern, position, problem, hint=hint)


def _join(first: Word | Emoji, second: Word | Emoji) -> Word:
    return Word(first.text + second.text, first.spelling if isinstance(first, Word) else Spelling.FOLDED)


def _phrase_of(sequence: _Sequence) -> Condition:
    """Return a phrase; an emoji in it is a neighbour, with no word between."""
    parts: list[Condition] = []
    for part in sequence:
        if isinstance(part, Emoji):
            parts.append(part)
        elif parts and isinstance(parts[-1], Phrase):
            parts[-1] = Phrase((*parts[-1].words, part))
        else:
            parts.append(Phrase((part,)))
    return reduce(lambda before, after: Near(before, after, 0, ordered=True), parts)
