/* SPDX-License-Identifier: MIT
 *
 * The trace: what it records of a small program, that its memory is bounded, and what it makes of
 * names that JSON can't hold. (tests/cli/inspect.bats reads a whole one back as JSON.)
 */
#include "test_main.h"

#include "seen.h"

struct hopper {
    RT_FRAME;
    struct rt_chan *in, *out;
    int64_t value;
    int hops;
};

static rt_poll hopper(void *frame, struct rt_cx *cx)
{
    struct hopper *self = frame;
    RT_BEGIN(self, cx);
    for (; self->hops > 0; self->hops--) {
        RT_AWAIT(rt_chan_recv, self->in, &self->value);
        RT_AWAIT(rt_chan_send, self->out, self->value);
    }
    RT_END(0);
}

/* A ring of two hoppers that pass one message so often. */
static void hop(struct rt_executor *executor, int hops)
{
    struct rt_chan *ring[2] = {rt_chan_new(1), rt_chan_new(1)};
    struct rt_handle handles[2];
    struct rt_wait wait;
    for (int i = 0; i < 2; i++)
        handles[i] = SPAWNED(executor, hopper, {.in = ring[i], .out = ring[!i], .hops = hops});
    struct rt_cx cx = cx_of(handles[0]);
    rt_wait_init(&wait);
    assert_int_equal(rt_chan_send_poll(&wait, &cx, ring[0], 0), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(rt_block_on(executor, handles[i]), 0);
    rt_chan_free(ring[0]);
    rt_chan_free(ring[1]);
}

static int count(const char *text, const char *word)
{
    int found = 0;
    while ((text = strstr(text, word))) {
        found++;
        text++;
    }
    return found;
}

static void write_trace(struct stage *stage)
{
    rewind(stage->out);
    assert_int_equal(rt_trace_write(stage->executor, stage->out), 0);
}

static void test_every_poll_wake_and_spawn_is_in_it(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, &(struct rt_config){.trace_events = 1000});
    hop(stage.executor, 10);
    write_trace(&stage);
    expect(&stage,
           "\"name\":\"spawn hopper\",\"s\":\"t\",\"args\":{\"task\":1,\"at\":\"hopper in hop "
           "at test_trace.c:");
    assert_int_equal(count(stage.text, "\"cat\":\"spawn\""), 2);
    assert_int_equal(count(stage.text, "\"cat\":\"poll\""), (int)stage.counters->polls);
    assert_int_equal(count(stage.text, "\"ph\":\"s\""), (int)stage.counters->wakes);
    assert_int_equal(count(stage.text, "\"ph\":\"f\""), (int)stage.counters->wakes);
    assert_int_equal(count(stage.text, "\"ended\":true"), 2);
    expect(&stage, "\"name\":\"wake hopper\",\"s\":\"t\",\"args\":{\"task\":2,\"by\":1}");
    expect(&stage, "\"awaits\":\"rt_chan_recv in hopper at test_trace.c:");
    expect(&stage, "\"overwritten\":0}");
    end(&stage);
}

static void test_the_latest_are_kept(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, &(struct rt_config){.trace_events = 50});
    hop(stage.executor, 1000);
    write_trace(&stage);
    uint64_t all = 2 + stage.counters->polls + stage.counters->wakes;
    int kept = count(stage.text, "\"cat\":\"poll\"") + count(stage.text, "\"ph\":\"i\"");
    char overwritten[64];
    assert_int_equal(kept, 64); /* the power of two above */
    snprintf(overwritten, sizeof overwritten, "\"overwritten\":%d}", (int)all - 64);
    expect(&stage, overwritten);
    assert_int_equal(count(stage.text, "\"cat\":\"spawn\""), 0);
    assert_true(count(stage.text, "\"ended\":true") > 0);
    end(&stage);
}

static void test_without_being_asked_nothing_is_kept(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, NULL);
    hop(stage.executor, 10);
    write_trace(&stage);
    assert_int_equal(count(stage.text, "\"cat\""), 0);
    end(&stage);
}

static void test_names_are_escaped(void **state)
{
    struct stage stage;
    static const struct rt_site odd = {"a \"quoted\\\n name\xff", "f", "x.c", 1};
    struct probe probe = {.finish_at = 1};
    (void)state;
    begin(&stage, &(struct rt_config){.trace_events = 8});
    struct rt_handle handle = spawn_probe(stage.executor, &probe);
    rt__see_name(handle.task, &odd);
    assert_int_equal(rt_block_on(stage.executor, handle), 0);
    write_trace(&stage);
    expect(&stage, "\"name\":\"a \\\"quoted\\\\ name\"");
    end(&stage);
}

static void test_a_full_disk_is_an_error(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, &(struct rt_config){.trace_events = 1000});
    hop(stage.executor, 100);
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(rt_trace_write(stage.executor, full), -EIO);
    fclose(full);
    end(&stage);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_every_poll_wake_and_spawn_is_in_it),
    cmocka_unit_test(test_the_latest_are_kept),
    cmocka_unit_test(test_without_being_asked_nothing_is_kept),
    cmocka_unit_test(test_names_are_escaped),
    cmocka_unit_test(test_a_full_disk_is_an_error),
};
TEST_MAIN(tests)
