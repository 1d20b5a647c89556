/* SPDX-License-Identifier: MIT
 *
 * A response, put together by copying: printf would cost more than parsing the request did.
 */
#include "http/response.h"

#include "base/status.h"

#include <string.h>

static const struct {
    int status;
    const char *line; /* status line and answer are made of it */
} statuses[] = {
    {200, "200 OK\n"},
    {204, "204 No Content\n"},
    {400, "400 Bad Request\n"},
    {404, "404 Not Found\n"},
    {405, "405 Method Not Allowed\n"},
    {408, "408 Request Timeout\n"},
    {413, "413 Content Too Large\n"},
    {414, "414 URI Too Long\n"},
    {417, "417 Expectation Failed\n"},
    {431, "431 Request Header Fields Too Large\n"},
    {500, "500 Internal Server Error\n"},
    {501, "501 Not Implemented\n"},
    {503, "503 Service Unavailable\n"},
    {505, "505 HTTP Version Not Supported\n"},
};

/* NULL for a status that nobody has needed yet. */
static const char *line_of(int status)
{
    for (size_t i = 0; i < TC_COUNT_OF(statuses); i++)
        if (statuses[i].status == status)
            return statuses[i].line;
    return NULL;
}

void http_response_fault(struct http_response *response, int status)
{
    const char *line = line_of(status);
    response->status = line ? status : 500;
    response->type = "text/plain";
    response->body = line ? line : line_of(500);
    response->size = strlen(response->body);
}

static char *put(char *to, const char *text, size_t size)
{
    memcpy(to, text, size);
    return to + size;
}

#define PUT(to, literal) put((to), (literal), sizeof(literal) - 1)

static char *put_text(char *to, const char *text)
{
    size_t size = strlen(text);
    MUST(size < 64);
    return put(to, text, size);
}

static char *put_number(char *to, size_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    return put(to, digits + at, sizeof digits - at);
}

static char *put_head(char *to, const struct http_response *response)
{
    const char *line = line_of(response->status);
    if (!line)
        line = line_of(500);
    to = PUT(to, "HTTP/1.1 ");
    to = put(to, line, strlen(line) - 1);
    if (response->type)
        to = put_text(PUT(to, "\r\nContent-Type: "), response->type);
    if (response->allow)
        to = put_text(PUT(to, "\r\nAllow: "), response->allow);
    if (response->status != 204) { /* which has none, not even one of 0 bytes */
        to = PUT(to, "\r\nContent-Length: ");
        to = put_number(to, response->size);
    }
    if (response->close)
        to = PUT(to, "\r\nConnection: close");
    else if (response->keep_alive)
        to = PUT(to, "\r\nConnection: keep-alive");
    return PUT(to, "\r\n\r\n");
}

size_t http_response_write(char *to, size_t room, const struct http_response *response)
{
    size_t body = response->no_body || response->status == 204 ? 0 : response->size;
    if (room < HTTP_RESPONSE_HEAD_MAX || room - HTTP_RESPONSE_HEAD_MAX < body)
        return 0;
    char *end = put_head(to, response);
    if (body)
        end = put(end, response->body, body);
    return (size_t)(end - to);
}
