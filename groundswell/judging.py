"""Judging leads: holding what somebody else claimed against the posts that were given as its source."""

from collections.abc import Collection
from dataclasses import dataclass
from sqlite3 import Connection  # noqa: TID251 - only its name: queries take one

from db.errors import GroundswellError
from db.queries.codings import coder_id
from db.queries.lead_pages import judged_leads, lead_named, leads_without_source
from db.queries.leads import (
    Lead,
    LeadAudit,
    LeadJudgement,
    LeadToJudge,
    audit_leads,
    judge_lead,
    lead_judgement_of,
    leads_to_judge,
    posts_of_lead,
)
from db.queries.reviewing import person, post_id
from db.store import Store
from groundswell.study import Study, now_after

_NOBODY = 0


@dataclass(frozen=True, slots=True)
class Bench:
    """The leads as one person has them before them.

    Attributes:
        waiting: those that can be judged now.
        uncollected: those that cannot until their thread is collected.
        sourceless: claims that bear no link, or one that leads to nothing that can be collected.
        judged: those that the person judged, with what was found, the last one first.
        audit: what became of all leads.
    """

    waiting: tuple[LeadToJudge, ...]
    uncollected: tuple[LeadToJudge, ...]
    sourceless: tuple[Lead, ...]
    judged: tuple[tuple[Lead, str], ...]
    audit: LeadAudit


@dataclass(frozen=True, slots=True)
class Case:
    """A lead with the posts to hold it against.

    Attributes:
        posts: ids of those that the person may see, the one that the link leads to first.
        hidden: how many more there are.
        judgement: what the person found last; None before that.
    """

    lead: Lead
    posts: tuple[int, ...]
    hidden: int
    judgement: LeadJudgement | None


def bench_of(store: Store, coder: str) -> Bench:
    """Gather the leads as a person has them before them."""
    connection = store.connection
    who = person(connection, coder) or _NOBODY
    waiting = leads_to_judge(connection, who)
    return Bench(
        waiting=tuple(lead for lead in waiting if lead.is_collected),
        uncollected=tuple(lead for lead in waiting if not lead.is_collected),
        sourceless=tuple(leads_without_source(connection)),
        judged=tuple(judged_leads(connection, who)),
        audit=audit_leads(connection),
    )


def open_lead(store: Store, uid: str, coder: str, *, hidden: Collection[int] = frozenset()) -> Case | None:
    """A lead with the posts to hold it against; None if there is no such lead, or nothing to judge it by."""
    connection = store.connection
    lead = lead_named(connection, uid)
    if lead is None or lead.claim is None or lead.thread is None:
        return None
    posts = posts_of_lead(connection, lead.thread)
    seen = tuple(post for post in posts if post not in hidden)
    return Case(lead, seen, len(posts) - len(seen), _last(connection, uid, coder)) if seen else None


def _last(connection: Connection, lead: str, coder: str) -> LeadJudgement | None:
    return lead_judgement_of(connection, lead, person(connection, coder) or _NOBODY)


def judge(
    study: Study,
    lead: str,
    judgement: str,
    *,
    coder: str,
    action: str,
    post: str | None = None,
    hidden: Collection[int] = frozenset(),
) -> None:
    """Keep what a person found of a lead's claim; the person's last judgement holds.

    Args:
        study: the study.
        lead: its uid.
        judgement: supports, contradicts, not_in_it or cannot_tell.
        coder: who judged.
        action: the id of the form; what is sent twice is kept once.
        post: the address of the post that says so, where one was named.
        hidden: posts of which the person may see nothing.

    Raises:
        GroundswellError: there is no such lead or judgement, nothing to judge it by, or the post is not of its source.
    """
    if not action:
        raise GroundswellError("the page sent no id for this", hint="reload it")
    with study.store() as store:
        study.key(store)
        with store.write() as connection:
            case = open_lead(store, lead, coder, hidden=hidden)
            if case is None:
                raise GroundswellError(f"{lead}: there is no such lead that can be judged")
            named = None if post is None else post_id(connection, post)
            if post is not None and named not in case.posts:
                raise GroundswellError(f"{post} is not among the posts of this lead")
            who = coder_id(connection, coder, "person")
            at = now_after(case.judgement.created_at if case.judgement else None)
            judge_lead(connection, action, lead, judgement, named, who, at)
