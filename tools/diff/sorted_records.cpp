#include "tools/diff/sorted_records.h"

#include <algorithm>

#include "tools/diff/record_bytes.h"

namespace casefile::tools::diff {
namespace {

/// Of each run while they are merged; more would not be quicker, less would be many small reads.
constexpr std::size_t run_buffer_max = 256 * 1024;
constexpr std::size_t run_buffer_min = 4 * 1024;

}  // namespace

bool SortedRecords::is_less(const Entry& left, const Entry& right) const {
    if (left.rank != right.rank) return left.rank < right.rank;
    return compare_records(order_, records_.data() + left.at, records_.data() + right.at) < 0;
}

Result<void> SortedRecords::add(const Record& record) {
    const Entry entry{rank_of(order_, record.key), records_.size()};
    append_record(records_, record, entry.rank);
    return added(entry);
}

Result<void> SortedRecords::add_key(std::string_view part) {
    const Entry entry{rank_of(order_, part), records_.size()};
    append_key(records_, part, entry.rank);
    return added(entry);
}

Result<void> SortedRecords::added(const Entry& entry) {
    in_order_ = in_order_ && (entries_.empty() || !is_less(entry, entries_.back()));
    entries_.push_back(entry);
    ++size_;
    if (records_.size() + entries_.size() * sizeof(Entry) < room_.memory_bytes_max) return {};
    return spill();
}

void SortedRecords::sort() {
    if (!in_order_)
        std::sort(entries_.begin(), entries_.end(),
                  [this](const Entry& left, const Entry& right) { return is_less(left, right); });
    in_order_ = true;
}

/// Writes what is in memory as one run, or as more of the last one where it goes on from there.
Result<void> SortedRecords::spill() {
    if (!file_) {
        auto opened = ScratchFile::open(room_.folder, room_.disk_bytes_max);
        if (!opened) return opened.error();
        file_ = *std::move(opened);
    }
    sort();
    const char* records = records_.data();
    const bool goes_on =
        !runs_.empty() && compare_records(order_, last_spilled_.data(), records + entries_.front().at) <= 0;
    if (!goes_on) runs_.push_back({.next = file_->size(), .end = file_->size(), .buffer = {}});
    std::string block;
    for (const auto& entry : entries_) {
        block.append(records + entry.at, record_size(records + entry.at));
        if (block.size() < run_buffer_max) continue;
        if (auto done = file_->append(block); !done) return done.error();
        block.clear();
    }
    if (auto done = file_->append(block); !done) return done.error();
    runs_.back().end = file_->size();
    const auto* last = records + entries_.back().at;
    last_spilled_.assign(last, record_size(last));
    records_.clear();
    entries_.clear();
    return {};
}

Result<void> SortedRecords::finish() {
    if (!file_) {
        sort();
        return {};
    }
    if (!entries_.empty())
        if (auto done = spill(); !done) return done.error();
    std::string().swap(records_);
    std::vector<Entry>().swap(entries_);
    buffer_bytes_ = std::clamp(room_.memory_bytes_max / runs_.size(), run_buffer_min, run_buffer_max);
    for (std::size_t i = 0; i < runs_.size(); ++i) {
        auto more = load(runs_[i]);
        if (!more) return more.error();
        if (*more) heap_.push_back(i);
    }
    std::make_heap(heap_.begin(), heap_.end(), [this](auto l, auto r) { return comes_later(l, r); });
    return {};
}

bool SortedRecords::comes_later(std::size_t left, std::size_t right) const {
    const auto &l = runs_[left], &r = runs_[right];
    return compare_records(order_, l.buffer.data() + l.at, r.buffer.data() + r.at) > 0;
}

/// Brings the whole of the run's current record into its buffer; false at its end.
Result<bool> SortedRecords::load(Run& run) {
    const auto buffered = [&] { return run.buffer.size() - run.at; };
    const auto fill = [&](std::size_t wanted) -> Result<void> {
        if (buffered() >= wanted) return {};
        run.buffer.erase(0, run.at);
        run.at = 0;
        const auto have = run.buffer.size();
        const auto count =
            std::min<std::uint64_t>(std::max(wanted, buffer_bytes_) - have, run.end - run.next);
        run.buffer.resize(have + count);
        if (auto done = file_->read(run.next, std::span(run.buffer).subspan(have)); !done)
            return done.error();
        run.next += count;
        return {};
    };
    if (auto done = fill(record_size_bytes); !done) return done.error();
    if (buffered() == 0) return false;
    if (auto done = fill(record_size(run.buffer.data() + run.at)); !done) return done.error();
    return true;
}

/// On to the record after the first one of the heap.
Result<void> SortedRecords::pass_first() {
    const auto later = [this](auto l, auto r) { return comes_later(l, r); };
    std::pop_heap(heap_.begin(), heap_.end(), later);
    auto& run = runs_[heap_.back()];
    run.at += record_size(run.buffer.data() + run.at);
    auto more = load(run);
    if (!more) return more.error();
    if (*more)
        std::push_heap(heap_.begin(), heap_.end(), later);
    else
        heap_.pop_back();
    return {};
}

Result<const char*> SortedRecords::next_bytes() {
    if (!file_) {
        if (next_entry_ == entries_.size()) return nullptr;
        return records_.data() + entries_[next_entry_++].at;
    }
    if (std::exchange(given_, true))
        if (auto done = pass_first(); !done) return done.error();
    if (heap_.empty()) {
        given_ = false;
        return nullptr;
    }
    const auto& run = runs_[heap_.front()];
    return run.buffer.data() + run.at;
}

Result<std::optional<Record>> SortedRecords::next() {
    const auto bytes = next_bytes();
    if (!bytes) return bytes.error();
    return *bytes == nullptr ? std::optional<Record>() : std::optional(record_from(*bytes));
}

}  // namespace casefile::tools::diff
