"""Find where the rules of a codebook match a post, in code points of its title and of its text as stored.

All rules of all codes are tried in one pass. Rules of words and phrases only are done when the words were scanned; the
others are asked only where all that they need was found. Search, preview, test and application all come here, so that
they find the same.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Literal, NamedTuple

from coding.conditions import Condition, Reference, Scope, Unnegated, Within, as_phrases, walk
from coding.expressions import ExpressionStopped
from coding.matching import Compiler, Node, Voice
from coding.negation import Negation
from coding.patterns import RuleError, parse_pattern
from coding.scanning import Found, Scanner
from coding.view import Part, Place, View
from db.errors import GroundswellError
from db.spans import Kind, own_text, spans
from db.tokens import FILLER

ENGINE_VERSION = 2
"""Goes up when the same rules may give other hits; a part of each version, so that old codings are told apart."""

Field = Literal["title", "text", "post"]

_VERSION_DIGITS = 12
_FIELDS: dict[Part, Field] = {Part.TITLE: "title", Part.TEXT: "text", Part.QUOTE: "text"}
_ORDER = {"title": 0, "text": 1, "post": 2}


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern, and the stance that its words state, if they state one."""

    pattern: str
    stance: str | None = None


class Post(NamedTuple):
    """What rules look at: a post, and what stands around it.

    Attributes:
        parent_title: the title of the post that it answers.
        parent_text: the text of the post that it answers.
        by_opener: whether its author opened the thread.
    """

    title: str | None = None
    text: str | None = None
    parent_title: str | None = None
    parent_text: str | None = None
    by_opener: bool = False


class Hit(NamedTuple):
    """A segment that a code's rule matches; `pattern` is that of its longest match.

    Attributes:
        field: where it lies; "post" is the post as a whole, without a place (0, 0), for what was found in its parent.
    """

    code: str
    field: Field
    start: int
    end: int
    stance: str | None
    pattern: str


class Matches(NamedTuple):
    """The hits in a post, and apart from them what would be hits if nobody looked for negations."""

    hits: list[Hit]
    negated: list[Hit]


class RuleStopped(GroundswellError):
    """Raised when an expression takes too long on a post, so that nobody can say what the rule finds there."""

    def __init__(self, code: str, pattern: str, post: str | None = None) -> None:
        self.code, self.pattern = code, pattern
        where = f" on {post}" if post else ""
        hint = "an expression may not repeat what repeats, as in (a+)+; make it simpler, or say it in words"
        super().__init__(f'code "{code}": the expression in "{pattern}" takes too long{where}', hint=hint)


class _Owner(NamedTuple):
    """The rule that a phrase belongs to."""

    code: str
    stance: str | None
    pattern: str


class _Question(NamedTuple):
    """A rule that is more than phrases."""

    owner: _Owner
    node: Node


