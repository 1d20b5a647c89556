/* SPDX-License-Identifier: MIT
 *
 * Finding the control groups of this process; see harness/cgroup.h.
 */
#include "harness/cgroup.h"

#include "harness/reading.h"

#include <stdio.h>
#include <string.h>

void tc_cgroup_path(const char *root, const char *controller, char *out, size_t size)
{
    char text[8192];
    out[0] = '\0';
    if (tc_reading_file(root, "/proc/self/cgroup", text, sizeof text) < 0)
        return;
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        strsep(&line, ":"); /* the hierarchy's number */
        char *names = line ? strsep(&line, ":") : NULL, *name;
        bool found = names && !*names && !*controller;
        while (names && *controller && (name = strsep(&names, ",")))
            found = found || strcmp(name, controller) == 0;
        if (found && line)
            snprintf(out, size, "%s", line);
    }
}

void tc_cgroup_each(const char *root, const char *controller,
                    void (*visit)(void *context, const char *root, const char *folder),
                    void *context)
{
    char path[2048], folder[4096];
    tc_cgroup_path(root, controller, path, sizeof path);
    while (*path) {
        snprintf(folder, sizeof folder, "/sys/fs/cgroup%s%s%s", *controller ? "/" : "", controller,
                 strcmp(path, "/") == 0 ? "" : path);
        visit(context, root, folder);
        if (strcmp(path, "/") == 0)
            break;
        char *slash = strrchr(path, '/');
        if (!slash)
            break;
        slash[slash == path] = '\0'; /* "/a" becomes "/", "/a/b" becomes "/a" */
    }
}
