#include "base/text.h"
#include "sandbox/mariadb_client.h"
#include "sandbox/plant.h"

namespace casefile::sandbox {
namespace {

using namespace std::chrono_literals;
using Rows = std::vector<std::vector<std::string>>;  ///< of literals

constexpr std::size_t rows_per_statement = 200;

Result<void> insert(MariadbClient& client, const std::string& table, const std::vector<std::string>& columns,
                    const Rows& rows) {
    for (std::size_t begin = 0; begin < rows.size(); begin += rows_per_statement) {
        std::vector<std::string> tuples;
        for (auto i = begin; i < std::min(rows.size(), begin + rows_per_statement); ++i)
            tuples.push_back("(" + join(rows[i], ",") + ")");
        const auto sql = "INSERT INTO " + table + " (" + join(columns, ",") + ") VALUES " + join(tuples, ",");
        if (auto done = client.execute(sql); !done) return done;
    }
    return {};
}

std::string time_literal(WallTime at) { return "'" + sql_time(at) + "'"; }
std::string price_literal(const std::optional<std::int64_t>& cents) {
    return cents ? decimal(*cents) : "NULL";
}

Result<void> create_tables(MariadbClient& client, const Names& names) {
    const std::string key_type = names.code_prefix.empty() ? "BIGINT" : "VARCHAR(20)";
    const auto reference = reference_column(names) + " " + key_type + " NOT NULL";
    const std::vector<std::string> statements{
        "CREATE TABLE " + names.table + " (" + names.key + " " + key_type + " PRIMARY KEY, " + names.title +
            " VARCHAR(120) NOT NULL, " + names.category + " VARCHAR(40) NOT NULL, " + names.price +
            " DECIMAL(10,2) NOT NULL, " + names.flag + " TINYINT(1) NOT NULL DEFAULT 1, " + names.note +
            " VARCHAR(200) NULL, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, KEY "
            "(updated_at))",
        "CREATE TABLE " + names.audit_table + " (id BIGINT AUTO_INCREMENT PRIMARY KEY, " + reference +
            ", old_price DECIMAL(10,2) NULL, new_price DECIMAL(10,2) NULL, changed_at DATETIME NOT NULL, "
            "changed_by VARCHAR(40) NOT NULL, KEY (" +
            reference_column(names) + "), KEY (changed_at))",
        "CREATE TABLE " + names.customer_table +
            " (id BIGINT PRIMARY KEY, name VARCHAR(80) NOT NULL, email VARCHAR(120) NOT NULL, phone "
            "VARCHAR(30) NULL, "
            "created_at DATETIME NOT NULL)",
        "CREATE TABLE " + names.order_table +
            " (id BIGINT PRIMARY KEY, customer_id BIGINT NOT NULL, placed_at DATETIME NOT NULL, "
            "status ENUM('placed','paid','done') NOT NULL, total DECIMAL(12,2) NOT NULL, KEY (customer_id), "
            "FOREIGN KEY (customer_id) REFERENCES " +
            names.customer_table + " (id))",
        "CREATE TABLE " + names.line_table + " (order_id BIGINT NOT NULL, line_no INT NOT NULL, " +
            reference +
            ", quantity INT NOT NULL, unit_price DECIMAL(10,2) NOT NULL, PRIMARY KEY (order_id, line_no), "
            "FOREIGN KEY (order_id) REFERENCES " +
            names.order_table + " (id))",
    };
    for (const auto& sql : statements)
        if (auto done = client.execute(sql); !done) return done;
    return {};
}

Result<void> insert_entities(MariadbClient& client, const Plan& plan) {
    const auto& names = plan.names;
    Rows rows;
    for (const auto& row : plan.rows)
        rows.push_back({sql_text(row.id), sql_text(row.title), sql_text(row.category), decimal(row.cents),
                        row.flag ? "1" : "0", row.note ? sql_text(*row.note) : "NULL",
                        time_literal(row.created_at), time_literal(row.updated_at)});
    return insert(client, names.table,
                  {names.key, names.title, names.category, names.price, names.flag, names.note, "created_at",
                   "updated_at"},
                  rows);
}

Result<void> insert_changes(MariadbClient& client, const Plan& plan) {
    Rows rows;
    for (const auto& change : plan.changes)
        rows.push_back({sql_text(change.id), price_literal(change.old_cents), price_literal(change.new_cents),
                        time_literal(change.at),
                        change.at >= plan.repriced_at ? "'price-list'" : "'back-office'"});
    return insert(client, plan.names.audit_table,
                  {reference_column(plan.names), "old_price", "new_price", "changed_at", "changed_by"}, rows);
}

// Tables that have nothing to do with the incident, as in any real schema.
Result<void> insert_orders(MariadbClient& client, const Plan& plan) {
    Dice dice(plan.seed + 1'000'003);
    const std::vector<std::string> first{"Ana",   "Björn", "Chloé",  "Dmitrij",
                                         "Émile", "Fatma", "Jürgen", "Łucja"};
    const std::vector<std::string> last{"Ağaoğlu", "Brown",   "Çelik",   "Dvořák",
                                        "Meyer",   "O'Neill", "Sørensen"};
    const auto customers = dice.between(40, 80);
    Rows customer_rows, order_rows, line_rows;
    for (std::int64_t id = 1; id <= customers; ++id) {
        const auto number = std::to_string(id);
        const auto& given = dice.pick(first);
        const auto& family = dice.pick(last);
        customer_rows.push_back(
            {number, sql_text(given + " " + family), sql_text("customer" + number + "@example.org"),
             dice.chance(50) ? sql_text("+49 30 " + std::to_string(dice.between(100000, 999999))) : "NULL",
             time_literal(plan.now - std::chrono::minutes(dice.between(1440, 300'000)))});
    }
    const auto orders = dice.between(120, 240);
    for (std::int64_t id = 1; id <= orders; ++id) {
        std::int64_t total = 0;
        for (std::int64_t line = 1, lines = dice.between(1, 4); line <= lines; ++line) {
            const auto& row = dice.pick(plan.cached);  // what there was when people ordered
            const auto quantity = dice.between(1, 3);
            total += row.cents * quantity;
            line_rows.push_back({std::to_string(id), std::to_string(line), sql_text(row.id),
                                 std::to_string(quantity), decimal(row.cents)});
        }
        const auto placed_at = plan.now - std::chrono::minutes((orders - id + 1) * 17);
        order_rows.push_back({std::to_string(id), std::to_string(dice.between(1, customers)),
                              time_literal(placed_at), dice.chance(80) ? "'done'" : "'paid'",
                              decimal(total)});
    }
    const auto& names = plan.names;
    if (auto done = insert(client, names.customer_table, {"id", "name", "email", "phone", "created_at"},
                           customer_rows);
        !done)
        return done;
    if (auto done = insert(client, names.order_table, {"id", "customer_id", "placed_at", "status", "total"},
                           order_rows);
        !done)
        return done;
    return insert(client, names.line_table,
                  {"order_id", "line_no", reference_column(names), "quantity", "unit_price"}, line_rows);
}

}  // namespace

Result<void> plant_mariadb(const Plan& plan, const MariadbServer& server) {
    auto client = MariadbClient::connect(server.port, "admin", server.admin_password);
    if (!client) return client.error();
    const auto& database = plan.names.database;
    for (const auto& sql : {"CREATE DATABASE " + database + " CHARACTER SET utf8mb4", "USE " + database})
        if (auto done = client->execute(sql); !done) return done;
    if (auto done = create_tables(*client, plan.names); !done) return done;
    if (auto done = insert_entities(*client, plan); !done) return done;
    if (auto done = insert_changes(*client, plan); !done) return done;
    if (auto done = insert_orders(*client, plan); !done) return done;
    // So that row estimates are there for whoever reads the catalogue next.
    return client->execute("ANALYZE TABLE " + plan.names.table + ", " + plan.names.line_table);
}

}  // namespace casefile::sandbox
