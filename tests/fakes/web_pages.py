"""Web sites of strangers: pages by address, all of them served from this computer."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fakes.collecting import wall_clock
from fakes.messages import Answer

from collector.pace import Pace
from collector.public_web import PublicSession, open_session

if TYPE_CHECKING:
    from fakes.messages import Request
    from fakes.server import FakeServer

SITE = "blog.example"
OTHER_SITE = "www.forum.example"
TRUST_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
HTML = "text/html; charset=utf-8"


@dataclass(slots=True)
class WebPages:
    """Pages by host and path with its query; the same paths may stand on many hosts.

    `asked` holds what was asked for, in order, as addresses.
    """

    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, address: str, body: str | bytes, media: str | None = HTML, *, status: int = 200, **more: Any) -> None:
        """Serve a page at an address without its scheme (`blog.example/a?b=c`)."""
        content = body.encode() if isinstance(body, str) else body
        headers = {"Content-Type": media} if media else {}
        self.pages[address] = Answer(status, content, headers | more.pop("headers", {}), **more)

    def send_on(self, address: str, location: str, status: int = 302) -> None:
        """Redirect from an address to a location."""
        self.pages[address] = Answer(status, b"", {"Location": location})

    def answer(self, request: Request) -> Answer | None:
        query = "&".join(f"{name}={value}" for name, value in request.query.items())
        address = request.headers["host"] + request.path + (f"?{query}" if query else "")
        self.asked.append(address)
        return self.pages.get(address)


def web_session(server: FakeServer, pace: Pace, *hosts: str, source: str = "web_page") -> PublicSession:
    """A session to which a server stands in for these hosts."""
    port = int(server.url.rpartition(":")[2])
    stand_ins = dict.fromkeys(hosts or (SITE, OTHER_SITE), ("127.0.0.1", port))
    return open_session(source, pace, wall_clock, stand_ins=stand_ins, certificates=TRUST_NOBODY)


def article(text: str, *, head: str = "", before: str = "", after: str = "", title: str = "A quiet week") -> str:
    """A page as blogs have them: navigation, one article, a footer."""
    return (
        f"<!doctype html><html><head><title>{title}</title>{head}</head><body>"
        f"<nav><a href='/'>Home</a> <a href='/about'>About us and our work</a></nav>{before}"
        f"<article><h1>{title}</h1>{text}</article>{after}"
        "<footer>All rights reserved by nobody in particular</footer></body></html>"
    )


def paragraphs(count: int = 4) -> str:
    """So many paragraphs, each with words of its own."""
    return "".join(
        f"<p>Paragraph {number} tells at some length what somebody found out about caching, and why it took a week.</p>"
        for number in range(1, count + 1)
    )


def discourse(
    *posts: tuple[str, str, str], title: str = "Does anybody cache this?", thread: str = "/t/does-anybody-cache/12"
) -> str:
    """A thread as forums with microdata show it; each post is (name, moment, HTML)."""
    return (
        f"<html><head><title>{title} - Forum</title></head><body><header>Log in</header>"
        "<div itemscope itemtype='http://schema.org/DiscussionForumPosting'>"
        f"<meta itemprop='headline' content='{title}'><link itemprop='url' href='{thread}'>"
        + _discourse_post(1, *posts[0])
        + "".join(
            f"<div id='post_{number}' itemprop='comment' itemscope itemtype='http://schema.org/Comment'>"
            f"<link itemprop='url' href='{thread}/{number}'>{_discourse_post(number, *post)}</div>"
            for number, post in enumerate(posts[1:], 2)
        )
        + "</div></body></html>"
    )


def _discourse_post(number: int, name: str, moment: str, text: str) -> str:
    return (
        "<span itemprop='author' itemscope itemtype='http://schema.org/Person'>"
        f"<a itemprop='url' href='/u/{name}'><span itemprop='name'>{name}</span></a></span>"
        f"<time itemprop='datePublished' datetime='{moment}'>then</time><span itemprop='position'>#{number}</span>"
        f"<div itemprop='text'>{text}</div>"
        "<div itemprop='interactionStatistic' itemscope itemtype='http://schema.org/InteractionCounter'>"
        "<meta itemprop='interactionType' content='http://schema.org/LikeAction'>"
        f"<meta itemprop='userInteractionCount' content='{number + 2}'></div>"
    )


def linked_data(*values: Any) -> str:
    """Scripts with data for machines, for the head of a page."""
    return "".join(f"<script type='application/ld+json'>{json.dumps(value)}</script>" for value in values)
