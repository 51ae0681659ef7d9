"""The Python SDK, in both eras: what tests/clients/promises.mjs asks of the JavaScript clients, asked by another hand.

usage: python_sdk.py --stdio COMMAND… | --http URL --token-file FILE
"""

import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx2
from jsonschema import Draft202012Validator
from mcp import Client, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

PATIENCE = 20
# Light by its plan, so that nobody is asked.
SLOW_SQL = "SELECT SUM(CRC32(REPEAT('x', 1000000 + seq))) FROM seq_1_to_1000000"
VERSIONS = {"auto": "2026-07-28", "legacy": "2025-11-25"}
ACCEPT = types.ElicitResult(action="accept", content={"confirm": True})
DECLINE = types.ElicitResult(action="decline")
CANCEL = types.ElicitResult(action="cancel")


def connector_from(words):
    """Gives a function that makes a new transport to the target."""
    if words[:1] == ["--stdio"] and len(words) > 1:
        server = StdioServerParameters(command=words[1], args=words[2:], env=dict(os.environ))
        return lambda: stdio_client(server)
    if words[:1] == ["--http"] and words[2:3] == ["--token-file"] and len(words) == 4:
        token = Path(words[3]).read_text().strip()

        @asynccontextmanager
        async def connect():
            headers = {"Authorization": f"Bearer {token}"}
            async with httpx2.AsyncClient(headers=headers, timeout=httpx2.Timeout(PATIENCE)) as http:
                async with streamable_http_client(words[1], http_client=http) as streams:
                    yield streams

        return connect
    print(__doc__, file=sys.stderr)
    sys.exit(2)


def check(holds, message):
    if not holds:
        raise AssertionError(message)


def text_of(result):
    return "\n".join(getattr(part, "text", "") for part in result.content)


class Conversation:
    def __init__(self, client, schemas):
        self.client = client
        self.schemas = schemas

    async def call(self, name, arguments, **options):
        result = await self.client.call_tool(name, arguments, **options)
        if not result.is_error:
            Draft202012Validator(self.schemas[name]).validate(result.structured_content)
        return result

    async def open_case(self, topic):
        opened = await self.call("open_case", {
            "topic": topic,
            # All that a case asks for, so that opening it puts no question of its own.
            "env": "SANDBOX",
            "entity_ids": {"order": ["1"]},
            "time_window": {"start": "2026-11-22T14:00:00Z"},
            "symptoms": {"expected": "1", "actual": "2"},
        })
        check(not opened.is_error, text_of(opened))
        return opened.structured_content["case"]

    async def confirm(self, case):
        return await self.call("confirm_environment", {"case": case, "env": "SANDBOX"})

    async def query(self, case, sql="SELECT 18446744073709551615 AS big"):
        return await self.call("query_mysql", {"case": case, "env": "SANDBOX", "sql": sql})

    async def until_a_query_is(self, case, outcome):
        """Asks for the case's queries until one has this outcome; the promise's own time limit ends it."""
        while True:
            runs = (await self.call("get_case", {"case": case})).structured_content["runs"]
            if any(run["tool"] == "query_mysql" and run["outcome"] == outcome for run in runs):
                return


