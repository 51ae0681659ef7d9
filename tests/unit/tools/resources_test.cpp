// Cases as resources: what can be read by its URI, by whom, and how much of it.

#include "tools/resources/case_resources.h"

#include <algorithm>

#include "base/text.h"
#include "evidence/files.h"
#include "tests/fakes/fake_mysql_source.h"
#include "tests/support/tool_bench.h"
#include "tools/mysql/tools.h"
#include "tools/resources/address.h"
#include "tools/resources/file_content.h"

using namespace casefile;
using namespace casefile::tools;
using resources::case_resources;
using sources::mysql::FakeMysqlSource;

namespace {

mcp::Reader reader(std::string principal) { return {.principal = std::move(principal), .stop = {}}; }

/// A case with one answered query and one draft.
struct Filed {
    ToolBench bench;
    json::object answer;
    std::string run, root;
    std::unique_ptr<const mcp::Resources> resources = case_resources(bench.work());

    Filed() {
        auto& source = bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
        source.tables = {{"FROM t", {{{"n", "INT", false}}, {{"1"}, {"2"}}}}};
        bench.confirm("STAGING");
        answer =
            bench.call(mysql::query_tool(bench.work()), {{"sql", "SELECT * FROM t"}, {"task", "prices"}});
        run = std::string(answer.at("run").at("id").as_string());
        root = "casefile://cases/" + bench.case_id;
        REQUIRE(bench.cases().file_draft(bench.case_id, "leader", "# Leader\n", bench.principal));
    }
    Result<mcp::ResourceContent> read(const std::string& uri, const std::string& principal) {
        auto contents = resources->read(reader(principal), uri);
        if (!contents) return contents.error();
        REQUIRE(contents->size() == 1);
        CHECK(contents->front().uri == uri);
        return contents->front();
    }
    mcp::ResourceContent read(const std::string& uri) {
        INFO(uri);
        auto content = read(uri, bench.principal);
        REQUIRE(content);
        return *std::move(content);
    }
    std::vector<std::string> uris() const {
        return {root,
                root + "/log",
                root + "/drafts/leader",
                root + "/runs/" + run + "/manifest",
                root + "/runs/" + run + "/files/db_rows.prices.csv",
                root + "/runs/" + run + "/files/prices.sql",
                root + "/runs/" + run + "/files/prices.input.json",
                root + "/runs/" + run + "/files/prices.log"};
    }
    std::string head() {
        auto state = bench.cases().find(bench.case_id, bench.principal);
        REQUIRE(state);
        return state->head;
    }
};

std::vector<std::string> uris_of(const std::vector<mcp::Resource>& resources) {
    std::vector<std::string> uris;
    for (const auto& one : resources) uris.push_back(one.uri);
    return uris;
}

}  // namespace

TEST_CASE("a case's record, log, drafts, manifests and files are read by their URIs, and the head stays") {
    Filed filed;
    const auto before = filed.head();

    const auto record = filed.read(filed.root);
    CHECK(record.mime_type == "application/json");
    const auto parsed = parse_json(record.bytes);
    REQUIRE(parsed);
    CHECK(string_or(parsed->as_object(), "case") == filed.bench.case_id);
    CHECK(string_or(parsed->at("anchor").as_object(), "head") == before);
    const auto log = filed.read(filed.root + "/log");
    CHECK(log.mime_type == "text/markdown");
    CHECK_THAT(log.bytes, Catch::Contains(filed.run));
    CHECK(filed.read(filed.root + "/drafts/leader").bytes == "# Leader\n");
    const auto manifest = parse_json(filed.read(filed.uris()[3]).bytes);
    REQUIRE(manifest);
    CHECK(string_or(manifest->as_object(), "run_id") == filed.run);
    const auto rows = filed.read(filed.uris()[4]);
    CHECK(rows.mime_type == "text/csv");
    CHECK(rows.is_text);
    CHECK(rows.bytes == "n\r\n1\r\n2\r\n");
    CHECK(filed.read(filed.uris()[5]).bytes == "SELECT * FROM t");

    CHECK(filed.head() == before);
}

TEST_CASE("to any other principal a case and all of its files do not exist") {
    Filed filed;
    const auto unknown = filed.read("casefile://cases/INC-2026-01-01-999", "https://issuer#somebody");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().kind == ErrorKind::not_found);
    for (const auto& uri : filed.uris()) {
        INFO(uri);
        const auto refused = filed.read(uri, "https://issuer#somebody");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::not_found);
        CHECK(describe(refused.error()) == describe(unknown.error()));
    }
    const auto listed = filed.resources->list(reader("https://issuer#somebody"), "", 100);
    REQUIRE(listed);
    CHECK(listed->size() == 3);  // what belongs to the home alone
}

