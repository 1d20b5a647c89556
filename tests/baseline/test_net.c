/* SPDX-License-Identifier: MIT
 *
 * Whole reads and writes over streams that move a little at a time, datagrams, and connecting with
 * a deadline.
 */
#include "test_main.h"

#include "threads.h"

#include <netinet/in.h>

static struct sockaddr_in loopback(const struct tb_io *bound)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bound)
        assert_int_equal(getsockname(bound->fd, (struct sockaddr *)&address, &length), 0);
    return address;
}

/* -- whole -- */

enum { SIZE = 300000 };

struct trickle {
    struct tb_io io;
    size_t size, at_once;
    bool ends;
};

static unsigned char byte_at(size_t i)
{
    return (unsigned char)(i * 31 + i / 256);
}

/* Writes so many bytes at once, then ends the stream if told to. */
static int64_t trickle(void *frame)
{
    struct trickle *self = frame;
    unsigned char bytes[1000];
    for (size_t done = 0; done < self->size;) {
        size_t count = self->size - done < self->at_once ? self->size - done : self->at_once;
        for (size_t i = 0; i < count; i++)
            bytes[i] = byte_at(done + i);
        if (tb_write_all(&self->io, bytes, count) != (int64_t)count)
            return -EIO;
        done += count;
    }
    if (self->ends)
        tb_io_close(&self->io);
    return 0;
}

/* A stream of one kind or the other: what is written to ends[1] is read from ends[0]. */
static void open_stream(bool is_socket, struct tb_io ends[2])
{
    int fds[2];
    assert_int_equal(is_socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, fds) : pipe(fds), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(tb_io_open(fds[i], &ends[i]), 0);
}

static void assert_arrives_whole(bool is_socket, size_t size, size_t at_once, bool in_scope)
{
    static unsigned char bytes[SIZE];
    struct tb_io ends[2];
    open_stream(is_socket, ends);
    struct trickle writer = {ends[1], size, at_once, true};
    struct tb_handle handle = start(trickle, &writer);
    struct tb_scope outer = tb_scope;
    if (in_scope)
        outer = tb_scope_enter(tc_now_ns() + 3600 * TC_NS_PER_S, NULL);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(tb_read_exact(&ends[0], bytes, size), size);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], byte_at(i));
    assert_int_equal(tb_read_exact(&ends[0], bytes, 10), 0); /* the end */
    tb_scope_leave(outer);
    assert_int_equal(tb_join(handle), 0);
    tb_io_close(&ends[0]);
}

static void test_streams_arrive_whole(void **state)
{
    static const size_t sizes[] = {0, 1, 999, 1000, 1001, 5000};
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        for (size_t i = 0; i < TC_COUNT_OF(sizes); i++)
            for (size_t at_once = 1; at_once <= 1000; at_once *= 10)
                assert_arrives_whole(kind % 2, sizes[i], at_once, kind / 2);
        assert_arrives_whole(kind % 2, SIZE, 1000, kind / 2);
    }
}

static void test_a_stream_that_ends_early(void **state)
{
    struct tb_io ends[2];
    char bytes[10];
    (void)state;
    open_stream(true, ends);
    assert_int_equal(tb_write_all(&ends[1], "abc", 3), 3);
    assert_int_equal(tb_shutdown(&ends[1], SHUT_WR), 0);
    assert_int_equal(tb_read_exact(&ends[0], bytes, 10), 3);
    assert_memory_equal(bytes, "abc", 3);
    assert_int_equal(tb_write_all(&ends[0], "d", 1), 1); /* the other direction goes on */
    assert_int_equal(tb_read_exact(&ends[1], bytes, 1), 1);
    tb_io_close(&ends[0]);
    assert_int_equal(tb_write_all(&ends[1], "e", 1), -EPIPE);
    tb_io_close(&ends[1]);
}

static int64_t read_all(void *frame)
{
    static unsigned char bytes[SIZE];
    struct trickle *self = frame;
    int64_t count = tb_read_exact(&self->io, bytes, self->size);
    for (size_t i = 0; i < self->size; i++)
        if (bytes[i] != byte_at(i))
            return -EIO;
    return count;
}

