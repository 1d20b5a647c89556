/* SPDX-License-Identifier: MIT
 *
 * The machine as hwloc sees it, and where tasks may run: the one place that knows hwloc.
 *
 * Two traps shape this file. hwloc falls back to the real machine when a simulated one is
 * misspelt, so the variables that ask for one are read here and handed over explicitly, which
 * fails. And on a simulated machine hwloc's binding calls succeed without binding anything, so
 * nothing is bound unless the topology is this machine, and every binding is read back from the
 * kernel. What hwloc's location syntax means is here; its grammar is in location.c, and the text
 * for people in topology_print.c.
 */
#include "harness/topology.h"

#include "location.h"

#include <errno.h>
#include <hwloc.h>
#include <hwloc/glibc-sched.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

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

/* -- small things about sets -- */

static hwloc_cpuset_t new_set(void)
{
    hwloc_cpuset_t set = hwloc_bitmap_alloc();
    MUST(set);
    return set;
}

static char *set_text(hwloc_const_cpuset_t set)
{
    char *text = NULL;
    MUST(hwloc_bitmap_list_asprintf(&text, set) >= 0);
    return text;
}

/* What the kernel says this process may run on, for any number of PUs. */
static int read_affinity(const struct tc_topology *topology, hwloc_cpuset_t out)
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

/* -- loading -- */

static int ask_for_simulation(hwloc_topology_t hwloc, struct tc_error *err)
{
    const char *file = getenv("HWLOC_XMLFILE"), *synthetic = getenv("HWLOC_SYNTHETIC");
    if (file && *file && hwloc_topology_set_xml(hwloc, file) < 0)
        return tc_fail(err, -EINVAL, "HWLOC_XMLFILE: '%s' is not a topology that hwloc can read",
                       file);
    if (!(file && *file) && synthetic && *synthetic &&
        hwloc_topology_set_synthetic(hwloc, synthetic) < 0)
        return tc_fail(err, -EINVAL,
                       "HWLOC_SYNTHETIC: '%s' is not a topology such as 'package:2 core:4 pu:2'",
                       synthetic);
    return 0;
}

struct tc_topology *tc_topology_load(struct tc_error *err)
{
    struct tc_topology *topology = calloc(1, sizeof *topology);
    MUST(topology);
    if (hwloc_topology_init(&topology->hwloc) < 0) {
        tc_fail(err, -ENOMEM, "hwloc could not start");
        free(topology);
        return NULL;
    }
    topology->started_on = new_set();
    if (ask_for_simulation(topology->hwloc, err) < 0)
        goto failed;
    if (hwloc_topology_load(topology->hwloc) < 0) {
        tc_fail(err, -EIO, "hwloc could not read this machine's topology: %s", strerror(errno));
        goto failed;
    }
    hwloc_const_cpuset_t allowed = hwloc_topology_get_allowed_cpuset(topology->hwloc);
    if (!tc_topology_is_real(topology) || read_affinity(topology, topology->started_on) < 0 ||
        !hwloc_bitmap_intersects(topology->started_on, allowed))
        hwloc_bitmap_copy(topology->started_on, allowed);
    return topology;
failed:
    tc_topology_free(topology);
    return NULL;
}

void tc_topology_free(struct tc_topology *topology)
{
    if (!topology)
        return;
    hwloc_bitmap_free(topology->started_on);
    hwloc_topology_destroy(topology->hwloc);
    free(topology->driver_cpus);
    free(topology);
}

bool tc_topology_is_real(const struct tc_topology *topology)
{
    return hwloc_topology_is_thissystem(topology->hwloc);
}

/* -- placements -- */

/* Where `one-core` and `all` may choose: what the user left us (cgroup, taskset). */
static hwloc_cpuset_t usable_set(const struct tc_topology *topology)
{
    hwloc_cpuset_t set = hwloc_bitmap_dup(topology->started_on);
    MUST(set);
    hwloc_bitmap_and(set, set, hwloc_topology_get_allowed_cpuset(topology->hwloc));
    return set;
}

