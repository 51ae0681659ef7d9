#include "base/text.h"

#include <iomanip>
#include <limits>
#include <sstream>

#include "tests/support/catch.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/ids.h"
#include "base/json.h"

using namespace casefile;

TEST_CASE("UTF-8 is checked strictly") {
    CHECK(is_utf8("plain, ä, €, 😀"));
    CHECK_FALSE(is_utf8("\xC0\xAF"));          // overlong
    CHECK_FALSE(is_utf8("\xED\xA0\x80"));      // surrogate
    CHECK_FALSE(is_utf8("\xF5\x80\x80\x80"));  // beyond U+10FFFF
    CHECK_FALSE(is_utf8("\xE2\x82"));          // cut short
}

TEST_CASE("what is joined can be split again, also where parts are empty") {
    for (const auto& parts :
         std::vector<std::vector<std::string>>{{"", "5"}, {"", "", ""}, {"a", "", "b"}, {"a"}})
        CHECK(split(join(parts, "|"), '|') == parts);
    CHECK(join({}, "|").empty());
}

TEST_CASE("printable text cannot command a terminal or turn text around") {
    CHECK(printable("a\x1B[31mb") == "a\\u001B[31mb");
    CHECK(printable("a\xE2\x80\xAE"
                    "b") == "a\\u202Eb");
    CHECK(printable("a\nb") == "a b");
    CHECK(printable("a\nb", true) == "a\nb");
    CHECK(printable("a\xFF") == "a\xEF\xBF\xBD");
}

namespace {

std::string utf8(std::uint32_t code) {
    const auto tail = [&](int shift) { return static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
    if (code < 0x80) return {static_cast<char>(code)};
    if (code < 0x800) return {static_cast<char>(0xC0 | (code >> 6)), tail(0)};
    if (code < 0x10000) return {static_cast<char>(0xE0 | (code >> 12)), tail(6), tail(0)};
    return {static_cast<char>(0xF0 | (code >> 18)), tail(12), tail(6), tail(0)};
}

}  // namespace

TEST_CASE("every character that turns text around, hides or commands is escaped, wherever it stands") {
    std::vector<std::uint32_t> codes = {0x00, 0x07,   0x08,   0x0D,   0x1B,   0x7F,   0x80,   0x9B,   0x9F,
                                        0xAD, 0x034F, 0x061C, 0x115F, 0x180E, 0x3164, 0xFEFF, 0xFFA0, 0xFFF9};
    const auto add = [&](std::uint32_t first, std::uint32_t last) {
        for (auto code = first; code <= last; ++code) codes.push_back(code);
    };
    add(0x200B, 0x200F);
    add(0x2028, 0x202E);
    add(0x2060, 0x206F);
    add(0xE0000, 0xE007F);
    add(0xE0100, 0xE01EF);
    for (const auto code : codes)
        for (std::size_t before = 0; before < 18; ++before) {
            std::ostringstream escape;
            escape << (code > 0xFFFF ? "\\U" : "\\u") << std::hex << std::uppercase << std::setfill('0')
                   << std::setw(code > 0xFFFF ? 8 : 4) << code;
            const std::string plain(before, '~');
            REQUIRE(printable(plain + utf8(code) + " tail of text", true) ==
                    plain + escape.str() + " tail of text");
        }
}

TEST_CASE("characters that are only shown stay as they are") {
    for (const std::string text : {"", "a", " ~", "plain text of some length, with 0123456789",
                                   "naïve café ☕ 😀 größe", "价格 ₿ \u00A0"})
        CHECK(printable(text) == text);
    CHECK(printable("1234567\n12345678\t", true) == "1234567\n12345678\t");
    CHECK(printable("1234567\n12345678\t") == "1234567 12345678 ");
}

TEST_CASE("UTF-8 is checked behind any number of plain characters") {
    for (std::size_t before = 0; before < 18; ++before) {
        const std::string plain(before, 'x');
        REQUIRE(is_utf8(plain + "é" + plain));
        REQUIRE_FALSE(is_utf8(plain + "\xC3"));
        REQUIRE_FALSE(is_utf8(plain + "\xFF" + plain));
    }
}

TEST_CASE("Markdown from data is text") {
    CHECK(markdown_text("![x](http://evil) <b>|") == "!\\[x\\]\\(http://evil) &lt;b&gt;\\|");
}

TEST_CASE("text is cut between characters") {
    CHECK(shorten("abc", 3) == "abc");
    CHECK(shorten("aäöü", 6) == "aä…");
    CHECK(is_utf8(shorten("ääääääää", 8)));
}

TEST_CASE("a slug holds only what a file name may") {
    CHECK(slug("Wrong prices: ../../etc", 40) == "wrong-prices-etc");
    CHECK(slug("价格", 40) == "case");
    CHECK(slug("aaa bbb", 4) == "aaa");
    CHECK(is_slug("a-1", 3));
    CHECK_FALSE(is_slug("a/1", 3));
}

TEST_CASE("base64 goes both ways and refuses what is none") {
    std::string out;
    for (const std::string bytes : {"", "a", "ab", "abc", "abcd"}) {
        REQUIRE(from_base64(to_base64(bytes), out));
        CHECK(out == bytes);
    }
    CHECK(to_base64("ab") == "YWI=");
    CHECK_FALSE(from_base64("YW=I", out));
    CHECK_FALSE(from_base64("YWI", out));
}

TEST_CASE("a word for a shell is quoted where a shell would take it apart, and nowhere else") {
    CHECK(shell_quoted("/home/ann/.local/share/casefile") == "/home/ann/.local/share/casefile");
    CHECK(shell_quoted("/home/ann b/vars.env") == "'/home/ann b/vars.env'");
    CHECK(shell_quoted("it's") == "'it'\\''s'");
    CHECK(shell_quoted("$(reboot)") == "'$(reboot)'");
    CHECK(shell_quoted("~ann") == "'~ann'");
    CHECK(shell_quoted("größe") == "'größe'");
    CHECK(shell_quoted("") == "''");
}

TEST_CASE("canonical JSON follows RFC 8785") {
    CHECK(canonical(json::parse(R"({"b":1,"a":[true,null,"x"]})")) == R"({"a":[true,null,"x"],"b":1})");
    // The sample of RFC 8785 section 3.2.3: keys are ordered by UTF-16 code units.
    const auto sorted = canonical(json::parse(
        R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew","1":"One","\ud83d\ude00":"Emoji","\u0080":"Control","\u00f6":"Latin"})"));
    CHECK(sorted.find("Carriage") < sorted.find("One"));
    CHECK(sorted.find("Euro") < sorted.find("Emoji"));
    CHECK(sorted.find("Emoji") < sorted.find("Hebrew"));
    CHECK(canonical(json::parse("[1E30,4.50,2e-3,0.000000000000000000000000001]")) ==
          "[1e+30,4.5,0.002,1e-27]");
}

TEST_CASE("compact JSON keeps the order of members, and says what json::serialize says") {
    const auto value = json::parse(
        R"({"b":[1,-2,18446744073709551615,true,null,{}],"a":"say \"no\"\n\u0001 \\ and \u00e9","":[[]]})");
    CHECK(compact(value) == json::serialize(value));
    CHECK(compact(json::array{1.5, 1e30, std::numeric_limits<double>::infinity()}) == "[1.5,1e+30,null]");
}

