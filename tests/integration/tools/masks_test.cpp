// Masks on a real MariaDB: every attack of the corpus is asked, and no masked value is anywhere in what
// casefile wrote, but in the files that hold what was asked.

#include "base/text.h"
#include "cases/inspect_log.h"
#include "sandbox/mariadb_client.h"
#include "tests/support/endpoints.h"
#include "tests/support/servers.h"
#include "tests/support/tool_bench.h"
#include "tests/unit/policy/corpus.h"
#include "tools/asked.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

/// What the rows of mask_schema.sql hold in masked columns and members.
const std::vector<std::string> planted = {"raw-hunter2-ada", "raw-hunter2-bob",     "raw-key-ada",
                                          "raw-token-bob",   "raw-json-ada",        "raw-nested-ada",
                                          "493817",          "4111-1111-1111-1111", "5555555555554444"};

sources::Endpoint endpoint() {
    const auto& server = TestServers::get().mariadb;
    return endpoint_of(SourceKind::mysql, "SHOP", server.port, "masks_reader", server.reader_password,
                       "shop");
}

void load(const std::string& file) {
    const auto& server = TestServers::get().mariadb;
    auto admin = sandbox::MariadbClient::connect(server.port, "admin", server.admin_password);
    REQUIRE(admin);
    REQUIRE(admin->execute("USE shop"));
    std::ifstream in(std::string(CASEFILE_SOURCE_DIR) + "/tests/policy/" + file);
    std::string statement, line, delimiter = ";";
    while (std::getline(in, line)) {
        if (line.starts_with("--")) continue;
        if (line.starts_with("DELIMITER ")) {
            delimiter = line.substr(10);
            continue;
        }
        statement += line + "\n";
        const auto trimmed = std::string(trim(statement));
        if (!trimmed.ends_with(delimiter)) continue;
        const auto sql = trimmed.substr(0, trimmed.size() - delimiter.size());
        INFO(sql);
        REQUIRE(admin->execute(sql));
        statement.clear();
    }
}

struct Shop : ToolBench {
    Shop() {
        static const bool loaded = [] {
            const auto& server = TestServers::get().mariadb;
            auto admin = sandbox::MariadbClient::connect(server.port, "admin", server.admin_password);
            REQUIRE(admin);
            for (const auto& sql :
                 {std::string("DROP DATABASE IF EXISTS shop"), std::string("CREATE DATABASE shop"),
                  "CREATE OR REPLACE USER masks_reader@'127.0.0.1' IDENTIFIED BY '" + server.reader_password +
                      "'",
                  std::string("GRANT SELECT, SHOW VIEW ON shop.* TO masks_reader@'127.0.0.1'")})
                REQUIRE(admin->execute(sql));
            load("schema.sql");
            load("mask_schema.sql");
            return true;
        }();
        REQUIRE(loaded);
        add(sources::mysql::make_mysql_source(endpoint(), limits));
        confirm("SHOP");
    }
    mcp::ToolResult query(const std::string& sql) {
        return result(mysql::query_tool(work()), {{"sql", sql}});
    }
};

std::string found_in(const std::string& text) {
    for (const auto& value : planted)
        if (text.find(value) != std::string::npos) return value;
    return {};
}

/// Everything that lies in the folder of the case, by its name.
std::map<std::string, std::string> files_of(const std::filesystem::path& folder) {
    std::map<std::string, std::string> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream in(entry.path(), std::ios::binary);
        out[entry.path().filename().string()] += std::string(std::istreambuf_iterator<char>(in), {});
    }
    return out;
}

}  // namespace

TEST_CASE("no attack of the corpus shows a masked value, and each is refused by casefile") {
    Shop shop;
    for (const auto& line : policy::read_corpus("mask_refuse.tsv")) {
        const auto came = shop.query(policy::decoded(line.text));
        INFO("mask_refuse.tsv:" << line.number << ": " << line.text << "\n" << mcp::whole_text(came));
        CHECK(came.is_error);
        CHECK(came.structured.at("error").at("layer") == "casefile");
        CHECK(mcp::whole_text(came).find(line.mark) != std::string::npos);
        CHECK_THAT(found_in(mcp::whole_text(came)), Catch::Equals(""));
    }
    // The attacks' own literals are in what was asked, and in the journal that holds it.
    for (const auto& [name, text] : files_of(shop.cases().store().case_folder(shop.case_id))) {
        if (name == "chain.jsonl" || holds_what_was_asked(name)) continue;
        INFO(name);
        CHECK_THAT(found_in(text), Catch::Equals(""));
    }
}

TEST_CASE("every honest question of the corpus runs, and shows masked columns as tokens alone") {
    Shop shop;
    for (const auto& line : policy::read_corpus("mask_allow.tsv")) {
        const auto came = shop.query(policy::decoded(line.text));
        INFO("mask_allow.tsv:" << line.number << ": " << line.text << "\n" << mcp::whole_text(came));
        CHECK_FALSE(came.is_error);
        if (came.is_error) continue;
        CHECK_THAT(found_in(mcp::structured_text(came)), Catch::Equals(""));
        CHECK_THAT(found_in(mcp::whole_text(came)), Catch::Equals(""));
        std::vector<std::string> masked;
        for (const auto& column : came.structured.at("columns").as_array())
            if (column.at("type") == "masked") masked.emplace_back(column.at("name").as_string());
        CHECK((masked.empty() ? "nothing" : join(masked, " ")) == line.mark);
    }
    for (const auto& [name, text] : files_of(shop.cases().store().case_folder(shop.case_id))) {
        if (name == "chain.jsonl" || holds_what_was_asked(name)) continue;
        INFO(name);
        CHECK_THAT(found_in(text), Catch::Equals(""));
    }
}

