#pragma once
// A confirmed environment with a table and a cache that a test fills, and answers of diff in a few words.

#include "tests/fakes/fake_mysql_source.h"
#include "tests/fakes/redis_map.h"
#include "tests/support/tool_bench.h"
#include "tools/diff/tools.h"

namespace casefile::tools {

using sources::mysql::Column;
using sources::mysql::FakeMysqlSource;
using sources::redis::RedisMap;

struct Shop {
    ToolBench bench;
    FakeMysqlSource& mysql = bench.add(std::make_unique<FakeMysqlSource>("SHOP"));
    RedisMap& redis = bench.add(std::make_unique<RedisMap>("SHOP"));

    Shop() { bench.confirm("SHOP"); }

    void table(std::vector<Column> columns, std::vector<std::vector<std::optional<std::string>>> rows) {
        mysql.tables = {{"FROM products", {std::move(columns), std::move(rows)}}};
    }
    json::object diff(const char* arguments) {
        return bench.call(diff::diff_tool(bench.work()), json::parse(arguments).as_object());
    }
    json::object refusal(const char* arguments) {
        return bench.refusal(diff::diff_tool(bench.work()), json::parse(arguments).as_object());
    }
    std::string message(const char* arguments) {
        return std::string(refusal(arguments).at("message").get_string());
    }
};

inline const std::vector<Column> product_columns = {
    {"id", "INT"}, {"name", "VARCHAR"}, {"price", "DECIMAL"}, {"note", "VARCHAR"}};

inline std::string counts(const json::object& answer) {
    const auto& counts = answer.at("counts").as_object();
    std::string out;
    for (const char* name : {"match", "changed", "missing_left", "missing_right"})
        out += (out.empty() ? "" : " ") + json::serialize(counts.at(name));
    return out;
}

/// "key field verdict left right state" for each line.
inline std::vector<std::string> lines(const json::object& answer) {
    std::vector<std::string> out;
    for (const auto& one : answer.at("differences").as_array()) {
        const auto& line = one.as_object();
        std::string text;
        for (const char* name : {"key", "field", "verdict", "left", "right", "state"}) {
            const auto* value = line.if_contains(name);
            text += (text.empty() ? "" : " ") + (value == nullptr   ? "-"
                                                 : value->is_null() ? "NULL"
                                                                    : std::string(value->get_string()));
        }
        out.push_back(text);
    }
    return out;
}

}  // namespace casefile::tools
