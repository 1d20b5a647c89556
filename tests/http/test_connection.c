/* SPDX-License-Identifier: MIT
 *
 * The server's side of a connection: what it says, in which order, and when it is over.
 */
#include "test_main.h"

#include "talk.h"

#define ANSWER(size, body) \
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " size "\r\n\r\n" body

static void send_text(struct talk *talk, const char *text, size_t step)
{
    talk_send(talk, text, strlen(text), step);
}

/* Both in one go and byte by byte, what is said is this, and then it reads on or has closed. */
static void assert_says(const char *sent, const char *said, bool over)
{
    static const size_t steps[] = {SIZE_MAX, 1, 7};
    for (size_t i = 0; i < TC_COUNT_OF(steps); i++) {
        struct talk talk;
        talk_begin(&talk);
        talk.take = i;
        send_text(&talk, sent, steps[i]);
        assert_string_equal(talk.said, said);
        assert_int_equal(talk.shut, over);
        assert_false(talk.closed);
        talk_hang_up(&talk);
        assert_string_equal(talk.said, said);
        assert_true(talk.closed);
        talk_end(&talk);
    }
}

static void test_keep_alive(void **state)
{
    (void)state;
    assert_says("GET /a HTTP/1.1\r\nHost: h\r\n\r\n", ANSWER("3", "/a|"), false);
    assert_says("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
                "Connection: close\r\n\r\n/a|",
                true);
    assert_says("GET /a HTTP/1.0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
                "Connection: close\r\n\r\n/a|",
                true);
    assert_says("GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
                "Connection: keep-alive\r\n\r\n/a|",
                false);
}

static void test_bodies(void **state)
{
    (void)state;
    assert_says("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
                ANSWER("7", "/|hello"), false);
    assert_says("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                "2\r\nhe\r\n1;x\r\nl\r\n2\r\nlo\r\n0\r\nT: x\r\n\r\n",
                ANSWER("7", "/|hello"), false);
    assert_says("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", ANSWER("2", ""), false);
}

static void test_pipelining(void **state)
{
    (void)state;
    assert_says(
        "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
        "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"
        "POST /3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "1\r\nc\r\n1\r\nd\r\n0\r\n\r\n"
        "GET /4 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        "GET /5 HTTP/1.1\r\nHost: h\r\n\r\n",
        ANSWER("3", "/1|") ANSWER("5", "/2|ab") ANSWER(
            "5", "/3|cd") "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
                          "Connection: close\r\n\r\n/4|",
        true);
}

/* More than the output holds: answered in turns, each once, none lost. */
static void test_many_at_once(void **state)
{
    static const char request[] = "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab";
    static const char answer[] = ANSWER("5", "/x|ab");
    enum { COUNT = 90 };
    static char all[COUNT * sizeof request];
    struct talk talk;
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        memcpy(all + i * (sizeof request - 1), request, sizeof request);
    talk_begin(&talk);
    send_text(&talk, all, SIZE_MAX);
    talk_hang_up(&talk);
    assert_int_equal(talk.echo.calls, COUNT);
    assert_int_equal(talk.connection->answered, COUNT);
    assert_int_equal(talk.size, COUNT * (sizeof answer - 1));
    for (size_t i = 0; i < COUNT; i++)
        assert_memory_equal(talk.said + i * (sizeof answer - 1), answer, sizeof answer - 1);
    assert_true(talk.closed);
    talk_end(&talk);
}

