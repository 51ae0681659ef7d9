#pragma once
// One side streams, and each batch of its records is looked up in Redis by a thread of its own, while a third
// one compares the short texts of the batch before, and asks for what is no short text.

#include "tools/diff/engine.h"
#include "tools/diff/work_line.h"

namespace casefile::tools::diff {

class LookUpMeeting : public RecordSink {
  public:
    /// One side of `meeting` is Redis.
    explicit LookUpMeeting(const Meeting& meeting);

    Result<void> run();

    Result<std::vector<std::string>> choose(const std::vector<std::string>& names) override;
    Result<bool> take(Record record) override;
    Record spare() override;

  private:
    /// A field that may be compared, under its names on the left, on the streaming side and in Redis.
    struct Candidate {
        std::string name, streamed, looked_up;
        bool compared = false;
    };

    /// Records, and what was seen of them in Redis so far.
    struct Batch {
        std::vector<Record> records;
        std::vector<std::string> redis_keys = {};
        RedisReader::Texts texts = {};
    };

    /// One bit for each of them tells which were there.
    static constexpr std::size_t candidates_glanced_max = 64;

    Result<void> look_up(Batch batch);
    Result<void> compare_texts(Batch batch);
    void add_candidate(const std::string& name);
    Result<void> check_names(const std::vector<std::string>& names);
    Result<void> decide_fields(const std::vector<Record>& batch,
                               const std::vector<std::optional<Record>>& found);
    void see_fields(const std::vector<std::optional<Record>>& found);
    void note_left_out();
    void note_unseen_names();
    void note_late_fields(const std::vector<std::optional<Record>>& found);
    Error no_common_field(const std::vector<Record>& batch);
    Result<void> note_seen(const Record& record, const std::string& redis_key);
    Result<void> compare_batch(std::vector<Record>& batch,
                               std::vector<std::optional<RedisReader::Values>> values);
    bool agree(const Record& streamed, std::string_view text);
    void set_aside(std::vector<Record> batch);
    Result<const char*> next_seen();
    Result<void> find_duplicates();
    Result<void> find_left_over();
    Result<void> scan_for_left_over(SortedRecords& scanned);
    Result<void> report_left_over(SortedRecords& scanned);
    void set_fields();

    const Meeting& meeting_;
    const bool streams_left_;  ///< the left side streams, and the right one is looked up
    Side& streamed_;
    RedisSide& redis_;
    std::vector<Candidate> candidates_;
    std::vector<std::string> looked_up_;       ///< what the candidates are called in Redis
    std::vector<std::string> streamed_names_;  ///< the fields of the streamed side
    std::vector<std::string> seen_names_;      ///< the fields of the first records in Redis
    bool decided_ = false;
    std::vector<const ComparedField*> field_of_;  ///< of each candidate; nullptr when it is not compared
    std::uint64_t fields_mask_ = 0;               ///< those that are compared
    std::vector<char> agreed_;                    ///< of the batch at work: records that equal their text
    std::uint64_t seen_members_ = 0;              ///< of the text at work, by candidate
    std::vector<Record> batch_;
    std::size_t batch_bytes_ = 0;
    std::mutex spare_mutex_;
    std::vector<std::vector<Record>> spare_batches_;  ///< guarded by spare_mutex_
    std::vector<Record> spare_;                       ///< of the thread that streams
    const bool keeps_keys_;
    SortedRecords seen_;       ///< Redis keys of the streamed side, where they are kept
    std::string last_seen_;    ///< the last one that next_seen() gave
    bool with_colon_ = false;  ///< a key value of the streamed side holds one
    Key last_key_;
    // The last ones: their threads use what stands before.
    WorkLine<Batch> compared_;
    WorkLine<Batch> looked_for_;  ///< feeds the other
};

}  // namespace casefile::tools::diff
