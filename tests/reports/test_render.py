import copy
import re

import pytest
from fakes.report_sample import (
    Row,
    audited_claim,
    audited_shares,
    collection,
    next_steps,
    report,
    shares_claim,
    stance_claim,
    step,
    thread,
    unchecked_claim,
)
from lxml import etree, html

from reports import methods, tables
from reports.render import escape_markdown, render_html, render_markdown, web_link

HOSTILE = (
    "<script>alert(1)</script>",
    "a | table",
    "[click](javascript:alert(1))",
    "![picture](https://evil.example/x.png)",
    "<https://evil.example>",
    "# no heading",
    "1. no list",
    "two\n\n## lines",
    "&lt;b&gt;",
    "`code` *bold* _slanted_ ~gone~",
)


def page(found: Row) -> html.HtmlElement:
    return html.document_fromstring(render_html(found))


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def every_thread(titles: tuple[str, ...]) -> Row:
    return report(collection=collection(threads=len(titles), thread_list=[thread(title=title) for title in titles]))


def numbers(counts: Row) -> set[str]:
    return {f"{number:,}" for number in counts.values()}


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render_html(report()) == render_html(copy.deepcopy(report()))
    assert render_markdown(report()) == render_markdown(copy.deepcopy(report()))


def test_rendering_leaves_the_report_as_it_was() -> None:
    found = report()
    render_html(found)
    render_markdown(found)

    assert found == report()


def test_the_page_closes_everything_that_it_opens() -> None:
    assert etree.fromstring(render_html(every_thread(HOSTILE))).tag == "html"


def test_no_id_is_given_twice() -> None:
    ids = page(report()).xpath("//@id")

    assert len(ids) == len(set(ids))


def test_the_page_runs_nothing_and_asks_for_nothing() -> None:
    root = page(report())

    assert root.xpath("//script | //link | //img | //iframe | //object | //form | //@src | //@onclick") == []
    assert "url(" not in root.xpath("string(//style)")
    assert "@import" not in root.xpath("string(//style)")
    assert [link for link in root.xpath("//@href") if not link.startswith("#")] == ["https://example.org/t/1"]


def test_every_link_within_the_page_leads_somewhere() -> None:
    steps = next_steps(step(2, 1, "tools-tested"), step(2, 1, "tools-tested"))
    root = page(report(next_steps=steps))
    inside = {link[1:] for link in root.xpath("//@href") if link.startswith("#")}

    assert inside <= set(root.xpath("//@id"))
    assert "tools-tested" in inside


def test_the_page_speaks_english_and_can_be_skipped_through() -> None:
    root = page(report())

    assert root.get("lang") == "en"
    assert root.xpath("//body/*[1][self::a][@href='#_main']")
    assert root.xpath("//main[@id='_main']")
    assert root.xpath("count(//h1)") == 1


def test_the_page_is_styled_for_dark_print_and_little_motion() -> None:
    style = page(report()).xpath("string(//style)")

    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style
    assert "prefers-reduced-motion" in style
    assert ":focus-visible" in style


def test_every_claim_is_an_anchor() -> None:
    ids = page(report()).xpath("//article/@id")

    assert ids == ["titles-misaligned", "ads-mislead", "tools-tested", "work-types"]


def test_a_section_may_bear_the_name_of_a_claim() -> None:
    found = report(stance_claim(id="titles"))
    ids = page(found).xpath("//@id")

    assert len(ids) == len(set(ids))
    assert "titles" in ids


@pytest.mark.parametrize("claim", report()["sections"][0]["claims"], ids=lambda claim: claim["id"])
def test_every_count_of_a_claim_appears(claim: Row) -> None:
    in_page = re.findall(r"[\d,]*\d", " ".join(page(report(claim)).get_element_by_id(claim["id"]).itertext()))
    in_text = re.findall(r"[\d,]*\d", render_markdown(report(claim)))
    wanted = numbers(claim["read"]).union(*(numbers(figure["counts"]) for figure in claim["figures"]))

    assert wanted - set(in_page) == set()
    assert wanted - set(in_text) == set()


def test_every_evidence_id_appears() -> None:
    wanted = set(re.findall(r"E-\w+", str(report())))

    assert set(re.findall(r"E-\w+", words(page(report())))) == wanted
    assert set(re.findall(r"E-\w+", render_markdown(report()))) == wanted


