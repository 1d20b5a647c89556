/* SPDX-License-Identifier: MIT
 *
 * Where a run's document goes and what its run block says; for cmd_run.c.
 */
#ifndef TASKCOST_RUN_OUTPUT_H
#define TASKCOST_RUN_OUTPUT_H

#include "harness/results.h"
#include "harness/topology.h"

/* The command line as one could type it again. Owned by the caller. */
char *run_command_line(int argc, char **argv);

/* Sets the document's id and start, from the time, the host and the seed. */
void run_stamp(struct tc_results *results);

/* Adds the time to those at which the document was gone on with. */
void run_stamp_resumed(struct tc_results *results);

/* Where the document goes: `wanted`, or results/DATE-HOST.json (its folder is made) for NULL.
 * *output is the path, owned by the caller, or NULL for standard output ("-"). A negative errno
 * value with a sentence when it is something else than a file. Whether it can be written is found
 * out by taking its lock. */
int run_choose_output(const char *wanted, const struct tc_results *results, char **output,
                      struct tc_error *err);

/* Writes the topology as XML beside the document ("r.json" gets "r.topology.xml", but
 * "results.json" gets "topology.xml") and names that file in the environment. 0, or a negative
 * errno value with a sentence. */
int run_save_topology(const char *output, const struct tc_topology *topology, tc_json *environment,
                      struct tc_error *err);

/* -EEXIST with a sentence when there is something in that file that would be lost. */
int run_check_vacant(const char *output, struct tc_error *err);

#endif
