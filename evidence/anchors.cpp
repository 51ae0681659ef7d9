#include "evidence/anchors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "evidence/chain.h"
#include "evidence/files.h"

namespace casefile::evidence {
namespace {

struct Anchor {
    std::string case_id, hash, key_fingerprint;
    std::uint64_t count = 0;
};

/// Nothing when the line is none.
std::optional<Anchor> parse_anchor(std::string_view line) {
    const auto parsed = parse_json(line);
    if (!parsed || !parsed->is_object()) return std::nullopt;
    const auto& object = parsed->get_object();
    const auto* count = member(object, "count");
    if (count == nullptr || !count->is_int64() || count->get_int64() < 1) return std::nullopt;
    return Anchor{string_or(object, "case"), string_or(object, "hash"), string_or(object, "key_fingerprint"),
                  static_cast<std::uint64_t>(count->get_int64())};
}

Result<Descriptor> open_to_append(const std::filesystem::path& file) {
    // Not blocking, so that a pipe under the name cannot hold us.
    Descriptor opened(
        ::open(file.c_str(), O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600));  // NOLINT
    if (!opened) return file_error("cannot open to append", file.filename().string());
    return opened;
}

Result<void> for_each_anchor(const std::filesystem::path& file,
                             const std::function<void(const std::optional<Anchor>&)>& take) {
    const Descriptor opened(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));  // NOLINT
    if (!opened)
        return unavailable(
            "the anchor file cannot be read: " + file_error("", file.filename().string()).message,
            "expected the file that anchor_file names in the configuration, or --anchors");
    auto end = for_each_line(opened.get(), 0, [&](std::string_view line, std::uint64_t) -> Result<void> {
        take(parse_anchor(line));
        return {};
    });
    return end ? Result<void>() : end.error();
}

}  // namespace

Result<void> append_anchor(const std::filesystem::path& file, const std::string& case_id, const Head& head,
                           const std::string& at) {
    auto opened = open_to_append(file);
    if (!opened) return opened.error();
    // A full disk may have kept a part of the line before. One write, so that lines of several processes
    // never mix.
    struct stat info {};
    char last = '\n';
    const bool torn = ::fstat(opened->get(), &info) == 0 && info.st_size > 0 &&
                      ::pread(opened->get(), &last, 1, info.st_size - 1) == 1 && last != '\n';
    return write_all(opened->get(), (torn ? "\n" : "") +
                                        canonical(json::object{{"at", at},
                                                               {"case", case_id},
                                                               {"count", head.count},
                                                               {"hash", head.hash},
                                                               {"key_fingerprint", head.key_fingerprint}}) +
                                        "\n");
}

Result<void> check_anchor_file(const std::filesystem::path& file) {
    if (!file.is_absolute())
        return invalid("anchor_file: expected an absolute path, got '" + printable(file.string()) + "'");
    auto opened = open_to_append(file);
    if (!opened)
        return unavailable("anchor_file: " + opened.error().message,
                           "expected a file that casefile may append to, best on another disk than the home");
    return {};
}

Result<std::optional<Break>> check_anchors(const std::filesystem::path& file, const std::string& case_id,
                                           const std::vector<Record>& records,
                                           const std::string& key_fingerprint, Verification& out) {
    std::optional<Break> found;
    std::uint64_t newest = 0, others = 0;
    auto done = for_each_anchor(file, [&](const std::optional<Anchor>& anchor) {
        if (!anchor) ++others;
        if (!anchor || anchor->case_id != case_id) return;
        if (anchor->key_fingerprint == key_fingerprint) newest = std::max(newest, anchor->count);
        if (found) return;
        const auto place = "record " + std::to_string(anchor->count);
        if (anchor->key_fingerprint != key_fingerprint)
            found = Break{"anchor differs", head_name,
                          "the anchor file tells of " + place + " signed by key " + anchor->key_fingerprint};
        else if (anchor->count > records.size())
            found = Break{"tail cut", chain_name, {}};
        else if (records[anchor->count - 1].hash != anchor->hash)
            found = Break{"anchor differs", line_name(anchor->count - 1),
                          "expected the hash " + anchor->hash + " as in the anchor file"};
    });
    if (!done) return done.error();
    out.anchored = newest;
    // The first line that counts too many is rarely the last: all of them tell how much is gone.
    if (found && found->kind == "tail cut")
        found->what = "expected " + std::to_string(newest) + " records as in the anchor file, got " +
                      std::to_string(records.size());
    if (others > 0)
        out.not_proved.push_back("the anchor file has " + std::to_string(others) +
                                 " lines that are none of its form");
    if (found) return found;
    if (newest == 0)
        out.not_proved.push_back("the anchor file knows nothing of " + case_id);
    else if (newest < records.size())
        out.not_proved.push_back("the anchor file ends at record " + std::to_string(newest) +
                                 "; what came after it could have been cut off unseen");
    return found;
}

Result<std::map<std::string, std::uint64_t>> anchored_cases(const std::filesystem::path& file,
                                                            const std::string& key_fingerprint) {
    std::map<std::string, std::uint64_t> cases;
    auto done = for_each_anchor(file, [&](const std::optional<Anchor>& anchor) {
        if (!anchor || anchor->key_fingerprint != key_fingerprint) return;
        auto& newest = cases[anchor->case_id];
        newest = std::max(newest, anchor->count);
    });
    if (!done) return done.error();
    return cases;
}

}  // namespace casefile::evidence
