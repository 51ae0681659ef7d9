#include "cases/run_lines.h"

#include <algorithm>

#include "base/packed.h"
#include "evidence/manifest.h"

namespace casefile::cases {
namespace {

/// Of what lines have in common, the newest first, that a new line is compared with.
constexpr std::size_t looked_at_max = 64;

/// The number in `table` of what equals `one`, put there if it is not among the newest.
template <class Shared>
std::uint32_t number_in(std::vector<std::shared_ptr<const Shared>>& table, Shared one) {
    for (std::size_t back = 1; back <= std::min(table.size(), looked_at_max); ++back)
        if (*table[table.size() - back] == one) return static_cast<std::uint32_t>(table.size() - back);
    table.push_back(std::make_shared<const Shared>(std::move(one)));
    return static_cast<std::uint32_t>(table.size() - 1);
}

}  // namespace

std::string RunLine::folder() const { return "runs/" + evidence::run_folder_name(seq, task, run_id); }

std::string RunLine::no_data_because() const {
    if (outcome.empty()) return "not sealed";
    if (outcome != "answered") return outcome;
    // It shows who a server is and that a human agreed, which says nothing of what the server holds.
    return tool == "confirm_environment" ? "a confirmation" : "";
}

const RunLine::FileNames& RunLine::files() const {
    static const FileNames none;
    return file_names ? *file_names : none;
}

RunLine RunLines::operator[](std::size_t place) const {
    Unpacker in(line_at(place));
    const auto& kind = *kinds_[in.number<std::uint32_t>()];
    const auto& ending = *endings_[in.number<std::uint32_t>()];
    RunLine line{.seq = in.number<std::uint64_t>(),
                 .run_id = std::string(in.text()),
                 .tool = kind.tool,
                 .task = kind.task,
                 .env = kind.env,
                 .opened_at = std::string(in.text()),
                 .sealed_at = std::string(in.text()),
                 .outcome = ending.outcome,
                 .summary = std::string(in.text()),
                 .file_names = ending.file_names,
                 .pruned = {}};
    if (const auto found = pruned_.find(place); found != pruned_.end()) line.pruned = found->second;
    return line;
}

std::size_t RunLines::find(std::string_view run_id) const {
    const auto found = place_by_id(run_id);
    return found != by_id_.end() && id_at(*found) == run_id ? *found : size();
}

void RunLines::push_back(const RunLine& line) {
    const auto next = place_by_id(line.run_id);
    const bool known = next != by_id_.end() && id_at(*next) == line.run_id;
    const auto packed = pack(line);
    auto block = std::make_shared<Block>();
    block->starts.reserve(size_ % block_lines + 1);
    if (size_ % block_lines == 0) {
        blocks_.emplace_back();
    } else {
        block->starts = blocks_.back()->starts;
        block->bytes.reserve(blocks_.back()->bytes.size() + packed.size());
        block->bytes = blocks_.back()->bytes;
    }
    block->starts.push_back(static_cast<std::uint32_t>(block->bytes.size()));
    block->bytes += packed;
    blocks_.back() = std::move(block);
    ++size_;
    if (!known) by_id_.insert(next, static_cast<std::uint32_t>(size_ - 1));
}

void RunLines::replace(std::size_t place, const RunLine& line) {
    const auto packed = pack(line);
    const auto& old = *blocks_[place / block_lines];
    const auto at = place % block_lines;
    const std::size_t begin = old.starts[at];
    const std::size_t end = at + 1 < old.starts.size() ? old.starts[at + 1] : old.bytes.size();
    auto block = std::make_shared<Block>();
    block->bytes.reserve(old.bytes.size() - (end - begin) + packed.size());
    block->bytes.append(old.bytes, 0, begin).append(packed).append(old.bytes, end);
    block->starts = old.starts;
    for (auto later = at + 1; later < block->starts.size(); ++later)
        block->starts[later] =
            static_cast<std::uint32_t>(block->starts[later] + packed.size() - (end - begin));
    blocks_[place / block_lines] = std::move(block);
}

std::string RunLines::pack(const RunLine& line) {
    std::string out;
    append_packed(out, number_in(kinds_, Kind{line.tool, line.task, line.env}));
    append_packed(out, number_in(endings_, Ending{line.outcome, line.file_names}));
    append_packed(out, line.seq);
    for (const auto* text : {&line.run_id, &line.opened_at, &line.sealed_at, &line.summary})
        append_packed_text(out, *text);
    return out;
}

const char* RunLines::line_at(std::size_t place) const {
    const auto& block = *blocks_[place / block_lines];
    return block.bytes.data() + block.starts[place % block_lines];
}

bool RunLines::Ending::operator==(const Ending& other) const {
    const bool same_names = file_names == other.file_names ||
                            (file_names && other.file_names && *file_names == *other.file_names);
    return outcome == other.outcome && same_names;
}

std::string_view RunLines::id_at(std::size_t place) const {
    Unpacker in(line_at(place));
    in.number<std::uint32_t>();
    in.number<std::uint32_t>();
    in.number<std::uint64_t>();
    return in.text();
}

std::vector<std::uint32_t>::const_iterator RunLines::place_by_id(std::string_view run_id) const {
    return std::ranges::lower_bound(by_id_, run_id, {}, [this](std::uint32_t place) { return id_at(place); });
}

}  // namespace casefile::cases
