/*
 * Copyright (c) 2026, the configmgr.tenant_attach authors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * curl.exe of the testbed: Wine runs programs of its host, so it hands its command line to the curl there. NUL becomes
 * /dev/null, and nothing else changes. That one says that it is built with OpenSSL: what only Schannel does, such as
 * asking for revocation lists, is not shown here.
 *
 * Wine gives no handle to wait for such a program, and no pipe to read from it. So it writes to a file, and the shell
 * that starts it adds a last line with the exit code.
 */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 32767
#define MOST (1 << 20)
#define PATIENCE 600 /* Tenths of a second. */

static const char END[] = "\n@end ";

static wchar_t line[LONGEST + 1] = L"\"Z:\\bin\\sh\" -c \"/usr/bin/curl \\\"$@\\\"; echo; echo @end $?\" curl";
static char text[MOST + 1];

/* Append the arguments to the line. */
static int append(const wchar_t *from)
{
    wchar_t *to = line + wcslen(line);
    if (wcslen(from) * 2 + wcslen(line) > LONGEST)
        return 0;
    while (*from) {
        if (!wcsncmp(from, L" NUL ", 5)) {
            wcscpy(to, L" /dev/null");
            to += wcslen(to);
            from += 4;
        } else {
            *to++ = *from++;
        }
    }
    *to = 0;
    return 1;
}

/* Wait for the last line, show what stands before it, and return the code in it. */
static int finish(HANDLE file)
{
    for (int round = 0; round < PATIENCE; round++) {
        DWORD size = 0;
        char *end;
        SetFilePointer(file, 0, NULL, FILE_BEGIN);
        if (!ReadFile(file, text, MOST, &size, NULL))
            return 122;
        text[size] = 0;
        end = size && text[size - 1] == '\n' ? strstr(text, END) : NULL;
        if (end) {
            fwrite(text, 1, (size_t)(end - text), stdout);
            return atoi(end + strlen(END));
        }
        Sleep(100);
    }
    return 123;
}

int wmain(void)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof(inherited), .bInheritHandle = TRUE};
    STARTUPINFOW start = {.cb = sizeof(start), .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION process;
    wchar_t directory[MAX_PATH], name[MAX_PATH];
    const wchar_t *command = GetCommandLineW();
    HANDLE written, read;
    int code;

    /* The name of the program has no blank: the console of the collection sees to that. */
    if (!append(command + wcscspn(command, L" ")))
        return 120;
    if (!GetTempPathW(MAX_PATH, directory) || !GetTempFileNameW(directory, L"crl", 0, name))
        return 121;
    written = CreateFileW(name, GENERIC_WRITE, 7, &inherited, OPEN_EXISTING, 0, NULL);
    read = CreateFileW(name, GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL);
    start.hStdInput = CreateFileW(L"NUL", GENERIC_READ, 7, &inherited, OPEN_EXISTING, 0, NULL);
    start.hStdOutput = start.hStdError = written;
    if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &start, &process)) {
        fprintf(stderr, "curl: the shell of the host does not start\n");
        return 121;
    }
    code = finish(read);
    CloseHandle(written);
    CloseHandle(read);
    DeleteFileW(name);
    return code;
}
