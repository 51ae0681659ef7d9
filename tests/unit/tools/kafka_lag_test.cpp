#include "tests/fakes/fake_kafka_source.h"
#include "tests/support/tool_bench.h"
#include "tools/kafka/tools.h"

using namespace casefile;
using namespace casefile::sources::kafka;
using casefile::tools::ToolBench;

namespace {

struct Bench : ToolBench {
    Bench() : source(add(std::make_unique<FakeKafkaSource>("STAGING"))) {
        source.all_topics = {{"orders", {0, 1}, false}, {"__consumer_offsets", {0}, true}};
        confirm("STAGING");
    }

    /// A group that committed `offsets` on partitions 0, 1 … of orders.
    Group& group(const std::string& name, const std::string& state,
                 const std::vector<std::optional<std::int64_t>>& offsets) {
        source.group_list.names.push_back(name);
        Group one{.name = name, .state = state, .note = {}, .members = {}, .offsets = {}, .error = {}};
        for (std::int32_t i = 0; i < static_cast<std::int32_t>(offsets.size()); ++i)
            one.offsets.push_back({{"orders", i}, offsets[static_cast<std::size_t>(i)], {}});
        source.described.push_back(one);
        return source.described.back();
    }
    void ends(std::int32_t partition, std::int64_t low, std::int64_t end) {
        source.marks[{"orders", partition}] = {{"orders", partition}, low, end, {}};
    }
    void message(std::int32_t partition, std::int64_t offset, std::chrono::seconds age) {
        source.messages.push_back({.partition = {"orders", partition},
                                   .offset = offset,
                                   .timestamp_ms = (clock.now() - age).time_since_epoch().count(),
                                   .key = {},
                                   .value = {},
                                   .headers = {}});
    }
    /// Between two samples goes by what was asked for, and what `between` takes besides.
    json::object lag(json::object arguments = {}, const tools::kafka::Pause& between = tools::kafka::pause) {
        const auto waits = [&](std::chrono::seconds length, const std::stop_token& stopped) {
            time += length;
            return between(length, stopped);
        };
        return call(tools::kafka::lag_tool(work(), waits, [this] { return time; }), std::move(arguments));
    }

    FakeKafkaSource& source;
    std::chrono::steady_clock::time_point time;
};

}  // namespace

TEST_CASE("commits are read before end offsets") {
    Bench bench;
    bench.group("billing", "Stable", {5});
    bench.ends(0, 0, 5);
    bench.lag();
    CHECK(bench.source.asked ==
          std::vector<std::string>{"topics", "groups", "describe_groups", "watermarks"});
}

TEST_CASE("a stopped group is found, with what waits and since when") {
    Bench bench;
    bench.group("billing", "Empty", {40, 100});
    bench.ends(0, 0, 100);
    bench.ends(1, 0, 100);
    bench.message(0, 40, std::chrono::seconds(7200));

    const auto answer = bench.lag();

    const auto& group = answer.at("groups").at(0);
    CHECK(group.at("group") == "billing");
    CHECK(group.at("verdict") == "STOPPED");
    CHECK(group.at("lag") == "60");
    CHECK(group.at("time_lag_seconds") == 7200);
    CHECK(group.at("members") == 0);
    CHECK_THAT(std::string(group.at("rule").as_string()), Catch::StartsWith("orders/0: one sample"));
    const auto& partition = answer.at("partitions").at(0);
    CHECK(partition.at("committed") == "40");
    CHECK(partition.at("end") == "100");
    CHECK(partition.at("lag") == "60");
    CHECK(partition.at("state") == "STOPPED");
    CHECK(answer.at("partitions").at(1).at("state") == "OK");
    CHECK(answer.at("groups_from") == "broker");
    CHECK(answer.at("truncated") == false);
    const auto file = json::parse(ToolBench::file(answer, "kafka_offsets.lag.json"));
    CHECK(file.at("partitions").as_array().size() == 2);
    CHECK(file.at("groups").as_array().size() == 1);
}

TEST_CASE("a partition that was never committed is null, not zero") {
    Bench bench;
    bench.group("billing", "Stable", {10, std::nullopt});
    bench.ends(0, 0, 10);
    bench.ends(1, 0, 7);

    const auto answer = bench.lag();

    const auto& partition = answer.at("partitions").at(0);
    CHECK(partition.at("partition") == 1);
    CHECK(partition.at("committed").is_null());
    CHECK(partition.at("lag").is_null());
    CHECK(partition.at("state") == "UNKNOWN");
    CHECK(answer.at("groups").at(0).at("lag") == "0");
}

