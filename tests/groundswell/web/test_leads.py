"""Leads: which one is shown beside which posts, what a judgement writes, and what is only listed."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes.bench import bench, delete_post
from fakes.pages import fields, words
from fakes.review import sit
from fakes.study import groundswell

from db.queries.leads import Lead, save_leads
from groundswell.study import Study
from groundswell.web.screens import leads

ROOT, REPLY = "example:p0000", "example:p0003"
WHOLE = Lead("l1", "chat.md", "item 1", "Bread is dear.", "https://www.reddit.com/comments/aa/", ROOT)
OF_A_POST = Lead("l2", "chat.md", "item 2", "The weather is nice.", "https://www.reddit.com/comments/ab/", REPLY)
NOT_COLLECTED = Lead(
    "l3", "chat.md", "item 3", "Rolls are dear.", "https://www.reddit.com/comments/zz/", "reddit:t3_zz"
)
NO_LINK = Lead("l4", "chat.md", "item 4", "Half of it is flour.")
NO_WAY = Lead("l5", "chat.md", "item 5", None, "https://bread.example/a", None, "nothing of this site can be collected")


def keep(study: Study, *some: Lead) -> None:
    with study.store() as store, store.write() as connection:
        save_leads(connection, some, "2026-02-01T00:00:00Z")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Twenty posts in threads of ten, and five leads of which two can be judged."""
    study = bench(tmp_path, 20)
    keep(study, WHOLE, OF_A_POST, NOT_COLLECTED, NO_LINK, NO_WAY)
    return study


def judge(client: httpx.Client, judgement: str, path: str = "/leads", **more: str) -> httpx.Response:
    sent = fields(client.get(path).text, "/leads") | {"judgement": judgement}
    sent.pop("post", None)
    return client.post("/leads", data=sent | more)


def judgements(study: Study) -> Sequence[dict[str, Any]]:
    with study.store() as store:
        rows = store.connection.execute(
            "SELECT lead, judgement, p.address AS post, c.name AS coder, j.created_at FROM lead_judgements j"
            " JOIN coders c ON c.id = j.coder LEFT JOIN posts p ON p.id = j.post ORDER BY j.created_at, j.id"
        )
        return [dict(row) for row in rows]


def claim(html: str) -> str:
    found = re.search(r'<h2 id="claim"[^>]*>([^<]*)', html)
    return found[1] if found else ""


def test_a_claim_stands_beside_the_collected_posts_of_its_link(study: Study) -> None:
    html = sit(study).get("/leads").text

    assert claim(html) == "Bread is dear."
    assert re.findall(r'name="post" value="(example:[^"]+)"', html)[:2] == [ROOT, "example:p0001"]
    assert "chat.md, item 1 · https://www.reddit.com/comments/aa/" in words(html)


def test_the_post_that_the_link_leads_to_comes_first(study: Study) -> None:
    html = sit(study).get("/leads?lead=l2").text

    assert re.findall(r'name="post" value="(example:[^"]+)"', html)[:2] == [REPLY, ROOT]


def test_a_judgement_is_kept_and_the_next_lead_comes(study: Study) -> None:
    client = sit(study)

    answer = judge(client, "supports", post="example:p0001")

    assert answer.headers["location"] == "/leads?judged=l1&as=supports"
    following = client.get(answer.headers["location"]).text
    assert claim(following) == "The weather is nice."
    assert "Kept: supports." in words(following)
    assert [(row["lead"], row["judgement"], row["post"], row["coder"]) for row in judgements(study)] == [
        ("l1", "supports", "example:p0001", "ada")
    ]


@pytest.mark.parametrize("judgement", ["supports", "contradicts", "not_in_it", "cannot_tell"])
def test_four_things_can_be_found_without_naming_a_post(study: Study, judgement: str) -> None:
    judge(sit(study), judgement, post="")

    assert [(row["judgement"], row["post"]) for row in judgements(study)] == [(judgement, None)]


def test_a_judgement_that_is_sent_twice_is_kept_once(study: Study) -> None:
    client = sit(study)
    sent = fields(client.get("/leads").text, "/leads") | {"judgement": "supports", "post": ""}

    assert [client.post("/leads", data=sent).status_code for _ in range(2)] == [303, 303]
    assert len(judgements(study)) == 1


