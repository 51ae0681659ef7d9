#!/usr/bin/env python3
"""A second verifier of casefile's evidence, written from docs/evidence-format.md alone.

    verify.py [--key FINGERPRINT] [--anchors FILE] CASE_FOLDER...

Prints "ok RECORDS RUNS HEAD" for each folder, or the first break as "KIND: WHERE", and then ends with 1. Needs the standard
library and the openssl command.
"""
import argparse, base64, functools, hashlib, json, os, re, stat, subprocess, sys, tempfile
from pathlib import Path

LINE = re.compile(rb'\{"at":"(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)","body":(?P<body>\{.*\}),'
                  rb'"body_sha256":"(?P<body_sha256>[0-9a-f]{64})",(?:"held":(?P<held>\{.+\}),)?"kind":"(?P<kind>[a-z_]{1,20})",'
                  rb'"n":(?P<n>[1-9]\d*),"prev":"(?P<prev>[0-9a-f]{64})","sig":"(?P<sig>[A-Za-z0-9+/]{86}==)"\}')
NAME = re.compile(r"\d{4,}-[a-z0-9-]{1,40}\.\d{8}_\d{6}_[0-9a-f]{8}")
ANCHOR = re.compile(rb'\{"at":"[^"]+","case":"[^"]+","count":[1-9]\d*,"hash":"[0-9a-f]{64}","key_fingerprint":"[0-9a-f]{64}"\}')
TOP = re.compile(r"(?s)(chain\.jsonl|head\.json|case\.json|.*\.inspect\.md)(\.new)?|runs|drafts|attachments")
MADE = re.compile(rb'(?s)(.*\n *(?:"r|- R)ecords"?: (\d+),[^`{}]*?(?:"h|- H)ead"?: ["`]([0-9a-f]{64})["`],?\n.*\n)'  # and the line of the signature
                  rb'(?:  "sig": "([A-Za-z0-9+/]{86}==)"\n\}|- Signature: `([A-Za-z0-9+/]{86}==)`)\n')
CASE = re.compile(r"INC-\d{4}-\d\d-\d\d-\d{3,9}|_unfiled")
sha256 = lambda data: hashlib.sha256(data).hexdigest()
canonical = lambda value, **options: json.dumps(value, sort_keys=True, separators=(",", ":"), **options).encode()
SIGNED = {"head.json": {"at", "count", "format", "hash", "key_fingerprint", "public_key", "runs"},
          "export.json": {"case", "count", "files", "format", "hash", "key_fingerprint", "runs", "withheld"}}
class Break(Exception): """Its text is the kind and the place."""
def expect(truth, kind, where="chain.jsonl"):
    if not truth: raise Break(f"{kind}: {where}")
def decode(text, size):  # base64 in its one canonical spelling, or None
    raw = base64.b64decode(text)
    return raw if (len(raw), base64.b64encode(raw).decode()) == (size, text) else None
@functools.cache
def signed(public_key, hash_hex, sig):
    with tempfile.TemporaryDirectory() as folder:
        for name, data in ("key", bytes.fromhex("302a300506032b6570032100") + public_key), ("hash", bytes.fromhex(hash_hex)), ("sig", decode(sig, 64) or b""):
            Path(folder, name).write_bytes(data)
        command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in hash -sigfile sig".split()
        return subprocess.run(command, cwd=folder, capture_output=True).returncode == 0
def merkle(hashes):
    if len(hashes) < 2: return hashlib.sha256(b"".join(b"\0" + one for one in hashes)).digest()
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + merkle(hashes[:half]) + merkle(hashes[half:])).digest()
def is_file(path): return os.path.lexists(path) and stat.S_ISREG(os.lstat(path).st_mode)  # and no link, and no pipe, which could hold us
def read_signed(folder, name, public_key=None):
    try:
        text = Path(folder, name).read_bytes() if is_file(f"{folder}/{name}") else b""
        head = json.loads(text)
        unsigned = {key: value for key, value in head.items() if key != "sig"}
        public_key = public_key or decode(head["public_key"], 32)
        good = (set(unsigned) == SIGNED[name] and head["format"] == 1 and canonical(head) + b"\n" == text
                and sha256(public_key) == head["key_fingerprint"]
                and signed(public_key, sha256(canonical(unsigned)), head["sig"]))
    except (ValueError, KeyError, TypeError, OSError): good = False
    expect(good, "file altered" if os.path.lexists(f"{folder}/{name}") else "file missing", name)
    return head, public_key
