/** Tests of `channels log`: what people and programs are told of the log of a run. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadScenario } from "../../sim/commands/scenario-file.ts";
import { runScenario } from "../../sim/run-scenario.ts";
import { startSimulatedChain } from "../../sim/simulated-chain.ts";
import { createMemoryDisk } from "../../src/adapters/memory-disk.ts";
import type { NodeView } from "../../src/engine/node-state.ts";
import { nodeCodec } from "../../src/events/node-codec.ts";
import { keepLog } from "../../src/node/kept-log.ts";
import { NodeError } from "../../src/primitives/node-error.ts";
import { readContents } from "../../src/store/disk-contents.ts";
import { EventStore, type EventStore as Store } from "../../src/store/event-store.ts";
import { adversarial, integration } from "../kind.ts";
import { toldEvents } from "../told-log.ts";
import { tellLog } from "./fake-shell.ts";

const SET_UP_TIMEOUT_MS = 60_000;

const { TMPDIR } = process.env;

let folder = "";
/** Where the copies of logs are made while these tests run. */
let temporary = "";
let log = "";
/** Bob's log of the same run, and its head as Alice's log holds it. */
let peerLog = "";
let heldHead = "";
let length = 0;
let channelId = "";
let objectives: readonly (readonly [string, string])[] = [];

