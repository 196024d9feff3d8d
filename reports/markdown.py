"""Stored text as Markdown that shows it as it is."""

import re
from urllib.parse import quote, urlsplit

from reports.phrases import Entry

# An underscore within a word slants nothing.
_SIGNS = re.compile(r"([\\`*\[\]<>|~]|(?<![^\W_])_|_(?![^\W_]))")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_LINE_START = re.compile(r"^(?:([#+=-])|(\d{1,9})([.)])(?= |$))")
_WEB = re.compile(r"https?://\S+", re.IGNORECASE)
_PATH = re.compile(r"(?!//)[^:?#\s\\]+(?:#[\w-]*)?")
_KEPT_IN_LINKS = "/:?#@!$&*+,;=%~"
NO_TITLE = "(no title)"


def escape_markdown(text: str) -> str:
    """Stored text as Markdown that shows it as it is: one line, no markup, no link, no HTML."""
    line = " ".join(text.split())
    escaped = _SIGNS.sub(r"\\\1", line)
    escaped = _ENTITY.sub(r"\\&", escaped).replace("://", "\\://")
    return _LINE_START.sub(_escape_line_start, escaped)


def _escape_line_start(found: re.Match[str]) -> str:
    sign, digits, point = found.groups()
    return f"\\{sign}" if sign else f"{digits}\\{point}"


def web_link(url: str | None) -> str | None:
    """An address if it leads to the web, safe to stand in a page and in Markdown; None for any other."""
    if not url or not _WEB.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return quote(url, safe=_KEPT_IN_LINKS) if parts.hostname and "@" not in parts.netloc else None


def document_link(address: str) -> str | None:
    """Another document: a web address, or a path beside the report; None for anything else."""
    if _PATH.fullmatch(address):
        return quote(address, safe=_KEPT_IN_LINKS)
    return web_link(address)


def link_to(thread: Entry) -> str:
    """A thread's title, with its link where it has one."""
    url, title = web_link(thread["url"]), escape_markdown(thread["title"] or NO_TITLE)
    return f"[{title}]({url})" if url else title