def holds(body, text):  # each file has the hash that the body names, and all of it its one spelling
    known = {file["path"]: file["sha256"] for file in body.get("files", [])}
    known |= {body.get("script"): body.get("script_sha256"), f'{body.get("task")}.input.json': body.get("input_sha256")}
    try:
        held = json.loads(text)
        good = [name in body.get("held", held) and sha256(value.encode() if isinstance(value, str) else base64.b64decode(
            value["base64"])) == known.get(name, body.get("manifest_sha256")) for name, value in held.items()]
    except (ValueError, KeyError, TypeError): return False
    return all(good) and canonical(held, ensure_ascii=False) == text
def parse(line):
    match = LINE.fullmatch(line)
    if not match or sha256(match["body"]) != match["body_sha256"].decode(): return None
    if match["held"] and not holds(json.loads(match["body"]), match["held"]): return None
    record = {key: value.decode() for key, value in match.groupdict().items() if key not in ("body", "held")}
    record["n"] = int(record["n"])
    hashed = canonical({key: value for key, value in record.items() if key != "sig"})
    return record | {"body": json.loads(match["body"]), "held": set(json.loads(match["held"] or b"{}")), "hash": sha256(hashed)}
def kind_of_break(records, i, prev, head, genuine):  # record i is not signed, or does not continue the one before
    record, n, expected = records[i], records[i]["n"], i + 1
    fits = n == expected and record["prev"] == prev
    if not genuine:
        after = records[i + 1] if i + 1 < len(records) else None
        covered = after["prev"] if after else head["hash"] if head["count"] == n else None
        added = fits and ((after["n"], after["prev"]) == (n, prev) if after else head["count"] == i)
        return "signature wrong" if fits and covered == record["hash"] else "record added" if added else "record altered"
    if n < expected: return "record duplicated" if records[n - 1]["hash"] == record["hash"] else "record reordered"
    later = any(other and other["n"] == expected for other in records[i:])
    return "record replaced" if n == expected else "record reordered" if later else "record removed"
def read_chain(folder, head, public_key):
    lines, prev = Path(folder, "chain.jsonl").read_bytes().split(b"\n"), "0" * 64
    records = [parse(line) for line in lines[:-1]]  # what follows the last newline was never acknowledged
    for i, record in enumerate(records):
        expect(record, "record altered", f"chain.jsonl line {i + 1}")
        genuine = signed(public_key, record["hash"], record["sig"])
        good = genuine and record["n"] == i + 1 and record["prev"] == prev
        expect(good, good or kind_of_break(records, i, prev, head, genuine), f"chain.jsonl line {i + 1}")
        prev = record["hash"]
    expect(head["count"] <= len(records), "tail cut")
    expect(records, "file missing")
    hashes, kinds = zip(("0" * 64, ""), *((record["hash"], record["kind"]) for record in records[:head["count"]]))
    expect((head["hash"], head["runs"]) == (hashes[-1], kinds.count("run")), "head differs", "head.json")
    return records
def check_anchors(lines, case, records, key):
    for anchor in (json.loads(line) for line in lines if ANCHOR.fullmatch(line)):
        if anchor["case"] == case:
            expect(anchor["key_fingerprint"] == key, "anchor differs", "head.json")
            expect(anchor["count"] <= len(records), "tail cut")
            expect(records[anchor["count"] - 1]["hash"] == anchor["hash"], "anchor differs", f'chain.jsonl line {anchor["count"]}')
