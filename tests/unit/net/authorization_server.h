#pragma once
// An authorization server's part, made at test time: keys, their JWKS file, and tokens signed with them.

#include <cjose/cjose.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "base/text.h"
#include "tests/support/temporary_folder.h"

namespace casefile::net {

class SigningKey {
  public:
    static SigningKey rsa(std::string kid, std::size_t bits = 2'048) {
        const std::uint8_t exponent[] = {1, 0, 1};
        return {cjose_jwk_create_RSA_random(bits, exponent, sizeof exponent, nullptr), std::move(kid)};
    }
    static SigningKey ec(std::string kid, cjose_jwk_ec_curve curve = CJOSE_JWK_EC_P_256) {
        return {cjose_jwk_create_EC_random(curve, nullptr), std::move(kid)};
    }
    static SigningKey secret(std::string_view bytes) {
        return {cjose_jwk_create_oct_spec(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(),
                                          nullptr),
                ""};
    }

    json::object jwk(bool with_private = false) const {
        char* text = cjose_jwk_to_json(key_.get(), with_private, nullptr);
        const std::unique_ptr<char, void (*)(void*)> owner(text, std::free);
        return parse_json(text).value().get_object();
    }

    /// A compact JWS of any payload, under exactly this header of strings and arrays.
    std::string sign(const json::object& header, const std::string& payload) const {
        const std::unique_ptr<cjose_header_t, void (*)(cjose_header_t*)> head(cjose_header_new(nullptr),
                                                                              cjose_header_release);
        for (const auto& field : header) {
            const auto* name = field.key_c_str();
            if (field.value().is_string())
                cjose_header_set(head.get(), name, field.value().get_string().c_str(), nullptr);
            else
                cjose_header_set_raw(head.get(), name, json::serialize(field.value()).c_str(), nullptr);
        }
        const std::unique_ptr<cjose_jws_t, void (*)(cjose_jws_t*)> jws(
            cjose_jws_sign(key_.get(), head.get(), reinterpret_cast<const std::uint8_t*>(payload.data()),
                           payload.size(), nullptr),
            cjose_jws_release);
        const char* compact = nullptr;
        if (!jws || !cjose_jws_export(jws.get(), &compact, nullptr))
            throw std::runtime_error("no token could be signed");
        return compact;
    }

  private:
    SigningKey(cjose_jwk_t* key, const std::string& kid) : key_(key, cjose_jwk_release) {
        if (key == nullptr) throw std::runtime_error("no key could be made");
        if (!kid.empty()) cjose_jwk_set_kid(key, kid.data(), kid.size(), nullptr);
    }
    std::unique_ptr<cjose_jwk_t, bool (*)(cjose_jwk_t*)> key_;
};

inline std::string base64url(std::string_view bytes) {
    auto text = to_base64(bytes);
    text.erase(std::min(text.find('='), text.size()));
    for (auto& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

inline std::string jwks_of(const std::vector<json::object>& keys) {
    return json::serialize(json::object{{"keys", json::array(keys.begin(), keys.end())}});
}

/// A JWKS file that is replaced as careful programs do: by another one, under the same name.
class KeysOnDisk {
  public:
    explicit KeysOnDisk(const std::string& text) { replace(text); }

    void replace(const std::string& text) const {
        const auto fresh = folder_.path() / "fresh";
        std::ofstream(fresh) << text;
        allow(fresh, 0644);
        std::filesystem::rename(fresh, file());
    }
    void allow(int mode) const { allow(file(), mode); }
    std::filesystem::path file() const { return folder_.path() / "jwks.json"; }

  private:
    static void allow(const std::filesystem::path& file, int mode) {
        std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
    }
    TemporaryFolder folder_;
};

}  // namespace casefile::net