TEST_CASE("a resource has one spelling, and no URI leads out of its case") {
    Filed filed;
    const auto files = filed.root + "/runs/" + filed.run + "/files/";
    const std::vector<std::string> wrong = {
        "",
        "casefile://cases/",
        filed.root + "/",
        filed.root + "/LOG",
        filed.root + "/log?x=1",
        filed.root + "/log#x",
        filed.root + "/case.json",
        filed.root + "/chain.jsonl",
        filed.root + "/drafts/Leader",
        filed.root + "/drafts/..%2Fcase",
        filed.root + "/drafts/postmortem",
        filed.root + "/runs/" + filed.run,
        filed.root + "/runs/" + filed.run + "/manifest/x",
        filed.root + "/runs/20260101_000000_00000000/manifest",
        filed.root + "/runs/.." + "/manifest",
        files,
        files + "..",
        files + "../prices.sql",
        files + "..%2F..%2Fcase.json",
        files + "%2e%2e%2fcase.json",
        files + "PRICES.sql",
        files + "prices%2Esql",
        files + "prices.sql%00",
        files + "prices.sql%",
        files + "prices.sql%zz",
        files + "/etc/passwd",
        files + "nothing.csv",
        "CASEFILE://cases/" + filed.bench.case_id,
        "casefile://Cases/" + filed.bench.case_id,
        "casefile://cases/" + lower(filed.bench.case_id),
        "casefile://cases/_unfiled",
        "casefile://cases/..",
        "file:///etc/passwd",
        filed.root + "/" + std::string(100'000, 'x'),
    };
    for (const auto& uri : wrong) {
        INFO(uri.substr(0, 200));
        const auto refused = filed.read(uri, filed.bench.principal);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::not_found);
    }
}

TEST_CASE("every URI that is written is read as the same address") {
    using Kind = resources::Address::Kind;
    for (const std::string name : {"db_rows.prices.csv", "a b.csv", "50%.csv", "ä+&=.csv", "x?y#z.csv"}) {
        const auto uri =
            resources::uri_of({Kind::file, "INC-2026-11-22-001", "20261122_140203_1a2b3c4d", name});
        INFO(uri);
        const auto address = resources::parse_address(uri);
        REQUIRE(address);
        CHECK(address->kind == Kind::file);
        CHECK(address->name == name);
    }
    CHECK(resources::is_newer("INC-2026-11-22-1000", "INC-2026-11-22-999"));
    CHECK(resources::is_newer("INC-2026-11-23-001", "INC-2026-11-22-1000"));
}

TEST_CASE("the list goes through the cases newest first, and pages give the same as the whole") {
    Filed filed;
    for (int i = 0; i < 3; ++i) {
        cases::CaseFields fields;
        fields.topic = "another\n<b>";
        REQUIRE(filed.bench.cases().open(fields, filed.bench.principal));
    }
    const auto whole = filed.resources->list(reader(filed.bench.principal), "", 100);
    REQUIRE(whole);
    const auto uris = uris_of(*whole);
    REQUIRE(uris.size() == 12);
    CHECK(uris[0] == filed.root.substr(0, filed.root.size() - 1) + "4");
    CHECK(uris[1] == uris[0] + "/log");
    CHECK(std::vector(uris.end() - 6, uris.end()) ==
          std::vector<std::string>{filed.root, filed.root + "/log", filed.root + "/drafts/leader",
                                   "casefile://policy/learn", "casefile://patterns", "casefile://runbooks"});
    CHECK(whole->front().title == "another <b>");

    for (const std::size_t page : {1U, 2U, 4U}) {
        std::vector<std::string> paged;
        for (std::string after;;) {
            const auto part = filed.resources->list(reader(filed.bench.principal), after, page);
            REQUIRE(part);
            if (part->empty()) break;
            for (const auto& uri : uris_of(*part)) paged.push_back(uri);
            after = paged.back();
        }
        CHECK(paged == uris);
    }
    // A draft that is gone, and a case that is, still say where the page begins.
    const auto gone = filed.resources->list(reader(filed.bench.principal),
                                            "casefile://cases/INC-" + filed.root.substr(21, 10) + "-003x", 9);
    CHECK_FALSE(gone);
    const auto later = filed.resources->list(reader(filed.bench.principal), filed.root + "/drafts/aaa", 9);
    REQUIRE(later);
    CHECK(uris_of(*later).front() == filed.root + "/drafts/leader");
    CHECK(later->size() == 4);
}

TEST_CASE("what this home has learned and goes by is read by its URI, patterns only of one's own cases") {
    Filed filed;
    cases::Entry pattern;
    pattern.kind = pattern.key = "pattern";
    pattern.text = "lag of <n> minutes";
    pattern.value =
        json::object{{"signature", "lag of <n> minutes"}, {"cause", "a poison message"}, {"fix", "skip it"}};
    filed.bench.cases().write(filed.bench.case_id, pattern, filed.bench.principal).value();
    const auto folder = filed.bench.cases().store().home() / "runbooks";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "lag.md") << "# A lag\n1. kafka_lag of the group\n2. page the owner\n";

    const auto policy = filed.read("casefile://policy/learn").bytes;
    for (const auto* placeholder :
         {"<table-1>", "<topic-1>", "<group-1>", "<id-1>", "<service-1>", "<key-1>"})
        CHECK_THAT(policy, Catch::Contains(placeholder));
    CHECK_THAT(filed.read("casefile://patterns").bytes,
               Catch::Contains("## lag of &lt;n&gt; minutes") && Catch::Contains("a poison message") &&
                   Catch::Contains("skip it") && Catch::Contains(filed.bench.case_id));
    CHECK_THAT(filed.read("casefile://patterns", "https://id.example#mallory")->bytes,
               Catch::Contains("none yet"));
    const auto runbooks = filed.read("casefile://runbooks").bytes;
    CHECK(runbooks.find("kafka\\_lag of the group") < runbooks.find("Steps for people"));
    CHECK(runbooks.find("page the owner") > runbooks.find("Steps for people"));
    CHECK_FALSE(filed.resources->read(reader(filed.bench.principal), "casefile://patterns/x"));
}