def test_what_was_judged_can_be_judged_anew(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundswell.study.now", lambda: "2026-02-02T00:00:00Z")
    client = sit(study)
    judge(client, "supports")
    again = client.get("/leads?lead=l1").text
    assert "you found supports" in words(again)

    judge(client, "contradicts", "/leads?lead=l1")

    assert [row["created_at"] for row in judgements(study)] == ["2026-02-02T00:00:00Z", "2026-02-02T00:00:01Z"]
    assert "Supported 0 Contradicted 1" in words(client.get("/leads").text)


def test_a_lead_can_be_left_for_later(study: Study) -> None:
    client = sit(study)

    assert claim(client.get("/leads?after=l1").text) == "The weather is nice."
    assert claim(client.get("/leads?after=l2").text) == "Bread is dear."


def test_each_person_judges_for_themselves(study: Study) -> None:
    judge(sit(study, "ana"), "supports")
    client = sit(study, "ben")
    assert claim(client.get("/leads").text) == "Bread is dear."

    judge(client, "contradicts")

    assert "People differ 1" in words(client.get("/leads").text)


def test_progress_and_what_cannot_be_judged_are_told(study: Study) -> None:
    client = sit(study)
    judge(client, "supports")

    html = client.get("/leads").text
    said = words(html)

    assert "You judged 1 lead; 1 waits." in said
    assert '<progress max="2" value="1"' in html
    assert "groundswell collect url https://www.reddit.com/comments/zz/" in said
    assert "Half of it is flour. chat.md, item 4: no link" in said
    assert "https://bread.example/a chat.md, item 5: nothing of this site can be collected" in said
    assert "Supports: Bread is dear." in said


def test_when_all_are_judged_it_says_so(tmp_path: Path) -> None:
    study = bench(tmp_path, 10)
    keep(study, WHOLE)
    client = sit(study)
    judge(client, "supports")

    assert "All judged." in words(client.get("/leads").text)


def test_when_none_is_collected_it_says_so(tmp_path: Path) -> None:
    study = bench(tmp_path, 10)
    keep(study, NOT_COLLECTED)

    assert "Nothing can be judged now." in words(sit(study).get("/leads").text)


def test_without_leads_it_says_where_they_come_from(tmp_path: Path) -> None:
    assert "groundswell collect url --from FILE" in words(sit(bench(tmp_path, 10)).get("/leads").text)


def test_long_lists_are_cut(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leads, "LISTED", 1)
    keep(study, Lead("l6", "chat.md", "item 6", "Cake too.", "https://www.reddit.com/comments/zy/", "reddit:t3_zy"))

    assert words(sit(study).get("/leads").text).count("and 1 more") == 2


def test_long_threads_are_cut_until_asked_for(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leads, "POSTS_SHOWN", 2)
    monkeypatch.setattr(leads, "EXCERPT", 10)
    client = sit(study)

    first, whole = client.get("/leads?lead=l1").text, client.get("/leads?lead=l1&all").text

    assert (first.count('name="post"'), whole.count('name="post"')) == (3, 11)
    assert "8 more posts" in words(first)
    assert "more characters" in words(first)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"judgement": "perhaps"}, "no judgement of a lead"),
        ({"lead": "l9"}, "no such lead that can be judged"),
        ({"lead": "l3"}, "no such lead that can be judged"),
        ({"lead": "l4"}, "no such lead that can be judged"),
        ({"post": "example:p0010"}, "is not among the posts of this lead"),
        ({"post": "example:none"}, "is not among the posts of this lead"),
        ({"action": ""}, "sent no id"),
    ],
)
def test_a_judgement_that_is_none_is_refused(study: Study, changes: dict[str, str], problem: str) -> None:
    answer = judge(sit(study), **({"judgement": "supports"} | changes))

    assert answer.status_code == 422
    assert problem in words(answer.text)
    assert judgements(study) == []


def test_a_lead_that_is_not_there_is_not_found(study: Study) -> None:
    assert sit(study).get("/leads?lead=l9").status_code == 404


def test_a_judgement_by_a_post_that_is_gone_has_to_be_made_again(study: Study) -> None:
    client = sit(study)
    judge(client, "supports", post=REPLY)
    delete_post(study, REPLY)

    html = client.get("/leads").text

    assert claim(html) == "Bread is dear."
    assert "by a post whose text is gone since" in words(html)


def test_htmx_gets_the_next_lead_alone_and_a_line_for_the_status(study: Study) -> None:
    client = sit(study)

    part = client.get("/leads?judged=l1&as=supports", headers={"HX-Request": "true"}).text

    assert part.lstrip().startswith('<div id="lead"')
    assert 'hx-swap-oob="innerHTML:#status">Kept: supports. Next: Bread is dear.' in part


def test_posts_of_an_open_blind_round_are_missing_and_counted(study: Study) -> None:
    for command in (
        ["sample", "draw", "reliability", "--code", "queue", "--size", "3", "--name", "some"],
        ["round", "start", "some", "--coder", "ada", "--coder", "ben", "--blind"],
    ):
        ran = groundswell("-C", study.root, "code", *command)
        assert ran.code == 0, ran.err
    client = sit(study)
    everyone, ada = sit(study, "eve").get("/leads?lead=l1").text, client.get("/leads?lead=l1").text

    hidden = set(re.findall(r'name="post" value="(example:[^"]+)"', everyone)) - set(
        re.findall(r'name="post" value="(example:[^"]+)"', ada)
    )

    assert hidden
    assert "still to be read in a blind round of yours" in words(ada)
    assert judge(client, "supports", "/leads?lead=l1", post=hidden.pop()).status_code == 422


def test_single_letters_do_nothing_for_whoever_wants_that(study: Study) -> None:
    (study.root / "keys.yaml").write_text("version: 1\ncoders:\n  ada:\n    single_keys: no\n", encoding="utf-8")

    ada, eve = sit(study).get("/leads").text, sit(study, "eve").get("/leads").text

    assert ("leads.js" in ada, "<kbd>s</kbd>" in ada) == (False, False)
    assert ("leads.js" in eve, "<kbd>s</kbd>" in eve) == (True, True)


def test_claims_and_links_are_shown_as_text(study: Study) -> None:
    keep(study, Lead("l0", "<b>.md", "<i>", "<script>1</script>", "javascript:alert(1)", "example:p0010"))

    html = sit(study).get("/leads?lead=l0").text

    assert "<script>1" not in html
    assert "<i>" not in html
    assert "javascript:" not in html
