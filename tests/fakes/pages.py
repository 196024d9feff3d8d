"""What a page of the review app says, and the forms on it as a browser without script sends them."""

from __future__ import annotations

import re
from html import unescape


def words(html: str) -> str:
    """What a page says between its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html[html.index("<main") :])).split())


def fields(html: str, action: str) -> dict[str, list[str]]:
    """The fields of the form that is sent to an address, as a browser would send them untouched."""
    form = re.search(rf'<form method="post" action="{re.escape(action)}".*?</form>', html, flags=re.DOTALL)
    assert form is not None, action
    sent: dict[str, list[str]] = {}
    for tag in re.finditer(
        r"<input([^>]*)>|<textarea([^>]*)>(.*?)</textarea>|<select([^>]*)>(.*?)</select>", form[0], flags=re.DOTALL
    ):
        attributes = tag[1] or tag[2] or tag[4] or ""
        name = re.search(r'name="([^"]*)"', attributes)
        if name is None or (re.search('type="(checkbox|radio)"', attributes) and " checked" not in attributes):
            continue
        if tag[4]:
            chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', tag[5])
            first = re.search(r'<option value="([^"]*)"', tag[5])
            value = (chosen[1] if chosen[1] is not None else chosen[2]) if chosen else first[1] if first else ""
        elif tag[2]:
            value = tag[3]
        else:
            found = re.search(r'value="([^"]*)"', attributes)
            value = found[1] if found else ""
        sent.setdefault(unescape(name[1]), []).append(unescape(value))
    return sent
