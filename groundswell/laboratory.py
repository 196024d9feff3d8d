"""Trying one rule while it is typed: what it finds, what it nearly finds, and whether the code's examples hold.

The engine that codes decides; the full-text index only says which posts need not be looked at. Where there are too many
candidates, a part of them is looked at, and the counts say so.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import nsmallest
from sqlite3 import Connection  # noqa: TID251 - only its name: queries take one

from coding.apply import match_text
from coding.codebook import Codebook
from coding.examples import Example, tried_examples
from coding.final import ABSENT, PRESENT, FinalLayer
from coding.index_query import IndexQuery, Vocabulary
from coding.previews import Precision, Preview, Previewer
from coding.rules import Rule, RuleSet, named_codes
from db.queries import search
from db.queries.batches import chunks
from db.queries.codings import revisions
from db.queries.previews import RuleText, rule_texts_of
from db.queries.samples import audit_posts, training_codings
from db.store import Store

MOST = 600
"""How many candidates are looked at for hits, so that the answer comes while somebody types; for near misses a third."""
_NAME = "this rule"
_SPREAD = 2_654_435_761
"""An odd number near 2^32 divided by the golden ratio: multiples of it are spread evenly (Knuth)."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule does.

    Attributes:
        preview: what was found in the posts that were looked at.
        posts: how many posts there are to look at.
        candidates: how many of them may hold a hit.
        looked_at: how many of those were looked at.
        found: how many posts it finds; None where only a part of the candidates was looked at.
        known: how many of the posts found the code's rules have found already; None without a code, or where `found`
            is None.
        precision: how often people agree, of found posts that they read outside of audits; where only a part of the
            candidates was looked at, of that part. None without a code.
        examples: of the code.
        left_out: posts that were not looked at since whoever tries may see nothing of them.
    """

    preview: Preview
    posts: int
    candidates: int
    looked_at: int
    found: int | None
    known: int | None
    precision: Precision | None
    examples: tuple[Example, ...]
    left_out: int


def try_rule(
    store: Store,
    codebook: Codebook,
    pattern: str,
    code: str | None = None,
    *,
    hidden: Collection[int] = frozenset(),
    known: Collection[int] = frozenset(),
    read: Mapping[int, bool] | None = None,
    size: int = 8,
    seed: int = 1,
) -> Trial:
    """Try a rule on the public posts of a study; nothing is written.

    Posts that were drawn for an audit are counted and not shown, so that no rule is tuned by them.

    Args:
        store: the study's database.
        codebook: its codebook.
        pattern: the rule.
        code: the code that it is meant for.
        hidden: posts that are not looked at.
        known: posts in which the code's rules have found something already.
        read: what people decided of the code (`people_decided`); without it that is looked up.
        size: how many posts to show of each kind.
        seed: another seed shows other posts.

    Raises:
        RuleError: the pattern cannot be read; its place is told.
        RuleStopped: an expression takes too long on a post.
    """
    connection = store.connection
    others = {each.id: each.rules for each in codebook.codes.values() if each.rules}
    decided = {} if code is None else people_decided(store, codebook, code) if read is None else read
    shown = Previewer(
        [Rule(pattern)], others, codebook.negation, name=_NAME, hidden=audit_posts(connection), size=size, seed=seed
    )
    vocabulary = Vocabulary(lambda: search.vocabulary(connection))
    (question,), (nearly,) = shown.questions(vocabulary), shown.near_questions(vocabulary)
    matching = [post for post in _answers(connection, question) if post not in hidden]
    looked_at = _some(matching, MOST, seed)
    near = [*(set(_answers(connection, nearly)) - set(matching) - set(hidden))]
    for text in _texts(connection, [*looked_at, *_some(near, MOST // 3, seed)], shown.looks_around):
        shown.look_at(text)
    left_out = sum(post in hidden for post in search.all_posts(connection)) if hidden else 0
    posts = search.size(connection) - left_out
    preview = shown.result(posts)
    whole = len(looked_at) == len(matching)
    exact = question is not None and question.exact
    found = len(matching) if exact else preview.found if whole else None
    seen = {post: held for post, held in decided.items() if post not in hidden}
    finds = None if exact else partial(_finds, connection, codebook, Rule(pattern), others)
    return Trial(
        preview=preview,
        posts=posts,
        candidates=len(matching),
        looked_at=len(looked_at),
        found=found,
        known=sum(post in known for post in matching) if code is not None and exact else None,
        precision=None if code is None else _precision(matching, seen, finds, seed),
        examples=() if code is None else _examples(codebook, code, Rule(pattern), others),
        left_out=left_out,
    )


def people_decided(store: Store, codebook: Codebook, code: str) -> dict[int, bool]:
    """Whether people hold a post to show a code, for each that they decided outside of audits."""
    codes = codebook.values_of(codebook.codes[code].parent or "") if codebook.is_value(code) else (code,)
    layer = FinalLayer(training_codings(store.connection, *codes), codebook, revisions(store.connection))
    decisions = {post: layer.decision(post, code).value for post in layer.posts}
    return {post: value == PRESENT for post, value in decisions.items() if value in (PRESENT, ABSENT)}


def examples_of(codebook: Codebook, code: str) -> tuple[Example, ...]:
    """What a code's own rules do with its examples."""
    return _examples(codebook, code, None, {each.id: each.rules for each in codebook.codes.values() if each.rules})


