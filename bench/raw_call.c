/* The least that a small call can take whose question and answer are each signed and on stable storage: five statements
 * between two records, one after the other, and nothing around them. Prints the median in microseconds, then how many such
 * calls a second eight connections make when the disk costs nothing.
 * Arguments: host port user password database rounds statement file. */
#include <fcntl.h>
#include <mysql.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "floor.h"

enum { connections = 8, record_bytes = 3072 };

static char **words;
static EVP_PKEY *key;

static MYSQL *connected(void) {
    MYSQL *connection = mysql_init(NULL);
    if (mysql_real_connect(connection, words[1], words[3], words[4], words[5], (unsigned)atoi(words[2]), NULL, 0)) return connection;
    fprintf(stderr, "%s\n", mysql_error(connection));
    exit(1);
}

static void ask(MYSQL *connection, const char *statement) {
    if (mysql_query(connection, statement)) {
        fprintf(stderr, "%s\n", mysql_error(connection));
        exit(1);
    }
    MYSQL_RES *rows = mysql_use_result(connection);
    if (rows == NULL) return;
    while (mysql_fetch_row(rows)) {
    }
    mysql_free_result(rows);
}

static void ask_all(MYSQL *connection) {
    ask(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
    ask(connection, "SELECT @@session.tx_read_only, @@session.tx_isolation, @@session.time_zone, @@session.sql_mode, NOW(6)");
    ask(connection, words[7]);
    ask(connection, "SHOW COUNT(*) ERRORS");
    ask(connection, "ROLLBACK");
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

static void record(int file) {
    char bytes[record_bytes];
    memset(bytes, 'x', sizeof bytes);
    sign();
    if (write(file, bytes, sizeof bytes) != sizeof bytes || fdatasync(file) != 0) exit(1);
}

static void *calls_until(void *ends) {
    MYSQL *connection = connected();
    long done = 0;
    for (; now() < *(const double *)ends; done++) {
        sign();
        ask_all(connection);
        sign();
    }
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
    for (int i = 0; i < rounds; i++) {
        const double began = now();
        record(file);
        ask_all(connection);
        record(file);
        took[i] = now() - began;
    }
    const double seconds = 2, ends = now() + seconds * 1e6;
    pthread_t threads[connections];
    for (int i = 0; i < connections; i++) pthread_create(&threads[i], NULL, calls_until, (void *)&ends);
    long done = 0;
    for (int i = 0; i < connections; i++) {
        void *some;
        pthread_join(threads[i], &some);
        done += (long)some;
    }
    printf("%.1f %.0f\n", median(took, rounds), (double)done / seconds);
    mysql_close(connection);
}