/* More than fits, by a writer that must not wait where it can't be woken. */
static void test_a_large_write_within_a_scope(void **state)
{
    static unsigned char bytes[SIZE];
    (void)state;
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = byte_at(i);
    for (int is_socket = 0; is_socket < 2; is_socket++) {
        struct tb_io ends[2];
        open_stream(is_socket, ends);
        struct tb_scope outer = tb_scope_enter(tc_now_ns() + 10 * TC_NS_PER_MS, NULL);
        assert_int_equal(tb_write_all(&ends[1], bytes, SIZE), -ETIMEDOUT); /* nobody reads */
        tb_scope_leave(outer);
        tb_io_close(&ends[0]);
        tb_io_close(&ends[1]);
        open_stream(is_socket, ends);
        struct trickle reader = {ends[0], SIZE, 0, false};
        struct tb_handle handle = start(read_all, &reader);
        outer = tb_scope_enter(tc_now_ns() + 3600 * TC_NS_PER_S, NULL);
        assert_int_equal(tb_write_all(&ends[1], bytes, SIZE), SIZE);
        tb_scope_leave(outer);
        assert_int_equal(tb_join(handle), SIZE);
        tb_io_close(&ends[0]);
        tb_io_close(&ends[1]);
    }
}

/* -- datagrams -- */

static void test_datagrams_keep_their_borders(void **state)
{
    struct sockaddr_in any = loopback(NULL), sender;
    struct tb_io left, right;
    socklen_t length = sizeof sender;
    char bytes[8];
    (void)state;
    assert_int_equal(tb_udp_open((struct sockaddr *)&any, sizeof any, &left), 0);
    assert_int_equal(tb_udp_open((struct sockaddr *)&any, sizeof any, &right), 0);
    struct sockaddr_in to = loopback(&right), from = loopback(&left);
    assert_int_equal(tb_send_to(&left, "abc", 3, (struct sockaddr *)&to, sizeof to), 3);
    assert_int_equal(tb_send_to(&left, "", 0, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(tb_send_to(&left, "0123456789", 10, (struct sockaddr *)&to, sizeof to), 10);
    assert_int_equal(tb_recv_from(&right, bytes, 8, (struct sockaddr *)&sender, &length), 3);
    assert_memory_equal(bytes, "abc", 3);
    assert_int_equal(sender.sin_port, from.sin_port);
    assert_int_equal(tb_recv_from(&right, bytes, 8, NULL, NULL), 0);
    assert_int_equal(tb_recv_from(&right, bytes, 8, NULL, NULL), 8); /* the rest is cut off */
    struct tb_scope outer = tb_scope_enter(tc_now_ns() + TC_NS_PER_MS, NULL);
    assert_int_equal(tb_recv_from(&right, bytes, 8, NULL, NULL), -ETIMEDOUT);
    tb_scope_leave(outer);
    tb_io_close(&left);
    tb_io_close(&right);
}

/* -- connecting -- */

static void test_connecting_within_a_deadline(void **state)
{
    struct sockaddr_in any = loopback(NULL), address;
    struct tb_io listener, accepted, io, refused;
    (void)state;
    assert_int_equal(tb_listen((struct sockaddr *)&any, sizeof any, 4, &listener), 0);
    address = loopback(&listener);
    struct tb_scope outer = tb_scope_enter(tc_now_ns() + 3600 * TC_NS_PER_S, NULL);
    assert_int_equal(tb_connect((struct sockaddr *)&address, sizeof address, &io), 0);
    assert_int_equal(fcntl(io.fd, F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(tb_accept(&listener, &accepted), 0);
    tb_io_close(&listener);
    assert_int_equal(tb_connect((struct sockaddr *)&address, sizeof address, &refused),
                     -ECONNREFUSED);
    tb_scope_leave(outer);
    tb_io_close(&io);
    tb_io_close(&accepted);
}

/* A listener that accepts nobody, its queue full: connecting to it would take minutes. */
static void test_connecting_to_who_does_not_answer(void **state)
{
    enum { TRIES = 4 };
    struct sockaddr_in any = loopback(NULL), address;
    struct tb_io listener, io[TRIES];
    int64_t result = 0;
    int opened = 0, lowest = dup(0);
    (void)state;
    close(lowest);
    assert_int_equal(tb_listen((struct sockaddr *)&any, sizeof any, 0, &listener), 0);
    address = loopback(&listener);
    while (opened < TRIES && result == 0) {
        struct tb_scope outer = tb_scope_enter(tc_now_ns() + 20 * TC_NS_PER_MS, NULL);
        result = tb_connect((struct sockaddr *)&address, sizeof address, &io[opened]);
        tb_scope_leave(outer);
        opened += result == 0;
    }
    assert_int_equal(result, -ETIMEDOUT);
    while (opened > 0)
        tb_io_close(&io[--opened]);
    tb_io_close(&listener);
    int after = dup(0);
    assert_int_equal(after, lowest); /* nothing is left open */
    close(after);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_streams_arrive_whole),
    cmocka_unit_test(test_a_stream_that_ends_early),
    cmocka_unit_test(test_a_large_write_within_a_scope),
    cmocka_unit_test(test_datagrams_keep_their_borders),
    cmocka_unit_test(test_connecting_within_a_deadline),
    cmocka_unit_test(test_connecting_to_who_does_not_answer),
};
TEST_MAIN(tests)