/* Narrows `set` to the fastest kind of core it holds, on machines that have several. */
static void keep_fastest(const struct tc_topology *topology, hwloc_cpuset_t set)
{
    hwloc_cpuset_t kind = new_set();
    for (int i = hwloc_cpukinds_get_nr(topology->hwloc, 0) - 1; i >= 0; i--) {
        int efficiency = -1;
        hwloc_cpukinds_get_info(topology->hwloc, (unsigned)i, kind, &efficiency, NULL, NULL, 0);
        if (efficiency < 0 || !hwloc_bitmap_intersects(set, kind))
            continue; /* kinds are sorted by rising speed where that is known at all */
        hwloc_bitmap_and(set, set, kind);
        break;
    }
    hwloc_bitmap_free(kind);
}

/* Adds the first PU of each core within `usable` to `set`; only the last core's when `last`. */
static void add_core_pus(const struct tc_topology *topology, hwloc_const_cpuset_t usable, bool last,
                         hwloc_cpuset_t set)
{
    hwloc_obj_type_t type = hwloc_get_nbobjs_by_type(topology->hwloc, HWLOC_OBJ_CORE) > 0
                                ? HWLOC_OBJ_CORE
                                : HWLOC_OBJ_PU;
    hwloc_obj_t core = NULL;
    while ((core = hwloc_get_next_obj_by_type(topology->hwloc, type, core))) {
        if (!hwloc_bitmap_intersects(core->cpuset, usable))
            continue;
        hwloc_cpuset_t pus = hwloc_bitmap_dup(core->cpuset);
        MUST(pus);
        hwloc_bitmap_and(pus, pus, usable);
        hwloc_bitmap_singlify(pus);
        if (last)
            hwloc_bitmap_copy(set, pus);
        else
            hwloc_bitmap_or(set, set, pus);
        hwloc_bitmap_free(pus);
    }
}

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

static int resolve_set(const struct tc_topology *topology, const char *text, hwloc_cpuset_t set,
                       struct tc_error *err)
{
    struct tc_location location;
    if (strcmp(text, "free") == 0 || strcmp(text, "all") == 0 || strcmp(text, "one-core") == 0) {
        hwloc_cpuset_t usable = usable_set(topology);
        if (text[0] == 'o')
            keep_fastest(topology, usable);
        if (text[0] == 'f')
            hwloc_bitmap_copy(set, usable);
        else
            add_core_pus(topology, usable, text[0] == 'o', set);
        hwloc_bitmap_free(usable);
        return 0;
    }
    int code = tc_location_parse(text, &location, err);
    if (code == 0)
        code = resolve_location(topology, &location, 0,
                                hwloc_topology_get_allowed_cpuset(topology->hwloc), set, err);
    return code;
}

