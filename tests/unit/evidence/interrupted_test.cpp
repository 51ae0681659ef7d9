// Runs whose process ended in the middle: the next start says so, and only of those.

#include <csignal>

#include "evidence/run_records.h"
#include "tests/unit/evidence/known_case.h"

using namespace casefile;
using namespace casefile::evidence;

namespace {

/// A process that opens a run and ends without a word.
std::string interrupted_run(TestHome& home, const std::string& id) {
    const Pipe opened;
    const auto child = in_child([&] {
        auto store = home.again();
        const auto run = store->begin(id, a_question()).value();
        write_file(home.folder.path() / "run_id", run.id());
        if (!opened.send()) return 1;
        for (;;) ::pause();
    });
    REQUIRE(opened.receive());
    ::kill(child, SIGKILL);
    CHECK(exit_code_of(child) == -SIGKILL);
    return read_file(home.folder.path() / "run_id");
}

}  // namespace

TEST_CASE("a run whose process was killed is marked at the next start, once", "[forks]") {
    TestHome home;
    const auto id = home.make_case();
    const auto folder = home.store->case_folder(id);
    const auto run_id = interrupted_run(home, id);
    CHECK(verified(folder).interrupted.empty());

    home.again();
    home.again();

    const auto verification = verified(folder);
    CHECK(verdict(verification) == "ok");
    CHECK(verification.open_runs == std::vector<std::string>{run_id});
    CHECK(verification.interrupted == std::vector<std::string>{run_id});
    CHECK(verification.records == 3);
    CHECK(second_opinion(folder) == "ok");
    CHECK(fs::is_empty(home.folder.path() / "home" / "writers"));
    CHECK(a_sealed_run(*home.store, id).seq == 2);
}

TEST_CASE("a run in the hands of a living process is never marked") {
    TestHome home;
    const auto id = home.make_case();
    auto run = home.store->begin(id, a_question()).value();

    home.again();

    CHECK(verified(home.store->case_folder(id)).interrupted.empty());
    CHECK(run.seal(Outcome::answered, {}));
    CHECK(verdict(home.store->case_folder(id)) == "ok");
}

TEST_CASE("beside a dead writer of the same case, the runs of living ones are left alone", "[forks]") {
    TestHome home;
    const auto id = home.make_case();
    auto living = home.store->begin(id, a_question()).value();
    const auto dead = interrupted_run(home, id);

    home.again();

    CHECK(verified(home.store->case_folder(id)).interrupted == std::vector<std::string>{dead});
    CHECK(living.seal(Outcome::answered, {}));
    CHECK(verdict(home.store->case_folder(id)) == "ok");
}

TEST_CASE("a run that was given up without a seal is marked when its process has ended", "[forks]") {
    TestHome home;
    const auto id = home.make_case();
    const auto child = in_child([&] {
        auto store = home.again();
        return store->begin(id, a_question()).has_value() ? 0 : 1;
    });
    CHECK(exit_code_of(child) == 0);
    home.again();
    CHECK(verified(home.store->case_folder(id)).interrupted.size() == 1);
}

TEST_CASE("what cannot be marked is marked by a later start", "[forks]") {
    TestHome home;
    const auto id = home.make_case();
    const auto folder = home.store->case_folder(id), away = home.folder.path() / "away";
    interrupted_run(home, id);
    write_file(home.folder.path() / "home" / "writers" / "junk", "\n../../etc\nINC-2026-11-22-999\n");
    fs::rename(folder / "chain.jsonl", away);

    home.again();
    fs::rename(away, folder / "chain.jsonl");
    home.again();

    CHECK(verified(folder).interrupted.size() == 1);
}

TEST_CASE("a seal behind the record of an interruption, and such a record of a sealed run, are found") {
    TestHome home;
    std::vector<fs::path> folders;
    for (const bool sealed_first : {true, false}) {
        const auto id = home.make_case();
        auto run = home.store->begin(id, a_question()).value();
        if (sealed_first) run.seal(Outcome::answered, {}).value();
        home.store->journal(id).value()->append("interrupted", {{"run_id", run.id()}, {"seq", 1}}).value();
        if (!sealed_first) run.seal(Outcome::answered, {}).value();
        folders.push_back(home.store->case_folder(id));
        CHECK(verdict(folders.back()) == "records disagree: chain.jsonl");
    }
    CHECK(second_opinions(folders) ==
          std::vector<std::string>(folders.size(), "records disagree: chain.jsonl"));
}

TEST_CASE("of a journal the open runs are told alone, and one run as among all") {
    TestHome home;
    const auto id = home.make_case();
    const auto sealed = a_sealed_run(*home.store, id).id;
    auto second = home.store->begin(id, a_question()).value();
    auto third = home.store->begin(id, a_question()).value();
    a_sealed_run(*home.store, id);
    auto& journal = *home.store->journal(id).value();

    const auto open = open_runs_of(journal).value();
    const auto one = run_of(journal, sealed).value();
    const auto all = runs_of(journal).value();

    REQUIRE(open.size() == 2);
    CHECK(open[0].run_id == second.id());
    CHECK(open[1].seq == 3);
    REQUIRE(one.has_value());
    CHECK(one->sealed);
    CHECK(one->where == all.at(0).where);
    CHECK(one->files.size() == all.at(0).files.size());
    CHECK_FALSE(run_of(journal, "20261122_140203_00000000").value().has_value());
    CHECK(third.seal(Outcome::answered, {}));
    CHECK(open_runs_of(journal).value().size() == 1);
}
