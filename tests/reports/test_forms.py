from collections.abc import Callable

import pytest
from fakes.report_kinds import examples_claim, gap_claim, pairs_claim, ranked_claim, takeaway_claim
from fakes.report_sample import collection, report, shares_claim, stance_claim, thin_claim, thread, unchecked_claim

from reports import methods
from reports.fill import Place, UnfitError
from reports.forms import writer


def place(claim: str, form: str, *, own_lines: bool) -> Place:
    return Place(claim, form, 1, 0, 0, own_lines, "")


@pytest.fixture
def say() -> Callable[..., str]:
    write = writer(report(*report()["sections"][0]["claims"], pairs_claim(), examples_claim(), takeaway_claim()))

    def said(claim: str, form: str = "sentence", *, own_lines: bool = False) -> str:
        return write(place(claim, form, own_lines=own_lines))

    return said


def test_a_sentence_is_that_of_the_report(say: Callable[..., str]) -> None:
    assert say("titles-misaligned") == "People broadly agree that titles mislead: 41 of the 49 who took a side."
    assert say("tools-tested").startswith("Whether the use of tools is tested: 7 people in 4 threads")


@pytest.mark.parametrize(
    ("claim", "counted", "share"),
    [
        ("titles-misaligned", "41 of 49", "84 % (69–92 %)"),
        ("ads-mislead", "9 of 10", "reported"),
        ("tools-tested", "read 12 of 449 posts", "not read yet"),
        ("work-types/work.build", "20 of 44", "45 % (28–64 %)"),
        ("work-types/build", "20 of 44", "45 % (28–64 %)"),
        ("work-types/other", "2 of 44", "reported"),
    ],
)
def test_counts_and_shares_are_given_only_as_far_as_the_basis_carries_them(
    say: Callable[..., str], claim: str, counted: str, share: str
) -> None:
    assert (say(claim, "counts"), say(claim, "share")) == (counted, share)


def test_a_figure_that_nobody_has_read_counts_mentions() -> None:
    claim = shares_claim()
    claim["figures"][0] |= {"verdict": "unchecked", "label": "not read yet", "share": None}

    assert writer(report(claim))(place("work-types/build", "row", own_lines=False)) == (
        "Building | 44 mention it | not read yet"
    )


def test_one_figure_has_a_sentence_and_a_row_of_its_own(say: Callable[..., str]) -> None:
    assert say("work-types/build") == "Building: 20 of 44, 45 % (28–64 %)."
    assert say("work-types/build", "row") == "Building | 20 of 44 | 45 % (28–64 %)"
    assert say("day/build").startswith("Of 44 people 20 report code")


def test_a_row_within_a_line_is_its_cells(say: Callable[..., str]) -> None:
    assert say("titles-misaligned", "row") == "Titles mislead | broad agreement | 41 of 49 | 84 % (69–92 %)"
    assert say("ads-mislead", "row") == "Titles mislead | reported | 9 of 10 | "
    assert say("broken", "row") == "Titles are broken | debated"


def test_a_row_on_lines_of_its_own_is_a_whole_table(say: Callable[..., str]) -> None:
    assert say("work-types", "row", own_lines=True).split("\n") == [
        "| Name | People | Share (95 % interval) | Published |",
        "| --- | --- | --- | --- |",
        "| Building | 20 of 44 | 45 % (28–64 %) | published 50 % |",
        "| Other work | 2 of 44 | reported |  |",
    ]
    assert say("day", "row", own_lines=True).split("\n")[2].startswith("| Assumed: writing prompts all day | code that")


def test_a_row_of_a_gap_has_the_outside_figure_beside_the_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.phrases.reference_words", lambda one: f"36 % of {one['base']}", raising=False)
    write = writer(report(gap_claim(), gap_claim(id="gap-none", references=[], no_reference=True)))

    assert write(place("gap-ads", "row", own_lines=False)).startswith("Adverts | 36 % of all adverts | People broadly")
    assert write(place("gap-none", "row", own_lines=False)).startswith("Adverts | no outside figure | People broadly")


@pytest.mark.parametrize(
    ("claim", "lines"),
    [
        ("titles-misaligned", ["For: 41", "Of two minds: 1", "Against: 7"]),
        ("work-types", ["Building: 20 of 44, 45 % (28–64 %)", "Other work: 2 of 44, reported"]),
        ("seen", ["Building: 20 of 44, 45 % (28–64 %)", "Other work: 2 accounts, no pattern"]),
        ("broken", ["Titles mislead: broad agreement"]),
    ],
)
def test_a_list_names_what_a_claim_is_made_of(say: Callable[..., str], claim: str, lines: list[str]) -> None:
    assert say(claim, "list", own_lines=True).split("\n") == [f"- {line}" for line in lines]
    assert say(claim, "list") == "; ".join(lines)


