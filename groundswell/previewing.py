"""Trying rules on the posts of a study without coding anything."""

from collections.abc import Callable, Sequence
from sqlite3 import Connection  # noqa: TID251 - only its name: queries take one

from coding.codebook import Codebook
from coding.final import ABSENT, PRESENT, FinalLayer
from coding.previews import Preview, Previewer
from coding.rules import Rule
from db.errors import GroundswellError
from db.queries.codings import revisions
from db.queries.previews import rule_texts
from db.queries.samples import audit_posts, training_codings
from db.yaml_files import suggest
from groundswell.study import Study


def preview(
    study: Study,
    code: str | None,
    patterns: Sequence[str] = (),
    *,
    size: int = 20,
    seed: int = 1,
    tell: Callable[[int], None] = lambda _count: None,
) -> Preview:
    """Try the rules of a code, and others beside them, on every public post; nothing is written.

    Posts that were drawn for an audit are counted and not shown, and what people said of them is left out, so that no
    rule is tuned by them.

    Args:
        study: the study.
        code: the code whose rules are tried; without it only the patterns are.
        patterns: more rules.
        size: how many posts to show of each kind.
        seed: another seed shows other posts.
        tell: hears how many posts were looked at.

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
        for number, text in enumerate(rule_texts(store.connection, surroundings=previewer.looks_around), start=1):
            previewer.look_at(text)
            tell(number)
    return previewer.result()


def _decided(connection: Connection, codebook: Codebook, code: str) -> dict[int, bool]:
    """Whether people hold a post to show a code, for each post that they decided outside of audits."""
    codes = codebook.values_of(codebook.codes[code].parent or "") if codebook.is_value(code) else (code,)
    layer = FinalLayer(training_codings(connection, *codes), codebook, revisions(connection))
    decisions = ((post, layer.decision(post, code).value) for post in layer.posts)
    return {post: value == PRESENT for post, value in decisions if value in (PRESENT, ABSENT)}
