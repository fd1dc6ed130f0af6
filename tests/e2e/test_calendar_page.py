"""The page of ``calendar --html`` in a browser: it asks for nothing, runs nothing, and fits a phone."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.support.browser import browse, needs_chromium

ROOT = Path(__file__).parents[2]
PERIODS = {
    "month": ("--month", "2026-12"),
    "year": ("--year", "2026"),
    "two months": ("--from", "2026-11-20", "--to", "2026-12-10"),
}
PHONE = """\
<!doctype html>
<iframe width="360" height="3000" frameborder="0" srcdoc="{page}"></iframe>
<script>
onload = () => {{
  const root = document.querySelector("iframe").contentDocument.documentElement;
  document.title = `${{root.clientWidth}} wide, ${{root.scrollWidth - root.clientWidth}} too wide`;
}};
</script>
"""

pytestmark = needs_chromium


@pytest.fixture(scope="module", params=PERIODS.values(), ids=PERIODS.keys())
def page(request, tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("calendar") / "page.html"
    command = [sys.executable, "-c", "from controller.cli import main; main()"]
    subprocess.run(  # noqa: S603 - our own command
        [*command, "calendar", *request.param, "--html", str(made)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
    )
    return made


@dataclass
class Site:
    """Serves one text at ``/``, and remembers what else was asked for."""

    text: str
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> str:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}/"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def _handler(self):
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(site.text.encode())

            def log_message(self, *_):
                pass

        return Handler


def test_the_page_asks_for_nothing_but_itself(page, tmp_path):
    site = Site(page.read_text(encoding="utf-8"))
    with site as url:
        done = browse(url, tmp_path, "--dump-dom")
    assert site.asked == ["/"]
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    assert "<script" not in done.stdout


def test_a_phone_shows_it_without_scrolling_sideways(page, tmp_path):
    # A frame, since a window has a least width; the page's own policy forbids the script that measures.
    open_to_scripts = re.sub(r"<meta http-equiv=[^>]*>", "", page.read_text(encoding="utf-8"))
    wrapped = tmp_path / "phone.html"
    wrapped.write_text(PHONE.format(page=escape(open_to_scripts)), encoding="utf-8")
    dom = browse(wrapped.as_uri(), tmp_path, "--dump-dom", "--hide-scrollbars").stdout
    assert re.search(r"<title>([^<]*)</title>", dom)[1] == "360 wide, 0 too wide"


def test_it_can_be_printed(page, tmp_path):
    browse(page.as_uri(), tmp_path, f"--print-to-pdf={tmp_path / 'page.pdf'}")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF-")