TEST_CASE("deleted offsets are data loss, and a commit beyond the end is negative lag") {
    Bench bench;
    bench.group("billing", "Stable", {5, 12});
    bench.ends(0, 50, 60);
    bench.ends(1, 0, 10);
    bench.message(0, 50, std::chrono::seconds(1));

    const auto answer = bench.lag();

    CHECK(answer.at("partitions").at(0).at("data_loss") == true);
    CHECK(answer.at("partitions").at(0).at("lag") == "55");
    CHECK(answer.at("partitions").at(1).at("lag") == "-2");
    CHECK(answer.at("groups").at(0).at("verdict") == "WARNING");
    CHECK(bench.source.looked_for.at(0).offset == 50);
    CHECK(answer.at("groups").at(0).at("partitions_with_data_loss") == 1);
}

TEST_CASE("thousands of partitions are all in the file, worst first, and the worst in the answer") {
    constexpr std::int32_t partitions = 2000;
    Bench bench;
    bench.source.all_topics[0].partitions.clear();
    std::vector<std::optional<std::int64_t>> offsets;
    for (std::int32_t i = 0; i < partitions; ++i) {
        bench.source.all_topics[0].partitions.push_back(i);
        offsets.emplace_back(partitions - i);  // beyond the end, the last partition the least
        bench.ends(i, 0, 0);
    }
    bench.group("billing", "Empty", offsets);

    const auto answer = bench.lag();

    CHECK(answer.at("truncated") == true);
    const auto file = json::parse(ToolBench::file(answer, "kafka_offsets.lag.json"));
    const auto& filed = file.at("partitions").as_array();
    REQUIRE(filed.size() == partitions);
    for (std::int32_t i = 0; i < partitions; ++i)
        REQUIRE(filed[static_cast<std::size_t>(i)].at("lag").as_string() == std::to_string(-1 - i));
    const auto& shown = answer.at("partitions").as_array();
    REQUIRE(shown.size() > 1);
    for (std::size_t i = 0; i < shown.size(); ++i) CHECK(shown[i] == filed[i]);
}

TEST_CASE("a second sample tells rates and who moves") {
    Bench bench;
    bench.group("fast", "Stable", {10});
    bench.group("stuck", "Stable", {10}).members = {{"m1", "worker", "10.0.0.1", {{"orders", 0}}}};
    bench.ends(0, 0, 20);
    bench.message(0, 10, std::chrono::seconds(5));
    std::chrono::seconds waited{0};

    const auto answer =
        bench.lag({{"sample_seconds", 20}}, [&](std::chrono::seconds length, const std::stop_token&) {
            waited = length;
            bench.source.described[0].offsets[0].offset = 30;
            bench.ends(0, 0, 40);
            return true;
        });

    CHECK(waited == std::chrono::seconds(20));
    CHECK(answer.at("groups").at(0).at("group") == "stuck");
    CHECK(answer.at("groups").at(0).at("verdict") == "STALLED");
    CHECK(answer.at("groups").at(1).at("verdict") == "OK");
    const auto& stuck = answer.at("partitions").at(0);
    CHECK(stuck.at("producer_per_second").to_number<double>() == 1.0);
    CHECK(stuck.at("consumer_per_second").to_number<double>() == 0.0);
    CHECK(stuck.at("member") == "worker at 10.0.0.1");
    CHECK(stuck.at("drain_seconds").is_null());
    CHECK(answer.at("partitions").at(1).at("consumer_per_second").to_number<double>() == 1.0);
    CHECK(answer.at("partitions").at(1).at("drain_seconds").is_null());
    CHECK(json::serialize(answer.at("verdicts")) == R"({"STALLED":1,"OK":1})");
    const auto file = json::parse(ToolBench::file(answer, "kafka_offsets.lag.json"));
    CHECK(json::serialize(file.at("groups").at(0).at("member_list")) ==
          R"([{"member":"m1","client":"worker","host":"10.0.0.1","assigned":["orders/0"]}])");
}

