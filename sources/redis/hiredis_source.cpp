// Connects and parses replies by hiredis, which only this folder knows; sending and receiving are done here
// without blocking, so that a stop or a deadline is seen within a moment and a closed peer raises no signal.

#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/text.h"
#include "sources/connection_pool.h"
#include "sources/identity_probe.h"
#include "sources/redis/opinions.h"
#include "sources/redis/replies.h"

namespace casefile::sources::redis {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds connect_time_max{10'000};
/// How long a stop request may stay unseen.
constexpr milliseconds stop_latency{20};
/// A server that is there says something within so long, unless it works at what it was asked.
constexpr milliseconds silent_after{500};
/// Sent at once; more would pile up replies in the server's memory.
constexpr std::size_t commands_in_flight_max = 500;
/// Of one pipeline. Beyond this the caller should read big values in windows.
constexpr std::size_t reply_bytes_max = 64 * 1024 * 1024;

struct FreeContext {
    void operator()(redisContext* context) const { redisFree(context); }
};
/// As the protocol has it (RESP: an array of bulk strings). hiredis prints each length with sprintf, which
/// took an eighth of the time of a diff of a million keys.
void append(std::string& out, const Command& command) {
    out += '*' + std::to_string(command.size()) + "\r\n";
    for (const auto& argument : command) {
        out += '$' + std::to_string(argument.size()) + "\r\n";
        out += argument;
        out += "\r\n";
    }
}

class Connection {
  public:
    static Result<std::unique_ptr<Connection>> open(const Endpoint& endpoint, const Control& control) {
        const auto left = std::min(control.left(), connect_time_max);
        if (left == milliseconds(0)) return timed_out_error(endpoint, "connecting");
        const timeval time_max{left.count() / 1000, left.count() % 1000 * 1000};
        std::unique_ptr<redisContext, FreeContext> context(
            redisConnectWithTimeout(endpoint.host.c_str(), endpoint.port, time_max));
        if (!context) return internal("hiredis could not make a connection object");
        if (context->err != 0) return tunnel_error(endpoint, lower(printable(context->errstr)));
        read_replies(*context->reader);
        std::unique_ptr<Connection> out(new Connection(endpoint, std::move(context)));
        if (auto done = out->log_in(control); !done) return done.error();
        if (control.admit) {
            auto identity = probe::ask_redis_identity(
                endpoint, [&](const std::vector<Command>& commands) { return out->ask(commands, control); });
            if (!identity) return identity.error();
            out->known_ = *std::move(identity);
        }
        return out;
    }

    /// Of the server; empty where no admission asked for it.
    const json::object& identity() const { return known_.identity; }
    const json::object& may_move() const { return known_.may_move; }

    /// One reply for each command. After an error the connection is of no more use.
    Result<std::vector<Reply>> ask(const std::vector<Command>& commands, const Control& control) {
        // What lies here before anything was asked would be taken for the answer to the first command.
        char unasked = 0;
        if (used_ && recv(context_->fd, &unasked, 1, MSG_DONTWAIT | MSG_PEEK) >= 0) return lost(0);
        used_ = true;
        received_bytes_ = 0;
        std::vector<Reply> replies;
        replies.reserve(commands.size());
        for (std::size_t from = 0; from < commands.size(); from += commands_in_flight_max) {
            const auto to = std::min(commands.size(), from + commands_in_flight_max);
            std::string unsent;
            for (std::size_t i = from; i < to; ++i) append(unsent, commands[i]);
            if (auto done = exchange(std::move(unsent), to, replies, control); !done) return done.error();
        }
        return replies;
    }

    /// Of the server behind this connection.
    Opinions& opinions() { return opinions_; }

    /// For a new call: what came before tells nothing of whether the server is there now.
    void begin_call() { heard_ = false; }

  private:
    Connection(const Endpoint& endpoint, std::unique_ptr<redisContext, FreeContext> context)
        : endpoint_(endpoint), context_(std::move(context)) {}

    Result<void> log_in(const Control& control) {
        const auto commands = probe::redis_login(endpoint_);
        if (commands.empty()) return {};
        const auto replies = ask(commands, control);
        if (!replies) return replies.error();
        for (std::size_t i = 0; i < replies->size(); ++i)
            if ((*replies)[i].kind == Reply::Kind::error)
                return by_server(refused(commands[i][0], (*replies)[i].text));
        return {};
    }

