/* SPDX-License-Identifier: MIT
 *
 * Readings; see harness/reading.h.
 */
#include "harness/reading.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static tc_json *state(const char *name)
{
    tc_json *out = tcj_object();
    tcj_set(out, name, tcj_bool(true));
    return out;
}

tc_json *tc_reading_absent(void)
{
    return state("absent");
}

tc_json *tc_reading_failed(int error)
{
    return state(error == EACCES || error == EPERM ? "not_permitted" : "absent");
}

int tc_reading_file(const char *root, const char *path, char *text, size_t size)
{
    char whole[4096];
    size_t length = 0;
    snprintf(whole, sizeof whole, "%s%s", root, path);
    int fd = open(whole, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    ssize_t more;
    while ((more = read(fd, text + length, size - 1 - length)) > 0 || (more < 0 && errno == EINTR))
        length += more > 0 ? (size_t)more : 0;
    int code = more < 0 ? -errno : 0;
    text[length] = '\0';
    close(fd);
    return code;
}

/* Cuts the first line out of `text`, without the blanks around it. */
static char *first_line(char *text)
{
    text += strspn(text, " \t");
    text[strcspn(text, "\n")] = '\0';
    for (size_t length = strlen(text); length && strchr(" \t\r", text[length - 1]); length--)
        text[length - 1] = '\0';
    return text;
}

tc_json *tc_reading_value(const char *text)
{
    char *end;
    if (strcmp(text, "max") == 0 || strcmp(text, "-1") == 0)
        return tcj_string("unlimited");
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || errno)
        return tcj_string(text);
    if (!*end)
        return tcj_integer(value);
    return strcmp(end, " kB") == 0 ? tcj_integer(value * 1024) : tcj_string(text);
}

tc_json *tc_reading_line(const char *root, const char *path)
{
    char text[4096];
    int code = tc_reading_file(root, path, text, sizeof text);
    if (code < 0)
        return tc_reading_failed(-code);
    return tc_reading_value(first_line(text));
}

tc_json *tc_reading_field(const char *root, const char *path, const char *key)
{
    char text[16384];
    size_t length = strlen(key);
    int code = tc_reading_file(root, path, text, sizeof text);
    if (code < 0)
        return tc_reading_failed(-code);
    for (char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        char *rest = line + length;
        if (strncmp(line, key, length) != 0 || !strchr(" \t:=", *rest) || !*rest)
            continue;
        return tc_reading_value(first_line(rest + strspn(rest, " \t:=")));
    }
    return tc_reading_absent();
}
