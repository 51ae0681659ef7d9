#include "tools/diff/mysql_side.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "base/text.h"
#include "policy/sql_statement.h"

namespace casefile::tools::diff {
namespace {

using sources::mysql::Cell;
using sources::mysql::Column;

constexpr std::size_t keys_in_statement_max = 200;

std::string type_word(const Column& column) {
    const auto type = upper(column.type);
    return type.substr(0, type.find_first_of(" ("));
}

bool is_whole_number(const Column& column) {
    const auto word = type_word(column);
    return word == "INTEGER" || word == "INT" || word == "BIGINT" || word == "MEDIUMINT" ||
           word == "SMALLINT" || word == "TINYINT";
}

bool is_numeric(const Column& column) {
    static constexpr std::string_view kinds[] = {"TINYINT", "SMALLINT", "MEDIUMINT", "INT",
                                                 "BIGINT",  "DECIMAL",  "NUMERIC",   "FLOAT",
                                                 "DOUBLE",  "REAL",     "BIT",       "YEAR"};
    const auto word = type_word(column);
    return word == "INTEGER" || std::find(std::begin(kinds), std::end(kinds), word) != std::end(kinds);
}

/// A session is always in UTC, and so is what it shows of a TIMESTAMP.
Value::Kind kind_of(const Column& column) {
    if (type_word(column) == "TIMESTAMP") return Value::Kind::moment;
    return is_numeric(column) ? Value::Kind::number : Value::Kind::text;
}

Sent sent_of(const Column& column) {
    const auto word = type_word(column);
    if (word == "BIT") return Sent::bits;
    if (word == "TIMESTAMP") return Sent::moment;
    const bool is_time = word == "DATE" || word == "DATETIME" || word == "TIME";
    return column.binary || is_time || is_numeric(column) ? Sent::as_stored : Sent::text;
}

/// Rows in, records out.
class RowsToRecords : public sources::mysql::RowSink {
  public:
    /// `wanted` gets the fields that the sink chose, as soon as it did.
    RowsToRecords(const std::string& side, const std::vector<std::string>& key_fields, RecordSink& sink,
                  std::vector<std::string>& wanted)
        : side_(side), key_fields_(key_fields), sink_(sink), wanted_(wanted) {}

    Result<void> columns(const std::vector<Column>& columns) override {
        std::vector<std::string> names;
        for (const auto& column : columns) names.push_back(column.name);
        auto keys = find_columns(side_, names, key_fields_);
        if (!keys) return keys.error();
        auto wanted = sink_.choose(names);
        if (!wanted) return wanted.error();
        auto values = find_columns(side_, names, *wanted);
        if (!values) return values.error();
        keys_ = *std::move(keys);
        values_ = *std::move(values);
        for (const auto at : values_) {
            kinds_.push_back(kind_of(columns[at]));
            sent.push_back(sent_of(columns[at]));
        }
        wanted_ = *std::move(wanted);
        number_key = keys_.size() == 1 && is_whole_number(columns[keys_.front()]);
        return {};
    }

    Result<bool> row(std::span<const Cell> cells) override {
        ++rows_;
        auto record = sink_.spare();
        record.key.resize(keys_.size());
        for (std::size_t i = 0; i < keys_.size(); ++i) {
            const auto& cell = cells[keys_[i]];
            if (cell.null) return null_key(side_, key_fields_[i], "row " + std::to_string(rows_));
            record.key[i].assign(cell.bytes);
        }
        record.values.resize(values_.size());
        for (std::size_t i = 0; i < values_.size(); ++i) {
            const auto& cell = cells[values_[i]];
            record.values[i].kind = cell.null ? Value::Kind::null : kinds_[i];
            record.values[i].text.assign(cell.null ? std::string_view() : cell.bytes);
        }
        return sink_.take(std::move(record));
    }

    bool number_key = false;
    std::vector<Sent> sent;

  private:
    const std::string& side_;
    const std::vector<std::string>& key_fields_;
    RecordSink& sink_;
    std::vector<std::string>& wanted_;
    std::vector<std::size_t> keys_, values_;
    std::vector<Value::Kind> kinds_;
    std::uint64_t rows_ = 0;
};

/// Keeps the records of known keys.
class Found : public RecordSink {
  public:
    Found(const std::string& side, const std::vector<std::string>& wanted) : side_(side), wanted_(wanted) {}
    Result<std::vector<std::string>> choose(const std::vector<std::string>&) override { return wanted_; }
    Result<bool> take(Record record) override {
        const auto [at, is_new] = records.try_emplace(joined(record.key), std::move(record));
        duplicate = !is_new;
        if (duplicate) return duplicate_key(side_, at->second.key);
        return true;
    }
    std::unordered_map<std::string, Record> records;
    bool duplicate = false;

  private:
    const std::string& side_;
    const std::vector<std::string>& wanted_;
};

/// Keeps a few rows by the names of their columns.
class SmallRows : public sources::mysql::RowSink {
  public:
    Result<void> columns(const std::vector<Column>& columns) override {
        for (const auto& column : columns) names_.push_back(column.name);
        return {};
    }
    Result<bool> row(std::span<const Cell> cells) override {
        auto& row = rows.emplace_back();
        for (std::size_t i = 0; i < cells.size(); ++i)
            row[names_[i]] = cells[i].null ? std::nullopt : std::optional(std::string(cells[i].bytes));
        return rows.size() < rows_max;
    }
    SmallTable rows;

