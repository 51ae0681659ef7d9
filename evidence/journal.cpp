#include "evidence/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <map>
#include <optional>

#include "base/text.h"
#include "evidence/anchors.h"
#include "evidence/chain.h"
#include "evidence/head_file.h"
#include "evidence/record_line.h"

namespace casefile::evidence {
namespace {

/// The head of a run comes this late, so that calls in a row share one signature and one write.
constexpr std::chrono::milliseconds head_delay{100};

/// How many records, up to which size, are kept in memory.
constexpr std::size_t recent_max = 64, recent_bytes_max = 16 * 1024;

}  // namespace

class Journal::Impl {
  public:
    Impl(std::filesystem::path folder, SigningKey key, const Clock& clock, Settler* settler,
         AnchorFile* anchors)
        : key_(std::move(key)),
          clock_(clock),
          settler_(settler),
          anchors_(anchors),
          file_(std::move(folder)) {
        forget();
        seen_ = head_;
    }

    Result<Record> append(std::string_view kind, const std::function<json::object(const Head&)>& body);
    Result<Entered> enter(std::string_view kind, const std::function<json::object(const Head&)>& body,
                          const Held& held);
    Result<void> wait(const Entered& entered);
    Result<void> each_after(std::uint64_t after, const std::function<void(const Record&)>& take);
    Result<Head> head();
    Result<std::string> hash_of(std::uint64_t n);
    Result<void> drop_held(const PrunedFiles& files);
    void rest();
    const std::filesystem::path& folder() const { return file_.folder(); }
    const std::string& key_fingerprint() const { return key_.fingerprint(); }

  private:
    /// Lines that share a sync.
    struct Batch {
        std::shared_ptr<const OpenChain> chain;
        Head before, head;        ///< the ends of the chain without and with them
        std::uint64_t start = 0;  ///< where the first of them begins
        bool done = false;
        std::optional<Error> failure;
    };

    Result<LockedChain> open(Lock lock);
    Result<void> catch_up(const LockedChain& chain);
    Result<void> take(std::string_view line, std::uint64_t offset,
                      const std::map<std::uint64_t, std::string>& known);
    Result<void> prepare_to_write(const LockedChain& chain);
    Result<void> write(const LockedChain& chain, const std::string& line);
    std::shared_ptr<Batch> join_batch(const LockedChain& chain, const Head& before, std::uint64_t start);
    void take_back(Batch& batch, const Error& failure);
    void tell_head();
    void tell_anchor(const std::string& at);
    void advance(RecordPtr record, std::uint64_t offset);
    void forget();

    const SigningKey key_;
    const Clock& clock_;
    Settler* const settler_;
    AnchorFile* const anchors_;

    // What is known of the file. The next operation reads only what others added behind it.
    std::mutex mutex_;
    ChainFile file_;
    Head head_;
    Head seen_;                          ///< the furthest that the chain was ever seen to reach
    std::vector<std::uint64_t> starts_;  ///< where record n + 1 begins
    std::uint64_t end_ = 0;              ///< behind the last complete line
    std::uint64_t device_ = 0, inode_ = 0;
    RecordPtr last_;                ///< until its signature was seen to be ours
    std::deque<RecordPtr> recent_;  ///< the last records, for followers that keep up