TEST_CASE(
    "the time to drain is what waits by what it shrinks by, and of a group that of its last partition") {
    Bench bench;
    bench.group("billing", "Stable", {0, 90});
    bench.ends(0, 0, 100);
    bench.ends(1, 0, 100);

    const auto answer =
        bench.lag({{"sample_seconds", 10}}, [&](std::chrono::seconds, const std::stop_token&) {
            bench.source.described[0].offsets[0].offset = 40;
            bench.source.described[0].offsets[1].offset = 100;
            bench.ends(0, 0, 110);
            return true;
        });

    const auto& group = answer.at("groups").at(0);
    CHECK(group.at("verdict") == "OK");
    CHECK(group.at("lag") == "70");
    CHECK(group.at("producer_per_second").to_number<double>() == 1.0);
    CHECK(group.at("consumer_per_second").to_number<double>() == 5.0);
    CHECK(group.at("drain_seconds") == 24);  // as its last partition
    CHECK(answer.at("partitions").at(0).at("drain_seconds") == 24);
    CHECK(answer.at("partitions").at(1).at("drain_seconds") == 0);
}

TEST_CASE("rates are told by the time that went by, not by the time that was asked for") {
    Bench bench;
    bench.group("billing", "Stable", {0});
    bench.ends(0, 0, 100);

    const auto answer =
        bench.lag({{"sample_seconds", 10}}, [&](std::chrono::seconds, const std::stop_token&) {
            bench.time += std::chrono::milliseconds(10'500);
            bench.source.described[0].offsets[0].offset = 41;
            bench.ends(0, 0, 102);
            return true;
        });

    const auto& partition = answer.at("partitions").at(0);
    CHECK(partition.at("producer_per_second").to_number<double>() == 0.098);
    CHECK(partition.at("consumer_per_second").to_number<double>() == 2.0);
    CHECK(partition.at("drain_seconds") == 33);  // 61 waiting, 39 less in 20.5 s
    CHECK_THAT(std::string(partition.at("rule").as_string()), Catch::Contains("in 20 s"));
    CHECK(answer.at("groups").at(0).at("consumer_per_second").to_number<double>() == 2.0);
}

TEST_CASE("what lies beyond the end of one partition makes up for nothing that waits in another") {
    Bench bench;
    bench.source.all_topics = {{"orders", {0, 1, 2}, false}};
    bench.group("revived", "Stable", {0, 0, 3007});
    bench.group("late", "Stable", {2000, 7, 0});
    bench.ends(0, 0, 3000);
    bench.ends(1, 0, 7);
    bench.ends(2, 0, 0);

    const auto answer = bench.lag();

    const auto& revived = answer.at("groups").at(0);
    CHECK(revived.at("group") == "revived");
    CHECK(revived.at("lag") == "3007");
    CHECK(revived.at("committed_beyond_end") == "3007");
    const auto& late = answer.at("groups").at(1);
    CHECK(late.at("lag") == "1000");
    CHECK_FALSE(late.as_object().contains("committed_beyond_end"));
}

TEST_CASE("a group is never drained while one of its partitions never is") {
    Bench bench;
    bench.group("billing", "Stable", {0, 0, 3000});
    bench.source.all_topics = {{"orders", {0, 1, 2}, false}};
    bench.ends(0, 0, 50);
    bench.ends(1, 0, 1000);
    bench.ends(2, 0, 10);

    const auto answer =
        bench.lag({{"sample_seconds", 10}}, [&](std::chrono::seconds, const std::stop_token&) {
            bench.source.described[0].offsets[1].offset = 900;
            return true;
        });

    CHECK(answer.at("groups").at(0).at("lag") == "150");
    CHECK(answer.at("groups").at(0).at("drain_seconds").is_null());
}

TEST_CASE("where it is not known how fast a partition drains, nothing is said of its group") {
    Bench bench;
    bench.group("billing", "Stable", {0, std::nullopt});
    bench.ends(0, 0, 50);
    bench.ends(1, 0, 50);

    const auto answer =
        bench.lag({{"sample_seconds", 10}}, [&](std::chrono::seconds, const std::stop_token&) {
            bench.source.described[0].offsets[0].offset = 40;
            bench.source.described[0].offsets[1].offset = 10;
            return true;
        });

    const auto& group = answer.at("groups").at(0).as_object();
    CHECK(group.at("lag") == "50");
    CHECK(group.contains("consumer_per_second"));
    CHECK_FALSE(group.contains("drain_seconds"));
}

TEST_CASE(
    "a group whose one partition moves is alive, so its other partition is stalled rather than stopped") {
    Bench bench;
    bench.group("billing", "unknown", {10, 10});
    bench.ends(0, 0, 20);
    bench.ends(1, 0, 20);
    bench.message(1, 10, std::chrono::seconds(5));

    const auto answer =
        bench.lag({{"sample_seconds", 20}}, [&](std::chrono::seconds, const std::stop_token&) {
            bench.source.described[0].offsets[0].offset = 20;
            return true;
        });

    CHECK(answer.at("partitions").at(0).at("partition") == 1);
    CHECK(answer.at("partitions").at(0).at("state") == "STALLED");
}

TEST_CASE("groups that the broker does not list come from the configuration, and the answer says why") {
    Bench bench;
    bench.group("billing", "unknown", {10}).note = "state unknown: not supported";
    bench.ends(0, 0, 10);
    bench.source.group_list.listed = false;
    bench.source.group_list.reason = "the broker does not list groups";

    const auto answer = bench.lag();

    CHECK(answer.at("groups_from") == "configuration");
    CHECK(answer.at("reason") == "the broker does not list groups");
    CHECK(answer.at("truncated") == false);
    CHECK(answer.at("groups").at(0).at("members").is_null());
}

TEST_CASE("a named group is not looked for, and one that the broker does not know is not called empty") {
    Bench bench;
    const auto answer = bench.lag({{"groups", {"nobody"}}});
    CHECK(answer.at("groups").at(0).at("verdict") == "UNKNOWN");
    CHECK(answer.at("groups").at(0).at("rule") == "the broker knows no such group");
    CHECK(answer.at("groups_from") == "arguments");
    CHECK(bench.source.asked == std::vector<std::string>{"topics", "describe_groups"});
}

TEST_CASE("a group that is there and never committed is empty; one of which nothing is told is unknown") {
    Bench bench;
    bench.group("new", "Stable", {});
    bench.group("hidden", "unknown", {});
    const auto answer = bench.lag();
    CHECK(answer.at("groups").at(0).at("group") == "hidden");
    CHECK(answer.at("groups").at(0).at("verdict") == "UNKNOWN");
    CHECK(answer.at("groups").at(1).at("verdict") == "EMPTY");
    CHECK(answer.at("groups").at(1).at("rule") ==
          "the group is there, without a commit in the topics looked at");
}

TEST_CASE("a topic that does not exist is an error that names those that do") {
    Bench bench;
    const auto error = bench.refusal(tools::kafka::lag_tool(bench.work()), {{"topics", {"order"}}});
    CHECK(error.at("kind") == "not_found");
    CHECK(error.at("hint") == "topics there are: orders");
}

TEST_CASE("a wait that is cancelled ends the call") {
    Bench bench;
    bench.group("billing", "Stable", {5});
    bench.ends(0, 0, 10);
    bench.stop.request_stop();
    const auto error = bench.refusal(tools::kafka::lag_tool(bench.work()), {{"sample_seconds", 300}});
    CHECK(error.at("kind") == "cancelled");
}

TEST_CASE("the worst partitions are shown, all are in the file") {
    Bench bench;
    bench.limits.preview_tokens_max = 400;
    std::vector<std::int32_t> partitions;
    std::vector<std::optional<std::int64_t>> offsets;
    for (std::int32_t i = 0; i < 300; ++i) {
        partitions.push_back(i);
        offsets.emplace_back(1000 - i);
        bench.ends(i, 0, 1000);
    }
    bench.source.all_topics = {{"orders", partitions, false}};
    bench.group("billing", "Stable", offsets);

    const auto answer = bench.lag();

    CHECK(answer.at("partitions").at(0).at("lag") == "299");
    CHECK(answer.at("partitions").as_array().size() < 10);
    CHECK(answer.at("truncated") == true);
    CHECK_THAT(std::string(answer.at("reason").as_string()),
               Catch::Contains("of 300 partitions") && Catch::Contains("time lag was read for 200 of 299"));
    CHECK(json::parse(ToolBench::file(answer, "kafka_offsets.lag.json")).at("partitions").as_array().size() ==
          300);
}
