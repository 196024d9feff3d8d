from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fakes.review import sit
from fakes.study import ALL_BREAD, coding_line, groundswell, save_lines

from groundswell.history import history

if TYPE_CHECKING:
    from pathlib import Path

    from groundswell.study import Study

POST, QUEUE, WEATHER = ALL_BREAD


def code(study: Study, folder: Path, *lines: object) -> None:
    """Write codings as one action each."""
    for number, line in enumerate(lines):
        ran = groundswell("-C", study.root, "import", "codings", save_lines(folder / f"{number}.jsonl", line))
        assert ran.code == 0, ran.err


def standing(study: Study, post: str, coder: str) -> set[str]:
    with study.store() as store:
        rows = store.connection.execute("SELECT code FROM codings_current WHERE post = ? AND coder = ?", (post, coder))
        return {row["code"] for row in rows}


def test_one_sees_what_one_did_the_last_first(used: Study, tmp_path: Path) -> None:
    code(used, tmp_path, coding_line(WEATHER, code="queue", stance=None, created_at="2026-03-01T09:00:00Z"))
    html = sit(used, "ana").get("/history").text
    assert html.index("2026-03-01") < html.index("2026-02-02")
    assert "Queue: present" in html
    assert "Nice weather." in html


def test_one_sees_nothing_of_what_others_did(used: Study) -> None:
    assert "Nothing was coded yet" in sit(used, "ben").get("/history").text


def test_taking_back_is_one_press_and_can_be_taken_back(used: Study) -> None:
    client = sit(used, "ana")
    assert standing(used, POST, "ana") == {"dear-bread", "*"}

    def press(label: str) -> str:
        html = client.get("/history").text
        action = re.search(rf'name="action" value="([^"]+)"><button class="small">{label}', html)
        assert action is not None, html
        answer = client.post("/history/undo", data={"action": action[1]})
        assert answer.status_code == 303
        return client.get(answer.headers["location"]).text

    assert "Done:" in press("Take back")
    assert standing(used, POST, "ana") == set()
    assert "taken back" in client.get("/history").text
    press("Bring back")
    assert standing(used, POST, "ana") == {"dear-bread", "*"}


def test_what_others_coded_cannot_be_taken_back(used: Study) -> None:
    action = next(entry.id for entry in history(used) if "ana" in entry.coders)
    answer = sit(used, "ben").post("/history/undo", data={"action": action})
    assert answer.status_code == 403
    assert "nothing was changed" in answer.text
    assert standing(used, POST, "ana") == {"dear-bread", "*"}


def test_an_action_that_is_none_is_not_found(used: Study) -> None:
    for data in ({"action": "nothing"}, {}):
        assert sit(used, "ana").post("/history/undo", data=data).status_code == 404


def test_taking_back_twice_is_said_so(used: Study) -> None:
    client = sit(used, "ana")
    action = next(entry.id for entry in history(used) if "ana" in entry.coders)
    client.post("/history/undo", data={"action": action})
    answer = client.post("/history/undo", data={"action": action})
    assert answer.status_code == 400
    assert "undone already" in answer.text


def test_a_long_history_comes_page_by_page(used: Study, tmp_path: Path) -> None:
    code(
        used, tmp_path,
        *(coding_line(WEATHER, code="queue", stance=None, created_at=f"2026-03-01T09:{number:02}:00Z") for number in range(32)),
    )  # fmt: skip
    client = sit(used, "ana")
    html = client.get("/history").text
    older = re.search(r"/history\?before=\d+", html)
    assert older is not None
    assert html.count("<h2") == 30
    assert client.get(older[0]).text.count("<h2") == 3
    assert client.get("/history?before=x").text.count("<h2") == 30


def test_a_large_action_is_told_by_its_number(used: Study) -> None:
    with used.store() as store, store.write() as connection:
        connection.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)"
            " INSERT INTO coding_events (uid, post, code, value, coder, batch, created_at)"
            " SELECT 'many' || i, 1, 'queue', 'present', (SELECT id FROM coders WHERE name = 'ana'),"
            " 'import-20260301T090000Z-abcdef', '2026-03-01T09:00:00Z' FROM n"
            .replace("SELECT 'many' || i, 1", "SELECT 'many' || i, (SELECT min(id) FROM posts)")
        )  # fmt: skip
    html = sit(used, "ana").get("/history").text
    assert "40 codings" in html
    assert "imported" in html


def test_a_posts_history_shows_everything_that_was_ever_said_of_it(used: Study) -> None:
    client = sit(used, "ana")
    action = next(entry.id for entry in history(used) if "ana" in entry.coders)
    client.post("/history/undo", data={"action": action})
    html = client.get(f"/history?post={POST}").text
    assert "taking back" in html
    assert '<span class="mark">taken back</span>' in html
    assert '<span class="mark">rules</span>' in html


def test_posts_of_an_open_blind_round_are_named_nowhere_in_ones_history(furnished: Study) -> None:
    html = sit(furnished, "ben").get("/history").text
    assert "a post of a blind round" in html
    assert "t3_aaa1" not in html
    assert "Such dear" not in html
