import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.codebook import Codebook, read_codebook
from coding.program import MOST_TOLD, Answers, SentPost, find_excerpt, lines_to_send, read_answers, version_of
from db.yaml_files import Document, load

NOW = "2026-03-01T09:00:00Z"
CODEBOOK = """\
codes:
  dear-bread:
    name: Dear bread
    definition: Says something of the price of bread.
    include: Rolls too.
    exclude: Cake.
    examples: [ "Such dear bread!" ]
    stance: yes
    statement: bread is too dear
    colour: "1f77b4"
    key: d
    rules: [ dear bread ]
    must_match: [ "dear bread" ]
  queue:
    name: Queue
    definition: Names a queue.
  old:
    name: Old
    status: retired
  kind:
    name: Kind
    choose: one
  kind.rye:
    name: Rye
    parent: kind
"""
TEXT = "I stood in a  queue\nfor such dear bread. Ünd so weiter, such dear bread."
POST = SentPost("site:1", "site:1", None, "post", "Where is rye bread?", TEXT, "sha1")
REPLY = SentPost("site:2", "site:1", "site:1", "comment", None, "Nowhere.", "sha2")


@pytest.fixture(scope="module")
def codebook(tmp_path_factory: pytest.TempPathFactory) -> Codebook:
    path = tmp_path_factory.mktemp("codebook") / "codebook.yaml"
    path.write_text(CODEBOOK, encoding="utf-8")
    document: Document = load(path)
    return read_codebook(document)


def answer(**changes: Any) -> dict[str, Any]:
    return {"post": "site:1", "code": "queue", "value": "present"} | changes


def read(codebook: Codebook, *lines: bytes | dict[str, Any]) -> Answers:
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return read_answers(raw, {post.address: post for post in (POST, REPLY)}, codebook, "robot", NOW)


def refused(codebook: Codebook, *lines: bytes | dict[str, Any]) -> list[str]:
    return read(codebook, *lines).refused


def test_the_codebook_goes_first_and_then_each_post_on_a_line(codebook: Codebook) -> None:
    first, *posts = lines_to_send(codebook, "abc", [POST, REPLY])

    assert json.loads(first)["codebook"]["revision"] == "abc"
    assert [json.loads(line) for line in posts] == [
        {"post": "site:1", "thread": "site:1", "parent": None, "kind": "post", "title": "Where is rye bread?", "text": TEXT},
        {"post": "site:2", "thread": "site:1", "parent": "site:1", "kind": "comment", "title": None, "text": "Nowhere."},
    ]  # fmt: skip


def test_of_a_code_goes_what_a_coder_needs_and_nothing_that_finds_it_by_rule(codebook: Codebook) -> None:
    codes = json.loads(next(lines_to_send(codebook, "abc", [])))["codebook"]["codes"]

    assert codes["dear-bread"] == {
        "name": "Dear bread", "definition": "Says something of the price of bread.", "include": "Rolls too.",
        "exclude": "Cake.", "examples": ["Such dear bread!"], "statement": "bread is too dear", "stance": True,
        "choose": None,
    }  # fmt: skip
    assert codes["kind"] == {"name": "Kind", "stance": False, "choose": "one"}
    assert codes["kind.rye"]["parent"] == "kind"


def test_a_retired_code_is_not_asked_for(codebook: Codebook) -> None:
    codes = json.loads(next(lines_to_send(codebook, "abc", [])))["codebook"]["codes"]

    assert list(codes) == ["dear-bread", "queue", "kind", "kind.rye"]


def test_lines_are_ascii_so_that_every_program_reads_them(codebook: Codebook) -> None:
    assert all(line.isascii() and line.count(b"\n") == 1 for line in lines_to_send(codebook, "abc", [POST]))


def test_a_coding_is_that_of_a_program_and_of_the_text_that_was_sent(codebook: Codebook) -> None:
    [coding] = read(codebook, answer(number=2)).codings

    assert (coding.coder, coding.coder_kind, coding.created_at, coding.text_sha) == ("robot", "program", NOW, "sha1")
    assert (coding.post, coding.code, coding.value, coding.number) == ("site:1", "queue", "present", 2.0)


