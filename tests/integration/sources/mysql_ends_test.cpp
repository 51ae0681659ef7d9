// However a query ends early, the server ends it too, and nobody takes a part for the whole.

#include "sources/mysql/killer.h"
#include "tests/integration/sources/servers.h"
#include "tests/support/tcp_proxy.h"

namespace casefile::sources::mysql {
namespace {

constexpr const char* million = "SELECT seq, REPEAT('x', 100) FROM seq_1_to_1000000";
/// Reading these to the end takes many minutes: whoever returns in seconds has ended them.
constexpr const char* a_billion = "SELECT seq, REPEAT('x', 100) FROM seq_1_to_1000000000";
/// Far more than ending a statement takes on a busy machine, far less than the statement.
constexpr auto soon = 10s;

std::chrono::milliseconds since(Steady::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - start);
}

/// Waits until no such statement runs on the server; false when that takes too long. The client hears of the
/// end a moment before the process list does.
bool ends_on_server(const std::string& like) {
    for (const auto start = Steady::now(); since(start) < soon;)
        if (mariadb().running(like) == "0") return true;
    return false;
}

/// Waits until such a statement runs.
bool begins_on_server(const std::string& like) {
    for (const auto start = Steady::now(); since(start) < 30s;)
        if (mariadb().running(like) != "0") return true;
    return false;
}

}  // namespace

TEST_CASE("a million rows stream through whole") {
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    Collected got;

    const auto end = source->query(million, got, within(60s));

    REQUIRE(end);
    CHECK(end->complete);
    CHECK(end->rows == 1'000'000);
}

TEST_CASE("a stream that the server cuts short at the deadline is an error, not an end") {
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    Collected got;

    const auto end =
        source->query("SELECT seq, REPEAT('x', 1000), IF(seq > 1000, SLEEP(0.01), 0) FROM seq_1_to_1000000",
                      got, within(500ms));

    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::timed_out);
    CHECK(got.seen > 0);
    CHECK(got.seen < 1'000'000);
}

TEST_CASE("a stream that somebody kills is an error, not an end") {
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    Collected got;
    got.on_row = [&] {
        if (got.seen != 10) return;
        const auto id = mariadb().ask(
            "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT seq, REPEAT%' AND user = "
            "'reader'");
        mariadb().as_admin("KILL QUERY " + id);
    };

    const auto end = source->query("SELECT seq, REPEAT('x', 1000) FROM seq_1_to_1000000", got, within(30s));

    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::unavailable);
    CHECK(end.error().message ==
          "PROD mysql: the server ended the statement: Query execution was interrupted");
    CHECK(got.seen < 1'000'000);
}

TEST_CASE("a deadline ends the statement on the server as well") {
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    Collected got;
    const auto start = Steady::now();

    const auto end = source->query("SELECT SLEEP(60) AS deadline_nap", got, within(400ms));

    CHECK(since(start) < soon);
    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::timed_out);
    CHECK(end.error().message == "PROD mysql: the statement ran out of time");
    CHECK(ends_on_server("%deadline_nap%"));
}

TEST_CASE("a stop request ends the statement on the server quickly") {
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    std::stop_source stop;
    Steady::time_point asked;
    bool began = false;
    std::thread person([&] {
        began = begins_on_server("%stop_nap%");
        asked = Steady::now();
        stop.request_stop();
    });
    Collected got;

    const auto end = source->query("SELECT SLEEP(60) AS stop_nap", got, within(60s, stop.get_token()));

    person.join();
    REQUIRE(began);
    CHECK(since(asked) < soon);
    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::cancelled);
    CHECK(ends_on_server("%stop_nap%"));
}

TEST_CASE("a cancelled call tells that its KILL QUERY worked") {
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    std::stop_source stop;
    bool began = false;
    std::thread person([&] {
        began = begins_on_server("%told_nap%");
        stop.request_stop();
    });
    std::vector<std::string> told;
    auto control = within(60s, stop.get_token());
    control.tell = [&](const std::string& line) { told.push_back(line); };
    Collected got;

    const auto end = source->query("SELECT SLEEP(60) AS told_nap", got, control);

    person.join();
    REQUIRE(began);
    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::cancelled);
    REQUIRE(told.size() == 1);
    CHECK_THAT(told[0], Catch::StartsWith("KILL QUERY ") &&
                            Catch::Contains("because the call was cancelled: worked, the statement ended "
                                            "within "));
    CHECK(ends_on_server("%told_nap%"));
}

TEST_CASE(
    "a statement that outlives its time limit is killed, and the server's process list shows that it is "
    "gone") {
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    std::vector<std::string> told;
    auto control = within(300ms);
    control.tell = [&](const std::string& line) { told.push_back(line); };
    Collected got;

    // Beneath the policy: a server on which the limit means nothing, as MySQL's for all but SELECT.
    const auto end =
        source->query("SET STATEMENT max_statement_time=0 FOR SELECT SLEEP(60) AS endless_nap", got, control);

    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::timed_out);
    CHECK(end.error().layer == Layer::tunnel);
    REQUIRE(told.size() == 1);
    CHECK_THAT(told[0],
               Catch::StartsWith("KILL ") &&
                   Catch::Contains(" because nothing came from the server: worked, the server's process "
                                   "list does not show its connection any more"));
    CHECK(ends_on_server("%endless_nap%"));
}

