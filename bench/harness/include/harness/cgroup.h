/* SPDX-License-Identifier: MIT
 *
 * The control groups of this process, of version 1 and 2 and where both are mixed. A limit of a
 * parent binds its children, so whoever asks for one visits them all.
 *
 * `controller` is the name of a version 1 hierarchy ("cpu", "memory", "pids"), or "" for the
 * unified one of version 2. Left out: hierarchies mounted elsewhere than below /sys/fs/cgroup.
 */
#ifndef HARNESS_CGROUP_H
#define HARNESS_CGROUP_H

#include <stddef.h>

/* The path within that hierarchy ("/a/b"), as /proc/self/cgroup tells it; empty when this process
 * is in none. `root` is put before every path, "" for this machine. */
void tc_cgroup_path(const char *root, const char *controller, char *out, size_t size);

/* Calls `visit` with the folder ("/sys/fs/cgroup/cpu/a/b", without `root`) of the group and then of
 * each parent, up to the mount's root. Folders that this container does not show are visited too:
 * what is read there is absent. */
void tc_cgroup_each(const char *root, const char *controller,
                    void (*visit)(void *context, const char *root, const char *folder),
                    void *context);

#endif
