#!/usr/bin/env python3
"""The example in docs/mcp-library.md is the file that is built, and it answers a client in both eras.

usage: example_test.py SOURCE_FOLDER MINIMAL_SERVER
"""

import json
import pathlib
import subprocess
import sys

source, program = pathlib.Path(sys.argv[1]), sys.argv[2]
example = (source / "examples/minimal_server.cpp").read_text(encoding="utf-8")
page = (source / "docs/mcp-library.md").read_text(encoding="utf-8")
assert f"```cpp\n{example}```\n" in page, "docs/mcp-library.md does not show examples/minimal_server.cpp as it is"

meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
call = {"name": "greet", "arguments": {"name": "Ada"}}
messages = [
    {"id": 1, "method": "tools/call", "params": {**call, "_meta": meta}},
    {"id": 2, "method": "initialize",
     "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}},
    {"id": 3, "method": "tools/call", "params": call},
]
lines = "".join(json.dumps({"jsonrpc": "2.0", **message}) + "\n" for message in messages)
ran = subprocess.run([program], input=lines, capture_output=True, text=True, timeout=60, check=True)
answers = {answer["id"]: answer["result"] for answer in map(json.loads, ran.stdout.splitlines())}
for number in (1, 3):
    assert answers[number]["structuredContent"] == {"greeting": "Hello, Ada!"}, answers[number]
assert answers[2]["protocolVersion"] == "2025-11-25", answers[2]
