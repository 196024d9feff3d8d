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
    common = [one for one in figures.shares.values() if not one.rare]

    assert len(common) >= 20
    assert goemotions.part_right(common) >= 0.9


def test_shares_of_rare_labels_lie_below_their_upper_limit(figures: goemotions.Figures) -> None:
    rare = [one for one in figures.shares.values() if one.rare]

    assert rare
    assert all(one.right for one in rare)


def test_so_it_is_in_two_hundred_draws(figures: goemotions.Figures) -> None:
    draws = [one for number in range(200) for one in figures.audited(f"draw {number}")]

    assert goemotions.part_right([one for one in draws if not one.rare]) >= 0.94
    assert goemotions.part_right([one for one in draws if one.rare]) >= 0.98


def test_all_of_it_takes_less_than_ten_minutes(figures: goemotions.Figures) -> None:
    assert sum(figures.seconds.values()) < 600
