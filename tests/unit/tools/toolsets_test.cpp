// The toolsets: what each offers, and the names that are known without making the tools.

#include "tools/toolsets.h"

#include "tests/unit/tools/record_tools.h"

using namespace casefile;
using namespace casefile::tools;

TEST_CASE("the tools beyond the default are known by the names that they have themselves") {
    ToolBench bench;
    const auto beyond = tools_beyond_default();
    for (const auto* toolset : {"work", "admin"}) {
        mcp::Catalog catalog;
        add_tools(catalog, bench.work(), {toolset});
        std::size_t of_toolset = 0;
        for (const auto& [name, of] : beyond)
            if (of == toolset) {
                CHECK(catalog.find_tool(name) != nullptr);
                ++of_toolset;
            }
        CHECK(catalog.tools().size() == of_toolset);
    }
}
