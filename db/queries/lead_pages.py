"""Leads as a page lists them: one by its name, those that cannot be judged and why, and those that a person judged."""

from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL

from db.queries.leads import Lead

_LEAD = "SELECT uid, origin, place, claim, link, thread, problem FROM leads"


def lead_named(connection: Connection, uid: str) -> Lead | None:
    """A lead by its uid."""
    row = connection.execute(f"{_LEAD} WHERE uid = ?", (uid,)).fetchone()
    return None if row is None else Lead(*tuple(row))


def leads_without_source(connection: Connection) -> list[Lead]:
    """The claims that bear no link, and those whose link leads to nothing that can be collected."""
    rows = connection.execute(f"{_LEAD} WHERE thread IS NULL ORDER BY origin, id")
    return [Lead(*tuple(row)) for row in rows]


def judged_leads(connection: Connection, coder: int) -> list[tuple[Lead, str]]:
    """The leads that a person judged, each with what the person last found, the last one first."""
    rows = connection.execute(
        """
        SELECT l.uid, l.origin, l.place, l.claim, l.link, l.thread, l.problem, j.judgement
          FROM lead_judgements j JOIN leads l ON l.uid = j.lead
         WHERE j.coder = ? AND NOT EXISTS (
               SELECT 1 FROM lead_judgements later
                WHERE later.lead = j.lead AND later.coder = j.coder
                  AND (later.created_at, later.uid) > (j.created_at, j.uid))
         ORDER BY j.created_at DESC, j.id DESC
        """,
        (coder,),
    )
    return [(Lead(*tuple(row)[:-1]), row["judgement"]) for row in rows]
