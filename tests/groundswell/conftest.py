"""Studies for the tests of the application: a new one, a used one, the demo, and a site to collect from."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from fakes.arctic import ArcticShift
from fakes.reddit import RedditApi
from fakes.server import FakeServer
from fakes.study import full_study, make_study
from fakes.world import World

from groundswell.starting import run_demo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from groundswell.study import Study


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A new study of bread, with a codebook and two claims."""
    return make_study(tmp_path / "study")


@pytest.fixture
def used(tmp_path: Path) -> Study:
    """The study of bread with a thread that is collected, coded and reported."""
    return full_study(tmp_path / "used")


@pytest.fixture(scope="session")
def demo_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, made once for all tests; to be read only."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("GROUNDSWELL_KEY", raising=False)
        run_demo(folder)
    return folder


@pytest.fixture
def demo(demo_once: Path, tmp_path: Path) -> Path:
    """A copy of the demo that may be changed."""
    return shutil.copytree(demo_once, tmp_path / "demo")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def site(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    """Reddit and its archive, to which the settings lead; there is no key yet."""
    with FakeServer(RedditApi(world), ArcticShift(world)) as running:
        monkeypatch.setenv("GROUNDSWELL_ARCTIC_SHIFT_URL", running.url)
        monkeypatch.setenv("GROUNDSWELL_REDDIT_URL", running.url)
        monkeypatch.setenv("GROUNDSWELL_SECONDS_BETWEEN_REQUESTS", "0")
        yield running


@pytest.fixture
def reddit_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials that the stand-in for Reddit accepts."""
    monkeypatch.setenv("REDDIT_CLIENT_ID", "id")
    monkeypatch.setenv("REDDIT_CLIENT_SECRET", "secret")
