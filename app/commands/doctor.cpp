// casefile doctor: every variable, tunnel, account, folder and library, and what the chosen toolsets need of
// them: ready, missing or failing, with the remedy. The one place that probes sources without a case, because
// a person runs it.

#include <sys/stat.h>
#include <unistd.h>

#include <iostream>

#include "app/commands/doctor_toolsets.h"
#include "app/installation.h"
#include "app/program_folder.h"
#include "app/version.h"
#include "base/log.h"
#include "base/text.h"
#include "evidence/anchors.h"
#include "evidence/imported.h"
#include "tools/environment/grants.h"

namespace casefile::app {
namespace {

/// Prints one finding after the other and remembers whether anything is wrong.
class Report {
  public:
    void ready(const std::string& what, const std::string& detail) { line("ready  ", what, detail); }
    void missing(const std::string& what, const std::string& detail) { line("missing", what, detail); }
    void note(const std::string& what, const std::string& detail) { line("note   ", what, detail); }
    void failing(const std::string& what, const std::string& detail, const std::string& remedy) {
        line("FAILING", what, detail);
        if (!remedy.empty()) std::cout << "          do: " << printable(remedy) << "\n";
        failed_ = true;
    }
    void failing(const std::string& what, const Error& error) { failing(what, error.message, error.hint); }
    int exit_code() const { return failed_ ? exit_no : exit_done; }

