/* The least that a call can take whose question and answer are each signed and on stable storage: five statements between
 * two records, the rows in the second one, and nothing around them. Prints the median and the processor time of a call in
 * microseconds, then how many such calls a second eight connections make when the disk costs nothing.
 * Arguments: host port user password database rounds statement file. */
#include <fcntl.h>
#include <mysql.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "floor.h"

enum { connections = 8, record_bytes = 3072 };

/* What one call keeps of its rows: their values, one after the other. */
struct Kept {
    char *bytes;
    size_t used, room;
};

static char **words;
static EVP_PKEY *key;

static MYSQL *connected(void) {
    MYSQL *connection = mysql_init(NULL);
    if (mysql_real_connect(connection, words[1], words[3], words[4], words[5], (unsigned)atoi(words[2]), NULL, 0)) return connection;
    fprintf(stderr, "%s\n", mysql_error(connection));
    exit(1);
}

static void keep(struct Kept *kept, const char *value, size_t bytes) {
    if (kept->used + bytes > kept->room) {
        kept->room = 2 * (kept->used + bytes);
        kept->bytes = realloc(kept->bytes, kept->room);
    }
    memcpy(kept->bytes + kept->used, value, bytes);
    kept->used += bytes;
}

static void ask(MYSQL *connection, const char *statement, struct Kept *kept) {
    if (mysql_query(connection, statement)) {
        fprintf(stderr, "%s\n", mysql_error(connection));
        exit(1);
    }
    MYSQL_RES *rows = mysql_use_result(connection);
    if (rows == NULL) return;
    const unsigned columns = mysql_num_fields(rows);
    for (MYSQL_ROW row; (row = mysql_fetch_row(rows)) != NULL;)
        for (unsigned i = 0; i < columns; i++)
            if (row[i]) keep(kept, row[i], mysql_fetch_lengths(rows)[i]);
    mysql_free_result(rows);
}

static void ask_all(MYSQL *connection, struct Kept *kept) {
    kept->used = 0;
    ask(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", kept);
    ask(connection, "SELECT @@session.tx_read_only, @@session.tx_isolation, @@session.time_zone, @@session.sql_mode, NOW(6)", kept);
    ask(connection, words[7], kept);
    ask(connection, "SHOW COUNT(*) ERRORS", kept);
    ask(connection, "ROLLBACK", kept);
}

static void sign(void) {
    unsigned char hash[32] = {1}, signature[64];
    size_t size = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (EVP_DigestSignInit(context, NULL, NULL, NULL, key) != 1 ||
        EVP_DigestSign(context, signature, &size, hash, sizeof hash) != 1)
        exit(1);
    EVP_MD_CTX_free(context);
}

static void record(int file, struct Kept *kept) {
    char bytes[record_bytes];
    memset(bytes, 'x', sizeof bytes);
    keep(kept, bytes, sizeof bytes);
    sign();
    if (write(file, kept->bytes, kept->used) != (ssize_t)kept->used || fdatasync(file) != 0) exit(1);
    kept->used = 0;
}

static double processor_us(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static void *calls_until(void *ends) {
    MYSQL *connection = connected();
    struct Kept kept = {0};
    long done = 0;
    for (; now() < *(const double *)ends; done++) {
        sign();
        ask_all(connection, &kept);
        sign();
    }
    free(kept.bytes);
    mysql_close(connection);
    return (void *)done;
}

int main(int count, char **given) {
    if (count != 9) return 2;
    words = given;
    key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    const int rounds = atoi(words[6]), file = open(words[8], O_WRONLY | O_CREAT | O_APPEND, 0600);
    double *took = malloc((size_t)rounds * sizeof *took);
    MYSQL *connection = connected();
    struct Kept kept = {0};
    const double spent_before = processor_us();
    for (int i = 0; i < rounds; i++) {
        const double began = now();
        record(file, &kept);
        ask_all(connection, &kept);
        record(file, &kept);
        took[i] = now() - began;
    }
    const double spent = (processor_us() - spent_before) / rounds;
    const double seconds = 2, ends = now() + seconds * 1e6;
    pthread_t threads[connections];
    for (int i = 0; i < connections; i++) pthread_create(&threads[i], NULL, calls_until, (void *)&ends);
    long done = 0;
    for (int i = 0; i < connections; i++) {
        void *some;
        pthread_join(threads[i], &some);
        done += (long)some;
    }
    printf("%.1f %.1f %.0f\n", median(took, rounds), spent, (double)done / seconds);
    mysql_close(connection);
}
