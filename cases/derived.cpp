#include "cases/derived.h"

#include <sys/file.h>

#include <cerrno>
#include <charconv>

#include "base/text.h"
#include "cases/casebook.h"
#include "cases/inspect_log.h"
#include "evidence/files.h"
#include "evidence/head_file.h"

namespace casefile::cases {
namespace {

constexpr const char* case_json_name = "case.json";
constexpr std::string_view log_ending = ".inspect.md";
constexpr std::uint64_t derived_bytes_max = 1'073'741'824;

using evidence::Break;

/// What a derived file says of itself: from how many records it was made, and in which layout. Zeros where
/// it does not say so in exactly the form that it has.
struct MadeFrom {
    std::uint64_t records = 0, layout = 0;
};

MadeFrom told_by_case_json(std::string_view text) {
    const auto parsed = parse_json(text);
    if (!parsed || !parsed->is_object()) return {};
    const auto* anchor = member(parsed->get_object(), "anchor");
    if (anchor == nullptr || !anchor->is_object()) return {};
    const auto number = [&](const char* name) -> std::uint64_t {
        const auto* value = member(anchor->get_object(), name);
        return value != nullptr && value->is_int64() && value->get_int64() > 0
                   ? static_cast<std::uint64_t>(value->get_int64())
                   : 0;
    };
    // The first layout did not name itself: records, head and key.
    if (anchor->get_object().size() == 3) return {number("records"), 1};
    return {number("records"), number("layout")};
}

/// The same of the log, whose last section says it. Nothing that comes from data stands behind it.
MadeFrom told_by_log(std::string_view text) {
    constexpr std::string_view records = "\n- Records: ", layout = ", layout ";
    const auto at = text.rfind(records);
    if (at == std::string_view::npos) return {};
    MadeFrom out;
    auto rest = text.substr(at + records.size());
    const auto take = [&rest](std::uint64_t& number) {
        const auto end = std::from_chars(rest.data(), rest.data() + rest.size(), number).ptr;
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    };
    take(out.records);
    if (rest.starts_with('\n')) return {out.records, 1};
    if (!rest.starts_with(layout)) return {};
    rest.remove_prefix(layout.size());
    take(out.layout);
    return rest.starts_with('\n') ? out : MadeFrom{};
}

/// True for what this casefile would write, but for the layout that it names: it was changed to pass for old.
bool pretends_to_be_old(std::string text, std::string expected) {
    for (auto* one : {&text, &expected})
        for (const std::string_view mark : {", layout ", "\"layout\": "})
            for (auto at = one->find(mark); at != std::string::npos; at = one->find(mark, at)) {
                auto end = at + mark.size();
                while (end < one->size() && (*one)[end] >= '0' && (*one)[end] <= '9') ++end;
                one->erase(at, end - at);
            }
    return text == expected;
}

std::optional<Break> compare(const std::string& name, std::string_view got, std::string_view expected) {
    if (got == expected) return std::nullopt;
    const auto differs = std::mismatch(got.begin(), got.end(), expected.begin(), expected.end()).first;
    return Break{
        "file altered", name,
        "it is not what the journal gives, from byte " + std::to_string(differs - got.begin()) + " on"};
}

/// The case as it was after `count` records.
CaseState fold(const std::vector<evidence::Record>& records, std::uint64_t count) {
    CaseState state;
    for (std::uint64_t i = 0; i < count; ++i) state.apply(records[i]);
    return state;
}

/// The records that the file was made from may be newer than those that the verifier has read: a case goes on
/// while it is verified. They count when they continue the same chain.
std::vector<evidence::Record> newer_records(const std::filesystem::path& folder,
                                            const std::vector<evidence::Record>& records) {
    auto newer = evidence::read_chain(folder / evidence::chain_name);
    if (!newer || newer->size() < records.size() || (*newer)[records.size() - 1].hash != records.back().hash)
        return records;
    return *std::move(newer);
}

/// Compares one derived file. One that is missing is no break: it can be made again.
template <class Render>
std::optional<Break> check_file(const std::filesystem::path& path, int folder, const std::string& name,
                                const std::vector<evidence::Record>& records,
                                MadeFrom (*told_by)(std::string_view), Render render) {
    const auto file = evidence::open_file_at(folder, name);
    if (!file) {
        if (file.error().kind == ErrorKind::not_found) return std::nullopt;
        return Break{"file missing", name, file.error().message};
    }
    const auto text = evidence::read_whole(file->get(), derived_bytes_max);
    if (!text) return Break{"file missing", name, text.error().message};
    const auto [count, layout] = told_by(*text);
    const auto made_from = count > records.size() ? newer_records(path, records) : records;
    if (count == 0 || count > made_from.size())
        return Break{"file altered", name,
                     "expected the number of records it was made from, 1.." + std::to_string(records.size()) +
                         ", got " + std::to_string(count)};
    if (layout == 0 || layout > derived_layout)
        return Break{"file altered", name,
                     "expected a layout of 1.." + std::to_string(derived_layout) + ", got " +
                         (layout == 0 ? "none" : std::to_string(layout) + ", of a newer casefile")};
    const auto expected = render(fold(made_from, count));
    if (layout < derived_layout && !pretends_to_be_old(*text, expected)) return std::nullopt;
    return compare(name, *text, expected);
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
    auto opened = evidence::open_folder(folder);
    if (!opened) return opened.error();
    while (::flock(opened->get(), LOCK_EX) != 0)
        if (errno != EINTR) return evidence::file_error("cannot lock", folder.filename().string());
    return FolderLock(opened->release());
}

FolderLock::FolderLock(FolderLock&& other) noexcept : folder_(std::exchange(other.folder_, -1)) {}

FolderLock::~FolderLock() {
    // Closing releases the lock.
    const evidence::Descriptor closed(folder_);
}

Result<void> write_derived(const FolderLock& lock, const CaseState& state,
                           const std::string& key_fingerprint) {
    // Not synced: what a crash takes is made again from the journal.
    const auto put = [&](const std::string& name, const std::string& text) {
        return evidence::replace_file_at(lock.folder(), name, text, false);
    };
    if (auto done = put(case_json_name, render_case_json(state, key_fingerprint)); !done) return done.error();
    return put(inspect_file_name(state), render_inspect_log(state, key_fingerprint));
}

std::optional<Break> check_derived(const std::filesystem::path& folder,
                                   const std::vector<evidence::Record>& records) {
    if (records.empty()) return std::nullopt;
    const auto opened = evidence::open_folder(folder);
    if (!opened) return Break{"file missing", folder.filename().string(), opened.error().message};
    const auto head = evidence::load_head(opened->get());
    if (!head || !*head)
        return Break{"file missing", evidence::head_name, "it names the key of the derived files"};
    const auto& key = (*head)->head.key_fingerprint;

    const auto log_name = inspect_file_name(fold(records, 1));
    const auto names = evidence::names_in(opened->get());
    if (!names) return Break{"file missing", folder.filename().string(), names.error().message};
    for (const auto& name : *names)
        if (name.ends_with(log_ending) && name != log_name)
            return Break{"file added", name, "expected one inspect log, " + log_name};

    if (auto found = check_file(folder, opened->get(), case_json_name, records, told_by_case_json,
                                [&](const CaseState& state) { return render_case_json(state, key); }))
        return found;
    return check_file(folder, opened->get(), log_name, records, told_by_log,
                      [&](const CaseState& state) { return render_inspect_log(state, key); });
}

}  // namespace casefile::cases
