#include "evidence/chain_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "evidence/head_file.h"

namespace casefile::evidence {
namespace {

/// Pruning puts another file in the place of a chain.
constexpr int attempts_max = 10;

/// Between two looks at a lock that another holds: ours are held for microseconds.
constexpr std::chrono::microseconds lock_pause_min{50}, lock_pause_max{10'000};

/// A reader finds no file in a case that has no record yet, and gets an empty descriptor.
Result<Descriptor> open_chain_file(int folder, Lock lock) {
    // Not blocking, so that a pipe planted under the name cannot hold us.
    const int flags =
        (lock == Lock::shared ? O_RDONLY : O_RDWR | O_APPEND) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    Descriptor file(::openat(folder, chain_name, flags));
    if (!file && errno == ENOENT && exists_at(folder, head_name)) {
        // Another process may just have made both.
        file = Descriptor(::openat(folder, chain_name, flags));
        if (!file && errno == ENOENT) return broken_chain("chain.jsonl is gone, but head.json is there");
    }
    if (!file && errno == ENOENT && lock == Lock::shared) return file;
    if (!file && errno == ENOENT) file = Descriptor(::openat(folder, chain_name, flags | O_CREAT, 0600));
    if (!file) return file_error("cannot open", chain_name);
    return file;
}

Result<std::shared_ptr<const OpenChain>> open_chain(const std::filesystem::path& path, Lock lock) {
    auto folder = open_folder(path);
    if (!folder)
        return unavailable("the folder of the case cannot be opened: " + folder.error().message,
                           "restore or mount the home folder again, then call again");
    auto chain = std::make_shared<OpenChain>();
    chain->folder = *std::move(folder);
    auto file = open_chain_file(chain->folder.get(), lock);
    if (!file) return file.error();
    chain->file = *std::move(file);
    chain->writable = lock == Lock::exclusive;
    struct stat info {};
    if (chain->file && ::fstat(chain->file.get(), &info) != 0)
        return file_error("cannot look at", chain_name);
    if (chain->file && !S_ISREG(info.st_mode))
        return broken_chain("chain.jsonl: expected a regular file, got something else");
    chain->device = info.st_dev;
    chain->inode = info.st_ino;
    return chain;
}

}  // namespace

Error broken_chain(const std::string& what) {
    return internal(what,
                    "run casefile verify on the case; nothing can be added to a chain that does not hold");
}

Result<void> lock_chain(int chain_file, Lock lock, std::chrono::milliseconds patience) {
    const int how = (lock == Lock::shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
    std::chrono::microseconds waited{0};
    for (auto pause = lock_pause_min;; pause = std::min(pause * 2, lock_pause_max)) {
        if (::flock(chain_file, how) == 0) return {};
        if (errno != EWOULDBLOCK && errno != EINTR) return file_error("cannot lock", chain_name);
        if (waited >= patience)
            return unavailable(
                "another process holds chain.jsonl: no lock of it within " +
                    std::to_string(patience.count()) + " ms",
                "fuser on the chain.jsonl of the case tells which; end it or wait for it, then call again");
        std::this_thread::sleep_for(pause);
        waited += pause;
    }
}

void unlock_chain(int chain_file) { ::flock(chain_file, LOCK_UN); }

LockedChain::~LockedChain() {
    if (chain_ && chain_->file) unlock_chain(chain_->file.get());
}

Result<LockedChain> ChainFile::lock(Lock lock) {
    const auto path = folder_ / chain_name;
    auto chain = std::exchange(kept_, nullptr);
    for (int attempts_left = attempts_max;; --attempts_left) {
        if (chain == nullptr) {
            auto opened = open_chain(folder_, lock);
            if (!opened) return opened.error();
            chain = *std::move(opened);
        }
        if (!chain->file) return LockedChain(std::move(chain), 0);
        if (auto locked = lock_chain(chain->file.get(), lock); !locked) return locked.error();
        struct stat info {};
        if (::lstat(path.c_str(), &info) == 0 && info.st_dev == chain->device &&
            info.st_ino == chain->inode) {
            if (chain->writable) kept_ = chain;
            return LockedChain(std::move(chain), static_cast<std::uint64_t>(info.st_size));
        }
        unlock_chain(chain->file.get());
        if (attempts_left == 0)
            return unavailable("chain.jsonl is replaced again and again while it is being opened",
                               "call again");
        chain.reset();
    }
}

}  // namespace casefile::evidence
