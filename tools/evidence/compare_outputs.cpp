#include "tools/evidence/compare_outputs.h"

#include <unistd.h>

#include <unordered_map>

#include "base/hash.h"
#include "base/text.h"
#include "evidence/files.h"
#include "tools/csv.h"

namespace casefile::tools::evidence_record {
namespace {

constexpr std::size_t rows_max = 1'000'000, rows_shown_max = 50, row_shown_bytes_max = 500;
constexpr std::size_t values_shown_max = 100, value_shown_bytes_max = 200;
constexpr std::uint64_t json_bytes_max = 32 * 1024 * 1024;

CsvReader reader_of(int file) {
    ::lseek(file, 0, SEEK_SET);
    return CsvReader([file](std::span<char> into) -> Result<std::size_t> {
        const auto got = ::read(file, into.data(), into.size());
        if (got < 0) return unavailable("an output cannot be read", "check the disk that holds the case");
        return static_cast<std::size_t>(got);
    });
}

/// One spelling for each row, whatever the line ends and quotes were.
std::string text_of(const CsvReader::Row& row) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i > 0) text += ',';
        if (row[i]) append_csv_field(text, *row[i]);
    }
    return text;
}

/// Sixteen bytes stand for a row.
std::string mark_of(const std::string& text) {
    Sha256 hash;
    hash.update(text);
    return hash.digest().substr(0, 16);
}

/// Rows as a bag: how often each is there, and which of them the other file lacks.
class RowComparison {
  public:
    explicit RowComparison(json::object& out) : out_(out) {}

    /// False when there are too many rows.
    Result<bool> run(int then, int now) {
        auto old_reader = reader_of(then), new_reader = reader_of(now);
        auto same = columns_are_the_same(old_reader, new_reader);
        if (!same || !*same) return same ? Result<bool>(true) : same.error();
        std::uint64_t rows_then = 0;
        auto done = each(old_reader, [&](const std::string& text) {
            ++left_[mark_of(text)];
            return ++rows_then <= rows_max;
        });
        if (!done || !*done) return done;
        std::uint64_t rows_same = 0, only_now = 0;
        json::array shown_now, shown_then;
        done = each(new_reader, [&](const std::string& text) {
            const auto found = left_.find(mark_of(text));
            if (found != left_.end() && found->second > 0) {
                --found->second;
                ++rows_same;
            } else if (++only_now <= rows_shown_max) {
                shown_now.push_back(json::value(shorten(text, row_shown_bytes_max)));
            }
            return true;
        });
        if (!done) return done;
        // What is left over is shown in the order in which it stands there.
        auto again = reader_of(then);
        CsvReader::Row header;
        if (auto read = again.next(header); !read) return read.error();
        std::uint64_t only_then = 0;
        done = each(again, [&](const std::string& text) {
            auto& left = left_[mark_of(text)];
            if (left == 0) return true;
            --left;
            if (++only_then <= rows_shown_max)
                shown_then.push_back(json::value(shorten(text, row_shown_bytes_max)));
            return true;
        });
        if (!done) return done;
        out_["rows_same"] = rows_same;
        out_["rows_only_then"] = only_then;
        out_["rows_only_now"] = only_now;
        if (only_then + only_now == 0) out_["reordered"] = true;
        out_["only_then"] = std::move(shown_then);
        out_["only_now"] = std::move(shown_now);
        return true;
    }

  private:
    Result<bool> columns_are_the_same(CsvReader& then, CsvReader& now) {
        CsvReader::Row old_names, new_names;
        if (auto read = then.next(old_names); !read) return read.error();
        if (auto read = now.next(new_names); !read) return read.error();
        if (old_names == new_names) return true;
        out_["columns_then"] = shorten(text_of(old_names), row_shown_bytes_max);
        out_["columns_now"] = shorten(text_of(new_names), row_shown_bytes_max);
        return false;
    }

    template <class Take>
    static Result<bool> each(CsvReader& reader, const Take& take) {
        CsvReader::Row row;
        for (;;) {
            auto more = reader.next(row);
            if (!more) return more.error();
            if (!*more) return true;
            if (!take(text_of(row))) return false;
        }
    }

    json::object& out_;
    std::unordered_map<std::string, std::uint32_t> left_;
};

