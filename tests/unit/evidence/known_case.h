#pragma once
// A case with a bit of everything, copies of it for changing, and what the second verifier says of them.

#include <cstdio>

#include "base/text.h"
#include "tests/unit/evidence/support.h"

namespace casefile::evidence {

/// A case of eight records: opened, a run, an entry, a second run, a third that is still open, an entry.
struct KnownCase {
    TestHome home;
    std::string id = home.make_case();
    Receipt first = a_sealed_run(*home.store, id, "first");
    Record entry = home.store->journal(id).value()->append("entry", {{"text", "a note"}}).value();
    Receipt second = a_sealed_run(*home.store, id, "second", "id\n2\n");
    Run open = home.store->begin(id, a_question("third")).value();
    Record last = home.store->journal(id).value()->append("entry", {{"text", "the end"}}).value();
    fs::path original = home.store->case_folder(id);
};

/// A copy of the known case, for changing.
struct Copy {
    explicit Copy(const KnownCase& known)
        : folder(scratch.path() / "case"),
          first("runs/" + known.first.folder.filename().string()),
          second("runs/" + known.second.folder.filename().string()),
          third("runs/" + known.open.folder().filename().string()) {
        fs::copy(known.original, folder, fs::copy_options::recursive);
    }

    TemporaryFolder scratch;
    fs::path folder;
    std::string first, second, third;

    fs::path at(const std::string& name) const { return folder / name; }
    std::vector<std::string> lines() const { return split(trim(read_file(at("chain.jsonl"))), '\n'); }
    void put_lines(const std::vector<std::string>& lines) const {
        write_file(at("chain.jsonl"), join(lines, "\n") + "\n");
    }
    void replace(const std::string& name, const std::string& from, const std::string& to) const {
        auto text = read_file(at(name));
        const auto place = text.find(from);
        REQUIRE(place != std::string::npos);
        write_file(at(name), text.replace(place, from.size(), to));
    }
    void append(const std::string& name, const std::string& bytes) const {
        write_file(at(name), read_file(at(name)) + bytes);
    }
};

/// What the second verifier says of each folder: "ok" or "kind: where".
inline std::vector<std::string> second_opinions(const std::vector<fs::path>& folders,
                                                const std::string& key = {}, const fs::path& anchors = {}) {
    std::string command = "python3 " CASEFILE_SOURCE_DIR "/tests/evidence/verify.py";
    if (!key.empty()) command += " --key " + key;
    if (!anchors.empty()) command += " --anchors '" + anchors.string() + "'";
    for (const auto& folder : folders) command += " '" + folder.string() + "'";
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(::popen((command + " 2>&1").c_str(), "r"),
                                                              ::pclose);
    std::string text(64 * 1024, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), out.get()));
    auto lines = split(trim(text), '\n');
    for (auto& line : lines)
        if (line.starts_with("ok ")) line = "ok";
    return lines;
}
inline std::string second_opinion(const fs::path& folder, const std::string& key = {},
                                  const fs::path& anchors = {}) {
    return join(second_opinions({folder}, key, anchors), "; ");
}

/// True when a line of what is not proved holds the text.
inline bool says(const Verification& verification, const std::string& text) {
    for (const auto& line : verification.not_proved)
        if (line.find(text) != std::string::npos) return true;
    return false;
}

}  // namespace casefile::evidence