def runs_of(records, withheld):
    runs = {}
    for record in records:
        body, kind, run = record["body"], record["kind"], runs.get(record["body"].get("run_id"))
        if kind == "run":
            name = f'{len(runs) + 1:04}-{body["task"]}.{body["run_id"]}'
            same = (body["folder"], body["seq"], run) == ("runs/" + name, len(runs) + 1, None)
            expect(same and NAME.fullmatch(name), "records disagree")
            asked = {body["script"]: body["script_sha256"], body["task"] + ".input.json": body["input_sha256"]}
            runs[body["run_id"]] = {"name": name, "files": asked, "manifest": body["task"] + ".manifest.json",
                                    "sealed": False, "ended": False, "outputs": {}, "pruned": set()}
        elif kind == "sealed":
            files = {file["path"]: file["sha256"] for file in body["files"]}
            expect(run and not run["ended"] and run["files"].items() <= files.items(), "records disagree")
            outputs = {file["path"]: file["sha256"] for file in body["files"] if file["role"] == "output"}
            run.update(sealed=True, ended=True, outputs=outputs, files=files | {run["manifest"]: body["manifest_sha256"]})
        elif kind == "interrupted":
            expect(run and not run["sealed"], "records disagree")
            run["ended"] = True
        for file in body["files"] if kind == "pruned" else []:
            run = runs.get(file["run_id"], {"outputs": {}, "pruned": set()})
            expect(run["outputs"].get(file["path"]) == file["sha256"], "records disagree")
            run["pruned"].add(file["path"])
    expect(all(re.fullmatch(r"[^./][^/]*", name) for run in runs.values() for name in run["files"]), "records disagree")
    for run in runs.values():
        run["pruned"] |= {name for name, hash in run["files"].items() if (f'runs/{run["name"]}/{name}', hash) in withheld}
    for i, body in ((i, record["body"]) for i, record in enumerate(records) if record["kind"] in ("run", "sealed")):
        gone = set(body.get("held", [])) - records[i]["held"] - runs[body["run_id"]]["pruned"]
        expect(not gone, "record altered", f"chain.jsonl line {i + 1}")
    for i in (i for i, record in enumerate(records) if record["kind"] == "closed" and "count" in record["body"]):
        told = records[i]["body"]["count"], records[i]["body"].get("root")
        expect(told == (i, merkle([bytes.fromhex(record["hash"]) for record in records[:i]]).hex()), "records disagree")
    return list(runs.values())
def digest(path):
    return hashlib.file_digest(open(path, "rb"), "sha256").hexdigest() if is_file(path) else "no file"
def check_run(folder, run):
    where, path = (os.path.normpath(os.path.join(base, "runs", run["name"])) for base in ("", folder))
    first = os.path.join(folder, "runs", "." + run["name"].split(".")[1] + ".new")
    path = path if run["sealed"] or os.path.lexists(path) else first
    if not os.path.lexists(path):
        others = [os.path.join(folder, "runs", other, run["manifest"]) for other in (os.listdir(folder + "/runs") if run["manifest"] else [])]
        moved = any(os.path.lexists(other) and digest(other) == run["files"].get(run["manifest"]) for other in others)
        raise Break(f'file {"renamed" if moved else "missing"}: {where}')
    expect(stat.S_ISDIR(os.lstat(path).st_mode), "file altered", where)
    others = [name for name in sorted(os.listdir(path)) if name not in run["files"] and (run["manifest"] or name[0] != ".")]
    for name, expected in run["files"].items():
        if os.path.lexists(os.path.join(path, name)):
            expect(digest(os.path.join(path, name)) == expected, "file altered", f"{where}/{name}")
        elif name not in run["pruned"]:
            moved = any(digest(os.path.join(path, other)) == expected for other in others)
            raise Break(f'file {"renamed" if moved else "missing"}: {where}/{name}')
    expect(not (run["sealed"] and others), "file added", f"{where}/{''.join(others[:1])}")
