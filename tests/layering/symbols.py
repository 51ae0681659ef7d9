#!/usr/bin/env python3
"""Holds the promise that casefile cannot write to Kafka: what it does not link, it cannot call.

Run with the program as the only argument; exits 1 and names each forbidden function among its dynamic symbols.
"""

import re
import subprocess
import sys

FORBIDDEN = re.compile(r"rd_kafka_(produce\w*|commit\w*|subscribe|offsets_store|CreateTopics|DeleteTopics|DeleteRecords|"
                       r"DeleteGroups|AlterConsumerGroupOffsets|DeleteConsumerGroupOffsets|AlterConfigs|CreatePartitions|"
                       r"init_transactions|mock_\w+)$")

symbols = subprocess.run(["nm", "-D", "--undefined-only", sys.argv[1]], check=True, capture_output=True, text=True).stdout
names = {line.split()[-1].split("@")[0] for line in symbols.splitlines() if line.split()}
found = sorted(name for name in names if FORBIDDEN.match(name))
if found:
    sys.exit("\n".join(f"{sys.argv[1]} links {name}" for name in found))
if "rd_kafka_assign" not in names:
    sys.exit(f"{sys.argv[1]}: expected it to read Kafka by rd_kafka_assign, got no such symbol")
print("no function that writes to Kafka is linked")
