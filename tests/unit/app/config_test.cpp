#include "app/config.h"

#include <fstream>

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

using namespace casefile;
using namespace casefile::app;

namespace {

/// Every field of a schema as a dotted path, with `*` for a free key.
void paths_of(const json::object& schema, const std::string& at, std::vector<std::string>& paths) {
    if (const auto* properties = schema.if_contains("properties"))
        for (const auto& pair : properties->get_object())
            paths_of(pair.value().get_object(),
                     at.empty() ? std::string(pair.key()) : at + "." + std::string(pair.key()), paths);
    else if (const auto* more = schema.if_contains("additionalProperties");
             more != nullptr && more->is_object())
        paths_of(more->get_object(), at + ".<ENV>", paths);
    else
        paths.push_back(at);
}

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {(std::istreambuf_iterator<char>(in)), {}};
}

}  // namespace

TEST_CASE("a mistake in the configuration names its file and its field") {
    TemporaryFolder folder;
    const auto file = folder.path() / "casefile.json";
    const auto complaint = [&](const char* text) {
        std::ofstream(file) << text;
        const auto config = read_config(file);
        return config ? std::string("none") : config.error().message;
    };
    CHECK(complaint("{ /* fine */ \"grant_hours\": 4, }") == "none");
    CHECK_THAT(complaint("{\"limits\":{\"rows_max\":-5}}"),
               Catch::Contains("casefile.json: limits.rows_max: expected 1..1000000, got -5"));
    CHECK_THAT(complaint("{\"limit\":{}}"), Catch::Contains("limit: unknown field"));
    CHECK_THAT(complaint("{\"kafka\":{\"DEV\":{\"tunnels\":{\"b:1\":7}}}}"),
               Catch::Contains("kafka.DEV.tunnels.b:1: expected a string"));
}

TEST_CASE("docs/configuration.md names every field of the configuration, and no other") {
    const auto text = text_of(std::filesystem::path(CASEFILE_SOURCE_DIR) / "docs/configuration.md");
    std::vector<std::string> paths;
    paths_of(config_schema().json_schema(), "", paths);
    CHECK(paths.size() > 10);
    for (const auto& path : paths) {
        INFO(path);
        CHECK(text.find("| `" + path + "` |") != std::string::npos);
    }
    std::size_t rows = 0;
    for (std::size_t at = 0; (at = text.find("\n| `", at)) != std::string::npos; ++at) ++rows;
    CHECK(rows == paths.size());
}
