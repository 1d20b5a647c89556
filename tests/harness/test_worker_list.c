/* SPDX-License-Identifier: MIT
 *
 * Workers' lists that are not what the protocol says: each refused with the sentence that says so.
 */
#include "harness/worker_list.h"

#include "test_main.h"

#define HEAD "{\"protocol\": \"taskcost-worker\", \"protocol_version\": 1, "

static int parse_worker(struct tc_worker *worker, const char *text, struct tc_error *err)
{
    tc_json *list = tcj_parse(text, strlen(text), "test", err);
    if (!list)
        fail_msg("%s", err->text);
    int code = tc_worker_parse(worker, list, "/some/worker-x", err);
    tcj_free(list);
    return code;
}

static void a_list_that_is_not_the_protocols_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *list, *why;
    } bad[] = {
        {"{}", "does not speak taskcost-worker, version 1"},
        {"{\"protocol\": \"taskcost-worker\", \"protocol_version\": 2}", "version 1"},
        {HEAD "\"workloads\": []}", "\"model\" is missing"},
        {HEAD "\"model\": \"m\", \"workloads\": [{}]}", "workload 0: \"name\" is missing"},
        {HEAD "\"model\": \"m\", \"workloads\": [{\"name\": \"w\"}]}", "rising counts"},
        {HEAD "\"model\": \"m\", \"workloads\": [{\"name\": \"w\", \"tasks_min\": 5, "
              "\"tasks_default\": 4}]}",
         "rising counts"},
        {HEAD "\"model\": \"m\", \"workloads\": [{\"name\": \"w\", \"tasks_min\": 5, "
              "\"tasks_default\": 6, \"tasks_max\": 5}]}",
         "\"tasks_max\" is not a count from \"tasks_default\" on"},
        {HEAD "\"model\": \"m\", \"workloads\": [{\"name\": \"w\", \"tasks_min\": 1, "
              "\"tasks_default\": 1, \"parameters\": [{\"name\": \"p\"}]}]}",
         "parameter p has no values"},
        {HEAD "\"model\": \"m\", \"workloads\": [{\"name\": \"w\", \"tasks_min\": 1, "
              "\"tasks_default\": 1, \"sweeps\": [{\"profile\": \"quick\", \"tasks\": [0]}]}]}",
         "counts from 1"},
        {HEAD "\"model\": \"m\", \"workloads\": [{\"name\": \"w\", \"tasks_min\": 1, "
              "\"tasks_default\": 1, \"sweeps\": [{\"profile\": \"quick\", \"models\": [3]}]}]}",
         "something other than strings"},
        {HEAD "\"model\": \"m\", \"unsupported\": [{\"name\": \"w\"}]}", "\"reason\" is missing"},
    };
    for (size_t i = 0; i < TC_COUNT_OF(bad); i++) {
        struct tc_worker worker;
        struct tc_error err = {""};
        assert_int_equal(parse_worker(&worker, bad[i].list, &err), -EINVAL);
        assert_non_null(strstr(err.text, "/some/worker-x"));
        if (!strstr(err.text, bad[i].why))
            fail_msg("list %zu was refused with: %s", i, err.text);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_list_that_is_not_the_protocols_is_refused),
};
TEST_MAIN(tests)
