/* SPDX-License-Identifier: MIT
 *
 * From the words of a placement to a set of PUs: a name (placement_named.c) or a location in
 * hwloc's syntax, whose grammar is in location.c and whose meaning is here. Locations count what
 * the cgroup allows; who names a PU outside of his own taskset means it.
 */
#include "location.h"
#include "topology_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Why tc_location_select() refused. */
static int bad_selection(const char *type, const char *selection, int found, int code,
                         struct tc_error *err)
{
    if (code == -EINVAL)
        return tc_fail(err, code, "'%s' is not an index, a range such as 0-1, all, odd or even",
                       selection);
    return tc_fail(err, code, "%s:%s is not there, the last is %s:%d", type, selection, type,
                   found - 1);
}

/* Adds what the levels from `level` on name below `within`. */
static int resolve_location(const struct tc_topology *topology, const struct tc_location *location,
                            size_t level, hwloc_const_cpuset_t within, hwloc_cpuset_t set,
                            struct tc_error *err)
{
    const char *type = location->levels[level].type;
    const char *selection = location->levels[level].selection;
    int depth = 0, found = 0;
    if (hwloc_type_sscanf_as_depth(type, NULL, topology->hwloc, &depth) < 0)
        return tc_fail(err, -EINVAL, "hwloc knows no '%s'", type);
    if (depth >= 0 || depth == HWLOC_TYPE_DEPTH_NUMANODE)
        found = (int)hwloc_get_nbobjs_inside_cpuset_by_depth(topology->hwloc, within, depth);
    if (found <= 0)
        return tc_fail(err, -ERANGE, "there is no %s %s", type, level ? "inside that" : "here");
    bool *chosen = calloc((size_t)found, sizeof *chosen);
    MUST(chosen);
    int code = tc_location_select(selection, (size_t)found, chosen);
    if (code < 0)
        bad_selection(type, selection, found, code, err);
    for (int i = 0; code == 0 && i < found; i++) {
        hwloc_obj_t object =
            hwloc_get_obj_inside_cpuset_by_depth(topology->hwloc, within, depth, (unsigned)i);
        if (!chosen[i])
            continue;
        if (level + 1 < location->count)
            code = resolve_location(topology, location, level + 1, object->cpuset, set, err);
        else
            hwloc_bitmap_or(set, set, object->cpuset);
    }
    free(chosen);
    return code;
}

/* -- refusing -- */

static void list_names(struct tc_words *out)
{
    const char *name;
    for (size_t i = 0; (name = tc_placement_name(i, NULL)); i++)
        tc_words_add(out, name);
}

/* Something that nobody would understand: what would have been. */
static void explain_unknown(const struct tc_topology *topology, const char *text, const char *why,
                            struct tc_error *err)
{
    char list[300];
    struct tc_words known = {0};
    list_names(&known);
    char *cpus = tc__set_text(hwloc_topology_get_allowed_cpuset(topology->hwloc));
    const char *near = strchr(text, ':') ? NULL : tc_words_nearest(&known, text);
    tc_fail(err, -EINVAL,
            "placement '%.80s': %.200s;%s%s%s expected %s, pairs, or an hwloc location such as "
            "core:0, pu:0-1 or package:0.core:0 within PUs %.150s",
            text, why, near ? " did you mean '" : "", near ? near : "", near ? "'?" : "",
            tc_words_join(&known, list, sizeof list), cpus);
    free(cpus);
    tc_words_clear(&known);
}

/* -- resolving -- */

static int resolve_text(const struct tc_topology *topology, const char *text, hwloc_cpuset_t set,
                        struct tc_error *err)
{
    struct tc_location location;
    struct tc_error why = {""};
    int code = tc__choose_named(topology, text, set, &why);
    if (code == -ENODEV)
        return tc_fail(err, code,
                       "placement '%s' is not on this machine: %s; `taskcost topology` lists what "
                       "is",
                       text, why.text);
    if (code == -ENOENT)
        code = tc_location_parse(text, &location, &why);
    else
        return code;
    if (code == 0)
        code = resolve_location(topology, &location, 0,
                                hwloc_topology_get_allowed_cpuset(topology->hwloc), set, &why);
    if (code == 0 && hwloc_bitmap_iszero(set))
        code = tc_fail(&why, -ERANGE, "no PU is there");
    if (code < 0)
        explain_unknown(topology, text, why.text, err);
    return code;
}

struct tc_placement *tc_placement_resolve(const struct tc_topology *topology, const char *text,
                                          struct tc_error *err)
{
    struct tc_placement *placement = calloc(1, sizeof *placement);
    MUST(placement);
    placement->topology = topology;
    placement->set = tc__new_set();
    placement->bound = strcmp(text, "free") != 0;
    if (resolve_text(topology, text, placement->set, err) < 0) {
        tc_placement_free(placement);
        return NULL;
    }
    placement->cpus = tc__set_text(placement->set);
    return placement;
}

void tc_placement_free(struct tc_placement *placement)
{
    if (!placement)
        return;
    hwloc_bitmap_free(placement->set);
    free(placement->cpus);
    free(placement);
}

const char *tc_placement_cpus(const struct tc_placement *placement)
{
    return placement->cpus;
}
