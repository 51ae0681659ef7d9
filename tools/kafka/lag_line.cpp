#include "tools/kafka/lag_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace casefile::tools::kafka {
namespace {

/// A number that is told as text, so that no reader rounds it; null when there is none.
struct Digits {
    std::optional<std::int64_t> number;
};

/// Takes members in order and makes an object of them.
struct ObjectLine {
    json::object out;

    template <class Value>
    void put(std::string_view key, const Value& value) {
        out.emplace(key, value);
    }
    void put(std::string_view key, Digits value) {
        out.emplace(key, value.number ? json::value(std::to_string(*value.number)) : json::value());
    }
};

/// The same, makes text of them.
class TextLine {
  public:
    explicit TextLine(std::string& out) : out_(out) {}

    void put(std::string_view key, std::string_view value) {
        begin(key);
        append_json_string(out_, value);
    }
    void put(std::string_view key, std::int64_t value) {
        begin(key);
        append(value);
    }
    void put(std::string_view key, bool value) {
        begin(key);
        out_ += value ? "true" : "false";
    }
    void put(std::string_view key, const json::value& value) {
        begin(key);
        out_ += json::serialize(value);
    }
    void put(std::string_view key, Digits value) {
        begin(key);
        if (!value.number) {
            out_ += "null";
            return;
        }
        out_ += '"';
        append(*value.number);
        out_ += '"';
    }
    void end() { out_ += '}'; }

  private:
    /// Keys are plain words.
    void begin(std::string_view key) {
        out_ += separator_;
        separator_ = ',';
        out_ += '"';
        out_ += key;
        out_ += "\":";
    }
    void append(std::int64_t number) {
        std::array<char, 24> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        out_.append(digits.data(), end);
    }

    std::string& out_;
    char separator_ = '{';
};

double per_second(std::int64_t change, double seconds) {
    constexpr double least = 0.001;  // no clock of ours tells less
    return static_cast<double>(change) / std::max(seconds, least);
}

template <class Line>
void write(const View& view, Line& line) {
    const auto& facts = view.facts;
    const auto& now = facts.latest();
    const auto lag = facts.error.empty() ? facts.lag() : std::nullopt;
    line.put("group", std::string_view(view.group));
    line.put("topic", std::string_view(view.partition.topic));
    line.put("partition", std::int64_t{view.partition.partition});
    line.put("state", std::string_view(name_of(view.judged.state)));
    line.put("lag", Digits{lag});
    line.put("committed", Digits{now.committed});
    line.put("end", Digits{now.end});
    line.put("low", Digits{now.low});
    line.put("time_lag_seconds",
             facts.time_lag_seconds ? json::value(*facts.time_lag_seconds) : json::value());
    line.put("data_loss", facts.data_loss());
    if (facts.second) {
        line.put("producer_per_second", json::value(rounded(produced_per_second(facts))));
        if (const auto rates = rates_of(facts))
            line.put("consumer_per_second", json::value(rounded(rates->consumed)));
        if (const auto drain = drain_of(facts)) line.put("drain_seconds", *drain);
    }
    if (!view.member.empty()) line.put("member", std::string_view(view.member));
    line.put("rule", std::string_view(view.judged.rule));
}

}  // namespace

json::object line_of(const View& view) {
    ObjectLine line;
    write(view, line);
    return std::move(line.out);
}

void append_line(std::string& out, const View& view) {
    TextLine line(out);
    write(view, line);
    line.end();
}

double produced_per_second(const PartitionFacts& facts) {
    return per_second(facts.latest().end - facts.first.end, facts.end_seconds);
}

std::optional<Rates> rates_of(const PartitionFacts& facts) {
    if (!facts.second || !facts.first.committed || !facts.second->committed) return std::nullopt;
    return Rates{produced_per_second(facts),
                 per_second(*facts.second->committed - *facts.first.committed, facts.commit_seconds)};
}

double rounded(double rate) { return std::round(rate * 1000) / 1000; }

std::optional<json::value> drain_of(const PartitionFacts& facts) {
    if (!rates_of(facts)) return std::nullopt;
    const auto lag = *facts.lag();
    if (lag <= 0) return 0;
    // From lag itself: the two rates are measured over times that differ a little, and so would never be
    // quite equal.
    const auto shrunk = facts.first.end - *facts.first.committed - lag;
    if (shrunk <= 0) return nullptr;
    return static_cast<std::int64_t>(
        std::ceil(static_cast<double>(lag) / per_second(shrunk, facts.commit_seconds)));
}

}  // namespace casefile::tools::kafka
