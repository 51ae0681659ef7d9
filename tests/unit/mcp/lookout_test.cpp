// Looking for what other processes changed: only while somebody listens.

#include "mcp/lookout.h"

#include <future>

#include "tests/unit/mcp/fakes.h"

using namespace casefile;
using namespace casefile::mcp;
using namespace casefile::mcp::test;

namespace {

/// Counts looks, and the watched resources that they were for.
class Looks {
  public:
    void note(std::string what) {
        const std::lock_guard lock(mutex_);
        seen_.insert(std::move(what));
        came_.notify_all();
    }
    bool wait_for(const std::string& what) {
        std::unique_lock lock(mutex_);
        return came_.wait_for(lock, std::chrono::seconds(20), [&] { return seen_.contains(what); });
    }
    bool saw(const std::string& what) {
        const std::lock_guard lock(mutex_);
        return seen_.contains(what);
    }

  private:
    std::mutex mutex_;
    std::condition_variable came_;
    std::set<std::string> seen_;
};

class LookedAt : public Resources {
  public:
    explicit LookedAt(Looks& looks) : looks_(looks) {}
    Result<std::vector<Resource>> list(const Reader&, const std::string&, std::size_t) const override {
        return std::vector<Resource>{};
    }
    std::vector<ResourceTemplate> templates() const override { return {}; }
    Result<std::vector<ResourceContent>> read(const Reader&, const std::string&) const override {
        return not_found("none");
    }
    Result<void> watch(const Reader&, const std::string&) const override { return {}; }
    void look(const std::set<std::string>& uris, bool list) const override {
        for (const auto& uri : uris) looks_.note(uri);
        if (list) looks_.note("list");
    }

  private:
    Looks& looks_;
};

json::object listen(json::object filter) {
    return modern("l", "subscriptions/listen", {{"notifications", std::move(filter)}});
}

}  // namespace

TEST_CASE("a lookout looks again and again until nobody listens, and then not before it is woken") {
    std::mutex mutex;
    std::condition_variable came;
    int looks = 0, last = 0;
    bool may_look = false, looked_unasked = false;
    Lookout lookout(std::chrono::milliseconds(0), [&] {
        const std::lock_guard lock(mutex);
        looked_unasked = looked_unasked || !may_look;
        ++looks;
        may_look = looks != last;
        came.notify_all();
        return may_look;
    });
    const auto wake_for = [&](int count) {
        std::unique_lock lock(mutex);
        last = looks + count;
        may_look = true;
        lock.unlock();
        lookout.wake();
        lock.lock();
        REQUIRE(came.wait_for(lock, std::chrono::seconds(20), [&] { return looks >= last; }));
    };
    wake_for(3);
    wake_for(2);
    const std::lock_guard lock(mutex);
    CHECK(looks == 5);
    CHECK_FALSE(looked_unasked);
}

TEST_CASE("a lookout goes on after a look that failed") {
    std::promise<void> again;
    int looks = 0;
    Lookout lookout(std::chrono::milliseconds(0), [&]() -> bool {
        if (++looks == 1) throw std::runtime_error("the disk is gone");
        again.set_value();
        return false;
    });
    lookout.wake();
    CHECK(again.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready);
}

TEST_CASE("what clients of either era listen to is looked for, and nothing else") {
    Looks looks;
    Conversation with([&](Catalog& catalog) { catalog.set(std::make_unique<LookedAt>(looks)); });
    with.ask(listen({{"toolsListChanged", true}}));
    with.say(cancelled("l"));
    with.ask(listen({{"resourceSubscriptions", json::array{"a://1"}}}));
    CHECK(looks.wait_for("a://1"));
    CHECK_FALSE(looks.saw("list"));
    with.say(cancelled("l"));
    with.ask(listen({{"resourcesListChanged", true}}));
    CHECK(looks.wait_for("list"));

    with.ask(initialize("2025-11-25"));
    with.ask(request(1, "resources/subscribe", {{"uri", "a://2"}}));
    CHECK(looks.wait_for("a://2"));
}
