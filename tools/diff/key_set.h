#pragma once
// Which keys were seen. Exact, and small: the bytes of all keys in one block, and eight bytes a slot.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace casefile::tools::diff {

class KeySet {
  public:
    explicit KeySet(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    enum class Added { now, before, no_room };
    Added add(std::string_view key);
    bool contains(std::string_view key) const;
    std::size_t size() const { return size_; }

  private:
    struct Place {
        std::size_t slot;
        bool taken;
    };
    Place find(std::string_view key) const;
    std::string_view at(std::uint64_t offset) const;
    void grow();

    std::size_t bytes_max_;
    std::string keys_;                  ///< four bytes of length and the key, one after the other
    std::vector<std::uint64_t> slots_;  ///< offset into keys_ plus one; 0: free. Its size is a power of two
    std::size_t size_ = 0;
};

}  // namespace casefile::tools::diff
