/* SPDX-License-Identifier: MIT
 *
 * The placements that have a name: one line of the table each. A name stands for one place, the
 * same at every run, chosen among the PUs that the user left us; where a machine has several such
 * places it is the last one, because the first PUs take most interrupts, and on machines with
 * several kinds of cores one of the fastest kind where that has it. What a machine does not have is
 * refused with the reason and never replaced by something near to it.
 */
#include "topology_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* -- kinds of cores -- */

/* Narrows `set` to the fastest (or slowest) kind of core it holds, where hwloc can rank them.
 * Returns how many kinds there are within it. */
static int keep_kind(const struct tc_topology *topology, hwloc_cpuset_t set, bool fastest)
{
    int kinds = 0, count = hwloc_cpukinds_get_nr(topology->hwloc, 0);
    hwloc_cpuset_t kind = tc__new_set(), chosen = tc__new_set();
    for (int i = 0; i < count; i++) { /* sorted by rising speed where that is known at all */
        int efficiency = -1;
        hwloc_cpukinds_get_info(topology->hwloc, (unsigned)i, kind, &efficiency, NULL, NULL, 0);
        if (efficiency < 0 || !hwloc_bitmap_intersects(set, kind))
            continue;
        if (kinds++ == 0 || fastest)
            hwloc_bitmap_copy(chosen, kind);
    }
    if (kinds > 0)
        hwloc_bitmap_and(set, set, chosen);
    hwloc_bitmap_free(kind);
    hwloc_bitmap_free(chosen);
    return kinds;
}

/* -- single places -- */

static bool choose_last_core(const struct tc_topology *topology, hwloc_const_cpuset_t usable,
                             hwloc_cpuset_t set)
{
    size_t count;
    hwloc_obj_t *pus = tc__list_pus(topology, usable, true, &count);
    if (count > 0)
        hwloc_bitmap_or(set, set, pus[count - 1]->cpuset);
    free(pus);
    return count > 0;
}

static bool choose_of_kind(const struct tc_topology *topology, hwloc_const_cpuset_t usable,
                           hwloc_cpuset_t set, bool fastest, int kinds_wanted)
{
    hwloc_cpuset_t kind = hwloc_bitmap_dup(usable);
    MUST(kind);
    bool found =
        keep_kind(topology, kind, fastest) >= kinds_wanted && choose_last_core(topology, kind, set);
    hwloc_bitmap_free(kind);
    return found;
}

static bool choose_one_core(const struct tc_topology *topology, hwloc_const_cpuset_t usable,
                            hwloc_cpuset_t set)
{
    return choose_of_kind(topology, usable, set, true, 0);
}

static bool choose_performance(const struct tc_topology *topology, hwloc_const_cpuset_t usable,
                               hwloc_cpuset_t set)
{
    return choose_of_kind(topology, usable, set, true, 2);
}

static bool choose_efficiency(const struct tc_topology *topology, hwloc_const_cpuset_t usable,
                              hwloc_cpuset_t set)
{
    return choose_of_kind(topology, usable, set, false, 2);
}

static bool choose_all(const struct tc_topology *topology, hwloc_const_cpuset_t usable,
                       hwloc_cpuset_t set)
{
    size_t count;
    hwloc_obj_t *pus = tc__list_pus(topology, usable, true, &count);
    for (size_t i = 0; i < count; i++)
        hwloc_bitmap_or(set, set, pus[i]->cpuset);
    free(pus);
    return count > 0;
}

static bool choose_free(const struct tc_topology *topology, hwloc_const_cpuset_t usable,
                        hwloc_cpuset_t set)
{
    (void)topology;
    hwloc_bitmap_copy(set, usable);
    return true;
}

/* -- pairs: two PUs that are related in one way -- */

/* How well two PUs fit, the higher the better; 0 for not at all. */
typedef int fits_fn(const struct tc_topology *topology, hwloc_obj_t a, hwloc_obj_t b);

static hwloc_obj_t above(const struct tc_topology *topology, hwloc_obj_t pu, hwloc_obj_type_t type)
{
    return hwloc_get_ancestor_obj_by_type(topology->hwloc, type, pu);
}

static int fits_core(const struct tc_topology *topology, hwloc_obj_t a, hwloc_obj_t b)
{
    hwloc_obj_t core = above(topology, a, HWLOC_OBJ_CORE);
    return core && core == above(topology, b, HWLOC_OBJ_CORE);
}

/* Depth of the smallest cache that both share. */
static int fits_cache(const struct tc_topology *topology, hwloc_obj_t a, hwloc_obj_t b)
{
    (void)topology;
    for (hwloc_obj_t at = a->parent; at; at = at->parent)
        if (hwloc_obj_type_is_cache(at->type) && hwloc_bitmap_isincluded(b->cpuset, at->cpuset))
            return at->depth;
    return 0;
}

static bool has_cache(hwloc_obj_t pu)
{
    hwloc_obj_t at = pu;
    while (at && !hwloc_obj_type_is_cache(at->type))
        at = at->parent;
    return at != NULL;
}

