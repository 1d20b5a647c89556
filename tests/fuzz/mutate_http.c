/* SPDX-License-Identifier: MIT
 *
 * The damage that mutate_http.h describes.
 */
#include "mutate_http.h"
#include "requests.h"

#include "base/status.h"

#include <string.h>

enum { REQUESTS_MAX = 4, CHANGES_MAX = 6, RUN_MAX = 600 };

struct input {
    char *bytes;
    size_t size;
};

/* Puts bytes in, as far as there is room. */
static void insert(struct input *input, size_t at, const char *bytes, size_t size)
{
    if (size > HTTP_INPUT_MAX - input->size)
        size = HTTP_INPUT_MAX - input->size;
    memmove(input->bytes + at + size, input->bytes + at, input->size - at);
    memcpy(input->bytes + at, bytes, size);
    input->size += size;
}

static void insert_word(struct input *input, size_t at, struct tc_rng *rng)
{
    static const char *const words[] = {"\r\n",
                                        "\r",
                                        "\n",
                                        "\r\n\r\n",
                                        " ",
                                        "\t",
                                        ":",
                                        ",",
                                        ";",
                                        "0",
                                        "1",
                                        "ffffffffffffffff",
                                        "18446744073709551615",
                                        "-",
                                        "\x7f",
                                        "\x80",
                                        "HTTP/1.1",
                                        "HTTP/1.0",
                                        "HTTP/2.0",
                                        "GET ",
                                        "HEAD ",
                                        "POST ",
                                        "Host: a\r\n",
                                        "Content-Length: 3\r\n",
                                        "Content-Length: 65\r\n",
                                        "Transfer-Encoding: chunked\r\n",
                                        "Connection: close\r\n",
                                        "Connection: keep-alive\r\n",
                                        "Expect: 100-continue\r\n",
                                        "0\r\n\r\n",
                                        "5\r\nhello\r\n",
                                        "GET / HTTP/1.1\r\nHost: a\r\n\r\n"};
    const char *word = words[tc_rng_below(rng, TC_COUNT_OF(words))];
    insert(input, at, word, strlen(word));
}

static void insert_run(struct input *input, size_t at, struct tc_rng *rng)
{
    char run[RUN_MAX];
    size_t size = 1 + tc_rng_below(rng, RUN_MAX);
    memset(run, (int)tc_rng_below(rng, 256), size);
    insert(input, at, run, size);
}

static void delete (struct input *input, size_t at, struct tc_rng *rng)
{
    size_t size = 1 + tc_rng_below(rng, 8);
    if (size > input->size - at)
        size = input->size - at;
    memmove(input->bytes + at, input->bytes + at + size, input->size - at - size);
    input->size -= size;
}

static void repeat(struct input *input, size_t at, struct tc_rng *rng)
{
    char copy[256];
    size_t size = 1 + tc_rng_below(rng, sizeof copy);
    if (size > input->size - at)
        size = input->size - at;
    memcpy(copy, input->bytes + at, size);
    insert(input, tc_rng_below(rng, input->size + 1), copy, size);
}

static void change(struct input *input, struct tc_rng *rng)
{
    size_t at = tc_rng_below(rng, input->size + 1);
    switch (tc_rng_below(rng, 7)) {
    case 0:
        if (at < input->size)
            input->bytes[at] ^= (char)(1 << tc_rng_below(rng, 8));
        break;
    case 1:
        delete (input, at, rng);
        break;
    case 2:
        repeat(input, at, rng);
        break;
    case 3:
        insert_run(input, at, rng);
        break;
    case 4:
        if (tc_rng_below(rng, 4) == 0)
            input->size = at;
        break;
    default:
        insert_word(input, at, rng);
    }
}

size_t mutate_http(char *bytes, struct tc_rng *rng)
{
    struct input input = {bytes, 0};
    for (uint64_t i = 1 + tc_rng_below(rng, REQUESTS_MAX); i > 0; i--) {
        const struct sample *sample = &samples[tc_rng_below(rng, TC_COUNT_OF(samples))];
        insert(&input, input.size, sample->bytes, sample->size);
    }
    if (tc_rng_below(rng, 2))
        for (uint64_t i = 1 + tc_rng_below(rng, CHANGES_MAX); i > 0; i--)
            change(&input, rng);
    return input.size;
}
