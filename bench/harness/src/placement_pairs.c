/* SPDX-License-Identifier: MIT
 *
 * `pairs`: one word that becomes a placement for every pair of PUs, so that what two tasks cost
 * each other can be told as a matrix of the machine. The number of pairs rises with the square of
 * the number of PUs; where there are too many PUs a part of them stands for all, chosen by a rule
 * that is told with the topology.
 */
#include "topology_internal.h"

#include "base/parse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PAIR_PUS = 16, PAIR_PUS_MAX = 64 };
static const char word[] = "pairs";

/* Keeps `limit` of `count`, evenly spaced, the first and the last among them. */
static void thin_out(hwloc_obj_t *pus, size_t count, size_t limit)
{
    for (size_t i = 0; i < limit; i++)
        pus[i] = pus[i * (count - 1) / (limit - 1)];
}

/* At most `limit` of the usable PUs; *chosen says by which rule. free() the list. */
static hwloc_obj_t *choose_pus(const struct tc_topology *topology, size_t limit, size_t *count,
                               const char **chosen)
{
    hwloc_cpuset_t usable = tc__usable_set(topology);
    hwloc_obj_t *pus = tc__list_pus(topology, usable, false, count);
    *chosen = "all PUs";
    if (*count > limit) {
        free(pus);
        pus = tc__list_pus(topology, usable, true, count);
        *chosen = "one PU of every core";
    }
    if (*count > limit) {
        thin_out(pus, *count, limit);
        *count = limit;
        *chosen = "one PU of every so many cores, evenly spaced";
    }
    hwloc_bitmap_free(usable);
    return pus;
}

static void add_pair(struct tc_words *out, unsigned a, unsigned b)
{
    char text[48];
    if (a == b)
        snprintf(text, sizeof text, "pu:%u", a);
    else
        snprintf(text, sizeof text, "pu:%u,%u", a, b);
    tc_words_add(out, text);
}

/* "pairs" or "pairs:N"; false when it is another word. *code is negative when N is not one. */
static bool read_limit(const char *text, size_t *limit, int *code, struct tc_error *err)
{
    uint64_t value = PAIR_PUS;
    size_t length = strlen(word);
    *code = 0;
    if (strncmp(text, word, length) != 0 || (text[length] && text[length] != ':'))
        return false;
    if (text[length])
        *code = tc_parse_count(text + length + 1, text, 2, PAIR_PUS_MAX, &value, err);
    *limit = (size_t)value;
    return true;
}

int tc_placement_expand(const struct tc_topology *topology, const char *text, struct tc_words *out,
                        struct tc_error *err)
{
    size_t limit, count;
    const char *chosen;
    int code;
    if (!read_limit(text, &limit, &code, err)) {
        tc_words_add(out, text);
        return 0;
    }
    if (code < 0)
        return code;
    hwloc_obj_t *pus = choose_pus(topology, limit, &count, &chosen);
    for (size_t i = 0; i < count; i++)
        for (size_t j = i; j < count; j++)
            add_pair(out, pus[i]->logical_index, pus[j]->logical_index);
    free(pus);
    return 0;
}

tc_json *tc__describe_pairs(const struct tc_topology *topology)
{
    size_t count;
    const char *chosen;
    hwloc_obj_t *pus = choose_pus(topology, PAIR_PUS, &count, &chosen);
    tc_json *out = tcj_object(), *logical = tcj_array(), *os = tcj_array();
    for (size_t i = 0; i < count; i++) {
        tcj_append(logical, tcj_integer(pus[i]->logical_index));
        tcj_append(os, tcj_integer(pus[i]->os_index));
    }
    tcj_set(out, "pus", logical);
    tcj_set(out, "os_indices", os);
    tcj_set(out, "chosen", tcj_string(chosen));
    free(pus);
    return out;
}