static int fits_other_package(const struct tc_topology *topology, hwloc_obj_t a, hwloc_obj_t b)
{
    hwloc_obj_t one = above(topology, a, HWLOC_OBJ_PACKAGE);
    hwloc_obj_t other = above(topology, b, HWLOC_OBJ_PACKAGE);
    return one && other && one != other;
}

static int fits_other_cache(const struct tc_topology *topology, hwloc_obj_t a, hwloc_obj_t b)
{
    return has_cache(a) && has_cache(b) && !fits_cache(topology, a, b) &&
           !fits_other_package(topology, a, b);
}

static int fits_other_numa(const struct tc_topology *topology, hwloc_obj_t a, hwloc_obj_t b)
{
    (void)topology;
    return a->nodeset && b->nodeset && !hwloc_bitmap_iszero(a->nodeset) &&
           !hwloc_bitmap_iszero(b->nodeset) && !hwloc_bitmap_intersects(a->nodeset, b->nodeset);
}

/* The last of the pairs that fit best. */
static bool choose_pair_within(const struct tc_topology *topology, hwloc_const_cpuset_t within,
                               bool one_a_core, fits_fn *fits, hwloc_cpuset_t set)
{
    size_t count;
    int best = 0;
    hwloc_obj_t *pus = tc__list_pus(topology, within, one_a_core, &count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            int fit = fits(topology, pus[j], pus[i]);
            if (fit == 0 || fit < best)
                continue;
            best = fit;
            hwloc_bitmap_or(set, pus[j]->cpuset, pus[i]->cpuset);
        }
    }
    free(pus);
    return best > 0;
}

static bool choose_pair(const struct tc_topology *topology, hwloc_const_cpuset_t usable,
                        bool one_a_core, fits_fn *fits, hwloc_cpuset_t set)
{
    hwloc_cpuset_t fastest = hwloc_bitmap_dup(usable);
    MUST(fastest);
    keep_kind(topology, fastest, true);
    bool found = choose_pair_within(topology, fastest, one_a_core, fits, set) ||
                 choose_pair_within(topology, usable, one_a_core, fits, set);
    hwloc_bitmap_free(fastest);
    return found;
}

#define PAIR(name, one_a_core, fits)                                                  \
    static bool name(const struct tc_topology *topology, hwloc_const_cpuset_t usable, \
                     hwloc_cpuset_t set)                                              \
    {                                                                                 \
        return choose_pair(topology, usable, one_a_core, fits, set);                  \
    }
PAIR(choose_smt_pair, false, fits_core)
PAIR(choose_same_cache, true, fits_cache)
PAIR(choose_cross_cache, true, fits_other_cache)
PAIR(choose_cross_package, true, fits_other_package)
PAIR(choose_cross_numa, true, fits_other_numa)

/* -- the table -- */

static const struct {
    const char *name, *meaning;
    bool (*choose)(const struct tc_topology *topology, hwloc_const_cpuset_t usable,
                   hwloc_cpuset_t set);
    const char *why_not;
} names[] = {
    {"one-core", "one PU of one core, the last of the fastest (the first takes most interrupts)",
     choose_one_core, "no PU may be used"},
    {"smt-pair", "both hardware threads of one core", choose_smt_pair,
     "no core has two hardware threads here that may be used"},
    {"same-cache", "two cores that share the smallest cache that any two cores share",
     choose_same_cache, "no two cores that may be used share a cache that hwloc knows of"},
    {"cross-cache", "two cores of one package that share no cache", choose_cross_cache,
     "all cores of a package that may be used share a cache here, or no cache is known"},
    {"cross-package", "two cores of different packages", choose_cross_package,
     "there is only one package with cores that may be used"},
    {"cross-numa", "two cores that are near to different NUMA nodes", choose_cross_numa,
     "there is only one NUMA node with cores that may be used"},
    {"performance-core", "one PU of the last core of the fastest kind", choose_performance,
     "all cores that may be used are of one kind, as far as hwloc knows"},
    {"efficiency-core", "one PU of the last core of the slowest kind", choose_efficiency,
     "all cores that may be used are of one kind, as far as hwloc knows"},
    {"all", "one PU of every core", choose_all, "no PU may be used"},
    {"free", "bound to nothing: the kernel places the tasks", choose_free, "no PU may be used"},
};

const char *tc_placement_name(size_t index, const char **meaning)
{
    if (index >= TC_COUNT_OF(names))
        return NULL;
    if (meaning)
        *meaning = names[index].meaning;
    return names[index].name;
}

int tc__choose_named(const struct tc_topology *topology, const char *name, hwloc_cpuset_t set,
                     struct tc_error *err)
{
    for (size_t i = 0; i < TC_COUNT_OF(names); i++) {
        if (strcmp(names[i].name, name) != 0)
            continue;
        hwloc_cpuset_t usable = tc__usable_set(topology);
        bool found = names[i].choose(topology, usable, set);
        hwloc_bitmap_free(usable);
        return found ? 0 : tc_fail(err, -ENODEV, "%s", names[i].why_not);
    }
    return -ENOENT;
}
