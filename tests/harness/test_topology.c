/* SPDX-License-Identifier: MIT
 *
 * Locations on a simulated machine, against a table of what hwloc-calc answers for the same
 * (tests/cli/topology.bats asks hwloc-calc itself), and binding on this machine. What the names
 * mean on other machines is in test_placement.c.
 */
#include "harness/topology.h"

#include "test_main.h"

#include <sched.h>

static const char machine[] = "package:2 core:4 pu:2";

static struct tc_topology *load(const char *synthetic)
{
    struct tc_error err = {""};
    if (synthetic)
        setenv("HWLOC_SYNTHETIC", synthetic, 1);
    else
        unsetenv("HWLOC_SYNTHETIC");
    struct tc_topology *topology = tc_topology_load(&err);
    if (!topology)
        fail_msg("%s", err.text);
    return topology;
}

static void assert_cpus(const struct tc_topology *topology, const char *text, const char *cpus)
{
    struct tc_error err = {""};
    struct tc_placement *placement = tc_placement_resolve(topology, text, &err);
    if (!placement)
        fail_msg("%s", err.text);
    assert_string_equal(tc_placement_cpus(placement), cpus);
    tc_placement_free(placement);
}

static void assert_refused(const struct tc_topology *topology, const char *text, const char *why)
{
    struct tc_error err = {""};
    assert_null(tc_placement_resolve(topology, text, &err));
    if (!strstr(err.text, why))
        fail_msg("'%s' was refused with: %s", text, err.text);
    assert_non_null(strstr(err.text, "expected one-core, smt-pair"));
    assert_null(strchr(err.text, '\n'));
}

static const struct {
    const char *location, *cpus;
} known[] = {
    {"package:0.core:1-2", "2-5"},
    {"core:3:2", "6-9"},
    {"core:7:3", "0-3,14-15"},
    {"core:odd", "2-3,6-7,10-11,14-15"},
    {"core:5-", "10-15"},
    {"package:all.core:0", "0-1,8-9"},
    {"package:1.pu:0", "8"},
    {"machine:0.core:1", "2-3"},
    {"pu:even", "0,2,4,6,8,10,12,14"},
    {"numa:0", "0-15"},
    {"core:6:4", "0-3,12-15"},
    {"PU:5", "5"},
};

static void locations_mean_what_hwloc_says(void **state)
{
    (void)state;
    struct tc_topology *topology = load(machine);
    for (size_t i = 0; i < TC_COUNT_OF(known); i++)
        assert_cpus(topology, known[i].location, known[i].cpus);
    assert_cpus(topology, "pu:0,3", "0,3"); /* ours: hwloc-calc wants two locations */
    assert_cpus(topology, "core:0,2-3.pu:1", "1,5,7");
    tc_topology_free(topology);
}

static void what_is_not_there_is_refused_with_what_would_be(void **state)
{
    (void)state;
    struct tc_topology *topology = load(machine);
    assert_refused(topology, "core:8", "the last is core:7");
    assert_refused(topology, "core:6-9", "the last is core:7");
    assert_refused(topology, "package:1.core:4", "the last is core:3");
    assert_refused(topology, "foo:1", "hwloc knows no 'foo'");
    assert_refused(topology, "l3:0", "there is no l3 here");
    assert_refused(topology, "pci:0", "there is no pci here");
    assert_refused(topology, "core", "not of the form TYPE:INDEX");
    assert_refused(topology, "", "not of the form TYPE:INDEX");
    assert_refused(topology, "core:", "not of the form TYPE:INDEX");
    assert_refused(topology, "core:1x", "'1x' is not an index");
    assert_refused(topology, "core:-1", "'-1' is not an index");
    assert_refused(topology, "core:2-1", "is not an index");
    assert_refused(topology, "core:1:0", "is not an index");
    assert_refused(topology, "core:99999999999999999999", "is not an index");
    assert_refused(topology, "one core", "not of the form");
    assert_refused(topology, "smtpair", "did you mean 'smt-pair'?");
    tc_topology_free(topology);
}

