/* SPDX-License-Identifier: MIT
 *
 * Meters of this process: CPU time, context switches of both kinds, page faults, migrations,
 * memory.
 *
 * Memory is read in parts: resident pages from smaps_rollup (which walks the page tables; the
 * counters in status are batched), page tables from status, and what only the whole machine can
 * tell (kernel stacks, slab, free memory) from meminfo.
 */
#include "worker.h"

#include "base/clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Above this many threads the walk over /proc would take longer than the round. */
enum { MAX_THREADS_WALKED = 2000 };

void counters_read(struct counters *counters)
{
    struct rusage usage;
    struct timespec cpu;
    MUST(getrusage(RUSAGE_SELF, &usage) == 0);
    MUST(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0);
    counters->values[COUNTER_CPU_TIME] = (uint64_t)cpu.tv_sec * TC_NS_PER_S + (uint64_t)cpu.tv_nsec;
    counters->values[COUNTER_SWITCHES_VOLUNTARY] = (uint64_t)usage.ru_nvcsw;
    counters->values[COUNTER_SWITCHES_INVOLUNTARY] = (uint64_t)usage.ru_nivcsw;
    counters->values[COUNTER_PAGE_FAULTS] = (uint64_t)(usage.ru_minflt + usage.ru_majflt);
    counters->faults_major = (uint64_t)usage.ru_majflt;
}

const char *counter_name(enum worker_counter counter, const char **unit)
{
    static const char *const names[] = {
        [COUNTER_CPU_TIME] = "cpu_time",
        [COUNTER_SWITCHES_VOLUNTARY] = "switches_voluntary",
        [COUNTER_SWITCHES_INVOLUNTARY] = "switches_involuntary",
        [COUNTER_PAGE_FAULTS] = "page_faults",
    };
    *unit = counter == COUNTER_CPU_TIME ? "ns" : "1/operation";
    return names[counter];
}

/* The number after `key` in a /proc file of "key: number" lines; NaN when there is none. */
static double read_field(const char *path, const char *key)
{
    char line[256];
    double value = NAN;
    FILE *file = fopen(path, "re");
    if (!file)
        return NAN;
    size_t length = strlen(key);
    while (isnan(value) && fgets(line, sizeof line, file))
        if (strncmp(line, key, length) == 0 && strchr(line, ':'))
            value = strtod(strchr(line, ':') + 1, NULL);
    fclose(file);
    return value;
}

double migrations_read(void)
{
    DIR *threads = opendir("/proc/self/task");
    if (!threads)
        return NAN;
    double sum = 0;
    int walked = 0;
    for (struct dirent *entry; (entry = readdir(threads)) && !isnan(sum);) {
        if (entry->d_name[0] == '.')
            continue;
        char path[64];
        snprintf(path, sizeof path, "/proc/self/task/%.16s/sched", entry->d_name);
        sum = ++walked > MAX_THREADS_WALKED ? NAN : sum + read_field(path, "se.nr_migrations");
    }
    closedir(threads);
    return sum;
}

/* The kernel counts some of what meminfo shows per CPU and adds it up now and then; root can ask
 * for it at once. */
static void refresh_kernel_counters(void)
{
    int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t written = write(fd, "1", 1);
    (void)written; /* what can't be refreshed is a little older */
    close(fd);
}

static struct memory_reading memory_read(void)
{
    refresh_kernel_counters();
    return (struct memory_reading){
        .resident = 1024 * read_field("/proc/self/smaps_rollup", "Rss"),
        .page_tables = 1024 * read_field("/proc/self/status", "VmPTE"),
        .kernel_stack = 1024 * read_field("/proc/meminfo", "KernelStack"),
        .slab = 1024 * read_field("/proc/meminfo", "SUnreclaim"),
        .free_drop = -1024 * read_field("/proc/meminfo", "MemFree"),
    };
}

void wl_memory_before(struct wl_round *round)
{
    round->memory_before = memory_read();
}

static void record_memory(struct wl_round *round, const char *metric, double before, double after)
{
    if (!isnan(after - before))
        wl_record_extra(round, metric, (after - before) / (double)round->tasks);
}

void wl_memory_after(struct wl_round *round)
{
    struct memory_reading now = memory_read(), *was = &round->memory_before;
    record_memory(round, "memory_resident", was->resident, now.resident);
    record_memory(round, "memory_page_tables", was->page_tables, now.page_tables);
    record_memory(round, "memory_kernel_stack", was->kernel_stack, now.kernel_stack);
    record_memory(round, "memory_slab", was->slab, now.slab);
    record_memory(round, "memory_free_drop", was->free_drop, now.free_drop);
    record_memory(round, "memory_total",
                  was->resident + was->page_tables + was->kernel_stack + was->slab,
                  now.resident + now.page_tables + now.kernel_stack + now.slab);
}
