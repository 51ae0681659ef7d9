#include "mcp/cursor.h"

#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::mcp;

TEST_CASE("a cursor opens for its own list, and nothing that a client makes up opens at all") {
    const auto cursor = make_cursor("key", "resources", "casefile://cases/INC-1");
    CHECK(open_cursor("key", "resources", cursor).value() == "casefile://cases/INC-1");
    CHECK(cursor.find("INC") == std::string::npos);

    CHECK_FALSE(open_cursor("key", "tools", cursor));
    CHECK_FALSE(open_cursor("another key", "resources", cursor));
    CHECK_FALSE(open_cursor("key", "resources", ""));
    CHECK_FALSE(open_cursor("key", "resources", "2"));
    CHECK_FALSE(open_cursor("key", "resources", cursor + "A"));
    CHECK_FALSE(open_cursor("key", "resources", cursor.substr(1)));
    auto changed = cursor;
    changed.back() = changed.back() == 'A' ? 'B' : 'A';
    CHECK_FALSE(open_cursor("key", "resources", changed));
    CHECK_FALSE(open_cursor("key", "resources", std::string(100'000, 'A')));
}
