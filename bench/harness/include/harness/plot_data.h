/* SPDX-License-Identifier: MIT
 *
 * What a chart is drawn from: the part of a results document that a figure needs, as text that
 * gnuplot reads. One row a measurement, in a long table with named columns, so that a figure
 * chooses its rows itself and a new figure needs nothing here.
 */
#ifndef HARNESS_PLOT_DATA_H
#define HARNESS_PLOT_DATA_H

#include "harness/results.h"

/* What a figure needs is a list of patterns "WORKLOAD/METRIC" with blanks between; * and ? have the
 * shell's meaning. */

/* Number of measurements with a value that match; 0 means that the figure cannot be drawn. */
size_t tc_plot_count(const struct tc_results *results, const char *needs);

/* Writes, as statements of gnuplot:
 *   - $Data: the matching measurements that have a value, sorted so that one series over the number
 *     of tasks is contiguous; what is absent is NaN
 *     (its last row is all NaN, for gnuplot's sake, and matches nothing);
 *   - $Slopes: in the same columns, for each series of sizes its slope over the number of tasks;
 *     `tasks` is over how many numbers of tasks;
 *   - $Published: published values of the same columns, from `published` (may be NULL);
 *   - series_found, placements_found: the names that occur in $Data;
 *   - methods_found: how memory was read, where that was;
 *   - all_series: the series of the whole document, needed or not;
 *   - caption: machine, program, profile and date in a line.
 * A series is MODEL, or MODEL/STACK where the parameter `stack` is not "default". Text from the
 * document is reduced to characters that mean nothing to gnuplot. The stream's error flag tells
 * whether writing went well. */
void tc_plot_write(const struct tc_results *results, const tc_json *published, const char *needs,
                   FILE *out);

#endif
