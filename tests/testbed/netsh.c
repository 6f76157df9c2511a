/*
 * Copyright (c) 2026, the configmgr.tenant_attach authors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * netsh.exe of the testbed, where Wine has a stub: it does what Microsoft documents of `netsh winhttp set proxy` and
 * `netsh winhttp reset proxy`, through the WinHTTP interface, and refuses all else.
 *
 * C:\netsh-mode, if there, holds one word that makes it misbehave: `lie` (says it worked, writes nothing), `fail`
 * (says it failed, writes nothing) and `half` (says it worked, writes the proxy without its bypass list). With a 32
 * after the word, only the 32-bit one misbehaves.
 */
#include <windows.h>
#include <winhttp.h>
#include <stdio.h>
#include <wchar.h>

static const wchar_t KEY[] = L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\Connections";
static const wchar_t VALUE[] = L"WinHttpSettings";

#ifdef VIEW32
static const int is32 = 1;
#else
static const int is32 = 0;
#endif

static int misbehaves(const char *how)
{
    char word[16] = "", with32[16];
    FILE *file = fopen("C:\\netsh-mode", "r");
    if (!file)
        return 0;
    if (fscanf(file, "%15s", word) != 1)
        word[0] = 0;
    fclose(file);
    snprintf(with32, sizeof with32, "%s32", how);
    return !strcmp(word, how) || (is32 && !strcmp(word, with32));
}

static int usage(void)
{
    puts("The syntax supplied for this command is not valid. Check help for the correct syntax.");
    return 1;
}

static DWORD load(REGSAM view, BYTE *data, DWORD *size)
{
    HKEY key;
    LSTATUS status = RegOpenKeyExW(HKEY_LOCAL_MACHINE, KEY, 0, KEY_QUERY_VALUE | view, &key);
    if (status)
        return status;
    status = RegQueryValueExW(key, VALUE, NULL, NULL, data, size);
    RegCloseKey(key);
    return status;
}

static DWORD store(REGSAM view, const BYTE *data, DWORD size)
{
    HKEY key;
    LSTATUS status = RegCreateKeyExW(HKEY_LOCAL_MACHINE, KEY, 0, NULL, 0, KEY_SET_VALUE | view, NULL, &key, NULL);
    if (status)
        return status;
    status = data ? RegSetValueExW(key, VALUE, 0, REG_BINARY, data, size) : RegDeleteValueW(key, VALUE);
    RegCloseKey(key);
    return status;
}

/* A 32-bit program writes the other view. This one is a 64-bit program: it moves over what the interface wrote. */
static BOOL apply(WINHTTP_PROXY_INFO *info)
{
    static BYTE own[65536], written[65536];
    DWORD own_size = sizeof own, size = sizeof written;
    BOOL had = is32 && !load(KEY_WOW64_64KEY, own, &own_size);
    if (!WinHttpSetDefaultProxyConfiguration(info))
        return FALSE;
    if (!is32)
        return TRUE;
    return !load(KEY_WOW64_64KEY, written, &size) && !store(KEY_WOW64_32KEY, written, size)
        && !store(KEY_WOW64_64KEY, had ? own : NULL, own_size);
}

int wmain(int count, wchar_t **words)
{
    static const wchar_t SERVER[] = L"proxy-server=", LIST[] = L"bypass-list=";
    WINHTTP_PROXY_INFO info = {WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL};

    if (count < 4 || wcscmp(words[1], L"winhttp") || wcscmp(words[3], L"proxy"))
        return usage();
    if (!wcscmp(words[2], L"set")) {
        if (count > 6 || count < 5 || wcsncmp(words[4], SERVER, wcslen(SERVER)) || !words[4][wcslen(SERVER)])
            return usage();
        info.dwAccessType = WINHTTP_ACCESS_TYPE_NAMED_PROXY;
        info.lpszProxy = words[4] + wcslen(SERVER);
        if (count == 6) {
            if (wcsncmp(words[5], LIST, wcslen(LIST)) || !words[5][wcslen(LIST)])
                return usage();
            info.lpszProxyBypass = words[5] + wcslen(LIST);
        }
    } else if (wcscmp(words[2], L"reset") || count != 4) {
        return usage();
    }
    if (misbehaves("fail")) {
        puts("Access is denied.");
        return 1;
    }
    if (misbehaves("half"))
        info.lpszProxyBypass = NULL;
    if (!misbehaves("lie") && !apply(&info)) {
        printf("Error writing proxy settings. (%lu)\n", GetLastError());
        return 1;
    }
    puts("Current WinHTTP proxy settings:");
    return 0;
}
