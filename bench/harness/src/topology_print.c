/* SPDX-License-Identifier: MIT
 *
 * The machine in words: what `taskcost topology` prints, from what topology.c tells about it. Every
 * location printed was resolved, so that it can be typed as it stands.
 */
#include "harness/topology.h"

#include <inttypes.h>

static int64_t number(const tc_json *object, const char *key)
{
    int64_t value = 0;
    tcj_read_integer(tcj_get(object, key), &value);
    return value;
}

static void print_caches(const tc_json *caches, FILE *stream)
{
    for (size_t i = 0; i < tcj_size(caches); i++) {
        const tc_json *cache = tcj_at(caches, i);
        fprintf(stream, "%s%s %" PRId64 " KiB x %" PRId64, i ? ", " : "caches ",
                tcj_text(tcj_get(cache, "name"), "?"), number(cache, "size_bytes") / 1024,
                number(cache, "count"));
    }
    if (tcj_size(caches))
        fputc('\n', stream);
}

/* One line; false, and in `missing` if that is not NULL, when there is no such place. */
static bool print_place(const struct tc_topology *topology, const char *location,
                        const char *meaning, struct tc_words *missing, FILE *stream)
{
    struct tc_placement *placement = tc_placement_resolve(topology, location, NULL);
    if (!placement) {
        if (missing)
            tc_words_add(missing, location);
        return false;
    }
    fprintf(stream, "  %-18s PU %-8s%s%s\n", location, tc_placement_cpus(placement),
            *meaning ? " " : "", meaning);
    tc_placement_free(placement);
    return true;
}

static void print_names(const struct tc_topology *topology, const tc_json *pairs, FILE *stream)
{
    struct tc_words missing = {0};
    char list[300];
    const char *name, *meaning;
    fputs("placements (PU: the kernel's numbers, OS indices)\n", stream);
    for (size_t i = 0; (name = tc_placement_name(i, &meaning)); i++)
        print_place(topology, name, meaning, &missing, stream);
    fprintf(stream, "  %-18s %zu PUs, each alone and each two: %s\n", "pairs",
            tcj_size(tcj_get(pairs, "pus")), tcj_text(tcj_get(pairs, "chosen"), "?"));
    if (missing.count > 0)
        fprintf(stream, "  not here: %s\n", tc_words_join(&missing, list, sizeof list));
    tc_words_clear(&missing);
}

void tc_topology_print(const struct tc_topology *topology, FILE *stream)
{
    tc_json *machine = tc_topology_describe(topology);
    int64_t packages = number(machine, "packages"), cores = number(machine, "cores");
    fprintf(stream,
            "packages %" PRId64 ", NUMA nodes %" PRId64 ", cores %" PRId64 ", PUs %" PRId64
            " (allowed: %s)%s\n",
            packages, number(machine, "numa_nodes"), cores, number(machine, "pus"),
            tcj_text(tcj_get(machine, "allowed"), "?"),
            tc_topology_is_real(topology) ? "" : "; SIMULATED: nothing can be bound or measured");
    print_caches(tcj_get(machine, "caches"), stream);
    print_names(topology, tcj_get(machine, "pairs"), stream);
    fputs("locations (hwloc's own words work too: core:0-1, pu:0, numa:0, core:all)\n", stream);
    for (int64_t package = 0; package < packages; package++) {
        char location[64];
        for (int64_t core = 0; core < cores; core++) {
            snprintf(location, sizeof location, "package:%" PRId64 ".core:%" PRId64, package, core);
            if (!print_place(topology, location, "", NULL, stream))
                break;
        }
    }
    tcj_free(machine);
}
