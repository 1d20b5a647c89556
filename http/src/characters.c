/* SPDX-License-Identifier: MIT
 *
 * Classes of characters (RFC 9110, section 5.6.2; RFC 3986, section 2), one look-up a byte.
 */
#include "http/message.h"

#include <string.h>

#define T HTTP_TOKEN
#define U HTTP_TARGET
#define V HTTP_VALUE
#define H HTTP_HOST

/* A target may be any visible ASCII but '#': what a URI may hold there is the handler's matter. */
static const uint8_t classes[256] = {
    ['\t'] = V,
    [' '] = V,
    ['0' ... '9'] = T | U | V | H | HTTP_DIGIT,
    ['A' ... 'Z'] = T | U | V | H,
    ['a' ... 'z'] = T | U | V | H,
    ['!'] = T | U | V | H,
    ['#'] = T | V,
    ['$' ... '\''] = T | U | V | H, /* $ % & ' */
    ['*' ... '+'] = T | U | V | H,
    ['-' ... '.'] = T | U | V | H,
    ['_'] = T | U | V | H,
    ['~'] = T | U | V | H,
    ['^'] = T | U | V,
    ['`'] = T | U | V,
    ['|'] = T | U | V,
    ['('] = U | V | H,
    [')'] = U | V | H,
    [','] = U | V | H,
    [':'] = U | V | H,
    [';'] = U | V | H,
    ['='] = U | V | H,
    ['['] = U | V | H,
    [']'] = U | V | H,
    ['"'] = U | V,
    ['/'] = U | V,
    ['<'] = U | V,
    ['>' ... '@'] = U | V,
    ['\\'] = U | V,
    ['{'] = U | V,
    ['}'] = U | V,
    [0x80 ... 0xff] = V,
};

bool http_all(const char *bytes, size_t size, int class)
{
    for (size_t i = 0; i < size; i++)
        if (!(classes[(unsigned char)bytes[i]] & class))
            return false;
    return true;
}

bool http_same(const char *bytes, size_t size, const char *text)
{
    if (strlen(text) != size)
        return false;
    for (size_t i = 0; i < size; i++) {
        char c = bytes[i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c) != text[i])
            return false;
    }
    return true;
}

int http_hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