class RuleSet:
    """The rules of all codes, ready to be matched.

    Args:
        rules: the rules by code.
        negation: the words that negate.

    Attributes:
        looks_around: whether some rule looks at what a post answers, or at who opened its thread.

    Raises:
        RuleError: a pattern cannot be read, or names a code that has no rules or leads back to it.
    """

    def __init__(self, rules: Mapping[str, Sequence[Rule]], negation: Negation | None = None) -> None:
        for _, _, problem in rule_problems(rules):
            raise problem
        self._negation = negation or Negation()
        conditions = {code: [parse_pattern(rule.pattern) for rule in own] for code, own in rules.items()}
        self._versions = {code: _version(code, rules, conditions, self._negation) for code in rules}
        everything = [each for own in conditions.values() for condition in own for each in walk(condition)]
        scopes = {each.scope for each in everything if isinstance(each, Within)}
        self.looks_around = bool(scopes & {Scope.PARENT, Scope.OP})
        self._looks_at_parents = Scope.PARENT in scopes
        self._looks_at_quotes = Scope.QUOTE in scopes
        self._compile(rules, conditions)

    def _compile(self, rules: Mapping[str, Sequence[Rule]], conditions: Mapping[str, Sequence[Condition]]) -> None:
        compiler = Compiler(conditions)
        self._owners: dict[int, list[_Owner]] = defaultdict(list)
        self._questions: list[_Question] = []
        for code, own in rules.items():
            for rule, condition in zip(own, conditions[code], strict=True):
                owner = _Owner(code, rule.stance, rule.pattern)
                phrases = as_phrases(condition)
                if phrases is None:
                    self._questions.append(_Question(owner, compiler.node(condition)))
                for phrase in phrases or ():
                    self._owners[compiler.number(phrase)].append(owner)
        self._scanners = {voice: Scanner(compiler.phrases(voice)) for voice in Voice}
        self._always_asked = {number for number, question in enumerate(self._questions) if not question.node.needs}
        self._asked_for: dict[int, list[int]] = defaultdict(list)
        for number, question in enumerate(self._questions):
            # Called for by the fewest phrases of which it needs one.
            for phrase_number in min(question.node.needs, key=len, default=()):
                self._asked_for[phrase_number].append(number)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that have a place in the set, in the order they were given."""
        return tuple(self._versions)

    def version(self, code: str) -> str:
        """Return what tells the rules of a code from all others that it had or will have; a KeyError if unknown."""
        return self._versions[code]

    def match(self, post: Post) -> Matches:
        """Return the hits of all codes in a post.

        Hits of one code and stance that overlap are one hit, their union. The order is title, text, post as a whole,
        then by place, then by code.

        Raises:
            RuleStopped: an expression took too long.
        """
        own = self._scanners[Voice.OWN]
        masked = own_text(post.text) if post.text else ""
        found = {Part.TITLE: own.find(post.title) if post.title else [], Part.TEXT: own.find(masked) if masked else []}
        hits = [
            Hit(owner.code, _FIELDS[part], start, end, owner.stance, owner.pattern)
            for part, places in found.items()
            for number, start, end in places
            for owner in self._owners.get(number, ())
        ]
        if not self._questions:
            return Matches(_united(hits), [])
        negated = list(self._ask({Part.TITLE: post.title or "", Part.TEXT: masked}, found, post, hits))
        hits = _united(hits)
        return Matches(hits, [hit for hit in _united(negated) if not any(_overlap(hit, other) for other in hits)])

    def _ask(
        self, texts: dict[Part, str], found: dict[Part, list[Found]], post: Post, hits: list[Hit]
    ) -> Iterator[Hit]:
        """Ask the rules that are more than phrases; add their hits, and yield those that are negated."""
        for part, voice, text in self._surroundings(post):
            texts[part] = text
            found[part] = self._scanners[voice].find(text)
        numbers = {number for places in found.values() for number, _, _ in places}
        called = self._always_asked.union(*(self._asked_for[number] for number in numbers & self._asked_for.keys()))
        questions = [self._questions[number] for number in sorted(called)]
        questions = [each for each in questions if not any(need.isdisjoint(numbers) for need in each.node.needs)]
        if not questions:
            return
        view = View(texts, _by_number(found), post.by_opener, self._negation)
        for owner, node in questions:
            try:
                places = node.places(view)
                hits += _hits(owner, places)
                if node.negates:
                    view.minds_negation = False
                    yield from _hits(owner, [place for place in node.places(view) if place not in set(places)])
                    view.minds_negation = True
            except ExpressionStopped:
                raise RuleStopped(owner.code, owner.pattern) from None

    def _surroundings(self, post: Post) -> Iterator[tuple[Part, Voice, str]]:
        """Yield what some rule looks at beside the author's own words."""
        if self._looks_at_quotes and post.text and ">" in post.text:
            yield Part.QUOTE, Voice.QUOTED, _quoted_text(post.text)
        if self._looks_at_parents and post.parent_title:
            yield Part.PARENT_TITLE, Voice.PARENT, post.parent_title
        if self._looks_at_parents and post.parent_text:
            yield Part.PARENT_TEXT, Voice.PARENT, own_text(post.parent_text)


def rule_problems(rules: Mapping[str, Sequence[Rule]]) -> Iterator[tuple[str, int, RuleError]]:
    """Yield what is wrong with rules: the code, the number of the rule among its rules, and the problem."""
    named: dict[str, list[tuple[int, str, Reference]]] = {}
    for code, own in rules.items():
        named[code] = []
        for number, rule in enumerate(own):
            try:
                condition = parse_pattern(rule.pattern)
            except RuleError as error:
                yield code, number, error
                continue
            references = (each for each in walk(condition) if isinstance(each, Reference))
            named[code] += [(number, rule.pattern, reference) for reference in references]
    for code, places in named.items():
        for number, pattern, reference in places:
            problem = _reference_problem(code, reference.code, rules, named)
            if problem:
                yield code, number, RuleError(pattern, reference.position, problem[0], hint=problem[1])


