#include <latch>

#include "tests/unit/mcp/fakes.h"

using namespace casefile;
using namespace casefile::mcp;
using namespace casefile::mcp::test;

namespace {

ServerInfo changing_info() {
    auto info = Conversation::fixture_info();
    info.lists_change = true;
    return info;
}

json::object listen(json::value id, json::object filter) {
    return modern(std::move(id), "subscriptions/listen", {{"notifications", std::move(filter)}});
}

class OneResource : public Resources {
  public:
    Result<std::vector<Resource>> list(const Reader&, const std::string&, std::size_t) const override {
        return std::vector<Resource>{};
    }
    std::vector<ResourceTemplate> templates() const override { return {}; }
    Result<std::vector<ResourceContent>> read(const Reader&, const std::string&) const override {
        return not_found("none");
    }
    Result<void> watch(const Reader& reader, const std::string& uri) const override {
        if (uri == "fixed://1") return invalid("uri: this one never changes");
        if (!uri.starts_with("a://") || reader.principal != "local:1000") return not_found("none");
        return {};
    }
};

void with_resources(Catalog& catalog) {
    add_fixtures(catalog);
    catalog.set(std::make_unique<OneResource>());
}

}  // namespace

TEST_CASE("a stream hears what it asked for, tagged with its request, and nothing else") {
    Conversation with(with_resources, 64, 2, changing_info());
    const auto ack = with.ask(listen(
        7,
        {{"toolsListChanged", true}, {"resourceSubscriptions", json::array{"a://1"}}, {"unheardOf", true}}));
    CHECK(json::serialize(ack) ==
          R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":)"
          R"({"toolsListChanged":true,"resourceSubscriptions":["a://1"]},)"
          R"("_meta":{"io.modelcontextprotocol/subscriptionId":7}}})");

    with.changes.publish({.of = Change::Of::prompts});
    with.changes.publish({.of = Change::Of::resources});
    with.changes.publish({.of = Change::Of::resource, .uri = "a://2"});
    with.changes.publish({.of = Change::Of::resource, .uri = "a://1", .principal = "local:1001"});
    CHECK(with.unheard() == 0);

    with.changes.publish({.of = Change::Of::resource, .uri = "a://1", .principal = "local:1000"});
    const auto heard = with.hear();
    CHECK(string_or(heard, "method") == "notifications/resources/updated");
    CHECK(text_at(heard, "params/uri") == "a://1");
    CHECK(at(heard, "params/_meta/io.modelcontextprotocol~1subscriptionId") == 7);
    with.changes.publish({.of = Change::Of::tools});
    CHECK(string_or(with.hear(), "method") == "notifications/tools/list_changed");
}

TEST_CASE("a cancelled stream hears nothing more, and its id is free") {
    Conversation with(add_fixtures, 64, 2, changing_info());
    with.ask(listen(1, {{"toolsListChanged", true}}));
    CHECK(code_of(with.ask(listen(1, {{"toolsListChanged", true}}))) == -32600);
    with.say(cancelled(1));
    with.changes.publish({.of = Change::Of::tools});
    CHECK(with.unheard() == 0);
    with.ask(listen(1, {{"toolsListChanged", true}}));
    with.changes.publish({.of = Change::Of::tools});
    CHECK(string_or(with.hear(), "method") == "notifications/tools/list_changed");
}

TEST_CASE("a server that ends tells every stream so, by the notification and by the result") {
    Conversation with(add_fixtures, 64, 2, changing_info());
    with.ask(listen("s", {{"toolsListChanged", true}}));
    with.server->end(std::chrono::seconds(1));
    CHECK(string_or(with.hear(), "method") == "notifications/cancelled");
    const auto last = with.hear();
    CHECK(text_at(last, "id") == "s");
    CHECK(text_at(last, "result/_meta/io.modelcontextprotocol~1subscriptionId") == "s");
    CHECK(text_at(last, "result/_meta/io.modelcontextprotocol~1serverInfo/name") == "casefile");
    CHECK(text_at(last, "result/resultType") == "complete");
}

