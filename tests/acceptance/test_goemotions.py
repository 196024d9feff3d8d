"""How good the classifier is on comments that many people labelled, with its default settings, from the command line."""

from pathlib import Path

import pytest
from acceptance import goemotions, recount

pytestmark = pytest.mark.acceptance

LABELLED = recount.default_data_dir() / "labelled"


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> goemotions.Figures:
    root: Path = tmp_path_factory.mktemp("goemotions") / "study"
    return goemotions.measure(LABELLED, root)


def test_macro_f1_reaches_what_was_promised(figures: goemotions.Figures) -> None:
    assert len(figures.f1) == 28
    assert figures.macro_f1 >= 0.49


def test_shares_of_posts_lie_in_the_intervals_of_an_audit(figures: goemotions.Figures) -> None:
    common = [each for each in figures.audited("first").values() if each[0].estimate.problem is None]

    assert len(common) >= 20
    assert sum(goemotions.is_right(*each) for each in common) >= 0.9 * len(common)


def test_all_of_it_takes_less_than_ten_minutes(figures: goemotions.Figures) -> None:
    assert sum(figures.seconds.values()) < 600
