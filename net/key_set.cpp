#include "net/key_set.h"

#include <cjose/cjose.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/text.h"

namespace casefile::net {
namespace {

constexpr std::size_t keys_max = 100;
constexpr std::size_t rsa_bits_min = 2'048;

struct Algorithm {
    std::string_view name;
    std::string_view key_type;
};

constexpr std::array<Algorithm, 3> algorithms = {{{"RS256", "RSA"}, {"PS256", "RSA"}, {"ES256", "EC"}}};
constexpr const char* algorithms_text = "RS256, PS256 or ES256";

const Algorithm* find_algorithm(std::string_view name) {
    const auto* found =
        std::find_if(algorithms.begin(), algorithms.end(), [&](const auto& one) { return one.name == name; });
    return found == algorithms.end() ? nullptr : found;
}

struct ReleaseJws {
    void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};
using Jws = std::unique_ptr<cjose_jws_t, ReleaseJws>;

/// TLS on this thread reads OpenSSL's error queue too: what a bad token leaves there is not its error.
struct ClearErrors {
    ~ClearErrors() { ERR_clear_error(); }
};

bool is_base64url(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

Result<json::object> decode_object(std::string_view encoded) {
    std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    if (!cjose_base64url_decode(encoded.data(), encoded.size(), &bytes, &size, nullptr))
        return invalid("not base64url");
    const std::unique_ptr<std::uint8_t, void (*)(void*)> owner(bytes, std::free);
    auto value = parse_json(std::string_view(reinterpret_cast<const char*>(bytes), size));
    if (!value) return value.error();
    if (!value->is_object()) return invalid("not an object");
    return std::move(value->get_object());
}

bool lists(const json::value& values, std::string_view wanted) {
    const auto* array = values.if_array();
    return array != nullptr && std::any_of(array->begin(), array->end(), [&](const json::value& one) {
               return one.is_string() && one.get_string() == wanted;
           });
}

/// True for a key that verifies one of our algorithms, as far as it tells about itself.
bool is_for_us(const json::object& key) {
    const auto type = string_or(key, "kty");
    if (type != "RSA" && (type != "EC" || string_or(key, "crv") != "P-256")) return false;
    if (string_or(key, "use", "sig") != "sig") return false;
    if (const auto* uses = member(key, "key_ops"); uses != nullptr && !lists(*uses, "verify")) return false;
    if (member(key, "alg") == nullptr) return true;
    const auto* algorithm = find_algorithm(string_or(key, "alg"));
    return algorithm != nullptr && algorithm->key_type == type;
}

}  // namespace

void KeySet::Release::operator()(_cjose_jwk_int* key) const { cjose_jwk_release(key); }

Result<KeySet::Key> KeySet::import(const json::object& key) {
    const ClearErrors clear;
    if (member(key, "d") != nullptr) return invalid("expected a public key, got a private one");
    if (const auto* kid = member(key, "kid"); kid != nullptr && !kid->is_string())
        return invalid(std::string("kid: expected a string, got ") + type_name(*kid));
    const auto text = json::serialize(key);
    Key imported{.kid = string_or(key, "kid"),
                 .type = string_or(key, "kty"),
                 .algorithm = string_or(key, "alg"),
                 .handle = {}};
    imported.handle.reset(cjose_jwk_import(text.data(), text.size(), nullptr));
    if (!imported.handle) return invalid("expected the numbers of an " + imported.type + " key, got others");
    if (imported.type == "RSA") {
        const auto bits = cjose_jwk_get_keysize(imported.handle.get(), nullptr);
        if (bits < rsa_bits_min)
            return invalid("expected at least " + std::to_string(rsa_bits_min) + " bits, got " +
                           std::to_string(bits));
    }
    return imported;
}

Result<KeySet> KeySet::parse(std::string_view jwks) {
    auto document = parse_json(jwks);
    if (!document) return document.error();
    const auto* object = document->if_object();
    const auto* keys = object == nullptr ? nullptr : member(*object, "keys");
    if (keys == nullptr || !keys->is_array())
        return invalid("expected an object with an array keys (a JWKS), got something else");
    const auto& array = keys->get_array();
    if (array.size() > keys_max)
        return invalid("keys: expected at most " + std::to_string(keys_max) + ", got " +
                       std::to_string(array.size()));

    KeySet set;
    for (std::size_t at = 0; at < array.size(); ++at) {
        const auto place = "keys[" + std::to_string(at) + "]: ";
        const auto* key = array[at].if_object();
        if (key == nullptr) return invalid(place + "expected an object, got " + type_name(array[at]));
        if (!is_for_us(*key)) continue;
        auto imported = import(*key);
        if (!imported) return invalid(place + imported.error().message);
        set.keys_.push_back(*std::move(imported));
    }
    if (set.keys_.empty())
        return invalid(std::string("expected an RSA or P-256 key for ") + algorithms_text + ", got " +
                       std::to_string(array.size()) + " keys of other kinds");
    return set;
}

Result<KeySet::Head> KeySet::read_head(std::string_view encoded) {
    const auto header = decode_object(encoded);
    if (!header) return denied("not a token: expected a JSON object as its header");
    const auto name = string_or(*header, "alg");
    const auto* algorithm = find_algorithm(name);
    if (algorithm == nullptr) {
        const bool can_be_shown = is_base64url(name) && name.size() <= 8;
        return denied(std::string("algorithm not accepted: expected ") + algorithms_text + ", got " +
                      (can_be_shown ? name : "another"));
    }
    // What a critical extension asks for has to be understood, and none is.
    if (member(*header, "crit") != nullptr)
        return denied("critical extensions not accepted: expected a header without crit");
    const auto* kid = member(*header, "kid");
    if (kid != nullptr && (!kid->is_string() || kid->get_string().empty()))
        return denied("key not known: expected kid to be a string that names one");
    return Head{.algorithm = name, .kid = string_or(*header, "kid")};
}

Result<const KeySet::Key*> KeySet::choose(const Head& head) const {
    const auto key_type = find_algorithm(head.algorithm)->key_type;
    const Key* chosen = nullptr;
    bool kid_seen = false;
    for (const auto& key : keys_) {
        if (!head.kid.empty() && key.kid != head.kid) continue;
        kid_seen = true;
        if (key.type != key_type || (!key.algorithm.empty() && key.algorithm != head.algorithm)) continue;
        if (chosen != nullptr) return denied("key not clear: expected a kid that only one key has");
        chosen = &key;
    }
    if (chosen != nullptr) return chosen;
    if (kid_seen) return denied("key does not fit: expected one for " + head.algorithm);
    return denied("key not known: expected the kid of a key that the authorization server publishes");
}

Result<json::object> KeySet::verify(std::string_view token) const {
    const ClearErrors clear;
    const auto parts = split(token, '.');
    if (parts.size() != 3 || !std::all_of(parts.begin(), parts.end(), is_base64url))
        return denied("not a token: expected a signed JWT, three base64url parts with dots between them");
    const auto head = read_head(parts[0]);
    if (!head) return head.error();
    const auto key = choose(*head);
    if (!key) return key.error();

    const Jws jws(cjose_jws_import(token.data(), token.size(), nullptr));
    if (!jws) return denied("not a token: expected a signed JWT");
    // Two parsers read the header: the algorithm that is carried out has to be the one that was allowed.
    const auto* algorithm = cjose_header_get(cjose_jws_get_protected(jws.get()), CJOSE_HDR_ALG, nullptr);
    if (algorithm == nullptr || head->algorithm != algorithm)
        return denied("algorithm not accepted: expected it once in the header");
    if (!cjose_jws_verify(jws.get(), (*key)->handle.get(), nullptr))
        return denied("signature not accepted: expected that of the key that kid names");
    auto payload = decode_object(parts[1]);
    if (!payload) return denied("claims not readable: expected a JSON object");
    return payload;
}

}  // namespace casefile::net
