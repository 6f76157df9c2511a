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
    # dpkg knows packages that are not installed as well: others recommend them, or they were removed.
    if [[ -n $package && $package != \#* ]] &&
        [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
        missing+=("$package")
    fi
done <"$1"

if ((${#missing[@]} == 0)); then
    exit 0
elif ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    echo "These packages may be needed, under the names that Debian gives them: ${missing[*]}" >&2
else
    export DEBIAN_FRONTEND=noninteractive
    # Packages of servers would start them: the tests start their own. Whoever has such a rule already keeps it.
    policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        trap 'rm --force "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    apt-get update --quiet=2
    apt-get install --quiet=2 --yes --no-install-recommends "${missing[@]}"
fi
