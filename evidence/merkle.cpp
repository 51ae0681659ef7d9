#include "evidence/merkle.h"

#include "base/hash.h"
#include "base/text.h"
#include "evidence/record_line.h"

namespace casefile::evidence {
namespace {

std::string digest_of(char mark, std::string_view left, std::string_view right) {
    Sha256 hash;
    hash.update({&mark, 1});
    hash.update(left);
    hash.update(right);
    return hash.digest();
}

}  // namespace

void MerkleTree::add(std::string_view hash) {
    peaks_.push_back(digest_of('\0', hash_bytes(hash), {}));
    // Each one bit at the end of the old size is a tree as large as the one that was just made.
    for (auto size = size_++; (size & 1) == 1; size >>= 1) {
        const auto right = std::move(peaks_.back());
        peaks_.pop_back();
        peaks_.back() = digest_of('\1', peaks_.back(), right);
    }
}

std::string MerkleTree::root() const {
    if (peaks_.empty()) return sha256_hex({});
    auto root = peaks_.back();
    for (auto peak = peaks_.rbegin() + 1; peak != peaks_.rend(); ++peak) root = digest_of('\1', *peak, root);
    return to_hex(root);
}

}  // namespace casefile::evidence
