/* SPDX-License-Identifier: MIT
 *
 * What the named placements are on machines unlike this one, stored as XML beside this file or made
 * up: two packages with SMT and NUMA whose kernel numbers siblings far apart, cores of two kinds, a
 * container that may use a part of a machine, more than 64 PUs, no caches. On none of them may
 * anything claim to have been bound.
 */
#include "harness/topology.h"

#include "test_main.h"

#include <libgen.h>
#include <sched.h>

static struct tc_topology *load(const char *variable, const char *value)
{
    struct tc_error err = {""};
    unsetenv("HWLOC_SYNTHETIC");
    unsetenv("HWLOC_XMLFILE");
    setenv(variable, value, 1);
    struct tc_topology *topology = tc_topology_load(&err);
    if (!topology)
        fail_msg("%s", err.text);
    return topology;
}

static struct tc_topology *load_stored(const char *name)
{
    char here[] = __FILE__, path[512];
    snprintf(path, sizeof path, "%s/topologies/%s.xml", dirname(here), name);
    return load("HWLOC_XMLFILE", path);
}

struct expected {
    const char *placement, *cpus; /* OS indices, or why it is not there */
};

/* Every placement in order, either what it is or a part of the sentence; and none of them binds. */
static void assert_places(struct tc_topology *topology, const struct expected *expected,
                          size_t count)
{
    cpu_set_t before, after;
    assert_false(tc_topology_is_real(topology));
    sched_getaffinity(0, sizeof before, &before);
    for (size_t i = 0; i < count; i++) {
        struct tc_error err = {""};
        struct tc_placement *placement =
            tc_placement_resolve(topology, expected[i].placement, &err);
        const char *found = placement ? tc_placement_cpus(placement) : err.text;
        if (placement ? strcmp(found, expected[i].cpus) : !strstr(found, expected[i].cpus))
            fail_msg("%s is: %s", expected[i].placement, found);
        if (placement && strcmp(expected[i].placement, "free") != 0)
            assert_int_equal(tc_placement_bind_self(placement, &err), -ENOTSUP);
        assert_null(strchr(err.text, '\n'));
        tc_placement_free(placement);
    }
    assert_null(tc_topology_stand_aside(topology, NULL));
    sched_getaffinity(0, sizeof after, &after);
    assert_true(CPU_EQUAL(&before, &after));
    tc_topology_free(topology);
}

#define ASSERT_PLACES(topology, ...)                               \
    do {                                                           \
        const struct expected list[] = {__VA_ARGS__};              \
        assert_places(topology, list, sizeof list / sizeof *list); \
    } while (0)

static void two_packages(void **state)
{
    (void)state;
    ASSERT_PLACES(
        load_stored("two-packages"), {"one-core", "7"}, {"smt-pair", "7,15"}, {"same-cache", "6-7"},
        {"cross-cache", "5,7"}, {"cross-package", "3,7"}, {"cross-numa", "3,7"}, {"all", "0-7"},
        {"free", "0-15"}, {"performance-core", "all cores that may be used are of one kind"},
        {"efficiency-core", "not on this machine: all cores"}, {"numa:1", "4-7,12-15"},
        {"numa:1.core:0", "4,12"}, {"core:1", "1,9"}, {"pu:1", "8"}, {"l3:3", "6-7,14-15"});
}

static void two_kinds_of_cores(void **state)
{
    (void)state;
    ASSERT_PLACES(load_stored("hybrid"), {"one-core", "2"}, {"performance-core", "2"},
                  {"efficiency-core", "7"}, {"smt-pair", "2-3"}, {"all", "0,2,4-7"},
                  /* of the fast ones, though the slow ones share a smaller cache */
                  {"same-cache", "0,2"}, {"cross-package", "there is only one package"},
                  {"cross-numa", "there is only one NUMA node"}, {"cross-cache", "share a cache"});
}

static void a_part_of_a_machine(void **state)
{
    (void)state;
    ASSERT_PLACES(load_stored("container"), {"one-core", "5"}, {"smt-pair", "1,9"},
                  {"same-cache", "no two cores that may be used share a cache"},
                  {"cross-cache", "1-2"}, {"cross-package", "2,5"}, {"all", "1-2,5"},
                  {"free", "1-2,5,9"}, {"core:3", "within PUs 1-2,5,9"}, {"pu:0", "1"});
}

