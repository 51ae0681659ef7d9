// The anchor file: what it shows that the folder alone cannot.

#include "evidence/anchors.h"

#include "tests/unit/evidence/known_case.h"

using namespace casefile;
using namespace casefile::evidence;

namespace {

struct AnchoredHome {
    TemporaryFolder folder;
    StillClock clock;
    fs::path anchors = folder.path() / "anchors.jsonl";
    std::vector<std::string> failures;
    std::unique_ptr<Store> store =
        Store::open(folder.path() / "home", clock, anchors, [this](const Error& error) {
            failures.push_back(error.message);
        }).value();

    Verification verified(const fs::path& case_folder) const {
        return verify_case(case_folder, {}, {}, anchors).value();
    }
    /// What both verifiers say, when they agree.
    std::string verdict(const fs::path& case_folder) const {
        const auto first = evidence::verdict(verified(case_folder));
        const auto second = second_opinion(case_folder, {}, anchors);
        return first == second ? first : first + " against " + second;
    }
};

}  // namespace

TEST_CASE("every head is told to the anchor file, and a chain that goes as far as it is anchored") {
    AnchoredHome home;
    const auto id = home.store->make_case({{"topic", "x"}}).value();
    const auto& journal = home.store->journal(id).value();
    journal->append("entry", {{"text", "a"}}).value();
    const auto last = journal->append("entry", {{"text", "b"}}).value();

    CHECK(read_file(home.anchors)
              .ends_with(R"({"at":"2026-11-22T14:02:03.100Z","case":")" + id + R"(","count":3,"hash":")" +
                         last.hash + R"(","key_fingerprint":")" + home.store->key().fingerprint() + "\"}\n"));
    const auto verification = home.verified(home.store->case_folder(id));
    CHECK(verification.ok);
    CHECK(verification.anchored == 3);
    CHECK_FALSE(says(verification, "cut off"));
    CHECK(home.verdict(home.store->case_folder(id)) == "ok");
}

TEST_CASE("a tail cut with its head, and a whole chain taken back, are found by an anchor") {
    AnchoredHome home;
    const auto id = home.store->make_case({{"topic", "x"}}).value();
    const auto folder = home.store->case_folder(id), earlier = home.folder.path() / "earlier";
    a_sealed_run(*home.store, id, "first");
    home.store->journal(id).value()->append("entry", {{"text", "a"}}).value();
    fs::copy(folder, earlier, fs::copy_options::recursive);
    home.store->journal(id).value()->append("grant", {{"env", "PROD"}}).value();
    home.store->journal(id).value()->append("entry", {{"text", "b"}}).value();

    CHECK(verdict(earlier) == "ok");
    CHECK(home.verdict(earlier) == "tail cut: chain.jsonl");
    // All that is gone, and not only up to the first line that counts more.
    const auto cut = home.verified(earlier);
    CHECK(cut.first_break->what == "expected 6 records as in the anchor file, got 4");
    CHECK(cut.anchored == 6);

    // Going on from there does not help: the record in the same place is another one.
    const auto key = home.store->key();
    Journal(earlier, key, home.clock).append("entry", {{"text", "another"}}).value();
    CHECK(verdict(earlier) == "ok");
    CHECK(home.verdict(earlier) == "anchor differs: chain.jsonl line 5");
}

TEST_CASE("a chain begun anew with another key is found by an anchor") {
    AnchoredHome home;
    const auto id = home.store->make_case({{"topic", "x"}}).value();
    const auto folder = home.store->case_folder(id);
    fs::remove(folder / "chain.jsonl");
    fs::remove(folder / "head.json");
    TemporaryFolder forger;
    const auto key = SigningKey::load_or_make(forger.path()).value();
    Journal(folder, key, home.clock).append("opened", {{"topic", "x"}, {"case", id}}).value();

    CHECK(verdict(folder) == "ok");
    CHECK(home.verdict(folder) == "anchor differs: head.json");
    CHECK(anchored_cases(home.anchors, home.store->key().fingerprint()).value().at(id) == 1);
}

TEST_CASE("what an anchor file does not prove is said, and one that cannot be read is an error") {
    AnchoredHome home;
    const auto id = home.store->make_case({{"topic", "x"}}).value();
    const auto folder = home.store->case_folder(id);
    std::ofstream(home.anchors, std::ios::app) << "{\"case\":\"" << id << "\"}\n\n{\"at\":\"2026";
    CHECK(says(home.verified(folder), "2 lines that are none of its form"));
    CHECK(home.verdict(folder) == "ok");

    const auto before = read_file(home.anchors);
    home.store->journal(id).value()->append("entry", {{"text", "a"}}).value();
    CHECK(home.verified(folder).anchored == 2);  // behind the line that was torn
    write_file(home.anchors, before);
    CHECK(says(home.verified(folder), "the anchor file ends at record 1"));
    write_file(home.anchors, "");
    CHECK(says(home.verified(folder), "the anchor file knows nothing of " + id));
    CHECK(says(home.verified(folder), "a tail that was cut off together with an older head.json"));

    fs::remove(home.anchors);
    CHECK(verify_case(folder, {}, {}, home.anchors).error().kind == ErrorKind::unavailable);
}

TEST_CASE(
    "an anchor file that cannot be written is told once, keeps nobody from working, and is taken up again") {
    AnchoredHome home;
    const auto id = home.store->make_case({{"topic", "x"}}).value();
    auto& journal = *home.store->journal(id).value();
    fs::remove(home.anchors);
    fs::create_directory(home.anchors);
    journal.append("entry", {{"text", "a"}}).value();
    journal.append("entry", {{"text", "b"}}).value();
    CHECK(home.failures.size() == 1);

    fs::remove(home.anchors);
    journal.append("entry", {{"text", "c"}}).value();
    CHECK(home.verified(home.store->case_folder(id)).anchored == 4);

    CHECK(Store::open(home.folder.path() / "home", home.clock, "relative/path").error().kind ==
          ErrorKind::invalid_argument);
    CHECK(Store::open(home.folder.path() / "home", home.clock, home.folder.path()).error().kind ==
          ErrorKind::unavailable);
}
