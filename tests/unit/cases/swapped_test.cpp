// Files and folders of a case that somebody exchanges while they are read, verified and exported.

#include <fcntl.h>
#include <stdio.h>

#include <atomic>
#include <thread>

#include "cases/export.h"
#include "cases/import.h"
#include "evidence/files.h"
#include "tests/support/catch.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;
namespace fs = std::filesystem;

namespace {

constexpr int rounds = 15;
const std::string secret = "a row that belongs to nobody here\n";

/// Exchanges two names over and over, while it lives.
class Swapper {
  public:
    Swapper(const fs::path& one, const fs::path& other)
        : thread_([one, other, this] {
              while (!ending_)
                  if (::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0)
                      ++swaps_;
          }) {
        while (swaps_ == 0) std::this_thread::yield();
    }
    ~Swapper() {
        ending_ = true;
        thread_.join();
    }
    Swapper(const Swapper&) = delete;
    Swapper& operator=(const Swapper&) = delete;

  private:
    std::atomic<bool> ending_ = false;
    std::atomic<std::uint64_t> swaps_ = 0;
    std::thread thread_;
};

struct Case {
    CaseHome home;
    Casebook book{*home.store};
    std::string id = home.open(book, "Wrong prices").id, run = home.run(id, "query_mysql", "3 rows");
    fs::path folder = home.store->case_folder(id) / book.find(id, alice).value().runs[0].folder(),
             rows = folder / "db_rows.prices.csv", outside = home.folder.path() / "outside";

    Case() { fs::create_directory(outside); }

    /// Nothing but the bytes that were filed ever comes out of it.
    void is_safe_to_use() {
        const auto good = std::string("id,price\n1,2\n");
        for (int round = 0; round < rounds; ++round) {
            const auto found = book.verify(id, alice).value();
            if (!found.ok) CHECK_THAT(found.first_break->kind, Catch::StartsWith("file "));
            if (const auto file = home.store->open_file(id, run, rows.filename()))
                CHECK(evidence::read_whole(file->get(), 1'000).value() != secret);
            const auto archive = home.folder.path() / (std::to_string(round) + ".casefile.tgz");
            if (!export_case(*home.store, id, archive, true)) continue;
            CaseHome there;
            REQUIRE(import_case(*there.store, archive, home.store->key().fingerprint()));
            const auto imported = there.store->home() / "imported" / home.store->key().fingerprint() / id;
            CHECK(read_text(imported / rows.lexically_relative(home.store->case_folder(id))) == good);
        }
    }
};

}  // namespace

TEST_CASE("an output that is exchanged for a link or for other bytes meanwhile leaves no trace of them") {
    Case one;
    write_text(one.outside / "secret", secret);
    const auto other = one.outside / "other";
    SECTION("a link") {
        fs::create_symlink(one.outside / "secret", other);
        const Swapper swapper(one.rows, other);
        one.is_safe_to_use();
    }
    SECTION("other bytes of the same length, which verify and export tell from the filed ones") {
        write_text(other, "id,price\n1,3\n");
        const Swapper swapper(one.rows, other);
        one.is_safe_to_use();
    }
}

TEST_CASE("a run's folder that is exchanged for a link to one outside leaves no trace of it") {
    Case one;
    const auto copy = one.outside / "copy";
    fs::copy(one.folder, copy);
    write_text(copy / one.rows.filename(), secret);
    fs::create_directory_symlink(copy, one.outside / "link");
    const Swapper swapper(one.folder, one.outside / "link");
    one.is_safe_to_use();
}

TEST_CASE("a path beneath a folder leads nowhere else") {
    TemporaryFolder scratch;
    fs::create_directories(scratch.path() / "case/runs/one");
    fs::create_directories(scratch.path() / "outside/one");
    fs::create_directory_symlink(scratch.path() / "outside", scratch.path() / "case/link");
    fs::create_directory_symlink("runs", scratch.path() / "case/near");
    write_text(scratch.path() / "case/file", "");
    const auto folder = evidence::open_folder(scratch.path() / "case").value();
    CHECK(evidence::open_folder_beneath(folder.get(), "runs/one"));
    CHECK(evidence::open_folder_beneath(folder.get(), "."));
    for (const std::string path :
         {"link/one", "near/one", "../outside", "runs/../../outside", "file/x", "/", "link"}) {
        INFO(path);
        CHECK(evidence::open_folder_beneath(folder.get(), path).error().kind == ErrorKind::invalid_argument);
    }
    CHECK(evidence::open_folder_beneath(folder.get(), "runs/two").error().kind == ErrorKind::not_found);
}
