#pragma once
// One hash over all records of a chain, from which any one of them can be proved with a few others: the
// Merkle tree of RFC 6962. A leaf is SHA-256 of 0x00 and the 32 raw bytes of a record's hash, a node SHA-256
// of 0x01 and its two children; the left child holds the largest power of two that is less than the whole.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace casefile::evidence {

/// Grows by one leaf after the other, and holds one hash for each power of two.
class MerkleTree {
  public:
    /// `hash` is the record's, 64 hexadecimal digits.
    void add(std::string_view hash);
    /// 64 hexadecimal digits; of no leaf at all SHA-256 of nothing.
    std::string root() const;
    std::uint64_t size() const { return size_; }

  private:
    std::vector<std::string> peaks_;  ///< roots of whole trees, from the largest to the smallest; raw bytes
    std::uint64_t size_ = 0;
};

}  // namespace casefile::evidence
