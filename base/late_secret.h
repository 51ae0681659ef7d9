#pragma once
// A secret that is made when it is first needed: a client that only looks around needs none, and a start is
// shorter without.

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace casefile {

/// Copies share what was made. Safe to use from any thread.
class LateSecret {
  public:
    /// One that is known already.
    LateSecret(std::string known) : state_(std::make_shared<State>()) {  // NOLINT: a text is a secret too
        std::call_once(state_->made, [&] { state_->value = std::move(known); });
    }
    LateSecret(const char* known) : LateSecret(std::string(known)) {}  // NOLINT: likewise
    explicit LateSecret(std::function<std::string()> make) : state_(std::make_shared<State>()) {
        state_->make = std::move(make);
    }

    const std::string& get() const {
        std::call_once(state_->made, [this] {
            state_->value = state_->make();
            state_->make = nullptr;
        });
        return state_->value;
    }

  private:
    struct State {
        std::once_flag made;
        std::function<std::string()> make;
        std::string value;
    };
    std::shared_ptr<State> state_;
};

}  // namespace casefile
