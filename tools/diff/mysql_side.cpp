#include "tools/diff/mysql_side.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "policy/sql_statement.h"

namespace casefile::tools::diff {
namespace {

using sources::mysql::Cell;
using sources::mysql::Column;

constexpr std::size_t keys_in_statement_max = 200;

bool is_numeric(const Column& column) {
    static constexpr std::string_view kinds[] = {"TINYINT", "SMALLINT", "MEDIUMINT", "INT",
                                                 "BIGINT",  "DECIMAL",  "NUMERIC",   "FLOAT",
                                                 "DOUBLE",  "REAL",     "BIT",       "YEAR"};
    const auto type = upper(column.type);
    const auto word = type.substr(0, type.find_first_of(" ("));
    return word == "INTEGER" || std::find(std::begin(kinds), std::end(kinds), word) != std::end(kinds);
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
        for (const auto at : values_)
            kinds_.push_back(is_numeric(columns[at]) ? Value::Kind::number : Value::Kind::text);
        wanted_ = *std::move(wanted);
        return {};
    }

    Result<bool> row(std::span<const Cell> cells) override {
        ++rows_;
        Record record;
        record.key.reserve(keys_.size());
        for (std::size_t i = 0; i < keys_.size(); ++i) {
            const auto& cell = cells[keys_[i]];
            if (cell.null) return null_key(side_, key_fields_[i], "row " + std::to_string(rows_));
            record.key.emplace_back(cell.bytes);
        }
        record.values.reserve(values_.size());
        for (std::size_t i = 0; i < values_.size(); ++i) {
            const auto& cell = cells[values_[i]];
            record.values.push_back(cell.null ? Value{Value::Kind::null}
                                              : Value{kinds_[i], std::string(cell.bytes)});
        }
        return sink_.take(std::move(record));
    }

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
    explicit Found(const std::vector<std::string>& wanted) : wanted_(wanted) {}
    Result<std::vector<std::string>> choose(const std::vector<std::string>&) override { return wanted_; }
    Result<bool> take(Record record) override {
        auto key = joined(record.key);
        records.insert_or_assign(std::move(key), std::move(record));
        return true;
    }
    std::unordered_map<std::string, Record> records;

  private:
    const std::vector<std::string>& wanted_;
};

std::string quoted(const std::string& name) {
    std::string out = "`";
    for (const char c : name) out += c == '`' ? std::string("``") : std::string(1, c);
    return out + "`";
}

}  // namespace

Result<void> MysqlSide::stream(RecordSink& sink, const sources::Control& control) {
    RowsToRecords rows(name_, key_fields_, sink, wanted_);
    auto end = source_.query(sql_, rows, control);
    if (!end) return end.error();
    read_ = {end->snapshot_at, end->snapshot_at};
    return {};
}

Result<std::string> MysqlSide::statement_for(const std::vector<Key>& keys) const {
    auto inner = std::string(trim(sql_));
    while (inner.ends_with(';')) inner = std::string(trim(inner.substr(0, inner.size() - 1)));
    std::vector<std::string> columns;
    for (const auto& field : key_fields_) columns.push_back(quoted(field));

    // The server may find more than these keys (a collation, a number read from text), so the caller takes
    // exactly those that it asked for. It finds no less, keys in FLOAT columns apart.
    json::array params;
    std::vector<std::string> places;
    for (const auto& key : keys) {
        std::vector<std::string> marks;
        for (const auto& part : key) {
            if (!is_utf8(part)) return invalid(name_ + ": a key holds bytes that are no text");
            params.emplace_back(part);
            marks.emplace_back("?");
        }
        places.push_back(marks.size() == 1 ? marks.front() : "(" + join(marks, ", ") + ")");
    }
    const auto what = columns.size() == 1 ? columns.front() : "(" + join(columns, ", ") + ")";
    auto sql = policy::bind_parameters("SELECT * FROM (\n" + inner + "\n) AS casefile_side WHERE " + what +
                                           " IN (" + join(places, ", ") + ")",
                                       params);
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
        Found found(wanted_);
        RowsToRecords rows(name_, key_fields_, found, wanted);
        auto end = source_.query(*sql, rows, control);
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
