from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes.corpora import KEY, Study, post
from hypothesis import given
from hypothesis import strategies as st

from coding.codebook import Codebook
from db.queries.reporting import Post
from db.records import Author, Observation
from reports.corpus import data_hash, find_clusters, load_corpus

LATER = "2026-03-05T00:00:00Z"
LONG = (
    "A course of twelve weeks with a mentor and a guarantee that all who take part will soon find well paid work " * 2
)
THREADS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.none() | st.sampled_from("abcdef")), min_size=1, unique=True, max_size=8
)


def _voices(study: Study) -> list[str]:
    return [found.address for found in study.corpus().posts]


def _in_thread(thread: str, repeats: str | None) -> Post:
    return Post(
        0, f"site:{thread}", "site", thread, "sha", "site:~a", f"site:{thread}", repeats, "r/one", "2026-01-01", None
    )


@pytest.mark.parametrize(
    "silent",
    [
        post("p1", "b", state="deleted_by_author", text=None),
        post("p1", "b", state="removed", text=None),
        post("p1", "b", state="vanished", text=None),
        post("p1", "b", text=None),
        post("p1", author="b", private=True),
        post("p1", author="b", platform="example"),
    ],
    ids=["deleted", "removed", "vanished", "wordless", "private", "invented beside real"],
)
def test_a_post_without_a_voice_is_no_part_of_the_corpus(study: Study, silent: Observation) -> None:
    study.see(post("p0", "a"), silent)

    assert _voices(study) == ["site:p0"]


@pytest.mark.parametrize("state", ["live", "account_gone", "orphan"])
def test_a_post_whose_text_is_shown_has_a_voice(study: Study, state: str) -> None:
    study.see(post("p0", "a", state=state))

    assert _voices(study) == ["site:p0"]


def test_a_bot_has_no_voice(study: Study) -> None:
    study.see(post("p0", "a"), replace(post("p1"), author=Author("site:~b07", is_bot=True)))

    assert _voices(study) == ["site:p0"]


def test_a_title_alone_has_a_voice(study: Study) -> None:
    study.see(post("p0", "a", title="Only a title", text=None))

    assert _voices(study) == ["site:p0"]


def test_what_was_coded_on_a_post_gives_it_no_voice(study: Study) -> None:
    study.see(post("p0", "a"), post("e0", "b", platform="example"), post("n0", "c", private=True))
    study.code("example:e0", "evals")
    study.code("n0", "evals")

    assert _voices(study) == ["site:p0"]


def test_another_authors_copy_has_no_voice_and_ones_own_copy_keeps_it(study: Study) -> None:
    study.see(
        post("p0", "a", text=LONG),
        post("p1", "a", text=LONG, created_at="2026-01-02T00:00:00Z"),
        post("p2", "b", text=LONG, created_at="2026-01-03T00:00:00Z"),
    )

    assert _voices(study) == ["site:p0", "site:p1"]


def test_invented_posts_count_while_there_are_no_others(study: Study) -> None:
    study.see(post("e0", "a", platform="example"))

    corpus = study.corpus()

    assert [found.address for found in corpus.posts] == ["example:e0"]
    assert not corpus.invented_left_out


def test_invented_posts_beside_real_ones_are_known_to_be_left_out(study: Study) -> None:
    study.see(post("e0", "a", platform="example"), post("p0", "b"))

    assert study.corpus().invented_left_out


def test_private_notes_stand_apart(study: Study) -> None:
    study.see(post("p0", "a"), post("n0", "b", platform="note", private=True))

    corpus = study.corpus()

    assert [found.address for found in corpus.notes] == ["note:n0"]
    assert [found.address for found in corpus.posts] == ["site:p0"]


def test_a_post_that_nobody_signed_is_one_voice_of_its_thread(study: Study) -> None:
    signed = (post("p0"), post("c1", thread="p0"), post("p1"))
    study.see(*(replace(seen, author=None) for seen in signed))

    assert {found.author for found in study.corpus().posts} == {"site:[unnamed]/p0", "site:[unnamed]/p1"}


def test_a_post_outside_all_communities_stands_under_its_platform(study: Study) -> None:
    study.see(post("p0", "a", community=None))

    assert study.corpus().posts[0].community == "site"


@pytest.mark.parametrize("kind", ["rules", "model", "program"])
def test_any_machines_find_is_a_mention(study: Study, kind: str) -> None:
    study.see(post("p0", "a"))
    study.code("p0", "evals", coder="machine", coder_kind=kind)

    corpus = study.corpus()

    assert corpus.mentions == {"evals": frozenset({corpus.posts[0].id})}


def test_neither_a_persons_find_nor_a_machines_no_is_a_machine_mention(study: Study) -> None:
    study.see(post("p0", "a"))
    study.code("p0", "evals")
    study.code("p0", "titles", "absent", coder="machine", coder_kind="model")

    assert study.corpus().mentions == {}


