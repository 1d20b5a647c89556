/* SPDX-License-Identifier: MIT
 *
 * Seeing inside: the hooks.
 *
 * Inspection is a flavour of the build. With -DRT_INSPECT=1 and librt-inspect.a every task knows
 * its name, where it was spawned, what it waits for and since when, and the executor counts, checks
 * and, if asked, traces (report.h tells how to read it all). Without it the macros below are empty
 * and not one instruction differs, which tests/cli/inspect.bats proves.
 *
 * The two flavours differ in the layout of a task, so every object file asks the linker for its
 * flavour by name: mixing them is an undefined reference to the flavour that is missing.
 *
 * A hook stands on a line of its own, RT_SEE(...);, and its arguments are evaluated only in the
 * inspect flavour.
 */
#ifndef RT_INSPECT_H
#define RT_INSPECT_H

#ifndef RT_INSPECT
#define RT_INSPECT 0
#endif

#if RT_INSPECT
#define RT__FLAVOUR rt__built_with_RT_INSPECT
#else
#define RT__FLAVOUR rt__built_without_RT_INSPECT
#endif

/* Defined by the library of that flavour. It is referred to from a section that is never loaded:
 * the linker must find it, nothing runs. */
extern const char RT__FLAVOUR;
#define RT__STRING(name)   #name
#define RT__EXPANDED(name) RT__STRING(name)
__asm__(".pushsection .rt_flavour,\"\"\n\t.quad " RT__EXPANDED(RT__FLAVOUR) "\n\t.popsection");

#if !RT_INSPECT

#define RT_SEE(...)
#define RT_SEEN(...)

#else

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct rt_cx;
struct rt_task;
struct rt_executor;

/* A hook, and a member of a structure that only this flavour has. */
#define RT_SEE(...)  __VA_ARGS__
#define RT_SEEN(...) __VA_ARGS__

/* A place in a source, and what is done there: the function spawned, the operation awaited. */
struct rt_site {
    const char *what;
    const char *function;
    const char *file;
    int line;
};

#define RT__SITE(name)                                                                    \
    ({                                                                                    \
        static const struct rt_site rt__site = {name, __func__, __FILE_NAME__, __LINE__}; \
        &rt__site;                                                                        \
    })

/* What an operation is awaited on: its first argument, where that is a pointer or holds one. */
#define RT__FIRST(first, ...) first
#define RT__OBJECT(...)                                                  \
    ({                                                                   \
        __auto_type rt__first = RT__FIRST(__VA_ARGS__ __VA_OPT__(, ) 0); \
        const void *rt__object = NULL;                                   \
        if (sizeof rt__first == sizeof rt__object)                       \
            memcpy(&rt__object, &rt__first, sizeof rt__object);          \
        rt__object;                                                      \
    })

/* Where a frame stands: in every frame, so that the whole path of a task can be told. */
struct rt_place {
    const struct rt_site *site; /* NULL before the first await that had to wait */
    const void *object;
};

/* What is kept of a task, in its header. Times of CLOCK_MONOTONIC; the three sums add up to its
 * life until `since_ns`. */
struct rt_seen {
    uint64_t id;                   /* from 1, in the order of spawning */
    const struct rt_site *spawned; /* NULL when it was not spawned with RT_SPAWN() */
    struct rt_place at;            /* the innermost await that it stands at */
    uint64_t since_ns;             /* when it began to run, to be ready or to wait */
    uint64_t busy_ns, ready_ns, idle_ns;
    uint64_t polls, wakes, self_wakes;
    uint64_t promises; /* how often something has promised to wake it */
    bool has_path;     /* its outermost frame has a place */
    bool took_waker;
    bool joined; /* somebody has its result */
    bool linted; /* its busy-waking has been told */
};

/* -- the hooks, called by the runtime alone -- */

/* The executor: made, about to drop its tasks, gone; a turn begins, it has looked outside, nothing
 * will ever happen. */
int rt__see_executor(struct rt_executor *executor);
void rt__see_end(struct rt_executor *executor);
void rt__see_gone(struct rt_executor *executor);
void rt__see_turn(struct rt_executor *executor);
void rt__see_outside(struct rt_executor *executor);
void rt__see_deadlock(struct rt_executor *executor);

/* A task: its life. A drop is an abort or the executor's end. */
void rt__see_spawn(struct rt_task *task);
void rt__see_name(struct rt_task *task, const struct rt_site *spawned);
void rt__see_wake(struct rt_executor *executor, struct rt_task *task);
void rt__see_poll(struct rt_cx *cx);
void rt__see_polled(struct rt_cx *cx, int64_t result);
void rt__see_drop(struct rt_task *task);
void rt__see_finish(struct rt_task *task, int64_t result);
void rt__see_detach(struct rt_task *task);

/* An await: how many promises there were before, the first poll is pending, a later poll. */
uint64_t rt__see_promises(struct rt_cx *cx);
void rt__see_await(struct rt_cx *cx, struct rt_place *place, uint64_t promises,
                   const struct rt_site *site, const void *object);
void rt__see_again(struct rt_cx *cx, int64_t result);

/* Called by operations: something has promised to wake the task; it got on although it is pending
 * again; it only lets others run, and is about to wake itself; its waker was copied. */
void rt__see_promise(struct rt_cx *cx);
void rt__see_progress(struct rt_cx *cx);
void rt__see_yield(struct rt_cx *cx, bool budget);
void rt__see_waker(const struct rt_cx *cx);

/* In RT_AWAIT(), which is about to leave the frame pending. */
#define RT__AWAITED(operation, ...) \
    rt__see_await(rt__cx, rt__place, rt__promises, RT__SITE(#operation), RT__OBJECT(__VA_ARGS__))

/* A descriptor is about to be closed. */
struct rt_io;
void rt__see_close(const struct rt_io *io);

/* Objects made and freed, process-wide, by type. */
enum rt_kind {
    RT_EXECUTORS,
    RT_TASKS,
    RT_CHANS,
    RT_BROADCASTS,
    RT_COLLECTIONS,
    RT_IOS,
    RT_FILES,
    RT_KINDS
};
void rt__see_object(enum rt_kind kind, int change);

/* -- locks of threads, held across an await: they stop the whole executor (and whoever else takes
 * them). Counted in code that includes this header. -- */

extern _Thread_local int rt__locks_held;

static inline int rt__see_lock(int err)
{
    rt__locks_held += err == 0;
    return err;
}

static inline int rt__see_unlock(int err)
{
    rt__locks_held -= err == 0;
    return err;
}

#define pthread_mutex_lock(mutex)    rt__see_lock(pthread_mutex_lock(mutex))
#define pthread_mutex_trylock(mutex) rt__see_lock(pthread_mutex_trylock(mutex))
#define pthread_mutex_unlock(mutex)  rt__see_unlock(pthread_mutex_unlock(mutex))

#endif
#endif
