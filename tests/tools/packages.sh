#!/usr/bin/env bash
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: packages.sh LIST
# Installs the Debian packages of the list that are missing. Without apt, or without being root, it only names them.
set -euo pipefail

missing=()
while read -r package _; do
    if [[ -n $package && $package != \#* ]] && ! dpkg-query --show "$package" >/dev/null 2>&1; then
        missing+=("$package")
    fi
done <"$1"

if ((${#missing[@]} == 0)); then
    exit 0
elif ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    echo "These packages may be needed, under the names that Debian gives them: ${missing[*]}" >&2
else
    export DEBIAN_FRONTEND=noninteractive
    apt-get update --quiet=2
    apt-get install --quiet=2 --yes --no-install-recommends "${missing[@]}"
fi
