#include "cases/derived_seal.h"

#include "base/hash.h"
#include "evidence/record_line.h"

namespace casefile::cases {
namespace {

std::string bytes_to_sign(std::string_view text) { return evidence::hash_bytes(sha256_hex(text)); }

}  // namespace

std::string signed_part(const SealForm& form, std::string text) {
    text.resize(text.size() - form.unsigned_end.size());
    text.append(form.joint);
    return text;
}

void Sealer::pass_on(std::string_view piece) {
    hash_.update(piece);
    take_(piece);
}

void Sealer::add(std::string_view piece) {
    held_ += piece;
    if (held_.size() <= form_.unsigned_end.size()) return;
    const auto sure = held_.size() - form_.unsigned_end.size();
    pass_on(std::string_view(held_).substr(0, sure));
    held_.erase(0, sure);
}

void Sealer::finish(const evidence::SigningKey& key) {
    pass_on(form_.joint);
    const auto sig = key.sign(evidence::hash_bytes(hash_.hex()));
    take_(form_.before);
    take_(sig);
    take_(form_.after);
}

std::optional<SealedText> split_seal(const SealForm& form, std::string_view text) {
    const auto at = text.rfind(form.before);
    if (at == std::string_view::npos || !text.ends_with(form.after)) return std::nullopt;
    const auto sig_at = at + form.before.size();
    if (sig_at + form.after.size() > text.size()) return std::nullopt;
    return SealedText{text.substr(0, at), text.substr(sig_at, text.size() - sig_at - form.after.size())};
}

bool seal_is_good(const SealedText& text, std::string_view public_key) {
    return evidence::signature_is_good(public_key, bytes_to_sign(text.signed_part), text.sig);
}

}  // namespace casefile::cases
