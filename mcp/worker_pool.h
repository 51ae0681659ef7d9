#pragma once
// A pool of threads that run tools, each begun when work comes and all others are busy. A bounded queue: a
// full one is an answer, not a wait.

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
    WorkerPool(std::size_t threads_max, std::size_t queue_max, std::function<void()> at_thread_end = {});
    /// Runs what is queued, then ends the threads.
    ~WorkerPool();

    /// False when the queue is full, or no thread can be had for it. Work must not throw.
    bool post(std::function<void()> work);

    /// Waits until nothing is queued and no thread works.
    void drain();

  private:
    void run();
    bool begin_thread();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> queue_;
    const std::size_t threads_max_, queue_max_;
    std::size_t busy_ = 0;     ///< threads at work
    std::size_t waiting_ = 0;  ///< threads that wait for it
    std::condition_variable idle_;
    bool ending_ = false;
    std::function<void()> at_thread_end_;
    std::vector<std::thread> threads_;
};

}  // namespace casefile::mcp
