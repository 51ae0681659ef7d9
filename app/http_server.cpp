#include "app/http_server.h"

#include <arpa/inet.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "app/token.h"
#include "app/version.h"
#include "base/log.h"
#include "base/loopback.h"
#include "base/text.h"
#include "mcp/http_transport.h"
#include "mcp/worker_pool.h"
#include "net/guard.h"
#include "net/listener.h"
#include "net/oauth.h"

namespace casefile::app {
namespace {

/// What is still running when the server is told to end gets this long.
constexpr std::chrono::seconds grace{5};

sigset_t ending_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

/// As it stands in a URL, and in the Host field of who follows it.
std::string in_url(const std::string& host) {
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

/// The names by which clients may call this server: the configured ones, and the address it listens on
/// unless that stands for all.
std::set<std::string> own_names(const HttpAddress& at, const HttpConfig& http) {
    std::set<std::string> names(http.hosts.begin(), http.hosts.end());
    if (at.host != "0.0.0.0" && at.host != "::") names.insert(in_url(at.host));
    return names;
}

net::Response json_response(int status, const json::object& body) {
    return {.status = status, .content_type = "application/json", .body = json::serialize(body)};
}

/// Can evidence be filed? Without it no call is made.
std::string store_state(const std::filesystem::path& home) {
    if (access((home / "cases").c_str(), W_OK) != 0) return "the folder of cases cannot be written";
    std::error_code failure;
    const auto space = std::filesystem::space(home, failure);
    constexpr std::uintmax_t least = 16 * 1024 * 1024;
    if (!failure && space.available < least) return "less than 16 MiB are free";
    return {};
}

/// Each endpoint by its variable, without addresses: what is known of it, and nothing is contacted for that.
net::Response ready(const Installation& installation, const tools::Workbench& bench, bool ending) {
    const auto problem = store_state(bench.cases.store().home());
    json::array endpoints;
    for (const auto& endpoint : installation.environments().endpoints)
        endpoints.push_back(
            json::object{{"variable", endpoint.variable}, {"state", bench.states.of(endpoint)}});
    const bool is_ready = problem.empty() && !ending;
    return json_response(is_ready ? 200 : 503, {{"ready", is_ready},
                                                {"ending", ending},
                                                {"store", problem.empty() ? "writable" : problem},
                                                {"endpoints", std::move(endpoints)}});
}

/// How many clients may be connected: some descriptors are for the files and sources of calls. The limit of
/// this process is raised as far as it may be.
std::size_t connections_allowed(std::size_t wanted) {
    constexpr rlim_t for_calls = 256;
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
    files.rlim_cur = std::min(files.rlim_max, std::max<rlim_t>(files.rlim_cur, wanted + for_calls));
    (void)setrlimit(RLIMIT_NOFILE, &files);
    const auto left = files.rlim_cur - std::min(for_calls, files.rlim_cur / 2);
    return static_cast<std::size_t>(std::min<rlim_t>(wanted, left));
}

net::ListenOptions listen_options(const HttpAddress& address, const Installation& installation) {
    const auto& config = installation.config();
    net::ListenOptions options{.address = address.host,
                               .port = address.port,
                               .certificate_file = config.http.certificate_file,
                               .key_file = config.http.key_file,
                               .limits = {}};
    options.limits.connections_max = connections_allowed(options.limits.connections_max);
    options.limits.body_bytes_max = static_cast<std::size_t>(config.limits.message_bytes_max);
    return options;
}

std::optional<net::OAuthOptions> oauth_options(const HttpConfig& http) {
    if (!http.oauth) return std::nullopt;
    return net::OAuthOptions{.issuer = http.oauth->issuer,
                             .audience = http.oauth->audience,
                             .jwks_file = http.oauth->jwks_file,
                             .report_problem = [](const Error& error) { log_warning(describe(error)); }};
}

/// For a route that only tells something.
net::Handler only_read(net::Handler handler) {
    return [handler = std::move(handler)](net::Request request, std::shared_ptr<net::Exchange> exchange) {
        if (request.method == "GET" || request.method == "HEAD")
            return handler(std::move(request), std::move(exchange));
        auto refused =
            net::error_response(405, "method: expected GET, got " + printable(shorten(request.method, 20)),
                                "ask for this route with GET");
        refused.headers.add("Allow", "GET, HEAD");
        exchange->respond(std::move(refused));
    };
}

/// For whoever runs this installation: its figures are of every principal. Made by `worker`, as it may look
/// at the disk.
net::Handler for_operator(mcp::WorkerPool& worker, std::function<net::Response()> make) {
    return only_read([&worker, make = std::move(make)](const net::Request& request,
                                                       const std::shared_ptr<net::Exchange>& exchange) {
        if (request.identity.principal != local_principal())
            return exchange->respond(
                net::error_response(403, "this route is for the operator of this installation",
                                    "use the token that casefile token prints"));
        if (!worker.post([make, exchange] { exchange->respond(make()); }))
            exchange->respond(
                net::error_response(503, "too many of these requests are waiting", "try again in a moment"));
    });
}

}  // namespace

void hold_signals() {
    const auto signals = ending_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Result<HttpAddress> parse_http_address(const std::string& text) {
    const auto colon = text.rfind(':');
    const auto digits = colon == std::string::npos ? std::string() : text.substr(colon + 1);
    const bool number =
        !digits.empty() && digits.size() <= 5 && digits.find_first_not_of("0123456789") == std::string::npos;
    const auto port = number ? std::strtoul(digits.c_str(), nullptr, 10) : 65'536;
    auto host = text.substr(0, colon);
    const bool in_brackets = host.starts_with('[') && host.ends_with(']');
    if (in_brackets) host = host.substr(1, host.size() - 2);
    if (host == "localhost") host = "127.0.0.1";
    const int family = in_brackets || host.find(':') != std::string::npos ? AF_INET6 : AF_INET;
    in6_addr bytes{};  // holds an IPv4 address as well
    if (port > 65'535 || inet_pton(family, host.c_str(), &bytes) != 1)
        return invalid("expected a numeric address and a port such as 127.0.0.1:8765, got " +
                       printable(shorten(text, 100)));
    return HttpAddress{host, static_cast<std::uint16_t>(port)};
}

std::string about(Installation& installation) {
    return "home=" + installation.bench().cases.store().home().string() +
           " environments=" + std::to_string(installation.directory().environments().size());
}

int serve_http(Installation& installation, mcp::Server& server, const HttpAddress& at) {
    auto& bench = installation.bench();
    const auto& home = bench.cases.store().home();
    const auto fail = [](const Error& error) {
        log_error("casefile cannot start: " + describe(error));
        return exit_no;
    };
    const auto& http = installation.config().http;
    if (!is_loopback(at.host) && http.certificate_file.empty())
        return fail(denied(
            "--http " + at.host +
                ": expected a loopback address, because the token would travel in plain text",
            "listen on 127.0.0.1, or name http.certificate_file and http.key_file in the configuration"));
    const auto token = installation_token(home);
    if (!token) return fail(token.error());

    const auto oauth = oauth_options(http);
    const auto metadata_url = oauth ? net::resource_metadata_url(oauth->audience) : std::string();
    mcp::HttpTransport transport(server, metadata_url);
    std::atomic<net::Listener*> open{nullptr};
    std::atomic<bool> ending{false};
    // Not one of those that run tools: what the operator asks must be told while all of them wait.
    mcp::WorkerPool operators(1, 64);
    auto authenticate = net::token_authenticator(*token, local_principal());
    if (oauth) {
        auto tokens = net::oauth_authenticator(*oauth, bench.clock);
        if (!tokens) return fail(tokens.error());
        authenticate = net::first_of(std::move(authenticate), *std::move(tokens));
    }
    net::Router router({.hosts = own_names(at, http),
                        .origins = {http.origins.begin(), http.origins.end()},
                        .authenticate = std::move(authenticate),
                        .resource_metadata_url = metadata_url,
                        .scope = oauth ? "read" : ""});
    if (oauth) net::add_resource_metadata(router, *oauth);
    router.add("/mcp", net::Access::token,
               [&](net::Request request, std::shared_ptr<net::Exchange> exchange) {
                   transport.handle(std::move(request), std::move(exchange));
               });
    router.add("/health", net::Access::open,
               only_read([](const net::Request&, const std::shared_ptr<net::Exchange>& exchange) {
                   exchange->respond(json_response(200, {{"status", "ok"}, {"version", version}}));
               }));
    router.add("/ready", net::Access::token,
               for_operator(operators, [&] { return ready(installation, bench, ending); }));
    router.add("/metrics", net::Access::token, for_operator(operators, [&]() -> net::Response {
                   const auto* listener = open.load();
                   const Metrics::Gauges gauges{
                       .calls_in_flight = server.calls_in_flight(),
                       .connections = listener == nullptr ? 0 : listener->connections(),
                       .sessions = transport.sessions()};
                   return {.status = 200,
                           .content_type = "text/plain; version=0.0.4",
                           .body = installation.metrics().text(gauges, home / "cases", bench.clock.now())};
               }));

    const auto options = listen_options(at, installation);
    auto listener = net::Listener::open(
        options,
        [&](net::Request request, std::shared_ptr<net::Exchange> exchange) {
            router.handle(std::move(request), std::move(exchange));
        },
        [&](net::Request& head) { return router.admit(head); });
    if (!listener) return fail(listener.error());
    open = listener->get();
    const auto url = (options.certificate_file.empty() ? "http://" : "https://") + in_url(at.host) + ":" +
                     std::to_string((*listener)->port()) + "/mcp";
    log_info("serving url=" + url + " " + about(installation) +
             "; the token that clients send is printed by: casefile token --home " + home.string());
    std::cout << "listening on " << url << std::endl;

    const auto signals = ending_signals();
    int received = 0;
    sigwait(&signals, &received);
    ending = true;
    log_info("ending: signal " + std::to_string(received));
    // A second one need not wait for calls that do.
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    server.end(grace, mcp::Clients::waiting);
    // Metrics may still be on their way: they must not see a listener that is going.
    open = nullptr;
    operators.drain();
    return exit_done;
}

}  // namespace casefile::app
