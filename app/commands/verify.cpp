// casefile verify [CASE or folder]: proves or disproves evidence offline. Needs no server, no key and no
// index.

#include <iostream>

#include "app/config.h"
#include "app/default_home.h"
#include "app/home.h"
#include "app/usage.h"
#include "app/withheld.h"
#include "base/ids.h"
#include "base/text.h"
#include "cases/casebook.h"
#include "evidence/anchors.h"
#include "evidence/imported.h"
#include "evidence/verify.h"

namespace casefile::app {
namespace {

constexpr std::size_t pruned_max = 100;

/// What a reader trusts besides the folder.
struct Trusted {
    std::string key;
    std::filesystem::path anchors;
};

void show_pruned(const std::vector<std::string>& pruned) {
    for (std::size_t i = 0; i < std::min(pruned.size(), pruned_max); ++i)
        std::cout << "  pruned: " << pruned[i] << "\n";
    if (pruned.size() > pruned_max)
        std::cout << "  pruned: " << pruned.size() - pruned_max << " more; the journal names all\n";
}

void show(const evidence::Verification& found) {
    std::cout << "\n  records " << found.records << ", runs " << found.runs << ", files " << found.files
              << ", bytes " << found.bytes << "\n  head " << found.head.hash << "\n  key  "
              << found.head.key_fingerprint << "\n";
    if (found.closed)
        std::cout << "  closed by record " << found.closed->record << " over " << found.closed->count
                  << " records, root " << found.closed->root << "\n";
    if (found.anchored > 0) std::cout << "  anchored up to record " << found.anchored << "\n";
    if (found.first_break)
        std::cout << "  first break: " << found.first_break->kind << " in "
                  << printable(found.first_break->where) << ": " << printable(found.first_break->what)
                  << "\n";
    show_pruned(found.pruned);
    if (!found.withheld.empty())
        std::cout << "  " << describe_withheld(found.withheld) << "; export.json names them\n";
    for (const auto& run : found.open_runs) {
        const bool marked =
            std::find(found.interrupted.begin(), found.interrupted.end(), run) != found.interrupted.end();
        std::cout << (marked ? "  interrupted: " : "  not sealed: ") << run << "\n";
    }
    for (const auto& gap : found.not_proved) std::cout << "  not proved: " << printable(gap) << "\n";
}

/// "case" of "case", "case/" and "." within it.
std::string last_name(const std::filesystem::path& folder) {
    const auto path = std::filesystem::absolute(folder).lexically_normal();
    return (path.has_filename() ? path : path.parent_path()).filename().string();
}

/// A folder that never held a case. One that lost its journal has other files of a case, or the name of one.
bool is_no_case(const std::filesystem::path& folder) {
    const auto name = last_name(folder);
    if (is_case_id(name) || name == evidence::unfiled || parse_imported_id(name)) return false;
    std::error_code none;
    for (const auto* part : {"chain.jsonl", "head.json", "case.json", "export.json", "runs"})
        if (std::filesystem::exists(std::filesystem::symlink_status(folder / part, none))) return false;
    return true;
}

/// By its kind: the wrong key is no fault of what is in the folder, and ends the reading before it.
bool is_other_key(const evidence::Verification& found) {
    return found.first_break && found.first_break->kind == "wrong key";
}

struct Named {
    std::filesystem::path folder;
    std::string name;  ///< of an imported case with the key that it has here
};

bool verify_one(const Named& one, const Trusted& trusted) {
    const auto& [folder, name] = one;
    std::error_code none;
    if (!std::filesystem::is_directory(folder, none)) {
        std::cout << folder.string()
                  << ": no such case or folder; expected an id such as INC-2026-11-22-001, or a path\n";
        return false;
    }
    if (is_no_case(folder)) {
        std::cout << folder.string()
                  << ": no case: it has neither chain.jsonl nor another file of one; expected an id such as "
                     "INC-2026-11-22-001, or the folder of a case\n";
        return false;
    }
    const auto found = evidence::verify_case(folder, trusted.key, cases::check_derived, trusted.anchors);
    if (!found) {
        std::cout << name << ": cannot be verified: " << describe(found.error()) << "\n";
        return false;
    }
    if (is_other_key(*found)) {
        std::cout << name << ": signed by another key: expected " << trusted.key << ", got "
                  << found->head.key_fingerprint
                  << "\n  its records were not looked at; without --key they are held against the key that "
                     "signed\n";
        return false;
    }
    // A chain is self-consistent by its own key; who that is, only a fingerprint from elsewhere tells.
    std::cout << name << ": "
              << (!found->ok            ? "BROKEN"
                  : trusted.key.empty() ? "verified: self-consistent, signer not established"
                                        : "verified: signed by the expected key");
    show(*found);
    return found->ok;
}

std::vector<Named> folders(const std::filesystem::path& home, const std::string& what) {
    if (const auto id = parse_imported_id(what))
        if (const auto imported = evidence::find_imported(home, *id)) return {{imported->folder, what}};
    if (is_case_id(what) && std::filesystem::is_directory(home / "cases" / what))
        return {{home / "cases" / what, what}};
    if (!what.empty()) return {{what, last_name(what)}};
    std::vector<Named> all;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(home / "cases", none))
        if (entry.is_directory()) all.push_back({entry.path(), entry.path().filename().string()});
    std::ranges::sort(all, {}, &Named::folder);
    for (const auto& id : evidence::imported_ids(home))
        if (const auto imported = evidence::find_imported(home, *parse_imported_id(id)))
            all.push_back({imported->folder, id});
    return all;
}

/// Of the cases that this home signed, the anchor file knows those that are gone.
bool all_are_there(const std::filesystem::path& home, const Trusted& trusted) {
    if (trusted.anchors.empty() || !std::filesystem::exists(home / "key.pem")) return true;
    const auto key = evidence::SigningKey::load_or_make(home);
    if (!key) return true;
    const auto known = evidence::anchored_cases(trusted.anchors, key->fingerprint());
    if (!known) return true;  // each case tells it
    bool all = true;
    for (const auto& [id, count] : *known) {
        if (std::filesystem::is_directory(home / "cases" / id)) continue;
        std::cout << printable(id) << ": BROKEN\n  first break: file missing in .: the anchor file tells of "
                  << count << " records, and the case is gone\n";
        all = false;
    }
    return all;
}

int verify(const Options& options, const std::string& what, Trusted trusted) {
    if (trusted.anchors.empty()) {
        const auto config = read_config(options.config_file);
        if (!config) {
            std::cerr << "casefile: " << describe(config.error()) << "\n";
            return exit_usage;
        }
        trusted.anchors = config->anchor_file;
    }
    const auto found_home = home_of(options);
    // A folder that is named is proved without one.
    std::error_code none;
    if (!found_home && !std::filesystem::is_directory(what, none)) return cannot_start(found_home.error());
    const auto home = found_home ? *found_home : std::filesystem::path();
    bool ok = what.empty() ? all_are_there(home, trusted) : true;
    const auto all = folders(home, what);
    if (all.empty()) {
        std::cerr << "casefile: there is no case to verify; expected cases in the home folder (--home)\n";
        return exit_no;
    }
    for (const auto& one : all) ok = verify_one(one, trusted) && ok;
    return ok ? exit_done : exit_no;
}

}  // namespace

void add_verify(CLI::App& app, Options& options, Action& action) {
    auto* command = app.add_subcommand("verify", "Prove or disprove evidence, offline");
    struct Arguments {
        std::string what, key, anchors;
    };
    const auto given = std::make_shared<Arguments>();
    command->add_option("CASE", given->what, "Case id or folder; without it every case");
    command->add_option("--key", given->key, "Fingerprint of the key that must have signed")
        ->check(check_fingerprint);
    command->add_option("--anchors", given->anchors,
                        "Anchor file that the chains must agree with (default: anchor_file of --config)");
    add_shared_options(*command, options);
    command->callback([&, given] {
        action = [&, given] { return verify(options, given->what, {given->key, given->anchors}); };
    });
}

}  // namespace casefile::app
