/* SPDX-License-Identifier: MIT
 *
 * Meters of this process: CPU time, context switches of both kinds, page faults, migrations. Memory
 * has a file of its own.
 */
#include "worker.h"

#include "base/clock.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

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

double field_read(const char *path, const char *key)
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
        sum = ++walked > MAX_THREADS_WALKED ? NAN : sum + field_read(path, "se.nr_migrations");
    }
    closedir(threads);
    return sum;
}
