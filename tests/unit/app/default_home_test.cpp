#include "app/default_home.h"

#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::app;

TEST_CASE("the home is never below the current folder unless somebody says so") {
    struct Row {
        Variables variables;
        const char* account;
        const char* home;
    };
    const Row rows[] = {
        {{{"XDG_DATA_HOME", "/data"}, {"HOME", "/home/ann"}}, "/home/a", "/data/casefile"},
        {{{"HOME", "/home/ann"}}, "/home/a", "/home/ann/.local/share/casefile"},
        {{{"XDG_DATA_HOME", ""}, {"HOME", "/home/ann"}}, "/home/a", "/home/ann/.local/share/casefile"},
        {{{"XDG_DATA_HOME", "data"}, {"HOME", "/home/ann"}}, "/home/a", "/home/ann/.local/share/casefile"},
        {{{"XDG_DATA_HOME", "./data"}, {"HOME", "ann"}}, "/home/a", "/home/a/.local/share/casefile"},
        {{{"HOME", ""}}, "/home/a", "/home/a/.local/share/casefile"},
        {{}, "/home/a", "/home/a/.local/share/casefile"},
    };
    for (const auto& row : rows) {
        INFO(row.home);
        CHECK(default_home(row.variables, row.account).value() == row.home);
    }
    const auto refused = default_home({{"XDG_DATA_HOME", "data"}, {"HOME", ""}}, "");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::invalid_argument);
    CHECK_THAT(refused.error().hint, Catch::Contains("pass --home"));

    Options options;
    options.home = "here";
    CHECK(home_of(options).value() == "here");
}
