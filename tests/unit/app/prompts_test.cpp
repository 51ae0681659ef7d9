// Every prompt, as a client gets it: with and without a case, within its size, without holes, and naming only
// tools that there are.

#include <fstream>
#include <regex>

#include "app/embedded_prompts.h"
#include "app/installation.h"
#include "base/text.h"
#include "cases/vocabulary.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"
#include "tools/toolsets.h"

using namespace casefile;

namespace {

std::unique_ptr<app::Installation> installation(
    const TemporaryFolder& folder, const std::vector<std::string>& toolsets = tools::toolset_names()) {
    app::Options options;
    options.home = (folder.path() / "home").string();
    options.toolsets = toolsets;
    return app::Installation::build(options).value();
}

/// A case that tells as much as it can, and more than any prompt has room for.
std::string large_case(app::Installation& built) {
    auto& book = built.bench().cases;
    const auto principal = app::local_principal();
    const std::string long_text(2'000, 'x');
    cases::CaseFields fields;
    fields.topic = std::string(190, 't');
    fields.env = "PROD";
    fields.severity = "P1";
    fields.symptoms = cases::Symptoms{long_text, long_text};
    fields.time_window =
        cases::TimeWindow{"2026-11-22T14:00:00+01:00", "2026-11-22T16:00:00+01:00", "Europe/Berlin"};
    fields.entity_ids = json::object{{"order", json::array(40, json::value("4711"))}};
    fields.root_cause = long_text;
    const auto id = book.open(fields, principal).value().id;
    for (int i = 0; i < 12; ++i)
        for (const auto* kind : {"hypothesis", "finding", "event", "handoff", "action", "fix", "note"}) {
            cases::Entry entry;
            entry.kind = kind;
            entry.key =
                std::string(kind) == "note" ? "open_question" : std::string(kind) + "." + std::to_string(i);
            entry.text = "{{topic}} " + long_text;
            book.write(id, std::move(entry), principal).value();
        }
    return id;
}

mcp::PromptArguments free_text_of(const mcp::Prompt& prompt) {
    mcp::PromptArguments given;
    for (const auto& argument : prompt.arguments)
        if (argument.name != "case") given[argument.name] = "something that a person typed";
    return given;
}

std::string rendered(const app::Installation& built, const mcp::Prompt& prompt, mcp::PromptArguments given) {
    REQUIRE(mcp::check_arguments(prompt, given));
    auto values = built.catalog().prompt_facts()(given, app::local_principal()).value();
    values.insert(given.begin(), given.end());
    return mcp::render_prompt(prompt, values);
}

/// Each name of a field in these schemas, and each word of a choice.
void add_names(const json::value& schema, std::set<std::string>& names) {
    if (const auto* list = schema.if_array()) {
        for (const auto& item : *list) {
            if (item.is_string()) names.emplace(item.get_string());
            add_names(item, names);
        }
    }
    if (const auto* object = schema.if_object())
        for (const auto& pair : *object) {
            names.emplace(pair.key());
            add_names(pair.value(), names);
        }
}

}  // namespace

TEST_CASE("every prompt renders with and without a case, within 900 tokens and without a hole") {
    // With every tool, and with those alone that a server offers when nobody asks for more.
    const bool all = GENERATE(true, false);
    const TemporaryFolder folder;
    const auto built =
        installation(folder, all ? tools::toolset_names() : std::vector<std::string>{"default"});
    const auto id = large_case(*built);
    const auto& prompts = built->catalog().prompts();
    CHECK(prompts.size() == app::embedded_prompts().size());
    CHECK(prompts.size() >= 40);
    for (const auto& prompt : prompts) {
        INFO(prompt.name);
        auto with_case = free_text_of(prompt);
        const bool takes_case = std::any_of(prompt.arguments.begin(), prompt.arguments.end(),
                                            [](const auto& one) { return one.name == "case"; });
        if (takes_case) with_case["case"] = id;
        const auto filled = rendered(*built, prompt, with_case);
        CHECK(token_estimate(filled.size()) <= 900);
        if (takes_case && prompt.text.find("case.brief") != std::string::npos)
            CHECK(filled.find(id) != std::string::npos);
        for (const auto& text :
             {filled, rendered(*built, prompt, {}), rendered(*built, prompt, free_text_of(prompt))}) {
            INFO(text);
            // What looks like a placeholder came from the case, and is not filled a second time.
            CHECK(std::regex_replace(text, std::regex("\\{\\{topic\\}\\} x"), "").find("{{") ==
                  std::string::npos);
            CHECK(text.find("  \n") == std::string::npos);
            CHECK_FALSE(std::regex_search(text, std::regex("(:|\\b(to|of|In|on)) *\n\n")));
            CHECK(text.size() > 200);
        }
    }
}

TEST_CASE("prompts name only tools, fields, keys and prompts that there are") {
    const TemporaryFolder folder;
    const auto built = installation(folder);
    std::set<std::string> known{
        "ariable_name", "ax_used_connections", "information_schema",
        // keys of write_log that are free, and words of MySQL and of the shapes that prompts show
        "staging_validation", "deploy_plan", "error_rate", "from_status", "max_connections", "open_question",
        "contributing_factor", "detection_gap", "data_correction", "error_pattern", "went_well", "went_wrong",
        "log_analysis", "metrics_snapshot", "alert_details", "trace_analysis", "detected_at", "deployed_at",
        "recovered_at", "primary_error", "exception_type", "success_rate", "used_connections", "root_cause",
        "blast_radius", "data_loss", "learn_handoff", "incident_response_workflow", "contributing_factors"};
    for (const auto& tool : built->catalog().tools()) {
        known.insert(tool->info().name);
        add_names(tool->info().input_schema, known);
        add_names(tool->info().output_schema, known);
    }
    for (const auto& prompt : built->catalog().prompts()) known.insert(prompt.name);
    for (const auto& one : cases::framing_keys()) known.emplace(one.key);
    const std::regex name("[a-z]+(_[a-z]+)+");
    for (const auto& prompt : built->catalog().prompts())
        for (auto one = std::sregex_iterator(prompt.text.begin(), prompt.text.end(), name);
             one != std::sregex_iterator(); ++one) {
            INFO(prompt.name << ": " << one->str());
            CHECK(known.count(one->str()) == 1);
        }
}

TEST_CASE("every argument of a prompt that is no free text has completions") {
    const TemporaryFolder folder;
    const auto built = installation(folder);
    const auto id = large_case(*built);
    const std::set<std::string> typed_by_people{"topic", "report", "trace",   "symptom", "flow",
                                                "error", "since",  "service", "target"};
    const std::set<std::string> of_the_environment{"env", "group", "entity"};
    for (const auto& prompt : built->catalog().prompts())
        for (const auto& argument : prompt.arguments) {
            INFO(prompt.name << " " << argument.name);
            if (typed_by_people.count(argument.name) + of_the_environment.count(argument.name) > 0) continue;
            mcp::CompletionRequest request;
            request.reference = prompt.name;
            request.argument = argument.name;
            request.given = {{"case", id}};
            CHECK_FALSE(built->catalog().completer()(request, {app::local_principal(), {}}).empty());
        }
}

TEST_CASE("a prompt says how to get the tools that it names and this server does not offer") {
    const TemporaryFolder one, other;
    const auto all = installation(one), few = installation(other, {"default"});
    const auto text = [](const app::Installation& built, const std::string& name) {
        for (const auto& prompt : built.catalog().prompts())
            if (prompt.name == name) return rendered(built, prompt, {});
        return std::string();
    };
    CHECK_THAT(text(*few, "postmortem"),
               Catch::Contains("compute_slo, get_stats, set_action, set_impact. The user can restart") &&
                   Catch::Contains("--toolsets default,admin,work"));
    CHECK_THAT(text(*few, "wrong_data"), !Catch::Contains("Not offered"));
    CHECK_THAT(text(*all, "postmortem"), !Catch::Contains("Not offered"));
}

TEST_CASE("a prompt of one's own that cannot be read is told, and the others are there") {
    const TemporaryFolder folder;
    const auto prompts = folder.path() / "home" / "prompts";
    std::filesystem::create_directories(prompts / "notes.md");
    const auto built = installation(folder);
    CHECK(built->catalog().prompts().size() == app::embedded_prompts().size());
    REQUIRE(built->environments().problems.size() == 1);
    CHECK(built->environments().problems[0].variable == "notes.md");
    CHECK(built->environments().problems[0].reason ==
          "prompt: cannot read " + (prompts / "notes.md").string() + ": expected a file, got a folder");
}

TEST_CASE("the command that a human pastes holds for a shell, whatever the folders are called") {
    const TemporaryFolder folder;
    app::Options options;
    options.home = (folder.path() / "home").string();
    const auto plain = app::Installation::build(options).value();
    CHECK(plain->bench().confirm_options == " --home " + options.home);

    options.home = (folder.path() / "my home").string();
    options.config_file = (folder.path() / "it's mine.json").string();
    std::ofstream(options.config_file) << "{}";
    const auto quoted = app::Installation::build(options).value();
    CHECK(quoted->bench().confirm_options == " --config '" + (folder.path() / "it").string() +
                                                 "'\\''s mine.json' --home '" + options.home + "'");
}

TEST_CASE("a prompt shows nothing of a case that belongs to somebody else") {
    const TemporaryFolder folder;
    const auto built = installation(folder);
    const auto id = large_case(*built);
    const auto facts = built->catalog().prompt_facts()({{"case", id}}, "https://id.example#mallory");
    REQUIRE_FALSE(facts);
    CHECK(facts.error().message.find("there is no case") != std::string::npos);
}

TEST_CASE("each toolset stays within its budget") {
    const TemporaryFolder folder;
    const std::map<std::string, std::size_t> budgets{{"work", 12'000},    {"admin", 12'000},
                                                     {"default", 30'000}, {"observability", 26'000},
                                                     {"backend", 30'000}, {"devops", 26'000}};
    for (const auto& [name, bytes_max] : budgets) {
        app::Options options;
        options.home = (folder.path() / "home").string();
        options.toolsets = {name};
        const auto built = app::Installation::build(options).value();
        std::size_t bytes = 0;
        for (const auto& tool : built->catalog().tools()) {
            const auto& info = tool->info();
            bytes += json::serialize(json::object{{"name", info.name},
                                                  {"title", info.title},
                                                  {"description", info.description},
                                                  {"inputSchema", info.input_schema},
                                                  {"outputSchema", info.output_schema},
                                                  {"annotations", {{"readOnlyHint", info.read_only}}}})
                         .size() +
                     60;
        }
        INFO(name << ": " << bytes << " bytes");
        CHECK(bytes <= bytes_max);
        CHECK_FALSE(built->catalog().tools().empty());
    }
}
