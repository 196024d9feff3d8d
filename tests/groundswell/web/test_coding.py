from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from browser.helpers_coding import stored
from fakes.bench import bench, mount
from fakes.coding_form import Screen, form_fields, open_screen
from fakes.review import sit
from fakes.study import CODEBOOK, groundswell, make_study, post_line, save_lines

from coding.batches import new_batch
from groundswell.agreeing import close_round, start_round
from groundswell.history import undo
from groundswell.sampling import draw_sample
from groundswell.study import now

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from groundswell.study import Study

ALL = "/read/all/everything"
JSON = {"Accept": "application/json"}
ATTRIBUTES = (
    CODEBOOK
    + """\
  mood:
    name: Mood
    choose: one
  mood.glad:
    name: Glad
    parent: mood
  mood.cross:
    name: Cross
    parent: mood
"""
)
EMOJI = "Such 🥖 dear bread, 👩‍🍳 said. > no quote\n\n> a quoted line\n\nMine again 🥐."


@pytest.fixture
def town(tmp_path: Path) -> Study:
    """Thirty posts with hits of rules, and nobody's codings."""
    return bench(tmp_path, many=30)


def small(tmp_path: Path, *texts: str, codebook: str = CODEBOOK, **more: Any) -> Study:
    """A study with a thread of these texts."""
    study = make_study(tmp_path / "study", codebook=codebook)
    lines = [
        post_line(
            f"p{number}", thread="example:p0", parent=None if number == 0 else "example:p0", text=text,
            title="Bread" if number == 0 else None, created_at=f"2026-01-03T10:0{number}:00Z", **more,
        )
        for number, text in enumerate(texts)
    ]  # fmt: skip
    for command in (["collect", "import", save_lines(tmp_path / "posts.jsonl", *lines)], ["code", "apply"]):
        assert groundswell("-C", study.root, *command).code == 0
    return study


def events(study: Study, **wanted: Any) -> list[dict[str, Any]]:
    """Events of people, oldest first."""
    with study.store() as store:
        rows = store.connection.execute(
            "SELECT e.*, p.address, r.name AS who FROM coding_events e JOIN posts p ON p.id = e.post"
            " JOIN coders r ON r.id = e.coder WHERE r.kind = 'person' ORDER BY e.id"
        ).fetchall()
    return [dict(row) for row in rows if all(row[name] == value for name, value in wanted.items())]


def said(study: Study, coder: str = "ada") -> dict[str, set[tuple[str, str, str | None]]]:
    return {post: set(lines) for post, lines in stored(study, coder).items()}


# Committing


def test_a_commit_writes_what_is_chosen_and_that_nothing_else_is_there_and_shows_the_next_post(town: Study) -> None:
    first = open_screen(sit(town), ALL)
    second = first.commit(code=["dear-bread"], stance__dear_bread="support", **{"stance:dear-bread": "support"})
    assert second.post not in ("", first.post)
    assert said(town) == {first.post: {("dear-bread", "present", "support"), ("*", "absent", None)}}
    assert "1 of 30 done" in second.words
    assert "you said: Dear bread (support)" in second.words


def test_none_of_these_is_an_answer_of_its_own(town: Study) -> None:
    first = open_screen(sit(town), ALL)
    first.commit(none="1")
    assert said(town) == {first.post: {("*", "absent", None)}}


def test_what_cannot_be_coded_without_its_image_is_missing(town: Study) -> None:
    first = open_screen(sit(town), ALL)
    first.commit(missing="1")
    assert said(town) == {first.post: {("*", "missing", None)}}


def test_nothing_chosen_is_no_answer(town: Study) -> None:
    refused = open_screen(sit(town), ALL).waited().send()
    assert refused.status_code == 422
    assert "nothing is chosen yet" in refused.text
    assert said(town) == {}


def test_codes_and_none_of_these_contradict_each_other_and_stay_in_the_form(town: Study) -> None:
    refused = open_screen(sit(town), ALL).waited().fill(code=["queue"], none="1").send()
    assert refused.status_code == 422
    assert form_fields(refused.text)["code"] == ["queue"]
    assert said(town) == {}


