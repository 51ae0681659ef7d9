#include "net/oauth.h"

#include "base/hash.h"
#include "tests/fakes/manual_clock.h"
#include "tests/support/catch.h"
#include "tests/unit/net/authorization_server.h"

using namespace casefile;
using namespace casefile::net;
using Catch::Contains;

namespace {

constexpr std::int64_t now = 1'795'356'000;  // of ManualClock
constexpr const char* issuer = "https://login.example/tenant";
constexpr const char* audience = "https://casefile.example/mcp";

// RSA keys take a while to make, so the tests share them.
const SigningKey& rsa() {
    static const auto key = SigningKey::rsa("rsa-1");
    return key;
}
const SigningKey& ec() {
    static const auto key = SigningKey::ec("ec-1");
    return key;
}

using ClaimRow = std::tuple<std::string, json::value, std::string>;

json::object good_claims() {
    return {{"iss", issuer},   {"aud", audience}, {"sub", "alice@example"},        {"exp", now + 600},
            {"nbf", now - 10}, {"iat", now - 10}, {"scope", "openid read confirm"}};
}

/// The good claims with one of them changed; null takes it away.
std::string claims_with(std::string_view name, const json::value& value) {
    auto claims = good_claims();
    claims[name] = value;
    if (value.is_null()) claims.erase(name);
    return json::serialize(claims);
}

const json::object rs256{{"alg", "RS256"}, {"kid", "rsa-1"}, {"typ", "at+jwt"}};
const json::object es256{{"alg", "ES256"}, {"kid", "ec-1"}};

std::string good_token() { return rsa().sign(rs256, json::serialize(good_claims())); }
std::string token_with(std::string_view name, const json::value& value) {
    return ec().sign(es256, claims_with(name, value));
}

/// A token whose signature is HMAC-SHA-256 under `secret`.
std::string hmac_token(const json::object& header, std::string_view secret) {
    const auto signed_part =
        base64url(json::serialize(header)) + "." + base64url(json::serialize(good_claims()));
    return signed_part + "." + base64url(hmac_sha256(secret, signed_part));
}

/// `token` with its part number `at` replaced.
std::string with_part(const std::string& token, std::size_t at, std::string part) {
    auto parts = split(token, '.');
    parts.at(at) = std::move(part);
    return join(parts, ".");
}

struct ResourceServer {
    ManualClock clock;
    std::vector<std::string> problems;
    KeysOnDisk keys;
    Authenticator authenticate;

    explicit ResourceServer(const std::vector<json::object>& jwks = {rsa().jwk(), ec().jwk()})
        : keys(jwks_of(jwks)), authenticate(oauth_authenticator(options(), clock).value()) {}

    OAuthOptions options() {
        return {.issuer = issuer,
                .audience = audience,
                .jwks_file = keys.file(),
                .report_problem = [this](const Error& error) { problems.push_back(error.message); }};
    }
    /// "principal scope…" of whoever is let in, "status error: description" otherwise.
    std::string ask(const std::string& token) const {
        const auto verdict = authenticate(token);
        if (const auto* identity = std::get_if<Identity>(&verdict))
            return identity->principal + " " + join({identity->scopes.begin(), identity->scopes.end()}, " ");
        const auto& challenge = std::get<Challenge>(verdict);
        for (const auto& part : split(token, '.'))
            if (part.size() > 8) CHECK_THAT(challenge.description, !Contains(part));
        return std::to_string(challenge.status) + " " + challenge.error + ": " + challenge.description;
    }
};

const std::string alice = "https://login.example/tenant#alice@example ";

}  // namespace