    std::condition_variable synced_;
    std::shared_ptr<Batch> open_batch_;  ///< written, and not being synced yet
    bool syncing_ = false;
    Head durable_;            ///< the last end of the chain that this process has synced
    std::uint64_t told_ = 0;  ///< records that head.json tells of, at least
};

void Journal::Impl::forget() {
    head_ = {0, 0, std::string(no_hash), key_.fingerprint()};
    starts_.clear();
    end_ = 0;
    last_.reset();
    recent_.clear();
}

void Journal::Impl::advance(RecordPtr record, std::uint64_t offset) {
    head_.count = record->n;
    head_.hash = record->hash;
    if (record->kind == "run") ++head_.runs;
    starts_.push_back(offset);
    if (record->body_bytes.size() > recent_bytes_max)
        recent_.clear();
    else
        recent_.push_back(std::move(record));
    if (recent_.size() > recent_max) recent_.pop_front();
}

Result<LockedChain> Journal::Impl::open(Lock lock) {
    auto chain = file_.lock(lock);
    if (!chain) return chain.error();
    if (auto done = catch_up(*chain); !done) return done.error();
    return chain;
}

/// Reads what others added. On the first look, and when the file is another one or shorter than it was,
/// everything is read again and held against what is known of it: the head that this process saw and the one
/// in head.json.
Result<void> Journal::Impl::catch_up(const LockedChain& chain) {
    std::map<std::uint64_t, std::string> known;
    const bool same = chain->device == device_ && chain->inode == inode_ && chain.size() >= end_;
    if (!same || end_ == 0) {
        known[seen_.count] = seen_.hash;
        // A head.json that cannot be read proves nothing here; verify reports it.
        if (auto file = load_head(chain->folder.get()); file && *file)
            known.emplace((*file)->head.count, (*file)->head.hash);
        forget();
    }
    // Half-read is no state to go on from: unless all goes well, the next call reads all of it again.
    device_ = inode_ = 0;
    if (chain->file && chain.size() > end_) {
        auto end = for_each_line(chain->file.get(), end_, [&](std::string_view line, std::uint64_t offset) {
            return take(line, offset, known);
        });
        if (!end) return end.error();
        end_ = *end;
    }
    if (!known.empty() && known.rbegin()->first > head_.count)
        return broken_chain("chain.jsonl lost its tail: expected " + std::to_string(known.rbegin()->first) +
                            " records or more, got " + std::to_string(head_.count));
    device_ = chain->device;
    inode_ = chain->inode;
    seen_ = head_;
    return {};
}

Result<void> Journal::Impl::take(std::string_view line, std::uint64_t offset,
                                 const std::map<std::uint64_t, std::string>& known) {
    const auto where = line_name(starts_.size());
    auto record = parse_line(line);
    if (!record) return broken_chain(where + ": " + record.error().message);
    if (record->n != head_.count + 1 || record->prev != head_.hash)
        return broken_chain(where + ": expected record " + std::to_string(head_.count + 1) +
                            " with the hash of the one before, got record " + std::to_string(record->n));
    if (const auto seen = known.find(record->n); seen != known.end() && seen->second != record->hash)
        return broken_chain(where + ": the record is not the one that stood there before");
    last_ = std::make_shared<const Record>(*std::move(record));
    advance(last_, offset);
    return {};
}

/// Before anything is added: the chain is one of our key, a torn last line is cut off, and an empty chain
/// gets its head.json, so that a chain without one never comes from a crash.
Result<void> Journal::Impl::prepare_to_write(const LockedChain& chain) {
    if (last_ && !is_signed_by(*last_, key_.public_key()))
        return denied("the last record of the case is not signed by the key of this home",
                      "restore the key.pem that began the case, or open a new case");
    last_.reset();
    if (chain.size() > end_ && ::ftruncate(chain->file.get(), static_cast<off_t>(end_)) != 0)
        return file_error("cannot cut off a torn line", chain_name);
    if (head_.count > 0) return {};
    return replace_file_at(chain->folder.get(), head_name, write_head(head_, rfc3339(clock_.now()), key_),
                           true);
}

/// All of the line in the file, or nothing of it.
Result<void> Journal::Impl::write(const LockedChain& chain, const std::string& line) {
    auto done = write_all(chain->file.get(), line);
    if (!done && ::ftruncate(chain->file.get(), static_cast<off_t>(end_)) != 0)
        device_ = inode_ = 0;  // What is in the file is not known any more: read it again.
    return done;
}

/// The line that was just written has to be synced by way of this open file, with others that wait.
std::shared_ptr<Journal::Impl::Batch> Journal::Impl::join_batch(const LockedChain& chain, const Head& before,
                                                                std::uint64_t start) {
    if (!open_batch_ || open_batch_->chain != chain.chain()) {
        open_batch_ = std::make_shared<Batch>();
        open_batch_->before = before;
        open_batch_->start = start;
        open_batch_->chain = chain.chain();
    }
    open_batch_->head = head_;
    return open_batch_;
}

Result<Journal::Entered> Journal::Impl::enter(std::string_view kind,
                                              const std::function<json::object(const Head&)>& body,
                                              const Held& held) {
    if (!is_kind(kind)) return internal("a record cannot be of kind '" + printable(kind) + "'");
    const std::lock_guard guard(mutex_);
    auto chain = open(Lock::exclusive);
    if (!chain) return chain.error();
    if (auto done = prepare_to_write(*chain); !done) return done.error();

    Record record;
    record.n = head_.count + 1;
    record.kind = kind;
    record.at = rfc3339(clock_.now());
    record.prev = head_.hash;
    record.body = body(head_);
    if (kind == "closed")
        if (auto done = close_over((*chain)->file.get(), record.body); !done) return done.error();
    auto line = seal_line(record, held, key_);
    if (line.size() > line_bytes_max || end_ + line.size() >= chain_bytes_max)
        return Error{ErrorKind::limit_reached,
                     "journal: expected a record of at most 8 MiB in a chain of at most 1 GiB, got " +
                         std::to_string(line.size()) + " bytes after " + std::to_string(end_),
                     "put large values into an output file, or open a new case"};
    // Nothing enters that cannot be read back: no UTF-8, numbers without a value, deep nesting.
    auto again = parse_json(record.body_bytes);
    if (!again)
        return internal("the body of a " + record.kind + " record is not JSON: " + again.error().message);
    record.body = std::move(again->get_object());  // as any other reader gets it

    line += '\n';
    if (auto done = write(*chain, line); !done) return done.error();
    const auto before = head_;
    const auto start = end_;
    auto entered = std::make_shared<const Record>(std::move(record));
    advance(entered, end_);
    end_ += line.size();
    seen_ = head_;
    auto batch = join_batch(*chain, before, start);
    return Entered{std::move(entered), std::move(batch)};
}

/// The first who waits syncs for all whose lines are written by then; those who come meanwhile share the next
/// sync.
Result<void> Journal::Impl::wait(const Entered& entered) {
    const auto batch = std::static_pointer_cast<Batch>(entered.batch);
    std::unique_lock lock(mutex_);
    while (!batch->done && syncing_) synced_.wait(lock);
    if (!batch->done) {
        syncing_ = true;
        if (open_batch_ == batch) open_batch_.reset();
        lock.unlock();
        auto done = sync_file(batch->chain->file.get());
        lock.lock();
        syncing_ = false;
        batch->done = true;
        if (done)
            durable_ = batch->head;
        else
            take_back(*batch, done.error());
        synced_.notify_all();
        if (done && settler_ != nullptr) settler_->later(this, head_delay, [this] { tell_head(); });
    }
    return batch->failure ? Result<void>(*batch->failure) : Result<void>();
}

/// The disk refused to keep the lines: they leave the file, and so do those that stand behind them. Where
/// another process has added its own meanwhile, they stay, refused.
void Journal::Impl::take_back(Batch& batch, const Error& failure) {
    batch.failure = failure;
    if (open_batch_) {
        open_batch_->done = true;
        open_batch_->failure = failure;
        open_batch_.reset();
    }
    struct stat info {};
    const int file = batch.chain->file.get();
    if (lock_chain(file, Lock::exclusive) && ::fstat(file, &info) == 0 &&
        static_cast<std::uint64_t>(info.st_size) == end_)
        static_cast<void>(::ftruncate(file, static_cast<off_t>(batch.start)));
    unlock_chain(file);
    seen_ = batch.before;
    device_ = inode_ = 0;
}

/// head.json never tells of a record that is not on stable storage, and never of fewer than it told before.
/// One that cannot be written is behind, which verify tells.
void Journal::Impl::tell_head() {
    const std::lock_guard guard(mutex_);
    if (durable_.count <= told_) return;
    const auto chain = open(Lock::exclusive);
    if (!chain) return;
    const auto at = rfc3339(clock_.now());
    const auto written = advance_head((*chain)->folder.get(), durable_, at, key_);
    if (!written) return;
    told_ = durable_.count;
    if (*written && anchors_ != nullptr) tell_anchor(at);
}

void Journal::Impl::tell_anchor(const std::string& at) {
    const auto told = append_anchor(anchors_->path, file_.folder().filename().string(), durable_, at);
    if (anchors_->failing.exchange(!told) || told || !anchors_->on_failure) return;
    anchors_->on_failure(told.error());
}

Result<Record> Journal::Impl::append(std::string_view kind,
                                     const std::function<json::object(const Head&)>& body) {
    auto entered = enter(kind, body, {});
    if (!entered) return entered.error();
    if (auto done = wait(*entered); !done) return done.error();
    tell_head();
    rest();  // only runs come in a row
    return *entered->record;
}

Result<void> Journal::Impl::each_after(std::uint64_t after, const std::function<void(const Record&)>& take) {
    const std::lock_guard guard(mutex_);
    auto chain = open(Lock::shared);
    if (!chain) return chain.error();
    if (after >= head_.count) return {};
    if (head_.count - after <= recent_.size()) {
        for (auto i = recent_.size() - (head_.count - after); i < recent_.size(); ++i) take(*recent_[i]);
        return {};
    }

    // One record earlier, for the first link. A torn line behind end_ is not a line and so never comes.
    const auto n = after == 0 ? 0 : after - 1;
    return read_records((*chain)->file.get(), starts_[n], n, after, take);
}

Result<Head> Journal::Impl::head() {
    const std::lock_guard guard(mutex_);
    auto chain = open(Lock::shared);
    if (!chain) return chain.error();
    return head_;
}

Result<std::string> Journal::Impl::hash_of(std::uint64_t n) {
    const std::lock_guard guard(mutex_);
    auto chain = open(Lock::shared);
    if (!chain) return chain.error();
    if (n == 0 || n > head_.count) return std::string();
    if (n == head_.count) return head_.hash;
    return read_hash((*chain)->file.get(), starts_[n - 1], starts_[n]);
}

Result<void> Journal::Impl::drop_held(const PrunedFiles& files) {
    const std::lock_guard guard(mutex_);
    auto chain = open(Lock::exclusive);
    if (!chain) return chain.error();
    return rewrite_without((*chain)->folder.get(), (*chain)->file.get(), files);
}

void Journal::Impl::rest() {
    const std::lock_guard guard(mutex_);
    file_.rest();
}

Journal::Journal(std::filesystem::path folder, const SigningKey& key, const Clock& clock, Settler* settler,
                 AnchorFile* anchors)
    : impl_(std::make_unique<Impl>(std::move(folder), key, clock, settler, anchors)) {}
Journal::~Journal() = default;

Result<Record> Journal::append(std::string_view kind, const std::function<json::object(const Head&)>& body) {
    return impl_->append(kind, body);
}
Result<Record> Journal::append(std::string_view kind, json::object body) {
    return impl_->append(kind, [&](const Head&) { return std::move(body); });
}
Result<Journal::Entered> Journal::enter(std::string_view kind,
                                        const std::function<json::object(const Head&)>& body,
                                        const Held& held) {
    return impl_->enter(kind, body, held);
}
Result<void> Journal::wait(const Entered& entered) { return impl_->wait(entered); }
Result<std::vector<Record>> Journal::records() {
    std::vector<Record> records;
    auto done = each_after(0, [&](const Record& record) { records.push_back(record); });
    if (!done) return done.error();
    return records;
}
Result<void> Journal::each_after(std::uint64_t after, const std::function<void(const Record&)>& take) {
    return impl_->each_after(after, take);
}
Result<Head> Journal::head() { return impl_->head(); }
Result<std::string> Journal::hash_of(std::uint64_t n) { return impl_->hash_of(n); }
Result<void> Journal::drop_held(const PrunedFiles& files) { return impl_->drop_held(files); }
void Journal::rest() { impl_->rest(); }
const std::filesystem::path& Journal::folder() const { return impl_->folder(); }
const std::string& Journal::key_fingerprint() const { return impl_->key_fingerprint(); }

}  // namespace casefile::evidence
