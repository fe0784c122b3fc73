/** The commands for a running node, run in this process against nodes of this process. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { type ApiScene, SECRET, startScene } from "../../../test/api-scene.ts";
import { fakeShell } from "../../../test/command-line/fake-shell.ts";
import { integration, unit } from "../../../test/kind.ts";
import { checkToken } from "../api/access-token.ts";
import { openApiSecret } from "../api/api-secret.ts";
import type { ChannelView } from "../api/api-types.ts";
import { tellRunning } from "../daemon/data-directory.ts";
import { addNodeClientCommands } from "./node-client-commands.ts";

type Told = {
  readonly out: string;
  readonly exitCode: number;
  /** The line that the program would print of a failure. */
  readonly error: string;
};

/** Runs `channels node ...`. */
async function tell(args: readonly string[], columns?: number): Promise<Told> {
  const { shell, told } = fakeShell(columns);
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addNodeClientCommands(program.command("node"), shell);
  try {
    await program.parseAsync(["node", ...args], { from: "user" });
    return { ...told(), error: "" };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // The program calls every mistake that commander finds 2.
    const code = error.code === "channels.failure" ? error.exitCode : 2;
    return { ...told(), exitCode: code, error: error.message };
  }
}

describe("channels node", () => {
  let scene: ApiScene;
  let folder: string;
  let virtualId: string;
  const at = (name: string, ...args: readonly string[]): Promise<Told> =>
    tell([...args, "--data", join(folder, name)]);
  const jsonOf = async <Value>(name: string, ...args: readonly string[]): Promise<Value> => {
    const told = await at(name, ...args, "--json");
    expect(told.error).toBe("");
    return JSON.parse(told.out) as Value;
  };

  beforeAll(async () => {
    scene = await startScene(["alice", "bob", "irene"]);
    folder = mkdtempSync(join(tmpdir(), "channels-commands-"));
    for (const name of ["alice", "bob"] as const) {
      const directory = join(folder, name);
      openApiSecret(join(directory, "tokens"));
      writeFileSync(join(directory, "tokens"), `${Buffer.from(SECRET).toString("hex")}\n`);
      const { address } = scene.nodes.node(name);
      tellRunning(directory, { address, api: scene.api(name).url, processId: process.pid });
    }
  });
  afterAll(async () => {
    await scene.stop();
    rmSync(folder, { recursive: true });
  });

  integration(
    "opens ledgers and a channel over them, by the names of the address book",
    async () => {
      const amounts = ["--mine", "20gwei", "--theirs", "20gwei"];
      const ledger = await at("alice", "open", "ledger", "irene", ...amounts);
      expect(ledger.error).toBe("");
      expect(ledger.out).toMatch(/^channel 0x[0-9a-f]{64} is open$/);
      await at("bob", "open", "ledger", "irene", ...amounts);
      const opened: { channelId: string; status: string } = await jsonOf(
        "alice",
        ...["open", "virtual", "bob", "--over", "irene", "--mine", "1000"],
      );

      expect(opened.status).toBe("Completed");
      virtualId = opened.channelId;
      const { channels }: { channels: readonly ChannelView[] } = await jsonOf("alice", "channels");
      expect(channels.map(({ phase, use }) => [use, phase]).sort()).toEqual([
        ["Ledger", "Running"],
        ["Virtual", "Running"],
      ]);
    },
  );

  integration("pays, by the first digits of a channel, and once under a key", async () => {
    const start = virtualId.slice(0, 12);
    const paid = await at("alice", "pay", start, "5", "--key", "invoice 1");
    const again = await at("alice", "pay", start, "5", "--key", "invoice 1");
    const more = await at("alice", "pay", start, "7");

    expect(paid.out).toBe("paid 5 wei, 995 wei left");
    expect(again.out).toBe("paid 5 wei, 995 wei left");
    expect(more.out).toBe("paid 7 wei, 988 wei left");
  });

  integration("shows tables on a terminal, and whole ids in a pipe", async () => {
    const terminal = await tell(["channels", "--data", join(folder, "alice")], 100);
    const pipe = await at("alice", "channels", "--use", "virtual");
    const status = await at("alice", "status");
    const peers = await at("alice", "peers");
    const one = await at("alice", "channels", virtualId);

    expect(terminal.out).toContain(`${virtualId.slice(0, 10)} `);
    expect(terminal.out).not.toContain(virtualId);
    expect(pipe.out).toContain(virtualId);
    expect(pipe.out).toContain("irene > bob");
    expect(status.out).toContain("ready");
    expect(peers.out).toContain("irene");
    expect(one.out).toContain("challengeDurationSec  86400");
  });

  integration("adds a peer, and takes it back, by its name or its first digits", async () => {
    const address = `0x${"5e".repeat(20)}`;
    const added = await at("alice", "peers", "--add", address, "--at", "tcp://10.0.0.1:3005");
    const removed = await at("alice", "peers", "--remove", "0x5e5e");
    const again = await at("alice", "peers", "--remove", address);

    expect(added.out).toContain(address);
    expect([removed.error, removed.out.includes(address)]).toEqual(["", false]);
    expect([again.exitCode, again.error]).toEqual([
      2,
      "Refused: no request has added that, so that none can take it back",
    ]);
  });

  integration("shows events, whole or as they come", async () => {
    const { events }: { events: readonly { offset: number }[] } = await jsonOf(
      "alice",
      ...["events", "--from", "3", "--limit", "4"],
    );
    const newest = await at("alice", "events", "--limit", "2");
    const { length } = scene.nodes.node("alice").store;
    expect(newest.out.split("\n").map((line) => Number(line.split(" ")[0]))).toEqual([
      length - 2,
      length - 1,
    ]);
    const followed = await at(
      "alice",
      "events",
      "--follow",
      "--from",
      "0",
      "--limit",
      "30",
      "--json",
    );
    const lines = followed.out.split("\n").map((line) => JSON.parse(line) as { offset: number });
    const last = await at("alice", "events");
    const ofChannel = await at("alice", "events", "--channel", virtualId.slice(0, 14));

    expect(events.map(({ offset }) => offset)).toEqual([3, 4, 5, 6]);
    expect(lines.map(({ offset }) => offset)).toEqual(
      Array.from({ length: 30 }, (_, offset) => offset),
    );
    expect(last.out.split("\n")).toHaveLength(20);
    expect(ofChannel.out).toContain("VoucherIssued");
  });

  integration("closes a channel, and tops a ledger up", async () => {
    const closed = await at("alice", "close", virtualId);
    const left = await jsonOf<{ channels: readonly ChannelView[] }>("alice", "channels");
    const [ledger] = left.channels;
    const topped = await at("alice", "top-up", ledger?.channelId ?? "", "9");
    const all = await jsonOf<{ channels: readonly ChannelView[] }>("alice", "channels", "--all");

    expect(left.channels.map(({ use }) => use)).toEqual(["Ledger"]);
    expect(all.channels).toHaveLength(2);
    expect(closed.out).toBe(`VirtualDefund-${virtualId} is completed`);
    expect(topped.error).toBe("");
    expect(topped.out).toEndWith("is completed");
  });

  unit("says in one line what is wrong with the input, and ends with 2", async () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [["open", "ledger", "nobody", "--mine", "5"], /knows no peer nobody: it knows bob, irene/],
      [["open", "ledger", "irene"], /nobody would put anything in/],
      [["open", "ledger", "irene", "--mine", "5", "--over", "bob"], /--over is for virtual/],
      [["open", "tunnel", "irene"], /It is ledger, virtual, direct/],
      [["open", "ledger", "irene", "--mine", "1.5"], /An amount is/],
      [["pay", "0xffff", "5"], /no channel 0xffff/],
      [["pay", "soon", "5"], /soon is no channel/],
      [["close", `0x${"00".repeat(32)}`], /Not found/],
      [["events", "--from", "-1"], /whole number/],
      [["peers", "--at", "tcp://1.2.3.4:5"], /name both/],
      [["peers", "--add", "0x1", "--remove", "0x2"], /name one/],
      [["token", "--scope", "all"], /read, pay, manage/],
      [["token", "--days", "0"], /from 1 to/],
    ];
    for (const [args, expected] of wrong) {
      const told = await at("alice", ...args);
      expect({ args, exitCode: told.exitCode }).toEqual({ args, exitCode: 2 });
      expect(told.error).toMatch(expected);
      expect(told.error.split("\n")).toHaveLength(1);
    }
  });

  unit("ends with 3 where there is no node, and says what to do", async () => {
    const nowhere = await tell(["status", "--data", join(folder, "nobody")]);
    const closed = await tell(["status", "--url", "http://127.0.0.1:1"]);

    const followed = await tell(["events", "--follow", "--url", "http://127.0.0.1:1"]);

    expect(followed.exitCode).toBe(3);
    expect(nowhere.exitCode).toBe(3);
    expect(nowhere.error).toContain("channels node start");
    expect(closed.exitCode).toBe(3);
    expect(closed.error).toContain("no node answers at http://127.0.0.1:1");
  });

  unit(
    "makes tokens with the scopes that are asked for, from a secret for its owner alone",
    async () => {
      const directory = join(folder, "fresh");
      const told = await tell(["token", "--data", directory, "--scope", "read,pay", "--days", "2"]);
      const secret = openApiSecret(join(directory, "tokens"));
      const claims = secret.ok && checkToken(secret.value, told.out, Date.now());

      expect(claims).toMatchObject({ ok: true, value: { scopes: ["read", "pay"] } });
      expect(statSync(join(directory, "tokens")).mode & 0o777).toBe(0o600);
      expect(checkToken(SECRET, told.out, Date.now()).ok).toBe(false);
    },
  );
});
