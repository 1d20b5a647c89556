/* SPDX-License-Identifier: MIT
 *
 * taskcost topology: the machine, and what can be pinned.
 */
#include "command.h"
#include "harness/topology.h"
#include "options.h"

#include <errno.h>
#include <stdlib.h>

enum { JSON, XML };
static const struct option_spec specs[] = {
    [JSON] = {"--json", 0, false}, [XML] = {"--xml", 0, true}, {NULL, 0, false}};

/* A line for each placement that the words stand for: what was asked, the PUs' OS indices. */
static int show_placements(const struct tc_topology *topology, const struct tc_words *words)
{
    struct tc_words expanded = {0};
    struct tc_placement **found = NULL;
    struct tc_error err;
    int code = 0;
    for (size_t i = 0; code == 0 && i < words->count; i++)
        code = tc_placement_expand(topology, words->items[i], &expanded, &err);
    found = calloc(expanded.count + 1, sizeof(void *));
    MUST(found);
    for (size_t i = 0; code == 0 && i < expanded.count; i++)
        if (!(found[i] = tc_placement_resolve(topology, expanded.items[i], &err)))
            code = -EINVAL;
    for (size_t i = 0; i < expanded.count; i++) {
        if (code == 0)
            printf("%s\t%s\n", expanded.items[i], tc_placement_cpus(found[i]));
        tc_placement_free(found[i]);
    }
    free(found);
    tc_words_clear(&expanded);
    return code < 0 ? usage_error("topology", "%s", err.text) : EXIT_DONE;
}

static int show(const struct tc_topology *topology, bool json, const char *xml)
{
    struct tc_error err;
    if (xml && tc_topology_export(topology, xml, &err) < 0)
        return usage_error("topology", "--xml: %s", err.text);
    if (json) {
        tc_json *description = tc_topology_describe(topology);
        tcj_write(description, stdout);
        tcj_free(description);
    } else if (!xml) {
        tc_topology_print(topology, stdout);
    }
    return EXIT_DONE;
}

struct request {
    struct tc_words placements;
    const char *xml;
    bool json;
};

static int read_request(struct request *request, int argc, char **argv)
{
    struct options options = {.command = "topology", .argc = argc, .argv = argv, .specs = specs};
    const char *value;
    for (int option; (option = options_next(&options, &value)) != OPTION_END;) {
        if (option == OPTION_BAD)
            return EXIT_USAGE_ERROR;
        if (option == OPTION_OPERAND)
            tc_words_add(&request->placements, value);
        request->json = request->json || option == JSON;
        if (option == XML)
            request->xml = value;
    }
    if (request->placements.count && (request->json || request->xml))
        return usage_error("topology",
                           "placements are told by themselves, without --json or --xml");
    return EXIT_DONE;
}

static int run(int argc, char **argv)
{
    struct request request = {0};
    struct tc_error err;
    int code = read_request(&request, argc, argv);
    struct tc_topology *topology = code == EXIT_DONE ? tc_topology_load(&err) : NULL;
    if (code == EXIT_DONE && !topology)
        code = usage_error("topology", "%s", err.text);
    else if (topology && request.placements.count)
        code = show_placements(topology, &request.placements);
    else if (topology)
        code = show(topology, request.json, request.xml);
    tc_topology_free(topology);
    tc_words_clear(&request.placements);
    return code;
}

const struct command command_topology = {
    .name = "topology",
    .synopsis = "topology [--json] [--xml FILE] [PLACEMENT...]",
    .summary = "the machine as hwloc sees it, and what can be pinned",
    .help =
        "  PLACEMENT   only what this placement is: a line with the OS indices of its PUs, a line "
        "for\n"
        "              each of many (pairs)\n"
        "  --json      the summary as JSON\n"
        "  --xml FILE  the whole topology as hwloc XML, for lstopo and for planning elsewhere\n"
        "              (- is standard output)\n"
        "\n"
        "HWLOC_SYNTHETIC and HWLOC_XMLFILE show another machine; nothing can be measured on it.\n",
    .run = run,
};
