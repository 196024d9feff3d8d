import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.tokens import fold
from db.tokens import words as unicode_words
from reports.leaks import (
    RUN,
    Allowed,
    Leak,
    Output,
    Stored,
    leaks_in_texts,
    linked_posts,
    names_to_check,
    normalised,
    prepare,
    suspected,
    visible_texts,
)

SAID = "They asked me to train a model from scratch and then laughed about it."
NOTHING = frozenset[str]()


def output(text: str, allowed: Allowed | None = None, path: str = "report.md") -> Output:
    return prepare({path: text.encode()}, allowed or Allowed())


def found(published: str, *stored: Stored | str, allowed: Allowed | None = None, path: str = "report.md") -> list[Leak]:
    texts = [one if isinstance(one, Stored) else post(one) for one in stored]
    return leaks_in_texts(output(published, allowed, path), texts, NOTHING)


def post(text: str, url: str | None = None, *, is_root: bool = False, is_private: bool = False) -> Stored:
    return Stored(text, url, is_root, is_private)


def note(text: str) -> Stored:
    return post(text, is_private=True)


def test_eight_words_of_a_post_in_a_row_are_a_leak() -> None:
    [leak] = found("He writes: asked me to train a model from scratch, he says.", SAID)

    assert leak == Leak("report.md", "8 words in a row of a post", "asked me to train a model from scratch")


def test_seven_words_are_none() -> None:
    assert found("He writes: asked me to train a model from.", SAID) == []


@given(st.integers(0, 40), st.integers(0, 40), st.integers(RUN, 20))
def test_a_shared_run_is_found_wherever_it_stands(before: int, after: int, length: int) -> None:
    run = " ".join(f"w{number}" for number in range(length))
    stored = " ".join([*(f"a{number}" for number in range(before)), run, *(f"b{number}" for number in range(after))])

    assert [leak.kind for leak in found(f"x y {run} z", stored)] == ["8 words in a row of a post"]


@given(
    st.lists(st.sampled_from(["an", "ox", "is", "ill"]), max_size=14),
    st.lists(st.sampled_from(["an", "ox", "is", "ill"]), max_size=14),
)
def test_no_leak_is_seen_where_no_run_is_shared(one: list[str], other: list[str]) -> None:
    runs = {tuple(one[start : start + RUN]) for start in range(len(one) - RUN + 1)}
    shared = any(tuple(other[start : start + RUN]) in runs for start in range(len(other) - RUN + 1))

    assert bool(found(" ".join(one), " ".join(other))) == shared


@pytest.mark.parametrize(
    "published", ["asked me to TRAIN a model, from scratch", "asked me to **train** a _model_ from\nscratch"]
)
def test_case_signs_and_lines_hide_nothing_in_markdown(published: str) -> None:
    assert found(published, SAID)


@pytest.mark.parametrize(
    ("path", "published"),
    [
        ("report.html", "<p>asked me to <em>train</em> a <a href='#x'>model</a> from scratch</p>"),
        ("report.html", "<p title='asked me to train a model from scratch'>x</p>"),
        ("report.html", "<p>asked me to train a model from &#115;cratch</p>"),
        ("report.json", json.dumps({"a": [{"b": "asked me to train a model from scratch"}], "c": 3})),
        ("figures/x.svg", "<svg><desc>asked me to train a model from scratch</desc></svg>"),
        ("report.md", r"asked me to train a model\. from scratch"),
        ("evidence.csv", "a,asked me to train a model from scratch"),
    ],
)
def test_every_kind_of_file_is_read_as_its_reader_sees_it(path: str, published: str) -> None:
    assert [leak.file for leak in found(published, SAID, path=path)] == [path]


def test_what_no_reader_sees_is_not_published() -> None:
    assert found("<style>asked me to train a model from scratch</style>", SAID, path="report.html") == []
    assert list(visible_texts("x.html", b"<style>p{}</style><p>one <b>two</b></p><p>three</p>")) == [
        "\n\n\none two\n\nthree\n"
    ]


def test_words_with_letters_of_other_scripts_are_compared_too() -> None:
    text = "мы сами пишем всё это каждый божий день"

    assert found(f"Он пишет: {text.upper()}!", text)
    assert found(
        "l’évaluation est le vrai métier de tous les jours", "L'evaluation est le vrai metier de tous les jours"
    )


@given(st.text() | st.text(alphabet="aZ1_ .\u2019\u2026\u00a0\u2122\u2192\u2764\ufe0f\u00e9\U0001f600\u00ad"))
def test_quick_words_are_the_words_of_the_index(text: str) -> None:
    assert normalised(text) == [fold(word) for word in unicode_words(text)]


def test_what_the_study_says_itself_is_no_leak_whole_or_in_part() -> None:
    allowed = Allowed(texts=("They asked me to train a model from scratch",))

    assert found("They asked me to train a model from scratch and then", SAID, allowed=allowed) == []
    assert found("asked me to train a model from scratch", SAID, allowed=allowed) == []
    assert found("asked me to train a model from scratch and", SAID, allowed=allowed) != []


def test_a_private_note_may_not_show_in_five_words() -> None:
    published = "One person says that they never called back again."

    assert [leak.kind for leak in found(published, note("But they never called back again"))] == [
        "words of a private note"
    ]
    assert found(published, note("But we never called back again, alas")) == []
    assert found(published, post("But they never called back again")) == []


