/* SPDX-License-Identifier: MIT
 *
 * Damaged result files through every command that reads one, in this process: the commands' objects
 * are linked, main.c is not.
 *
 *     fuzz_results [--count N] [--seed S] [--keep FOLDER] SEED-FILE...
 *     fuzz_results --count N --seed S --only NUMBER SEED-FILE...      prints that input
 *
 * Input i is a function of S and i alone. Inputs run in batches, each in a child, so that a crash,
 * an abort, a hang or a sanitizer's report costs one batch and names its input, which is kept. Of
 * every command a documented exit code is expected, and with 2 exactly one line on standard error
 * that names the file, and nothing on standard output. Exits with 1 when anything was found.
 */
#include "mutate.h"
#include "usage.h"
#include "version.h"

#include "base/parse.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BATCH = 200, SECONDS_AN_INPUT = 20, SEEDS_MAX = 16, FOUND_MAX = 20, WORDS_MAX = 8 };

/* The commands, and the exit codes that each may end with. "@" is the input, "=" a whole file. */
static const struct invocation {
    const char *words[WORDS_MAX];
    const char *codes;
    bool other_faults; /* it may refuse something else than the file */
} invocations[] = {
    {{"validate", "@"}, "02", false},
    {{"show", "@"}, "02", false},
    {{"show", "@", "--markdown"}, "02", false},
    {{"reproduce", "@"}, "02", false},
    {{"reproduce", "@", "--markdown"}, "02", false},
    {{"findings", "@"}, "02", false},
    {{"findings", "@", "--markdown"}, "02", false},
    {{"compare", "=", "@"}, "0234", false},
    {{"compare", "@", "=", "--metric", "all", "--json"}, "0234", false},
    {{"compare", "@", "@", "--markdown"}, "0234", false},
    {{"report", "@", "-o", "charts"}, "02", false},
    /* Without a worker there is nothing to go on with, but the file is read to its end. It is the
     * last, as it may write the file anew. */
    {{"run", "--resume", "-o", "@"}, "012", true},
};

struct fuzzer {
    struct text seeds[SEEDS_MAX];
    size_t seed_count;
    uint64_t seed, count, only;
    bool print_only;
    const char *keep;
    char folder[64], input[96], whole[96];
    int out, err; /* what commands print, as files without a name */
    size_t found;
};

/* Where a child is, for its parent to see. */
static struct progress {
    uint64_t input, accepted; /* how many inputs were valid results still */
    size_t invocation;
    char finding[600]; /* what the child itself found wrong */
} * progress;

/* -- inputs -- */

static struct text read_text(const char *path)
{
    struct text text = {0};
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) < 0) {
        fprintf(stderr, "fuzz_results: cannot read %s: %s\n", path, strerror(errno));
        exit(2);
    }
    text.length = (size_t)status.st_size;
    text.bytes = malloc(text.length + 1);
    MUST(text.bytes && read(fd, text.bytes, text.length) == status.st_size);
    text.bytes[text.length] = '\0';
    close(fd);
    return text;
}

/* A run can be gone on with by the commit that began it, so the seeds say "@COMMIT@". */
static void set_commit(struct text *text)
{
    static const char mark[] = "@COMMIT@";
    char *at = strstr(text->bytes, mark), *with;
    if (!at)
        return;
    int length = asprintf(&with, "%.*s%s%s", (int)(at - text->bytes), text->bytes, TC_COMMIT,
                          at + strlen(mark));
    MUST(length > 0);
    free(text->bytes);
    *text = (struct text){with, (size_t)length};
}

static struct text make_input(const struct fuzzer *fuzzer, uint64_t number)
{
    struct tc_rng rng;
    tc_rng_seed(&rng, fuzzer->seed * UINT64_C(0x9e3779b97f4a7c15) + number);
    return mutate(&fuzzer->seeds[tc_rng_below(&rng, fuzzer->seed_count)], &rng);
}

static void write_file(const char *path, const struct text *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    MUST(fd >= 0);
    for (size_t done = 0; done < text->length;) {
        ssize_t wrote = write(fd, text->bytes + done, text->length - done);
        MUST(wrote > 0);
        done += (size_t)wrote;
    }
    close(fd);
}

/* -- one command -- */

__attribute__((format(printf, 1, 2))) static void find(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(progress->finding, sizeof progress->finding, format, args);
    va_end(args);
    exit(1);
}

