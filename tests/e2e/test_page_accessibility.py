"""The HTML pages by axe-core: no violation of WCAG A and AA, wide and narrow, light and dark.

    npm install --prefix .venv-tools/node axe-core

``$SCHEDULER_TOOLS/node`` (default ``.venv-tools/node`` in the checkout) is where it is looked for.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html import escape, unescape
from pathlib import Path

import pytest

from tests.support.browser import browse, needs_chromium

ROOT = Path(__file__).parents[2]
NODE = Path(os.environ.get("SCHEDULER_TOOLS", ROOT / ".venv-tools")) / "node" / "node_modules"
AXE = NODE / "axe-core" / "axe.min.js"
PAGES = {
    "compare": ("compare", "--from", "2026-11-20", "--to", "2026-11-30", "--faults"),
    "month": ("calendar", "--month", "2026-12"),
    "year": ("calendar", "--year", "2026"),
    "today": ("calendar",),
}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """
<script>{axe}</script>
<script>
axe.run(document, {{runOnly: {tags}}}).then(result => {{
  parent.document.documentElement.dataset.axe = JSON.stringify({{
    violations: result.violations.map(rule => [rule.id, ...rule.nodes.map(node => node.html.slice(0, 200))]),
    passes: result.passes.map(rule => rule.id),
  }});
}});
</script>
"""
LIGHT, DARK = (f"--blink-settings=preferredColorScheme={scheme}" for scheme in (1, 0))

pytestmark = [
    needs_chromium,
    pytest.mark.skipif(not AXE.exists(), reason="no axe-core: see the first lines"),
]


@pytest.fixture(scope="module", params=PAGES.values(), ids=PAGES.keys())
def page(request, tmp_path_factory) -> str:
    made = tmp_path_factory.mktemp("axe") / "page.html"
    command = [sys.executable, "-c", "from controller.cli import main; main()", *request.param]
    subprocess.run([*command, "--html", str(made)], cwd=ROOT, check=True, capture_output=True, timeout=120)  # noqa: S603 - our own
    return made.read_text(encoding="utf-8")


def axe(page: str, folder: Path, width: int, *flags: str) -> dict[str, list]:
    """The page in a frame, since a window has a least width; its own policy forbids scripts."""
    script = RUN.format(axe=AXE.read_text(encoding="utf-8"), tags=json.dumps(TAGS))
    inner = re.sub(r"<meta http-equiv=[^>]*>", "", page).replace("</body>", f"{script}</body>")
    frame = f'<!doctype html><iframe width="{width}" height="2000" srcdoc="{escape(inner)}"></iframe>'
    (folder / "frame.html").write_text(frame, encoding="utf-8")
    flags = ("--dump-dom", "--virtual-time-budget=60000", "--window-size=1400,2000", *flags)
    dom = browse((folder / "frame.html").as_uri(), folder, *flags).stdout
    return json.loads(unescape(re.search(r'data-axe="([^"]*)"', dom)[1]))


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_a_page_violates_no_rule(page, tmp_path, width, scheme):
    result = axe(page, tmp_path, width, scheme)
    assert result["violations"] == []
    assert {"color-contrast", "document-title", "svg-img-alt"} <= set(result["passes"])


def test_a_pale_text_is_found(page, tmp_path):
    broken = page.replace("</main>", '<p style="color: #eee; background: #fff">pale</p></main>')
    assert {rule for rule, *_ in axe(broken, tmp_path, 320, LIGHT)["violations"]} == {"color-contrast"}
