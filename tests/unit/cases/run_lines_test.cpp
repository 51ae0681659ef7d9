#include "cases/run_lines.h"

#include <algorithm>
#include <ranges>

#include "tests/support/catch.h"

using namespace casefile::cases;

namespace {

RunLine opened(std::uint64_t seq, const std::string& id) {
    RunLine line;
    line.seq = seq;
    line.run_id = id;
    line.tool = "query_mysql";
    line.task = "task-" + std::to_string(seq % 3);
    line.env = "PROD";
    line.opened_at = "2026-11-22T14:00:00.000Z";
    return line;
}

void seal(RunLines& runs, std::size_t place, const std::string& summary) {
    runs.change(place, [&](RunLine& line) {
        line.outcome = "answered";
        line.sealed_at = "2026-11-22T14:00:01.000Z";
        line.summary = summary;
        line.file_names =
            std::make_shared<const RunLine::FileNames>(RunLine::FileNames{line.task + ".sql", "rows.csv"});
    });
}

}  // namespace

TEST_CASE("a line reads back as it was put in, whatever is in its texts") {
    RunLines runs;
    auto line = opened(4'000'000'000'000, "id \n\"ü\"");
    line.summary = std::string("a\0b", 3) + std::string(100'000, 'x');
    runs.push_back(line);
    runs.push_back(RunLine{});

    CHECK(runs[0].seq == line.seq);
    CHECK(runs[0].run_id == line.run_id);
    CHECK(runs[0].summary == line.summary);
    CHECK(runs[0].tool == "query_mysql");
    CHECK(runs[0].opened_at == line.opened_at);
    CHECK(runs[0].file_names == nullptr);
    CHECK(runs[0].files().empty());
    CHECK(runs[1].run_id.empty());
    CHECK(runs[1].outcome.empty());
}

TEST_CASE("a copy keeps the lines that it was made with") {
    RunLines runs;
    for (std::uint64_t seq = 1; seq <= 3; ++seq) runs.push_back(opened(seq, "run-" + std::to_string(seq)));
    const auto before = runs;

    seal(runs, 1, "10 rows");
    runs.change(1, [](RunLine& line) { line.pruned.insert("rows.csv"); });
    runs.push_back(opened(4, "run-4"));

    CHECK(before.size() == 3);
    CHECK(before[1].outcome.empty());
    CHECK(before[1].pruned.empty());
    CHECK(before.find("run-4") == before.size());
    CHECK(runs[1].outcome == "answered");
    CHECK(runs[1].files() == RunLine::FileNames{"task-2.sql", "rows.csv"});
    CHECK(runs[1].pruned == std::set<std::string>{"rows.csv"});
    CHECK(runs[1].folder() == "runs/0002-task-2.run-2");
    CHECK(runs[0].pruned.empty());
}

TEST_CASE("of more lines than share a block each is altered alone") {
    RunLines runs;
    for (std::uint64_t seq = 1; seq <= 200; ++seq) runs.push_back(opened(seq, "run-" + std::to_string(seq)));
    const auto before = runs;

    for (const auto place : std::vector<std::size_t>{0, 63, 64, 100, 199})
        seal(runs, place, std::string(place + 1, 's'));

    for (std::size_t place = 0; place < runs.size(); ++place) {
        const auto line = runs[place];
        CHECK(line.run_id == "run-" + std::to_string(place + 1));
        CHECK(line.summary.size() == (line.outcome.empty() ? 0 : place + 1));
        CHECK(before[place].outcome.empty());
        CHECK(before[place].run_id == line.run_id);
    }
    CHECK(runs[199].outcome == "answered");
}

TEST_CASE("a run is found by its id in whatever order they came, and of two with one id the first") {
    RunLines runs;
    for (const auto* id : {"m", "b", "z", "b", "a", "mm"}) runs.push_back(opened(runs.size() + 1, id));

    CHECK(runs.find("m") == 0);
    CHECK(runs.find("b") == 1);
    CHECK(runs.find("z") == 2);
    CHECK(runs.find("a") == 4);
    CHECK(runs.find("mm") == 5);
    CHECK(runs.find("c") == runs.size());
    CHECK(RunLines().find("a") == 0);
}

TEST_CASE("lines of more kinds than are looked at keep what is theirs") {
    RunLines runs;
    for (std::uint64_t seq = 0; seq < 500; ++seq) {
        auto line = opened(seq, "run-" + std::to_string(seq));
        line.task = "task-" + std::to_string(seq % 200);
        runs.push_back(line);
    }
    for (std::size_t place = 0; place < runs.size(); ++place) seal(runs, place, std::to_string(place));

    for (std::size_t place = 0; place < runs.size(); ++place) {
        const auto line = runs[place];
        CHECK(line.task == "task-" + std::to_string(place % 200));
        CHECK(line.files().front() == line.task + ".sql");
        CHECK(line.summary == std::to_string(place));
    }
}

TEST_CASE("lines are walked in sequence and newest first") {
    RunLines runs;
    for (std::uint64_t seq = 1; seq <= 4; ++seq) runs.push_back(opened(seq, "run-" + std::to_string(seq)));

    std::vector<std::uint64_t> there, back, some;
    for (const auto& run : runs) there.push_back(run.seq);
    for (const auto& run : runs.newest_first()) back.push_back(run.seq);
    for (const auto& run : runs | std::views::drop(2)) some.push_back(run.seq);

    CHECK(there == std::vector<std::uint64_t>{1, 2, 3, 4});
    CHECK(back == std::vector<std::uint64_t>{4, 3, 2, 1});
    CHECK(some == std::vector<std::uint64_t>{3, 4});
}
