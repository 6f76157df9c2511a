# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the README's picture of the verdict: the terminal's own text, drawn by Chromium.

Usage: picture.py READINESS_JSON PNG, with the collection's tree in PYTHONPATH.
"""

from __future__ import annotations

import html
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.report import _terminal

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


def main() -> None:
    """Draw the first lines of the verdict."""
    source, target = (Path(argument).resolve() for argument in sys.argv[1:3])
    lines = _terminal.render(json.loads(source.read_text(encoding="utf-8"))).splitlines()
    shown = [*lines[:LINES], "…"] if len(lines) > LINES else lines
    with tempfile.TemporaryDirectory() as directory:
        page = Path(directory) / "verdict.html"
        text = html.escape("\n".join(shown))
        page.write_text(f"<meta charset=utf-8><body style=\"{STYLE}\"><pre style='font:inherit;margin:0'>{text}</pre>")
        size = f"--window-size=1060,{len(shown) * 19 + 40}"
        options = (f"--user-data-dir={directory}/profile", "--hide-scrollbars", size, f"--screenshot={target}")
        subprocess.run([*CHROMIUM, *options, page.as_uri()], check=True, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
