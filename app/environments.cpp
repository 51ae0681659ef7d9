#include "app/environments.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/url.hpp>
#include <charconv>
#include <fstream>

#include "base/loopback.h"
#include "base/text.h"

extern char** environ;

namespace casefile::app {
namespace {

using sources::Endpoint;

struct Pattern {
    SourceKind kind;
    std::string_view prefix, suffix, example;
};

constexpr Pattern patterns[] = {
    {SourceKind::mysql, "MYSQL_", "_URL", "mysql://user:password@127.0.0.1:3307/database"},
    {SourceKind::redis, "REDIS_", "_URL", "redis://:password@127.0.0.1:6380/0"},
    {SourceKind::kafka, "KAFKA_", "_BROKERS", "127.0.0.1:9092"},
};

constexpr const char* encode_hint = "; @ : / # % in user or password are written %40 %3A %2F %23 %25";

/// The label between prefix and suffix, "" when the name has another shape.
std::string_view label_of(std::string_view name, const Pattern& pattern) {
    if (name.size() <= pattern.prefix.size() + pattern.suffix.size() || !name.starts_with(pattern.prefix) ||
        !name.ends_with(pattern.suffix))
        return {};
    return name.substr(pattern.prefix.size(), name.size() - pattern.prefix.size() - pattern.suffix.size());
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= 40 && std::all_of(label.begin(), label.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

std::string expected(const Pattern& pattern) { return "expected the form " + std::string(pattern.example); }

Result<void> check_host(const std::string& host, const Config& config) {
    if (is_loopback(host)) return {};
    if (std::find(config.hosts_allowed.begin(), config.hosts_allowed.end(), host) !=
        config.hosts_allowed.end())
        return {};
    return denied(
        "its host is not loopback; open a tunnel to it, or add the host to hosts_allowed in the "
        "configuration");
}

/// ssl-mode as MySQL's own clients name it. This driver encrypts only when it can verify, so REQUIRED
/// verifies too.
Result<void> read_mysql_options(const boost::urls::url_view& url, Endpoint& endpoint) {
    for (const auto& option : url.params()) {
        if (option.key == "ssl-mode") {
            const auto mode = upper(option.value);
            if (mode == "DISABLED" || mode == "PREFERRED")
                endpoint.tls = false;
            else if (mode == "REQUIRED" || mode == "VERIFY_CA" || mode == "VERIFY_IDENTITY")
                endpoint.tls = true;
            else
                return invalid(
                    "ssl-mode: expected DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY");
        } else if (option.key == "ssl-ca") {
            endpoint.tls_ca = option.value;
        } else {
            return invalid("unknown option '" + printable(option.key) + "'; known: ssl-mode, ssl-ca");
        }
    }
    return {};
}

Result<Endpoint> read_url(const Pattern& pattern, const std::string& value, const Config& config) {
    const auto parsed = boost::urls::parse_uri(value);
    if (!parsed) return invalid(expected(pattern) + "; it is no URL" + encode_hint);
    const auto& url = *parsed;
    const std::string scheme(url.scheme());
    if (scheme == "rediss")
        return invalid(
            "rediss:// needs TLS to Redis, which this build has not; use redis:// through an encrypted "
            "tunnel");
    if (scheme != name_of(pattern.kind))
        return invalid(expected(pattern) + ", got the scheme '" + printable(scheme) + "'");
    Endpoint endpoint{.kind = pattern.kind};
    endpoint.host = url.host_address();
    endpoint.port = url.port_number();
    if (endpoint.host.empty() || endpoint.port == 0)
        return invalid(expected(pattern) + ", got no host or no port" + encode_hint);
    if (auto done = check_host(endpoint.host, config); !done) return done.error();
    endpoint.user = url.user();
    endpoint.password = Secret(url.password());
    const std::string path = url.path();
    endpoint.database = path.size() > 1 ? path.substr(1) : "";
    if (pattern.kind == SourceKind::mysql) {
        if (endpoint.user.empty()) return invalid(expected(pattern) + ", got no user");
        for (const auto* own : {"mysql", "information_schema", "performance_schema", "sys"})
            if (equals_ignoring_case(endpoint.database, own))
                return denied(
                    std::string("its database is ") + own +
                    ", the server's own, which tells of other accounts: name the one to investigate");
        if (auto done = read_mysql_options(url, endpoint); !done) return done.error();
    } else {
        if (endpoint.database.empty()) endpoint.database = "0";
        if (endpoint.database.find_first_not_of("0123456789") != std::string::npos)
            return invalid(expected(pattern) + ": the database is a number");
    }
    return endpoint;
}

/// 0 for what is no port.
std::uint16_t port_of(std::string_view digits) {
    std::uint16_t port = 0;
    const auto* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, port);
    return read.ec == std::errc() && read.ptr == end ? port : std::uint16_t{0};
}

Result<Endpoint> read_brokers(const Pattern& pattern, const std::string& value, const Config& config) {
    Endpoint endpoint{.kind = SourceKind::kafka};
    for (const auto& part : split(value, ',')) {
        const std::string broker(trim(part));
        const auto colon = broker.rfind(':');
        const auto port =
            colon == std::string::npos ? 0 : port_of(std::string_view(broker).substr(colon + 1));
        if (colon == 0 || port == 0)
            return invalid(expected(pattern) +
                           ", several separated by commas, got no host or no port of 1..65535");
        std::string host = broker.substr(0, colon);
        if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
        if (auto done = check_host(host, config); !done) return done.error();
        if (endpoint.brokers.empty()) {
            endpoint.host = host;
            endpoint.port = static_cast<std::uint16_t>(port);
        }
        endpoint.brokers.push_back(broker);
    }
    return endpoint;
}

/// Names that were probably meant for us, with what is wrong about them.
std::optional<tools::Problem> near_miss(const std::string& name) {
    for (const auto& pattern : patterns) {
        const std::string wanted = std::string(pattern.prefix) + "<ENV>" + std::string(pattern.suffix);
        const auto big = upper(name);
        if (!big.starts_with(pattern.prefix)) continue;
        const bool no_label = big == std::string(pattern.prefix) + std::string(pattern.suffix.substr(1));
        if (no_label)
            return tools::Problem{name,
                                  "ignored: the environment is missing from its name; expected " + wanted};
        if (!label_of(big, pattern).empty())
            return tools::Problem{name, "ignored: expected " + wanted + " with a label of A-Z, 0-9 and _"};
    }
    return std::nullopt;
}

/// Equal, or one letter is wrong, missing or too much, or two stand in each other's place.
bool one_slip_apart(std::string_view left, std::string_view right) {
    while (!left.empty() && !right.empty() && left.front() == right.front()) {
        left.remove_prefix(1);
        right.remove_prefix(1);
    }
    while (!left.empty() && !right.empty() && left.back() == right.back()) {
        left.remove_suffix(1);
        right.remove_suffix(1);
    }
    if (left.size() <= 1 && right.size() <= 1) return true;
    return left.size() == 2 && right.size() == 2 && left[0] == right[1] && left[1] == right[0];
}

/// `text` without a last word that tells of an address, as URI and BOOTSTRAP_SERVERS do.
std::string_view without_ending(std::string_view text) {
    for (const std::string_view ending : {"_BOOTSTRAP_SERVERS", "_SERVERS", "_DSN"})
        if (text.ends_with(ending)) return text.substr(0, text.size() - ending.size());
    const auto last = text.rfind('_');
    const auto word = text.substr(last == std::string_view::npos ? 0 : last + 1);
    if (!one_slip_apart(word, "URL") && !one_slip_apart(word, "BROKERS")) return text;
    return last == std::string_view::npos ? "" : text.substr(0, last);
}

/// The name that somebody probably meant: its first word tells the kind.
std::string name_meant_by(const std::string& name) {
    const auto big = upper(name);
    const auto end = big.find('_');
    const auto named = [](const Pattern& pattern, std::string_view label) {
        return std::string(pattern.prefix) + std::string(is_label(label) ? label : "<ENV>") +
               std::string(pattern.suffix);
    };
    for (const auto& pattern : patterns)
        if (one_slip_apart(big.substr(0, end), pattern.prefix.substr(0, pattern.prefix.size() - 1)))
            return named(pattern, end == std::string::npos
                                      ? std::string_view()
                                      : without_ending(std::string_view(big).substr(end + 1)));
    return named(patterns[0], {}) + ", " + named(patterns[1], {}) + " or " + named(patterns[2], {});
}

}  // namespace

Environments find_environments(const Variables& variables, const Config& config) {
    Environments found;
    for (const auto& [name, value] : variables) {
        const Pattern* matched = nullptr;
        std::string_view label;
        for (const auto& pattern : patterns) {
            label = label_of(name, pattern);
            if (is_label(label)) {
                matched = &pattern;
                break;
            }
        }
        if (matched == nullptr) {
            if (auto problem = near_miss(name)) found.problems.push_back(*std::move(problem));
            continue;
        }
        auto endpoint = matched->kind == SourceKind::kafka ? read_brokers(*matched, value, config)
                                                           : read_url(*matched, value, config);
        if (!endpoint) {
            found.problems.push_back({name, endpoint.error().message});
            continue;
        }
        endpoint->env = label;
        endpoint->variable = name;
        if (const auto kafka = config.kafka.find(endpoint->env);
            kafka != config.kafka.end() && matched->kind == SourceKind::kafka) {
            endpoint->groups = kafka->second.groups;
            for (const auto& pair : kafka->second.tunnels)
                endpoint->tunnels[pair.key()] = std::string(pair.value().get_string());
        }
        found.endpoints.push_back(*std::move(endpoint));
    }
    return found;
}

std::vector<tools::Problem> unused_variables(const Variables& file) {
    std::vector<tools::Problem> problems;
    for (const auto& [name, value] : file) {
        const bool used = std::any_of(std::begin(patterns), std::end(patterns),
                                      [&](const auto& pattern) { return is_label(label_of(name, pattern)); });
        if (used || near_miss(name)) continue;
        // Where the home is has to be known before any file is read.
        if (name == "CASEFILE_HOME" || name == "XDG_DATA_HOME")
            problems.push_back({name, "not used from a file; export it, or pass --home"});
        else
            problems.push_back({name, "not used; expected " + name_meant_by(name)});
    }
    return problems;
}

Variables process_variables() {
    Variables variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        if (const auto equals = text.find('='); equals != std::string_view::npos)
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

Result<Variables> read_env_file(const std::filesystem::path& file) {
    const auto unreadable = [&](const char* why) {
        return invalid("--env-file: cannot read " + file.string() + why,
                       "expected a file with lines such as MYSQL_DEV_URL=mysql://…");
    };
    struct stat info {};
    if (stat(file.c_str(), &info) != 0) return unreadable("");
    if (S_ISDIR(info.st_mode)) return unreadable(": expected a file, got a folder");
    if (info.st_uid != geteuid() || (info.st_mode & 077) != 0)
        return denied("--env-file: " + file.string() + " can be read by others",
                      "run: chmod 600 " + file.string() + " (and own it)");
    // A pipe will do: a shell's <(…) keeps passwords off the disk.
    std::ifstream in(file);
    if (!in) return unreadable("");
    Variables variables;
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        auto text = trim(line);
        if (text.empty() || text.front() == '#') continue;
        if (text.starts_with("export ")) text = trim(text.substr(7));
        const auto equals = text.find('=');
        if (equals == std::string_view::npos || equals == 0)
            return invalid("--env-file: line " + std::to_string(number) + " of " + file.string() +
                           ": expected NAME=value");
        auto value = trim(text.substr(equals + 1));
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
            value.back() == value.front())
            value = value.substr(1, value.size() - 2);
        variables[std::string(trim(text.substr(0, equals)))] = value;
    }
    if (in.bad()) return unreadable("");
    return variables;
}

}  // namespace casefile::app
