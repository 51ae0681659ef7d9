#include "sandbox/interruption.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace casefile::sandbox {

Interruption::Interruption() {
    sigemptyset(&signals_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals_, signal);
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

Interruption::~Interruption() {
    // What came meanwhile was answered by ending in order; it must not strike now.
    const timespec at_once{};
    while (::sigtimedwait(&signals_, nullptr, &at_once) > 0) {
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool Interruption::requested() const {
    sigset_t pending;
    sigpending(&pending);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        if (sigismember(&pending, signal) == 1) return true;
    return false;
}

void Interruption::wait() const {
    while (::sigwaitinfo(&signals_, nullptr) < 0 && errno == EINTR) {
    }
}

void Interruption::wait_or_end_of(int input) const {
    const int signals = ::signalfd(-1, &signals_, SFD_CLOEXEC);
    std::array<pollfd, 2> watched{{{input, POLLIN, 0}, {signals, POLLIN, 0}}};
    for (;;) {
        if (::poll(watched.data(), watched.size(), -1) < 0) {
            if (errno == EINTR) continue;
            break;
        }
        if (watched[1].revents != 0) break;
        std::array<char, 4096> ignored{};
        if (watched[0].revents != 0 && ::read(input, ignored.data(), ignored.size()) <= 0) break;
    }
    ::close(signals);
}

}  // namespace casefile::sandbox
