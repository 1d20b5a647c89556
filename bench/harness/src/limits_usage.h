/* SPDX-License-Identifier: MIT
 *
 * What is used of what: private to limits*.c. Every function takes the folder that stands for /,
 * and gives NaN for what it can't read.
 */
#ifndef HARNESS_LIMITS_USAGE_H
#define HARNESS_LIMITS_USAGE_H

#include "harness/limits.h"

#include <stdbool.h>

/* The number that a file begins with; INFINITY for "max". */
double tc__read_number(const char *root, const char *path);
/* The number after "KEY:" or "KEY " at the start of a line, in bytes where it is in kB. */
double tc__read_field(const char *root, const char *path, const char *key);

/* tc_usage_read() for some resources; the others are NaN. */
void tc__usage_of(double usage[TC_RESOURCES], const char *root, unsigned resources);

struct tc__threads {
    double all, of_user;
    double below_reserved; /* processes with a number below `reserved` */
};
/* Walks over /proc: the threads of this namespace of process numbers. */
struct tc__threads tc__count_threads(const char *root, double reserved);

/* Process numbers below this won't be given out any more: 300 from when that many have been
 * (kernel/pid.c), and before that those that have been. */
double tc__reserved_pids(const char *root);

/* Threads of the whole machine, whatever namespace they are in. */
double tc__threads_of_machine(const char *root);

/* Whether RLIMIT_NPROC holds for this process: the superuser and who has CAP_SYS_ADMIN or
 * CAP_SYS_RESOURCE in the first user namespace are exempt (kernel/fork.c). */
bool tc__is_bound_by_nproc(const char *root);

/* Bytes of address space that a process may use: the power of two above its stack, which the kernel
 * puts at the top. */
double tc__address_space(const char *root);

#endif
