import re
from pathlib import Path

import pytest
from fakes.report_kinds import full_report, quote, takeaway_claim
from fakes.report_sample import Row, collection, report, stance_claim, thread
from lxml import html

from db.errors import FileError
from reports.methods import paragraphs
from reports.output import DEFAULT, OutputFields, output_of
from reports.render import as_sentence, render_html, render_markdown


def written(**output: object) -> str:
    return render_markdown(chosen(**output))


def chosen(**output: object) -> Row:
    found = report(stance_claim())
    found["report"]["output"] = {**DEFAULT, **output}
    return found


def template(folder: Path, words: str, name: str = "report.md.j2") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(words, encoding="utf-8")
    return folder


def test_what_is_not_chosen_is_the_usual_way() -> None:
    bare = report()
    del bare["report"]["output"]

    assert OutputFields().entry() == DEFAULT == output_of(bare)
    assert OutputFields(citations="none", voice="we", emphasis=True).entry() == {
        "citations": "none", "voice": "we", "emphasis": True,
    }  # fmt: skip


def test_threads_are_numbered_after_a_claim() -> None:
    assert " Threads: [1](https://example.org/t/1). Claim: titles-misaligned." in written()


def test_threads_are_cited_as_footnotes() -> None:
    text = written(citations="footnotes")

    assert "41 of the 49 who took a side.[^1]\n" in text
    assert text.rstrip().endswith(
        "[^1]: [An invented thread](https://example.org/t/1) - r/made-up, 12 posts, coverage not known"
    )


def test_threads_need_not_be_cited() -> None:
    text = written(citations="none")

    assert "[^" not in text
    assert "Threads: " not in text.partition("## Methods")[0]


def test_more_threads_than_ten_are_counted() -> None:
    threads = [thread(id=f"t{number}", url=None) for number in range(12)]
    claim = stance_claim(sources={"threads": [found["id"] for found in reversed(threads)], "more": 3})
    found = report(claim, collection=collection(thread_list=threads))

    assert "Threads: 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 5 more." in render_markdown(found)
    assert "; threads 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 5 more" in " ".join(
        html.document_fromstring(render_html(found)).text_content().split()
    )


@pytest.mark.parametrize(
    ("voice", "said"),
    [
        ("I", "I collected 449 posts"),
        ("we", "We had 449 posts read by 2 people, 110 of them by more than one."),
        ("none", "10 February 2026, were collected."),
    ],
)
def test_somebody_or_nobody_speaks_of_what_was_done(voice: str, said: str) -> None:
    assert said in written(voice=voice)
    assert said in render_html(chosen(voice=voice))


def test_one_coder_who_speaks_has_read_alone() -> None:
    alone = chosen(voice="I")
    alone["coding"] |= {"people": 1, "posts_read_twice": 0}

    assert "I read 449 posts. The codebook" in render_markdown(alone)


def test_one_post_was_collected_and_read_by_one_person() -> None:
    single = report(collection=collection(posts=1, authors=1, period=None))
    single["coding"] |= {"people": 1, "posts_read": 1}
    said = " ".join(paragraphs(single))

    assert "1 post by 1 author in 1 thread of 1 community was collected." in said
    assert "1 post was read by one person." in said


def test_verdicts_stand_in_bold_where_that_is_asked() -> None:
    assert "**Broad agreement.** People broadly agree" in written(emphasis=True)
    assert "- **Basis**: read" in written(emphasis=True)
    assert "**" not in written()


def test_a_quotation_stands_beside_its_claim_and_in_a_list() -> None:
    found = report(stance_claim(), quotes=[quote(), quote(id="q2", claims=[], url=None, note="by mail")])
    page = html.document_fromstring(render_html(found))
    text = render_markdown(found)

    assert len(page.xpath("//article//blockquote")) == 1
    assert len(page.xpath("//section[@aria-labelledby='_quotes']//li")) == 2
    assert page.xpath("//article//figcaption//a/@href") == ["https://example.org/t/1/c/7"]
    assert (
        "> An invented title means invented things.\n>\n> Mira Invented, [there](https://example.org/t/1/c/7)\n" in text
    )
    assert "asked and agreed (by mail); recorded by ana on 2026-02-20" in text


def test_hostile_words_of_a_quotation_are_only_text() -> None:
    words = "<script>alert(1)</script>\n\n# *x* [y](javascript:z)"
    found = report(stance_claim(), quotes=[quote(text=words, name=words, url="javascript:x", note=words)])

    assert html.document_fromstring(render_html(found)).xpath("//script | //@href[starts-with(., 'javascript')]") == []
    assert not re.search(r"(?<!\\)<script", render_markdown(found))
    assert not re.search(r"(?<!\\)\]\(javascript", render_markdown(found))


