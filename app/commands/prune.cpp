// casefile prune [CASE] --older-than DAYS [--yes]: shows the outputs of old runs, and destroys them when told
// so. Scripts, inputs, logs, manifests and the journal stay, and go on to verify.

#include <iostream>

#include "app/home.h"
#include "app/installation.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"
#include "evidence/prune.h"

namespace casefile::app {
namespace {

constexpr std::size_t shown_max = 50;

struct Given {
    std::string what;
    std::int64_t days = 0;
    bool yes = false;
};

void show(const evidence::PrunePlan& plan) {
    std::size_t shown = 0;
    const auto line = [&](const evidence::PrunePlan::File& file, const char* remark) {
        if (++shown <= shown_max)
            std::cout << "  runs/" << file.folder << "/" << file.path << " (" << file.bytes << " bytes"
                      << remark << ")\n";
    };
    for (const auto& file : plan.files) line(file, "");
    for (const auto& file : plan.left_behind) line(file, ", left by an earlier prune");
    if (shown > shown_max) std::cout << "  and " << shown - shown_max << " more\n";
}

/// What was changed by someone is kept as it is: pruning would hide it.
Result<void> check(tools::Workbench& bench, const std::string& case_id) {
    auto& store = bench.cases.store();
    const auto found = evidence::verify_case(store.case_folder(case_id), store.key().fingerprint(),
                                             cases::check_derived, store.anchor_file());
    if (!found) return found.error();
    if (found->ok) return {};
    return denied("it does not verify: " + found->first_break->kind + " in " + found->first_break->where,
                  "look at it with casefile verify; a broken case is never pruned");
}

Result<void> prune_one(tools::Workbench& bench, const std::string& case_id, const Given& given) {
    auto journal = bench.cases.store().journal(case_id);
    if (!journal) return journal.error();
    const auto before = rfc3339(bench.clock.now() - std::chrono::hours(24) * given.days);
    const auto plan = evidence::plan_pruning(**journal, before);
    if (!plan) return plan.error();
    const auto count = plan->files.size() + plan->left_behind.size();
    if (count == 0) return {};
    const auto tell = [&](const char* what) {
        std::cout << case_id << ": " << count << (count == 1 ? " file, " : " files, ") << plan->bytes
                  << " bytes " << what << "\n";
        show(*plan);
    };
    if (!given.yes) {
        tell("would be removed");
        return {};
    }
    if (auto done = check(bench, case_id); !done) return done;
    auto done = evidence::prune(**journal, *plan, local_principal(),
                                "older than " + std::to_string(given.days) + " days");
    if (done) tell("removed");
    if (done && case_id != evidence::unfiled) done = bench.cases.refresh(case_id, true);
    return done;
}

int prune(const Options& options, const Given& given) {
    set_log_level("warning");
    auto built = Installation::build(options);
    if (!built) return cannot_start(built.error());
    auto& bench = (*built)->bench();
    std::vector<std::string> ids{given.what};
    if (given.what.empty()) {
        auto all = bench.cases.store().case_ids();
        if (!all) return complain(all.error());
        ids = *std::move(all);
        if (std::filesystem::is_directory(bench.cases.store().case_folder(evidence::unfiled)))
            ids.emplace_back(evidence::unfiled);
    }
    bool ok = true;
    for (const auto& id : ids) {
        const auto done = prune_one(bench, id, given);
        if (done) continue;
        std::cerr << id << ": not pruned: " << describe(in_shell_words(done.error())) << "\n";
        ok = false;
    }
    if (!given.yes)
        std::cout
            << "Nothing was removed. --yes removes what is listed here, for good; scripts, manifests and "
               "the journal stay.\n";
    return ok ? exit_done : exit_no;
}

}  // namespace

void add_prune(CLI::App& app, Options& options, Action& action) {
    auto* command = app.add_subcommand("prune", "Show, and with --yes destroy, the outputs of old runs");
    const auto given = std::make_shared<Given>();
    command->add_option("CASE", given->what, "Case id; without it every case of the home");
    command->add_option("--older-than", given->days, "Days since a run was sealed")
        ->required()
        ->check(CLI::Range(0, 36'500));
    command->add_flag("--yes", given->yes, "Destroy them; the journal keeps their names and hashes");
    add_shared_options(*command, options);
    command->callback([&, given] { action = [&, given] { return prune(options, *given); }; });
}

}  // namespace casefile::app
