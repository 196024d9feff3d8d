import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes.study import coding_line, groundswell, make_study, post_line, save_lines

from db.errors import GroundswellError
from groundswell.quoting import Asked, add_quote, drop_quote, list_quotes
from groundswell.reporting import build, verify
from groundswell.study import Study, find_study

WORDS = "Dear bread is a tax on the hungry, I say, and I say it twice: I say it twice."
ASKED = Asked("example:p1", "agreed", "ana", words="Dear bread is a tax on the hungry", name="Mira of the mill")


def hours_ago(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def town(tmp_path: Path) -> Study:
    """A study with one post that was just seen, and one that was seen long ago."""
    return seen(make_study(tmp_path / "town"), hours_ago(1))


def seen(study: Study, moment: str, **changes: Any) -> Study:
    lines = save_lines(
        study.root.parent / "town.jsonl",
        post_line(text=WORDS, url="https://example.org/p1", observed_at=moment, author="mira_k", **changes),
        post_line("p2", text="Old bread.", observed_at=hours_ago(72)),
    )
    codings = save_lines(study.root.parent / "codings.jsonl", coding_line())
    for command in (["collect", "import", lines], ["import", "codings", codings]):
        ran = groundswell("-C", study.root, *command)
        assert ran.code == 0, ran.err
    return find_study(study.root, study.root)


def shown(study: Study) -> list[dict[str, Any]]:
    quotes: list[dict[str, Any]] = json.loads((study.reports / "report.json").read_bytes())["quotes"]
    return quotes


def test_a_quotation_with_a_reason_is_shown_with_name_and_link_beside_its_claim_and_in_a_list(town: Study) -> None:
    add_quote(town, ASKED)

    build(town)

    [quote] = shown(town)
    assert (quote["text"], quote["name"], quote["url"], quote["claims"]) == (
        "Dear bread is a tax on the hungry", "Mira of the mill", "https://example.org/p1", ["bread-is-dear"]
    )  # fmt: skip
    for name in ("report.md", "report.html"):
        text = (town.reports / name).read_text(encoding="utf-8")
        assert text.count("Dear bread is a tax on the hungry") == 2
        assert text.count("Mira of the mill") == 2
        assert "asked and agreed; recorded by ana on " in text


def test_without_a_reason_on_record_nothing_is_quoted(town: Study) -> None:
    build(town)

    assert shown(town) == []
    assert "tax on the hungry" not in (town.reports / "report.html").read_text(encoding="utf-8")


def test_a_post_that_was_not_seen_alive_for_48_hours_is_not_quoted(town: Study) -> None:
    add_quote(town, Asked("example:p2", "addressed", "ana"))

    build(town)

    assert shown(town) == []
    [row] = list_quotes(town)
    assert not row["shown"]
    assert row["why_not"].endswith("more than 48 hours ago")


def test_seen_again_it_is_quoted(town: Study) -> None:
    add_quote(town, Asked("example:p2", "addressed", "ana"))
    again = save_lines(town.root.parent / "again.jsonl", post_line("p2", text="Old bread.", observed_at=hours_ago(0.1)))
    groundswell("-C", town.root, "collect", "import", again)

    build(town)

    assert [(quote["text"], quote["name"]) for quote in shown(town)] == [
        ("Old bread.", "somebody in r/bakers (invented)")
    ]


def test_a_deleted_post_leaves_neither_words_nor_name(town: Study) -> None:
    add_quote(town, ASKED)
    build(town)
    gone = save_lines(
        town.root.parent / "gone.jsonl",
        post_line(text=None, title=None, state="deleted_by_author", author=None, observed_at=hours_ago(0)),
    )
    groundswell("-C", town.root, "collect", "import", gone)

    build(town)

    assert shown(town) == []
    assert list_quotes(town) == []
    with town.store() as store:
        assert [row["name"] for row in store.connection.execute("SELECT name FROM quotes")] == [None]
        content = "".join(row["content"] or "" for row in store.connection.execute("SELECT content FROM reports"))
    assert "hungry" not in content
    assert "Mira" not in content


def test_a_text_that_changed_is_not_quoted(town: Study) -> None:
    add_quote(town, ASKED)
    edited = save_lines(
        town.root.parent / "edited.jsonl",
        post_line(text=f"{WORDS} Edit: no.", observed_at=hours_ago(0), author="mira_k"),
    )
    groundswell("-C", town.root, "collect", "import", edited)

    build(town)

    assert shown(town) == []
    assert list_quotes(town)[0]["why_not"] == "the text has changed since"


def test_a_report_is_verified_with_the_quotations_that_it_was_built_with(town: Study) -> None:
    add_quote(town, ASKED)
    build(town)
    as_of = json.loads((town.reports / "report.json").read_bytes())["report"]["as_of"]
    with town.store() as store, store.write() as connection:
        connection.execute("UPDATE posts SET observed_at = ? WHERE address = 'example:p2'", (as_of,))
        connection.execute("UPDATE posts SET observed_at = ? WHERE address = 'example:p1'", (hours_ago(60),))
    add_quote(town, Asked("example:p2", "addressed", "ana"))

    assert [quote["shown"] for quote in list_quotes(town)] == [False, True]
    assert verify(town) == ["bread-is-dear", "queues"]


def test_a_part_can_be_given_by_its_characters(town: Study) -> None:
    assert add_quote(town, Asked("example:p1", "agreed", "ana", start=5, end=10))["words"] == "bread"
    assert add_quote(town, Asked("example:p1", "agreed", "ana", start=64))["words"] == WORDS[64:].strip()
    assert add_quote(town, Asked("example:p1", "agreed", "ana"))["words"] == WORDS


def test_a_link_or_an_evidence_id_names_the_post(town: Study) -> None:
    build(town)
    report = json.loads((town.reports / "report.json").read_bytes())
    [evidence] = report["sections"][0]["claims"][0]["evidence"]["for"]["posts"]

    assert add_quote(town, Asked(evidence, "agreed", "ana"))["post"] == "example:p1"


def test_a_quotation_can_be_dropped_and_its_name_is_forgotten(town: Study) -> None:
    quote = add_quote(town, ASKED)

    drop_quote(town, quote["id"])
    build(town)

    assert list_quotes(town) == []
    assert shown(town) == []
    with town.store() as store:
        assert [row["name"] for row in store.connection.execute("SELECT name FROM quotes")] == [None]
    with pytest.raises(GroundswellError, match="there is no such quotation"):
        drop_quote(town, quote["id"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"post": "example:p9"}, "there is no such post here"),
        ({"post": "E-0123456789"}, "there is no such post here"),
        ({"post": "nonsense"}, "nonsense"),
        ({"reason": "liked"}, "no reason to quote anybody"),
        ({"by": " "}, "who records this"),
        ({"words": "not in it"}, "do not stand in the post"),
        ({"words": " "}, "do not stand in the post"),
        ({"words": "I say it twice"}, "more than once"),
        ({"words": None, "start": 9, "end": 9}, "there is nothing to quote"),
        ({"words": None, "start": 0, "end": 999}, "there is nothing to quote"),
        ({"words": None, "start": 10, "end": 11}, "there is nothing to quote"),
        ({"start": 3}, "the part is given twice"),
    ],
)
def test_what_may_not_be_quoted_is_refused(town: Study, changes: dict[str, Any], message: str) -> None:
    values = {name: getattr(ASKED, name) for name in Asked.__dataclass_fields__} | changes

    with pytest.raises(GroundswellError, match=message):
        add_quote(town, Asked(**values))


