#pragma once
// The Ed25519 key of one installation. It signs every journal record.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace casefile::evidence {

class SigningKey {
  public:
    /// Reads `<home>/key.pem`, or makes it with mode 0600. Two processes that make it at once agree on one.
    static Result<SigningKey> load_or_make(const std::filesystem::path& home);

    /// Base64 of the 64-byte signature.
    std::string sign(std::string_view bytes) const;
    /// Base64 of the 32 raw bytes.
    const std::string& public_key() const;
    /// SHA-256 of the raw public key, hexadecimal: what a reader compares.
    const std::string& fingerprint() const;

  private:
    class Late;
    explicit SigningKey(std::shared_ptr<Late> late) : late_(std::move(late)) {}

    std::shared_ptr<Late> late_;
};

std::string key_fingerprint(std::string_view public_key_base64);
bool signature_is_good(std::string_view public_key_base64, std::string_view bytes,
                       std::string_view signature_base64);

}  // namespace casefile::evidence
