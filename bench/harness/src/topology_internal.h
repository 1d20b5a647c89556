/* SPDX-License-Identifier: MIT
 *
 * What the files that know hwloc share: topology.c (the machine), placement.c (from words to sets
 * of PUs), placement_named.c (the names), placement_pairs.c (every pair), placement_bind.c
 * (binding). No other file may include hwloc's headers or this one.
 */
#ifndef HARNESS_TOPOLOGY_INTERNAL_H
#define HARNESS_TOPOLOGY_INTERNAL_H

#include "harness/topology.h"

#include <hwloc.h>

struct tc_topology {
    hwloc_topology_t hwloc;
    hwloc_cpuset_t started_on; /* affinity of the process at load; all PUs when simulated */
    char *driver_cpus;         /* the last answer of tc_topology_stand_aside() */
};

struct tc_placement {
    const struct tc_topology *topology;
    hwloc_cpuset_t set;
    char *cpus;
    bool bound; /* false for `free` */
};

/* An empty set; hwloc_bitmap_free() it. */
hwloc_cpuset_t tc__new_set(void);
/* "0,2-3"; free() it. */
char *tc__set_text(hwloc_const_cpuset_t set);

/* What the kernel says the calling thread may run on, for any number of PUs. 0 or a negative errno
 * value. */
int tc__read_affinity(const struct tc_topology *topology, hwloc_cpuset_t out);

/* What the user left us (cgroup, taskset): where all names choose. hwloc_bitmap_free() it. */
hwloc_cpuset_t tc__usable_set(const struct tc_topology *topology);

/* The PUs within `within`, in the order of their logical index; of each core only the first when
 * `one_a_core`. free() the list. */
hwloc_obj_t *tc__list_pus(const struct tc_topology *topology, hwloc_const_cpuset_t within,
                          bool one_a_core, size_t *count);

/* Puts the PUs of a placement that has a name into the empty `set`. -ENOENT without a sentence when
 * there is no such name; -ENODEV with the reason when this machine has no such place. */
int tc__choose_named(const struct tc_topology *topology, const char *name, hwloc_cpuset_t set,
                     struct tc_error *err);

/* The PUs that `pairs` is made of, {pus, os_indices, chosen}: see tc_placement_expand(). */
tc_json *tc__describe_pairs(const struct tc_topology *topology);

#endif
