#include "tools/kafka/lag_line.h"

#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::tools::kafka;

namespace {

View late_view() {
    View view;
    view.group = "billing \"nightly\"\n\x01 \\ \xC3\xA9";
    view.partition = {"orders", 7};
    view.facts.first = {.committed = 5, .low = 0, .end = 50};
    view.facts.time_lag_seconds = 61;
    view.judged = {LagState::warning, "45 messages wait"};
    return view;
}

}  // namespace

TEST_CASE("a line of the file is the line of the answer") {
    auto view = late_view();
    const auto check = [&] {
        std::string line;
        append_line(line, view);
        CHECK(line == json::serialize(line_of(view)));
    };
    check();
    view.member = "worker at /10.0.0.1";
    view.facts.second = Sample{.committed = 6, .low = 0, .end = 51};
    view.facts.commit_seconds = view.facts.end_seconds = 3;
    check();
    view.facts.second->committed = 48;
    check();
    view.facts.first.committed = view.facts.second->committed = std::nullopt;
    check();
    view.facts.error = "no answer";
    view.facts.time_lag_seconds.reset();
    check();
}

TEST_CASE("lag that stays as it is never drains, however the times of the two reads differ") {
    auto view = late_view();
    view.facts.second = Sample{.committed = 25, .low = 0, .end = 70};
    view.facts.commit_seconds = 3;
    view.facts.end_seconds = 3.1;
    CHECK(line_of(view).at("drain_seconds").is_null());
    view.facts.second->committed = 40;  // 15 of 45 less
    CHECK(line_of(view).at("drain_seconds") == 6);
    CHECK(line_of(view).at("producer_per_second").to_number<double>() == 6.452);
}

TEST_CASE("numbers of a line are text, and null when there are none") {
    auto view = late_view();
    std::string line;
    append_line(line, view);
    CHECK(line.find(
              R"("lag":"45","committed":"5","end":"50","low":"0","time_lag_seconds":61,"data_loss":false)") !=
          std::string::npos);

    view.facts.first.committed.reset();
    line.clear();
    append_line(line, view);
    CHECK(line.find(R"("lag":null,"committed":null)") != std::string::npos);
}
