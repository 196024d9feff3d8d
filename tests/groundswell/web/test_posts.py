from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from fakes.review import sit
from fakes.study import ALL_BREAD, comment, groundswell, save, submission, thread

if TYPE_CHECKING:
    from pathlib import Path

    from groundswell.study import Study

POST, QUEUE, WEATHER = ALL_BREAD


def collect(study: Study, folder: Path, *replies: object, text: str = "Such dear bread.") -> None:
    path = save(folder / "more.json", thread(submission("ccc1", text=text), *replies))
    ran = groundswell("-C", study.root, "collect", "import", path)
    assert ran.code == 0, ran.err


def test_a_post_stands_between_what_it_answers_and_what_answers_it(used: Study) -> None:
    html = sit(used).get(f"/post/{QUEUE}").text
    assert html.index("Such dear bread.") < html.index("I stood in a queue") < html.index("Nice weather.")
    assert 'class="post here"' in html


def test_a_post_shows_what_people_and_rules_said_of_it(used: Study) -> None:
    html = sit(used, "ana").get(f"/post/{POST}").text
    assert "Dear bread</strong>: present, supports" in html
    assert "everything else</strong>: absent" in html
    assert '<span class="mark">rules</span>' in html


def test_what_machines_found_is_kept_from_whoever_has_not_coded_the_post_yet(used: Study) -> None:
    client = sit(used, "ben")
    html = client.get(f"/post/{POST}").text
    assert "Dear bread</strong>: present, supports" in html
    assert '<span class="mark">rules</span>' not in html
    assert "shown to you once you have coded it" in html
    assert '<span class="mark">rules</span>' not in client.get(f"/history?post={POST}").text


def test_what_a_person_pointed_at_is_marked(used: Study) -> None:
    with used.store() as store, store.write() as connection:
        connection.execute(
            "UPDATE coding_events SET start = 5, \"end\" = 9, text_sha = (SELECT text_sha FROM posts WHERE address = ?) WHERE code = 'dear-bread'",
            (POST,),
        )
    assert re.search(
        r'<mark class="excerpt"><span class="own" data-start="5">dear</span></mark>',
        sit(used).get(f"/post/{POST}").text,
    )


def test_only_the_nearest_parents_are_shown_at_first(used: Study, tmp_path: Path) -> None:
    chain = [
        comment(f"d{number}", f"reply number {number}.", thread="ccc1", parent=f"t1_d{number - 1}" if number else None)
        for number in range(8)
    ]
    collect(used, tmp_path, *chain)
    client = sit(used)
    html = client.get("/post/reddit:t1_d7").text
    assert "5 more above" in html
    assert "reply number 3." not in html
    assert "reply number 4." in html
    assert "reply number 0." in client.get("/post/reddit:t1_d7?all").text


def test_the_first_replies_are_shown_and_a_link_leads_to_all(used: Study, tmp_path: Path) -> None:
    collect(used, tmp_path, *(comment(f"e{number}", f"answer {number}.", thread="ccc1") for number in range(9)))
    html = sit(used).get("/post/reddit:t3_ccc1").text
    assert "9 replies" in html
    assert html.count("answer ") == 5
    assert "/thread/reddit%3At3_ccc1?under=reddit%3At3_ccc1" in html


def test_a_long_text_is_cut_until_it_is_asked_for(used: Study, tmp_path: Path) -> None:
    collect(used, tmp_path, comment("f1", "short", thread="ccc1"), text="flour " * 10_000)
    client = sit(used)
    html = client.get("/post/reddit:t3_ccc1").text
    assert re.search(r"Show all (60,000|59,999) characters", html)
    assert html.count("flour") < 4000
    assert client.get("/post/reddit:t3_ccc1?all").text.count("flour") == 10_000
    assert client.get("/post/reddit:t1_f1").text.count("flour") < 300


def test_a_post_without_text_says_so_and_why(used: Study) -> None:
    with used.store() as store, store.write() as connection:
        connection.execute("UPDATE posts SET text = NULL, state = 'deleted_by_author' WHERE address = ?", (WEATHER,))
    html = sit(used).get(f"/post/{WEATHER}").text
    assert "no text" in html
    assert "deleted by its author" in html


def test_memos_on_a_post_are_shown(furnished: Study) -> None:
    assert "<p>m</p>" in sit(furnished).get(f"/post/{POST}").text


@pytest.mark.parametrize(
    "path",
    ["/post/reddit:t1_none", "/thread/reddit:t3_none", "/thread/reddit:t3_aaa1?under=x", "/history?post=x", "/post/"],
)
def test_what_is_not_there_is_said_so(used: Study, path: str) -> None:
    answer = sit(used).get(path)
    assert answer.status_code == 404
    assert "Not found" in answer.text


def test_a_private_note_is_nowhere(used: Study) -> None:
    with used.store() as store, store.write() as connection:
        connection.execute("UPDATE posts SET private = 1 WHERE address = ?", (WEATHER,))
    client = sit(used)
    assert client.get(f"/post/{WEATHER}").status_code == 404
    assert "Nice weather" not in client.get("/thread/reddit:t3_aaa1").text


def test_a_thread_is_a_tree_that_opens_branch_by_branch(used: Study) -> None:
    html = sit(used).get("/thread/reddit:t3_aaa1").text
    assert html.count("<details open>") == 2
    assert "3 posts" in html
    assert html.index("Such dear bread.") < html.index("I stood in a queue") < html.index("Nice weather.")


def test_one_branch_can_be_opened_alone(used: Study) -> None:
    html = sit(used).get("/thread/reddit:t3_aaa1", params={"under": QUEUE}).text
    assert "Such dear bread." not in html
    assert "The thread from its beginning" in html


def test_a_large_thread_shows_its_beginning_and_links_to_the_rest(used: Study, tmp_path: Path) -> None:
    collect(used, tmp_path, *(comment(f"g{number}", f"answer {number}.", thread="ccc1") for number in range(200)))
    html = sit(used).get("/thread/reddit:t3_ccc1").text
    assert html.count("<article") == 150
    assert "51 more replies" in html


def test_an_incomplete_thread_says_what_is_missing(furnished: Study) -> None:
    html = sit(furnished).get("/thread/reddit:t3_aaa1").text
    assert "incomplete</span> 2 of 9 replies stored" in html


def test_a_link_to_where_a_post_stands_bears_its_host(used: Study) -> None:
    with used.store() as store, store.write() as connection:
        connection.execute("UPDATE posts SET url = 'https://bread.example/x' WHERE address = ?", (POST,))
    html = sit(used).get(f"/post/{POST}").text
    assert '<a href="https://bread.example/x" rel="noopener noreferrer nofollow ugc"' in html
    assert "(bread.example)" in html


def test_addresses_may_hold_any_sign(used: Study) -> None:
    odd = 'web:a/../b?c=d&e#f%20"<>'
    with used.store() as store, store.write() as connection:
        connection.execute("UPDATE posts SET address = ? WHERE address = ?", (odd, WEATHER))
    client = sit(used)
    link = re.search(r'href="(/post/web[^"]+)"', client.get("/thread/reddit:t3_aaa1").text)
    assert link is not None
    assert "Nice weather." in client.get(link[1]).text
