"""What listings of Reddit have in common, whoever shows them: their names, and which of their posts are new and asked for."""

import re
from typing import Any

from collector.links import LinkError
from collector.source import Listing, Page

_COMMUNITY = re.compile(r"\w{2,24}", re.ASCII)


def community_of(listing: Listing) -> str | None:
    """The community in which the posts are; None for a search everywhere.

    Raises:
        LinkError: Reddit has no communities of such a name.
    """
    name = listing.name if listing.kind == "community" else listing.community
    if name is not None and not _COMMUNITY.fullmatch(name):
        raise LinkError(f"{name!r} is no name of a community on Reddit")
    return name


def start(listing: Listing) -> dict[str, Any]:
    """What the first task of a listing carries that is read from the newest post backwards."""
    asked = {"kind": listing.kind, "name": listing.name, "community": community_of(listing)}
    return asked | {"after": listing.after, "before": listing.before, "seen": ""}


def take_newest_first(page: Page, told: dict[str, Any]) -> tuple[list[str], bool, bool]:
    """Leave in a page what it shows for the first time and inside the window.

    Returns:
        All ids that the listing showed so far, whether this page showed a new one, and whether the window's beginning is
        reached.
    """
    earlier = str(told["seen"]).split()
    new = [seen for seen in page.observations if seen.native_id not in earlier]
    begin, end = told["after"], told["before"]
    page.observations = [
        seen
        for seen in new
        if seen.created_at is not None
        and (begin is None or seen.created_at >= begin)
        and (end is None or seen.created_at < end)
    ]
    page.threads = [seen.native_id for seen in page.observations]
    reached = begin is not None and bool(new) and (new[-1].created_at or "") < begin
    return earlier + [seen.native_id for seen in new], bool(new), reached
