#include "net/mailbox.h"

#include "net/wire.h"

namespace casefile::net {
namespace {

class MailboxExchange final : public Exchange {
  public:
    explicit MailboxExchange(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}
    MailboxExchange(const MailboxExchange&) = delete;
    MailboxExchange& operator=(const MailboxExchange&) = delete;
    ~MailboxExchange() override { mailbox_->abandon(); }

    void respond(Response response) override { mailbox_->respond(std::move(response)); }
    void begin_stream(Headers headers) override { mailbox_->begin_stream(std::move(headers)); }
    bool send(Event event) override { return mailbox_->send(event); }
    void end_stream() override { mailbox_->end_stream(); }
    void when_slow(std::function<void()> slow) override { mailbox_->when_slow(std::move(slow)); }
    void when_gone(std::function<void()> gone) override { mailbox_->when_gone(std::move(gone)); }

  private:
    std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace

// Callbacks are destroyed outside of the lock: they may hold the exchange itself.
void Mailbox::respond(Response response) {
    std::vector<std::function<void()>> unneeded;
    const std::lock_guard lock(mutex_);
    if (stage_ != Stage::open) return;
    stage_ = Stage::complete;
    unneeded.swap(gone_);
    if (receiver_ == nullptr) return;
    mail_.response = std::move(response);
    ring();
}

void Mailbox::begin_stream(Headers headers) {
    const std::lock_guard lock(mutex_);
    if (stage_ != Stage::open) return;
    stage_ = Stage::streaming;
    mail_.stream = std::move(headers);
    ring();
}

bool Mailbox::send(const Event& event) {
    const auto text = encode_event(event);
    const std::lock_guard lock(mutex_);
    if (stage_ != Stage::streaming || receiver_ == nullptr || overflowed_) return false;
    if (mail_.events.size() + in_flight_ + text.size() > queue_bytes_max_) {
        mail_.events = {};
        overflowed_ = true;
        ring();
        return false;
    }
    mail_.events += text;
    ring();
    return true;
}

void Mailbox::end_stream() {
    std::vector<std::function<void()>> unneeded;
    const std::lock_guard lock(mutex_);
    if (stage_ != Stage::streaming) return;
    stage_ = Stage::complete;
    unneeded.swap(gone_);
    mail_.ended = true;
    ring();
}

void Mailbox::when_slow(std::function<void()> slow) {
    const std::lock_guard lock(mutex_);
    if (stage_ == Stage::open && receiver_ != nullptr) slow_ = std::move(slow);
}

void Mailbox::slow() {
    std::function<void()> tell;
    {
        const std::lock_guard lock(mutex_);
        if (stage_ == Stage::open) tell.swap(slow_);
    }
    if (tell) tell();
}

void Mailbox::when_gone(std::function<void()> gone) {
    {
        const std::lock_guard lock(mutex_);
        if (stage_ == Stage::complete) return;
        if (receiver_ != nullptr) {
            gone_.push_back(std::move(gone));
            return;
        }
    }
    gone();
}

void Mailbox::abandon() {
    std::vector<std::function<void()>> unneeded;
    const std::lock_guard lock(mutex_);
    unneeded.swap(gone_);
    if (stage_ == Stage::complete || receiver_ == nullptr) return;
    if (stage_ == Stage::open)
        mail_.response = error_response(500, "internal error: expected an answer, got none from the handler",
                                        "try again; report a bug if it happens twice");
    else
        // An end without the last chunk tells the client that the stream is not whole.
        mail_.abandoned = true;
    stage_ = Stage::complete;
    ring();
}

bool Mailbox::overflowed() {
    const std::lock_guard lock(mutex_);
    return overflowed_;
}

Mailbox::Mail Mailbox::take() {
    const std::lock_guard lock(mutex_);
    rung_ = false;
    in_flight_ = mail_.events.size();
    return std::exchange(mail_, {});
}

bool Mailbox::written() {
    const std::lock_guard lock(mutex_);
    in_flight_ = 0;
    return rung_;
}

void Mailbox::detach() {
    std::vector<std::function<void()>> gone;
    {
        const std::lock_guard lock(mutex_);
        receiver_ = nullptr;
        mail_ = {};
        gone.swap(gone_);
    }
    for (const auto& tell : gone) {
        try {
            tell();
        } catch (const std::exception&) {
            // One who does not want to know must not keep it from the others.
            continue;
        }
    }
}

// The receiver lives while it is not detached, and detaching needs the lock that is held here.
void Mailbox::ring() {
    if (receiver_ == nullptr || std::exchange(rung_, true)) return;
    receiver_->wake();
}

std::shared_ptr<Exchange> make_exchange(std::shared_ptr<Mailbox> mailbox) {
    return std::make_shared<MailboxExchange>(std::move(mailbox));
}

}  // namespace casefile::net
