# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-test sanity on any machine that can install from a package index, and only from that.

ansible-test makes a virtual environment for each of its tests. It downloads get-pip.py for that from a host of its own,
and hides the environment variables that configure pip. Neither need work where the gates run (a mirror, an inspected
connection). So a home directory under build/ gets pip's configuration as a file, and a get-pip.py that takes the pip
which Python brings along.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import ansible_test

GET_PIP = """\
import subprocess
import sys

subprocess.run([sys.executable, "-m", "ensurepip", "--default-pip"], check=True, stdout=subprocess.DEVNULL)
"""


def pip_configuration() -> str:
    """Return pip's effective configuration, from its files and from the environment, as the text of one file."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.findall(r"^(global|install|:env:)\.([\w-]+)='(.*)'$", listing, re.MULTILINE)
    # What comes later wins: pip's own defaults here, then its files, then the environment.
    settings = {"quiet": "1"}
    if certificates := os.environ.get("REQUESTS_CA_BUNDLE"):
        settings["cert"] = certificates
    settings |= {name: value for section, name, value in found if section != ":env:"}
    settings |= {name: value for section, name, value in found if section == ":env:" and name != "config-file"}
    return "\n".join(["[global]", *(f"{name} = {value}" for name, value in settings.items()), ""])


def bootstrap_version() -> str:
    """Return the version of pip that this ansible-test bootstraps: it is part of the name of its cached get-pip.py."""
    source = Path(ansible_test.__path__[0], "_internal", "python_requirements.py").read_text(encoding="utf-8")
    match = re.search(r"\bpip='([\d.]+)'", source)
    if not match:
        sys.exit("This version of ansible-test names its get-pip.py in another way: teach tests/tools/sanity.py.")
    return match[1]


def main() -> None:
    """Prepare the home directory, and become ansible-test."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collection", type=Path, help="checkout of the collection, under ansible_collections")
    parser.add_argument("--home", type=Path, required=True, help="home directory to prepare")
    parser.add_argument("arguments", nargs="*", help="passed on to ansible-test sanity")
    arguments = parser.parse_args()

    home = arguments.home.resolve()
    for name, text in {
        ".config/pip/pip.conf": pip_configuration(),
        f".ansible/test/cache/get_pip_{bootstrap_version().replace('.', '_')}.py": GET_PIP,
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")

    os.environ["HOME"] = str(home)
    os.chdir(arguments.collection)
    command = Path(sys.executable).parent / "ansible-test"
    # Other versions of Python are tested with their own Ansible: make sanity PYTHON=… VENV=… BUILD=…
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    options = ["--local", "--python", python, "--color", "no", *arguments.arguments]
    os.execv(command, [str(command), "sanity", *options])  # noqa: S606


if __name__ == "__main__":
    main()
