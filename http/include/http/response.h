/* SPDX-License-Identifier: MIT
 *
 * Writing responses. No Date is sent: that is for a server with a clock that it vouches for
 * (RFC 9110, section 6.6.1).
 */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

struct http_response {
    int status;
    const char *type; /* of the content, ended by NUL; NULL for none */
    const char *body; /* `size` bytes; what it points at must last until it is written */
    size_t size;
    const char *allow; /* for 405: the methods that the target has; NULL for none */
    bool close;        /* the connection ends after it */
    bool keep_alive;   /* say that it does not, to a peer of HTTP/1.0 */
    bool no_body;      /* the answer to HEAD: the length is told, the body is not sent */
};

enum { HTTP_RESPONSE_HEAD_MAX = 320 };

/* The whole response at `to`: its size, or 0 when `room` is too small for it. A status without a
 * reason of its own is written as 500; `type` and `allow` must be shorter than 64 characters. */
size_t http_response_write(char *to, size_t room, const struct http_response *response);

/* Makes it the plain answer to a fault: "400 Bad Request\n". */
void http_response_fault(struct http_response *response, int status);

#endif
