#pragma once
// casefile-sandbox as a child process, with pipes to it.

#include <sys/types.h>

#include <string>
#include <vector>

namespace casefile::sandbox {

class Program {
  public:
    /// `temporary`: what it is told as TMPDIR; empty: what this process has.
    explicit Program(const std::vector<std::string>& arguments, const std::string& temporary = {});
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program();

    pid_t pid() const { return pid_; }
    std::string read_line();
    void close_input();
    struct Outcome {
        int code = -1;
        std::string output, errors;
    };
    /// Reads to the end of its output and waits.
    Outcome finish();

  private:
    pid_t pid_ = 0;
    int input_ = -1, output_ = -1, errors_ = -1;
};

/// Runs it to its end, with nothing on its standard input.
Program::Outcome run_sandbox(const std::vector<std::string>& arguments);

}  // namespace casefile::sandbox
