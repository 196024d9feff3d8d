"""Find where the rules of a codebook match a post, in code points of its title and of its text as stored.

All rules of all codes are tried in one pass. Rules of words and phrases only are done when the words were scanned; the
others are asked only where all that they need was found. Search, preview, test and application all come here, so that
they find the same.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from operator import attrgetter, itemgetter
from typing import Literal, NamedTuple

from coding.conditions import Condition, Reference, Scope, Unnegated, Within, as_phrases, walk
from coding.expressions import ExpressionStopped
from coding.matching import Compiler, Node, is_overlapped
from coding.negation import Negation
from coding.patterns import RuleError, parse_pattern
from coding.scanning import Found, Scanner
from coding.view import Part, Place, View
from db.errors import GroundswellError
from db.spans import Kind, Span, own_text, spans
from db.tokens import FILLER

ENGINE_VERSION = 2
"""Goes up when the same rules may give other hits; a part of each version, so that old codings are told apart."""

Field = Literal["title", "text", "post"]

_VERSION_DIGITS = 12
_CODE, _FIELD, _PLACE = itemgetter(0), itemgetter(1), itemgetter(2, 3, 0)
_SPAN = attrgetter("kind", "start", "end")
_FIELDS: dict[Part, Field] = {Part.TITLE: "title", Part.TEXT: "text", Part.QUOTE: "text"}


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
        read: gives the condition of a pattern.

    Attributes:
        looks_around: whether some rule looks at what a post answers, or at who opened its thread.

    Raises:
        RuleError: a pattern cannot be read, or names a code that has no rules or leads back to it.
    """

    def __init__(
        self,
        rules: Mapping[str, Sequence[Rule]],
        negation: Negation | None = None,
        read: Callable[[str], Condition] = parse_pattern,
    ) -> None:
        for _, _, problem in rule_problems(rules):
            raise problem
        self._negation = negation or Negation()
        conditions = {code: [read(rule.pattern) for rule in own] for code, own in rules.items()}
        self._versions = {code: _version(code, rules, conditions, self._negation) for code in rules}
        everything = [each for own in conditions.values() for condition in own for each in walk(condition)]
        scopes = {each.scope for each in everything if isinstance(each, Within)}
        self.looks_around = bool(scopes & {Scope.PARENT, Scope.OP})
        self._looks_at_parents = Scope.PARENT in scopes
        self._looks_at_quotes = Scope.QUOTE in scopes
        self._compile(rules, conditions)

    def _compile(self, rules: Mapping[str, Sequence[Rule]], conditions: Mapping[str, Sequence[Condition]]) -> None:
        compiler = Compiler(conditions)
        self._questions: list[_Question] = []
        owners: dict[int, list[_Owner]] = defaultdict(list)
        for code, own in rules.items():
            for rule, condition in zip(own, conditions[code], strict=True):
                owner = _Owner(code, rule.stance, rule.pattern)
                phrases = as_phrases(condition)
                if phrases is None:
                    self._questions.append(_Question(owner, compiler.node(condition)))
                for phrase in phrases or ():
                    owners[compiler.number(phrase)].append(owner)
        called: dict[int, list[int]] = defaultdict(list)
        for number, question in enumerate(self._questions):
            # Called by the fewest phrases of which it needs one.
            for phrase_number in min(question.node.needs, key=len, default=()):
                called[phrase_number].append(number)
        self._always_called = frozenset(n for n, question in enumerate(self._questions) if not question.node.needs)
        self._calls = {number: (tuple(owners[number]), tuple(called[number])) for number in range(compiler.size)}
        self._scanners = {part: Scanner(compiler.phrases(part)) for part in Part}

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
        texts = self._texts(post)
        found = {part: self._scanners[part].find(text) for part, text in texts.items()}
        hits: list[Hit] = []
        called: set[int] = set(self._always_called)
        for part, places in found.items():
            field = _FIELDS.get(part, "post")
            for number, start, end in places:
                owners, asked = self._calls[number]
                for code, stance, pattern in owners:
                    hits.append(Hit(code, field, start, end, stance, pattern))
                if asked:
                    called.update(asked)
        questions = self._worth_asking(called, found) if called else []
        if not questions:
            return Matches(_united(hits), [])
        view = View(texts, found, post.by_opener, self._negation)
        negated = list(_ask(questions, view, hits))
        hits = _united(hits)
        return Matches(hits, _not_found(_united(negated), hits))

    def _texts(self, post: Post) -> dict[Part, str]:
        """Return what the rules look at, what is not to be looked at masked."""
        texts = {}
        if post.title:
            texts[Part.TITLE] = post.title
        if post.text:
            cut = spans(post.text)
            texts[Part.TEXT] = _masked(post.text, cut, Kind.OWN)
            if self._looks_at_quotes and any(span.kind is Kind.QUOTE for span in cut):
                texts[Part.QUOTE] = _masked(post.text, cut, Kind.QUOTE)
        if self._looks_at_parents and post.parent_title:
            texts[Part.PARENT_TITLE] = post.parent_title
        if self._looks_at_parents and post.parent_text:
            texts[Part.PARENT_TEXT] = own_text(post.parent_text)
        return texts

    def _worth_asking(self, called: Iterable[int], found: Mapping[Part, Iterable[Found]]) -> list[_Question]:
        """Return the rules of which all that they need was found."""
        numbers = {number for places in found.values() for number, _, _ in places}
        questions = map(self._questions.__getitem__, sorted(called))
        return [each for each in questions if not any(need.isdisjoint(numbers) for need in each.node.needs)]


