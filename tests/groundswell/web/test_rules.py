"""The rules lab: what it finds, what it keeps to itself, and what it writes."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from fakes.bench import bench, filled
from fakes.pages import fields, words
from fakes.review import sit
from fakes.study import coding_line, groundswell, post_line, save_lines

from groundswell import laboratory
from groundswell.study import Study


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Fifty posts, of each kind of words ten; every post says its number."""
    return bench(tmp_path, 50)


def lab(client: httpx.Client, pattern: str, code: str = "", **more: str) -> httpx.Response:
    return client.get("/rules?" + urlencode({"pattern": pattern, "code": code, **more}))


def hits(html: str) -> list[str]:
    """The posts that are shown as random hits."""
    section = html.partition('aria-labelledby="random"')[2].partition("</section>")[0]
    return re.findall(r'class="post-foot"><a href="/post/([^"]+)"', section)


def test_a_pattern_finds_what_a_search_finds(study: Study) -> None:
    html = lab(sit(study), "bread").text

    assert "10 of 50 posts (20 %)" in words(html)
    assert len(hits(html)) == 8
    assert '<mark class="hit"><span class="own"' in html


def test_the_part_that_follows_the_typing_is_no_page(study: Study) -> None:
    answer = sit(study).get("/rules/hits", params={"pattern": "bread"}, headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert '<span hx-swap-oob="innerHTML:#status">10 of 50 posts</span>' in answer.text


def test_an_empty_pattern_finds_nothing_and_is_no_error(study: Study) -> None:
    html = lab(sit(study), "").text

    assert "No rule yet" not in words(html)
    assert "What it finds" not in words(html)


@pytest.mark.parametrize(
    ("pattern", "here", "position"), [("bread )", ")", 7), ("bread NEAR/5", "⏎", 13), ("(bread", "(", 1)]
)
def test_an_error_points_at_its_character(study: Study, pattern: str, here: str, position: int) -> None:
    html = lab(sit(study), pattern).text

    assert f"at character {position}" in words(html)
    assert f'<mark class="here">{here}</mark>' in html
    assert 'aria-invalid="true"' in html


def test_a_named_code_without_rules_is_an_error_too(study: Study) -> None:
    assert "No rule yet" in words(lab(sit(study), "#cake").text)


def test_an_expression_that_takes_too_long_is_stopped(study: Study) -> None:
    lines = save_lines(study.root.parent / "long.jsonl", post_line("x1", text="a" * 40 + "!"))
    groundswell("-C", study.root, "collect", "import", lines)

    assert "takes too long" in words(lab(sit(study), "/(a|aa)+$/").text)


def test_a_pattern_may_not_be_endless(study: Study) -> None:
    assert "2,000 characters at most" in words(lab(sit(study), "a" * 2001).text)


def test_near_misses_and_negated_hits_are_told_apart(study: Study) -> None:
    lines = save_lines(
        study.root.parent / "more.jsonl",
        post_line("x1", text="That is not dear bread."),
        post_line("x2", text="Bread is dear."),
    )
    groundswell("-C", study.root, "collect", "import", lines)

    said = words(lab(sit(study), "NOTNEG/4 dear bread").text)

    assert "Negated 1 post would have a hit" in said
    assert "example:x1" in said.partition("Negated No hits")[2]


def test_other_random_posts_are_one_link_away(study: Study) -> None:
    client = sit(study)

    first, again, other = (hits(lab(client, "bread", seed=seed).text) for seed in ("1", "1", "2"))

    assert first == again != other


@pytest.mark.parametrize("seed", ["x", "9" * 40])
def test_a_seed_that_is_none_is_the_first(study: Study, seed: str) -> None:
    client = sit(study)

    assert hits(lab(client, "bread", seed=seed).text) == hits(lab(client, "bread").text)


def test_for_a_code_it_tells_what_is_new_and_how_often_people_agree(study: Study) -> None:
    lines = save_lines(
        study.root.parent / "codings.jsonl",
        coding_line("example:p0000"),
        coding_line("example:p0005", value="absent", stance=None),
        coding_line("example:p0001"),
    )
    groundswell("-C", study.root, "import", "codings", lines)

    said = words(lab(sit(study), "bread OR weather", "dear-bread").text)

    assert "New for the code 10 ; its rules have found the other 10 already" in said
    assert "People hold 1 of 2 found posts that they read to show the code: 50 % (95 % interval 9 to 91 %" in said
    assert "Not found 1 post that people hold to show the code" in said


def test_before_anybody_read_there_is_no_precision(study: Study) -> None:
    assert "Nobody has read any of the posts found" in words(lab(sit(study), "bread", "dear-bread").text)


def test_the_value_of_an_attribute_can_be_tried(tmp_path: Path) -> None:
    codebook = "version: 1\ncodes:\n  mood: {choose: one}\n  mood.good: {parent: mood}\n  mood.bad: {parent: mood, rules: [rain]}\n"
    study = bench(
        tmp_path,
        10,
        codebook=codebook.replace("mood: {", "dear-bread: {").replace("parent: mood", "parent: dear-bread"),
    )
    line = coding_line("example:p0004", code="mood.good", stance=None)
    groundswell("-C", study.root, "import", "codings", save_lines(tmp_path / "c.jsonl", line))

    assert "People hold 0 of 1 found posts" in words(lab(sit(study), "rain", "mood.bad").text)


def test_examples_are_told_to_pass_or_to_fail(study: Study) -> None:
    said = words(lab(sit(study), '"bread is dear"', "dear-bread").text)

    assert "✓ as it should be must be found Such dear bread! by dear bread" in said
    assert "✗ found must not be found Bread is dear to me. by &#34;bread is dear&#34;" in said or (
        '✗ found must not be found Bread is dear to me. by "bread is dear"' in said
    )


def test_examples_are_shown_before_anything_is_typed(study: Study) -> None:
    assert "Examples of Dear bread" in words(sit(study).get("/rules?code=dear-bread").text)


def test_examples_with_a_title_are_tried_as_posts(tmp_path: Path) -> None:
    codebook = """\
version: 1
codes:
  dear-bread:
    definition: Says so.
    rules: [ "title:bread" ]
    must_match: [ { title: Bread, text: Dear. } ]
    must_not_match: [ { text: Bread. } ]
"""
    said = words(sit(bench(tmp_path, 10, codebook=codebook)).get("/rules?code=dear-bread").text)

    assert said.count("✓ as it should be") == 2
    assert "title: Bread, text: Dear." in said


def test_a_code_without_rules_has_no_examples_to_try(tmp_path: Path) -> None:
    codebook = "version: 1\ncodes:\n  dear-bread: {definition: Says so.}\n"

    said = words(sit(bench(tmp_path, 10, codebook=codebook)).get("/rules?code=dear-bread").text)

    assert "Examples" not in said


def test_where_the_index_knows_nothing_a_part_is_looked_at(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laboratory, "MOST", 20)

    said = words(lab(sit(study), "/br.ad/", "dear-bread").text)

    assert "of 20 posts that were looked at, out of 50 that may have it" in said
    assert "New for the code" not in said


def test_where_the_index_knows_nothing_of_few_posts_all_are_looked_at(study: Study) -> None:
    assert "10 of 50 posts" in words(lab(sit(study), "/br.ad/").text)


def test_too_many_candidates_are_counted_and_a_part_is_looked_at(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laboratory, "MOST", 5)

    html = lab(sit(study), "bread").text

    assert "10 of 50 posts" in words(html)
    assert len(hits(html)) == 5


def test_posts_of_an_audit_are_counted_and_not_shown(study: Study) -> None:
    ran = groundswell("-C", study.root, "code", "sample", "draw", "audit", "--unit", "post", "--size", "500")
    assert ran.code == 0, ran.err

    html = lab(sit(study), "bread").text

    assert "10 of 50 posts" in words(html)
    assert hits(html) == []
    assert "posts of audits are counted and not shown" in words(html)


def open_blind_round(study: Study) -> None:
    """Ada and Ben code all posts blind, and Ben has coded his."""
    for command in (
        ["sample", "draw", "reliability", "--size", "500", "--name", "all"],
        ["round", "start", "all", "--coder", "ada", "--coder", "ben", "--blind", "--name", "r"],
    ):
        ran = groundswell("-C", study.root, "code", *command)
        assert ran.code == 0, ran.err
    ran = groundswell("-C", study.root, "import", "codings", filled(study, "r", "ben"))
    assert ran.code == 0, ran.err


def test_posts_of_an_open_blind_round_are_not_looked_at_for_its_coder(study: Study) -> None:
    open_blind_round(study)

    said = words(lab(sit(study), "bread", "dear-bread").text)

    assert "0 of 0 posts" in said
    assert "Left out 50 posts that you code blind" in said
    assert "example:p" not in said
    assert "Not found 0 posts" in said


def test_whoever_does_not_code_the_round_sees_them(study: Study) -> None:
    open_blind_round(study)

    said = words(lab(sit(study, "eve"), "bread", "dear-bread").text)

    assert "10 of 50 posts" in said
    assert "People hold 10 of 10 found posts" in said


def test_a_blind_seat_sees_no_hits_in_posts_that_its_coder_has_not_coded(study: Study) -> None:
    lines = save_lines(study.root.parent / "codings.jsonl", coding_line("example:p0000", coder="ada"))
    groundswell("-C", study.root, "import", "codings", lines)

    html = lab(sit(study, blind=True), "bread").text

    assert hits(html) == ["example%3Ap0000"]


def test_a_rule_is_saved_once_and_found_again_in_the_codebook(study: Study) -> None:
    client = sit(study)
    sent = fields(lab(client, "pricey", "dear-bread").text, "/rules") | {"stance": ["support"]}

    answers = [client.post("/rules", data=sent) for _ in range(2)]

    assert {answer.headers["location"] for answer in answers} == {"/rules?code=dear-bread&saved=pricey"}
    assert study.codebook_path.read_text().count("- match: pricey\n        stance: support\n") == 1
    assert "The rule pricey is in codebook.yaml, at Dear bread" in words(
        client.get(answers[0].headers["location"]).text
    )


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"pattern": "", "code": "queue"}, "a rule needs a pattern"),
        ({"pattern": "bread", "code": ""}, "say which code the rule is for"),
        ({"pattern": "bread", "code": "cake"}, "say which code the rule is for"),
        ({"pattern": "bread (", "code": "queue"}, "at character 8"),
        ({"pattern": "bread", "code": "queue", "stance": "support"}, "a rule with a stance, for a code without"),
    ],
)
def test_a_rule_that_cannot_be_saved_is_not(study: Study, sent: dict[str, str], problem: str) -> None:
    before = study.codebook_path.read_text()

    answer = sit(study).post("/rules", data=sent)

    assert answer.status_code == 422
    assert problem in words(answer.text)
    assert study.codebook_path.read_text() == before


def test_texts_of_posts_and_patterns_are_shown_as_text(study: Study) -> None:
    lines = save_lines(
        study.root.parent / "bad.jsonl", post_line("x1", title="<b>bold</b>", text="<script>crumbs</script>")
    )
    groundswell("-C", study.root, "collect", "import", lines)

    html = lab(sit(study), "crumbs").text + lab(sit(study), "<img src=x>").text

    assert "<script>crumbs" not in html
    assert "<b>bold" not in html
    assert "<img" not in html
    assert "crumbs" in unescape(html)
