"""REFI-QDA codebooks: valid by the schema of the standard, and read as other programs write them."""

import re
from pathlib import Path

import pytest
import xmlschema
from fakes.codebooks import codebooks
from hypothesis import given

from coding.codebook import Code, Codebook, code_entry, read_entry
from coding.codebook_exchange import Note, fitting
from coding.codebook_qdc import as_qdc, code_guid, read_qdc
from db.errors import FileError, GroundswellError

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).parents[1] / "vendored" / "refi_qda" / "Codebook.xsd"))
EMPTY = Codebook({})
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Another">'
GUID = "{ABCDEF01-6F6F-4B0C-8BE5-BBDC91F55294}"


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "codebook.qdc"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def codes(inner: str, more: str = "") -> str:
    return f"{HEAD}<Codes>{inner}</Codes>{more}</CodeBook>"


@given(codebook=codebooks(smallest=1))
def test_any_codebook_is_valid_and_reads_back_as_the_same(
    tmp_path_factory: pytest.TempPathFactory, codebook: Codebook
) -> None:
    path = written(tmp_path_factory.mktemp("out"), as_qdc(codebook, "groundswell"))

    SCHEMA.validate(str(path))
    fit = fitting(EMPTY, read_qdc(path))
    assert fit.notes == []
    assert {code: read_entry(code, entry) for code, entry in fit.entries.items()} == codebook.codes


@given(codebook=codebooks(smallest=1))
def test_no_two_codes_of_a_file_share_a_guid_or_a_name(codebook: Codebook) -> None:
    text = as_qdc(codebook, "groundswell").decode()

    for attribute in ("guid", "name"):
        found = re.findall(rf'<Code[^>]* {attribute}="([^"]*)"', text)
        assert len(set(found)) == len(found) == len(codebook.codes)


def test_a_code_that_is_given_another_name_keeps_its_guid() -> None:
    first, second = (as_qdc(Codebook({"bread": Code("bread", name)}), "x") for name in ("Bread", "Loaf"))

    assert f'guid="{code_guid("bread")}"'.encode() in first
    assert f'guid="{code_guid("bread")}"'.encode() in second
    assert code_guid("bread") == "3d81f034-d871-5f32-a73b-3dc0dd5e3151"


def test_values_stand_in_their_attribute_which_cannot_be_given_itself() -> None:
    codebook = Codebook({
        "place.home": Code("place.home", "Home", parent="place", colour="1f77b4"),
        "place": Code("place", "Place", choose_one=True),
    })  # fmt: skip

    assert as_qdc(codebook, "groundswell 1").decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="groundswell 1">\n'
        "  <Codes>\n"
        f'    <Code guid="{code_guid("place")}" name="Place" isCodable="false">\n'
        "      <Description>Choose: one\n\nId: place</Description>\n"
        f'      <Code guid="{code_guid("place.home")}" name="Home" isCodable="true" color="#1f77b4">\n'
        "        <Description>Id: place.home</Description>\n"
        "      </Code>\n"
        "    </Code>\n"
        "  </Codes>\n"
        "</CodeBook>\n"
    )


def test_a_file_begins_without_a_byte_order_mark_and_keeps_signs_and_emoji(tmp_path: Path) -> None:
    code = Code("bread", 'Bread & "butter" <1>', definition="“Curly” 👩‍👩‍👧 & <b>")

    content = as_qdc(Codebook({"bread": code}), "groundswell")

    assert content.startswith(b"<?xml")
    assert read_qdc(written(tmp_path, content)).entries["bread"] == code_entry(code)


def test_a_file_cannot_be_without_codes() -> None:
    with pytest.raises(GroundswellError, match=r"a \.qdc file cannot be without codes"):
        as_qdc(EMPTY, "groundswell")


def test_codes_of_another_program_are_read_with_colour_description_and_place(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        codes(
            f'<Code guid="{GUID}" name="Food" isCodable="true" color="#FA0"><Description>What one eats\n</Description>'
            f'<Code guid="{GUID}" name=" Daily\n bread " isCodable="1" color="#46AA00"/>'
            f'<Code guid="{GUID}" name="Cake" isCodable="true" color="red"><Code guid="{GUID}" name="Pie" isCodable="true"/></Code>'
            f'</Code><Code guid="{GUID}" name="Drink" isCodable="true"><Description/></Code>'
        ),
    )

    reading = read_qdc(path)

    assert reading.entries == {
        "food": {"name": "Food", "colour": "ffaa00", "definition": "What one eats"},
        "daily-bread": {"name": "Daily bread", "colour": "46aa00", "parent": "food"},
        "cake": {"name": "Cake", "parent": "food"},
        "pie": {"name": "Pie", "parent": "cake"},
        "drink": {"name": "Drink"},
    }
    assert reading.notes == []


@pytest.mark.parametrize("codable", ["false", "0", " false "])
def test_a_category_is_told_whichever_way_it_is_written(tmp_path: Path, codable: str) -> None:
    reading = read_qdc(written(tmp_path, codes(f'<Code guid="{GUID}" name="Food" isCodable="{codable}"/>')))

    assert [note.what for note in reading.notes] == ["changed"]


def test_a_byte_order_mark_and_an_empty_list_of_sets_do_no_harm(tmp_path: Path) -> None:
    path = written(tmp_path, b"\xef\xbb\xbf" + codes('<Code guid="x" name="Food"/>', "<Sets/>").encode())

    assert (list(read_qdc(path).entries), read_qdc(path).notes) == (["food"], [])


def test_sets_and_parts_of_other_forms_are_left_out(tmp_path: Path) -> None:
    sets = '<Sets><Set guid="x" name="A"/><Set guid="y" name="B"/></Sets><Other/>'
    path = written(tmp_path, codes('<NoCode/><Code guid="x" name="Food"><NoteRef/></Code>', sets))

    reading = read_qdc(path)

    assert list(reading.entries) == ["food"]
    assert reading.notes == [Note("sets", "left out", "2 of them; codes are not kept in sets here")]


def test_codes_may_be_nested_as_deep_as_a_file_can_be(tmp_path: Path) -> None:
    depth = 3000
    opened = "".join(f'<Code guid="x" name="c{number}">' for number in range(depth))

    reading = read_qdc(written(tmp_path, codes(opened + "</Code>" * depth)))

    assert len(reading.entries) == depth
    assert reading.entries["c2999"]["parent"] == "c2998"


@pytest.mark.parametrize(
    ("content", "place", "problem"),
    [
        ("<CodeBook>\n<Codes>", ":2", "no XML can be read from it"),
        ("", ":1", "no XML can be read from it"),
        ("<Project/>", "", "its root is Project, not CodeBook"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><CodeBook>&a;</CodeBook>', "", "it has a document type or entities"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><CodeBook/>', "", "it has a document type or entities"),
    ],
    ids=["cut off", "empty", "another root", "entities", "document type"],
)
def test_what_is_no_codebook_is_named_with_its_place(tmp_path: Path, content: str, place: str, problem: str) -> None:
    path = written(tmp_path, content)

    with pytest.raises(FileError) as raised:
        read_qdc(path)

    assert str(raised.value).startswith(f"{path}{place}: {problem}")


@pytest.mark.parametrize("encoding", ["x-unknown", 'utf-8" standalone="maybe'])
def test_an_encoding_that_nobody_knows_is_named(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, f'<?xml version="1.0" encoding="{encoding}"?><CodeBook/>')

    with pytest.raises(FileError):
        read_qdc(path)
