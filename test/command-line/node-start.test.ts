/** Tests of `channels node start`: how a node begins, what it says, and how it ends. */
import { describe, expect } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BENCH_LOG_ID } from "../../bench/bench-log-id.ts";
import { fillStore } from "../../bench/disk-log.ts";
import { type RecordedBatch, tellStory } from "../../bench/recording-story.ts";
import { keyOf } from "../../sim/actors.ts";
import { addressOf } from "../../sim/simulated-chain.ts";
import { openNodeStore } from "../../src/engine/node-store.ts";
import { openLogDirectory } from "../../src/node/log-directory.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { NodeError } from "../../src/primitives/node-error.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial, integration } from "../kind.ts";
import { runHere } from "./here.ts";
import { type Ended, inPlace, type Place, type Running } from "./program.ts";

const chain = chainOfFile("evm");

/** Milliseconds of a story with processes, on a machine that does other things. */
const TIMEOUT_MS = 240_000;

/** Milliseconds until a process has started, on such a machine. */
const PATIENCE_MS = 60_000;

/** An endpoint of the chain of this file, which may be away, of another chain, or without contracts. */
type Endpoint = { readonly url: string; mode: "Here" | "Away" | "OtherChain" | "NoContracts" };

async function withEndpoint(use: (endpoint: Endpoint) => Promise<void>): Promise<void> {
  const endpoint = { url: "", mode: "Here" as Endpoint["mode"] };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const { id, method, params } = (await request.json()) as RpcCall;
      if (endpoint.mode === "Away") return new Response("away", { status: 503 });
      return Response.json({
        jsonrpc: "2.0",
        id,
        ...(await answer(endpoint.mode, method, params)),
      });
    },
  });
  endpoint.url = `http://127.0.0.1:${server.port}`;
  try {
    await use(endpoint);
  } finally {
    await server.stop(true);
  }
}

type RpcCall = {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
};

async function answer(
  mode: Endpoint["mode"],
  method: string,
  params: readonly unknown[],
): Promise<object> {
  if (mode === "OtherChain" && method === "eth_chainId") return { result: "0x5" };
  if (mode === "NoContracts" && method === "eth_getCode") return { result: "0x" };
  try {
    return { result: await chain().local.rpc.request(method, params) };
  } catch (error) {
    const message = error instanceof NodeError ? error.message : String(error);
    return { error: { code: -32_000, message } };
  }
}

const flags = (url: string): readonly string[] => [
  ...["node", "start", "--chain-rpc", url, "--chain-id", "31337", "--chain-poll-ms", "50"],
  ...["--listen-tcp", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"],
];

const env = { CHANNELS_KEY: keyOf("alice") };

/** Starts a node in the place, and waits until its API is there. */
async function startNode(
  { cwd, start }: Place,
  url: string,
  more: readonly string[] = [],
): Promise<{ readonly node: Running; readonly api: string }> {
  const node = start([...flags(url), ...more], { env });
  const path = join(cwd, "channels-data", "node.json");
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!existsSync(path)) {
    const isOver = node.process.exitCode !== null || performance.now() > deadlineMs;
    if (isOver) throw new Error(`no node: ${(await node.ended).stderr}`);
    await Bun.sleep(10);
  }
  return { node, api: JSON.parse(readFileSync(path, "utf8")).api };
}

/** Asks until the status is the wanted one. */
async function awaitStatus(url: string, wanted: number): Promise<unknown> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const response = await fetch(url);
    const body: unknown = await response.json();
    if (response.status === wanted) return body;
    if (performance.now() > deadlineMs) throw new Error(`${url} stays at ${response.status}`);
    await Bun.sleep(20);
  }
}

