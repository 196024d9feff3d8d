"""One canonical text a post: entities decoded once, line feeds only, nothing that SQLite or JSON cannot hold."""

import html
import re

_NOT_ESCAPED = re.compile(r"[<>]|&(?!(?:amp|lt|gt|quot|apos|#39|#x27);)")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def canonical(raw: str | None) -> str | None:
    """Bring a text as a site sent it into its canonical form; None where nothing is left.

    Whether a text was escaped is told from the text: an escaped one holds no bare `<`, `>` or `&`. It is decoded
    once and never again, so that `&amp;lt;` stays what its author typed.
    """
    if raw is None:
        return None
    text = raw if _NOT_ESCAPED.search(raw) else html.unescape(raw)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    text = _SURROGATE.sub("\ufffd", text)
    return text if text.strip() else None
