# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the README's pictures, drawn by Chromium: the terminal's own text, and the page as people see it.

Usage: picture.py READINESS_JSON DIRECTORY, with the collection's tree in PYTHONPATH.
"""

from __future__ import annotations

import html
import json
import shutil
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.show import _html, _terminal

LINES = 46
STYLE = "margin:0;padding:16px;background:#16181d;color:#e4e6eb;font:14px/1.35 'DejaVu Sans Mono',monospace"
CHROMIUM = (
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
)


ENFORCED = "#outcome=fail&finding=winhttp_bypass_list&scope=host:cm-scp01.corp.contoso.example"


class Picture(t.NamedTuple):
    """A picture of the page: which part of it, and what it is looked at with."""

    address: str
    scheme: t.Literal["light", "dark"]
    width: int
    height: int
    pixels: int


PICTURES = {
    "report-light": Picture("", "light", 1200, 1340, 1),
    "report-dark": Picture(ENFORCED, "dark", 1200, 1160, 1),
    "report-phone": Picture("", "light", 390, 844, 2),
}


def terminal(document: dict[str, t.Any], target: Path) -> None:
    """Draw the first lines of the verdict."""
    lines = _terminal.render(document).splitlines()
    shown = [*lines[:LINES], "…"] if len(lines) > LINES else lines
    with tempfile.TemporaryDirectory() as directory:
        page = Path(directory) / "verdict.html"
        text = html.escape("\n".join(shown))
        page.write_text(f"<meta charset=utf-8><body style=\"{STYLE}\"><pre style='font:inherit;margin:0'>{text}</pre>")
        size = f"--window-size=1060,{len(shown) * 19 + 40}"
        options = (f"--user-data-dir={directory}/profile", "--hide-scrollbars", size, f"--screenshot={target}")
        subprocess.run([*CHROMIUM, *options, page.as_uri()], check=True, stderr=subprocess.DEVNULL)


def report(document: dict[str, t.Any], directory: Path) -> None:
    """Draw the page."""
    with tempfile.TemporaryDirectory() as room, sync_playwright() as playwright:
        page_file = Path(room) / "readiness.html"
        page_file.write_text(_html.render(document), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=shutil.which(CHROMIUM[0]), args=list(CHROMIUM[2:]))
        for name, picture in PICTURES.items():
            context = browser.new_context(
                viewport={"width": picture.width, "height": picture.height},
                color_scheme=picture.scheme,
                device_scale_factor=picture.pixels,
                reduced_motion="reduce",
            )
            page = context.new_page()
            page.goto(page_file.as_uri() + picture.address)
            expect(page.locator("html")).to_have_attribute("data-state", "ready")
            if picture.address:
                page.locator("#findings").evaluate(
                    "(heading) => { heading.scrollIntoView(); window.scrollBy(0, -24); }"
                )
            page.screenshot(path=directory / f"{name}.png")
            context.close()
        browser.close()


def main() -> None:
    """Draw all of them."""
    source, directory = (Path(argument).resolve() for argument in sys.argv[1:3])
    document = json.loads(source.read_text(encoding="utf-8"))
    terminal(document, directory / "readiness.png")
    report(document, directory)


if __name__ == "__main__":
    main()
