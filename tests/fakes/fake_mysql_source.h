#pragma once
// MySQL without a server: gives scripted tables, and records every statement asked of it.

#include "sources/mysql/source.h"
#include "tests/fakes/fake_source.h"

namespace casefile::sources::mysql {

struct FakeTable {
    std::vector<Column> columns;
    std::vector<std::vector<std::optional<std::string>>> rows;
};

class FakeMysqlSource : public MysqlSource {
  public:
    explicit FakeMysqlSource(const std::string& env) : where(fake_endpoint(env, SourceKind::mysql)) {}

    const Endpoint& endpoint() const override { return where; }
    Result<Fingerprint> fingerprint(const Control&) override {
        if (no_fingerprint) return *no_fingerprint;
        return fake_fingerprint(where, host);
    }

    /// Answers with the first table whose key is part of the statement, with no row where none is.
    using MysqlSource::query;
    Result<QueryEnd> query(std::string_view sql, RowSink& sink, const Control& control,
                           const PlanJudge& judge) override {
        if (auto admitted = fake_admission(where, host, control); !admitted) return admitted.error();
        if (judge) {
            explained.emplace_back(sql);
            if (auto judged = judge(plan); !judged) return judged.error();
        }
        if (sql.starts_with("SELECT 0 AS number,")) return give(facts, sink, facts_asked);
        asked.emplace_back(sql);
        if (failure) return *failure;
        for (const auto& part : refused_statements)
            if (sql.find(part) != std::string_view::npos)
                return denied("Access denied; you need (at least one of) the PROCESS privilege(s)", "");
        FakeTable none;
        const FakeTable* table = &none;
        for (const auto& [part, one] : tables)
            if (sql.find(part) != std::string_view::npos) {
                table = &one;
                break;
            }
        std::size_t given = 0;
        return give(*table, sink, given);
    }

    Endpoint where;
    std::string host = "fake";                              ///< who answers
    std::vector<std::pair<std::string, FakeTable>> tables;  ///< part of a statement, what it gives
    Result<Plan> plan = Plan{};                             ///< of every statement
    std::vector<std::string> explained;                     ///< whose plans were asked for
    std::optional<Error> no_fingerprint;                    ///< given instead of one
    std::optional<Error> failure;                           ///< given instead of any table
    std::vector<std::string> refused_statements;            ///< parts of those that the account may not send
    std::vector<std::string> asked;                         ///< without the questions about tables
    FakeTable facts;  ///< what the tables of statements are: number, what, name, text
    std::size_t facts_asked = 0;

  private:
    static Result<QueryEnd> give(const FakeTable& table, RowSink& sink, std::size_t& times) {
        ++times;
        if (auto done = sink.columns(table.columns); !done) return done.error();
        QueryEnd end{.complete = true,
                     .snapshot_at = "2026-11-22T14:00:00.000Z",
                     .isolation = "REPEATABLE READ, read only, consistent snapshot",
                     .time_zone = "+00:00"};
        for (const auto& row : table.rows) {
            std::vector<Cell> cells;
            for (const auto& value : row) cells.push_back({!value, value ? std::string_view(*value) : ""});
            auto more = sink.row(cells);
            if (!more) return more.error();
            if (!*more) {
                end.complete = false;
                break;
            }
            ++end.rows;
        }
        return end;
    }
};

}  // namespace casefile::sources::mysql
