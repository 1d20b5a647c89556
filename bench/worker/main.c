/* SPDX-License-Identifier: MIT
 *
 * A worker: lists what its model can run, or measures one round of one cell and prints it
 * (docs/protocol.md). Compiled once; linked with the workloads of each model.
 */
#include "worker.h"

#include "base/clock.h"
#include "base/parse.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define WORKLOAD(name) extern const struct workload name;
#include "workloads.def"
#undef WORKLOAD

static const struct workload *const workloads[] = {
#define WORKLOAD(name) &name,
#include "workloads.def"
#undef WORKLOAD
    NULL};

enum { EXIT_WRONG_USE = 2 };

static int wrong_use(const char *sentence)
{
    fprintf(stderr, "worker-%s: %s\n", wl_model.name, sentence);
    return EXIT_WRONG_USE;
}

void wl_end(struct wl_round *round)
{
    output_finish(round, "ok", NULL, NULL);
}

void wl_wrong(struct wl_round *round, const char *format, ...)
{
    char reason[512];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    output_finish(round, "failed", reason, NULL);
}

void wl_skip(struct wl_round *round, const char *format, ...)
{
    char reason[512];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    output_finish(round, "skipped", reason, NULL);
}

static _Noreturn void fail(struct wl_round *round, const struct refusal *refusal)
{
    char reason[512];
    struct limit_hit hit;
    /* The call as it stands in the source says more than it needs to: its name is enough. */
    int length = (int)strcspn(refusal->what, "(");
    if (limit_explain(round, refusal, &hit)) {
        snprintf(reason, sizeof reason, "%s is %.0f: stopped at task %llu", hit.name, hit.value,
                 (unsigned long long)refusal->index);
        output_finish(round, "limited", reason, &hit);
    }
    snprintf(reason, sizeof reason, "%.*s failed with %s at task %llu", length, refusal->what,
             tc_errno_name(refusal->code), (unsigned long long)refusal->index);
    output_finish(round, "failed", reason, NULL);
}

void wl_fail(struct wl_round *round, int code, const char *what, uint64_t index)
{
    fail(round, &(struct refusal){.code = code, .what = what, .index = index});
}