TEST_CASE("a token of the issuer for this resource is let in as issuer#subject with its scopes") {
    const ResourceServer server;
    const auto ps256 = rsa().sign({{"alg", "PS256"}, {"kid", "rsa-1"}}, json::serialize(good_claims()));
    auto scp = good_claims();
    scp.erase("scope");
    scp["scp"] = json::array{"read", "admin"};

    CHECK(server.ask(good_token()) == alice + "confirm read");
    CHECK(server.ask(ps256) == alice + "confirm read");
    CHECK(server.ask(ec().sign(es256, json::serialize(scp))) == alice + "read");
    const std::vector<ClaimRow> table = {
        {"scope", "read", "read"},
        {"scope", "reader read", "read"},
        {"aud", json::array{"https://other.example", audience}, "confirm read"},
        {"nbf", nullptr, "confirm read"},
        {"iat", nullptr, "confirm read"},
        {"exp", now - 59, "confirm read"},
        {"exp", static_cast<double>(now) + 0.5, "confirm read"},
        {"nbf", now + 60, "confirm read"},
        {"iat", now + 60, "confirm read"},
    };
    for (const auto& [name, value, scopes] : table) {
        INFO(name << " " << value);
        CHECK(server.ask(token_with(name, value)) == alice + scopes);
    }
}

TEST_CASE("claims that do not hold are refused, each for its own reason") {
    const ResourceServer server;
    const std::vector<ClaimRow> table = {
        {"iss", "https://evil.example", "wrong issuer: expected https://login.example/tenant"},
        {"iss", "https://login.example/tenant/", "wrong issuer"},
        {"iss", nullptr, "wrong issuer"},
        {"aud", "https://other.example/mcp", "wrong audience: expected https://casefile.example/mcp"},
        {"aud", "https://casefile.example/mcp/more", "wrong audience"},
        {"aud", json::array{"a", "b"}, "wrong audience"},
        {"aud", json::array{}, "wrong audience"},
        {"aud", json::object{{"x", audience}}, "wrong audience"},
        {"aud", nullptr, "wrong audience"},
        {"exp", now - 60, "expired at 2026-11-22T13:59:00.000Z: expected a token that is valid at 2026"},
        {"exp", nullptr, "exp: expected the time at which the token expires, got none"},
        {"exp", "1795356600", "exp: expected seconds since 1970"},
        {"exp", 1e300, "exp: expected seconds since 1970"},
        {"exp", -1, "exp: expected seconds since 1970"},
        {"nbf", now + 61, "not valid before 2026-11-22T14:01:01.000Z (nbf)"},
        {"nbf", true, "nbf: expected seconds since 1970"},
        {"iat", now + 61, "not valid before 2026-11-22T14:01:01.000Z (iat)"},
        {"iat", json::array{1}, "iat: expected seconds since 1970"},
        {"sub", nullptr, "sub: expected 1..256 bytes"},
        {"sub", "", "sub: expected 1..256 bytes"},
        {"sub", 7, "sub: expected 1..256 bytes"},
        {"sub", json::string(257, 'a'), "sub: expected 1..256 bytes"},
        {"sub", "alice\nbob", "sub: expected 1..256 bytes of printable text"},
        {"sub", "alice\u202e", "sub: expected 1..256 bytes of printable text"},
    };
    for (const auto& [name, value, reason] : table) {
        INFO(name << " " << value);
        CHECK_THAT(server.ask(token_with(name, value)), Catch::StartsWith("401 invalid_token: " + reason));
    }
    CHECK(server.ask(ec().sign(es256, "[1]")) ==
          "401 invalid_token: claims not readable: expected a JSON object");
    CHECK(server.ask(ec().sign(es256, "no JSON")) ==
          "401 invalid_token: claims not readable: expected a JSON object");
}

TEST_CASE("a token without the scope read is good, and not enough") {
    const ResourceServer server;
    const std::vector<std::pair<std::string, json::value>> table = {
        {"scope", nullptr}, {"scope", ""},           {"scope", "confirm"},
        {"scope", "READ"},  {"scope", "read,write"}, {"scope", 7},
    };
    for (const auto& [name, value] : table) {
        INFO(value);
        CHECK_THAT(server.ask(token_with(name, value)),
                   Catch::StartsWith("403 insufficient_scope: the token lacks a scope: expected read"));
    }
    const auto verdict = server.authenticate(token_with("scope", "confirm"));
    CHECK(std::get<Challenge>(verdict).scope == "read");
}