def test_a_private_note_is_never_quoted(town: Study) -> None:
    groundswell("-C", town.root, "collect", "note", "--text", "Bread is dear, and I bake it.")
    with town.store() as store:
        [note] = [row["address"] for row in store.connection.execute("SELECT address FROM posts WHERE private = 1")]

    with pytest.raises(GroundswellError, match="a private note is never quoted"):
        add_quote(town, Asked(note, "agreed", "ana"))


def test_a_post_that_is_gone_cannot_be_quoted(town: Study) -> None:
    with town.store() as store, store.write() as connection:
        connection.execute("UPDATE posts SET state = 'removed' WHERE address = 'example:p1'")

    with pytest.raises(GroundswellError, match="the post is removed"):
        add_quote(town, ASKED)


def test_in_a_sensitive_study_nobody_is_quoted(tmp_path: Path) -> None:
    study = make_study(tmp_path / "town", study="version: 1\ntitle: Bread\nsensitivity: high\n")

    with pytest.raises(GroundswellError, match="nobody is quoted in a study of high sensitivity"):
        add_quote(seen(study, hours_ago(1)), ASKED)


def test_a_quotation_recorded_before_the_study_became_sensitive_is_not_shown(town: Study) -> None:
    add_quote(town, ASKED)
    (town.root / "study.yaml").write_text("version: 1\ntitle: Bread\nsensitivity: high\n", encoding="utf-8")

    build(find_study(town.root, town.root))

    assert shown(town) == []