TEST_CASE("a statement that the server has not read when it is given up never begins there") {
    TcpProxy tunnel(mariadb().endpoint().port);
    auto endpoint = mariadb().endpoint();
    endpoint.port = tunnel.port;
    const auto source = make_mysql_source(endpoint, {});
    std::vector<std::string> told;
    auto control = within(1s);
    control.tell = [&](const std::string& line) { told.push_back(line); };
    Collected got;

    // The judge of the plan is the last to be heard before the statement is sent.
    const auto end =
        source->query("SELECT SLEEP(60) AS late_nap FROM seq_1_to_2", got, control, [&](const Result<Plan>&) {
            tunnel.hold_open_ones();
            return Result<void>();
        });

    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::timed_out);
    REQUIRE(told.size() == 1);
    const auto kill = told[0].substr(0, told[0].find(" because"));
    const auto number = kill.substr(kill.rfind(' '));
    CHECK(mariadb().ask("SELECT COUNT(*) FROM information_schema.processlist WHERE id = " + number) == "0");
}

TEST_CASE("nothing is told of killing where nothing was killed") {
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    auto control = within(5s);
    control.tell = [&](const std::string& line) { FAIL(line); };
    Collected got;

    REQUIRE(source->query("SELECT 1", got, control));
    CHECK_FALSE(source->query("SELECT 1 FROM no_such_table", got, control));
}

TEST_CASE("a number is not killed on another server that took over the port") {
    const json::object confirmed{
        {"hostname", "elsewhere"}, {"port", "1"}, {"datadir", "/"}, {"server_id", "1"}};
    const auto endpoint = mariadb().endpoint();
    auto victim = mariadb().admin();
    const auto number = victim.query("SELECT CONNECTION_ID()").value()[0][0].value();
    Killer killer(endpoint, number, confirmed, {});

    killer.abandoned();

    CHECK_THAT(killer.told(),
               Catch::Contains("not sent, another server answers behind " + endpoint.address()));
    CHECK(victim.query("SELECT 1"));
}

TEST_CASE("a stop request that comes while the statement begins ends it as well") {
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    for (int times = 0; times < 20; ++times) {
        std::stop_source stop;
        std::thread person([&] { stop.request_stop(); });
        Collected got;
        const auto start = Steady::now();

        const auto end = source->query("SELECT SLEEP(60)", got, within(60s, stop.get_token()));

        person.join();
        REQUIRE(since(start) < soon);
        REQUIRE_FALSE(end);
        CHECK(end.error().kind == ErrorKind::cancelled);
    }
}

TEST_CASE("a stop request in the middle of the rows ends them quickly") {
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    std::stop_source stop;
    Collected got;
    got.on_row = [&] {
        if (got.seen == 10) stop.request_stop();
    };
    const auto start = Steady::now();

    const auto end = source->query(a_billion, got, within(60s, stop.get_token()));

    CHECK(since(start) < soon);
    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::cancelled);
    CHECK(ends_on_server("%seq_1_to_1000000000%"));
}

TEST_CASE("a sink that has enough ends a billion rows at once, on the server as well") {
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    Collected got;
    got.rows_max = 10;
    const auto start = Steady::now();

    const auto end = source->query(a_billion, got, within(60s));

    CHECK(since(start) < soon);
    REQUIRE(end);
    CHECK_FALSE(end->complete);
    CHECK(end->rows == 10);
    CHECK(ends_on_server("%seq_1_to_1000000000%"));
    Collected next;
    REQUIRE(source->query("SELECT 'fine'", next, within(5s)));
    CHECK(next.first() == "fine");
}

TEST_CASE("a connection that the server closed while it lay idle is replaced without a word") {
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    Collected first, second;
    REQUIRE(source->query("SELECT CONNECTION_ID()", first, within(5s)));
    mariadb().as_admin("KILL CONNECTION " + first.first());

    const auto end = source->query("SELECT CONNECTION_ID()", second, within(5s));

    REQUIRE(end);
    CHECK(first.first() != second.first());
}

TEST_CASE("queries in a row share one connection") {
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    Collected first, second;

    REQUIRE(source->query("SELECT CONNECTION_ID()", first, within(5s)));
    REQUIRE(source->query("SELECT CONNECTION_ID()", second, within(5s)));

    CHECK(first.first() == second.first());
}

TEST_CASE(
    "no more connections are opened than the limit allows, and a call waits for a free one until its "
    "deadline") {
    Limits limits;
    limits.connections_max = 1;
    const auto source = make_mysql_source(mariadb().endpoint(), limits);
    std::stop_source stop;
    std::thread long_call([&] {
        Collected ignored;
        static_cast<void>(
            source->query("SELECT SLEEP(60) AS pool_nap", ignored, within(60s, stop.get_token())));
    });
    REQUIRE(begins_on_server("%pool_nap%"));
    Collected got;

    const auto end = source->query("SELECT 1", got, within(200ms));

    stop.request_stop();
    long_call.join();
    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::limit_reached);
    CHECK(end.error().message == "all 1 connections to PROD mysql are in use");
}

}  // namespace casefile::sources::mysql
