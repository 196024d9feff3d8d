"""Editing one code: whatever is written, comments and all other codes stay, and nothing is lost that others wrote."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from fakes.study import make_study
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import FileError
from groundswell.editing import ChangedMeanwhile, ask, change_code, open_code, with_example, with_rule

CODEBOOK = """\
# Ours, kept by hand.
version: 1

codes:
  # Money first.
  dear-bread:
    name: Dear bread  # as people say
    definition: >-
      The post says something
      about the price of bread.
    examples:
      # heard in May
      - So dear!
    stance: yes
    rules:
      # the plain word
      - dear bread
      - match: daylight robbery  # a figure of speech
        stance: support

  # Waiting.
  queue: { name: Queue, definition: The post mentions a queue., rules: [ queue* ] }
# the end
"""
COMMENTS = [line.strip() for line in CODEBOOK.splitlines() if line.strip().startswith("#")]
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=30).map(str.strip)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "definition": TEXTS,
        "include": TEXTS,
        "exclude": TEXTS,
        "examples": st.lists(TEXTS.filter(bool), max_size=3),
        "rules": st.lists(
            st.sampled_from(["dear bread", "dear*", "price NEAR/3 bread", "daylight robbery"]), max_size=4, unique=True
        ),
        "key": st.sampled_from(["", "b", "7"]),
        "colour": st.sampled_from(["", "ff0000", "000000"]),
    },
)


@given(st.sampled_from(["dear-bread", "queue"]), FIELDS)
@settings(max_examples=60)
def test_whatever_is_written_of_a_code_the_file_says_so_and_all_else_stays(code: str, fields: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        study = make_study(Path(folder) / "study", codebook=CODEBOOK)
        before, opened = study.codebook(), open_code(study, code)

        change_code(study, code, fields, opened.seen)

        after = study.codebook()
        entry = {name: value for name, value in (opened.entry | fields).items() if value not in ("", [])}
        assert open_code(study, code).entry == entry
        other = "queue" if code == "dear-bread" else "dear-bread"
        assert after.codes[other] == before.codes[other]
        text = study.codebook_path.read_text(encoding="utf-8")
        own = {"# heard in May", "# the plain word"}
        assert [one for one in COMMENTS if one not in own] == [
            line.strip() for line in text.splitlines() if line.strip() in set(COMMENTS) - own
        ]


def test_two_who_change_one_code_do_not_overwrite_each_other(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", codebook=CODEBOOK)
    opened = open_code(study, "queue")
    change_code(study, "queue", {"include": "Lines."}, opened.seen, by="ana")

    with pytest.raises(ChangedMeanwhile) as caught:
        change_code(study, "queue", {"include": "Rows."}, opened.seen, by="ben")

    assert caught.value.entry["include"] == "Lines."
    assert open_code(study, "queue").seen == caught.value.seen
    change_code(study, "queue", {"include": "Rows."}, caught.value.seen, by="ben")
    assert study.codebook().codes["queue"].include == "Rows."


def test_two_who_change_two_codes_both_have_their_way(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", codebook=CODEBOOK)
    bread, queue = open_code(study, "dear-bread"), open_code(study, "queue")

    change_code(study, "queue", {"include": "Lines."}, queue.seen)
    change_code(study, "dear-bread", {"include": "Rolls."}, bread.seen)

    assert [study.codebook().codes[code].include for code in ("dear-bread", "queue")] == ["Rolls.", "Lines."]


def test_a_change_that_the_codebook_refuses_leaves_file_and_database_alone(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", codebook=CODEBOOK)
    opened, before = open_code(study, "queue"), study.codebook_path.read_bytes()

    for fields in ({"key": "j"}, {"rules": ["("]}, {"parent": "queue"}):
        with pytest.raises(FileError):
            ask(study, "queue", fields, opened.seen)
        with pytest.raises(FileError):
            change_code(study, "queue", fields, opened.seen)

    assert study.codebook_path.read_bytes() == before
    with study.store() as store:
        assert store.connection.execute("SELECT count(*) FROM codebook_revisions").fetchone()[0] == 0


def test_a_file_that_cannot_be_read_is_left_as_it_is(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", codebook=CODEBOOK)
    opened = open_code(study, "queue")
    study.codebook_path.write_text(f"{CODEBOOK}  broken: [", encoding="utf-8")

    with pytest.raises(FileError):
        change_code(study, "queue", {"include": "Lines."}, opened.seen)

    assert study.codebook_path.read_text(encoding="utf-8").endswith("broken: [")


def test_both_codebooks_are_kept_as_revisions(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", codebook=CODEBOOK)

    assert change_code(study, "queue", {"include": "Lines."}, open_code(study, "queue").seen) == ("include",)

    with study.store() as store:
        assert store.connection.execute("SELECT count(*) FROM codebook_revisions").fetchone()[0] == 2
    assert change_code(study, "queue", {"include": "Lines."}, open_code(study, "queue").seen) == ()


def test_examples_and_rules_are_added_once() -> None:
    assert with_rule({}, "a") == {"rules": ["a"]}
    assert with_rule({"rules": ["a"]}, "a") == {"rules": ["a"]}
    assert with_rule({"rules": ["a"]}, "a", "support") == {"rules": ["a", {"match": "a", "stance": "support"}]}
    assert with_example({}, "a\n b", is_one=True) == {"examples": ["a b"]}
    assert with_example({"examples": ["a"]}, "a", is_one=True) == {"examples": ["a"]}
    assert with_example({}, "a", is_one=False) == {"exclude": "Not this: a"}
    assert with_example({"exclude": "b"}, "a", is_one=False) == {"exclude": "b\nNot this: a"}
    assert with_example({"exclude": "Not this: a"}, "a", is_one=False) == {"exclude": "Not this: a"}
