/* SPDX-License-Identifier: MIT
 *
 * The parts of the environment that have a file of their own.
 */
#ifndef HARNESS_ENVIRONMENT_PARTS_H
#define HARNESS_ENVIRONMENT_PARTS_H

#include "harness/json.h"

/* A part; with _now: of it, what changes by itself. */
tc_json *environment_limits(const char *root);
tc_json *environment_cgroup(const char *root);
tc_json *environment_cgroup_now(const char *root);
tc_json *environment_cpu(const char *root);
tc_json *environment_cpu_now(const char *root);
tc_json *environment_scheduler(const char *root);
tc_json *environment_virtualization(const char *root);

#endif
