#pragma once
// An open file, held like any other value.

#include <unistd.h>

#include <utility>

namespace casefile {

/// An open file or folder; closed with its owner.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) {
            close();
            number_ = other.release();
        }
        return *this;
    }

    int get() const { return number_; }
    /// The number, which the caller closes from now on.
    int release() { return std::exchange(number_, -1); }
    explicit operator bool() const { return number_ >= 0; }

  private:
    void close() {
        if (number_ >= 0) ::close(number_);
    }

    int number_ = -1;
};

}  // namespace casefile
