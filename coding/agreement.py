"""Agreement between coders who coded the same posts: how often they said the same, and what chance would have done.

No figure serves alone. Of a rare code two coders who never agree on a single post have 95 % agreement and an AC1 of .95;
two who agree on most have a kappa that looks poor because of a handful of posts. So they stand beside each other, with
the positives of each coder, and below ten of them there is no verdict. A figure that the data do not define is None and
says why.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from coding.intervals import t_quantile

FIRM, TENTATIVE = 0.80, 0.667
FEWEST_POSITIVES = 10
NEGATIVE = "absent"
_PAIR = 2

Row = tuple[str | None, ...]
"""What each coder said of one post; None where a coder said nothing that counts."""
Segment = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Table:
    """What coders said of the same posts.

    Attributes:
        coders: their names, in the order of the cells.
        rows: one row a post.
        threads: the thread of each row; what is uncertain comes from leaving them out one by one.
        negative: the value that is no finding, such as "absent".
    """

    coders: tuple[str, ...]
    rows: tuple[Row, ...]
    threads: tuple[str, ...]
    negative: str = NEGATIVE


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, or why there is none."""

    value: float | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval, or why there is none."""

    lower: float | None
    upper: float | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far the segments of two or more coders cover each other, on posts where both marked some.

    Attributes:
        exact: share of segments that the other coder marked from the same place to the same place.
        half: share of segments that meet one of the other coder's in at least half of the longer of both.
    """

    posts: int
    segments: int
    exact: Figure
    half: Figure


@dataclass(frozen=True, slots=True)
class Agreement:
    """Everything that is said of the agreement on one code.

    Attributes:
        units: posts that at least two coders coded.
        positives: for each coder the posts with a positive value among these.
        percent: share of pairs of codings that are the same, averaged over posts.
        positive: of two codings of which one is positive, how often the other is too: 2a/(2a + b + c).
        kappa: Cohen's, of two coders.
        alpha: Krippendorff's for nominal data, with missing cells.
        interval: alpha's, by a jackknife that leaves out each thread.
        ac1: Gwet's.
        verdict: firm, tentative or low, by alpha; None where there are too few positives.
        no_verdict: why there is none.
    """

    units: int
    positives: Mapping[str, int]
    percent: Figure
    positive: Figure
    kappa: Figure
    alpha: Figure
    interval: Interval
    ac1: Figure
    verdict: str | None
    no_verdict: str | None


def assess(table: Table) -> Agreement:
    """Compute all figures of one table."""
    shared = [row for row in table.rows if _said(row) >= _PAIR]
    positives = {
        coder: sum(row[place] not in (None, table.negative) for row in shared)
        for place, coder in enumerate(table.coders)
    }
    alpha = krippendorff_alpha(table.rows)
    verdict, reason = _verdict(alpha, positives)
    return Agreement(
        units=len(shared),
        positives=positives,
        percent=percent(table.rows),
        positive=positive_agreement(table.rows, table.negative),
        kappa=cohen_kappa(table.rows, table.coders),
        alpha=alpha,
        interval=alpha_interval(table.rows, table.threads),
        ac1=gwet_ac1(table.rows),
        verdict=verdict,
        no_verdict=reason,
    )


def _verdict(alpha: Figure, positives: Mapping[str, int]) -> tuple[str | None, str | None]:
    scarce = min(positives, key=lambda coder: (positives[coder], coder), default=None)
    if scarce is None or alpha.value is None:
        return None, alpha.problem
    if positives[scarce] < FEWEST_POSITIVES:
        return None, f"fewer than {FEWEST_POSITIVES} positives by {scarce} ({positives[scarce]})"
    return "firm" if alpha.value >= FIRM else "tentative" if alpha.value >= TENTATIVE else "low", None


_NOTHING_SHARED = "no post was coded by two coders"
_NO_VARIATION = "undefined: all codings say the same, so agreement cannot be told from chance"


def percent(rows: Iterable[Row]) -> Figure:
    """The share of pairs of codings of a post that are the same, averaged over posts with at least two codings."""
    shares = [_same_pairs(counts) for row in rows if (counts := _counts(row)).total() >= _PAIR]
    return Figure(math.fsum(shares) / len(shares)) if shares else Figure(None, _NOTHING_SHARED)


def _same_pairs(counts: Counter[str]) -> float:
    said = counts.total()
    return sum(many * (many - 1) for many in counts.values()) / (said * (said - 1))


def positive_agreement(rows: Iterable[Row], negative: str = NEGATIVE) -> Figure:
    """Twice the pairs that share a positive value, divided by the positive codings in all pairs."""
    same = positive = shared = 0
    for row in rows:
        for left, right in combinations([value for value in row if value is not None], _PAIR):
            shared += 1
            positive += (left != negative) + (right != negative)
            same += left == right != negative
    if not shared:
        return Figure(None, _NOTHING_SHARED)
    return Figure(2 * same / positive) if positive else Figure(None, "undefined: nobody coded a positive")


