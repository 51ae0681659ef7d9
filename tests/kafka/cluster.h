#pragma once
// The cluster that scripts/real-kafka started, a case that may read it, and answers in a few words.

#include <chrono>
#include <cstdlib>

#include "base/text.h"
#include "sources/kafka/source.h"
#include "tests/kafka/writer.h"
#include "tests/support/program.h"
#include "tests/support/tool_bench.h"
#include "tools/kafka/tools.h"

namespace casefile {

inline std::string from_script(const char* name) {
    const char* value = std::getenv(name);
    INFO("run this program by scripts/real-kafka");
    REQUIRE(value != nullptr);
    return value;
}

inline std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

struct Cluster {
    /// An address behind which brokers call themselves by a name that does not resolve, as behind a tunnel.
    std::string tunnel = from_script("CASEFILE_KAFKA_TUNNEL");
    std::string local = from_script("CASEFILE_KAFKA_LOCAL");
    std::string folder = from_script("CASEFILE_KAFKA_FOLDER");
    KafkaWriter writer{local};

    static Ran script(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), std::string(CASEFILE_SOURCE_DIR) + "/scripts/kafka");
        return run(arguments);
    }
    void stop() const { REQUIRE(script({"stop", folder}).exit_code == 0); }
    void start() const { REQUIRE(script({"start", folder}).exit_code == 0); }

    static Cluster& get() {
        static Cluster one;
        return one;
    }
};

struct KafkaBench : tools::ToolBench {
    Cluster& cluster = Cluster::get();
    sources::kafka::KafkaSource& source;

    KafkaBench() : source(add(sources::kafka::make_kafka_source(endpoint(), limits))) {
        // Messages carry the time of the broker's machine, which is ours.
        clock.advance(std::chrono::milliseconds(now_ms() - clock.now().time_since_epoch().count()));
        confirm("PROD");
    }
    static sources::Endpoint endpoint() {
        sources::Endpoint out;
        out.kind = SourceKind::kafka;
        out.env = "PROD";
        out.variable = "KAFKA_PROD_BROKERS";
        out.brokers = {Cluster::get().tunnel};
        return out;
    }
    /// The whole of what kafka_lag filed.
    json::object lag(json::object arguments, tools::kafka::Pause pause = tools::kafka::pause) {
        const auto answer = call(tools::kafka::lag_tool(work(), std::move(pause)), std::move(arguments));
        return json::parse(file(answer, "kafka_offsets.lag.json")).as_object();
    }
    json::object read(json::object arguments) {
        return call(tools::kafka::read_tool(work()), std::move(arguments));
    }
};

/// The line of `list` whose group is this one.
inline json::object of_group(const json::object& lag, const std::string& group) {
    for (const auto& line : lag.at("groups").as_array())
        if (line.at("group").as_string() == group) return line.as_object();
    INFO("no line of " << group << " in " << json::serialize(lag.at("groups")));
    REQUIRE(false);
    return {};
}

/// Waits until `true_now` holds; the broker needs moments that nobody can name beforehand.
template <class Condition>
void wait_until(const char* what, Condition true_now) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!true_now()) {
        INFO("waited for: " << what);
        REQUIRE(std::chrono::steady_clock::now() < until);
        std::this_thread::yield();
    }
}

}  // namespace casefile
