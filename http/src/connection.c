/* SPDX-License-Identifier: MIT
 *
 * The state machine of a connection.
 *
 *     input   | answered | head | payload | gap | raw, not judged | room |
 *                        start  body_at         raw               filled
 *
 * The payload of chunks is moved together, which is what leaves the gap. The head must stay where
 * it is until the request is answered, as its spans point into it; between requests what is left is
 * moved to the front when room is short.
 */
#include "http/connection.h"

#include "base/clock.h"
#include "base/status.h"

#include <string.h>

/* How much a peer may go on sending after we have ended the connection. */
enum { LINGER_BYTES_MAX = 1 << 20, ROOM_MIN = 512, BATCH_BYTES = 4096 };

static const char CONTINUE[] = "HTTP/1.1 100 Continue\r\n\r\n";

void http_service_defaults(struct http_service *service)
{
    service->limits = (struct http_limits){
        .line_bytes = 4096, .head_bytes = 8192, .lines = 64, .body_bytes = 4096};
    service->patience = (struct http_patience){.idle_ns = 60 * TC_NS_PER_S,
                                               .request_ns = 10 * TC_NS_PER_S,
                                               .write_ns = 30 * TC_NS_PER_S,
                                               .linger_ns = 2 * TC_NS_PER_S};
}

static uint32_t in_size(const struct http_service *service)
{
    return service->limits.head_bytes + service->limits.body_bytes + ROOM_MIN;
}

/* Answers are written while there is room for the largest: then `answer` is called once a request,
 * and pipelined answers of BATCH_BYTES go out together. */
static uint32_t answer_room(const struct http_service *service)
{
    return HTTP_RESPONSE_HEAD_MAX + service->limits.body_bytes;
}

static uint32_t out_size(const struct http_service *service)
{
    return answer_room(service) + BATCH_BYTES;
}

size_t http_connection_size(const struct http_service *service)
{
    return sizeof(struct http_connection) + in_size(service) + out_size(service);
}

void http_connection_init(struct http_connection *c, const struct http_service *service)
{
    *c = (struct http_connection){
        .service = service, .in_size = in_size(service), .out_size = out_size(service)};
}

/* -- answers -- */

static bool has_room(const struct http_connection *c)
{
    return c->out_size - c->out_filled >= answer_room(c->service);
}

static void put(struct http_connection *c, struct http_response *response)
{
    const struct http_head *head = &c->request.head;
    response->close = c->ending;
    response->keep_alive = head->started && head->minor == 0;
    response->no_body = head->started && c->request.method == HTTP_HEAD_METHOD;
    size_t size = http_response_write(c->buffer + c->in_size + c->out_filled,
                                      c->out_size - c->out_filled, response);
    MUST(size > 0);
    c->out_filled += (uint32_t)size;
    c->answered++;
}

static void put_fault(struct http_connection *c, int status)
{
    struct http_response response = {0};
    http_response_fault(&response, status);
    c->ending = true;
    put(c, &response);
}

static void put_answer(struct http_connection *c)
{
    const struct http_head *head = &c->request.head;
    struct http_response response = {.status = 200};
    struct http_call call = {.request = &c->request,
                             .bytes = c->buffer + c->start,
                             .body = c->buffer + c->body_at,
                             .body_size = c->body.payload};
    c->service->answer(c->service->context, &call, &response);
    MUST(response.size <= c->service->limits.body_bytes);
    c->ending = c->stopping || head->close || (head->minor == 0 && !head->keep_alive);
    put(c, &response);
}

/* -- requests -- */

/* The head, and what follows from it. False when more must come. */
static bool take_head(struct http_connection *c)
{
    int64_t size = http_request_parse(&c->request, &c->service->limits, c->buffer + c->start,
                                      c->filled - c->start);
    if (size == 0)
        return false;
    int status =
        size < 0 ? (int)size : http_body_begin(&c->body, &c->request.head, &c->service->limits);
    if (status < 0) {
        put_fault(c, -status);
        return true;
    }
    c->body_at = c->raw = c->start + (uint32_t)size;
    if (c->request.head.expects_continue && !c->body.done && c->raw == c->filled) {
        memcpy(c->buffer + c->in_size + c->out_filled, CONTINUE, sizeof CONTINUE - 1);
        c->out_filled += sizeof CONTINUE - 1;
    }
    return true;
}

