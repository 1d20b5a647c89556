/* SPDX-License-Identifier: MIT
 *
 * The fake worker under any number of names: a folder of links worker-NAME to $(BUILD)/tests/
 * worker-fake, which lies one folder above the test's own. For tests of the driver side.
 */
#ifndef FAKE_WORKERS_H
#define FAKE_WORKERS_H

#include "harness/plan.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fake_workers {
    char folder[32];
    struct tc_topology *topology;
    struct tc_workers workers;
    struct tc_plan_request request;
    struct tc_plan plan;
};

/* $(BUILD)/tests/PART/test_x -> $(BUILD)/tests/worker-fake; `path` is of PATH_MAX bytes. */
static inline void fake_worker_path(char *path)
{
    static const char name[] = "worker-fake";
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - sizeof name);
    MUST(length > 0);
    path[length] = '\0';
    *strrchr(path, '/') = '\0';
    strcpy(strrchr(path, '/') + 1, name);
}

/* Makes the folder and asks the workers in it for their lists. `models` are comma-separated. */
static inline void fake_workers_init(struct fake_workers *fake, const char *models)
{
    char target[PATH_MAX], link[PATH_MAX];
    struct tc_words names = {0}, folders = {0};
    *fake = (struct fake_workers){.folder = "/tmp/taskcost-fake-XXXXXX"};
    MUST(mkdtemp(fake->folder));
    fake_worker_path(target);
    tc_words_split(&names, models);
    for (size_t i = 0; i < names.count; i++) {
        snprintf(link, sizeof link, "%s/worker-%s", fake->folder, names.items[i]);
        MUST(symlink(target, link) == 0);
    }
    tc_words_add(&folders, fake->folder);
    tc_workers_find(&fake->workers, &folders);
    MUST(fake->workers.count == names.count);
    fake->topology = tc_topology_load(NULL);
    MUST(fake->topology);
    fake->request.profile = "quick";
    tc_words_clear(&names);
    tc_words_clear(&folders);
}

/* Plans these workloads (comma-separated) for all models and these numbers of tasks. */
static inline void fake_workers_plan(struct fake_workers *fake, const char *workloads,
                                     const char *tasks)
{
    struct tc_error err = {""};
    tc_plan_clear(&fake->plan);
    tc_words_clear(&fake->request.workloads);
    tc_words_split(&fake->request.workloads, workloads);
    fake->request.task_count = 0;
    MUST(tc_plan_add_tasks(&fake->request, "-n", tasks, &err) == 0);
    if (tc_plan_make(&fake->plan, &fake->request, &fake->workers, fake->topology, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
}

static inline void fake_workers_clear(struct fake_workers *fake)
{
    char link[PATH_MAX];
    for (size_t i = 0; i < fake->workers.count; i++) {
        snprintf(link, sizeof link, "%s/worker-%s", fake->folder, fake->workers.items[i].model);
        unlink(link);
    }
    rmdir(fake->folder);
    tc_plan_clear(&fake->plan);
    tc_plan_request_clear(&fake->request);
    tc_workers_clear(&fake->workers);
    tc_topology_free(fake->topology);
}

#endif