describe("channels node start", () => {
  integration(
    "says in one document that it is reachable, and ends in order when it is asked to",
    () =>
      withEndpoint(({ url }) =>
        inPlace(async (place) => {
          const { api, node } = await startNode(place, url, ["--json"]);
          expect(await awaitStatus(`${api}/readyz`, 200)).toMatchObject({
            live: true,
            ready: true,
          });
          const metrics = await (await fetch(`${api}/metrics`)).text();
          expect(metrics).toContain("\nchannels_ready 1\n");
          expect(metrics).toMatch(/\nchannels_chain_reachable 1\n/);

          node.process.kill("SIGTERM");
          const { exitCode, stderr, stdout } = await node.ended;

          expect(exitCode).toBe(143);
          expect(JSON.parse(stdout)).toEqual({
            address: addressOf("alice"),
            chainId: "31337",
            places: [expect.stringMatching(/^tcp:\/\/127\.0\.0\.1:\d+$/)],
            api,
            events: 0,
            startMs: expect.any(Number),
          });
          const lines = stderr.trim().split("\n");
          expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({
            level: "info",
            msg: "the node has ended",
          });
          expect(existsSync(join(place.cwd, "channels-data", "node.json"))).toBe(false);
          for (const text of [stdout, stderr, metrics]) {
            expect(text.toLowerCase()).not.toContain(keyOf("alice").slice(2));
          }
        }),
      ),
    TIMEOUT_MS,
  );

  integration(
    "starts while its chain is away, is not ready until it has seen it, and ends when it is another one",
    () =>
      withEndpoint((endpoint) =>
        inPlace(async (place) => {
          endpoint.mode = "Away";
          const { api, node } = await startNode(place, endpoint.url);
          expect(await awaitStatus(`${api}/readyz`, 503)).toMatchObject({
            live: true,
            notReady: [{ code: "ChainAway" }],
          });
          endpoint.mode = "OtherChain";
          const { exitCode, stderr } = await node.ended;

          expect(exitCode).toBe(2);
          expect(stderr).toContain(
            "error: the Ethereum endpoint is of chain 5, and chain.id says 31337",
          );
          endpoint.mode = "Away";
          const second = await startNode(place, endpoint.url);
          endpoint.mode = "Here";
          await awaitStatus(`${second.api}/readyz`, 200);
          second.node.process.kill("SIGINT");
          expect((await second.node.ended).exitCode).toBe(130);
        }),
      ),
    TIMEOUT_MS,
  );

  integration(
    "a second process with the same directory is told who is first, and harms nothing",
    () =>
      withEndpoint(({ url }) =>
        inPlace(async (place) => {
          const { api, node } = await startNode(place, url);
          const { exitCode, stderr, stdout } = await place.start(flags(url), { env }).ended;

          expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
          expect(stderr).toContain(`is held by process ${node.process.pid}; stop that first`);
          expect((await fetch(`${api}/healthz`)).status).toBe(200);
          // Nobody is there to answer, and whoever asks twice does not want to wait.
          node.process.kill("SIGINT");
          node.process.kill("SIGINT");
          expect((await node.ended).exitCode).toBe(130);
        }),
      ),
    TIMEOUT_MS,
  );

  integration(
    "starts with 10,000 events in its log, for which it computes less than 0.8 seconds more",
    () =>
      withEndpoint(async ({ url }) => {
        const empty = await startOnce(url, async () => {});
        const busy = await startOnce(url, fillLog);

        expect(empty.events).toBe(0);
        expect(busy.events).toBeGreaterThanOrEqual(10_000);
        expect(busy.computedMs - empty.computedMs).toBeLessThan(800);
      }),
    TIMEOUT_MS,
  );
});

type Start = { readonly events: number; readonly computedMs: number };

/** Starts a node on what `prepare` makes, and kills it once its API has answered. */
async function startOnce(url: string, prepare: (cwd: string) => Promise<void>): Promise<Start> {
  let started: Start | undefined;
  await inPlace(async (place) => {
    await prepare(place.cwd);
    const { api, node } = await startNode(place, url);
    const metrics = await (await fetch(`${api}/metrics`)).text();
    node.process.kill("SIGKILL");
    await node.ended;
    const events = Number(/^channels_log_events (\d+)$/m.exec(metrics)?.[1]);
    // Wall time is that of the machine, which does other things.
    const computedMs = Number(node.process.resourceUsage()?.cpuTime.total) / 1_000;
    started = { events, computedMs };
  });
  return assertDefined(started, "a start");
}

/** Makes the log of a busy node. */
async function fillLog(cwd: string): Promise<void> {
  const data = join(cwd, "channels-data");
  mkdirSync(data);
  const directory = await openLogDirectory(join(data, "log"));
  try {
    const store = await openNodeStore(directory, BENCH_LOG_ID);
    const batches: RecordedBatch[] = [];
    tellStory(10_000, (batch) => batches.push(batch));
    await fillStore(store, batches);
    await store.checkpoint();
  } finally {
    await directory.close();
  }
}

