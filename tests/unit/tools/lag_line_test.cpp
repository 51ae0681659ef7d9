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
    view.facts.sample_seconds = 3;
    check();
    view.facts.second->committed = 48;
    check();
    view.facts.first.committed = view.facts.second->committed = std::nullopt;
    check();
    view.facts.error = "no answer";
    view.facts.time_lag_seconds.reset();
    check();
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
