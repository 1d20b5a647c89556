/* SPDX-License-Identifier: MIT
 *
 * Every request of the corpus gets its status: sent whole, cut in two at each place, and byte by
 * byte.
 */
#include "test_main.h"

#include "talk.h"

/* What is said to a sample sent in two parts, each in pieces of `step`. */
static void exchange(struct talk *talk, const struct sample *sample, size_t cut, size_t step)
{
    talk_begin(talk);
    talk_send(talk, sample->bytes, cut, step);
    talk_send(talk, sample->bytes + cut, sample->size - cut, step);
}

static void fail_sample(const struct sample *sample, size_t cut, int status)
{
    fail_msg("status %d and not %d, cut at %zu, for: %.*s", status, sample->status, cut,
             sample->size, sample->bytes);
}

static void test_statuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(samples); i++)
        for (size_t cut = 0; cut <= samples[i].size; cut++) {
            struct talk talk;
            exchange(&talk, &samples[i], cut, cut ? SIZE_MAX : 1);
            if (talk_status(&talk) != samples[i].status)
                fail_sample(&samples[i], cut, talk_status(&talk));
            talk_end(&talk);
        }
}

/* After a fault the connection says that it closes, and does; nothing later is answered. */
static void test_faults_end_the_connection(void **state)
{
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(samples); i++) {
        struct talk talk;
        if (samples[i].status < 400)
            continue;
        exchange(&talk, &samples[i], 0, SIZE_MAX);
        assert_non_null(strstr(talk.said, "\r\nConnection: close\r\n"));
        assert_true(talk.shut && !talk.closed);
        size_t size = talk.size;
        talk_send(&talk, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27, SIZE_MAX);
        assert_int_equal(talk.size, size);
        talk_hang_up(&talk);
        assert_true(talk.closed);
        assert_int_equal(talk.echo.calls, 0);
        talk_end(&talk);
    }
}

/* A peer that ends in the middle of a request gets a 400; one that has not begun, nothing. */
static void test_ended_early(void **state)
{
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(samples); i++) {
        struct talk talk;
        if (samples[i].status != 0)
            continue;
        exchange(&talk, &samples[i], 0, SIZE_MAX);
        talk_hang_up(&talk);
        assert_int_equal(talk_status(&talk),
                         samples[i].size > 2 || samples[i].bytes[0] == 'G' ? 400 : 0);
        assert_true(talk.closed);
        talk_end(&talk);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_statuses),
    cmocka_unit_test(test_faults_end_the_connection),
    cmocka_unit_test(test_ended_early),
};
TEST_MAIN(tests)
