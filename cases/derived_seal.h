#pragma once
// The signature at the end of case.json and of the inspect log, so that a verifier that cannot make them
// again sees all the same whether a byte of them was changed.

#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "cases/inspect_log.h"
#include "evidence/signing_key.h"

namespace casefile::cases {

/// The line that holds the signature, and what stands behind it. Signed is every byte before that line.
struct SealForm {
    std::string_view unsigned_end, joint;  ///< how the text ends without it, and what takes that place
    std::string_view before, after;
};
inline constexpr SealForm case_json_seal{"\n}\n", ",\n", "  \"sig\": \"", "\"\n}\n"};
inline constexpr SealForm log_seal{"\n", "\n", "- Signature: `", "`\n"};

/// Passes on a text that is made without a signature, piece by piece, and signs it at its end.
class Sealer {
  public:
    Sealer(const SealForm& form, TakeText take) : form_(form), take_(std::move(take)) {}

    void add(std::string_view piece);
    /// Once, after the last piece.
    void finish(const evidence::SigningKey& key);

  private:
    void pass_on(std::string_view piece);

    const SealForm& form_;
    TakeText take_;
    Sha256 hash_;
    std::string held_;  ///< what may be the unsigned end
};

struct SealedText {
    std::string_view signed_part, sig;
};
/// Nothing when the text does not end as a signed one does.
std::optional<SealedText> split_seal(const SealForm& form, std::string_view text);

/// The bytes that `text`, as it is made without a signature, has before that line.
std::string signed_part(const SealForm& form, std::string text);

bool seal_is_good(const SealedText& text, std::string_view public_key);

}  // namespace casefile::cases
