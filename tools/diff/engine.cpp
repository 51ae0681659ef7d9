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

/// Beside Redis only the records of the side that streams are looked for, unless left-over keys are wanted.
std::string told_of_nothing(const Meeting& meeting) {
    const bool beside_redis = meeting.left_redis != nullptr || meeting.right_redis != nullptr;
    if (!beside_redis || meeting.rules.left_over) return "neither side has a record";
    const bool left_streams = meeting.right_redis != nullptr;
    return std::string("the ") + (left_streams ? "left" : "right") + " has no record; the " +
           (left_streams ? "right" : "left") + " was not read: left_over looks for its keys";
}

/// A slip in a template looks like a cache that lost everything. The template itself is not shown: it may
/// hold what is masked.
void note_template_without_keys(const Meeting& meeting, bool is_left) {
    const auto& counts = meeting.findings.counts();
    const auto only_here = is_left ? counts.missing_right : counts.missing_left;
    if (counts.match + counts.changed + only_here > 0) return;
    const bool scanned = meeting.rules.left_over || (is_left && meeting.right_redis != nullptr);
    const auto looked_for = is_left ? counts.missing_left : counts.missing_right;
    if (!scanned && looked_for == 0) return;
    constexpr auto what_next =
        "; check key_template, and how the key fields are written: scan_redis shows the keys there are";
    const std::string what = scanned           ? "no key of the template was found"
                             : looked_for == 1 ? "the one key that was looked for was not found"
                                               : "not one of the " + std::to_string(looked_for) +
                                                     " keys that were looked for was found";
    meeting.findings.note((is_left ? "left: " : "right: ") + what + what_next);
}

}  // namespace

Result<void> compare_sides(const Meeting& meeting) {
    if (auto done = meet(meeting); !done) return done.error();
    meeting.progress.finish();
    if (meeting.findings.counts().all() == 0) meeting.findings.note(told_of_nothing(meeting));
    if (meeting.left_redis != nullptr) note_template_without_keys(meeting, true);
    if (meeting.right_redis != nullptr) note_template_without_keys(meeting, false);
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
