"""Applying the rules: every public post is matched, and only what changed since the last time is written."""

import uuid
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from coding.batches import new_batch
from coding.rules import Matches, Post, RuleSet, RuleStopped
from db.queries import codings as queries
from db.queries.history import undo_codings
from db.queries.previews import RuleText, rule_texts
from db.store import Store

CODER = "rules"
_Found = tuple[int, str, int | None, int | None, str | None, str, str]
"""Post, code, start, end, stance, text hash, version: what makes a machine coding the same as one already stored."""


@dataclass(slots=True)
class Applied:
    """What an application of the rules did.

    Attributes:
        posts: posts that were matched.
        posts_by_code: posts with at least one hit, by code.
        negated_by_code: posts in which something is negated that would be a hit else, by code.
        new: codings that were written.
        undone: codings of an earlier application that no longer hold.
    """

    posts: int = 0
    posts_by_code: Counter[str] = field(default_factory=Counter)
    negated_by_code: Counter[str] = field(default_factory=Counter)
    new: int = 0
    undone: int = 0


def apply_rules(
    store: Store,
    rules: RuleSet,
    now: str,
    tell: Callable[[int], None] = lambda _count: None,
    *,
    asked: Collection[str] | None = None,
) -> Applied:
    """Match all public posts; a second application of the same rules to the same posts writes nothing.

    `asked` are the codes that are coded; None = all. Others have rules only because some refer to them.

    Hits in the title and in the parent are kept as codings of the whole post, since segments are places in the text.

    Raises:
        RuleStopped: an expression takes too long on a post; nothing is written.
    """
    done = Applied()
    with store.write() as connection:
        coder = queries.coder_id(connection, CODER, "rules")
        stored = {_key(row): int(row["id"]) for row in queries.machine_codings(connection, coder)}
        fresh: list[_Found] = []
        for text in rule_texts(connection, surroundings=rules.looks_around):
            done.posts += 1
            matches = match_text(rules, text)
            found = dict.fromkeys(
                (text.id, hit.code, hit.start if hit.field == "text" else None,
                 hit.end if hit.field == "text" else None, hit.stance, text.text_sha, rules.version(hit.code))
                for hit in matches.hits
                if asked is None or hit.code in asked
            )  # fmt: skip
            done.posts_by_code.update({key[1] for key in found})
            done.negated_by_code.update({hit.code for hit in matches.negated})
            fresh += [key for key in found if stored.pop(key, None) is None]
            tell(done.posts)
        batch = new_batch("apply", now)
        undo_codings(connection, sorted(stored.values()), batch, now)
        done.new = queries.add_events(connection, (_event(key, coder, batch, now) for key in fresh))
        done.undone = len(stored)
    return done


def match_text(rules: RuleSet, text: RuleText) -> Matches:
    """Match one post of a study.

    Raises:
        RuleStopped: an expression takes too long; the post is named.
    """
    try:
        return rules.match(Post(text.title, text.text, text.parent_title, text.parent_text, text.by_opener))
    except RuleStopped as error:
        raise RuleStopped(error.code, error.pattern, text.address) from None


def _key(row: dict[str, object]) -> _Found:
    return tuple(row[name] for name in ("post", "code", "start", "end", "stance", "text_sha", "version"))  # type: ignore[return-value]  # the columns are of these types by the schema


def _event(key: _Found, coder: int, batch: str, now: str) -> queries.Event:
    post, code, start, end, stance, text_sha, version = key
    return queries.Event(
        uid=uuid.uuid4().hex, post=post, code=code, value="present", stance=stance, number=None, start=start, end=end,
        text_sha=text_sha, coder=coder, version=version, codebook_revision=None, round=None, created_at=now, batch=batch,
    )  # fmt: skip
