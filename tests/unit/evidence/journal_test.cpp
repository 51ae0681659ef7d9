#include "evidence/journal.h"

#include <fcntl.h>

#include <thread>

#include "base/hash.h"
#include "evidence/chain.h"
#include "evidence/record_line.h"
#include "tests/unit/evidence/support.h"

using namespace casefile;
using namespace casefile::evidence;

namespace {

struct TestJournal {
    TemporaryFolder folder;
    StillClock clock;
    SigningKey key = SigningKey::load_or_make(folder.path()).value();
    fs::path path = make(folder.path() / "case");
    Journal journal{path, key, clock};

    static fs::path make(const fs::path& path) {
        fs::create_directory(path);
        return path;
    }
    fs::path chain() const { return path / "chain.jsonl"; }
};

std::vector<Record> records_after(Journal& journal, std::uint64_t after) {
    std::vector<Record> records;
    journal.each_after(after, [&](const Record& record) { records.push_back(record); }).value();
    return records;
}

}  // namespace

TEST_CASE("records come back as they were appended, each holding the hash of the one before") {
    TestJournal test;

    const auto first = test.journal.append("opened", {{"case", "x"}}).value();
    const auto second = test.journal.append("entry", {{"text", "tab\there, ä, 😀, \"quoted\""}}).value();

    const auto records = test.journal.records().value();
    REQUIRE(records.size() == 2);
    CHECK(records[0].prev == std::string(64, '0'));
    CHECK(records[1].prev == first.hash);
    CHECK(records[1].hash == second.hash);
    CHECK(hash_of(records[1]) == second.hash);
    CHECK(records[1].body == second.body);
    CHECK(is_signed_by(records[1], test.key.public_key()));
    CHECK(read_chain(test.chain()).value().size() == 2);
    CHECK(test.journal.head().value().hash == second.hash);
}

TEST_CASE("the hash of any record is told by its number") {
    TestJournal test;
    std::vector<std::string> hashes;
    for (int i = 0; i < 3; ++i) hashes.push_back(test.journal.append("entry", {{"i", i}}).value().hash);

    for (std::uint64_t n = 1; n <= 3; ++n) CHECK(test.journal.hash_of(n).value() == hashes[n - 1]);
    CHECK(test.journal.hash_of(0).value().empty());
    CHECK(test.journal.hash_of(4).value().empty());
}

TEST_CASE("the hashes are what the format says: of canonical JSON without the body itself") {
    TestJournal test;
    const auto record = test.journal.append("opened", {{"b", 1}, {"a", "x"}}).value();

    const auto body_sha256 = sha256_hex(R"({"a":"x","b":1})");
    CHECK(record.body_sha256 == body_sha256);
    CHECK(record.hash == sha256_hex(canonical(json::object{{"n", 1},
                                                           {"kind", "opened"},
                                                           {"at", "2026-11-22T14:02:03.100Z"},
                                                           {"prev", std::string(64, '0')},
                                                           {"body_sha256", body_sha256}})));
}

TEST_CASE("a number that the parser rounds does not break the chain") {
    TestJournal test;
    // Boost 1.81 reads this decimal into the neighbouring double, so a body written again would have another
    // hash.
    test.journal.append("entry", {{"value", 0.11935319286735585}, {"big", 1.7976931348623157e308}}).value();
    test.journal.append("entry", {{"value", 5e-324}}).value();

    CHECK(Journal(test.path, test.key, test.clock).records().value().size() == 2);
    CHECK(verified(test.path).ok);
}

TEST_CASE("followers get the records that they have not seen") {
    TestJournal test;
    for (int i = 1; i <= 5; ++i) test.journal.append("entry", {{"i", i}}).value();
    Journal other(test.path, test.key, test.clock);

    CHECK(records_after(other, 0).size() == 5);
    const auto rest = records_after(other, 3);
    REQUIRE(rest.size() == 2);
    CHECK(rest[0].n == 4);
    CHECK(records_after(other, 5).empty());
    CHECK(records_after(other, 99).empty());

    test.journal.append("entry", {{"i", 6}}).value();
    CHECK(records_after(other, 5).size() == 1);
}

TEST_CASE("the body is made from the head as it is at that moment") {
    TestJournal test;
    Journal other(test.path, test.key, test.clock);
    const auto numbered = [](const Head& head) { return json::object{{"seq", head.runs + 1}}; };

    test.journal.append("run", numbered).value();
    other.append("run", numbered).value();
    other.append("entry", json::object()).value();
    const auto third = test.journal.append("run", numbered).value();

    CHECK(third.n == 4);
    CHECK(third.body.at("seq") == 3);
    CHECK(test.journal.head().value().runs == 3);
}

TEST_CASE("the head is there before the first record, so that a chain without one never comes from a crash") {
    TestJournal test;
    bool head_was_there = false;

    test.journal
        .append("opened",
                [&](const Head&) {
                    head_was_there = fs::exists(test.path / "head.json");
                    return json::object();
                })
        .value();

    CHECK(head_was_there);
}

TEST_CASE("a case without a record has an empty journal, and reading it makes nothing") {
    TestJournal test;

    CHECK(test.journal.records().value().empty());
    CHECK(test.journal.head().value().count == 0);
    CHECK(test.journal.head().value().hash == std::string(64, '0'));
    CHECK(fs::is_empty(test.path));
}

