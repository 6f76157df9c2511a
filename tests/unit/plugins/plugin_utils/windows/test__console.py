# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import re
import shlex
import subprocess
import typing as t
from types import SimpleNamespace
from unittest import mock

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.shell.cmd import ShellModule as CmdShell
from ansible.plugins.shell.powershell import ShellModule as PowerShell
from ansible.plugins.shell.sh import ShellModule as ShShell
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import AnswerError, InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.windows._console import (
    LIMITS,
    Console,
    Output,
    SystemPath,
)

SHELLS = {"cmd": CmdShell, "powershell": PowerShell, "sh": ShShell}
Answer = t.Callable[[str], dict[str, t.Any]]


def console(family: str, answer: Answer | None = None, *, transport: str = "ssh", become: t.Any = None) -> Console:
    action: t.Any = SimpleNamespace(
        _connection=SimpleNamespace(_shell=SHELLS[family](), transport=transport, become=become),
        _low_level_execute_command=mock.Mock(side_effect=answer and (lambda line, **_options: answer(line))),
    )
    return Console(action)


def sent(made: Console) -> list[str]:
    """The lines that were sent, those for PowerShell decoded."""
    lines = [call.args[0] for call in t.cast("mock.Mock", made._action._low_level_execute_command).call_args_list]
    return [decoded(line) for line in lines]


def decoded(line: str) -> str:
    """What PowerShell makes of a line."""
    _program, encoded, text = line.partition(" -EncodedCommand ")
    return base64.b64decode(text).decode("utf-16-le") if encoded else line


def windows(*outputs: Output, noise: str = "", rc: int = 0) -> Answer:
    """Answer as cmd.exe would, with an end of line that only Windows has."""

    def answer(line: str) -> dict[str, t.Any]:
        found = re.search(r"echo (ta\w+)=0", decoded(line))
        assert found
        marker = found[1]
        stdout = f"{noise}{marker}=0\r\n" + "".join(f"{each.stdout}{marker}={each.rc}\r\n" for each in outputs)
        return {"rc": rc, "stdout": stdout, "stderr": "".join(f"{each.stderr}{marker}\r\n" for each in outputs)}

    return answer


# -- what is sent -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argument", "quoted"),
    [
        ("/reg:64", "/reg:64"),
        (r"HKLM\SOFTWARE", r"HKLM\SOFTWARE"),
        ("", '""'),
        ("a b", '"a b"'),
        ("proxy-server=http=a:1;https=b:2", '"proxy-server=http=a:1;https=b:2"'),
        ("<local>;*.x", '"<local>;*.x"'),
        ("a&b|c>d<e^f(g)", '"a&b|c>d<e^f(g)"'),
        ("$x`y'z", '"$x`y\'z"'),
        # The backslash would take the meaning from the closing quote.
        ("C:\\", '"C:\\\\"'),
        ("a b\\\\", '"a b\\\\\\\\"'),
        (r"a\b c", r'"a\b c"'),
        ("%{json}%header{via}\\n", '"%{json}%header{via}\\n"'),
        (SystemPath(r"SysWOW64\netsh.exe"), r"%SystemRoot%\SysWOW64\netsh.exe"),
    ],
)
def test_arguments_for_cmd(argument: str, quoted: str) -> None:
    made = console("cmd", windows(Output(0, "", "")))
    made.run(["prog.exe", argument])
    assert f"& prog.exe {quoted} <nul& call echo" in sent(made)[0]


@pytest.mark.parametrize("family", ["cmd", "powershell"])
@pytest.mark.parametrize(
    "hostile",
    [
        'a"b',
        '" & calc & "',
        "%PATH%",
        "100%",
        "%a %{b}",
        "%PATH:{=x%",
        "a!b!",
        "\u201c",
        "\uff02",
        "é",
        "a\nb",
        "a\r",
        "a\0",
        "a\tb",
        "\x7f",
        "\x1a",
    ],
)
def test_what_cmd_could_take_for_something_else_is_refused(hostile: str, family: str) -> None:
    made = console(family)
    with pytest.raises(InvalidOptionError, match="for the console of the host"):
        made.run(["prog.exe"], ["prog.exe", hostile])
    with pytest.raises(InvalidOptionError):
        made.check(["prog.exe", hostile])
    assert made.count == 0


