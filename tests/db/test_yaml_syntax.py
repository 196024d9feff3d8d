from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from db.yaml_syntax import YamlProblemError, parse

MARKS = st.sampled_from("a:-\n\t\"'{}[],*&!|>#%?\\~é") | st.sampled_from(
    ["b: ", "- ", "  ", "? ", "&x ", "*x", "!t ", "<<: ", "---\n", "...\n", "\r\n", "\u2028", "\\U", "1.5"]
)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("2026-02-01", "2026-02-01"),
        ("2026-02-01 10:00:00", "2026-02-01 10:00:00"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("007", 7),
        ("-3", -3),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.", 1.0),
        ("-.5", -0.5),
        ("1e5", 100000.0),
        (".nan", ".nan"),
        ("9" * 30, "9" * 30),
        ('"1"', "1"),
        ("'~'", "~"),
        ("|\n  two\n  lines\n", "two\nlines\n"),
        ("[a, [1, b]]", ["a", [1, "b"]]),
        ("{b: c}", {"b": "c"}),
    ],
)
def test_values_follow_yaml_1_2_and_dates_stay_text(written: str, value: object) -> None:
    assert parse(f"a: {written}").plain() == {"a": value}


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "---\n# none yet\n", "null\n"])
def test_a_text_without_content_is_an_empty_mapping(text: str) -> None:
    assert parse(text).plain() == {}


def test_a_name_is_the_text_as_written() -> None:
    assert parse("2026: a\ntrue: b\nno: c\n1.10: d\n").plain() == {"2026": "a", "true": "b", "no": "c", "1.10": "d"}


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a:\n\tb: 1", 2, "a tab where YAML wants spaces"),
        ("a: b: c", 1, "a second colon, or an indentation that does not fit"),
        ("a: 1\nb: - c", 2, "a list begins on the line of its field"),
        ("- a", 1, "the file must be lines of `field: value`"),
        ("just words", 1, "the file must be lines of `field: value`"),
        ("a: *foo", 1, "*foo is a YAML alias; aliases are not read"),
        ("a:\n  - *wash*\n", 2, "*wash* is a YAML alias; aliases are not read"),
        ("a: 1\nb: &c d", 2, "&c is a YAML anchor; anchors are not read"),
        ("a: &c\n  d: 1", 1, "&c is a YAML anchor; anchors are not read"),
        ("a: !secret x", 1, "!secret is a YAML tag; tags are not read"),
        ("a: !!set {b, c}", 1, "tag:yaml.org,2002:set is a YAML tag; tags are not read"),
        ("a: 1\n<<: {b: 2}", 2, "merge keys (<<) are not read"),
        ("a: 1\nb: 2\na: 3", 3, '"a" is here twice, first in line 1'),
        ("a:\n  b: 1\n  b: 2", 3, '"b" is here twice, first in line 2'),
        ('a: 1\nb: "c\nd: 2\n', 2, "a quote is opened here and not closed"),
        ("a:\n  - [1,\nb: 2", 2, "a list in [ ] is not well formed"),
        ("{a: 1", 1, "a block in { } is not well formed"),
        ('a: "b" c\n', 1, "this line does not fit the lines above it"),
        ("a: 1\nb: @c", 2, "a text begins with a character that YAML keeps for itself"),
        ("a: 1\nwords\nb: 2", 2, "a line that is neither a field nor a list item"),
        ("%YAML 1.1\n---\na: no", 2, "a % directive"),
        ("a: 1\n---\nb: 1", 2, "a second document begins here"),
        ("? [a]\n: b", 1, "a field has a list or a block for a name"),
        (": b", 1, "a field has no name"),
        ("a: 1\nb: \x07", 2, "the character U+0007 cannot be shown"),
        ('a: 1\nb: "\\uD800"', 2, "an escape stands for U+D800, which cannot be shown"),
        ('"\\0": 1', 1, "an escape stands for U+0000, which cannot be shown"),
        ('a: "\\x"', 1, "an escape that begins with \\ is not complete"),
        ("a: " + "[" * 5000, 1, "lists and blocks are nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text: str, line: int, problem: str) -> None:
    with pytest.raises(YamlProblemError) as raised:
        parse(text)

    assert (raised.value.line, raised.value.problem) == (line, problem)
    assert raised.value.hint


def test_an_escape_beyond_unicode_is_named() -> None:
    with pytest.raises(YamlProblemError, match="a value cannot be read"):
        parse('a: "\\UFFFFFFFF"')


@given(st.lists(MARKS | st.text(max_size=3), max_size=30).map("".join))
@example("?")
@example("a: |2\n x")
@example("a: !<")
@example("%TAG ! x\n--- a")
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    with suppress(YamlProblemError):
        assert isinstance(parse(text).plain(), dict)