class Promises:
    """Each method is a promise; its docstring is what is printed."""

    def __init__(self, connect, mode):
        self.connect = connect
        self.mode = mode

    @asynccontextmanager
    async def conversation(self, human=None):
        async with Client(self.connect(), mode=self.mode, elicitation_callback=human, cache=None) as client:
            tools = (await client.list_tools()).tools
            yield Conversation(client, {tool.name: tool.output_schema for tool in tools})

    async def negotiates_and_lists(self):
        """speaks the revision that it negotiated, and lists tools and prompts in one order"""
        async with self.conversation() as talk:
            check(talk.client.protocol_version == VERSIONS[self.mode], talk.client.protocol_version)
            names = [tool.name for tool in (await talk.client.list_tools()).tools]
            check({"query_mysql", "confirm_environment"} <= set(names), f"got {names}")
            check(names == list(talk.schemas), "the order changed")
            prompts = [prompt.name for prompt in (await talk.client.list_prompts()).prompts]
            check("consumer_lag" in prompts, f"got {prompts}")

    async def fills_prompts(self):
        """a prompt comes with its arguments filled in"""
        async with self.conversation() as talk:
            case = await talk.open_case("a prompt")
            prompt = await talk.client.get_prompt("consumer_lag", {"case": case})
            check(case in prompt.messages[0].content.text, prompt.messages[0].content.text)

    async def grants_on_accept(self):
        """accepted: a grant, and the query's answer satisfies its outputSchema"""
        async with self.conversation(answering(ACCEPT)) as talk:
            case = await talk.open_case("a human says yes")
            answer = await talk.confirm(case)
            check(not answer.is_error, text_of(answer))
            check(answer.structured_content["grant"]["how"] == "form", text_of(answer))
            rows = (await talk.query(case)).structured_content["rows"]
            check(rows == [["18446744073709551615"]], f"got {rows}")

    async def refused_after(self, answer):
        async with self.conversation(answering(answer)) as talk:
            case = await talk.open_case("a human says no")
            check((await talk.confirm(case)).is_error, "expected no grant, got one")
            query = await talk.query(case)
            check(query.is_error, "the query was answered without a grant")
            check("confirm_environment" in text_of(query), text_of(query))

    async def keeps_a_decline(self):
        """declined is final: no grant, and the next query is refused"""
        await self.refused_after(DECLINE)

    async def keeps_a_cancel(self):
        """cancelled by the human: no grant, and the next query is refused"""
        await self.refused_after(CANCEL)

    async def waits_for_nobody(self):
        """unanswered: other calls go on, and nothing is granted"""
        asked = anyio.Event()

        async def silent(context, params):
            asked.set()
            await anyio.sleep_forever()

        async with self.conversation(silent) as talk:
            case = await talk.open_case("nobody answers")
            async with anyio.create_task_group() as group:
                group.start_soon(talk.confirm, case)
                await asked.wait()
                check((await talk.query(case)).is_error, "the query was answered while the question was open")
                grants = (await talk.call("get_case", {"case": case})).structured_content["grants"]
                check(grants == [], f"granted without an answer: {grants}")
                group.cancel_scope.cancel()

    async def tells_how_to_confirm(self):
        """not declared: one message tells how a human confirms"""
        async with self.conversation() as talk:
            answer = await talk.confirm(await talk.open_case("a client without forms"))
            check(answer.is_error and "casefile confirm " in text_of(answer), text_of(answer))

    async def tells_progress(self):
        """a long call tells its progress, ever growing"""
        told = []

        async def note(progress, total, message):
            told.append(progress)

        async with self.conversation(answering(ACCEPT)) as talk:
            case = await talk.open_case("progress")
            await talk.confirm(case)
            question = {"case": case, "env": "SANDBOX", "sample_seconds": 1}
            lag = await talk.call("kafka_lag", question, progress_callback=note)
            check(not lag.is_error, text_of(lag))
            check(len(told) >= 2 and told == sorted(set(told)), f"got {told}")

    async def ends_a_cancelled_query(self):
        """a cancelled query ends, and its run is filed as cancelled"""
        async with self.conversation(answering(ACCEPT)) as talk:
            case = await talk.open_case("cancellation")
            await talk.confirm(case)
            async with anyio.create_task_group() as group:
                group.start_soon(talk.query, case, SLOW_SQL)
                await talk.until_a_query_is(case, "open")
                group.cancel_scope.cancel()
            await talk.until_a_query_is(case, "cancelled")

    def all(self):
        return [
            self.negotiates_and_lists,
            self.fills_prompts,
            self.grants_on_accept,
            self.keeps_a_decline,
            self.keeps_a_cancel,
            self.waits_for_nobody,
            self.tells_how_to_confirm,
            self.tells_progress,
            self.ends_a_cancelled_query,
        ]


def answering(answer):
    async def human(context, params):
        return answer

    return human


def reason(error):
    """The first real error inside the groups that anyio wraps around it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return f"no end within {PATIENCE} s"
    return " ".join(f"{type(error).__name__}: {error}".split())[:400]


async def keep_all(connect):
    broken = 0
    for mode, version in VERSIONS.items():
        for promise in Promises(connect, mode).all():
            line = f"Python SDK, {version}: {promise.__doc__}"
            try:
                with anyio.fail_after(PATIENCE):
                    await promise()
                print(f"ok    {line}", flush=True)
            except Exception as error:
                broken += 1
                print(f"FAIL  {line}\n      {reason(error)}", flush=True)
    return broken


if __name__ == "__main__":
    sys.exit(1 if anyio.run(keep_all, connector_from(sys.argv[1:])) else 0)
