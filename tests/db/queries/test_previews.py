from dataclasses import replace

from fakes.observed import ANSWER, GONE, MIRA, NOTE, OTTO, REPLY, ROOT, gone, save

from db.queries.previews import RuleText, rule_texts
from db.store import Store


def _texts(store: Store, *, surroundings: bool = True) -> dict[str, RuleText]:
    return {text.address: text for text in rule_texts(store.connection, surroundings=surroundings)}


def test_a_reply_comes_with_what_it_answers(store: Store) -> None:
    save(store, ROOT, REPLY, ANSWER)

    found = _texts(store)

    assert list(found) == ["reddit:t3_root", "reddit:t1_reply", "reddit:t1_answer"]
    assert found["reddit:t3_root"][2:4] == ("Which title fits?", "My job has three names.")
    assert found["reddit:t3_root"][5:7] == (None, None)
    assert found["reddit:t1_reply"][5:7] == ("Which title fits?", "My job has three names.")
    assert found["reddit:t1_answer"][5:7] == (None, "Mine has four.")


def test_only_the_author_of_the_first_post_opened_the_thread(store: Store) -> None:
    save(store, ROOT, REPLY, replace(ANSWER, author=MIRA))

    assert {address: text.by_opener for address, text in _texts(store).items()} == {
        "reddit:t3_root": True,
        "reddit:t1_reply": False,
        "reddit:t1_answer": True,
    }


def test_an_account_that_is_gone_is_not_known_to_have_opened_a_thread(store: Store) -> None:
    save(store, replace(ROOT, author=GONE), replace(REPLY, author=GONE), replace(ANSWER, author=None))

    assert [text.by_opener for text in _texts(store).values()] == [False, False, False]


def test_a_thread_without_its_first_post_was_opened_by_nobody_known(store: Store) -> None:
    save(store, REPLY, replace(ANSWER, author=OTTO))

    assert [(text.by_opener, text.parent_text) for text in _texts(store).values()] == [
        (False, None),
        (False, "Mine has four."),
    ]


def test_without_surroundings_they_stay_empty(store: Store) -> None:
    save(store, ROOT, REPLY)

    assert [text[5:] for text in _texts(store, surroundings=False).values()] == [(None, None, False)] * 2


def test_private_notes_and_lost_texts_are_no_texts_for_rules(store: Store) -> None:
    save(store, ROOT, REPLY, NOTE, gone(REPLY))

    assert list(_texts(store)) == ["reddit:t3_root"]
    assert list(_texts(store, surroundings=False)) == ["reddit:t3_root"]