def test_an_internal_report_shows_excerpts_and_says_what_it_is() -> None:
    found = report(stance_claim())
    found["report"]["profile"] = "internal"
    post = {"community": "r/made-up", "month": None, "url": "https://example.org/c/7", "excerpt": "They <b>lie</b> …"}
    found["evidence"] = {"E-f1": post, "E-a1": {**post, "url": None}}
    page = html.document_fromstring(render_html(found))

    assert "not for publication" in page.xpath("string(//header)")
    assert [" ".join(item.text_content().split()) for item in page.xpath("//article//ul[@class='posts']/li")] == [
        "E-f1 r/made-up, no month: They <b>lie</b> …", "E-a1 r/made-up, no month: They <b>lie</b> …",
    ]  # fmt: skip
    assert (
        "- For, E-f1, r/made-up, no month: [They \\<b\\>lie\\</b\\> …](https://example.org/c/7)\n"
        in render_markdown(found)
    )
    assert "- Against, E-a1, r/made-up, no month: They \\<b\\>lie\\</b\\> …\n" in render_markdown(found)
    assert "not for publication" not in render_html(report(stance_claim()))


def test_a_takeaway_names_what_it_rests_on() -> None:
    page = html.document_fromstring(render_html(report(stance_claim(), takeaway_claim())))

    assert page.xpath("//article[@id='broken']//li/a/@href") == ["#titles-misaligned"]
    assert page.xpath("//article[@id='broken']//figure") == []
    assert "- titles mislead (broad agreement; claim titles-misaligned)" in render_markdown(report(takeaway_claim()))


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("../skills.md", "../skills.md"),
        ("https://example.org/x", "https://example.org/x"),
        ("javascript:alert(1)", None),
        ("//evil.example/x", None),
    ],
)
def test_a_section_may_stand_in_another_document(link: str, leads_to: str | None) -> None:
    found = report(sections=[{"id": "s", "title": "Skills", "link": link, "claims": []}])
    section = html.document_fromstring(render_html(found)).xpath("//section[1]")[0]

    assert section.xpath(".//a/@href") == ([leads_to] if leads_to else [])
    assert ("[Skills](" in render_markdown(found)) == (leads_to is not None)


def test_every_kind_of_claim_is_rendered_well_formed() -> None:
    found = full_report()
    ids = html.document_fromstring(render_html(found)).xpath("//@id")

    assert len(ids) == len(set(ids))
    assert "fewer than 3" in render_markdown(found)


def test_a_template_of_the_study_takes_the_place_of_ours(tmp_path: Path) -> None:
    folder = template(tmp_path / "templates", "# {{ report.report.title|md }}\n")

    assert render_markdown(report(), folder) == "# Titles and work\n"
    assert render_html(report(), folder) == render_html(report())


def test_a_template_may_change_a_part_of_ours(tmp_path: Path) -> None:
    words = '{% extends "groundswell/report.html.j2" %}{% block sections %}<p>mine</p>{% endblock %}'
    folder = template(tmp_path / "templates", words, "report.html.j2")
    template(folder, "p { color: red }", "style.css")

    page = render_html(report(), folder)

    assert "<p>mine</p>" in page
    assert "p { color: red }" in page
    assert '<h2 id="_methods">' in page


@pytest.mark.parametrize(
    ("words", "line", "message"),
    [
        ("one\n{{ report.report.titel }}", 2, "titel"),
        ("one\n\n{% if %}", 3, "Expected an expression"),
        ("{{ 1 + report.report.title }}", 1, "unsupported operand"),
        ("\n{{ ''.__class__.__mro__ }}", 2, "unsafe"),
        ("{{ report.update({}) }}", 1, "unsafe"),
        ("{{ [1, 2]|random }}", 1, "No filter named 'random'"),
        ('one\n{% include "none.j2" %}', 2, "none.j2"),
        ("{{ phrases.sentence({}) }}", 1, "verdict"),
    ],
)
def test_what_a_template_gets_wrong_is_named_with_its_line(tmp_path: Path, words: str, line: int, message: str) -> None:
    folder = template(tmp_path / "templates", words)

    with pytest.raises(FileError) as raised:
        render_markdown(report(), folder)

    assert raised.value.message.startswith(f"{folder / 'report.md.j2'}:{line}: the template cannot be filled: ")
    assert message in raised.value.message
    assert "take report.md.j2 away" in (raised.value.hint or "")


def test_a_mistake_of_ours_is_not_laid_at_the_door_of_a_template(tmp_path: Path) -> None:
    broken = report()
    del broken["warnings"]

    with pytest.raises(Exception, match="warnings") as raised:
        render_html(broken, template(tmp_path / "templates", "x"))
    assert not isinstance(raised.value, FileError)
    with pytest.raises(Exception, match="warnings"):
        render_html(broken)


@pytest.mark.parametrize(("words", "said"), [("no order", "No order."), ("Really?", "Really?"), ("", "")])
def test_words_become_a_sentence_once(words: str, said: str) -> None:
    assert as_sentence(words) == said
