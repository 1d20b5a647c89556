/* SPDX-License-Identifier: MIT
 *
 * Requests and the status that each must get from a service which echoes the body: the corpus of
 * the tests and the seeds of the fuzzer. LIMITS are small, so that what is too long can stand here.
 */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "http/connection.h"

#define LIMITS                                                             \
    (struct http_limits)                                                   \
    {                                                                      \
        .line_bytes = 100, .head_bytes = 400, .lines = 8, .body_bytes = 64 \
    }

static const struct sample {
    int status; /* 0: more must come */
    uint16_t size;
    const char *bytes;
} samples[] = {
#define S(status, text)                \
    {                                  \
        status, sizeof(text) - 1, text \
    }
#define TEN     "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define GET     "GET / HTTP/1.1\r\nHost: a\r\n"
#define POST    "POST / HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
    /* good */
    S(200, GET "\r\n"),
    S(200, "GET / HTTP/1.0\r\n\r\n"),
    S(200, "GET /a/b?c=%20&d HTTP/1.1\r\nHost:a\r\n\r\n"),
    S(200, "GET http://a/b HTTP/1.1\r\nHost: a:80\r\n\r\n"),
    S(200, "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"),
    S(200, "HEAD / HTTP/1.1\r\nHost:\r\n\r\n"),
    S(200, "GET / HTTP/1.2\r\nHost: a\r\n\r\n"),
    S(200, "\r\n\r\n" GET "\r\n"),
    S(200, GET "X-Empty:\r\nX-Blanks: \t a b \t \r\nX-High: \xc3\xa9\r\n\r\n"),
    S(200, GET "hOsTs: b\r\n!#$%&'*+-.^_`|~09: token\r\n\r\n"),
    S(200, POST "Content-Length: 5\r\n\r\nhello"),
    S(200, POST "content-length:   005  \r\n\r\nhello"),
    S(200, POST "Content-Length: 0\r\n\r\n"),
    S(200, POST "Content-Length: 3\r\n\r\n\0\r\n"),
    S(200, POST "Content-Length: 5\r\n\r\nhello" GET "\r\n"),
    S(200, CHUNKED "5\r\nhello\r\n0\r\n\r\n"),
    S(200, CHUNKED "1\r\nh\r\n4;a=b;c=\"d\"\r\nello\r\n000\r\n\r\n"),
    S(200, CHUNKED "A\r\n0123456789\r\n0\r\nTrailer: x\r\nOther:\r\n\r\n"),
#define CHUNK "1\r\nx\r\n"
#define FIVE  CHUNK CHUNK CHUNK CHUNK CHUNK
    S(200, CHUNKED FIVE FIVE FIVE FIVE "0\r\n\r\n"),
    S(200, POST "TRANSFER-encoding: , Chunked ,\r\n\r\n0\r\n\r\n"),
    S(200, GET "Connection: foo, close\r\n\r\n"),
    S(200, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
    S(100, POST "Expect: 100-Continue\r\nContent-Length: 2\r\n\r\n"),
    S(200, "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab"),
    /* not whole */
    S(0, ""),
    S(0, "\r\n"),
    S(0, "G"),
    S(0, GET),
    S(0, GET "\r"),
    S(0, POST "Content-Length: 5\r\n\r\nhell"),
    S(0, CHUNKED "5\r\nhello\r\n0\r\n"),
    S(0, CHUNKED "5\r\nhello\r\n0\r\nA: b\r\n\r"),
    /* the request line */
    S(400, "GET /\r\n"),
    S(400, "GET\r\n"),
    S(400, " GET / HTTP/1.1\r\n"),
    S(400, "GET  / HTTP/1.1\r\n"),
    S(400, "GET /  HTTP/1.1\r\n"),
    S(400, "GET / HTTP/1.1 \r\n"),
    S(400, "GET / a HTTP/1.1\r\n"),
    S(400, "GET\t/ HTTP/1.1\r\n"),
    S(400, "GET / HTTP/1.1\n"),
    S(400, "GET / HTTP/1.1\r\r\n"),
    S(400, "\n"),
    S(400, " \r\n"),
    S(400, "\0\r\n"),
    S(400, "G\0T / HTTP/1.1\r\n"),
    S(400, "G(T / HTTP/1.1\r\n"),
    S(400, "GET a HTTP/1.1\r\n"),
    S(400, "GET * HTTP/1.1\r\n"),
    S(400, "GET http:// HTTP/1.1\r\n"),
    S(400, "GET ftp://a/ HTTP/1.1\r\n"),
    S(400, "GET /a#b HTTP/1.1\r\n"),
    S(400, "GET /\x01 HTTP/1.1\r\n"),
    S(400, "GET /\x7f HTTP/1.1\r\n"),
    S(400, "GET /\xc3\xa9 HTTP/1.1\r\n"),
    S(400, "GET / HTTP/1\r\n"),
    S(400, "GET / HTTP/1.\r\n"),
    S(400, "GET / HTTP/1.10\r\n"),
    S(400, "GET / HTTP/11.1\r\n"),
    S(400, "GET / HTTP/x.1\r\n"),
    S(400, "GET / http/1.1\r\n"),
    S(400, "GET / HTTP 1.1\r\n"),
    S(400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n"), /* a TLS hello */
    S(414, "GET /" HUNDRED),
    S(414, "GET /" HUNDRED " HTTP/1.1\r\n"
           "Host: a\r\n\r\n"),
    S(501, "get / HTTP/1.1\r\n"),
    S(501, "BREW / HTTP/1.1\r\n"),
    S(501, "CONNECT a:80 HTTP/1.1\r\n"),
    S(501, "TRACE / HTTP/1.1\r\n"),
    S(501, "GETT / HTTP/1.1\r\n"),
    S(505, "GET / HTTP/2.0\r\n"),
    S(505, "GET / HTTP/0.9\r\n"),
    S(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    /* header lines */
    S(400, GET "X: a\n\r\n"),
    S(400, GET "X: a\r\r\n"),
    S(400, GET "X: a\rb\r\n"),
    S(400, GET "X: a\0b\r\n"),
    S(400, GET "X: a\x1b\r\n"),
    S(400, GET "X: a\x7f\r\n"),
    S(400, GET "X\r\n"),
    S(400, GET ": a\r\n"),
    S(400, GET "X : a\r\n"),
    S(400, GET "X\t: a\r\n"),
    S(400, GET " X: a\r\n"),
    S(400, GET "X: a\r\n folded\r\n"),
    S(400, GET "X: a\r\n\tfolded\r\n"),
    S(400, GET "X Y: a\r\n"),
    S(400, GET "X(: a\r\n"),
    S(400, GET "\xc3\xa9: a\r\n"),
    S(400, GET "\n"),
    S(431, GET "X: " HUNDRED "\r\n"),
    S(431, GET "X: " HUNDRED),
    S(431, GET "1:\r\n2:\r\n3:\r\n4:\r\n5:\r\n6:\r\n7:\r\n8:\r\n"),
    S(431,
      GET "X: " TEN TEN TEN TEN TEN TEN TEN TEN TEN "\r\nX: " TEN TEN TEN TEN TEN TEN TEN TEN TEN
          "\r\nX: " TEN TEN TEN TEN TEN TEN TEN TEN TEN
          "\r\nX: " TEN TEN TEN TEN TEN TEN TEN TEN TEN "\r\n"),
    /* the host */
    S(400, "GET / HTTP/1.1\r\n\r\n"),
    S(400, GET "Host: b\r\n\r\n"),
    S(400, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"),
    S(400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
    S(400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    S(400, "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
    /* where the body ends */
    S(400, POST "Content-Length:\r\n\r\n"),
    S(400, POST "Content-Length: -1\r\n\r\n"),
    S(400, POST "Content-Length: +1\r\n\r\na"),
    S(400, POST "Content-Length: 0x1\r\n\r\na"),
    S(400, POST "Content-Length: 1 1\r\n\r\na"),
    S(400, POST "Content-Length: 1, 1\r\n\r\na"),
    S(400, POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\na"),
    S(400, POST "Content-Length: 1\r\nContent-Length: 2\r\n\r\na"),
    S(413, POST "Content-Length: 65\r\n\r\n"),
    S(413, POST "Content-Length: 18446744073709551616\r\n\r\n"),
    S(413, POST "Content-Length: 99999999999999999999999999999999\r\n\r\n"),
    S(400, POST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
    S(400, POST "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"),
    S(400, POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
    S(400, POST "Transfer-Encoding: chunked, chunked\r\n\r\n"),
    S(400, POST "Transfer-Encoding: chunked, gzip\r\n\r\n"),
    S(400, POST "Transfer-Encoding: xchunked\r\n\r\n"),
    S(400, POST "Transfer-Encoding: identity\r\n\r\n"),
    S(400, POST "Transfer-Encoding:\r\n\r\n"),
    S(400, POST "Transfer-Encoding: chunked;q=1\r\n\r\n"),
    S(400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    S(501, POST "Transfer-Encoding: gzip, chunked\r\n\r\n"),
    S(417, POST "Expect: 200-ok\r\n\r\n"),
    /* chunks */
    S(400, CHUNKED "\r\n"),
    S(400, CHUNKED "g\r\n"),
    S(400, CHUNKED "-1\r\n"),
    S(400, CHUNKED "0x1\r\n"),
    S(400, CHUNKED " 1\r\n"),
    S(400, CHUNKED "1 \r\n"),
    S(400, CHUNKED "1\n"),
    S(400, CHUNKED "1\r\r"),
    S(400, CHUNKED "1\r\nab"),
    S(400, CHUNKED "1\r\na\n"),
    S(400, CHUNKED "1\r\na\r\r"),
    S(400, CHUNKED ";a\r\n"),
    S(400, CHUNKED "1;\x01\r\n"),
    S(400, CHUNKED "1;a\n"),
    S(400, CHUNKED "00000000000000001\r\n"),
    S(400, CHUNKED "0\r\n\n"),
    S(400, CHUNKED "0\r\n a: b\r\n"),
    S(400, CHUNKED "0\r\na b: c\r\n"),
    S(400, CHUNKED "0\r\na\r\n"),
    S(400, CHUNKED "0\r\n:\r\n"),
    S(400, CHUNKED "0\r\na: \x01\r\n"),
    S(400, CHUNKED "0\r\na: b\r\r"),
    S(413, CHUNKED "41\r\n"),
    S(413, CHUNKED "FFFFFFFFFFFFFFFF\r\n"),
    S(413, CHUNKED "3f\r\n" TEN TEN TEN TEN TEN TEN "012\r\n2\r\n"),
    S(431, CHUNKED "1;" HUNDRED HUNDRED HUNDRED HUNDRED "\r\n"),
    S(431, CHUNKED "0\r\na:" HUNDRED HUNDRED HUNDRED HUNDRED "\r\n"),
#undef S
};

#endif
