#include "tools/csv.h"

#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

/// Gives the text in pieces of `step` bytes, so that every boundary falls somewhere.
CsvReader reader_of(std::string text, std::size_t step = 3) {
    return CsvReader([text = std::move(text), step,
                      at = std::size_t{0}](std::span<char> into) mutable -> Result<std::size_t> {
        const auto count = text.copy(into.data(), std::min(step, into.size()), at);
        at += count;
        return count;
    });
}

/// Rows with | between the fields, NULL as ~.
std::string read_all(const std::string& text, std::size_t step = 3) {
    auto reader = reader_of(text, step);
    CsvReader::Row row;
    std::string out;
    for (;;) {
        const auto more = reader.next(row);
        if (!more) return more.error().message;
        if (!*more) return out;
        for (std::size_t i = 0; i < row.size(); ++i) out += (i > 0 ? "|" : "") + row[i].value_or("~");
        out += '\n';
    }
}

}  // namespace

TEST_CASE("a CSV is read as RFC 4180 writes it, and NULL is not the empty string") {
    struct Row {
        const char* text;
        const char* read;
        const char* why;
    };
    const Row rows[] = {
        {"", "", "nothing"},
        {"a,b\r\n1,2\r\n", "a|b\n1|2\n", "lines end with \\r\\n"},
        {"a,b\n1,2", "a|b\n1|2\n", "or \\n, and the last may have none"},
        {"a,,\"\"\n", "a|~|\n", "an empty field is NULL, quotes make it empty text"},
        {"a,\n", "a|~\n", "NULL at the end of a line"},
        {",\n", "~|~\n", "two NULLs"},
        {"\n", "~\n", "one NULL"},
        {"\"a,b\",\"c\"\"d\"\n", "a,b|c\"d\n", "commas and quotes within quotes"},
        {"\"a\r\nb\",c\r\n", "a\r\nb|c\n", "a line end within quotes is kept"},
        {"a\rb,c\n", "a\rb|c\n", "a lone \\r is text"},
        {"\"a\"\r\n\"b\"", "a\nb\n", "quotes right before the line end and the end"},
        {"\xEF\xBB\xBF"
         "a\n",
         "a\n", "a byte order mark is no part of the first name"},
        {"ä€😀,NULL\n", "ä€😀|NULL\n", "the text NULL is text"},
        {"a,b\"c\n", "csv line 1: a quote within a field that does not begin with one", "broken"},
        {"a\n\"b\"c\n", "csv line 2: text after a closing quote: expected a comma or the end of the line",
         "broken"},
        {"a\n\"b", "csv line 2: the file ends within a quoted field", "broken"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(read_all(row.text) == row.read);
        CHECK(read_all(row.text, 65536) == row.read);
    }
}

TEST_CASE("what was written is read back") {
    for (const std::string value : {"", "plain", "a,b", "a\"b", "a\r\nb", "\r", " ", "NULL", "ä"}) {
        std::string line;
        append_csv_field(line, value);
        line += ',';
        append_csv_null(line);
        line += "\r\n";
        auto reader = reader_of(line);
        CsvReader::Row row;
        REQUIRE(*reader.next(row));
        REQUIRE(row.size() == 2);
        CHECK(row[0] == value);
        CHECK(row[1] == std::nullopt);
    }
}

TEST_CASE("a row has a limit, so that an open quote does not swallow the file into memory") {
    CHECK(read_all("\"" + std::string(17 * 1024 * 1024, 'x'), 65536)
              .starts_with("csv line 1: expected at most 16777216 bytes"));
    CHECK(read_all(std::string(5000, ','), 65536).starts_with("csv line 1: expected at most 4096 fields"));
}

TEST_CASE("each row knows its line, also after line ends within quotes") {
    auto reader = reader_of("a\n\"b\nc\"\nd\n");
    CsvReader::Row row;
    std::vector<std::uint64_t> lines;
    while (*reader.next(row)) lines.push_back(reader.line());
    CHECK(lines == std::vector<std::uint64_t>{1, 2, 4});
}
