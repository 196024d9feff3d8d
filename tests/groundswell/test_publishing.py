import re
from pathlib import Path

import pytest
from fakes.study import CODEBOOK, FINDINGS, groundswell, make_study, post_line, save_lines

from db.errors import CheckFailed
from groundswell.publishing import is_single_post
from groundswell.reporting import build
from groundswell.study import Study, find_study

WORDS = "They want three jobs done for the pay of one, and call it passion."
PRIVATE = "My boss bakes the bread of yesterday twice."
SENSITIVE = "version: 1\ntitle: Bread in our town\nsensitivity: high\n"


@pytest.fixture
def town(tmp_path: Path) -> Study:
    """A study with a thread of two posts, by people whose names are told here alone, and a private note."""
    return collected(make_study(tmp_path / "town"))


def collected(study: Study) -> Study:
    folder = study.root.parent
    lines = save_lines(
        folder / "town.jsonl",
        post_line("p1", author="mira_k", title="Who bakes at night", text="Such dear bread.", url="https://example.org/p1"),
        post_line("c1", author="Baker", thread="example:p1", parent="example:p1", kind="comment", title=None, text=WORDS,
                  url="https://example.org/p1/c1"),
    )  # fmt: skip
    assert groundswell("-C", study.root, "collect", "import", lines).code == 0
    note = groundswell("-C", study.root, "collect", "note", "--text", PRIVATE)
    assert note.code == 0, note.err
    return find_study(study.root, study.root)


def plant(study: Study, words: str, name: str = "report.md.j2") -> None:
    folder = study.root / "templates"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"# Ours\n\n{words}\n", encoding="utf-8")


def refused(study: Study) -> str:
    """What the build says of the first leak; nothing is written."""
    before = {path: path.read_bytes() for path in study.reports.rglob("*") if path.is_file()}
    with pytest.raises(CheckFailed, match="nothing was written") as raised:
        build(study)
    assert {path: path.read_bytes() for path in study.reports.rglob("*") if path.is_file()} == before
    assert raised.value.exit_code == 6
    return (raised.value.hint or "").splitlines()[0]


def test_a_report_in_which_nothing_leaks_is_built(town: Study) -> None:
    build(town)

    assert (town.reports / "report.html").exists()


@pytest.mark.parametrize("planted", ["says mira_k", "says u/mira_k", "https://example.org/user/MIRA_K", "says @baker"])
def test_the_name_of_an_account_fails_the_build(town: Study, planted: str) -> None:
    plant(town, planted)

    assert re.fullmatch(r"report\.md: a name: (mira_k|baker)", refused(town))


def test_a_plain_name_that_few_posts_use_as_a_word_fails_the_build(town: Study) -> None:
    plant(town, "says Baker")

    assert refused(town) == "report.md: a name: baker"


def test_a_name_in_the_study_s_own_words_fails_the_build_too(town: Study) -> None:
    path = town.root / "study.yaml"
    path.write_text("version: 1\ntitle: Bread\nquestion: Is mira_k right?\n", encoding="utf-8")

    assert refused(find_study(town.root, town.root)).endswith("a name: mira_k")


def test_a_run_of_words_of_a_post_fails_the_build(town: Study) -> None:
    plant(town, "Three jobs done, for the pay of one: so they say.")

    assert refused(town) == "report.md: 8 words in a row of a post: three jobs done for the pay of one"


def test_private_words_fail_the_build(town: Study) -> None:
    plant(town, "One bakes the bread of yesterday again.")

    assert refused(town) == "report.md: words of a private note: bakes the bread of yesterday"


def test_private_words_fail_an_internal_build_too(town: Study) -> None:
    plant(town, "One bakes the bread of yesterday again.")

    with pytest.raises(CheckFailed):
        build(town, "internal")
    assert not (town.reports / "internal").exists()


def test_a_link_to_a_single_post_fails_the_build(town: Study) -> None:
    plant(town, "[there](https://example.org/p1/c1)")

    assert refused(town) == "report.md: a link to a single post: https://example.org/p1/c1"


def test_a_pseudonym_fails_the_build(town: Study) -> None:
    plant(town, "says ~0123456789ab")

    assert refused(town) == "report.md: a pseudonym: ~0123456789ab"


def test_a_leak_in_the_page_is_found_too(town: Study) -> None:
    plant(town, "<p>Three <em>jobs</em> done for the pay of one</p>", "report.html.j2")

    assert refused(town).startswith("report.html: 8 words")


def test_many_leaks_are_named_ten_at_a_time(town: Study) -> None:
    plant(town, " ".join(f"~{number:012x}" for number in range(12)))

    with pytest.raises(CheckFailed) as raised:
        build(town)

    assert "(12 places)" in raised.value.message
    assert "and 2 more\n" in (raised.value.hint or "")


def test_titles_of_threads_are_named_on_purpose(town: Study) -> None:
    plant(town, "Who bakes at night")

    assert "Who bakes at night" in (build(town).paths[0].parent / "report.json").read_text(encoding="utf-8")


def test_in_a_sensitive_study_titles_are_not_named(tmp_path: Path) -> None:
    study = collected(make_study(tmp_path / "town", study=SENSITIVE))
    build(study)
    text = "".join(path.read_text(encoding="utf-8") for path in study.reports.iterdir() if path.is_file())

    assert "Who bakes" not in text
    assert "https://example.org" not in text
    assert "town.jsonl" not in text


def test_a_reason_that_repeats_a_post_is_not_taken_for_the_studys_own_words(town: Study) -> None:
    path = town.root / "findings.yaml"
    said = f'concerns: {{relevance: {{level: minor, reason: "{WORDS}"}}}}'
    path.write_text(
        path.read_text(encoding="utf-8").replace("code: dear-bread", f"code: dear-bread\n        {said}"), "utf-8"
    )

    assert refused(town).startswith("report.json: 8 words in a row of a post: ")


def test_what_is_allowed_may_be_published(town: Study) -> None:
    plant(town, "mira_k: three jobs done for the pay of one")
    (town.root / "allowed.txt").write_text(
        "# asked on the phone\nmira_k\nthree jobs done for the pay of one   # a saying\n\n", encoding="utf-8"
    )

    build(town)


def test_statements_of_the_study_may_be_said_in_the_words_of_a_post(tmp_path: Path) -> None:
    statement = "they want three jobs done for the pay of one"
    study = make_study(tmp_path / "town", codebook=CODEBOOK.replace("bread is too dear", statement), findings=FINDINGS)
    build(collected(study))

    assert statement in (study.reports / "report.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("query", "single"),
    [
        ("https://www.reddit.com/comments/abc/_/def/", True),
        ("https://oauth.reddit.com/api/info?id=t1_def", True),
        ("https://www.reddit.com/comments/abc/", False),
        ("https://hn.algolia.com/api/v1/search?query=bread", False),
        ("no link at all, says one", False),
    ],
)
def test_requests_for_single_posts_are_known(query: str, single: bool) -> None:
    assert is_single_post(query) == single
