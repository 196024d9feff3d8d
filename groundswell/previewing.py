"""Trying rules on the posts of a study without coding anything."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from sqlite3 import Connection  # noqa: TID251 - only its name: queries take one

from coding.codebook import Codebook
from coding.final import ABSENT, PRESENT, FinalLayer
from coding.index_query import IndexQuery, Vocabulary
from coding.previews import Candidates, Preview, Previewer
from coding.rules import Rule
from db.errors import GroundswellError
from db.queries import search
from db.queries.batches import chunks
from db.queries.codings import revisions
from db.queries.previews import RuleText, posts_with_text, rule_texts, rule_texts_of
from db.queries.samples import audit_posts, training_codings
from db.yaml_files import suggest
from groundswell.study import Study

QUICK = 2_000
"""So few posts are looked at before anybody would miss a first word."""
SAMPLED = 200
"""So many candidates of a rule are looked at first; a share among them is known to 7 points."""


def preview(
    study: Study,
    code: str | None,
    patterns: Sequence[str] = (),
    *,
    size: int = 20,
    seed: int = 1,
    tell: Callable[[int], None] = lambda _count: None,
    tell_candidates: Callable[[Sequence[Candidates]], None] | None = None,
) -> Preview:
    """Try the rules of a code, and others beside them, on all public posts; nothing is written.

    Only posts that the full-text index holds to be worth it are looked at; where it knows nothing of a rule, all are.

    Posts that were drawn for an audit are counted and not shown, and what people said of them is left out, so that no
    rule is tuned by them.

    Args:
        study: the study.
        code: the code whose rules are tried; without it only the patterns are.
        patterns: more rules.
        size: how many posts to show of each kind.
        seed: another seed shows other posts.
        tell: hears how many posts were looked at.
        tell_candidates: hears first what the index says of each rule, where many posts have to be looked at.

    Raises:
        RuleError: one of the patterns cannot be read.
        RuleStopped: an expression takes too long on a post.
        GroundswellError: there is no such code, or nothing to try.
    """
    codebook = study.codebook()
    if code is not None and code not in codebook.codes:
        raise GroundswellError(f'there is no code "{code}"', hint=suggest(code, codebook.codes))
    rules = [*(codebook.codes[code].rules if code is not None else ()), *map(Rule, patterns)]
    if not rules:
        raise GroundswellError(f'"{code}" has no rules' if code else "no rule to try", hint="try one: --rule PATTERN")
    others = {each.id: each.rules for each in codebook.codes.values() if each.rules}
    with study.store() as store:
        read = None if code is None else _decided(store.connection, codebook, code)
        hidden = audit_posts(store.connection)
        previewer = Previewer(
            rules, others, codebook.negation, name=code or "--rule", read=read, hidden=hidden, size=size, seed=seed
        )
        connection = store.connection
        vocabulary = Vocabulary(lambda: search.vocabulary(connection))
        found = [_candidates(connection, question) for question in previewer.questions(vocabulary)]
        nearly = [_candidates(connection, question) for question in previewer.near_questions(vocabulary)]
        posts, worth_it = posts_with_text(connection), _worth_it(connection, [*found, *nearly], read or ())
        if tell_candidates is not None and (posts if worth_it is None else len(worth_it)) > QUICK:
            tell_candidates([_at_once(connection, previewer, *each, seed) for each in enumerate(found)])
        for number, text in enumerate(_texts(connection, worth_it, previewer), start=1):
            previewer.look_at(text)
            tell(number)
        return previewer.result(posts)


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The posts that a rule could find; None for all."""

    posts: Sequence[int] | None
    exact: bool


def _candidates(connection: Connection, question: IndexQuery | None) -> _Candidates:
    if question is None:
        return _Candidates(None, exact=False)
    return _Candidates(tuple(search.matching(connection, question.text)), question.exact)


def _worth_it(connection: Connection, candidates: Sequence[_Candidates], read: Iterable[int]) -> Sequence[int] | None:
    """The posts to look at: candidates of any rule, those that people decided, and those that the index does not hold."""
    known = [each.posts for each in candidates if each.posts is not None]
    if len(known) < len(candidates):
        return None
    return sorted({*read, *search.not_indexed(connection)}.union(*known))


def _texts(connection: Connection, posts: Sequence[int] | None, previewer: Previewer) -> Iterator[RuleText]:
    if posts is None:
        yield from rule_texts(connection, surroundings=previewer.looks_around)
        return
    for chunk in chunks(posts):
        yield from rule_texts_of(connection, chunk, surroundings=previewer.looks_around)


def _at_once(
    connection: Connection, previewer: Previewer, number: int, candidates: _Candidates, seed: int
) -> Candidates:
    """What the index says of a rule; where that is not exact, some candidates are looked at."""
    pattern = previewer.patterns[number]
    if candidates.posts is not None and candidates.exact:
        return Candidates(pattern, len(candidates.posts), exact=True)
    posts = candidates.posts if candidates.posts is not None else tuple(search.all_posts(connection))
    drawn = sorted(random.Random(seed).sample(posts, min(SAMPLED, len(posts))))  # noqa: S311 - a draw that can be repeated
    matching = sum(previewer.finds(text, number) for text in _texts(connection, drawn, previewer))
    return Candidates(pattern, len(posts), exact=False, looked_at=len(drawn), matching=matching)


def _decided(connection: Connection, codebook: Codebook, code: str) -> dict[int, bool]:
    """Whether people hold a post to show a code, for each post that they decided outside of audits."""
    codes = codebook.values_of(codebook.codes[code].parent or "") if codebook.is_value(code) else (code,)
    layer = FinalLayer(training_codings(connection, *codes), codebook, revisions(connection))
    decisions = ((post, layer.decision(post, code).value) for post in layer.posts)
    return {post: value == PRESENT for post, value in decisions if value in (PRESENT, ABSENT)}
