#include <latch>
#include <random>
#include <set>
#include <thread>

#include "tests/unit/mcp/fakes.h"

using namespace casefile;
using namespace casefile::mcp;
using namespace casefile::mcp::test;

namespace {

/// A catalog of one tool.
std::function<void(Catalog&)> only(std::string name, FakeTool::Function function) {
    return [=](Catalog& catalog) { catalog.add(std::make_unique<FakeTool>(name, function)); };
}

constexpr const char* trace = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";

}  // namespace

TEST_CASE("a tool sees who asks, with what, and the trace that the call belongs to") {
    std::string seen;
    Conversation with(only("look", [&](const json::object& arguments, CallContext& context) {
        seen = context.principal + " " + context.client + " " + context.traceparent.value_or("no trace") +
               " " + json::serialize(arguments);
        return said("ok");
    }));

    auto meta = modern_meta();
    meta["traceparent"] = trace;
    with.ask(modern_call(1, "look", {{"_meta", meta}, {"arguments", json::object{{"a", 1}}}}));
    CHECK(seen == std::string("local:1000 tester/3 ") + trace + R"( {"a":1})");

    with.ask(initialize("2025-11-25"));
    with.ask(call(2, "look"));
    CHECK(seen == "local:1000 old/1 no trace {}");

    meta["traceparent"] = "00-XYZ";
    meta["io.modelcontextprotocol/clientInfo"] = json::object{{"name", "a\nb\x1b[31m"}, {"version", "1"}};
    with.ask(modern_call(3, "look", {{"_meta", meta}}));
    CHECK(seen.find("no trace") != std::string::npos);
    CHECK(seen.find('\n') == std::string::npos);
    CHECK(seen.find('\x1b') == std::string::npos);
}

TEST_CASE("tools/list gives every tool in the order in which they were added, the same each time") {
    Conversation with;

    const auto first = with.ask(modern(1, "tools/list"));
    const auto second = with.ask(modern(1, "tools/list"));

    CHECK(json::serialize(first) == json::serialize(second));
    CHECK(json::serialize(at(first, "result/tools/2")) ==
          R"({"name":"confirm","title":"Title of confirm","description":"What confirm does.",)"
          R"("inputSchema":{"type":"object"},"outputSchema":{"type":"object"},)"
          R"("annotations":{"readOnlyHint":false,"destructiveHint":false,"openWorldHint":false}})");
    CHECK(text_at(first, "result/tools/6/name") == "fail");
    CHECK(json::serialize(first).find("null") == std::string::npos);
}

TEST_CASE("a fault inside a tool tells the client nothing of its cause") {
    for (const bool thrown : {false, true}) {
        Conversation with(only("look", [&](const json::object&, CallContext&) -> ToolOutcome {
            if (thrown) throw std::runtime_error("the password is hunter2");
            return internal("the password is hunter2");
        }));

        const auto answer = with.ask(modern_call(1, "look"));

        CHECK(code_of(answer) == -32603);
        CHECK(json::serialize(answer).find("hunter2") == std::string::npos);
    }
}

TEST_CASE("an answer that is not UTF-8 becomes an error, alone and in a batch") {
    Conversation with(only("look", [](const json::object&, CallContext& context) -> ToolOutcome {
        context.progress(1, {}, "\xff");
        return said("\xff");
    }));
    auto meta = modern_meta();
    meta["progressToken"] = 1;

    CHECK(code_of(with.ask(modern_call(1, "look", {{"_meta", meta}}))) == -32603);

    with.ask(initialize("2025-03-26"));
    with.say("[" + json::serialize(call(2, "look")) + "]");
    CHECK(with.hear_text().find("-32603") != std::string::npos);
}

TEST_CASE("calls above the limit are told to wait, and are served when others are done") {
    Gate go_on;
    const auto waits = only("look", [&](const json::object&, CallContext& context) {
        go_on.wait(context.stop);
        return said("done");
    });
    Conversation with(
        [&](Catalog& catalog) {
            waits(catalog);
            catalog.add(Prompt{.name = "what", .title = "", .description = "", .arguments = {}, .text = "."});
        },
        2);
    with.say(modern_call(1, "look"));
    with.say(modern_call(2, "look"));

    const auto refused = with.ask(modern_call(3, "look"));
    CHECK(at(refused, "result/isError").as_bool());
    CHECK(text_of(refused) ==
          "too many calls in flight: expected at most 2; wait for one of them to finish, then call again");
    CHECK(text_at(with.ask(modern(4, "tools/list")), "result/tools/0/name") == "look");
    // Its result has another shape, which a refusal is none of.
    const auto prompt = with.ask(modern(6, "prompts/get", {{"name", "what"}}));
    CHECK(code_of(prompt) == -32603);
    CHECK_THAT(text_at(prompt, "error/message"), Catch::Contains("expected at most 2"));

    go_on.open();
    CHECK(text_of(with.hear()) == "done");
    CHECK(text_of(with.hear()) == "done");
    CHECK(text_of(with.ask(modern_call(5, "look"))) == "done");
}