static void test_half_closed(void **state)
{
    struct talk talk;
    (void)state;
    talk_begin(&talk);
    http_connection_received(talk.connection, 0);
    assert_int_equal(http_connection_wants(talk.connection), HTTP_CLOSE);
    talk_end(&talk);

    /* The request and the end may be seen before the answer is taken. */
    talk_begin(&talk);
    send_text(&talk, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n", SIZE_MAX);
    talk_hang_up(&talk);
    assert_string_equal(talk.said, ANSWER("3", "/a|"));
    assert_true(talk.closed);
    talk_end(&talk);
}

static void test_continue(void **state)
{
    (void)state;
    struct talk talk;
    talk_begin(&talk);
    send_text(&talk,
              "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
              SIZE_MAX);
    assert_string_equal(talk.said, "HTTP/1.1 100 Continue\r\n\r\n");
    send_text(&talk, "ab", 1);
    assert_string_equal(talk.said, "HTTP/1.1 100 Continue\r\n\r\n" ANSWER("4", "/|ab"));
    talk_end(&talk);

    /* Who has sent the body need not be told to. */
    talk_begin(&talk);
    send_text(&talk,
              "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\na",
              SIZE_MAX);
    assert_string_equal(talk.said, "");
    talk_end(&talk);
}

/* A deadline holds for one wait: bytes that do not finish a request don't prolong it. */
static void test_patience(void **state)
{
    (void)state;
    struct talk talk;
    talk_begin(&talk);
    const struct http_connection *c = talk.connection;
    uint32_t turn = c->turn;
    assert_int_equal(http_connection_patience(c), 1);
    send_text(&talk, "\r\n", 2);
    assert_int_equal(c->turn, turn);
    send_text(&talk, "G", 1);
    assert_int_not_equal(c->turn, turn);
    turn = c->turn;
    send_text(&talk, "ET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", 1);
    assert_int_equal(http_connection_patience(c), 2);
    assert_int_equal(c->turn, turn);
    http_connection_timed_out(talk.connection);
    assert_int_equal(http_connection_patience(c), 3);
    talk_listen(&talk);
    assert_int_equal(talk_status(&talk), 408);
    assert_true(talk.shut);
    assert_int_equal(http_connection_patience(c), 4);
    http_connection_timed_out(talk.connection);
    assert_int_equal(http_connection_wants(c), HTTP_CLOSE);
    talk_end(&talk);

    /* Idle for too long: no answer, as there was no question. */
    talk_begin(&talk);
    http_connection_timed_out(talk.connection);
    talk_listen(&talk);
    assert_int_equal(talk.size, 0);
    assert_true(talk.shut);
    talk_end(&talk);
}

static void test_stop(void **state)
{
    struct talk talk;
    (void)state;
    talk_begin(&talk);
    http_connection_stop(talk.connection);
    talk_listen(&talk);
    assert_true(talk.shut && talk.size == 0);
    talk_end(&talk);

    talk_begin(&talk);
    send_text(&talk, "GET /a HTTP/1.1\r\n", 1);
    http_connection_stop(talk.connection);
    talk_listen(&talk);
    assert_false(talk.shut);
    send_text(&talk, "Host: h\r\n\r\n", 1);
    assert_int_equal(talk_status(&talk), 200);
    assert_non_null(strstr(talk.said, "Connection: close"));
    assert_true(talk.shut);
    talk_end(&talk);
}

/* Who goes on sending after the end is not listened to for ever. */
static void test_linger_is_bounded(void **state)
{
    struct talk talk;
    static char rest[4 << 20];
    (void)state;
    talk_begin(&talk);
    send_text(&talk, "BREW / HTTP/1.1\r\n", SIZE_MAX);
    talk_send(&talk, rest, sizeof rest, SIZE_MAX);
    assert_int_equal(talk_status(&talk), 501);
    assert_true(talk.closed);
    talk_end(&talk);
}

static void test_find(void **state)
{
    static const char bytes[] =
        "\r\nGET / HTTP/1.1\r\nHost: h\r\nX-Long:\r\nx-lo: \t one  two \r\n\r\nx-lo: no\r\n";
    struct http_limits limits = LIMITS;
    struct http_request request = {0};
    struct http_span value;
    (void)state;
    int64_t size = http_request_parse(&request, &limits, bytes, sizeof bytes - 1);
    assert_int_equal(size, strstr(bytes, "\r\n\r\nx-lo") + 4 - bytes);
    assert_true(http_head_find(&request.head, bytes, "x-lo", &value));
    assert_int_equal(value.size, 8);
    assert_memory_equal(bytes + value.at, "one  two", 8);
    assert_true(http_head_find(&request.head, bytes, "x-long", &value));
    assert_int_equal(value.size, 0);
    assert_false(http_head_find(&request.head, bytes, "get / http/1.1", &value));
    assert_false(http_head_find(&request.head, bytes, "x", &value));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_keep_alive),        cmocka_unit_test(test_bodies),
    cmocka_unit_test(test_pipelining),        cmocka_unit_test(test_many_at_once),
    cmocka_unit_test(test_half_closed),       cmocka_unit_test(test_continue),
    cmocka_unit_test(test_patience),          cmocka_unit_test(test_stop),
    cmocka_unit_test(test_linger_is_bounded), cmocka_unit_test(test_find),
};
TEST_MAIN(tests)
