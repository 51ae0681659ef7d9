#include "policy/gate.h"

#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::policy;

namespace {

const WallTime now = *parse_rfc3339("2026-11-22T14:00:00Z");
const std::string asker = "local:1000";

GrantView grant_for(std::string env) {
    return {std::move(env), asker, {SourceKind::mysql, SourceKind::redis}, now + std::chrono::hours(1)};
}

Intent read_of(std::string env) {
    return {.action = Intent::Action::read, .env = std::move(env), .sources = {SourceKind::mysql}};
}

Verdict judged(const std::optional<GrantView>& grant, const Intent& intent) {
    return judge(grant, asker, intent, now);
}

}  // namespace

TEST_CASE("what touches only casefile's own record needs no environment and no grant") {
    CHECK(judged(std::nullopt, {.action = Intent::Action::record}).allowed);
}

TEST_CASE("the identity probe runs before a grant, in a named environment") {
    CHECK(judged(std::nullopt, {.action = Intent::Action::probe, .env = "PROD"}).allowed);
    CHECK(judged(std::nullopt, {.action = Intent::Action::probe}).reason == "no environment is named");
}

TEST_CASE("statements cannot ride on a call that needs no grant") {
    for (const auto action : {Intent::Action::record, Intent::Action::probe}) {
        CHECK_FALSE(judged(std::nullopt, {.action = action, .env = "PROD", .sql = {{"SELECT 1"}}}).allowed);
        CHECK_FALSE(
            judged(std::nullopt, {.action = action, .env = "PROD", .redis = {{{"GET", "a"}}}}).allowed);
    }
}

TEST_CASE("nothing is read before a human confirmed the environment, and the refusal says how") {
    const auto verdict = judged(std::nullopt, read_of("PROD"));

    CHECK_FALSE(verdict.allowed);
    CHECK(verdict.reason == "environment PROD is not confirmed for this case");
    CHECK(verdict.hint.find("confirm_environment") != std::string::npos);
    CHECK(verdict.hint.find("casefile confirm") != std::string::npos);
}

TEST_CASE("a confirmed environment is read") {
    CHECK(judged(grant_for("PROD"), read_of("PROD")).allowed);
    CHECK(judged(grant_for("PROD"), read_of("")).reason == "no environment is named");
}

TEST_CASE("a grant counts for its own environment only") {
    CHECK(judged(grant_for("STAGING"), read_of("PROD")).reason ==
          "environment PROD is not confirmed for this case");
    CHECK_FALSE(judged(grant_for("PROD"), read_of("prod")).allowed);
}

TEST_CASE("a grant of another principal does not count, and the refusal does not name them") {
    auto grant = grant_for("PROD");
    grant.principal = "local:0";
    const auto verdict = judged(grant, read_of("PROD"));
    CHECK(verdict.reason == "environment PROD was confirmed for this case by another principal");
    CHECK((verdict.reason + verdict.hint).find("local:0") == std::string::npos);
}

TEST_CASE("a grant ends at the moment at which it expires") {
    auto grant = grant_for("PROD");
    grant.expires_at = now + std::chrono::milliseconds(1);
    CHECK(judged(grant, read_of("PROD")).allowed);
    grant.expires_at = now;
    CHECK(judged(grant, read_of("PROD")).reason ==
          "the confirmation of PROD expired at 2026-11-22T14:00:00.000Z");
}

TEST_CASE("every source that a call reads has to be covered, also one that only a statement shows") {
    auto grant = grant_for("PROD");
    grant.sources = {SourceKind::redis};
    CHECK(judged(grant, read_of("PROD")).reason.find("does not cover PROD mysql") != std::string::npos);

    auto undeclared = read_of("PROD");
    undeclared.sources = {SourceKind::redis};
    CHECK(judged(grant, undeclared).allowed);
    undeclared.sql = {{"SELECT 1"}};
    CHECK_FALSE(judged(grant, undeclared).allowed);

    grant.sources = {SourceKind::mysql};
    auto commands = read_of("PROD");
    commands.redis = {{{"GET", "a"}}};
    CHECK(judged(grant, commands).reason.find("does not cover PROD redis") != std::string::npos);
}

TEST_CASE("one refused statement or command refuses the call, and its own reason is told") {
    auto intent = read_of("PROD");
    intent.sql = {{"SELECT 1"}, {"DELETE FROM orders"}};
    CHECK(judged(grant_for("PROD"), intent).reason.find("got DELETE") != std::string::npos);

    intent.sql = {{"SELECT 1"}};
    intent.redis = {{{"GET", "a"}}, {{"KEYS", "*"}}};
    CHECK(judged(grant_for("PROD"), intent).reason.find("KEYS walks every key") != std::string::npos);

    intent.redis = {{{"GET", "a"}, "commands[0]"}, {{"GET"}, "commands[1]"}};
    CHECK(judged(grant_for("PROD"), intent).reason ==
          "commands[1]: command not allowed: GET: expected 1 argument, got 0");

    intent.redis = {{{"GET", "a"}}};
    CHECK(judged(grant_for("PROD"), intent).allowed);
}

TEST_CASE("protected environments are named by label, or by the beginning of one") {
    const Rules usual;
    CHECK(usual.is_protected("PROD"));
    CHECK(usual.is_protected("PROD_EU"));
    CHECK(usual.is_protected("prod"));
    CHECK_FALSE(usual.is_protected("PRO"));
    CHECK_FALSE(usual.is_protected("STAGING"));
    CHECK_FALSE(usual.is_protected("NON_PROD"));

    const Rules own{.protected_environments = {"LIVE", "EU_*"}};
    CHECK(own.is_protected("LIVE"));
    CHECK_FALSE(own.is_protected("LIVE_2"));
    CHECK(own.is_protected("EU_WEST_2"));
    CHECK_FALSE(own.is_protected("PROD"));
    CHECK_FALSE(Rules{.protected_environments = {}}.is_protected("PROD"));
    CHECK(Rules{.protected_environments = {"*"}}.is_protected("DEV"));
}
