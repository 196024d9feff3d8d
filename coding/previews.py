"""What rules would find, before anything is coded: counts, random posts, what is nearly found, and how often they are right.

Everything is matched by the same engine that codes. The full-text index says which posts are worth looking at, and at once
how many there are.
"""

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from coding.apply import match_text
from coding.conditions import AnyOf, Condition
from coding.index_query import IndexQuery, Vocabulary, index_query
from coding.intervals import NORMAL, wilson
from coding.loosening import loosened
from coding.negation import Negation
from coding.patterns import parse_pattern
from coding.rules import Hit, Matches, Rule, RuleSet, RuleStopped, named_codes
from db.queries.previews import RuleText

_WHOLE = "all rules together"
"""No code has such an id, nor `_one`'s."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A post that is shown, with the hits in it; of a post that is nearly found, what comes near."""

    address: str
    title: str | None
    text: str | None
    hits: tuple[Hit, ...]


@dataclass(slots=True)
class RuleCount:
    """What one rule finds.

    Attributes:
        posts: posts with a hit of it.
        alone: those in which no other rule of the code has one.
        negated: posts in which something is negated that would be a hit of it else.
    """

    rule: Rule
    posts: int = 0
    alone: int = 0
    negated: int = 0


@dataclass(frozen=True, slots=True)
class Precision:
    """How often people agree with the hits, of the posts that they read.

    Attributes:
        present: posts with a hit that people hold to show the code.
        read: posts with a hit that people decided.
        missed: posts without a hit that people hold to show the code.
    """

    present: int
    read: int
    missed: int

    @property
    def limits(self) -> tuple[float, float] | None:
        """The limits of a 95 % interval (Wilson) of present / read, as if posts had been drawn singly; None without."""
        return wilson(self.present / self.read, self.read, NORMAL) if self.read else None


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the index says of a rule before the posts are looked at.

    Attributes:
        posts: the posts that could have a hit.
        exact: whether these are the posts that have one.
        looked_at: how many of them, drawn at random, were looked at; none if it is exact.
        matching: how many of those have one.
    """

    pattern: str
    posts: int
    exact: bool
    looked_at: int = 0
    matching: int = 0

    @property
    def limits(self) -> tuple[float, float] | None:
        """The limits of a 95 % interval (Wilson) of matching / looked_at; None without."""
        return wilson(self.matching / self.looked_at, self.looked_at, NORMAL) if self.looked_at else None


@dataclass(slots=True)
class Preview:
    """What rules find in the public posts of a study.

    Attributes:
        posts: all there are.
        found: posts with a hit.
        hits: segments.
        fields: posts with a hit in the title, in the text, or as a whole.
        negated: posts in which something is negated that would be a hit else.
        nearly: posts without a hit or a negated one in which the rules nearly find something.
        rules: the same by rule.
        shown: some posts with hits, drawn at random, and so with `shown_negated` and `shown_nearly`.
        precision: None without a code that people could have coded.
    """

    rules: list[RuleCount]
    posts: int = 0
    found: int = 0
    hits: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    negated: int = 0
    nearly: int = 0
    shown: list[Shown] = field(default_factory=list)
    shown_negated: list[Shown] = field(default_factory=list)
    shown_nearly: list[Shown] = field(default_factory=list)
    precision: Precision | None = None


class Previewer:
    """Tries rules on the posts of a study.

    Args:
        rules: the rules to try, as those of one code.
        others: the rules of the codes of the codebook, for those that are named.
        negation: the words that negate.
        name: what the rules are called if one of them has to be stopped.
        read: whether people hold the posts that they read to show the code, by post.
        hidden: posts that are counted and not shown.
        size: how many posts to show of each kind.
        seed: another seed shows other posts.

    Raises:
        RuleError: one of the rules cannot be read.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        others: Mapping[str, Sequence[Rule]],
        negation: Negation,
        *,
        name: str,
        read: Mapping[int, bool] | None = None,
        hidden: Collection[int] = (),
        size: int = 20,
        seed: int = 1,
    ) -> None:
        named = {code: others[code] for code in named_codes(rules, others)}
        each = {_one(number): (rule,) for number, rule in enumerate(rules)}
        self._rules = RuleSet({**named, _WHOLE: rules, **each}, negation)
        self._nearly = RuleSet({**named, _WHOLE: rules}, negation, _nearly)
        self._conditions = _conditions({_WHOLE: rules, **named}, parse_pattern)
        self._near_conditions = _conditions({_WHOLE: rules, **named}, _nearly)
        self.patterns = tuple(rule.pattern for rule in rules)
        self.looks_around = self._rules.looks_around or self._nearly.looks_around
        self._name, self._read, self._hidden = name, read, hidden
        self._present, self._decided, self._missed = 0, 0, 0
        self._shown, self._shown_negated, self._shown_nearly = (_Draw(size, seed) for _ in range(3))
        self._made = Preview([RuleCount(rule) for rule in rules])

    def questions(self, vocabulary: Vocabulary) -> list[IndexQuery | None]:
        """What to ask the index for posts with hits or negated hits, by rule; None where it knows nothing of them."""
        return [index_query(one, self._conditions, vocabulary) for one in self._conditions[_WHOLE]]

    def near_questions(self, vocabulary: Vocabulary) -> list[IndexQuery | None]:
        """The same for what the rules nearly find."""
        return [index_query(one, self._near_conditions, vocabulary) for one in self._near_conditions[_WHOLE]]

    def finds(self, text: RuleText, number: int) -> bool:
        """Whether a rule has a hit in a post, which is not counted.

        Raises:
            RuleStopped: an expression takes too long on it.
        """
        return any(hit.code == _one(number) for hit in self._matches(self._rules, text).hits)

    def _matches(self, rules: RuleSet, text: RuleText) -> Matches:
        try:
            return match_text(rules, text)
        except RuleStopped as error:
            raise RuleStopped(self._name, error.pattern, text.address) from None

    def look_at(self, text: RuleText) -> None:
        """Try the rules on one more post.

        Raises:
            RuleStopped: an expression takes too long on it.
        """
        matches = self._matches(self._rules, text)
        hits = [hit for hit in matches.hits if hit.code == _WHOLE]
        negated = [hit for hit in matches.negated if hit.code == _WHOLE]
        near = [] if hits or negated else [hit for hit in self._matches(self._nearly, text).hits if hit.code == _WHOLE]
        self._made.found += bool(hits)
        self._made.hits += len(hits)
        self._made.fields.update({hit.field for hit in hits})
        self._made.negated += bool(negated)
        self._made.nearly += bool(near)
        self._count_rules(matches)
        self._compare(text.id, found=bool(hits))
        if text.id not in self._hidden:
            for draw, found in ((self._shown, hits), (self._shown_negated, negated), (self._shown_nearly, near)):
                if found:
                    draw.offer(Shown(text.address, text.title, text.text, tuple(found)))

    def result(self, posts: int) -> Preview:
        """Return what was found so far, of so many posts."""
        made = self._made
        made.posts = posts
        made.shown, made.shown_negated = self._shown.drawn(), self._shown_negated.drawn()
        made.shown_nearly = self._shown_nearly.drawn()
        if self._read is not None:
            made.precision = Precision(self._present, self._decided, self._missed)
        return made

    def _count_rules(self, matches: Matches) -> None:
        found, negated = ({hit.code for hit in hits} for hits in matches)
        of_one = [count for number, count in enumerate(self._made.rules) if _one(number) in found]
        for count in of_one:
            count.posts += 1
            count.alone += len(of_one) == 1
        for number, count in enumerate(self._made.rules):
            count.negated += _one(number) in negated

    def _compare(self, post: int, *, found: bool) -> None:
        """Compare with what people decided of a post."""
        if self._read is None or post not in self._read:
            return
        present = self._read[post]
        self._decided += found
        self._present += found and present
        self._missed += present and not found