@pytest.mark.parametrize(
    "program", ["a b.exe", 'a"', "%COMSPEC%", "", "a&b", SystemPath(r"..\..\a b"), SystemPath("%x%")]
)
def test_programs_that_are_refused(program: str) -> None:
    with pytest.raises(InvalidOptionError):
        console("cmd").check([program])


def test_powershell_gets_one_string_for_cmd() -> None:
    made = console("powershell", windows(Output(0, "", "")))
    made.run(["prog.exe", "it's $x `y"])
    (script,) = sent(made)
    assert script.startswith("& $env:ComSpec /d /s /c 'echo ta")
    # Within its string a quote stands twice.
    assert "\"it''s $x `y\"" in script
    assert script.endswith("& exit 0'")


@pytest.mark.parametrize(
    ("transport", "shell", "encoded"),
    [
        ("ssh", "powershell", True),
        ("paramiko_ssh", "powershell", True),
        ("winrm", "powershell", False),
        ("winrm", "cmd", False),
        ("psrp", "powershell", False),
    ],
)
def test_what_passes_a_shell_on_its_way_to_powershell_is_encoded(*, transport: str, shell: str, encoded: bool) -> None:
    made = console(shell, windows(Output(0, "", "")), transport=transport)
    assert made.run(["prog.exe", "a b"]) == [Output(0, "", "")]
    line = t.cast("mock.Mock", made._action._low_level_execute_command).call_args.args[0]
    assert line.startswith("PowerShell -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand ") == (
        encoded
    )
    assert decoded(line).startswith("& $env:ComSpec /d /s /c 'echo ta")


@pytest.mark.parametrize("family", ["cmd", "powershell"])
def test_no_line_is_too_long_for_the_host(family: str) -> None:
    commands = [["prog.exe", "x" * 300]] * 30
    lines: list[str] = []

    def answer(line: str) -> dict[str, t.Any]:
        lines.append(line)
        return windows(*[Output(0, "", "")] * decoded(line).count("prog.exe"))(line)

    made = console(family, answer)
    assert len(made.run(*commands)) == 30
    assert made.count == len(lines) > 1
    assert max(map(len, lines)) <= 8191


@pytest.mark.parametrize("family", SHELLS)
def test_a_command_that_is_too_long_is_refused(family: str) -> None:
    with pytest.raises(InvalidOptionError, match="the longest that the host takes"):
        console(family).run(["prog.exe", "x" * LIMITS[family]])


def test_a_terminal_is_for_become_only() -> None:
    for become in (None, object()):
        made = console("cmd", windows(Output(0, "", "")), become=become)
        made.run(["prog.exe"])
        call = t.cast("mock.Mock", made._action._low_level_execute_command).call_args
        assert call.kwargs == {"sudoable": become is not None}


def test_other_shells_are_refused() -> None:
    action: t.Any = SimpleNamespace(
        _connection=SimpleNamespace(_shell=SimpleNamespace(SHELL_FAMILY="fish"), transport="ssh")
    )
    with pytest.raises(InvalidOptionError, match="fish"):
        Console(action)


# -- what comes back --------------------------------------------------------------------------------------------------

OUTPUTS = [Output(0, "one\r\n", ""), Output(-1073741510, "no end of line", "Fehler\r\n"), Output(9009, "", "x")]


@pytest.mark.parametrize("family", ["cmd", "powershell"])
def test_each_command_has_its_own_output(family: str) -> None:
    made = console(family, windows(*OUTPUTS, noise="banner of AutoRun\r\n"))
    assert made.run(*[["prog.exe"]] * 3) == OUTPUTS
    assert (made.count, made.windows) == (1, True)


def test_errors_that_powershell_wrapped_go_to_what_failed() -> None:
    def answer(line: str) -> dict[str, t.Any]:
        return {**windows(*OUTPUTS)(line), "stderr": "cmd.exe : Fehler\r\n    + CategoryInfo"}

    first, second, _third = console("powershell", answer).run(*[["prog.exe"]] * 3)
    assert (first.stderr, second.stderr) == ("", "cmd.exe : Fehler\r\n    + CategoryInfo")


