"""Lists of links kept beside the project, checked against a plain count of the addresses in their text."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from acceptance import recount
from fakes.collecting import PEOPLE

from collector.forecast import requests_needed
from collector.leads import find_leads, is_answer
from collector.link_lists import LinkEntry, LinkFile, Plan, find_entries, link_file, make_plan

pytestmark = pytest.mark.acceptance

LINKS = Path(recount.default_data_dir()) / "links"
URL = re.compile(r"https?://[^\s()<>\"\]]+")


def read(name: str) -> LinkFile:
    return link_file(name, (LINKS / name).read_bytes())


def plan(name: str) -> tuple[list[LinkEntry], Plan]:
    entries = find_entries(read(name))
    return entries, make_plan(entries)


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", ["discussion-threads.md", "all-links.md"])
def test_every_address_of_a_list_is_an_entry_in_its_order_on_its_line(name: str) -> None:
    lines = read(name).text.split("\n")
    plain = [(number, link) for number, line in enumerate(lines, 1) for link in URL.findall(line)]

    assert [(entry.line, entry.link) for entry in plan(name)[0]] == plain


def test_the_list_of_discussions_has_its_threads_and_the_doubled_one_is_named() -> None:
    entries, found = plan("discussion-threads.md")

    assert len(entries) == 285
    assert {platform: len(found.at(platform)) for platform in ("reddit", "hn", "x", "web")} == {
        "reddit": 57, "hn": 46, "x": 34, "web": 147,
    }  # fmt: skip
    assert sum(len(planned.entries) for planned in found.at("reddit")) == 58
    assert sum(planned.target.forum for planned in found.at("web")) == 147
    assert found.refused == ()
    (doubled,) = found.duplicates
    assert doubled.target.address == "reddit:t3_1g5gi7j"
    assert [entry.line for entry in doubled.entries] == [43, 65]


def test_the_counts_in_the_headings_are_those_of_the_entries_below_them() -> None:
    text = read("discussion-threads.md").text
    announced = {name: int(count) for name, count in re.findall(r"^## (.+?) \((\d+) \w+\)$", text, flags=re.MULTILINE)}
    entries, _ = plan("discussion-threads.md")

    assert Counter(entry.path[0] for entry in entries) == announced


def test_the_note_and_the_headings_of_every_entry_are_kept() -> None:
    entries, _ = plan("discussion-threads.md")

    assert {len(entry.path) for entry in entries} == {2}
    assert [entry for entry in entries if entry.note is None] == []
    assert sum("-- " in (entry.note or "") for entry in entries) == 58


def test_the_list_of_all_links_has_what_a_plain_count_finds() -> None:
    entries, found = plan("all-links.md")
    plain = URL.findall(read("all-links.md").text)

    assert len(entries) == len(plain) == 257
    assert len(found.at("reddit")) == sum("reddit.com/" in link for link in plain)
    assert len(found.at("x")) == sum("//x.com/" in link for link in plain)
    assert len(found.at("hn")) == sum("ycombinator.com/" in link for link in plain)
    assert Counter(refused.problem for refused in found.refused) == {
        "it is a video": sum("youtube.com/" in link for link in plain),
        "it is a file (.pdf), not a page": sum(link.lower().endswith(".pdf") for link in plain),
    }
    assert found.duplicates == []


def test_the_answer_gives_every_address_that_stands_in_it() -> None:
    file = read("deep-research-response.json")
    plain = {link for text in strings(json.loads(file.text)) for link in URL.findall(text)}

    entries, found = plan(file.name)

    assert {entry.link for entry in entries} == plain
    assert found.refused == ()


def test_the_links_of_the_answer_are_leads_each_with_the_sentence_around_it() -> None:
    file = read("deep-research-response.json")
    document = json.loads(file.text)
    (content,) = [
        part for item in document["response"]["output"] if item["type"] == "message" for part in item["content"]
    ]

    leads = find_leads(file, PEOPLE)

    assert is_answer(file)
    assert len(leads) == len(content["annotations"]) == 15
    assert [lead for lead in leads if lead.claim is None or lead.link is None or lead.problem] == []
    assert not any("http" in (lead.claim or "") or "@user" in (lead.claim or "") for lead in leads)
    assert not any("user_" in (lead.link or "") for lead in leads)


def test_a_dry_run_tells_what_the_list_of_discussions_takes() -> None:
    _, found = plan("discussion-threads.md")

    without = {
        n.platform: (n.requests, n.dollars) for n in requests_needed(found, has_reddit_key=False, has_x_token=False)
    }
    with_keys = {
        n.platform: (n.requests, n.dollars) for n in requests_needed(found, has_reddit_key=True, has_x_token=True)
    }

    assert without == {"reddit": (114, 0.0), "hn": (46, 0.0), "x": (34, 0.0), "web": (148, 0.0)}
    assert with_keys == {"reddit": (57, 0.0), "hn": (46, 0.0), "x": (102, 0.68), "web": (148, 0.0)}