def test_the_studys_own_words_are_no_leak_of_a_post_and_are_one_of_a_private_note() -> None:
    own = Allowed(own=("They said that they never called back again",))
    published = "They said that they never called back again: 3 people."

    assert found(published, post("They said that they never called back again, alas"), allowed=own) == []
    assert [leak.kind for leak in found(published, note("But they never called back again"), allowed=own)] == [
        "words of a private note"
    ]
    vouched = Allowed(own=own.own, texts=("they never called back again",))
    assert found(published, note("But they never called back again"), allowed=vouched) == []


def test_a_short_private_note_may_be_among_the_studys_own_words() -> None:
    own = Allowed(own=("Jobs never called back",))

    assert found("Jobs never called back: 3 people", note("never called back"), allowed=own) == []


def test_of_a_short_private_note_all_words_are_asked_and_of_a_shorter_one_none() -> None:
    assert found("so never called back then", note("never called back"))
    assert found("so never called then", note("never called")) == []


def test_a_link_to_a_post_that_begins_no_thread_is_a_leak() -> None:
    link = "https://example.org/t/1/c/7"

    assert found(f"see [there]({link}).", post("x", link)) == [Leak("report.md", "a link to a single post", link)]
    assert found(f"see {link}.", post("x", link, is_root=True)) == []
    assert found(f"see {link}", post("x", link), allowed=Allowed(links=frozenset({link}))) == []


def test_links_lead_to_the_addresses_of_posts() -> None:
    ready = output("https://example.org/c/7 and https://example.org/c/8")

    assert linked_posts(ready, lambda link: "site:7" if link.endswith("7") else None) == {
        "site:7": "https://example.org/c/7"
    }


@pytest.mark.parametrize(
    "published",
    [
        "by mira_k.",
        "(mira_k)",
        "_mira_k_",
        "u/mira_k",
        "@Mira_K",
        "mira\\_k",
        "https://example.org/user/mira_k/",
        "mira_k's",
    ],
)
def test_a_word_is_looked_up_as_an_account(published: str) -> None:
    assert "site:mira_k" in names_to_check(output(published), lambda name: [f"site:{name}"])


@pytest.mark.parametrize("name", ["mira_k", "mira2", "mira-k", "mira.k"])
def test_a_name_with_a_sign_or_a_digit_is_a_leak_for_certain(name: str) -> None:
    assert suspected(output(f"by {name}"), [name]) == ([Leak("report.md", "a name", name)], frozenset())


def test_a_plain_name_is_a_leak_for_certain_only_after_a_sign_of_names() -> None:
    assert suspected(output("by mira"), ["mira"]) == ([], frozenset({"mira"}))
    assert suspected(output("by u/Mira"), ["mira"])[0] == [Leak("report.md", "a name", "mira")]
    assert suspected(output("by @mira"), ["mira"])[0] == [Leak("report.md", "a name", "mira")]


def test_a_plain_name_that_enough_posts_use_is_a_word() -> None:
    ready = output("about bread and mira")
    texts = [post("Bread is dear"), post("dear bread"), post("bread!"), post("mira said so"), note("mira mira mira")]

    assert leaks_in_texts(ready, texts, {"bread", "mira"}) == [Leak("report.md", "a name", "mira")]


def test_names_that_are_allowed_are_not_looked_up() -> None:
    ready = output("by Mira_K", Allowed(names=("Mira_K",)))

    assert "mira_k" not in names_to_check(ready, lambda name: [name]).values()


@pytest.mark.parametrize(
    "published", ["by Mira of Mill", "as **Mira of Mill** says", "(Mira of Mill)", "Mira\nof Mill."]
)
def test_a_name_of_several_words_is_looked_up_too(published: str) -> None:
    assert "mira of mill" in names_to_check(output(published), lambda name: [name])


def test_a_name_that_ends_with_a_dot_keeps_it() -> None:
    assert {"mira k", "mira k."} <= set(names_to_check(output("by Mira K."), lambda name: [name]))


def test_a_plain_name_of_several_words_may_be_what_people_speak_of() -> None:
    ready = output("about data engineers, Data Engineer and Élan Vital")
    texts = [post("a data engineer"), post("Data Engineer!"), post("the data engineer"), post("elan vital")]

    assert suspected(ready, ["data engineer"]) == ([], frozenset({"data engineer"}))
    assert leaks_in_texts(ready, texts, {"data engineer"}) == []
    assert leaks_in_texts(ready, texts, {"élan vital"}) == [Leak("report.md", "a name", "élan vital")]


def test_pseudonyms_are_found() -> None:
    assert output("u/~0123456789ab and ~0123456789abc").pseudonyms == {"~0123456789ab": "report.md"}


def test_each_leak_is_named_once() -> None:
    assert len(found("asked me to train a model from scratch", SAID, SAID)) == 1


def test_a_title_with_its_link_is_no_run_that_goes_on_into_the_link() -> None:
    stored = "Look: Who bakes at night and why https://www.example.org/t/1 is what I mean"
    allowed = Allowed(texts=("Who bakes at night and why",))

    assert found("1. [Who bakes at night and why](https://www.example.org/t/1) is", stored, allowed=allowed) == []


def test_an_allowed_text_as_a_whole_parts_what_stands_around_it() -> None:
    title = "Who bakes at night and why"
    stored = f"I read {title} in r/bakers and I wept for a week"

    assert found(f"read {title} in r/bakers, 12 posts", stored, allowed=Allowed(texts=(title,))) == []
    assert found(f"read {title} in r/bakers, 12 posts", stored) != []
    assert found(f"{title} in r/bakers and I wept for a week", stored, allowed=Allowed(texts=(title,))) != []


def test_a_short_allowed_text_hides_nothing() -> None:
    assert found("asked me to train a model from scratch", SAID, allowed=Allowed(texts=("train a model",))) != []
