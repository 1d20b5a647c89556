/* SPDX-License-Identifier: MIT
 *
 * Reading and writing streams: every byte arrives once and in order however it is cut, the end is
 * seen whenever it comes, and failures of the peer are answers. Over socket pairs, pipes and TCP
 * with the real kernel. Connections are in test_net.c, waiting and waking in test_reactor.c.
 */
#include "test_main.h"

#include "reactors.h"
#include "streams.h"

/* -- the end of a stream -- */

/* Bytes and the end, both before the first read. */
static void test_end_with_data_before_the_first_read(void **state)
{
    static const size_t sizes[] = {1, 2, 4, 5, 6, 64};
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        for (size_t s = 0; s < TC_COUNT_OF(sizes); s++) {
            struct rt_executor *executor = new_executor();
            char bytes[80];
            int ends[2];
            open_stream(kind, ends);
            struct rt_io *io = open_io(executor, ends[0]);
            assert_int_equal(write(ends[1], "hello", 5), 5);
            close(ends[1]);
            struct rt_handle handle =
                SPAWNED(executor, read_all,
                        {.io = io, .bytes = bytes, .room = sizeof bytes, .at_a_time = sizes[s]});
            assert_int_equal(rt_block_on(executor, handle), 5);
            assert_memory_equal(bytes, "hello", 5);
            assert_int_equal(read_now(executor, io, bytes, 1), 0); /* and it stays the end */
            rt_executor_free(executor);
        }
    }
}

/* The reader already waits, so that bytes and end come as one event. */
static void test_end_with_data_while_waiting(void **state)
{
    static const size_t sizes[] = {1, 2, 4, 5, 6, 64};
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        for (size_t s = 0; s < TC_COUNT_OF(sizes); s++) {
            struct rt_executor *executor = new_executor();
            char bytes[80];
            int ends[2];
            open_stream(kind, ends);
            struct rt_io *io = open_io(executor, ends[0]);
            struct rt_handle handle =
                SPAWNED(executor, read_all,
                        {.io = io, .bytes = bytes, .room = sizeof bytes, .at_a_time = sizes[s]});
            rt_run_ready(executor);
            assert_int_equal(write(ends[1], "hello", 5), 5);
            close(ends[1]);
            assert_int_equal(rt_block_on(executor, handle), 5);
            assert_memory_equal(bytes, "hello", 5);
            rt_executor_free(executor);
        }
    }
}

/* The read came back short, which the reader takes for "drained"; then the end comes, before or
 * after the next read has begun to wait. Watched already, or not yet. */
static void test_end_after_a_short_read(void **state)
{
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        for (int waited = 0; waited <= 1; waited++) {
            for (int waits = 0; waits <= 1; waits++) {
                struct rt_executor *executor = new_executor();
                char bytes[64];
                int ends[2];
                open_stream(kind, ends);
                struct rt_io *io = open_io(executor, ends[0]);
                struct rt_handle first = begin_read(executor, io, bytes, sizeof bytes);
                if (waited)
                    rt_run_ready(executor);
                assert_int_equal(write(ends[1], "abc", 3), 3);
                assert_int_equal(rt_block_on(executor, first), 3);
                struct rt_handle second = begin_read(executor, io, bytes, sizeof bytes);
                if (waits)
                    rt_run_ready(executor);
                close(ends[1]);
                assert_int_equal(rt_block_on(executor, second), 0);
                rt_executor_free(executor);
            }
        }
    }
}

/* Data that comes after a short read, then more of it with the end. */
static void test_data_after_a_short_read(void **state)
{
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        struct rt_executor *executor = new_executor();
        char bytes[64];
        int ends[2];
        open_stream(kind, ends);
        struct rt_io *io = open_io(executor, ends[0]);
        for (int lap = 0; lap < 10; lap++) {
            assert_int_equal(write(ends[1], "abc", 3), 3);
            assert_int_equal(read_now(executor, io, bytes, sizeof bytes), 3);
        }
        assert_int_equal(write(ends[1], "de", 2), 2);
        close(ends[1]);
        assert_int_equal(read_now(executor, io, bytes, sizeof bytes), 2);
        assert_int_equal(read_now(executor, io, bytes, sizeof bytes), 0);
        rt_executor_free(executor);
    }
}

/* -- cutting -- */

