#pragma once
// A home of its own with a clock that stands still, and the few things that tests of cases do over and over.

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "cases/casebook.h"
#include "tests/fakes/manual_clock.h"
#include "tests/support/temporary_folder.h"

namespace casefile::cases {

inline const std::string alice = "https://id.example#alice";
inline const std::string mallory = "https://id.example#mallory";

/// The principal that owns the home, and so sees all of it.
inline std::string owner() { return "local:" + std::to_string(::getuid()); }

inline std::string read_text(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void write_text(const std::filesystem::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

/// Replaces the first `from` in a file by `to` of the same length.
inline bool tamper(const std::filesystem::path& file, const std::string& from, const std::string& to) {
    auto text = read_text(file);
    const auto at = text.find(from);
    if (at == std::string::npos || from.size() != to.size()) return false;
    write_text(file, text.replace(at, from.size(), to));
    return true;
}

/// What the second verifier says of a folder: "ok" or "kind: where".
inline std::string second_opinion(const std::filesystem::path& folder) {
    const auto command =
        "python3 " CASEFILE_SOURCE_DIR "/tests/evidence/verify.py '" + folder.string() + "' 2>&1";
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(::popen(command.c_str(), "r"), ::pclose);
    std::string text(4'096, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), out.get()));
    return text.starts_with("ok ") ? "ok" : text.substr(0, text.find('\n'));
}

class CaseHome {
  public:
    CaseHome() : store(open_store()) {}

    /// Another process on the same home has a store of its own.
    std::unique_ptr<evidence::Store> open_store() {
        return *evidence::Store::open(folder.path() / "home", clock);
    }

    CaseState open(Casebook& book, const std::string& topic, const std::string& principal = alice) {
        CaseFields fields;
        fields.topic = topic;
        return book.open(fields, principal).value();
    }

    /// Files one run as the call pipeline would, and gives its id.
    std::string run(const std::string& case_id, const std::string& tool, const std::string& summary,
                    const std::string& env = "PROD",
                    evidence::Outcome outcome = evidence::Outcome::answered) {
        evidence::Opening opening;
        opening.tool = tool;
        opening.task = "prices";
        opening.env = env;
        opening.principal = alice;
        opening.script = {"json", "{}"};
        auto run = store->begin(case_id, std::move(opening)).value();
        run.write_output("db_rows.prices.csv", "data", "csv", "id,price\n1,2\n").value();
        const auto id = run.id();
        run.seal(outcome, {{"summary", summary}}).value();
        return id;
    }

    /// One that stays open until it is sealed.
    evidence::Run open_run(const std::string& case_id, const std::string& task, const std::string& sql) {
        evidence::Opening opening;
        opening.tool = "query_mysql";
        opening.task = task;
        opening.principal = alice;
        opening.script = {"sql", sql};
        return store->begin(case_id, std::move(opening)).value();
    }

    Grant grant(const std::string& env) const {
        Grant grant;
        grant.env = env;
        grant.confirmed_by = alice;
        grant.how = "form";
        grant.expires_at = rfc3339(clock.now() + std::chrono::hours(8));
        grant.sources = {SourceKind::mysql};
        grant.variables = {{"MYSQL_" + env + "_URL", "127.0.0.1:3307"}};
        grant.fingerprints = {
            json::object{{"variable", "MYSQL_" + env + "_URL"}, {"facts", {{"account", "reader@%"}}}}};
        return grant;
    }

    std::filesystem::path file(const std::string& case_id, const std::string& name) const {
        return store->case_folder(case_id) / name;
    }

    TemporaryFolder folder;
    ManualClock clock;
    std::unique_ptr<evidence::Store> store;
};

inline Entry entry_of(const std::string& kind, const std::string& text,
                      const std::vector<std::string>& evidence = {}, const std::string& key = {}) {
    Entry entry;
    entry.kind = kind;
    entry.text = text;
    entry.evidence = evidence;
    entry.key = key;
    return entry;
}

inline CaseFields with_status(const std::string& status) {
    CaseFields fields;
    fields.status = status;
    return fields;
}

}  // namespace casefile::cases
