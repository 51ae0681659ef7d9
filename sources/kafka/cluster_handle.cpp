#include "sources/kafka/cluster_handle.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/text.h"

namespace casefile::sources::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds poll_step{100};
constexpr milliseconds first_patience{500};

struct Setting {
    const char* name;
    const char* value;
};
constexpr std::array settings = {
    Setting{"client.id", "casefile"},
    Setting{"group.id", "casefile-never-joins"},
    Setting{"enable.auto.commit", "false"},
    Setting{"enable.auto.offset.store", "false"},
    Setting{"allow.auto.create.topics", "false"},
    Setting{"isolation.level", "read_uncommitted"},
    Setting{"auto.offset.reset", "error"},
    Setting{"enable.partition.eof", "true"},
    // Small answers are wanted soon, and a big topic must not fill our memory ahead of us.
    Setting{"fetch.wait.max.ms", "100"},
    Setting{"queued.min.messages", "10000"},
    Setting{"queued.max.messages.kbytes", "16384"},
    Setting{"reconnect.backoff.ms", "50"},
    Setting{"reconnect.backoff.max.ms", "200"},
    Setting{"socket.timeout.ms", "30000"},
    Setting{"socket.connection.setup.timeout.ms", "10000"},
    Setting{"topic.metadata.refresh.interval.ms", "-1"},
};

/// librdkafka looks for the coordinator of the group that is never joined, and connects to it a second time
/// under the name of its broker. Nothing is asked there; this is true in the thread that does so.
thread_local bool is_for_unjoined_group = false;

rd_kafka_resp_err_t note_thread(rd_kafka_t*, rd_kafka_thread_type_t type, const char* name, void*) {
    is_for_unjoined_group =
        type == RD_KAFKA_THREAD_BROKER && std::string_view(name).starts_with("GroupCoordinator");
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace

int timeout_of(milliseconds time) {
    return static_cast<int>(std::clamp<std::int64_t>(time.count(), 1, 3'600'000));
}

Result<std::unique_ptr<ClusterHandle>> ClusterHandle::open(const Endpoint& endpoint) {
    std::unique_ptr<ClusterHandle> out(new ClusterHandle(endpoint));
    std::unique_ptr<rd_kafka_conf_t, Deleter<rd_kafka_conf_destroy>> conf(rd_kafka_conf_new());
    std::array<char, 512> why{};
    const auto set = [&](const char* name, const char* value) {
        return rd_kafka_conf_set(conf.get(), name, value, why.data(), why.size()) == RD_KAFKA_CONF_OK;
    };
    const auto brokers = join(endpoint.brokers, ",");
    bool all_set = set("bootstrap.servers", brokers.c_str());
    for (const auto& setting : settings) all_set = all_set && set(setting.name, setting.value);
    if (!all_set) return internal(std::string("librdkafka did not take a setting: ") + why.data());

    rd_kafka_conf_set_opaque(conf.get(), out.get());
    rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t* handle, int, const char*, const char* line) {
        if (handle != nullptr) static_cast<ClusterHandle*>(rd_kafka_opaque(handle))->take_log(line);
    });
    rd_kafka_conf_set_resolve_cb(conf.get(), [](const char* node, const char* service, const addrinfo*,
                                                addrinfo** result, void* opaque) {
        return static_cast<ClusterHandle*>(opaque)->tunnels_.resolve(node, service, result);
    });
    rd_kafka_conf_set_connect_cb(
        conf.get(), [](int socket, const sockaddr* address, int length, const char* broker, void* opaque) {
            return static_cast<ClusterHandle*>(opaque)->connect_to(socket, address, length, broker);
        });
    rd_kafka_conf_interceptor_add_on_new(conf.get(), "casefile", take_interceptors, out.get());
    out->handle_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), why.data(), why.size());
    if (out->handle_ == nullptr) return internal(std::string("librdkafka could not start: ") + why.data());
    static_cast<void>(conf.release());  // the handle owns it now
    rd_kafka_poll_set_consumer(out->handle_);
    return out;
}

