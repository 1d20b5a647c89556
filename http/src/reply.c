/* SPDX-License-Identifier: MIT
 *
 * The status line.
 */
#include "http/reply.h"

#include <string.h>

/* "HTTP/1.1 200 OK"; the reason may be missing, its blank may not (RFC 9112, section 4). */
static int read_status_line(struct http_reply *reply, const char *line, size_t size)
{
    enum { VERSION = 8, STATUS = 9, REASON = 13 };
    if (size < REASON || memcmp(line, "HTTP/1.", VERSION - 1) != 0 || line[VERSION] != ' ' ||
        line[REASON - 1] != ' ' || !http_all(line + VERSION - 1, 1, HTTP_DIGIT) ||
        !http_all(line + STATUS, 3, HTTP_DIGIT) || line[STATUS] < '1' ||
        !http_all(line + REASON, size - REASON, HTTP_VALUE))
        return -400;
    reply->head.minor = line[VERSION - 1] > '0';
    for (int i = STATUS; i < STATUS + 3; i++)
        reply->status = (uint16_t)(10 * reply->status + (line[i] - '0'));
    return 0;
}

int64_t http_reply_parse(struct http_reply *reply, const struct http_limits *limits,
                         const char *bytes, size_t size)
{
    struct http_head *head = &reply->head;
    struct http_span line;
    for (;;) {
        int got = http_head_line(head, limits, bytes, size, &line);
        if (got <= 0)
            return got;
        if (head->started && line.size == 0)
            return head->line;
        int fault = head->started ? http_head_field(head, limits, bytes + line.at, line.size)
                                  : read_status_line(reply, bytes + line.at, line.size);
        if (fault)
            return fault;
        if (!head->started)
            head->first_line = head->line;
        head->started = true;
    }
}
