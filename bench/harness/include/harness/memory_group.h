/* SPDX-License-Identifier: MIT
 *
 * A memory cgroup of the caller's own, version 1 or 2: the one meter that tells the kernel's memory
 * for these tasks from that of the rest of the machine.
 *
 * The group is made below the one that the process is in, so that no limit of a parent is escaped.
 * Version 2 lets a group that holds processes have no children with a memory controller, unless it
 * is the root; there the group is made beside the process's own, if that sets no limit. What was
 * charged before stays with the old group, so a new group begins at nothing. Nothing of the
 * machine's configuration is changed: no controller is enabled.
 */
#ifndef HARNESS_MEMORY_GROUP_H
#define HARNESS_MEMORY_GROUP_H

#include "base/status.h"

#include <limits.h>
#include <stdbool.h>

struct tc_memory_group {
    unsigned version; /* 1 or 2; 0 when the process is in no group of its own */
    char home[PATH_MAX], parent[PATH_MAX], own[PATH_MAX];
};

/* Bytes that are charged to a group; NaN for what this version or kernel does not tell. */
struct tc_group_reading {
    double usage;  /* all */
    double kernel; /* of it the kernel's: stacks, page tables, slab, per-CPU, sockets */
    double kernel_stack, page_tables, slab, percpu, sock, anon; /* version 2 (anon: both) */
};

/* Finds where a group may be made: fills version, home and parent. `root` is put before every path,
 * "" for this machine. 0, -ENOENT with a sentence where there is no memory controller to be had,
 * -EPERM where making one would escape a limit. */
int tc_memory_group_place(struct tc_memory_group *group, const char *root, struct tc_error *err);

/* Makes the group and moves this process into it; empty groups that killed processes of ours left
 * there are removed first. 0, or a negative errno value with a sentence: -ENOENT absent, -EACCES or
 * another not permitted; then nothing is left behind. */
int tc_memory_group_enter(struct tc_memory_group *group, struct tc_error *err);

/* Moves the process back and removes the group. What of it fails leaves an empty group to the next
 * tc_memory_group_enter(). */
void tc_memory_group_leave(struct tc_memory_group *group);

void tc_memory_group_read(const struct tc_memory_group *group, struct tc_group_reading *out);

#endif