/* The body, and then the answer. */
static bool take_body(struct http_connection *c)
{
    int64_t used =
        http_body_take(&c->body, &c->service->limits, c->buffer + c->body_at + c->body.payload,
                       c->buffer + c->raw, c->filled - c->raw);
    if (used < 0) {
        put_fault(c, (int)-used);
        return true;
    }
    c->raw += (uint32_t)used;
    if (!c->body.done) {
        c->raw = c->filled = c->body_at + c->body.payload; /* all was taken: close the gap */
        return false;
    }
    put_answer(c);
    c->start = c->raw;
    c->body_at = 0;
    c->request = (struct http_request){0};
    return true;
}

/* Whether part of a request has come; empty lines before it are none. */
static bool in_request(const struct http_connection *c)
{
    return c->body_at || c->request.head.started || c->filled - c->start > c->request.head.line;
}

static bool has_output(const struct http_connection *c)
{
    return c->out_sent < c->out_filled;
}

/* Answers what can be answered, and sees what is waited for then. */
static void advance(struct http_connection *c)
{
    bool more = true;
    while (more && !c->ending && has_room(c))
        more = c->body_at ? take_body(c) : take_head(c);
    if (!more && c->ended && has_room(c) && in_request(c))
        put_fault(c, 400);
    if (!more && (c->ended || (c->stopping && !in_request(c) && !has_output(c))))
        c->ending = true;
    enum http_phase phase = has_output(c)   ? HTTP_ANSWER
                            : c->ending     ? HTTP_LINGER
                            : in_request(c) ? HTTP_REQUEST
                                            : HTTP_IDLE;
    c->turn += phase != c->phase;
    c->phase = (uint8_t)phase;
}

/* -- what the owner of the socket calls -- */

enum http_wants http_connection_wants(const struct http_connection *c)
{
    if (c->broken)
        return HTTP_CLOSE;
    if (has_output(c))
        return HTTP_WRITE;
    if (!c->ending)
        return HTTP_READ;
    if (c->ended || c->discarded > LINGER_BYTES_MAX)
        return HTTP_CLOSE;
    return c->shut ? HTTP_READ : HTTP_SHUT;
}

char *http_connection_room(struct http_connection *c, size_t *size)
{
    if (c->ending) {
        *size = c->in_size;
        return c->buffer;
    }
    if (c->start > 0 && (c->start == c->filled || c->in_size - c->filled < c->in_size / 2)) {
        memmove(c->buffer, c->buffer + c->start, c->filled - c->start);
        c->filled -= c->start;
        if (c->body_at) {
            c->body_at -= c->start;
            c->raw -= c->start;
        }
        c->start = 0;
    }
    *size = c->in_size - c->filled;
    MUST(*size > 0);
    return c->buffer + c->filled;
}

void http_connection_received(struct http_connection *c, size_t count)
{
    c->ended |= count == 0;
    if (c->ending)
        c->discarded += (uint32_t)count;
    else
        c->filled += (uint32_t)count;
    advance(c);
}

const char *http_connection_output(const struct http_connection *c, size_t *size)
{
    *size = c->out_filled - c->out_sent;
    return c->buffer + c->in_size + c->out_sent;
}

void http_connection_sent(struct http_connection *c, size_t count)
{
    c->out_sent += (uint32_t)count;
    MUST(c->out_sent <= c->out_filled);
    if (has_output(c))
        return;
    c->out_sent = c->out_filled = 0;
    advance(c);
}

void http_connection_shut(struct http_connection *c)
{
    c->shut = true;
}

void http_connection_broken(struct http_connection *c)
{
    c->broken = true;
}

uint64_t http_connection_patience(const struct http_connection *c)
{
    const struct http_patience *patience = &c->service->patience;
    switch ((enum http_phase)c->phase) {
    case HTTP_IDLE:
        return patience->idle_ns;
    case HTTP_REQUEST:
        return patience->request_ns;
    case HTTP_ANSWER:
        return patience->write_ns;
    default:
        return patience->linger_ns;
    }
}

void http_connection_timed_out(struct http_connection *c)
{
    if (c->phase == HTTP_REQUEST)
        put_fault(c, 408);
    else if (c->phase == HTTP_IDLE)
        c->ending = true;
    else
        c->broken = true;
    advance(c);
}

void http_connection_stop(struct http_connection *c)
{
    c->stopping = true;
    advance(c);
}
