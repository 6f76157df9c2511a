# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep a copy of this repository where Ansible's tools expect a collection: ansible_collections/<namespace>/<name>.

The copy is a git repository of its own, because ansible-test asks git which files to test. It holds what a commit of
everything would hold: tracked and new files, but none that is ignored. The stamp is touched when, and only when, the
copy changed.
"""

from __future__ import annotations

import argparse
import filecmp
import shutil
import subprocess
from pathlib import Path


def files_of(repository: Path) -> set[Path]:
    """Return the files that belong to the repository, relative to it."""
    # The files may belong to another user (a container, a mounted checkout): reading their names is harmless.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=repository, check=True, capture_output=True, text=True).stdout.split("\0")
    # Git still lists a tracked file that was deleted, until the deletion is committed.
    return {Path(name) for name in names if name and (repository / name).is_file()}


def same(source: Path, target: Path) -> bool:
    """Return whether two files have the same mode and content."""
    # Equal size and time are taken for equal content, without reading: copy2 keeps the time.
    return source.stat().st_mode == target.stat().st_mode and filecmp.cmp(source, target)


def remove_empty(directory: Path, top: Path) -> None:
    """Remove a directory that has become empty, and what has become empty above it."""
    while directory != top and not any(directory.iterdir()):
        directory.rmdir()
        directory = directory.parent


def synchronize(repository: Path, copy: Path) -> bool:
    """Make the copy equal to the repository, and return whether anything had to be done."""
    changed = False
    if not (copy / ".git").is_dir():
        copy.mkdir(parents=True, exist_ok=True)
        subprocess.run(["git", "init", "--quiet", "--template="], cwd=copy, check=True)
        changed = True
    wanted = files_of(repository)
    # What tools wrote into the copy is ignored by git there, as it would be here, and stays.
    for name in files_of(copy) - wanted:
        (copy / name).unlink()
        remove_empty((copy / name).parent, copy)
        changed = True
    for name in wanted:
        source, target = repository / name, copy / name
        if not target.exists() or not same(source, target):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
            changed = True
    return changed


def main() -> None:
    """Synchronize the copy, and touch the stamp if that changed anything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("copy", type=Path, help="directory of the copy")
    parser.add_argument("--stamp", type=Path, required=True, help="file to touch when the copy changed")
    arguments = parser.parse_args()
    if synchronize(Path.cwd(), arguments.copy) or not arguments.stamp.exists():
        arguments.stamp.touch()


if __name__ == "__main__":
    main()
