// The TypeScript SDK, second line, at 2026-07-28.

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { bearer, keep_all, target_from } from "./promises.mjs";

const version = "2026-07-28";
const target = target_from(process.argv.slice(2));

async function connect({ human }) {
    const client = new Client(
        { name: "casefile-tests", version: "1" },
        { capabilities: human ? { elicitation: { form: {} } } : {}, versionNegotiation: { mode: "auto" } },
    );
    if (human) client.setRequestHandler("elicitation/create", human);
    await client.connect(
        target.url
            ? new StreamableHTTPClientTransport(target.url, bearer(target))
            : new StdioClientTransport({ ...target, env: process.env, stderr: "inherit" }),
    );
    return {
        version: () => client.getNegotiatedProtocolVersion(),
        listTools: () => client.listTools(undefined, { cacheMode: "bypass" }),
        listPrompts: () => client.listPrompts(),
        getPrompt: (params) => client.getPrompt(params),
        callTool: (params, options) => client.callTool(params, options),
        close: () => client.close(),
    };
}

await keep_all("TypeScript SDK 2", version, connect);
