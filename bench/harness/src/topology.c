/* SPDX-License-Identifier: MIT
 *
 * The machine as hwloc sees it. hwloc falls back to the real machine when a simulated one is
 * misspelt, so the variables that ask for one are read here and handed over explicitly, which
 * fails. What can be done with the machine is in placement*.c, the text for people in
 * topology_print.c.
 */
#include "topology_internal.h"

#include "harness/file_replace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* -- sets -- */

hwloc_cpuset_t tc__new_set(void)
{
    hwloc_cpuset_t set = hwloc_bitmap_alloc();
    MUST(set);
    return set;
}

char *tc__set_text(hwloc_const_cpuset_t set)
{
    char *text = NULL;
    MUST(hwloc_bitmap_list_asprintf(&text, set) >= 0);
    return text;
}

hwloc_cpuset_t tc__usable_set(const struct tc_topology *topology)
{
    hwloc_cpuset_t set = hwloc_bitmap_dup(topology->started_on);
    MUST(set);
    hwloc_bitmap_and(set, set, hwloc_topology_get_allowed_cpuset(topology->hwloc));
    return set;
}

/* Whether a PU belongs to the core of the PU before it. */
static bool same_core(const struct tc_topology *topology, hwloc_obj_t before, hwloc_obj_t pu)
{
    hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(topology->hwloc, HWLOC_OBJ_CORE, pu);
    return core && before &&
           core == hwloc_get_ancestor_obj_by_type(topology->hwloc, HWLOC_OBJ_CORE, before);
}

hwloc_obj_t *tc__list_pus(const struct tc_topology *topology, hwloc_const_cpuset_t within,
                          bool one_a_core, size_t *count)
{
    int all = hwloc_get_nbobjs_by_type(topology->hwloc, HWLOC_OBJ_PU);
    hwloc_obj_t *pus = calloc((size_t)all + 1, sizeof(hwloc_obj_t)), pu = NULL;
    MUST(pus);
    *count = 0;
    while ((pu = hwloc_get_next_obj_by_type(topology->hwloc, HWLOC_OBJ_PU, pu))) {
        if (!hwloc_bitmap_isset(within, pu->os_index) ||
            (one_a_core && *count && same_core(topology, pus[*count - 1], pu)))
            continue;
        pus[(*count)++] = pu;
    }
    return pus;
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
    topology->started_on = tc__new_set();
    if (ask_for_simulation(topology->hwloc, err) < 0)
        goto failed;
    if (hwloc_topology_load(topology->hwloc) < 0) {
        tc_fail(err, -EIO, "hwloc could not read this machine's topology: %s", strerror(errno));
        goto failed;
    }
    hwloc_const_cpuset_t allowed = hwloc_topology_get_allowed_cpuset(topology->hwloc);
    if (!tc_topology_is_real(topology) || tc__read_affinity(topology, topology->started_on) < 0 ||
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
    tcj_set(out, "allowed", take_text(tc__set_text(allowed)));
    tcj_set(out, "started_on", take_text(tc__set_text(topology->started_on)));
    tcj_set(out, "caches", describe_caches(topology));
    tcj_set(out, "pairs", tc__describe_pairs(topology));
    return out;
}

static int write_text(const void *text, FILE *stream)
{
    errno = 0;
    if (fputs(text, stream) >= 0 && fflush(stream) == 0)
        return 0;
    return errno ? -errno : -EIO;
}

int tc_topology_export(const struct tc_topology *topology, const char *path, struct tc_error *err)
{
    char *text = NULL;
    int length;
    if (hwloc_topology_export_xmlbuffer(topology->hwloc, &text, &length, 0) < 0)
        return tc_fail(err, -EIO, "%s: hwloc cannot put this topology into XML: %s", path,
                       strerror(errno));
    int code = tc_file_replace(path, write_text, text, err);
    hwloc_free_xmlbuffer(topology->hwloc, text);
    return code;
}
