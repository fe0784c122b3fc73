/**
 * The guide "run a node" tells the truth: its commands, copied one by one, give three nodes and a payment. When the
 * output has changed for a reason, `CHANNELS_WRITE_GUIDES=1 bun test test/guides/run-a-node.test.ts` writes it.
 */
import { describe, expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { anvilBinary } from "../../sim/chain/anvil-binary.ts";
import { challengeDurationMinSec, ETHEREUM } from "../../src/chain/chain-profile.ts";
import { integration, unit } from "../kind.ts";
import { type Lesson, lessonsIn, readGuide, writeOutputs } from "./guide.ts";

const ROOT = resolve(import.meta.dir, "../..");
const GUIDE = "run-a-node.md";
const guide = readGuide(GUIDE);
const lessons = lessonsIn(guide);

/** Half a minute alone, and much more on a machine that does other things. */
const TIMEOUT_MS = 300_000;

/** Seconds until somebody who is started answers. */
const PATIENCE_SEC = 60;

/** The ports of the guide, and free ones in their places: other tests run at the same time. */
function portsInPlace(): ReadonlyMap<string, number> {
  const wanted = new Set([...guide.matchAll(/127\.0\.0\.1:(\d{4})/g)].map(([, port = ""]) => port));
  const listeners = [...wanted].map((port) => ({
    port,
    listener: Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } }),
  }));
  const ports = new Map(listeners.map(({ listener, port }) => [port, listener.port]));
  for (const { listener } of listeners) listener.stop(true);
  return ports;
}

/** Anvil as it is installed here, and a block each half second: most of the guide is waiting for blocks. */
const IN_PLACE_OF: readonly (readonly [string, string])[] = [
  ["bun x anvil", anvilBinary()],
  ["--block-time 1", "--block-time 0.5"],
];

/** All lessons as one script of one shell, each with an output of its own. */
function scriptOf(folder: string, ports: ReadonlyMap<string, number>): string {
  const blocks = lessons.map(({ commands, output }, index) => {
    const out = join(folder, `${index}.out`);
    const block = `{\n${commands.join("\n")}\n} > ${out} 2> ${join(folder, `${index}.err`)}`;
    if (!commands.at(-1)?.endsWith("&")) return block;
    // A reader goes on when somebody answers.
    const isThere =
      output === undefined
        ? `(echo > /dev/tcp/127.0.0.1/${ports.get("8545")}) 2>&-`
        : `grep -q ^ready ${out}`;
    return `${block}\nfor i in {1..${10 * PATIENCE_SEC}}; do ${isThere} && break; sleep 0.1; done`;
  });
  const script = IN_PLACE_OF.reduce((text, [guides, ours]) => {
    expect(text).toContain(guides);
    return text.replace(guides, ours);
  }, blocks.join("\n"));
  return [...ports].reduce((text, [port, free]) => replacePort(text, port, `${free}`), script);
}

function replacePort(text: string, port: string, other: string): string {
  return text
    .replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${other}`)
    .replaceAll(`--port ${port}`, `--port ${other}`);
}

/** The same in each run: ids, times and ports as the guide writes them. */
function plain(text: string, ports: ReadonlyMap<string, number>): string {
  const withPorts = [...ports].reduce(
    (so, [port, free]) => so.replaceAll(`127.0.0.1:${free}`, `127.0.0.1:${port}`),
    text,
  );
  return withPorts.replace(/0x[0-9a-f]{64}/g, "0x...").replace(/\d+ ms$/gm, "700 ms");
}

async function runAll(folder: string): Promise<readonly string[]> {
  const ports = portsInPlace();
  const shell = Bun.spawn(["bash", "-c", scriptOf(folder, ports)], {
    cwd: ROOT,
    env: {
      ...process.env,
      NO_COLOR: "1",
      TMPDIR: folder,
      PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
    },
    stdout: "ignore",
    stderr: "inherit",
  });
  await shell.exited;
  const outputOf = (_: Lesson, index: number): string =>
    plain(readFileSync(join(folder, `${index}.out`), "utf8"), ports);
  return lessons.map(outputOf);
}

describe("the guide to running a node", () => {
  integration(
    "its commands, copied one by one, give three nodes and a payment, and print what it shows",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "channels-node-guide-"));
      try {
        const outputs = await runAll(folder);
        const shown = lessons.flatMap(({ output }, index) =>
          output === undefined ? [] : [outputs[index] ?? ""],
        );
        if (process.env["CHANNELS_WRITE_GUIDES"] === "1") writeOutputs(GUIDE, shown);

        const expected = lessonsIn(readGuide(GUIDE)).map(({ output }) => output ?? "");
        expect(outputs).toEqual(expected);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    TIMEOUT_MS,
  );

  unit("names the shortest challenge of Ethereum as the program has it", () => {
    expect(guide).toContain(
      `${challengeDurationMinSec(ETHEREUM).toLocaleString("en")} seconds on Ethereum`,
    );
  });
});
