import json
import math
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.classifier import Model, Predictor, fits, logistic, reasons, unpack
from coding.features import NORMALISER, Counter, learn, plain

BREAD = ["dear bread again", "such dear bread", "nice weather again", "such nice weather"]
QUEUES = ["a long queue", "the queue was long", "no queue", "dear queue"]
WORDS = st.lists(st.sampled_from([*" ".join(BREAD + QUEUES).split(), "unknown", "> quoted\n\n"]), max_size=12)


def model(code: str = "bread", taught: list[str] = BREAD, seed: int = 1, **changes: object) -> Model:
    """A model with weights from a seed."""
    vocabulary = learn([plain(None, text) for text in taught])
    weights = np.random.default_rng(seed).integers(-999, 999, len(vocabulary)).tolist()
    values: dict[str, object] = {
        "code": code, "codebook_revision": "r1", "vocabulary": vocabulary, "weights": tuple(weights), "unit": 0.001,
        "bias": -0.2, "slope": 3.0, "offset": 0.1, "threshold": 0.4, "made_with": {"text_normaliser": NORMALISER},
    }  # fmt: skip
    return Model(**{**values, **changes})  # type: ignore[arg-type]  # the test gives the right types


def plainly(one: Model, text: str) -> float:
    """The probability by the plain formula."""
    score = float((Counter(one.vocabulary).tfidf([text]) @ one.coefficients)[0]) + one.bias
    return 1 / (1 + math.exp(-(one.slope * score + one.offset)))


def test_a_stored_model_comes_back_as_it_was() -> None:
    before = model()

    after = unpack(before.pack())

    assert after == before
    assert after.id == before.id
    assert len(before.id) == 16


def test_the_id_stands_for_all_that_a_model_says() -> None:
    assert len({model().id, model(threshold=0.5).id, model(seed=2).id, model(codebook_revision="r2").id}) == 4


def test_a_model_holds_nothing_that_could_run() -> None:
    assert set(json.loads(zlib.decompress(model().pack()))) == {
        "code", "codebook_revision", "vocabulary", "weights", "unit", "bias", "slope", "offset", "threshold", "made_with",
    }  # fmt: skip


def test_a_model_of_another_reading_of_texts_does_not_fit() -> None:
    assert fits({"text_normaliser": NORMALISER, "scikit-learn": "0.1"})
    assert not fits({"text_normaliser": NORMALISER + 1})


@given(st.lists(WORDS, max_size=6))
def test_models_that_know_different_n_grams_are_asked_together(texts: list[list[str]]) -> None:
    models = [model(), model("queue", QUEUES, seed=2), model("weather", seed=3, bias=0.7, slope=1.5)]
    asked = [plain(None, " ".join(text)) for text in texts]

    found = Predictor(models).probabilities(asked)

    assert found.shape == (len(texts), 3)
    expected = [[plainly(one, text) for one in models] for text in asked]
    np.testing.assert_allclose(found, np.asarray(expected).reshape(found.shape), atol=1e-6)


@given(WORDS)
def test_what_the_tokens_add_is_the_whole_decision(text: list[str]) -> None:
    one, asked = model(), plain("bread", " ".join(text))

    found = reasons(one, asked)

    def logit(probability: float) -> float:
        return math.log(probability / (1 - probability))

    assert found.probability == pytest.approx(plainly(one, asked))
    added = sum(share for _, share in found.tokens)
    assert added == pytest.approx(logit(found.probability) - logit(found.without_words), abs=1e-9)
    assert [abs(share) for _, share in found.tokens] == sorted((abs(share) for _, share in found.tokens), reverse=True)


def test_reasons_name_the_words_that_count() -> None:
    vocabulary = model().vocabulary
    only_dear = tuple(1000 if name == "dear" else 0 for name in vocabulary.names())

    found = reasons(model(weights=only_dear), plain(None, "Dear, dear bread!"))

    assert {token for token, share in found.tokens if share} == {"dear,", "dear"}
    assert found.words[0][0] == "dear"
    assert ("bread", 0.0) in found.words
    assert found.is_present


def test_a_pair_of_words_belongs_to_both() -> None:
    vocabulary = model().vocabulary
    only_pair = tuple(1000 if name == "dear bread" else 0 for name in vocabulary.names())

    shares = dict(reasons(model(weights=only_pair), plain(None, "such dear bread")).tokens)

    assert shares["dear"] == shares["bread"] > 0 == shares["such"]


def test_the_logistic_does_not_overflow() -> None:
    assert logistic(np.asarray([-1e6, 0.0, 1e6])).tolist() == [0.0, 0.5, 1.0]