/* What was printed since the last time; at most size - 1 bytes of it. */
static size_t take_output(int fd, char *text, size_t size)
{
    off_t length = lseek(fd, 0, SEEK_CUR);
    ssize_t got = pread(fd, text, size - 1, 0);
    text[got > 0 ? got : 0] = '\0';
    MUST(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
    return (size_t)length;
}

static void check_refusal(const struct fuzzer *fuzzer, const struct invocation *invocation,
                          size_t printed, const char *complaint)
{
    const char *words = invocation->words[0];
    const char *end = strchr(complaint, '\n');
    if (printed > 0)
        find("%s refused the file, but printed %zu bytes on standard output", words, printed);
    if (!end || end[1])
        find("%s refused the file, but not in one line: '%.300s'", words, complaint);
    if (!invocation->other_faults && !strstr(complaint, fuzzer->input) &&
        !strstr(complaint, fuzzer->whole))
        find("%s refused the file without naming it: '%.300s'", words, complaint);
}

static void invoke(const struct fuzzer *fuzzer, const struct invocation *invocation)
{
    char *argv[WORDS_MAX + 1], said[4096], complaint[8192], charts[96];
    int argc = 0;
    snprintf(charts, sizeof charts, "%s/charts", fuzzer->folder);
    for (; argc < WORDS_MAX && invocation->words[argc]; argc++) {
        const char *word = invocation->words[argc];
        word = strcmp(word, "@") == 0        ? fuzzer->input
               : strcmp(word, "=") == 0      ? fuzzer->whole
               : strcmp(word, "charts") == 0 ? charts
                                             : word;
        argv[argc] = (char *)(uintptr_t)word;
    }
    argv[argc] = NULL;
    int code = find_command(argv[0])->run(argc, argv);
    fflush(stdout);
    fflush(stderr);
    size_t printed = take_output(fuzzer->out, said, sizeof said);
    take_output(fuzzer->err, complaint, sizeof complaint);
    if (code < 0 || code > 9 || !strchr(invocation->codes, '0' + code))
        find("%s ended with exit code %d", argv[0], code);
    progress->accepted += invocation == invocations && code == 0;
    if (code == 2)
        check_refusal(fuzzer, invocation, printed, complaint);
}

/* -- children -- */

static void run_input(const struct fuzzer *fuzzer, uint64_t number)
{
    struct text input = make_input(fuzzer, number);
    progress->input = number;
    write_file(fuzzer->input, &input);
    free(input.bytes);
    for (size_t i = 0; i < TC_COUNT_OF(invocations); i++) {
        progress->invocation = i;
        alarm(SECONDS_AN_INPUT);
        invoke(fuzzer, &invocations[i]);
    }
}

/* The inputs from `first` on in a child; true when all went well. */
static bool run_child(const struct fuzzer *fuzzer, uint64_t first, uint64_t count)
{
    int status;
    progress->finding[0] = '\0';
    pid_t child = fork();
    MUST(child >= 0);
    if (child == 0) {
        dup2(fuzzer->out, STDOUT_FILENO);
        dup2(fuzzer->err, STDERR_FILENO);
        for (uint64_t i = 0; i < count; i++)
            run_input(fuzzer, first + i);
        exit(0); /* not _exit: the leak check of ASan runs at exit */
    }
    while (waitpid(child, &status, 0) < 0)
        MUST(errno == EINTR);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (WIFSIGNALED(status))
        snprintf(progress->finding, sizeof progress->finding, "ended by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (!progress->finding[0])
        snprintf(progress->finding, sizeof progress->finding, "ended with exit code %d",
                 WEXITSTATUS(status));
    return false;
}

/* Tells of an input and keeps it. */
static void tell(struct fuzzer *fuzzer, uint64_t number)
{
    char path[4096], last_words[8192];
    struct text input = make_input(fuzzer, number);
    snprintf(path, sizeof path, "%s/fuzz-%" PRIu64 "-%" PRIu64 ".json", fuzzer->keep, fuzzer->seed,
             number);
    write_file(path, &input);
    free(input.bytes);
    lseek(fuzzer->err, 0, SEEK_END);
    take_output(fuzzer->err, last_words, sizeof last_words);
    fprintf(stderr, "input %" PRIu64 " (kept as %s), %s: %s\n%s\n", number, path,
            invocations[progress->invocation].words[0], progress->finding, last_words);
    fuzzer->found++;
}

/* A batch that went wrong goes again input by input: a leak is told only at a child's end. */
static void run_batch(struct fuzzer *fuzzer, uint64_t first, uint64_t count)
{
    char nothing[2];
    size_t before = fuzzer->found;
    if (run_child(fuzzer, first, count))
        return;
    for (uint64_t i = first; i < first + count && fuzzer->found < FOUND_MAX; i++) {
        take_output(fuzzer->out, nothing, sizeof nothing);
        take_output(fuzzer->err, nothing, sizeof nothing);
        if (!run_child(fuzzer, i, 1))
            tell(fuzzer, i);
    }
    if (fuzzer->found == before) {
        fprintf(stderr,
                "inputs %" PRIu64 " to %" PRIu64 " went wrong together, and not one by one\n",
                first, first + count - 1);
        fuzzer->found++;
    }
}

/* -- the whole -- */

static void take_option(struct fuzzer *fuzzer, const char *name, const char *value)
{
    struct tc_error err;
    uint64_t *number = strcmp(name, "--count") == 0  ? &fuzzer->count
                       : strcmp(name, "--seed") == 0 ? &fuzzer->seed
                       : strcmp(name, "--only") == 0 ? &fuzzer->only
                                                     : NULL;
    fuzzer->print_only = fuzzer->print_only || number == &fuzzer->only;
    if (number && value && tc_parse_count(value, name, 0, UINT64_MAX / 2, number, &err) == 0)
        return;
    if (strcmp(name, "--keep") == 0 && value) {
        fuzzer->keep = value;
        return;
    }
    fprintf(stderr,
            "fuzz_results: expected [--count N] [--seed S] [--only N] [--keep FOLDER] "
            "SEED-FILE..., not '%s'\n",
            name);
    exit(2);
}

static void read_arguments(struct fuzzer *fuzzer, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0) {
            take_option(fuzzer, argv[i], i + 1 < argc ? argv[i + 1] : NULL);
            i++;
        } else if (fuzzer->seed_count < SEEDS_MAX) {
            fuzzer->seeds[fuzzer->seed_count] = read_text(argv[i]);
            set_commit(&fuzzer->seeds[fuzzer->seed_count++]);
        }
    }
    if (fuzzer->seed_count == 0) {
        fprintf(stderr, "fuzz_results: name a result file to begin with\n");
        exit(2);
    }
}