    Error refused(const std::string& command, const std::string& text) const {
        const auto place = name_of_source(endpoint_.env, endpoint_.kind);
        if (text.starts_with("ERR max number of clients"))
            return {ErrorKind::limit_reached, place + ": the server takes no more connections",
                    "ask again later"};
        // The server repeats no password, but its words are not ours to vouch for: only the code is told for
        // AUTH.
        const auto code = printable(text.substr(0, text.find(' ')));
        if (command == "AUTH")
            return unavailable("access denied for account '" +
                                   (endpoint_.user.empty() ? "default" : endpoint_.user) + "' on " +
                                   endpoint_.address() + " (" + code + ")",
                               "check user and password in " + endpoint_.variable);
        return unavailable(place + ": there is no database " + endpoint_.database + ": " + printable(text),
                           "check the database number in " + endpoint_.variable);
    }

    /// Sends `unsent` and receives until there are `wanted` replies.
    Result<void> exchange(std::string unsent, std::size_t wanted, std::vector<Reply>& replies,
                          const Control& control) {
        std::size_t sent = 0;
        const auto began = std::chrono::steady_clock::now();
        while (replies.size() < wanted) {
            if (control.stopped()) return cancelled_error();
            const auto left = control.left();
            if (left == milliseconds(0)) return late(std::chrono::steady_clock::now() - began);
            const bool sending = sent < unsent.size();
            pollfd wait{context_->fd, static_cast<short>(sending ? POLLIN | POLLOUT : POLLIN), 0};
            const int ready = poll(&wait, 1, static_cast<int>(std::min(left, stop_latency).count()));
            if (ready < 0 && errno != EINTR) return lost(errno);
            if (ready <= 0) continue;
            if ((wait.revents & POLLOUT) != 0) {
                const auto count = send(context_->fd, unsent.data() + sent, unsent.size() - sent,
                                        MSG_DONTWAIT | MSG_NOSIGNAL);
                if (count < 0 && errno != EAGAIN && errno != EINTR) return lost(errno);
                if (count > 0) sent += static_cast<std::size_t>(count);
            }
            if ((wait.revents & (POLLIN | POLLHUP | POLLERR)) != 0)
                if (auto done = receive(wanted, replies); !done) return done.error();
        }
        return {};
    }

    /// Redis has no time limit of its own, so a slow command and a dead tunnel both end here. A server that
    /// said anything in this call, were it to the login, is there and slow.
    Error late(std::chrono::steady_clock::duration waited) const {
        const bool silent = !heard_ && waited >= silent_after;
        return silent ? silent_error(endpoint_, "the pipeline") : timed_out_error(endpoint_, "the pipeline");
    }

    Result<void> receive(std::size_t wanted, std::vector<Reply>& replies) {
        std::array<char, 64 * 1024> buffer;
        const auto count = recv(context_->fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count < 0) return errno == EAGAIN || errno == EINTR ? Result<void>() : lost(errno);
        if (count == 0) return lost(0);
        heard_ = true;
        received_bytes_ += static_cast<std::size_t>(count);
        if (received_bytes_ > reply_bytes_max)
            return Error{ErrorKind::limit_reached,
                         name_of_source(endpoint_.env, endpoint_.kind) + ": the replies are larger than " +
                             std::to_string(reply_bytes_max / 1024 / 1024) + " MiB",
                         "ask for fewer keys at once, and read big values with GETRANGE, HSCAN, SSCAN, ZSCAN "
                         "or LRANGE"};
        auto* reader = context_->reader;
        bool broken = redisReaderFeed(reader, buffer.data(), static_cast<std::size_t>(count)) != REDIS_OK;
        while (!broken && replies.size() < wanted) {
            void* raw = nullptr;
            broken = redisReaderGetReply(reader, &raw) != REDIS_OK;
            if (raw == nullptr) break;
            replies.push_back(std::move(*taken(raw)));
        }
        const bool unasked = replies.size() == wanted && reader->pos != reader->len;
        if (broken || unasked)
            return unavailable(
                endpoint_.address() + " does not speak the Redis protocol: " +
                    (broken ? printable(reader->errstr) : "it answers more than it was asked"),
                "check that the tunnel on " + endpoint_.address() + " leads to a Redis server");
        return {};
    }

    Error lost(int code) const {
        const auto why =
            code == 0 ? "closed by the other side" : std::error_code(code, std::generic_category()).message();
        return {ErrorKind::unavailable,
                "the connection to " + endpoint_.address() + " was lost: " + lower(why),
                "check the tunnel on " + endpoint_.address() + " and ask again", Layer::tunnel};
    }