def test_an_unread_claim_shows_no_percentage() -> None:
    assert "%" not in words(page(report(unchecked_claim())).get_element_by_id("tools-tested"))
    in_text = render_markdown(report(unchecked_claim()))

    assert "%" not in in_text.partition("## What would settle most")[0]
    assert "%" not in in_text.partition("### tools-tested")[2]


def test_what_a_claim_needs_stands_under_its_evidence() -> None:
    facts = [words(fact) for fact in page(report()).xpath("//article[@id='ads-mislead']/p[@class='fact']")]

    assert facts[0].endswith("of 10 people, 23 threads, only where evidence is firsthand, basis read; threads 1")
    assert facts[2] == "Needs: 10 more people, 3 more threads"


def test_the_strongest_disagreement_stands_under_the_evidence() -> None:
    facts = [words(fact) for fact in page(report()).xpath("//article[@id='titles-misaligned']/p[@class='fact']")]

    assert facts[1] == "7 dispute it: E-a1, E-a2, E-a3, E-a4, E-a5 and 3 more posts"
    assert "7 dispute it: E-a1, E-a2, E-a3, E-a4, E-a5 and 3 more posts." in render_markdown(report())


def test_the_rest_is_folded_away() -> None:
    folded = page(report()).xpath("//article//details")

    assert [words(fold.find("summary")) for fold in folded] == ["How sure is this?"] * 4
    assert page(report()).xpath("//details[@open]") == []


def test_a_table_stands_beside_every_chart() -> None:
    figures = page(report()).xpath("//figure")

    assert [len(found.xpath("./svg")) for found in figures] == [1, 1]
    assert [len(found.xpath(".//table")) for found in figures] == [1, 1]


def test_a_warning_is_visible_at_the_top() -> None:
    warned = report(warnings=[{"code": "invented", "text": "All posts are invented."}])

    assert words(page(warned).xpath("//header/aside")[0]) == "All posts are invented."
    assert "Note: All posts are invented." in render_markdown(warned)


def test_nothing_waiting_to_be_read_is_said() -> None:
    assert "Nothing is waiting to be read." in render_html(report())
    assert "Nothing is waiting to be read." in render_markdown(report())


def test_a_reading_short_of_all_posts_says_that_it_is_not_certain() -> None:
    short = step(2, 1, "tools-tested", is_whole=False)
    drawn = report(next_steps=next_steps(short, short))

    assert "settled for certain only when all its posts are read" in words(page(drawn))
    assert "settled for certain only when all its posts are read" in render_markdown(drawn)
    assert "settled for certain" not in render_markdown(report())


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_is_only_text_in_the_page(title: str) -> None:
    root = page(every_thread((title,)))

    assert root.xpath("//script | //img") == []
    assert words(root.xpath("//ol[@class='threads']/li/a/bdi")[0]) == " ".join(title.split())


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("<script>alert(1)</script>", r"\<script\>alert(1)\</script\>"),
        ("a | table", r"a \| table"),
        ("[click](javascript:alert(1))", r"\[click\](javascript:alert(1))"),
        ("see https://evil.example", r"see https\://evil.example"),
        ("# no heading", r"\# no heading"),
        ("1. no list", r"1\. no list"),
        ("1.5 times", "1.5 times"),
        ("- no list", r"\- no list"),
        ("two\n\n## lines", "two ## lines"),
        ("&lt;b&gt; & more", r"\&lt;b\&gt; & more"),
        ("`code` *bold* _slanted_", r"\`code\` \*bold\* \_slanted\_"),
        ("back\\slash", r"back\\slash"),
    ],
)
def test_stored_text_is_escaped_for_markdown(text: str, escaped: str) -> None:
    assert escape_markdown(text) == escaped


def test_a_hostile_report_adds_no_line_to_its_markdown() -> None:
    plain = render_markdown(every_thread(("plain",) * len(HOSTILE)))
    hostile = render_markdown(every_thread(HOSTILE))

    assert len(hostile.splitlines()) == len(plain.splitlines())
    assert re.search(r"(?<!\\)<\w", hostile) is None


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//evil.example",
        "https:///nowhere",
        "https://name:word@evil.example",
        "https://[broken",
        "java\nscript:alert(1)",
        "https://a.example/ b",
    ],
)
def test_a_thread_address_that_leads_to_no_web_page_is_no_link(url: str | None) -> None:
    found = report(collection=collection(thread_list=[thread(url=url)]))

    assert web_link(url) is None
    assert page(found).xpath("//ol[@class='threads']//a") == []
    assert "1. An invented thread - r/made-up" in render_markdown(found)