def cohen_kappa(rows: Iterable[Row], coders: Sequence[str]) -> Figure:
    """Cohen's kappa, over posts that both of two coders coded."""
    if len(coders) != _PAIR:
        return Figure(None, f"only of two coders; here are {len(coders)}")
    pairs = [row for row in rows if _said(row) == _PAIR]
    if not pairs:
        return Figure(None, _NOTHING_SHARED)
    n = len(pairs)
    left, right = (Counter(row[place] for row in pairs) for place in (0, 1))
    by_chance = sum(left[value] * right[value] for value in left) / n**2
    if by_chance == 1:
        return Figure(None, _NO_VARIATION)
    return Figure((sum(row[0] == row[1] for row in pairs) / n - by_chance) / (1 - by_chance))


def gwet_ac1(rows: Iterable[Row]) -> Figure:
    """Gwet's AC1; posts with one coding tell how common a value is, those with two or more how often it is shared."""
    counted = [counts for row in rows if (counts := _counts(row))]
    shared = [_same_pairs(counts) for counts in counted if counts.total() >= _PAIR]
    if not shared:
        return Figure(None, _NOTHING_SHARED)
    values = sorted({value for counts in counted for value in counts})
    if len(values) == 1:
        return Figure(None, _NO_VARIATION)
    common = [math.fsum(counts[value] / counts.total() for counts in counted) / len(counted) for value in values]
    by_chance = sum(share * (1 - share) for share in common) / (len(values) - 1)
    return Figure((math.fsum(shared) / len(shared) - by_chance) / (1 - by_chance))


@dataclass(slots=True)
class _Sums:
    """What alpha is computed from; sums over posts, so that a thread can be taken out.

    Attributes:
        same: agreeing pairs of codings, each post's weighted by 1/(codings - 1).
        values: codings by value, in posts with at least two.
    """

    same: float
    values: Counter[str]

    def alpha(self) -> float | None:
        n = self.values.total()
        by_chance = sum(many * (n - many) for many in self.values.values())
        return 1 - (n - 1) * (n - self.same) / by_chance if by_chance else None


def krippendorff_alpha(rows: Iterable[Row]) -> Figure:
    """Krippendorff's alpha for nominal data; a missing cell is left out, a post with fewer than two codings too."""
    sums = _sums(rows)
    if not sums.values:
        return Figure(None, _NOTHING_SHARED)
    alpha = sums.alpha()
    return Figure(None, _NO_VARIATION) if alpha is None else Figure(alpha)


def _sums(rows: Iterable[Row]) -> _Sums:
    sums = _Sums(0.0, Counter())
    for row in rows:
        counts = _counts(row)
        said = counts.total()
        if said >= _PAIR:
            sums.same += sum(many * (many - 1) for many in counts.values()) / (said - 1)
            sums.values.update(counts)
    return sums


def alpha_interval(rows: Sequence[Row], threads: Sequence[str]) -> Interval:
    """Alpha's 95 % interval, from computing it again without each thread.

    Codings of one thread resemble each other. With alpha(g) computed without thread g, and G threads that hold a post
    with two codings, the variance is (G - 1)/G · Σ (alpha(g) - alpha)²; the quantile is Student's t with G* - 1 degrees
    of freedom, G* being how many threads of equal size would tell as much.
    """
    by_thread: dict[str, list[Row]] = defaultdict(list)
    for row, thread in zip(rows, threads, strict=True):
        if _said(row) >= _PAIR:
            by_thread[thread].append(row)
    whole = _sums(rows)
    alpha = whole.alpha()
    if alpha is None:
        return Interval(None, None, _NO_VARIATION if whole.values else _NOTHING_SHARED)
    if alpha == 1:
        return Interval(None, None, "undefined: there was no disagreement that could vary from thread to thread")
    without = []
    for posts in by_thread.values():
        left_out = _sums(posts)
        rest = _Sums(whole.same - left_out.same, whole.values - left_out.values).alpha()
        if rest is None:
            return Interval(None, None, "undefined: without one of the threads all codings say the same")
        without.append(rest)
    n = sum(map(len, by_thread.values()))
    df = n * n / sum(len(posts) ** 2 for posts in by_thread.values()) - 1
    if df < 1:
        return Interval(None, None, "undefined: too few threads, or one that outweighs the others")
    clusters = len(without)
    variance = (clusters - 1) / clusters * math.fsum((one - alpha) ** 2 for one in without)
    reach = t_quantile(df) * math.sqrt(variance)
    return Interval(max(-1.0, alpha - reach), min(1.0, alpha + reach))


