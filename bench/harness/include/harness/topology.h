/* SPDX-License-Identifier: MIT
 *
 * The machine as hwloc sees it, and where tasks may run: the one place that knows hwloc.
 *
 * A placement is a name (`one-core`, `all`, `free`) or any location in hwloc's own syntax
 * (`core:2`, `pu:0,3`, `package:0.core:1-2`).
 */
#ifndef HARNESS_TOPOLOGY_H
#define HARNESS_TOPOLOGY_H

#include "harness/json.h"

#include <sys/types.h>

struct tc_topology;
struct tc_placement;

/* Loads the topology (hwloc's environment variables are honoured, so that a simulated machine can
 * be planned for). NULL with a sentence. */
struct tc_topology *tc_topology_load(struct tc_error *err);
void tc_topology_free(struct tc_topology *topology);

/* Whether it is this very machine; when false nothing may be bound, and binding fails. */
bool tc_topology_is_real(const struct tc_topology *topology);

/* Summary for the environment block: packages, cores, PUs (allowed and in all), caches, NUMA nodes,
 * SMT, whether it is real; and the program's text of `taskcost topology`. */
tc_json *tc_topology_describe(const struct tc_topology *topology);
void tc_topology_print(const struct tc_topology *topology, FILE *stream);

/* Whole topology as hwloc XML. */
int tc_topology_export(const struct tc_topology *topology, const char *path, struct tc_error *err);

/* Names a placement that can be used without a location, in order; NULL after the last. With its
 * one-line meaning. */
const char *tc_placement_name(size_t index, const char **meaning);

/* Resolves a placement. NULL with a sentence that lists what would have been understood. `free`
 * resolves to a placement that binds nothing. */
struct tc_placement *tc_placement_resolve(const struct tc_topology *topology, const char *text,
                                          struct tc_error *err);
void tc_placement_free(struct tc_placement *placement);
/* The OS indices of its PUs as a list ("0,2-3"). Owned by the placement. */
const char *tc_placement_cpus(const struct tc_placement *placement);

/* Binds the calling process (meant for a child between fork and exec), then reads the binding back
 * and compares. `free` gives back the binding that the program was started with. 0, or -EPERM,
 * -EINVAL or -ENOTSUP with a sentence when it did not take. */
int tc_placement_bind_self(const struct tc_placement *placement, struct tc_error *err);

/* Moves the calling process (the driver) off the placement's PUs, to the others that it was started
 * on; where there are none, or for NULL, back to all that it was started on. Returns the PUs it is
 * on now ("0,2-3", owned by the topology), or NULL when it could not be moved. */
const char *tc_topology_stand_aside(struct tc_topology *topology,
                                    const struct tc_placement *placement);

#endif