  private:
    static void line(const char* state, const std::string& what, const std::string& detail) {
        std::cout << state << "  " << printable(what) << ": " << printable(detail) << std::endl;
    }
    bool failed_ = false;
};

void look_at_home(const std::filesystem::path& home, Report& report) {
    struct stat info {};
    if (stat(home.c_str(), &info) != 0)
        return report.failing("home", home.string() + " is not there", "check --home");
    if (info.st_uid != geteuid())
        return report.failing("home", home.string() + " belongs to another user",
                              "choose a folder of your own with --home");
    if ((info.st_mode & 077) != 0)
        return report.failing("home", home.string() + " can be read by others", "chmod 700 " + home.string());
    if (access(home.c_str(), W_OK) != 0)
        return report.failing("home", home.string() + " cannot be written",
                              "check its permissions and the disk");
    std::error_code unknown;
    const auto space = std::filesystem::space(home, unknown);
    constexpr std::uintmax_t mebibyte = 1024 * 1024;
    if (!unknown && space.available < 512 * mebibyte)
        return report.failing(
            "home",
            "only " + std::to_string(space.available / mebibyte) + " MiB are free at " + home.string(),
            "free some space: without it no call can be filed, and so none is made");
    report.ready("home", home.string());
}

/// Records of each case that the anchor file tells of.
std::map<std::string, std::uint64_t> anchored(const evidence::Store& store, Report& report) {
    if (store.anchor_file().empty()) return {};
    auto cases = evidence::anchored_cases(store.anchor_file(), store.key().fingerprint());
    if (cases) return *std::move(cases);
    report.failing("anchor file", cases.error());
    return {};
}

/// Reads every journal, which lists and statistics do only for what is new in it.
void look_at_cases(evidence::Store& store, Report& report) {
    auto ids = store.case_ids();
    if (!ids) return report.failing("cases", ids.error());
    for (auto& id : evidence::imported_ids(store.home())) ids->push_back(std::move(id));
    if (std::filesystem::is_directory(store.case_folder(evidence::unfiled)))
        ids->emplace_back(evidence::unfiled);
    auto owed = anchored(store, report);
    std::size_t good = 0;
    for (const auto& id : *ids) {
        const auto known = owed.extract(id);
        const auto journal = store.journal(id);
        const auto head = journal ? (*journal)->head() : Result<evidence::Head>(journal.error());
        if (!head)
            report.failing(
                "case " + id, head.error().message,
                "casefile verify " + id + " names the first break; restore the case from a backup");
        else if (!known.empty() && head->count < known.mapped())
            report.failing("case " + id,
                           "expected " + std::to_string(known.mapped()) +
                               " records or more, as the anchor file tells, got " +
                               std::to_string(head->count),
                           "restore the case from a backup: its newest records are gone");
        else if (id != evidence::unfiled)
            ++good;
    }
    for (const auto& [id, count] : owed)
        report.failing("case " + id,
                       "the anchor file tells of " + std::to_string(count) + " records, and the case is gone",
                       "restore its folder from a backup");
    report.ready("cases", std::to_string(good));
}

/// True when it answered.
bool look_at_source(Installation& installation, const sources::Endpoint& endpoint, Report& report) {
    const auto what = endpoint.variable + " (" + endpoint.address() + ")";
    const sources::Control control{std::chrono::steady_clock::now() + std::chrono::seconds(8), {}};
    const auto found = tools::probe(installation.bench(), endpoint.env, {endpoint.kind}, control);
    for (auto problem : found.problems) {
        if (problem.message.starts_with(endpoint.variable + ": "))
            problem.message.erase(0, endpoint.variable.size() + 2);
        report.failing(what, problem);
    }
    for (const auto& fingerprint : found.fingerprints) {
        report.ready(what, sources::describe(fingerprint));
        if (fingerprint.can_write)
            report.note(
                what, "its account could write (" + fingerprint.can_write_reason +
                          "); casefile never does, but an account that only reads is the one full boundary");
    }
    return !found.fingerprints.empty();
}

Answered look_at_environments(Installation& installation, Report& report) {
    Answered answered;
    const auto& found = installation.environments();
    for (const auto& problem : found.problems)
        report.failing(problem.variable, problem.reason,
                       "correct the variable, or take it out; casefile goes on without it");
    if (found.endpoints.empty())
        report.failing("environments", "no variable names one",
                       "export MYSQL_<ENV>_URL, REDIS_<ENV>_URL or KAFKA_<ENV>_BROKERS, or pass --env-file; "
                       "try casefile "
                       "sandbox up for a playground");
    for (const auto& endpoint : found.endpoints)
        answered[{endpoint.env, endpoint.kind}] = look_at_source(installation, endpoint, report);
    for (const auto& env : installation.directory().environments())
        if (installation.bench().rules.is_protected(env))
            report.note(env, "is protected: its label has to be typed to confirm it");
    return answered;
}

/// What the chosen toolsets can do with what was found.
void look_at_toolsets(Installation& installation, const std::vector<std::string>& toolsets,
                      const Answered& answered, Report& report) {
    for (const auto& toolset : toolsets)
        for (const auto& finding : look_at_toolset(installation, toolset, answered)) {
            const auto what = "toolset " + toolset + ": " + finding.what;
            if (finding.state == Finding::State::ready) report.ready(what, finding.detail);
            if (finding.state == Finding::State::missing) report.missing(what, finding.detail);
            if (finding.state == Finding::State::failing) report.failing(what, finding.detail, "");
        }
}

int doctor(const Options& options) {
    set_log_level("error");
    Report report;
    report.ready("casefile", std::string(version) + " in " + program_folder().string());
    auto built = Installation::build(options);
    if (!built) {
        report.failing("start", built.error());
        return built.error().kind == ErrorKind::invalid_argument ? exit_usage : report.exit_code();
    }
    auto& installation = **built;
    auto& store = installation.bench().cases.store();
    look_at_home(store.home(), report);
    report.ready("signing key", store.key().fingerprint());
    look_at_cases(store, report);
    report.ready("configuration", options.config_file.empty() ? "defaults" : options.config_file);
    report.ready("prompts", std::to_string(installation.catalog().prompts().size()) + " (your own go into " +
                                (store.home() / "prompts").string() + ")");
    if (std::filesystem::exists(program_folder() / "casefile-sandbox"))
        report.ready("sandbox", "casefile-sandbox is beside casefile");
    else
        report.note("sandbox",
                    "casefile-sandbox is not beside casefile: casefile demo and casefile sandbox need it");
    const auto answered = look_at_environments(installation, report);
    look_at_toolsets(installation, options.toolsets, answered, report);
    return report.exit_code();
}

}  // namespace

void add_doctor(CLI::App& app, Options& options, Action& action) {
    auto* command =
        app.add_subcommand("doctor", "Look at every variable, tunnel, account and folder, with remedies");
    add_shared_options(*command, options);
    command->callback([&] { action = [&] { return doctor(options); }; });
}

}  // namespace casefile::app