  private:
    static constexpr std::size_t rows_max = 100;
    std::vector<std::string> names_;
};

}  // namespace

std::string quoted_name(const std::string& name) {
    std::string out = "`";
    for (const char c : name) out += c == '`' ? std::string("``") : std::string(1, c);
    return out + "`";
}

void MysqlSide::note_time(const std::string& snapshot_at) {
    if (read_.from.empty()) read_.from = snapshot_at;
    read_.until = snapshot_at;
}

Result<void> MysqlSide::weigh(const sources::Control& control) {
    if (!judge_) return {};
    std::optional<Result<void>> verdict;
    SmallRows nowhere;
    const auto only_the_plan = internal("only the plan was wanted");
    const auto end =
        source_.query(sql_, nowhere, control, [&](const Result<sources::mysql::Plan>& plan) -> Result<void> {
            verdict = judge_(plan);
            return *verdict ? Result<void>(only_the_plan) : *verdict;
        });
    if (verdict) return *verdict;
    return end ? Result<void>() : end.error();
}

Result<void> MysqlSide::stream(RecordSink& sink, const sources::Control& control) {
    RowsToRecords rows(name_, key_fields_, sink, wanted_);
    auto end = source_.query(sql_, rows, control);
    if (!end) return end.error();
    number_key_ = rows.number_key;
    sent_ = std::move(rows.sent);
    note_time(end->snapshot_at);
    return {};
}

std::string MysqlSide::around(const std::string& select, const std::string& rest) const {
    auto inner = std::string(trim(sql_));
    while (inner.ends_with(';')) inner = std::string(trim(inner.substr(0, inner.size() - 1)));
    return select + " FROM (\n" + inner + "\n) AS casefile_side" + (rest.empty() ? "" : " ") + rest;
}

Result<std::string> MysqlSide::statement(const std::string& select, const std::string& rest) const {
    auto sql = around(select, rest);
    if (const auto verdict = policy::judge_sql(sql); !verdict.allowed)
        return denied(verdict.reason, verdict.hint);
    return sql;
}

Result<SmallTable> MysqlSide::ask(const std::string& sql, const sources::Control& control) {
    SmallRows rows;
    auto end = source_.query(sql, rows, control);
    if (!end) return end.error();
    note_time(end->snapshot_at);
    return std::move(rows.rows);
}

Result<MysqlSide> MysqlSide::part(const std::string& rest) const {
    auto sql = statement("SELECT *", rest);
    if (!sql) return sql.error();
    return MysqlSide(name_, key_fields_, *std::move(sql), source_, {});
}

void MysqlSide::take_over(const MysqlSide& part) {
    wanted_ = part.wanted_;
    sent_ = part.sent_;
    number_key_ = part.number_key_;
    if (!part.read_.until.empty()) note_time(part.read_.until);
}

std::optional<std::int64_t> MysqlSide::records_about(const sources::Control& control) {
    SmallRows plan;
    const auto sql = "EXPLAIN " + sql_;
    if (!policy::judge_sql(sql).allowed || !source_.query(sql, plan, control)) return std::nullopt;
    if (plan.rows.size() != 1) return std::nullopt;
    const auto rows = plan.rows.front()["rows"].value_or("");
    std::int64_t count = 0;
    const auto [end, failure] = std::from_chars(rows.data(), rows.data() + rows.size(), count);
    return failure == std::errc() && end == rows.data() + rows.size() ? std::optional(count) : std::nullopt;
}

Result<std::string> MysqlSide::statement_for(const std::vector<Key>& keys) const {
    std::vector<std::string> columns;
    for (const auto& field : key_fields_) columns.push_back(quoted_name(field));

    // The server may find more than these keys (a collation, a number read from text), so the caller takes
    // exactly those that it asked for. It finds no less, keys in FLOAT columns apart.
    json::array params;
    std::vector<std::string> places;
    for (const auto& key : keys) {
        std::vector<std::string> marks;
        for (const auto& part : key) {
            if (is_utf8(part)) params.emplace_back(part);
            marks.push_back(is_utf8(part) ? "?" : "X'" + to_hex(part) + "'");
        }
        places.push_back(marks.size() == 1 ? marks.front() : "(" + join(marks, ", ") + ")");
    }
    const auto what = columns.size() == 1 ? columns.front() : "(" + join(columns, ", ") + ")";
    auto sql = policy::bind_parameters(
        around("SELECT *", "WHERE " + what + " IN (" + join(places, ", ") + ")"), params);
    if (!sql) return sql.error();
    if (const auto verdict = policy::judge_sql(*sql); !verdict.allowed)
        return denied(verdict.reason, verdict.hint);
    return sql;
}

Result<std::vector<std::optional<Record>>> MysqlSide::look_up(const std::vector<Key>& keys,
                                                              const sources::Control& control) {
    std::vector<std::optional<Record>> out;
    for (std::size_t from = 0; from < keys.size(); from += keys_in_statement_max) {
        const auto to = std::min(keys.size(), from + keys_in_statement_max);
        const std::vector<Key> some(keys.begin() + static_cast<std::ptrdiff_t>(from),
                                    keys.begin() + static_cast<std::ptrdiff_t>(to));
        auto sql = statement_for(some);
        if (!sql) return sql.error();
        auto wanted = wanted_;
        Found found(name_, wanted_);
        RowsToRecords rows(name_, key_fields_, found, wanted);
        auto end = source_.query(*sql, rows, control);
        found_duplicate_ = found_duplicate_ || found.duplicate;
        if (!end) return end.error();
        for (const auto& key : some) {
            const auto record = found.records.find(joined(key));
            if (record == found.records.end())
                out.emplace_back();
            else
                out.emplace_back(record->second);
        }
    }
    return out;
}

}  // namespace casefile::tools::diff
