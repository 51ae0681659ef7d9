#include "tools/diff/chunk_meeting.h"

#include <charconv>
#include <thread>

#include "base/text.h"
#include "tools/diff/sorted_meeting.h"

namespace casefile::tools::diff {
namespace {

std::string text_of(std::map<std::string, std::optional<std::string>>& row, const char* name) {
    return row[name].value_or("");
}

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// "WHERE `id` > 20000 AND `id` <= 40000". The numbers are the servers' own.
std::string range(const std::string& key, const std::optional<std::string>& begin,
                  const std::optional<std::string>& end) {
    std::vector<std::string> parts;
    if (begin) parts.push_back(quoted_name(key) + " > " + *begin);
    if (end) parts.push_back(quoted_name(key) + " <= " + *end);
    return parts.empty() ? "" : "WHERE " + join(parts, " AND ");
}

/// The bytes of a column as the client gets them, with their length. A text that is stored in utf8mb4 is only
/// copied by its conversion. Where they are too many for the server to join, this is NULL, and only then.
std::string hashed_form(const std::string& name, Sent sent) {
    const auto column = quoted_name(name);
    const auto value = sent == Sent::text   ? "CONVERT(" + column + " USING utf8mb4)"
                       : sent == Sent::bits ? column + " + 0"
                                            : column;
    return "IF(" + column + " IS NULL, '-', CONCAT(LENGTH(" + value + "), ':', CAST(" + value +
           " AS BINARY)))";
}

}  // namespace

/// Learns which fields there are, from an answer without rows.
class ChunkMeeting::Names : public RecordSink {
  public:
    Names(FieldPairs& pairs, bool is_left) : pairs_(pairs), is_left_(is_left) {}
    Result<std::vector<std::string>> choose(const std::vector<std::string>& names) override {
        if (is_left_) return pairs_.choose_left(names);
        return pairs_.choose_right(names);
    }
    Result<bool> take(Record) override { return true; }

