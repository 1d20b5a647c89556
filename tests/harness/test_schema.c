/* SPDX-License-Identifier: MIT
 *
 * The validator, keyword by keyword, and the schemas that are built in.
 */
#include "test_main.h"

#include "harness/schema.h"

static tc_json *parse(const char *text)
{
    struct tc_error err;
    tc_json *value = tcj_parse(text, strlen(text), "test", &err);
    if (!value)
        fail_msg("%s", err.text);
    return value;
}

static int check(const char *schema_text, const char *text, struct tc_error *err)
{
    tc_json *schema = parse(schema_text), *document = parse(text);
    int code = tc_schema_check(schema, document, "doc.json", err);
    tcj_free(schema);
    tcj_free(document);
    return code;
}

struct row {
    const char *schema, *document, *sentence; /* NULL: accepted */
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct tc_error err = {"accepted"};
        int code = check(rows[i].schema, rows[i].document, &err);
        if (!rows[i].sentence) {
            if (code != 0)
                fail_msg("%s against %s: %s", rows[i].document, rows[i].schema, err.text);
        } else if (code != -EINVAL || strcmp(err.text, rows[i].sentence) != 0) {
            fail_msg("%s against %s gave '%s', expected '%s'", rows[i].document, rows[i].schema,
                     err.text, rows[i].sentence);
        }
    }
}

static void test_types(void **state)
{
    static const struct row rows[] = {
        {"{\"type\": \"string\"}", "\"x\"", NULL},
        {"{\"type\": \"string\"}", "3", "doc.json: at the top level: expected string, found 3"},
        {"{\"type\": \"number\"}", "3", NULL},
        {"{\"type\": \"number\"}", "3.5", NULL},
        {"{\"type\": \"integer\"}", "3.0", NULL},
        {"{\"type\": \"integer\"}", "3.5",
         "doc.json: at the top level: expected integer, found 3.5"},
        {"{\"type\": [\"number\", \"null\"]}", "null", NULL},
        {"{\"type\": [\"number\", \"null\"]}", "\"a\\nb\"",
         "doc.json: at the top level: expected number or null, found 'a?b'"},
        {"{\"type\": \"boolean\"}", "false", NULL},
        {"{\"type\": \"object\"}", "[]",
         "doc.json: at the top level: expected object, found array"},
    };
    (void)state;
    check_rows(rows, TC_COUNT_OF(rows));
}

static void test_values(void **state)
{
    static const struct row rows[] = {
        {"{\"const\": 1}", "1", NULL},
        {"{\"const\": \"a\"}", "\"b\"", "doc.json: at the top level: expected 'a', found 'b'"},
        {"{\"enum\": [\"ok\", \"failed\"]}", "\"failed\"", NULL},
        {"{\"enum\": [\"ok\", \"failed\"]}", "\"bad\"",
         "doc.json: at the top level: expected one of 'ok', 'failed', found 'bad'"},
        {"{\"minimum\": 0}", "0", NULL},
        {"{\"minimum\": 0}", "-1", "doc.json: at the top level: expected at least 0, found -1"},
        {"{\"maximum\": 5}", "6", "doc.json: at the top level: expected at most 5, found 6"},
        {"{\"minimum\": 0}", "\"not a number\"", NULL},
        {"{\"minLength\": 1}", "\"\\u00e9\"", NULL},
        {"{\"minLength\": 2}", "\"\\u00e9\"",
         "doc.json: at the top level: expected a longer string, found '\xc3\xa9'"},
        {"{\"minItems\": 2, \"maxItems\": 2}", "[1, 2]", NULL},
        {"{\"minItems\": 2}", "[1]",
         "doc.json: at the top level: expected at least 2 items, found array"},
        {"{\"maxItems\": 0}", "[1]",
         "doc.json: at the top level: expected at most 0 items, found array"},
    };
    (void)state;
    check_rows(rows, TC_COUNT_OF(rows));
}