TEST_CASE("a call is told to stop, and the id is free for a new request once it did") {
    std::latch begun(1), stopped(1);
    Conversation with(only("look", [&](const json::object& arguments, CallContext& context) {
        if (!arguments.empty()) return said("again");
        const std::stop_callback tell(context.stop, [&] { stopped.count_down(); });
        begun.count_down();
        stopped.wait();
        context.progress(1, {}, "too late");
        return said("stopped");
    }));
    auto meta = modern_meta();
    meta["progressToken"] = 1;
    with.say(modern_call(1, "look", {{"_meta", meta}}));
    begun.wait();

    with.say(cancelled(1));
    with.server->drain();

    CHECK(with.unheard() == 0);
    CHECK(text_of(with.ask(modern_call(1, "look", {{"arguments", json::object{{"x", 1}}}}))) == "again");
}

TEST_CASE("a call that is cancelled before a worker had time for it never reaches its tool") {
    std::latch begun(1);
    Gate go_on;
    std::atomic<int> calls = 0;
    Conversation with(only("look",
                           [&](const json::object&, CallContext& context) {
                               ++calls;
                               begun.count_down();
                               go_on.wait(context.stop);
                               return said("done");
                           }),
                      64, 1);
    with.say(modern_call(1, "look"));
    begun.wait();
    with.say(modern_call(2, "look"));

    with.say(cancelled(2));
    go_on.open();
    with.server->drain();

    CHECK(calls == 1);
    CHECK(at(with.hear(), "id") == 1);
    CHECK(with.unheard() == 0);
}

TEST_CASE("progress rises, comes at most ten times a second, and only where it was asked for") {
    std::shared_ptr<ManualClock> clock;
    Conversation with(only("look", [&](const json::object&, CallContext& context) {
        const auto after = [&](int milliseconds, double done, std::optional<double> total = {}) {
            clock->advance(std::chrono::milliseconds(milliseconds));
            context.progress(done, total, "");
        };
        after(0, 1, 10);
        after(99, 2, 10);
        after(1, 3, 10);
        after(200, 3, 10);
        after(200, 2, 10);
        after(200, 4.5);
        after(200, std::numeric_limits<double>::infinity());
        after(-5'000, 5);
        return said("done");
    }));
    clock = with.clock;
    auto meta = modern_meta();
    meta["progressToken"] = "t";
    with.say(modern_call(1, "look", {{"_meta", meta}}));
    with.server->drain();

    CHECK(
        json::serialize(with.hear()) ==
        R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"t","progress":1,"total":10}})");
    CHECK(at(with.hear(), "params/progress") == 3);
    CHECK(at(with.hear(), "params/progress") == 4.5);
    CHECK(at(with.hear(), "params/progress") == 5);
    CHECK(text_of(with.hear()) == "done");

    with.say(modern_call(2, "look"));
    with.server->drain();
    CHECK(text_of(with.hear()) == "done");
}

TEST_CASE("a question of the handshake era that nobody answers counts as cancelled after ten minutes") {
    Conversation with;
    with.ask(initialize("2025-11-25"));
    CHECK(text_at(with.ask(call(1, "confirm_both")), "method") == "elicitation/create");
    with.clock->advance(std::chrono::minutes(10) - std::chrono::milliseconds(1));
    with.ask(request(2, "ping"));
    CHECK(with.unheard() == 0);

    with.clock->advance(std::chrono::milliseconds(1));

    CHECK(text_at(with.hear(), "method") == "notifications/cancelled");
    CHECK(text_of(with.hear()) == R"(first=cancel {} second=cancel {} {"step":1})");
}

TEST_CASE("a call that waits for a human holds no worker") {
    Conversation with(add_fixtures, 64, 1);
    with.ask(initialize("2025-11-25"));
    const auto first = with.ask(call(1, "confirm"));
    const auto second = with.ask(call(2, "confirm"));

    CHECK(text_of(with.ask(call(3, "echo"))) == "nothing");

    for (const auto& question : {second, first}) {
        with.say(
            {{"jsonrpc", "2.0"}, {"id", question.at("id")}, {"result", json::object{{"action", "decline"}}}});
        CHECK(text_of(with.hear()) == R"(confirm=decline {} {"step":1})");
    }
}

