"""Tags, memos and leads."""

from dataclasses import replace

import pytest
from fakes.observed import ANSWER, NOTE, REPLY, ROOT, gone, post_id, rows, save

from db.errors import GroundswellError
from db.queries.codings import coder_id
from db.queries.leads import (
    Lead,
    LeadAudit,
    LeadCounts,
    audit_leads,
    judge_lead,
    lead_counts,
    lead_judgement_of,
    leads_to_judge,
    readdress,
    save_leads,
    save_memo,
    save_tags,
)
from db.records import Observation
from db.store import Store

NOON, LATER = "2026-02-01T12:00:00Z", "2026-02-02T12:00:00Z"
LEAD = Lead(
    uid="00", origin="answer.md", place="line 3", claim="Most jobs have three names",
    link="https://www.reddit.com/comments/root/", thread="reddit:t3_root",
)  # fmt: skip


def test_a_thread_has_a_tag_once_whether_it_is_stored_or_not(store: Store) -> None:
    with store.write() as connection:
        save_tags(connection, "reddit:t3_root", ["titles", "titles", "work"])
        save_tags(connection, "reddit:t3_root", ["titles"])
        save_tags(connection, "hn:1", [])

    assert rows(store, "SELECT thread, tag FROM tags ORDER BY tag") == [
        {"thread": "reddit:t3_root", "tag": "titles"},
        {"thread": "reddit:t3_root", "tag": "work"},
    ]


def test_two_people_may_note_the_same_and_each_keeps_the_note(store: Store) -> None:
    with store.write() as connection:
        for coder in ("coder ana", "coder ben", "coder ben"):
            save_memo(connection, "hn:1", "check again", coder, NOON)

    assert [row["origin"] for row in rows(store, "SELECT origin FROM memos ORDER BY origin")] == [
        "coder ana",
        "coder ben",
    ]


def test_the_same_words_of_lists_about_the_same_are_kept_once_with_their_first_origin(store: Store) -> None:
    with store.write() as connection:
        save_memo(connection, "hn:1", "worth a look", "a.md line 1", NOON, once=True)
        save_memo(connection, "hn:1", "worth a look", "b.md line 2", LATER, once=True)
        save_memo(connection, "hn:2", "worth a look", "b.md line 3", LATER, once=True)

    assert [(row["about"], row["origin"], row["created_at"]) for row in rows(store, "SELECT * FROM memos")] == [
        ("hn:1", "a.md line 1", NOON),
        ("hn:2", "b.md line 3", LATER),
    ]


def test_leads_are_kept_once_and_the_new_ones_are_counted(store: Store) -> None:
    with store.write() as connection:
        first = save_leads(connection, [LEAD, replace(LEAD, uid="01")], NOON)
        second = save_leads(connection, [replace(LEAD, claim="other"), replace(LEAD, uid="02")], LATER)

    assert (first, second) == (2, 1)
    assert rows(store, "SELECT uid, claim, created_at FROM leads WHERE uid = '00'") == [
        {"uid": "00", "claim": LEAD.claim, "created_at": NOON}
    ]


def test_leads_are_counted_by_what_became_of_them(store: Store) -> None:
    save(store, ROOT, REPLY, NOTE)
    leads = [
        LEAD,
        replace(LEAD, uid="01", thread=REPLY.address),
        replace(LEAD, uid="02", thread="hn:1"),
        replace(LEAD, uid="03", thread=None, link=None),
        replace(LEAD, uid="04", thread=None, link="https://x.com/", problem="a person's page"),
        replace(LEAD, uid="05", thread=None, link=None, problem="no link"),
    ]
    with store.write() as connection:
        save_leads(connection, leads, NOON)

    assert lead_counts(store.connection) == LeadCounts(listed=6, without_address=1, not_collectable=2, collected=2)


def test_without_leads_all_counts_are_zero(store: Store) -> None:
    assert lead_counts(store.connection) == LeadCounts(0, 0, 0, 0)


