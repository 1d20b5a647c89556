/* SPDX-License-Identifier: MIT
 *
 * Damaged requests through the parser, through the server's side of a connection, and through the
 * whole server (http_world.h), whose peers are slow, leave, or end their side.
 *
 *     fuzz_http [--count N] [--seed S]
 *     fuzz_http --seed S --only NUMBER        prints that input
 *
 * Input i is a function of S and i alone. Of each is asked:
 *   - that the parser, given it in a block of exactly its size, stays within it (the sanitizers
 *     see to that);
 *   - that what the server says, and whether it ends the connection, does not depend on how the
 *     input was cut into pieces, nor on how little of the answers was taken at a time;
 *   - that what it says is a sequence of responses, as many as it counts;
 *   - that it calls the service at most once a response, and ends when the peer has ended;
 *   - that the whole server ends every connection whatever its peer does, says the same to a peer
 *     in no haste, and leaves nothing behind.
 * Inputs run in batches, each in a child, so that a crash or a hang costs one batch and names its
 * input. Exits with 1 when anything was found.
 */
#include "http_world.h"
#include "mutate_http.h"
#include "talk.h"

#include "base/parse.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BATCH = 5000, SECONDS_A_BATCH = 300, FOUND_MAX = 20 };

/* Where the child is, for its parent to see. */
static struct progress {
    uint64_t input, answers, faults;
    bool no_uring;
    char finding[256];
} * progress;

static _Noreturn void find(const char *what)
{
    snprintf(progress->finding, sizeof progress->finding, "%s", what);
    exit(1);
}

static size_t make_input(uint64_t seed, uint64_t number, char *input, struct tc_rng *rng)
{
    tc_rng_seed(rng, seed * UINT64_C(0x9e3779b97f4a7c15) + number);
    return mutate_http(input, rng);
}

/* In a block of its own, as long as heads are whole and good. */
static void parse(const char *input, size_t size)
{
    struct http_limits limits = LIMITS;
    char *block = malloc(size ? size : 1);
    MUST(block);
    memcpy(block, input, size);
    for (size_t at = 0; at < size;) {
        struct http_request request = {0};
        struct http_span value;
        int64_t head = http_request_parse(&request, &limits, block + at, size - at);
        if (head <= 0)
            break;
        http_head_find(&request.head, block + at, "connection", &value);
        at += (size_t)head;
    }
    free(block);
}

/* The size of the response that stands at `at`. Whether its body is there shows in what follows: an
 * answer to HEAD tells the length alone. */
static size_t response_size(const struct talk *talk, size_t at)
{
    const char *text = talk->said + at, *end = strstr(text, "\r\n\r\n");
    if (strncmp(text, "HTTP/1.1 ", 9) != 0 || !end)
        find("what was said is no response");
    size_t head = (size_t)(end + 4 - text);
    const char *length = memmem(text, head, "Content-Length: ", 16);
    size_t size = head + (length ? (size_t)atoi(length + 16) : 0);
    bool is_there = at + size == talk->size ||
                    (at + size < talk->size && strncmp(text + size, "HTTP/1.1 ", 9) == 0);
    return is_there ? size : head;
}

static void check_responses(const struct talk *talk)
{
    uint32_t count = 0;
    if (talk->size >= sizeof talk->said - 1)
        return; /* not all of it is there */
    for (size_t at = 0; at < talk->size; at += response_size(talk, at)) {
        int status = atoi(talk->said + at + 9);
        count += status != 100;
        progress->faults += status >= 400;
    }
    if (count != talk->connection->answered)
        find("it counts other than it says");
    if (talk->echo.calls > count)
        find("the service was called more than once a response");
    progress->answers += count;
}

/* The whole conversation in pieces of up to `step` bytes. */
static void converse(struct talk *talk, const char *input, size_t size, size_t step,
                     struct tc_rng *rng)
{
    talk_begin(talk);
    talk->take = step == SIZE_MAX ? 0 : step;
    for (size_t at = 0; at < size && !talk->closed;) {
        size_t piece = step == SIZE_MAX ? size : 1 + tc_rng_below(rng, step);
        if (piece > size - at)
            piece = size - at;
        talk_send(talk, input + at, piece, SIZE_MAX);
        at += piece;
    }
    talk_hang_up(talk);
    if (!talk->closed)
        find("the peer has ended, and it has not");
}

/* "100 Continue" is said to a peer that has not sent its body yet, so that alone depends on the
 * pieces. The size without it. */
static size_t without_continues(char *bytes, size_t size)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    enum { SIZE = sizeof text - 1 };
    for (char *at; (at = memmem(bytes, size, text, SIZE));) {
        size -= SIZE;
        memmove(at, at + SIZE, size - (size_t)(at - bytes));
    }
    return size;
}