def test_a_list_of_pairs_is_their_sentences(say: Callable[..., str]) -> None:
    assert say("day", "list", own_lines=True).count("\n- ") == 1


def test_sources_are_the_threads_of_a_claim_with_their_links(say: Callable[..., str]) -> None:
    assert say("titles-misaligned", "sources", own_lines=True) == (
        "- [An invented thread](https://example.org/t/1) - r/made-up, 12 posts, coverage not known"
    )


def test_more_threads_than_are_named_are_counted() -> None:
    write = writer(report(stance_claim(sources={"threads": ["example:t1"], "more": 3})))

    assert write(place("titles-misaligned", "sources", own_lines=False)).endswith("; 3 more threads")


def test_where_threads_are_not_named_sources_are_communities() -> None:
    write = writer(report(collection=collection(thread_list=[])))

    assert write(place("titles-misaligned", "sources", own_lines=True)) == "- r/made-up\n- r/tiny"
    assert write(place("report", "sources", own_lines=True)) == "- r/made-up: 1 thread"
    assert write(place("tools-tested", "sources", own_lines=False)) == "no thread"


def test_methods_of_a_claim_say_how_sure_it_is(say: Callable[..., str]) -> None:
    assert say("titles-misaligned", "methods") == "84 % (69–92 %) of 49 people, 23 threads, basis read"
    assert say("titles-misaligned", "methods", own_lines=True).startswith("- Verdict: broad agreement\n- Basis: ")


def test_the_whole_report_can_be_asked_for(say: Callable[..., str]) -> None:
    assert say("report").startswith("7 claims: ")
    assert say("report", "counts") == "449 posts by 329 authors in 1 thread"
    assert say("report", "list", own_lines=True).count("\n") == 6
    assert "[An invented thread](https://example.org/t/1)" in say("report", "sources")
    assert say("report", "methods", own_lines=True).startswith("Shares and intervals hold among authors in the threads")


def test_a_claim_named_report_is_meant_before_the_whole() -> None:
    write = writer(report(thin_claim(id="report")))

    assert write(place("report", "sentence", own_lines=False)).startswith("Some people report that ads mislead")


def test_stored_text_stands_as_it_is() -> None:
    title = "a | [b](c) <d> ## e"
    write = writer(report(collection=collection(thread_list=[thread(title=title, url="javascript:x")])))

    assert write(place("report", "sources", own_lines=True)).startswith(r"- a \| \[b\](c) \<d\> ## e - r/made-up")


@pytest.mark.parametrize(
    ("claim", "form", "message", "hint"),
    [
        ("titles-misalined", "sentence", "the report has no claim", "titles-misaligned"),
        ("nothing-like-it", "sentence", "the report has no claim", "there is: ads-mislead, broken"),
        ("titles-misaligned", "sentense", "there is no form", "sentence"),
        ("titles-misaligned", "xyz", "there is no form", "there is: counts, list"),
        ("work-types", "share", "counts several things", "name one: work-types/work.build"),
        ("work-types", "row", "gives several rows", "lines of their own"),
        ("work-types/none", "share", "has no figure", "there is: work.build, work.other"),
        ("work-types/build", "sources", "said of a whole claim", "write work-types without /build"),
        ("broken", "counts", "counts nothing", "use sentence"),
        ("report", "share", "said of one claim", "name a claim"),
        ("report/x", "share", "the report has no claim", ""),
    ],
)
def test_what_cannot_be_given_is_refused_with_a_remedy(
    say: Callable[..., str], claim: str, form: str, message: str, hint: str
) -> None:
    with pytest.raises(UnfitError) as raised:
        say(claim, form)

    assert message in raised.value.message
    assert hint in raised.value.hint


def test_a_ranking_fills_its_table() -> None:
    said = writer(report(ranked_claim()))(place("ranked", "row", own_lines=True))

    assert "| Building | 20 of 44 |" in said


def test_the_methods_of_a_report_are_what_the_report_itself_says() -> None:
    said = writer(report(unchecked_claim()))(place("report", "methods", own_lines=True))

    assert methods.HOW_COUNTED in said


def test_a_part_that_several_codes_end_with_is_not_guessed() -> None:
    claim = shares_claim()
    claim["figures"][1]["code"] = "play.build"

    with pytest.raises(UnfitError, match='has no figure "build"'):
        writer(report(claim))(place("work-types/build", "share", own_lines=False))


def test_a_claim_that_counts_one_code_gives_its_share() -> None:
    claim = shares_claim(figures=[shares_claim()["figures"][0]])

    assert writer(report(claim))(place("work-types", "share", own_lines=False)) == "45 % (28–64 %)"
