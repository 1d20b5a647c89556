/* SPDX-License-Identifier: MIT
 *
 * taskcost topology: the machine, and what can be pinned.
 */
#include "command.h"
#include "harness/topology.h"
#include "options.h"

enum { JSON, XML };
static const struct option_spec specs[] = {
    [JSON] = {"--json", 0, false}, [XML] = {"--xml", 0, true}, {NULL, 0, false}};

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

static int run(int argc, char **argv)
{
    struct options options = {.command = "topology", .argc = argc, .argv = argv, .specs = specs};
    struct tc_error err;
    const char *value, *xml = NULL;
    bool json = false;
    for (int option; (option = options_next(&options, &value)) != OPTION_END;) {
        if (option == OPTION_BAD)
            return EXIT_USAGE_ERROR;
        if (option == OPTION_OPERAND)
            return usage_error("topology", "it takes options only, not '%s'", value);
        json = json || option == JSON;
        if (option == XML)
            xml = value;
    }
    struct tc_topology *topology = tc_topology_load(&err);
    if (!topology)
        return usage_error("topology", "%s", err.text);
    int code = show(topology, json, xml);
    tc_topology_free(topology);
    return code;
}

const struct command command_topology = {
    .name = "topology",
    .synopsis = "topology [--json] [--xml FILE]",
    .summary = "the machine as hwloc sees it, and what can be pinned",
    .help =
        "  --json      the summary as JSON\n"
        "  --xml FILE  the whole topology as hwloc XML, for lstopo and for planning elsewhere\n"
        "              (- is standard output)\n"
        "\n"
        "HWLOC_SYNTHETIC and HWLOC_XMLFILE show another machine; nothing can be measured on it.\n",
    .run = run,
};
