// What every JavaScript client here is held to, whatever SDK speaks. A client module gives connect(options), which resolves to
// {version, listTools, listPrompts, getPrompt, callTool, close}; `human` in its options answers the server's questions, and a
// client without it declares no elicitation.

import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const Ajv2020 = createRequire(import.meta.url)("ajv/dist/2020.js").default;
const patience = 20_000;
// Light by its plan, so that nobody is asked.
const slow_sql = "SELECT SUM(CRC32(REPEAT('x', 1000000 + seq))) FROM seq_1_to_1000000";

/** `--stdio COMMAND…`, or `--http URL --token-file FILE`. */
export function target_from(words) {
    if (words[0] === "--stdio" && words.length > 1) return { command: words[1], args: words.slice(2) };
    if (words[0] === "--http" && words[2] === "--token-file" && words.length === 4)
        return { url: new URL(words[1]), token: readFileSync(words[3], "utf8").trim() };
    console.error("usage: CLIENT --stdio COMMAND… | --http URL --token-file FILE");
    process.exit(2);
}

export const bearer = (target) => ({ requestInit: { headers: { Authorization: `Bearer ${target.token}` } } });

/** Fails instead of waiting for ever: every wait on the server goes through here. */
async function within(work, what) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what}: no answer within ${patience / 1000} s`)), patience);
    });
    try {
        return await Promise.race([work, late]);
    } finally {
        clearTimeout(timer);
    }
}

/** An error in one line. */
export const brief = (error) => error.message.replace(/\s+/g, " ").slice(0, 400);

const text_of = (result) => result.content.map((part) => part.text ?? "").join("\n");
const accept = async () => ({ action: "accept", content: { confirm: true } });
const decline = async () => ({ action: "decline" });
const cancel = async () => ({ action: "cancel" });

class Conversation {
    constructor(client, schemas) {
        this.client = client;
        this.schemas = schemas;
    }

    async call(name, args, options = {}) {
        const result = await within(this.client.callTool({ name, arguments: args }, options), name);
        if (!result.isError) {
            const holds = this.schemas.get(name);
            assert(holds(result.structuredContent), `${name}: ${JSON.stringify(holds.errors)}`);
        }
        return result;
    }

    async open_case(topic) {
        const opened = await this.call("open_case", {
            topic,
            // All that a case asks for, so that opening it puts no question of its own.
            env: "SANDBOX",
            entity_ids: { order: ["1"] },
            time_window: { start: "2026-11-22T14:00:00Z" },
            symptoms: { expected: "1", actual: "2" },
        });
        assert(!opened.isError, text_of(opened));
        return opened.structuredContent.case;
    }

    confirm(id) {
        return this.call("confirm_environment", { case: id, env: "SANDBOX" });
    }

    query(id, sql = "SELECT 18446744073709551615 AS big", options = {}) {
        return this.call("query_mysql", { case: id, env: "SANDBOX", sql }, options);
    }

    /** Asks for the case's queries until one has this outcome. */
    async until_a_query_is(id, outcome) {
        const until = Date.now() + patience;
        for (;;) {
            const { runs } = (await this.call("get_case", { case: id })).structuredContent;
            const found = runs.filter((run) => run.tool === "query_mysql").map((run) => run.outcome);
            if (found.includes(outcome)) return;
            assert(Date.now() < until, `expected a query that is ${outcome}, got ${JSON.stringify(found)}`);
        }
    }
}

async function converse(connect, human, talk) {
    const client = await within(connect({ human }), "connecting");
    try {
        const { tools } = await within(client.listTools(), "tools/list");
        const ajv = new Ajv2020({ strict: false, validateFormats: false });
        await talk(new Conversation(client, new Map(tools.map((tool) => [tool.name, ajv.compile(tool.outputSchema)]))));
    } finally {
        await within(client.close(), "closing");
    }
}

async function refused_after(connect, human) {
    await converse(connect, human, async (talk) => {
        const id = await talk.open_case("a human says no");
        const answer = await talk.confirm(id);
        assert(answer.isError, "expected no grant, got one");
        const query = await talk.query(id);
        assert(query.isError, "the query was answered without a grant");
        assert.match(text_of(query), /confirm_environment/);
    });
}

const promises = (connect, version) => ({
    "speaks the revision that it negotiated, and lists tools and prompts in one order": async () => {
        const client = await within(connect({}), "connecting");
        try {
            assert.equal(client.version(), version);
            const names = async () => (await within(client.listTools(), "tools/list")).tools.map((tool) => tool.name);
            const first = await names();
            assert(first.includes("query_mysql") && first.includes("confirm_environment"), first.join(" "));
            assert.deepEqual(await names(), first);
            const { prompts } = await within(client.listPrompts(), "prompts/list");
            assert(prompts.some((prompt) => prompt.name === "consumer_lag"), JSON.stringify(prompts));
        } finally {
            await within(client.close(), "closing");
        }
    },
    "a prompt comes with its arguments filled in": () =>
        converse(connect, undefined, async (talk) => {
            const id = await talk.open_case("a prompt");
            const prompt = await within(talk.client.getPrompt({ name: "consumer_lag", arguments: { case: id } }), "prompts/get");
            assert.match(prompt.messages[0].content.text, new RegExp(id));
        }),
    "accepted: a grant, and the query's answer satisfies its outputSchema": () =>
        converse(connect, accept, async (talk) => {
            const id = await talk.open_case("a human says yes");
            const answer = await talk.confirm(id);
            assert(!answer.isError, text_of(answer));
            assert.equal(answer.structuredContent.grant.how, "form");
            assert.deepEqual((await talk.query(id)).structuredContent.rows, [["18446744073709551615"]]);
        }),
    "declined is final: no grant, and the next query is refused": () => refused_after(connect, decline),
    "cancelled by the human: no grant, and the next query is refused": () => refused_after(connect, cancel),
    "unanswered: other calls go on, and nothing is granted": async () => {
        let asked, forget;
        const question = new Promise((resolve) => (asked = resolve));
        const silence = new Promise((resolve) => (forget = resolve));
        await converse(
            connect,
            () => {
                asked();
                return silence;
            },
            async (talk) => {
                const id = await talk.open_case("nobody answers");
                const pending = talk.client.callTool({ name: "confirm_environment", arguments: { case: id, env: "SANDBOX" } });
                pending.catch(() => {}); // it ends with the connection, unanswered
                await within(question, "the question");
                assert((await talk.query(id)).isError, "the query was answered while the question was open");
                assert.deepEqual((await talk.call("get_case", { case: id })).structuredContent.grants, []);
            },
        );
        forget({ action: "cancel" });
    },
    "not declared: one message tells how a human confirms": () =>
        converse(connect, undefined, async (talk) => {
            const answer = await talk.confirm(await talk.open_case("a client without forms"));
            assert(answer.isError, text_of(answer));
            assert.match(text_of(answer), /casefile confirm \w+/);
        }),
    "a long call tells its progress, ever growing": () =>
        converse(connect, accept, async (talk) => {
            const id = await talk.open_case("progress");
            await talk.confirm(id);
            const told = [];
            const onprogress = ({ progress }) => told.push(progress);
            const lag = await talk.call("kafka_lag", { case: id, env: "SANDBOX", sample_seconds: 1 }, { onprogress });
            assert(!lag.isError, text_of(lag));
            assert(told.length >= 2, `expected two steps or more, got ${told.length}`);
            assert(told.every((step, at) => at === 0 || step > told[at - 1]), told.join(" "));
        }),
    "a cancelled query ends, and its run is filed as cancelled": () =>
        converse(connect, accept, async (talk) => {
            const id = await talk.open_case("cancellation");
            await talk.confirm(id);
            const stop = new AbortController();
            const ended = talk.query(id, slow_sql, { signal: stop.signal }).then(
                (result) => `answered: ${text_of(result)}`,
                () => "abandoned",
            );
            await talk.until_a_query_is(id, "open");
            stop.abort("the user changed their mind");
            assert.equal(await ended, "abandoned");
            await talk.until_a_query_is(id, "cancelled");
        }),
});

/** Runs every promise, says one line for each, and ends the process: 1 when one was broken. */
export async function keep_all(client, version, connect) {
    let broken = 0;
    for (const [promise, keep] of Object.entries(promises(connect, version))) {
        try {
            await keep();
            console.log(`ok    ${client}, ${version}: ${promise}`);
        } catch (error) {
            ++broken;
            console.log(`FAIL  ${client}, ${version}: ${promise}\n      ${brief(error)}`);
        }
    }
    process.exit(broken === 0 ? 0 : 1);
}
