import io
from pathlib import Path

import pytest
from fakes.study import coding_line, groundswell, save

from db.errors import GroundswellError
from db.queries.posts import exported_posts
from db.queries.study import totals
from groundswell.notes import Note, add_note, parse_codes, read_note
from groundswell.study import Study


def test_a_note_is_stored_and_coded_at_once(study: Study) -> None:
    address = add_note(study, Note("Such dear bread.", "2026-01", "baker", (("dear-bread", "support"),), "ana"))

    with study.store() as store:
        [note] = exported_posts(store.connection, private=True)
        assert totals(store.connection)["notes"] == 1
        assert list(exported_posts(store.connection)) == []
    assert address.startswith("note:")
    assert (note["address"], note["title"], note["text"]) == (address, "baker", "Such dear bread.")
    assert (note["created_at"], note["private"]) == ("2026-01-01T00:00:00Z", True)


def test_two_notes_with_the_same_words_are_two_accounts(study: Study) -> None:
    assert add_note(study, Note("The same.")) != add_note(study, Note("The same."))


@pytest.mark.parametrize(
    ("note", "message"),
    [
        (Note(" \n"), "the note is empty; nothing was stored"),
        (Note("x", codes=(("queue", None),)), "codes need a coder"),
        (Note("x", codes=(("rain", None),), coder="ana"), "the codebook has no code 'rain'"),
        (Note("x", codes=(("queue", "support"),), coder="ana"), "the code 'queue' asks for no stance"),
        (Note("x", codes=(("dear-bread", "perhaps"),), coder="ana"), "stance 'perhaps' is none of"),
        (Note("x", month="2026-13"), "--month: '2026-13' is no month such as 2026-01"),
        (Note("x", month="January"), "--month: 'January' is no month such as 2026-01"),
    ],
)
def test_a_note_that_is_wrong_leaves_nothing_behind(study: Study, note: Note, message: str) -> None:
    with pytest.raises(GroundswellError, match=message):
        add_note(study, note)

    with study.store() as store:
        assert totals(store.connection)["notes"] == 0


def test_codes_are_written_with_or_without_a_stance() -> None:
    assert parse_codes(["queue", "dear-bread=support", "x="]) == (
        ("queue", None),
        ("dear-bread", "support"),
        ("x", None),
    )


def test_a_note_is_read_from_a_file_or_as_it_is_typed(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("from a file", encoding="utf-8")

    assert read_note(path, io.StringIO("typed")) == "from a file"
    assert read_note(None, io.StringIO("typed")) == "typed"


def test_a_note_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(b"caf\xe9")

    with pytest.raises(GroundswellError, match=r"note\.txt: byte 3: not UTF-8"):
        read_note(path, io.StringIO())
    with pytest.raises(GroundswellError, match=r"no\.txt: no such file or directory"):
        read_note(tmp_path / "no.txt", io.StringIO())
    with pytest.raises(GroundswellError, match="standard input: byte 3: not UTF-8"):
        read_note(None, io.TextIOWrapper(io.BytesIO(b"caf\xe9"), encoding="utf-8"))


def test_a_note_may_be_coded_later_too(study: Study, tmp_path: Path) -> None:
    address = add_note(study, Note("Such dear bread."))
    lines = save(tmp_path / "codings.jsonl", coding_line(address))

    assert groundswell("-C", study.root, "import", "codings", lines).out == "one coding read: 1 new\n"
