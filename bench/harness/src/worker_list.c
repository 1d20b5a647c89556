/* SPDX-License-Identifier: MIT
 *
 * Finds the workers and asks each what it can run. A worker that cannot be used is set aside with a
 * sentence rather than ending anything: someone's half-built column must not stop the others.
 */
#include "harness/worker_list.h"

#include "harness/process.h"

#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_LIMIT_NS (10 * TC_NS_PER_S)

static const char prefix[] = "worker-";

/* -- where -- */

static void add_folder(struct tc_words *folders, const char *folder)
{
    char *real = realpath(folder, NULL);
    if (real)
        tc_words_add_once(folders, real);
    free(real);
}

static void add_own_folders(struct tc_words *folders)
{
    char path[4096], beside[sizeof path + 32];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return;
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash)
        return;
    *slash = '\0';
    add_folder(folders, *path ? path : "/");
    snprintf(beside, sizeof beside, "%s/../libexec/taskcost", path);
    add_folder(folders, beside);
}

void tc_workers_folders(struct tc_words *folders, const char *installed)
{
    const char *named = getenv("TASKCOST_WORKERS");
    char *list = strdup(named ? named : ""), *rest = list, *folder;
    MUST(list);
    while ((folder = strsep(&rest, ":")))
        if (*folder && access(folder, F_OK) == 0)
            add_folder(folders, folder);
        else if (*folder)
            tc_words_add_once(folders, folder); /* so that a slip shows in what was searched */
    free(list);
    add_own_folders(folders);
    add_folder(folders, installed);
}

/* -- asking -- */

/* What went wrong with a worker that gave no list. */
static void explain(const struct tc_process_result *result, struct tc_error *why)
{
    const char *name = sigabbrev_np(result->code); /* real-time signals have none */
    switch (result->end) {
    case TC_PROCESS_NOT_STARTED:
        *why = result->error;
        break;
    case TC_PROCESS_SIGNALLED:
        if (name)
            tc_fail(why, -EIO, "it was ended by SIG%s", name);
        else
            tc_fail(why, -EIO, "it was ended by signal %d", result->code);
        break;
    case TC_PROCESS_EXITED:
        tc_fail(why, -EIO, "it exited with code %d", result->code);
        break;
    default:
        tc_fail(why, -EIO, "it gave no list within %d s", (int)(LIST_LIMIT_NS / TC_NS_PER_S));
    }
}

static int ask(struct tc_worker *worker, const char *path, struct tc_error *err)
{
    char command[] = "list", *argv[] = {(char *)path, command, NULL};
    struct tc_process_result result;
    struct tc_error why = {""};
    tc_process_run(argv, NULL, LIST_LIMIT_NS, &result);
    int code = -EIO;
    if (result.end == TC_PROCESS_EXITED && result.code == 0) {
        tc_json *list = tcj_parse(result.output, result.output_length, path, err);
        code = list ? tc_worker_parse(worker, list, path, err) : -EINVAL;
        tcj_free(list);
    } else {
        explain(&result, &why);
        tc_fail(err, code, "'%.300s list': %.300s%s%.250s", path, why.text,
                *result.last_words ? ": " : "", result.last_words);
    }
    tc_process_clear(&result);
    return code;
}

static void add_worker(struct tc_workers *workers, const char *path)
{
    struct tc_worker worker;
    struct tc_error err;
    if (ask(&worker, path, &err) < 0) {
        tc_words_add(&workers->ignored, err.text);
        return;
    }
    if (tc_workers_model(workers, worker.model)) {
        tc_worker_clear(&worker);
        return;
    }
    struct tc_worker *items = realloc(workers->items, (workers->count + 1) * sizeof *items);
    MUST(items);
    workers->items = items;
    items[workers->count++] = worker;
}

static bool is_program(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void search(struct tc_workers *workers, const char *folder, struct tc_words *seen)
{
    struct tc_words found = {0};
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (strncmp(entry->d_name, prefix, sizeof prefix - 1) == 0 &&
            !strchr(entry->d_name, '.')) /* not worker-x.d, worker-x.new */
            tc_words_add(&found, entry->d_name);
    if (dir)
        closedir(dir);
    if (found.count)
        qsort(found.items, found.count, sizeof *found.items, compare_names);
    for (size_t i = 0; i < found.count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, found.items[i]);
        if (tc_words_have(seen, found.items[i]) || !is_program(path))
            continue;
        tc_words_add(seen, found.items[i]);
        add_worker(workers, path);
    }
    tc_words_clear(&found);
}

static int compare_workers(const void *a, const void *b)
{
    return strcmp(((const struct tc_worker *)a)->model, ((const struct tc_worker *)b)->model);
}

void tc_workers_find(struct tc_workers *workers, const struct tc_words *folders)
{
    struct tc_words seen = {0};
    *workers = (struct tc_workers){0};
    for (size_t i = 0; i < folders->count; i++) {
        tc_words_add(&workers->searched, folders->items[i]);
        search(workers, folders->items[i], &seen);
    }
    if (workers->count)
        qsort(workers->items, workers->count, sizeof *workers->items, compare_workers);
    tc_words_clear(&seen);
}

void tc_workers_clear(struct tc_workers *workers)
{
    for (size_t i = 0; i < workers->count; i++)
        tc_worker_clear(&workers->items[i]);
    free(workers->items);
    tc_words_clear(&workers->searched);
    tc_words_clear(&workers->ignored);
    *workers = (struct tc_workers){0};
}

/* -- by name -- */

const struct tc_worker *tc_workers_model(const struct tc_workers *workers, const char *model)
{
    for (size_t i = 0; i < workers->count; i++)
        if (strcmp(workers->items[i].model, model) == 0)
            return &workers->items[i];
    return NULL;
}

const struct tc_offer *tc_worker_offer(const struct tc_worker *worker, const char *workload)
{
    for (size_t i = 0; i < worker->offer_count; i++)
        if (strcmp(worker->offers[i].workload, workload) == 0)
            return &worker->offers[i];
    return NULL;
}

const char *tc_worker_refusal(const struct tc_worker *worker, const char *workload)
{
    for (size_t i = 0; i < worker->refusal_count; i++)
        if (strcmp(worker->refusals[i].workload, workload) == 0)
            return worker->refusals[i].reason;
    return NULL;
}

const struct tc_offer_param *tc_offer_param_of(const struct tc_offer *offer, const char *name)
{
    for (size_t i = 0; i < offer->param_count; i++)
        if (strcmp(offer->params[i].name, name) == 0)
            return &offer->params[i];
    return NULL;
}

bool tc_workers_share_param(const struct tc_workers *workers, const char *workload,
                            const char *param)
{
    for (size_t i = 0; i < workers->count; i++) {
        const struct tc_offer *offer = tc_worker_offer(&workers->items[i], workload);
        if (offer && !tc_offer_param_of(offer, param))
            return false;
    }
    return true;
}

void tc_workers_models(const struct tc_workers *workers, struct tc_words *out)
{
    for (size_t i = 0; i < workers->count; i++)
        tc_words_add(out, workers->items[i].model);
}

void tc_workers_workloads(const struct tc_workers *workers, struct tc_words *out)
{
    for (size_t i = 0; i < workers->count; i++) {
        const struct tc_worker *worker = &workers->items[i];
        for (size_t j = 0; j < worker->offer_count; j++)
            tc_words_add_once(out, worker->offers[j].workload);
        for (size_t j = 0; j < worker->refusal_count; j++)
            tc_words_add_once(out, worker->refusals[j].workload);
    }
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, compare_names);
}