def test_what_was_said_of_a_share_link_is_said_of_its_thread(store: Store) -> None:
    share = "reddit:/r/learnml/s/AbC"
    with store.write() as connection:
        for address in (share, "reddit:t3_root"):
            save_tags(connection, address, ["titles"])
            save_memo(connection, address, "worth a look", "a.md line 1", NOON)
        save_tags(connection, share, ["work"])
        save_memo(connection, share, "again", "a.md line 2", NOON)
        save_leads(connection, [replace(LEAD, thread=share)], NOON)
        readdress(connection, {share: "reddit:t3_root", "hn:1": "hn:2"})

    assert [row["tag"] for row in rows(store, "SELECT tag FROM tags WHERE thread = 'reddit:t3_root' ORDER BY tag")] == [
        "titles",
        "work",
    ]
    assert rows(store, "SELECT about, text FROM memos ORDER BY text") == [
        {"about": "reddit:t3_root", "text": "again"},
        {"about": "reddit:t3_root", "text": "worth a look"},
    ]
    assert rows(store, "SELECT thread FROM leads") == [{"thread": "reddit:t3_root"}]
    assert rows(store, "SELECT 1 FROM tags WHERE thread = ?", share) == []


def keep(store: Store, *leads: Lead) -> None:
    with store.write() as connection:
        save_leads(connection, leads, NOON)


def coder(store: Store, name: str) -> int:
    with store.write() as connection:
        return coder_id(connection, name, "person")


def judge(
    store: Store, lead: str, judgement: str, name: str = "ada", post: Observation | None = None, at: str = NOON
) -> None:
    by = coder(store, name)
    with store.write() as connection:
        judge_lead(
            connection, f"{lead}{name}{at}", lead, judgement, None if post is None else post_id(store, post), by, at
        )


def test_a_lead_is_judged_beside_the_posts_of_the_thread_it_gave(store: Store) -> None:
    save(store, ROOT, REPLY, ANSWER, NOTE)
    keep(
        store,
        replace(LEAD, uid="01", thread="hn:1"),
        replace(LEAD, uid="02", claim=None),
        replace(LEAD, uid="03", thread=None, link=None),
        replace(LEAD, uid="04", thread=REPLY.address),
        LEAD,
    )

    waiting = leads_to_judge(store.connection, coder(store, "ada"))

    root, reply, answer = (post_id(store, post) for post in (ROOT, REPLY, ANSWER))
    assert [(lead.uid, lead.is_collected, lead.posts) for lead in waiting] == [
        ("04", True, (reply, root, answer)),
        ("00", True, (root, reply, answer)),
        ("01", False, ()),
    ]
    assert (waiting[1].claim, waiting[1].link, waiting[1].place) == (LEAD.claim, LEAD.link, LEAD.place)


def test_a_judged_lead_waits_for_the_other_coders_only(store: Store) -> None:
    save(store, ROOT)
    keep(store, LEAD)
    judge(store, "00", "supports")

    assert leads_to_judge(store.connection, coder(store, "ada")) == []
    assert [lead.uid for lead in leads_to_judge(store.connection, coder(store, "ben"))] == ["00"]


def test_the_latest_judgement_of_a_coder_holds_and_one_sent_twice_is_kept_once(store: Store) -> None:
    save(store, ROOT)
    keep(store, LEAD)
    assert lead_judgement_of(store.connection, "00", coder(store, "ada")) is None

    judge(store, "00", "contradicts", at=LATER)
    judge(store, "00", "supports", at=NOON)
    judge(store, "00", "contradicts", at=LATER)

    found = lead_judgement_of(store.connection, "00", coder(store, "ada"))
    assert found is not None
    assert (found.judgement, found.post, found.stands, found.created_at) == ("contradicts", None, True, LATER)
    assert len(rows(store, "SELECT * FROM lead_judgements")) == 2
    assert lead_judgement_of(store.connection, "00", coder(store, "ben")) is None


@pytest.mark.parametrize(
    ("lead", "judgement", "post", "says"),
    [
        ("00", "maybe", None, "maybe: no judgement of a lead"),
        ("99", "supports", None, "99: no lead bears that name"),
        ("00", "supports", NOTE, "not in the study"),
    ],
)
def test_what_cannot_be_judged_is_refused(
    store: Store, lead: str, judgement: str, post: Observation | None, says: str
) -> None:
    save(store, ROOT, NOTE)
    keep(store, LEAD)

    with pytest.raises(GroundswellError, match=says):
        judge(store, lead, judgement, post=post)
    assert rows(store, "SELECT * FROM lead_judgements") == []


