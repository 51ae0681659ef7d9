// docs/capabilities.md names tests as proof: they have to be there.

#include <fstream>
#include <regex>

#include "tests/support/catch.h"

namespace {

std::string read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("every test that docs/capabilities.md names is there") {
    const std::filesystem::path source = CASEFILE_SOURCE_DIR;
    std::string tests;
    for (const auto& file : std::filesystem::recursive_directory_iterator(source / "tests"))
        if (file.path().extension() == ".cpp") tests += read(file.path());
    const auto table = read(source / "docs" / "capabilities.md");
    const std::regex proof("`(?:unit|integration)_[a-z]+`: ([^|;\n]+)");
    std::size_t found = 0;
    for (auto one = std::sregex_iterator(table.begin(), table.end(), proof); one != std::sregex_iterator();
         ++one) {
        auto name = (*one)[1].str();
        name.erase(name.find_last_not_of(' ') + 1);
        INFO(name);
        CHECK(tests.find("\"" + name + "\"") != std::string::npos);
        ++found;
    }
    CHECK(found > 100);
}
