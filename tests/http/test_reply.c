/* SPDX-License-Identifier: MIT
 *
 * Replies: what their heads say, and what is none.
 */
#include "test_main.h"

#include "http/reply.h"

#include "base/status.h"

static const struct http_limits limits = {100, 400, 8, 1000};

/* Whole, and cut in two at each place: the same. */
static int64_t parse(struct http_reply *reply, const char *text)
{
    size_t size = strlen(text);
    *reply = (struct http_reply){0};
    int64_t whole = http_reply_parse(reply, &limits, text, size);
    for (size_t cut = 0; cut < size; cut++) {
        struct http_reply other = {0};
        int64_t got = http_reply_parse(&other, &limits, text, cut);
        if (got == 0)
            got = http_reply_parse(&other, &limits, text, size);
        assert_int_equal(got, whole);
        assert_int_equal(other.status, reply->status);
    }
    return whole;
}

static void test_good(void **state)
{
    struct http_reply reply;
    struct http_span value;
    static const char text[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nX: y\r\n\r\nabc";
    (void)state;
    assert_int_equal(parse(&reply, text), sizeof text - 1 - 3);
    assert_int_equal(reply.status, 404);
    assert_true(reply.head.has_length && reply.head.length == 3 && !reply.head.chunked);
    assert_true(http_head_find(&reply.head, text, "x", &value));
    assert_memory_equal(text + value.at, "y", 1);
    assert_true(parse(&reply, "HTTP/1.0 200 \r\n\r\n") > 0);
    assert_int_equal(reply.head.minor, 0);
    assert_true(parse(&reply, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") > 0);
    assert_true(reply.head.chunked);
    assert_int_equal(parse(&reply, "HTTP/1.1 200 OK\r\nA: b\r\n"), 0);
}

static void test_none(void **state)
{
    static const char *const texts[] = {
        "\r\n",
        "HTTP/1.1 200\r\n",
        "HTTP/1.1 20 OK\r\n",
        "HTTP/1.1 2000 OK\r\n",
        "HTTP/1.1 099 OK\r\n",
        "HTTP/1.1 2x0 OK\r\n",
        "HTTP/1.1  200 OK\r\n",
        "HTTP/2.0 200 OK\r\n",
        "HTTP/1.x 200 OK\r\n",
        "http/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\n",
        "HTTP/1.1 200 O\x01K\r\n",
        "HTTP/1.1 200 OK\r\n A: b\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n",
    };
    struct http_reply reply;
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(texts); i++)
        if (parse(&reply, texts[i]) >= 0)
            fail_msg("taken for a reply: %s", texts[i]);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_good),
    cmocka_unit_test(test_none),
};
TEST_MAIN(tests)