void *wl_alloc(struct wl_round *round, uint64_t count, size_t size)
{
    enum { CACHE_LINE = 64 };
    size_t bytes = 0;
    void *memory = NULL;
    if (!__builtin_mul_overflow(count, size, &bytes) && bytes <= SIZE_MAX - CACHE_LINE)
        memory = aligned_alloc(CACHE_LINE, (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE);
    if (memory)
        return memset(memory, 0, bytes);
    fail(round,
         &(struct refusal){.code = -ENOMEM, .what = "allocating for the workload", .bytes = bytes});
}

/* -- arguments -- */

static void set_defaults(struct wl_round *round)
{
    static char texts[2 * WL_MAX_PARAMS][64];
    for (int i = 0; i < WL_MAX_PARAMS; i++) {
        const struct wl_param *own = &round->workload->params[i], *model = &wl_model.params[i];
        if (own->name)
            round->params[i] = first_value(own->values, texts[i], sizeof texts[i]);
        if (model->name)
            round->params[WL_MAX_PARAMS + i] = first_value(model->values, texts[WL_MAX_PARAMS + i],
                                                           sizeof texts[WL_MAX_PARAMS + i]);
    }
}

/* "NAME=VALUE" for a parameter that exists. */
static int set_param(struct wl_round *round, const char *setting, struct tc_error *err)
{
    size_t length = strcspn(setting, "=");
    for (int i = 0; i < WL_MAX_PARAMS && setting[length]; i++) {
        const char *own = round->workload->params[i].name, *model = wl_model.params[i].name;
        if (own && strlen(own) == length && memcmp(own, setting, length) == 0) {
            round->params[i] = setting + length + 1;
            return 0;
        }
        if (model && strlen(model) == length && memcmp(model, setting, length) == 0) {
            round->params[WL_MAX_PARAMS + i] = setting + length + 1;
            return 0;
        }
    }
    return tc_fail(err, -EINVAL, "--param '%s' is not NAME=VALUE of a parameter of %s", setting,
                   round->workload->name);
}

static int read_option(struct wl_round *round, const char *option, const char *value,
                       struct tc_error *err)
{
    uint64_t number;
    int code = 0;
    if (strcmp(option, "--param") == 0)
        return set_param(round, value, err);
    if (strcmp(option, "--tasks") == 0) {
        uint64_t most = round->workload->tasks_max ? round->workload->tasks_max : UINT64_C(1) << 32;
        code = tc_parse_count(value, option, round->workload->tasks_min, most, &number, err);
        round->tasks = code ? 0 : number;
    } else if (strcmp(option, "--time-ms") == 0) {
        code = tc_parse_count(value, option, 1, 3600000, &number, err);
        round->time_ns = code ? 0 : number * TC_NS_PER_MS;
    } else if (strcmp(option, "--inject") == 0) {
        code = tc_parse_count(value, option, 1, 1000, &number, err);
        round->inject_percent = code ? 0 : number;
    } else if (strcmp(option, "--laps") == 0) {
        code = tc_parse_count(value, option, 1, UINT64_C(1) << 40, &number, err);
        round->exact_laps = code ? 0 : number;
    } else if (strcmp(option, "--stall-ms") == 0) {
        code = tc_parse_count(value, option, 1, 10000, &number, err);
        round->stall_ns = code ? 0 : number * TC_NS_PER_MS;
    } else {
        code = tc_fail(err, -EINVAL, "unknown option '%s'", option);
    }
    return code;
}

static const struct workload *find_workload(const char *name)
{
    for (const struct workload *const *w = workloads; *w; w++)
        if (strcmp((*w)->name, name) == 0)
            return *w;
    return NULL;
}

/* Threads and descriptors up to the hard limits: what the user allows, not what is the habit. */
static void raise_soft_limits(void)
{
    static const int resources[] = {RLIMIT_NOFILE, RLIMIT_NPROC};
    for (size_t i = 0; i < TC_COUNT_OF(resources); i++) {
        struct rlimit both;
        if (getrlimit((__rlimit_resource_t)resources[i], &both) == 0) {
            both.rlim_cur = both.rlim_max;
            setrlimit((__rlimit_resource_t)resources[i], &both);
        }
    }
}

static int run_round(int argc, char **argv, char **program)
{
    struct tc_error err;
    static struct wl_round the_round; /* one a process */
    struct wl_round *round = &the_round;
    if (argc < 1 || !(round->workload = find_workload(argv[0])))
        return wrong_use("run: expected the name of a workload, see 'list'");
    round->tasks = round->workload->tasks_default;
    round->time_ns = 200 * TC_NS_PER_MS;
    set_defaults(round);
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc)
            return wrong_use("run: the last option lacks its value");
        if (read_option(round, argv[i], argv[i + 1], &err) < 0)
            return wrong_use(err.text);
    }
    if (environment_prepare(round, program, &err) < 0)
        return wrong_use(err.text);
    raise_soft_limits();
    if (round->exact_laps)
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a tracer that is killed would leave us running */
    round->start_ns = tc_now_ns();
    const char *unsupported = unsupported_because(round->workload);
    if (unsupported)
        wl_skip(round, "%s", unsupported);
    round->workload->run(round);
    wl_end(round);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        tc_json *list = output_list(workloads);
        int err = tcj_write(list, stdout);
        tcj_free(list);
        return err ? 1 : 0;
    }
    if (argc >= 2 && strcmp(argv[1], "run") == 0)
        return run_round(argc - 2, argv + 2, argv);
    return wrong_use("usage: list | run WORKLOAD --tasks N [--param NAME=VALUE] [--time-ms T]");
}