TEST_CASE("every byte that JSON escapes is escaped, wherever it stands") {
    for (int code = 0; code < 0x80; ++code)
        for (const std::size_t size : {1U, 7U, 8U, 9U, 17U, 600U})
            for (std::size_t at = 0; at<size; at += size> 20 ? 13 : 1) {
                std::string text(size, 'x');
                text[at] = static_cast<char>(code);
                std::string written;
                append_json_string(written, text);
                const std::string plain =
                    static_cast<char>(code) == '/' ? '"' + text + '"' : json::serialize(json::string(text));
                if (lower(written) != lower(plain)) FAIL("byte " << code << " at " << at << " of " << size);
            }
    std::string all_escaped;
    append_json_string(all_escaped, std::string(1'000, '\x01'));
    CHECK(json::parse(all_escaped).get_string() == std::string(1'000, '\x01'));
}

TEST_CASE("broken JSON is refused, with the place") {
    CHECK(parse_json("{\"a\":1}x").error().message.find("at byte 7") != std::string::npos);
    CHECK_FALSE(parse_json(std::string(100, '[')));
    CHECK(parse_json("[1e400]").error().message.find("range of a double") != std::string::npos);
    CHECK(parse_json_with_comments("{ /* why */ \"a\": 1, }"));
}

TEST_CASE("times are read with any offset and written in UTC") {
    CHECK(rfc3339(*parse_rfc3339("2026-11-22T14:02:03.123456+02:00")) == "2026-11-22T12:02:03.123Z");
    CHECK(compact_time(*parse_rfc3339("2026-11-22T14:02:03Z")) == "20261122_140203");
    CHECK_FALSE(parse_rfc3339("2026-11-22T14:02:03"));
    CHECK_FALSE(parse_rfc3339("2026-02-30T00:00:00Z"));
}

TEST_CASE("a time may have any number of fraction digits, and a point is followed by one at least") {
    const auto fraction = [](const std::string& digits) {
        const auto at = parse_rfc3339("2026-11-22T14:02:03" + digits + "Z");
        return at ? rfc3339(*at).substr(19) : at.error().message;
    };
    CHECK(fraction("") == ".000Z");
    CHECK(fraction(".5") == ".500Z");
    CHECK(fraction(".123999999") == ".123Z");
    CHECK(fraction(".123" + std::string(200, '9')) == ".123Z");
    CHECK_THAT(fraction("."), Catch::EndsWith("(a digit has to follow the point)"));
    CHECK_THAT(fraction(".x"), Catch::EndsWith("(a digit has to follow the point)"));
}

TEST_CASE("ids have the shapes that the interface promises") {
    CHECK(is_run_id(make_run_id(*parse_rfc3339("2026-11-22T14:02:03Z"))));
    CHECK(is_case_id("INC-2026-11-22-001"));
    CHECK_FALSE(is_case_id("INC-2026-11-22-01"));
    CHECK_FALSE(is_case_id("../INC-2026-11-22-001"));
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