static void test_containers_name_the_place(void **state)
{
    static const struct row rows[] = {
        {"{\"required\": [\"a\"]}", "{\"b\": 1}",
         "doc.json: at the top level: the key 'a' is missing"},
        {"{\"properties\": {\"a\": {\"type\": \"string\"}}}", "{\"b\": 1}", NULL},
        {"{\"properties\": {\"a\": {\"items\": {\"required\": [\"x\"]}}}}",
         "{\"a\": [{\"x\": 1}, {}]}", "doc.json: at /a/1: the key 'x' is missing"},
        {"{\"properties\": {\"a\": {}}, \"additionalProperties\": {\"type\": \"string\"}}",
         "{\"a\": 1, \"b\": \"x\"}", NULL},
        {"{\"additionalProperties\": {\"type\": \"string\"}}", "{\"b\": 1}",
         "doc.json: at /b: expected string, found 1"},
        {"{\"$ref\": \"#/$defs/x\", \"$defs\": {\"x\": {\"type\": \"null\"}}}", "null", NULL},
        {"{\"items\": {\"$ref\": \"#/$defs/x\"}, \"$defs\": {\"x\": {\"type\": \"null\"}}}",
         "[null, true]", "doc.json: at /1: expected null, found boolean"},
        {"{\"anyOf\": [{\"required\": [\"a\"]}, {\"required\": [\"b\"]}]}", "{\"a\": 1}", NULL},
        {"{\"anyOf\": [{\"required\": [\"a\"]}, {\"required\": [\"b\"]}]}", "{\"b\": 1}", NULL},
        {"{\"anyOf\": [{\"required\": [\"a\"]}, {\"required\": [\"b\"]}]}", "{}",
         "doc.json: at the top level: the key 'b' is missing"},
    };
    (void)state;
    check_rows(rows, TC_COUNT_OF(rows));
}

static void test_refuses_a_schema_it_does_not_know(void **state)
{
    static const struct row rows[] = {
        {"{\"pattern\": \"x\"}", "1",
         "the schema uses the keyword 'pattern', which is not implemented here"},
        {"{\"properties\": {\"a\": {\"items\": {\"format\": \"date\"}}}}", "1",
         "the schema uses the keyword 'format', which is not implemented here"},
        {"{\"anyOf\": [{\"oneOf\": []}]}", "1",
         "the schema uses the keyword 'oneOf', which is not implemented here"},
        {"{\"items\": true}", "1", "the schema holds boolean where a schema is needed"},
        {"{\"$ref\": \"#/$defs/no\"}", "1",
         "the schema refers to '#/$defs/no', which it does not have"},
    };
    (void)state;
    check_rows(rows, TC_COUNT_OF(rows));
}

static void test_long_places_and_values_are_cut(void **state)
{
    char document[3000] = "{\"", schema[] = "{\"additionalProperties\": {\"type\": \"null\"}}";
    struct tc_error err;
    (void)state;
    memset(document + 2, 'k', 900);
    strcpy(document + 902, "\": \"");
    for (size_t i = 906; i < 1906; i += 2)
        memcpy(document + i, "\xc3\xa9", 2);
    strcpy(document + 1906, "\"}");
    assert_int_equal(check(schema, document, &err), -EINVAL);
    assert_true(strlen(err.text) < 400);
    tc_json *valid = tcj_string(err.text); /* cut between characters, not within one */
    assert_string_equal(tcj_text(valid, ""), err.text);
    tcj_free(valid);
}

/* Every field of the schema has a description, which docs/result-schema.md relies on. */
static void check_described(const tc_json *schema, const char *name)
{
    static const char *const maps[] = {"properties", "$defs"};
    if (!tcj_get(schema, "$ref") && !tcj_text(tcj_get(schema, "description"), NULL))
        fail_msg("%s has no description", name);
    for (size_t i = 0; i < TC_COUNT_OF(maps); i++) {
        const tc_json *map = tcj_get(schema, maps[i]);
        for (void *it = tcj_first(map); it; it = tcj_next(map, it))
            check_described(tcj_value(it), tcj_key(it));
    }
    if (tcj_get(schema, "items"))
        check_described(tcj_get(schema, "items"), name);
}

static void test_the_results_schema_is_built_in(void **state)
{
    struct tc_error err;
    (void)state;
    tc_json *schema = tc_builtin_results_schema(), *file = tcj_load("results/schema.json", &err);
    assert_true(tcj_equal(schema, file));
    check_described(schema, "the schema");
    tcj_free(schema);
    tcj_free(file);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_types),
    cmocka_unit_test(test_values),
    cmocka_unit_test(test_containers_name_the_place),
    cmocka_unit_test(test_refuses_a_schema_it_does_not_know),
    cmocka_unit_test(test_long_places_and_values_are_cut),
    cmocka_unit_test(test_the_results_schema_is_built_in),
};
TEST_MAIN(tests)
