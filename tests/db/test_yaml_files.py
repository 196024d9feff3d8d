import re
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from db.errors import FileError
from db.yaml_files import (
    FileModel,
    Problem,
    Text,
    field_name,
    json_schema,
    load,
    refuse,
    save,
    suggest,
    validate,
    with_entry,
)


class Tool(FileModel):
    name: Text
    weight: int | None = None
    uses: tuple[Text, ...] = ()


class Box(FileModel):
    version: Literal[1] = 1
    label: Text
    colour: Literal["red", "blue"] = "red"
    open: bool = False
    share: Annotated[float, Field(ge=0, le=1)] = 0
    tools: dict[str, Tool] = {}  # noqa: RUF012 - pydantic copies defaults
    spare: tuple[Tool, ...] = ()
    path: Text | None = Field(default=None, alias="import")


BOX = """\
# What the box holds
label: Blue box   # not its colour

tools:
  hammer:
    name: Hammer
    uses: [ nails,  "doors" ]
  # saw:
  #   name: Saw

spare:
  - name: Screw
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "box.yaml"


def written(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def refused(path: Path, text: str) -> FileError:
    with pytest.raises(FileError) as raised:
        validate(load(written(path, text)), Box)
    return raised.value


def test_a_document_knows_the_line_of_every_field_and_item(path: Path) -> None:
    document = load(written(path, BOX))

    assert document.line("label") == 2
    assert document.line("tools", "hammer") == 5
    assert document.line("tools", "hammer", "uses", 1) == 7
    assert document.line("spare", 0, "name") == 12


@pytest.mark.parametrize(
    "keys", [(), ("lid",), ("tools", "saw"), ("spare", 1), ("spare", -1), ("label", 0), ("spare", "name")]
)
def test_what_is_not_there_has_no_line(path: Path, keys: tuple[str | int, ...]) -> None:
    assert load(written(path, BOX)).line(*keys) is None


def test_data_are_plain_values(path: Path) -> None:
    assert load(written(path, BOX)).data == {
        "label": "Blue box",
        "tools": {"hammer": {"name": "Hammer", "uses": ["nails", "doors"]}},
        "spare": [{"name": "Screw"}],
    }


def test_a_byte_order_mark_is_no_content(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbflabel: a\n")

    assert load(path).data == {"label": "a"}


def test_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(FileError, match=r"box\.yaml: there is no such file"):
        load(path)


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="this is a folder, not a file"):
        load(tmp_path)


def test_a_file_of_more_than_one_megabyte_is_refused_unread(path: Path) -> None:
    with pytest.raises(FileError, match="larger than 1 MB"):
        load(written(path, "#" * 1_000_001))


def test_text_that_is_not_utf_8_is_named_with_its_line(path: Path) -> None:
    path.write_bytes(b"label: a\ncolour: r\xf6t\n")

    with pytest.raises(FileError, match=r"box\.yaml:2: not UTF-8 text"):
        load(path)


def test_a_syntax_error_names_file_line_and_remedy(path: Path) -> None:
    with pytest.raises(FileError, match=r"box\.yaml:2: \*red is a YAML alias") as raised:
        load(written(path, "label: a\ncolour: *red\n"))

    assert raised.value.hint == "a text that begins so needs quotes"


def test_a_document_that_fits_becomes_the_model(path: Path) -> None:
    box = validate(load(written(path, BOX)), Box)

    assert box.label == "Blue box"
    assert box.tools["hammer"] == Tool(name="Hammer", uses=("nails", "doors"))


def test_an_empty_field_is_as_good_as_none(path: Path) -> None:
    assert validate(load(written(path, "label: a\ntools:\nspare:\ncolour:\n")), Box) == Box(label="a")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("colour: red", "box.yaml: label: is missing", "add `label: …`"),
        ("label:", "box.yaml:1: label: is missing", "add `label: …`"),
        ("label: a\ncolor: red", "box.yaml:2: color: unknown field", 'did you mean "colour"?'),
        ("label: a\ncolor:", "box.yaml:2: color: unknown field", 'did you mean "colour"?'),
        (
            "label: a\nqqqq: 1",
            "box.yaml:2: qqqq: unknown field",
            "there is: colour, import, label, open, share, spare, tools, version",
        ),
        ("label: a\npath: b", "box.yaml:2: path: unknown field", None),
        ("label: 1984", "box.yaml:1: label: must be text, but is the number 1984", "put it in quotes"),
        ("label: true", "box.yaml:1: label: must be text, but is true", "put it in quotes"),
        ("label: [a]", "box.yaml:1: label: must be text, but is a list", None),
        ("label: ''", "box.yaml:1: label: must not be empty", None),
        ("label: a\ncolour: green", "box.yaml:2: colour: must be 'red' or 'blue', but is \"green\"", None),
        ("label: a\nopen: wide", 'box.yaml:2: open: must be yes or no, but is "wide"', None),
        ("label: a\nopen: {a: b}", "box.yaml:2: open: must be yes or no, but is a block of fields", None),
        ("label: a\nshare: 2", "box.yaml:2: share: should be less than or equal to 1, but is the number 2", None),
        ("version: 2\nlabel: a", "box.yaml:1: version: must be 1, but is the number 2", None),
        (
            "label: a\ntools: [b]",
            "box.yaml:2: tools: must be a block of `field: value` lines, but is a list",
            None,
        ),
        (
            "label: a\ntools:\n  saw: sharp",
            'box.yaml:3: tools.saw: must be a block of `field: value` lines, but is "sharp"',
            None,
        ),
        ("label: a\ntools:\n  saw:", "box.yaml:3: tools.saw.name: is missing", "add `name: …`"),
        (
            "label: a\ntools:\n  saw:\n    name: Saw\n    wieght: 2",
            "box.yaml:5: tools.saw.wieght: unknown field",
            'did you mean "weight"?',
        ),
        (
            "label: a\nspare:\n  - name: A\n  - name: B\n    uses: cutting",
            'box.yaml:5: spare[1].uses: must be a list, but is "cutting"',
            "begin each item with `- ` on a line of its own",
        ),
        (
            "label: a\nspare:\n  - name: A\n    uses:\n      - b\n      - 3",
            "box.yaml:6: spare[0].uses[1]: must be text, but is the number 3",
            "put it in quotes",
        ),
        (
            "label: a\nspare:\n  - nam: A\n    name: B",
            "box.yaml:3: spare[0].nam: unknown field",
            'did you mean "name"?',
        ),
    ],
)
def test_what_does_not_fit_is_named_with_line_field_and_remedy(
    path: Path, text: str, message: str, hint: str | None
) -> None:
    error = refused(path, text)

    assert str(error) == f"{path.parent}/{message}"
    assert hint is None or error.hint == hint


def test_all_problems_are_told_the_first_in_the_file_as_the_message(path: Path) -> None:
    error = refused(path, "spare:\n  - name: 3\nlabel: ''\ncolour: green\n")

    assert str(error) == f"{path}:2: spare[0].name: must be text, but is the number 3 (and 2 more problems)"
    assert error.hint == (
        "put it in quotes\n"
        "also line 3: label: must not be empty\n"
        "also line 4: colour: must be 'red' or 'blue', but is \"green\""
    )


def test_a_very_long_list_of_problems_is_cut_and_counted(path: Path) -> None:
    error = refused(path, "label: a\nspare:\n" + "  - name: 3\n" * 30)

    assert "(and 29 more problems)" in str(error)
    assert (error.hint or "").splitlines()[-1] == "and 9 more"


def test_a_problem_at_a_place_that_is_not_there_has_the_line_of_the_place_above(path: Path) -> None:
    document = load(written(path, BOX))

    with pytest.raises(FileError, match=r"box\.yaml:5: tools\.hammer\.weight: is wanted"):
        refuse(document, [Problem(("tools", "hammer", "weight"), "is wanted")])


def test_no_problem_is_no_error(path: Path) -> None:
    refuse(load(written(path, BOX)), [])


def test_a_place_is_written_as_a_path() -> None:
    assert field_name(("codes", "evals", "rules", 2, "match")) == "codes.evals.rules[2].match"


def test_nothing_is_suggested_where_nothing_is_known_or_too_much_is() -> None:
    assert suggest("a", []) is None
    assert suggest("zzz", [f"code-{number}" for number in range(13)]) is None


def test_the_schema_for_editors_knows_the_fields_by_the_names_that_are_written() -> None:
    schema = json_schema(Box)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    assert "import" in schema["properties"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "tools:\n  saw:\n    name: Saw\n"),
        ("# none yet", "# none yet\ntools:\n  saw:\n    name: Saw\n"),
        ("label: a\n", "label: a\ntools:\n  saw:\n    name: Saw\n"),
        ("tools:\n", "tools:\n  saw:\n    name: Saw\n"),
        ("tools: {}\n", "tools:\n  saw:\n    name: Saw\n"),
        ("tools: {}  # none\nlabel: a\n", "tools:  # none\n  saw:\n    name: Saw\nlabel: a\n"),
        ("tools: ~\n", "tools:\n  saw:\n    name: Saw\n"),
        ("tools:\n  # a:\n  #   name: A\n", "tools:\n  # a:\n  #   name: A\n  saw:\n    name: Saw\n"),
        ("tools:\n\n# next\nlabel: a", "tools:\n  saw:\n    name: Saw\n\n# next\nlabel: a"),
        ("tools:\n    a:\n        name: A", "tools:\n    a:\n        name: A\n    saw:\n      name: Saw\n"),
        ("tools:\r\n  a: {name: A}\r\n", "tools:\r\n  a: {name: A}\r\n  saw:\r\n    name: Saw\r\n"),
        (
            BOX,
            BOX.replace("  #   name: Saw\n", "  #   name: Saw\n  saw:\n    name: Saw\n"),
        ),
    ],
)
def test_an_entry_is_put_at_the_end_of_its_section_and_no_other_line_changes(
    path: Path, before: str, after: str
) -> None:
    save(with_entry(load(written(path, before)), "tools", "saw", {"name": "Saw"}))

    assert path.read_bytes().decode() == after


@pytest.mark.parametrize(
    "text", ["tools: {a: {name: A}}\n", "{}\n", "tools: [a]\n", "tools: words\n", "tools:\n  a: 1\n...\n"]
)
def test_an_entry_that_has_no_place_is_refused(path: Path, text: str) -> None:
    with pytest.raises(FileError, match='"saw" cannot be added without touching other lines'):
        with_entry(load(written(path, text)), "tools", "saw", {"name": "Saw"})


@given(
    fields=st.dictionaries(
        st.sampled_from("abc"),
        st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126))
        | st.lists(st.text("a:#*&!'\"%@-[]{} \n1é")),
    )
)
def test_whatever_is_added_reads_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, fields: dict[str, Any]
) -> None:
    path = written(tmp_path_factory.mktemp("box") / "box.yaml", BOX)

    save(with_entry(load(path), "tools", "new", fields))

    assert load(path).data["tools"]["new"] == fields


def test_saving_keeps_the_rights_of_the_file_and_leaves_nothing_beside_it(path: Path) -> None:
    written(path, BOX).chmod(0o640)

    save(with_entry(load(path), "tools", "saw", {"name": "Saw"}))

    assert path.stat().st_mode & 0o777 == 0o640
    assert list(path.parent.iterdir()) == [path]


def test_saving_through_a_link_writes_the_file_behind_it(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(written(path, BOX))

    save(with_entry(load(link), "tools", "saw", {"name": "Saw"}))

    assert link.is_symlink()
    assert "saw" in load(path).data["tools"]


def test_a_file_that_cannot_be_written_is_named_and_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    document = with_entry(load(written(path, BOX)), "tools", "saw", {"name": "Saw"})
    monkeypatch.setattr("os.fsync", full_disk)

    with pytest.raises(FileError, match=re.escape("cannot be written: No space left on device")):
        save(document)

    assert path.read_text() == BOX
    assert list(path.parent.iterdir()) == [path]


@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_file_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("box") / "box.yaml"
    path.write_bytes(content)

    with suppress(FileError):
        validate(load(path), Box)