TEST_CASE("what is no token, or not signed by a published key, is refused, each for its own reason") {
    const ResourceServer server;
    const auto good = good_token();
    const auto parts = split(good, '.');
    const auto claims = json::serialize(good_claims());
    const auto unsigned_head = base64url(R"({"alg":"none"})");
    const auto modulus = string_or(rsa().jwk(), "n");
    auto flipped = parts[2];
    flipped[5] = flipped[5] == 'A' ? 'B' : 'A';
    const auto other_rsa = SigningKey::rsa("rsa-1");
    const auto p384 = SigningKey::ec("ec-1", CJOSE_JWK_EC_P_384);

    const std::vector<std::pair<std::string, std::string>> table = {
        {"", "not a token: expected a signed JWT, three"},
        {"t0ken", "not a token: expected a signed JWT, three"},
        {"..", "not a token: expected a signed JWT, three"},
        {parts[0] + "." + parts[1], "not a token: expected a signed JWT, three"},
        {good + ".AAAA.AAAA", "not a token: expected a signed JWT, three"},
        {good + "=", "not a token: expected a signed JWT, three"},
        {good + std::string(1, '\0'), "not a token: expected a signed JWT, three"},
        {"AAAA.AAAA.AAAA", "not a token: expected a JSON object as its header"},
        {with_part(good, 0, base64url("[]")), "not a token: expected a JSON object as its header"},
        {with_part(good, 0, base64url(std::string(3'000, '['))), "not a token: expected a JSON object as"},
        {good + std::string(102'400, 'A'), "token too long: expected at most 16384 bytes, got 10"},
        {with_part(good, 0, unsigned_head),
         "algorithm not accepted: expected RS256, PS256 or ES256, got none"},
        {unsigned_head + "." + parts[1] + ".", "not a token: expected a signed JWT, three"},
        {hmac_token({{"alg", "HS256"}, {"kid", "rsa-1"}}, json::serialize(rsa().jwk())),
         "algorithm not accepted: expected RS256, PS256 or ES256, got HS256"},
        {hmac_token({{"alg", "HS256"}}, modulus), "algorithm not accepted: expected RS256, PS256 or ES256, "},
        {hmac_token({{"alg", "rs256"}}, "x"),
         "algorithm not accepted: expected RS256, PS256 or ES256, got rs"},
        {hmac_token({{"alg", "<script>alert(1)"}}, "x"),
         "algorithm not accepted: expected RS256, PS256 or "
         "ES256, got another"},
        {hmac_token({{"alg", json::array{"RS256"}}}, "x"), "algorithm not accepted"},
        {hmac_token({{"kid", "rsa-1"}}, "x"), "algorithm not accepted"},
        {with_part(good, 0, base64url(R"({"alg":"none","alg":"RS256","kid":"rsa-1"})")), "signature"},
        {with_part(good, 0, base64url(R"({"alg":"RS256","alg":"none","kid":"rsa-1"})")), "algorithm"},
        {rsa().sign({{"alg", "RS512"}, {"kid", "rsa-1"}}, claims), "algorithm not accepted"},
        {rsa().sign({{"alg", "RS256"}, {"kid", "rsa-1"}, {"crit", json::array{"exp"}}}, claims),
         "critical extensions not accepted"},
        {rsa().sign({{"alg", "RS256"}, {"kid", "rsa-1"}, {"crit", json::array{}}}, claims),
         "critical extensions not accepted"},
        {rsa().sign({{"alg", "RS256"}, {"kid", "rsa-2"}}, claims),
         "key not known: expected the kid of a key"},
        {with_part(good, 0, base64url(R"({"alg":"RS256","kid":1})")),
         "key not known: expected kid to be a string"},
        {rsa().sign({{"alg", "RS256"}, {"kid", ""}}, claims), "key not known: expected kid to be a string"},
        {rsa().sign({{"alg", "RS256"}, {"kid", "ec-1"}}, claims), "key does not fit: expected one for RS256"},
        {ec().sign({{"alg", "ES256"}, {"kid", "rsa-1"}}, claims), "key does not fit: expected one for ES256"},
        {with_part(good, 1, base64url(claims_with("sub", "root"))), "signature not accepted"},
        {with_part(good, 2, flipped), "signature not accepted"},
        {with_part(good, 2, parts[2].substr(4)), "signature not accepted"},
        {with_part(good, 2, "A"), "not a token: expected a signed JWT"},
        {with_part(good, 0, base64url(R"({"alg":"PS256","kid":"rsa-1"})")), "signature not accepted"},
        {other_rsa.sign(rs256, claims), "signature not accepted"},
        {p384.sign(es256, claims), "signature not accepted"},
        {with_part(ec().sign(es256, claims), 2, base64url(std::string(64, '\0'))), "signature not accepted"},
    };
    for (const auto& [token, reason] : table) {
        INFO(token.substr(0, 500));
        CHECK_THAT(server.ask(token), Catch::StartsWith("401 invalid_token: " + reason));
    }
    CHECK(server.ask(good) == alice + "confirm read");
}

TEST_CASE("without a kid a token counts only when exactly one key fits") {
    const auto claims = json::serialize(good_claims());
    const auto second = SigningKey::rsa("rsa-2");
    const auto token = rsa().sign({{"alg", "RS256"}}, claims);

    CHECK(ResourceServer().ask(token) == alice + "confirm read");
    CHECK(ResourceServer({rsa().jwk(), second.jwk()}).ask(token) ==
          "401 invalid_token: key not clear: expected a kid that only one key has");

    auto for_ps256 = second.jwk();
    for_ps256["alg"] = "PS256";
    CHECK(ResourceServer({rsa().jwk(), for_ps256}).ask(token) == alice + "confirm read");
}

TEST_CASE("a key rotated in the file counts at the next token, and the old one no longer") {
    ResourceServer server;
    const auto fresh = SigningKey::ec("ec-2");
    const auto fresh_token = fresh.sign({{"alg", "ES256"}, {"kid", "ec-2"}}, json::serialize(good_claims()));
    CHECK_THAT(server.ask(fresh_token), Contains("key not known"));
    CHECK(server.ask(good_token()) == alice + "confirm read");

    server.keys.replace(jwks_of({fresh.jwk()}));
    CHECK(server.ask(fresh_token) == alice + "confirm read");
    CHECK_THAT(server.ask(good_token()), Contains("key not known"));
    CHECK(server.problems.empty());
}

TEST_CASE("a file that broke keeps the keys before it, and is told once") {
    ResourceServer server;
    const auto still_works = [&] {
        return server.ask(good_token()) == alice + "confirm read" &&
               server.ask(good_token()) == alice + "confirm read";
    };
    server.keys.replace(R"({"keys": [)");
    CHECK(still_works());
    REQUIRE(server.problems.size() == 1);
    CHECK_THAT(server.problems[0], Contains("JWKS file ") && Contains("jwks.json: "));

    std::filesystem::remove(server.keys.file());
    CHECK(still_works());
    REQUIRE(server.problems.size() == 2);
    CHECK_THAT(server.problems[1], Contains("expected a readable file, got none"));

    const auto fresh = SigningKey::ec("ec-2");
    server.keys.replace(jwks_of({fresh.jwk()}));
    server.keys.allow(0664);
    CHECK(still_works());
    REQUIRE(server.problems.size() == 3);
    CHECK_THAT(server.problems[2], Contains("expected that only its owner can write it"));

    server.keys.allow(0644);
    CHECK_THAT(server.ask(good_token()), Contains("key not known"));
    CHECK(server.problems.size() == 3);
}

TEST_CASE("keys that cannot be trusted are an error at the start that names them") {
    auto bent = ec().jwk();
    bent["y"] = bent["x"];
    auto odd_kid = rsa().jwk();
    odd_kid["kid"] = 1;
    auto for_encryption = rsa().jwk();
    for_encryption["use"] = "enc";
    auto for_signing = rsa().jwk();
    for_signing["key_ops"] = json::array{"sign"};
    auto of_another_algorithm = rsa().jwk();
    of_another_algorithm["alg"] = "RS512";
    const std::vector<std::pair<std::string, std::string>> table = {
        {"", "JWKS file "},
        {"[]", "expected an object with an array keys"},
        {R"({"keys": {}})", "expected an object with an array keys"},
        {jwks_of({}), "expected an RSA or P-256 key for RS256, PS256 or ES256, got 0 keys of other kinds"},
        {R"({"keys": [7]})", "keys[0]: expected an object, got integer"},
        {R"({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}]})", "got 1 keys of other kinds"},
        {jwks_of({SigningKey::secret("12345678").jwk(true)}), "got 1 keys of other kinds"},
        {jwks_of({SigningKey::ec("x", CJOSE_JWK_EC_P_384).jwk()}), "got 1 keys of other kinds"},
        {jwks_of({for_encryption, for_signing, of_another_algorithm}), "got 3 keys of other kinds"},
        {jwks_of({ec().jwk(), rsa().jwk(true)}), "keys[1]: expected a public key, got a private one"},
        {jwks_of({odd_kid}), "keys[0]: kid: expected a string, got integer"},
        {jwks_of({bent}), "keys[0]: expected the numbers of an EC key, got others"},
        {R"({"keys": [{"kty": "RSA", "n": "AAAA"}]})", "keys[0]: expected the numbers of an RSA key"},
        {jwks_of({SigningKey::rsa("x", 1'024).jwk()}), "keys[0]: expected at least 2048 bits, got 1024"},
        {jwks_of(std::vector<json::object>(101, ec().jwk())), "keys: expected at most 100, got 101"},
        {std::string(1'048'577, ' '), "expected at most 1048576 bytes, got 1048577"},
    };
    for (const auto& [text, reason] : table) {
        const KeysOnDisk keys(text);
        const auto made = oauth_authenticator(
            {.issuer = issuer, .audience = audience, .jwks_file = keys.file()}, ManualClock());
        INFO(text.substr(0, 200));
        REQUIRE(!made);
        CHECK_THAT(made.error().message, Contains(reason));
    }
}

TEST_CASE("issuer and audience have to be https, or loopback") {
    const std::vector<std::pair<std::string, bool>> table = {
        {"https://login.example", true},
        {"https://login.example:8443/tenant/", true},
        {"http://127.0.0.1:9000", true},
        {"http://localhost/realm", true},
        {"http://127.0.0.2/realm", true},
        {"http://[::1]:9000/x", true},
        {"http://login.example", false},
        {"http://localhost.evil.example", false},
        {"https://user@login.example", false},
        {"https://login.example?x=1", false},
        {"https://login.example#x", false},
        {"https:login.example", false},
        {"https:///x", false},
        {"login.example", false},
        {"ftp://login.example", false},
        {"https://login example", false},
        {"", false},
    };
    for (const auto& [url, fine] : table) {
        INFO(url);
        CHECK(check_urls({.issuer = url, .audience = audience}).has_value() == fine);
        CHECK(check_urls({.issuer = issuer, .audience = url}).has_value() == fine);
    }
    CHECK(
        check_urls({.issuer = "x", .audience = audience}).error().message ==
        "issuer: expected an https URL without user, query and fragment (http for loopback alone), got 'x'");
}

TEST_CASE("the installation's own token works beside OAuth, and is looked at first") {
    const ResourceServer server;
    const auto either = first_of(token_authenticator(Secret("t0ken"), "local:1000"), server.authenticate);
    CHECK(std::get<Identity>(either("t0ken")).principal == "local:1000");
    CHECK(std::get<Identity>(either(good_token())).principal == issuer + std::string("#alice@example"));
    CHECK(std::get<Challenge>(either("t0ken2")).description ==
          "not a token: expected a signed JWT, three base64url parts with dots between them");

    int asked = 0;
    const auto counted = first_of(token_authenticator(Secret("t0ken"), "local:1000"),
                                  [&](std::string_view) -> std::variant<Identity, Challenge> {
                                      ++asked;
                                      return Challenge{};
                                  });
    CHECK(std::holds_alternative<Identity>(counted("t0ken")));
    CHECK(asked == 0);
}
