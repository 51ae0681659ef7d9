// The closing record: how many records there were, and one hash over all of them.

#include "base/hash.h"
#include "base/text.h"
#include "evidence/head_file.h"
#include "evidence/merkle.h"
#include "evidence/record_line.h"
#include "tests/unit/evidence/known_case.h"

using namespace casefile;
using namespace casefile::evidence;

namespace {

std::string leaf(const std::string& hash) { return sha256_hex(std::string(1, '\0') + hash_bytes(hash)); }
std::string node(const std::string& left, const std::string& right) {
    return sha256_hex("\1" + hash_bytes(left) + hash_bytes(right));
}

/// A record that only the holder of the key can write, behind all others.
void append_signed(Store& store, const std::string& id, const std::string& kind, json::object body) {
    const auto head = store.journal(id).value()->head().value();
    Record record;
    record.n = head.count + 1;
    record.kind = kind;
    record.at = "2026-11-22T14:02:03.100Z";
    record.prev = head.hash;
    record.body = std::move(body);
    std::ofstream(store.case_folder(id) / chain_name, std::ios::app)
        << seal_line(record, {}, store.key()) << "\n";
}

}  // namespace

TEST_CASE("the Merkle root is that of RFC 6962") {
    const std::string a(64, 'a'), b(64, 'b'), c(64, 'c');
    MerkleTree tree;
    CHECK(tree.root() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    tree.add(a);
    CHECK(tree.root() == leaf(a));
    tree.add(b);
    CHECK(tree.root() == node(leaf(a), leaf(b)));
    tree.add(c);
    CHECK(tree.root() == node(node(leaf(a), leaf(b)), leaf(c)));
    for (const auto& more : {a, b, c, a}) tree.add(more);
    CHECK(tree.root() ==
          node(node(node(leaf(a), leaf(b)), node(leaf(c), leaf(a))), node(node(leaf(b), leaf(c)), leaf(a))));
    CHECK(tree.size() == 7);
}

TEST_CASE(
    "a closing record counts the records before it and holds their root, and a second verifier agrees") {
    TestHome home;
    std::vector<fs::path> folders;
    for (std::uint64_t entries = 0; entries < 8; ++entries) {
        const auto id = home.make_case();
        auto& journal = *home.store->journal(id).value();
        for (std::uint64_t i = 0; i < entries; ++i) journal.append("entry", {{"text", "x"}}).value();
        journal.append("closed", {{"status", "closed"}}).value();
        journal.append("status", {{"status", "investigating"}}).value();
        folders.push_back(home.store->case_folder(id));

        const auto verification = verified(folders.back());
        CHECK(verdict(verification) == "ok");
        REQUIRE(verification.closed);
        CHECK(verification.closed->record == entries + 2);
        CHECK(verification.closed->count == entries + 1);
    }
    CHECK(second_opinions(folders) == std::vector<std::string>(folders.size(), "ok"));
}

TEST_CASE("a closing record that tells of other records is found although it is signed") {
    TestHome home;
    std::vector<fs::path> folders;
    const std::string other(64, 'a');
    for (const auto& body : {json::object{{"count", 1}, {"root", other}}, json::object{{"count", 2}}}) {
        const auto id = home.make_case();
        append_signed(*home.store, id, "closed", body);
        folders.push_back(home.store->case_folder(id));
        CHECK(verdict(folders.back()) == "records disagree: chain.jsonl");
    }
    CHECK(second_opinions(folders) ==
          std::vector<std::string>(folders.size(), "records disagree: chain.jsonl"));
}