def check_derived(folder, records, public_key):  # signed since the opening record tells a layout
    opened = records[0]["body"]
    topic = re.sub(rb"[^a-z0-9]+", b"-", opened.get("topic", "").encode().lower()).lstrip(b"-")[:64].rstrip(b"-") or b"case"
    for name in (name for name in os.listdir(folder) if "layout" in opened and re.fullmatch(r"(?s)case\.json|.*\.inspect\.md", name)):
        expect(name in ("case.json", f'{topic.decode()}.{opened["opened_run_id"]}.inspect.md'), "file added", name)
        made = MADE.fullmatch(Path(folder, name).read_bytes() if digest(Path(folder, name)) != "no file" else b"")
        fits = made and made[3].decode() in [record["hash"] for record in records if record["n"] == int(made[2])]
        expect(fits and signed(public_key, sha256(made[1]), (made[4] or made[5]).decode()), "file altered", name)
def verify(folder, key, anchors):
    expect(not os.path.islink(folder + "/runs"), "file altered", "runs")
    expect(os.path.lexists(folder + "/chain.jsonl"), "file missing")
    expect(is_file(folder + "/chain.jsonl"), "file altered")
    head, public_key = read_signed(folder, "head.json")
    expect(key in ("", head["key_fingerprint"]), "wrong key", "head.json")
    records = read_chain(folder, head, public_key)
    case = records[0]["body"]["case"] if records[0]["kind"] == "opened" else "_unfiled"
    expect(not CASE.fullmatch(Path(folder).absolute().name) or Path(folder).absolute().name == case, "file renamed", ".")
    check_anchors(anchors, case, records, head["key_fingerprint"])
    exported = read_signed(folder, "export.json", public_key)[0] if os.path.lexists(folder + "/export.json") else {}
    end = (exported["count"], exported["hash"]) if exported else (len(records), records[-1]["hash"])
    expect(end == (len(records), records[-1]["hash"]), "head differs", "export.json")
    runs = runs_of(records, {(file["path"], file["sha256"]) for file in exported.get("withheld", [])})
    for run in (run for run in runs if run["sealed"] or set(run["files"]) - run["pruned"]):
        check_run(folder, run)
    paths = {record["body"]["path"]: record["body"]["sha256"] for record in records if record["kind"] == "attachment" and "path" in record["body"]}
    first = lambda name: f".{name[:24]}.new" if os.path.lexists(f"{folder}/attachments/.{name[:24]}.new") else name
    names = {path[12:] if os.path.lexists(f"{folder}/{path}") else first(path[12:]): hash for path, hash in paths.items()}
    if names or os.path.lexists(folder + "/attachments"):
        check_run(folder, {"name": "../attachments", "files": names, "manifest": "", "sealed": True, "pruned": set()})
    for file in exported.get("files", []):
        page = folder + "/index.html" if file["path"] == "index.html" else ""  # which may be missing
        expect(not os.path.lexists(page) or digest(page) == file["sha256"], "file altered", "index.html")
    for name in sorted(os.listdir(folder + "/runs") if os.path.exists(folder + "/runs") else []):
        expect(name in [run["name"] for run in runs] or re.fullmatch(r"(?s)\..*\.new", name), "file added", "runs/" + name)
    for name in sorted(os.listdir(folder)):
        expect(TOP.fullmatch(name) or exported and name in ("export.json", "index.html"), "file added", name)
    expect(not os.path.lexists(folder + "/drafts") or stat.S_ISDIR(os.lstat(folder + "/drafts").st_mode), "file altered", "drafts")
    check_derived(folder, records, public_key)
    return f'ok {len(records)} {len(runs)} {records[-1]["hash"]}'
options = argparse.ArgumentParser()
for name, about in ("--key", {"default": ""}), ("--anchors", {"type": lambda name: Path(name).read_bytes().splitlines(), "default": []}), ("folders", {"nargs": "+"}):
    options.add_argument(name, **about)
given, broken = options.parse_args(), 0
for each in given.folders:
    try: print(verify(each, given.key, given.anchors))
    except Break as found: broken = print(found) or 1
sys.exit(broken)
