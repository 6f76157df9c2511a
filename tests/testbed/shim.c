/*
 * Copyright (c) 2026, the configmgr.tenant_attach authors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The forced command of the SSH server: runs the command of the client as a Windows host would.
 *
 * A plain command goes to cmd.exe as OpenSSH for Windows gives it: cmd.exe /c "command". One that Ansible encoded for
 * PowerShell is decoded. PowerShell is not to be had here, so only the one script that our console writes is taken, and
 * its console command is given to cmd.exe as PowerShell gives it. All else is refused.
 */
#include <windows.h>
#include <stdio.h>
#include <string.h>

#define LIMIT 8191 /* What cmd.exe takes as one line. */
#define LONGEST 32767

static const wchar_t ENCODED[] = L"PowerShell -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand ";
static const wchar_t SCRIPT[] = L"& $env:ComSpec /d /s /c '";

static wchar_t given[LONGEST + 1], script[LONGEST + 1], line[LONGEST + 64];

static int refuse(const char *why)
{
    fprintf(stderr, "shim: %s\n", why);
    return 120;
}

static int digit(wchar_t c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c < 128 && c ? strchr(digits, (char)c) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* Decode Base64 of UTF-16, and return the number of characters, -1 if it is none. */
static int decode(const wchar_t *text, wchar_t *out)
{
    unsigned char *bytes = (unsigned char *)out;
    unsigned int bits = 0, have = 0, size = 0;
    for (; *text && *text != L'='; text++) {
        int value = digit(*text);
        if (value < 0 || size >= LONGEST * sizeof(wchar_t) - 2)
            return -1;
        bits = bits << 6 | (unsigned int)value;
        have += 6;
        if (have >= 8) {
            have -= 8;
            bytes[size++] = (unsigned char)(bits >> have);
        }
    }
    for (; *text; text++)
        if (*text != L'=')
            return -1;
    if (size % 2)
        return -1;
    out[size / 2] = 0;
    return (int)(size / 2);
}

/* Take the console command out of the script: one string in single quotes, in which a quote stands twice. */
static int unquote(const wchar_t *from, wchar_t *to)
{
    for (; *from; from++) {
        if (*from == L'\'') {
            if (from[1] != L'\'')
                break;
            from++;
        }
        *to++ = *from;
    }
    *to = 0;
    return from[0] == L'\'' && from[1] == 0;
}

int wmain(void)
{
    STARTUPINFOW start = {.cb = sizeof(start)};
    PROCESS_INFORMATION process;
    DWORD code = 121;
    wchar_t *end;

    if (!GetEnvironmentVariableW(L"SSH_ORIGINAL_COMMAND", given, LONGEST))
        return refuse("no command");
    SetEnvironmentVariableW(L"SSH_ORIGINAL_COMMAND", NULL);
    if (wcslen(given) > LIMIT)
        return refuse("the command line is too long");
    if (!wcsncmp(given, ENCODED, wcslen(ENCODED))) {
        if (decode(given + wcslen(ENCODED), script) < 0)
            return refuse("the encoded command is no Base64 of UTF-16");
        if (wcsncmp(script, SCRIPT, wcslen(SCRIPT)))
            return refuse("this script needs PowerShell");
        wcscpy(line, L"cmd.exe /d /s /c \"");
        end = line + wcslen(line);
        if (!unquote(script + wcslen(SCRIPT), end))
            return refuse("the script does not end with its command");
    } else {
        wcscpy(line, L"cmd.exe /c \"");
        wcscat(line, given);
    }
    wcscat(line, L"\"");
    /* On a machine with much to do, Wine may fail to start a program, seldom. */
    for (int attempt = 1; !CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &start, &process); attempt++) {
        if (attempt == 5) {
            fprintf(stderr, "error %lu: ", GetLastError());
            return refuse("cmd.exe does not start");
        }
        Sleep(200);
    }
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    return (int)code;
}
