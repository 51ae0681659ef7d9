#include <cstdio>
#include <fstream>

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/net/client.h"

using namespace casefile;
using namespace casefile::net;
using Catch::Contains;
using Catch::EndsWith;

namespace {

std::string output_of(const std::string& command) {
    std::FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string output;
    char bytes[4'096];
    while (const auto got = std::fread(bytes, 1, sizeof bytes, pipe)) output.append(bytes, got);
    ::pclose(pipe);
    return output;
}

struct Certificate {
    TemporaryFolder folder;
    std::string certificate = folder.path() / "certificate.pem";
    std::string key = folder.path() / "key.pem";

    Certificate() {
        output_of(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj "
            "/CN=localhost"
            " -addext subjectAltName=DNS:localhost -out " +
            certificate + " -keyout " + key + " 2>&1");
    }

    ListenOptions options() const { return {.certificate_file = certificate, .key_file = key}; }

    /// What the server answers to `request`, checked against this certificate.
    std::string ask(const Listener& listener, const std::string& request,
                    const std::string& flags = {}) const {
        const auto file = folder.path() / "request";
        std::ofstream(file) << request;
        return output_of(
            "timeout 30 openssl s_client -quiet -verify_return_error -verify_hostname localhost -CAfile " +
            certificate + " " + flags + " -connect 127.0.0.1:" + std::to_string(listener.port()) + " <" +
            file.string() + " 2>/dev/null");
    }
};

}  // namespace

TEST_CASE("requests and streams pass through TLS 1.2 and 1.3") {
    const std::string version = GENERATE("-tls1_2", "-tls1_3");
    const Certificate certificate;
    const auto listener =
        Listener::open(certificate.options(), [](Request request, std::shared_ptr<Exchange> exchange) {
            if (request.path != "/stream") return echo(std::move(request), std::move(exchange));
            exchange->begin_stream({});
            exchange->send({.data = "event"});
            exchange->end_stream();
        }).value();
    const std::string body(300'000, 'x');

    const auto answer = certificate.ask(*listener,
                                        "POST /tls HTTP/1.1\r\nContent-Length: 300000\r\n\r\n" + body +
                                            "GET /stream HTTP/1.1\r\nConnection: close\r\n\r\n",
                                        version);

    CHECK(answer.find("POST /tls? " + body) != std::string::npos);
    CHECK_THAT(answer, EndsWith("data: event\n\n\r\n0\r\n\r\n"));
}

TEST_CASE("TLS older than 1.2, or none at all, gets no answer") {
    const Certificate certificate;
    const auto listener = Listener::open(certificate.options(), echo).value();

    CHECK(certificate.ask(*listener, "GET / HTTP/1.1\r\n\r\n", "-tls1_1 -cipher ALL:@SECLEVEL=0").empty());
    Client plain(listener->port());
    plain.send("GET / HTTP/1.1\r\n\r\n");
    CHECK_THAT(plain.read_to_end(), !Contains("HTTP/1.1"));
}

TEST_CASE("a client that never finishes its TLS handshake is closed") {
    const Certificate certificate;
    auto options = certificate.options();
    options.limits.request_time = std::chrono::milliseconds(30);
    const auto listener = Listener::open(options, echo).value();
    Client client(listener->port());
    client.send("\x16\x03\x01");
    client.read_to_end();
    CHECK(listener->connections() == 0);
}

TEST_CASE("a handler learns that its client left through TLS") {
    const Certificate certificate;
    Signal gone;
    const auto listener =
        Listener::open(certificate.options(), [&](const Request&, const std::shared_ptr<Exchange>& exchange) {
            exchange->when_gone([&gone, held = exchange] { gone.set(); });
            exchange->begin_stream({});
        }).value();
    output_of(
        "printf 'GET / HTTP/1.1\\r\\n\\r\\n' | timeout 30 openssl s_client -quiet -no_ign_eof -connect "
        "127.0.0.1:" +
        std::to_string(listener->port()) + " 2>/dev/null");
    CHECK(gone.wait());
}

TEST_CASE("a certificate that cannot be used is an error that names its file") {
    const Certificate certificate;
    auto options = certificate.options();
    options.key_file = certificate.folder.path() / "missing.pem";
    const auto missing = Listener::open(options, echo);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind == ErrorKind::unavailable);
    CHECK_THAT(missing.error().message, Contains("missing.pem"));
    options.key_file.clear();
    CHECK_FALSE(Listener::open(options, echo));
}