def test_a_thread_address_cannot_leave_its_place() -> None:
    assert web_link('https://a.example/x)[y](z"<b>') == "https://a.example/x%29%5By%5D%28z%22%3Cb%3E"
    assert web_link("http://a.example/t?a=1&b=2#c") == "http://a.example/t?a=1&b=2#c"


def test_a_thread_without_a_title_says_that_it_has_none() -> None:
    found = report(collection=collection(thread_list=[thread(title=None, url=None)]))

    assert words(page(found).xpath("//ol[@class='threads']/li")[0]).startswith("(no title) r/made-up")
    assert "1. (no title) - r/made-up" in render_markdown(found)


def test_a_sensitive_report_names_no_thread_and_no_query() -> None:
    found = report(collection=collection(thread_list=[]))

    assert "example.org" not in render_html(found)
    assert "example.org" not in render_markdown(found)
    assert page(found).xpath("//ol[@class='threads']") == []


def test_a_hostile_statement_is_only_text() -> None:
    hostile = shares_claim(statement="<img src=x>", sentence="<img src=x>: counted | for 44 people.")

    assert page(report(hostile)).xpath("//img") == []
    assert r"\<img src=x\>: counted \| for 44 people." in render_markdown(report(hostile))


def test_markdown_keeps_one_title_and_two_blank_lines_before_a_section() -> None:
    text = render_markdown(report())

    assert text.startswith("# Titles and work\n\nWhat do people say?\n\n4 claims:")
    assert re.findall(r"^# ", text, flags=re.MULTILINE) == ["# "]
    assert re.search(r"\n{4}", text) is None
    assert re.search(r"[^\n]\n\n## ", text) is None
    assert text.endswith("\n")


def test_markdown_leaves_blank_lines_around_lists_and_tables() -> None:
    text = render_markdown(report())

    assert re.findall(r"^[^-|\n].*\n[-|]", text, flags=re.MULTILINE) == []
    assert re.findall(r"^- .*\n(?!- |\n|\Z)", text, flags=re.MULTILINE) == []
    assert re.findall(r"^\|.*\n(?!\||\n|\Z)", text, flags=re.MULTILINE) == []


def test_markdown_has_no_html_and_its_charts_are_files_beside_it() -> None:
    text = render_markdown(report())

    assert re.search(r"<\w|&\w+;", text) is None
    assert "| Building | 20 of 44 |" in text


def test_a_report_without_question_claims_or_posts_is_rendered() -> None:
    empty = report(
        sections=[],
        collection=collection(posts=0, threads=0, communities=[], platforms=[], period=None, thread_list=[]),
    )
    empty["report"] |= {"question": None, "as_of": None}
    empty["inputs"] |= {"files": [], "queries": []}

    assert "0 claims. No posts have been collected." in words(page(empty))
    assert "Files, by hash: none." in render_markdown(empty)


def test_the_page_says_in_its_methods_what_the_intervals_hold_for() -> None:
    methods = words(page(report()).xpath("//section[@aria-labelledby='_methods']")[0])

    assert methods.startswith("Methods Shares and intervals hold among authors in the threads collected")
    assert "A keyword hit says that a post mentions a theme, never that its author agrees." in methods
    assert "d" * 64 in methods


def test_every_chart_in_the_page_is_well_formed_xml() -> None:
    pictures = re.findall(r"<svg.*?</svg>", render_html(report()), flags=re.DOTALL)

    assert [etree.fromstring(picture).get("role") for picture in pictures] == ["img", "img"]


@pytest.mark.parametrize("claim", [audited_claim(), audited_shares()])
def test_a_claim_under_an_audit_is_told_in_both_forms_with_its_method(claim: Row) -> None:
    found = report(claim)

    for rendered in (render_markdown(found), words(page(found))):
        assert "audit-1: 225 of 740 authors drawn" in rendered
        assert methods.AN_AUDIT in rendered
    assert tables.CORRECTED in words(page(found))
    assert methods.AN_AUDIT not in render_markdown(report())
