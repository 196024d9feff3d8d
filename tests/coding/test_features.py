from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from coding.features import Counter, Vocabulary, grams, learn, plain
from db.tokens import FILLER, words

TEXTS = st.lists(
    st.text(alphabet=st.sampled_from("aab bé'’ß\u0301न्\u200b\U0001f35e.,_-0\n\t"), max_size=40), min_size=1, max_size=8
)


def by_scikit_learn(texts: list[str], vocabulary: Vocabulary, idf_from: list[str]) -> np.ndarray:
    """The same features by another hand, for the n-grams of a vocabulary."""
    names = vocabulary.names()
    halves = (
        (names[: vocabulary.spoken], {"tokenizer": words, "token_pattern": None, "ngram_range": (1, 2)}),
        (names[vocabulary.spoken :], {"analyzer": "char_wb", "ngram_range": (2, 5)}),
    )
    parts = [
        TfidfVectorizer(vocabulary=known, sublinear_tf=True, **settings).fit(idf_from).transform(texts).toarray()
        for known, settings in halves
        if known
    ]
    return np.hstack(parts) if parts else np.zeros((len(texts), 0))


@given(TEXTS, TEXTS)
def test_features_are_those_of_scikit_learn(first: list[str], others: list[str]) -> None:
    taught, asked = [[plain(None, text) for text in texts] for texts in (first, others)]
    vocabulary = learn(taught)

    found = Counter(vocabulary).tfidf(asked).toarray()

    np.testing.assert_allclose(found, by_scikit_learn(asked, vocabulary, taught), atol=1e-6)


@given(TEXTS)
def test_a_vocabulary_is_what_at_least_two_texts_hold(texts: list[str]) -> None:
    taught = [plain(None, text) for text in texts]
    vocabulary = learn(taught)

    held: dict[tuple[bool, str], int] = {}
    for text in taught:
        spoken = words(text)
        pairs = [f"{a} {b}" for a, b in pairwise(spoken)]
        own = {(True, name) for name in [*spoken, *pairs]}
        own |= {(False, gram) for token in text.split() for gram in grams(token)}
        for key in own:
            held[key] = held.get(key, 0) + 1
    expected = {key: count for key, count in held.items() if count > 1 and FILLER not in key[1]}
    names = vocabulary.names()
    keys = [(at < vocabulary.spoken, name) for at, name in enumerate(names)]
    assert dict(zip(keys, vocabulary.frequencies, strict=True)) == expected
    assert len(keys) == len(vocabulary) == len(expected)
    assert vocabulary.posts == len(texts)


def test_only_own_words_count_and_no_pair_reaches_across_what_is_left_out() -> None:
    text = plain("Dear", "bread\n\n> stolen words\n\nhere `some code` there https://example.org/secret end")

    vocabulary = learn([text, text])

    assert set(vocabulary.words) == {"dear", "bread", "here", "there", "end"}
    assert vocabulary.names()[len(vocabulary.words) : vocabulary.spoken] == []
    assert not any("secret"[:4] in gram or "stol" in gram for gram in vocabulary.characters)


def test_one_form_of_each_character() -> None:
    assert plain(None, "Don’t “SHOUT” ﬁne").split() == [FILLER, "don't", '"shout"', "fine"]


def test_a_post_without_words_has_no_features() -> None:
    vocabulary = learn([plain(None, "dear bread"), plain(None, "dear bread")])

    assert Counter(vocabulary).tfidf([plain(None, None), plain(None, "> quoted")]).nnz == 0


def test_no_texts_teach_no_n_grams() -> None:
    assert len(learn([])) == 0
    assert Counter(learn([])).tfidf(["bread"]).shape == (1, 0)


def test_a_token_has_the_n_grams_between_its_blanks() -> None:
    assert grams("ab") == [" a", "ab", "b ", " ab", "ab ", " ab "]
    assert grams("a") == [" a", "a ", " a "]
