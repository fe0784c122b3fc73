/** Tests of `channels log archive`: what leaves a log is still part of it. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runScenario } from "../../sim/run-scenario.ts";
import { defineScenario } from "../../sim/scenario.ts";
import { startSimulatedChain } from "../../sim/simulated-chain.ts";
import { keepLog } from "../../src/node/kept-log.ts";
import { readContents } from "../../src/store/disk-contents.ts";
import { integration } from "../kind.ts";
import { tellLog } from "./fake-shell.ts";

const TIMEOUT_MS = 60_000;

/** Payments in each channel: enough that the first is closed before the log has a thousand events. */
const PAYMENTS = 65;

const story = defineScenario({
  name: "two-channels",
  summary: "Alice pays Bob in one channel, closes it, and goes on in another",
  cast: ["alice", "bob"],
  script: async ({ alice, bob, eth }) => {
    for (const isLast of [false, true]) {
      const channel = await alice.openChannel([bob], [{ asset: eth, amounts: [100n, 0n] }]);
      for (let count = 0; count < PAYMENTS; count += 1) await alice.pay(channel, bob, eth, 1n);
      if (!isLast) await alice.closeChannel(channel);
    }
  },
});

let folder = "";
let log = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "channels-archive-test-"));
  log = join(folder, "alice");
  const chain = await startSimulatedChain("evm");
  await runScenario(story, {
    seed: 1,
    chain,
    signatures: "fast",
    inspect: async (world) => keepLog(log, await readContents(world.node("alice").parts.disk)),
  });
  await chain.local.stop();
}, TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true }));

describe("channels log archive", () => {
  integration(
    "moves the events of the closed channel into a sealed file, and the log reads as before",
    async () => {
      const before = await tellLog(["export", log]);
      const { out } = await tellLog(["archive", log, "--json"]);

      const { archive, finishedChannels, snapshotLength } = JSON.parse(out);
      expect(finishedChannels).toBe(1);
      // The run's own snapshot: after the append that brought the thousandth event.
      expect(snapshotLength).toBeWithin(1_000, 1_010);
      expect(archive.count).toBeGreaterThan(300);
      expect(existsSync(join(log, "archives", archive.name))).toBeTrue();
      const after = await tellLog(["export", log]);
      expect(after.error).toBeUndefined();
      expect(after.out === before.out).toBeTrue();
      expect((await tellLog(["verify", log])).out).toContain("HELD  anchored");
      expect((await tellLog(["archive", log])).out).toContain("nothing was archived");
    },
    TIMEOUT_MS,
  );

  integration(
    "says which file is missing when it was moved, and finds it where it is",
    async () => {
      const moved = join(folder, "elsewhere");
      renameSync(join(log, "archives"), moved);

      const missing = await tellLog(["verify", log]);
      const found = await tellLog(["verify", log, "--archives", moved]);

      expect(missing.error).toMatchObject({ code: "ArchiveMissing" });
      expect(String(missing.error)).toContain("archive-0.channels");
      expect([found.exitCode, found.error]).toEqual([0, undefined]);
    },
  );
});
