from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.bench import bench, mount
from fakes.study import CODEBOOK, coding_line, groundswell, save_lines

from db.errors import GroundswellError
from groundswell.agreeing import start_round
from groundswell.claim_reading import ClaimState, claim_state, draw_for_claim, find_claim
from groundswell.reviewing import hidden_from
from groundswell.sampling import draw_sample

if TYPE_CHECKING:
    from pathlib import Path

    from groundswell.study import Study

MOODS = (
    CODEBOOK
    + """\
  mood:
    name: Mood
    choose: one
  mood.glad: { name: Glad, parent: mood }
  mood.cross: { name: Cross, parent: mood }
"""
)
FINDINGS = """\
version: 1
sections:
  - id: prices
    title: Prices
    claims:
      - { id: dear, kind: consensus, code: dear-bread }
      - { id: queues, kind: shares, statement: queues people mention, code: queue }
      - { id: moods, kind: shares, statement: moods, attribute: mood }
      - { id: cross-queues, kind: shares, statement: queues of the cross, code: queue, filter: { mood: mood.cross } }
      - { id: dear-queues, kind: shares, statement: queues of the dear, code: queue, denominator: { has: dear-bread } }
"""
FINDINGS_OF_QUEUES = """\
version: 1
sections:
  - id: prices
    title: Prices
    claims: [{ id: queues, kind: shares, statement: queues people mention, code: queue }]
"""
LIMITS = "thresholds: { threads: 1, effective_threads: 1, thread_share: 1 }\n"


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Forty posts of ten authors, with hits of rules, and claims of several kinds."""
    mount(monkeypatch)
    study = bench(tmp_path, many=40, authors=10, codebook=MOODS)
    study.findings_path.write_text(FINDINGS, encoding="utf-8")
    return study


def state_of(study: Study, claim: str, coder: str = "ada") -> ClaimState:
    codebook = study.codebook()
    with study.store() as store:
        found = find_claim(study.definition(codebook), claim)
        return claim_state(study, store, codebook, found, coder, hidden_from(store, coder))


def say(study: Study, *lines: dict[str, object]) -> None:
    path = save_lines(study.root.parent / "said.jsonl", *lines)
    ran = groundswell("-C", study.root, "import", "codings", path)
    assert ran.code == 0, ran.err


def test_every_post_of_an_unread_claim_can_change_it(town: Study) -> None:
    state = state_of(town, "queues")
    assert (state.basis, state.verdict, state.read, state.posts) == ("unchecked", "unchecked", 0, 40)
    assert len(state.order) == len(state.considered) == 40
    assert state.codes == ("queue",)
    assert state.minutes == 12
    assert not state.is_settled


def test_the_newest_posts_of_all_authors_come_first_in_an_order_of_each_coders_own(town: Study) -> None:
    first, other = state_of(town, "dear").order, state_of(town, "dear", "ben").order
    assert set(first[:10]) == set(other[:10]) == set(sorted(first)[-10:])
    assert first != other


def test_what_a_coder_has_decided_is_not_asked_again(town: Study) -> None:
    say(
        town,
        *(coding_line(f"example:p{n:04}", code="queue", value="absent", stance=None, coder="ada") for n in range(5)),
    )
    state, other = state_of(town, "queues"), state_of(town, "queues", "ben")
    assert (state.read, len(state.order), len(other.order)) == (5, 35, 35)


def test_where_people_differ_no_further_reading_is_asked_for(town: Study) -> None:
    for coder, value in (("ben", "present"), ("cid", "absent")):
        say(town, coding_line("example:p0001", code="queue", value=value, stance=None, coder=coder))
    state = state_of(town, "queues")
    assert (state.differing, len(state.order)) == (1, 39)


def test_posts_that_wait_in_a_blind_round_are_counted_and_not_shown(town: Study) -> None:
    draw_sample(town, "reliability", size=1000, name="s")
    start_round(town, "s", coders=["ada"], name="r")
    state = state_of(town, "queues")
    assert (state.hidden, state.order, state.considered) == (40, (), frozenset())


def test_all_values_of_an_attribute_are_asked_for(town: Study) -> None:
    assert set(state_of(town, "moods").codes) == {"mood.glad", "mood.cross"}


def test_where_a_filter_is_open_its_attribute_is_asked_for_too(town: Study) -> None:
    say(town, coding_line("example:p0001", code="mood.glad", stance=None, coder="ben"))
    say(town, coding_line("example:p0002", code="mood.cross", stance=None, coder="ben"))
    state = state_of(town, "cross-queues")
    assert state.codes == ("queue",)
    assert state.also
    assert set(next(iter(state.also.values()))) == {"mood.glad", "mood.cross"}


def test_where_a_claim_counts_only_who_shows_a_code_that_code_is_asked_for_until_it_is_settled(town: Study) -> None:
    def absent(code: str) -> None:
        posts = (f"example:p{number:04}" for number in range(40))
        say(town, *(coding_line(post, code=code, value="absent", stance=None, coder="ada") for post in posts))

    before = state_of(town, "dear-queues")
    absent("queue")
    queues_read = state_of(town, "dear-queues")
    absent("dear-bread")
    all_read = state_of(town, "dear-queues")

    assert (before.codes, set(before.also.values())) == (("queue",), {("dear-bread",)})
    assert len(queues_read.order) == 40
    assert (len(all_read.order), all_read.also) == (0, {})


def test_a_claim_that_is_read_waits_for_nobody(town: Study) -> None:
    say(
        town,
        *(coding_line(f"example:p{n:04}", code="queue", value="absent", stance=None, coder="ben") for n in range(40)),
    )
    state = state_of(town, "queues")
    assert (state.basis, state.order, state.read, state.is_settled) == ("read", (), 40, True)


def test_unknown_claims_and_those_that_count_nothing_are_told(town: Study) -> None:
    with pytest.raises(GroundswellError, match="no claim 'quues'"):
        state_of(town, "quues")
    text = FINDINGS + "      - { id: all, kind: takeaway, statement: bread and queues, rests_on: [dear, queues] }\n"
    town.findings_path.write_text(text, encoding="utf-8")
    with pytest.raises(GroundswellError, match="rests on other claims"):
        state_of(town, "all")


def test_drawing_the_audit_spares_most_of_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mount(monkeypatch)
    study = bench(tmp_path, many=400)
    before = state_of(study, "queues")
    assert before.wants_audit
    drawing = draw_for_claim(study, "queues")
    after = state_of(study, "queues")
    assert (drawing.purpose, drawing.unit, after.wants_audit) == ("audit", "author", False)
    assert 0 < len(after.order) < 400


def test_a_post_of_the_audit_that_was_decided_beside_a_suggestion_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mount(monkeypatch)
    study = bench(tmp_path, many=400)
    draw_for_claim(study, "queues")
    shown, plain = state_of(study, "queues").order[-2:]
    with study.store() as store:
        names = dict(store.connection.execute("SELECT id, address FROM posts"))
    line = {"code": "queue", "value": "absent", "stance": None, "coder": "ada"}
    say(study, coding_line(names[shown], **line, suggestion_shown=True), coding_line(names[plain], **line))
    left = state_of(study, "queues").order
    assert (shown in left, plain in left) == (True, False)


def test_a_claim_is_judged_by_the_limits_that_the_study_declares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mount(monkeypatch)
    study = bench(tmp_path, many=60)
    everybody = (
        coding_line(f"example:p{n:04}", code="queue", value="present", stance=None, coder="ada") for n in range(60)
    )
    say(study, *everybody)
    study.findings_path.write_text(FINDINGS_OF_QUEUES, encoding="utf-8")
    before = state_of(study, "queues").verdict
    study.findings_path.write_text(FINDINGS_OF_QUEUES + LIMITS, encoding="utf-8")
    assert (before, state_of(study, "queues").verdict) == ("thin", "measured")
