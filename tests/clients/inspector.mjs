// The inspector's command line in every era that it knows. It declares no elicitation, like a good many clients.
// Here it takes its target from a configuration file, so that no token stands on a command line.

import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brief, target_from } from "./promises.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const launcher = join(here, "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js");
const target = target_from(process.argv.slice(2));

const folder = mkdtempSync(join(tmpdir(), "casefile-inspector-"));
const config = join(folder, "servers.json");
const casefile = target.url
    ? { type: "streamable-http", url: target.url.href, headers: { Authorization: `Bearer ${target.token}` } }
    : { ...target, env: Object.fromEntries(Object.entries(process.env).filter(([name]) => /^[A-Z]+_SANDBOX_/.test(name))) };
writeFileSync(config, JSON.stringify({ mcpServers: { casefile } }), { mode: 0o600 });

/** Runs the inspector once; resolves to the result that it printed. */
function inspect(era, method, ...more) {
    const args = ["--cli", "--config", config, "--server", "casefile", "--protocol-era", era, "--format", "json", "--quiet"];
    // A home of its own: it would leave a catalog and look for a keychain in the user's.
    const env = { ...process.env, HOME: folder, MCP_INSPECTOR_SECRET_STORE: "memory" };
    return new Promise((resolve, reject) => {
        const options = { env, timeout: 60_000, maxBuffer: 16 << 20 };
        const child = execFile(process.execPath, [launcher, ...args, "--method", method, ...more], options, (error, out, errors) => {
            // A tool's own refusal ends it with an exit code too; the result is printed all the same.
            if (error && !out.trim()) return reject(new Error(`${method}: ${errors.trim() || error.message}`));
            try {
                resolve(JSON.parse(out).result);
            } catch {
                reject(new Error(`${method}: expected one JSON document on standard output, got ${out.slice(0, 200)}`));
            }
        });
        child.stdin.end();
    });
}

const call = (era, tool, args) =>
    inspect(era, "tools/call", "--tool-name", tool, "--tool-args-json", JSON.stringify(args));

const promises = {
    "lists tools and prompts": async (era) => {
        const { tools } = await inspect(era, "tools/list");
        assert(tools.some((tool) => tool.name === "query_mysql"), "query_mysql is missing");
        const { prompts } = await inspect(era, "prompts/list");
        assert(prompts.some((prompt) => prompt.name === "consumer_lag"), JSON.stringify(prompts));
    },
    "opens a case, and one message tells how a human confirms": async (era) => {
        const opened = await call(era, "open_case", {
            topic: "the inspector",
            // All that a case asks for, so that opening it puts no question of its own.
            env: "SANDBOX",
            entity_ids: { order: ["1"] },
            time_window: { start: "2026-11-22T14:00:00Z" },
            symptoms: { expected: "1", actual: "2" },
        });
        assert(!opened.isError, JSON.stringify(opened));
        const answer = await call(era, "confirm_environment", { case: opened.structuredContent.case, env: "SANDBOX" });
        assert(answer.isError, "expected no grant, got one");
        assert.match(answer.content[0].text, /casefile confirm \w+/);
    },
};

async function keep(era, promise) {
    try {
        await promises[promise](era);
        console.log(`ok    inspector, ${era}: ${promise}`);
        return true;
    } catch (error) {
        console.log(`FAIL  inspector, ${era}: ${promise}\n      ${brief(error)}`);
        return false;
    }
}

let kept = true;
try {
    for (const era of ["legacy", "auto", "modern"])
        for (const promise of Object.keys(promises)) kept = (await keep(era, promise)) && kept;
} finally {
    rmSync(folder, { recursive: true, force: true });
}
process.exit(kept ? 0 : 1);
