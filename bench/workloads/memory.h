/* SPDX-License-Identifier: MIT
 *
 * What the workloads of the name memory-... share: how long to wait before the machine is read, and
 * their floor. What the machine gave for N waiting tasks, all kinds counted, is divided by N; over
 * eight numbers of tasks it gives a slope, which is free of what the process needs but once. What
 * is read for the whole machine is narrowed by the slope over many cells, not by more rounds of
 * one.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include "model.h"

#include <stdlib.h>
#include <string.h>

#ifdef MODEL_FLOOR

enum { CACHE_LINE = 64 };

/* So many bytes a task, touched, and no task. */
static inline void memory_floor(struct wl_round *round, size_t bytes_each)
{
    uint64_t tasks = wl_tasks(round);
    wl_memory_before(round);
    char *frames = malloc(tasks * bytes_each);
    if (!frames)
        wl_fail(round, -ENOMEM, "malloc", tasks);
    memset(frames, 1, tasks * bytes_each);
    __asm__ volatile("" : : "r"(frames) : "memory");
    wl_memory_after(round);
    wl_record_extra(round, "tasks_alive", (double)tasks);
    free(frames);
}

#else

/* The last to arrive still has a step to go to its wait; and whoever reads /proc beside us asks for
 * more time. */
static inline uint64_t memory_settled_ns(struct wl_round *round)
{
    return tc_now_ns() + 20 * TC_NS_PER_MS + wl_time_ns(round) / 20;
}

#endif
#endif