@pytest.mark.parametrize("outputs", [[], OUTPUTS[:2], [*OUTPUTS, OUTPUTS[0]]])
def test_an_answer_without_all_marks_is_no_answer(outputs: list[Output]) -> None:
    with pytest.raises(AnswerError, match="to tell how each one ended"):
        console("cmd", windows(*outputs)).run(*[["prog.exe"]] * 3)


def test_a_shell_of_another_kind_is_told() -> None:
    with pytest.raises(AnswerError, match=r"bash: prog\.exe: not found") as caught:
        console("cmd", lambda _line: {"rc": 127, "stdout": "", "stderr": "bash: prog.exe: not found"}).run(["prog.exe"])
    assert "ansible_shell_type" in caught.value.next_step


def test_a_host_that_cannot_be_reached_stays_unreachable() -> None:
    made = console("cmd")
    t.cast("mock.Mock", made._action._low_level_execute_command).side_effect = AnsibleConnectionFailure("down")
    with pytest.raises(AnsibleConnectionFailure):
        made.run(["prog.exe"])


@pytest.mark.parametrize(
    ("output", "text"),
    [
        (Output(1, "out\r\n", "\r\n err \r\n"), "exit code 1: err"),
        (Output(0, "\0o\0u\0t\0\r\n", ""), "exit code 0: out"),
        (Output(0, "", ""), "exit code 0 and no text"),
    ],
)
def test_how_it_is_told(output: Output, text: str) -> None:
    assert output.observed == text


# -- for real: the shell that is here ---------------------------------------------------------------------------------


def real(line: str) -> dict[str, t.Any]:
    # As Ansible does it for a POSIX host.
    done = subprocess.run(
        ["/bin/sh", "-c", f"/bin/sh -c {shlex.quote(f'{line} && sleep 0')}"],
        capture_output=True,
        text=True,
        check=False,
    )
    return {"rc": done.returncode, "stdout": done.stdout, "stderr": done.stderr}


def test_sh() -> None:
    made = console("sh", real)
    outputs = made.run(
        ["printf", "%s", "no end"], ["sh", "-c", "cat; echo out; echo err >&2; exit 7"], ["/nonexistent"], ["true"]
    )
    assert outputs[:2] == [Output(0, "no end", ""), Output(7, "out\n", "err\n")]
    assert (outputs[2].rc, outputs[3]) == (127, Output(0, "", ""))
    assert (made.count, made.windows) == (1, False)


def test_sh_with_a_terminal() -> None:
    def mixed(line: str) -> dict[str, t.Any]:
        done = subprocess.run(
            ["/bin/sh", "-c", line], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        return {"rc": 0, "stdout": done.stdout.replace("\n", "\r\n"), "stderr": ""}

    assert console("sh", mixed).run(["echo", "a"], ["sh", "-c", "echo b >&2; exit 3"], ["echo", "c"]) == [
        Output(0, "a\r\n", ""),
        Output(3, "b\r\n", ""),
        Output(0, "c\r\n", ""),
    ]


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20), max_size=4))
def test_any_argument_reaches_a_program_as_it_is(arguments: list[str]) -> None:
    program = "import sys; sys.stdout.buffer.write(ascii(sys.argv[1:]).encode())"
    assert console("sh", real).run(["python3", "-c", program, *arguments])[0].stdout == ascii(arguments)


@pytest.mark.parametrize("argument", ["a\0b", SystemPath("x")])
def test_what_sh_cannot_have_is_refused(argument: str) -> None:
    with pytest.raises(InvalidOptionError):
        console("sh").run(["true", argument])


@given(st.text())
def test_no_argument_for_cmd_ends_its_quotes(argument: str) -> None:
    made = console("cmd", windows(Output(0, "", "")))
    try:
        made.run(["prog.exe", argument])
    except InvalidOptionError:
        return
    found = re.search(r"prog\.exe (.*) <nul& call echo ta", sent(made)[0], re.DOTALL)
    assert found
    assert re.fullmatch(r'[A-Za-z0-9_./:\\=@+-]+|"[^"]*"', found[1])
    assert "\n" not in found[1]
