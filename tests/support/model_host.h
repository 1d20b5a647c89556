/* SPDX-License-Identifier: MIT
 *
 * What the model adapters want of the worker, for tests of the models: a round without a workload.
 * A verdict ends the test's process and says why, which is also how tasks check what they see:
 * cmocka's assertions jump and must stay on the test's own stack, so that inside a TASK only
 * EXPECT() may be used.
 *
 * Included by one source file a program, after test_main.h and before anything of the model's.
 */
#ifndef MODEL_HOST_H
#define MODEL_HOST_H

#include "harness/workload.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wl_round {
    const char *stack; /* of the threads model; other models have no parameters */
};

/* Every test runs in this round. */
static struct wl_round host_round = {.stack = "256KiB"};

const char *wl_param(const struct wl_round *round, const char *name)
{
    static const char *const others[][2] = {
        {"policy", "other"}, {"channel", "mutex-condition"}, {"pool", "600"}, {"queue", "65536"}};
    if (strcmp(name, "stack") == 0)
        return round->stack;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(name, others[i][0]) == 0)
            return others[i][1];
    return "default";
}

void wl_wrong(struct wl_round *round, const char *format, ...)
{
    va_list args;
    (void)round;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}

void wl_skip(struct wl_round *round, const char *format, ...)
{
    wl_wrong(round, "skipped: %s", format);
}

void wl_fail(struct wl_round *round, int code, const char *what, uint64_t index)
{
    wl_wrong(round, "%s: error %d at %llu", what, code, (unsigned long long)index);
}

/* Inside a TASK: these two must be equal / this must hold. */
#define EXPECT(actual, expected) WL_EXPECT(&host_round, actual, expected)
#define EXPECT_TRUE(condition)                                                             \
    do {                                                                                   \
        if (!(condition))                                                                  \
            wl_wrong(&host_round, "%s:%d: must hold: %s", __FILE__, __LINE__, #condition); \
    } while (0)

/* Inside a TASK: starts one that must start. */
#define START(name, handle, ...) EXPECT(SPAWN(name, handle, __VA_ARGS__), 0)

/* Runs a root task that must end with 0. */
#define RUN_TEST(name, ...) assert_int_equal(RUN(&host_round, name, __VA_ARGS__), 0)

/* Flags and counters that tasks share: atomic, because in some models tasks are threads. */
static inline void bump(int64_t *counter)
{
    __atomic_fetch_add(counter, 1, __ATOMIC_ACQ_REL);
}

static inline int64_t peek(const int64_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_ACQUIRE);
}

#endif
