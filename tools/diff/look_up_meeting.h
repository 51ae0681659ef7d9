#pragma once
// One side streams, and each batch of its records is looked up in Redis, by a thread of its own.

#include "tools/diff/batch_line.h"
#include "tools/diff/engine.h"

namespace casefile::tools::diff {

class LookUpMeeting : public RecordSink {
  public:
    /// One side of `meeting` is Redis.
    explicit LookUpMeeting(const Meeting& meeting);

    Result<void> run();

    Result<std::vector<std::string>> choose(const std::vector<std::string>& names) override;
    Result<bool> take(Record record) override;

  private:
    /// A field that may be compared, under its names on the left, on the streaming side and in Redis.
    struct Candidate {
        std::string name, streamed, looked_up;
        bool compared = false;
    };

    Result<void> look_up(std::vector<Record> batch);
    Result<void> decide_fields(const std::vector<Key>& keys, const std::vector<std::optional<Record>>& found);
    void note_late_fields(const std::vector<std::optional<Record>>& found);
    Error no_common_field(const std::vector<Key>& keys);
    Result<void> find_left_over();
    Result<void> scan_for_left_over(SortedRecords& scanned);
    Result<void> report_left_over(SortedRecords& scanned);
    void set_fields();

    const Meeting& meeting_;
    const bool streams_left_;  ///< the left side streams, and the right one is looked up
    Side& streamed_;
    RedisSide& redis_;
    std::vector<Candidate> candidates_;
    bool decided_ = false;
    std::vector<Record> batch_;
    BatchLine line_;
    Key last_key_;
    SortedRecords seen_;       ///< Redis keys, when left-over ones are asked for
    bool with_colon_ = false;  ///< a key value of the streamed side holds one
};

}  // namespace casefile::tools::diff