def test_a_judgement_by_a_withdrawn_post_does_not_stand_and_is_asked_for_again(store: Store) -> None:
    save(store, ROOT, REPLY)
    keep(store, LEAD)
    judge(store, "00", "supports", post=REPLY)
    assert audit_leads(store.connection).supported == 1

    save(store, gone(REPLY))

    ada = coder(store, "ada")
    found = lead_judgement_of(store.connection, "00", ada)
    assert found is not None
    assert not found.stands
    assert audit_leads(store.connection).judged == 0
    assert [lead.posts for lead in leads_to_judge(store.connection, ada)] == [(post_id(store, ROOT),)]


def test_every_judged_lead_is_counted_once_by_what_all_its_judges_say(store: Store) -> None:
    save(store, ROOT, REPLY)
    keep(
        store,
        *(replace(LEAD, uid=f"0{number}", claim=f"claim {number}") for number in range(6)),
        replace(LEAD, uid="06", thread=None, link=None),
        replace(LEAD, uid="07", thread=None, link="https://x.com/", problem="a person's page"),
        replace(LEAD, uid="08", thread="hn:1"),
    )
    for lead, judgement in enumerate(("supports", "contradicts", "not_in_it", "cannot_tell", "supports")):
        judge(store, f"0{lead}", judgement, post=REPLY)
    judge(store, "00", "supports", "ben", post=ROOT)
    judge(store, "04", "not_in_it", "ben")

    assert audit_leads(store.connection) == LeadAudit(
        listed=9, without_address=1, not_collectable=1, collected=6, supported=1, contradicted=1, not_found=1,
        cannot_tell=1, unresolved=1, single_source=0, not_judged=1,
    )  # fmt: skip
    assert audit_leads(store.connection).judged == 5


def test_a_claim_found_with_two_accounts_rests_on_more_than_one_source_whichever_leads_gave_them(store: Store) -> None:
    save(store, ROOT, REPLY, ANSWER)
    keep(store, LEAD, replace(LEAD, uid="01", claim=" most  jobs have THREE names"), replace(LEAD, uid="02", claim="x"))
    judge(store, "00", "supports", post=REPLY)
    judge(store, "01", "supports", post=ANSWER)
    judge(store, "02", "supports")
    assert (audit_leads(store.connection).supported, audit_leads(store.connection).single_source) == (3, 3)

    judge(store, "01", "supports", post=ROOT, at=LATER)

    assert (audit_leads(store.connection).supported, audit_leads(store.connection).single_source) == (3, 1)


def test_a_repeated_text_and_an_unnamed_account_are_no_second_source(store: Store) -> None:
    nameless = replace(ANSWER, author=None)
    save(store, ROOT, REPLY, nameless)
    keep(store, LEAD, replace(LEAD, uid="01"), replace(LEAD, uid="02", thread="hn:1", claim="y"))
    with store.write() as connection:
        connection.execute(
            "INSERT INTO edges (source, target, kind) VALUES (?, ?, 'duplicate_of')",
            (post_id(store, REPLY), post_id(store, ROOT)),
        )
    judge(store, "00", "supports", post=REPLY)
    judge(store, "01", "supports", post=ROOT)
    judge(store, "02", "supports")
    assert audit_leads(store.connection).single_source == 3

    judge(store, "01", "supports", post=nameless, at=LATER)

    assert audit_leads(store.connection).single_source == 1


def test_without_leads_the_audit_is_all_zero(store: Store) -> None:
    assert audit_leads(store.connection) == LeadAudit(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert audit_leads(store.connection).entry() is None


def test_a_report_gets_every_count_of_the_audit(store: Store) -> None:
    save(store, ROOT)
    keep(store, LEAD, replace(LEAD, uid="01", claim="x"), replace(LEAD, uid="02", claim=None))
    judge(store, "00", "supports")

    assert audit_leads(store.connection).entry() == {
        "listed": 3, "without_address": 0, "not_collectable": 0, "collected": 3, "supported": 1, "contradicted": 0,
        "not_found": 0, "cannot_tell": 0, "unresolved": 0, "single_source": 1, "not_judged": 1,
    }  # fmt: skip
