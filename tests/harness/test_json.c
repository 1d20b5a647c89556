/* SPDX-License-Identifier: MIT
 *
 * The JSON wrapper: what it adds to jansson, and that a file is replaced whole or not at all.
 */
#include "test_main.h"

#include "harness/file_replace.h"
#include "harness/json.h"

#include <dirent.h>
#include <math.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char folder[] = "/tmp/taskcost-json-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static const char *in_folder(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static size_t files_in_folder(void)
{
    size_t count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return count;
}

static char *text_of(tc_json *value)
{
    static char text[4096];
    FILE *stream = fmemopen(text, sizeof text, "w");
    assert_non_null(stream);
    assert_int_equal(tcj_write(value, stream), 0);
    fclose(stream);
    tcj_free(value);
    return text;
}

static tc_json *parse(const char *text, struct tc_error *err)
{
    return tcj_parse(text, strlen(text), "test.json", err);
}

static void refused(const char *text, const char *expected)
{
    struct tc_error err = {""};
    assert_null(parse(text, &err));
    if (!strstr(err.text, expected) || !strstr(err.text, "test.json") || strchr(err.text, '\n'))
        fail_msg("'%s' gave '%s', expected '%s' in it", text, err.text, expected);
}

static void test_writes_undefined_as_null(void **state)
{
    (void)state;
    tc_json *array = tcj_array();
    tcj_append(array, tcj_number(NAN));
    tcj_append(array, tcj_number(-INFINITY));
    tcj_append(array, tcj_string(NULL));
    assert_string_equal(text_of(array), "[null,null,null]\n");
}

static void test_writes_numbers_short(void **state)
{
    (void)state;
    tc_json *array = tcj_array();
    tcj_append(array, tcj_number(0.1));
    tcj_append(array, tcj_number(1012));
    tcj_append(array, tcj_number(1.0 / 3));
    tcj_append(array, tcj_integer(INT64_MAX));
    assert_string_equal(text_of(array), "[0.1,1012,0.3333333333,9223372036854775807]\n");
}

static void test_lays_out_samples_on_one_line(void **state)
{
    (void)state;
    tc_json *object = tcj_object(), *samples = tcj_array(), *rounds = tcj_array();
    tc_json *round = tcj_object();
    for (int i = 0; i < 3; i++)
        tcj_append(samples, tcj_integer(i));
    tcj_set(round, "samples", samples);
    tcj_append(rounds, round);
    tcj_set(object, "rounds", rounds);
    tcj_set(object, "empty", tcj_object());
    assert_string_equal(text_of(object), "{\n  \"rounds\": [\n    {\n      \"samples\": [0,1,2]\n"
                                         "    }\n  ],\n  \"empty\": {}\n}\n");
}

static void test_replaces_bad_utf8(void **state)
{
    struct tc_error err;
    (void)state;
    tc_json *string = tcj_string("Xeon\xae \xc3\xa9 \xed\xa0\x80|\xe2\x82");
    /* A surrogate is three bad bytes; a cut-off sequence is one replacement (Unicode 15, 3.9). */
    assert_string_equal(tcj_text(string, ""), "Xeon\xef\xbf\xbd \xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd"
                                              "\xef\xbf\xbd|\xef\xbf\xbd");
    tcj_free(string);
    tc_json *read = parse("[\"a\xff\"]", &err);
    assert_string_equal(tcj_text(tcj_at(read, 0), ""), "a\xef\xbf\xbd");
    tcj_free(read);
    tc_json *object = tcj_object();
    tcj_set(object, "k\xff", tcj_bool(true));
    assert_string_equal(tcj_key(tcj_first(object)), "k\xef\xbf\xbd");
    tcj_free(object);
}

static void test_refuses_what_is_not_json(void **state)
{
    (void)state;
    refused("[1, NaN]", "NaN and infinities are not JSON");
    refused("[-Infinity]", "NaN and infinities are not JSON");
    refused("[Infinity]", "NaN and infinities are not JSON");
    refused("[nan]", "NaN and infinities are not JSON");
    refused("[1e999]", "line 1");
    refused("{\"a\": 1, \"a\": 2}", "duplicate");
    refused("{\"a\": [1, 2", "truncated");
    refused("", "truncated or empty");
    refused("{} {}", "line 1, column 4");
    refused("[1,\n\n ?]", "line 3");
    refused("[\"\\ud800\"]", "line 1");
}

static void test_reading_tolerates_the_wrong_type(void **state)
{
    double number = 7;
    int64_t integer = 7;
    bool flag = true;
    struct tc_error err;
    (void)state;
    tc_json *value = parse("{\"s\": \"x\", \"r\": 2.5, \"w\": 3.0, \"i\": 4, \"z\": null}", &err);
    assert_false(tcj_read_number(tcj_get(value, "s"), &number));
    assert_false(tcj_read_number(NULL, &number));
    assert_false(tcj_read_integer(tcj_get(value, "r"), &integer));
    assert_false(tcj_read_bool(tcj_get(value, "i"), &flag));
    assert_true(number == 7 && integer == 7 && flag);
    assert_true(tcj_read_integer(tcj_get(value, "w"), &integer) && integer == 3);
    assert_true(tcj_read_number(tcj_get(value, "i"), &number) && number == 4);
    assert_string_equal(tcj_text(tcj_get(value, "i"), "fallback"), "fallback");
    assert_null(tcj_get(tcj_get(value, "s"), "deeper"));
    assert_null(tcj_at(value, 0));
    assert_int_equal(tcj_size(NULL), 0);
    assert_string_equal(tcj_type_name(tcj_get(value, "z")), "null");
    assert_string_equal(tcj_type_name(tcj_get(value, "r")), "number");
    tcj_free(value);
}

