/* SPDX-License-Identifier: MIT
 *
 * What requests and replies have in common: a head of lines, and how the body after it is framed.
 *
 * The parser is strict (RFC 9110, RFC 9112) and incremental: it is given the same buffer again with
 * more in it, and judges each line once, when its end has come. It does no I/O, allocates nothing,
 * and keeps offsets into the caller's buffer instead of copies, so that the buffer may move. It
 * never looks for a NUL. Where the standard lets a recipient be lenient (a bare line feed, folded
 * lines, a length given twice), it is not: two programs that read such a message differently are
 * how requests are smuggled (RFC 9112, section 11.2).
 *
 * Errors are the status to answer, negated: -400, -414, ...
 */
#ifndef HTTP_MESSAGE_H
#define HTTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where something stands in the caller's buffer. */
struct http_span {
    uint32_t at, size;
};

/* What a peer may send. Buffers are sized by these, so they are below 2^30. */
struct http_limits {
    uint32_t line_bytes; /* one line of the head, its end included */
    uint32_t head_bytes; /* the whole head; also what chunked framing may add to a body */
    uint32_t lines;      /* header lines */
    uint32_t body_bytes; /* payload */
};

/* The framing headers of a head, and how far it has been read. The caller zeroes it before a
 * message begins. */
struct http_head {
    bool has_length, chunked, close, keep_alive, expects_continue, has_host, started;
    uint8_t minor;       /* of HTTP/1.minor */
    uint64_t length;     /* of the body, if has_length */
    uint32_t lines;      /* header lines so far */
    uint32_t line;       /* where the first line stands that is not judged yet */
    uint32_t scanned;    /* up to here there is no line feed after `line` */
    uint32_t first_line; /* where the header lines begin */
};

/* The next line: 1 with *line, its end left out; 0 when its end has not come yet; -400 for a line
 * that a carriage return does not end, -431 when it or the head is too long. */
int http_head_line(struct http_head *head, const struct http_limits *limits, const char *bytes,
                   size_t size, struct http_span *line);

/* Judges a header line and takes what it says about framing: 0, or the status of its fault. */
int http_head_field(struct http_head *head, const struct http_limits *limits, const char *line,
                    size_t size);

/* The value of the first header line of a whole head whose name, in lower case, is `name`. False
 * when there is none. O(head). */
bool http_head_find(const struct http_head *head, const char *bytes, const char *name,
                    struct http_span *value);

/* -- bodies -- */

struct http_body {
    uint64_t left;     /* payload still to come, of the body or of the chunk */
    uint32_t payload;  /* so far, in all */
    uint32_t overhead; /* bytes of chunk extensions and trailers so far */
    uint8_t state;     /* private */
    uint8_t digits;
    bool done;
};

/* Begins the body that the head announces; without an announcement it is done at once. 0, or -413
 * when it will be too long. */
int http_body_begin(struct http_body *body, const struct http_head *head,
                    const struct http_limits *limits);

/* Takes what it can of the `size` bytes at `from`, moves the payload among them to `to`, and adds
 * it to body->payload; sets body->done at the end. `to` may lie at or before `from` in one buffer.
 * How many bytes were taken, or -400, -413, -431. */
int64_t http_body_take(struct http_body *body, const struct http_limits *limits, char *to,
                       const char *from, size_t size);

/* -- characters -- */

enum { HTTP_TOKEN = 1, HTTP_TARGET = 2, HTTP_VALUE = 4, HTTP_HOST = 8, HTTP_DIGIT = 16 };

/* Whether every byte is of the class. */
bool http_all(const char *bytes, size_t size, int class);

/* Whether the bytes are this lower-case text, in whatever case. */
bool http_same(const char *bytes, size_t size, const char *text);

/* The value of a hexadecimal digit, or -1. */
int http_hex(char c);

#endif
