/* SPDX-License-Identifier: MIT
 *
 * The speed probe: how fast this CPU is while a round measures, apart from what it measures.
 *
 * A fixed loop on registers alone, with eight chains that do not depend on each other, so that it
 * needs all the issue slots a core has: it slows down with the clock, with a busy sibling on the
 * same core and with a neighbour on the host, and with nothing that the workload does to caches or
 * memory. It runs on the thread that asks for the next sample, between samples and never inside
 * one: before the first, after the last, and whenever INTERVAL_NS have passed.
 *
 * A probe is the fastest of CHUNKS short runs, so that an interrupt in one of them is not taken for
 * a slower CPU. Its price is bounded and told: the next is not due before INTERVAL_COSTS times the
 * CPU time of this one, the sum is in the result, and the round's cpu_time is without it. Counting
 * runs (--laps) are not probed, as nothing there is timed.
 */
#include "worker.h"

#include "base/clock.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

enum { CHUNKS = 4, CHUNK_STEPS = 4096, INTERVAL_NS = 5000000, INTERVAL_COSTS = 250 };

/* Nanoseconds a step. The empty assembly keeps the compiler from working out the sums at once. */
static double run_chunk(void)
{
    uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8;
    uint64_t start_ns = tc_now_ns();
    for (uint64_t i = 0; i < CHUNK_STEPS; i++) {
        a += 3, b ^= 5, c += 7, d ^= 11, e += 13, f ^= 17, g += 19, h ^= 23;
        __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
        __asm__ volatile("" : "+r"(e), "+r"(f), "+r"(g), "+r"(h));
    }
    return (double)(tc_now_ns() - start_ns) / CHUNK_STEPS;
}

static uint64_t thread_cpu_ns(void)
{
    struct timespec cpu;
    MUST(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu) == 0);
    return (uint64_t)cpu.tv_sec * TC_NS_PER_S + (uint64_t)cpu.tv_nsec;
}

void probe_see_cpu(struct probe *probe)
{
    int cpu = sched_getcpu();
    if (cpu >= 0 && cpu < CPU_SETSIZE)
        CPU_SET((size_t)cpu, &probe->seen);
}

void probe_take(struct probe *probe)
{
    double fastest = INFINITY;
    uint64_t start_ns = thread_cpu_ns();
    for (int i = 0; i < CHUNKS; i++)
        fastest = fmin(fastest, run_chunk());
    probe_see_cpu(probe);
    values_add(&probe->values, fastest);
    uint64_t cost_ns = thread_cpu_ns() - start_ns, pause_ns = cost_ns * INTERVAL_COSTS;
    probe->cpu_ns += cost_ns;
    probe->due_ns = tc_now_ns() + (pause_ns > INTERVAL_NS ? pause_ns : INTERVAL_NS);
}

void probe_take_if_due(struct probe *probe)
{
    if (tc_now_ns() >= probe->due_ns)
        probe_take(probe);
}

tc_json *probe_describe(const struct probe *probe, uint64_t span_ns)
{
    size_t count = probe->values.count;
    tc_json *out = tcj_object();
    double *sorted = malloc(count * sizeof *sorted);
    MUST(sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = probe->values.items[i];
    tc_sort(sorted, count);
    tcj_set(out, "before", tcj_number(probe->values.items[0]));
    tcj_set(out, "after", tcj_number(probe->values.items[count - 1]));
    tcj_set(out, "median", tcj_number(tc_quantile_sorted(sorted, count, 0.5)));
    tcj_set(out, "low", tcj_number(tc_quantile_sorted(sorted, count, 0.1)));
    tcj_set(out, "high", tcj_number(tc_quantile_sorted(sorted, count, 0.9)));
    tcj_set(out, "count", tcj_integer((int64_t)count));
    tcj_set(out, "share", tcj_number((double)probe->cpu_ns / (double)span_ns));
    free(sorted);
    return out;
}
