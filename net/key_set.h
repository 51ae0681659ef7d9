#pragma once
// The public keys of an authorization server (JWKS, RFC 7517), and signed tokens (compact JWS, RFC 7515)
// checked against them. RS256, PS256 and ES256 alone: never `none`, and never HMAC, for which a public key
// would be the secret. The only place that knows libcjose.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

struct _cjose_jwk_int;

namespace casefile::net {

class KeySet {
  public:
    /// Keys of other kinds, curves and uses are passed over. Fails when a key is broken, weak or private, and
    /// when no key can be used.
    static Result<KeySet> parse(std::string_view jwks);

    /// The payload of a token that one of these keys signed. The error's message can be shown to the client:
    /// it holds nothing of the token but the name of its algorithm.
    Result<json::object> verify(std::string_view token) const;

  private:
    struct Release {
        void operator()(_cjose_jwk_int* key) const;
    };
    struct Key {
        std::string kid;        ///< empty: has none
        std::string type;       ///< "RSA", "EC"
        std::string algorithm;  ///< the only one it is for; empty: any that fits its type
        std::unique_ptr<_cjose_jwk_int, Release> handle;
    };
    struct Head {
        std::string algorithm;
        std::string kid;
    };

    static Result<Head> read_head(std::string_view encoded);
    static Result<Key> import(const json::object& key);
    Result<const Key*> choose(const Head& head) const;

    std::vector<Key> keys_;
};

}  // namespace casefile::net