/** Alice's log of the scenario `update`, kept as `channels run --keep` does. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "channels-log-test-"));
  log = join(folder, "alice");
  peerLog = join(folder, "bob");
  temporary = join(folder, "temporary");
  mkdirSync(temporary);
  mkdirSync(join(folder, "empty"));
  process.env["TMPDIR"] = temporary;
  const chain = await startSimulatedChain("evm");
  const path = new URL("../../scenarios/update.scenario.ts", import.meta.url).pathname;
  await runScenario(await loadScenario(path), {
    seed: 1,
    chain,
    inspect: async (world) => {
      const { engine, parts, store } = world.node("alice");
      const view: NodeView = engine.view();
      length = store.length;
      channelId = [...view.channels.keys()][0] ?? "";
      objectives = [...view.objectives].map(([id, { status }]) => [id, status]);
      await keepLog(log, await readContents(parts.disk));
      const bob = world.node("bob");
      await keepLog(peerLog, await readContents(bob.parts.disk));
      const held = view.peers.get(bob.address)?.head;
      heldHead = `${held?.length}:${held?.hash}`;
    },
  });
  await chain.local.stop();
}, SET_UP_TIMEOUT_MS);

afterAll(() => {
  if (TMPDIR === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = TMPDIR;
  rmSync(folder, { recursive: true });
});

const lines = (text: string): readonly string[] => (text === "" ? [] : text.split("\n"));

describe("channels log show", () => {
  integration("gives each event a line: offset, time, type, and what it is about", async () => {
    const { exitCode, out } = await tellLog(["show", log]);

    const shown = lines(out);
    expect([exitCode, shown.length]).toEqual([0, length]);
    expect(shown[0]).toMatch(
      /^ *0 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}ChannelCreated +channel 0x[0-9a-f]{64}, between /,
    );
    expect(shown.map((line) => Number.parseInt(line, 10))).toEqual([...shown.keys()]);
  });

  integration("ends lines at the edge of a terminal, with ids cut short", async () => {
    const { out } = await tellLog(["show", log], 90);

    const shown = lines(out);
    expect(Math.max(...shown.map((line) => line.length))).toBe(90);
    expect(out).not.toMatch(/0x[0-9a-f]{9}/);
    expect(out).toContain(channelId.slice(0, 10));
  });

  integration("leaves the date out where the terminal has no room for it", async () => {
    const { out } = await tellLog(["show", log, "--limit", "3"], 72);

    for (const line of lines(out)) expect(line).toMatch(/^ +\d {2}\d\d:\d\d:\d\d\.\d{3} {2}[A-Z]/);
  });

  integration("says in its help where it begins and ends unless it is told", async () => {
    const { out } = await tellLog(["show", "--help"]);

    expect(out.replace(/\s+/g, " ")).toContain("the first event (default: the start of the log)");
    expect(out).not.toContain("{");
  });

  integration("picks events by channel, objective, peer, type, range and number", async () => {
    const short = channelId.slice(2, 7);
    const ofChannel = lines((await tellLog(["show", log, "--channel", short])).out);
    const ofType = lines((await tellLog(["show", log, "--type", "statesigned"])).out);
    const ofPeer = lines((await tellLog(["show", log, "--peer", "0xb0b"])).out);
    const ofUpdate = lines(
      (await tellLog(["show", log, "--objective", `Update-0x${short}-0-0`])).out,
    );
    const few = lines((await tellLog(["show", log, "--from", "-5", "--limit", "2"])).out);

    expect(ofChannel.length).toBeLessThan(length);
    expect(ofType.every((line) => line.includes("  StateSigned  "))).toBeTrue();
    expect(ofPeer.every((line) => line.includes("  Message"))).toBeTrue();
    expect(ofUpdate.length).toBeGreaterThan(3);
    expect(ofUpdate.every((line) => line.includes(`Update-${channelId}-0-0`))).toBeTrue();
    expect(few.map((line) => Number.parseInt(line, 10))).toEqual([length - 5, length - 4]);
  });

  integration("prints one JSON document", async () => {
    const { out } = await tellLog(["show", log, "--json", "--to", "3"]);

    const document = JSON.parse(out);
    expect(document.length).toBe(length);
    expect(document.events).toHaveLength(3);
    expect(Object.keys(document.events[0])).toEqual([
      ...["offset", "timeMs", "hash", "contentId", "type", "tags", "fields"],
    ]);
    expect(JSON.parse((await tellLog(["show", log, "--json", "--to", "0"])).out).events).toEqual(
      [],
    );
  });
});

describe("channels log export", () => {
  integration("writes what is on the disk, a line each, to a file as to the terminal", async () => {
    const file = join(folder, "events.jsonl");
    const told = await tellLog(["export", log]);
    const written = await tellLog(["export", log, "--output", file]);

    expect(readFileSync(file, "utf8")).toBe(`${told.out}\n`);
    expect(written.err).toContain(`wrote ${length} events to`);
    const events = lines(told.out).map((line) => JSON.parse(line));
    const { out } = await tellLog(["show", log, "--json"]);
    expect(events).toEqual(JSON.parse(out).events);
    expect((await tellLog(["export", log, "--output", file])).error).toMatchObject({ exitCode: 2 });
  });
});

describe("channels log, when its reader has gone", () => {
  integration("stops to read the log soon, instead of at its end", async () => {
    const long = join(folder, "long");
    const disk = createMemoryDisk();
    const store = await EventStore.open({ disk, codec: nodeCodec, logId: new Uint8Array(16) });
    await store.append(toldEvents(1_000), 0, 1);
    await keepLog(long, await readContents(disk));
    for (const [command, ...rest] of [["show"], ["show", "--json"], ["export"]]) {
      const all = await tellLog([command ?? "", long, ...rest]);
      const some = await tellLog([command ?? "", long, ...rest], undefined, false);

      expect(lines(all.out).length).toBeGreaterThanOrEqual(1_000);
      expect(lines(some.out).length).toBeLessThanOrEqual(256);
      expect(all.out.startsWith(some.out)).toBeTrue();
    }
  });
});

describe("channels log at", () => {
  integration("shows the node after all events as it was when it stopped", async () => {
    const { out } = await tellLog(["at", log, "end", "--json"]);

    const { offset, state } = JSON.parse(out);
    expect(offset).toBe(length);
    const told = Object.entries(state.objectives as Record<string, { status: string }>);
    expect(told.map(([id, { status }]) => [id, status])).toEqual(objectives as never);
  });

  integration("shows a channel at an offset, and the node before its first event", async () => {
    const short = channelId.slice(0, 9);
    const turnAt = async (offset: string): Promise<unknown> => {
      const { out } = await tellLog(["at", log, offset, "--channel", short, "--json"]);
      return JSON.parse(out).channel.supported?.variablePart.turnNum;
    };
    const shown = await tellLog(["show", log, "--type", "SupportedStateAdvanced"]);
    const [, , third] = lines(shown.out).map((line) => Number.parseInt(line, 10));

    expect(await turnAt(`${third}`)).toBe(1);
    expect(await turnAt(`${(third ?? 0) + 1}`)).toBe(2);
    const { out } = await tellLog(["at", log, "0"]);
    expect(out).toContain(`after 0 of ${length} events, nothing has happened yet`);
    expect(out).toContain("channels\n  none");
  });

  integration("tells destinations apart on a terminal, though they begin with zeros", async () => {
    const { out } = await tellLog(["at", log, "end", "--channel", channelId], 80);

    const destinations = lines(out).filter((line) => line.includes("destination  "));
    expect(new Set(destinations.map((line) => line.trim())).size).toBe(2);
    expect(out).toContain("destination  0xa11ce");
  });

  integration("tells the head of each peer's log, as verify takes it", async () => {
    const { out } = await tellLog(["at", log, "end"]);

    expect(out).toContain(`its head ${heldHead}`);
    expect(heldHead).toMatch(/^[1-9]\d+:0x[0-9a-f]{64}$/);
    expect((await tellLog(["verify", peerLog, "--head", heldHead])).exitCode).toBe(0);
    const forged = heldHead.replace(/:0x../, ":0x00");
    expect((await tellLog(["verify", peerLog, "--head", forged])).exitCode).toBe(1);
    expect((await tellLog(["at", log, "3"])).out).not.toContain("its head");
  });

  adversarial("says so where a channel did not exist yet", async () => {
    const { error } = await tellLog(["at", log, "0", "--channel", channelId]);

    expect(String(error)).toContain("the channel did not exist yet after 0 events");
  });
});

describe("channels log diff", () => {
  integration("tells what changed, and which events did it", async () => {
    const { out } = await tellLog(["diff", log, "0", "end", "--json"]);

    const { changes } = JSON.parse(out);
    const channel = changes.find(({ table }: { table: string }) => table === "channels");
    expect(channel.before).toBeNull();
    expect(channel.events[0]).toEqual({ offset: 0, type: "ChannelCreated" });
    expect(channel.after.mySignedTurn).toBeGreaterThan(1);
    const text = await tellLog(["diff", log, "-1", "end"], 80);
    expect(text.out).toContain(`from ${length - 1} to ${length}: 1 event changed `);
    expect(text.out).toMatch(new RegExp(`by ${length - 1} [A-Z]`));
  });

  integration("names at most ten events for a change, in lines that fit", async () => {
    const { out } = await tellLog(["diff", log, "0", "end"], 72);

    const shown = lines(out);
    expect(Math.max(...shown.map((line) => line.length))).toBeLessThanOrEqual(72);
    const first = shown.findIndex((line) => line.startsWith("  by "));
    const causes = shown.slice(first, shown.indexOf("", first)).join(" ").split(",");
    expect(causes).toHaveLength(11);
    expect(causes[5]).toMatch(/^ +\d+ more$/);
    expect(causes[0]).toBe("  by 0 ChannelCreated");
  });

  integration("finds no difference between an offset and itself", async () => {
    expect((await tellLog(["diff", log, "9", "9"])).out).toBe(
      "from 9 to 9: 0 events changed 0 things",
    );
  });
});

describe("channels log verify", () => {
  integration(
    "holds for the log of a run, with all signatures, and against its own end",
    async () => {
      const { exitCode, out } = await tellLog(["verify", log, "--signatures"]);
      const head = /end (\d+:0x[0-9a-f]{64})/.exec(out)?.[1] ?? "";
      const again = await tellLog(["verify", log, "--head", head, "--json"]);

      expect(exitCode).toBe(0);
      expect(out).toMatch(/^\d+ signatures were checked$/m);
      expect(out).toMatch(/^0 snapshots were checked$/m);
      expect(out).toContain("HELD  anchored: nothing is wrong");
      expect(JSON.parse(again.out)).toMatchObject({
        held: true,
        verdict: "Anchored",
        head,
        length,
      });
    },
  );

  adversarial("ends with 1 where an end that was kept elsewhere is another", async () => {
    const head = `${length}:0x${"00".repeat(32)}`;
    const { exitCode, out } = await tellLog(["verify", log, "--head", head]);

    expect(exitCode).toBe(1);
    expect(out).toMatch(
      new RegExp(`^Forked at offset ${length - 1}: .* after ${length} events`, "m"),
    );
    expect(out).toContain("what to do: ");
  });

  adversarial("ends with 1 where the store of the log cannot be opened", async () => {
    const broken = join(folder, "broken");
    const disk = createMemoryDisk();
    const store: Store<unknown> = await EventStore.open({
      disk,
      codec: nodeCodec as never,
      logId: new Uint8Array(16),
    });
    expect(store.length).toBe(0);
    await keepLog(broken, await readContents(disk));
    for (const name of readdirSync(join(broken, "store"))) {
      if (name.startsWith("MANIFEST")) writeFileSync(join(broken, "store", name), "no manifest");
    }

    const { exitCode, out } = await tellLog(["verify", broken]);

    expect(exitCode).toBe(1);
    expect(out).toContain("LogDamaged");
  });
});

describe("wrong input to channels log", () => {
  const MISTAKES: readonly (readonly [args: (dir: string) => readonly string[], says: string])[] = [
    [() => ["show", join(folder, "nowhere")], "is not the directory of a log: there is nothing"],
    [() => ["verify", join(folder, "empty")], "is not the directory of a log: it is empty"],
    [() => ["show", folder], "is not the directory of a log: it holds "],
    [() => ["at", "", "end"], "The name of the directory is empty."],
    [
      (dir) => ["show", dir, "--archives", join(folder, "nowhere")],
      "nowhere is no folder of archives: there is nothing",
    ],
    [
      (dir) => ["show", dir, "--channel", "0xffff"],
      "there is no channel 0xffff in this log; the first of them are:\n  0x",
    ],
    [
      (dir) => ["show", dir, "--from", "9", "--to", "3"],
      "offset 9 comes after offset 3; turn them round",
    ],
    [(dir) => ["show", dir, "--from", "9999"], "so there is no offset 9999; take 0 to"],
    [(dir) => ["show", dir, "--from", "x"], "An offset is a number of events"],
    [(dir) => ["show", dir, "--type", "Signed"], "The types are ObjectiveCreated, "],
    [(dir) => ["show", dir, "--tag", "alice"], "Write it as kind:id"],
    [
      (dir) => ["show", dir, "--objective", "Update"],
      " objectives begin with Update; write more of the one you mean:\n  Update-0x",
    ],
    [(dir) => ["show", dir, "--channel", ""], "no channel is named"],
    [(dir) => ["show", dir, "--limit", "0"], "whole number from 1"],
    [(dir) => ["show", dir, "--objective", "Swap"], "there is no objective Swap in this log"],
    [(dir) => ["at", dir, "1", "--channel", "0x", "--objective", "x"], "not for both"],
    [(dir) => ["verify", dir, "--head", "12"], "Write it as offset:hash"],
  ];

  adversarial("gets one line that says what to do, and leaves no copy behind", async () => {
    for (const [args, says] of MISTAKES) {
      const { error, out } = await tellLog(args(log));
      const message = error instanceof Error ? error.message : "";
      expect({ args: args(log), out, says: message.includes(says) ? says : message }).toEqual({
        args: args(log),
        out: "",
        says,
      });
    }
    expect(readdirSync(temporary)).toEqual([]);
  });

  adversarial("says where a copy could not be made", async () => {
    process.env["TMPDIR"] = join(folder, "nowhere");
    const { error } = await tellLog(["show", log]);
    process.env["TMPDIR"] = temporary;

    expect(error).toMatchObject({ code: "DiskFailed" });
    expect(String(error)).toContain(
      `cannot make a folder for a copy in ${join(folder, "nowhere")}`,
    );
  });

  adversarial("says who made a folder that is no log, and what a newer log needs", async () => {
    const newer = join(folder, "newer");
    mkdirSync(newer);
    writeFileSync(join(newer, "format"), "channels log 99\n");
    const { error } = await tellLog(["verify", newer]);

    expect(error).toBeInstanceOf(NodeError);
    expect(error).toMatchObject({ code: "LogTooNew" });
  });
});
