#include "sources/kafka/time_order.h"

#include "tests/support/catch.h"

using namespace casefile::sources::kafka;

namespace {

Message message(std::int32_t partition, std::int64_t offset, std::int64_t timestamp_ms) {
    return {.partition = {"orders", partition}, .offset = offset, .timestamp_ms = timestamp_ms};
}

using Places = std::vector<std::size_t>;

}  // namespace

TEST_CASE("messages of several partitions are merged by their times") {
    const std::vector<Message> messages = {message(0, 5, 10), message(0, 6, 40), message(1, 9, 20),
                                           message(1, 10, 30), message(2, 0, 40)};
    CHECK(in_time_order(messages, false) == Places{0, 2, 3, 1, 4});
    CHECK(in_time_order(messages, true) == Places{4, 1, 3, 2, 0});
    CHECK(in_time_order({}, true).empty());
}

TEST_CASE("whatever times producers gave, a partition keeps the order of its offsets") {
    // The clock of one producer goes before, and one message has no time.
    const std::vector<Message> messages = {message(0, 1, 10), message(0, 2, 90), message(0, 3, 30),
                                           message(0, 4, -1), message(1, 7, 50)};
    CHECK(in_time_order(messages, false) == Places{0, 4, 1, 2, 3});
    CHECK(in_time_order(messages, true) == Places{3, 4, 2, 1, 0});
}
