# ruff: noqa: INP001 - a script beside the packages
"""How fast the classifier predicts: against scikit-learn's own pipeline with the same n-grams and the same weights.

Run it as `python benchmarks/classifier.py [FILE...]`. Without files the posts are invented words; files are JSON lines with a
`body`, `text` or `selftext`, also compressed (.zst, .gz). 5,000 posts teach twenty codes (whether a post holds a word), the
rest are predicted. Both sides begin with the same texts, already in the form in which they are compared; the peer's
`TfidfVectorizer` learns its own vocabulary from the same posts, which has to come out as ours. CPU time is what counts.
"""

import argparse
import itertools
import random
import sys
import time
from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.pipeline import FeatureUnion  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from coding.classifier import Model, Predictor  # noqa: E402 - found only with the path above
from coding.features import CHARACTERS, MIN_POSTS, plain  # noqa: E402
from coding.fitting import Material, TrainingPost, train  # noqa: E402
from collector.files import Document, FileReader  # noqa: E402
from db.tokens import FILLER, words  # noqa: E402

TAUGHT, PREDICTED, CODES, REPEATS = 5_000, 20_000, 20, 3
RARE, COMMON = 0.02, 0.2


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time the classifier against scikit-learn's pipeline.")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--posts", type=int, default=PREDICTED, help="how many posts are predicted")
    chosen = parser.parse_args()
    found = itertools.islice(texts(chosen.files) if chosen.files else invented(), TAUGHT + chosen.posts)
    began = time.process_time()
    # The mark that stands where something was left out is no word of the peer's.
    everything = [" ".join(plain(None, text).replace(FILLER, " ").split()) for text in found]
    tell(f"{len(everything):,} posts, {time.process_time() - began:.1f} s of CPU to bring them into form (both sides)")
    taught, asked = everything[:TAUGHT], everything[TAUGHT:]
    models = teach(taught)
    peer = Peer(taught, models)
    tell(f"{len(models)} codes, {len(models[0].vocabulary):,} n-grams, {len(asked):,} posts to predict")
    ours, theirs = [], []
    for _ in range(REPEATS):
        seconds, expected = timed(lambda: peer.probabilities(asked))
        theirs.append(seconds)
        seconds, given = timed(lambda: Predictor(models).probabilities(asked))
        ours.append(seconds)
    thresholds = np.asarray([model.threshold for model in models])
    labels = int(((given >= thresholds) != (expected >= thresholds)).sum())
    ratio = min(theirs) / min(ours)
    tell(f"scikit-learn {min(theirs):6.2f} s  {len(asked) / min(theirs):8,.0f} posts/s")
    tell(
        f"groundswell  {min(ours):6.2f} s  {len(asked) / min(ours):8,.0f} posts/s  {ratio:.1f} times as fast (goal 3.5)"
    )
    tell(
        f"greatest difference of a probability {np.abs(given - expected).max():.1e} (goal 1e-5), labels that differ {labels}"
    )


def texts(paths: Sequence[Path]) -> Iterator[str]:
    """The texts of the posts in files."""
    for path in paths:
        for document in FileReader(path).documents():
            if isinstance(document, Document) and isinstance(document.value, dict):
                text = next(
                    (document.value[name] for name in ("body", "text", "selftext") if document.value.get(name)), ""
                )
                if text:
                    yield text


def invented() -> Iterator[str]:
    """Posts of invented words, some common and most rare, as in a language."""
    draw = random.Random(7)  # noqa: S311 - nothing secret
    syllables = [
        "ka",
        "lo",
        "mi",
        "ra",
        "tu",
        "ben",
        "sor",
        "vel",
        "ing",
        "est",
        "pro",
        "un",
        "der",
        "tion",
        "st",
        "ly",
    ]
    vocabulary = ["".join(draw.choices(syllables, k=draw.randint(1, 4))) for _ in range(60_000)]
    weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(vocabulary))))
    while True:
        yield " ".join(draw.choices(vocabulary, cum_weights=weights, k=draw.randint(5, 90))) + draw.choice(".!?")


def teach(posts: Sequence[str]) -> list[Model]:
    """A model for each of the words that some posts hold and most do not."""
    held = Tally(word for text in posts for word in set(words(text)))
    chosen = sorted(word for word, count in held.items() if RARE <= count / len(posts) <= COMMON)[:CODES]
    material = Material([TrainingPost(f"{at:06}", text, f"{at:06}") for at, text in enumerate(posts)])
    return [train(word, "1", material, [word in words(post.text) for post in material.posts]).model for word in chosen]


class Peer:
    """scikit-learn's pipeline, with the weights that our models have."""

    def __init__(self, posts: Sequence[str], models: Sequence[Model]) -> None:
        spoken = TfidfVectorizer(
            tokenizer=words, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True, min_df=MIN_POSTS
        )
        spelled = TfidfVectorizer(analyzer="char_wb", ngram_range=CHARACTERS, sublinear_tf=True, min_df=MIN_POSTS)
        self._union = FeatureUnion([("words", spoken), ("characters", spelled)]).fit(posts)
        place = {name: at for at, name in enumerate(spoken.get_feature_names_out())}
        size = len(place)
        place |= {(name,): size + at for at, name in enumerate(spelled.get_feature_names_out())}
        vocabulary = models[0].vocabulary
        names: list[Any] = vocabulary.names()
        keys = names[: vocabulary.spoken] + [(name,) for name in names[vocabulary.spoken :]]
        if set(keys) != set(place):
            raise SystemExit("the two sides know different n-grams")
        columns = [place[key] for key in keys]
        self._estimators = [self._estimator(model, columns) for model in models]

    def _estimator(self, model: Model, columns: list[int]) -> Any:
        estimator = LogisticRegression()
        estimator.classes_ = np.asarray([False, True])
        estimator.coef_ = np.zeros((1, len(columns)))
        estimator.coef_[0, columns] = model.coefficients * model.slope
        estimator.intercept_ = np.asarray([model.slope * model.bias + model.offset])
        return estimator

    def probabilities(self, posts: Sequence[str]) -> Any:
        """How probable each code is in each post."""
        features = self._union.transform(posts)
        return np.stack([estimator.predict_proba(features)[:, 1] for estimator in self._estimators], axis=1)


def timed(work: Any) -> tuple[float, Any]:
    """CPU seconds, and the result."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def tell(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
