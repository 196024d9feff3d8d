"""Forms that are sent twice."""

import threading

import pytest

from groundswell.web import once
from groundswell.web.once import Once, new_action


def test_a_form_that_is_sent_twice_is_done_once_and_gets_the_same_answer() -> None:
    done: list[str] = []
    forms = Once()

    answers = [forms.do("a", lambda: done.append("x") or f"/{len(done)}") for _ in range(2)]

    assert (answers, done) == (["/1", "/1"], ["x"])


def test_forms_with_other_ids_or_with_none_are_done_each() -> None:
    forms = Once()
    count = iter(range(9))

    assert [forms.do(action, lambda: str(next(count))) for action in ("a", "b", "", "")] == ["0", "1", "2", "3"]


def test_what_went_wrong_can_be_tried_again() -> None:
    forms = Once()

    def fail() -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        forms.do("a", fail)
    assert forms.do("a", lambda: "/") == "/"


def test_two_at_the_same_moment_are_done_once() -> None:
    forms, done = Once(), []
    threads = [threading.Thread(target=forms.do, args=("a", lambda: done.append(1) or "/")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert done == [1]


def test_only_the_newest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(once, "_REMEMBERED", 2)
    forms = Once()
    count = iter(range(9))
    for action in ("a", "b", "c", "a"):
        last = forms.do(action, lambda: str(next(count)))

    assert last == "3"


def test_every_form_has_an_id_of_its_own() -> None:
    assert len({new_action() for _ in range(100)}) == 100
