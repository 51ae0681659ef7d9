// The stdio transport over pipes, and our client against a child that is this test program itself.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "mcp/lines.h"
#include "mcp/stdio_client.h"
#include "mcp/stdio_transport.h"
#include "tests/unit/mcp/fakes.h"

using namespace casefile;
using namespace casefile::mcp;
using namespace casefile::mcp::test;

namespace {

class Pipe {
  public:
    Pipe() { REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0); }
    ~Pipe() {
        close_reader();
        close_writer();
    }
    int reader() const { return ends_[0]; }
    int writer() const { return ends_[1]; }
    void close_reader() { close_end(ends_[0]); }
    void close_writer() { close_end(ends_[1]); }
    void write(std::string_view bytes) {
        REQUIRE(::write(ends_[1], bytes.data(), bytes.size()) == std::ssize(bytes));
    }

  private:
    static void close_end(int& end) {
        if (end >= 0) ::close(end);
        end = -1;
    }
    std::array<int, 2> ends_{};
};

/// serve_stdio() on a thread of its own, with pipes for the two streams.
class Served {
  public:
    Served()
        : thread_([this] {
              Catalog catalog;
              add_fixtures(catalog);
              WorkerPool pool(2, 64);
              Changes changes;
              Server server({.name = "casefile", .title = "casefile", .version = "0.1.0", .instructions = ""},
                            {.state_key = "key", .message_bytes_max = 1'000}, catalog, pool, changes);
              serve_stdio(server, "local:1000", input.reader(), output.writer());
              output.close_writer();
          }),
          reader_(output.reader(), 100'000) {}

    json::object hear() {
        std::string_view line;
        REQUIRE(reader_.next(line, 20'000) == LineReader::Outcome::line);
        return parse(line);
    }
    bool ended() {
        std::string_view line;
        return reader_.next(line, 20'000) == LineReader::Outcome::end;
    }

    Pipe input, output;

  private:
    std::jthread thread_;
    LineReader reader_;
};

std::string line_of(const json::object& message) { return json::serialize(message) + "\n"; }

StdioClientOptions child(StdioClientOptions::Era era = StdioClientOptions::Era::modern_first) {
    // -o keeps Catch's own report away from the protocol.
    return {
        .command = {"/proc/self/exe", "[.child]", "-o", "/dev/null"}, .errors_file = "/dev/null", .era = era};
}

/// A server of one line of shell: answers the nth request with the nth of these.
StdioClientOptions script(const std::vector<std::string>& answers) {
    std::string text;
    for (const auto& answer : answers) text += "read line; printf '%s\\n' '" + answer + "';";
    return {.command = {"/bin/sh", "-c", text + "read line; read line"},
            .probe_time_max = std::chrono::milliseconds(50)};
}

CallListener agreeing(std::vector<std::string>& heard) {
    return {.progress =
                [&](double done, std::optional<double> total, const std::string& message) {
                    heard.push_back(std::to_string(int(done)) + "/" + std::to_string(int(total.value_or(0))) +
                                    " " + message);
                },
            .ask =
                [&](const Question& question) {
                    heard.push_back(question.message);
                    return HumanAnswer{.action = AnswerAction::accept, .content = {{"confirm", true}}};
                }};
}

}  // namespace

TEST_CASE("serves a client on its standard streams", "[.child]") {
    const int output = take_standard_output();
    std::puts("a library prints");
    Catalog catalog;
    add_fixtures(catalog);
    WorkerPool pool(2, 64);
    Changes changes;
    Server server(
        {.name = "casefile", .title = "casefile", .version = "0.1.0", .instructions = "Open a case first."},
        {.state_key = "key"}, catalog, pool, changes);
    serve_stdio(server, "local:1000", STDIN_FILENO, output);
}

TEST_CASE("lines are found however they are cut, and long ones cost no memory") {
    Pipe pipe;
    LineReader reader(pipe.reader(), 10);
    std::string_view line;
    using Outcome = LineReader::Outcome;

    pipe.write("one\ntw");
    REQUIRE(reader.next(line) == Outcome::line);
    CHECK(line == "one");
    CHECK(reader.next(line, 0) == Outcome::timed_out);
    pipe.write("o\n\n" + std::string(10, 'a') + "\n" + std::string(11, 'b') + "\n");
    REQUIRE(reader.next(line) == Outcome::line);
    CHECK(line == "two");
    REQUIRE(reader.next(line) == Outcome::line);
    CHECK(line.empty());
    REQUIRE(reader.next(line) == Outcome::line);
    CHECK(line == "aaaaaaaaaa");
    CHECK(reader.next(line) == Outcome::oversized);
    for (int i = 0; i < 10; ++i) {
        pipe.write(std::string(1'000, 'c'));
        CHECK(reader.next(line, 0) == Outcome::timed_out);
        CHECK(reader.bytes_kept() <= 2'000);
    }
    pipe.write("c\nlast");
    CHECK(reader.next(line) == Outcome::oversized);
    pipe.close_writer();
    REQUIRE(reader.next(line) == Outcome::line);
    CHECK(line == "last");
    CHECK(reader.next(line) == Outcome::end);
}

TEST_CASE("a long line without an end is told once") {
    Pipe pipe;
    LineReader reader(pipe.reader(), 10);
    std::string_view line;
    pipe.write(std::string(1'000, 'c'));
    pipe.close_writer();

    CHECK(reader.next(line) == LineReader::Outcome::oversized);
    CHECK(reader.next(line) == LineReader::Outcome::end);
}

TEST_CASE("a writer without patience gives up on an end that does not read") {
    Pipe pipe;
    LineWriter writer(pipe.writer());
    writer.limit_patience(std::chrono::milliseconds(0));

    CHECK_FALSE(writer.write(std::string(2'000'000, 'x')));
    CHECK(writer.failed());
}

TEST_CASE("serving takes one message a line, refuses what is too long, and ends with its input") {
    Served served;
    served.input.write("\r\n\n" + line_of(request(1, "ping")));
    CHECK(at(served.hear(), "id") == 1);

    served.input.write(std::string(5'000, 'x') + "\n" + json::serialize(request(2, "ping")) + "\r\n");
    const auto refused = served.hear();
    CHECK(code_of(refused) == -32600);
    CHECK_FALSE(refused.contains("id"));
    CHECK(at(served.hear(), "id") == 2);

    served.input.write(json::serialize(request(3, "ping")));
    served.input.close_writer();
    CHECK(at(served.hear(), "id") == 3);
    CHECK(served.ended());
}

TEST_CASE("a call that runs when the input ends gets its answer out") {
    Served served;
    served.input.write(line_of(modern_call(1, "echo")));
    served.input.close_writer();

    CHECK(text_of(served.hear()) == "nothing");
    CHECK(served.ended());
}

TEST_CASE("a call that does not end is stopped when the input has ended") {
    Served served;
    served.input.write(line_of(modern_call(1, "wait")));
    served.input.close_writer();

    CHECK(served.ended());
}

TEST_CASE("serving ends when nobody reads any more") {
    Served served;
    served.output.close_reader();
    served.input.write(line_of(request(1, "ping")) + line_of(request(2, "ping")));
}

TEST_CASE("the client reaches a child in either era, with progress and questions") {
    using Era = StdioClientOptions::Era;
    struct Row {
        Era era;
        std::string handshake, revision, key;
    };
    const std::vector<Row> table{{Era::modern_first, "2025-11-25", "2026-07-28", "confirm"},
                                 {Era::modern, "2025-11-25", "2026-07-28", "confirm"},
                                 {Era::handshake, "2025-11-25", "2025-11-25", "confirm"},
                                 {Era::handshake, "2025-06-18", "2025-06-18", "confirm"}};
    for (const auto& row : table) {
        INFO(row.revision << " asked as " << row.handshake);
        auto options = child(row.era);
        options.handshake_revision = row.handshake;
        auto client = StdioClient::connect(options);
        REQUIRE(client);
        CHECK((*client)->revision().name == row.revision);
        CHECK(string_or((*client)->server_info(), "version") == "0.1.0");
        CHECK((*client)->instructions() == "Open a case first.");

        const auto tools = (*client)->list_tools();
        REQUIRE(tools);
        CHECK(tools->size() == 7);

        std::vector<std::string> heard;
        const auto echoed = (*client)->call_tool("echo", {{"text", "zażółć"}});
        REQUIRE(echoed);
        CHECK(echoed->text == "zażółć");
        CHECK(string_or(echoed->structured, "said") == "zażółć");
        const auto confirmed = (*client)->call_tool("confirm", {}, agreeing(heard));
        REQUIRE(confirmed);
        CHECK(confirmed->text == R"(confirm=accept {"confirm":true} {"step":1})");
        REQUIRE((*client)->call_tool("progress", {}, agreeing(heard)));
        CHECK(heard == std::vector<std::string>{"Please confirm.", "1/2 half"});
        CHECK((*client)->call_tool("confirm", {})->text == R"(confirm=cancel {} {"step":1})");
        CHECK((*client)->call_tool("refuse", {})->is_error);
        CHECK((*client)->call_tool("nothing", {}).error().kind == ErrorKind::invalid_argument);
        CHECK((*client)->request("nothing", {}).error().kind == ErrorKind::not_found);

        CHECK((*client)->end() == 0);
        CHECK((*client)->call_tool("echo", {}).error().kind == ErrorKind::unavailable);
    }
}

TEST_CASE("a client that cannot ask says so") {
    for (const auto era : {StdioClientOptions::Era::modern, StdioClientOptions::Era::handshake}) {
        auto options = child(era);
        options.answers_questions = false;
        auto client = StdioClient::connect(options);
        REQUIRE(client);

        CHECK((*client)->call_tool("confirm", {})->text == "nobody can be asked");
    }
}

TEST_CASE("the client falls back to the handshake on any error, and on silence") {
    const std::string hello =
        R"({"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-06-18","capabilities":{}}})";
    for (const auto& answer :
         {std::string(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"not initialized"}})"),
          std::string(R"({"jsonrpc":"2.0","id":1,"result":{"supportedVersions":["2027-01-01"]}})")}) {
        auto client = StdioClient::connect(script({answer, hello}));
        REQUIRE(client);
        CHECK((*client)->revision().name == "2025-06-18");
    }
    // A server that says nothing to the probe; the cancellation of the probe is the second line that it
    // reads.
    auto silent = script({});
    silent.command.back() =
        "read probe; read cancel; read line; printf '%s\\n' '" + hello + "'; read line; read line";
    auto client = StdioClient::connect(silent);
    REQUIRE(client);
    CHECK((*client)->revision().name == "2025-06-18");
}

TEST_CASE("the client tells when a server cannot be started, or ends too early") {
    const auto missing = StdioClient::connect({.command = {"/nowhere/casefile"}});
    REQUIRE_FALSE(missing);
    CHECK(missing.error().message == "/nowhere/casefile: it could not be started: No such file or directory");

    const auto brief = StdioClient::connect({.command = {"/bin/true"}});
    REQUIRE_FALSE(brief);
    CHECK(brief.error().message == "the server has ended");
}

TEST_CASE("the child finds the variables that it was given, before ours") {
    auto client = StdioClient::start({.command = {"/bin/sh", "-c", "echo $CASEFILE_TEST $HOME; exit 3"},
                                      .environment = {{"CASEFILE_TEST", "a"}, {"HOME", "b"}}});
    REQUIRE(client);

    CHECK((*client)->read_line(std::chrono::seconds(20)) == "a b");
    CHECK((*client)->end() == 3);
}

TEST_CASE("the child can be ended by a broken pipe, although we ignore that signal") {
    auto client = StdioClient::start({.command = {"/bin/sh", "-c", "kill -PIPE $$; echo ignored"}});
    REQUIRE(client);

    CHECK_FALSE((*client)->read_line(std::chrono::seconds(20)));
}

TEST_CASE("a child that does not end is killed") {
    auto client = StdioClient::start({.command = {"/bin/sh", "-c", "exec sleep 600"}});
    REQUIRE(client);

    CHECK((*client)->end(std::chrono::milliseconds(1)) == -1);
}
