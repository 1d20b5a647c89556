/* SPDX-License-Identifier: MIT
 *
 * Where a run's document goes. It is looked at before anything is measured: half an hour of figures
 * without a place is the worst moment to learn of a missing folder.
 */
#include "run_output.h"

#include "harness/file_replace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static bool is_plain(const char *word)
{
    return *word && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                 "-_./:,=+@%") == strlen(word);
}

static void print_word(FILE *out, const char *word)
{
    if (is_plain(word)) {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word; word++) {
        if (*word == '\'')
            fputs("'\\''", out);
        else
            fputc(*word, out);
    }
    fputc('\'', out);
}

char *run_command_line(int argc, char **argv)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    MUST(out);
    fputs("taskcost", out);
    for (int i = 0; i < argc; i++) {
        fputc(' ', out);
        print_word(out, argv[i]);
    }
    MUST(fclose(out) == 0);
    return text;
}

static const char *host_of(const struct tc_results *results)
{
    const char *host = tcj_text(tcj_get(results->environment, "host"), "");
    return *host && !strchr(host, '/') ? host : "unknown-host";
}

void run_stamp(struct tc_results *results)
{
    char text[32];
    time_t now = time(NULL);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
    results->started = strdup(text);
    MUST(results->started);
    strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", gmtime(&now));
    MUST(asprintf(&results->id, "%s-%s-%" PRIu64, text, host_of(results), results->seed) >= 0);
}

void run_stamp_resumed(struct tc_results *results)
{
    char text[32];
    time_t now = time(NULL);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
    tc_words_add(&results->resumed, text);
}

/* The date carries the time of day, so that no run overwrites another. */
static char *default_path(const struct tc_results *results)
{
    char *path = NULL, date[32];
    time_t now = time(NULL);
    strftime(date, sizeof date, "%Y-%m-%d-%H%M%S", gmtime(&now));
    MUST(asprintf(&path, "results/%s-%s.json", date, host_of(results)) >= 0);
    return path;
}

int run_choose_output(const char *wanted, const struct tc_results *results, char **output,
                      struct tc_error *err)
{
    struct stat status;
    *output = NULL;
    if (wanted && strcmp(wanted, "-") == 0)
        return 0;
    if (!wanted)
        mkdir("results", 0777); /* where that fails, taking the lock says why */
    *output = wanted ? strdup(wanted) : default_path(results);
    MUST(*output);
    if (stat(*output, &status) == 0 && !S_ISREG(status.st_mode))
        return tc_fail(err, -EISDIR, "-o: '%s' is %s; expected a file, or - for standard output",
                       *output, S_ISDIR(status.st_mode) ? "a folder" : "not a regular file");
    return 0;
}

int run_check_vacant(const char *output, struct tc_error *err)
{
    struct stat status;
    if (stat(output, &status) < 0 || status.st_size == 0)
        return 0;
    return tc_fail(err, -EEXIST,
                   "-o: '%s' is there already; --resume goes on with the run in it, --overwrite "
                   "replaces it, or name another file",
                   output);
}

/* In a folder that is one run's, where the document is called results.json, the name says enough.
 */
static char *topology_path(const char *output)
{
    static const char ending[] = ".json", whole[] = "results.json";
    const char *slash = strrchr(output, '/'), *name = slash ? slash + 1 : output;
    size_t length = strlen(output), cut = sizeof ending - 1;
    char *path = NULL;
    if (strcmp(name, whole) == 0) {
        MUST(asprintf(&path, "%.*stopology.xml", (int)(name - output), output) >= 0);
        return path;
    }
    if (length <= cut || strcmp(output + length - cut, ending) != 0)
        cut = 0;
    MUST(asprintf(&path, "%.*s.topology.xml", (int)(length - cut), output) >= 0);
    return path;
}

int run_save_topology(const char *output, const struct tc_topology *topology, tc_json *environment,
                      struct tc_error *err)
{
    char *path = topology_path(output);
    const char *slash = strrchr(path, '/');
    tcj_set(tcj_get(environment, "topology"), "file", tcj_string(slash ? slash + 1 : path));
    tc_file_sweep(path);
    int code = tc_topology_export(topology, path, err);
    free(path);
    return code;
}
