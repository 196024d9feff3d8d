import os
import sys
from pathlib import Path

import pytest

from db.errors import CheckFailed, ConfigurationError, GroundswellError
from groundswell.printing import print_figures, print_pdf
from groundswell.study import Study, find_study


@pytest.fixture
def example(demo: Path) -> Study:
    return find_study(demo, demo)


def test_figures_lie_in_a_folder_of_their_own(example: Study, tmp_path: Path) -> None:
    paths = print_figures(example, "svg")

    assert {path.parent for path in paths} == {example.reports / "paper"}
    assert "overview.svg" in {path.name for path in paths}
    assert print_figures(example, "png", tmp_path / "else")[0].parent == tmp_path / "else"


@pytest.mark.slow
def test_a_page_is_printed_to_the_same_bytes_at_any_time(example: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    first = print_pdf(example).read_bytes()
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)

    assert print_pdf(example).read_bytes() == first
    assert first.startswith(b"%PDF-")
    assert "SOURCE_DATE_EPOCH" not in os.environ


def test_a_moment_that_is_set_outside_is_kept(used: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    seen = []
    monkeypatch.setattr(
        "groundswell.printing.printed", lambda page: seen.append(os.environ["SOURCE_DATE_EPOCH"]) or page.encode()
    )  # type: ignore[func-returns-value]

    assert print_pdf(used, tmp_path / "x.pdf") == tmp_path / "x.pdf"
    assert seen == ["1000000000"]
    assert os.environ["SOURCE_DATE_EPOCH"] == "1000000000"


def test_a_page_that_leaks_is_not_printed(used: Study) -> None:
    (used.root / "templates").mkdir()
    (used.root / "templates" / "report.html.j2").write_text("<p>mira_k</p>", encoding="utf-8")

    with pytest.raises(CheckFailed):
        print_pdf(used)
    assert not (used.reports / "report.pdf").exists()


@pytest.mark.parametrize(("module", "extra"), [("matplotlib", "figures"), ("weasyprint", "pdf")])
def test_an_extra_that_is_not_installed_is_named(
    used: Study, module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(ConfigurationError) as raised:
        print_figures(used, "svg") if extra == "figures" else print_pdf(used)

    assert f'the extra "{extra}"' in raised.value.message
    assert f'uv tool install "groundswell[{extra}]"' in (raised.value.hint or "")


def test_nothing_is_printed_before_a_report_was_built(study: Study) -> None:
    with pytest.raises(GroundswellError, match="no report was built yet"):
        print_pdf(study)
