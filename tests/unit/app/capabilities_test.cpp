// docs/capabilities.md names tests as proof: they have to be there, and no row may be without one.

#include <fstream>
#include <regex>
#include <set>

#include "app/installation.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"
#include "tools/toolsets.h"

using namespace casefile;

namespace {

const std::filesystem::path source = CASEFILE_SOURCE_DIR;

std::string read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The rows of the groups in the table: A, F, G, H, K, L, M, N and O.
std::set<int> rows_asked_for() {
    std::set<int> rows;
    for (const auto& [first, last] : {std::pair(1, 14), std::pair(64, 124), std::pair(174, 256)})
        for (int row = first; row <= last; ++row) rows.insert(row);
    return rows;
}

/// They come with metrics, collectors and the console. Of others a part comes then: those have a test as
/// well.
const std::set<int> later{71, 72, 75, 89, 93, 192, 206, 209, 224, 235, 236, 240, 255};

}  // namespace

TEST_CASE(
    "every row of docs/capabilities.md names a test that is there, or is one of those that come later") {
    std::string tests;
    for (const auto& file : std::filesystem::recursive_directory_iterator(source / "tests"))
        if (file.path().extension() == ".cpp") tests += read(file.path());
    const auto table = read(source / "docs" / "capabilities.md");
    const std::regex row(R"(\n\| (\d+) \| ([^|]+) \| ([^|]+) \|)"),
        proof("`(?:unit|integration)_[a-z]+`: ([^;\n]+)");
    std::set<int> told;
    for (auto one = std::sregex_iterator(table.begin(), table.end(), row); one != std::sregex_iterator();
         ++one) {
        const auto line = (*one)[0].str(), cell = (*one)[3].str();
        INFO(line);
        const int number = std::stoi((*one)[1].str());
        CHECK(told.insert(number).second);
        std::size_t proofs = 0;
        for (auto name = std::sregex_iterator(cell.begin(), cell.end(), proof);
             name != std::sregex_iterator(); ++name, ++proofs)
            CHECK(tests.find("TEST_CASE(\"" + (*name)[1].str() + "\"") != std::string::npos);
        if (later.count(number) == 0)
            CHECK(proofs > 0);
        else
            CHECK(cell.starts_with("later"));
    }
    CHECK(told == rows_asked_for());
}

TEST_CASE("the arguments of every tool that takes some are seeds of the fuzz corpus") {
    std::string seeds;
    for (const auto& file : std::filesystem::directory_iterator(source / "tests/fuzz/corpus/arguments"))
        seeds += read(file.path());
    const TemporaryFolder folder;
    app::Options options;
    options.home = (folder.path() / "home").string();
    options.toolsets = tools::toolset_names();
    const auto built = app::Installation::build(options).value();
    for (const auto& tool : built->catalog().tools()) {
        const auto& name = tool->info().name;
        // They take nothing, or work without a case of their own and would fill the home.
        if (name == "list_environments" || name == "open_case" || name == "get_case") continue;
        INFO(name);
        CHECK(seeds.find("{\"tool\":\"" + name + "\"") != std::string::npos);
    }
}