static void named_placements_take_one_pu_a_core(void **state)
{
    (void)state;
    struct tc_topology *topology = load(machine);
    assert_cpus(topology, "one-core", "14");
    assert_cpus(topology, "all", "0,2,4,6,8,10,12,14");
    assert_cpus(topology, "free", "0-15");
    tc_topology_free(topology);
    topology = load("package:1 pu:1"); /* no cores, one PU: there is nothing but PU 0 */
    assert_cpus(topology, "one-core", "0");
    assert_cpus(topology, "all", "0");
    tc_topology_free(topology);
}

static void names_have_meanings(void **state)
{
    (void)state;
    const char *meaning = NULL;
    size_t count = 0;
    for (; tc_placement_name(count, &meaning); count++)
        assert_true(strlen(meaning) > 10);
    assert_true(count >= 10);
}

static void nothing_is_bound_on_a_simulated_machine(void **state)
{
    (void)state;
    cpu_set_t before, after;
    struct tc_error err = {""};
    struct tc_topology *topology = load(machine);
    assert_false(tc_topology_is_real(topology));
    struct tc_placement *placement = tc_placement_resolve(topology, "core:0", NULL);
    sched_getaffinity(0, sizeof before, &before);
    assert_int_equal(tc_placement_bind_self(placement, &err), -ENOTSUP);
    assert_non_null(strstr(err.text, "simulated"));
    assert_null(tc_topology_stand_aside(topology, placement));
    sched_getaffinity(0, sizeof after, &after);
    assert_true(CPU_EQUAL(&before, &after));
    tc_placement_free(placement);
    tc_topology_free(topology);
}

/* A machine that claims to be this one and has more PUs: the kernel refuses, and so do we. */
static void a_binding_that_the_kernel_refuses_fails(void **state)
{
    (void)state;
    struct tc_error err = {""};
    setenv("HWLOC_THISSYSTEM", "1", 1);
    struct tc_topology *topology = load("package:1 core:1024 pu:1");
    struct tc_placement *placement = tc_placement_resolve(topology, "pu:1000", &err);
    assert_non_null(placement);
    assert_int_equal(tc_placement_bind_self(placement, &err), -EINVAL);
    assert_non_null(strstr(err.text, "1000"));
    tc_placement_free(placement);
    tc_topology_free(topology);
}

static void a_misspelt_machine_is_no_real_one(void **state)
{
    (void)state;
    struct tc_error err = {""};
    setenv("HWLOC_SYNTHETIC", "package:2 foo:3", 1);
    assert_null(tc_topology_load(&err));
    assert_non_null(strstr(err.text, "HWLOC_SYNTHETIC"));
    setenv("HWLOC_XMLFILE", "/nonexistent/machine.xml", 1);
    assert_null(tc_topology_load(&err));
    assert_non_null(strstr(err.text, "/nonexistent/machine.xml"));
}

static void binding_takes_and_is_read_back(void **state)
{
    (void)state;
    cpu_set_t set, start;
    sched_getaffinity(0, sizeof start, &start);
    struct tc_topology *topology = load(NULL);
    assert_true(tc_topology_is_real(topology));
    struct tc_placement *one = tc_placement_resolve(topology, "one-core", NULL);
    struct tc_placement *free_one = tc_placement_resolve(topology, "free", NULL);
    assert_int_equal(tc_placement_bind_self(one, NULL), 0);
    sched_getaffinity(0, sizeof set, &set);
    assert_int_equal(CPU_COUNT(&set), 1);
    assert_true(CPU_ISSET(atoi(tc_placement_cpus(one)), &set));
    /* `free` undoes what the driver did to itself. */
    assert_int_equal(tc_placement_bind_self(free_one, NULL), 0);
    sched_getaffinity(0, sizeof set, &set);
    assert_true(CPU_EQUAL(&set, &start));
    tc_placement_free(one);
    tc_placement_free(free_one);
    tc_topology_free(topology);
}

