// Small files come whole within a limit, or with the reason; they are replaced in one step.

#include "base/small_file.h"

#include <sys/stat.h>

#include <fstream>

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

using namespace casefile;

namespace {

std::size_t files_in(const std::filesystem::path& folder) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) count += entry.exists() ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("a small file is read whole up to the limit") {
    TemporaryFolder folder;
    const auto file = folder.path() / "note";
    std::ofstream(file) << std::string(50'000, 'x');
    CHECK(read_small_file(file, 50'000).value() == std::string(50'000, 'x'));
    const auto large = read_small_file(file, 49'999);
    REQUIRE_FALSE(large);
    CHECK(large.error().kind == ErrorKind::limit_reached);
    CHECK(large.error().message ==
          "cannot read " + file.string() + ": expected at most 49999 bytes, got more");
    // What the kernel tells has no size beforehand.
    CHECK_THAT(read_small_file("/proc/self/stat", 4'096).value(), Catch::Contains(")"));
}

TEST_CASE("what is no file is refused at once, with what it is") {
    TemporaryFolder folder;
    const auto at = [&](const char* name) { return folder.path() / name; };
    std::filesystem::create_directory(at("folder"));
    REQUIRE(::mkfifo(at("pipe").c_str(), 0600) == 0);
    struct Row {
        const char* name;
        ErrorKind kind;
        const char* reason;
    };
    const Row rows[] = {
        {"folder", ErrorKind::invalid_argument, ": expected a file, got a folder"},
        {"pipe", ErrorKind::invalid_argument, ": expected a file, got something else, such as a pipe"},
        {"missing", ErrorKind::not_found, ": no such file or directory"},
        {"missing/note", ErrorKind::not_found, ": no such file or directory"},
    };
    for (const auto& row : rows) {
        const auto refused = read_small_file(at(row.name), 100);
        INFO(row.name);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == row.kind);
        CHECK(refused.error().message == "cannot read " + at(row.name).string() + row.reason);
    }
}

TEST_CASE("a file is replaced in one step, for its owner alone, and nothing stays beside it") {
    TemporaryFolder folder;
    const auto file = folder.path() / "made" / "note.json";
    for (const bool durable : {true, false}) {
        REQUIRE(replace_small_file(file, "old, and longer", durable));
        REQUIRE(replace_small_file(file, "new", durable));
        CHECK(read_small_file(file, 100).value() == "new");
    }
    struct stat info {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    REQUIRE(::stat(file.parent_path().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0700);
    CHECK(files_in(file.parent_path()) == 1);

    std::filesystem::create_directories(folder.path() / "made" / "taken" / "by a folder");
    const auto refused = replace_small_file(folder.path() / "made" / "taken", "x", false);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().message, Catch::StartsWith("cannot write "));
    CHECK(files_in(file.parent_path()) == 2);
}