describe("what keeps a node from starting", () => {
  const start = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    runOnce(["node", "start", ...args], more);

  adversarial("contracts with other code, or none", () =>
    withEndpoint(async (endpoint) => {
      endpoint.mode = "NoContracts";
      const { exitCode, stderr, stdout } = await start(flags(endpoint.url).slice(2));

      expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
      expect(stderr).toContain("error: the adjudicator at 0x");
      expect(stderr).toContain("has the wrong code (hash none, not 0x");
    }),
  );

  integration("a directory of another key or another chain", () =>
    withEndpoint(({ url }) =>
      inPlace(async ({ cwd }) => {
        const data = join(cwd, "channels-data");
        mkdirSync(data);
        const identity = { address: addressOf("bob"), chainId: "31337", adjudicator: "0x" };
        writeFileSync(join(data, "identity.json"), JSON.stringify(identity));
        const { exitCode, stderr } = await runHere(flags(url), { cwd, env });

        expect(exitCode).toBe(2);
        expect(stderr).toContain(`is of a node whose key is ${addressOf("bob")}`);
      }),
    ),
  );

  integration("a configuration that is wrong, with all that is wrong in it", async () => {
    const { exitCode, stderr } = await start(["--chain-id", "one", "--fee", "much"]);

    expect(exitCode).toBe(2);
    expect(stderr).toContain("chain.rpc is not set: give --chain-rpc");
    expect(stderr).toContain("chain.id, from the flag --chain-id: write the number of the chain");
    expect(stderr).toContain("fee, from the flag --fee: write a whole number");
  });

  adversarial("a key that is none, which is not repeated", async () => {
    const { exitCode, stderr } = await start(flags("http://127.0.0.1:1").slice(2), {
      CHANNELS_KEY: "my secret words",
    });

    expect(exitCode).toBe(2);
    expect(stderr).toContain("CHANNELS_KEY holds no private key");
    expect(stderr).not.toContain("secret words");
  });
});

describe("--print-config", () => {
  integration("shows what is in effect and who said so, and starts nothing", () =>
    inPlace(async ({ cwd }) => {
      writeFileSync(join(cwd, "node.json"), JSON.stringify({ fee: "5", openToStrangers: true }));
      const args = [
        "--config",
        "node.json",
        "--print-config",
        "--json",
        "--open-to-strangers",
        "no",
      ];
      const { exitCode, stdout } = await runHere([...flags("http://127.0.0.1:1"), ...args], {
        cwd,
        env,
      });

      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        fee: { value: "5", from: { type: "File", path: "node.json" } },
        openToStrangers: { value: false, from: { type: "Flag", flag: "--open-to-strangers" } },
        "key.private": { value: "(a secret)", from: { type: "Environment" } },
      });
      expect(existsSync(join(cwd, "channels-data"))).toBe(false);
    }),
  );
});

describe("channels node --help", () => {
  integration("every command of a node says what it does and takes", () =>
    inPlace(async ({ cwd }) => {
      const help = (words: readonly string[]) =>
        runHere(["node", ...words, "--help"], { cwd, env: {} });
      const { stdout } = await help([]);
      const listed = stdout.slice(stdout.indexOf("Commands:"));
      const names = [...listed.matchAll(/^ {2}([\w-]+)/gm)].map(([, name = ""]) => name);

      expect(names).toEqual(expect.arrayContaining(["start", "key", "status", "open", "pay"]));
      for (const name of names.filter((one) => one !== "help")) {
        const { exitCode, stderr, stdout: shown } = await help([name]);
        expect({ name, exitCode, stderr }).toEqual({ name, exitCode: 0, stderr: "" });
        expect(shown).toStartWith(`Usage: channels node ${name}`);
      }
    }),
  );
});

/** Runs a command that is expected to end at once, in a folder of its own. */
async function runOnce(
  args: readonly string[],
  more: Readonly<Record<string, string>>,
): Promise<Ended> {
  let ended: Ended | undefined;
  await inPlace(async ({ cwd }) => {
    ended = await runHere(args, { cwd, env: { ...env, ...more } });
  });
  return assertDefined(ended, "an end");
}
