/* SPDX-License-Identifier: MIT
 *
 * Parameters that the C library reads before main(), such as glibc's tunables: the worker executes
 * itself once more with the environment that the round asks for. The process stays the same one, so
 * whoever watches it notices nothing.
 */
#include "worker.h"

#include "base/parse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int environment_prepare(const struct wl_round *round, char **argv, struct tc_error *err)
{
    const struct wl_environment *wanted = &wl_model.environment;
    char text[160];
    uint64_t bytes;
    if (!wanted->param || strcmp(wl_param(round, wanted->param), "default") == 0)
        return 0;
    if (tc_parse_bytes(wl_param(round, wanted->param), wanted->param, INT64_MAX, &bytes, err) < 0)
        return -EINVAL;
    snprintf(text, sizeof text, "%s%" PRIu64, wanted->prefix, bytes);
    const char *now = getenv(wanted->variable);
    if (now && strcmp(now, text) == 0)
        return 0;
    if (setenv(wanted->variable, text, 1) == 0)
        execv("/proc/self/exe", argv);
    return tc_fail(err, -EINVAL, "the program can't be executed again for %s: %s", wanted->param,
                   tc_errno_name(errno));
}