TEST_CASE("an answer that comes after the question expired is refused") {
    Conversation with;
    const auto asked = with.ask(modern_call(1, "confirm"));
    const json::object answers{{"confirm", json::object{{"action", "accept"}, {"content", json::object()}}}};
    with.clock->advance(std::chrono::minutes(15));

    const auto refused = with.ask(modern_call(
        2, "confirm", {{"requestState", at(asked, "result/requestState")}, {"inputResponses", answers}}));

    CHECK(code_of(refused) == -32602);
    CHECK(text_at(refused, "error/message") ==
          "requestState refused: it expired after 15 minutes; call the tool again without requestState to be "
          "asked anew");
}

TEST_CASE(
    "when the client is gone, waiting questions end at once and running calls are stopped after the grace") {
    std::latch begun(1);
    Conversation with([&](Catalog& catalog) {
        add_fixtures(catalog);
        catalog.add(std::make_unique<FakeTool>("begin", [&](const json::object&, CallContext& context) {
            begun.count_down();
            Gate().wait(context.stop);
            return said("stopped");
        }));
    });
    with.ask(initialize("2025-11-25"));
    with.ask(call(1, "confirm"));
    with.say(call(2, "begin"));
    begun.wait();

    with.server->end(std::chrono::milliseconds(1));

    CHECK(with.unheard() == 0);
    with.say(call(3, "echo"));
    with.server->drain();
    CHECK(with.unheard() == 0);
}

TEST_CASE("a message above the limit is refused, and the next one is served") {
    Conversation with;

    with.say(json::serialize(
        modern_call(1, "echo", {{"arguments", json::object{{"text", std::string(100'000, 'x')}}}})));

    const auto refused = with.hear();
    CHECK(code_of(refused) == -32600);
    CHECK_FALSE(refused.contains("id"));
    CHECK(text_of(with.ask(modern_call(2, "echo"))) == "nothing");
}

TEST_CASE("many threads may speak and call at once, and every request has one answer") {
    Conversation with(add_fixtures, 10'000, 4);
    std::vector<std::jthread> speakers;
    constexpr int each = 15;
    for (int speaker = 0; speaker < 4; ++speaker)
        speakers.emplace_back([&with, speaker] {
            for (int i = 0; i < each; ++i) {
                const int id = speaker * 1'000 + i;
                with.say(i % 3 == 0 ? modern(id, "tools/list")
                                    : modern_call(id, i % 3 == 1 ? "echo" : "wait"));
                if (i % 3 == 2) with.say(cancelled(id));
            }
        });
    speakers.clear();
    with.server->drain();

    std::set<std::int64_t> answered;
    for (std::size_t left = with.unheard(); left > 0; --left)
        answered.insert(at(with.hear(), "id").as_int64());
    CHECK(answered.size() == 4 * each * 2 / 3);
}

TEST_CASE("whatever bytes arrive, the server answers with JSON-RPC and goes on") {
    Conversation with;
    std::mt19937 random(20261122);
    const std::vector<std::string> seeds{
        json::serialize(modern_call(1, "echo", {{"arguments", json::object{{"text", "a"}}}})),
        json::serialize(
            modern_call(2, "confirm", {{"requestState", "x.y"}, {"inputResponses", json::object()}})),
        json::serialize(initialize("2025-03-26")),
        "[" + json::serialize(request(3, "ping")) + "]",
        json::serialize(cancelled(4)),
        json::serialize(modern(5, "prompts/get", {{"name", "look"}}))};
    constexpr std::string_view pieces = "{}[]\",:\\u0 \xff\n0123456789.eE-tfn";
    const auto pick = [&](std::size_t below) {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
    };

    for (int round = 0; round < 3'000; ++round) {
        auto text = seeds[pick(seeds.size())];
        for (std::size_t changes = 1 + pick(4); changes > 0 && !text.empty(); --changes) {
            const auto place = pick(text.size());
            if (pick(3) == 0)
                text.erase(place, 1 + pick(5));
            else
                text[place] = pieces[pick(pieces.size())];
        }
        with.say(text);
    }

    with.say(modern_call("last", "echo"));
    for (std::string last; last != "last";) {
        const auto answer = parse_json(with.hear_text());
        REQUIRE(answer);
        const auto& one = answer->is_array() ? answer->as_array().at(0).as_object() : answer->as_object();
        REQUIRE(one.at("jsonrpc") == "2.0");
        REQUIRE((one.contains("result") || one.contains("error") || one.contains("method")));
        last = string_or(one, "id");
    }
}
