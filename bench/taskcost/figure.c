/* SPDX-License-Identifier: MIT
 *
 * Charts are files of gnuplot's language in plots/, and knowledge about a chart is in its file
 * alone, what it needs included. This puts data, style and figure together, so that the result can
 * be drawn again, or changed, on a machine that has gnuplot and nothing of ours.
 */
#include "figure.h"

#include "harness/plot_data.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char *const formats[] = {"svg", "png"};

/* -- reading plots/ -------------------------------------------------------------------------- */

char *figure_read_text(const char *path, struct tc_error *err)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;
    if (!file || getdelim(&text, &size, '\0', file) < 0) {
        tc_fail(err, -EIO, "cannot read %s: %s", path, errno ? strerror(errno) : "it is empty");
        free(text);
        text = NULL;
    }
    if (file)
        fclose(file);
    return text;
}

/* Collects the patterns of every line that begins with "# needs:". */
static void read_needs(struct figure *figure)
{
    static const char mark[] = "# needs:";
    for (const char *line = figure->script; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        size_t used = strlen(figure->needs);
        if (strncmp(line, mark, strlen(mark)) == 0)
            snprintf(figure->needs + used, sizeof figure->needs - used, "%.*s",
                     (int)(strcspn(line, "\n") - strlen(mark)), line + strlen(mark));
    }
}

static int load_one(struct figure *figure, const char *path, struct tc_error *err)
{
    const char *name = strrchr(path, '/') + 1;
    snprintf(figure->name, sizeof figure->name, "%.*s", (int)(strlen(name) - strlen(".gp")), name);
    figure->script = figure_read_text(path, err);
    if (!figure->script)
        return -EIO;
    read_needs(figure);
    if (!*figure->needs)
        return tc_fail(err, -EINVAL,
                       "%s does not say what it needs; a line '# needs: WORKLOAD/METRIC' does",
                       path);
    return 0;
}

int figures_load(const char *folder, struct figure **figures, size_t *count, struct tc_error *err)
{
    char pattern[4096];
    glob_t found;
    int rc = 0;
    *count = 0;
    snprintf(pattern, sizeof pattern, "%s/*.gp", folder);
    *figures = NULL;
    if (glob(pattern, 0, NULL, &found) != 0)
        return tc_fail(err, -ENOENT,
                       "there are no charts (*.gp) in %s; TASKCOST_PLOTS names another folder",
                       folder);
    *figures = calloc(found.gl_pathc, sizeof **figures);
    MUST(*figures);
    for (size_t i = 0; i < found.gl_pathc && rc == 0; i++)
        if (strcmp(strrchr(found.gl_pathv[i], '/'), "/style.gp") != 0)
            rc = load_one(&(*figures)[(*count)++], found.gl_pathv[i], err);
    globfree(&found);
    return rc;
}

void figures_free(struct figure *figures, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(figures[i].script);
    free(figures);
}

/* -- writing --------------------------------------------------------------------------------- */

int figure_write(const struct figure *figure, const char *style, const struct tc_results *results,
                 const tc_json *published, const char *folder, struct tc_error *err)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.gp", folder, figure->name);
    FILE *out = fopen(path, "w");
    if (!out)
        return tc_fail(err, -errno, "cannot write %s: %s", path, strerror(errno));
    fprintf(out,
            "# Written by `taskcost report`. `gnuplot %s.gp` draws %s.svg and %s.png in the current"
            " folder.\nfigure = '%s'\n",
            figure->name, figure->name, figure->name, figure->name);
    tc_plot_write(results, published, figure->needs, out);
    fprintf(out, "%s\n%s\n", style, figure->script);
    fprintf(out, "set output\nif (pass == 1) { pass = 2; load '%s.gp' }\n", figure->name);
    bool bad = ferror(out);
    if (fclose(out) != 0 || bad)
        return tc_fail(err, -EIO, "cannot write %s: is the disk full?", path);
    return 0;
}

/* -- drawing --------------------------------------------------------------------------------- */

/* Runs gnuplot in `folder` (NULL: here). Its exit code, or -1 when it could not be run. */
static int run_gnuplot(const char *argument, const char *folder, bool quiet)
{
    char *argv[] = {"gnuplot", (char *)argument, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status = 0;
    posix_spawn_file_actions_init(&actions);
    if (folder)
        posix_spawn_file_actions_addchdir_np(&actions, folder);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (quiet)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    int rc = posix_spawnp(&child, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (rc != 0)
        return -1;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool figure_can_draw(void)
{
    return run_gnuplot("--version", NULL, true) == 0;
}

static bool has_content(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && st.st_size > 0;
}

int figure_draw(const struct figure *figure, const char *folder, struct tc_error *err)
{
    char path[TC_COUNT_OF(formats)][4096], script[80];
    /* A picture of an earlier run must not pass for this one's. */
    for (size_t i = 0; i < TC_COUNT_OF(formats); i++) {
        snprintf(path[i], sizeof path[i], "%s/%s.%s", folder, figure->name, formats[i]);
        unlink(path[i]);
    }
    snprintf(script, sizeof script, "%s.gp", figure->name);
    int code = run_gnuplot(script, folder, false);
    if (code != 0)
        return tc_fail(err, -EIO, "gnuplot could not draw %s/%s; its message is above", folder,
                       script);
    for (size_t i = 0; i < TC_COUNT_OF(formats); i++)
        if (!has_content(path[i]))
            return tc_fail(err, -EIO, "gnuplot left no picture in %s; has it the terminal for %s?",
                           path[i], formats[i]);
    return 0;
}
