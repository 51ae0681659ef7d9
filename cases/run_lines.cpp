#include "cases/run_lines.h"

#include <algorithm>
#include <cstring>

#include "evidence/manifest.h"

namespace casefile::cases {
namespace {

/// Of what lines have in common, the newest first, that a new line is compared with.
constexpr std::size_t looked_at_max = 64;

template <class Number>
void put(std::string& out, Number number) {
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void put_text(std::string& out, std::string_view text) {
    put(out, static_cast<std::uint32_t>(text.size()));
    out += text;
}

/// Reads what put() and put_text() wrote.
class Reader {
  public:
    explicit Reader(const char* at) : at_(at) {}

    template <class Number>
    Number number() {
        Number out{};
        std::memcpy(&out, at_, sizeof out);
        at_ += sizeof out;
        return out;
    }
    std::string_view text() {
        const auto size = number<std::uint32_t>();
        return {std::exchange(at_, at_ + size), size};
    }

  private:
    const char* at_;
};

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

const RunLine::FileNames& RunLine::files() const {
    static const FileNames none;
    return file_names ? *file_names : none;
}

RunLine RunLines::operator[](std::size_t place) const {
    Reader in(packed_[place].get());
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
    packed_.push_back(pack(line));
    if (!known) by_id_.insert(next, static_cast<std::uint32_t>(size() - 1));
}

RunLines::Packed RunLines::pack(const RunLine& line) {
    std::string out;
    put(out, number_in(kinds_, Kind{line.tool, line.task, line.env}));
    put(out, number_in(endings_, Ending{line.outcome, line.file_names}));
    put(out, line.seq);
    for (const auto* text : {&line.run_id, &line.opened_at, &line.sealed_at, &line.summary})
        put_text(out, *text);
    auto packed = std::make_shared_for_overwrite<char[]>(out.size());
    std::memcpy(packed.get(), out.data(), out.size());
    return packed;
}

bool RunLines::Ending::operator==(const Ending& other) const {
    const bool same_names = file_names == other.file_names ||
                            (file_names && other.file_names && *file_names == *other.file_names);
    return outcome == other.outcome && same_names;
}

std::string_view RunLines::id_at(std::size_t place) const {
    Reader in(packed_[place].get());
    in.number<std::uint32_t>();
    in.number<std::uint32_t>();
    in.number<std::uint64_t>();
    return in.text();
}

std::vector<std::uint32_t>::const_iterator RunLines::place_by_id(std::string_view run_id) const {
    return std::ranges::lower_bound(by_id_, run_id, {}, [this](std::uint32_t place) { return id_at(place); });
}

}  // namespace casefile::cases
