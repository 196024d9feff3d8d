"""Rules of the repository that no linter knows."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parent.parent
PACKAGES = ("collector", "coding", "db", "reports", "groundswell")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = (ROOT / "requirements" / "run.txt", ROOT / "requirements" / "dev.txt")

# Where the name that is imported is not the name that is installed.
DISTRIBUTIONS = {
    "bs4": "beautifulsoup4",
    "dotenv": "python-dotenv",
    "markdown_it": "markdown-it-py",
    "ruamel": "ruamel-yaml",
    "sklearn": "scikit-learn",
}

HELP_THEN_NAME_WHAT_WAS_LOADED = """
import sys
from groundswell.cli.main import run

sys.argv = ["groundswell", "--help"]
try:
    run()
finally:
    print(*sorted({"sklearn", "scipy", "praw", "pandas", "uvicorn"} & sys.modules.keys()), file=sys.stderr)
"""

HOST = re.compile(r"://|www\.|@ |--(?:extra-)?index-url|--find-links|--trusted-host|\.(?:com|org|net|io)\b")
MACHINE_PATH = re.compile(rf"{re.escape(str(ROOT))}|(?<![\w.~-])/(?:root|work|workspace|Users)/")
FOLDERS = (*PACKAGES, "studies", "tests", "docs", "requirements", ".ci")
FILES = (*(f"{folder}/**/*" for folder in FOLDERS), "*.md", "*.toml", "Makefile", ".env.example", ".git[ia]*")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="ignore")


def _normalised(requirement: str) -> str:
    name = re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def _names_required(group: list[str]) -> set[str]:
    return {_normalised(requirement) for requirement in group}


def _pins(lock: Path) -> set[str]:
    return {line.split()[0] for line in _text(lock).splitlines() if line[:1].isalnum()}


def _names_pinned(lock: Path) -> set[str]:
    return {_normalised(pin) for pin in _pins(lock)}


def _modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")


def _imported(module: Path, *, at_once: bool = False) -> Iterator[str]:
    """The packages that a module imports, or those that it imports as soon as it is imported itself."""
    tree = ast.parse(_text(module))
    for node in tree.body if at_once else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def _distributions_imported(*, at_once: bool = False) -> set[str]:
    names = {name for module in _modules() for name in _imported(module, at_once=at_once)}
    return {DISTRIBUTIONS.get(name, _normalised(name)) for name in names - sys.stdlib_module_names - set(PACKAGES)}


def _files_of_the_project() -> Iterator[Path]:
    for pattern in FILES:
        yield from (path for path in ROOT.glob(pattern) if path.is_file() and path.suffix != ".pyc")


def test_the_wheel_holds_the_five_packages_and_the_example_studies() -> None:
    assert PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == [*PACKAGES, "studies"]


def test_no_module_is_left_out_of_the_wheel() -> None:
    builder = WheelBuilder(str(ROOT))
    in_the_wheel = {Path(file.path) for file in builder.recurse_included_files()}

    assert set(_modules()) - in_the_wheel == set()


def test_git_does_not_ignore_the_package_reports() -> None:
    lines = _text(ROOT / ".gitignore").splitlines()

    assert not {"reports", "reports/", "/reports", "/reports/", "reports/*", "**/reports/"} & set(lines)


def test_every_package_that_is_imported_is_declared() -> None:
    project = PROJECT["project"]
    extras = {name for extra in project["optional-dependencies"].values() for name in _names_required(extra)}

    assert _distributions_imported() - _names_required(project["dependencies"]) - extras == set()
    assert _distributions_imported(at_once=True) - _names_required(project["dependencies"]) == set()


def test_the_example_of_an_env_file_names_every_setting() -> None:
    read = re.findall(r'"((?:GROUNDSWELL|REDDIT|X)_[A-Z_]*[A-Z])"', _text(ROOT / "groundswell" / "settings.py"))
    shown = re.findall(r"^([A-Z_]+)=$", _text(ROOT / ".env.example"), flags=re.MULTILINE)

    assert set(read) == set(shown)


def test_help_loads_no_heavy_package() -> None:
    command = [sys.executable, "-c", HELP_THEN_NAME_WHAT_WAS_LOADED]
    result = subprocess.run(command, capture_output=True, text=True, check=True)

    assert "groundswell" in result.stdout
    assert result.stderr.strip() == ""


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_host(lock: Path) -> None:
    assert HOST.findall(_text(lock)) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_has_a_hash_for_every_package(lock: Path) -> None:
    text = _text(lock)

    assert re.findall(r"^\w.*\n(?! +--hash=sha256:)", text, flags=re.MULTILINE) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_pins_every_declared_dependency(lock: Path) -> None:
    assert _names_required(PROJECT["project"]["dependencies"]) - _names_pinned(lock) == set()


def test_the_lock_for_developers_pins_what_developers_need() -> None:
    assert _names_required(PROJECT["dependency-groups"]["dev"]) - _names_pinned(LOCKS[1]) == set()


def test_developers_test_the_versions_that_users_lock() -> None:
    assert _pins(LOCKS[0]) - _pins(LOCKS[1]) == set()


def test_no_file_names_a_place_on_one_machine() -> None:
    assert [path for path in _files_of_the_project() if MACHINE_PATH.search(_text(path))] == []
