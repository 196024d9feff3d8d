"""Takeaways: what several claims come to, at the verdict of the weakest (S5 of docs/explanation/statistics.md)."""

from collections.abc import Mapping, Sequence

from reports.claims import Result
from reports.definition import Claim
from reports.scopes import Scope
from reports.verdicts import Verdict

_OPEN = frozenset({Verdict.NONE, Verdict.UNCHECKED, Verdict.THIN, Verdict.NOT_ESTABLISHED})
_FIRM = (Verdict.MAJORITY, Verdict.CONSENSUS)


def takeaway_verdict(found: Sequence[Verdict]) -> Verdict:
    """Tell what claims with these verdicts come to.

    Not established where any of them found nothing, is not read, or has too few voices; else debated where any is neither
    consensus nor majority, since a measured share says nothing about agreement; else the weaker of the two.
    """
    if not found or _OPEN.intersection(found):
        return Verdict.NOT_ESTABLISHED
    if not set(found) <= set(_FIRM):
        return Verdict.DEBATED
    return min(found, key=_FIRM.index)


def conclude(claims: Sequence[Claim], computed: Mapping[str, Result]) -> dict[str, Result]:
    """Give every takeaway its verdict, those that rest on other takeaways after these.

    Args:
        claims: all claims; no takeaway rests on itself.
        computed: the results of all that count posts.
    """
    found = dict(computed)
    waiting = [claim for claim in claims if claim.kind == "takeaway"]
    while waiting:
        ready = [claim for claim in waiting if all(name in found for name in claim.rests_on)]
        for claim in ready:
            rests = tuple(found[name] for name in claim.rests_on)
            verdict = takeaway_verdict([result.verdict for result in rests])
            found[claim.id] = Result(claim, Scope((), ()), (), rests=rests, settled=verdict)
        waiting = [claim for claim in waiting if claim not in ready]
    return found