struct tc_placement *tc_placement_resolve(const struct tc_topology *topology, const char *text,
                                          struct tc_error *err)
{
    struct tc_error why = {""};
    struct tc_placement *placement = calloc(1, sizeof *placement);
    MUST(placement);
    placement->topology = topology;
    placement->set = new_set();
    placement->bound = strcmp(text, "free") != 0;
    int code = resolve_set(topology, text, placement->set, &why);
    if (code < 0 || hwloc_bitmap_iszero(placement->set)) {
        char *cpus = set_text(hwloc_topology_get_allowed_cpuset(topology->hwloc));
        tc_fail(err, -EINVAL,
                "placement '%.80s': %.200s; expected one-core, all, free or an hwloc location such "
                "as core:0, pu:0-1 or package:0.core:0 within PUs %.200s",
                text, code < 0 ? why.text : "no PU is there", cpus);
        free(cpus);
        tc_placement_free(placement);
        return NULL;
    }
    placement->cpus = set_text(placement->set);
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

/* -- binding -- */

/* Binds and reads back; `set` is of this very machine. */
static int bind_self(const struct tc_topology *topology, hwloc_const_cpuset_t set,
                     struct tc_error *err)
{
    hwloc_cpuset_t seen = new_set();
    char *wanted = set_text(set), *got = NULL;
    int code = 0;
    if (hwloc_set_cpubind(topology->hwloc, set, HWLOC_CPUBIND_THREAD | HWLOC_CPUBIND_STRICT) < 0)
        code = tc_fail(err, errno == EPERM ? -EPERM : -EINVAL,
                       "could not be bound to PUs %s: %s; `taskcost topology` lists those allowed",
                       wanted, strerror(errno));
    else if (read_affinity(topology, seen) < 0 || !hwloc_bitmap_isequal(seen, set)) {
        got = set_text(seen);
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
    topology->driver_cpus = code == 0 ? set_text(aside) : NULL;
    hwloc_bitmap_free(aside);
    return topology->driver_cpus;
}

/* -- telling -- */

static int64_t count_of(const struct tc_topology *topology, hwloc_obj_type_t type)
{
    int count = hwloc_get_nbobjs_by_type(topology->hwloc, type);
    return count > 0 ? count : 0;
}

/* One entry a cache level; sizes are those of the level's first cache. */
static tc_json *describe_caches(const struct tc_topology *topology)
{
    tc_json *caches = tcj_array();
    for (int depth = 0; depth < hwloc_topology_get_depth(topology->hwloc); depth++) {
        hwloc_obj_t first = hwloc_get_obj_by_depth(topology->hwloc, depth, 0);
        if (!hwloc_obj_type_is_cache(first->type))
            continue;
        char name[32];
        hwloc_obj_type_snprintf(name, sizeof name, first, 0);
        tc_json *cache = tcj_object();
        tcj_set(cache, "name", tcj_string(name));
        tcj_set(cache, "size_bytes", tcj_integer((int64_t)first->attr->cache.size));
        tcj_set(cache, "count", tcj_integer(hwloc_get_nbobjs_by_depth(topology->hwloc, depth)));
        tcj_append(caches, cache);
    }
    return caches;
}

static tc_json *take_text(char *text)
{
    tc_json *value = tcj_string(text);
    free(text);
    return value;
}

tc_json *tc_topology_describe(const struct tc_topology *topology)
{
    hwloc_const_cpuset_t allowed = hwloc_topology_get_allowed_cpuset(topology->hwloc);
    hwloc_const_cpuset_t complete = hwloc_topology_get_complete_cpuset(topology->hwloc);
    int64_t cores = count_of(topology, HWLOC_OBJ_CORE), pus = count_of(topology, HWLOC_OBJ_PU);
    tc_json *out = tcj_object();
    tcj_set(out, "real", tcj_bool(tc_topology_is_real(topology)));
    tcj_set(out, "packages", tcj_integer(count_of(topology, HWLOC_OBJ_PACKAGE)));
    tcj_set(out, "numa_nodes", tcj_integer(count_of(topology, HWLOC_OBJ_NUMANODE)));
    tcj_set(out, "cores", tcj_integer(cores));
    tcj_set(out, "pus", tcj_integer(hwloc_bitmap_weight(complete)));
    tcj_set(out, "pus_allowed", tcj_integer(hwloc_bitmap_weight(allowed)));
    tcj_set(out, "smt", tcj_bool(cores > 0 && pus > cores));
    tcj_set(out, "allowed", take_text(set_text(allowed)));
    tcj_set(out, "started_on", take_text(set_text(topology->started_on)));
    tcj_set(out, "caches", describe_caches(topology));
    return out;
}

int tc_topology_export(const struct tc_topology *topology, const char *path, struct tc_error *err)
{
    errno = 0;
    if (hwloc_topology_export_xml(topology->hwloc, path, 0) == 0)
        return 0;
    int code = errno ? -errno : -EIO;
    return tc_fail(err, code, "'%s' cannot be written: %s", path, strerror(-code));
}
