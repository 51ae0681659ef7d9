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
               Catch::Contains("casefile.json: kafka.DEV.tunnels.b:1: expected a string"));
}

TEST_CASE("a configuration that is no file is refused with the option and the path") {
    TemporaryFolder folder;
    for (const auto& [file, reason] :
         {std::pair{folder.path(), ": expected a file, got a folder"},
          std::pair{folder.path() / "missing.json", ": no such file or directory"}}) {
        const auto refused = read_config(file);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::invalid_argument);
        CHECK(refused.error().message == "--config: cannot read " + file.string() + reason);
        CHECK_THAT(refused.error().hint, Catch::Contains("docs/configuration.md"));
    }
}

TEST_CASE("an authorization server is configured whole, or not at all") {
    TemporaryFolder folder;
    const auto file = folder.path() / "casefile.json";
    const auto read = [&](const std::string& oauth) {
        std::ofstream(file) << R"({"http":{"oauth":)" << oauth << "}}";
        return read_config(file);
    };
    const auto whole =
        read(R"({"issuer":"https://a.example","audience":"https://b.example/mcp","jwks_file":"k"})");
    REQUIRE(whole);
    REQUIRE(whole->http.oauth);
    CHECK(whole->http.oauth->issuer == "https://a.example");
    CHECK(whole->http.oauth->audience == "https://b.example/mcp");
    CHECK(whole->http.oauth->jwks_file == "k");
    CHECK(!read_config({})->http.oauth);

    const std::vector<std::pair<std::string, std::string>> table = {
        {R"({"audience":"https://b.example/mcp","jwks_file":"k"})", "http.oauth.issuer: "},
        {R"({"issuer":"https://a.example","jwks_file":"k"})", "http.oauth.audience: "},
        {R"({"issuer":"https://a.example","audience":"https://b.example/mcp"})", "http.oauth.jwks_file: "},
        {R"({"issuer":"https://a.example","audience":"https://b.example/mcp","jwks_file":""})",
         "http.oauth.jwks_file: "},
        {R"({"issuer":"http://a.example","audience":"https://b.example/mcp","jwks_file":"k"})",
         "http.oauth.issuer: expected an https URL"},
        {R"({"issuer":"https://a.example","audience":"b","jwks_file":"k"})",
         "http.oauth.audience: expected an https URL"},
    };
    for (const auto& [oauth, reason] : table) {
        INFO(oauth);
        const auto refused = read(oauth);
        REQUIRE(!refused);
        CHECK_THAT(refused.error().message, Catch::Contains("casefile.json: " + reason));
    }
}

TEST_CASE("docs/configuration.md names every field of the configuration, and no other") {
    const auto text = text_of(std::filesystem::path(CASEFILE_SOURCE_DIR) / "docs/configuration.md");
    std::vector<std::string> paths;
    paths_of(config_schema().take_json_schema(), "", paths);
    CHECK(paths.size() > 10);
    for (const auto& path : paths) {
        INFO(path);
        CHECK(text.find("| `" + path + "` |") != std::string::npos);
    }
    std::size_t rows = 0;
    for (std::size_t at = 0; (at = text.find("\n| `", at)) != std::string::npos; ++at) ++rows;
    CHECK(rows == paths.size());
}
