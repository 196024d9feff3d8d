"""The posts that a claim counts."""

from fakes.corpora import EVALS, TITLES, Study, post

from reports.definition import Claim
from reports.scopes import Scope, Scopes, scope_of

PARTS = Claim(id="parts", kind="shares", label="parts", code="evals", scope_code="titles")
FIRSTHAND = Claim(
    id="parts",
    kind="shares",
    label="parts",
    code="evals",
    scope_code="titles",
    filter={"evidence": "evidence.firsthand"},
)


def names(scope: Scope) -> tuple[list[str], list[str]]:
    return [post.native_id for post in scope.posts], [post.native_id for post in scope.undecided]


def scope(study: Study, claim: Claim) -> tuple[list[str], list[str]]:
    corpus = study.corpus()
    return names(scope_of(claim, corpus.posts, corpus))


def test_a_claim_without_filter_counts_every_post(study: Study) -> None:
    study.see(post("p0", "a"), post("p1", "b"))

    assert scope(study, EVALS) == (["p0", "p1"], [])


def test_scope_by_a_code_counts_all_that_an_author_wrote_in_the_thread_in_which_they_show_it(study: Study) -> None:
    study.see(
        post("p0", "a"),
        post("p1", "a", thread="p0"),
        post("p2", "b", thread="p0"),
        post("p3", "a"),
    )
    study.code("p0", "titles", stance="support")
    study.nothing_else("p0", "p1", "p2", "p3")

    assert scope(study, PARTS) == (["p0", "p1"], [])


def test_scope_by_a_code_is_open_while_that_is_unread(study: Study) -> None:
    study.see(post("p0", "a"), post("p1", "a", thread="p0"), post("p2", "b"))
    study.nothing_else("p0", "p2")

    assert scope(study, PARTS) == ([], ["p0", "p1"])


def test_one_post_with_the_code_lets_in_the_unread_ones_beside_it(study: Study) -> None:
    study.see(post("p0", "a"), post("p1", "a", thread="p0"))
    study.code("p0", "titles", stance="support")

    assert scope(study, PARTS) == (["p0", "p1"], [])


def test_a_filter_holds_within_the_scope_of_a_code(study: Study) -> None:
    study.see(*(post(f"p{n}", "a", thread="p0") for n in range(3)), post("p3", "b"), post("p4", "c"))
    study.code("p0", "titles", stance="support")
    study.code("p1", "evidence.firsthand")
    study.code("p3", "evidence.firsthand")
    study.nothing_else("p0", "p1", "p3")

    # p2 may be firsthand and b shows no titles; c wrote one unread post, which may be both.
    assert scope(study, FIRSTHAND) == (["p1"], ["p2", "p4"])


def test_cross_posted_threads_are_one_thread_for_the_scope_of_a_code(study: Study) -> None:
    study.see(post("p0", "a"), post("p1", "a", crosspost_of="p0"))
    study.code("p0", "titles", stance="support")
    study.nothing_else("p0", "p1")

    assert scope(study, PARTS) == (["p0", "p1"], [])


def test_claims_of_the_same_filter_share_their_scope(study: Study) -> None:
    study.see(post("p0", "a"))
    scopes = Scopes(study.corpus())

    assert scopes.of(TITLES) is scopes.of(EVALS)
    assert scopes.of(PARTS) is not scopes.of(EVALS)


def test_a_thread_belongs_to_the_period_of_its_first_post(study: Study) -> None:
    study.see(
        post("p0", "a", created_at="2025-12-31T23:00:00Z"),
        post("p1", "b", thread="p0", created_at="2026-02-01T00:00:00Z"),
        post("p2", "c", created_at="2026-04-01T00:00:00Z"),
    )

    assert Scopes(study.corpus()).periods("quarter") == {
        "site:p0": ("2025-Q4", "2025-10-01"),
        "site:p2": ("2026-Q2", "2026-04-01"),
    }


def test_the_pairs_of_a_scope_are_authors_in_threads(study: Study) -> None:
    study.see(post("p0", "a"), post("p1", "a"), post("p2", "b", thread="p0"))
    found = Scopes(study.corpus()).of(EVALS)

    assert (len(found.roll.authors), len(found.pairs.authors)) == (2, 3)
