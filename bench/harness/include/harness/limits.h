/* SPDX-License-Identifier: MIT
 *
 * What bounds the number of tasks: each limit of the process, its user, its control groups and the
 * machine, with how much of it is used. Whoever knows what a task takes can say which of them stops
 * it first, and after how many; whoever was refused can find the one that had no room left.
 *
 * Left out: limits that the kernel does not tell, such as those of an enclosing container whose
 * groups are not shown here, and the fragmentation of an address space.
 */
#ifndef HARNESS_LIMITS_H
#define HARNESS_LIMITS_H

#include <stddef.h>

/* What a task may take of, and what can run out. */
enum tc_resource {
    TC_TASKS,     /* threads and processes */
    TC_MAPS,      /* memory mappings of a process */
    TC_ADDRESS,   /* bytes of address space */
    TC_COMMITTED, /* bytes of private memory that may be written */
    TC_MEMORY,    /* bytes that the machine gives, the kernel's included */
    TC_FILES,     /* descriptors */
    TC_RESOURCES
};

/* Bits for tc_limits_read(). */
#define TC_RESOURCE(resource) (1u << (resource))
#define TC_ALL_RESOURCES      (TC_RESOURCE(TC_RESOURCES) - 1)
#define TC_BYTE_RESOURCES \
    (TC_RESOURCE(TC_ADDRESS) | TC_RESOURCE(TC_COMMITTED) | TC_RESOURCE(TC_MEMORY))

struct tc_limit {
    char name[64];  /* "RLIMIT_NPROC", "kernel.pid_max", "cgroup pids.max" */
    char path[512]; /* the file that holds it; "" for a limit of the process */
    enum tc_resource resource;
    double value;   /* INFINITY where there is none */
    double used;    /* of it, by whomever it counts */
    double reserve; /* of it, what has to stay free: of memory, for the rest of the machine */
};

enum { TC_LIMITS_MAX = 64 };

struct tc_limits {
    struct tc_limit items[TC_LIMITS_MAX];
    size_t count;
};

/* Reads the limits of these resources for the calling process. `root` is put before every path: ""
 * for this machine. What can't be read is left out. Allocates nothing that it keeps; reading
 * TC_TASKS walks over /proc, TC_MAPS over the process's mappings. */
void tc_limits_read(struct tc_limits *limits, const char *root, unsigned resources);

/* What this process has of each resource (of memory: it, and the kernel's of the whole machine,
 * so that differences count). NaN where it can't be read. */
void tc_usage_read(double usage[TC_RESOURCES], const char *root);

/* What is left; INFINITY where nothing limits, negative when overdrawn. */
double tc_limit_room(const struct tc_limit *limit);

/* The limit that is reached first by tasks that take `needs` each, or NULL when none is; *more is
 * how many fit (INFINITY then). Needs that are NaN, 0 or less count for nothing. */
const struct tc_limit *tc_limits_first(const struct tc_limits *limits,
                                       const double needs[TC_RESOURCES], double *more);

/* The limit of these resources that has the least room, or NULL when there is none. Of limits of
 * one unit it is the one that refused, if any of them did, however much was asked for. */
const struct tc_limit *tc_limits_tightest(const struct tc_limits *limits, unsigned resources);

/* By name; NULL when it was not read. */
const struct tc_limit *tc_limits_find(const struct tc_limits *limits, const char *name);

/* A soft resource limit as /proc/self/limits names it ("Max stack size"); INFINITY for unlimited,
 * NaN where it can't be read. */
double tc_soft_limit(const char *root, const char *name);

#endif
