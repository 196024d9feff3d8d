"""One canonical text a post: entities decoded once, line feeds only, nothing that SQLite or JSON cannot hold."""

import html
import re

_NOT_ESCAPED = re.compile(r"[<>]|&(?!(?:amp|lt|gt|quot|apos|#39|#x27);)")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def canonical(raw: str | None, *, escaped: bool | None = None) -> str | None:
    """Bring a text as a site sent it into its canonical form; None where nothing is left.

    It is decoded once and never again, so that `&amp;lt;` stays what its author typed.

    Args:
        raw: the text as it came.
        escaped: whether its entities stand for characters. None tells it from the text: an escaped one holds no bare
            `<`, `>` or `&`.
    """
    if raw is None:
        return None
    if escaped is None:
        escaped = _NOT_ESCAPED.search(raw) is None
    text = html.unescape(raw) if escaped else raw
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    text = _SURROGATE.sub("\ufffd", text)
    return text if text.strip() else None
