// Everything that may be done to a case folder, and what verify calls it.

#include <sys/stat.h>

#include "base/hash.h"
#include "evidence/record_line.h"
#include "tests/unit/evidence/known_case.h"

using namespace casefile;
using namespace casefile::evidence;

namespace {

/// Writes the chain again from `line` on with hashes that fit, as someone without the key can.
void relink(const Copy& copy, std::size_t line, const std::string& from, const std::string& to) {
    auto lines = copy.lines();
    std::string prev;
    for (std::size_t i = line; i < lines.size(); ++i) {
        auto record = parse_line(lines[i]).value();
        auto body = record.body_bytes;
        if (i == line) body.replace(body.find(from), from.size(), to);
        if (i > line) record.prev = prev;
        const auto body_sha256 = sha256_hex(body);
        const json::object hashed{{"at", record.at},
                                  {"body_sha256", body_sha256},
                                  {"kind", record.kind},
                                  {"n", record.n},
                                  {"prev", record.prev}};
        prev = sha256_hex(canonical(hashed));
        auto whole = hashed;
        whole["body"] = "BODY";
        whole["sig"] = record.sig;
        auto text = canonical(whole);
        lines[i] = text.replace(text.find("\"BODY\""), 6, body);
    }
    copy.put_lines(lines);
}

void make_pipe(const fs::path& file) {
    fs::remove(file);
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
}

/// What has the name is moved elsewhere, and a link leads there.
void make_link(const Copy& copy, const std::string& name) {
    fs::rename(copy.at(name), copy.scratch.path() / "elsewhere");
    fs::create_symlink(copy.scratch.path() / "elsewhere", copy.at(name));
}

struct Tampering {
    const char* what;
    std::function<void(const Copy&)> change;
    std::string expected;  ///< 1, 2 and 3 stand for the folders of the runs
};

const std::vector<Tampering> tampering_of_chain = {
    {"nothing", [](const Copy&) {}, "ok"},
    {"a body", [](const Copy& c) { c.replace("chain.jsonl", "a note", "a lie!"); },
     "record altered: chain.jsonl line 4"},
    {"a body with its hash", [](const Copy& c) { relink(c, 3, "a note", "a lie!"); },
     "signature wrong: chain.jsonl line 4"},
    {"the last body with its hash", [](const Copy& c) { relink(c, 7, "the end", "no end"); },
     "record altered: chain.jsonl line 8"},
    {"a time", [](const Copy& c) { c.replace("chain.jsonl", "14:02:03", "15:02:03"); },
     "record altered: chain.jsonl line 1"},
    {"a kind", [](const Copy& c) { c.replace("chain.jsonl", R"("kind":"entry")", R"("kind":"grant")"); },
     "record altered: chain.jsonl line 4"},
    {"a space", [](const Copy& c) { c.replace("chain.jsonl", R"(,"n":4,)", R"(,"n": 4,)"); },
     "record altered: chain.jsonl line 4"},
    {"a hash in capitals",
     [](const Copy& c) {
         auto lines = c.lines();
         const auto hash = parse_line(lines[3]).value().body_sha256;
         lines[3].replace(lines[3].find(hash), hash.size(), upper(hash));
         c.put_lines(lines);
     },
     "record altered: chain.jsonl line 4"},
    {"an empty line", [](const Copy& c) { c.append("chain.jsonl", "\n"); },
     "record altered: chain.jsonl line 9"},
    {"a signature",
     [](const Copy& c) {
         auto lines = c.lines();
         const auto sig = lines[3].find(R"("sig":")") + 7;
         lines[3][sig] = lines[3][sig] == 'A' ? 'B' : 'A';
         c.put_lines(lines);
     },
     "signature wrong: chain.jsonl line 4"},
    {"a record removed",
     [](const Copy& c) {
         auto lines = c.lines();
         lines.erase(lines.begin() + 3);
         c.put_lines(lines);
     },
     "record removed: chain.jsonl line 4"},
    {"two records exchanged",
     [](const Copy& c) {
         auto lines = c.lines();
         std::swap(lines[3], lines[4]);
         c.put_lines(lines);
     },
     "record reordered: chain.jsonl line 4"},
    {"a record twice",
     [](const Copy& c) {
         auto lines = c.lines();
         lines.insert(lines.begin() + 4, lines[3]);
         c.put_lines(lines);
     },
     "record duplicated: chain.jsonl line 5"},
    {"a grant added in the middle",
     [](const Copy& c) {
         auto lines = c.lines();
         auto grant = lines[3];
         grant.replace(grant.find("entry"), 5, "grant");
         lines.insert(lines.begin() + 3, grant);
         c.put_lines(lines);
     },
     "record added: chain.jsonl line 4"},
    {"a grant added at the end",
     [](const Copy& c) {
         auto grant = c.lines()[7];
         const auto record = parse_line(grant).value();
         grant.replace(grant.find(record.prev), 64, record.hash);
         grant.replace(grant.find(R"("n":8)"), 5, R"("n":9)");
         grant.replace(grant.find("entry"), 5, "grant");
         c.append("chain.jsonl", grant + "\n");
     },
     "record added: chain.jsonl line 9"},
    {"the last record cut off",
     [](const Copy& c) {
         auto lines = c.lines();
         lines.pop_back();
         c.put_lines(lines);
     },
     "tail cut: chain.jsonl"},
    {"the last newline cut off",
     [](const Copy& c) { fs::resize_file(c.at("chain.jsonl"), fs::file_size(c.at("chain.jsonl")) - 1); },
     "tail cut: chain.jsonl"},
    {"all records cut off", [](const Copy& c) { write_file(c.at("chain.jsonl"), ""); },
     "tail cut: chain.jsonl"},
    {"the chain missing", [](const Copy& c) { fs::remove(c.at("chain.jsonl")); },
     "file missing: chain.jsonl"},
    {"the chain replaced by a link to it",
     [](const Copy& c) {
         fs::rename(c.at("chain.jsonl"), c.scratch.path() / "chain.jsonl");
         fs::create_symlink(c.scratch.path() / "chain.jsonl", c.at("chain.jsonl"));
     },
     "file altered: chain.jsonl"},
    {"the head missing", [](const Copy& c) { fs::remove(c.at("head.json")); }, "file missing: head.json"},
    {"the head altered", [](const Copy& c) { c.replace("head.json", R"("count":8)", R"("count":7)"); },
     "file altered: head.json"},
    {"the head empty", [](const Copy& c) { write_file(c.at("head.json"), ""); }, "file altered: head.json"},
    {"a head of another format",
     [](const Copy& c) { c.replace("head.json", R"("format":1)", R"("format":2)"); },
     "file altered: head.json"},
    {"the chain replaced by a pipe that nobody writes to",
     [](const Copy& c) { make_pipe(c.at("chain.jsonl")); }, "file altered: chain.jsonl"},
    {"the chain replaced by a link to it", [](const Copy& c) { make_link(c, "chain.jsonl"); },
     "file altered: chain.jsonl"},
    {"the head replaced by a pipe that nobody writes to", [](const Copy& c) { make_pipe(c.at("head.json")); },
     "file altered: head.json"},
    {"the head replaced by a link to it", [](const Copy& c) { make_link(c, "head.json"); },
     "file altered: head.json"},
    {"a torn line behind the end", [](const Copy& c) { c.append("chain.jsonl", R"({"at":"2026)"); }, "ok"},
};

const std::vector<Tampering> tampering_of_files = {
    {"an output altered", [](const Copy& c) { c.replace(c.first + "/db_rows.first.csv", "9.99", "8.99"); },
     "file altered: 1/db_rows.first.csv"},
    {"an output longer", [](const Copy& c) { c.append(c.second + "/db_rows.second.csv", "3\n"); },
     "file altered: 2/db_rows.second.csv"},
    {"a script altered", [](const Copy& c) { c.replace(c.second + "/second.sql", "price", "prize"); },
     "file altered: 2/second.sql"},
    {"an input altered", [](const Copy& c) { c.replace(c.second + "/second.input.json", "noon", "dawn"); },
     "file altered: 2/second.input.json"},
    {"a log altered", [](const Copy& c) { c.append(c.first + "/first.log", "x"); },
     "file altered: 1/first.log"},
    {"a manifest altered", [](const Copy& c) { c.replace(c.first + "/first.manifest.json", "true", "null"); },
     "file altered: 1/first.manifest.json"},
    {"an output missing", [](const Copy& c) { fs::remove(c.at(c.first + "/db_rows.first.csv")); },
     "file missing: 1/db_rows.first.csv"},
    {"an output renamed",
     [](const Copy& c) { fs::rename(c.at(c.first + "/db_rows.first.csv"), c.at(c.first + "/other.csv")); },
     "file renamed: 1/db_rows.first.csv"},
    {"an output replaced by a link to the same bytes",
     [](const Copy& c) {
         fs::rename(c.at(c.first + "/db_rows.first.csv"), c.scratch.path() / "elsewhere.csv");
         fs::create_symlink(c.scratch.path() / "elsewhere.csv", c.at(c.first + "/db_rows.first.csv"));
     },
     "file altered: 1/db_rows.first.csv"},
    {"an output replaced by a pipe that nobody writes to",
     [](const Copy& c) { make_pipe(c.at(c.first + "/first.log")); }, "file altered: 1/first.log"},
    {"a log replaced by a folder",
     [](const Copy& c) {
         fs::remove(c.at(c.first + "/first.log"));
         fs::create_directory(c.at(c.first + "/first.log"));
     },
     "file altered: 1/first.log"},
    {"a file added to a run", [](const Copy& c) { write_file(c.at(c.first + "/x.csv"), "x"); },
     "file added: 1/x.csv"},
    {"a folder added to a run", [](const Copy& c) { fs::create_directory(c.at(c.first + "/x")); },
     "file added: 1/x"},
    {"the folder of runs replaced by a link to it",
     [](const Copy& c) {
         fs::rename(c.at("runs"), c.scratch.path() / "runs");
         fs::create_directory_symlink(c.scratch.path() / "runs", c.at("runs"));
     },
     "file altered: runs"},
    {"a run missing", [](const Copy& c) { fs::remove_all(c.at(c.second)); }, "file missing: 2"},
    {"a run renamed", [](const Copy& c) { fs::rename(c.at(c.second), c.at("runs/0002-other")); },
     "file renamed: 2"},
    {"a run added", [](const Copy& c) { fs::create_directory(c.at("runs/0004-x")); },
     "file added: runs/0004-x"},
    {"a file added to runs", [](const Copy& c) { write_file(c.at("runs/x"), ""); }, "file added: runs/x"},
    {"a file added to the case", [](const Copy& c) { write_file(c.at("notes.txt"), ""); },
     "file added: notes.txt"},
    {"an open run's script altered", [](const Copy& c) { c.append(c.third + "/third.sql", ";"); },
     "file altered: 3/third.sql"},
    {"an open run missing", [](const Copy& c) { fs::remove_all(c.at(c.third)); }, "file missing: 3"},
    {"an open run's output, covered by nothing yet",
     [](const Copy& c) { write_file(c.at(c.third + "/x.csv"), "x"); }, "ok"},
    {"an open run that a crash left under its first name",
     [](const Copy& c) {
         fs::rename(c.at(c.third), c.at("runs/." + c.third.substr(c.third.find('.') + 1) + ".new"));
     },
     "ok"},
    {"a folder that a crash left before its record",
     [](const Copy& c) { fs::create_directory(c.at("runs/.20261122_140203_00000000.new")); }, "ok"},
    {"a head that a crash left half-written", [](const Copy& c) { write_file(c.at("head.json.new"), "{"); },
     "ok"},
    {"a draft",
     [](const Copy& c) {
         fs::create_directory(c.at("drafts"));
         write_file(c.at("drafts/postmortem.md"), "edited");
     },
     "ok"},
    {"the folder of drafts replaced by a link to one",
     [](const Copy& c) {
         fs::create_directory(c.at("drafts"));
         make_link(c, "drafts");
     },
     "file altered: drafts"},
    {"files that are made from the journal",
     [](const Copy& c) {
         write_file(c.at("case.json"), "{}");
         write_file(c.at("wrong-prices.20261122_140203_00000000.inspect.md"), "#");
     },
     "ok"},
};

void check_table(const std::vector<Tampering>& table) {
    const KnownCase known;
    std::vector<std::unique_ptr<Copy>> copies;
    std::vector<fs::path> folders;
    std::vector<std::string> expected;
    for (const auto& row : table) {
        const auto& copy = *copies.emplace_back(std::make_unique<Copy>(known));
        row.change(copy);
        folders.push_back(copy.folder);
        auto text = row.expected;
        for (const auto& [mark, folder] :
             {std::pair{": 1", copy.first}, std::pair{": 2", copy.second}, std::pair{": 3", copy.third}})
            if (const auto at = text.find(mark); at != std::string::npos) text.replace(at + 2, 1, folder);
        expected.push_back(text);
    }

    const auto opinions = second_opinions(folders);
    REQUIRE(opinions.size() == table.size());
    for (std::size_t i = 0; i < table.size(); ++i) {
        INFO(table[i].what);
        CHECK(verdict(folders[i]) == expected[i]);
        CHECK(opinions[i] == expected[i]);
    }
}

}  // namespace

TEST_CASE("what happened to the chain is named, and a second verifier agrees") {
    check_table(tampering_of_chain);
}

TEST_CASE("what happened to the files is named, and a second verifier agrees") {
    check_table(tampering_of_files);
}

TEST_CASE("no byte of the chain or of its head can change unnoticed") {
    TestHome home;
    const auto folder = home.store->case_folder(home.make_case());
    for (const char* name : {"chain.jsonl", "head.json"}) {
        const auto original = read_file(folder / name);
        for (std::size_t i = 0; i < original.size(); ++i) {
            auto changed = original;
            changed[i] = static_cast<char>(changed[i] ^ 1);
            write_file(folder / name, changed);
            if (verdict(folder) == "ok") FAIL(name << " byte " << i << " of " << original);
        }
        write_file(folder / name, original);
    }
    CHECK(verdict(folder) == "ok");
}
