/** Games by hand: the commands, run in this process against nodes of this process. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { type ApiScene, SECRET, startScene } from "../../../test/api-scene.ts";
import { fakeShell } from "../../../test/command-line/fake-shell.ts";
import { adversarial, integration } from "../../../test/kind.ts";
import { assertDefined } from "../../primitives/assert.ts";
import { openApiSecret } from "../api/api-secret.ts";
import type { GameView } from "../api/game-types.ts";
import { tellRunning } from "../daemon/data-directory.ts";
import { addNodeClientCommands } from "./node-client-commands.ts";

type Told = { readonly out: string; readonly exitCode: number; readonly error: string };

type Name = "alice" | "bob";

let scene: ApiScene;
let folder: string;

/** Runs `channels node ...` against the node of somebody. */
async function at(name: Name, ...args: readonly string[]): Promise<Told> {
  const { shell, told } = fakeShell();
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addNodeClientCommands(program.command("node"), shell);
  try {
    await program.parseAsync(["node", ...args, "--data", join(folder, name)], { from: "user" });
    return { ...told(), error: "" };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const code = error.code === "channels.failure" ? error.exitCode : 2;
    return { ...told(), exitCode: code, error: error.message };
  }
}

const game = (name: Name, ...args: readonly string[]): Promise<Told> => at(name, "game", ...args);

async function jsonOf(name: Name, ...args: readonly string[]): Promise<GameView> {
  const told = await game(name, ...args, "--json");
  expect(told.error).toBe("");
  return JSON.parse(told.out) as GameView;
}

/** Begins a game, and gives the first digits of its channel. */
async function open(kind: string, ...more: readonly string[]): Promise<string> {
  const amounts = ["--stake", "60", "--their-stake", "40"];
  const told = await game("alice", "open", "bob", kind, ...amounts, ...more);
  expect(told.error).toBe("");
  return assertDefined(/0x[0-9a-f]{14}/.exec(told.out)?.[0], "a channel");
}

/** Moves one behind the other; each must be taken. */
async function play(
  channel: string,
  ...moves: readonly (readonly [Name, ...string[]])[]
): Promise<void> {
  for (const [name, ...words] of moves) {
    const told = await game(name, "move", channel, ...words);
    expect({ words, error: told.error }).toEqual({ words, error: "" });
  }
}

/** Lets commands find the node of somebody, where its API is now. */
function tellPlace(name: Name): void {
  const { address } = scene.nodes.node(name);
  tellRunning(join(folder, name), { address, api: scene.api(name).url, processId: process.pid });
}

/** The files of hidden choices. */
function secretsOf(name: Name, channel: string): readonly string[] {
  const games = join(folder, name, "games");
  const own = assertDefined(
    readdirSync(games).find((id) => id.startsWith(channel)),
    "a folder of the game",
  );
  return readdirSync(join(games, own)).map((file) => join(games, own, file));
}

beforeAll(async () => {
  scene = await startScene(["alice", "bob"]);
  folder = mkdtempSync(join(tmpdir(), "channels-games-"));
  for (const name of ["alice", "bob"] as const) {
    const directory = join(folder, name);
    openApiSecret(join(directory, "tokens"));
    writeFileSync(join(directory, "tokens"), `${Buffer.from(SECRET).toString("hex")}\n`);
    tellPlace(name);
  }
});
afterAll(async () => {
  await scene.stop();
  rmSync(folder, { recursive: true });
});

