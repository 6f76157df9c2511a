# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one adapter between Ansible modules and what they call. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ._errors import TenantAttachError

Spec = dict[str, t.Any]
Options = t.Mapping[str, t.Any]


def run(argument_spec: Spec, work: t.Callable[[Options], Spec], **limits: t.Any) -> t.NoReturn:
    """Run a module that only reads: it behaves the same in check mode, and never reports a change.

    Args:
        argument_spec: The options.
        work: Takes the options, returns what the module returns.
        limits: What AnsibleModule knows beside the options, such as `required_together`.
    """
    module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True, **limits)
    module.exit_json(changed=False, **_done(module, lambda: work(module.params)))


def run_change(argument_spec: Spec, work: t.Callable[[Options, bool], Spec], **limits: t.Any) -> t.NoReturn:
    """Run a module that changes something.

    Args:
        argument_spec: The options.
        work: Takes the options, and whether to write nothing (check mode). Returns what the module returns, with
            `changed` and `diff` as they are, or would be, and `warnings` where there is something to say loudly.
        limits: What AnsibleModule knows beside the options, such as `required_if`.
    """
    module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True, **limits)
    result = _done(module, lambda: work(module.params, module.check_mode))
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    module.exit_json(**result)


def _done(module: AnsibleModule, work: t.Callable[[], Spec]) -> Spec:
    """Return what work returns. An error of ours ends the module."""
    try:
        return work()
    except TenantAttachError as exc:
        error = exc
    # Here and not above: while an exception is handled, ansible-core 2.18 adds its traceback at higher verbosity.
    return module.fail_json(msg=str(error), error=error.as_dict())
