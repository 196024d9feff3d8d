import pytest
from fakes.corpora import KEY, TITLES, Study, post

from reports.build import Heading, build_report
from reports.definition import Definition, Section
from reports.evidence import evidence_entries, excerpt, posts_behind, without_pseudonyms

DEFINITION = Definition("F", (Section("s", "S", (TITLES,)),))


@pytest.fixture
def read(study: Study) -> Study:
    study.see(post("a", "1", text="titles lie"), post("b", "2", text="bread", created_at=None))
    study.code("a", "titles", stance="support")
    study.code("b", "titles", stance="dispute")
    return study


def test_each_listed_post_is_found_behind_its_id(read: Study) -> None:
    corpus = read.corpus(KEY)
    report = build_report(read.store, corpus, DEFINITION, Heading("F", None, sensitive=False, tool="1"))
    behind = posts_behind(report, corpus)

    assert {found.address for found in behind.values()} == {"site:a", "site:b"}
    assert behind[corpus.evidence_id("site:a")].address == "site:a"


def test_without_claims_nothing_is_looked_for(read: Study) -> None:
    assert posts_behind({"sections": []}, read.corpus(KEY)) == {}


def test_community_and_month_are_told_except_in_a_sensitive_study(read: Study) -> None:
    corpus = read.corpus(KEY)
    behind = {found.address: found for found in corpus.posts}
    nothing: dict[str, object] = {"sections": []}

    assert evidence_entries(nothing, behind, sensitive=False) == {
        "site:a": {"community": "r/one", "month": "2026-01"},
        "site:b": {"community": "r/one", "month": None},
    }
    assert evidence_entries(nothing, behind, sensitive=True)["site:a"] == {"community": None, "month": None}


def test_where_fewer_than_three_people_speak_for_a_community_it_is_not_named(study: Study) -> None:
    study.see(*(post(f"p{number}", str(number), community="r/one" if number < 3 else "r/two") for number in range(5)))
    behind = {found.address: found for found in study.corpus().posts}
    listed = {"for": {"posts": sorted(behind), "more": 0}}
    of_all, of_some = {"evidence": listed}, {"evidence": {"for": {"posts": ["site:p0", "not stored"], "more": 0}}}

    def named(*claims: object) -> list[str | None]:
        report = {"sections": [{"claims": list(claims)}]}
        return [found["community"] for found in evidence_entries(report, behind, sensitive=False).values()]

    assert named(of_all) == ["r/one", "r/one", "r/one", None, None]
    assert named(of_all, of_some) == [None, "r/one", "r/one", None, None]


def test_an_excerpt_is_25_words_at_most() -> None:
    text = " ".join(f"w{number}" for number in range(30))

    assert excerpt(text) == " ".join(f"w{number}" for number in range(25)) + " …"
    assert excerpt("a\n\n b") == "a b"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("says u/~0123456789ab.", "says (name)."),
        ("/u/~0123456789ab and @~0123456789ab, ~0123456789ab", "(name) and (name), (name)"),
        ("~0123456789abc ~012", "~0123456789abc ~012"),
    ],
)
def test_pseudonyms_are_taken_out(text: str, said: str) -> None:
    assert without_pseudonyms(text) == said
