/* SPDX-License-Identifier: MIT
 *
 * The grammar of hwloc's locations ("package:0.core:1-2"), apart from what the machine has: hwloc
 * prints them but has no parser for them in its library, only in its tools. Private to
 * topology.c.
 *
 * A location is levels joined by dots, deeper ones to the right, each TYPE:SELECTION. A selection
 * is a comma-separated list of: N, N-M, N- (to the last), N:M (M of them from N on, wrapping), all,
 * odd, even. The commas go beyond hwloc-calc, which wants a location each. Left out: hwloc's
 * operators between locations (~ x ^), attributes (numa[...]) and I/O objects.
 */
#ifndef HARNESS_LOCATION_H
#define HARNESS_LOCATION_H

#include "base/status.h"

#include <stdbool.h>

enum { TC_LOCATION_LEVELS = 8, TC_LOCATION_WORD = 64 };

struct tc_location {
    struct {
        char type[TC_LOCATION_WORD], selection[TC_LOCATION_WORD];
    } levels[TC_LOCATION_LEVELS];
    size_t count;
};

/* Takes the text apart. -EINVAL and a sentence fragment ("'core' lacks an index, ...") when it is
 * not of that form. */
int tc_location_parse(const char *text, struct tc_location *out, struct tc_error *err);

/* Sets chosen[i] for every index below `count` that the selection names. -EINVAL when it is not a
 * selection; -ERANGE when it names an index that is not there. */
int tc_location_select(const char *selection, size_t count, bool *chosen);

#endif
