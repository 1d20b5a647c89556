/* SPDX-License-Identifier: MIT
 *
 * The parts of the environment that have a file of their own.
 */
#ifndef HARNESS_ENVIRONMENT_PARTS_H
#define HARNESS_ENVIRONMENT_PARTS_H

#include "harness/json.h"

tc_json *environment_limits(const char *root);
tc_json *environment_cgroup(const char *root);
tc_json *environment_cpu(const char *root);
tc_json *environment_virtualization(const char *root);

#endif
