/* SPDX-License-Identifier: MIT
 *
 * The model `threads`: a thread a task.
 */
#ifndef MODEL_THREADS_EACH_H
#define MODEL_THREADS_EACH_H

#include "model_threads_params.h"

#include <gnu/libc-version.h>
#include <stdio.h>

#define MODEL_NAME        "threads"
#define MODEL_DESCRIPTION "one POSIX thread a task, blocking calls"
#define MODEL_ONE_THREAD  false
/* clang-format off */
#define MODEL_PARAMS      {MODEL_PARAM_POLICY, MODEL_PARAM_CHANNEL,                                \
                           {"futex-hash", "default,65536,...",                                     \
                            "slots of the process's futex hash, a power of 2; default is the kernel's"}, \
                           {"stack-cache", "default,0,...",                                        \
                            "bytes of stacks of ended threads that glibc keeps; default is 40MiB"}, \
                           {"stack", "default,1MiB,64KiB,...",                                     \
                            "stack size of each thread; default is the system's, see limits"}}
#define MODEL_CHOICES     {{"driver", "main-thread", "the driver is the process's first thread"}}
#define MODEL_ENVIRONMENT {"stack-cache", "GLIBC_TUNABLES", "glibc.pthread.stack_cache_size="}
/* clang-format on */

typedef struct tb_handle handle_t;

/* Attributes of the threads of this round; set by RUN before any is spawned. */
static struct tb_spawner model_spawner;

/* The tunable came with glibc 2.34. */
static inline bool model_has_stack_cache(void)
{
    unsigned major = 0, minor = 0;
    return sscanf(gnu_get_libc_version(), "%u.%u", &major, &minor) == 2 &&
           (major > 2 || (major == 2 && minor >= 34));
}

static inline void model_configure_futex_hash(struct wl_round *round)
{
    const char *text = wl_param(round, "futex-hash");
    struct tc_error error;
    uint64_t slots;
    if (strcmp(text, "default") == 0)
        return;
    if (tc_parse_count(text, "futex-hash", 2, 1 << 24, &slots, &error) < 0)
        wl_wrong(round, "%s", error.text);
    if (slots & (slots - 1))
        wl_wrong(round, "futex-hash '%s' is no power of two", text);
    int err = tb_futex_hash((uint32_t)slots);
    if (err == -ENOSYS)
        wl_skip(round, "this kernel has no futex hash a process (prctl PR_FUTEX_HASH); Linux 6.16 "
                       "and later have");
    WL_TRY(round, err, 0);
}

static inline void model_configure(struct wl_round *round)
{
    model_configure_policy(round);
    model_configure_channel(round);
    model_configure_futex_hash(round);
    if (strcmp(wl_param(round, "stack-cache"), "default") != 0 && !model_has_stack_cache())
        wl_skip(round, "glibc %s has no tunable for its cache of stacks; 2.34 and later have",
                gnu_get_libc_version());
    struct tb_config config = {.stack_bytes = model_param_bytes(round, "stack")};
    WL_TRY(round, tb_spawner_init(&model_spawner, &config), 0);
}

static inline size_t model_stack_bytes(void)
{
    size_t bytes;
    MUST(pthread_attr_getstacksize(&model_spawner.joinable, &bytes) == 0);
    return bytes;
}

#define SPAWN(name, handle, ...) \
    (MODEL_COUNT(spawn),         \
     tb_spawn(&model_spawner, name, &(struct name)__VA_ARGS__, sizeof(struct name), handle))

#define SPAWN_ABORTABLE(name, handle, ...)                                       \
    (MODEL_COUNT(spawn),                                                         \
     tb_spawn_cancellable(&model_spawner, NULL, name, &(struct name)__VA_ARGS__, \
                          sizeof(struct name), handle))
#define task_abort(handle) tb_abort(handle)

#define RUN(round, name, ...)                                   \
    ({                                                          \
        model_configure(round);                                 \
        int64_t model_result = name(&(struct name)__VA_ARGS__); \
        tb_spawner_destroy(&model_spawner);                     \
        model_result;                                           \
    })

#endif
