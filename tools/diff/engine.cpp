#include "tools/diff/engine.h"

#include "tools/diff/chunk_meeting.h"
#include "tools/diff/look_up_meeting.h"
#include "tools/diff/sorted_meeting.h"

namespace casefile::tools::diff {
namespace {

Result<void> meet(const Meeting& meeting) {
    const auto about = [&](Side& side) { return side.records_about(meeting.control); };
    if (meeting.left_redis != nullptr || meeting.right_redis != nullptr) {
        auto& streamed = meeting.right_redis != nullptr ? meeting.left : meeting.right;
        meeting.progress.estimate_by([&] { return about(streamed); });
        LookUpMeeting one(meeting);
        return one.run();
    }
    FieldPairs pairs(meeting.rules, meeting.findings);
    if (meeting.left_mysql != nullptr && meeting.right_mysql != nullptr) {
        ChunkMeeting one(meeting, pairs);
        auto cut = one.is_possible();
        if (!cut) return cut.error();
        if (*cut) return one.run();
    }
    meeting.progress.estimate_by([&]() -> std::optional<std::int64_t> {
        const auto left = about(meeting.left), right = about(meeting.right);
        if (!left || !right) return std::nullopt;
        return *left + *right;
    });
    SortedMeeting one(meeting, pairs);
    return one.run(meeting.left, meeting.right);
}

}  // namespace

Result<void> compare_sides(const Meeting& meeting) {
    if (auto done = meet(meeting); !done) return done.error();
    meeting.progress.finish();
    return meeting.findings.finish();
}

Result<void> check_time(const sources::Control& control) {
    if (control.stopped()) return sources::cancelled_error();
    if (control.left().count() == 0)
        return Error{ErrorKind::timed_out, "the time for this diff is up",
                     "compare one range of the key after the other"};
    return {};
}

}  // namespace casefile::tools::diff
