#include "sources/redis/opinions.h"

#include "tests/fakes/fake_redis_source.h"
#include "tests/support/catch.h"

using namespace casefile::sources::redis;

namespace {

Reply info(const std::string& name, const std::vector<std::string>& flags,
           std::vector<Reply> subcommands = {}) {
    std::vector<Reply> words;
    for (const auto& flag : flags) words.push_back(status_reply(flag));
    std::vector<Reply> items{text_reply(name), integer_reply(2), array_reply(std::move(words))};
    for (int i = 3; i < 9; ++i) items.push_back(array_reply({}));
    items.push_back(array_reply(std::move(subcommands)));
    return array_reply(std::move(items));
}

}  // namespace

TEST_CASE("each name is asked for once, whatever its case and its arguments") {
    Opinions opinions;
    const std::vector<Command> commands{{"GET", "a"}, {"get", "b"}, {"MEMORY", "USAGE", "a"}};

    const auto question = opinions.question_about(commands);
    CHECK(question == Command{"COMMAND", "INFO", "get", "memory"});
    opinions.note(question, array_reply({info("get", {"readonly"}),
                                         info("memory", {}, {info("memory|usage", {"readonly"})})}));

    CHECK(opinions.question_about(commands).empty());
    CHECK(opinions.question_about({{"GET", "c"}, {"TTL", "c"}}) == Command{"COMMAND", "INFO", "ttl"});
    CHECK(opinions.withheld().empty());
}

TEST_CASE("an opinion is of the subcommand where the server has one, and of the command otherwise") {
    Opinions opinions;
    const Command question{"COMMAND", "INFO", "memory", "slowlog", "get", "httl"};
    opinions.note(question,
                  array_reply({info("memory", {}, {info("memory|usage", {"readonly"})}),
                               array_reply({text_reply("slowlog"), integer_reply(-2),
                                            array_reply({status_reply("admin")})}),  // as before Redis 7
                               info("incr", {"write"}), nil_reply()}));

    CHECK(opinions.of({"Memory", "Usage", "a"})->name == "memory|usage");
    CHECK(opinions.of({"MEMORY", "USAGE", "a"})->flags == std::vector<std::string>{"readonly"});
    CHECK(opinions.of({"MEMORY", "OTHER"})->name == "memory");
    CHECK(opinions.of({"SLOWLOG", "GET"})->flags == std::vector<std::string>{"admin"});
    CHECK(opinions.of({"GET", "a"})->name == "incr");
    CHECK(opinions.has_subcommands("Memory"));
    CHECK_FALSE(opinions.has_subcommands("get"));
    CHECK_FALSE(opinions.has_subcommands("mem"));
    CHECK_FALSE(opinions.of({"HTTL", "a"}));
    CHECK_FALSE(opinions.of({"TTL", "a"}));
    CHECK_FALSE(opinions.of({}));
    CHECK(opinions.question_about({{"HTTL", "a"}}).empty());
}

TEST_CASE("the subcommands of a container that was renamed are found by the name that was sent") {
    Opinions opinions;
    opinions.note({"COMMAND", "INFO", "memory"},
                  array_reply({info("function", {}, {info("function|usage", {"write"})})}));

    CHECK(opinions.of({"MEMORY", "USAGE", "a"})->name == "function|usage");
    CHECK(opinions.of({"MEMORY", "USAGE", "a"})->flags == std::vector<std::string>{"write"});
}

TEST_CASE("a server that would not say is not asked again") {
    Opinions opinions;
    const std::vector<Command> commands{{"GET", "a"}};
    opinions.note(opinions.question_about(commands), error_reply("NOPERM no \x1B[31mpermissions"));

    CHECK(opinions.question_about(commands).empty());
    CHECK_FALSE(opinions.of({"GET", "a"}));
    CHECK(opinions.withheld() == R"(NOPERM no \u001B[31mpermissions)");

    Opinions strange;
    strange.note({"COMMAND", "INFO", "get", "ttl"}, array_reply({nil_reply()}));
    CHECK(strange.withheld() == "COMMAND INFO has another form than expected");
}
