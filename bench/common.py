"""What the programs of this folder share: a server on a pipe, the sandbox's shop, a database of a million rows."""
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
RELEASE = HERE.parent / "build/release"
COLUMNS = ["id", "user_id", "status", "amount", "currency", "created_at", "note", "coupon"]
CHANGED_EVERY, MISSING_EVERY, LEFT_OVER = 7_299, 24_390, 23  # no row is both changed and missing


class Server:
    """casefile serve on a pipe, with a case open."""

    def __init__(self, binary, home, env, variables):
        self.began = time.perf_counter()
        self.process = subprocess.Popen([binary, "serve", "--home", home, "--confirm", env, "--log-level", "error"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=variables)
        self.number = 0
        self.ask("initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo={"name": "bench", "version": "1"})
        self.post({"jsonrpc": "2.0", "method": "notifications/initialized"})
        self.ask("tools/list")
        self.start_ms = (time.perf_counter() - self.began) * 1000
        self.start_mib = self.memory("VmRSS")
        self.case = self.call("open_case", topic="bench", env=env)["case"]

    def post(self, message):
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def send(self, method, **params):
        self.number += 1
        self.post({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})

    def receive(self):
        """The next line that is an answer; others tell that a case grew."""
        while not (line := self.process.stdout.readline()).startswith((b'{"jsonrpc":"2.0","id"', b'{"id"')):
            if not line:
                raise SystemExit("casefile ended")
        return line

    def ask(self, method, **params):
        self.send(method, **params)
        return json.loads(self.receive())["result"]

    def call(self, tool, **arguments):
        result = self.ask("tools/call", name=tool, arguments=arguments)
        if result.get("isError"):
            raise SystemExit(f'{tool}: {result["structuredContent"]}')
        return result["structuredContent"]

    def memory(self, what):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(what + r":\s+(\d+)", status)[1]) / 1024

    def cpu_us(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1e6 / os.sysconf("SC_CLK_TCK")

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Shop:
    """The sandbox's shop, for as long as the block lasts."""

    def __init__(self, build, folder):
        self.sandbox, self.folder = build / "casefile-sandbox", str(folder)

    def __enter__(self):
        subprocess.run([self.sandbox, "up", "--dir", self.folder], check=True, stdout=subprocess.DEVNULL)
        exports = subprocess.run([self.sandbox, "env", "--exports", "--dir", self.folder], check=True, capture_output=True,
                                 text=True)
        sources = dict(re.findall(r"(?m)^export (\w+)=['\"]?(.*?)['\"]?$", exports.stdout))
        name, self.url = next((name, url) for name, url in sources.items() if name.startswith("MYSQL_"))
        self.env = name.removeprefix("MYSQL_").removesuffix("_URL")
        # The shop's other servers have no part in this.
        self.variables = {**os.environ, name: self.url}
        return self

    def __exit__(self, *_):
        subprocess.run([self.sandbox, "down", "--dir", self.folder], stdout=subprocess.DEVNULL)


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


class Orders:
    """A MariaDB and a Redis of the bench's own: `rows` orders, and a cache of them with known faults."""

    def __init__(self, folder, rows):
        self.folder, self.rows = Path(folder), rows
        self.db_port, self.redis_port = free_port(), free_port()
        self.changed, self.missing = rows // CHANGED_EVERY, rows // MISSING_EVERY

    def __enter__(self):
        data, user = self.folder / "mysql", "mysql" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        data.mkdir(parents=True)
        if os.getuid() == 0:
            self.folder.parent.chmod(0o711)  # the server's own account has to get there
            shutil.chown(data, user)
        self.socket = str(data / "s")
        install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", f"--user={user}", "--skip-test-db",
                   "--auth-root-authentication-method=normal"]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        server = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--user={user}", f"--socket={self.socket}",
                  f"--port={self.db_port}", "--bind-address=127.0.0.1", "--innodb-buffer-pool-size=1G",
                  "--innodb-flush-log-at-trx-commit=2", "--character-set-server=utf8mb4"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        redis = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.redis_port), "--save", "", "--dir", self.folder]
        self.processes = [subprocess.Popen(server, **quiet), subprocess.Popen(redis, **quiet)]
        try:
            self.fill()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
            process.wait()

    def sql(self, text):
        return subprocess.run(["mariadb", "--no-defaults", "-uroot", "-S", self.socket, "-e", text], capture_output=True)

    def fill(self):
        until = time.monotonic() + 60
        while self.sql("SELECT 1").returncode != 0:
            if time.monotonic() > until:
                raise SystemExit("the bench's MariaDB does not come up")
        done = self.sql(f"""CREATE DATABASE shop; USE shop;
            CREATE TABLE orders (id INT PRIMARY KEY, user_id INT NOT NULL, status VARCHAR(12) NOT NULL,
                amount DECIMAL(10,2) NOT NULL, currency CHAR(3) NOT NULL, created_at DATETIME(6) NOT NULL,
                note VARCHAR(60) NOT NULL, coupon VARCHAR(12));
            INSERT INTO orders SELECT seq, 1 + seq * 7919 % 9973, ELT(1 + seq % 4, 'new', 'paid', 'sent', 'done'),
                seq * 37 % 5000000 / 100, ELT(1 + seq % 3, 'EUR', 'USD', 'GBP'),
                '2024-01-01' + INTERVAL seq * 31 SECOND + INTERVAL seq * 7 % 1000000 MICROSECOND,
                CONCAT('order note ', MD5(seq)), IF(seq % 5 = 0, CONCAT('CPN', seq % 1000), NULL)
                FROM seq_1_to_{self.rows};
            CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'reader'; GRANT SELECT ON shop.* TO reader@'127.0.0.1'""")
        if done.returncode != 0:
            raise SystemExit(done.stderr.decode())
        rows = subprocess.Popen([*self.client(), "--quick", "--batch", "--raw", "-N", "-e", "SELECT * FROM orders ORDER BY id"],
                                stdout=subprocess.PIPE, text=True)
        pipe = subprocess.Popen(["redis-cli", "-p", str(self.redis_port), "--pipe"], stdin=subprocess.PIPE, text=True,
                                stdout=subprocess.DEVNULL)
        for line in rows.stdout:
            values = line.rstrip("\n").split("\t")
            number = int(values[0])
            if number % MISSING_EVERY == 0:
                continue
            if number % CHANGED_EVERY == 0:
                values[3] = str(float(values[3]) + 1)
            self.put(pipe, number, values)
        for number in range(self.rows + 1, self.rows + 1 + LEFT_OVER):
            self.put(pipe, number, [str(number), *values[1:]])
        pipe.stdin.close()
        if rows.wait() != 0 or pipe.wait() != 0:
            raise SystemExit("the cache of the bench could not be filled")

    @staticmethod
    def put(pipe, number, values):
        """Compact JSON as applications write it: whole numbers as numbers, exact ones as text."""
        record = dict(zip(COLUMNS, [int(values[0]), int(values[1]), *values[2:7], None if values[7] == "NULL" else values[7]]))
        key, text = f"order:{number}", json.dumps(record, separators=(",", ":"))
        pipe.stdin.write(f"*3\r\n$3\r\nSET\r\n${len(key)}\r\n{key}\r\n${len(text)}\r\n{text}\r\n")

    def client(self):
        return ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{self.db_port}", "-ureader", "-preader", "shop"]

    def variables(self):
        return {**os.environ, "MYSQL_BENCH_URL": f"mysql://reader:reader@127.0.0.1:{self.db_port}/shop",
                "REDIS_BENCH_URL": f"redis://127.0.0.1:{self.redis_port}/0"}


def timed(command, **more):
    """Seconds, and the largest memory in MiB that was seen on the way."""
    began = time.perf_counter()
    process = subprocess.Popen(command, **more)
    peak = [0.0]

    def watch():
        while process.poll() is None:
            try:
                found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())
            except OSError:
                return
            peak[0] = max(peak[0], int(found[1]) / 1024 if found else 0)
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    took = time.perf_counter() - began
    watcher.join()
    if code != 0:
        raise SystemExit(f"{command[0]} ended with {code}")
    return took, peak[0]
