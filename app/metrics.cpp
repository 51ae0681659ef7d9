#include "app/metrics.h"

#include <fmt/format.h>

#include "evidence/run.h"

namespace casefile::app {
namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point begun) {
    return std::chrono::duration<double>(SteadyClock::now() - begun).count();
}

/// Of the error that a result tells, as the manifest of its run tells it.
const char* outcome_of_error(const json::object& structured) {
    const auto* told = structured.if_contains("error");
    Error error{.kind = ErrorKind::invalid_argument, .message = {}};
    if (told != nullptr && told->is_object()) {
        error.kind = error_kind_of(string_or(told->get_object(), "kind")).value_or(error.kind);
        error.layer = layer_of(string_or(told->get_object(), "layer")).value_or(error.layer);
    }
    return name_of(evidence::outcome_of(error));
}

/// In the words of the manifest, or "asked"; nothing for long work, which is counted when it is done.
const char* outcome_of(const mcp::ToolOutcome& outcome) {
    if (const auto* result = std::get_if<mcp::ToolResult>(&outcome))
        return result->is_error ? outcome_of_error(result->structured) : name_of(evidence::Outcome::answered);
    if (std::holds_alternative<mcp::NeedsInput>(outcome)) return "asked";
    return std::holds_alternative<Error>(outcome) ? name_of(evidence::Outcome::failed) : nullptr;
}

/// Walking a large home costs time, and nobody needs it to the second.
constexpr std::chrono::minutes measured_every{1};

}  // namespace

class Metrics::CountedTool : public mcp::Tool {
  public:
    CountedTool(std::unique_ptr<mcp::Tool> tool, Metrics& metrics)
        : tool_(std::move(tool)), metrics_(metrics) {}

    const mcp::ToolInfo& info() const override { return tool_->info(); }

    mcp::ToolOutcome call(const json::object& arguments, mcp::CallContext& context) const override {
        return counted([&]() -> mcp::ToolOutcome {
            auto outcome = tool_->call(arguments, context);
            if (auto* work = std::get_if<mcp::LongWork>(&outcome))
                work->run = [this, run = std::move(work->run)](mcp::CallContext& later) {
                    return counted([&] { return run(later); });
                };
            return outcome;
        });
    }

  private:
    template <class Run>
    mcp::ToolOutcome counted(Run run) const {
        const auto begun = SteadyClock::now();
        auto outcome = run();
        if (const auto* name = outcome_of(outcome); name != nullptr)
            metrics_.note(info().name, name, seconds_since(begun));
        return outcome;
    }

    const std::unique_ptr<mcp::Tool> tool_;
    Metrics& metrics_;
};

std::unique_ptr<mcp::Tool> Metrics::counted(std::unique_ptr<mcp::Tool> tool) {
    return std::make_unique<CountedTool>(std::move(tool), *this);
}

void Metrics::note(const std::string& tool, const std::string& outcome, double seconds) {
    const std::lock_guard lock(mutex_);
    auto& series = tools_[tool];
    ++series.outcomes[outcome];
    series.seconds += seconds;
    std::size_t bucket = 0;
    while (bucket < bounds.size() && seconds > bounds[bucket]) ++bucket;
    ++series.buckets[bucket];
}

Metrics::Measured Metrics::measure(const std::filesystem::path& cases_folder, WallTime now) {
    const std::lock_guard lock(measuring_);
    if (measured_.at != WallTime{} && now >= measured_.at && now - measured_.at < measured_every)
        return measured_;
    measured_ = {.at = now};
    std::error_code failure;
    for (std::filesystem::directory_iterator folder(cases_folder, failure), end; !failure && folder != end;
         folder.increment(failure))
        if (folder->path().filename().string().starts_with("INC-")) ++measured_.cases;
    // A folder that goes away meanwhile ends the walk early: the figure is for people, not for proof.
    for (std::filesystem::recursive_directory_iterator entry(cases_folder, failure), end;
         !failure && entry != end; entry.increment(failure)) {
        std::error_code gone;
        if (!entry->is_regular_file(gone)) continue;
        if (const auto bytes = entry->file_size(gone); !gone) measured_.evidence_bytes += bytes;
    }
    return measured_;
}

std::string Metrics::text(const Gauges& gauges, const std::filesystem::path& cases_folder, WallTime now) {
    const auto home = measure(cases_folder, now);
    const std::lock_guard lock(mutex_);
    std::string out;
    const auto add = [&](std::string_view line) { out.append(line).append("\n"); };
    add("# HELP casefile_calls_total Calls of a tool by how they ended.");
    add("# TYPE casefile_calls_total counter");
    for (const auto& [tool, series] : tools_)
        for (const auto& [outcome, count] : series.outcomes)
            add(fmt::format("casefile_calls_total{{tool=\"{}\",outcome=\"{}\"}} {}", tool, outcome, count));
    add("# HELP casefile_call_seconds How long calls took, from a worker's start to the sealed answer.");
    add("# TYPE casefile_call_seconds histogram");
    for (const auto& [tool, series] : tools_) {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < bounds.size(); ++i) {
            sum += series.buckets[i];
            add(fmt::format("casefile_call_seconds_bucket{{tool=\"{}\",le=\"{}\"}} {}", tool, bounds[i],
                            sum));
        }
        sum += series.buckets.back();
        add(fmt::format("casefile_call_seconds_bucket{{tool=\"{}\",le=\"+Inf\"}} {}", tool, sum));
        add(fmt::format("casefile_call_seconds_sum{{tool=\"{}\"}} {}", tool, series.seconds));
        add(fmt::format("casefile_call_seconds_count{{tool=\"{}\"}} {}", tool, sum));
    }
    const auto gauge = [&](std::string_view name, std::string_view help, std::uint64_t value) {
        add(fmt::format("# HELP {} {}\n# TYPE {} gauge\n{} {}", name, help, name, name, value));
    };
    gauge("casefile_calls_in_flight", "Calls that are not answered yet.", gauges.calls_in_flight);
    gauge("casefile_http_connections", "Open connections.", gauges.connections);
    gauge("casefile_http_sessions", "Sessions of clients of older revisions.", gauges.sessions);
    gauge("casefile_cases", "Cases in this home.", home.cases);
    gauge("casefile_evidence_bytes", "Bytes of all cases on disk, at most a minute old.",
          home.evidence_bytes);
    return out;
}

}  // namespace casefile::app
