/* SPDX-License-Identifier: MIT
 *
 * The server's side of a connection, without any I/O: bytes that were received go in, bytes to send
 * come out, and it says what it wants next. Whoever has the socket only moves bytes:
 *
 *     for (;;)
 *         switch (http_connection_wants(c)) {
 *         case HTTP_READ:  receive into http_connection_room(); http_connection_received(count)
 *         case HTTP_WRITE: send http_connection_output();       http_connection_sent(count)
 *         case HTTP_SHUT:  shutdown(SHUT_WR);                   http_connection_shut()
 *         case HTTP_CLOSE: close, and done
 *         }
 *
 * So tasks, threads and a bare loop do the same work, and tests need no sockets.
 *
 * Requests are answered in their order; those that came together (pipelining) are answered
 * together, as far as there is room. A fault is answered with its status and ends the connection:
 * after it nobody knows where the next request begins. At the end the sending side is shut first
 * and what still comes is read away for a while, because closing a socket with unread data resets
 * the connection, and the answer may be lost with it (RFC 9112, section 9.6).
 *
 * A request is handed on whole, its body in memory: a service that takes bodies larger than that
 * wants another interface. Not thread-safe: one owner at a time.
 */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include "http/request.h"
#include "http/response.h"

/* A whole request. The pointers are good during the call of `answer`, and in its response. */
struct http_call {
    const struct http_request *request;
    const char *bytes; /* what the spans of `request` are offsets in */
    const char *body;
    size_t body_size;
};

/* How long a peer may take, by what is waited for. */
struct http_patience {
    uint64_t idle_ns;    /* for the first byte of a request */
    uint64_t request_ns; /* for the rest of it */
    uint64_t write_ns;   /* to take the answer */
    uint64_t linger_ns;  /* to close, after we have */
};

struct http_service {
    struct http_limits limits;
    struct http_patience patience;
    /* Fills in the response, which is {.status = 200} at first: status, type, body and size. The
     * body is at most limits.body_bytes. Must not block. */
    void (*answer)(void *context, const struct http_call *call, struct http_response *response);
    void *context;
};

/* Limits and patience for small requests: a head of 8 KiB, a body of 4 KiB, idle for a minute. */
void http_service_defaults(struct http_service *service);

enum http_wants { HTTP_READ, HTTP_WRITE, HTTP_SHUT, HTTP_CLOSE };

/* What is waited for; `idle` also before the first request. */
enum http_phase { HTTP_IDLE, HTTP_REQUEST, HTTP_ANSWER, HTTP_LINGER };

struct http_connection {
    const struct http_service *service;
    struct http_request request; /* the one that is being received */
    struct http_body body;
    uint32_t in_size, out_size;
    uint32_t start;   /* of the request, in the input */
    uint32_t body_at; /* of its body; 0 while the head is not whole */
    uint32_t raw;     /* what has come and is not judged yet: from here ... */
    uint32_t filled;  /* ... to here */
    uint32_t out_sent, out_filled;
    uint32_t discarded; /* while lingering */
    uint32_t answered;  /* requests so far, faults included */
    uint32_t turn;      /* counts the changes of phase: a deadline holds for one */
    uint8_t phase;
    bool stopping; /* the next answer is the last */
    bool ending;   /* no further request is looked at */
    bool shut;     /* nothing more will be sent */
    bool ended;    /* nothing more will be received */
    bool broken;
    char buffer[]; /* the input, then the output */
};

/* How large one is, buffers included. */
size_t http_connection_size(const struct http_service *service);

/* Begins in memory of that size, aligned as malloc() does. The service must outlive it. */
void http_connection_init(struct http_connection *connection, const struct http_service *service);

enum http_wants http_connection_wants(const struct http_connection *connection);

/* Where to receive to: at least one byte. Good until the next call that is not `wants`. */
char *http_connection_room(struct http_connection *connection, size_t *size);

/* So many bytes have come; 0: the peer will send no more (it may still read). Calls `answer` for
 * every request that is whole. */
void http_connection_received(struct http_connection *connection, size_t count);

/* What is to be sent. */
const char *http_connection_output(const struct http_connection *connection, size_t *size);

/* So much of it was sent. */
void http_connection_sent(struct http_connection *connection, size_t count);

/* The sending side was shut. */
void http_connection_shut(struct http_connection *connection);

/* The socket is broken, or has closed: it wants HTTP_CLOSE from now on. */
void http_connection_broken(struct http_connection *connection);

/* How long the present wait may take, in ns from the last change of `turn`. */
uint64_t http_connection_patience(const struct http_connection *connection);

/* It took longer: half a request is answered with 408, everything else ends without a word. */
void http_connection_timed_out(struct http_connection *connection);

/* The server is going: an idle connection ends, and any other after its next answer, which says
 * so. */
void http_connection_stop(struct http_connection *connection);

#endif
