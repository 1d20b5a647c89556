/* SPDX-License-Identifier: MIT
 *
 * Parameters that both models of threads have.
 */
#ifndef MODEL_THREADS_PARAMS_H
#define MODEL_THREADS_PARAMS_H

#include "tb/tb.h"

#include "base/parse.h"

#include <string.h>

/* clang-format off */
#define MODEL_PARAM_POLICY  {"policy", "other,batch",                                              \
                             "scheduling policy; under batch a woken thread does not preempt"}
#define MODEL_PARAM_CHANNEL {"channel", "mutex-condition,futex",                                   \
                             "what threads sleep on in channels and events: pthread's condition or a futex"}
/* clang-format on */

static inline void model_configure_policy(struct wl_round *round)
{
    const char *policy = wl_param(round, "policy");
    if (strcmp(policy, "batch") == 0)
        WL_TRY(round, tb_policy_batch(), 0);
    else if (strcmp(policy, "other") != 0)
        wl_wrong(round, "policy '%s' is neither other nor batch", policy);
}

static inline void model_configure_channel(struct wl_round *round)
{
    const char *channel = wl_param(round, "channel");
    bool futex = strcmp(channel, "futex") == 0;
    if (!futex && strcmp(channel, "mutex-condition") != 0)
        wl_wrong(round, "channel '%s' is neither mutex-condition nor futex", channel);
    tb_cond_use_futex(futex);
}

/* A size in bytes; 0 for "default". */
static inline size_t model_param_bytes(struct wl_round *round, const char *name)
{
    const char *text = wl_param(round, name);
    struct tc_error err;
    uint64_t bytes;
    if (strcmp(text, "default") == 0)
        return 0;
    if (tc_parse_bytes(text, name, UINT64_C(1) << 40, &bytes, &err) < 0)
        wl_wrong(round, "%s", err.text);
    return bytes;
}

#endif
