// casefile export CASE and casefile import ARCHIVE: hands a case over, and takes one.

#include <iostream>

#include "app/home.h"
#include "app/installation.h"
#include "app/usage.h"
#include "app/withheld.h"
#include "base/ids.h"
#include "base/text.h"
#include "cases/export.h"
#include "cases/import.h"

namespace casefile::app {
namespace {

struct ExportArguments {
    std::string case_id, output;
    bool with_sensitive = false;
};

int export_one(const Options& options, const ExportArguments& given) {
    auto home = open_existing_home(options);
    if (!home) return complain(home.error());
    const auto found = (*home)->book->glance(given.case_id, local_principal());
    if (!found) return complain(found.error());
    const auto output = given.output.empty() ? given.case_id + ".tar.gz" : given.output;
    const auto exported = cases::export_case(*(*home)->store, given.case_id, output, given.with_sensitive);
    if (!exported) return complain(with_path(exported.error(), output));
    std::cout << "exported " << given.case_id << " to " << output << "\n  files   " << exported->files
              << ", bytes " << exported->digest.bytes << "\n  sha256  " << exported->digest.sha256
              << "\n  records " << exported->records << "\n  head    " << exported->head << "\n  key     "
              << exported->key_fingerprint << "\n";
    for (const auto& path : exported->left_out)
        std::cout << "  left out: " << printable(path) << " (its name or its size)\n";
    if (!exported->withheld.empty())
        std::cout
            << "  " << describe_withheld(exported->withheld)
            << (parse_imported_id(given.case_id)
                    ? "\n"
                    : "; --with-sensitive takes them along\n  the receiver reads the answers, but not the "
                      "exact questions, and cannot ask them again\n");
    std::cout
        << "Tell the receiver the key fingerprint by another way; index.html in the archive opens offline.\n";
    return exit_done;
}

struct ImportArguments {
    std::string archive, key;
};

int import_one(const Options& options, const ImportArguments& given) {
    auto home = open_home(options);
    if (!home) return complain(home.error());
    const auto imported = cases::import_case(*(*home)->store, given.archive, given.key);
    if (!imported) return complain(with_path(imported.error(), given.archive));
    std::cout << (imported->was_here ? "already here as " : "imported as ") << imported->id << "\n  records "
              << imported->records << ", runs " << imported->runs << "\n  head    " << imported->head
              << "\n  key     " << imported->key_fingerprint << "\n";
    if (imported->records_before > 0)
        std::cout << "  it took the place of the version with " << imported->records_before << " records\n";
    if (!imported->withheld.empty()) std::cout << "  " << describe_withheld(imported->withheld) << "\n";
    if (given.key.empty())
        std::cout << "  the signer is not established: compare the key fingerprint with one that the owner "
                     "gave you\n";
    std::cout << "It is read-only and has no grants.\n";
    return exit_done;
}

}  // namespace

void add_export(CLI::App& app, Options& options, Action& action) {
    auto* command = app.add_subcommand("export", "A case as one archive that others can open and verify");
    const auto given = std::make_shared<ExportArguments>();
    command->add_option("CASE", given->case_id, "Case id")->required();
    command->add_option("--output", given->output, "The archive; without it CASE.tar.gz in this folder");
    command->add_flag("--with-sensitive", given->with_sensitive,
                      "Also what is marked sensitive, which the exact questions of all runs are: script and "
                      "input; otherwise only their hashes, and the receiver cannot ask them again");
    add_home_option(*command, options);
    command->callback([&, given] { action = [&, given] { return export_one(options, *given); }; });
}

void add_import(CLI::App& app, Options& options, Action& action) {
    auto* command = app.add_subcommand("import", "Take a case out of an archive, read-only");
    const auto given = std::make_shared<ImportArguments>();
    command->add_option("ARCHIVE", given->archive, "What casefile export made")->required();
    command->add_option("--key", given->key, "Fingerprint of the key that must have signed")
        ->check(check_fingerprint);
    add_home_option(*command, options);
    command->callback([&, given] { action = [&, given] { return import_one(options, *given); }; });
}

}  // namespace casefile::app
