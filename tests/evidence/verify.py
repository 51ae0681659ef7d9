#!/usr/bin/env python3
"""A second verifier of casefile's evidence, written from docs/evidence-format.md alone.

    verify.py [--key FINGERPRINT] CASE_FOLDER...

Prints a line for each folder: "ok RECORDS RUNS HEAD", or the first break as "KIND: WHERE". Ends with 1 after a break.
Needs the Python standard library and the openssl command; leaves case.json and the inspect log to casefile.
"""
import base64, functools, hashlib, json, os, re, stat, subprocess, sys, tempfile
from pathlib import Path

LINE = re.compile(rb'\{"at":"(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)","body":(?P<body>\{.*\}),'
                  rb'"body_sha256":"(?P<body_sha256>[0-9a-f]{64})",(?:"held":(?P<held>\{.+\}),)?"kind":"(?P<kind>[a-z_]{1,20})",'
                  rb'"n":(?P<n>[1-9]\d*),"prev":"(?P<prev>[0-9a-f]{64})","sig":"(?P<sig>[A-Za-z0-9+/]{86}==)"\}')
NAME = re.compile(r"\d{4,}-[a-z0-9-]{1,40}\.\d{8}_\d{6}_[0-9a-f]{8}")
HEAD_FIELDS = {"at", "count", "format", "hash", "key_fingerprint", "public_key", "runs"}
DER_OF_ED25519 = bytes.fromhex("302a300506032b6570032100")


class Break(Exception):
    """Its text is the kind and the place."""


def expect(truth, kind, where):
    if not truth:
        raise Break(f"{kind}: {where}")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def decode(text, size):
    """Base64 in its one canonical spelling, or None."""
    raw = base64.b64decode(text)
    return raw if (len(raw), base64.b64encode(raw).decode()) == (size, text) else None


@functools.cache
def signed(public_key, hash_hex, sig):
    raw = decode(sig, 64)
    with tempfile.TemporaryDirectory() as folder:
        for name, data in ("key", DER_OF_ED25519 + public_key), ("hash", bytes.fromhex(hash_hex)), ("sig", raw or b""):
            Path(folder, name).write_bytes(data)
        command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in hash -sigfile sig".split()
        return raw is not None and subprocess.run(command, cwd=folder, capture_output=True).returncode == 0


def canonical(value, **options):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), **options).encode()


def read_head(folder):
    expect(os.path.lexists(folder + "/head.json"), "file missing", "head.json")
    try:
        text = Path(folder, "head.json").read_bytes()
        head = json.loads(text)
        unsigned = {key: value for key, value in head.items() if key != "sig"}
        public_key = decode(head["public_key"], 32)
        good = (set(unsigned) == HEAD_FIELDS and head["format"] == 1 and canonical(head) + b"\n" == text
                and sha256(public_key) == head["key_fingerprint"]
                and signed(public_key, sha256(canonical(unsigned)), head["sig"]))
    except (ValueError, KeyError, TypeError, OSError):
        good = False
    expect(good, "file altered", "head.json")
    return head, public_key


def holds(body, text):
    """Whether each file that a record holds has the hash that its body names, and all of it its one spelling."""
    known = {file["path"]: file["sha256"] for file in body.get("files", [])}
    known |= {body.get("script"): body.get("script_sha256"), f'{body.get("task")}.input.json': body.get("input_sha256")}
    try:
        held = json.loads(text)
        good = [sha256(value.encode() if isinstance(value, str) else base64.b64decode(value["base64"]))
                == known.get(name, body.get("manifest_sha256")) for name, value in held.items()]
    except (ValueError, KeyError, TypeError):
        return False
    return all(good) and canonical(held, ensure_ascii=False) == text


def parse(line):
    match = LINE.fullmatch(line)
    if (not match or sha256(match["body"]) != match["body_sha256"].decode()
            or match["held"] and not holds(json.loads(match["body"]), match["held"])):
        return None
    record = {key: value.decode() for key, value in match.groupdict().items() if key not in ("body", "held")}
    hashed = (f'{{"at":"{record["at"]}","body_sha256":"{record["body_sha256"]}","kind":"{record["kind"]}",'
              f'"n":{record["n"]},"prev":"{record["prev"]}"}}')
    return record | {"body": json.loads(match["body"]), "n": int(record["n"]), "hash": sha256(hashed.encode())}


def kind_of_break(records, i, prev, head, genuine):
    """What happened at record i, which is not signed or does not continue the one before."""
    record, n, expected = records[i], records[i]["n"], i + 1
    fits = n == expected and record["prev"] == prev
    if not genuine:
        after = records[i + 1] if i + 1 < len(records) else None
        covered = after["prev"] if after else head["hash"] if head["count"] == n else None
        added = fits and ((after["n"], after["prev"]) == (n, prev) if after else head["count"] == i)
        return "signature wrong" if fits and covered == record["hash"] else "record added" if added else "record altered"
    if n < expected:
        return "record duplicated" if records[n - 1]["hash"] == record["hash"] else "record reordered"
    later = any(other and other["n"] == expected for other in records[i:])
    return "record replaced" if n == expected else "record reordered" if later else "record removed"


