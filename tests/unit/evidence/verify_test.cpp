#include "evidence/verify.h"

#include "evidence/record_line.h"
#include "tests/unit/evidence/known_case.h"

using namespace casefile;
using namespace casefile::evidence;

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
    for (const auto& line : Copy(known).lines()) {
        Held held;
        const auto record = parse_line(line, &held).value();
        journal
            .wait(journal
                      .enter(
                          record.kind, [&](const Head&) { return record.body; }, held)
                      .value())
            .value();
    }

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
    CHECK(says(verified(folder),
               "head.json is 1 record behind the chain, as it is for a moment while a server writes"));

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
    TestHome home;
    std::vector<fs::path> folders;
    const auto add = [&](const char* kind, const std::string& run_id, std::uint64_t seq) {
        const auto id = home.make_case();
        const auto receipt = a_sealed_run(*home.store, id);
        json::object body{{"run_id", run_id.empty() ? receipt.id : run_id},
                          {"seq", seq},
                          {"task", "x"},
                          {"tool", "x"},
                          {"folder", "runs/0002-x." + (run_id.empty() ? receipt.id : run_id)},
                          {"script", "x.sql"},
                          {"script_sha256", ""},
                          {"input_sha256", ""},
                          {"manifest_sha256", ""},
                          {"files", json::array()}};
        home.store->journal(id).value()->append(kind, std::move(body)).value();
        folders.push_back(home.store->case_folder(id));
    };
    const std::string other = "20261122_140203_00000000";
    add("sealed", "", 1);     // sealed twice
    add("sealed", other, 1);  // never opened
    add("run", "", 2);        // opened twice
    add("run", other, 3);     // out of sequence

    const auto opinions = second_opinions(folders);
    REQUIRE(opinions.size() == folders.size());
    for (std::size_t i = 0; i < folders.size(); ++i) {
        CHECK(verdict(folders[i]) == "records disagree: chain.jsonl");
        CHECK(opinions[i] == "records disagree: chain.jsonl");
    }
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
    CHECK(says(verification, "outside the promise, 1 here"));
    CHECK(says(verification, "third." + known.open.id() + ": 1 files of a run that was never sealed"));
    CHECK(says(verification, "incomplete line"));
    CHECK(says(verification, "runs/.20261122_140203_00000000.new"));
    CHECK(says(verification, "case.json and the inspect log were not compared"));
}

TEST_CASE("files that are made from the journal are checked by whoever makes them") {
    const KnownCase known;
    std::size_t seen = 0;
    const auto agrees = [&](const fs::path&, const std::vector<Record>& records,
                            std::vector<std::string>*) -> std::optional<Break> {
        seen = records.size();
        return std::nullopt;
    };
    const auto differs = [](const fs::path&, const std::vector<Record>&,
                            std::vector<std::string>*) -> std::optional<Break> {
        return Break{"file altered", "case.json", "expected what the journal gives"};
    };

    CHECK(verify_case(known.original, {}, agrees).value().ok);
    CHECK(seen == 8);
    CHECK(verdict(verify_case(known.original, {}, differs).value()) == "file altered: case.json");
}

TEST_CASE("a folder with the name of another case is no copy but an exchange") {
    TestHome home;
    const auto one = home.store->case_folder(home.make_case()),
               other = home.store->case_folder(home.make_case());
    const auto away = home.folder.path() / "copy";
    fs::rename(one, away);
    fs::rename(other, one);
    CHECK(verdict(away) == "ok");
    CHECK(verdict(one) == "file renamed: .");
    CHECK(verdict(one / "") == "file renamed: .");
    CHECK(second_opinions({away, one}) == std::vector<std::string>{"ok", "file renamed: ."});
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
