"""Tags, memos and leads."""

from dataclasses import replace

from fakes.observed import NOTE, REPLY, ROOT, rows, save

from db.queries.leads import Lead, LeadCounts, lead_counts, readdress, save_leads, save_memo, save_tags
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


def test_the_same_memo_about_the_same_is_kept_once_with_its_first_origin(store: Store) -> None:
    with store.write() as connection:
        save_memo(connection, "hn:1", "worth a look", "a.md line 1", NOON)
        save_memo(connection, "hn:1", "worth a look", "b.md line 2", LATER)
        save_memo(connection, "hn:2", "worth a look", "b.md line 3", LATER)

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
