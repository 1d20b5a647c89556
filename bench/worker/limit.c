/* SPDX-License-Identifier: MIT
 *
 * Naming the limit that was hit.
 *
 * glibc reports EAGAIN for a thread whatever the cause: user processes, threads of the machine,
 * process numbers, memory mappings, a cgroup. So each limit is compared with its usage, and the one
 * that has no room left is named; the one with the least room, if several are close.
 */
#include "worker.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct candidate {
    char name[96];
    double limit, used; /* NaN where unknown, INFINITY for no limit */
};

static double read_number(const char *path)
{
    char text[64] = "";
    FILE *file = fopen(path, "re");
    if (!file)
        return NAN;
    char *line = fgets(text, sizeof text, file);
    fclose(file);
    if (!line)
        return NAN;
    return strncmp(text, "max", 3) == 0 ? INFINITY : strtod(text, NULL);
}

/* Threads alive on the whole machine: the part after the slash in /proc/loadavg. */
static double threads_of_machine(void)
{
    char text[128] = "";
    FILE *file = fopen("/proc/loadavg", "re");
    if (!file)
        return NAN;
    char *line = fgets(text, sizeof text, file);
    fclose(file);
    char *slash = line ? strchr(line, '/') : NULL;
    return slash ? strtod(slash + 1, NULL) : NAN;
}

/* Adds to *threads those of one process, if its real user is `user`. */
static void add_threads_of(const char *pid, uid_t user, double *threads)
{
    char path[64], line[256];
    double owner = NAN, count = 0;
    snprintf(path, sizeof path, "/proc/%.16s/status", pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "Uid:", 4) == 0)
            owner = strtod(line + 4, NULL);
        else if (strncmp(line, "Threads:", 8) == 0)
            count = strtod(line + 8, NULL);
    }
    if (file)
        fclose(file);
    if (owner == (double)user)
        *threads += count;
}

static double threads_of_user(void)
{
    DIR *processes = opendir("/proc");
    if (!processes)
        return NAN;
    double threads = 0;
    for (struct dirent *entry; (entry = readdir(processes));)
        if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
            add_threads_of(entry->d_name, getuid(), &threads);
    closedir(processes);
    return threads;
}

static double lines_of(const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return NAN;
    double lines = 0;
    for (int c; (c = fgetc(file)) != EOF;)
        lines += c == '\n';
    fclose(file);
    return lines;
}

static double soft_limit(int resource)
{
    struct rlimit limit;
    if (getrlimit((__rlimit_resource_t)resource, &limit) < 0)
        return NAN;
    return limit.rlim_cur == RLIM_INFINITY ? INFINITY : (double)limit.rlim_cur;
}

/* The tightest pids.max of this process's cgroup and its parents, version 1 or 2. */
static void cgroup_candidate(struct candidate *out)
{
    char line[1024];
    snprintf(out->name, sizeof out->name, "cgroup pids.max");
    out->limit = out->used = NAN;
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file && fgets(line, sizeof line, file)) {
        char *controllers = strchr(line, ':'),
             *path = controllers ? strchr(controllers + 1, ':') : 0;
        if (!path ||
            !(strncmp(controllers, "::", 2) == 0 || strncmp(controllers, ":pids:", 6) == 0))
            continue;
        const char *root = controllers[1] == ':' ? "/sys/fs/cgroup" : "/sys/fs/cgroup/pids";
        path[1 + strcspn(path + 1, "\n")] = '\0';
        for (char *end = path + strlen(path); end > path; end = strrchr(path, '/')) {
            *end = '\0';
            char name[2048];
            snprintf(name, sizeof name, "%s%s/pids.max", root, path + 1);
            double limit = read_number(name);
            snprintf(name, sizeof name, "%s%s/pids.current", root, path + 1);
            double used = read_number(name);
            if (limit - used >= 0 && !(out->limit - out->used <= limit - used))
                out->limit = limit, out->used = used;
            if (!strrchr(path + 1, '/'))
                break;
        }
    }
    if (file)
        fclose(file);
}

/* What the user may have. The superuser may have more, which shows: threads could be started
 * although there were already more than that. */
static void user_candidate(struct candidate *out, uint64_t index)
{
    snprintf(out->name, sizeof out->name, "RLIMIT_NPROC");
    out->limit = soft_limit(RLIMIT_NPROC);
    out->used = threads_of_user();
    if (index > 0 && out->used > out->limit)
        out->limit = INFINITY;
}

static double room(const struct candidate *c, double ended)
{
    return c->limit - c->used - ended;
}

/* `ended` of the threads may have ended since the failure, before usage was read. */
static bool name_tightest(const struct candidate *candidates, size_t count, double ended,
                          struct limit_hit *hit)
{
    const struct candidate *tightest = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct candidate *c = &candidates[i];
        /* A hundredth of slack: some may always come and go. */
        if (room(c, ended) < 1 + c->limit / 100 &&
            (!tightest || room(c, ended) < room(tightest, ended)))
            tightest = c;
    }
    if (!tightest)
        return false;
    snprintf(hit->name, sizeof hit->name, "%s", tightest->name);
    hit->value = tightest->limit;
    hit->needed = fmax(tightest->limit, tightest->used) + 1;
    return true;
}

static bool explain_memory(struct limit_hit *hit)
{
    double limit = soft_limit(RLIMIT_AS);
    if (isnan(limit) || isinf(limit))
        return false;
    *hit = (struct limit_hit){.name = "RLIMIT_AS", .value = limit, .needed = limit};
    return true;
}

static bool explain_thread(uint64_t index, struct limit_hit *hit)
{
    double threads = threads_of_machine();
    struct candidate candidates[] = {
        {"kernel.pid_max", read_number("/proc/sys/kernel/pid_max"),
         threads + 300}, /* 300 reserved */
        {"kernel.threads-max", read_number("/proc/sys/kernel/threads-max"), threads},
        {"vm.max_map_count", read_number("/proc/sys/vm/max_map_count"),
         lines_of("/proc/self/maps") + 2},
        {{0}, NAN, NAN},
        {{0}, NAN, NAN},
    };
    user_candidate(&candidates[3], index);
    cgroup_candidate(&candidates[4]);
    return name_tightest(candidates, TC_COUNT_OF(candidates), 0, hit) || explain_memory(hit) ||
           name_tightest(candidates, TC_COUNT_OF(candidates), (double)index, hit);
}

/* How many ports a connection may leave from; NaN where unknown. */
static double local_ports(void)
{
    double low, high;
    FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
    if (!file)
        return NAN;
    int found = fscanf(file, "%lf %lf", &low, &high);
    fclose(file);
    return found == 2 ? high - low + 1 : NAN;
}

bool limit_explain(int code, const char *what, uint64_t index, struct limit_hit *hit)
{
    if (code == -EMFILE) {
        double limit = soft_limit(RLIMIT_NOFILE);
        *hit = (struct limit_hit){.name = "RLIMIT_NOFILE", .value = limit, .needed = limit + 1};
        return true;
    }
    if (code == -ENFILE) {
        double limit = read_number("/proc/sys/fs/file-max");
        *hit = (struct limit_hit){.name = "fs.file-max", .value = limit, .needed = limit + 1};
        return true;
    }
    if (code == -EAGAIN && strstr(what, "SPAWN"))
        return explain_thread(index, hit);
    if (code == -EADDRNOTAVAIL) {
        double ports = local_ports();
        *hit = (struct limit_hit){
            .name = "ports of net.ipv4.ip_local_port_range", .value = ports, .needed = ports + 1};
        return true;
    }
    return code == -ENOMEM && explain_memory(hit);
}
