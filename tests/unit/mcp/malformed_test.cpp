// Malformed input over the two real transports: each piece of it gets the error that JSON-RPC and MCP
// specify, or a closed connection, and the next good request is answered.

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "mcp/lines.h"
#include "mcp/stdio_transport.h"
#include "tests/unit/mcp/http_served.h"

using namespace casefile;
using namespace casefile::mcp;
using namespace casefile::mcp::test;

namespace {

struct Broken {
    const char* what;
    std::string text;
    int code;  ///< 0: it is served
    json::value id = nullptr;
};

/// What is no message, in any revision.
std::vector<Broken> no_messages() {
    const auto with_id = [](const std::string& id) {
        return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"ping"})";
    };
    return {
        {"no JSON", "nonsense", rpc::parse_error},
        {"half a message", R"({"jsonrpc":"2.0","id":1,"meth)", rpc::parse_error},
        {"two documents", "{}{}", rpc::parse_error},
        {"a byte order mark", "\xEF\xBB\xBF{}", rpc::parse_error},
        {"invalid UTF-8", with_id("\"\xFF\""), rpc::parse_error},
        {"overlong UTF-8", with_id("\"\xC0\xAF\""), rpc::parse_error},
        {"a surrogate in UTF-8", with_id("\"\xED\xA0\x80\""), rpc::parse_error},
        {"a lone surrogate", with_id(R"("\ud800")"), rpc::parse_error},
        {"surrogates the wrong way round", with_id(R"("\udc00\ud800")"), rpc::parse_error},
        {"NUL within a string", with_id(std::string("\"\0\"", 3)), rpc::parse_error},
        {"NUL before the message", std::string("\0{}", 3), rpc::parse_error},
        {"NUL after the message", with_id("1") + std::string(1, '\0'), rpc::parse_error},
        {"100,000 arrays deep", std::string(100'000, '['), rpc::parse_error},
        {"100,000 arrays deep and whole", std::string(100'000, '[') + std::string(100'000, ']'),
         rpc::parse_error},
        {"a number above any double", with_id("1e400"), rpc::parse_error},
        {"a number with a huge exponent", with_id("1e99999999999999999999"), rpc::parse_error},
        {"a number", "5", rpc::invalid_request},
        {"null", "null", rpc::invalid_request},
        {"an empty batch", "[]", rpc::invalid_request},
        {"an empty object", "{}", rpc::invalid_request},
        {"id null", with_id("null"), rpc::invalid_request},
        {"id a boolean", with_id("true"), rpc::invalid_request},
        {"id a fraction", with_id("1.5"), rpc::invalid_request},
        {"id an array", with_id("[1]"), rpc::invalid_request},
        {"id an object", with_id("{}"), rpc::invalid_request},
        {"id above 64 bits", with_id("18446744073709551616"), rpc::invalid_request},
        {"id of 500 digits", with_id(std::string(300, '9')), rpc::invalid_request},
        {"no jsonrpc", R"({"id":1,"method":"ping"})", rpc::invalid_request, 1},
        {"jsonrpc a number", R"({"jsonrpc":2.0,"id":2,"method":"ping"})", rpc::invalid_request, 2},
        {"no method", R"({"jsonrpc":"2.0","id":3})", rpc::invalid_request, 3},
        {"method a number", R"({"jsonrpc":"2.0","id":"x","method":5})", rpc::invalid_request, "x"},
        {"params an array", R"({"jsonrpc":"2.0","id":4,"method":"ping","params":[]})", rpc::invalid_params,
         4},
        {"params a text", R"({"jsonrpc":"2.0","id":5,"method":"ping","params":"x"})", rpc::invalid_params, 5},
    };
}

/// Messages with a member of the wrong type, as a client of the handshake era sends them.
std::vector<Broken> wrong_members() {
    const auto with = [](int id, std::string_view method, json::object params) {
        return json::serialize(request(id, method, std::move(params)));
    };
    return {
        {"_meta", with(1, "tools/list", {{"_meta", 5}}), rpc::invalid_params, 1},
        {"cursor", with(2, "tools/list", {{"cursor", 5}}), rpc::invalid_params, 2},
        {"cursor made up", with(3, "tools/list", {{"cursor", "AAAA"}}), rpc::invalid_params, 3},
        {"name", with(4, "tools/call", {{"name", json::array{"echo"}}}), rpc::invalid_params, 4},
        {"no name", with(5, "tools/call", {}), rpc::invalid_params, 5},
        {"name unknown", with(6, "tools/call", {{"name", "ECHO"}}), rpc::invalid_params, 6},
        {"arguments", with(7, "tools/call", {{"name", "echo"}, {"arguments", "x"}}), rpc::invalid_params, 7},
        {"progressToken",
         with(8, "tools/call", {{"name", "echo"}, {"_meta", json::object{{"progressToken", 1.5}}}}),
         rpc::invalid_params, 8},
        {"arguments of a prompt",
         with(9, "prompts/get", {{"name", "look"}, {"arguments", json::object{{"what", 5}}}}),
         rpc::invalid_params, 9},
        {"an unknown method", with(10, "tools/fly", {}), rpc::method_not_found, 10},
        {"an empty method", with(11, "", {}), rpc::method_not_found, 11},
        {"protocolVersion",
         with(12, "initialize", {{"protocolVersion", 5}, {"capabilities", json::object()}}),
         rpc::invalid_params, 12},
        {"duplicate keys, of which the last counts",
         R"({"jsonrpc":"2.0","id":98,"id":13,"method":"tools/fly","method":"ping"})", 0, 13},
    };
}

/// The same for the newer era.
std::vector<Broken> wrong_modern_members() {
    const auto call_with = [](int id, json::object more) {
        return json::serialize(modern_call(id, "confirm", std::move(more)));
    };
    const auto meta_with = [](int id, json::object meta) {
        return json::serialize(modern_call(id, "confirm", {{"_meta", std::move(meta)}}));
    };
    auto wrong_version = modern_meta(), wrong_capabilities = modern_meta(), wrong_client = modern_meta(),
         wrong_token = modern_meta();
    wrong_version["io.modelcontextprotocol/protocolVersion"] = 5;
    wrong_capabilities["io.modelcontextprotocol/clientCapabilities"] = json::array();
    wrong_client["io.modelcontextprotocol/clientInfo"] = "x";
    wrong_token["progressToken"] = json::object();
    return {
        {"version", meta_with(1, wrong_version), rpc::invalid_params, 1},
        {"capabilities", meta_with(2, wrong_capabilities), rpc::invalid_params, 2},
        {"client", meta_with(3, wrong_client), rpc::invalid_params, 3},
        {"progressToken", meta_with(4, wrong_token), rpc::invalid_params, 4},
        {"arguments", call_with(5, {{"arguments", json::array()}}), rpc::invalid_params, 5},
        {"requestState", call_with(6, {{"requestState", 5}}), rpc::invalid_params, 6},
        {"requestState made up", call_with(7, {{"requestState", "e30=.00"}}), rpc::invalid_params, 7},
        {"inputResponses, so that the question is put", call_with(8, {{"inputResponses", json::array{1}}}), 0,
         8},
    };
}

void check_answer(const Broken& broken, const json::object& answer) {
    INFO(broken.what << ": " << json::serialize(answer));
    CHECK(at(answer, "jsonrpc") == "2.0");
    CHECK(at(answer, "id") == broken.id);
    if (broken.code == 0)
        CHECK(answer.contains("result"));
    else
        CHECK(code_of(answer) == broken.code);
    CHECK(text_at(answer, "error/message").size() < 2'000);
}

/// What this process has allocated and not given back. (Sanitizers keep their own books and make this zero.)
std::size_t bytes_held() {
    const auto use = ::mallinfo2();
    return use.uordblks + use.hblkhd;
}

/// serve_stdio() on a thread of its own; the test writes lines and reads them.
class StdioServed {
  public:
    StdioServed() {
        REQUIRE(::pipe2(in_.data(), O_CLOEXEC) == 0);
        REQUIRE(::pipe2(out_.data(), O_CLOEXEC) == 0);
        reader_ = std::make_unique<LineReader>(out_[0], 1'000'000);
        thread_ = std::jthread([this] {
            Catalog catalog;
            add_fixtures(catalog);
            WorkerPool pool(2, 64);
            Changes changes;
            Server server(Conversation::fixture_info(), {.state_key = "key", .message_bytes_max = 1'000'000},
                          catalog, pool, changes);
            serve_stdio(server, "local:1000", in_[0], out_[1]);
            ::close(out_[1]);
        });
    }
    ~StdioServed() {
        end_input();
        thread_.join();
        ::close(in_[0]);
        ::close(out_[0]);
    }

    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto put = ::write(in_[1], bytes.data(), bytes.size());
            REQUIRE(put > 0);
            bytes.remove_prefix(static_cast<std::size_t>(put));
        }
    }
    void say(std::string_view line) { write(std::string(line) + "\n"); }
    /// The next line, which has to be a message: nothing else may be there.
    json::object hear() {
        std::string_view line;
        REQUIRE(reader_->next(line, 20'000) == LineReader::Outcome::line);
        return parse(line);
    }
    json::object ask(const json::object& message) {
        say(json::serialize(message));
        return hear();
    }
    void end_input() {
        if (in_[1] >= 0) ::close(std::exchange(in_[1], -1));
    }
    bool ended() {
        std::string_view line;
        return reader_->next(line, 20'000) == LineReader::Outcome::end;
    }

  private:
    std::array<int, 2> in_{}, out_{};
    std::unique_ptr<LineReader> reader_;
    std::jthread thread_;
};

const auto good = request("good", "ping");

}  // namespace

TEST_CASE("on stdio, every malformed message has its error, and the next good one is answered") {
    StdioServed served;
    served.ask(initialize("2025-11-25"));
    for (const auto& broken : no_messages()) {
        served.say(broken.text);
        check_answer(broken, served.hear());
        CHECK(at(served.ask(good), "id") == "good");
    }
    for (const auto& table : {wrong_members(), wrong_modern_members()})
        for (const auto& broken : table) {
            served.say(broken.text);
            check_answer(broken, served.hear());
            CHECK(at(served.ask(good), "id") == "good");
        }
}

TEST_CASE("over HTTP, every malformed message has its error, in a session and without one") {
    HttpServed served;
    HttpClient client(served);
    const auto session = client.begin_session();
    const auto listing = modern_headers("tools/list");
    for (const auto& broken : no_messages())
        for (const auto& headers : {session, listing}) {
            const auto answer = client.post(headers, broken.text);
            CHECK(answer.status == 400);
            check_answer(broken, answer.json());
        }
    for (const auto& broken : wrong_members()) {
        const auto answer = client.post(session, broken.text);
        // To an older client 404 says that its session ended.
        CHECK(answer.status == 200);
        check_answer(broken, answer.json());
    }
    for (const auto& broken : wrong_modern_members())
        check_answer(broken, client.post(modern_headers("tools/call", "confirm"), broken.text).json());

    CHECK(client.post(session, json::serialize(good)).status == 200);
    CHECK(client.post(listing, json::serialize(modern(1, "tools/list"))).status == 200);
}

TEST_CASE(
    "over HTTP, what JSON-RPC never answers is refused where it is broken, and accepted where it is good") {
    HttpServed served;
    HttpClient client(served);
    const auto session = client.begin_session();
    struct Row {
        std::string text;
        int in_session, modern;
    };
    const std::vector<Row> rows{
        {R"({"result":{}})", 400, 400},
        {R"({"jsonrpc":"2.0","id":null,"result":{}})", 400, 400},
        {R"({"jsonrpc":"2.0","method":"x","params":3})", 400, 400},
        {R"({"jsonrpc":"2.0","id":77,"result":{}})", 202, 400},
        {R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":[]}})", 202, 202},
        {R"([{"jsonrpc":"2.0","method":"x"}])", 400, 400},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto old = client.post(session, row.text);
        CHECK(old.status == row.in_session);
        if (old.status == 400) CHECK(code_of(old.json()) != rpc::internal_error);
        CHECK(client.post(modern_headers("x"), row.text).status == row.modern);
    }
}

TEST_CASE("a second request with the id of one in flight is refused, and the first goes on") {
    StdioServed served;
    served.ask(initialize("2025-11-25"));
    const auto question = served.ask(call(7, "confirm"));
    CHECK(at(question, "method") == "elicitation/create");

    const auto refused = served.ask(request(7, "tools/list"));
    CHECK(code_of(refused) == rpc::invalid_request);
    CHECK(at(refused, "id") == 7);

    const auto answer = served.ask(
        {{"jsonrpc", "2.0"}, {"id", at(question, "id")}, {"result", json::object{{"action", "decline"}}}});
    CHECK(at(answer, "id") == 7);
    CHECK(text_of(answer) == "confirm=decline {} {\"step\":1}");
}

TEST_CASE("a line of 100 MiB is refused without being kept") {
    StdioServed served;
    served.ask(good);
    const std::string block(1'048'576, 'x');
    const auto held_before = bytes_held();
    std::size_t held_most = 0;
    for (int i = 0; i < 100; ++i) {
        served.write(block);
        held_most = std::max(held_most, bytes_held());
    }
    served.say("");

    const auto refused = served.hear();
    CHECK(code_of(refused) == rpc::invalid_request);
    CHECK_FALSE(refused.contains("id"));
    CHECK(at(served.ask(good), "id") == "good");
    // The limit, twice while a buffer grows; afterwards what a reader keeps to be quick.
    CHECK(held_most < held_before + 4'000'000);
    CHECK(bytes_held() < held_before + 1'500'000);
}

TEST_CASE("a body of 100 MiB is refused without being kept, announced or in chunks") {
    HttpServed served;
    HttpClient good_client(served);
    const auto session = good_client.begin_session();
    good_client.post(session, json::serialize(good));
    const std::string block(1'048'576, 'x');
    const auto held_before = bytes_held();
    std::size_t held_most = 0;
    const auto pour = [&](HttpClient& client, const std::string& head, const std::string& piece) {
        client.connection.send("POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" +
                               head + "\r\n\r\n");
        try {
            for (int i = 0; i < 100; ++i) {
                client.connection.send(piece);
                held_most = std::max(held_most, bytes_held());
            }
        } catch (const std::runtime_error&) {
            // The server closed: it need not listen to the end.
            return;
        }
        CHECK(client.read().status == 413);
    };
    HttpClient announced(served), chunked(served);
    pour(announced, "Content-Length: 104857600", block);
    pour(chunked, "Transfer-Encoding: chunked", "100000\r\n" + block + "\r\n");

    CHECK(good_client.post(session, json::serialize(good)).status == 200);
    CHECK(held_most < held_before + 6'000'000);
    CHECK(bytes_held() < held_before + 1'000'000);
}

TEST_CASE("10,000 broken messages in a row leave nothing behind on stdio") {
    StdioServed served;
    served.ask(good);
    const auto held_before = bytes_held();
    for (int i = 0; i < 10'000; ++i) {
        served.say(i % 2 == 0 ? "{\"jsonrpc\":\"2.0\"" : R"({"jsonrpc":"2.0","method":5})");
        CHECK(code_of(served.hear()) == (i % 2 == 0 ? rpc::parse_error : rpc::invalid_request));
    }
    CHECK(at(served.ask(good), "id") == "good");
    CHECK(bytes_held() < held_before + 200'000);
}

TEST_CASE("10,000 messages without an answer leave nothing behind in a session") {
    HttpServed served;
    HttpClient client(served);
    const auto session = client.begin_session();
    client.post(session, json::serialize(good));
    const auto held_before = bytes_held();
    for (int i = 0; i < 10'000; ++i)
        REQUIRE(client
                    .post(session, i % 2 == 0 ? R"({"jsonrpc":"2.0","method":"notifications/none"})"
                                              : R"({"jsonrpc":"2.0","id":77,"result":{}})")
                    .status == 202);
    CHECK(client.post(session, json::serialize(good)).status == 200);
    CHECK(bytes_held() < held_before + 500'000);
}

TEST_CASE("a client that sends half a message and goes leaves the others alone") {
    {
        StdioServed served;
        served.write(R"({"jsonrpc":"2.0","id":1,"method":"pi)");
        served.end_input();
        CHECK(code_of(served.hear()) == rpc::parse_error);
        CHECK(served.ended());
    }
    HttpServed served;
    HttpClient stays(served);
    const auto session = stays.begin_session();
    for (const auto* half :
         {"POST /mcp HT", "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Le",
          "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n{\"jsonrpc\"",
          "POST /mcp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a"}) {
        HttpClient goes(served);
        goes.connection.send(half);
        goes.connection.leave();
        CHECK(stays.post(session, json::serialize(good)).status == 200);
    }
}
