#!/usr/bin/env python3
"""Holds the promise that casefile cannot write to Kafka: what it does not link, it cannot call.

Run with the program as the only argument; exits 1 and names each function of librdkafka or hiredis among its dynamic
symbols that is not known to read, each that is known to write, and each by which more code could be loaded later.
"""

import re
import subprocess
import sys

# Named for the message alone: whatever is not in KAFKA is refused anyway.
WRITES = re.compile(r"rd_kafka_(produce\w*|commit\w*|\w*subscri\w*|offset_store\w*|offsets_store|\w*Create\w*|\w*Delete\w*|"
                    r"\w*Alter\w*|\w*transaction\w*|mock_\w+|test_\w+)$")

KAFKA = {"rd_kafka_" + name for name in """
    AdminOptions_destroy AdminOptions_new AdminOptions_set_opaque AdminOptions_set_request_timeout
    ConsumerGroupDescription_error ConsumerGroupDescription_group_id ConsumerGroupDescription_member
    ConsumerGroupDescription_member_count ConsumerGroupDescription_state ConsumerGroupListing_group_id
    ConsumerGroupListing_state DescribeConsumerGroups DescribeConsumerGroups_result_groups
    ListConsumerGroupOffsets ListConsumerGroupOffsets_destroy ListConsumerGroupOffsets_new
    ListConsumerGroupOffsets_result_groups ListConsumerGroups ListConsumerGroups_result_errors
    ListConsumerGroups_result_valid MemberAssignment_partitions MemberDescription_assignment
    MemberDescription_client_id MemberDescription_consumer_id MemberDescription_host assign clusterid
    conf_destroy conf_interceptor_add_on_new conf_new conf_set conf_set_log_cb conf_set_connect_cb conf_set_opaque conf_set_resolve_cb
    consumer_group_state_code
    consumer_group_state_name     consumer_poll controllerid destroy_flags err2str error_code error_string event_DescribeConsumerGroups_result
    event_ListConsumerGroupOffsets_result event_ListConsumerGroups_result event_destroy event_error
    event_error_string event_opaque event_type group_list_destroy
    group_result_error group_result_partitions header_get_all
    interceptor_add_on_request_sent interceptor_add_on_response_received
    interceptor_add_on_thread_start list_groups mem_free message_destroy message_errstr message_headers message_timestamp metadata metadata_destroy new
    offsets_for_times opaque poll_set_consumer queue_destroy queue_new queue_poll topic_partition_list_add
    topic_partition_list_destroy topic_partition_list_new topic_name
""".split()}

# Commands are formatted from argument vectors in one place; none is made from a format string, and none sent unseen.
REDIS = set("redisConnectWithTimeout redisFormatCommandArgv redisFree redisFreeCommand redisReaderFeed redisReaderGetReply "
            "freeReplyObject".split())

LOADS_CODE = {"dlopen", "dlmopen", "dlsym", "dlvsym"}


def problems(names):
    for name in sorted(names):
        if WRITES.match(name):
            yield f"links {name}, which writes"
        elif name.startswith("rd_kafka_") and name not in KAFKA:
            yield f"links {name}, which is not on the list of functions that read"
        elif name.startswith("redis") and name not in REDIS:
            yield f"links {name}, which is not on the list of functions that the Redis driver needs"
        elif name in LOADS_CODE:
            yield f"links {name}, by which it could load what it does not link"
    if "rd_kafka_assign" not in names:
        yield "expected it to read Kafka by rd_kafka_assign, got no such symbol"


symbols = subprocess.run(["nm", "-D", sys.argv[1]], check=True, capture_output=True, text=True).stdout
found = list(problems({line.split()[-1].split("@")[0] for line in symbols.splitlines() if line.split()}))
if found:
    sys.exit("\n".join(f"{sys.argv[1]} {problem}" for problem in found))
print("no function that writes to Kafka or Redis is linked")
