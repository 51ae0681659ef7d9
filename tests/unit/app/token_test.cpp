#include "app/token.h"

#include <sys/resource.h>

#include <csignal>

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

using namespace casefile;
using namespace casefile::app;

namespace {

/// No file of this process may grow while it lives: as on a disk that is full.
class FullDisk {
  public:
    FullDisk() : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit none{0, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &none);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, signal_);
    }

  private:
    void (*signal_)(int);
    rlimit before_{};
};

}  // namespace

TEST_CASE("a token that cannot be written leaves nothing behind") {
    TemporaryFolder folder;
    const auto refused = [&] {
        const FullDisk full;
        return installation_token(folder.path());
    }();
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().message, Catch::StartsWith("the token could not be written to "));
    CHECK(std::filesystem::is_empty(folder.path()));

    const auto token = installation_token(folder.path());
    REQUIRE(token);
    CHECK(installation_token(folder.path()).value().reveal() == token->reveal());
}
