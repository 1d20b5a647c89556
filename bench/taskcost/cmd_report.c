/* SPDX-License-Identifier: MIT
 *
 * `taskcost report`: the charts of a result file, as scripts and as pictures. It knows no chart by
 * name: whatever lies in the plots folder and finds its data in the file is drawn. Without gnuplot
 * the scripts are written all the same, to be drawn elsewhere.
 */
#include "command.h"
#include "figure.h"
#include "harness/plot_data.h"
#include "harness/schema.h"
#include "one_file.h"
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct request {
    const char *file;
    char charts[PATH_MAX]; /* where they go */
    char plots[PATH_MAX];  /* where figures and style come from */
};

/* -- arguments ------------------------------------------------------------------------------- */

/* The folder that FILE is in, unless the user named one. */
static void place_output(struct request *request, const char *folder)
{
    const char *slash = strrchr(request->file, '/');
    if (folder)
        snprintf(request->charts, sizeof request->charts, "%s%scharts", folder,
                 folder[strlen(folder) - 1] == '/' ? "" : "/");
    else if (slash)
        snprintf(request->charts, sizeof request->charts, "%.*s/charts",
                 (int)(slash - request->file), request->file);
    else
        snprintf(request->charts, sizeof request->charts, "charts");
}

static const struct option_spec specs[] = {{.name = "--output", .letter = 'o', .takes_value = true},
                                           {0}};

static int parse(int argc, char **argv, struct request *request)
{
    struct options options = {.command = "report", .argc = argc, .argv = argv, .specs = specs};
    const char *folder = NULL, *value;
    for (int option; (option = options_next(&options, &value)) != OPTION_END;) {
        if (option == OPTION_BAD)
            return EXIT_USAGE_ERROR;
        if (option == 0)
            folder = value;
        else if (request->file)
            return usage_error("report", "one result file at a time; '%s' is a second one", value);
        else
            request->file = value;
    }
    if (!request->file || !*request->file)
        return usage_error("report", "name the result file; `taskcost run -o FILE` makes one");
    if (folder && !*folder)
        return usage_error("report", "--output needs the folder to write to");
    place_output(request, folder);
    return EXIT_DONE;
}

/* -- folders --------------------------------------------------------------------------------- */

/* In the source tree the programs are in build/ beside plots/; installed they are in bin/ beside
 * share/. A build folder elsewhere has the variable. */
static int find_plots(struct request *request, struct tc_error *err)
{
    static const char *const places[] = {"../plots", "../share/taskcost/plots", "../../plots"};
    char self[PATH_MAX / 2], style[PATH_MAX + 16];
    const char *wanted = getenv("TASKCOST_PLOTS");
    if (wanted && *wanted) {
        snprintf(request->plots, sizeof request->plots, "%s", wanted);
        return 0;
    }
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = '\0';
    for (size_t i = 0; i < TC_COUNT_OF(places); i++) {
        snprintf(request->plots, sizeof request->plots, "%s/%s", self, places[i]);
        snprintf(style, sizeof style, "%s/style.gp", request->plots);
        if (access(style, R_OK) == 0)
            return 0;
    }
    return tc_fail(err, -ENOENT,
                   "cannot find the folder plots/ near %s; TASKCOST_PLOTS can name it", self);
}

/* Makes the folder and those above it. */
static int make_folder(const char *path, struct tc_error *err)
{
    char part[PATH_MAX];
    snprintf(part, sizeof part, "%s", path);
    for (char *at = strchr(part + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        mkdir(part, 0777); /* if it fails, the last one does too, and says why */
        *at = '/';
    }
    struct stat st;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return tc_fail(err, -errno, "cannot make the folder %s: %s", path, strerror(errno));
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return tc_fail(err, -ENOTDIR, "%s is not a folder", path);
    return 0;
}

/* -- charts ---------------------------------------------------------------------------------- */

struct job {
    const struct request *request;
    const struct tc_results *results;
    tc_json *published;
    char *style;
    bool draw;
};

/* One figure: written, drawn if possible, its files named on standard output. A figure that can't
 * be drawn doesn't keep the others from it. */
static int make_figure(const struct job *job, const struct figure *figure)
{
    const char *folder = job->request->charts;
    struct tc_error err;
    if (tc_plot_count(job->results, figure->needs) == 0) {
        fprintf(stderr, "skipped %s: %s has no results for%s\n", figure->name, job->request->file,
                figure->needs);
        return EXIT_DONE;
    }
    if (figure_write(figure, job->style, job->results, job->published, folder, &err) < 0)
        return usage_error("report", "%s", err.text);
    if (job->draw && figure_draw(figure, folder, &err) < 0) {
        fprintf(stderr, "taskcost report: %s\n", err.text);
        return EXIT_CELLS_FAILED;
    }
    printf("%s/%s.gp\n", folder, figure->name);
    if (job->draw)
        printf("%s/%s.svg\n%s/%s.png\n", folder, figure->name, folder, figure->name);
    return EXIT_DONE;
}

static int make_figures(struct job *job, const struct figure *figures, size_t count)
{
    int worst = EXIT_DONE;
    /* gnuplot warns about a micro sign outside UTF-8, and may write decimal commas. */
    setenv("LC_ALL", "C.UTF-8", 1);
    job->draw = figure_can_draw();
    for (size_t i = 0; i < count && worst != EXIT_USAGE_ERROR; i++) {
        int code = make_figure(job, &figures[i]);
        worst = code > worst ? code : worst;
    }
    if (!job->draw)
        fprintf(stderr,
                "gnuplot is missing, so the charts are not drawn; install it, then `taskcost "
                "report %s` again, or run gnuplot on the .gp files in %s\n",
                job->request->file, job->request->charts);
    return worst;
}

static int report(const struct request *request, const struct tc_results *results)
{
    struct job job = {.request = request, .results = results};
    struct figure *figures = NULL;
    size_t count = 0;
    struct tc_error err;
    char style[PATH_MAX + 16];
    int code = EXIT_USAGE_ERROR;
    snprintf(style, sizeof style, "%s/style.gp", request->plots);
    job.style = figure_read_text(style, &err);
    if (!job.style || figures_load(request->plots, &figures, &count, &err) < 0 ||
        make_folder(request->charts, &err) < 0) {
        usage_error("report", "%s", err.text);
    } else {
        job.published = tc_builtin_published();
        code = make_figures(&job, figures, count);
        tcj_free(job.published);
    }
    figures_free(figures, count);
    free(job.style);
    return code;
}

static int run_report(int argc, char **argv)
{
    struct request request = {0};
    struct tc_error err;
    int code = parse(argc, argv, &request);
    if (code != EXIT_DONE)
        return code;
    struct tc_results *results = tc_results_load(request.file, &err);
    if (!results || find_plots(&request, &err) < 0)
        code = usage_error("report", "%s", err.text);
    else
        code = one_file_refuse_injected("report", request.file, results);
    if (code == EXIT_DONE)
        code = report(&request, results);
    tc_results_free(results);
    return code;
}

const struct command command_report = {
    .name = "report",
    .synopsis = "report FILE [-o DIR]",
    .summary = "draw the charts of a result file",
    .help =
        "Writes DIR/charts/NAME.gp for each chart that FILE has results for, and draws it with\n"
        "gnuplot as NAME.svg and NAME.png. The .gp file holds its data: it can be drawn again\n"
        "or changed on any machine that has gnuplot. Prints the paths of what it made.\n"
        "\n"
        "  -o, --output DIR  where charts/ goes (default: the folder of FILE)\n"
        "\n"
        "TASKCOST_PLOTS names another folder of charts to draw.\n",
    .run = run_report,
};
