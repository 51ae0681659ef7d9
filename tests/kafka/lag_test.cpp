// kafka_lag on a real broker: the numbers of Kafka's own tool, and the verdicts of groups whose state is
// known.

#include "tests/kafka/cluster.h"

using namespace casefile;

namespace {

/// "group topic partition" to "committed end lag", with a dash for what there is not.
using Lines = std::map<std::string, std::string>;

/// What Kafka's own tool says of every group; its output has a header for each.
Lines by_kafkas_tool(const Cluster& cluster) {
    const auto ran = Cluster::script({"tool", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
                                      "--bootstrap-server", cluster.local, "--describe", "--all-groups"});
    INFO(ran.err);
    REQUIRE(ran.exit_code == 0);
    Lines out;
    for (const auto& line : split(ran.out, '\n')) {
        std::vector<std::string> words;
        for (const auto& word : split(line, ' '))
            if (!word.empty()) words.push_back(word);
        if (words.size() < 6 || words[0] == "GROUP") continue;
        out[words[0] + " " + words[1] + " " + words[2]] = words[3] + " " + words[4] + " " + words[5];
    }
    return out;
}

Lines by_casefile(const json::object& lag) {
    const auto text = [](const json::value& value) {
        return value.is_null() ? std::string("-") : std::string(value.as_string());
    };
    Lines out;
    for (const auto& one : lag.at("partitions").as_array())
        out[std::string(one.at("group").as_string()) + " " + std::string(one.at("topic").as_string()) + " " +
            std::to_string(one.at("partition").as_int64())] =
            text(one.at("committed")) + " " + text(one.at("end")) + " " + text(one.at("lag"));
    return out;
}

std::vector<KafkaWriter::Message> messages(int count, std::int32_t partitions, std::int64_t at_ms) {
    std::vector<KafkaWriter::Message> out;
    for (int i = 0; i < count; ++i)
        out.push_back({i % partitions, "k" + std::to_string(i), "v" + std::to_string(i), at_ms});
    return out;
}

/// Groups of every kind on topics of their own; made once.
struct Groups {
    Groups() {
        auto& writer = Cluster::get().writer;
        const auto long_ago = now_ms() - 7'200'000;
        writer.create_topic("orders", 4);
        writer.produce("orders", messages(100, 4, long_ago));
        writer.create_topic("trimmed", 1);
        writer.produce("trimmed", messages(50, 1, long_ago));
        writer.commit("done", "orders", {{0, 25}, {1, 25}, {2, 25}, {3, 25}});
        writer.commit("stopped", "orders", {{0, 25}, {1, 25}, {2, 25}, {3, 5}});
        writer.commit("at-zero", "orders", {{0, 0}, {1, 25}});
        writer.commit("trimmed-away", "trimmed", {{0, 10}});
        writer.delete_before("trimmed", 0, 30);
    }
    static void are_there() { static const Groups once; }
};

}  // namespace

TEST_CASE("every offset and lag is the one that Kafka's own tool tells") {
    Groups::are_there();
    KafkaBench bench;

    const auto ours = by_casefile(bench.lag({}));
    const auto theirs = by_kafkas_tool(bench.cluster);

    CHECK(theirs.size() >= 7);
    for (const auto& [place, numbers] : theirs) {
        INFO(place);
        const auto found = ours.find(place);
        REQUIRE(found != ours.end());
        CHECK(found->second == numbers);
    }
    CHECK(ours.at("at-zero orders 0") == "0 25 25");
    CHECK(ours.at("at-zero orders 2") == "- 25 -");  // never committed: null, which that tool leaves out
}

