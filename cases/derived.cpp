#include "cases/derived.h"

#include <sys/file.h>

#include <cerrno>
#include <charconv>

#include "base/text.h"
#include "cases/casebook.h"
#include "cases/derived_seal.h"
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

/// Whoever names the first layout was changed to pass for old.
std::uint64_t named_layout(std::uint64_t layout) { return layout == 1 ? 0 : layout; }

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
    return {number("records"), named_layout(number("layout"))};
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
    out.layout = named_layout(out.layout);
    return rest.starts_with('\n') ? out : MadeFrom{};
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

/// What is known of a case when one of its derived files is looked at.
struct Checked {
    const std::filesystem::path& path;
    int folder;
    const std::vector<evidence::Record>& records;
    std::string public_key;
    std::uint64_t layout_min;
    std::vector<std::string>* not_proved;
};

struct Kind {
    std::string name;
    SealForm seal;
    MadeFrom (*told_by)(std::string_view);
    std::function<std::string(const CaseState&)> render;
};

/// A signed file against what it has to be; of one of an older layout the signature has to do.
std::optional<Break> check_signed(const Kind& kind, std::string_view text, const std::string* expected,
                                  const std::string& public_key) {
    const auto found = split_seal(kind.seal, text);
    if (found && seal_is_good(*found, public_key) && (!expected || found->signed_part == *expected))
        return std::nullopt;
    if (expected != nullptr && !text.starts_with(*expected)) return compare(kind.name, text, *expected);
    return Break{"file altered", kind.name, "its signature is not one of the key over its bytes"};
}

/// Compares one derived file. One that is missing is no break: it can be made again.
std::optional<Break> check_file(const Checked& of, const Kind& kind) {
    const auto file = evidence::open_file_at(of.folder, kind.name);
    if (!file) {
        if (file.error().kind == ErrorKind::not_found) return std::nullopt;
        return Break{"file altered", kind.name, file.error().message};
    }
    const auto text = evidence::read_whole(file->get(), derived_bytes_max);
    if (!text) return Break{"file altered", kind.name, text.error().message};
    const auto [count, layout] = kind.told_by(*text);
    const auto made_from = count > of.records.size() ? newer_records(of.path, of.records) : of.records;
    if (count == 0 || count > made_from.size())
        return Break{"file altered", kind.name,
                     "expected the number of records it was made from, 1.." +
                         std::to_string(of.records.size()) + ", got " + std::to_string(count)};
    if (layout < of.layout_min || layout > derived_layout)
        return Break{"file altered", kind.name,
                     "expected a layout of " + std::to_string(of.layout_min) + ".." +
                         std::to_string(derived_layout) + ", got " +
                         (layout == 0 ? "none"
                                      : std::to_string(layout) +
                                            (layout > derived_layout ? ", of a newer casefile" : ""))};
    const auto expected = kind.render(fold(made_from, count));
    if (layout >= first_signed_layout) {
        const auto part = signed_part(kind.seal, expected);
        return check_signed(kind, *text, layout == derived_layout ? &part : nullptr, of.public_key);
    }
    if (of.not_proved != nullptr)
        of.not_proved->push_back(kind.name +
                                 ": written by an older casefile, it is not compared with the journal");
    return std::nullopt;
}

using Write = void (*)(const CaseState&, const std::string& key_fingerprint, const TakeText&);

void write_signed(const SealForm& form, Write write, const CaseState& state, const evidence::SigningKey& key,
                  const TakeText& take) {
    Sealer sealer(form, take);
    write(state, key.fingerprint(), [&](std::string_view piece) { sealer.add(piece); });
    sealer.finish(key);
}

std::string signed_text(const SealForm& form, Write write, const CaseState& state,
                        const evidence::SigningKey& key) {
    std::string text;
    write_signed(form, write, state, key, [&](std::string_view piece) { text += piece; });
    return text;
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
    auto opened = evidence::open_folder(folder);
    if (!opened) return opened.error();
    while (::flock(opened->get(), LOCK_EX) != 0)
        if (errno != EINTR) return evidence::file_error("cannot lock", folder.filename().string());
    return FolderLock(*std::move(opened));
}

std::string signed_case_json(const CaseState& state, const evidence::SigningKey& key) {
    return signed_text(case_json_seal, write_case_json, state, key);
}

std::string signed_inspect_log(const CaseState& state, const evidence::SigningKey& key) {
    return signed_text(log_seal, write_inspect_log, state, key);
}

Result<void> write_derived(const FolderLock& lock, const CaseState& state, const evidence::SigningKey& key) {
    const auto put = [&](const std::string& name, const SealForm& form, Write write) -> Result<void> {
        auto file = evidence::FreshFile::make(lock.folder(), name);
        if (!file) return file.error();
        Result<void> done;
        write_signed(form, write, state, key, [&](std::string_view piece) {
            if (done) done = file->write(piece);
        });
        // Not synced: what a crash takes is made again from the journal.
        return done ? file->put_in_place(false) : done;
    };
    if (auto done = put(case_json_name, case_json_seal, write_case_json); !done) return done.error();
    return put(inspect_file_name(state), log_seal, write_inspect_log);
}

std::optional<Break> check_derived(const std::filesystem::path& folder,
                                   const std::vector<evidence::Record>& records,
                                   std::vector<std::string>* not_proved) {
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

    const Checked of{folder,
                     opened->get(),
                     records,
                     (*head)->public_key,
                     std::max<std::uint64_t>(1, evidence::count_at(records.front().body, "layout")),
                     not_proved};
    if (auto found = check_file(of, {case_json_name, case_json_seal, told_by_case_json,
                                     [&](const CaseState& state) { return render_case_json(state, key); }}))
        return found;
    return check_file(of, {log_name, log_seal, told_by_log,
                           [&](const CaseState& state) { return render_inspect_log(state, key); }});
}

}  // namespace casefile::cases
