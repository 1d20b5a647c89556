/* SPDX-License-Identifier: MIT
 *
 * Blocking descriptors: bytes arrive whole and in order, ends and failures have their codes, and
 * opening a descriptor makes it blocking.
 */
#include "test_main.h"

#include "tb/tb.h"

#include "base/rng.h"
#include "base/status.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/un.h>

static struct tb_spawner spawner;

/* Before any test's process forks off, so that each has it. */
__attribute__((constructor)) static void make_spawner(void)
{
    struct tb_config config = {.stack_bytes = 256 * 1024};
    MUST(tb_spawner_init(&spawner, &config) == 0);
}

static void open_pipe(struct tb_io *reader, struct tb_io *writer)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(tb_io_open(fds[0], reader), 0);
    assert_int_equal(tb_io_open(fds[1], writer), 0);
}

static void open_pair(struct tb_io *left, struct tb_io *right)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    assert_int_equal(tb_io_open(fds[0], left), 0);
    assert_int_equal(tb_io_open(fds[1], right), 0);
}

/* -- opening -- */

static void test_opening_makes_it_blocking(void **state)
{
    struct tb_io reader, writer, socket;
    int fds[2];
    (void)state;
    assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
    assert_int_equal(tb_io_open(fds[0], &reader), 0);
    assert_int_equal(tb_io_open(fds[1], &writer), 0);
    assert_int_equal(fcntl(fds[0], F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);
    assert_false(reader.is_socket || writer.is_socket);
    open_pair(&reader, &socket);
    assert_true(socket.is_socket);
}

static void test_opening_what_is_not_open(void **state)
{
    struct tb_io io;
    (void)state;
    assert_int_equal(tb_io_open(-1, &io), -EBADF);
    assert_int_equal(tb_io_open(987654, &io), -EBADF);
}

static void test_closing_closes(void **state)
{
    struct tb_io reader, writer;
    (void)state;
    open_pipe(&reader, &writer);
    int fd = reader.fd;
    tb_io_close(&reader);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    assert_int_equal(reader.fd, -1);
}

/* -- bytes -- */

static void test_a_read_gives_what_there_is(void **state)
{
    struct tb_io reader, writer;
    char buffer[16] = "";
    (void)state;
    open_pipe(&reader, &writer);
    assert_int_equal(tb_write(&writer, "abcdef", 6), 6);
    assert_int_equal(tb_read(&reader, buffer, 4), 4);
    assert_memory_equal(buffer, "abcd", 4);
    assert_int_equal(tb_read(&reader, buffer, sizeof buffer), 2);
    assert_memory_equal(buffer, "ef", 2);
}

struct flood {
    struct tb_io io;
    uint64_t seed;
    size_t bytes;
};

/* Pseudo-random bytes in pieces of pseudo-random size; what a full descriptor takes in part is
 * gone on with. 0, or what a write failed with. */
static int64_t write_flood(void *frame)
{
    struct flood *self = frame;
    struct tc_rng content, sizes;
    tc_rng_seed(&content, self->seed);
    tc_rng_seed(&sizes, self->seed + 1);
    while (self->bytes > 0) {
        unsigned char piece[5000];
        size_t size = 1 + tc_rng_below(&sizes, sizeof piece);
        size = size < self->bytes ? size : self->bytes;
        for (size_t i = 0; i < size; i++)
            piece[i] = (unsigned char)tc_rng_next(&content);
        for (size_t done = 0; done < size;) {
            int64_t count = tb_write(&self->io, piece + done, size - done);
            if (count <= 0)
                return count ? count : -EIO;
            done += (size_t)count;
        }
        self->bytes -= size;
    }
    tb_io_close(&self->io);
    return 0;
}

static void assert_flood_arrives(struct tb_io *reader, struct tb_io writer)
{
    enum { BYTES = 2000003 };
    struct flood frame = {.io = writer, .seed = 4, .bytes = BYTES};
    struct tb_handle handle;
    struct tc_rng content, sizes;
    unsigned char piece[9000];
    size_t received = 0;
    int64_t count;
    assert_int_equal(tb_spawn(&spawner, write_flood, &frame, sizeof frame, &handle), 0);
    tc_rng_seed(&content, 4);
    tc_rng_seed(&sizes, 6);
    while ((count = tb_read(reader, piece, 1 + tc_rng_below(&sizes, sizeof piece))) > 0) {
        for (int64_t i = 0; i < count; i++)
            assert_int_equal(piece[i], (unsigned char)tc_rng_next(&content));
        received += (size_t)count;
    }
    assert_int_equal(count, 0); /* the end, and no failure */
    assert_int_equal(received, BYTES);
    assert_int_equal(tb_join(handle), 0);
    tb_io_close(reader);
}

static void test_bytes_arrive_whole_and_in_order(void **state)
{
    struct tb_io reader, writer;
    (void)state;
    open_pipe(&reader, &writer);
    assert_flood_arrives(&reader, writer);
    open_pair(&reader, &writer);
    assert_flood_arrives(&reader, writer);
}

/* -- ends and failures -- */

static void test_the_end_comes_after_what_is_left(void **state)
{
    struct tb_io reader, writer;
    char byte = 0;
    (void)state;
    for (int sockets = 0; sockets < 2; sockets++) {
        (sockets ? open_pair : open_pipe)(&reader, &writer);
        assert_int_equal(tb_write(&writer, "x", 1), 1);
        tb_io_close(&writer);
        assert_int_equal(tb_read(&reader, &byte, 1), 1);
        assert_int_equal(byte, 'x');
        assert_int_equal(tb_read(&reader, &byte, 1), 0);
        assert_int_equal(tb_read(&reader, &byte, 1), 0);
        tb_io_close(&reader);
    }
}

/* SIGPIPE is left as it is: a socket must not raise it. */
static void test_writing_to_a_closed_socket(void **state)
{
    struct tb_io left, right;
    (void)state;
    open_pair(&left, &right);
    tb_io_close(&right);
    assert_int_equal(tb_write(&left, "x", 1), -EPIPE);
}

static void test_writing_to_a_closed_pipe(void **state)
{
    struct tb_io reader, writer;
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    open_pipe(&reader, &writer);
    tb_io_close(&reader);
    assert_int_equal(tb_write(&writer, "x", 1), -EPIPE);
}

static void test_reading_the_wrong_way(void **state)
{
    struct tb_io reader, writer;
    char byte;
    (void)state;
    open_pipe(&reader, &writer);
    assert_int_equal(tb_read(&writer, &byte, 1), -EBADF);
    assert_int_equal(tb_write(&reader, &byte, 1), -EBADF);
}

/* -- connections -- */

static struct sockaddr_in loopback(const struct tb_io *listener)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (listener)
        MUST(getsockname(listener->fd, (struct sockaddr *)&address, &length) == 0);
    return address;
}

