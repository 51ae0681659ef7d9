#include "tools/kafka/lag_line.h"

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
        const auto produced = per_second(facts.first.end, now.end, facts.sample_seconds);
        line.put("producer_per_second", json::value(produced));
        if (facts.first.committed && now.committed) {
            const auto consumed = per_second(*facts.first.committed, *now.committed, facts.sample_seconds);
            line.put("consumer_per_second", json::value(consumed));
            line.put("drain_seconds", drain_seconds(*facts.lag(), produced, consumed));
        }
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

double per_second(std::int64_t before, std::int64_t after, std::int64_t seconds) {
    return static_cast<double>(after - before) / static_cast<double>(seconds);
}

json::value drain_seconds(std::int64_t lag, double produced, double consumed) {
    if (lag <= 0) return 0;
    if (consumed <= produced) return nullptr;
    return static_cast<std::int64_t>(std::ceil(static_cast<double>(lag) / (consumed - produced)));
}

}  // namespace casefile::tools::kafka
