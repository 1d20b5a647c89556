/* SPDX-License-Identifier: MIT
 *
 * The client's side: a reply's head. See message.h for the parser's rules. A reply that tells no
 * length and is not chunked ends with the connection.
 */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "http/message.h"

/* Zero it before a reply begins. */
struct http_reply {
    struct http_head head;
    uint16_t status;
};

/* Reads on in the `size` bytes that stand from the reply's first on: all that was there at the last
 * call, and more. The head's size once it is whole; 0 while it is not; or a negative number when
 * this is no reply. O(new bytes). */
int64_t http_reply_parse(struct http_reply *reply, const struct http_limits *limits,
                         const char *bytes, size_t size);

#endif
