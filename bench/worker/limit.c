/* SPDX-License-Identifier: MIT
 *
 * Naming the limit that was hit.
 *
 * A failed call tells little: glibc reports EAGAIN for a thread whatever the cause, and ENOMEM may
 * be a limit of the process, of its mappings or of the machine. So each limit is compared with its
 * usage (harness/limits.h), and the one that has no room for what was asked is named; the one with
 * the least room, if there are several.
 */
#include "worker.h"

#include "base/parse.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

void limit_hit_set(struct limit_hit *hit, const struct tc_limit *limit, double asked)
{
    *hit = (struct limit_hit){.value = limit->value,
                              .needed = fmax(limit->value, limit->used + asked),
                              .bytes = TC_BYTE_RESOURCES & TC_RESOURCE(limit->resource)};
    snprintf(hit->name, sizeof hit->name, "%s", limit->name);
    snprintf(hit->path, sizeof hit->path, "%s", limit->path);
}

/* Of what is counted. `ended` of the tasks may have ended since the failure, before usage was read;
 * a hundredth of slack, as some may always come and go. */
static bool explain_counted(const struct tc_limits *limits, double ended, struct limit_hit *hit)
{
    unsigned counted = TC_RESOURCE(TC_TASKS) | TC_RESOURCE(TC_MAPS);
    const struct tc_limit *tightest = tc_limits_tightest(limits, counted);
    if (!tightest || tc_limit_room(tightest) - ended >= 1 + tightest->value / 100)
        return false;
    limit_hit_set(hit, tightest, 0);
    hit->needed = tightest->value + 1;
    return true;
}

/* Of bytes. Where `asked` is not known (NaN), the tightest must have been too small for it; an
 * allocator rounds up, by the slack at most. */
static bool explain_bytes(const struct tc_limits *limits, double asked, struct limit_hit *hit)
{
    enum { SLACK = 1 << 21 };
    const struct tc_limit *tightest = tc_limits_tightest(limits, TC_BYTE_RESOURCES);
    if (!tightest || tc_limit_room(tightest) >= asked + SLACK)
        return false;
    limit_hit_set(hit, tightest, isnan(asked) ? 0 : asked);
    return true;
}

/* What a thread asks for: its stack. NaN in a model that has none. */
static double stack_bytes(const struct wl_round *round)
{
    enum { LIBC_DEFAULT = 2 << 20 }; /* where the soft limit is unlimited */
    uint64_t bytes;
    for (int i = 0; i < WL_MAX_PARAMS; i++) {
        const struct wl_param *param = &wl_model.params[i];
        if (!param->name || strcmp(param->name, "stack") != 0)
            continue;
        if (tc_parse_bytes(round->params[WL_MAX_PARAMS + i], "stack", UINT64_MAX, &bytes, NULL) ==
            0)
            return (double)bytes;
        double soft = tc_soft_limit("", "Max stack size");
        return isfinite(soft) ? soft : LIBC_DEFAULT;
    }
    return NAN;
}

static bool explain_thread(const struct wl_round *round, uint64_t index, struct limit_hit *hit)
{
    struct tc_limits limits;
    tc_limits_read(&limits, "", TC_ALL_RESOURCES);
    return explain_counted(&limits, 0, hit) || explain_bytes(&limits, stack_bytes(round), hit) ||
           explain_counted(&limits, (double)index, hit);
}

static bool explain_memory(double asked, struct limit_hit *hit)
{
    struct tc_limits limits;
    tc_limits_read(&limits, "", TC_BYTE_RESOURCES | TC_RESOURCE(TC_MAPS));
    return explain_counted(&limits, 0, hit) || explain_bytes(&limits, asked, hit);
}

/* Without a descriptor left nothing can be read: the process itself knows. */
static double descriptors(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) < 0 ? NAN : (double)limit.rlim_cur;
}

/* How many ports a connection may leave from; NaN where unknown. */
static double local_ports(void)
{
    double low, high;
    FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
    if (!file)
        return NAN;
    int found = fscanf(file, "%lf %lf", &low, &high);
    fclose(file);
    return found == 2 ? high - low + 1 : NAN;
}

static bool set_hit(struct limit_hit *hit, const char *name, double value)
{
    *hit = (struct limit_hit){.value = value, .needed = value + 1};
    snprintf(hit->name, sizeof hit->name, "%s", name);
    return true;
}

bool limit_explain(const struct wl_round *round, const struct refusal *refusal,
                   struct limit_hit *hit)
{
    struct tc_limits limits;
    switch (-refusal->code) {
    case EMFILE:
        return set_hit(hit, "RLIMIT_NOFILE", descriptors());
    case ENFILE:
        tc_limits_read(&limits, "", TC_RESOURCE(TC_FILES));
        const struct tc_limit *files = tc_limits_find(&limits, "fs.file-max");
        return set_hit(hit, "fs.file-max", files ? files->value : NAN);
    case EADDRNOTAVAIL:
        return set_hit(hit, "ports of net.ipv4.ip_local_port_range", local_ports());
    case EAGAIN:
        return strstr(refusal->what, "SPAWN") && explain_thread(round, refusal->index, hit);
    case ENOMEM:
        return explain_memory(refusal->bytes > 0 ? (double)refusal->bytes : NAN, hit);
    default:
        return false;
    }
}

tc_json *limit_describe(const struct limit_hit *hit)
{
    tc_json *out = tcj_object();
    tcj_set(out, "name", tcj_string(hit->name));
    tcj_set(out, "value", tcj_number(floor(hit->value)));
    tcj_set(out, "needed", tcj_number(ceil(hit->needed)));
    tcj_set(out, "unit", tcj_string(hit->bytes ? "B" : "count"));
    if (*hit->path)
        tcj_set(out, "path", tcj_string(hit->path));
    return out;
}
