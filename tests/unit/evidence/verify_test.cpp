#include "evidence/verify.h"

#include "tests/unit/evidence/known_case.h"

using namespace casefile;
using namespace casefile::evidence;

namespace {

bool says(const Verification& verification, const std::string& text) {
    for (const auto& line : verification.not_proved)
        if (line.find(text) != std::string::npos) return true;
    return false;
}

}  // namespace

TEST_CASE("a good case is counted and its head told") {
    const KnownCase known;

    const auto verification = verified(known.original);

    CHECK(verification.ok);
    CHECK(verification.records == 8);
    CHECK(verification.runs == 3);
    CHECK(verification.files == 12);
    CHECK(verification.bytes > 1000);
    CHECK(verification.head.hash == known.last.hash);
    CHECK(verification.head.key_fingerprint == known.home.store->key().fingerprint());
    CHECK(verification.open_runs == std::vector<std::string>{known.open.id()});
}

TEST_CASE("the signer counts as established only when the reader names the key") {
    const KnownCase known;
    const auto& key = known.home.store->key().fingerprint();
    const std::string other(64, 'a');

    CHECK(says(verified(known.original), "signer is not established"));
    CHECK_FALSE(says(verified(known.original, key), "signer is not established"));
    CHECK(verdict(known.original, other) == "wrong key: head.json");
    CHECK(second_opinion(known.original, key) == "ok");
    CHECK(second_opinion(known.original, other) == "wrong key: head.json");
}

TEST_CASE("a chain signed anew by another key is seen by its fingerprint only") {
    const KnownCase known;
    const Copy copy(known);
    TemporaryFolder forger;
    const auto key = SigningKey::load_or_make(forger.path()).value();
    const StillClock clock;
    fs::remove(copy.at("chain.jsonl"));
    fs::remove(copy.at("head.json"));
    Journal journal(copy.folder, key, clock);
    for (auto& record : known.home.store->journal(known.id).value()->records().value())
        journal.append(record.kind, record.body).value();

    CHECK(verdict(copy.folder) == "ok");
    CHECK(verdict(copy.folder, known.home.store->key().fingerprint()) == "wrong key: head.json");

    // Part of a chain by another key is no chain at all.
    write_file(copy.at("head.json"), read_file(known.original / "head.json"));
    CHECK(verdict(copy.folder) == "signature wrong: chain.jsonl line 1");
}

TEST_CASE("a head behind the chain is accepted and told; what an older head hides is told too") {
    TestHome home;
    const auto id = home.make_case();
    const auto folder = home.store->case_folder(id);
    const auto old_head = read_file(folder / "head.json"), old_chain = read_file(folder / "chain.jsonl");
    home.store->journal(id).value()->append("entry", {{"text", "x"}}).value();

    write_file(folder / "head.json", old_head);
    CHECK(verdict(folder) == "ok");
    CHECK(says(verified(folder), "head.json is 1 records behind"));

    // Both taken back together: nothing in the folder shows it, so the answer says that it cannot be seen.
    write_file(folder / "chain.jsonl", old_chain);
    CHECK(verdict(folder) == "ok");
    CHECK(says(verified(folder), "a tail that was cut off together with an older head.json"));

    // The head of another case with the same key fits nowhere.
    const auto other = home.store->case_folder(home.make_case());
    write_file(folder / "head.json", read_file(other / "head.json"));
    CHECK(verdict(folder) == "head differs: head.json");
    CHECK(second_opinion(folder) == "head differs: head.json");
}

TEST_CASE("records that contradict one another are found although they are signed") {
    const auto with = [](const char* kind, const std::function<json::object(const Receipt&)>& body) {
        TestHome home;
        const auto id = home.make_case();
        const auto receipt = a_sealed_run(*home.store, id);
        home.store->journal(id).value()->append(kind, body(receipt)).value();
        CHECK(second_opinion(home.store->case_folder(id)).starts_with("records disagree"));
        return verdict(home.store->case_folder(id));
    };
    const auto sealed = [](const Receipt& receipt) {
        return json::object{
            {"run_id", receipt.id}, {"seq", 1}, {"files", json::array()}, {"manifest_sha256", ""}};
    };
    const auto run = [](const Receipt& receipt) {
        return json::object{{"run_id", receipt.id}, {"seq", 2},          {"task", "x"},
                            {"tool", "x"},          {"script", "x.sql"}, {"folder", "x"},
                            {"script_sha256", ""},  {"input_sha256", ""}};
    };
    CHECK(with("sealed", sealed) == "records disagree: chain.jsonl");
    CHECK(with("run", run) == "records disagree: chain.jsonl");
    CHECK(with("sealed", [&](const Receipt& receipt) {
              auto body = sealed(receipt);
              body["run_id"] = "20261122_140203_00000000";
              return body;
          }) == "records disagree: chain.jsonl");
}

TEST_CASE("what is not proved is said") {
    const KnownCase known;
    const Copy copy(known);
    fs::create_directory(copy.at("drafts"));
    write_file(copy.at("drafts/postmortem.md"), "edited");
    write_file(copy.at(copy.third + "/half.csv"), "1,2");
    copy.append("chain.jsonl", "{");
    fs::create_directory(copy.at("runs/.20261122_140203_00000000.new"));

    const auto verification = verified(copy.folder);

    CHECK(verification.ok);
    CHECK(says(verification, "drafts/: 1 files"));
    CHECK(says(verification, "third." + known.open.id() + ": 1 files of a run that was never sealed"));
    CHECK(says(verification, "incomplete line"));
    CHECK(says(verification, "runs/.20261122_140203_00000000.new"));
    CHECK(says(verification, "case.json and the inspect log were not compared"));
}

TEST_CASE("files that are made from the journal are checked by whoever makes them") {
    const KnownCase known;
    std::size_t seen = 0;
    const auto agrees = [&](const fs::path&, const std::vector<Record>& records) -> std::optional<Break> {
        seen = records.size();
        return std::nullopt;
    };
    const auto differs = [](const fs::path&, const std::vector<Record>&) -> std::optional<Break> {
        return Break{"file altered", "case.json", "expected what the journal gives"};
    };

    CHECK(verify_case(known.original, {}, agrees).value().ok);
    CHECK(seen == 8);
    CHECK(verdict(verify_case(known.original, {}, differs).value()) == "file altered: case.json");
}

TEST_CASE("what is no folder is an error, an empty one is broken") {
    TemporaryFolder folder;
    CHECK_FALSE(verify_case(folder.path() / "none", {}, {}));
    CHECK(verdict(folder.path()) == "file missing: chain.jsonl");
}

TEST_CASE("the examples in the description of the format verify") {
    const auto text = read_file(CASEFILE_SOURCE_DIR "/docs/evidence-format.md");
    const auto example = [&](const std::string& heading) {
        const auto start = text.find("```\n", text.find(heading)) + 4;
        auto block = text.substr(start, text.find("```", start) - start);
        std::erase(block, '\n');
        return block + "\n";
    };
    TemporaryFolder folder;
    write_file(folder.path() / "chain.jsonl", example("Example, with the key"));
    write_file(folder.path() / "head.json", example("Example (folded)"));

    CHECK(verdict(folder.path()) == "ok");
    CHECK(second_opinion(folder.path()) == "ok");
}
