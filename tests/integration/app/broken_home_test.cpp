// What the commands say of a home whose cases do not hold: they name them, and end with 1.

#include "tests/integration/app/shell.h"

using namespace casefile;

namespace {

std::string read_text(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("a case that was altered is named by every command that looks over the home") {
    Shell shell;
    const auto good = shell.open_case(), id = shell.open_case();
    CHECK(shell.casefile({"call", "verify_evidence", R"({"case":")" + id + R"("})"}).exit_code == 0);
    const auto chain = shell.at("home/cases/" + id + "/chain.jsonl");
    auto text = read_text(chain);
    std::ofstream(chain, std::ios::binary) << text.replace(text.find("wrong prices"), 5, "right");

    const auto proof = shell.casefile({"call", "verify_evidence", R"({"case":")" + id + R"("})"});
    CHECK(proof.exit_code == 1);
    CHECK_THAT(proof.out, Catch::Contains(R"("ok":false)") && Catch::Contains(R"("kind":"record altered")") &&
                              Catch::Contains("chain.jsonl line 1"));

    const auto made = shell.casefile({"reindex"});
    CHECK(made.exit_code == 1);
    CHECK_THAT(made.out, Catch::Contains("index made again: 1 case\n"));
    CHECK_THAT(made.err,
               Catch::Contains(id + ": not in the index, as it cannot be read: chain.jsonl line 1"));

    const auto listed = shell.casefile({"call", "get_case"});
    CHECK(listed.exit_code == 0);
    CHECK_THAT(listed.out,
               Catch::Contains(good) && Catch::Contains(id + " cannot be read: chain.jsonl line 1"));
    CHECK_THAT(shell.casefile({"call", "get_stats"}).out, Catch::Contains(id + " cannot be read"));
    CHECK_THAT(shell.casefile({"call", "list_cases"}).out, Catch::Contains(id + " cannot be read"));

    const auto looked = shell.casefile({"doctor"});
    CHECK(looked.exit_code == 1);
    CHECK_THAT(looked.out, Catch::Contains("FAILING  case " + id + ": chain.jsonl line 1") &&
                               Catch::Contains("ready    cases: 1\n"));
}

TEST_CASE("doctor names the cases that end before the anchor file, and those that are gone") {
    Shell shell;
    const auto anchors = shell.at("anchors.jsonl"), config = shell.at("casefile.json");
    std::ofstream(config) << json::serialize(json::object{{"anchor_file", anchors}});
    const auto with_config = [&](std::vector<std::string> words) {
        words.insert(words.end(), {"--config", config});
        return shell.casefile(words);
    };
    std::vector<std::string> ids;
    for (int i = 0; i < 2; ++i) {
        const auto opened = with_config({"call", "open_case", R"({"topic":"wrong prices"})"});
        ids.emplace_back(parse_json(opened.out)->get_object().at("case").get_string());
    }
    const auto folder = shell.at("home/cases/" + ids[0]);
    std::filesystem::copy(folder, shell.at("earlier"), std::filesystem::copy_options::recursive);
    with_config({"call", "write_log", R"({"kind":"note","text":"x","case":")" + ids[0] + R"("})"});
    CHECK_THAT(with_config({"doctor"}).out, Catch::Contains("ready    cases: 2\n"));
    std::filesystem::remove_all(folder);
    std::filesystem::rename(shell.at("earlier"), folder);
    std::filesystem::remove_all(shell.at("home/cases/" + ids[1]));

    const auto looked = with_config({"doctor"});

    CHECK(looked.exit_code == 1);
    CHECK_THAT(looked.out, Catch::Contains("FAILING  case " + ids[0] +
                                           ": expected 2 records or more, as the anchor file tells, got 1"));
    CHECK_THAT(looked.out, Catch::Contains("FAILING  case " + ids[1] +
                                           ": the anchor file tells of 1 records, and the case is gone"));
}
