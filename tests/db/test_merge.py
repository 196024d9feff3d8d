from dataclasses import replace

import pytest
from fakes.observed import FIRST, GONE, MIRA, OTTO, ROOT, SECOND, THIRD, folded, gone
from fakes.sightings import shuffled, sightings
from hypothesis import given
from hypothesis import strategies as st

from db.merge import Earlier, canonical_hash, text_hash
from db.records import Author, Observation

EDITED = replace(ROOT, text="My job has five names.", observed_at=SECOND, edited_at=None)


@given(data=st.data(), seen=st.lists(sightings(ROOT), min_size=1, max_size=5))
def test_any_order_and_any_repetition_gives_the_same_row(data: st.DataObject, seen: list[Observation]) -> None:
    other = data.draw(shuffled(seen))

    assert folded(other, ROOT) == folded(seen, ROOT)


@given(data=st.data(), live=sightings(ROOT), when=st.sampled_from([FIRST, SECOND, THIRD]))
def test_a_deletion_beats_every_live_observation_that_is_not_dated_later(
    data: st.DataObject, live: Observation, when: str
) -> None:
    seen_at = data.draw(st.sampled_from([None, *(at for at in (FIRST, SECOND, THIRD) if at <= when)]))
    both = [replace(live, observed_at=seen_at), gone(ROOT, when)]

    merged = folded(data.draw(st.permutations(both)), ROOT)

    assert (merged.title, merged.text, merged.text_hash, merged.edited_at, merged.earlier) == (None,) * 4 + ({},)
    assert merged.state in {"deleted_by_author", "removed", "vanished"}


@given(seen=st.lists(sightings(ROOT), max_size=4), data=st.data())
def test_a_deletion_without_a_date_beats_every_live_observation(seen: list[Observation], data: st.DataObject) -> None:
    merged = folded(data.draw(st.permutations([*seen, gone(ROOT, None)])), ROOT)

    assert (merged.title, merged.text, merged.text_hash, merged.earlier) == (None, None, None, {})
    assert merged.state not in {"live", "account_gone"}


@given(seen=st.lists(sightings(ROOT), min_size=1, max_size=5))
def test_the_newest_date_is_kept_as_the_time_of_observation(seen: list[Observation]) -> None:
    dates = [observation.observed_at for observation in seen if observation.observed_at is not None]

    assert folded(seen, ROOT).observed_at == max(dates, default=None)


def test_a_live_observation_that_is_dated_later_brings_the_text_back() -> None:
    merged = folded([gone(ROOT, SECOND), replace(ROOT, observed_at=THIRD)], ROOT)

    assert (merged.state, merged.text) == ("live", ROOT.text)


def test_a_text_that_was_deleted_and_restored_leaves_no_older_revision() -> None:
    merged = folded([ROOT, gone(ROOT, SECOND), replace(EDITED, observed_at=THIRD)], ROOT)

    assert (merged.text, merged.earlier) == (EDITED.text, {})


def test_a_deletion_keeps_the_revisions_that_were_seen_after_it() -> None:
    newest = replace(EDITED, text="Six names.", observed_at="2026-02-04T00:00:00Z")

    merged = folded([ROOT, newest, replace(EDITED, observed_at=THIRD), gone(ROOT, SECOND)], ROOT)

    assert [old.text for old in merged.earlier.values()] == [EDITED.text]


def test_the_newest_deletion_tells_how_the_text_went() -> None:
    merged = folded([gone(ROOT, SECOND, "removed"), gone(ROOT, FIRST, "deleted_by_author")], ROOT)

    assert merged.state == "removed"


def test_a_changed_text_is_a_revision_whatever_the_site_says_of_edits() -> None:
    merged = folded([ROOT, EDITED], ROOT)

    assert merged.text == EDITED.text
    assert merged.earlier == {text_hash(ROOT.title, ROOT.text): Earlier(ROOT.title, ROOT.text, FIRST)}


def test_a_text_that_comes_back_is_no_longer_an_earlier_one() -> None:
    merged = folded([ROOT, EDITED, replace(ROOT, observed_at=THIRD)], ROOT)

    assert [old.text for old in merged.earlier.values()] == [EDITED.text]


def test_a_revision_keeps_the_newest_time_at_which_it_was_seen() -> None:
    merged = folded([replace(EDITED, observed_at=THIRD), ROOT, replace(ROOT, observed_at=SECOND)], ROOT)

    assert [old.observed_at for old in merged.earlier.values()] == [SECOND]


def test_an_older_observation_adds_what_is_missing_and_replaces_nothing() -> None:
    bare = replace(EDITED, score=None, author=None, url=None, observed_at=THIRD)

    merged = folded([bare, replace(ROOT, observed_at=None)], ROOT)

    assert (merged.score, merged.author, merged.url) == (ROOT.score, ROOT.author, ROOT.url)
    assert (merged.text, merged.observed_at) == (EDITED.text, THIRD)


