#!/usr/bin/env bash
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: docs.sh CHECKOUT OUTPUT_DIRECTORY
# Checks the documentation of every plugin and role, and builds it as docs.ansible.com would. Warnings are failures.
set -euo pipefail
checkout=$1
output=$2
collection=configmgr.tenant_attach

rm -rf "$output"
mkdir -p "$output"

# This is how tools read the documentation: it fails where a person who runs ansible-doc would see an error.
ansible-doc --metadata-dump "$collection" >"$output/plugins.json"

antsibull-docs lint-collection-docs --plugin-docs --check-extra-docs-refs --validate-collection-refs all \
    --disallow-unknown-collection-refs "$checkout"

antsibull-docs sphinx-init --use-current --squash-hierarchy --fail-on-error --dest-dir "$output" \
    --project "$collection" --title "$collection" --copyright "the $collection authors" "$collection" >"$output/build.log"
# The labels of Ansible's own documentation are on docs.ansible.com, and a gate must not depend on a website.
# Nothing goes unnoticed for it: the linter above has checked every reference, those to Ansible's own plugins included.
cat >>"$output/conf.py" <<'EOF'

intersphinx_mapping = {}
suppress_warnings = ["ref.envvar", "ref.ref"]
EOF
if ! "$output/build.sh" >>"$output/build.log" 2>&1; then
    cat "$output/build.log" >&2
    exit 1
fi
echo "The documentation is in $output/build/html/index.html."
