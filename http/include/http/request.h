/* SPDX-License-Identifier: MIT
 *
 * A request's head. See message.h for the parser's rules.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "http/message.h"

enum http_method {
    HTTP_GET,
    HTTP_HEAD_METHOD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_PATCH
};

/* Zero it before a request begins. */
struct http_request {
    struct http_head head;
    struct http_span target; /* "/path?query", "http://..." or, for OPTIONS, "*" */
    uint8_t method;          /* enum http_method */
};

/* Reads on in the `size` bytes that stand from the request's first on: all that was there at the
 * last call, and more. The head's size once it is whole; 0 while it is not; or, negated, the status
 * to answer: 400 malformed, 414 the request line is too long, 417 an expectation that is none, 431
 * the header is too large, 501 an unknown method or transfer coding, 505 another version. O(new
 * bytes). */
int64_t http_request_parse(struct http_request *request, const struct http_limits *limits,
                           const char *bytes, size_t size);

#endif
