#pragma once
// SHA-256, whole or in pieces, through OpenSSL's EVP interface.

#include <memory>
#include <string>
#include <string_view>

namespace casefile {

/// Hashes bytes as they stream by. One use: after hex() it may not be fed again.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void update(std::string_view bytes);
    std::string digest();  ///< 32 raw bytes
    std::string hex();     ///< 64 lower-case hexadecimal digits

  private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);

/// HMAC-SHA-256, 32 raw bytes.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// Compares without telling by its duration where the two differ.
bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace casefile