def _reference_problem(
    code: str,
    wanted: str,
    rules: Mapping[str, Sequence[Rule]],
    named: Mapping[str, Sequence[tuple[int, str, Reference]]],
) -> tuple[str, str] | None:
    if not rules.get(wanted):
        close = get_close_matches(wanted, [each for each in rules if rules[each]], 1)
        return f'no code "{wanted}" has rules', f"write #{close[0]}" if close else "name a code that has rules"
    if code in _reached(wanted, {each: [reference.code for _, _, reference in named[each]] for each in named}):
        return f'"#{wanted}" leads back to "{code}"', "a code cannot rest on itself; take one of the circle out"
    return None


def _reached(code: str, named: Mapping[str, Iterable[str]]) -> set[str]:
    """Return a code, those that its rules name, and so on."""
    reached: set[str] = set()
    left = [code]
    while left:
        reached.add(left[-1])
        left += [each for each in named.get(left.pop(), ()) if each not in reached]
    return reached


def _version(
    code: str, rules: Mapping[str, Sequence[Rule]], conditions: Mapping[str, Sequence[Condition]], negation: Negation
) -> str:
    """Make the version of a code: of all that its hits depend on, in whatever order it is written."""
    named = {
        each: [part.code for condition in own for part in walk(condition) if isinstance(part, Reference)]
        for each, own in conditions.items()
    }
    reached = _reached(code, named)
    content: list[object] = [ENGINE_VERSION, sorted({(rule.pattern, rule.stance or "") for rule in rules[code]})]
    content += [sorted({rule.pattern for rule in rules[each]}) for each in sorted(reached - {code})]
    used = (part for each in reached for condition in conditions[each] for part in walk(condition))
    if any(isinstance(part, Unnegated) for part in used):
        content += [sorted(negation.cues), sorted(negation.breaks)]
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=True).encode())
    return digest.hexdigest()[:_VERSION_DIGITS]


def _quoted_text(text: str) -> str:
    """Return the text with `FILLER` for each character that is not quoted; length and lines stay."""
    return "".join(
        text[span.start : span.end]
        if span.kind is Kind.QUOTE
        else "\n".join(FILLER * len(line) for line in text[span.start : span.end].split("\n"))
        for span in spans(text)
    )


def _by_number(found: Mapping[Part, Iterable[Found]]) -> dict[int, list[Place]]:
    places: dict[int, list[Place]] = defaultdict(list)
    for part, in_part in found.items():
        for number, start, end in in_part:
            places[number].append(Place(part, start, end))
    return places


def _hits(owner: _Owner, places: Iterable[Place]) -> list[Hit]:
    """Return the hits of a rule; what lies in the parent is a hit of the post as a whole, if there is nothing else."""
    inside = [
        Hit(owner.code, _FIELDS[part], start, end, owner.stance, owner.pattern)
        for part, start, end in places
        if part in _FIELDS
    ]
    return inside or [Hit(owner.code, "post", 0, 0, owner.stance, owner.pattern) for _ in islice(places, 1)]


def _overlap(hit: Hit, other: Hit) -> bool:
    same = (hit.code, hit.stance, hit.field) == (other.code, other.stance, other.field)
    return same and (hit.field == "post" or (hit.start < other.end and other.start < hit.end))


def _united(hits: list[Hit]) -> list[Hit]:
    """Join hits of one code and stance that overlap; the pattern of the longest stays."""
    if len(hits) > 1 and len({hit[:2] + hit[4:5] for hit in hits}) < len(hits):
        groups: dict[tuple[str, Field, str | None], list[Hit]] = defaultdict(list)
        for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.pattern)):
            groups[hit.code, hit.field, hit.stance].append(hit)
        hits = [hit for group in groups.values() for hit in _joined(group)]
    return sorted(hits, key=_order) if len(hits) > 1 else hits


def _order(hit: Hit) -> tuple[int, int, int, str, str]:
    return _ORDER[hit.field], hit.start, hit.end, hit.code, hit.stance or ""


def _joined(ordered: Sequence[Hit]) -> Iterator[Hit]:
    longest, end = ordered[0], ordered[0].end
    start = longest.start
    for hit in ordered[1:]:
        if hit.start >= end and hit.field != "post":
            yield longest._replace(start=start, end=end)
            longest, start, end = hit, hit.start, hit.end
            continue
        if hit.end - hit.start > longest.end - longest.start:
            longest = hit
        end = max(end, hit.end)
    yield longest._replace(start=start, end=end)
