/* SPDX-License-Identifier: MIT
 *
 * A client and a server of HTTP over TCP, one source for every model: the client connects, writes
 * all, shuts its side down and reads to the end, in pieces as small as one byte; what it reads is
 * what must be said, byte for byte.
 */
#include "test_main.h"

#include "model_host.h"

#include "model.h"

#include "http_task.h"

#include <arpa/inet.h>
#include <netinet/in.h>

enum { REPLY_MAX = 2048 };

static void answer(void *context, const struct http_call *call, struct http_response *response)
{
    (void)context;
    response->type = "text/plain";
    response->body = call->body_size ? call->body : "hello";
    response->size = call->body_size ? call->body_size : 5;
}

TASK(client, {
    io_t io;
    const char *request;
    const char *reply; /* that must come */
    size_t size;       /* of the request */
    size_t step;       /* bytes at a time */
    size_t at;
    int64_t count;
    char heard[REPLY_MAX];
})
{
    TASK_BEGIN;
    for (; self->at < self->size; self->at += (size_t)self->count) {
        if (self->step > self->size - self->at)
            self->step = self->size - self->at;
        AWAIT_INTO(self->count, io_write(self->io, self->request + self->at, self->step));
        EXPECT_TRUE(self->count > 0);
    }
    EXPECT(shutdown(io_fd(self->io), SHUT_WR), 0);
    self->at = 0;
    do {
        EXPECT_TRUE(self->at + self->step < REPLY_MAX);
        AWAIT_INTO(self->count, io_read(self->io, self->heard + self->at, self->step));
        EXPECT_TRUE(self->count >= 0);
        self->at += (size_t)self->count;
    } while (self->count > 0);
    EXPECT(self->at, strlen(self->reply));
    EXPECT(memcmp(self->heard, self->reply, self->at), 0);
    io_close(&self->io);
    TASK_END;
}

TASK(exchange, {
    const struct http_service *service;
    const char *request;
    const char *reply;
    size_t step;
    struct sockaddr_in address;
    socklen_t length;
    io_t listener;
    io_t near;
    io_t far;
    struct place place;
    handle_t server;
    handle_t peer;
    int64_t result;
})
{
    TASK_BEGIN;
    self->address.sin_family = AF_INET;
    self->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    self->length = sizeof self->address;
    EXPECT(io_listen((struct sockaddr *)&self->address, self->length, 1, &self->listener), 0);
    EXPECT(getsockname(io_fd(self->listener), (struct sockaddr *)&self->address, &self->length), 0);
    self->near = IO_NONE;
    AWAIT_INTO(self->result, io_connect((const struct sockaddr *)&self->address,
                                        sizeof self->address, &self->near));
    EXPECT(self->result, 0);
    AWAIT_INTO(self->result, io_accept(self->listener, &self->far));
    EXPECT(self->result, 0);
    EXPECT_TRUE(place_open(&self->place, self->service));
    START(http_task, &self->server, {.place = &self->place, .io = self->far});
    START(client, &self->peer,
          {.io = self->near,
           .request = self->request,
           .reply = self->reply,
           .size = strlen(self->request),
           .step = self->step});
    AWAIT_INTO(self->result, task_join(self->peer));
    EXPECT(self->result, 0);
    AWAIT_INTO(self->result, task_join(self->server));
    EXPECT(self->result, 0);
    io_close(&self->listener);
    TASK_END;
}

static void converse(const char *request, const char *reply)
{
    static const size_t steps[] = {1, 3, 1000};
    struct http_service service = {.answer = answer};
    http_service_defaults(&service);
    for (size_t i = 0; i < TC_COUNT_OF(steps); i++)
        RUN_TEST(exchange,
                 {.service = &service, .request = request, .reply = reply, .step = steps[i]});
}

#define OK(size, rest, body) \
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " size rest "\r\n\r\n" body

static void test_one_request(void **state)
{
    (void)state;
    converse("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
             OK("5", "\r\nConnection: close", "hello"));
}

static void test_requests_in_a_row(void **state)
{
    (void)state;
    converse("GET / HTTP/1.1\r\nHost: a\r\n\r\n"
             "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
             "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
             "2\r\nde\r\n1\r\nf\r\n0\r\n\r\n",
             OK("5", "", "hello") OK("3", "", "abc") OK("3", "", "def"));
}

static void test_faults(void **state)
{
    (void)state;
    converse("GET / HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\nand what comes after it\r\n",
             OK("5", "", "hello") "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n"
                                  "Content-Length: 16\r\nConnection: close\r\n\r\n"
                                  "400 Bad Request\n");
    converse("GET / HTTP/1.1\r\nHost: a\r\n",
             "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 16\r\n"
             "Connection: close\r\n\r\n400 Bad Request\n");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_one_request),
    cmocka_unit_test(test_requests_in_a_row),
    cmocka_unit_test(test_faults),
};
TEST_MAIN(tests)
