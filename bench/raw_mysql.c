/* The floor: one statement again and again through libmariadb, without anything around it. Prints the median in
 * microseconds. Arguments: host port user password database rounds statement. */
#include <mysql.h>
#include <stdio.h>

#include "floor.h"

int main(int count, char **words) {
    if (count != 8) return 2;
    MYSQL *connection = mysql_init(NULL);
    if (!mysql_real_connect(connection, words[1], words[3], words[4], words[5], (unsigned)atoi(words[2]), NULL, 0)) {
        fprintf(stderr, "%s\n", mysql_error(connection));
        return 1;
    }
    const int rounds = atoi(words[6]);
    double *took = malloc((size_t)rounds * sizeof *took);
    for (int i = 0; i < rounds; i++) {
        const double began = now();
        if (mysql_query(connection, words[7])) {
            fprintf(stderr, "%s\n", mysql_error(connection));
            return 1;
        }
        MYSQL_RES *rows = mysql_use_result(connection);
        while (mysql_fetch_row(rows)) {
        }
        mysql_free_result(rows);
        took[i] = now() - began;
    }
    printf("%.1f\n", median(took, rounds));
    mysql_close(connection);
    return 0;
}
