"""The coding screen as a browser without script uses it: read the form from the page, fill it in, send it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from time import time
from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup

if TYPE_CHECKING:
    import httpx

LONG_AGO_MS = 5_000


@dataclass
class Screen:
    """A page of a queue.

    Attributes:
        fields: what its form would send, each field with its values.
    """

    client: httpx.Client
    path: str
    answer: httpx.Response
    fields: dict[str, list[str]] = field(default_factory=dict)

    @property
    def html(self) -> BeautifulSoup:
        return BeautifulSoup(self.answer.text, "lxml")

    @property
    def words(self) -> str:
        """The page's words."""
        return " ".join(self.html.get_text(" ").split())

    @property
    def post(self) -> str:
        """The address of the post; empty where there is none."""
        bench = self.html.find(id="bench")
        return str(bench.get("data-post") or "") if bench is not None else ""

    def waited(self, ms: int = LONG_AGO_MS) -> Screen:
        """The same, as if the post had been on the screen for so long."""
        self.fields["served"] = [str(int(time() * 1000) - ms)]
        return self

    def fill(self, **values: Any) -> Screen:
        """Fill in fields: `code=["queue"]`; two underscores stand for a colon, as in `stance__queue`."""
        for name, value in values.items():
            self.fields[name.replace("__", ":")] = [value] if isinstance(value, str) else list(value)
        return self

    def send(self, do: str = "commit", **headers: str) -> httpx.Response:
        """Press a button of the form."""
        return self.client.post(self.path, data={**self.fields, "do": [do]}, headers=headers)

    def commit(self, **values: Any) -> Screen:
        """Look at the post for a while, fill the form in, commit, and follow to the next page."""
        answer = self.waited().fill(**values).send()
        assert answer.status_code == 303, answer.text
        return follow(self.client, self.path, answer)


def open_screen(client: httpx.Client, path: str, query: str = "") -> Screen:
    """Open a page of a queue."""
    return _screen(client, path, client.get(path + query))


def follow(client: httpx.Client, path: str, answer: httpx.Response) -> Screen:
    """Go where an answer leads."""
    return _screen(client, path, client.get(answer.headers["location"]))


def _screen(client: httpx.Client, path: str, answer: httpx.Response) -> Screen:
    made = Screen(client, path, answer)
    made.fields = form_fields(answer.text)
    return made


def form_fields(html: str) -> dict[str, list[str]]:
    """What the coding form would send as it stands."""
    form = BeautifulSoup(html, "lxml").find("form", class_=re.compile("coding-form"))
    fields: dict[str, list[str]] = {}
    if form is None:
        return fields
    for one in form.find_all(["input", "textarea", "select"]):
        kind = one.get("type")
        if kind in ("checkbox", "radio") and not one.has_attr("checked"):
            continue
        if one.name == "select":
            fields.setdefault(str(one["name"]), []).append("")
        elif one.get("name"):
            value = one.get_text() if one.name == "textarea" else one.get("value", "on")
            fields.setdefault(str(one["name"]), []).append(str(value))
    return fields
