"""Check what is shipped: build the wheel, install it where nothing else is, run the demo there, and open its review app.

Run by `make check-install`. The dependencies come from a package index; the demo has no home, no settings and no keys.
"""

import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

ROOT = Path(__file__).parents[2]
NEEDED_IN_WHEEL = (
    "collector/__init__.py",
    "coding/__init__.py",
    "db/__init__.py",
    "reports/__init__.py",
    "reports/templates/report.html.j2",
    "groundswell/cli/main.py",
    "groundswell/web/static/app.css",
    "groundswell/web/static/keys.js",
    "groundswell/web/static/htmx/htmx.min.js",
    "groundswell/web/static/htmx/LICENSE",
    "groundswell/web/templates/base.html",
    "studies/ai-engineer/study.yaml",
    "studies/ai-engineer/codebook.yaml",
    "studies/ai-engineer/findings.yaml",
)


def main() -> int:
    """Build, install and run; print one line a step and stop at the first that fails."""
    with tempfile.TemporaryDirectory(prefix="groundswell-install-") as name:
        folder = Path(name)
        wheel = build_wheel(folder / "dist")
        missing = missing_files(wheel)
        if missing:
            return failed(f"{wheel.name} lacks {', '.join(missing)}")
        programs = install(wheel, folder / "environment")
        return run_demo(programs, folder)


def build_wheel(folder: Path) -> Path:
    """Build the wheel of this checkout into an empty folder."""
    step("build the wheel")
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)])
    (wheel,) = folder.glob("*.whl")
    return wheel


def missing_files(wheel: Path) -> list[str]:
    """Name the files that a user needs and the wheel does not hold."""
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    return [name for name in NEEDED_IN_WHEEL if name not in held]


def install(wheel: Path, folder: Path) -> Path:
    """Install the wheel with its dependencies into a new environment and return the folder of its programs."""
    step("install it with its dependencies into an empty environment")
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    pip = [str(programs / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    run([*pip, "install", str(wheel)])
    run([*pip, "check"])
    return programs


def run_demo(programs: Path, folder: Path) -> int:
    """Run the program as a newcomer does: in an empty folder, with an empty home and nothing set."""
    home, work = folder / "home", folder / "work"
    home.mkdir()
    work.mkdir()
    environment = {"HOME": str(home), "USERPROFILE": str(home), "PATH": str(programs)}
    program = str(programs / "groundswell")
    for command in ("version", "demo"):
        step(f"groundswell {command}")
        run([program, command], cwd=work, env=environment)
    reports = [path for path in work.rglob("*.html") if "reports" in path.parts]
    if not reports:
        return failed("the demo wrote no report")
    step(f"the installed demo wrote {reports[0].relative_to(work)}")
    return open_review(program, reports[0].parents[1], environment)


def open_review(program: str, study: Path, environment: Mapping[str, str]) -> int:
    """Serve the review app of a study, and open its link as a browser would."""
    step("groundswell review")
    command = [program, "-C", str(study), "review", "--coder", "ana", "--no-browser"]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as serving:
        try:
            line = serving.stdout.readline() if serving.stdout else ""
            browser = build_opener(ProxyHandler({}), HTTPCookieProcessor())
            with browser.open(line.partition(": ")[2].strip(), timeout=30) as answer:
                page = answer.read().decode()
        finally:
            serving.terminate()
    if "</html>" not in page:
        return failed("the review app answered with no page")
    step("the installed review app answered")
    return 0


def run(command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> None:
    """Run a command and end with its exit code if it fails."""
    result = subprocess.run(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, check=False)
    if result.returncode != 0:
        raise SystemExit(failed(f"{' '.join(command)} ended with {result.returncode}"))


def step(text: str) -> None:
    """Say what happens now."""
    sys.stdout.write(f"check-install: {text}\n")
    sys.stdout.flush()


def failed(problem: str) -> int:
    """Say what went wrong and give the exit code for it."""
    sys.stderr.write(f"check-install: failed: {problem}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