/// True for what tells when something was read, and so is another each time: it says nothing of the source.
/// Names that come from data stand deeper than our own.
bool is_of_the_reading(std::string_view path, const json::value* then, const json::value* now) {
    if (then == nullptr || now == nullptr || std::ranges::count(path, '/') > 3) return false;
    const auto name = path.substr(path.rfind('/') + 1);
    // A time to live that rose tells that the key was written again.
    if (name == "ttl_ms")
        return then->is_int64() && now->is_int64() && now->get_int64() > 0 &&
               now->get_int64() < then->get_int64();
    // The rule of a lag tells the seconds once more, beside figures that are compared for themselves.
    return name == "taken_at" || name == "server_time" || name == "time_lag_seconds" || name == "rule" ||
           path.starts_with("/read_at/");
}

class ValueComparison {
  public:
    explicit ValueComparison(json::object& out) : out_(out) {}

    void run(const json::value& then, const json::value& now) {
        compare("", &then, &now);
        if (count_ == 0) out_["verdict"] = times_only;
        out_["times_differ"] = times_;
        out_["values_differ"] = count_;
        out_["differences"] = std::move(shown_);
    }

  private:
    static json::value shown(const json::value* value) {
        if (value == nullptr) return json::value("(missing)");
        const auto text = canonical(*value);
        return text.size() <= value_shown_bytes_max ? *value
                                                    : json::value(shorten(text, value_shown_bytes_max));
    }

    static std::string step(std::string_view key) {
        std::string out = "/";
        for (const char c : key) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
        return out;
    }

    void compare(const std::string& path, const json::value* then, const json::value* now) {
        if (then != nullptr && now != nullptr) {
            if (*then == *now) return;
            if (then->is_object() && now->is_object())
                return compare_members(path, then->get_object(), now->get_object());
            if (then->is_array() && now->is_array())
                return compare_elements(path, then->get_array(), now->get_array());
        }
        if (is_of_the_reading(path, then, now))
            ++times_;
        else if (++count_ <= values_shown_max)
            shown_.push_back({{"path", path}, {"then", shown(then)}, {"now", shown(now)}});
    }

    void compare_members(const std::string& path, const json::object& then, const json::object& now) {
        for (const auto& pair : then)
            compare(path + step(pair.key()), &pair.value(), now.if_contains(pair.key()));
        for (const auto& pair : now)
            if (!then.contains(pair.key())) compare(path + step(pair.key()), nullptr, &pair.value());
    }

    void compare_elements(const std::string& path, const json::array& then, const json::array& now) {
        for (std::size_t i = 0; i < std::max(then.size(), now.size()); ++i)
            compare(path + "/" + std::to_string(i), then.if_contains(i), now.if_contains(i));
    }

    json::object& out_;
    std::uint64_t count_ = 0, times_ = 0;
    json::array shown_;
};

/// True when the values could be compared.
Result<bool> compare_json(const OutputOf& then, const OutputOf& now, json::object& out) {
    if (std::max(then.bytes, now.bytes) > json_bytes_max) return false;
    const auto old_text = evidence::read_whole(then.file, json_bytes_max);
    if (!old_text) return old_text.error();
    const auto new_text = evidence::read_whole(now.file, json_bytes_max);
    if (!new_text) return new_text.error();
    const auto old_value = parse_json(*old_text), new_value = parse_json(*new_text);
    if (!old_value || !new_value) return false;
    ValueComparison(out).run(*old_value, *new_value);
    return true;
}

}  // namespace

Result<json::object> compare_outputs(const std::string& name, const OutputOf& then, const OutputOf& now) {
    json::object out{{"file", name}};
    const auto facts = [](const OutputOf& one) {
        return json::object{{"bytes", one.bytes}, {"sha256", one.sha256}};
    };
    if (then.sha256 == now.sha256) {
        out["verdict"] = "identical";
        return out;
    }
    out["verdict"] = "changed";
    out["then"] = facts(then);
    out["now"] = facts(now);
    if (then.file < 0 || now.file < 0) {
        out["note"] = "one of them was destroyed on record, so only their hashes can be compared";
        return out;
    }
    Result<bool> compared = name.ends_with(".csv")    ? RowComparison(out).run(then.file, now.file)
                            : name.ends_with(".json") ? compare_json(then, now, out)
                                                      : Result<bool>(false);
    if (!compared) return compared.error();
    if (!*compared) out["note"] = "too large, or of no form that can be compared; sizes and hashes differ";
    return out;
}

}  // namespace casefile::tools::evidence_record