def excerpt(text: str, segments: Iterable[tuple[int, int]], around: int = 60) -> str:
    """Return the words around the first of some segments that lie apart, in one line, with the segments in «…».

    Long segments are shortened in the middle.
    """
    ordered = sorted(segments)
    first, end = ordered[0] if ordered else (0, 0)
    start, stop = max(0, first - around), min(len(text), end + around)
    pieces, position = ["…" if start else ""], start
    for segment_start, segment_end in ordered:
        if segment_end <= stop:
            pieces += [text[position:segment_start], "«", _shortened(text[segment_start:segment_end], 2 * around), "»"]
            position = segment_end
    pieces += [text[position:stop], "…" if stop < len(text) else ""]
    return " ".join("".join(pieces).split())


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest // 2]} … {text[-longest // 2 :]}"


class _Draw:
    """Some of many posts, drawn so that the same seed draws the same, in whatever order they come."""

    def __init__(self, size: int, seed: int) -> None:
        self._size, self._seed = size, seed
        self._heap: list[tuple[int, str, Shown]] = []

    def offer(self, shown: Shown) -> None:
        """Take a post into the draw."""
        digest = hashlib.sha256(f"{self._seed}:{shown.address}".encode()).digest()
        heapq.heappush(self._heap, (-int.from_bytes(digest[:8], "big"), shown.address, shown))
        if len(self._heap) > self._size:
            heapq.heappop(self._heap)

    def drawn(self) -> list[Shown]:
        """Return the posts that were drawn, in a random order."""
        return [shown for _, _, shown in sorted(self._heap, key=lambda drawn: drawn[:2], reverse=True)]


def _one(number: int) -> str:
    return f"rule {number}"


def _conditions(rules: Mapping[str, Sequence[Rule]], read: Callable[[str], Condition]) -> dict[str, list[Condition]]:
    return {code: [read(rule.pattern) for rule in own] for code, own in rules.items()}


def _nearly(pattern: str) -> Condition:
    return loosened(parse_pattern(pattern)) or AnyOf(())
