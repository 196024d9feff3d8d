# ruff: noqa: INP001, T201 - a script beside the packages, whose result is what it prints
"""Measure the rule engine: 600 patterns over 20,000 posts against one `re` expression a pattern, and loading a codebook.

    python benchmarks/rules.py [FOLDER]

FOLDER holds dump files of comments (`*comments*.ndjson.zst`); without them the posts are made up. Both sides begin with
the patterns and the posts, mask what is not the author's own, and end with the segments of every code; these are compared.
The plain side is measured on every tenth post and its time multiplied, unless `--all` is given. Times are processor time.
"""

import argparse
import io
import json
import random
import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import zstandard

from coding.codebook import check_rules, read_codebook, rule_set
from coding.patterns import parse_pattern
from coding.rules import Post, Rule, RuleSet
from collector.text import canonical
from db.spans import own_text
from db.tokens import FILLER, tokens, words
from db.yaml_files import load

POSTS, CODES, PATTERNS_EACH = 20_000, 60, 10
WINDOW = 5
SEED = 7
SHORTEST_WORD = 4
WIDEST_DUMP_WINDOW = 1 << 31
Segment = tuple[str, int, int]
_GAP = "\u019e"  # a letter that no pattern has, so that no phrase reaches across a gap


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--all", action="store_true", help="measure the plain side on all posts")
    arguments = parser.parse_args()
    texts = posts(arguments.folder)
    rules = make_rules(texts)
    print(f"{len(texts):,} posts of {sum(map(len, texts)) / len(texts):.0f} characters")
    print(f"loading a codebook of {CODES} codes and {CODES * PATTERNS_EACH} patterns: {seconds_to_load(rules):.3f} s")
    made = compare(rules, texts, 1 if arguments.all else 10)
    print(f"engine: {made.seconds:.2f} s, {len(texts) / made.seconds:,.0f} posts a second")
    print(
        f"one expression a pattern: {made.plain_seconds:.1f} s, {len(texts) / made.plain_seconds:,.0f} posts a second"
    )
    print(f"ratio: {made.plain_seconds / made.seconds:.1f}")
    print(f"segments compared: {made.segments:,}, {made.missing} missing, {made.extra} extra")


@dataclass(frozen=True, slots=True)
class Comparison:
    """How long both sides took, and what they found in the posts that both looked at."""

    seconds: float
    plain_seconds: float
    segments: int
    missing: int
    extra: int


def compare(rules: dict[str, list[str]], texts: Sequence[str], step: int) -> Comparison:
    """Match all posts with the engine, and each `step`-th with the plain rules, whose time is multiplied."""
    started = time.process_time()
    engine = RuleSet({code: [Rule(pattern) for pattern in patterns] for code, patterns in rules.items()})
    found = []
    for number, text in enumerate(texts):
        hits = engine.match(Post(text=text)).hits
        if number % step == 0:
            found.append(hits)
    seconds = time.process_time() - started
    started = time.process_time()
    plain = PlainRules(rules)
    begun = time.process_time()
    expected = [plain.segments(text) for text in texts[::step]]
    plain_seconds = begun - started + (time.process_time() - begun) * step
    segments = [{(hit.code, hit.start, hit.end) for hit in hits} for hits in found]
    missing = sum(len(wanted - got) for wanted, got in zip(expected, segments, strict=True))
    extra = sum(len(got - wanted) for wanted, got in zip(expected, segments, strict=True))
    return Comparison(seconds, plain_seconds, sum(map(len, expected)), missing, extra)


class PlainRules:
    """What one would write without an engine: each pattern a regular expression, each tried on each post."""

    def __init__(self, rules: dict[str, list[str]]) -> None:
        self._rules = {
            code: [[_expression(phrase) for phrase in pattern.split(f" NEAR/{WINDOW} ")] for pattern in patterns]
            for code, patterns in rules.items()
        }

    def segments(self, text: str) -> set[Segment]:
        """Return the segments of all codes."""
        searched, ends = _folded(own_text(text))
        found = set()
        for code, patterns in self._rules.items():
            places = [place for expressions in patterns for place in _places(searched, expressions)]
            found |= {(code, start, ends.get(end, end)) for start, end in _united(places)}
        return found


def _expression(phrase: str) -> re.Pattern[str]:
    return re.compile(r"\b" + r"\W+".join(re.escape(word).replace(r"\*", r"\w*") for word in phrase.split()) + r"\b")