struct client {
    struct sockaddr_storage address;
    socklen_t length;
    unsigned char number;
};

/* Sends its number and returns what came back. */
static int64_t ask(void *frame)
{
    struct client *self = frame;
    struct tb_io io;
    unsigned char answer = 0;
    int64_t result = tb_connect((struct sockaddr *)&self->address, self->length, &io);
    if (result < 0)
        return result;
    if (tb_write(&io, &self->number, 1) != 1 || tb_read(&io, &answer, 1) != 1)
        return -EIO;
    tb_io_close(&io);
    return answer;
}

static bool has_nodelay(const struct tb_io *io)
{
    int on = 0;
    socklen_t length = sizeof on;
    return getsockopt(io->fd, IPPROTO_TCP, TCP_NODELAY, &on, &length) == 0 && on;
}

/* Each client is accepted, and gets its own number plus one. */
static void assert_serves(struct tb_io *listener, struct client client, bool tcp)
{
    enum { CLIENTS = 20 };
    struct tb_handle handles[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        client.number = (unsigned char)i;
        assert_int_equal(tb_spawn(&spawner, ask, &client, sizeof client, &handles[i]), 0);
    }
    for (int i = 0; i < CLIENTS; i++) {
        struct tb_io io;
        unsigned char byte;
        assert_int_equal(tb_accept(listener, &io), 0);
        assert_int_equal(has_nodelay(&io), tcp);
        assert_true(io.is_socket);
        assert_int_equal(tb_read(&io, &byte, 1), 1);
        byte++;
        assert_int_equal(tb_write(&io, &byte, 1), 1);
        tb_io_close(&io);
    }
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(tb_join(handles[i]), i + 1);
    tb_io_close(listener);
}

