// completion/complete: which arguments there are to complete, and how many values are told.

#include "tests/unit/mcp/fakes.h"

using namespace casefile;
using namespace casefile::mcp;
using namespace casefile::mcp::test;

namespace {

class Templates : public Resources {
  public:
    Result<std::vector<Resource>> list(const Reader&, const std::string&, std::size_t) const override {
        return std::vector<Resource>{};
    }
    std::vector<ResourceTemplate> templates() const override {
        std::vector<ResourceTemplate> out(1);
        out[0].uri_template = "a://{case}/runs/{run}";
        return out;
    }
    Result<std::vector<ResourceContent>> read(const Reader&, const std::string&) const override {
        return not_found("none");
    }
    Result<void> watch(const Reader&, const std::string&) const override { return not_found("none"); }
};

void with_completions(Catalog& catalog) {
    add_fixtures(catalog);
    catalog.add(Prompt{
        .name = "plain", .title = "Plain", .description = "Takes nothing.", .arguments = {}, .text = "x"});
    catalog.set(std::make_unique<Templates>());
    catalog.set([](const CompletionRequest& request, const Reader&) {
        return std::vector<std::string>(request.argument == "run" ? 250 : 1, request.argument);
    });
}

json::object of_prompt(const char* name) { return {{"type", "ref/prompt"}, {"name", name}}; }

json::object of_template() { return {{"type", "ref/resource"}, {"uri", "a://{case}/runs/{run}"}}; }

json::object complete(Conversation& with, json::object reference, const char* argument) {
    return with.ask(modern(
        1, "completion/complete",
        {{"ref", std::move(reference)}, {"argument", json::object{{"name", argument}, {"value", ""}}}}));
}

}  // namespace

TEST_CASE("the arguments of a prompt and the variables of a template are completed") {
    Conversation with(with_completions);
    CHECK(text_at(complete(with, of_prompt("look"), "what"), "result/completion/values/0") == "what");
    CHECK(text_at(complete(with, of_template(), "case"), "result/completion/values/0") == "case");
}

TEST_CASE("an argument that the prompt or the template does not have is refused with those that it has") {
    Conversation with(with_completions);
    struct Row {
        json::object reference;
        const char *argument, *message;
    };
    for (const auto& [reference, argument, message] :
         {Row{of_prompt("look"), "nope", "argument.name: expected one of what, got nope"},
          Row{of_prompt("plain"), "what",
              "argument.name: expected nothing, as there are no arguments, got what"},
          Row{of_template(), "what", "argument.name: expected one of case, run, got what"},
          Row{of_template(), "", "argument.name: expected one of case, run, got "}}) {
        const auto refused = complete(with, reference, argument);
        CHECK(code_of(refused) == -32602);
        CHECK_THAT(text_at(refused, "error/message"), Catch::StartsWith(message));
    }
}

TEST_CASE("at most 100 values are told, and how many there are") {
    Conversation with(with_completions);
    const auto told = complete(with, of_template(), "run");
    CHECK(at(told, "result/completion/values").as_array().size() == 100);
    CHECK(at(told, "result/completion/total") == 250);
    CHECK(at(told, "result/completion/hasMore") == true);
}