def test_observations_of_the_same_time_are_told_apart_by_their_hash() -> None:
    twin = replace(ROOT, score=99, text="Another text.")
    greater = max(ROOT, twin, key=canonical_hash)

    merged = folded([ROOT, twin], ROOT)

    assert (merged.score, merged.text) == (greater.score, greater.text)


@pytest.mark.parametrize("private_first", [True, False])
def test_what_was_private_once_stays_private(private_first: bool) -> None:
    public = replace(ROOT, private=not private_first, observed_at=THIRD)

    assert folded([replace(ROOT, private=private_first), public], ROOT).private


def test_an_account_that_is_gone_leaves_its_text() -> None:
    merged = folded([ROOT, replace(ROOT, author=GONE, observed_at=SECOND)], ROOT)

    assert (merged.state, merged.author, merged.text) == ("account_gone", GONE, ROOT.text)


@pytest.mark.parametrize("gone_at", [None, FIRST, SECOND])
def test_the_name_of_an_account_that_is_gone_does_not_come_back_from_older_data(gone_at: str | None) -> None:
    merged = folded([replace(ROOT, author=GONE, observed_at=gone_at), replace(ROOT, observed_at=None)], ROOT)

    assert merged.author == GONE


def test_an_author_seen_after_the_account_seemed_gone_is_the_author() -> None:
    merged = folded([replace(ROOT, author=GONE), replace(ROOT, author=OTTO, observed_at=SECOND)], ROOT)

    assert (merged.state, merged.author) == ("live", OTTO)


def test_an_account_that_seemed_gone_before_its_author_was_seen_changes_nothing() -> None:
    merged = folded([replace(ROOT, observed_at=THIRD), replace(ROOT, author=GONE, observed_at=SECOND)], ROOT)

    assert (merged.state, merged.author) == ("live", MIRA)


CUT = replace(ROOT, text="My job has", cut=True)


@pytest.mark.parametrize("when", [None, FIRST, THIRD])
def test_the_beginning_of_a_text_serves_until_the_whole_is_seen_and_is_no_version_of_it(when: str | None) -> None:
    for seen in ([CUT, replace(ROOT, observed_at=when)], [replace(ROOT, observed_at=when), CUT]):
        merged = folded(seen, ROOT)

        assert (merged.text, merged.cut, merged.earlier) == (ROOT.text, False, {})
    assert (folded([CUT], ROOT).text, folded([CUT], ROOT).cut) == (CUT.text, True)


@given(seen=st.lists(sightings(ROOT), min_size=1, max_size=5), data=st.data())
def test_the_beginning_of_a_text_never_replaces_or_versions_a_whole_one(
    seen: list[Observation], data: st.DataObject
) -> None:
    live = {"live", "orphan", "account_gone"}
    whole = [observation for observation in seen if not observation.cut or observation.state not in live]
    with_cuts = folded(data.draw(st.permutations([*seen, CUT])), ROOT)

    if folded(whole, ROOT).text_hash is not None:
        assert (with_cuts.text, with_cuts.cut) == (folded(whole, ROOT).text, False)
    assert with_cuts.earlier == folded(whole, ROOT).earlier


@given(live=sightings(ROOT), when=st.sampled_from([None, FIRST, SECOND, THIRD]))
def test_a_deletion_takes_the_beginning_of_a_text_whenever_it_was_seen(live: Observation, when: str | None) -> None:
    cut = replace(live, cut=True, observed_at=THIRD)

    merged = folded([cut, gone(ROOT, when)], ROOT)

    assert (merged.title, merged.text, merged.text_hash, merged.cut) == (None, None, None, False)
    assert folded([gone(ROOT, when), cut], ROOT) == merged


def test_the_newest_observation_tells_which_post_is_quoted() -> None:
    merged = folded([replace(ROOT, quoted="t3_new", observed_at=SECOND), replace(ROOT, quoted="t3_old")], ROOT)

    assert merged.quoted == "t3_new"


def test_a_hash_covers_title_and_text_apart() -> None:
    assert text_hash("ab", "c") != text_hash("a", "bc")
    assert text_hash(None, "a lone half \ud83d") != text_hash(None, "a lone half ")


def test_an_account_that_is_gone_is_a_voice_of_the_thread_in_which_the_post_stands() -> None:
    elsewhere = replace(ROOT, thread="t3_another", author=Author("reddit:[deleted]/t3_another", is_gone=True))
    here = replace(ROOT, author=GONE, observed_at=THIRD)

    assert [folded(seen, ROOT).author for seen in ([here, elsewhere], [elsewhere, here])] == [GONE, GONE]
