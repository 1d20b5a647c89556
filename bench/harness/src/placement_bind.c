/* SPDX-License-Identifier: MIT
 *
 * Binding, and reading back that it took. On a simulated machine hwloc's binding calls succeed
 * without binding anything, so nothing is bound unless the topology is this machine, and every
 * binding is read back from the kernel.
 */
#include "topology_internal.h"

#include <errno.h>
#include <hwloc/glibc-sched.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

int tc__read_affinity(const struct tc_topology *topology, hwloc_cpuset_t out)
{
    for (int cpus = 1024; cpus <= 1 << 20; cpus *= 2) {
        cpu_set_t *mask = CPU_ALLOC((size_t)cpus);
        size_t size = CPU_ALLOC_SIZE((size_t)cpus);
        MUST(mask);
        int code = sched_getaffinity(0, size, mask) < 0 ? -errno : 0;
        if (code == 0)
            hwloc_cpuset_from_glibc_sched_affinity(topology->hwloc, out, mask, size);
        CPU_FREE(mask);
        if (code != -EINVAL) /* EINVAL: the kernel's mask is longer */
            return code;
    }
    return -EINVAL;
}

/* Binds and reads back; `set` is of this very machine. */
static int bind_self(const struct tc_topology *topology, hwloc_const_cpuset_t set,
                     struct tc_error *err)
{
    hwloc_cpuset_t seen = tc__new_set();
    char *wanted = tc__set_text(set), *got = NULL;
    int code = 0;
    if (hwloc_set_cpubind(topology->hwloc, set, HWLOC_CPUBIND_THREAD | HWLOC_CPUBIND_STRICT) < 0)
        code = tc_fail(err, errno == EPERM ? -EPERM : -EINVAL,
                       "could not be bound to PUs %s: %s; `taskcost topology` lists those allowed",
                       wanted, strerror(errno));
    else if (tc__read_affinity(topology, seen) < 0 || !hwloc_bitmap_isequal(seen, set)) {
        got = tc__set_text(seen);
        code = tc_fail(err, -EINVAL, "was bound to PUs %s but the kernel reports %s", wanted, got);
    }
    free(wanted);
    free(got);
    hwloc_bitmap_free(seen);
    return code;
}

int tc_placement_bind_self(const struct tc_placement *placement, struct tc_error *err)
{
    const struct tc_topology *topology = placement->topology;
    if (!tc_topology_is_real(topology))
        return placement->bound
                   ? tc_fail(err, -ENOTSUP,
                             "cannot be bound to PUs %s: the topology is simulated; unset "
                             "HWLOC_SYNTHETIC and HWLOC_XMLFILE to measure this machine",
                             placement->cpus)
                   : 0;
    return bind_self(topology, placement->bound ? placement->set : topology->started_on, err);
}

const char *tc_topology_stand_aside(struct tc_topology *topology,
                                    const struct tc_placement *placement)
{
    if (!tc_topology_is_real(topology))
        return NULL;
    hwloc_cpuset_t aside = hwloc_bitmap_dup(topology->started_on);
    MUST(aside);
    if (placement && placement->bound)
        hwloc_bitmap_andnot(aside, aside, placement->set);
    if (hwloc_bitmap_iszero(aside))
        hwloc_bitmap_copy(aside, topology->started_on);
    int code = bind_self(topology, aside, NULL);
    free(topology->driver_cpus);
    topology->driver_cpus = code == 0 ? tc__set_text(aside) : NULL;
    hwloc_bitmap_free(aside);
    return topology->driver_cpus;
}
