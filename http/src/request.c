/* SPDX-License-Identifier: MIT
 *
 * The request line, and the rules that only requests have.
 */
#include "http/request.h"

#include <string.h>

static const struct method {
    const char *name;
    uint8_t method;
} methods[] = {
    {"GET", HTTP_GET},       {"HEAD", HTTP_HEAD_METHOD}, {"POST", HTTP_POST},   {"PUT", HTTP_PUT},
    {"DELETE", HTTP_DELETE}, {"OPTIONS", HTTP_OPTIONS},  {"PATCH", HTTP_PATCH},
};

static int read_method(struct http_request *request, const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strlen(methods[i].name) == size && memcmp(methods[i].name, name, size) == 0) {
            request->method = methods[i].method;
            return 0;
        }
    return -501;
}

static int check_target(const struct http_request *request, const char *target, size_t size)
{
    static const char scheme[] = "http://";
    if (size == 0 || !http_all(target, size, HTTP_TARGET))
        return -400;
    if (target[0] == '/' || (size == 1 && target[0] == '*' && request->method == HTTP_OPTIONS))
        return 0;
    size_t length = sizeof scheme - 1;
    return size > length && http_same(target, length, scheme) ? 0 : -400;
}

/* "HTTP/1.1"; a later minor version is to be answered as the one we know. */
static int read_version(struct http_request *request, const char *version, size_t size)
{
    if (size != 8 || memcmp(version, "HTTP/", 5) != 0 || version[6] != '.' ||
        !http_all(version + 5, 1, HTTP_DIGIT) || !http_all(version + 7, 1, HTTP_DIGIT))
        return -400;
    request->head.minor = version[7] > '0';
    return version[5] == '1' ? 0 : -505;
}

/* method SP target SP version, one blank between them and no other. A malformed line is that before
 * it is anything else. */
static int read_request_line(struct http_request *request, const char *bytes, struct http_span line)
{
    const char *at = bytes + line.at, *end = at + line.size;
    const char *target = memchr(at, ' ', line.size);
    const char *version = target ? memchr(target + 1, ' ', (size_t)(end - target - 1)) : NULL;
    if (!version || !http_all(at, (size_t)(target - at), HTTP_TOKEN) || target == at)
        return -400;
    int fault = read_version(request, version + 1, (size_t)(end - version - 1));
    if (!fault)
        fault = read_method(request, at, (size_t)(target - at));
    target++;
    if (!fault)
        fault = check_target(request, target, (size_t)(version - target));
    request->target = (struct http_span){(uint32_t)(target - bytes), (uint32_t)(version - target)};
    return fault;
}

static int read_line(struct http_request *request, const struct http_limits *limits,
                     const char *bytes, struct http_span line)
{
    struct http_head *head = &request->head;
    if (head->started)
        return http_head_field(head, limits, bytes + line.at, line.size);
    if (line.size == 0)
        return 0; /* empty lines before a request are to be passed over (RFC 9112, section 2.2) */
    head->started = true;
    head->first_line = head->line;
    return read_request_line(request, bytes, line);
}

int64_t http_request_parse(struct http_request *request, const struct http_limits *limits,
                           const char *bytes, size_t size)
{
    struct http_head *head = &request->head;
    struct http_span line;
    for (;;) {
        int got = http_head_line(head, limits, bytes, size, &line);
        if (got == -431 && !head->started)
            return -414;
        if (got <= 0)
            return got;
        if (head->started && line.size == 0)
            return head->has_host || head->minor == 0 ? (int64_t)head->line : -400;
        int fault = read_line(request, limits, bytes, line);
        if (fault)
            return fault;
    }
}
