#!/usr/bin/env bash
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: demo.sh OUTPUT_DIRECTORY SCENARIO
# Runs the readiness playbook against the lab: an estate of the given scenario that exists on loopback for as long as this takes.
# The caller puts the virtual environment first in PATH, and ANSIBLE_COLLECTIONS_PATH to the installed collection.
set -euo pipefail

output=$1
scenario=$2
state=$output/lab
patience=60 # Seconds for the lab to come up. It takes about two.

fail() {
    echo "make demo: $*" >&2
    exit 1
}

stop_lab() {
    kill "$lab" 2>/dev/null || return 0
    for _ in {1..50}; do
        kill -0 "$lab" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$lab"
}

rm -rf "$output"
mkdir -p "$state"

PYTHONPATH=tests python -m lab --scenario "$scenario" --state-dir "$state" >"$output/lab.log" 2>&1 &
lab=$!
trap stop_lab EXIT
trap 'exit 130' INT TERM

until [[ -e $state/ready ]]; do
    kill -0 "$lab" 2>/dev/null || fail "the lab ended early: $(tail -n 20 "$output/lab.log")"
    ((SECONDS < patience)) || fail "the lab was not ready after $patience seconds, see $output/lab.log"
    sleep 0.1
done

# Nothing of the user's own Ansible takes part, so that the demonstration is the same everywhere.
: >"$output/ansible.cfg"
export ANSIBLE_CONFIG=$output/ansible.cfg ANSIBLE_HOME=$output/home ANSIBLE_REMOTE_TMP=$output/tmp

play() { # NAME ARGUMENT...
    ansible-playbook "configmgr.tenant_attach.$1" \
        --inventory "$state/inventory.yml" \
        --extra-vars "@$state/vars.yml" \
        --extra-vars "ansible_python_interpreter=$(command -v python)" \
        "${@:2}"
}

# The outcome of a prerequisite, and the host: the worst one, where there are several.
outcome() { # DIRECTORY PREREQUISITE
    python tests/tools/outcome.py "$1/readiness.json" "$2"
}

play readiness --extra-vars "tenant_attach_report_dir=$output" --extra-vars fail_on=never

# Where the bypass list is incomplete, it is completed, and the same estate is judged again.
read -r before point < <(outcome "$output" winhttp_bypass_list)
if [[ $before == fail ]]; then
    echo
    echo "The bypass list of $point is incomplete. Completing it:"
    play enforce --tags winhttp_proxy --diff --extra-vars "{winhttp_proxy_bypass: ['*.${point#*.}']}"
    play readiness --extra-vars "tenant_attach_report_dir=$output/enforced" --extra-vars fail_on=never >"$output/enforced.log"
    read -r after point < <(outcome "$output/enforced" winhttp_bypass_list)
    echo "winhttp_bypass_list of $point: $before before, $after now. The second verdict is in $output/enforced.log."
    [[ $after == pass ]] || fail "the enforcement did not take"
fi

echo
echo "The reports are in $output:"
for report in readiness.html readiness.md readiness.csv junit.xml readiness.json evidence.json; do
    [[ -s $output/$report ]] || fail "the playbook left no $report"
    echo "  $report"
done
