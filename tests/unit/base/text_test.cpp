#include "base/text.h"

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

TEST_CASE("printable text cannot command a terminal or turn text around") {
    CHECK(printable("a\x1B[31mb") == "a\\u001B[31mb");
    CHECK(printable("a\xE2\x80\xAE"
                    "b") == "a\\u202Eb");
    CHECK(printable("a\nb") == "a b");
    CHECK(printable("a\nb", true) == "a\nb");
    CHECK(printable("a\xFF") == "a\xEF\xBF\xBD");
}

TEST_CASE("Markdown from data is text") {
    CHECK(markdown_text("![x](http://evil) <b>|") == "\\!\\[x\\]\\(http://evil\\) &lt;b&gt;\\|");
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

TEST_CASE("ids have the shapes that the interface promises") {
    CHECK(is_run_id(make_run_id(*parse_rfc3339("2026-11-22T14:02:03Z"))));
    CHECK(is_case_id("INC-2026-11-22-001"));
    CHECK_FALSE(is_case_id("INC-2026-11-22-01"));
    CHECK_FALSE(is_case_id("../INC-2026-11-22-001"));
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