def overlap(marked: Iterable[Sequence[frozenset[Segment]]]) -> Overlap:
    """Compare segments.

    Args:
        marked: for each post the segments of each coder, empty where a coder marked none.
    """
    posts = segments = exact = half = 0
    for by_coder in marked:
        pairs = [(left, right) for left, right in combinations(by_coder, _PAIR) if left and right]
        posts += bool(pairs)
        for left, right in pairs:
            segments += len(left) + len(right)
            exact += 2 * len(left & right)
            half += _matched(left, right) + _matched(right, left)
    if not segments:
        none = Figure(None, "no post has segments by two coders")
        return Overlap(0, 0, none, none)
    return Overlap(posts, segments, Figure(exact / segments), Figure(half / segments))


def _matched(these: frozenset[Segment], those: frozenset[Segment]) -> int:
    """How many of these segments meet one of those in at least half of the longer one."""
    return sum(any(_meet_in_half(one, other) for other in those) for one in these)


def _meet_in_half(one: Segment, other: Segment) -> bool:
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return 2 * shared >= max(one[1] - one[0], other[1] - other[0])


def _counts(row: Row) -> Counter[str]:
    return Counter(value for value in row if value is not None)


def _said(row: Row) -> int:
    return sum(value is not None for value in row)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a methods paragraph says of a round besides its figures.

    Attributes:
        posts, threads: those of which at least two coders said something that counts.
        drawn: how the posts were drawn, as a clause.
        codes: the figures of each code, by name.
        adjudicated: differences that were settled, by reason.
        twice: the one person who coded everything twice, where the coders are two rounds of one person.
        programs: for a program and a person the figures of each code of which one of them found any, by name.
    """

    coders: tuple[str, ...]
    posts: int
    threads: int
    drawn: str
    blind: bool
    codebook_revision: str
    codes: Mapping[str, Agreement]
    adjudicated: Mapping[str, int]
    twice: str | None = None
    programs: Mapping[tuple[str, str], Mapping[str, Agreement]] = field(default_factory=dict)


def methods_paragraph(facts: Facts) -> str:
    """The paragraph on agreement for a paper."""
    seeing = (
        "without seeing each other's codings or any machine's" if facts.blind else "not blind to each other's codings"
    )
    posts, threads = _counted(facts.posts, "post"), _counted(facts.threads, "thread")
    how = "independently coded" if facts.blind else "coded"
    who = f"{_counted(len(facts.coders), 'coder')} {how}"
    if facts.twice is not None:
        who = f"{facts.twice} coded twice, in the rounds {' and '.join(facts.coders)},"
    sentences = [
        f"{who} {posts} from {threads} ({facts.drawn}), {seeing}, by revision {facts.codebook_revision} of the codebook.",
        "Agreement was computed per code on posts with at least two codings; codings marked unsure or missing count as missing cells.",
        "Krippendorff's alpha is for nominal data, with 95 % intervals from a jackknife over threads; beside it stand positive agreement, Gwet's AC1 and, for two coders, Cohen's kappa.",
    ]
    for name, found in facts.codes.items():
        sentences.append(f"{name}: {_in_words(found)}.")
    settled = sum(facts.adjudicated.values())
    if settled:
        reasons = ", ".join(f"{many} {reason}" for reason, many in sorted(facts.adjudicated.items()))
        sentences.append(
            f"{_counted(settled, 'difference')} {'was' if settled == 1 else 'were'} adjudicated ({reasons})."
        )
    for (program, person), codes in facts.programs.items():
        figures = " ".join(f"{name}: {_in_words(found)}." for name, found in codes.items())
        sentences.append(
            f"The program {program} coded by itself and enters none of these figures; beside {person}: {figures}"
        )
    return " ".join(sentences)


def _in_words(found: Agreement) -> str:
    positives = ", ".join(f"{many} by {coder}" for coder, many in found.positives.items())
    words = [f"{_counted(found.units, 'post')}", f"positives {positives}"]
    if found.alpha.value is None:
        words.append(f"alpha {found.alpha.problem}")
    elif found.interval.lower is None or found.interval.upper is None:
        words.append(f"alpha {found.alpha.value:.2f} (interval {found.interval.problem})")
    else:
        limits = f"{found.interval.lower:.2f} to {found.interval.upper:.2f}"
        words.append(f"alpha {found.alpha.value:.2f} ({limits})")
    named = (("positive agreement", found.positive), ("AC1", found.ac1), ("kappa", found.kappa))
    words += [f"{name} {figure.value:.2f}" for name, figure in named if figure.value is not None]
    if found.no_verdict:
        words.append(f"no verdict: {found.no_verdict}")
    return "; ".join(words)


def _counted(many: int, noun: str) -> str:
    return f"{many:,} {noun}" if many == 1 else f"{many:,} {noun}s"
