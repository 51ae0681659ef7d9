// What an answer of many rows costs in processor time: the rows as text in a reply, and nothing else; or the
// least that such an answer takes where it is filed as docs/evidence-format.md says and asked through
// Connector/C++: the five statements of raw_call.c between two signed and synced records, a folder with five
// files, the large one hashed and synced with its name, and a reply that holds the rows as JSON and as a
// table. No guard, no masks, no limits, no JSON parser, no threads. Arguments: reply|filed port user password
// database rounds statement folder. Replies go to standard output, and the microseconds of processor time of
// one to standard error.
#include <cppconn/driver.h>
#include <cppconn/resultset.h>
#include <cppconn/statement.h>
#include <fcntl.h>
#include <mysql.h>
#include <openssl/evp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace {

constexpr int warm_up = 20;
constexpr std::size_t record_bytes = 3072, small_file_bytes = 1024;

void check(bool good, const char* what) {
    if (good) return;
    std::perror(what);
    std::exit(1);
}

double processor_us() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
           static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

void write_all(int file, std::string_view bytes) {
    check(::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "write");
}

/// The rows as they go into a file, into JSON, and into a table within a JSON string.
struct Texts {
    std::string csv, json, table;

    void begin_row() {
        json += json.empty() ? "[" : ",[";
        table += "\\n";
    }
    void add(std::string_view value, bool first) {
        if (!first) {
            csv += ',';
            json += ',';
            table += " | ";
        }
        const bool plain = value.find_first_of("\"\\,\r\n") == std::string_view::npos;
        json += '"';
        if (plain) {
            csv += value;
            json += value;
            table += value;
        } else {
            add_marked(value);
        }
        json += '"';
    }
    void add_marked(std::string_view value) {
        csv += '"';
        for (const char c : value) {
            csv += c;
            if (c == '"') csv += c;
            if (c == '"' || c == '\\') {
                json += '\\';
                table += '\\';
            }
            json += c;
            table += c;
        }
        csv += '"';
    }
    void end_row() {
        csv += "\r\n";
        json += ']';
    }
    void clear() {
        csv.clear();
        json.clear();
        table.clear();
    }
};

void reply(std::string_view json, std::string_view table) {
    std::string text;
    text.reserve(json.size() + table.size() + 128);
    text += R"({"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"rows":[)";
    text += json;
    text += R"(]},"content":[{"type":"text","text":")";
    text += table;
    text += "\"}]}}\n";
    write_all(STDOUT_FILENO, text);
}

class Plain {
  public:
    explicit Plain(char** words) : statement_(words[7]) {
        check(mysql_real_connect(connection_, "127.0.0.1", words[3], words[4], words[5],
                                 static_cast<unsigned>(std::strtoul(words[2], nullptr, 10)), nullptr,
                                 0) != nullptr,
              "connect");
    }
    void call() {
        check(mysql_query(connection_, statement_) == 0, "statement");
        MYSQL_RES* rows = mysql_use_result(connection_);
        const unsigned columns = mysql_num_fields(rows);
        table_.clear();
        while (MYSQL_ROW row = mysql_fetch_row(rows)) {
            const unsigned long* lengths = mysql_fetch_lengths(rows);
            table_ += "\\n";
            for (unsigned i = 0; i < columns; ++i) {
                if (i > 0) table_ += " | ";
                for (unsigned long at = 0; row[i] != nullptr && at < lengths[i]; ++at) {
                    if (row[i][at] == '"' || row[i][at] == '\\') table_ += '\\';
                    table_ += row[i][at];
                }
            }
        }
        mysql_free_result(rows);
        reply("", table_);
    }

  private:
    MYSQL* connection_ = mysql_init(nullptr);
    const char* statement_;
    std::string table_;
};

