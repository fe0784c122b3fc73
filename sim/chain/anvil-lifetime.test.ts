/** Tests that Anvil ends when it should: with us, with `stop`, and never later. */
import { describe, expect } from "bun:test";
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crash, unit } from "../../test/kind.ts";

/** Longest that we wait for processes to end, in milliseconds. They take a few. */
const PATIENCE_MS = 5_000;

/** What a child of this test does: starts Anvil, says so, and stays until it is killed. */
const CHILD = `
const { startAnvil } = await import(${JSON.stringify(join(import.meta.dir, "anvil.ts"))});
const chain = await startAnvil({ accounts: [] });
process.stdout.write("ready\\n");
chain.died.then(({ code }) => process.stdout.write(code + "\\n"));
process.stdin.once("data", async () => {
  await chain.stop();
  await chain.stop();
  process.exit(0);
});
`;

type Child = {
  /** Where this child's Anvil keeps its things: no other test uses it. */
  readonly directory: string;
  readonly process: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly nextLine: () => Promise<string | undefined>;
};

async function withChild(use: (child: Child) => Promise<void>): Promise<void> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "channels-test-")));
  const child = Bun.spawn([process.execPath, "-e", CHILD], {
    env: { ...process.env, TMPDIR: directory },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const nextLine = async (): Promise<string | undefined> => (await lines.read()).value?.trim();
  try {
    expect(await nextLine()).toBe("ready");
    await use({ directory, process: child, nextLine });
  } finally {
    child.kill("SIGKILL");
    await child.exited;
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Process ids of everything whose command line names the directory, and of those that `kind` matches. */
function processesOf(directory: string, kind = /./): readonly number[] {
  const { stdout } = Bun.spawnSync(["ps", "-A", "-ww", "-o", "pid=,args="]);
  const lines = stdout.toString().split("\n");
  return lines
    .filter((line) => line.includes(directory) && kind.test(line))
    .map((line) => Number.parseInt(line, 10));
}

async function nothingIsLeftOf(directory: string): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (performance.now() < deadlineMs) {
    if (processesOf(directory).length === 0 && readdirSync(directory).length === 0) return;
    await Bun.sleep(20);
  }
  expect({ processes: processesOf(directory), files: readdirSync(directory) }).toEqual({
    processes: [],
    files: [],
  });
}

const ANVIL = /bin\/anvil --/;
const GUARD = /\/bin\/sh -c/;

describe("startAnvil", () => {
  crash(
    "leaves no process and no file when this program is killed",
    async () => {
      await withChild(async ({ directory, process: child }) => {
        expect(processesOf(directory, ANVIL).length).toBeGreaterThan(0);
        expect(readdirSync(directory)).toHaveLength(1);

        child.kill("SIGKILL");

        await nothingIsLeftOf(directory);
      });
    },
    20_000,
  );

  crash(
    "leaves nothing when Anvil is killed, and says that the chain died",
    async () => {
      await withChild(async ({ directory, nextLine }) => {
        for (const pid of anvilsIn(directory)) process.kill(pid, "SIGKILL");

        expect(await nextLine()).toBe("ChainDied");
        await nothingIsLeftOf(directory);
      });
    },
    20_000,
  );

  crash(
    "leaves nothing when its guards are killed, and says that the chain died",
    async () => {
      await withChild(async ({ directory, nextLine }) => {
        const guards = guardsIn(directory);
        expect(guards).toHaveLength(2);
        for (const pid of guards) process.kill(pid, "SIGKILL");

        expect(await nextLine()).toBe("ChainDied");
        await nothingIsLeftOf(directory);
      });
    },
    20_000,
  );

  crash(
    "leaves nothing when the first guard is killed, and then this program",
    async () => {
      await withChild(async ({ directory, process: child }) => {
        child.kill("SIGSTOP");
        const [first] = guardsIn(directory);
        if (first !== undefined) process.kill(first, "SIGKILL");
        child.kill("SIGKILL");

        await nothingIsLeftOf(directory);
      });
    },
    20_000,
  );

  unit(
    "leaves nothing after stop, which may be called twice",
    async () => {
      await withChild(async ({ directory, process: child }) => {
        child.stdin.write("stop\n");
        await child.stdin.flush();

        expect(await child.exited).toBe(0);
        await nothingIsLeftOf(directory);
      });
    },
    20_000,
  );
});

/** Anvil itself: the guards' command lines hold its path as well. */
function anvilsIn(directory: string): readonly number[] {
  const guards = guardsIn(directory);
  return processesOf(directory, ANVIL).filter((pid) => !guards.includes(pid));
}

function guardsIn(directory: string): readonly number[] {
  return processesOf(directory, GUARD);
}