TEST_CASE("groups that stopped, finished, never were, or lost messages get their verdicts") {
    Groups::are_there();
    KafkaBench bench;
    const auto lag = bench.lag({{"groups", {"done", "stopped", "trimmed-away", "nobody"}}});

    const auto stopped = of_group(lag, "stopped");
    CHECK(stopped.at("verdict") == "STOPPED");
    CHECK(stopped.at("broker_state") == "Empty");
    CHECK(stopped.at("lag") == "20");
    CHECK(stopped.at("members") == 0);
    CHECK(stopped.at("time_lag_seconds").as_int64() >= 7'200);
    CHECK(stopped.at("time_lag_seconds").as_int64() < 7'500);
    CHECK(of_group(lag, "done").at("verdict") == "OK");
    CHECK(of_group(lag, "nobody").at("verdict") == "UNKNOWN");
    CHECK(of_group(lag, "nobody").at("rule") == "the broker knows no such group");
    const auto lost = of_group(lag, "trimmed-away");
    CHECK(lost.at("partitions_with_data_loss") == 1);
    CHECK_THAT(std::string(lost.at("rule").as_string()),
               Catch::Contains("20 messages were deleted before the group read them"));
}

TEST_CASE("a group with a member is told with it, and one that goes back is rewound") {
    Groups::are_there();
    KafkaBench bench;
    bench.cluster.writer.create_topic("live", 2);
    bench.cluster.writer.produce("live", messages(20, 2, 0));
    const KafkaMember member(bench.cluster.local, "running", "live", true);
    // No lag is not enough: a partition that the group has not committed yet counts with none.
    wait_until("the group has committed all", [&] {
        const auto group = of_group(bench.lag({{"groups", {"running"}}}), "running");
        return group.at("lag") == "0" && group.at("partitions") == 2 && group.at("verdict") == "OK";
    });
    const auto lag = bench.lag({{"groups", {"running", "done"}}, {"sample_seconds", 1}},
                               [&](std::chrono::seconds, const std::stop_token&) {
                                   bench.cluster.writer.commit("done", "orders", {{1, 20}});
                                   return true;
                               });
    bench.cluster.writer.commit("done", "orders", {{1, 25}});

    const auto running = of_group(lag, "running");
    INFO(json::serialize(running));
    CHECK(running.at("verdict") == "OK");
    CHECK(running.at("broker_state") == "Stable");
    CHECK(running.at("members") == 1);
    CHECK(running.at("member_list").at(0).at("client") == "running-worker");
    CHECK(running.at("member_list").at(0).at("assigned").as_array().size() == 2);
    CHECK(of_group(lag, "done").at("verdict") == "REWOUND");
}

TEST_CASE("a group whose members read but never commit is not called empty or fine") {
    Groups::are_there();
    KafkaBench bench;
    const KafkaMember member(bench.cluster.local, "never-commits", "orders", false);
    wait_until("the group is stable", [&] {
        return of_group(bench.lag({{"groups", {"never-commits"}}}), "never-commits").at("broker_state") ==
               "Stable";
    });
    const auto group = of_group(bench.lag({{"groups", {"never-commits"}}}), "never-commits");
    CHECK(group.at("verdict") == "UNKNOWN");
    CHECK_THAT(std::string(group.at("rule").as_string()), Catch::Contains("never committed, although 25"));
}

TEST_CASE("groups described all at once are told as each one alone") {
    Groups::are_there();
    KafkaBench bench;
    bench.cluster.writer.create_topic("balanced", 3);
    const KafkaMember one(bench.cluster.local, "busy", "balanced", true);
    const KafkaMember two(bench.cluster.local, "busy", "balanced", true);
    const std::vector<std::string> some = {"busy", "done", "stopped", "at-zero", "trimmed-away", "nobody"};
    const auto describe = [&](const std::vector<std::string>& names) {
        const auto groups = bench.source.describe_groups(
            names, {}, {.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30), .stop = {}});
        REQUIRE(groups);
        return *groups;
    };
    wait_until("both members have partitions", [&] {
        const auto members = describe({"busy"}).at(0).members;
        return members.size() == 2 && !members[0].assigned.empty() && !members[1].assigned.empty();
    });

    auto many = some;
    for (int i = 0; i < 100; ++i) many.push_back("nobody-" + std::to_string(i));
    const auto at_once = describe(many);

    for (std::size_t i = 0; i < some.size(); ++i) {
        const auto alone = describe({some[i]}).at(0);
        INFO(some[i]);
        CHECK(at_once[i].state == alone.state);
        CHECK(at_once[i].note == alone.note);
        REQUIRE(at_once[i].members.size() == alone.members.size());
        for (std::size_t j = 0; j < alone.members.size(); ++j) {
            CHECK(at_once[i].members[j].member_id == alone.members[j].member_id);
            CHECK(at_once[i].members[j].client_id == alone.members[j].client_id);
            CHECK(at_once[i].members[j].host == alone.members[j].host);
            CHECK(at_once[i].members[j].assigned == alone.members[j].assigned);
        }
    }
}

TEST_CASE("the members of a group of the newer protocol are unknown, and its lag is right") {
    Groups::are_there();
    KafkaBench bench;
    std::jthread consumer([&] {
        // Ends by itself: nothing more comes for ten seconds.
        static_cast<void>(Cluster::script(
            {"tool", "org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server",
             bench.cluster.local, "--topic", "orders", "--group", "newer", "--command-property",
             "group.protocol=consumer", "--from-beginning", "--timeout-ms", "10000"}));
    });
    json::object group;
    wait_until("the group is there with its commits", [&] {
        group = of_group(bench.lag({{"groups", {"newer"}}}), "newer");
        return group.at("partitions").as_int64() == 4 && group.at("lag") == "0" &&
               group.at("broker_state") == "Stable";
    });
    CHECK(group.at("members").is_null());
    CHECK(group.at("note") == "members unknown (newer group protocol)");
    CHECK(group.at("verdict") == "OK");
}

TEST_CASE("a broker that stops is an answer within seconds, and read again once it is back") {
    Groups::are_there();
    KafkaBench bench;
    REQUIRE(of_group(bench.lag({{"groups", {"stopped"}}}), "stopped").at("lag") == "20");

    bench.cluster.stop();
    const auto began = std::chrono::steady_clock::now();
    const auto refusal = bench.refusal(tools::kafka::lag_tool(bench.work()), {{"groups", {"stopped"}}});
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(15));
    CHECK(refusal.at("kind") == "unavailable");
    CHECK(refusal.at("layer") == "tunnel");
    CHECK_THAT(string_or(refusal, "message"), Catch::Contains(bench.cluster.tunnel));

    bench.cluster.start();
    // A source that did not answer is left alone for a moment, and then its coordinators have to load.
    wait_until("the group is told again", [&] {
        const auto came = bench.result(tools::kafka::lag_tool(bench.work()), {{"groups", {"stopped"}}});
        if (came.is_error) return false;
        const auto answer = json::parse(mcp::structured_text(came)).as_object();
        const auto group = of_group(answer, "stopped");
        return group.at("lag") == "20" && group.at("verdict") == "STOPPED";
    });
}
