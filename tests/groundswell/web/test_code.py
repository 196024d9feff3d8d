"""The page of one code: its evidence and what tells how far to trust it."""

from pathlib import Path
from typing import Any

import pytest
from fakes.bench import bench, filled
from fakes.pages import words
from fakes.review import sit
from fakes.study import coding_line, groundswell, post_line, save_lines

from db.queries.models import StoredModel, save_model
from groundswell.study import Study, record_codebook
from groundswell.web.screens import code


def bring_in(study: Study, *lines: dict[str, Any]) -> None:
    ran = groundswell("-C", study.root, "import", "codings", save_lines(study.root.parent / "c.jsonl", *lines))
    assert ran.code == 0, ran.err


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Fifty posts, of which people decided six on dear bread."""
    study = bench(tmp_path, 50)
    bring_in(
        study,
        coding_line("example:p0000", start=5, end=15),
        coding_line("example:p0005", stance="dispute"),
        coding_line("example:p0010", stance=None),
        coding_line("example:p0010", coder="ben", stance=None),
        coding_line("example:p0015", value="absent", stance=None),
        coding_line("example:p0003", stance="mixed"),
        coding_line("example:p0004"),
        coding_line("example:p0004", coder="ben", stance="dispute"),
        coding_line("example:p0006", value="unsure", stance=None),
    )
    return study


def draw(study: Study, *arguments: str) -> None:
    ran = groundswell("-C", study.root, "code", *arguments)
    assert ran.code == 0, ran.err


def test_the_posts_that_show_a_code_are_grouped_by_stance(study: Study) -> None:
    html = sit(study).get("/code/dear-bread").text
    said = words(html)

    assert "People decided on 5 posts: 4 show it, 1 does not." in said
    assert "On 1 post they differ. 1 was left unsure." in said
    assert "Supports (1) Bread Such dear bread . Post 0. example:p0000 ana Disputes (1)" in said
    assert "Does both (1)" in said
    assert "Only mentions (1)" in said
    assert "example:p0010 ana, ben" in said
    assert '<mark class="excerpt"><span class="own" data-start="5">dear bread</span></mark>' in html


def test_a_code_without_stance_has_one_group(study: Study) -> None:
    bring_in(study, coding_line("example:p0002", code="queue", stance=None))

    assert "Shows it (1)" in words(sit(study).get("/code/queue").text)


def test_what_a_code_means_is_told_with_its_place_in_the_codebook(tmp_path: Path) -> None:
    codebook = """\
version: 1
codes:
  dear-bread: {definition: Prices., stance: yes, statement: bread is dear, include: Rolls., exclude: Cake., examples: [ "So dear!" ], key: d, colour: "1f77b4"}
  queue: {name: Queue, definition: Lines.}
  crumbs: {name: Crumbs, parent: dear-bread}
  mood: {choose: one}
  good: {parent: mood, rules: [ nice ]}