describe("channels node game, of rock-paper-scissors", () => {
  integration("hides a choice, answers it and reveals it, and says who is paid", async () => {
    const channel = await open("rock-paper-scissors", "--wins", "2");
    await play(channel, ["alice", "rock"], ["bob", "scissors"], ["alice", "reveal"]);
    await play(channel, ["bob", "paper"], ["alice", "Scissors"]);
    const last = await game("bob", "move", channel, "reveal");
    const over = await jsonOf("alice", "show", channel);
    const closed = await at("bob", "close", channel);
    const paid = await game("alice", "show", channel, "--messages", "1", "--wait");

    expect(last.out.split("\n")).toEqual([
      expect.stringMatching(/^rock-paper-scissors with alice, 0x[0-9a-f]{64}$/),
      "  brought in: mine 40 wei, theirs 60 wei",
      "  round 2, 2 wins decide: alice 2, me 0",
      "  2  alice  commit  (hidden)",
      "  3  me     play    scissors",
      "  4  alice  reveal  rock",
      "  5  me     commit  (hidden)",
      "  6  alice  play    scissors",
      "  7  me     reveal  paper",
      expect.stringMatching(
        /^it is over: mine 0 wei, theirs 100 wei; `channels node close 0x[0-9a-f]{8}` pays it out$/,
      ),
    ]);
    expect(over).toMatchObject({ mover: null, state: { wins: [2, 0], phase: "over" } });
    expect(closed.error).toBe("");
    expect(paid.out).toContain("it is over, and paid: mine 100 wei, theirs 0 wei");
    expect(paid.out).not.toContain("commit");
  });

  integration("keeps what is hidden for its owner alone, before anybody hears of it", async () => {
    const channel = await open("rock-paper-scissors");
    scene.nodes.stopNode("bob");
    const told = await game("alice", "move", channel, "paper", "--no-wait");
    const [path = ""] = secretsOf("alice", channel);
    const early = await game("alice", "move", channel, "rock");
    await scene.nodes.startNode("bob");
    await scene.restart("bob");
    tellPlace("bob");

    expect(told.out).toContain(
      "my move waits for bob to sign it; where bob stays silent, `channels node dispute",
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toMatch(/^0x01[0-9a-f]{64}\n$/);
    expect([early.exitCode, early.error]).toEqual([
      2,
      "the last move still waits for bob to sign it",
    ]);
    expect(secretsOf("alice", channel)).toHaveLength(1);
  });

  adversarial("reveals nothing but what opens the commitment", async () => {
    const channel = await open("rock-paper-scissors");
    await play(channel, ["alice", "rock"], ["bob", "paper"]);
    const [path = ""] = secretsOf("alice", channel);
    const kept = readFileSync(path, "utf8");
    const told: string[] = [];
    const tried = async (): Promise<void> => {
      const { error, exitCode } = await game("alice", "move", channel, "reveal");
      told.push(`${exitCode}: ${error}`);
    };
    writeFileSync(path, kept.replace("0x00", "0x02"));
    await tried();
    rmSync(path);
    await tried();
    writeFileSync(path, kept, { mode: 0o644 });
    await tried();
    chmodSync(path, 0o600);

    expect(told).toEqual([
      expect.stringMatching(/^2: .* does not open the commitment: put the right file back/),
      expect.stringMatching(/^2: the hidden choice is not in .*: reveal it where it was made/),
      expect.stringMatching(/^2: .* is not taken \(ReadableByOthers\): chmod 600/),
    ]);
    await play(channel, ["alice", "reveal"]);
  });

  adversarial("commits to nothing that cannot be kept", async () => {
    const channel = await open("rock-paper-scissors");
    const games = join(folder, "alice", "games");
    renameSync(games, `${games}.away`);
    writeFileSync(games, "no folder");
    const failed = await game("alice", "move", channel, "rock").catch((error: unknown) => error);
    rmSync(games);
    renameSync(`${games}.away`, games);

    expect(failed).toMatchObject({ code: "DiskFailed" });
    expect(await jsonOf("alice", "show", channel)).toMatchObject({ turnNum: 1, messageCount: 0 });
  });

  adversarial("refuses what is no move as the round stands, and hides nothing for it", async () => {
    const channel = await open("rock-paper-scissors");
    const wrong: readonly (readonly [Name, string, RegExp])[] = [
      ["bob", "rock", /^it is the turn of alice$/],
      ["alice", "stone", /rock, paper, scissors or reveal, and not stone/],
      ["alice", "reveal", /nothing to reveal yet/],
    ];
    for (const [name, word, expected] of wrong) {
      const told = await game(name, "move", channel, word);
      expect(told.exitCode).toBe(2);
      expect(told.error).toMatch(expected);
    }
    expect(readdirSync(join(folder, "alice", "games")).some((id) => id.startsWith(channel))).toBe(
      false,
    );
    await play(channel, ["alice", "rock"], ["bob", "rock"]);
    const again = await game("alice", "move", channel, "paper");
    expect([again.exitCode, again.error]).toEqual([
      2,
      "the choice of this round is made: the move is `reveal`",
    ]);
  });
});

describe("channels node game, of tactics", () => {
  integration("draws the board, and gives orders by number or by kind", async () => {
    const channel = await open("tactics");
    await play(channel, ["alice", "knight", "2,2"]);
    const waiting = jsonOf("alice", "show", channel, "--wait");
    await play(channel, ["bob", "5", "1,1"]);
    expect(await waiting).toMatchObject({ turnNum: 3, mover: 0 });
    const told = await game("alice", "move", channel, "archer", "1,0", "strike", "scout");

    expect(told.out.split("\n").slice(1, -2)).toEqual([
      "  brought in: mine 60 wei, theirs 40 wei",
      "  turn 3 of 60",
      "     0   1   2   3   4   5",
      "  0  .   A1  .   .   S2  .",
      "  1  .   s5  .   .   .   .",
      "  2  .   .   K0  .   .   .",
      "  3  .   .   .   .   .   .",
      "  4  .   .   .   .   .   .",
      "  5  .   .   .   k3  a4  .",
      "  unit      of   field  hit points  goes  strikes",
      "  0 knight  me   2,2    5 of 5      2     2 within 1",
      "  1 archer  me   1,0    3 of 3      2     1 within 3",
      "  2 scout   me   4,0    3 of 3      4     1 within 1",
      "  3 knight  bob  3,5    5 of 5      2     2 within 1",
      "  4 archer  bob  4,5    3 of 3      2     1 within 3",
      "  5 scout   bob  1,1    2 of 3      4     1 within 1",
      "  2  me   act  0 knight to 2,2",
      "  3  bob  act  5 scout to 1,1",
      "  4  me   act  1 archer to 1,0, strikes 5 scout",
    ]);
    expect(told.out).toContain("it is the turn of bob; where bob stays silent");
    expect(told.out).toEndWith("if nobody moves any more: mine 100 wei, theirs 0 wei");
  });

  adversarial("refuses what is no order, in words", async () => {
    const channel = await open("tactics");
    const wrong: readonly (readonly [string, RegExp])[] = [
      ["2,1", /an order is a unit, a field and perhaps whom it strikes/],
      ["0 2.1", /an order is a unit/],
      ["0 2,1 hit 3", /an order is a unit/],
      ["0 2,1 strike", /an order is a unit/],
      ["0 6,0", /off the board: columns and rows go from 0 to 5/],
      ["3 3,4", /3 is none of mine: mine are 0 \(knight\), 1 \(archer\), 2 \(scout\)/],
      ["0 2,1 strike 1", /1 is none of theirs: theirs are 3/],
      ["0 2,4", /the unit cannot go that far/],
      ["0 2,1 strike knight", /from there the unit does not reach/],
    ];
    for (const [words, expected] of wrong) {
      const told = await game("alice", "move", channel, ...words.split(" "));
      expect({ words, exitCode: told.exitCode }).toEqual({ words, exitCode: 2 });
      expect(told.error).toMatch(expected);
    }
    expect((await jsonOf("bob", "show", channel)).messageCount).toBe(0);
  });

  integration(
    "goes on on the chain once somebody asks it to decide, and says until when",
    async () => {
      const channel = await open("tactics");
      await play(channel, ["alice", "knight", "2,2"]);
      const asked = await at("alice", "dispute", channel, "--no-wait");
      const seen = await game("alice", "show", channel);
      while ((await jsonOf("bob", "show", channel)).dispute === null) await Bun.sleep(5);
      const due = await game("bob", "show", channel, "--wait");
      const moved = await jsonOf("bob", "move", channel, "knight", "3,3");
      const shown = await jsonOf("alice", "show", channel, "--wait");

      expect(asked.out).toContain("waits for state on chain");
      expect(seen.out).toMatch(/the chain decides; /);
      expect(due.out).toMatch(
        /\nthe chain decides; the next move is due on the chain by \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(in 23 h 59 min\)\nit is my turn: /,
      );
      expect(moved.dispute?.turnNum).toBe(3);
      expect(shown).toMatchObject({
        dispute: { turnNum: 3, isFinal: false, isPaidOut: false },
        ...{ mover: 0, isSignedByBoth: false },
      });
    },
  );
});

describe("channels node game", () => {
  integration("writes any message that the game takes", async () => {
    const channel = await open("tactics");
    const told = await game("alice", "say", channel, "act", "0x000201ff");
    const refused = await game("bob", "say", channel, "shout", "0x01");

    expect(told.out).toContain("  2  me  act  0 knight to 2,1\n");
    expect([refused.exitCode, refused.error]).toEqual([
      2,
      expect.stringContaining("this game has no message of that type"),
    ]);
  });

  integration(
    "takes the name of the other player for the one game with him that is open",
    async () => {
      await scene.stop();
      scene = await startScene(["alice", "bob"]);
      tellPlace("alice");
      tellPlace("bob");
      const none = await game("alice", "show", "bob");
      const first = await open("rock-paper-scissors");
      await play("bob", ["alice", "rock"]);
      await play("alice", ["bob", "paper"]);
      await play("bob", ["alice", "reveal"]);
      await at("alice", "close", first);
      const second = await open("tactics");
      const shown = await jsonOf("bob", "show", "alice");
      const listed = await at("bob", "channels", "--use", "game");
      await open("tactics");
      const two = await game("bob", "show", "alice");

      expect(none.error).toMatch(/^no game with bob is open/);
      expect(shown.channelId).toStartWith(second);
      expect(listed.out).toMatch(/^ {2}0x[0-9a-f]{64} {2}game {2}Running {2}alice {2}mine 40 wei/);
      expect([two.exitCode, two.error]).toEqual([
        2,
        expect.stringMatching(/^2 games with alice are open: name one of 0x.{8}, 0x.{8}$/),
      ]);
    },
  );

  adversarial("says in one line what is wrong with the input, and ends with 2", async () => {
    const channel = await open("tactics");
    const direct = await at("alice", "open", "direct", "bob", "--mine", "5");
    const other = assertDefined(/0x[0-9a-f]{64}/.exec(direct.out)?.[0], "a channel");
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [["open", "nobody", "tactics", "--stake", "1"], /knows no peer nobody/],
      [["open", "bob", "chess", "--stake", "1"], /rock-paper-scissors, tactics/],
      [["open", "bob", "tactics"], /nobody would bring anything in/],
      [["open", "bob", "tactics", "--stake", "1", "--wins", "2"], /--wins is for rock-paper/],
      [["open", "bob", "rock-paper-scissors", "--stake", "1", "--wins", "0"], /from 1 to 255/],
      [["show", "0xffff"], /no channel 0xffff/],
      [["show", "carol"], /knows no peer carol/],
      [["show", other], /this is no channel of a game/],
      [["show", channel, "--messages", "501"], /goes up to 500/],
      [["move", other, "rock"], /this is no channel of a game/],
      [["say", channel, "act", "ff"], /It is 0x/],
      [["say", channel, "ä", "0x"], /1 to 64 plain characters/],
    ];
    const paid = await at("alice", "pay", channel, "5");
    expect([paid.exitCode, paid.error]).toEqual([
      2,
      "a game pays by its moves: `channels node game move` makes one",
    ]);
    for (const [args, expected] of wrong) {
      const told = await game("alice", ...args);
      expect({ args, exitCode: told.exitCode }).toEqual({ args, exitCode: 2 });
      expect(told.error).toMatch(expected);
      expect(told.error.trim().split("\n")).toHaveLength(1);
    }
  });
});