@pytest.mark.parametrize(
    ("excerpt", "shown"),
    [
        ("such dear bread", "such dear bread"),
        ("  queue ", "queue"),
        ("in a queue for", "in a  queue\nfor"),
        ("Ünd so", "Ünd so"),
    ],
)
def test_an_excerpt_becomes_its_place_in_the_text(codebook: Codebook, excerpt: str, shown: str) -> None:
    [coding] = read(codebook, answer(excerpt=excerpt)).codings

    assert coding.start == TEXT.index(shown)
    assert TEXT[coding.start : coding.end] == shown


def test_an_excerpt_is_looked_for_among_whole_words_first() -> None:
    assert find_excerpt("it", "with it, without it") == (5, 7)
    assert find_excerpt("it", "with") == (1, 3)


def test_an_excerpt_of_the_title_is_of_the_whole_post(codebook: Codebook) -> None:
    [coding] = read(codebook, answer(excerpt="rye  bread")).codings

    assert (coding.start, coding.end) == (None, None)


@pytest.mark.parametrize("excerpt", [None, "", " "])
def test_without_an_excerpt_a_coding_is_of_the_place_that_it_gives(codebook: Codebook, excerpt: str | None) -> None:
    [coding] = read(codebook, answer(excerpt=excerpt, start=2, end=7)).codings

    assert (coding.start, coding.end) == (2, 7)


def test_an_excerpt_and_a_place_may_agree(codebook: Codebook) -> None:
    [coding] = read(codebook, answer(excerpt="stood", start=2, end=7)).codings

    assert (coding.start, coding.end) == (2, 7)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (answer(excerpt="a QUEUE"), "the excerpt does not stand in site:1"),
        (answer(post="site:2", excerpt="rye bread"), "the excerpt does not stand in site:2"),
        (answer(excerpt="queue", start=2, end=7), "the excerpt is not what stands from 2 to 7 in site:1"),
        (answer(excerpt=["queue"]), "excerpt ['queue'] is not text"),
        (answer(start=2, end=1000), "end 1000 lies beyond the text of site:1"),
        (answer(post="site:2", start=3, end=9), "end 9 lies beyond the text of site:2"),
        (answer(start=7, end=2), "start must be at least 0 and less than end"),
        (answer(post="site:3"), "post 'site:3' was not sent"),
        (answer(code="cake"), "the codebook has no code 'cake'"),
        (answer(code="old"), "the code 'old' is retired"),
        (answer(code="kind"), "'kind' is an attribute; code one of its values"),
        (answer(stance="support"), "the code 'queue' asks for no stance"),
        (answer(value="yes"), "value 'yes' is none of present, absent, unsure, missing"),
        (answer(stanse="support"), "unknown field 'stanse'"),
        (answer(coder="ana"), "unknown field 'coder'"),
        (answer(adjudicated=True), "unknown field 'adjudicated'"),
        (answer(number=10**400), "number is too large"),
        ({"post": "site:1"}, "code is missing or no text"),
        ({"version": 3}, "version is no text"),
        ({"version": " "}, "version is no text"),
        (b"[1]", "an answer is a JSON object"),
        (b'{"post": "site:1"', "no whole JSON value: Input data was truncated"),
        (b"Sure, here are the codings:", "no whole JSON value: JSON is malformed: invalid character (byte 0)"),
        (b'{"post": "\xfc"}', "no whole JSON value"),
        (b"[" * 100_000, "no whole JSON value"),
        (b'{"post": "site:1", "code": "queue", "value": "present", "number": NaN}', "no whole JSON value"),
    ],
)  # fmt: skip
def test_a_line_that_does_not_fit_is_refused_with_its_number(
    codebook: Codebook, line: bytes | dict[str, Any], why: str
) -> None:
    done = read(codebook, answer(), line, answer(post="site:2"))

    [told] = done.refused
    assert told.startswith(f"line 2: {why}")
    assert (done.read, len(done.codings)) == (3, 2)