/* A message in two writes, cut at every place, the second sent when the first has been read. */
static void test_cut_at_every_place(void **state)
{
    static const char message[] = "0123456789abcdef";
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        struct rt_executor *executor = new_executor();
        int ends[2];
        open_stream(kind, ends);
        struct rt_io *io = open_io(executor, ends[0]);
        for (size_t cut = 1; cut < 16; cut++) {
            char bytes[16] = {0};
            struct rt_handle handle = begin_read(executor, io, bytes, 16);
            rt_run_ready(executor);
            assert_int_equal(write(ends[1], message, cut), cut);
            assert_int_equal(rt_block_on(executor, handle), cut);
            assert_int_equal(write(ends[1], message + cut, 16 - cut), 16 - cut);
            assert_int_equal(read_now(executor, io, bytes + cut, 16 - cut), 16 - cut);
            assert_memory_equal(bytes, message, 16);
        }
        close(ends[1]);
        rt_executor_free(executor);
    }
}

static char *pattern(size_t size, unsigned seed)
{
    char *bytes = malloc(size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)((i * 31 + seed) ^ (i >> 8));
    return bytes;
}

/* Both directions of one descriptor at once, more than the buffers hold, in pieces that do not fit
 * each other; each end has a reader and a writer. */
static void test_both_directions_at_once(void **state)
{
    enum { SIZE = 1 << 20 };
    static const size_t pieces[][2] = {{1000, 4096}, {65536, 333}, {SIZE, SIZE}};
    static const enum kind kinds[] = {SOCKETPAIR, TCP};
    char *sent[2] = {pattern(SIZE, 1), pattern(SIZE, 2)};
    (void)state;
    for (size_t k = 0; k < TC_COUNT_OF(kinds) * TC_COUNT_OF(pieces); k++) {
        const size_t *piece = pieces[k / TC_COUNT_OF(kinds)];
        struct rt_executor *executor = new_executor();
        struct rt_handle readers[2], writers[2];
        char *received[2];
        int ends[2];
        open_stream(kinds[k % TC_COUNT_OF(kinds)], ends);
        for (int end = 0; end < 2; end++) {
            struct rt_io *io = open_io(executor, ends[end]);
            received[end] = calloc(2, SIZE);
            readers[end] = SPAWNED(
                executor, read_all,
                {.io = io, .bytes = received[end], .room = 2 * SIZE, .at_a_time = piece[0]});
            writers[end] =
                SPAWNED(executor, write_all,
                        {.io = io, .bytes = sent[end], .size = SIZE, .at_a_time = piece[1]});
        }
        for (int end = 0; end < 2; end++) {
            assert_int_equal(rt_block_on(executor, readers[end]), SIZE);
            assert_int_equal(rt_block_on(executor, writers[end]), 0);
            assert_memory_equal(received[end], sent[1 - end], SIZE);
            free(received[end]);
        }
        rt_executor_free(executor);
    }
    free(sent[0]);
    free(sent[1]);
}

static void test_one_byte_at_a_time(void **state)
{
    enum { SIZE = 2000 };
    char *sent = pattern(SIZE, 3);
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        struct rt_executor *executor = new_executor();
        char received[SIZE + 1];
        int ends[2];
        open_stream(kind, ends);
        struct rt_io *in = open_io(executor, ends[0]), *out = open_io(executor, ends[1]);
        struct rt_handle reader =
            SPAWNED(executor, read_all,
                    {.io = in, .bytes = received, .room = sizeof received, .at_a_time = 1});
        struct rt_handle writer =
            SPAWNED(executor, write_all, {.io = out, .bytes = sent, .size = SIZE, .at_a_time = 1});
        assert_int_equal(rt_block_on(executor, writer), 0);
        assert_int_equal(rt_io_close(out), 0); /* a pipe knows no shutdown */
        assert_int_equal(rt_block_on(executor, reader), SIZE);
        assert_memory_equal(received, sent, SIZE);
        rt_executor_free(executor);
    }
    free(sent);
}

/* -- peers that fail -- */

/* The default action of SIGPIPE would end this process. */
static void test_a_closed_peer_is_an_answer(void **state)
{
    static const enum kind kinds[] = {SOCKETPAIR, TCP};
    (void)state;
    signal(SIGPIPE, SIG_DFL);
    for (size_t k = 0; k < TC_COUNT_OF(kinds); k++) {
        struct rt_executor *executor = new_executor();
        int ends[2];
        open_stream(kinds[k], ends);
        struct rt_io *io = open_io(executor, ends[0]);
        close(ends[1]);
        int64_t result = 1;
        for (int i = 0; i < 100 && result > 0; i++) /* TCP accepts some before it learns */
            result = write_now(executor, io, "x", 1);
        assert_true(result == -EPIPE || (kinds[k] == TCP && result == -ECONNRESET));
        assert_int_equal(write_now(executor, io, "x", 1), -EPIPE);
        rt_executor_free(executor);
    }
}

