#include "tools/diff/engine.h"

#include "base/text.h"
#include "tools/diff/look_up_meeting.h"
#include "tools/diff/memory_meeting.h"

namespace casefile::tools::diff {

Result<void> compare_sides(const Meeting& meeting) {
    if (meeting.left_redis != nullptr || meeting.right_redis != nullptr) {
        LookUpMeeting one(meeting);
        return one.run();
    }
    MemoryMeeting one(meeting);
    return one.run();
}

Error duplicate_key(const std::string& side, const Key& key) {
    return invalid(side + ": two records have the key '" + printable(shorten(shown_key(key), 100)) + "'",
                   "name more fields in key, until each record has its own");
}

}  // namespace casefile::tools::diff
