"""A study with something on every screen, and whoever looks at it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from fakes.hostile import furnished_study

from groundswell.study import find_study

if TYPE_CHECKING:
    from pathlib import Path

    from groundswell.study import Study


@pytest.fixture(scope="session")
def furnished_once(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """To be read only."""
    return furnished_study(tmp_path_factory.mktemp("furnished") / "study")


@pytest.fixture
def furnished(furnished_once: Study, tmp_path: Path) -> Study:
    """A copy that may be changed."""
    folder = shutil.copytree(furnished_once.root, tmp_path / "furnished")
    return find_study(folder, folder)
