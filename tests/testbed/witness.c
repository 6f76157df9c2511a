/*
 * Copyright (c) 2026, the configmgr.tenant_attach authors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a Windows program sees: the default WinHTTP proxy, as access type, proxy and bypass list, one a line.
 * With arguments it first sets them, as another program would: witness.exe PROXY [BYPASS].
 * `witness.exe argv …` prints its arguments instead, each in brackets, as a program of the C runtime gets them.
 */
#include <windows.h>
#include <winhttp.h>
#include <stdio.h>
#include <wchar.h>

static void show(const wchar_t *text, const char *end)
{
    static char bytes[131072];
    WideCharToMultiByte(CP_UTF8, 0, text ? text : L"", -1, bytes, sizeof bytes, NULL, NULL);
    printf("%s%s", bytes, end);
}

int wmain(int count, wchar_t **words)
{
    WINHTTP_PROXY_INFO info = {WINHTTP_ACCESS_TYPE_NAMED_PROXY, NULL, NULL};

    if (count > 1 && !wcscmp(words[1], L"argv")) {
        for (int i = 2; i < count; i++) {
            printf("[");
            show(words[i], "]");
        }
        printf("\n");
        return 0;
    }
    if (count > 1) {
        info.lpszProxy = words[1];
        info.lpszProxyBypass = count > 2 ? words[2] : NULL;
        if (!WinHttpSetDefaultProxyConfiguration(&info))
            return 1;
    }
    if (!WinHttpGetDefaultProxyConfiguration(&info))
        return 1;
    printf("%lu\n", info.dwAccessType);
    show(info.lpszProxy, "\n");
    show(info.lpszProxyBypass, "\n");
    return 0;
}
