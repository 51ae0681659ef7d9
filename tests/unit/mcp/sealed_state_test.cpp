#include "mcp/sealed_state.h"

#include <fstream>

#include "base/text.h"
#include "tests/fakes/manual_clock.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

using namespace casefile;
using namespace casefile::mcp;

namespace {

const StateOwner owner{.principal = "local:1000", .subject = "confirm", .arguments_sha256 = "abc"};
const json::object content{{"step", 1}};

struct Seals {
    ManualClock clock;
    SealedState seals{"key", clock};
};

std::string refusal(const Result<OpenedState>& opened) { return opened ? "opened" : opened.error().message; }

}  // namespace

TEST_CASE("a state opens once, with what was sealed") {
    Seals given;
    const auto sealed = given.seals.seal(owner, content);

    const auto opened = given.seals.open(owner, sealed);
    REQUIRE(opened);
    CHECK(opened->content == content);
    CHECK(opened->expires == given.clock.now() + SealedState::lifetime);
    CHECK(refusal(given.seals.open(owner, sealed)) ==
          "requestState refused: it was used before, and counts once");
}

TEST_CASE("of the processes that share a folder one opens a state, and remembers it past its end") {
    ManualClock clock;
    TemporaryFolder folder;
    const auto process = [&] {
        return std::make_unique<SealedState>("key", clock, folder.path() / "answered");
    };
    const auto first = process(), second = process();
    const auto sealed = first->seal(owner, content);
    REQUIRE(second->open(owner, sealed));
    const std::string used = "requestState refused: it was used before, and counts once";
    CHECK(refusal(first->open(owner, sealed)) == used);
    CHECK(refusal(process()->open(owner, sealed)) == used);

    const auto kept = [&] {
        return std::distance(std::filesystem::directory_iterator(folder.path() / "answered"), {});
    };
    CHECK(kept() == 1);
    clock.advance(SealedState::lifetime);
    REQUIRE(first->open(owner, first->seal(owner, content)));
    CHECK(kept() == 1);
}

TEST_CASE("a state whose use cannot be kept does not open") {
    ManualClock clock;
    TemporaryFolder folder;
    std::ofstream(folder.path() / "answered") << "no folder";
    SealedState seals("key", clock, folder.path() / "answered");
    CHECK_THAT(refusal(seals.open(owner, seals.seal(owner, content))), Catch::Contains("could not be kept"));
}

TEST_CASE("a state opens only for the call that it was made for") {
    Seals given;
    struct Row {
        StateOwner owner;
        std::string expected;
    };
    const std::vector<Row> table{
        {{"local:1001", "confirm", "abc"}, "requestState refused: it was issued to another principal"},
        {{"local:1000", "other", "abc"},
         "requestState refused: it was issued for another request or other arguments"},
        {{"local:1000", "confirm", "abd"},
         "requestState refused: it was issued for another request or other arguments"},
    };
    const auto sealed = given.seals.seal(owner, content);
    for (const auto& row : table) CHECK(refusal(given.seals.open(row.owner, sealed)) == row.expected);
    CHECK(given.seals.open(owner, sealed));
}

TEST_CASE("a forged or changed state is refused") {
    Seals given;
    const auto sealed = given.seals.seal(owner, content);
    const auto signature = sealed.substr(sealed.find('.'));
    ManualClock clock;
    SealedState other("another key", clock);
    const std::string expected =
        "requestState refused: it was not issued by this installation, or was changed";

    std::string changed = sealed;
    changed[10] = changed[10] == 'A' ? 'B' : 'A';
    for (const auto& forged :
         {std::string(), std::string("."), std::string("x.y"), sealed.substr(0, sealed.size() - 1),
          sealed + "0", to_base64("{}") + signature, changed, other.seal(owner, content)})
        CHECK(refusal(given.seals.open(owner, forged)) == expected);
    CHECK(given.seals.open(owner, sealed));
}

TEST_CASE("a state expires, and asking again does not make it live longer") {
    Seals given;
    const auto first = given.seals.seal(owner, content);
    const auto expires = given.clock.now() + SealedState::lifetime;
    given.clock.advance(SealedState::lifetime - std::chrono::milliseconds(1));
    const auto again = given.seals.seal_until(expires, owner, content);
    CHECK(given.seals.open(owner, given.seals.seal_until(expires, owner, content)));

    given.clock.advance(std::chrono::milliseconds(1));

    CHECK(refusal(given.seals.open(owner, first)) == "requestState refused: it expired after 15 minutes");
    CHECK(refusal(given.seals.open(owner, again)) == "requestState refused: it expired after 15 minutes");
}

TEST_CASE("another process of the same installation opens the state too") {
    Seals given, restarted;

    CHECK(restarted.seals.open(owner, given.seals.seal(owner, content)));
}
