// A proxy for the conformance suite, which knows no bearer token: it adds one and passes everything else on as it came, the Host
// and Origin that were sent too, and hands streams through unbuffered. It prints one line when it listens, and goes on until it
// is ended.
//
// usage: proxy.mjs --to http://127.0.0.1:PORT --token-file FILE

import { readFileSync } from "node:fs";
import http from "node:http";

const [, , to, origin, file, path] = process.argv;
if (to !== "--to" || file !== "--token-file" || !path) {
    console.error("usage: proxy.mjs --to http://127.0.0.1:PORT --token-file FILE");
    process.exit(2);
}
const server = new URL(origin);
const token = readFileSync(path, "utf8").trim();

const proxy = http.createServer((request, response) => {
    const onward = http.request(
        {
            host: server.hostname,
            port: server.port,
            method: request.method,
            path: request.url,
            headers: [...request.rawHeaders, "Authorization", `Bearer ${token}`],
            setHost: false,
            agent: false,
        },
        (answer) => {
            response.writeHead(answer.statusCode, answer.statusMessage, answer.rawHeaders);
            response.flushHeaders();
            answer.pipe(response);
            answer.on("error", () => response.destroy());
        },
    );
    onward.on("error", (error) => {
        if (response.headersSent) response.destroy();
        else response.writeHead(502).end(`the server behind the proxy: ${error.message}\n`);
    });
    // A client that leaves is a cancellation: the server has to see it leave.
    response.on("close", () => onward.destroy());
    request.pipe(onward);
});

proxy.listen(0, "127.0.0.1", () => {
    console.log(`listening on http://127.0.0.1:${proxy.address().port}/mcp`);
});