static void the_driver_stands_aside_where_it_can(void **state)
{
    (void)state;
    cpu_set_t set, start;
    sched_getaffinity(0, sizeof start, &start);
    struct tc_topology *topology = load(NULL);
    struct tc_placement *one = tc_placement_resolve(topology, "one-core", NULL);
    int measured = atoi(tc_placement_cpus(one));
    assert_non_null(tc_topology_stand_aside(topology, one));
    sched_getaffinity(0, sizeof set, &set);
    assert_int_equal(CPU_ISSET(measured, &set) != 0, CPU_COUNT(&start) == 1);
    assert_non_null(tc_topology_stand_aside(topology, NULL));
    sched_getaffinity(0, sizeof set, &set);
    assert_true(CPU_EQUAL(&set, &start));
    tc_placement_free(one);
    tc_topology_free(topology);
}

/* taskset narrows one-core and all; who names a PU means it. */
static void an_inherited_affinity_is_respected(void **state)
{
    (void)state;
    cpu_set_t set, start;
    sched_getaffinity(0, sizeof start, &start);
    int first = 0;
    while (!CPU_ISSET(first, &start))
        first++;
    CPU_ZERO(&set);
    CPU_SET(first, &set);
    assert_int_equal(sched_setaffinity(0, sizeof set, &set), 0);
    struct tc_topology *topology = load(NULL);
    char cpus[16];
    snprintf(cpus, sizeof cpus, "%d", first);
    assert_cpus(topology, "one-core", cpus);
    assert_cpus(topology, "all", cpus);
    assert_cpus(topology, "free", cpus);
    tc_topology_free(topology);
}

static void the_description_counts_what_is_there(void **state)
{
    (void)state;
    struct tc_topology *topology = load(machine);
    tc_json *d = tc_topology_describe(topology);
    int64_t value = 0;
    bool truth = true;
    assert_true(tcj_read_bool(tcj_get(d, "real"), &truth) && !truth);
    assert_true(tcj_read_bool(tcj_get(d, "smt"), &truth) && truth);
    assert_true(tcj_read_integer(tcj_get(d, "packages"), &value) && value == 2);
    assert_true(tcj_read_integer(tcj_get(d, "cores"), &value) && value == 8);
    assert_true(tcj_read_integer(tcj_get(d, "pus"), &value) && value == 16);
    tcj_free(d);
    tc_topology_free(topology);
}

static void the_xml_can_be_loaded_again(void **state)
{
    (void)state;
    char path[] = "/tmp/taskcost-topology-XXXXXX";
    struct tc_error err = {""};
    close(mkstemp(path));
    struct tc_topology *topology = load(machine);
    assert_int_equal(tc_topology_export(topology, path, &err), 0);
    tc_topology_free(topology);
    setenv("HWLOC_XMLFILE", path, 1);
    topology = load(NULL);
    assert_cpus(topology, "package:1.core:3", "14-15");
    assert_true(tc_topology_export(topology, "/nonexistent/x.xml", &err) < 0);
    assert_non_null(strstr(err.text, "/nonexistent/x.xml"));
    tc_topology_free(topology);
    unlink(path);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(locations_mean_what_hwloc_says),
    cmocka_unit_test(what_is_not_there_is_refused_with_what_would_be),
    cmocka_unit_test(named_placements_take_one_pu_a_core),
    cmocka_unit_test(names_have_meanings),
    cmocka_unit_test(nothing_is_bound_on_a_simulated_machine),
    cmocka_unit_test(a_binding_that_the_kernel_refuses_fails),
    cmocka_unit_test(a_misspelt_machine_is_no_real_one),
    cmocka_unit_test(binding_takes_and_is_read_back),
    cmocka_unit_test(the_driver_stands_aside_where_it_can),
    cmocka_unit_test(an_inherited_affinity_is_respected),
    cmocka_unit_test(the_description_counts_what_is_there),
    cmocka_unit_test(the_xml_can_be_loaded_again),
};
TEST_MAIN(tests)