TEST_CASE("what this server never tells is left out of the acknowledgement") {
    Conversation with;
    const auto ack = with.ask(listen(1, {{"toolsListChanged", true}, {"resourcesListChanged", true}}));
    CHECK(json::serialize(at(ack, "params/notifications")) == "{}");
}

TEST_CASE("a resource of which nobody would tell a change is left out of the acknowledgement") {
    Conversation with(with_resources);
    const auto ack =
        with.ask(listen(1, {{"resourceSubscriptions", json::array{"", "nonsense", "a://1", "fixed://1"}}}));
    CHECK(json::serialize(at(ack, "params/notifications")) == R"({"resourceSubscriptions":["a://1"]})");
}

TEST_CASE("an older client is told which resource it cannot subscribe to, and why") {
    Conversation with(with_resources);
    with.ask(initialize("2025-11-25"));
    const auto unknown = with.ask(request(1, "resources/subscribe", {{"uri", "no such"}}));
    CHECK(code_of(unknown) == -32002);
    CHECK(text_at(unknown, "error/data/uri") == "no such");
    const auto untold = with.ask(request(2, "resources/subscribe", {{"uri", "fixed://1"}}));
    CHECK(code_of(untold) == -32602);
    CHECK(text_at(untold, "error/message") == "uri: this one never changes");
    with.changes.publish({.of = Change::Of::resource, .uri = "no such"});
    CHECK(with.unheard() == 0);
}

TEST_CASE("an older client hears of lists after initialize, and of a resource after it subscribed") {
    Conversation with(with_resources, 64, 2, changing_info());
    with.changes.publish({.of = Change::Of::tools});
    CHECK(with.unheard() == 0);
    with.ask(initialize("2025-11-25"));
    with.changes.publish({.of = Change::Of::tools});
    CHECK(json::serialize(with.hear()) ==
          R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{}})");

    with.changes.publish({.of = Change::Of::resource, .uri = "a://1"});
    CHECK(with.unheard() == 0);
    with.ask(request(1, "resources/subscribe", {{"uri", "a://1"}}));
    with.changes.publish({.of = Change::Of::resource, .uri = "a://1", .principal = "local:1001"});
    with.changes.publish({.of = Change::Of::resource, .uri = "a://1"});
    CHECK(text_at(with.hear(), "params/uri") == "a://1");
    with.ask(request(2, "resources/unsubscribe", {{"uri", "a://1"}}));
    with.changes.publish({.of = Change::Of::resource, .uri = "a://1"});
    CHECK(with.unheard() == 0);
}

TEST_CASE("a subscription that could not be heard is refused, and what was subscribed goes on") {
    Conversation with(with_resources);
    with.ask(initialize("2025-11-25"));
    const auto subscribe = [&](const std::string& uri) {
        return with.ask(request(1, "resources/subscribe", {{"uri", uri}}));
    };
    CHECK_THAT(text_at(subscribe(std::string(2'049, 'a')), "error/message"),
               Catch::Contains("uri: expected at most 2048 bytes, got 2049"));
    for (int i = 0; i < 1'000; ++i) REQUIRE(subscribe("a://" + std::to_string(i)).contains("result"));
    CHECK_THAT(text_at(subscribe("a://1000"), "error/message"),
               Catch::Contains("at most 1000") && Catch::Contains("resources/unsubscribe"));
    CHECK(subscribe("a://7").contains("result"));
    with.ask(request(2, "resources/unsubscribe", {{"uri", "a://7"}}));
    CHECK(subscribe("a://1000").contains("result"));
    with.changes.publish({.of = Change::Of::resource, .uri = "a://1000"});
    CHECK(text_at(with.hear(), "params/uri") == "a://1000");
}

TEST_CASE("a stream that asks for too many names, or too long ones, is told which and how many") {
    Conversation with(with_resources);
    json::array many(1'001, "a://1");
    CHECK_THAT(text_at(with.ask(listen(1, {{"resourceSubscriptions", many}})), "error/message"),
               Catch::Contains("resourceSubscriptions: expected at most 1000 strings, got 1001"));
    CHECK_THAT(text_at(with.ask(listen(1, {{"resourceSubscriptions", json::array{std::string(2'049, 'a')}}})),
                       "error/message"),
               Catch::Contains("expected strings of at most 2048 bytes, got 2049"));
}
