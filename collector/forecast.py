"""What a plan would take: requests, dollars, and the tables that show it before anything is asked of anybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any
from urllib.parse import urlsplit

from collector.budget import estimate
from collector.link_lists import Plan, Planned

PLATFORMS = ("reddit", "hn", "x", "web")
ROW_HEADINGS = ("platform", "links", "to collect", "requests", "dollars", "what it takes")

_REDDIT_PAGE = 500
_REDDIT_MORE = 100
_SHARES_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Need:
    """What one platform takes.

    Attributes:
        links, targets: links in the lists, and what they lead to without duplicates.
        requests: how many; more where `at_least`.
        dollars: what they cost at most; 0 where nothing is paid.
        note: what the figures rest on.
    """

    platform: str
    links: int
    targets: int
    requests: int
    dollars: float
    note: str
    at_least: bool


def requests_needed(
    plan: Plan,
    *,
    has_reddit_key: bool,
    has_x_token: bool,
    known_replies: Mapping[str, int] | None = None,
) -> list[Need]:
    """What each platform of a plan takes, in a fixed order; platforms without a link are left out.

    Args:
        plan: what would be collected.
        has_reddit_key: whether the study has a key of Reddit's.
        has_x_token: whether it has a token of X's.
        known_replies: how many replies a thread announces, by its address; what is not known counts as none.
    """
    replies = known_replies or {}
    needs = []
    for platform in PLATFORMS:
        planned = plan.at(platform)
        if not planned:
            continue
        if platform == "reddit":
            needs.append(_reddit(planned, replies, has_reddit_key=has_reddit_key))
        elif platform == "x":
            needs.append(_x(planned, replies) if has_x_token else _x_without_token(planned))
        elif platform == "hn":
            needs.append(_need("hn", planned, len(planned), 0.0, "one request brings a whole thread"))
        else:
            hosts = {urlsplit(page.target.thread).netloc for page in planned}
            note = f"one request a page, and one a host for its robots.txt ({_count(len(hosts), 'host')})"
            needs.append(_need("web", planned, len(planned) + len(hosts), 0.0, note))
    return needs


def plan_rows(plan: Plan, needs: list[Need]) -> list[tuple[str, ...]]:
    """The rows of a table for people, under `ROW_HEADINGS`; what cannot be collected is the last."""
    rows: list[tuple[str, ...]] = []
    for need in needs:
        more = "+" if need.at_least else ""
        dollars = f"{need.dollars:.2f}{more if need.dollars else ''}"
        rows.append(
            (need.platform, str(need.links), str(need.targets), f"{need.requests}{more}", dollars, need.note)
        )  # fmt: skip
    if plan.refused:
        rows.append(("none", str(len(plan.refused)), "0", "0", "0.00", "cannot be collected"))
    return rows


def plan_json(plan: Plan, needs: list[Need]) -> dict[str, Any]:
    """The plan as values that JSON can hold. It names nobody: links are shown as the addresses they lead to."""
    return {
        "links": sum(len(planned.entries) for planned in plan.planned) + len(plan.refused),
        "platforms": [
            {
                "platform": need.platform, "links": need.links, "targets": need.targets, "requests": need.requests,
                "at_least": need.at_least, "dollars": need.dollars, "note": need.note,
            }
            for need in needs
        ],
        "targets": [_target_json(planned) for planned in plan.planned],
        "duplicates": [_target_json(planned) for planned in plan.duplicates],
        "refused": [
            {"place": refused.entry.where, "problem": refused.problem, "link": refused.link} for refused in plan.refused
        ],
        "forum_pages": sum(planned.target.forum for planned in plan.planned),
    }  # fmt: skip


def _target_json(planned: Planned) -> dict[str, Any]:
    target = planned.target
    return {
        "address": target.address, "kind": target.kind, "url": target.url, "forum": target.forum,
        "places": [entry.where for entry in planned.entries],
    }  # fmt: skip


def _reddit(planned: list[Planned], replies: Mapping[str, int], *, has_reddit_key: bool) -> Need:
    threads = [item for item in planned if item.target.kind != "community"]
    shares = sum(item.target.kind == "share" for item in planned)
    communities = len(planned) - len(threads)
    requests = ceil(shares / _SHARES_AT_ONCE) + communities
    if has_reddit_key:
        for thread in threads:
            further = max(0, replies.get(thread.target.address, 0) - _REDDIT_PAGE)
            requests += 1 + ceil(further / _REDDIT_MORE)
        note = "with your key: a request a thread, one more for each 100 replies beyond 500"
    else:
        requests += 2 * len(threads)
        note = "without a key, from the Arctic Shift archive: two requests a thread"
    if shares:
        note += f"; {_count(shares, 'share link')} to be resolved first"
    if communities:
        note += f"; {_count(communities, 'community', 'communities')}, of which only the first page is counted"
    is_sure = has_reddit_key and not communities and all(thread.target.address in replies for thread in threads)
    return _need("reddit", planned, requests, 0.0, note, at_least=not is_sure)


def _x(planned: list[Planned], replies: Mapping[str, int]) -> Need:
    addresses = [item.target.address for item in planned]
    parts = [estimate(replies.get(address, 0), authors=True, archive=False) for address in addresses]
    requests, dollars = sum(part.requests for part in parts), round(sum(part.usd for part in parts), 6)
    note = "with your token: each post, a count of its replies, and the replies page by page, with their authors"
    return _need("x", planned, requests, dollars, note, at_least=any(address not in replies for address in addresses))


def _x_without_token(planned: list[Planned]) -> Need:
    return _need("x", planned, len(planned), 0.0, "without a token: each post by itself, no replies")


def _need(
    platform: str, planned: list[Planned], requests: int, dollars: float, note: str, *, at_least: bool = False
) -> Need:
    links = sum(len(item.entries) for item in planned)
    return Need(platform, links, len(planned), requests, dollars, note, at_least)


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"1 {one}" if number == 1 else f"{number} {many or one + 's'}"