ClusterHandle::~ClusterHandle() {
    // Without the flag it would wait for the group that it never joined.
    if (handle_ != nullptr) rd_kafka_destroy_flags(handle_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

rd_kafka_resp_err_t ClusterHandle::take_interceptors(rd_kafka_t* handle, const rd_kafka_conf_t*, void* self,
                                                     char*, std::size_t) {
    rd_kafka_interceptor_add_on_thread_start(handle, "note_thread", note_thread, nullptr);
    rd_kafka_interceptor_add_on_request_sent(
        handle, "note_request",
        [](rd_kafka_t*, int, const char*, std::int32_t, std::int16_t, std::int16_t, std::int32_t, std::size_t,
           void* here) {
            static_cast<ClusterHandle*>(here)->accepted_ = true;
            return RD_KAFKA_RESP_ERR_NO_ERROR;
        },
        self);
    return rd_kafka_interceptor_add_on_response_received(
        handle, "note_response",
        [](rd_kafka_t*, int, const char*, std::int32_t, std::int16_t, std::int16_t, std::int32_t, std::size_t,
           std::int64_t, rd_kafka_resp_err_t code, void* here) {
            if (code == RD_KAFKA_RESP_ERR_NO_ERROR) static_cast<ClusterHandle*>(here)->spoke_ = true;
            return RD_KAFKA_RESP_ERR_NO_ERROR;
        },
        self);
}

int ClusterHandle::connect_to(int socket, const sockaddr* address, int length, const char* broker) {
    if (!is_for_unjoined_group) {
        const std::lock_guard lock(mutex_);
        const bool again = !connected_.insert(broker).second;
        if (again && known_) reconnected_ = true;
    }
    // The socket does not block: librdkafka waits for the connection that is under way.
    if (::connect(socket, address, static_cast<socklen_t>(length)) == 0 || errno == EINPROGRESS) return 0;
    return errno;
}

void ClusterHandle::take_log(const std::string& line) {
    const std::lock_guard lock(mutex_);
    last_log_ = line.substr(0, 500);
    // "… Connect to ipv4#127.0.0.1:9092 failed: Connection refused (after 0ms in state CONNECT)"
    const auto address = line.find('#');
    const auto failed = line.find(" failed: Connection refused");
    if (address != std::string::npos && failed != std::string::npos && address < failed &&
        refused_.size() < 64)
        refused_.insert(line.substr(address + 1, failed - address - 1));
}

bool ClusterHandle::all_refused() const {
    const std::lock_guard lock(mutex_);
    return std::all_of(endpoint_.brokers.begin(), endpoint_.brokers.end(), [this](std::string broker) {
        if (broker.starts_with("localhost:")) broker.replace(0, 9, "127.0.0.1");
        return refused_.contains(broker);
    });
}

Result<void> ClusterHandle::patiently(const char* what, const Control& control,
                                      const std::function<rd_kafka_resp_err_t(int)>& once) {
    for (auto patience = first_patience;; patience *= 2) {
        if (control.stopped()) return cancelled_error();
        const auto left = control.left();
        if (left == milliseconds(0)) return error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, what);
        const auto code = once(timeout_of(std::min(patience, left)));
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
        const bool worth_waiting =
            code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TRANSPORT ||
            code == RD_KAFKA_RESP_ERR__WAIT_COORD || code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
            code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION;
        if (!worth_waiting || all_refused() || tunnels_.missing()) return error_of(code, what);
    }
}

EventPtr ClusterHandle::next_event(rd_kafka_queue_t* queue, const Control& control) const {
    while (!control.stopped()) {
        const auto left = control.left();
        if (left == milliseconds(0)) break;
        if (auto* event = rd_kafka_queue_poll(queue, timeout_of(std::min(left, poll_step))))
            return EventPtr(event);
    }
    return nullptr;
}

Error ClusterHandle::error_of(rd_kafka_resp_err_t code, const char* what, const std::string& words) const {
    return by_server(explain(code, what, words));
}

Error ClusterHandle::explain(rd_kafka_resp_err_t code, const char* what, const std::string& words) const {
    const auto place = name_of_source(endpoint_.env, endpoint_.kind);
    const auto said = words.empty() ? std::string(rd_kafka_err2str(code)) : words;
    switch (code) {
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
            return denied(place + " refused " + what + ": " + printable(said),
                          "ask for a topic or group that the account may read, or have it granted");
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
            return not_found(place + ": " + what + ": " + printable(said), "check the name of the topic");
        case RD_KAFKA_RESP_ERR__DESTROY:
            return cancelled_error();
        default:
            break;
    }
    if (auto missing = tunnels_.missing()) return *std::move(missing);
    if (all_refused()) return tunnel_error(endpoint_, "connection refused");
    std::string log;
    {
        const std::lock_guard lock(mutex_);
        if (!last_log_.empty()) log = "; the last words of the connection: " + printable(last_log_);
    }
    if (accepted_ && !spoke_)
        return {code == RD_KAFKA_RESP_ERR__TIMED_OUT ? ErrorKind::timed_out : ErrorKind::unavailable,
                endpoint_.address() + " accepted the connection and did not speak Kafka in time: " + what +
                    " came to nothing" + log,
                "check that the tunnel on " + endpoint_.address() +
                    " leads to a Kafka broker, and to a listener of it in plain text; if it does, ask again "
                    "later",
                Layer::tunnel};
    if (code == RD_KAFKA_RESP_ERR__TIMED_OUT) {
        auto error = timed_out_error(endpoint_, what);
        error.message += log;
        return error;
    }
    if (code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
        code == RD_KAFKA_RESP_ERR__RESOLVE)
        return tunnel_error(endpoint_, printable(said) + log);
    return unavailable(place + ": " + what + " failed: " + printable(said) + log, "ask again later");
}

}  // namespace casefile::sources::kafka