/* Who is not slow and ends its side when all is sent must hear what the connection says by itself.
 */
static void serve_input(struct http_world *world, const char *input, size_t size,
                        const struct talk *talk, struct tc_rng *rng)
{
    static struct heard heard;
    struct manner manner = http_world_manner(world, rng);
    const char *wrong = http_world_converse(world, input, size, &manner, rng, &heard);
    if (wrong)
        find(wrong);
    if (manner.slow || manner.end != ENDS_SIDE || heard.size >= HEARD_MAX - 1)
        return;
    heard.size = without_continues(heard.bytes, heard.size);
    if (heard.size != talk->size || memcmp(heard.bytes, talk->said, talk->size) != 0)
        find("the server says other than its connection");
}

static void run_input(struct http_world *world, uint64_t seed, uint64_t number)
{
    static struct talk whole, cut;
    char input[HTTP_INPUT_MAX];
    struct tc_rng rng;
    progress->input = number;
    size_t size = make_input(seed, number, input, &rng);
    parse(input, size);
    converse(&whole, input, size, SIZE_MAX, &rng);
    converse(&cut, input, size, (size_t)1 << tc_rng_below(&rng, 8), &rng);
    whole.size = without_continues(whole.said, whole.size);
    cut.size = without_continues(cut.said, cut.size);
    whole.said[whole.size] = '\0';
    if (whole.size != cut.size || memcmp(whole.said, cut.said, whole.size) != 0)
        find("what it says depends on how the input was cut");
    if (whole.connection->answered != cut.connection->answered || whole.shut != cut.shut)
        find("how it ends depends on how the input was cut");
    check_responses(&whole);
    serve_input(world, input, size, &whole, &rng);
    talk_end(&whole);
    talk_end(&cut);
}

/* The reactors take turns, where there are two. */
static void run_inputs(uint64_t seed, uint64_t first, uint64_t count)
{
    bool uring = first / BATCH % 2;
    struct http_world *world = uring ? http_world_new(RT_REACTOR_URING, seed + first) : NULL;
    progress->no_uring |= uring && !world;
    if (!world)
        world = http_world_new(RT_REACTOR_EPOLL, seed + first);
    MUST(world);
    for (uint64_t i = 0; i < count; i++)
        run_input(world, seed, first + i);
    if (!http_world_free(world))
        find("the server leaves something behind");
}

/* True when all went well. */
static bool run_batch(uint64_t seed, uint64_t first, uint64_t count)
{
    int status;
    progress->finding[0] = '\0';
    pid_t child = fork();
    MUST(child >= 0);
    if (child == 0) {
        alarm(SECONDS_A_BATCH);
        run_inputs(seed, first, count);
        exit(0); /* not _exit: the leak check of ASan runs at exit */
    }
    while (waitpid(child, &status, 0) < 0)
        MUST(errno == EINTR);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    fprintf(stderr, "fuzz_http: input %" PRIu64 " of seed %" PRIu64 ": %s\n", progress->input, seed,
            WIFSIGNALED(status)    ? strsignal(WTERMSIG(status))
            : progress->finding[0] ? progress->finding
                                   : "ended with another exit code");
    return false;
}

static int print_input(uint64_t seed, uint64_t number)
{
    char input[HTTP_INPUT_MAX];
    struct tc_rng rng;
    size_t size = make_input(seed, number, input, &rng);
    return fwrite(input, 1, size, stdout) == size ? 0 : 1;
}

static uint64_t option(int argc, char **argv, const char *name, uint64_t value)
{
    struct tc_error err;
    for (int i = 1; i + 1 < argc; i += 2)
        if (strcmp(argv[i], name) == 0 &&
            tc_parse_count(argv[i + 1], name, 0, UINT64_MAX, &value, &err) < 0) {
            fprintf(stderr, "fuzz_http: %s\n", err.text);
            exit(2);
        }
    return value;
}

int main(int argc, char **argv)
{
    uint64_t seed = option(argc, argv, "--seed", 1),
             only = option(argc, argv, "--only", UINT64_MAX);
    uint64_t count = option(argc, argv, "--count", 50000), found = 0;
    if (only != UINT64_MAX)
        return print_input(seed, only);
    progress =
        mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    MUST(progress != MAP_FAILED);
    for (uint64_t done = 0; done < count && found < FOUND_MAX; done += BATCH)
        found += !run_batch(seed, done, count - done < BATCH ? count - done : BATCH);
    printf("%" PRIu64 " inputs, %" PRIu64 " responses (%" PRIu64 " of them faults), %" PRIu64
           " findings%s\n",
           count, progress->answers, progress->faults, found,
           progress->no_uring ? "; without io_uring, which is refused here" : "");
    return found > 0;
}
