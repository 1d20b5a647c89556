/* SPDX-License-Identifier: MIT
 *
 * What model.h promises of descriptors, held against every model: bytes whole and in order through
 * pipes and sockets, ends, failures, accepting and connecting.
 */
#include "test_main.h"

#include "model_host.h"

#include "model.h"

#include "base/rng.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

static void make_pair(bool sockets, int fds[2])
{
    MUST((sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, fds) : pipe(fds)) == 0);
}

/* -- a stream of bytes -- */

enum { BYTES = 500009, PIECE = 9000 };

/* Pseudo-random bytes in pieces of pseudo-random size, then the end. */
TASK(write_flood, {
    io_t io;
    struct tc_rng content;
    struct tc_rng sizes;
    int64_t left;
    int64_t size;
    int64_t done;
    int64_t result;
    unsigned char piece[PIECE];
})
{
    TASK_BEGIN;
    for (self->left = BYTES; self->left > 0; self->left -= self->size) {
        self->size = 1 + (int64_t)tc_rng_below(&self->sizes, PIECE);
        if (self->size > self->left)
            self->size = self->left;
        for (int64_t i = 0; i < self->size; i++)
            self->piece[i] = (unsigned char)tc_rng_next(&self->content);
        for (self->done = 0; self->done < self->size; self->done += self->result) {
            AWAIT_INTO(self->result, io_write(self->io, self->piece + self->done,
                                              (size_t)(self->size - self->done)));
            EXPECT_TRUE(self->result >= 1 && self->result <= self->size - self->done);
        }
    }
    io_close(&self->io);
    TASK_END;
}

TASK(read_flood, {
    int fds[2];
    uint64_t seed;
    io_t io;
    handle_t writer;
    struct tc_rng content;
    struct tc_rng sizes;
    uint64_t size;
    int64_t received;
    int64_t result;
    unsigned char piece[PIECE];
})
{
    TASK_BEGIN;
    io_t write_io;
    EXPECT(io_open(self->fds[0], &self->io), 0);
    EXPECT(io_open(self->fds[1], &write_io), 0);
    tc_rng_seed(&self->content, self->seed);
    tc_rng_seed(&self->sizes, self->seed + 1);
    START(write_flood, &self->writer,
          {.io = write_io, .content = self->content, .sizes = {{1, 2, 3, self->seed}}});
    do {
        self->size = 1 + tc_rng_below(&self->sizes, PIECE);
        AWAIT_INTO(self->result, io_read(self->io, self->piece, self->size));
        EXPECT_TRUE(self->result >= 0 && (uint64_t)self->result <= self->size);
        for (int64_t i = 0; i < self->result; i++)
            EXPECT(self->piece[i], (unsigned char)tc_rng_next(&self->content));
        self->received += self->result;
    } while (self->result > 0);
    EXPECT(self->received, BYTES);
    AWAIT_INTO(self->result, io_read(self->io, self->piece, 1)); /* still the end */
    EXPECT(self->result, 0);
    io_close(&self->io);
    AWAIT(task_join(self->writer));
    TASK_END;
}

static void test_bytes_arrive_whole_and_in_order(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++) {
        int fds[2];
        make_pair(seed % 2, fds);
        RUN_TEST(read_flood, {.fds = {fds[0], fds[1]}, .seed = seed});
    }
}

/* -- one byte forth and back: each read has to wait -- */

TASK(echo, {
    io_t io;
    int64_t result;
    unsigned char buffer[8];
})
{
    TASK_BEGIN;
    for (;;) {
        AWAIT_INTO(self->result, io_read(self->io, self->buffer, sizeof self->buffer));
        if (self->result == 0)
            break;
        EXPECT(self->result, 1);
        self->buffer[0]++;
        AWAIT_INTO(self->result, io_write(self->io, self->buffer, 1));
        EXPECT(self->result, 1);
    }
    io_close(&self->io);
    TASK_END;
}

TASK(ping, {
    int fds[2];
    io_t io;
    handle_t echoing;
    int64_t i;
    int64_t result;
    unsigned char byte;
})
{
    TASK_BEGIN;
    io_t other;
    EXPECT(io_open(self->fds[0], &self->io), 0);
    EXPECT(io_open(self->fds[1], &other), 0);
    START(echo, &self->echoing, {.io = other});
    for (; self->i < 500; self->i++) {
        self->byte = (unsigned char)self->i;
        AWAIT_INTO(self->result, io_write(self->io, &self->byte, 1));
        EXPECT(self->result, 1);
        AWAIT_INTO(self->result, io_read(self->io, &self->byte, 1));
        EXPECT(self->result, 1);
        EXPECT(self->byte, (unsigned char)(self->i + 1));
    }
    io_close(&self->io);
    AWAIT(task_join(self->echoing));
    TASK_END;
}

static void test_forth_and_back(void **state)
{
    int fds[2];
    (void)state;
    make_pair(true, fds);
    RUN_TEST(ping, {.fds = {fds[0], fds[1]}});
}

/* -- ends and failures -- */

TASK(write_then_close, {
    int fds[2];
    io_t left;
    io_t right;
    int64_t result;
    char buffer[8];
})
{
    TASK_BEGIN;
    EXPECT(io_open(self->fds[0], &self->left), 0);
    EXPECT(io_open(self->fds[1], &self->right), 0);
    AWAIT_INTO(self->result, io_write(self->right, "abc", 3));
    EXPECT(self->result, 3);
    AWAIT_INTO(self->result, io_read(self->left, self->buffer, 2)); /* what was asked for */
    EXPECT(self->result, 2);
    io_close(&self->right);
    AWAIT_INTO(self->result, io_read(self->left, self->buffer, sizeof self->buffer));
    EXPECT(self->result, 1); /* what there is */
    EXPECT(self->buffer[0], 'c');
    AWAIT_INTO(self->result, io_read(self->left, self->buffer, sizeof self->buffer));
    EXPECT(self->result, 0);
    io_close(&self->left);
    TASK_END;
}

