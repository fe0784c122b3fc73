/** Runs a guide that starts nodes: its commands as they are printed, in one shell, at ports that are free. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { anvilBinary } from "../../sim/chain/anvil-binary.ts";
import { lessonsIn, readGuide, writeOutputs } from "./guide.ts";

const ROOT = resolve(import.meta.dir, "../..");

/** Seconds until somebody who is started answers. */
const PATIENCE_SEC = 60;

/** Milliseconds for the test of a guide: half a minute alone, and much more on a machine that does other things. */
export const GUIDE_TIMEOUT_MS = 300_000;

/** What is other than the reader of a guide has it. */
export type GuideRun = {
  /** Besides the environment of the tests. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Texts of the guide, and what is run instead. */
  readonly instead?: Readonly<Record<string, string>>;
};

/** The ports of a guide, and free ones in their places: other tests run at the same time. */
function portsInPlace(guide: string): ReadonlyMap<string, number> {
  const wanted = new Set([...guide.matchAll(/127\.0\.0\.1:(\d{4})/g)].map(([, port = ""]) => port));
  const listeners = [...wanted].map((port) => ({
    port,
    listener: Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } }),
  }));
  const ports = new Map(listeners.map(({ listener, port }) => [port, listener.port]));
  for (const { listener } of listeners) listener.stop(true);
  return ports;
}

/** All lessons as one script of one shell, each with an output of its own. */
function scriptOf(
  guide: string,
  { folder, instead = {} }: GuideRun & { readonly folder: string },
  ports: ReadonlyMap<string, number>,
): string {
  const blocks = lessonsIn(guide).map(({ commands, output }, index) => {
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
  const script = Object.entries({ "bun x anvil": anvilBinary(), ...instead }).reduce(
    (text, [words, others]) => text.replaceAll(words, others),
    blocks.join("\n"),
  );
  return [...ports].reduce((text, [port, free]) => replacePort(text, port, `${free}`), script);
}

function replacePort(text: string, port: string, other: string): string {
  return text
    .replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${other}`)
    .replaceAll(`--port ${port}`, `--port ${other}`);
}

/** The same in each run: ids, times and ports as a guide writes them, and how this program is called. */
function plain(text: string, ports: ReadonlyMap<string, number>): string {
  const withPorts = [...ports].reduce(
    (so, [port, free]) => so.replaceAll(`127.0.0.1:${free}`, `127.0.0.1:${port}`),
    text,
  );
  return withPorts
    .replace(/0x[0-9a-f]{64}|0x[0-9a-f]{8}\b/g, "0x...")
    .replace(/\d+ ms$/gm, "700 ms")
    .replace(
      /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(in .*?\)/g,
      "2026-01-01 12:05:00 UTC (in 4 min 50 s)",
    )
    .replaceAll(`npx -y bun@${Bun.version} channels`, "bun channels");
}

/** Longest time of a guide, in milliseconds: less than its test may take, so that nodes and chain end before it does. */
const TIME_MAX_MS = 240_000;

/** Waits for the end of a guide. One that goes on for ever, or is interrupted, takes all that it has started with it. */
async function untilEnded(shell: Bun.Subprocess): Promise<void> {
  const endAll = (): void => {
    try {
      process.kill(-shell.pid, "SIGKILL");
    } catch {
      // Nothing is left of it.
    }
  };
  const interrupt = (): never => {
    endAll();
    process.exit(130);
  };
  process.once("SIGINT", interrupt);
  const timer = setTimeout(endAll, TIME_MAX_MS);
  try {
    await shell.exited;
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", interrupt);
    endAll();
  }
}

/**
 * Runs all commands of the guide of that name in a new folder: what each block prints, and what the guide shows, which
 * it writes anew where `CHANNELS_WRITE_GUIDES=1` asks for it.
 */
export async function runGuide(
  name: string,
  run: GuideRun = {},
): Promise<{ readonly printed: readonly string[]; readonly shown: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "channels-guide-"));
  try {
    const printed = await runIn(folder, readGuide(name), run);
    const kept = printed.filter(
      (_, index) => lessonsIn(readGuide(name))[index]?.output !== undefined,
    );
    if (process.env["CHANNELS_WRITE_GUIDES"] === "1") writeOutputs(name, kept);
    return { printed, shown: lessonsIn(readGuide(name)).map(({ output }) => output ?? "") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runIn(folder: string, guide: string, run: GuideRun): Promise<readonly string[]> {
  const ports = portsInPlace(guide);
  const shell = Bun.spawn(["bash", "-c", scriptOf(guide, { ...run, folder }, ports)], {
    cwd: ROOT,
    env: {
      ...process.env,
      NO_COLOR: "1",
      TMPDIR: folder,
      PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
      ...run.environment,
    },
    stdout: "ignore",
    stderr: "inherit",
    detached: true,
  });
  await untilEnded(shell);
  return lessonsIn(guide).map((_, index) =>
    plain(readFileSync(join(folder, `${index}.out`), "utf8"), ports),
  );
}
