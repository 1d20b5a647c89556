/* SPDX-License-Identifier: MIT
 *
 * What is used of the limits: counts of threads, mappings and descriptors, sizes of the process and
 * the machine.
 */
#include "limits_usage.h"

#include "harness/reading.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char status_file[] = "/proc/self/status", meminfo[] = "/proc/meminfo",
                  maps[] = "/proc/self/maps";

double tc__read_number(const char *root, const char *path)
{
    char text[128], *end;
    if (tc_reading_file(root, path, text, sizeof text) < 0)
        return NAN;
    if (strncmp(text, "max", 3) == 0)
        return INFINITY;
    double value = strtod(text, &end);
    return end == text ? NAN : value;
}

/* The text after KEY and its colon or blanks, in the text of a file; NULL when there is none. */
static const char *field(const char *text, const char *key)
{
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0 && strchr(": \t", line[length]) && line[length])
            return line + length + strspn(line + length, ": \t");
    }
    return NULL;
}

static double number_of(const char *text, const char *key)
{
    char *end;
    const char *value = field(text, key);
    if (!value)
        return NAN;
    double number = strtod(value, &end);
    return end == value ? NAN : strncmp(end, " kB", 3) == 0 ? number * 1024 : number;
}

double tc__read_field(const char *root, const char *path, const char *key)
{
    char text[8192];
    return tc_reading_file(root, path, text, sizeof text) < 0 ? NAN : number_of(text, key);
}

/* -- the process -- */

/* A process at its limit has 65,530 mappings, whose text is far too long for a buffer. The last
 * line may be [vsyscall], which is everybody's and counts for nobody. */
static double count_maps(const char *root)
{
    char path[4096], chunk[16384];
    double lines = 0;
    ssize_t length;
    snprintf(path, sizeof path, "%s%s", root, maps);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NAN;
    while ((length = read(fd, chunk, sizeof chunk - 1)) > 0) {
        chunk[length] = '\0';
        for (const char *at = chunk; (at = strchr(at, '\n')); at++)
            lines++;
        if (strstr(chunk, "[vsyscall]"))
            lines--;
    }
    close(fd);
    return lines;
}

static double count_entries(const char *root, const char *path)
{
    char whole[4096];
    double count = 0;
    snprintf(whole, sizeof whole, "%s%s", root, path);
    DIR *folder = opendir(whole);
    if (!folder)
        return NAN;
    for (struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

double tc__address_space(const char *root)
{
    char path[4096], line[512];
    double top = NAN;
    snprintf(path, sizeof path, "%s%s", root, maps);
    FILE *file = fopen(path, "re");
    while (file && isnan(top) && fgets(line, sizeof line, file)) {
        const char *dash = strchr(line, '-');
        if (dash && strstr(line, "[stack]"))
            top = exp2(ceil(log2((double)strtoull(dash + 1, NULL, 16))));
    }
    if (file)
        fclose(file);
    return top;
}

static double memory_of(const char *root)
{
    return tc__read_field(root, status_file, "VmRSS") + tc__read_field(root, status_file, "VmPTE") +
           tc__read_field(root, meminfo, "KernelStack") +
           tc__read_field(root, meminfo, "SUnreclaim");
}

void tc__usage_of(double usage[TC_RESOURCES], const char *root, unsigned resources)
{
    for (int i = 0; i < TC_RESOURCES; i++)
        usage[i] = NAN;
    if (resources & TC_RESOURCE(TC_TASKS))
        usage[TC_TASKS] = tc__read_field(root, status_file, "Threads");
    if (resources & TC_RESOURCE(TC_MAPS))
        usage[TC_MAPS] = count_maps(root);
    if (resources & TC_BYTE_RESOURCES) {
        usage[TC_ADDRESS] = tc__read_field(root, status_file, "VmSize");
        usage[TC_COMMITTED] = tc__read_field(root, status_file, "VmData");
        usage[TC_MEMORY] = memory_of(root);
    }
    if (resources & TC_RESOURCE(TC_FILES))
        usage[TC_FILES] = count_entries(root, "/proc/self/fd");
}

void tc_usage_read(double usage[TC_RESOURCES], const char *root)
{
    tc__usage_of(usage, root, TC_ALL_RESOURCES);
}

/* -- threads -- */

double tc__threads_of_machine(const char *root)
{
    char text[128];
    const char *slash;
    if (tc_reading_file(root, "/proc/loadavg", text, sizeof text) < 0 ||
        !(slash = strchr(text, '/')))
        return NAN;
    return strtod(slash + 1, NULL);
}

/* The real user's number in a process's status. */
static double user_in(const char *text)
{
    return number_of(text, "Uid");
}

double tc__reserved_pids(const char *root)
{
    double last = tc__read_number(root, "/proc/sys/kernel/ns_last_pid");
    return fmin(300, last + 1); /* 300 where that can't be read */
}

struct tc__threads tc__count_threads(const char *root, double reserved)
{
    char path[4096], text[8192];
    struct tc__threads found = {0, 0, 0};
    snprintf(path, sizeof path, "%s/proc", root);
    DIR *processes = opendir(path);
    if (!processes || tc_reading_file(root, status_file, text, sizeof text) < 0)
        found = (struct tc__threads){NAN, NAN, NAN};
    double user = processes ? user_in(text) : NAN;
    for (struct dirent *entry; processes && (entry = readdir(processes));) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
            continue;
        snprintf(path, sizeof path, "/proc/%.16s/status", entry->d_name);
        if (tc_reading_file(root, path, text, sizeof text) < 0)
            continue; /* it has ended */
        double threads = fmax(0, number_of(text, "Threads"));
        found.all += threads;
        found.of_user += user_in(text) == user ? threads : 0;
        found.below_reserved += strtod(entry->d_name, NULL) < reserved;
    }
    if (processes)
        closedir(processes);
    return found;
}

bool tc__is_bound_by_nproc(const char *root)
{
    enum { CAP_ADMIN = 21, CAP_RESOURCE = 24 }; /* CAP_SYS_ADMIN, CAP_SYS_RESOURCE */
    char text[8192], map[256];
    unsigned long inside = 1, outside = 1, count = 0;
    if (tc_reading_file(root, status_file, text, sizeof text) < 0)
        return true;
    if (tc_reading_file(root, "/proc/self/uid_map", map, sizeof map) == 0 &&
        (sscanf(map, "%lu %lu %lu", &inside, &outside, &count) != 3 || inside != 0 ||
         outside != 0 || count != 4294967295UL))
        return true; /* a user namespace: its privileges don't count here */
    const char *effective = field(text, "CapEff");
    unsigned long long capabilities = effective ? strtoull(effective, NULL, 16) : 0;
    return user_in(text) != 0 && !(capabilities & ((1ULL << CAP_ADMIN) | (1ULL << CAP_RESOURCE)));
}
