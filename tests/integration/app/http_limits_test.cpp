// casefile serve --http: what strangers, slow servers and mistakes must not do to it.

#include "tests/integration/app/served.h"

using namespace casefile;
using Catch::Contains;
using Catch::StartsWith;

TEST_CASE("who may not come in is told so before any of the body is read") {
    Served served;
    const std::string host = "Host: localhost\r\n";
    const std::string body = "Content-Type: application/json\r\nContent-Length: 16777216\r\n\r\n";
    const auto bearer = "Authorization: Bearer " + served.token() + "\r\n";
    struct Row {
        std::string head, status;
    };
    const std::vector<Row> table{
        {"POST /mcp HTTP/1.1\r\n" + host, "401"},
        {"POST /mcp HTTP/1.1\r\n" + host + "Expect: 100-continue\r\n", "401"},
        {"POST /mcp HTTP/1.1\r\n" + host + "Authorization: Bearer " + std::string(64, '0') + "\r\n", "401"},
        {"POST /mcp HTTP/1.1\r\nHost: evil.example\r\n" + bearer, "403"},
        {"POST /mcp HTTP/1.1\r\n" + host + bearer + "Origin: http://evil.example\r\n", "403"},
        {"POST /health HTTP/1.1\r\n" + host, "413"},
        {"POST /mcp HTTP/1.1\r\n" + host + bearer + "Expect: 100-continue\r\n", "100"},
    };
    for (const auto& row : table) {
        INFO(row.head);
        const auto client = served.client();
        client->send(row.head + body);
        const auto answer = client->read_response();
        CHECK(answer.substr(9, 3) == row.status);
        CHECK((answer.find("Connection: close\r\n") != std::string::npos) == (row.status != "100"));
    }

    // One who sends it all the same hears the answer too.
    const auto blind = served.client();
    blind->send("POST /mcp HTTP/1.1\r\n" + host + body);
    for (int piece = 0; piece < 16; ++piece) blind->send(std::string(1 << 20, 'x'));
    CHECK_THAT(blind->read_response(), StartsWith("HTTP/1.1 401 "));
}