TEST_CASE("a torn last line was never acknowledged: readers pass over it, the next record replaces it") {
    const std::string whole =
        R"({"at":"2026-11-22T14:02:03.100Z","body":{},"body_sha256":"44136fa355b3678a")";
    for (const auto& torn : {std::string("{"), whole, std::string(100'000, 'x')}) {
        TestJournal test;
        test.journal.append("opened", json::object()).value();
        write_file(test.chain(), read_file(test.chain()) + torn);
        Journal other(test.path, test.key, test.clock);

        CHECK(other.records().value().size() == 1);
        CHECK(verdict(test.path) == "ok");
        CHECK(other.append("entry", json::object()).value().n == 2);
        CHECK(test.journal.append("entry", json::object()).value().n == 3);
        CHECK(verdict(test.path) == "ok");
        CHECK(read_file(test.chain()).find(torn + "\n") == std::string::npos);
    }
}

TEST_CASE("what could not be read back is refused, and nothing is added") {
    TestJournal test;
    test.journal.append("opened", json::object()).value();
    json::value deep = 1;
    for (int i = 0; i < 100; ++i) deep = json::array{std::move(deep)};

    CHECK_FALSE(test.journal.append("entry", {{"text", "\xFF"}}));
    CHECK_FALSE(test.journal.append("entry", {{"value", std::numeric_limits<double>::quiet_NaN()}}));
    CHECK_FALSE(test.journal.append("entry", {{"value", deep}}));
    CHECK_FALSE(test.journal.append("Entry\n", json::object()));
    const auto large = test.journal.append("entry", {{"value", std::string(line_bytes_max, 'x')}});
    REQUIRE_FALSE(large);
    CHECK(large.error().kind == ErrorKind::limit_reached);

    CHECK(test.journal.append("entry", json::object()).value().n == 2);
    CHECK(verdict(test.path) == "ok");
}

TEST_CASE("nothing is added to a chain that does not hold") {
    TestJournal test;
    for (int i = 0; i < 3; ++i) test.journal.append("entry", {{"i", i}}).value();
    auto text = read_file(test.chain());

    SECTION("a line was altered: a process that reads it for the first time refuses") {
        text[text.find(R"("i":1)") + 4] = '7';
        write_file(test.chain(), text);
        Journal other(test.path, test.key, test.clock);
        CHECK_FALSE(other.append("entry", json::object()));
        CHECK_FALSE(other.records());
    }
    SECTION("the tail was cut: head.json tells a new process, memory tells an old one, again and again") {
        text.resize(text.rfind('\n', text.size() - 2) + 1);
        write_file(test.chain(), text);
        Journal other(test.path, test.key, test.clock);
        for (auto* each : {&test.journal, &other, &test.journal, &other}) {
            const auto refused = each->append("entry", json::object());
            REQUIRE_FALSE(refused);
            CHECK(refused.error().message.find("lost its tail") != std::string::npos);
        }
    }
    SECTION("the chain is gone") {
        fs::remove(test.chain());
        CHECK_FALSE(test.journal.append("entry", json::object()));
        CHECK_FALSE(Journal(test.path, test.key, test.clock).append("entry", json::object()));
        CHECK_FALSE(fs::exists(test.chain()));
    }
    SECTION("the chain was replaced by a link") {
        fs::rename(test.chain(), test.path / "elsewhere");
        fs::create_symlink("elsewhere", test.chain());
        CHECK_FALSE(test.journal.append("entry", json::object()));
    }
    CHECK(verdict(test.path) != "ok");
}

TEST_CASE("a chain that another process holds is refused after a while, and free again after it") {
    TestHome home;
    const auto file = home.store->case_folder(home.make_case()) / "chain.jsonl";
    const Descriptor held(::open(file.c_str(), O_RDONLY | O_CLOEXEC)), ours(::open(file.c_str(), O_RDWR));
    REQUIRE(lock_chain(held.get(), Lock::exclusive));
    constexpr std::chrono::milliseconds at_once{0}, soon{2};

    for (const auto lock : {Lock::shared, Lock::exclusive})
        for (const auto patience : {at_once, soon}) {
            const auto refused = lock_chain(ours.get(), lock, patience);
            REQUIRE_FALSE(refused);
            CHECK(refused.error().kind == ErrorKind::unavailable);
            CHECK_THAT(refused.error().message, Catch::Contains("another process holds chain.jsonl"));
            CHECK_FALSE(refused.error().hint.empty());
        }

    unlock_chain(held.get());
    CHECK(lock_chain(ours.get(), Lock::exclusive, at_once));
}

TEST_CASE("another key cannot continue a case") {
    TestJournal test;
    test.journal.append("opened", json::object()).value();
    TemporaryFolder elsewhere;
    const auto key = SigningKey::load_or_make(elsewhere.path()).value();

    const auto refused = Journal(test.path, key, test.clock).append("entry", json::object());

    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::denied);
    CHECK(verified(test.path, test.key.fingerprint()).records == 1);
}

TEST_CASE("a folder that vanishes refuses, and is taken up again when it is back") {
    TestJournal test;
    test.journal.append("opened", json::object()).value();

    fs::rename(test.path, test.folder.path() / "away");
    const auto refused = test.journal.append("entry", json::object());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::unavailable);
    CHECK_FALSE(refused.error().hint.empty());

    // Back as another folder, as after a mount.
    fs::copy(test.folder.path() / "away", test.path, fs::copy_options::recursive);
    CHECK(test.journal.append("entry", json::object()).value().n == 2);
    CHECK(verdict(test.path) == "ok");
}

TEST_CASE("threads that share a journal never interleave") {
    TestJournal test;
    constexpr int threads_count = 4, each_count = 25;
    std::vector<std::thread> threads;
    std::atomic<int> failures = 0;
    for (int t = 0; t < threads_count; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < each_count; ++i)
                if (!test.journal.append("entry", {{"thread", t}, {"i", i}})) ++failures;
        });
    for (auto& thread : threads) thread.join();

    CHECK(failures == 0);
    CHECK(test.journal.head().value().count == threads_count * each_count);
    CHECK(verdict(test.path) == "ok");
}