static void prepare(struct fuzzer *fuzzer)
{
    const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(fuzzer->folder, sizeof fuzzer->folder, "%s/fuzz-XXXXXX", memory);
    MUST(mkdtemp(fuzzer->folder));
    snprintf(fuzzer->input, sizeof fuzzer->input, "%s/input.json", fuzzer->folder);
    snprintf(fuzzer->whole, sizeof fuzzer->whole, "%s/whole.json", fuzzer->folder);
    write_file(fuzzer->whole, &fuzzer->seeds[0]);
    fuzzer->out = memfd_create("output", MFD_CLOEXEC);
    fuzzer->err = memfd_create("errors", MFD_CLOEXEC);
    progress =
        mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    MUST(fuzzer->out >= 0 && fuzzer->err >= 0 && progress != MAP_FAILED);
    /* Charts are written and not drawn; nothing is measured. */
    setenv("PATH", "/nonexistent", 1);
    setenv("TASKCOST_WORKERS", fuzzer->folder, 1);
}

static void clean_up(struct fuzzer *fuzzer)
{
    char command[128];
    for (size_t i = 0; i < fuzzer->seed_count; i++)
        free(fuzzer->seeds[i].bytes);
    setenv("PATH", "/usr/bin:/bin", 1);
    snprintf(command, sizeof command, "rm -rf '%s'", fuzzer->folder);
    MUST(system(command) == 0);
}

int main(int argc, char **argv)
{
    struct fuzzer fuzzer = {.seed = 1, .count = 5000, .keep = "."};
    read_arguments(&fuzzer, argc, argv);
    if (fuzzer.print_only) {
        struct text input = make_input(&fuzzer, fuzzer.only);
        return fwrite(input.bytes, 1, input.length, stdout) == input.length ? 0 : 1;
    }
    prepare(&fuzzer);
    for (uint64_t done = 0; done < fuzzer.count && fuzzer.found < FOUND_MAX; done += BATCH) {
        uint64_t left = fuzzer.count - done;
        run_batch(&fuzzer, done, left < BATCH ? left : BATCH);
        if ((done / BATCH) % 50 == 0)
            fprintf(stderr, "fuzz: %" PRIu64 " of %" PRIu64 " inputs, %zu findings\n", done,
                    fuzzer.count, fuzzer.found);
    }
    clean_up(&fuzzer);
    printf("%" PRIu64 " inputs (%" PRIu64 " of them valid still) through %zu commands, %zu "
           "findings\n",
           fuzzer.count, progress->accepted, TC_COUNT_OF(invocations), fuzzer.found);
    return fuzzer.found ? 1 : 0;
}