TEST_CASE("every question that may be asked of tables without secrets still runs") {
    Shop shop;
    int refused_by_masks = 0;
    for (const auto& line : policy::read_corpus("sql_allow.tsv")) {
        const auto came = shop.query(policy::decoded(line.text));
        if (!came.is_error || came.structured.at("error").at("layer") != "casefile") continue;
        const auto message = std::string(came.structured.at("error").at("message").as_string());
        if (message.find("statement not allowed") == std::string::npos) continue;
        WARN(line.text << "\n  " << message);
        ++refused_by_masks;
    }
    CHECK(refused_by_masks == 0);
}

TEST_CASE("a plain question costs the server no more statements once its tables are known") {
    Shop shop;
    const auto& server = TestServers::get().mariadb;
    auto admin = sandbox::MariadbClient::connect(server.port, "admin", server.admin_password);
    REQUIRE(admin);
    const auto questions = [&] {
        const auto rows = admin->query("SHOW GLOBAL STATUS LIKE 'Questions'");
        REQUIRE(rows);
        return std::stoll((*rows)[0][1].value_or("0"));
    };
    const auto cost = [&](const std::string& sql) {
        const auto before = questions();
        CHECK_FALSE(shop.query(sql).is_error);
        return questions() - before - 1;
    };
    const auto first = cost("SELECT id, status FROM orders");
    const auto second = cost("SELECT id, status FROM orders WHERE id = 100");
    const auto third = cost("SELECT total FROM orders WHERE customer_id = 1");
    // Five, and one for the plan of a statement that is new.
    CHECK(first > second);
    CHECK(second == 6);
    CHECK(third == 6);
}

TEST_CASE("a variable that can hold a password is shown as a token, and cannot be sought by its value") {
    const auto& server = TestServers::get().mariadb;
    auto admin = sandbox::MariadbClient::connect(server.port, "admin", server.admin_password);
    REQUIRE(admin);
    REQUIRE(admin->execute("SET GLOBAL init_connect = 'SELECT ''raw-in-a-variable'''"));
    Shop shop;

    for (const auto* sql : {"SHOW GLOBAL VARIABLES LIKE 'init_connect'", "SHOW VARIABLES",
                            "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('init_connect')"}) {
        const auto came = shop.query(sql);
        INFO(sql << "\n" << mcp::whole_text(came));
        CHECK_FALSE(came.is_error);
        CHECK_THAT(mcp::whole_text(came), !Catch::Contains("raw-in-a-variable"));
    }
    const auto shown = shop.query("SHOW GLOBAL VARIABLES LIKE 'init_connect'");
    CHECK_THAT(mcp::whole_text(shown), Catch::Contains("init_connect") && Catch::Contains("secret:"));
    for (const auto* sql : {"SHOW GLOBAL VARIABLES WHERE Value LIKE 'SELECT ''raw-in%'",
                            "SHOW GLOBAL VARIABLES WHERE Variable_name LIKE 'init%' AND Value > 'S'"}) {
        const auto came = shop.query(sql);
        INFO(sql << "\n" << mcp::whole_text(came));
        CHECK(came.is_error);
        CHECK_THAT(mcp::whole_text(came), Catch::Contains("filtered by Value"));
    }
    CHECK_FALSE(shop.query("SHOW VARIABLES WHERE Variable_name = 'port' AND Value > 0").is_error);
    for (const auto& [name, text] : files_of(shop.cases().store().case_folder(shop.case_id))) {
        if (name == "chain.jsonl" || holds_what_was_asked(name)) continue;
        INFO(name);
        CHECK(text.find("raw-in-a-variable") == std::string::npos);
    }
    REQUIRE(admin->execute("SET GLOBAL init_connect = ''"));
}

TEST_CASE("a connection whose schema is the server's own reads its tables by their whole names only") {
    Shop shop;
    auto inside = endpoint();
    inside.env = "INSIDE";
    inside.variable = "MYSQL_INSIDE_URL";
    inside.database = "information_schema";
    shop.add(sources::mysql::make_mysql_source(inside, shop.limits));
    shop.confirm("INSIDE");
    const auto query = [&](const std::string& sql) {
        return shop.result(mysql::query_tool(shop.work()), {{"sql", sql}, {"env", "INSIDE"}});
    };
    for (const auto* sql : {"SELECT INFO FROM PROCESSLIST", "SELECT * FROM `global_variables`",
                            "TABLE INNODB_TRX", "SELECT 1 FROM (SELECT * FROM innodb_locks) AS d"}) {
        const auto came = query(sql);
        INFO(sql << "\n" << mcp::whole_text(came));
        CHECK(came.is_error);
        CHECK(came.structured.at("error").at("layer") == "casefile");
        CHECK_THAT(mcp::whole_text(came), Catch::Contains("write information_schema."));
    }
    CHECK_FALSE(query("SELECT ID FROM information_schema.PROCESSLIST").is_error);
    CHECK_FALSE(query("SELECT 1").is_error);
}
