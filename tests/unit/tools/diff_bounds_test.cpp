// What a comparison may hold, and what it does at the edge.

#include "tests/unit/tools/diff_shop.h"
#include "tools/diff/csv_side.h"
#include "tools/diff/engine.h"

using namespace casefile;
using namespace casefile::tools;
using namespace casefile::tools::diff;

namespace {

/// Files to write into, of a run that is never sealed.
struct Files {
    ToolBench bench;
    evidence::Run run =
        bench.cases()
            .store()
            .begin(bench.case_id, {.tool = "diff", .task = "diff", .principal = bench.principal})
            .value();
    evidence::OutputFile& json = *run.open_output("diff.diff.json", "data", "json", 1'000'000).value();
    evidence::OutputFile& csv = *run.open_output("diff.diff.csv", "data", "csv", 1'000'000).value();
};

sources::Control plenty_of_time() { return {std::chrono::steady_clock::now() + std::chrono::minutes(1), {}}; }

CsvSide csv_side(const char* name, const std::string& text) {
    return CsvSide(name, {"id"}, bytes_of(text), text.size(), "2026-11-22T14:00:00.000Z");
}

Result<void> run(const Rules& rules, Side& left, Side& right, RedisSide* right_redis,
                 const EngineBounds& bounds) {
    Files files;
    Report report(files.json, files.csv, {"id"}, {.preview_bytes_max = 8'000, .value_bytes_max = 1'000});
    REQUIRE(report.begin({}));
    Findings findings(rules, left, right, report, plenty_of_time(), [](std::int64_t) {});
    return compare_sides({rules, left, right, nullptr, right_redis, findings, plenty_of_time(), bounds});
}

Difference changed(const std::string& key, std::size_t fields, std::size_t value_bytes) {
    Difference difference{{key}, Verdict::changed, {}};
    for (std::size_t i = 0; i < fields; ++i)
        difference.fields.push_back({"f" + std::to_string(i),
                                     Verdict::changed,
                                     {Value::Kind::text, std::string(value_bytes, 'l')},
                                     {Value::Kind::text, std::string(value_bytes, 'r')}});
    return difference;
}

}  // namespace

TEST_CASE("two sides that cannot be read by key are refused when neither fits into memory") {
    const Rules rules{.key = {"id"}};
    auto left = csv_side("left", "id,a\n1,1\n2,2\n3,3\n");
    auto right = csv_side("right", "id,a\n1,1\n2,2\n3,3\n4,4\n");

    const auto done = run(rules, left, right, nullptr, {.held_records_max = 2});

    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::limit_reached);
    CHECK(done.error().message ==
          "left: more than 2 records; of two sides that cannot be read by key one has to fit into memory, "
          "with at most 2 "
          "records or 256 MiB");
}

TEST_CASE("the smaller document is the one that is held") {
    const Rules rules{.key = {"id"}};
    auto left = csv_side("left", "id,a\n1,1\n2,2\n3,3\n4,4\n");
    auto right = csv_side("right", "id,a\n1,1\n2,2\n");
    CHECK(run(rules, left, right, nullptr, {.held_records_max = 2}));
}

TEST_CASE("left-over keys are refused when the keys seen do not fit into memory") {
    Rules rules{.key = {"id"}};
    rules.left_over = true;
    std::string text = "id,a\n";
    for (int i = 0; i < 5'000; ++i) text += std::to_string(i) + ",1\n";
    auto left = csv_side("left", text);
    RedisMap redis("SHOP");
    redis.texts = {{"p:1", R"({"a":1})"}};
    ManualClock clock;
    auto keys = KeyTemplate::parse("p:{id}").value();
    REQUIRE(keys.bind({"id"}));
    RedisSide right("right", keys, RedisType::automatic, redis, clock);

    const auto done = run(rules, left, right, &right, {.seen_keys_bytes_max = 50'000});

    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::limit_reached);
    CHECK(done.error().message.starts_with("compare.left_over: the keys of "));
}

TEST_CASE("the answer shows the first differences in one piece, within its budget") {
    Files files;
    Report report(files.json, files.csv, {"id"}, {.preview_bytes_max = 1'000, .value_bytes_max = 1'000});
    REQUIRE(report.begin({}));
    REQUIRE(report.add(changed("1", 1, 50), State::settled));
    REQUIRE(report.add(changed("2", 10, 150), State::settled));
    REQUIRE(report.add(changed("3", 1, 50), State::settled));
    CHECK(report.written() == 3);
    CHECK(report.shown() == 1);
    CHECK(report.take_preview().size() == 1);
}

TEST_CASE("a first difference too wide for the budget shows as many fields as fit") {
    Files files;
    Report report(files.json, files.csv, {"id"}, {.preview_bytes_max = 1'000, .value_bytes_max = 1'000});
    REQUIRE(report.begin({}));
    REQUIRE(report.add(changed("1", 400, 900), State::settled));
    const auto preview = report.take_preview();
    CHECK(preview.size() > 1);
    CHECK(json::serialize(preview).size() <= 1'000);
    CHECK(string_or(preview.at(0).as_object(), "left").size() == 200);
}