static void test_members_keep_their_order(void **state)
{
    struct tc_error err;
    char keys[8] = "";
    (void)state;
    tc_json *value = parse("{\"z\": 1, \"a\": 2, \"m\": 3}", &err);
    for (void *it = tcj_first(value); it; it = tcj_next(value, it))
        strcat(keys, tcj_key(it));
    assert_string_equal(keys, "zam");
    tcj_free(value);
}

static void test_saves_and_loads(void **state)
{
    struct tc_error err;
    struct stat st;
    const char *path = in_folder("a.json");
    (void)state;
    for (int i = 0; i < 3; i++) {
        tc_json *saved = tcj_object();
        tcj_set(saved, "i", tcj_integer(i));
        assert_int_equal(tcj_save(saved, path, &err), 0);
        tc_json *loaded = tcj_load(path, &err);
        assert_true(tcj_equal(saved, loaded));
        tcj_free(saved);
        tcj_free(loaded);
    }
    assert_int_equal(files_in_folder(), 1);
    mode_t mask = umask(0);
    umask(mask);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0666 & ~mask);
}

static void test_saves_through_a_link(void **state)
{
    struct tc_error err;
    struct stat st;
    char link[256];
    (void)state;
    tc_json *value = tcj_array();
    snprintf(link, sizeof link, "%s", in_folder("link.json"));
    assert_int_equal(tcj_save(value, in_folder("target.json"), &err), 0);
    assert_int_equal(symlink("target.json", link), 0);
    assert_int_equal(tcj_save(value, link, &err), 0);
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    tcj_free(value);
}

static void test_a_failed_save_keeps_the_old_file(void **state)
{
    struct tc_error err = {""};
    const char *path = in_folder("whole.json");
    (void)state;
    tc_json *old = tcj_array(), *big = tcj_array();
    assert_int_equal(tcj_save(old, path, &err), 0);
    for (int i = 0; i < 10000; i++)
        tcj_append(big, tcj_integer(i));
    struct rlimit before, small = {1000, RLIM_INFINITY};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int code = tcj_save(big, path, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(code, -EFBIG);
    assert_non_null(strstr(err.text, "ulimit"));
    tc_json *now = tcj_load(path, &err);
    assert_true(tcj_equal(now, old));
    assert_int_equal(files_in_folder(), 1);
    tcj_free(now);
    tcj_free(old);
    tcj_free(big);
}

static void make_empty(const char *name)
{
    FILE *file = fopen(in_folder(name), "w");
    assert_non_null(file);
    fclose(file);
}

static void test_what_a_killed_writer_left_is_swept(void **state)
{
    (void)state;
    make_empty("r.json");
    make_empty(".r.json.0123456789abcdef.tmp");
    make_empty(".r.json.0123456789abcde.tmp"); /* none of these is of our making */
    make_empty(".r.json.0123456789abcdef.tmp2");
    make_empty(".other.json.0123456789abcdef.tmp");
    tc_file_sweep(in_folder("r.json"));
    assert_int_equal(files_in_folder(), 4);
    assert_int_not_equal(access(in_folder(".r.json.0123456789abcdef.tmp"), F_OK), 0);
}

static void test_says_why_it_cannot_write(void **state)
{
    struct tc_error err = {""};
    struct stat st;
    (void)state;
    tc_json *value = tcj_array();
    assert_int_equal(tcj_save(value, in_folder("no/such/a.json"), &err), -ENOENT);
    assert_non_null(strstr(err.text, "no/such/a.json"));
    assert_non_null(strstr(err.text, "create its folder"));
    assert_int_equal(tcj_save(value, folder, &err), -EISDIR);
    assert_int_equal(tcj_save(value, "/dev/full", &err), -ENOSPC);
    assert_non_null(strstr(err.text, "free some space"));
    assert_int_equal(tcj_save(value, "/dev/null", &err), 0);
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
    tcj_free(value);
}

static void test_says_why_it_cannot_read(void **state)
{
    struct tc_error err = {""};
    (void)state;
    assert_null(tcj_load(in_folder("missing.json"), &err));
    assert_non_null(strstr(err.text, "missing.json: there is no such file"));
    assert_null(tcj_load(folder, &err));
    assert_non_null(strstr(err.text, "folder"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_writes_undefined_as_null),
    cmocka_unit_test(test_writes_numbers_short),
    cmocka_unit_test(test_lays_out_samples_on_one_line),
    cmocka_unit_test(test_replaces_bad_utf8),
    cmocka_unit_test(test_refuses_what_is_not_json),
    cmocka_unit_test(test_reading_tolerates_the_wrong_type),
    cmocka_unit_test(test_members_keep_their_order),
    IN_FOLDER(test_saves_and_loads),
    IN_FOLDER(test_saves_through_a_link),
    IN_FOLDER(test_a_failed_save_keeps_the_old_file),
    IN_FOLDER(test_what_a_killed_writer_left_is_swept),
    IN_FOLDER(test_says_why_it_cannot_write),
    IN_FOLDER(test_says_why_it_cannot_read),
};
TEST_MAIN(tests)