TEST_CASE("the timeline of a case is read by its URI, in the zone of the case") {
    Filed filed;
    cases::CaseFields fields;
    fields.time_window = cases::TimeWindow{"", "", "+02:00"};
    filed.bench.cases().update(filed.bench.case_id, fields, filed.bench.principal).value();
    const auto page = filed.read(filed.root + "/timeline").bytes;
    CHECK_THAT(page, Catch::Contains("times in +02:00") &&
                         Catch::Contains("16:00:00 +02:00: status open (casefile)") &&
                         Catch::Contains("[runs "));
    CHECK_FALSE(filed.read(filed.root + "/timeline", "https://id.example#mallory"));
}

TEST_CASE("a big text ends at a line, with one more that names the way to the rest") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    std::vector<std::vector<std::optional<std::string>>> rows;
    for (int i = 0; i < 3'000; ++i) rows.push_back({std::string(500, 'x')});
    source.tables = {{"FROM t", {{{"s", "TEXT", false}}, rows}}};
    bench.confirm("STAGING");
    const auto answer = bench.call(mysql::query_tool(bench.work()),
                                   {{"sql", "SELECT * FROM t"}, {"rows_max", 5'000}, {"task", "big"}});
    const auto uri = "casefile://cases/" + bench.case_id + "/runs/" +
                     std::string(answer.at("run").at("id").as_string()) + "/files/db_rows.big.csv";

    const auto contents = case_resources(bench.work())->read(reader(bench.principal), uri);

    REQUIRE(contents);
    const auto& text = contents->front().bytes;
    const auto cut = text.find("[cut: ");
    REQUIRE(cut != std::string::npos);
    CHECK(cut <= resources::content_bytes_max);
    CHECK(cut > resources::content_bytes_max - 510);
    CHECK(text.substr(cut - 2, 2) == "\r\n");
    CHECK_THAT(text.substr(cut), Catch::Contains(" of 1506003 bytes") && Catch::Contains("read_evidence"));
    CHECK(text.find('\n', cut) == text.size() - 1);
}

TEST_CASE("bytes that are no text come as they are, and not at all when there are too many") {
    TemporaryFolder folder;
    const auto content = [&](const std::string& name, const std::string& bytes) {
        std::ofstream(folder.path() / name, std::ios::binary) << bytes;
        const auto opened = evidence::open_folder(folder.path());
        REQUIRE(opened);
        const auto file = evidence::open_file_at(opened->get(), name);
        REQUIRE(file);
        return resources::read_content(file->get(), name, "elsewhere");
    };
    const auto latin = content("a.csv", "n\r\n\xE4\r\n");
    REQUIRE(latin);
    CHECK_FALSE(latin->is_text);
    CHECK(latin->bytes == "n\r\n\xE4\r\n");
    const auto unknown = content("a.bin", "plain");
    REQUIRE(unknown);
    CHECK_FALSE(unknown->is_text);
    const auto nul = content("nul.txt", std::string("a\0b", 3));
    REQUIRE(nul);
    CHECK_FALSE(nul->is_text);
    const auto big = content("b.bin", std::string(resources::content_bytes_max + 1, 'x'));
    REQUIRE_FALSE(big);
    CHECK(big.error().kind == ErrorKind::limit_reached);
    const auto exact = content("c.txt", std::string(resources::content_bytes_max, 'x'));
    REQUIRE(exact);
    CHECK(exact->bytes.size() == resources::content_bytes_max);
    // One line of two-byte characters, of which the limit would cut one in half.
    std::string one_line = "x";
    while (one_line.size() <= resources::content_bytes_max) one_line += "ä";
    const auto document = content("d.json", one_line);
    REQUIRE(document);
    CHECK(document->is_text);
    CHECK(document->mime_type == "text/plain");
}

TEST_CASE("a write-up is given as a person left it, and a link in its place leads nowhere") {
    Filed filed;
    const auto folder = filed.bench.cases().store().case_folder(filed.bench.case_id) / "drafts";
    std::ofstream(folder / "leader.md") << "edited\n";
    CHECK(filed.read(filed.root + "/drafts/leader").bytes == "edited\n");

    std::filesystem::remove(folder / "leader.md");
    CHECK_FALSE(filed.read(filed.root + "/drafts/leader", filed.bench.principal));
    std::filesystem::create_symlink("../case.json", folder / "leader.md");
    CHECK_FALSE(filed.read(filed.root + "/drafts/leader", filed.bench.principal));
}
