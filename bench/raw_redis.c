/* The floor of a pipeline: the same GETs again and again through hiredis alone. Prints the median in microseconds.
 * Arguments: port keys rounds. */
#include <hiredis/hiredis.h>
#include <stdio.h>

#include "floor.h"

int main(int count, char **words) {
    if (count != 4) return 2;
    redisContext *connection = redisConnect("127.0.0.1", atoi(words[1]));
    if (connection == NULL || connection->err) return 1;
    const int keys = atoi(words[2]), rounds = atoi(words[3]);
    double *took = malloc((size_t)rounds * sizeof *took);
    for (int round = 0; round < rounds; round++) {
        const double began = now();
        for (int i = 1; i <= keys; i++) redisAppendCommand(connection, "GET order:%d", i);
        for (int i = 1; i <= keys; i++) {
            redisReply *reply = NULL;
            if (redisGetReply(connection, (void **)&reply) != REDIS_OK) return 1;
            freeReplyObject(reply);
        }
        took[round] = now() - began;
    }
    printf("%.1f\n", median(took, rounds));
    return 0;
}
