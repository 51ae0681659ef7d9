#include "policy/redis_command.h"

#include "tests/unit/policy/corpus.h"

using namespace casefile;
using namespace casefile::policy;

namespace {

std::vector<std::string> command_of(const CorpusLine& line) {
    auto words = split(line.text, ' ');
    for (auto& word : words) word = decoded(word);
    return words;
}

}  // namespace

TEST_CASE(
    "every command of the table of refusals is refused, for the reason given, with something to ask "
    "instead") {
    const auto lines = read_corpus("redis_refuse.tsv");
    CHECK(lines.size() >= 450);
    for (const auto& line : lines) {
        const auto verdict = judge_redis(command_of(line));
        INFO("redis_refuse.tsv:" << line.number << ": " << line.text << "\n  reason: " << verdict.reason);
        CHECK_FALSE(verdict.allowed);
        CHECK(is_mark(line.mark));
        CHECK(!line.reason.empty());
        CHECK(verdict.reason.find(line.reason) != std::string::npos);
        CHECK(verdict.reason.starts_with("command not allowed: "));
        CHECK(!verdict.hint.empty());
    }
}

TEST_CASE("every command of the table of legitimate reads is allowed") {
    const auto lines = read_corpus("redis_allow.tsv");
    CHECK(lines.size() >= 165);
    for (const auto& line : lines) {
        const auto verdict = judge_redis(command_of(line));
        INFO("redis_allow.tsv:" << line.number << ": " << line.text << "\n  reason: " << verdict.reason);
        CHECK(verdict.allowed);
        CHECK((line.mark == "proved" || line.mark == "documented"));
    }
}

TEST_CASE("the case of letters decides nothing") {
    for (const auto& line : read_corpus("redis_refuse.tsv")) {
        auto command = command_of(line);
        for (auto& word : command) word = lower(word);
        INFO("redis_refuse.tsv:" << line.number << ": " << line.text);
        CHECK_FALSE(judge_redis(command).allowed);
    }
}

TEST_CASE("a command without words is refused") {
    CHECK_FALSE(judge_redis({}).allowed);
    CHECK_FALSE(judge_redis({""}).allowed);
    CHECK_FALSE(judge_redis({"", "GET", "x"}).allowed);
}

TEST_CASE("a thousand keys may be read at once, one more may not") {
    std::vector<std::string> command(1'001, "key");
    command[0] = "MGET";
    CHECK(judge_redis(command).allowed);
    command.push_back("key");
    CHECK(judge_redis(command).reason == "command not allowed: MGET: expected 1..1000 arguments, got 1001");
}

TEST_CASE("how many arguments a command takes is told in as few words as are true") {
    const auto reason = [](const std::vector<std::string>& command) { return judge_redis(command).reason; };
    CHECK(reason({"GET"}) == "command not allowed: GET: expected 1 argument, got 0");
    CHECK(reason({"HGET", "a"}) == "command not allowed: HGET: expected 2 arguments, got 1");
    CHECK(reason({"DBSIZE", "x"}) == "command not allowed: DBSIZE: expected 0 arguments, got 1");
    CHECK(reason({"HMGET", "a"}) == "command not allowed: HMGET: expected 2 or more arguments, got 1");
    CHECK(reason({"EXISTS"}) == "command not allowed: EXISTS: expected 1 or more arguments, got 0");
    CHECK(reason({"ZRANGE", "a"}) == "command not allowed: ZRANGE: expected 3..9 arguments, got 1");
}

TEST_CASE("a refused command is shown with nothing that a terminal would obey") {
    const auto verdict = judge_redis({"CONFIG", "GET", "\x1B[31m"});
    CHECK_FALSE(verdict.allowed);
    CHECK(verdict.reason.find('\x1B') == std::string::npos);
}
