import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import FileError
from groundswell.study_file import SourceEntry, StudyFile, load_study_file

STUDY = """\
version: 1
title: Bread in our town
question: Is bread too dear?
sensitivity: high
retention_days: 90
coders: [ana, ben]
machine: none
sources:
  - url: https://bread.example/talk
    cadence: 24h
  - import: letters
"""

VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["high", "all"])
)
FIELDS = st.sampled_from([*StudyFile.model_fields, "url", "import", "path", "cadence"])
CONTENT = st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=5))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "study.yaml"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_study_carries_all_that_is_written_about_it(path: Path) -> None:
    study = load_study_file(written(path, STUDY))

    assert (study.title, study.question) == ("Bread in our town", "Is bread too dear?")
    assert (study.sensitivity, study.retention_days, study.machine) == ("high", 90, "none")
    assert study.coders == ("ana", "ben")
    assert [(source.url, source.path, source.cadence) for source in study.sources] == [
        ("https://bread.example/talk", None, "24h"),
        (None, "letters", None),
    ]


def test_a_title_is_enough(path: Path) -> None:
    study = load_study_file(written(path, "title: Bread"))

    assert (study.version, study.question, study.sensitivity, study.retention_days) == (1, None, "low", None)
    assert (study.coders, study.machine, study.sources) == ((), "all", ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "study.yaml: title: is missing"),
        ("title: a\nsensitivity: medium", "study.yaml:2: sensitivity: must be 'low' or 'high', but is \"medium\""),
        (
            "title: a\nretention_days: 0",
            "study.yaml:2: retention_days: should be greater than or equal to 1, but is the number 0",
        ),
        ("title: a\nretention_days: soon", 'study.yaml:2: retention_days: must be a whole number, but is "soon"'),
        ("title: a\ncoders: ana", 'study.yaml:2: coders: must be a list, but is "ana"'),
        ("title: a\ncoders:\n  - ana\n  - ana", 'study.yaml:4: coders[1]: "ana" is here twice'),
        ("title: a\nmachine: some", "study.yaml:2: machine: must be 'all' or 'none', but is \"some\""),
        ("title: a\nsource: []", "study.yaml:2: source: unknown field"),
        (
            "title: a\nsources:\n  - cadence: 7d",
            "study.yaml:3: sources[0]: one of `url`, `links`, `import`, `subreddit` and `search` is needed",
        ),
        (
            "title: a\nsources:\n  - url: https://bread.example\n    import: letters",
            "study.yaml:3: sources[0]: one of `url`, `links`, `import`, `subreddit` and `search` is needed",
        ),
        ("title: a\nsources:\n  - url: letters", 'study.yaml:3: sources[0].url: "letters" is no web link'),
    ],
)
def test_what_is_wrong_is_named_with_line_and_field(path: Path, text: str, message: str) -> None:
    with pytest.raises(FileError) as raised:
        load_study_file(written(path, text))

    assert str(raised.value) == f"{path.parent}/{message}"
    assert raised.value.exit_code == 3


def test_a_source_is_made_by_the_names_that_are_written() -> None:
    assert SourceEntry.model_validate({"import": "letters"}).path == "letters"


@given(content=CONTENT)
def test_any_content_is_a_study_or_refused_with_a_file_error(
    tmp_path_factory: pytest.TempPathFactory, content: object
) -> None:
    path = written(tmp_path_factory.mktemp("study") / "study.yaml", json.dumps(content))

    with suppress(FileError):
        assert load_study_file(path).title


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("notify: [python, tell.py, --to, me]", ("python", "tell.py", "--to", "me")),
        ("notify: python tell.py --to me", ("python", "tell.py", "--to", "me")),
        (r"""notify: '"C:\My Programs\python.exe" tell.py'""", (r"C:\My Programs\python.exe", "tell.py")),
        ("""notify: 'mail -s "what is # new" me'""", ("mail", "-s", "what is # new", "me")),
        ("notify: null", None),
    ],
)
def test_a_command_is_a_list_of_words_or_one_text_that_no_shell_reads(
    path: Path, line: str, words: tuple[str, ...] | None
) -> None:
    assert load_study_file(written(path, f"title: Bread\n{line}\n")).notify == words


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("""notify: 'mail "me'""", "notify: a quotation in 'mail \"me' does not end"),
        ("notify: []", "notify: names no program"),
        ("""notify: "  " """, "notify: names no program"),
        ("notify: [mail, 3]", "notify[1]: must be text, but is the number 3"),
        ("notify: {mail: me}", "notify: must be a list"),
    ],
)
def test_a_command_that_cannot_be_run_is_refused(path: Path, line: str, says: str) -> None:
    with pytest.raises(FileError) as refused:
        load_study_file(written(path, f"title: Bread\n{line}\n"))

    assert says in refused.value.message
    assert refused.value.message.startswith(f"{path}:2: ")
