#pragma once
// Walks a container that makes its elements when they are read.

#include <cstddef>
#include <iterator>
#include <utility>

namespace casefile {

/// Of a container that has operator[](place) const, which returns by value; it has to outlive the iterator.
template <class Container>
class PlaceIterator {
  public:
    using value_type = decltype(std::declval<const Container&>()[0]);
    using reference = value_type;
    using pointer = void;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    PlaceIterator() = default;
    PlaceIterator(const Container& of, std::size_t place) : of_(&of), place_(place) {}

    value_type operator*() const { return (*of_)[place_]; }
    PlaceIterator& operator++() {
        ++place_;
        return *this;
    }
    PlaceIterator operator++(int) {
        auto before = *this;
        ++place_;
        return before;
    }
    bool operator==(const PlaceIterator&) const = default;
    std::size_t place() const { return place_; }

  private:
    const Container* of_ = nullptr;
    std::size_t place_ = 0;
};

}  // namespace casefile
