// casefile serve --http as a child: the token, the routes, and what a page in a browser must not do.

#include "tests/integration/app/served.h"

using namespace casefile;

TEST_CASE("every route but /health wants the token, in the header and nowhere else") {
    Served served;
    const auto token = served.token();
    CHECK(token.size() == 64);
    const auto bearer = "Authorization: Bearer " + token + "\r\n";
    struct Row {
        std::string head, status;
    };
    const std::string host = "Host: localhost\r\n";
    const std::vector<Row> table{
        {"GET /health HTTP/1.1\r\n" + host, "200"},
        {"GET /ready HTTP/1.1\r\n" + host, "401"},
        {"GET /metrics HTTP/1.1\r\n" + host, "401"},
        {"POST /mcp HTTP/1.1\r\n" + host, "401"},
        {"GET /ready?access_token=" + token + " HTTP/1.1\r\n" + host, "401"},
        {"GET /ready HTTP/1.1\r\n" + host + "Authorization: Bearer " + std::string(64, '0') + "\r\n", "401"},
        {"GET /ready HTTP/1.1\r\n" + host + bearer, "200"},
        {"GET /metrics HTTP/1.1\r\n" + host + bearer, "200"},
        {"GET /nothing HTTP/1.1\r\n" + host + bearer, "404"},
        {"GET /nothing HTTP/1.1\r\n" + host, "401"},
        {"GET /health HTTP/1.1\r\nHost: evil.example\r\n", "403"},
        {"GET /ready HTTP/1.1\r\n" + host + bearer + "Origin: http://evil.example\r\n", "403"},
        {"DELETE /mcp HTTP/1.1\r\n" + host + bearer + "Origin: http://evil.example\r\n", "403"},
        {"GET /ready HTTP/1.1\r\n" + host + bearer + "Origin: http://localhost:5173\r\n", "200"},
    };
    for (const auto& row : table) {
        INFO(row.head);
        CHECK(served.ask(row.head).substr(9, 3) == row.status);
    }
    CHECK(served.end() == 0);
}

TEST_CASE("a call over HTTP is filed under the installation's own principal, and counted") {
    Served served;
    const auto head = "Host: localhost\r\nAuthorization: Bearer " + served.token() + "\r\n";
    const std::string call =
        R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"open_case","arguments":{"topic":"x"},)"
        R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}})";
    const auto answer = served.ask(
        "POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\nMCP-Protocol-Version: 2026-07-28\r\n"
        "Mcp-Method: tools/call\r\nMcp-Name: open_case\r\n" +
            head,
        call);
    CHECK_THAT(answer, Catch::Contains("INC-"));
    CHECK_THAT(served.ask("GET /metrics HTTP/1.1\r\n" + head),
               Catch::Contains(R"(casefile_calls_total{tool="open_case",outcome="answered"} 1)") &&
                   Catch::Contains("casefile_cases 1"));
    const auto listed =
        run({program("casefile"), "call", "get_case", "--home", (served.folder.path() / "home").string()});
    CHECK_THAT(listed.out, Catch::Contains("INC-"));
}

TEST_CASE(
    "an address that others can reach is refused without TLS, and a token that others can read is not used") {
    TemporaryFolder folder;
    const auto home = (folder.path() / "home").string();
    const auto open = run({program("casefile"), "serve", "--http", "0.0.0.0:0", "--home", home});
    CHECK(open.exit_code == 1);
    CHECK_THAT(open.err, Catch::Contains("expected a loopback address"));
    REQUIRE(run({program("casefile"), "token", "--home", home}).exit_code == 0);
    std::filesystem::permissions(folder.path() / "home" / "token", std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    const auto refused = run({program("casefile"), "token", "--home", home});
    CHECK(refused.exit_code == 1);
    CHECK_THAT(refused.err, Catch::Contains("mode 0600"));
}