static void test_tcp(void **state)
{
    struct sockaddr_in address = loopback(NULL);
    struct client client = {.length = sizeof address};
    struct tb_io listener;
    (void)state;
    assert_int_equal(tb_listen((struct sockaddr *)&address, sizeof address, 64, &listener), 0);
    address = loopback(&listener);
    memcpy(&client.address, &address, sizeof address);
    assert_serves(&listener, client, true);
}

static void test_unix(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct client client = {.length = sizeof address};
    struct tb_io listener;
    char folder[] = "/tmp/taskcost-io-XXXXXX";
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(address.sun_path, sizeof address.sun_path, "%s/s", folder);
    assert_int_equal(tb_listen((struct sockaddr *)&address, sizeof address, 64, &listener), 0);
    memcpy(&client.address, &address, sizeof address);
    assert_serves(&listener, client, false);
    unlink(address.sun_path);
    rmdir(folder);
}

static void test_connecting_to_nobody(void **state)
{
    struct sockaddr_in address = loopback(NULL);
    struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "/nonexistent/socket"};
    struct tb_io listener, io;
    (void)state;
    /* Bound, so that nobody else gets the port, and closed to connections. */
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    listener = (struct tb_io){.fd = fd};
    address = loopback(&listener);
    assert_int_equal(tb_connect((struct sockaddr *)&address, sizeof address, &io), -ECONNREFUSED);
    assert_int_equal(tb_connect((struct sockaddr *)&path, sizeof path, &io), -ENOENT);
}

/* What fails leaves no descriptor behind. */
static void test_failures_leave_nothing_open(void **state)
{
    struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "/nonexistent/socket"};
    struct sockaddr nonsense = {.sa_family = 255};
    struct tb_io io;
    (void)state;
    int before = dup(0);
    close(before);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(tb_connect((struct sockaddr *)&path, sizeof path, &io), -ENOENT);
        assert_int_equal(tb_listen((struct sockaddr *)&path, sizeof path, 1, &io), -ENOENT);
        assert_int_equal(tb_connect(&nonsense, sizeof nonsense, &io), -EAFNOSUPPORT);
        assert_int_equal(tb_listen(&nonsense, sizeof nonsense, 1, &io), -EAFNOSUPPORT);
    }
    int after = dup(0);
    assert_int_equal(after, before);
}

static void test_an_address_that_is_taken(void **state)
{
    struct sockaddr_in address = loopback(NULL);
    struct tb_io listener, second;
    (void)state;
    assert_int_equal(tb_listen((struct sockaddr *)&address, sizeof address, 1, &listener), 0);
    address = loopback(&listener);
    assert_int_equal(tb_listen((struct sockaddr *)&address, sizeof address, 1, &second),
                     -EADDRINUSE);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_opening_makes_it_blocking),
    cmocka_unit_test(test_opening_what_is_not_open),
    cmocka_unit_test(test_closing_closes),
    cmocka_unit_test(test_a_read_gives_what_there_is),
    cmocka_unit_test(test_bytes_arrive_whole_and_in_order),
    cmocka_unit_test(test_the_end_comes_after_what_is_left),
    cmocka_unit_test(test_writing_to_a_closed_socket),
    cmocka_unit_test(test_writing_to_a_closed_pipe),
    cmocka_unit_test(test_reading_the_wrong_way),
    cmocka_unit_test(test_tcp),
    cmocka_unit_test(test_unix),
    cmocka_unit_test(test_connecting_to_nobody),
    cmocka_unit_test(test_failures_leave_nothing_open),
    cmocka_unit_test(test_an_address_that_is_taken),
};
TEST_MAIN(tests)
