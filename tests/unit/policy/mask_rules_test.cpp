#include "policy/mask_rules.h"

#include "tests/support/catch.h"
#include "tests/support/pace.h"

using namespace casefile::policy;

namespace {

struct Name {
    const char* name;
    const char* label;  ///< empty: it is shown
};

}  // namespace

TEST_CASE("names of passwords, tokens, keys and card numbers are masked, facts about them are not") {
    const MaskRules rules;
    const Name names[] = {
        {"password", "secret"},
        {"user_password_hash", "secret"},
        {"passwordHash", "secret"},
        {"PASSWD", "secret"},
        {"pwd", "secret"},
        {"api-key", "secret"},
        {"apiKey", "secret"},
        {"APIKey", "secret"},
        {"stripe_secret", "secret"},
        {"refreshTokens", "secret"},
        {"csrf_token", "secret"},
        {"private_key", "secret"},
        {"pin", "secret"},
        {"cvv2", "secret"},
        {"card_number", "card"},
        {"pan", "card"},
        {"password_changed_at", ""},
        {"token_id", ""},
        {"token_count", ""},
        {"tokens", ""},
        {"output_tokens", ""},
        {"card_last4", ""},
        {"card_type", ""},
        {"is_password_set", ""},
        {"id", ""},
        {"key", ""},
        {"primary_key", ""},
        {"shipping", ""},
        {"company", ""},
        {"email", ""},
        {"first_name", ""},
        {"status", ""},
    };
    for (const auto& one : names) {
        INFO(one.name);
        CHECK(rules.of_column(one.name) == one.label);
        CHECK(rules.of_field(one.name) == one.label);
    }
}

TEST_CASE("the profile privacy masks persons' data besides, and a bare name where persons are kept") {
    const MaskRules rules({.profile = "privacy"});
    const Name names[] = {{"email", "email"},
                          {"contactEmail", "email"},
                          {"phone_number", "phone"},
                          {"first_name", "name"},
                          {"surname", "name"},
                          {"shipping_address", "address"},
                          {"postal_code", "address"},
                          {"ip_address", ""},
                          {"email_verified_at", ""},
                          {"password", "secret"},
                          {"name", ""},
                          {"hostname", ""},
                          {"product_name", ""}};
    for (const auto& one : names) {
        INFO(one.name);
        CHECK(rules.of_column(one.name) == one.label);
    }
    CHECK(rules.of_column("name", "customers") == "name");
    CHECK(rules.of_column("LOCK_DATA", "INNODB_LOCKS") == "secret");
    CHECK(rules.of_column("lock_data", "data_locks") == "secret");
    CHECK(rules.of_column("lock_data", "doors").empty());
    CHECK(rules.of_column("name", "products").empty());
    CHECK(rules.of_field("name", "customer") == "name");
}

TEST_CASE("the configuration adds and removes patterns, and what it adds wins") {
    const MaskRules rules({.profile = "secrets",
                           .columns = {{"notes", "users.email", "x*_id"}, {"*token", "x1_id"}},
                           .fields = {{"Notes"}, {}},
                           .keys = {{"draft:*"}, {"session:*"}}});
    CHECK(rules.of_column("notes") == "secret");
    CHECK(rules.of_column("email").empty());
    CHECK(rules.of_column("email", "users") == "email");
    CHECK(rules.of_column("token").empty());
    CHECK(rules.of_column("token_hash") == "secret");
    CHECK(rules.of_column("x1_id") == "secret");
    CHECK(rules.of_field("notes") == "secret");
    CHECK(rules.of_field("token") == "secret");
    CHECK(rules.of_key("draft:7").label == "secret");
    CHECK(rules.of_key("draft:7").shown == 6);
    CHECK(rules.of_key("session:abc").label.empty());
    CHECK(rules.of_key("token:abc").label == "secret");
}

TEST_CASE("a key shows what it is about and hides what it ends in") {
    const MaskRules rules;
    CHECK(rules.of_key("shop:session:abc:meta").shown == 13);
    CHECK(rules.of_key("SESSION:abc").shown == 8);
    CHECK(rules.of_key("password-reset:7").shown == 15);
    CHECK(rules.of_key("product:7").label.empty());
    CHECK(rules.of_key("sessions").label.empty());
    for (const std::string word :
         {"session", "sessions", "sess", "token", "tokens", "secret", "secrets", "my_password_of", "apikey",
          "api_key", "api-key", "credential", "jwt", "otp"})
        CHECK(rules.of_key("shop:" + word + ":7").shown == std::string("shop:" + word + ":").size());
}

TEST_CASE("a key of any length is looked at in time by its length alone, and shows no more for it") {
    const MaskRules rules;
    CHECK(rules.of_key("my_password_of:a:b:7").shown == 15);
    CHECK(rules.of_key("credential:password:7").shown == 20);
    const std::string filler(60'000, 'a');
    CHECK(rules.of_key("password" + filler + ":7").shown == 8 + filler.size() + 1);
    const auto look = [&](std::size_t size) { rules.of_key("password" + std::string(size, 'a') + ":"); };
    CHECK(casefile::growth(look, 5'000) < 10);
}

TEST_CASE("a pattern's star stands for any text") {
    CHECK(matches_glob("abc", "a*c"));
    CHECK(matches_glob("abc", "*"));
    CHECK(matches_glob("", "*"));
    CHECK(matches_glob("aXbXc", "*X*"));
    CHECK(matches_glob("abab", "*ab"));
    CHECK_FALSE(matches_glob("abc", "ab"));
    CHECK_FALSE(matches_glob("abc", "b*"));
    CHECK_FALSE(matches_glob("", "a"));
    // A pattern of many stars costs no more than the lengths multiplied.
    CHECK_FALSE(matches_glob(std::string(20'000, 'a'), "*a*a*a*a*a*a*a*a*b"));
}
