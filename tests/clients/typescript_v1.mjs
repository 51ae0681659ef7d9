// The TypeScript SDK, first line, which most clients in use are built with, at 2025-11-25.

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { bearer, keep_all, target_from } from "./promises.mjs";

const version = "2025-11-25";
const target = target_from(process.argv.slice(2));

async function connect({ human }) {
    const client = new Client(
        { name: "casefile-tests", version: "1" },
        { capabilities: human ? { elicitation: {} } : {} },
    );
    if (human) client.setRequestHandler(ElicitRequestSchema, human);
    const transport = target.url
        ? new StreamableHTTPClientTransport(target.url, bearer(target))
        : new StdioClientTransport({ ...target, env: process.env, stderr: "inherit" });
    // The SDK tells the negotiated revision only to its transport.
    let negotiated;
    const tell = transport.setProtocolVersion?.bind(transport);
    transport.setProtocolVersion = (told) => {
        negotiated = told;
        tell?.(told);
    };
    await client.connect(transport);
    return {
        version: () => negotiated,
        listTools: () => client.listTools(),
        listPrompts: () => client.listPrompts(),
        getPrompt: (params) => client.getPrompt(params),
        callTool: (params, options) => client.callTool(params, undefined, options),
        close: async () => {
            if (target.url) await transport.terminateSession();
            await client.close();
        },
    };
}

await keep_all("TypeScript SDK 1", version, connect);
