"""Adds up what the conformance suite left in checks.json files: one line a scenario, and exit code 1 when any check failed.

usage: conformance_summary.py FOLDER

FOLDER holds one folder a run of the suite, and that one folder a scenario, called server-<scenario>-<time>. A scenario that left no
checks has failed too, and so has a run without scenarios: nothing that was not run counts as passed.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

STATES = ["SUCCESS", "FAILURE", "WARNING", "SKIPPED"]
# The time is 2026-11-22T22-26-35-123Z.
NAME = re.compile(r"^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$")


def checks_of(folder):
    try:
        checks = json.loads((folder / "checks.json").read_text())
    except (OSError, ValueError) as error:
        return [{"id": "results", "status": "FAILURE", "errorMessage": f"no readable checks.json: {error}"}]
    return checks or [{"id": "results", "status": "FAILURE", "errorMessage": "the scenario checked nothing"}]


def scenarios_of(run):
    found = [(NAME.match(folder.name), folder) for folder in sorted(run.iterdir()) if folder.is_dir()]
    return [(match.group(1), checks_of(folder)) for match, folder in found if match]


def main(results):
    totals = Counter()
    problems = []
    table = [f"{'run':22} {'scenario':48} {'passed':>6} {'failed':>6} {'warned':>6} {'skipped':>7}"]
    for run in sorted(folder for folder in results.iterdir() if folder.is_dir()):
        scenarios = scenarios_of(run)
        if not scenarios:
            totals["FAILURE"] += 1
            problems.append(f"FAIL  {run.name}: no scenario was run")
        for scenario, checks in scenarios:
            count = Counter(check["status"] for check in checks)
            totals += count
            figures = [count[state] for state in STATES]
            table.append(f"{run.name:22} {scenario:48} {figures[0]:6} {figures[1]:6} {figures[2]:6} {figures[3]:7}")
            for check in checks:
                if check["status"] in ("FAILURE", "WARNING"):
                    word = "FAIL" if check["status"] == "FAILURE" else "warn"
                    why = (check.get("errorMessage") or check.get("description", "")).split("\n")[0][:300]
                    problems.append(f"{word}  {run.name}, {scenario}, {check['id']}: {why}")
    print("\n".join([*problems, *table]))
    print("total: " + ", ".join(f"{totals[state]} {state.lower()}" for state in STATES))
    return 1 if totals["FAILURE"] or not totals["SUCCESS"] else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(Path(sys.argv[1])))