def _places(text: str, expressions: Sequence[re.Pattern[str]]) -> Iterator[tuple[int, int]]:
    first = [found.span() for found in expressions[0].finditer(text)]
    if len(expressions) == 1 or not first:
        yield from first
        return
    second = [found.span() for found in expressions[1].finditer(text)]
    for one in first:
        for other in second:
            before, after = sorted((one, other))
            if before[1] <= after[0] and len(re.findall(r"\w+", text[before[1] : after[0]])) <= WINDOW:
                yield before[0], after[1]


def _folded(own: str) -> tuple[str, dict[int, int]]:
    """Fold a text to one of the same length, with the true end of each word that became shorter."""
    if own.isascii():
        return own.lower().replace("_", " "), {}
    pieces, ends, position = [], {}, 0
    for token in tokens(own):
        pieces += [own[position : token.start].replace("_", " "), token.folded.replace(FILLER, _GAP)]
        pieces.append(" " * (token.end - token.start - len(token.folded)))
        ends[token.start + len(token.folded)] = token.end
        position = token.end
    return "".join([*pieces, own[position:].replace("_", " ")]), ends


def _united(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def make_rules(texts: Iterable[str]) -> dict[str, list[str]]:
    """Make patterns of words that the posts have: words, beginnings, phrases, and every twentieth NEAR/5."""
    counts: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for text in texts:
        own = [word.lower() for word in words(own_text(text)) if word.isascii() and word.isalpha()]
        counts.update(own)
        pairs.update(pairwise(own))
    rng = random.Random(SEED)  # noqa: S311 - a benchmark has no secrets
    common = [word for word, _ in counts.most_common(3000)[150:] if len(word) >= SHORTEST_WORD]
    phrases = [" ".join(pair) for pair, _ in pairs.most_common(6000)[500:]]
    makers = (
        *(lambda: rng.choice(common),) * 9,
        *(lambda: f"{rng.choice(common)[:5]}*",) * 5,
        *(lambda: rng.choice(phrases),) * 5,
        lambda: f"{rng.choice(common)} NEAR/{WINDOW} {rng.choice(common)}",
    )
    rules: dict[str, list[str]] = defaultdict(list)
    for number in range(CODES * PATTERNS_EACH):
        rules[f"code-{number // PATTERNS_EACH}"].append(makers[number % len(makers)]())
    return dict(rules)


def posts(folder: Path | None, most: int = POSTS) -> list[str]:
    """Return the first posts of dump files, or made-up ones without a folder."""
    return list(islice(_dump(folder) if folder else _made_up(), most))


def _dump(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*comments*.ndjson.zst")):
        with path.open("rb") as file:
            reader = zstandard.ZstdDecompressor(max_window_size=WIDEST_DUMP_WINDOW).stream_reader(file)
            for line in io.TextIOWrapper(reader, encoding="utf-8"):
                text = canonical(json.loads(line)["body"], escaped=True)
                if text:
                    yield text


def _made_up() -> Iterator[str]:
    """Yield texts of made-up words in about the frequencies and lengths of real ones, with their signs and markup."""
    rng = random.Random(SEED)  # noqa: S311 - a benchmark has no secrets
    syllables = [first + second for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o", "u", "ay", "ere")]
    vocabulary = ["".join(rng.choices(syllables, k=rng.choice((1, 2, 2, 3)))) for _ in range(20_000)]
    weights = [1 / (rank + 10) for rank in range(len(vocabulary))]
    signs = {" ": 1000, ", ": 60, ". ": 60, "\n\n": 20, " - ": 5, "\u2019": 8, " `code` ": 1}
    signs |= {"\n\n> quoted\n\n": 1, " https://a.example/x ": 2}
    while True:
        length = max(1, round(rng.lognormvariate(3, 1)))
        joints = rng.choices([*signs], [*signs.values()], k=length)
        yield "".join(map("".join, zip(rng.choices(vocabulary, weights, k=length), joints, strict=True)))


def seconds_to_load(rules: dict[str, list[str]]) -> float:
    """Return how long it takes to read, check and compile a codebook with these rules."""
    lines = ["version: 1", "codes:"]
    for code, patterns in rules.items():
        lines += [f"  {code}:", f"    name: {code}", "    definition: Says something.", "    rules:"]
        lines += [f"      - {json.dumps(pattern)}" for pattern in patterns]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "codebook.yaml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        parse_pattern.cache_clear()
        started = time.process_time()
        document = load(path)
        codebook = read_codebook(document)
        check_rules(document, codebook)
        rule_set(codebook)
        return time.process_time() - started


if __name__ == "__main__":
    main()