/* A writer that waits for room learns that its peer has gone. */
static void test_a_waiting_writer_is_told(void **state)
{
    static const enum kind kinds[] = {SOCKETPAIR, TCP};
    char *bytes = pattern(1 << 16, 4);
    (void)state;
    for (size_t k = 0; k < TC_COUNT_OF(kinds); k++) {
        struct rt_executor *executor = new_executor();
        int ends[2];
        open_stream(kinds[k], ends);
        struct rt_io *io = open_io(executor, ends[0]);
        while (send(ends[0], bytes, 1 << 16, MSG_DONTWAIT) > 0) {
        }
        struct rt_handle handle =
            SPAWNED(executor, one_write, {.io = io, .bytes = bytes, .size = 1});
        rt_run_ready(executor);
        close(ends[1]);
        int64_t result = rt_block_on(executor, handle);
        assert_true(result == -EPIPE || result == -ECONNRESET);
        rt_executor_free(executor);
    }
    free(bytes);
}

static void test_a_reset_is_an_answer(void **state)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    (void)state;
    for (int waits = 0; waits <= 1; waits++) {
        struct rt_executor *executor = new_executor();
        char byte;
        int ends[2];
        open_stream(TCP, ends);
        struct rt_io *io = open_io(executor, ends[0]);
        struct rt_handle handle = begin_read(executor, io, &byte, 1);
        if (waits)
            rt_run_ready(executor);
        setsockopt(ends[1], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close(ends[1]);
        assert_int_equal(rt_block_on(executor, handle), -ECONNRESET);
        rt_executor_free(executor);
    }
}

/* -- descriptors that are no streams -- */

static void test_a_regular_file_never_waits(void **state)
{
    struct rt_executor *executor = new_executor();
    FILE *file = tmpfile();
    char bytes[16];
    (void)state;
    assert_int_equal(fputs("hello", file) >= 0 && fflush(file) == 0, 1);
    rewind(file);
    struct rt_io *io = open_io(executor, dup(fileno(file)));
    for (int read_in_turn = 0; read_in_turn < 5; read_in_turn += 2)
        assert_int_equal(read_now(executor, io, bytes + read_in_turn, 2), read_in_turn < 4 ? 2 : 1);
    assert_memory_equal(bytes, "hello", 5);
    assert_int_equal(read_now(executor, io, bytes, 2), 0);
    assert_int_equal(write_now(executor, io, "!", 1), 1);
    fclose(file);
    rt_executor_free(executor);
}

static void test_a_bad_descriptor_is_refused(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_io *io = NULL;
    int ends[2];
    (void)state;
    assert_int_equal(rt_io_open(executor, -1, &io), -EBADF);
    assert_null(io);
    assert_int_equal(pipe(ends), 0);
    io = open_io(executor, ends[0]);
    assert_int_equal(rt_io_fd(io), ends[0]);
    /* tried, or left to the kernel to wait with */
    assert_int_equal(!(fcntl(ends[0], F_GETFL) & O_NONBLOCK), the_reactor == RT_REACTOR_URING);
    assert_int_equal(write_now(executor, io, "x", 1), -EBADF); /* the reading end */
    assert_int_equal(rt_io_close(io), 0);
    assert_int_equal(fcntl(ends[0], F_GETFD), -1);
    close(ends[1]);
    rt_executor_free(executor);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_end_with_data_before_the_first_read),
    cmocka_unit_test(test_end_with_data_while_waiting),
    cmocka_unit_test(test_end_after_a_short_read),
    cmocka_unit_test(test_data_after_a_short_read),
    cmocka_unit_test(test_cut_at_every_place),
    cmocka_unit_test(test_both_directions_at_once),
    cmocka_unit_test(test_one_byte_at_a_time),
    cmocka_unit_test(test_a_closed_peer_is_an_answer),
    cmocka_unit_test(test_a_waiting_writer_is_told),
    cmocka_unit_test(test_a_reset_is_an_answer),
    cmocka_unit_test(test_a_regular_file_never_waits),
    cmocka_unit_test(test_a_bad_descriptor_is_refused),
};
TEST_MAIN_REACTORS(tests)
