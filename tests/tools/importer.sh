#!/usr/bin/env bash
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: importer.sh ARCHIVE OUTPUT_DIRECTORY
# Lets galaxy-importer judge the archive as Galaxy would. It exits 0 with warnings, so its log is what counts.
set -euo pipefail
archive=$(realpath "$1")
GALAXY_IMPORTER_CONFIG=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../galaxy-importer.cfg")
export GALAXY_IMPORTER_CONFIG
mkdir -p "$2"
cd "$2"
python -m galaxy_importer.main "$archive" | tee importer.log
if grep -qE '^(WARNING|ERROR|CRITICAL)' importer.log; then
    echo "galaxy-importer has remarks (above): Galaxy would show them to everybody." >&2
    exit 1
fi