"""
    client = sit(bench(tmp_path, 10, codebook=codebook))

    said = words(client.get("/code/dear-bread").text)
    assert (
        "Prices. Include Rolls. Exclude Cake. Examples So dear! Statement bread is dear Codes below it Crumbs Key d"
        in said
    )
    assert "bread-is-dear" in said
    below = words(client.get("/code/crumbs").text)
    assert "draft" in below
    assert "No definition yet." in below
    assert "Below Dear bread" in below
    attribute = words(client.get("/code/mood").text)
    assert "Values Good" in attribute
    assert "Evidence" not in attribute.replace("Evidence ·", "")
    assert "Its rules find it in 2 posts" in words(client.get("/code/good").text)


def test_a_code_that_is_not_there_is_not_found(study: Study) -> None:
    assert sit(study).get("/code/cake").status_code == 404


def test_hits_that_nobody_has_decided_are_counted_and_listed(study: Study) -> None:
    client = sit(study)

    assert "Its rules find it in 20 posts, of which nobody has decided 16 posts" in words(
        client.get("/code/dear-bread").text
    )
    unread = client.get("/code/dear-bread?stance=unread").text
    assert unread.count('class="post-foot"') == 16
    assert "example:p0015" not in unread
    assert 'href="/read/code/dear-bread"' in client.get("/code/dear-bread").text


def test_long_groups_are_cut_and_listed_page_by_page(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code, "FIRST", 1)
    monkeypatch.setattr(code, "ON_A_PAGE", 10)
    client = sit(study)
    bring_in(study, coding_line("example:p0020"))

    assert "All 2 : Supports" in words(client.get("/code/dear-bread").text)
    first, second = (client.get(f"/code/dear-bread?stance=unread&from={start}").text for start in ("0", "10"))
    assert (first.count('class="post-foot"'), second.count('class="post-foot"')) == (10, 5)
    assert ("Older ones" in first, "Newer ones" in first) == (True, False)
    assert ("Older ones" in second, "Newer ones" in second) == (False, True)
    assert client.get("/code/dear-bread?stance=unread&from=x").text.count('class="post-foot"') == 10


def test_how_often_its_rules_are_right_is_told_with_an_interval(study: Study) -> None:
    said = words(sit(study).get("/code/dear-bread").text)

    assert "75 % : people hold 3 of 4 hits that they decided to show the code (95 % interval 30 to 95 %" in said
    assert "1 post that shows it was not found by its rules." in said


def test_where_nobody_decided_anything_it_says_so(tmp_path: Path) -> None:
    said = words(sit(bench(tmp_path, 10)).get("/code/dear-bread").text)

    assert "Nobody has decided any of its hits." in said
    assert "No post that you may see." in said
    assert "None was trained. groundswell code train dear-bread" in said


def test_a_share_of_posts_is_told_by_audit_and_raw_hits_are_called_so(study: Study) -> None:
    client = sit(study)
    assert "No audit of posts has drawn for this code" in words(client.get("/code/dear-bread/shares").text)
    draw(study, "sample", "draw", "audit", "--unit", "post", "--size", "500", "--name", "audit")
    draw(study, "round", "start", "audit", "--coder", "ana", "--name", "r")
    bring_in(study, *[])
    ran = groundswell("-C", study.root, "import", "codings", filled(study, "r", "ana"))
    assert ran.code == 0, ran.err

    said = words(client.get("/code/dear-bread/shares").text)

    assert "Audit audit Corrected by the audit 40.0 % (95 % interval" in said
    assert "Raw machine hits, not an estimate 20 of 50 posts" in said
    assert "Read 50 of 50 drawn posts are decided" in said
    part = client.get("/code/dear-bread/shares", headers={"HX-Request": "true"}).text
    assert "<html" not in part


def test_too_few_positives_have_an_upper_limit_alone(study: Study) -> None:
    draw(study, "sample", "draw", "audit", "--unit", "post", "--size", "500", "--name", "audit", "--code", "queue")
    draw(study, "round", "start", "audit", "--coder", "ana", "--name", "r")
    nothing = {f"example:p{number:04}": {"*": "absent"} for number in range(50)}
    ran = groundswell("-C", study.root, "import", "codings", filled(study, "r", "ana", nothing))
    assert ran.code == 0, ran.err

    assert "Corrected by the audit at most" in words(sit(study).get("/code/queue/shares").text)


def test_agreement_is_told_by_closed_round(study: Study) -> None:
    client = sit(study)
    draw(study, "sample", "draw", "reliability", "--size", "500", "--name", "all")
    draw(study, "round", "start", "all", "--coder", "ana", "--coder", "ben", "--name", "r")
    for coder, answers in (("ana", {}), ("ben", {"example:p0000": {"*": "absent"}})):
        ran = groundswell("-C", study.root, "import", "codings", filled(study, "r", coder, answers))
        assert ran.code == 0, ran.err
    assert "No closed round" in words(client.get("/code/dear-bread/agreement").text)
    draw(study, "round", "close", "r")

    said = words(client.get("/code/dear-bread/agreement").text)

    assert "Round r Alpha 0.96 (95 % interval" in said
    assert "Round r (stance)" in said
    assert "ana 20 positive, ben 19 positive" in said
    assert "firm" in said


def test_the_card_of_its_newest_model_is_shown(study: Study) -> None:
    card = (
        '{"trained_on": {"posts": 60, "present": 20, "absent": 40}, "precision": 0.8, "recall": 0.75, "folds": 5,'
        ' "average_precision": 0.7, "average_precision_by_chance": 0.33, "threshold": 0.41}'
    )
    with study.store() as store:
        revision = record_codebook(store, study.codebook())
        with store.write() as connection:
            save_model(connection, StoredModel("m1", "dear-bread", revision, card, "2026-02-03T00:00:00Z"), b"x", [])

    said = words(sit(study).get("/code/dear-bread").text)

    assert "in use trained 2026-02-03" in said
    assert "Learnt from 60 posts: 20 present, 40 absent Precision 0.80 Recall 0.75" in said
    assert "Average precision 0.70 (by chance 0.33) Threshold 0.41" in said


def test_what_became_of_a_code_is_told_oldest_first(study: Study) -> None:
    groundswell("-C", study.root, "codebook", "rename", "queue", "Line", "--by", "ana")
    groundswell("-C", study.root, "codebook", "merge", "queue", "dear-bread", "--reason", "one thing")
    path = study.codebook_path
    path.write_text(path.read_text().replace("something about", "anything about"), encoding="utf-8")
    client = sit(study)

    kept, merged = words(client.get("/code/dear-bread").text), words(client.get("/code/queue").text)

    assert "merged : with dear-bread; one thing" in kept
    assert "changed : definition not in use yet" in kept
    story = merged.partition("What became of it")[2]
    assert story.index("begun") < story.index("renamed") < story.index("merged")
    assert 'by ana; "Queue" is now "Line"' in story


def test_a_code_that_was_gone_for_a_while_says_so(study: Study) -> None:
    path, whole = study.codebook_path, study.codebook_path.read_text()
    for text in (whole.partition("  queue:")[0], whole):
        path.write_text(text, encoding="utf-8")
        groundswell("-C", study.root, "code", "apply")

    story = words(sit(study).get("/code/queue").text).partition("What became of it")[2]

    assert story.count("begun") >= 1


def test_posts_of_an_open_blind_round_are_missing_from_every_part(study: Study) -> None:
    draw(study, "sample", "draw", "reliability", "--size", "500", "--name", "all")
    draw(study, "round", "start", "all", "--coder", "ana", "--coder", "ben", "--blind", "--name", "r")
    client = sit(study, "ben")

    for path in ("/code/dear-bread", "/code/dear-bread?stance=unread", "/code/dear-bread?stance=support"):
        said = words(client.get(path).text)
        assert "example:p" not in said
    assert "People decided on 0 posts" in words(client.get("/code/dear-bread").text)
    assert "Its rules find it in 0 posts" in words(client.get("/code/dear-bread").text)


def test_a_blind_seat_sees_only_what_its_coder_has_coded_and_no_names(study: Study) -> None:
    said = words(sit(study, "ben", blind=True).get("/code/dear-bread").text)

    assert "example:p0010" in said
    assert "example:p0000" not in said
    assert "ana" not in said.replace("analysis", "")


def test_texts_are_shown_as_text(study: Study) -> None:
    lines = save_lines(
        study.root.parent / "bad.jsonl", post_line("x1", title="<b>bold</b>", text="<script>crumbs</script>")
    )
    groundswell("-C", study.root, "collect", "import", lines)
    bring_in(study, coding_line("example:x1"))

    html = sit(study).get("/code/dear-bread").text

    assert "<script>crumbs" not in html
    assert "<b>bold" not in html
    assert "crumbs" in html
