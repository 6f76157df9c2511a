#!/usr/bin/env bash
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: gates.sh TARGET...
# Makes one target after the other, whatever becomes of the earlier ones, and ends with a table: one run shows everything that is wrong.
set -uo pipefail

table=()
failed=0
for gate in "$@"; do
    printf '\n==================== %s ====================\n' "$gate"
    start=$SECONDS
    if make --no-print-directory "$gate" </dev/null; then
        result=passed
    else
        result=FAILED
        failed=1
    fi
    table+=("$(printf '%-16s %-6s %5d s' "$gate" "$result" $((SECONDS - start)))")
done

printf '\n==================== gates ====================\n'
printf '%s\n' "${table[@]}"
printf '%-16s %-6s %5d s\n' all "$( ((failed)) && echo FAILED || echo passed)" "$SECONDS"
exit "$failed"