class Filed {
  public:
    explicit Filed(char** words)
        : connection_(
              get_driver_instance()->connect("tcp://127.0.0.1:" + std::string(words[2]), words[3], words[4])),
          statement_(words[7]) {
        connection_->setSchema(words[5]);
        ::mkdir(words[8], 0700);
        runs_ = ::open(words[8], O_RDONLY | O_DIRECTORY);
        journal_ = ::openat(runs_, "journal", O_WRONLY | O_CREAT | O_APPEND, 0600);
        check(runs_ >= 0 && journal_ >= 0, words[8]);
    }
    void call() {
        const auto name = "run" + std::to_string(++number_);
        check(::mkdirat(runs_, name.c_str(), 0700) == 0, "folder");
        const int folder = ::openat(runs_, name.c_str(), O_RDONLY | O_DIRECTORY);
        for (const auto* file : {"script", "input"}) put(folder, file, small_, false);
        record();
        ask("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
        ask("SELECT @@session.tx_read_only, @@session.tx_isolation, @@session.time_zone, @@session.sql_mode, "
            "NOW(6)");
        texts_.clear();
        read_rows();
        ask("SHOW COUNT(*) ERRORS");
        ask("ROLLBACK");
        (void)hash(texts_.csv);
        put(folder, "rows.csv", texts_.csv, true);
        for (const auto* file : {"log", "manifest"}) put(folder, file, small_, false);
        check(::fsync(folder) == 0 && ::fsync(runs_) == 0, "sync");
        ::close(folder);
        record();
        reply(texts_.json, texts_.table);
    }

  private:
    static std::string hash(std::string_view bytes) {
        std::string out(32, '\0');
        EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr,
                   EVP_sha256(), nullptr);
        return out;
    }
    static void put(int folder, const char* name, std::string_view bytes, bool durable) {
        const int file = ::openat(folder, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
        write_all(file, bytes);
        if (durable) check(::fdatasync(file) == 0, "sync");
        ::close(file);
    }
    void record() {
        const auto digest = hash(record_);
        unsigned char signature[64];
        std::size_t size = sizeof signature;
        EVP_MD_CTX* context = EVP_MD_CTX_new();
        check(EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key_) == 1 &&
                  EVP_DigestSign(context, signature, &size,
                                 reinterpret_cast<const unsigned char*>(digest.data()), digest.size()) == 1,
              "signature");
        EVP_MD_CTX_free(context);
        write_all(journal_, record_);
        check(::fdatasync(journal_) == 0, "sync");
    }
    void ask(const char* statement) {
        const std::unique_ptr<sql::Statement> one(connection_->createStatement());
        if (!one->execute(statement)) return;
        const std::unique_ptr<sql::ResultSet> rows(one->getResultSet());
        while (rows->next()) (void)rows->getString(1);
    }
    void read_rows() {
        const std::unique_ptr<sql::Statement> one(connection_->createStatement());
        one->setResultSetType(sql::ResultSet::TYPE_FORWARD_ONLY);
        const std::unique_ptr<sql::ResultSet> rows(one->executeQuery(statement_));
        const unsigned columns = rows->getMetaData()->getColumnCount();
        while (rows->next()) {
            texts_.begin_row();
            for (unsigned i = 1; i <= columns; ++i) texts_.add(rows->getString(i).asStdString(), i == 1);
            texts_.end_row();
        }
    }

    std::unique_ptr<sql::Connection> connection_;
    const char* statement_;
    EVP_PKEY* key_ = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    const std::string record_ = std::string(record_bytes, 'x'), small_ = std::string(small_file_bytes, 'x');
    int runs_ = -1, journal_ = -1, number_ = 0;
    Texts texts_;
};

template <class Kind>
void measure(char** words) {
    Kind kind(words);
    const int rounds = static_cast<int>(std::strtol(words[6], nullptr, 10));
    for (int i = 0; i < warm_up; ++i) kind.call();
    const double before = processor_us();
    for (int i = 0; i < rounds; ++i) kind.call();
    std::fprintf(stderr, "%.1f\n", (processor_us() - before) / rounds);
}

}  // namespace

int main(int count, char** words) {
    if (count != 9) return 2;
    if (std::string_view(words[1]) == "reply")
        measure<Plain>(words);
    else
        measure<Filed>(words);
}