def read_chain(folder, head, public_key):
    lines = Path(folder, "chain.jsonl").read_bytes().split(b"\n")
    records, prev = [parse(line) for line in lines[:-1]], "0" * 64  # what follows the last newline was never acknowledged
    for i, record in enumerate(records):
        where = f"chain.jsonl line {i + 1}"
        expect(record, "record altered", where)
        genuine = signed(public_key, record["hash"], record["sig"])
        if not genuine or record["n"] != i + 1 or record["prev"] != prev:
            raise Break(f"{kind_of_break(records, i, prev, head, genuine)}: {where}")
        prev = record["hash"]
    expect(head["count"] <= len(records), "tail cut", "chain.jsonl")
    expect(records, "file missing", "chain.jsonl")
    then = records[:head["count"]]
    end = (then[-1]["hash"] if then else "0" * 64, sum(record["kind"] == "run" for record in then))
    expect((head["hash"], head["runs"]) == end, "head differs", "head.json")
    return records


def runs_of(records):
    runs = {}
    for record in records:
        body, kind = record["body"], record["kind"]
        if kind == "run":
            name = f'{len(runs) + 1:04}-{body["task"]}.{body["run_id"]}'
            expect(body["folder"] == "runs/" + name and NAME.fullmatch(name) and body["run_id"] not in runs
                   and body["seq"] == len(runs) + 1, "records disagree", "chain.jsonl")
            asked = {body["script"]: body["script_sha256"], body["task"] + ".input.json": body["input_sha256"]}
            manifest = body["task"] + ".manifest.json"
            runs[body["run_id"]] = {"name": name, "files": asked, "manifest": manifest, "sealed": False}
        elif kind == "sealed":
            run = runs.get(body["run_id"])
            files = {file["path"]: file["sha256"] for file in body["files"]}
            expect(run and not run["sealed"] and run["files"].items() <= files.items(), "records disagree", "chain.jsonl")
            run.update(sealed=True, files=files | {run["manifest"]: body["manifest_sha256"]})
    for name in (name for run in runs.values() for name in run["files"]):
        expect("/" not in name and not name.startswith("."), "records disagree", "chain.jsonl")
    return list(runs.values())


def digest(path):
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return "no regular file"
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_run(folder, run):
    where, path = "runs/" + run["name"], os.path.join(folder, "runs", run["name"])
    if not (run["sealed"] or os.path.lexists(path)):
        path = os.path.join(folder, "runs", "." + run["name"].split(".")[1] + ".new")
    if not os.path.lexists(path):
        others = [os.path.join(folder, "runs", other, run["manifest"]) for other in os.listdir(folder + "/runs")]
        moved = any(os.path.lexists(other) and digest(other) == run["files"].get(run["manifest"]) for other in others)
        raise Break(f'file {"renamed" if moved else "missing"}: {where}')
    expect(stat.S_ISDIR(os.lstat(path).st_mode), "file altered", where)
    others = [name for name in sorted(os.listdir(path)) if name not in run["files"]]
    for name, expected in run["files"].items():
        if not os.path.lexists(os.path.join(path, name)):
            moved = any(digest(os.path.join(path, other)) == expected for other in others)
            raise Break(f'file {"renamed" if moved else "missing"}: {where}/{name}')
        expect(digest(os.path.join(path, name)) == expected, "file altered", f"{where}/{name}")
    expect(not (run["sealed"] and others), "file added", f"{where}/{''.join(others[:1])}")


def verify(folder, key):
    for name in "chain.jsonl", "head.json", "runs":
        expect(not os.path.islink(os.path.join(folder, name)), "file altered", name)
    expect(os.path.exists(folder + "/chain.jsonl"), "file missing", "chain.jsonl")
    head, public_key = read_head(folder)
    expect(key in ("", head["key_fingerprint"]), "wrong key", "head.json")
    records = read_chain(folder, head, public_key)
    runs = runs_of(records)
    for run in runs:
        check_run(folder, run)
    for name in sorted(os.listdir(folder + "/runs") if os.path.exists(folder + "/runs") else []):
        expect(name in {run["name"] for run in runs} or (name.startswith(".") and name.endswith(".new")), "file added", "runs/" + name)
    for name in sorted(os.listdir(folder)):
        known = re.fullmatch(r"(?s)(head\.json|case\.json|.*\.inspect\.md)(\.new)?|chain\.jsonl|runs|drafts", name)
        expect(known, "file added", name)
    return f'ok {len(records)} {len(runs)} {records[-1]["hash"]}'


if __name__ == "__main__":
    key, folders = (sys.argv[2], sys.argv[3:]) if sys.argv[1:2] == ["--key"] else ("", sys.argv[1:])
    broken = 0
    for each in folders:
        try:
            print(verify(each, key))
        except Break as found:
            print(found)
            broken = 1
    sys.exit(broken)