def test_unsure_is_said_of_a_code_and_takes_no_stance(town: Study) -> None:
    first = open_screen(sit(town), ALL)
    first.commit(unsure=["dear-bread"], **{"stance:dear-bread": "support"})
    assert said(town)[first.post] == {("dear-bread", "unsure", None), ("*", "absent", None)}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"code": ["nope"]}, "nope is not asked for"),
        ({"code": ["queue"], "stance:queue": "support"}, "takes no such stance"),
        ({"code": ["dear-bread"], "stance:dear-bread": "loud"}, "takes no such stance"),
        ({"code": ["queue"], "number:queue": "many"}, "is no number"),
        ({"code": ["queue"], "number:queue": "inf"}, "that is no number"),
        ({"code": ["queue"], "excerpt": ["queue|0|9999|"]}, "does not lie within"),
        ({"code": ["queue"], "excerpt": ["queue|0|2|xx"]}, "not what the text says"),
        ({"code": ["queue"], "excerpt": ["queue|a|b|"]}, "has no place"),
        ({"code": ["queue"], "excerpt": ["dear-bread|0|2|"]}, "which is not chosen"),
        ({"code": ["queue"], "in:0": "queue", "from:0": "9"}, "has no sentences 9 to 9"),
        ({"none": ["1"], "missing": ["1"]}, "only one of the two"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_and_leaves_nothing(
    town: Study, fields: dict[str, list[str]], problem: str
) -> None:
    screen = open_screen(sit(town), ALL).waited()
    screen.fields |= fields
    refused = screen.send()
    assert refused.status_code == 422
    assert problem in refused.text.replace("&#39;", "'")
    assert said(town) == {}


def test_a_number_is_kept_and_shown_again(town: Study) -> None:
    client = sit(town)
    first = open_screen(client, ALL)
    first.commit(code=["queue"], **{"number:queue": "2,5"})
    assert [event["number"] for event in events(town, code="queue")] == [2.5]
    assert open_screen(client, ALL, f"?post={first.post}").fields["number:queue"] == ["2.5"]


def test_a_post_shown_too_shortly_cannot_be_committed(town: Study) -> None:
    client = sit(town)
    first = open_screen(client, ALL)
    refused = first.waited(100).fill(code=["queue"]).send()
    assert refused.status_code == 422
    assert "nothing was saved" in refused.text
    assert form_fields(refused.text)["code"] == ["queue"]
    assert first.waited(400).fill(code=["queue"]).send().status_code == 303
    assert len(said(town)) == 1


@pytest.mark.parametrize(("claimed", "served", "status"), [("299", 5000, 422), ("301", 5000, 303), ("9000", 50, 422)])
def test_the_browsers_clock_counts_as_far_as_ours_allows_it(
    town: Study, claimed: str, served: int, status: int
) -> None:
    first = open_screen(sit(town), ALL)
    assert first.waited(served).fill(none="1", shown_ms=claimed).send().status_code == status
    assert bool(said(town)) == (status == 303)


def test_how_long_a_decision_took_is_kept_with_it(town: Study) -> None:
    open_screen(sit(town), ALL).waited(60_000).fill(none="1", shown_ms="4321").send()
    assert [event["took_ms"] for event in events(town)] == [4321]


def test_a_codebook_of_attributes_gives_one_value_of_each(tmp_path: Path) -> None:
    study = small(tmp_path, "One.", "Two.", codebook=ATTRIBUTES)
    client = sit(study)
    first = open_screen(client, ALL)
    assert first.fields["of:mood"] == [""]
    first.commit(**{"of:mood": "mood.glad"})
    assert said(study)[first.post] == {("mood.glad", "present", None), ("*", "absent", None)}
    again = open_screen(client, ALL, f"?post={first.post}")
    assert again.fields["of:mood"] == ["mood.glad"]
    again.commit(**{"of:mood": "mood.cross"})
    assert open_screen(client, ALL, f"?post={first.post}").fields["of:mood"] == ["mood.cross"]
    two = open_screen(client, ALL, f"?post={first.post}").waited()
    two.fields["code"] = ["mood.glad"]
    refused = two.send()
    assert "takes one value" in refused.text


# Once, in order, on what was seen


def test_a_commit_that_is_sent_twice_is_written_once_and_answered_alike(town: Study) -> None:
    first = open_screen(sit(town), ALL).waited().fill(code=["queue"])
    answers = [first.send(Accept="application/json") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [event["code"] for event in events(town)] == ["queue", "*"]
    assert answers[0].json()["ahead"] == answers[2].json()["ahead"]


def test_one_id_cannot_stand_for_two_answers(town: Study) -> None:
    client = sit(town)
    first = open_screen(client, ALL).waited().fill(code=["queue"])
    second = open_screen(client, ALL, f"?after={first.post}").waited().fill(none="1", action=first.fields["action"])
    assert first.send().status_code == 303
    assert first.fill(code=["dear-bread"]).send().status_code == 409
    assert second.send().status_code == 409
    assert said(town) == {first.post: {("queue", "present", None), ("*", "absent", None)}}


@pytest.mark.parametrize("action", ["", "x", "import-20260101T000000Z-abcdef"])
def test_a_commit_needs_an_id_of_its_own(town: Study, action: str) -> None:
    assert open_screen(sit(town), ALL).waited().fill(none="1", action=action).send().status_code == 422
    assert said(town) == {}


def test_a_decision_in_another_window_makes_this_one_stale_and_both_are_shown(town: Study) -> None:
    client = sit(town)
    here, there = open_screen(client, ALL), open_screen(client, ALL)
    assert here.post == there.post
    there.commit(code=["queue"])
    stale = here.waited().fill(code=["dear-bread"]).send()
    assert stale.status_code == 409
    shown = Screen(client, ALL, stale, form_fields(stale.text))
    assert "You sent Dear bread What stands Queue" in shown.words
    assert said(town)[here.post] == {("queue", "present", None), ("*", "absent", None)}
    shown.commit()
    assert said(town)[here.post] >= {("dear-bread", "present", None), ("queue", "absent", None)}


def test_a_text_that_changed_makes_a_decision_stale_and_both_texts_are_shown(tmp_path: Path) -> None:
    study = small(tmp_path, "Such dear bread.")
    client = sit(study)
    screen = open_screen(client, ALL).waited().fill(code=["dear-bread"], excerpt=["dear-bread|5|15|dear bread"])
    newer = post_line("p0", text="Such cheap rolls.", observed_at="2026-03-01T00:00:00Z")
    ran = groundswell("-C", study.root, "collect", "import", save_lines(tmp_path / "newer.jsonl", newer))
    assert ran.code == 0, ran.err
    stale = screen.send()
    assert stale.status_code == 409
    shown = Screen(client, ALL, stale, form_fields(stale.text))
    assert "the text of this post has changed" in shown.words
    assert "Such dear bread." in shown.words
    assert "Such cheap rolls." in shown.words
    assert "excerpt" not in shown.fields
    assert said(study) == {}


def test_a_codebook_that_changed_makes_a_decision_stale(town: Study) -> None:
    screen = open_screen(sit(town), ALL).waited().fill(code=["queue"])
    assert groundswell("-C", town.root, "codebook", "add", "rolls", "--definition", "Rolls.").code == 0
    stale = screen.send(Accept="application/json")
    assert stale.status_code == 409
    assert "the codebook has changed" in stale.json()["message"]
    assert form_fields(stale.json()["html"])["code"] == ["queue"]


def test_a_post_whose_text_is_gone_cannot_be_coded(tmp_path: Path) -> None:
    study = small(tmp_path, "Such dear bread.", "Nice weather.")
    client = sit(study)
    screen = open_screen(client, ALL).waited().fill(none="1")
    gone = post_line(
        screen.post.partition(":")[2], text=None, title=None, state="deleted_by_author", thread="example:p0"
    )
    gone |= {"observed_at": "2026-03-01T00:00:00Z", "parent": None if screen.post == "example:p0" else "example:p0"}
    assert groundswell("-C", study.root, "collect", "import", save_lines(tmp_path / "gone.jsonl", gone)).code == 0
    assert screen.send().status_code in (404, 409)
    assert said(study) == {}
    assert open_screen(client, ALL).post not in ("", screen.post)


def test_two_decisions_on_one_post_within_a_second_keep_their_order(town: Study) -> None:
    client = sit(town)
    first = open_screen(client, ALL)
    first.commit(code=["queue"])
    for codes in (["dear-bread"], ["queue"], ["queue", "dear-bread"], ["queue"]):
        open_screen(client, ALL, f"?post={first.post}").commit(code=codes)
    assert open_screen(client, ALL, f"?post={first.post}").fields["code"] == ["queue"]
    times = [event["created_at"] for event in events(town)]
    assert times == sorted(times)


# Taking back


def test_taking_back_goes_back_step_by_step(town: Study) -> None:
    client = sit(town)
    first = open_screen(client, ALL)
    second = first.commit(code=["queue"])
    second.commit(none="1")
    for expected in ({first.post}, set[str]()):
        answer = client.post(ALL, data={"do": "undo", "action": new_batch("undo", now())}, headers=JSON)
        assert answer.status_code == 200
        assert set(said(town)) == expected
    assert answer.json()["post"] == first.post
    refused = client.post(ALL, data={"do": "undo", "action": new_batch("undo", now())}, headers=JSON)
    assert refused.status_code == 422
    assert open_screen(client, ALL, f"?post={first.post}").fields.get("code") is None


def test_taking_back_is_done_once_however_often_it_is_sent(town: Study) -> None:
    client = sit(town)
    open_screen(client, ALL).commit(none="1").commit(none="1")
    sent = {"do": "undo", "action": new_batch("undo", now())}
    assert {client.post(ALL, data=sent, headers=JSON).json()["post"] for _ in range(3)} != {None}
    assert len(said(town)) == 1


def test_what_was_taken_back_can_be_said_again_in_the_same_second(town: Study) -> None:
    client = sit(town)
    first = open_screen(client, ALL)
    for _ in range(3):
        open_screen(client, ALL, f"?post={first.post}").commit(code=["queue"])
        assert first.post in said(town)
        client.post(ALL, data={"do": "undo", "action": new_batch("undo", now())}, headers=JSON)
        assert said(town) == {}


def test_taking_back_without_script_leads_to_the_post(town: Study) -> None:
    client = sit(town)
    first = open_screen(client, ALL)
    first.commit(none="1")
    answer = client.post(ALL, data={"do": "undo", "action": new_batch("undo", now())})
    assert answer.status_code == 303
    assert first.post.partition(":")[2] in answer.headers["location"]


def test_the_command_takes_a_decision_back_as_a_whole(town: Study) -> None:
    open_screen(sit(town), ALL).commit(code=["queue", "dear-bread"])
    done = undo(town, coder="ada")
    assert (done.entry.what, done.undone) == ("review", 3)
    assert said(town) == {}


def test_nobody_takes_back_what_another_coder_said(town: Study) -> None:
    open_screen(sit(town), ALL).commit(none="1")
    ben = sit(town, "ben")
    assert ben.post(ALL, data={"do": "undo", "action": new_batch("undo", now())}, headers=JSON).status_code == 422
    assert len(said(town)) == 1


# Excerpts, memos, new codes


def test_excerpts_are_counted_in_code_points(tmp_path: Path) -> None:
    study = small(tmp_path, EMOJI)
    client = sit(study)
    start = EMOJI.index("👩‍🍳 said")
    screen = open_screen(client, ALL)
    words = "👩‍🍳 said"
    screen.commit(
        code=["dear-bread"], excerpt=[f"dear-bread|{start}|{start + len(words)}|{words}", "dear-bread|0|4|Such"]
    )
    places = [(event["start"], event["end"]) for event in events(study, code="dear-bread")]
    assert sorted(places) == [(0, 4), (start, start + len(words))]
    assert [EMOJI[start:end] for start, end in sorted(places)] == ["Such", words]
    again = open_screen(client, ALL, f"?post={screen.post}")
    assert sorted(again.fields["excerpt"]) == sorted(
        [f"dear-bread|{start}|{start + len(words)}|{words}", "dear-bread|0|4|Such"]
    )
    assert [mark.get_text() for mark in again.html.select("mark.excerpt")] == ["Such", words]


def test_every_part_of_the_text_says_where_it_stands(tmp_path: Path) -> None:
    study = small(tmp_path, EMOJI)
    parts = open_screen(sit(study), ALL).html.select(".post.here .post-text [data-start]")
    assert [EMOJI[int(part["data-start"]) :].startswith(part.get_text()) for part in parts] == [True] * len(parts)
    assert {part["class"][0] for part in parts} == {"own", "quoted"}


def test_without_script_sentences_are_chosen_by_their_number(tmp_path: Path) -> None:
    text = "First one. Second, dear bread! Third? Fourth."
    study = small(tmp_path, text)
    screen = open_screen(sit(study), ALL)
    listed = [item.get_text() for item in screen.html.select(".sentences li")]
    assert listed == ["First one.", "Second, dear bread!", "Third?", "Fourth."]
    screen.commit(code=["dear-bread", "queue"], in__0="dear-bread", from__0="2", to__0="3", in__1="queue", from__1="4")
    assert {
        (event["code"], text[event["start"] : event["end"]]) for event in events(study) if event["start"] is not None
    } == {
        ("dear-bread", "Second, dear bread! Third?"),
        ("queue", "Fourth."),
    }


def test_a_memo_is_kept_with_the_decision_or_by_itself_and_shown_to_its_coder_only(town: Study) -> None:
    client = sit(town)
    first = open_screen(client, ALL)
    first.commit(none="1", memo="Look  again,\r\nperhaps.")
    assert "Look again, perhaps." in open_screen(client, ALL, f"?post={first.post}").words
    second = open_screen(client, ALL)
    assert second.fill(memo="Alone.").send("memo").status_code == 303
    assert (
        second.fill(memo="Alone too.")
        .send("memo", Accept="application/json")
        .json()["message"]
        .startswith("Memo saved")
    )
    assert second.fill(memo=" ").send("memo").status_code == 422
    assert second.post not in said(town)
    ben = sit(town, "ben")
    assert "Alone." not in open_screen(ben, ALL, f"?post={second.post}").words


def test_a_new_code_is_a_draft_in_the_file_and_codes_the_post_at_once_and_the_rest_of_the_form_stays(
    tmp_path: Path,
) -> None:
    study = small(tmp_path, "Such dear bread from the new baker.", "Rain.")
    (study.root / "codebook.yaml").write_text("# Kept.\n" + CODEBOOK, encoding="utf-8")
    client = sit(study)
    screen = open_screen(client, ALL, "?post=example:p0").waited()
    answer = screen.fill(code=["dear-bread"], draft_name="New  baker", draft_at="25|34|new baker").send("draft")
    assert answer.status_code == 200, answer.text
    assert "is a draft code now" in answer.text
    written = (study.root / "codebook.yaml").read_text(encoding="utf-8")
    assert written.startswith("# Kept.\n")
    assert "new-baker:\n    name: New baker" in written
    assert [(event["code"], event["start"], event["end"]) for event in events(study)] == [("new-baker", 25, 34)]
    shown = Screen(client, ALL, answer, form_fields(answer.text))
    assert sorted(shown.fields["code"]) == ["dear-bread", "new-baker"]
    shown.commit()
    assert said(study)["example:p0"] == {
        ("dear-bread", "present", None), ("new-baker", "present", None), ("*", "absent", None),
    }  # fmt: skip


def test_a_new_code_of_a_known_name_is_that_code_and_it_is_written_once(town: Study) -> None:
    client = sit(town)
    screen = open_screen(client, ALL).waited().fill(draft_name="Queue")
    for _ in range(2):
        assert screen.send("draft", Accept="application/json").status_code == 200
    assert [event["code"] for event in events(town)] == ["queue"]
    assert screen.fill(draft_name="  ", draft_action=new_batch("review-draft", now())).send("draft").status_code == 422


# Blind rounds and hidden things


@pytest.fixture
def rounds(town: Study, monkeypatch: pytest.MonkeyPatch) -> Study:
    """A blind round of ada and zebedee over all posts; ben and the rules have said much, and a model gives scores."""
    mount(monkeypatch)
    draw_sample(town, "reliability", size=1000, name="sample")
    start_round(town, "sample", coders=["ada", "zebedee"], name="r")
    client = sit(town, "zebedee")
    screen = open_screen(client, "/read/round/r")
    while screen.post:
        screen = screen.commit(code=["dear-bread"], memo="zebedees-memo", **{"stance:dear-bread": "dispute"})
    with town.store() as store, store.write() as connection:
        revision = connection.execute("SELECT revision FROM codebook_revisions").fetchone()[0]
        connection.execute(
            "INSERT INTO models (id, code, codebook_revision, card, trained_at) VALUES ('m', 'queue', ?, '{}', '2026-01-01')",
            (revision,),
        )
        connection.execute("INSERT INTO model_scores SELECT 'm', id, 0.4321 FROM posts")
        connection.execute("UPDATE posts SET score = 98765")
    return town


TELLTALES = (
    "zebedees-memo",
    "zebedee",
    'dispute" checked',
    "0.43",
    "98765",
    "author_",
    "mark.hit",
    'class="hit"',
    "found by",
    "matrix",
)
"""What would tell of another coder's codings or memos, of scores, authors, or what rules found."""


def every_answer(client: httpx.Client, path: str, post: str) -> list[httpx.Response]:
    """All that can be asked of a post in a queue, by pages and by parts."""
    _, _, kind, name = path.split("/", 3)
    asks = [
        path, f"{path}?post={post}", f"{path}?post={post}&whole", f"{path}?after={post}", f"{path}?go=1", "/read",
        f"{path}?post={post}&step=next", f"/coding/thread?kind={kind}&name={name}&post={post}",
        f"/coding/found?kind={kind}&name={name}&post={post}",
    ]  # fmt: skip
    return [client.get(ask, headers=headers) for ask in asks for headers in ({}, {"HX-Request": "true"})]


def assert_tells_nothing(answers: list[httpx.Response]) -> None:
    for answer in answers:
        for sign in TELLTALES:
            assert sign not in answer.text, (sign, str(answer.url), answer.text[:300])


def test_in_a_blind_round_no_answer_tells_of_others_machines_scores_or_authors(rounds: Study) -> None:
    client = sit(rounds)
    path = "/read/round/r"
    screen = open_screen(client, path)
    while screen.post:
        assert_tells_nothing(every_answer(client, path, screen.post))
        assert screen.waited().fill(on="1").send("hints").status_code == 422
        refused = screen.fill(none="1", missing="1").send(Accept="application/json")
        assert_tells_nothing([refused])
        answer = screen.fill(missing=[]).send(Accept="application/json")
        assert answer.status_code == 200
        assert_tells_nothing([answer])
        assert_tells_nothing(every_answer(client, path, screen.post))
        screen = open_screen(client, path)
    assert len(said(rounds)) == 30
    assert {event["blind"] for event in events(rounds, who="ada")} == {1}
    assert {event["suggestion_shown"] for event in events(rounds, who="ada")} == {0}
    assert {event["round"] for event in events(rounds, who="ada")} == {"r"}


def test_posts_of_an_open_blind_round_are_in_no_other_queue_of_its_coders(rounds: Study) -> None:
    for path in (ALL, "/read/code/dear-bread", "/read/sample/sample", "/read/claim/bread-is-dear"):
        assert open_screen(sit(rounds), path).post == ""
    assert sit(rounds).get(f"{ALL}?post=example:p0001").status_code == 404
    close_round(rounds, "r")
    assert open_screen(sit(rounds), "/read/code/queue").post != ""


def test_before_a_commit_nothing_machines_found_is_shown_and_afterwards_it_is(town: Study) -> None:
    path = "/read/code/queue"
    client = sit(town)
    first = open_screen(client, path)
    found = f"/coding/found?kind=code&name=queue&post={first.post}"
    assert client.get(found).status_code == 403
    assert "found by" not in first.words
    second = first.commit(code=["queue"])
    assert "What machines found in it" in second.words
    shown = client.get(found)
    assert shown.status_code == 200
    assert "found by rules" in shown.text
    assert {event["suggestion_shown"] for event in events(town)} == {0}
    open_screen(client, path, f"?post={first.post}").commit(code=[], none="1")
    assert [event["suggestion_shown"] for event in events(town)][-1] == 1


def test_suggestions_are_off_until_the_coder_wants_them_and_then_the_coding_says_so(town: Study) -> None:
    path = "/read/code/queue"
    client = sit(town)
    first = open_screen(client, path)
    answer = client.post(path, data={"do": "hints", "post": first.post, "on": "1"})
    assert answer.status_code == 303
    shown = open_screen(client, path)
    assert "found by rules" in shown.words
    assert shown.html.select("mark.hit")
    shown.commit(code=["queue"])
    assert {event["suggestion_shown"] for event in events(town)} == {1}
    second = open_screen(client, path)
    client.post(path, data={"do": "hints", "post": second.post, "on": ""}, headers=JSON)
    third = open_screen(client, path, f"?after={second.post}")
    third.commit(code=["queue"])
    assert [event["suggestion_shown"] for event in events(town)][-1] == 0
    # The second post was on the screen with suggestions; that they are off now does not undo it.
    open_screen(client, path, f"?post={second.post}").commit(code=["queue"])
    assert [event["suggestion_shown"] for event in events(town)][-1] == 1


def test_a_blind_seat_is_blind_in_every_queue(town: Study) -> None:
    client = sit(town, blind=True)
    screen = open_screen(client, "/read/code/queue")
    assert "points" not in screen.words
    assert screen.waited().fill(on="1").send("hints").status_code == 422
    screen.commit(code=["queue"])
    assert {event["blind"] for event in events(town)} == {1}


def test_whoever_is_not_blind_sees_author_community_and_score(town: Study) -> None:
    words = open_screen(sit(town), ALL).words
    assert "3 points" in words
    assert "r/bakers (invented)" in words


def test_a_round_of_all_codes_takes_no_new_code_and_leaves_the_codebook_as_it_is(town: Study) -> None:
    draw_sample(town, "main", size=1000, name="m")
    start_round(town, "m", coders=["ada"], name="whole")
    before = town.codebook_path.read_bytes()
    screen = open_screen(sit(town), "/read/round/whole").waited()
    assert screen.html.select_one("#draft-name") is None
    answer = screen.fill(draft_name="Idea", draft_action=new_batch("review-draft", now())).send("draft")
    assert answer.status_code == 422
    assert "note the idea as a memo" in answer.text
    assert town.codebook_path.read_bytes() == before
    assert events(town) == []


def test_a_round_asks_for_its_codes_only_and_by_its_own_codebook(town: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    mount(monkeypatch)
    draw_sample(town, "main", size=1000, name="m")
    start_round(town, "m", coders=["ada"], codes=["queue"], name="q")
    assert groundswell("-C", town.root, "codebook", "add", "rolls", "--definition", "Rolls.").code == 0
    client = sit(town)
    screen = open_screen(client, "/read/round/q")
    assert [item["data-code"] for item in screen.html.select(".code-row[data-code]")] == ["queue"]
    assert screen.waited().fill(draft_name="Idea").send("draft").status_code == 422
    screen.commit(none="1")
    assert [(event["code"], event["value"]) for event in events(town)] == [("queue", "absent")]
    second = open_screen(client, "/read/round/q")
    second.commit(missing="1")
    assert said(town)[second.post] == {("queue", "missing", None)}
    third = open_screen(client, "/read/round/q").waited().fill(none="1")
    close_round(town, "q")
    assert third.send().status_code in (400, 422)
    assert client.get("/read/round/q").status_code == 400


def test_a_sample_whose_posts_are_in_a_blind_round_says_so_and_leads_there(rounds: Study) -> None:
    client = sit(rounds)
    words = client.get("/read/sample/sample").text
    assert 'posts wait for you in the blind round <a href="/read/round/r">r</a>' in " ".join(words.split())
    screen = open_screen(client, "/read/round/r")
    while screen.post:
        screen = screen.commit(none="1")
    words = client.get("/read/sample/sample").text
    assert 'You have read your part of it in the blind round <a href="/read/round/r">r</a>' in " ".join(words.split())
    assert "blind round" not in sit(rounds, "ben").get("/read/sample/sample").text


# Queues and ways


def test_a_coder_begins_where_the_link_was_made_for(town: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    mount(monkeypatch)
    draw_sample(town, "main", size=1000, name="m")
    assert sit(town, claim="queues").get("/read").headers["location"] == "/read/claim/queues"
    assert sit(town, sample="m").get("/read").headers["location"] == "/read/sample/m"
    start_round(town, "m", coders=["ada"], name="q")
    assert sit(town, sample="m").get("/read").headers["location"] == "/read/round/q"
    assert sit(town, "ben", sample="m").get("/read").headers["location"] == "/read/sample/m"
    words = sit(town).get("/read").text
    for expected in ("Round q", "bread is too dear", "Everything nobody has read"):
        assert expected in words
    assert ">m</a>" in sit(town, "ben").get("/read").text


def test_claims_that_rest_on_others_are_not_offered_for_reading(town: Study) -> None:
    text = town.findings_path.read_text(encoding="utf-8")
    more = "      - { id: all, kind: takeaway, statement: bread and queues, rests_on: [bread-is-dear, queues] }\n"
    town.findings_path.write_text(text + more, encoding="utf-8")
    words = sit(town).get("/read").text
    assert "/read/claim/queues" in words
    assert "/read/claim/all" not in words
    assert sit(town).get("/read/claim/all").status_code == 400


def test_one_can_go_back_and_forth_skip_and_jump(town: Study) -> None:
    client = sit(town)
    first = open_screen(client, ALL)
    second = open_screen(client, ALL, f"?after={first.post}")
    assert open_screen(client, ALL, f"?post={second.post}&step=previous").post == first.post
    assert open_screen(client, ALL, f"?post={first.post}&step=next").post == second.post
    assert open_screen(client, ALL, f"?post={first.post}&step=previous").post == first.post
    assert open_screen(client, ALL, "?go=2").post == second.post
    assert open_screen(client, ALL, f"?go={second.post}").post == second.post
    assert client.get(f"{ALL}?go=31").status_code == 404
    assert client.get(f"{ALL}?post=example:nope").status_code == 404
    assert open_screen(client, ALL).post == first.post


def test_what_was_skipped_comes_again_at_the_end(tmp_path: Path) -> None:
    study = small(tmp_path, "One.", "Two.", "Three.")
    client = sit(study)
    first = open_screen(client, ALL)
    screen = open_screen(client, ALL, f"?after={first.post}")
    while screen.post != first.post:
        screen = screen.commit(none="1")
    assert open_screen(client, ALL, f"?after={first.post}").post == first.post
    assert "All read" in screen.commit(none="1").words
    assert "3 of 3 done" in open_screen(client, ALL).words


def test_a_claim_is_read_for_its_code_until_it_is_settled(town: Study) -> None:
    path = "/read/claim/queues"
    client = sit(town, claim="queues")
    screen = open_screen(client, path)
    assert "Verdict unchecked Rests on unchecked Read 0 of 30 posts" in screen.words
    decisions = 0
    while screen.post:
        screen = screen.commit(none="1")
        decisions += 1
    assert decisions == 30
    assert "The claim rests on every post read now" in screen.words
    assert {(event["code"], event["value"], event["blind"]) for event in events(town)} == {("queue", "absent", 1)}


def test_a_blind_seat_does_not_see_how_its_claim_stands(town: Study) -> None:
    words = open_screen(sit(town, claim="queues", blind=True), "/read/claim/queues").words
    assert "Verdict" not in words
    assert "0 of 30 done" in words


def test_a_claim_queue_takes_other_codes_too(town: Study) -> None:
    first = open_screen(sit(town), "/read/claim/queues")
    first.commit(code=["dear-bread"])
    assert said(town)[first.post] == {("dear-bread", "present", None), ("queue", "absent", None)}


def test_the_thread_of_a_post_is_shown_in_the_order_of_its_replies(town: Study) -> None:
    client = sit(town)
    first = open_screen(client, ALL)
    page = client.get(f"/coding/thread?kind=all&name=everything&post={first.post}")
    assert page.status_code == 200
    assert "10 posts" in page.text
    part = client.get(
        f"/coding/thread?kind=all&name=everything&post={first.post}&page=0", headers={"HX-Request": "true"}
    )
    assert "<html" not in part.text
    assert client.get("/coding/thread?kind=all&name=everything&post=example:nope").status_code == 404


def test_a_part_of_a_page_holds_the_post_alone(town: Study) -> None:
    client = sit(town)
    part = client.get(ALL, headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith('<div id="bench"')
    for _ in range(30):
        open_screen(client, ALL).commit(none="1")
    assert "data-done" in client.get(ALL, headers={"HX-Request": "true"}).text


def test_images_that_are_not_stored_are_counted(tmp_path: Path) -> None:
    study = small(tmp_path, "See https://i.redd.it/a.png and https://shop.example/b.jpg and `https://c.example/c.png`.")
    assert "2 images, not stored" in open_screen(sit(study), ALL).words


def test_unknown_queues_and_deeds_are_told(town: Study) -> None:
    client = sit(town)
    for path in ("/read/round/x", "/read/sample/x", "/read/claim/x", "/read/code/x", "/read/all/x", "/read/x/x"):
        assert client.get(path).status_code == 400
    assert client.post(ALL, data={"do": "dance"}).status_code == 400


def test_hostile_posts_are_text(tmp_path: Path) -> None:
    hostile = "<script>window.PWNED=1</script> <img src=x onerror=PWNED()> \u202etxet"
    study = small(tmp_path, hostile, hostile + "!")
    client = sit(study)
    screen = open_screen(client, ALL)
    screen.commit(code=["dear-bread"], excerpt=[f"dear-bread|0|8|{hostile[:8]}"], memo=hostile)
    for query in ("", "?post=example:p0", "?post=example:p1"):
        text = open_screen(client, ALL, query).answer.text
        assert "<script>window" not in text
        assert "<img" not in text
        assert "\u202e" not in text


def test_a_claim_whose_audit_is_not_drawn_offers_to_draw_it(tmp_path: Path) -> None:
    study = bench(tmp_path, many=400)
    client = sit(study)
    path = "/read/claim/queues"
    assert "Draw the authors" in open_screen(client, path).words
    answer = client.post(path, data={"do": "audit"})
    assert answer.status_code == 303
    after = open_screen(client, path)
    assert "Draw the authors" not in after.words
    assert after.post
    assert client.post(path, data={"do": "audit"}, headers=JSON).status_code == 422


# Edges


def lose_text(study: Study, *posts: str) -> None:
    """Take texts away without any collection noticing."""
    with study.store() as store, store.write() as connection:
        for post in posts:
            connection.execute("UPDATE posts SET text = NULL, title = NULL, text_sha = NULL WHERE address = ?", (post,))


def test_posts_that_lose_their_text_are_passed_over(tmp_path: Path) -> None:
    study = small(tmp_path, "One.", "Two.", "Three.", "Four.")
    client = sit(study)
    first = open_screen(client, ALL)
    order = [open_screen(client, ALL, f"?go={place}").post for place in (1, 2, 3, 4)]
    lose_text(study, *order[1:3])
    assert open_screen(client, ALL, f"?after={first.post}").post == order[3]
    assert open_screen(client, ALL, f"?post={first.post}&step=next").post == order[3]
    assert client.get(f"{ALL}?post={order[1]}").status_code == 404
    assert open_screen(client, ALL, f"?after={order[1]}").answer.status_code == 200
    lose_text(study, order[0], order[3])
    assert "All read" in open_screen(client, ALL).words


def test_a_decision_on_a_post_that_lost_its_text_is_stale(tmp_path: Path) -> None:
    study = small(tmp_path, "One.", "Two.")
    client = sit(study)
    screen = open_screen(client, ALL).waited().fill(none="1")
    lose_text(study, screen.post)
    told = [screen.send(), screen.send(Accept="application/json")]
    assert [answer.status_code for answer in told] == [409, 409]
    assert "the text of this post is gone" in told[1].json()["message"]
    assert said(study) == {}


def test_a_refusal_without_a_post_is_told_on_a_page_of_its_own(town: Study) -> None:
    refused = sit(town).post(ALL, data={"do": "undo", "action": new_batch("undo", now())})
    assert refused.status_code == 422
    assert "no decision of yours" in refused.text


def test_what_cannot_be_read_from_a_form_leaves_an_empty_one(town: Study) -> None:
    screen = open_screen(sit(town), ALL).waited().fill(excerpt=["queue|0|x|"], code=["queue"])
    refused = screen.send()
    assert refused.status_code == 422
    assert "code" not in form_fields(refused.text)
    assert screen.fill(seen="x.0.x").send().status_code == 422
    stale = screen.fill(excerpt=["queue|0|9999|"], seen="x.0.x", none="1", code=[]).send()
    assert stale.status_code == 409
    assert "excerpt" not in form_fields(stale.text)


def test_numbers_without_end_and_codes_that_are_none_break_nothing(town: Study) -> None:
    client = sit(town)
    digits = "9" * 5000
    screen = open_screen(client, ALL)
    assert client.get(f"{ALL}?go={digits}").status_code == 404
    assert client.get(f"/coding/thread?kind=all&name=everything&post={screen.post}&page={digits}").status_code == 200
    for fields in (
        {"excerpt": [f"queue|0|{digits}|"]},
        {"shown_ms": [digits]},
        {"excerpt": ["zzz|0|2|"], "code": ["zzz"]},
    ):
        sent = open_screen(client, ALL).waited()
        sent.fields |= fields
        assert sent.send().status_code == 422
    stale = open_screen(client, ALL).waited().fill(code=["zzz"], excerpt=["zzz|0|2|"], seen="x.0.x").send()
    assert stale.status_code == 409


def test_what_machines_found_comes_as_a_part_of_a_page_too(town: Study) -> None:
    path = "/read/code/queue"
    client = sit(town)
    first = open_screen(client, path)
    first.commit(code=["queue"])
    part = client.get(f"/coding/found?kind=code&name=queue&post={first.post}", headers={"HX-Request": "true"})
    assert "found by rules" in part.text
    assert "<html" not in part.text


def test_a_long_definition_is_cut_to_a_line_in_the_list_and_whole_in_the_help(tmp_path: Path) -> None:
    long = "The post says something about the price of bread, " * 5 + "and that is the end."
    study = small(tmp_path, "One.", codebook=CODEBOOK.replace("The post mentions a queue.", long))
    html = open_screen(sit(study), ALL).html
    (hint,) = (row.get_text() for row in html.select(".code-row[data-code=queue] .hint"))
    assert hint.endswith(" …")
    assert len(hint) < 120
    assert long in " ".join(html.select_one("#help").get_text(" ").split())


def test_a_long_text_is_shown_whole_when_asked_for(tmp_path: Path) -> None:
    study = small(tmp_path, "word " * 8000)
    client = sit(study)
    screen = open_screen(client, ALL)
    assert "Show all 39,999 characters" in screen.words or "Show all 40,000 characters" in screen.words
    whole = open_screen(client, ALL, f"?post={screen.post}&whole")
    assert whole.words.count("word") > screen.words.count("word")


def test_a_key_file_that_is_wrong_is_told_with_its_place(town: Study) -> None:
    (town.root / "keys.yaml").write_text("coders:\n  ada:\n    keys: { skip: u }\n", encoding="utf-8")
    answer = sit(town).get(ALL)
    assert answer.status_code == 400
    assert "keys.yaml:3" in answer.text
