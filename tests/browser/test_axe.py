from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes.crawl import crawl
from fakes.hostile import furnished_study
from fakes.review import serving, sit

from groundswell.web.desk import Seat

if TYPE_CHECKING:
    from collections.abc import Callable

    from groundswell.study import Study

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[1] / "vendored" / "axe_core" / "axe.min.js"


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return furnished_study(tmp_path_factory.mktemp("furnished") / "study")


@pytest.fixture(scope="module")
def screens(furnished: Study) -> list[str]:
    """Pages of every screen that the app has: all that its routes name and links lead to, two of a kind."""
    walk = crawl(sit(furnished, "ana"), furnished, each=2)
    unreached = [screen for screen, paths in walk.by_screen.items() if not paths]
    assert unreached == [], "no link leads to these screens"
    return [path for path, (status, html) in walk.pages.items() if status < 500 and "<html" in html]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_screen_keeps_anybody_out(
    furnished: Study, screens: list[str], visit: Callable[..., Any], scheme: str, width: int
) -> None:
    found: list[str] = []
    with serving(furnished, Seat("ana")) as app:
        # Only here the policy is set aside, so that the examiner can be brought in.
        watched = visit(
            app.url,
            color_scheme=scheme,
            viewport={"width": width, "height": 844},
            bypass_csp=True,
            reduced_motion="reduce",
        )
        page = watched.page()
        page.goto(app.links[0])
        for path in screens:
            page.goto(f"{app.url}{path}")
            page.wait_for_load_state("networkidle")
            page.add_script_tag(path=AXE)
            result = page.evaluate(
                "axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}})"
            )
            found += [
                f"{path}: {fault['id']}: {node['target']} {node['failureSummary']}"
                for fault in result["violations"]
                for node in fault["nodes"][:3]
            ]
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if overflow > 0:
                found.append(f"{path}: {overflow} px too wide")
    assert found == [], "\n".join(found)


def test_no_screen_complains_to_the_console(furnished: Study, screens: list[str], visit: Callable[..., Any]) -> None:
    with serving(furnished, Seat("ana")) as app:
        watched = visit(app.url)
        page = watched.page()
        page.goto(app.links[0])
        for path in screens:
            answer = page.goto(f"{app.url}{path}")
            page.wait_for_load_state("networkidle")
            watched.faults = [fault for fault in watched.faults if answer.ok or str(answer.status) not in fault]
            assert watched.faults == [], path
