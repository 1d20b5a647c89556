/* SPDX-License-Identifier: MIT
 *
 * A thousand descriptors in one executor: more than a block of the reactor's table, and more ready
 * at once than one wait takes from the kernel.
 */
#include "test_main.h"

#include "reactors.h"
#include "streams.h"

#include "reactor.h"

#include <sys/resource.h>

struct relay {
    RT_FRAME;
    struct rt_io *in, *out;
    int laps;
    int64_t count;
    char byte;
};

static rt_poll relay(void *frame, struct rt_cx *cx)
{
    struct relay *self = frame;
    RT_BEGIN(self, cx);
    for (; self->laps > 0; self->laps--) {
        RT_AWAIT_INTO(self->count, rt_read, self->in, &self->byte, 1);
        if (self->count != 1)
            RT_RETURN(-1);
        self->byte++;
        RT_AWAIT_INTO(self->count, rt_write, self->out, &self->byte, 1);
        if (self->count != 1)
            RT_RETURN(-1);
    }
    RT_END(0);
}

/* A ring of 500 socket pairs with a byte under way for each. */
static void test_a_thousand_descriptors(void **state)
{
    enum { PAIRS = 500, LAPS = 50 };
    struct rlimit limit;
    struct rt_executor *executor = new_executor();
    struct rt_io *in[PAIRS], *out[PAIRS];
    struct rt_handle handles[PAIRS];
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < 2 * PAIRS + 50) {
        print_message("skipped: the limit of descriptors is %llu\n",
                      (unsigned long long)limit.rlim_cur);
        skip();
    }
    for (int i = 0; i < PAIRS; i++) {
        int ends[2];
        open_stream(SOCKETPAIR, ends);
        in[i] = open_io(executor, ends[0]);
        out[i] = open_io(executor, ends[1]);
    }
    for (int i = 0; i < PAIRS; i++)
        handles[i] =
            SPAWNED(executor, relay, {.in = in[i], .out = out[(i + 1) % PAIRS], .laps = LAPS});
    rt_run_ready(executor);
    assert_int_equal(rt__reactor_parked(executor->reactor), PAIRS);
    for (int i = 0; i < PAIRS; i++) /* a byte for everybody, passed on LAPS times */
        assert_int_equal(write(rt_io_fd(out[i]), "", 1), 1);
    for (int i = 0; i < PAIRS; i++)
        assert_int_equal(rt_block_on(executor, handles[i]), 0);
    for (int i = 0; i < PAIRS; i++) {
        char byte;
        assert_int_equal(read_now(executor, in[i], &byte, 1), 1);
        assert_int_equal(byte, LAPS);
    }
    rt_executor_free(executor);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_thousand_descriptors),
};
TEST_MAIN_REACTORS(tests)
