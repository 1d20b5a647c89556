/* SPDX-License-Identifier: MIT
 *
 * Threads for tests of the baseline: starting one, and running a test with either kind of
 * condition. Threads do not assert (cmocka's failure is a jump within one thread): they return what
 * they saw, or end the test's process.
 */
#ifndef THREADS_H
#define THREADS_H

#include "both.h"

#include "tb/tb.h"

#include "base/status.h"

static struct tb_spawner spawner;

/* Before any test's process forks off, so that each has it. */
__attribute__((constructor)) static void make_spawner(void)
{
    struct tb_config config = {.stack_bytes = 256 * 1024};
    MUST(tb_spawner_init(&spawner, &config) == 0);
}

struct pointed {
    tb_body_fn *body;
    void *frame;
};

static int64_t run_pointed(void *frame)
{
    struct pointed *pointed = frame;
    return pointed->body(pointed->frame);
}

/* Starts a thread that works on the caller's own frame and not on a copy; to be joined. */
__attribute__((unused)) static struct tb_handle start(tb_body_fn *body, void *frame)
{
    struct tb_handle handle;
    struct pointed pointed = {body, frame};
    MUST(tb_spawn(&spawner, run_pointed, &pointed, sizeof pointed, &handle) == 0);
    return handle;
}

/* The same for a thread that can be asked to stop. */
__attribute__((unused)) static struct tb_handle start_abortable(tb_body_fn *body, void *frame)
{
    struct tb_handle handle;
    struct pointed pointed = {body, frame};
    MUST(tb_spawn_cancellable(&spawner, NULL, run_pointed, &pointed, sizeof pointed, &handle) == 0);
    return handle;
}

static inline int64_t peek(const int64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void bump(int64_t *word)
{
    __atomic_fetch_add(word, 1, __ATOMIC_ACQ_REL);
}

static inline void wait_until(const int64_t *word, int64_t value)
{
    while (peek(word) < value)
        tb_yield();
}

/* Time for others to get further than they should. */
static inline void let_others_run(void)
{
    for (int i = 0; i < 20; i++)
        tb_yield();
}

#endif