def test_a_mention_in_words_that_were_changed_is_none(study: Study) -> None:
    study.see(post("p0", "a", text="evals"))
    study.apply()
    study.see(post("p0", "a", text="other words", observed_at=LATER))

    assert study.corpus().mentions == {}


def test_evidence_ids_are_the_same_under_one_key_and_others_under_another(study: Study) -> None:
    first, again, other = (study.corpus(key).evidence_id("site:p0") for key in (KEY, KEY, b"another key"))

    assert first == again != other
    assert (first[:2], len(first)) == ("E-", 12)


def test_a_corpus_does_not_show_its_key(study: Study) -> None:
    assert KEY.decode() not in repr(study.corpus())


@given(threads=THREADS, data=st.data())
def test_clusters_do_not_depend_on_the_order_of_posts(
    threads: Sequence[tuple[str, str | None]], data: st.DataObject
) -> None:
    posts = [_in_thread(*thread) for thread in threads]
    shuffled = data.draw(st.permutations(posts))

    assert find_clusters(shuffled) == find_clusters(posts)


@given(threads=THREADS)
def test_a_thread_stands_in_the_cluster_of_the_one_it_repeats(threads: Sequence[tuple[str, str | None]]) -> None:
    originals = [_in_thread(thread, None) for thread in "abcdef"]
    posts = [_in_thread(*thread) for thread in threads]

    clusters = find_clusters([*originals, *posts])

    assert all(clusters[f"site:{thread}"] == clusters[f"site:{repeats or thread}"] for thread, repeats in threads)


def test_two_copies_of_a_thread_that_was_not_collected_are_one_cluster() -> None:
    clusters = find_clusters([_in_thread("b", "a"), _in_thread("c", "a"), _in_thread("d", None)])

    assert clusters == {"site:b": "site:a", "site:c": "site:a", "site:d": "site:d"}


def test_the_data_hash_does_not_depend_on_the_codebooks_order(study: Study) -> None:
    study.see(post("p0", "a"))
    study.nothing_else("p0")
    turned = Codebook(dict(reversed(study.codebook.codes.items())))

    assert data_hash(load_corpus(study.store, turned, KEY)) == data_hash(study.corpus())


@pytest.mark.parametrize(
    "changed",
    [
        {"value": "absent"},
        {"value": "unsure"},
        {"value": "missing"},
        {"stance": "dispute"},
        {"stance": None},
    ],
    ids=lambda changed: str(*changed.values()),
)
def test_another_decision_changes_the_data_hash(study: Study, changed: dict[str, str | None]) -> None:
    study.see(post("p0", "a"))
    study.code("p0", "titles", stance="support")
    before = data_hash(study.corpus())

    study.code("p0", "titles", **changed)  # type: ignore[arg-type]  # values and stances by name

    assert data_hash(study.corpus()) != before


def test_people_who_differ_change_the_data_hash(study: Study) -> None:
    study.see(post("p0", "a"))
    unread = data_hash(study.corpus())
    study.code("p0", "titles", stance="support")
    agreed = data_hash(study.corpus())
    study.code("p0", "titles", "absent", coder="ben")

    assert len({unread, agreed, data_hash(study.corpus())}) == 3


def test_a_rule_hit_changes_the_data_hash(study: Study) -> None:
    study.see(post("p0", "a", text="evals"))
    before = data_hash(study.corpus())

    study.apply()

    assert data_hash(study.corpus()) != before


@pytest.mark.parametrize("coder", ["ana", "ben"])
def test_who_coded_and_when_is_no_part_of_the_data_hash(study: Study, coder: str) -> None:
    study.see(post("p0", "a"))
    study.code("p0", "titles", stance="support")
    before = data_hash(study.corpus())

    study.code("p0", "titles", stance="support", coder=coder, created_at="2026-07-01T00:00:00Z")

    assert data_hash(study.corpus()) == before


def test_a_new_score_or_a_later_look_at_the_same_text_leaves_the_data_hash(study: Study) -> None:
    study.see(post("p0", "a"))
    before = data_hash(study.corpus())

    study.see(post("p0", "a", score=99, observed_at=LATER))

    assert data_hash(study.corpus()) == before


@pytest.mark.parametrize(
    "changed", [{"text": "other words"}, {"state": "removed", "text": None}, {"community": "r/other"}], ids=str
)
def test_another_text_state_or_place_changes_the_data_hash(study: Study, changed: dict[str, str | None]) -> None:
    study.see(post("p0", "a"))
    before = data_hash(study.corpus())

    study.see(post("p0", "a", observed_at=LATER, **changed))

    assert data_hash(study.corpus()) != before


def test_what_is_coded_on_a_private_note_changes_the_data_hash(study: Study) -> None:
    study.see(post("p0", "a"), post("n0", "b", platform="note", private=True))
    before = data_hash(study.corpus())

    study.code("note:n0", "titles", stance="dispute")

    assert data_hash(study.corpus()) != before
