/* SPDX-License-Identifier: MIT
 *
 * The model `threads-pool`: tasks queue for a fixed number of threads, which block where the tasks
 * wait. So tasks that wait for each other can't be run on it, and their workloads say so.
 */
#ifndef MODEL_THREADS_POOL_H
#define MODEL_THREADS_POOL_H

#include "model_threads_params.h"

#include <sched.h>

#define MODEL_ON_POOL 1

#define MODEL_NAME        "threads-pool"
#define MODEL_DESCRIPTION "a pool of POSIX threads, blocking calls; tasks queue for a thread"
#define MODEL_ONE_THREAD  false
/* clang-format off */
#define MODEL_PARAMS      {MODEL_PARAM_POLICY, MODEL_PARAM_CHANNEL,                                \
                           {"pool", "pus,2,16,128,...",                                            \
                            "threads of the pool; pus: one a PU that the round may run on"},       \
                           {"queue", "65536,...",                                                  \
                            "tasks that may wait for a thread; beyond it spawning waits"},         \
                           {"stack", "default,1MiB,64KiB,...",                                     \
                            "stack size of each thread; default is 256KiB"}}
#define MODEL_CHOICES     {{"driver", "main-thread", "the driver is the process's first thread"}}
#define MODEL_ENVIRONMENT {0}
/* clang-format on */

typedef struct tb_pool_handle handle_t;

/* Made by RUN. */
static struct tc_pool *model_pool;
static size_t model_pool_stack;

static inline uint32_t model_param_count(struct wl_round *round, const char *name)
{
    struct tc_error err;
    uint64_t count;
    if (tc_parse_count(wl_param(round, name), name, 1, 1 << 20, &count, &err) < 0)
        wl_wrong(round, "%s", err.text);
    return (uint32_t)count;
}

static inline uint32_t model_pus(void)
{
    cpu_set_t allowed;
    MUST(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
    return (uint32_t)CPU_COUNT(&allowed);
}

static inline void model_configure(struct wl_round *round)
{
    bool one_a_pu = strcmp(wl_param(round, "pool"), "pus") == 0;
    struct tc_pool_config config = {
        .threads_max = one_a_pu ? model_pus() : model_param_count(round, "pool"),
        .queue_max = model_param_count(round, "queue"),
        .keep_alive_ns = TC_NEVER,
        .stack_bytes = model_param_bytes(round, "stack"),
    };
    model_configure_policy(round);
    model_configure_channel(round);
    if (!(model_pool = tc_pool_new(&config)))
        wl_fail(round, -errno, "making the pool", 0);
    model_pool_stack = tc_pool_stack_bytes(model_pool);
}

static inline size_t model_stack_bytes(void)
{
    return model_pool_stack;
}

#define SPAWN(name, handle, ...) \
    (MODEL_COUNT(spawn),         \
     tb_pool_spawn(model_pool, name, &(struct name)__VA_ARGS__, sizeof(struct name), handle))

/* Whoever waits for what a task does waits for the task's thread too, so there is none to ask. */
#define SPAWN_ABORTABLE    SPAWN
#define task_abort(handle) ((void)(handle), false)

#define tb_join tb_pool_join /* what AWAIT(task_join(...)) calls */

#define RUN(round, name, ...)                                   \
    ({                                                          \
        model_configure(round);                                 \
        int64_t model_result = name(&(struct name)__VA_ARGS__); \
        tc_pool_free(model_pool);                               \
        model_result;                                           \
    })

#include "model_threads.h"

#endif
