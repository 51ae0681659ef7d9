#include "mcp/revision.h"

#include "tests/support/catch.h"

using namespace casefile::mcp;

TEST_CASE("each method belongs to the eras that have it") {
    struct Row {
        const char* method;
        bool modern, handshake;
    };
    const std::vector<Row> table{
        {"initialize", false, true},
        {"ping", false, true},
        {"server/discover", true, false},
        {"tools/list", true, true},
        {"tools/call", true, true},
        {"prompts/list", true, true},
        {"prompts/get", true, true},
        {"resources/list", true, true},
        {"resources/read", true, true},
        {"resources/subscribe", false, true},
        {"completion/complete", true, true},
        {"logging/setLevel", false, true},
        {"subscriptions/listen", true, false},
        {"tasks/get", true, false},
        {"tasks/result", false, false},
        {"Tools/List", false, false},
        {"", false, false},
    };
    for (const auto& row : table) {
        INFO(row.method);
        CHECK(find_method(*find_revision("2026-07-28"), row.method).has_value() == row.modern);
        CHECK(find_method(*find_revision("2025-11-25"), row.method).has_value() == row.handshake);
        CHECK(find_method(*find_revision("2024-11-05"), row.method).has_value() == row.handshake);
        CHECK(is_known_method(row.method) == (row.modern || row.handshake));
    }
}

TEST_CASE("the newest handshake revision is the one before the modern ones") {
    CHECK(newest_handshake().name == "2025-11-25");
    CHECK(revisions().front().name == "2026-07-28");
    CHECK(find_revision("2027-01-01") == nullptr);
}