static void more_than_64_pus(void **state)
{
    (void)state;
    ASSERT_PLACES(load("HWLOC_SYNTHETIC", "package:2 numa:1 l3:8 core:16 pu:2"),
                  {"one-core", "510"}, {"smt-pair", "510-511"}, {"same-cache", "508,510"},
                  {"cross-cache", "478,510"}, {"cross-package", "254,510"},
                  {"cross-numa", "254,510"}, {"pu:511", "511"}, {"core:255.pu:0", "510"});
}

static void what_hwloc_does_not_know_is_not_there(void **state)
{
    (void)state;
    ASSERT_PLACES(load("HWLOC_SYNTHETIC", "package:1 pu:1"), {"one-core", "0"}, {"all", "0"},
                  {"smt-pair", "no core has two hardware threads"},
                  {"same-cache", "share a cache that hwloc knows of"},
                  {"cross-cache", "or no cache is known"});
}

/* -- pairs -- */

static void assert_pairs(const struct tc_topology *topology, const char *word, size_t placements,
                         const char *first, const char *last)
{
    struct tc_words found = {0};
    struct tc_error err = {""};
    if (tc_placement_expand(topology, word, &found, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(found.count, placements);
    assert_string_equal(found.items[0], first);
    assert_string_equal(found.items[found.count - 1], last);
    for (size_t i = 0; i < found.count; i++) {
        struct tc_placement *placement = tc_placement_resolve(topology, found.items[i], &err);
        if (!placement)
            fail_msg("%s", err.text);
        tc_placement_free(placement);
    }
    tc_words_clear(&found);
}

static void assert_chosen(const struct tc_topology *topology, const char *rule)
{
    tc_json *all = tc_topology_describe(topology), *pairs = tcj_get(all, "pairs");
    int64_t os = -1;
    assert_string_equal(tcj_text(tcj_get(pairs, "chosen"), ""), rule);
    assert_int_equal(tcj_size(tcj_get(pairs, "pus")), tcj_size(tcj_get(pairs, "os_indices")));
    assert_true(tcj_read_integer(tcj_at(tcj_get(pairs, "os_indices"), 0), &os) && os == 0);
    tcj_free(all);
}

static void pairs_are_all_or_a_part_that_is_named(void **state)
{
    (void)state;
    struct tc_topology *topology = load_stored("two-packages");
    assert_pairs(topology, "pairs", 16 + 120, "pu:0", "pu:15");
    assert_pairs(topology, "pairs:8", 8 + 28, "pu:0", "pu:14"); /* one of every core */
    assert_pairs(topology, "pairs:2", 2 + 1, "pu:0", "pu:14");  /* the ends of the machine */
    assert_chosen(topology, "all PUs");
    tc_topology_free(topology);
    topology = load("HWLOC_SYNTHETIC", "package:2 core:8 pu:2");
    assert_pairs(topology, "pairs", 16 + 120, "pu:0", "pu:30");
    assert_chosen(topology, "one PU of every core");
    tc_topology_free(topology);
    topology = load("HWLOC_SYNTHETIC", "package:2 core:128 pu:2");
    assert_pairs(topology, "pairs", 16 + 120, "pu:0", "pu:510");
    assert_chosen(topology, "one PU of every so many cores, evenly spaced");
    tc_topology_free(topology);
    topology = load("HWLOC_SYNTHETIC", "package:1 core:1 pu:1");
    assert_pairs(topology, "pairs", 1, "pu:0", "pu:0");
    tc_topology_free(topology);
}

static void only_pairs_is_expanded(void **state)
{
    (void)state;
    static const char *const bad[] = {"pairs:", "pairs:1", "pairs:65", "pairs:x"};
    struct tc_topology *topology = load_stored("two-packages");
    struct tc_words found = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct tc_error err = {""};
        assert_int_equal(tc_placement_expand(topology, bad[i], &found, &err), -EINVAL);
        assert_non_null(strstr(err.text, "whole number from 2 to 64"));
        assert_int_equal(found.count, 0);
    }
    assert_int_equal(tc_placement_expand(topology, "pairsofpus", &found, NULL), 0);
    assert_int_equal(tc_placement_expand(topology, "one-core", &found, NULL), 0);
    assert_int_equal(found.count, 2);
    assert_string_equal(found.items[0], "pairsofpus");
    tc_words_clear(&found);
    tc_topology_free(topology);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(two_packages),
    cmocka_unit_test(two_kinds_of_cores),
    cmocka_unit_test(a_part_of_a_machine),
    cmocka_unit_test(more_than_64_pus),
    cmocka_unit_test(what_hwloc_does_not_know_is_not_there),
    cmocka_unit_test(pairs_are_all_or_a_part_that_is_named),
    cmocka_unit_test(only_pairs_is_expanded),
};
TEST_MAIN(tests)
