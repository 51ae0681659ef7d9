#!/usr/bin/env python3
"""Holds the rooms' arrows true: which room may include which, where third-party headers stand, how long a file may be.

The rules are those of docs/ARCHITECTURE.md. Run with the source folder as the only argument; exits 1 and names each
broken rule with its file and line.
"""

import pathlib
import re
import subprocess
import sys

# A room may include itself and what is listed.
ROOMS = {
    "base": set(),
    "policy": {"base"},
    "sources": {"base"},
    "evidence": {"base"},
    "cases": {"base", "evidence"},
    "net": {"base"},
    "mcp": {"base", "net"},
    "tools": {"base", "policy", "cases", "evidence", "sources", "mcp"},
    "app": {"base", "policy", "cases", "evidence", "sources", "net", "mcp", "tools"},
    "sandbox": {"base"},
}

# Of a room with rules of its own, only these headers may be seen by the room named first.
ONLY = {("tools", "mcp"): {"mcp/tool.h", "mcp/catalog.h", "mcp/prompt.h", "mcp/resource.h", "mcp/completion.h",
                          "mcp/changes.h"}}

# Third-party headers, and the only places that may include them.
HOMES = {
    r"cppconn/|mysql_(connection|driver|error)\.h": ["sources/mysql/", "bench/"],
    r"hiredis": ["sources/redis/", "sandbox/", "tests/integration/", "bench/"],
    r"librdkafka": ["sources/kafka/", "sandbox/", "tests/integration/", "tests/kafka/"],
    r"mysql\.h|mariadb/|mysqld_error\.h": ["sandbox/", "tests/integration/", "bench/"],
    r"sqlite3\.h": ["cases/sqlite_statement.h", "tests/unit/cases/"],
    r"archive(_entry)?\.h$": ["evidence/archive.cpp", "tests/unit/cases/"],
    r"CLI/": ["app/", "sandbox/", "tests/conformance/server/main.cpp"],
    r"spdlog/": ["base/log.cpp"],
    r"fmt/": ["app/metrics.cpp"],
    r"openssl/": ["base/hash.cpp", "evidence/signing_key.cpp", "net/", "bench/"],
    r"boost/(asio|beast)": ["net/"],
    r"boost/url": ["app/environments.cpp", "net/oauth.cpp"],
    r"cjose/": ["net/key_set.cpp", "tests/unit/net/"],
    r"catch2/": ["tests/"],
}

LINES_MAX = 400
INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^>"]+)[>"]')


def broken_rules(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard", "*.cpp", "*.h"], check=True,
                            capture_output=True, text=True).stdout.split()
    files = [name for name in listed if (pathlib.Path(root) / name).exists()]
    if len(files) < 50:
        yield f"{root}: expected the whole source tree, got {len(files)} files"
    for name in files:
        lines = (pathlib.Path(root) / name).read_text(encoding="utf-8").splitlines()
        room = name.split("/")[0]
        if len(lines) > LINES_MAX:
            yield f"{name}: {len(lines)} lines, at most {LINES_MAX}: two things in one file?"
        for number, line in enumerate(lines, 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            header = found.group(1)
            other = header.split("/")[0]
            where = f"{name}:{number}: "
            if other == "tests" and room != "tests":
                yield where + f"{room} includes {header}: only tests may"
            if room in ROOMS and other in ROOMS and other != room and other not in ROOMS[room]:
                yield where + f"{room} must not know {other} ({header})"
            if other in ROOMS and header not in ONLY.get((room, other), {header}):
                yield where + f"{room} may see of {other} only {', '.join(sorted(ONLY[(room, other)]))}, not {header}"
            for pattern, homes in HOMES.items():
                if re.match(pattern, header) and not any(name.startswith(home) for home in homes):
                    yield where + f"{header} belongs in {', '.join(homes)}"


if __name__ == "__main__":
    problems = list(broken_rules(sys.argv[1]))
    print("\n".join(problems) if problems else "the rooms' arrows are true")
    sys.exit(1 if problems else 0)