def test_of_very_many_refused_lines_all_are_counted_and_the_first_are_told(codebook: Codebook) -> None:
    done = read(codebook, *[b"y"] * (MOST_TOLD + 5), answer())

    assert (done.read, done.refused_count, len(done.codings)) == (MOST_TOLD + 6, MOST_TOLD + 5, 1)
    assert [line.partition(":")[0] for line in done.refused] == [f"line {n}" for n in range(1, MOST_TOLD + 1)]


def test_empty_lines_and_a_byte_order_mark_are_passed_over(codebook: Codebook) -> None:
    done = read(codebook, b"\xef\xbb\xbf" + json.dumps(answer()).encode() + b"\r", b"", b" \t")

    assert (done.read, len(done.codings), done.refused) == (1, 1, [])


def test_the_same_answer_twice_is_one_coding(codebook: Codebook) -> None:
    done = read(codebook, answer(excerpt="dear bread"), answer(excerpt="dear  bread"), answer(excerpt="queue"))

    assert (done.read, len(done.codings), done.refused) == (3, 2, [])


def test_an_answer_that_contradicts_an_earlier_one_is_refused(codebook: Codebook) -> None:
    bread = answer(code="dear-bread", stance="support")

    assert refused(codebook, answer(), answer(value="absent")) == [
        "line 2: an earlier line says otherwise of 'queue' in site:1"
    ]
    assert len(refused(codebook, bread, bread | {"stance": "dispute"})) == 1
    assert refused(codebook, answer(), answer(post="site:2", value="absent"), bread) == []


def test_a_program_may_say_that_it_looked_for_all_codes(codebook: Codebook) -> None:
    done = read(codebook, answer(code="*", value="absent"), answer())

    assert (len(done.codings), done.refused) == (2, [])


def test_a_program_may_say_which_version_it_is(codebook: Codebook) -> None:
    done = read(codebook, {"version": " robot 3 "}, answer(), {"version": "robot 3"}, {"version": "robot 4"})

    assert done.version == "robot 3"
    assert done.refused == ["line 4: another version than before: 'robot 4'"]


def test_the_version_of_a_coder_changes_with_its_command_and_with_what_it_reports() -> None:
    versions = {version_of(["a", "b"], None), version_of(["a b"], None), version_of(["a", "b"], "1")}

    assert len(versions) == 3
    assert version_of(("a", "b"), "1") == version_of(["a", "b"], "1")


@given(st.text(min_size=1, max_size=40).filter(str.strip), st.text(max_size=40), st.text(max_size=40))
def test_what_stands_in_a_text_is_found_where_it_stands(excerpt: str, before: str, after: str) -> None:
    text = before + excerpt + after

    place = find_excerpt(excerpt, text)

    assert place is not None
    assert text[slice(*place)] == excerpt


words = st.lists(st.text("abc.*", min_size=1, max_size=3), min_size=1, max_size=5)
blanks = st.lists(st.sampled_from([" ", "\n", " \t ", "\u00a0"]), min_size=5, max_size=5)


@given(words, blanks)
def test_blanks_between_words_make_no_difference(said: list[str], between: list[str]) -> None:
    text = "x " + "".join(word + blank for word, blank in zip(said, between, strict=False))

    place = find_excerpt(" ".join(said), text)

    assert place is not None
    assert text[slice(*place)].split() == said


@given(st.text("ab \n", max_size=30), st.text("ab \n", min_size=1, max_size=6).map(str.strip).filter(bool))
def test_what_is_found_is_what_was_looked_for(text: str, excerpt: str) -> None:
    place = find_excerpt(excerpt, text)

    if place is None:
        assert excerpt not in text
    else:
        assert text[slice(*place)].split() == excerpt.split()


def test_where_a_line_on_a_post_is_refused_nothing_else_of_it_is_taken_for_absent(codebook: Codebook) -> None:
    done = read(
        codebook,
        answer(code="*", value="absent"),
        answer(code="queue", excerpt="not there"),
        answer(post=REPLY.address, code="*", value="absent"),
    )

    assert [(coding.post, coding.code) for coding in done.codings] == [(REPLY.address, "*")]
    assert done.refused_count == 2
    assert done.refused[-1] == "site:1: nothing else is taken for absent, since a line on it was refused"
