# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils._strict import refuse_unknown


def test_what_is_valid_passes() -> None:
    refuse_unknown(["cloud", "attached"], ("attached", "cloud"), "each key")
    refuse_unknown([], ("cloud",), "each key")


@pytest.mark.parametrize(
    ("name", "step"),
    [("clowd", "did you mean cloud?"), ("attach", "did you mean attached?"), ("zzz", "remove it"), (7, "remove it")],
)
def test_what_is_not_is_refused_with_the_nearest_name(name: object, step: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        refuse_unknown(["cloud", name], ("cloud", "attached"), "each key")  # type: ignore[list-item]  # What is refused here.
    assert caught.value.expected == "each key to be one of attached, cloud"
    assert caught.value.observed == repr(name)
    assert caught.value.next_step == step
