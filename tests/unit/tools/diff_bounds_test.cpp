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

struct Comparison {
    Files files;
    Rules rules{.key = {"id"}};
    EngineBounds bounds;
    Counts counts;

    Result<void> run(const std::string& left_text, const std::string& right_text) {
        CsvSide left("left", {"id"}, bytes_of(left_text), left_text.size(), "2026-11-22T14:00:00.000Z");
        CsvSide right("right", {"id"}, bytes_of(right_text), right_text.size(), "2026-11-22T14:00:00.000Z");
        return run(left, right, nullptr);
    }
    Result<void> run(Side& left, Side& right, RedisSide* right_redis) {
        Report report(files.json, files.csv, {"id"}, {.preview_bytes_max = 8'000, .value_bytes_max = 1'000});
        REQUIRE(report.begin({}));
        Findings findings(rules, left, right, report, plenty_of_time());
        Progress progress([](double, std::optional<double>, const std::string&) {});
        auto done =
            compare_sides({.rules = rules,
                           .left = left,
                           .right = right,
                           .findings = findings,
                           .progress = progress,
                           .control = plenty_of_time(),
                           .scratch_folder = files.bench.cases().store().case_folder(files.bench.case_id),
                           .right_redis = right_redis,
                           .bounds = bounds});
        counts = findings.counts();
        return done;
    }
};

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

TEST_CASE("two documents larger than the memory for them are compared in full, in any order") {
    std::string left = "id,a\n", right = "id,a\n";
    for (int i = 0; i < 5'000; ++i) {
        left += std::to_string(i) + ",x" + std::to_string(i) + "\n";
        const int other = (i * 1'237) % 5'003;  // all of 0..5002 but three, in another order
        right += std::to_string(other) + (other % 100 == 7 ? ",y\n" : ",x" + std::to_string(other) + "\n");
    }
    Comparison comparison;
    comparison.bounds.sort_memory_bytes = 10'000;

    REQUIRE(comparison.run(left, right));

    CHECK(comparison.counts.match + comparison.counts.changed + comparison.counts.missing_right == 5'000);
    CHECK(comparison.counts.changed == 50);
    CHECK(comparison.counts.missing_left == comparison.counts.missing_right);
    CHECK(comparison.counts.missing_left <= 3);
}

TEST_CASE("a key that two records of one side have is found wherever they stand") {
    std::string left = "id,a\n7,1\n", right = "id,a\n";
    for (int i = 100; i < 5'000; ++i) left += std::to_string(i) + ",1\n";
    Comparison comparison;
    comparison.bounds.sort_memory_bytes = 10'000;

    const auto done = comparison.run(left + "7,1\n", right);

    REQUIRE_FALSE(done);
    CHECK(done.error().message == "left: two records have the key '7'");
}

TEST_CASE("what does not fit on the disk that a comparison may take is refused, with what to do") {
    std::string left = "id,a\n";
    for (int i = 0; i < 5'000; ++i) left += std::to_string(i) + ",1\n";
    Comparison comparison;
    comparison.bounds.sort_memory_bytes = 10'000;
    comparison.bounds.disk_bytes_max = 50'000;

    const auto done = comparison.run(left, "id,a\n");

    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::limit_reached);
    CHECK(done.error().message == "the records to compare take more than 0 MiB on disk");
}

TEST_CASE("left-over keys are found among more keys than memory holds") {
    std::string text = "id,a\n";
    RedisMap redis("SHOP");
    for (int i = 0; i < 5'000; ++i) {
        text += std::to_string(i) + ",1\n";
        redis.texts["p:" + std::to_string(i)] = R"({"a":1})";
    }
    for (const char* id : {"9999", "10000", "new"}) redis.texts[std::string("p:") + id] = "{}";
    Comparison comparison;
    comparison.rules.left_over = true;
    comparison.bounds.sort_memory_bytes = 10'000;
    ManualClock clock;
    auto keys = KeyTemplate::parse("p:{id}").value();
    REQUIRE(keys.bind({"id"}));
    const Room room{comparison.files.bench.cases().store().case_folder(comparison.files.bench.case_id),
                    10'000, 1'000'000};
    RedisSide right("right", keys, RedisType::automatic, redis, clock, room);
    CsvSide left("left", {"id"}, bytes_of(text), text.size(), "2026-11-22T14:00:00.000Z");

    REQUIRE(comparison.run(left, right, &right));

    CHECK(comparison.counts.match == 5'000);
    CHECK(comparison.counts.missing_left == 3);
    CHECK(comparison.counts.missing_right == 0);
}

TEST_CASE("sorted records come back as they went in, in the order of their keys") {
    TemporaryFolder folder;
    for (const std::size_t memory : {std::size_t{1} << 20, std::size_t{200}}) {
        INFO(memory);
        SortedRecords records(KeyOrder::by_value, {folder.path(), memory, 1 << 20});
        const std::string wide(5'000, 'w');
        for (const char* key : {"10", "9", "b", "a", "007", "18446744073709551616", "", "11", "12", "13"})
            REQUIRE(records.add(
                {{key, "x"}, {{Value::Kind::number, key}, {Value::Kind::null}, {Value::Kind::text, wide}}}));
        REQUIRE(records.finish());
        std::vector<std::string> order;
        for (;;) {
            const auto one = records.next().value();
            if (!one) break;
            order.push_back(one->key.front());
            REQUIRE(one->values.size() == 3);
            CHECK(one->values[0] == Value{Value::Kind::number, one->key.front()});
            CHECK(one->values[1] == Value{Value::Kind::null});
            CHECK(one->values[2].text == wide);
        }
        CHECK(order == std::vector<std::string>{"9", "10", "11", "12", "13", "18446744073709551616", "",
                                                "007", "a", "b"});
        CHECK(std::filesystem::is_empty(folder.path()));
    }
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
