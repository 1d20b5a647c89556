/* SPDX-License-Identifier: MIT
 *
 * The lines of a head, and the header fields that decide where the message ends.
 */
#include "http/message.h"

#include <string.h>

int http_head_line(struct http_head *head, const struct http_limits *limits, const char *bytes,
                   size_t size, struct http_span *line)
{
    const char *end = memchr(bytes + head->scanned, '\n', size - head->scanned);
    size_t next = end ? (size_t)(end - bytes) + 1 : size;
    head->scanned = (uint32_t)next;
    if (next - head->line > limits->line_bytes || next > limits->head_bytes)
        return -431;
    if (!end)
        return 0;
    if (next - head->line < 2 || end[-1] != '\r')
        return -400;
    *line = (struct http_span){head->line, (uint32_t)(next - head->line) - 2};
    head->line = (uint32_t)next;
    return 1;
}

/* A length that the digits of no number hold, or two, is refused; one that is too large for us is
 * no fault of form: http_body_begin() judges it. */
static int take_length(struct http_head *head, const char *value, size_t size)
{
    if (head->has_length || size == 0 || !http_all(value, size, HTTP_DIGIT))
        return -400;
    head->has_length = true;
    for (size_t i = 0; i < size; i++) {
        if (head->length > (UINT64_MAX - 9) / 10) {
            head->length = UINT64_MAX;
            return 0;
        }
        head->length = 10 * head->length + (uint64_t)(value[i] - '0');
    }
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void trim(const char **from, const char **to)
{
    while (*from < *to && is_blank(**from))
        ++*from;
    while (*to > *from && is_blank((*to)[-1]))
        --*to;
}

/* The next item of a comma-separated list that is not empty; false after the last. */
static bool next_item(const char **at, const char *end, const char **from, const char **to)
{
    while (*at < end) {
        const char *comma = memchr(*at, ',', (size_t)(end - *at));
        *from = *at;
        *to = comma ? comma : end;
        *at = comma ? comma + 1 : end;
        trim(from, to);
        if (*from < *to)
            return true;
    }
    return false;
}

/* "chunked" is all that is decoded here. It must come last, and a head may say it once. */
static int take_coding(struct http_head *head, const char *value, size_t size)
{
    const char *at = value, *from, *to;
    int items = 0;
    bool last_is_chunked = false, repeated = false;
    while (next_item(&at, value + size, &from, &to)) {
        repeated |= last_is_chunked;
        last_is_chunked = http_same(from, (size_t)(to - from), "chunked");
        items++;
    }
    if (head->chunked || head->minor == 0 || repeated || !last_is_chunked)
        return -400;
    head->chunked = true;
    return items == 1 ? 0 : -501;
}

static void take_connection(struct http_head *head, const char *value, size_t size)
{
    const char *at = value, *from, *to;
    while (next_item(&at, value + size, &from, &to)) {
        head->close |= http_same(from, (size_t)(to - from), "close");
        head->keep_alive |= http_same(from, (size_t)(to - from), "keep-alive");
    }
}

static int take_host(struct http_head *head, const char *value, size_t size)
{
    if (head->has_host || !http_all(value, size, HTTP_HOST))
        return -400;
    head->has_host = true;
    return 0;
}

static int take_field(struct http_head *head, const char *name, size_t name_size, const char *value,
                      size_t size)
{
    switch (name_size) { /* so that most names cost no comparison */
    case 4:
        return http_same(name, name_size, "host") ? take_host(head, value, size) : 0;
    case 6:
        if (!http_same(name, name_size, "expect") || head->minor == 0)
            return 0;
        head->expects_continue = true;
        return http_same(value, size, "100-continue") ? 0 : -417;
    case 10:
        if (http_same(name, name_size, "connection"))
            take_connection(head, value, size);
        return 0;
    case 14:
        return http_same(name, name_size, "content-length") ? take_length(head, value, size) : 0;
    case 17:
        return http_same(name, name_size, "transfer-encoding") ? take_coding(head, value, size) : 0;
    default:
        return 0;
    }
}

int http_head_field(struct http_head *head, const struct http_limits *limits, const char *line,
                    size_t size)
{
    const char *colon = memchr(line, ':', size);
    if (!colon || colon == line || !http_all(line, (size_t)(colon - line), HTTP_TOKEN))
        return -400; /* a folded line begins with a blank, which is no token */
    if (++head->lines > limits->lines)
        return -431;
    const char *from = colon + 1, *to = line + size;
    if (!http_all(from, (size_t)(to - from), HTTP_VALUE))
        return -400;
    trim(&from, &to);
    int fault = take_field(head, line, (size_t)(colon - line), from, (size_t)(to - from));
    if (fault == 0 && head->chunked && head->has_length)
        return -400;
    return fault;
}

bool http_head_find(const struct http_head *head, const char *bytes, const char *name,
                    struct http_span *value)
{
    const char *at = bytes + head->first_line, *head_end = bytes + head->line;
    while (at < head_end) {
        const char *end = memchr(at, '\r', (size_t)(head_end - at)); /* no value holds one */
        const char *colon = end ? memchr(at, ':', (size_t)(end - at)) : NULL;
        if (!colon)
            return false;
        if (http_same(at, (size_t)(colon - at), name)) {
            const char *from = colon + 1;
            trim(&from, &end);
            *value = (struct http_span){(uint32_t)(from - bytes), (uint32_t)(end - from)};
            return true;
        }
        at = end + 2;
    }
    return false;
}
