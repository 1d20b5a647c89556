/* SPDX-License-Identifier: MIT
 *
 * Bodies: so many bytes, or chunks (RFC 9112, section 7.1). Chunk extensions and trailers are
 * checked for form and passed over.
 */
#include "http/message.h"

#include <string.h>

enum state {
    PLAIN, /* so many bytes, no framing */
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_START,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    LAST_LF
};

enum { SIZE_DIGITS_MAX = 16 };

int http_body_begin(struct http_body *body, const struct http_head *head,
                    const struct http_limits *limits)
{
    *body = (struct http_body){.state = head->chunked ? SIZE : PLAIN};
    if (!head->chunked)
        body->left = head->has_length ? head->length : 0;
    body->done = !head->chunked && body->left == 0;
    return body->left > limits->body_bytes ? -413 : 0;
}

static int take_size(struct http_body *body, const struct http_limits *limits, char c)
{
    int digit = http_hex(c);
    if (digit >= 0) {
        if (++body->digits > SIZE_DIGITS_MAX)
            return -400;
        body->left = 16 * body->left + (uint64_t)digit;
        return 0;
    }
    if (body->digits == 0 || (c != '\r' && c != ';'))
        return -400;
    if (body->left > limits->body_bytes - body->payload)
        return -413;
    body->state = c == ';' ? EXTENSION : SIZE_LF;
    return 0;
}

/* `expected` and on to the next state, or a fault. */
static int expect(struct http_body *body, char c, char expected, enum state next)
{
    body->state = next;
    return c == expected ? 0 : -400;
}

static int take_trailer(struct http_body *body, char c)
{
    int class = body->state == TRAILER_VALUE ? HTTP_VALUE : HTTP_TOKEN;
    if (body->state == TRAILER_START && c == '\r')
        body->state = LAST_LF;
    else if (body->state == TRAILER_NAME && c == ':')
        body->state = TRAILER_VALUE;
    else if (body->state == TRAILER_VALUE && c == '\r')
        body->state = TRAILER_LF;
    else if (!http_all(&c, 1, class))
        return -400;
    else if (body->state == TRAILER_START)
        body->state = TRAILER_NAME;
    return 0;
}

/* What a body of chunks says beside its payload is held to the limit of a head. */
static int count_overhead(struct http_body *body, const struct http_limits *limits)
{
    return ++body->overhead > limits->head_bytes ? -431 : 0;
}

static int take_framing(struct http_body *body, const struct http_limits *limits, char c)
{
    switch ((enum state)body->state) {
    case SIZE:
        return take_size(body, limits, c);
    case EXTENSION:
        if (c == '\r')
            body->state = SIZE_LF;
        else if (!http_all(&c, 1, HTTP_VALUE))
            return -400;
        return count_overhead(body, limits);
    case SIZE_LF:
        body->digits = 0;
        return expect(body, c, '\n', body->left ? DATA : TRAILER_START);
    case DATA_CR:
        return expect(body, c, '\r', DATA_LF);
    case DATA_LF:
        return expect(body, c, '\n', SIZE);
    case TRAILER_LF:
        return expect(body, c, '\n', TRAILER_START);
    case LAST_LF:
        body->done = c == '\n';
        return body->done ? 0 : -400;
    default:
        return take_trailer(body, c) ?: count_overhead(body, limits);
    }
}

static size_t take_payload(struct http_body *body, char *to, const char *from, size_t size)
{
    size_t count = size < body->left ? size : (size_t)body->left;
    if (to != from)
        memmove(to, from, count);
    body->left -= count;
    body->payload += (uint32_t)count;
    if (body->left == 0) {
        body->done = body->state == PLAIN;
        body->state = DATA_CR;
    }
    return count;
}

int64_t http_body_take(struct http_body *body, const struct http_limits *limits, char *to,
                       const char *from, size_t size)
{
    size_t used = 0;
    while (used < size && !body->done) {
        if (body->state == PLAIN || body->state == DATA) {
            size_t count = take_payload(body, to, from + used, size - used);
            to += count;
            used += count;
            continue;
        }
        int fault = take_framing(body, limits, from[used++]);
        if (fault)
            return fault;
    }
    return (int64_t)used;
}