def _answers(connection: Connection, question: IndexQuery | None) -> list[int]:
    """The posts of which the index says that they may hold what is asked for; all of them where it knows nothing."""
    found = search.all_posts(connection) if question is None else search.matching(connection, question.text)
    return list(found)


def _some(posts: Collection[int], most: int, seed: int) -> list[int]:
    """At most so many of some posts, the same ones for the same seed."""
    if len(posts) <= most:
        return list(posts)
    return nsmallest(most, posts, key=lambda post: (post * _SPREAD + seed * (_SPREAD >> 3)) & 0xFFFFFFFF)


def _texts(connection: Connection, posts: Sequence[int], looks_around: bool) -> list[RuleText]:
    return [text for some in chunks(posts) for text in rule_texts_of(connection, some, surroundings=looks_around)]


def _finds(
    connection: Connection, codebook: Codebook, rule: Rule, others: Mapping[str, Sequence[Rule]], posts: Sequence[int]
) -> set[int]:
    """In which of some posts a rule finds something."""
    rules = RuleSet(_named(others, _NAME, [rule]), codebook.negation)
    texts = _texts(connection, posts, rules.looks_around)
    return {text.id for text in texts if any(hit.code == _NAME for hit in match_text(rules, text).hits)}


def _precision(
    matching: Sequence[int],
    decided: Mapping[int, bool],
    finds: Callable[[Sequence[int]], set[int]] | None,
    seed: int,
) -> Precision:
    """How often people agree with the hits of a rule, of the posts that they decided and that were looked at.

    Args:
        matching: posts that may hold a hit.
        decided: whether people hold a post to show the code.
        finds: in which of some posts the rule finds something; None where it does so in all that match.
        seed: another seed looks at other posts.
    """
    judged = [post for post in matching if post in decided]
    some = judged if finds is None else _some(judged, MOST, seed)
    found = set(some) if finds is None else finds(some)
    skipped = set(judged).difference(some)
    return Precision(
        present=sum(decided[post] for post in found),
        read=len(found),
        missed=sum(held and post not in found and post not in skipped for post, held in decided.items()),
    )


def _named(others: Mapping[str, Sequence[Rule]], name: str, rules: Sequence[Rule]) -> dict[str, Sequence[Rule]]:
    """Rules, and those of the codes that they name."""
    return {**{code: others[code] for code in named_codes(rules, others)}, name: rules}


def _examples(
    codebook: Codebook, code: str, rule: Rule | None, others: Mapping[str, Sequence[Rule]]
) -> tuple[Example, ...]:
    found = codebook.codes[code]
    rules = [*found.rules, *([rule] if rule is not None else [])]
    if not rules:
        return ()
    return tried_examples(found, RuleSet(_named(others, code, rules), codebook.negation))
