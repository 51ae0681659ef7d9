#include "tools/diff/key_set.h"

#include <cstring>
#include <functional>

namespace casefile::tools::diff {

std::string_view KeySet::at(std::uint64_t offset) const {
    std::uint32_t length = 0;
    std::memcpy(&length, keys_.data() + offset, sizeof length);
    return {keys_.data() + offset + sizeof length, length};
}

KeySet::Place KeySet::find(std::string_view key) const {
    const auto mask = slots_.size() - 1;
    for (auto slot = std::hash<std::string_view>{}(key)&mask;; slot = (slot + 1) & mask) {
        if (slots_[slot] == 0) return {slot, false};
        if (at(slots_[slot] - 1) == key) return {slot, true};
    }
}

bool KeySet::contains(std::string_view key) const { return !slots_.empty() && find(key).taken; }

KeySet::Added KeySet::add(std::string_view key) {
    // Half of the slots stay free, so that searching ends soon.
    if ((size_ + 1) * 2 > slots_.size()) grow();
    const auto place = find(key);
    if (place.taken) return Added::before;
    const auto length = static_cast<std::uint32_t>(key.size());
    if (keys_.size() + sizeof length + key.size() + slots_.size() * sizeof(std::uint64_t) > bytes_max_)
        return Added::no_room;
    slots_[place.slot] = keys_.size() + 1;
    keys_.append(reinterpret_cast<const char*>(&length), sizeof length);
    keys_.append(key);
    ++size_;
    return Added::now;
}

void KeySet::grow() {
    std::vector<std::uint64_t> wider(slots_.empty() ? 1024 : slots_.size() * 2, 0);
    slots_.swap(wider);
    for (const auto offset : wider)
        if (offset != 0) slots_[find(at(offset - 1)).slot] = offset;
}

}  // namespace casefile::tools::diff
