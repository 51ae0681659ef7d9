// casefile verify [CASE or folder]: proves or disproves evidence offline. Needs no server, no key and no
// index.

#include <iostream>

#include "app/installation.h"
#include "base/ids.h"
#include "cases/casebook.h"
#include "evidence/verify.h"

namespace casefile::app {
namespace {

bool verify_one(const std::filesystem::path& folder, const std::string& key) {
    std::error_code none;
    if (!std::filesystem::is_directory(folder, none)) {
        std::cout << folder.string()
                  << ": no such case or folder; expected an id such as INC-2026-11-22-001, or a path\n";
        return false;
    }
    auto found = evidence::verify_case(folder, key, cases::check_derived);
    const auto name = folder.filename().string();
    if (!found) {
        std::cout << name << ": cannot be verified: " << describe(found.error()) << "\n";
        return false;
    }
    std::cout << name << ": " << (found->ok ? "verified" : "BROKEN") << "\n  records " << found->records
              << ", runs " << found->runs << ", files " << found->files << ", bytes " << found->bytes
              << "\n  head " << found->head.hash << "\n  key  " << found->head.key_fingerprint << "\n";
    if (found->first_break)
        std::cout << "  first break: " << found->first_break->kind << " in " << found->first_break->where
                  << ": " << found->first_break->what << "\n";
    for (const auto& run : found->open_runs) std::cout << "  not sealed: " << run << "\n";
    for (const auto& gap : found->not_proved) std::cout << "  not proved: " << gap << "\n";
    return found->ok;
}

std::vector<std::filesystem::path> folders(const Options& options, const std::string& what) {
    const auto home = options.home.empty() ? default_home() : std::filesystem::path(options.home);
    if (is_case_id(what) && std::filesystem::is_directory(home / "cases" / what))
        return {home / "cases" / what};
    if (!what.empty()) return {std::filesystem::path(what)};
    std::vector<std::filesystem::path> all;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(home / "cases", none))
        if (entry.is_directory()) all.push_back(entry.path());
    std::sort(all.begin(), all.end());
    return all;
}

int verify(const Options& options, const std::string& what, const std::string& key) {
    const auto all = folders(options, what);
    if (all.empty()) {
        std::cerr << "casefile: there is no case to verify; expected cases in the home folder (--home)\n";
        return exit_no;
    }
    bool ok = true;
    for (const auto& folder : all) ok = verify_one(folder, key) && ok;
    return ok ? exit_done : exit_no;
}

}  // namespace

void add_verify(CLI::App& app, Options& options, Action& action) {
    auto* command = app.add_subcommand("verify", "Prove or disprove evidence, offline");
    struct Arguments {
        std::string what, key;
    };
    const auto given = std::make_shared<Arguments>();
    command->add_option("CASE", given->what, "Case id or folder; without it every case");
    command->add_option("--key", given->key, "Fingerprint of the key that must have signed");
    add_shared_options(*command, options);
    command->callback(
        [&, given] { action = [&, given] { return verify(options, given->what, given->key); }; });
}

}  // namespace casefile::app