  private:
    FieldPairs& pairs_;
    const bool is_left_;
};

ChunkMeeting::ChunkMeeting(const Meeting& meeting, FieldPairs& pairs)
    : meeting_(meeting), pairs_(pairs), left_(*meeting.left_mysql), right_(*meeting.right_mysql) {}

Result<bool> ChunkMeeting::is_possible() {
    if (left_.key_fields().size() != 1) return false;
    const auto left = rows_in_key_order(left_);
    if (!left) return false;
    const auto right = rows_in_key_order(right_);
    if (!right || std::max(*left, *right) < 2 * meeting_.bounds.chunk_rows) return false;
    rows_about_ = std::max(*left, *right);
    return learn_fields();
}

/// False when a statement cannot be a part of another one, or has no whole-number key.
Result<bool> ChunkMeeting::learn_fields() {
    auto left = left_.part("LIMIT 0");
    auto right = right_.part("LIMIT 0");
    if (!left || !right) return false;
    Names left_names(pairs_, true), right_names(pairs_, false);
    if (auto done = left->stream(left_names, meeting_.control); !done) return done.error();
    if (auto done = right->stream(right_names, meeting_.control); !done) return done.error();
    if (!left->has_number_key() || !right->has_number_key()) return false;
    left_.take_over(*left);
    right_.take_over(*right);
    return choose_hashed();
}

/// Only fields that both sides have. False where the same bytes may not mean the same: a TIMESTAMP is in UTC,
/// whatever zone other times are in.
bool ChunkMeeting::choose_hashed() {
    for (const auto& field : meeting_.findings.fields()) {
        left_fields_.push_back({left_.wanted()[field.left_at], left_.sent()[field.left_at]});
        right_fields_.push_back({right_.wanted()[field.right_at], right_.sent()[field.right_at]});
        const bool left_in_utc = left_fields_.back().sent == Sent::moment;
        const bool right_in_utc = right_fields_.back().sent == Sent::moment;
        if (field.rule.zone_seconds != 0 && left_in_utc != right_in_utc) return false;
    }
    return true;
}

/// How many rows the server expects, where it reads one table in the order of the key by an index.
std::optional<std::int64_t> ChunkMeeting::rows_in_key_order(MysqlSide& side) const {
    const auto key = quoted_name(side.key_fields().front());
    auto sql = side.statement("EXPLAIN SELECT " + key, "ORDER BY " + key);
    if (!sql) return std::nullopt;
    auto plan = side.ask(*sql, meeting_.control);
    if (!plan || plan->size() != 1) return std::nullopt;
    auto& step = plan->front();
    const auto extra = text_of(step, "Extra");
    const bool walks_index = text_of(step, "select_type") == "SIMPLE" && !text_of(step, "key").empty() &&
                             extra.find("filesort") == std::string::npos &&
                             extra.find("temporary") == std::string::npos;
    return walks_index ? number_in(text_of(step, "rows")) : std::nullopt;
}

/// Such a row is in no range.
Result<void> ChunkMeeting::refuse_null_key(MysqlSide& side, const char* name) const {
    const auto& key = side.key_fields().front();
    auto sql = side.statement("SELECT 1 AS casefile_null", "WHERE " + quoted_name(key) + " IS NULL LIMIT 1");
    if (!sql) return sql.error();
    const auto rows = side.ask(*sql, meeting_.control);
    if (!rows) return rows.error();
    return rows->empty() ? Result<void>() : null_key(name, key, "a row");
}

Result<void> ChunkMeeting::run() {
    if (auto done = refuse_null_key(left_, "left"); !done) return done.error();
    if (auto done = refuse_null_key(right_, "right"); !done) return done.error();
    meeting_.progress.estimate_by([this] { return rows_about_; });
    const auto &left_key = left_.key_fields().front(), &right_key = right_.key_fields().front();
    std::optional<std::string> begin;
    for (bool more = true; more; ++ranges_) {
        if (auto done = check_time(meeting_.control); !done) return done.error();
        auto end = end_after(begin);
        if (!end) return end.error();
        more = end->has_value();  // the last range has no end: what only the right has lies in it too
        if (auto done = compare_range(range(left_key, begin, *end), range(right_key, begin, *end)); !done)
            return done.error();
        begin = *std::move(end);
    }
    meeting_.findings.note("compared by checksums of " + std::to_string(ranges_) + " ranges of " +
                           std::to_string(meeting_.bounds.chunk_rows) + " rows; the rows of " +
                           std::to_string(ranges_read_) + " were read, because their checksums differ");
    return {};
}

/// The key of the last row of the range that begins after `begin`, by the left side.
Result<std::optional<std::string>> ChunkMeeting::end_after(const std::optional<std::string>& begin) {
    const auto key = quoted_name(left_.key_fields().front());
    auto sql = left_.statement("SELECT " + key + " AS casefile_end",
                               range(left_.key_fields().front(), begin, std::nullopt) + " ORDER BY " + key +
                                   " LIMIT 1 OFFSET " + std::to_string(meeting_.bounds.chunk_rows - 1));
    if (!sql) return sql.error();
    auto rows = left_.ask(*sql, meeting_.control);
    if (!rows) return rows.error();
    if (rows->empty()) return std::optional<std::string>();
    auto end = rows->front()["casefile_end"];
    if (!end) return null_key("left", left_.key_fields().front(), "a row");
    return end;
}

Result<ChunkMeeting::Checksum> ChunkMeeting::checksum(MysqlSide& side, const std::vector<Hashed>& fields,
                                                      const std::string& where, bool is_left) const {
    std::vector<std::string> parts{hashed_form(side.key_fields().front(), Sent::as_stored)};
    for (const auto& [name, sent] : fields) parts.push_back(hashed_form(name, sent));
    // A row too wide for the server to join has no hash: then the two sides count it differently.
    auto sql = side.statement("SELECT COUNT(*) AS casefile_rows, SUM(IFNULL(CAST(CONV(LEFT(MD5(CONCAT(" +
                                  join(parts, ", ") + ")), 15), 16, 10) AS UNSIGNED), " +
                                  (is_left ? "1" : "2") + ")) AS casefile_sum",
                              where);
    if (!sql) return sql.error();
    auto rows = side.ask(*sql, meeting_.control);
    if (!rows) return rows.error();
    if (rows->size() != 1) return internal("a checksum gave no row");
    return Checksum{text_of(rows->front(), "casefile_rows"), text_of(rows->front(), "casefile_sum")};
}

/// Both servers work at the same time.
Result<void> ChunkMeeting::compare_range(const std::string& where_left, const std::string& where_right) {
    std::optional<Result<Checksum>> right;
    std::jthread other([&] {
        right = checksum(right_, right_fields_, where_right, false);
        sources::mysql::end_thread();
    });
    const auto left = checksum(left_, left_fields_, where_left, true);
    other.join();
    if (!left) return left.error();
    if (!*right) return right->error();
    const auto rows = number_in(left->rows);
    if (rows && *left == **right) {
        meeting_.findings.add_matches(*rows);
        meeting_.progress.step(*rows);
        return {};
    }
    ++ranges_read_;
    return compare_rows(where_left, where_right);
}

Result<void> ChunkMeeting::compare_rows(const std::string& where_left, const std::string& where_right) {
    auto left = left_.part(where_left);
    if (!left) return left.error();
    auto right = right_.part(where_right);
    if (!right) return right.error();
    SortedMeeting rows(meeting_, pairs_);
    if (auto done = rows.run(*left, *right); !done) return done.error();
    left_.take_over(*left);
    right_.take_over(*right);
    return {};
}

}  // namespace casefile::tools::diff