static void test_the_end_comes_after_what_is_left(void **state)
{
    int fds[2];
    (void)state;
    for (int sockets = 0; sockets < 2; sockets++) {
        make_pair(sockets, fds);
        RUN_TEST(write_then_close, {.fds = {fds[0], fds[1]}});
    }
}

TASK(write_to_nobody, {
    int fds[2];
    io_t left;
    io_t right;
    int64_t result;
})
{
    TASK_BEGIN;
    EXPECT(io_open(self->fds[0], &self->left), 0);
    EXPECT(io_open(self->fds[1], &self->right), 0);
    io_close(&self->left);
    AWAIT_INTO(self->result, io_write(self->right, "x", 1));
    EXPECT(self->result, -EPIPE);
    io_close(&self->right);
    TASK_END;
}

/* On sockets no signal comes with it: SIGPIPE is left as it is. */
static void test_writing_to_nobody(void **state)
{
    int fds[2];
    (void)state;
    make_pair(true, fds);
    RUN_TEST(write_to_nobody, {.fds = {fds[0], fds[1]}});
    signal(SIGPIPE, SIG_IGN);
    make_pair(false, fds);
    RUN_TEST(write_to_nobody, {.fds = {fds[0], fds[1]}});
}

TASK(open_what_is_closed, { int fd; })
{
    TASK_BEGIN;
    io_t io;
    TASK_RETURN(io_open(self->fd, &io));
    TASK_END;
}

static void test_opening_what_is_not_open(void **state)
{
    (void)state;
    assert_int_equal(RUN(&host_round, open_what_is_closed, {.fd = 987654}), -EBADF);
}

/* -- connections -- */

enum { CLIENTS = 20 };

TASK(client, {
    const struct sockaddr *address;
    socklen_t length;
    unsigned char number;
    io_t io;
    int64_t i;
    int64_t result;
})
{
    TASK_BEGIN;
    self->io = IO_NONE;
    AWAIT_INTO(self->result, io_connect(self->address, self->length, &self->io));
    EXPECT(self->result, 0);
    for (; self->i < 10; self->i++) {
        AWAIT_INTO(self->result, io_write(self->io, &self->number, 1));
        EXPECT(self->result, 1);
        AWAIT_INTO(self->result, io_read(self->io, &self->number, 1));
        EXPECT(self->result, 1);
    }
    io_close(&self->io);
    TASK_RETURN(self->number);
    TASK_END;
}

/* Serves as many clients as there are, all at once; every client's number comes back ten higher. */
TASK(serve, {
    struct sockaddr_storage address;
    socklen_t length;
    io_t listener;
    io_t accepted;
    handle_t clients[CLIENTS];
    handle_t echoing[CLIENTS];
    int64_t i;
    int64_t result;
})
{
    TASK_BEGIN;
    struct sockaddr *address = (struct sockaddr *)&self->address;
    EXPECT(io_listen(address, self->length, CLIENTS, &self->listener), 0);
    EXPECT(getsockname(io_fd(self->listener), address, &self->length), 0);
    for (int i = 0; i < CLIENTS; i++)
        START(client, &self->clients[i],
              {.address = (struct sockaddr *)&self->address,
               .length = self->length,
               .number = (unsigned char)i});
    for (; self->i < CLIENTS; self->i++) {
        AWAIT_INTO(self->result, io_accept(self->listener, &self->accepted));
        EXPECT(self->result, 0);
        START(echo, &self->echoing[self->i], {.io = self->accepted});
    }
    for (self->i = 0; self->i < CLIENTS; self->i++) {
        AWAIT_INTO(self->result, task_join(self->clients[self->i]));
        EXPECT(self->result, self->i + 10);
        AWAIT(task_join(self->echoing[self->i]));
    }
    io_close(&self->listener);
    TASK_END;
}

static void test_tcp(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_storage storage = {0};
    (void)state;
    memcpy(&storage, &address, sizeof address);
    RUN_TEST(serve, {.address = storage, .length = sizeof address});
}

static void test_unix(void **state)
{
    char folder[] = "/tmp/taskcost-io-XXXXXX";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct sockaddr_storage storage = {0};
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", folder);
    memcpy(&storage, &address, sizeof address);
    RUN_TEST(serve, {.address = storage, .length = sizeof address});
    unlink(address.sun_path);
    rmdir(folder);
}

TASK(connect_to_nobody, {
    struct sockaddr_in address;
    io_t io;
    int64_t i;
    int64_t result;
})
{
    TASK_BEGIN;
    for (; self->i < 10; self->i++) {
        self->io = IO_NONE;
        AWAIT_INTO(self->result,
                   io_connect((struct sockaddr *)&self->address, sizeof self->address, &self->io));
        EXPECT(self->result, -ECONNREFUSED);
    }
    TASK_END;
}

/* The port is bound, so that nobody else gets it, and closed to connections. */
static void test_connecting_to_nobody(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)state;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    RUN_TEST(connect_to_nobody, {.address = address});
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_bytes_arrive_whole_and_in_order),
    cmocka_unit_test(test_forth_and_back),
    cmocka_unit_test(test_the_end_comes_after_what_is_left),
    cmocka_unit_test(test_writing_to_nobody),
    cmocka_unit_test(test_opening_what_is_not_open),
    cmocka_unit_test(test_tcp),
    cmocka_unit_test(test_unix),
    cmocka_unit_test(test_connecting_to_nobody),
};
TEST_MAIN(tests)
