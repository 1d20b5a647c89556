/* SPDX-License-Identifier: MIT
 *
 * The machine as hwloc sees it, and where tasks may run: the one place that knows hwloc.
 *
 * A placement is a name (`one-core`, `same-cache`, `free`, ...) or any location in hwloc's own
 * syntax (`core:2`, `pu:0,3`, `numa:0`, `package:0.core:1-2`), where things are counted by their
 * logical index: neighbours in the machine are neighbours in the count. The kernel's own numbers
 * (OS indices) are what tc_placement_cpus() and the result give beside it.
 */
#ifndef HARNESS_TOPOLOGY_H
#define HARNESS_TOPOLOGY_H

#include "harness/json.h"
#include "harness/words.h"

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
 * SMT, whether it is real, what `pairs` is made of; and the text of `taskcost topology`. */
tc_json *tc_topology_describe(const struct tc_topology *topology);
void tc_topology_print(const struct tc_topology *topology, FILE *stream);

/* Whole topology as hwloc XML, into a file that is replaced whole ("-" is standard output). 0, or a
 * negative errno value with a sentence. */
int tc_topology_export(const struct tc_topology *topology, const char *path, struct tc_error *err);

/* Names a placement that can be used without a location, in order; NULL after the last. With its
 * one-line meaning. */
const char *tc_placement_name(size_t index, const char **meaning);

/* Adds to `out` the placements that a word stands for: for `pairs` one for each PU alone ("pu:0")
 * and one for each pair of PUs ("pu:0,3"), of at most 16 PUs, or of at most N for `pairs:N`: all
 * that may be used, or else one of every core, or else so many cores evenly spaced. Any other word
 * stands for itself, whether it is a placement or not. -EINVAL with a sentence for a bad N. */
int tc_placement_expand(const struct tc_topology *topology, const char *text, struct tc_words *out,
                        struct tc_error *err);

/* Resolves a placement. NULL with a sentence: for a name, why this machine has no such place; for
 * anything else, what would have been understood. `free` resolves to a placement that binds
 * nothing. */
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
