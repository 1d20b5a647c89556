/* SPDX-License-Identifier: MIT
 *
 * Failures: one sentence for a person, a name for an errno, an abort for our own bugs.
 */
#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int tc_fail(struct tc_error *err, int code, const char *format, ...)
{
    MUST(code < 0);
    if (err) {
        va_list args;
        va_start(args, format);
        vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
    }
    return code;
}

const char *tc_errno_name(int code)
{
    const char *name = strerrorname_np(code < 0 ? -code : code);
    return name ? name : "unknown error";
}

void tc_must_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "taskcost: bug: %s:%d: this must hold: %s\n", file, line, what);
    abort();
}