def rule_problems(rules: Mapping[str, Sequence[Rule]]) -> Iterator[tuple[str, int, RuleError]]:
    """Yield what is wrong with rules: the code, the number of the rule among its rules, and the problem."""
    named: dict[str, list[tuple[int, str, Reference]]] = {}
    for code, own in rules.items():
        named[code] = []
        for number, rule in enumerate(own):
            try:
                named[code] += [(number, rule.pattern, reference) for reference in _references(rule)]
            except RuleError as error:
                yield code, number, error
    for code, places in named.items():
        for number, pattern, reference in places:
            problem = _reference_problem(code, reference.code, rules, named)
            if problem:
                yield code, number, RuleError(pattern, reference.position, problem[0], hint=problem[1])


def named_codes(own: Iterable[Rule], rules: Mapping[str, Sequence[Rule]]) -> frozenset[str]:
    """Return the codes that rules name, and those that the rules of these name, as far as they have rules.

    Raises:
        RuleError: a pattern cannot be read.
    """
    named = {code: [each.code for rule in theirs for each in _references(rule)] for code, theirs in rules.items()}
    starts = (each.code for rule in own for each in _references(rule))
    return frozenset(code for start in starts for code in _reached(start, named) if code in rules)


def _references(rule: Rule) -> Iterator[Reference]:
    return (each for each in walk(parse_pattern(rule.pattern)) if isinstance(each, Reference))


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


def _ask(questions: Iterable[_Question], view: View, hits: list[Hit]) -> Iterator[Hit]:
    """Ask rules that are more than phrases; add their hits, and yield those that are negated."""
    for owner, node in questions:
        try:
            places = dict.fromkeys(node.places(view))
            hits += _hits(owner, places)
            if node.negates:
                view.minds_negation = False
                yield from _hits(owner, [place for place in node.places(view) if place not in places])
                view.minds_negation = True
        except ExpressionStopped:
            raise RuleStopped(owner.code, owner.pattern) from None


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


def _masked(text: str, cut: Sequence[Span], kept: Kind) -> str:
    """Return the text with `FILLER` for each character that is not of the kind that is kept; length and lines stay."""
    if len(cut) == 1 and cut[0].kind is kept:
        return text
    parts = []
    for kind, start, end in map(_SPAN, cut):
        part = text[start:end]
        parts.append(part if kind is kept else "\n".join(FILLER * len(line) for line in part.split("\n")))
    return "".join(parts)


def _hits(owner: _Owner, places: Iterable[Place]) -> list[Hit]:
    """Return the hits of a rule; what lies in the parent is a hit of the post as a whole, if there is nothing else."""
    inside = [
        Hit(owner.code, _FIELDS[part], start, end, owner.stance, owner.pattern)
        for part, start, end in places
        if part in _FIELDS
    ]
    return inside or [Hit(owner.code, "post", 0, 0, owner.stance, owner.pattern) for _ in islice(places, 1)]


def _not_found(negated: list[Hit], hits: Iterable[Hit]) -> list[Hit]:
    """Return the negated hits that no hit of their code and stance overlaps."""
    found: dict[tuple[str, Field, str | None], list[tuple[int, int]]] = defaultdict(list)
    for hit in hits if negated else ():
        found[hit.code, hit.field, hit.stance].append((hit.start, hit.end))
    whole = {key for key in found if key[1] == "post"}
    return [
        hit
        for hit in negated
        if (key := (hit.code, hit.field, hit.stance)) not in whole
        and not is_overlapped(hit.start, hit.end, found.get(key, ()))
    ]


def _united(hits: list[Hit]) -> list[Hit]:
    """Join hits of one code and stance that overlap; the pattern of the longest stays."""
    if len(hits) > 1 and len(set(map(_CODE, hits))) < len(hits):
        groups: dict[tuple[str, Field, str | None], list[Hit]] = defaultdict(list)
        for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.pattern)):
            groups[hit.code, hit.field, hit.stance].append(hit)
        hits = [hit for group in groups.values() for hit in (_joined(group) if len(group) > 1 else group)]
        # Those of one code at one place differ in their stance.
        hits.sort(key=lambda hit: hit.stance or "")
    hits.sort(key=_PLACE)
    # Title, text, post: as it happens, the alphabet backwards.
    hits.sort(key=_FIELD, reverse=True)
    return hits


def _joined(ordered: Sequence[Hit]) -> Iterator[Hit]:
    longest, start, end = ordered[0], ordered[0].start, ordered[0].end
    for hit in ordered[1:]:
        if hit.start >= end and hit.field != "post":
            yield longest._replace(start=start, end=end)
            longest, start, end = hit, hit.start, hit.end
        else:
            longest = max(longest, hit, key=lambda each: each.end - each.start)
            end = max(end, hit.end)
    yield longest._replace(start=start, end=end)
