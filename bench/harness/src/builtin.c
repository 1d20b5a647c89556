/* SPDX-License-Identifier: MIT
 *
 * results/schema.json, results/published.json and results/claims.json inside the program, so that
 * it needs no data files where it is installed. The assembler reads them (paths are relative to the
 * repository root, where make runs) and the Makefile knows that this object depends on them. Each
 * is parsed once, however often it is asked for.
 */
#include "harness/schema.h"

/* A section of constants, each file between two symbols that other objects do not see. */
#define EMBED(symbol, path)                               \
    __asm__(".pushsection .rodata\n"                      \
            ".balign 16\n"                                \
            ".hidden " #symbol "\n"                       \
            ".global " #symbol "\n" #symbol ":\n"         \
            ".incbin \"" path "\"\n"                      \
            ".hidden " #symbol "_end\n"                   \
            ".global " #symbol "_end\n" #symbol "_end:\n" \
            ".byte 0\n"                                   \
            ".popsection\n");                             \
    extern const char symbol[], symbol##_end[]

EMBED(tc_builtin_schema_text, "results/schema.json");
EMBED(tc_builtin_published_text, "results/published.json");
EMBED(tc_builtin_claims_text, "results/claims.json");

/* What was built in is ours to get right, hence MUST. One reference stays in *kept. */
static tc_json *parse_once(tc_json **kept, const char *text, const char *end, const char *name)
{
    struct tc_error err;
    if (!*kept)
        *kept = tcj_parse(text, (size_t)(end - text), name, &err);
    MUST(*kept);
    return tcj_keep(*kept);
}

tc_json *tc_builtin_results_schema(void)
{
    static tc_json *kept;
    return parse_once(&kept, tc_builtin_schema_text, tc_builtin_schema_text_end,
                      "results/schema.json");
}

tc_json *tc_builtin_published(void)
{
    static tc_json *kept;
    return parse_once(&kept, tc_builtin_published_text, tc_builtin_published_text_end,
                      "results/published.json");
}

tc_json *tc_builtin_claims(void)
{
    static tc_json *kept;
    return parse_once(&kept, tc_builtin_claims_text, tc_builtin_claims_text_end,
                      "results/claims.json");
}