    const Endpoint& endpoint_;
    std::unique_ptr<redisContext, FreeContext> context_;
    Opinions opinions_;
    probe::Known known_;
    std::size_t received_bytes_ = 0;  ///< by the pipeline that runs
    bool used_ = false;
    bool heard_ = false;  ///< something came in the call that runs
};

class HiredisSource : public RedisSource {
  public:
    HiredisSource(Endpoint endpoint, const Limits& limits, Objection objection)
        : endpoint_(std::move(endpoint)),
          objection_(std::move(objection)),
          pool_(name_of_source(endpoint_.env, endpoint_.kind), limits.connections_max, clock_) {}

    const Endpoint& endpoint() const override { return endpoint_; }
    std::string resting() const override { return pool_.resting(); }

    Result<Fingerprint> fingerprint(const Control& control) override {
        // A tunnel may lead elsewhere since the last connection was made, and what is read after this probe
        // has to come from the server that it describes.
        pool_.renew();
        auto lease = take(control, true);
        if (!lease) return lease.error();
        // A probe takes no time, so that a server which only answered the login is silent all the same.
        (*lease)->begin_call();
        auto out = probe::ask_redis(endpoint_, clock_, [&](const std::vector<Command>& commands) {
            return (*lease)->ask(commands, control);
        });
        if (out) lease->keep();
        if (!out && is_silence(out.error())) lease->unanswered(out.error());
        return out;
    }

    Result<std::vector<Reply>> pipeline(const std::vector<Command>& commands,
                                        const Control& control) override {
        for (bool fresh = false;; fresh = true) {
            auto lease = take(control, fresh);
            if (!lease) return lease.error();
            if (auto admitted = control.check(endpoint_, (*lease)->identity(), (*lease)->may_move());
                !admitted)
                return admitted.error();
            if (lease->reused()) (*lease)->begin_call();
            auto replies = ask(**lease, commands, control);
            // The server may have hung up on a connection that lay idle; casefile only reads, so asking again
            // is safe.
            const bool hung_up = !replies && replies.error().kind == ErrorKind::unavailable;
            if (hung_up && lease->reused()) {
                lease->hung_up();
                continue;
            }
            if (!replies && is_silence(replies.error())) lease->unanswered(replies.error());
            // After an objection nothing was sent, so nothing is left to read.
            if (!replies && replies.error().kind == ErrorKind::denied) lease->keep();
            if (!replies) return replies;
            for (const auto& reply : *replies)
                if (reply.kind == Reply::Kind::error && reply.text.starts_with("NOAUTH"))
                    return by_server(unavailable(endpoint_.address() + " wants a password",
                                                 "put it into " + endpoint_.variable));
            lease->keep();
            return replies;
        }
    }

    std::string opinion_withheld() const override {
        const std::lock_guard lock(mutex_);
        return withheld_;
    }

  private:
    using Pool = ConnectionPool<Connection>;

    Result<std::vector<Reply>> ask(Connection& connection, const std::vector<Command>& commands,
                                   const Control& control) {
        if (objection_) {
            auto& opinions = connection.opinions();
            if (const auto question = opinions.question_about(commands); !question.empty()) {
                const auto answer = connection.ask({question}, control);
                if (!answer) return answer.error();
                opinions.note(question, answer->front());
            }
            {
                const std::lock_guard lock(mutex_);
                withheld_ = opinions.withheld();
            }
            if (auto error = objection_to(commands, opinions)) return *error;
        }
        return connection.ask(commands, control);
    }

    /// Of many commands with one name, one after the other, the first speaks for all.
    std::optional<Error> objection_to(const std::vector<Command>& commands, const Opinions& opinions) const {
        const std::string* heard = nullptr;
        for (const auto& command : commands) {
            if (heard != nullptr && !command.empty() && command[0] == *heard) continue;
            heard = nullptr;
            const auto opinion = opinions.of(command);
            if (opinion)
                if (auto error = objection_(command, *opinion)) return error;
            const bool of_its_name = !opinion || opinion->name.find('|') == std::string::npos;
            if (!command.empty() && of_its_name && !opinions.has_subcommands(command[0])) heard = &command[0];
        }
        return std::nullopt;
    }

    Result<Pool::Lease> take(const Control& control, bool fresh) {
        return pool_.take(
            control, [&] { return Connection::open(endpoint_, control); },
            [&](const Connection& one) { return !fresh && (!control.admit || !one.identity().empty()); });
    }

    const Endpoint endpoint_;
    const Objection objection_;
    const SystemClock clock_;
    Pool pool_;
    mutable std::mutex mutex_;
    std::string withheld_;  ///< guarded by mutex_
};

}  // namespace

std::unique_ptr<RedisSource> make_redis_source(Endpoint endpoint, const Limits& limits, Objection objection) {
    return std::make_unique<HiredisSource>(std::move(endpoint), limits, std::move(objection));
}

}  // namespace casefile::sources::redis
