/* SPDX-License-Identifier: MIT
 *
 * Seeing inside: what the inspect flavour tells. Compile with -DRT_INSPECT=1 and link
 * librt-inspect.a; the plain flavour has none of this.
 *
 * What is found is told in one sentence on the report stream, standard error unless
 * rt_report_to() says otherwise, and counted:
 *
 *   lost task      pending, and nothing has promised to wake it
 *   stall          one poll held the loop longer than `stall_ns` of the configuration
 *   busy wake      most of its wakes come from itself: it burns the CPU to wait
 *   held lock      pending with a pthread mutex locked: others stop with it
 *   unseen failure finished with a negative result that nobody can learn of
 *   unfinished     alive when the executor was freed
 *   unread         a connection closed with bytes unread, which resets it
 *   leak           an object of the runtime not freed when the process ends (on standard error)
 *   deadlock       every task waits and nothing can wake one: who waits for whom
 *
 * Everything here belongs to the executor's thread.
 */
#ifndef RT_REPORT_H
#define RT_REPORT_H

#include "rt/executor.h"

#if !RT_INSPECT
#error "rt/report.h needs the inspect flavour: compile with -DRT_INSPECT=1, link librt-inspect.a"
#endif

#include <stdio.h>

/* Totals since the executor was made. */
struct rt_counters {
    uint64_t polls;
    uint64_t spurious_polls; /* pending again at the same await, with nothing gained */
    uint64_t wakes;          /* that made a task ready */
    uint64_t wakes_merged;   /* that found it ready already */
    uint64_t self_wakes;     /* of a task by its own poll, yields left out */
    uint64_t yields;
    uint64_t budget_yields;
    uint64_t turns;
    uint64_t ready_sum, ready_max; /* length of the run queue at each turn's beginning */
    uint64_t spawned, finished, failed;
    uint64_t aborted;                   /* dropped on request */
    uint64_t dropped;                   /* alive when the executor was freed */
    uint64_t dropped_unpolled;          /* of `aborted` and `dropped`: never polled */
    uint64_t unseen_failures, unjoined; /* `unjoined`: handles neither joined nor detached */
    uint64_t lost, stalls, busy_wakes, held_locks, unread, deadlocks;
};

/* The totals so far. O(1). */
const struct rt_counters *rt_counters(const struct rt_executor *executor);

/* How many objects of a kind live in this process. Thread-safe. */
int64_t rt_live_objects(enum rt_kind kind);

/* Sends what is found to `out`, which must stay open; NULL for nowhere. */
void rt_report_to(struct rt_executor *executor, FILE *out);

/* Writes every live task: its number, name and place of birth, its state and since when, what it
 * waits for and where, and how its life was spent. O(blocks of the slab). */
void rt_dump(struct rt_executor *executor, FILE *out);

/* From now on that signal (SIGUSR1, say) makes the executor's loop dump to the report stream, from
 * wherever it is sent: between two polls, or at once when the loop sleeps. For one executor of the
 * process, until it is freed. 0 or a negative errno value. */
int rt_dump_on_signal(struct rt_executor *executor, int signal);

/* Starts a thread that tells, on the report stream of this moment, of a poll that has held the loop
 * for longer than `stall_ns` while it still does, and whether it computes or is inside a system
 * call. Called on the thread that runs the loop. 0; -EBUSY when there is one or there is no stream;
 * or why no thread could be started. It ends with the executor. */
int rt_watch_stalls(struct rt_executor *executor);

/* The totals and the live objects, one a line, those that are 0 left out. With the environment
 * variable RT_COUNTERS every executor does it on its report stream when it is freed. */
void rt_counters_write(const struct rt_executor *executor, FILE *out);

/* Writes the latest of what happened, at most `trace_events` of the configuration, as JSON that
 * Perfetto and chrome://tracing open: every poll with what it went on to wait for, every wake with
 * who made it and an arrow to the poll that it caused, every spawn, and the time spent outside of
 * tasks. 0, or -EIO.
 *
 * With the environment variable RT_TRACE a program need not ask: each executor keeps a trace and
 * writes it to the file of that name when it is freed. */
int rt_trace_write(struct rt_executor *executor, FILE *out);

#endif
