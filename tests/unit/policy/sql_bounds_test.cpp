// Statements as long as may be sent, built to be deep, wide or slow: each is answered, on any thread.

#include <pthread.h>

#include "policy/sql_masks.h"
#include "policy/sql_scan.h"
#include "policy/sql_statement.h"
#include "tests/support/catch.h"
#include "tests/support/pace.h"

using namespace casefile;
using namespace casefile::policy;

namespace {

constexpr std::size_t tool_bytes_max = 65'536;  ///< that the tools take

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    out.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

/// What the policy of SQL does with a statement; masks as well where the statement's tables can be told.
struct Answer {
    Verdict verdict;
    bool followed = false;
    bool masks_judged = false;
};

Answer judged(const std::string& sql) {
    Answer answer{.verdict = judge_sql(sql)};
    const auto names = tables_of(sql);
    answer.followed = names.has_value();
    std::vector<KnownTable> known;
    if (names)
        for (const auto& name : *names) known.push_back({.name = name, .masked = {{"PIN", "secret"}}});
    const auto masks = judge_masks(sql, MaskRules(), known).verdict;
    answer.masks_judged = masks.allowed || !masks.reason.empty();
    return answer;
}

/// A fourth of the least that glibc gives a thread: 2 MiB, where `ulimit -s` is unlimited. A sanitizer widens
/// every frame.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t stack_bytes = 2 * 1024 * 1024;
#else
constexpr std::size_t stack_bytes = 512 * 1024;
#endif

template <class Work>
void on_small_stack(Work work) {
    pthread_attr_t attributes;
    REQUIRE(pthread_attr_init(&attributes) == 0);
    REQUIRE(pthread_attr_setstacksize(&attributes, stack_bytes) == 0);
    pthread_t thread{};
    const auto run = [](void* what) -> void* {
        (*static_cast<Work*>(what))();
        return nullptr;
    };
    REQUIRE(pthread_create(&thread, &attributes, run, &work) == 0);
    REQUIRE(pthread_join(thread, nullptr) == 0);
    pthread_attr_destroy(&attributes);
}

Answer judged_on_small_stack(const std::string& sql) {
    Answer answer;
    on_small_stack([&] { answer = judged(sql); });
    return answer;
}

struct Nest {
    std::string start, open, middle, close;

    std::string of_depth(std::size_t depth) const {
        return start + repeated(open, depth) + middle + repeated(close, depth);
    }
    std::size_t deepest(std::size_t bytes) const {
        return (bytes - start.size() - middle.size()) / (open.size() + close.size());
    }
};

}  // namespace

TEST_CASE("brackets nest to a limit, beyond which a statement is refused with what to do") {
    const Nest values{"SELECT ", "(", "1", ")"};
    CHECK(judge_sql(values.of_depth(sql_depth_max)).allowed);
    const auto verdict = judge_sql(values.of_depth(sql_depth_max + 1));
    CHECK(verdict.reason == "statement not allowed: expected brackets at most 256 deep, got deeper ones");
    CHECK(verdict.hint.find("smaller statements") != std::string::npos);
    // They are counted where they are open, and not all together.
    CHECK(judge_sql("SELECT " + repeated("(1),", 10'000) + "1").allowed);
}

TEST_CASE("no nesting that fits in a statement exhausts the stack of a thread") {
    const Nest nests[] = {
        {"", "(", "SELECT 1", ")"},
        {"", "(", "SELECT a FROM t", " ORDER BY 1)"},
        {"", "(SELECT 1 UNION ", "SELECT 2", ")"},
        {"", "(WITH w AS ", "(SELECT 1)", " SELECT 1)"},
        {"SELECT ", "(", "1", ")"},
        {"SELECT ", "abs(", "1", ")"},
        {"SELECT ", "(SELECT ", "1", ")"},
        {"SELECT 1 FROM ", "(", "a", ")"},
        {"SELECT 1 FROM ", "(", "SELECT 1", ")"},
        {"SELECT 1 FROM ", "(a JOIN ", "b", ")"},
        {"SELECT 1 FROM ", "(SELECT 1 FROM ", "a", ")"},
        {"SELECT 1 FROM ", "{oj ", "a", "}"},
        {"SELECT 1 FROM ", "{oj a, ", "b", "}"},
        {"SHOW TABLES WHERE ", "(", "SELECT 1", ")"},
    };
    for (const auto& nest : nests) {
        INFO(nest.start << nest.open);
        const auto too_deep = judged_on_small_stack(nest.of_depth(nest.deepest(tool_bytes_max)));
        CHECK_FALSE(too_deep.verdict.allowed);
        CHECK_FALSE(too_deep.followed);
        CHECK(too_deep.masks_judged);
        // As deep as may be, where all of it is read.
        CHECK(judged_on_small_stack(nest.of_depth(sql_depth_max - 1)).followed);
    }
    // Definitions of views may be longer than what the tools take.
    for (const auto* nest : {&nests[0], &nests[7], &nests[11]}) {
        const auto deep = nest->of_depth(nest->deepest(sql_bytes_max));
        bool followed = true;
        on_small_stack([&] { followed = tables_of(deep).has_value(); });
        CHECK_FALSE(followed);
    }
}

TEST_CASE("braces and brackets that cross are no shape, wherever they stand") {
    CHECK_FALSE(judged_on_small_stack("SELECT 1 FROM " + repeated("{oj (a }), ", 5'900) + "b").followed);
    CHECK_FALSE(tables_of("SELECT 1 FROM {oj (a})"));
    CHECK_FALSE(tables_of("SELECT 1 FROM a}"));
    CHECK_FALSE(judged_on_small_stack("SELECT 1 FROM " + repeated("{oj ", 16'000)).followed);
    const auto nested = tables_of("SELECT 1 FROM {oj a LEFT JOIN {oj b LEFT JOIN c ON 1} ON 1}, d");
    REQUIRE(nested);
    CHECK(nested->size() == 4);
}

TEST_CASE("UNION combines as many queries as fit in a statement") {
    const auto times = (tool_bytes_max - 100) / 16;
    const auto plain = judged_on_small_stack("SELECT 1" + repeated(" UNION SELECT 1 ", times));
    CHECK(plain.verdict.allowed);
    CHECK(plain.followed);
    CHECK(judged_on_small_stack("SELECT 1" + repeated(" UNION TABLE a  ", times)).followed);
    // What sorts all of them is not kept once for each.
    const auto sorted =
        "((SELECT 1" + repeated(" UNION SELECT 1", 15'000) + ") ORDER BY 1" + repeated(",1", 120'000) + ")";
    CHECK(judged_on_small_stack(sorted).followed);
    const auto names = tables_of(
        "WITH w AS (SELECT 1 FROM a) SELECT 1 FROM b UNION ALL (SELECT 1 FROM c) EXCEPT DISTINCT TABLE d");
    REQUIRE(names);
    CHECK(names->size() == 4);
}

TEST_CASE("judging a statement takes time by its length alone") {
    const auto pace = [](const char* start, const char* part, const char* end) {
        return growth([&](std::size_t times) { judged(start + repeated(part, times) + end); }, 1'000);
    };
    CHECK(pace("SELECT 1 GROUP BY 1", ", GROUP BY 1", "") < 10);
    CHECK(pace("SELECT 1", " UNION SELECT pin FROM t", "") < 10);
    CHECK(pace("SELECT 1 FROM t WHERE pin IN (''", ",'a'", ")") < 10);
    CHECK(pace("SELECT 1 FROM t WHERE 1", " AND (pin = 'a' OR pin = 'b')", "") < 10);
}
