#pragma once
// A fixed pool of threads that run tools. A bounded queue: a full one is an answer, not a wait.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace casefile::mcp {

class WorkerPool {
  public:
    /// `at_thread_end` runs on each worker as it ends (drivers keep per-thread state).
    WorkerPool(std::size_t threads, std::size_t queue_max, std::function<void()> at_thread_end = {});
    /// Runs what is queued, then ends the threads.
    ~WorkerPool();

    /// False when the queue is full. Work must not throw.
    bool post(std::function<void()> work);

    /// Waits until nothing is queued and no thread works.
    void drain();

  private:
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> queue_;
    std::size_t queue_max_;
    std::size_t busy_ = 0;  ///< threads at work
    std::condition_variable idle_;
    bool ending_ = false;
    std::function<void()> at_thread_end_;
    std::vector<std::thread> threads_;
};

}  // namespace casefile::mcp
