/** Games that no contract knows: the reducers of both say what a move is, and both signatures make it money. */
import { describe, expect } from "bun:test";
import { commitmentOf, newRockPaperScissors } from "../../contracts/rock-paper-scissors.ts";
import { createStage } from "../../sim/stage.ts";
import type { World } from "../../sim/world.ts";
import type { Channel } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import {
  emptyMessageLog,
  encodeMessageLog,
  type LogMessage,
} from "../../src/channel/message-log.ts";
import { twinStateOf } from "../../src/channel/message-log-twin.ts";
import type { Outcome } from "../../src/channel/outcome.ts";
import type { Hash } from "../../src/crypto/signature.ts";
import type { AdmittedModule } from "../../src/derivation/sandbox/admission.ts";
import type { Request } from "../../src/engine/request.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { concatBytes } from "../../src/primitives/bytes.ts";
import { toHex } from "../../src/primitives/hex.ts";
import { outcomeOf } from "../adversarial/puppet.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial, integration } from "../kind.ts";
import { playWorld } from "../played-world.ts";
import { admitted, reducerBytes } from "../reducers.ts";
import { gameMessage } from "../sample-games.ts";

const GAME = admitted(reducerBytes("rock-paper-scissors"));
const PAPER = concatBytes(Uint8Array.of(1), new Uint8Array(32).fill(3));

const chainOf = chainOfFile();

type Players = { readonly world: World; readonly channelId: ChannelId };

/** A channel of the app that knows no game, with the reducer and its parameters as `opening` has them. */
function opening(world: World, reducer: AdmittedModule, parameters: Uint8Array): Request {
  const participants = (["alice", "bob"] as const).map((name) => world.node(name).address);
  const outcome: Outcome = outcomeOf(participants, [6n, 4n]);
  const twinState = toHex(twinStateOf(parameters, outcome));
  return {
    type: "FundDirectly",
    participants,
    outcome,
    appDefinition: world.options.chain.deployment.agreedLogApp,
    appData: encodeMessageLog(emptyMessageLog(reducer.id as string as Hash, twinState)),
    challengeDurationSec: 600,
  };
}

async function play(act: (players: Players) => Promise<void>): Promise<void> {
  const cast = ["alice", "bob"] as const;
  const options = { seed: 1, cast, chain: chainOf(), challengeDurationSec: 600 };
  await playWorld({ ...options, modules: [GAME] }, async (world) => {
    const { engine } = world.node("alice");
    const opened = await engine.submit(opening(world, GAME, newRockPaperScissors()));
    if (!opened.ok) throw new Error(opened.reason.code);
    for (const name of cast) await world.node(name).settled(opened.value);
    const { channelId } = assertDefined(engine.objective(opened.value), "the opening");
    await act({ world, channelId });
  });
}

const channelOf = ({ channelId, world }: Players, name: "alice" | "bob"): Channel =>
  assertDefined(world.node(name).engine.channel(channelId), "the channel");

/** Says something on the newest state, and gives the code of a refusal. */
async function say(
  players: Players,
  name: "alice" | "bob",
  ...messages: readonly LogMessage[]
): Promise<string> {
  const { channelId, world } = players;
  const { engine } = world.node(name);
  const baseTurnNum = channelOf(players, name).supported?.variablePart.turnNum ?? -1;
  const change = { type: "Play", baseTurnNum, messages } as const;
  const answer = await engine.submit({ type: "UpdateChannel", channelId, change });
  if (!answer.ok) return "by" in answer.reason ? `${answer.reason.by}` : answer.reason.code;
  for (const each of ["alice", "bob"] as const) await world.node(each).settled(answer.value);
  return "played";
}

const commit = ({ channelId }: Players): LogMessage =>
  gameMessage("commit", commitmentOf(channelId, 0, PAPER));

const paid = (channel: Channel): readonly bigint[] | undefined =>
  channel.supported?.variablePart.outcome[0]?.allocations.map(({ amount }) => amount);

describe("a game that no contract knows", () => {
  integration("is played by its reducer, and pays what both signed", () =>
    play(async (players) => {
      const { channelId, world } = players;
      const said = [
        await say(players, "alice", commit(players)),
        await say(players, "bob", gameMessage("play", Uint8Array.of(0))),
        await say(players, "alice", gameMessage("reveal", PAPER)),
      ];
      expect(said).toEqual(["played", "played", "played"]);
      for (const name of ["alice", "bob"] as const) {
        const channel = channelOf(players, name);
        expect(paid(channel)).toEqual([10n, 0n]);
        expect(channel.appMessages.map(({ by, messageType }) => [by, messageType])).toEqual([
          [0, "commit"],
          [1, "play"],
          [0, "reveal"],
        ]);
      }
      const { alice } = createStage(world, {});
      await alice.closeChannel(channelId);
    }),
  );

  adversarial("refuses at home what its reducer refuses, in the reducer's own word", () =>
    play(async (players) => {
      expect(await say(players, "alice", gameMessage("reveal", PAPER))).toBe("NotNow");
      expect(await say(players, "alice", gameMessage("castle", PAPER))).toBe("UnknownMessage");
      expect(await say(players, "bob", gameMessage("play", Uint8Array.of(0)))).toBe("NotYourTurn");
      expect(await say(players, "alice")).toBe("NothingPlayed");
      expect(channelOf(players, "alice").mySignedTurn).toBe(1);

      expect(await say(players, "alice", commit(players))).toBe("played");
    }),
  );

  adversarial("is not closed by who would win by it", () =>
    play(async (players) => {
      const { channelId, world } = players;
      await say(players, "alice", commit(players));

      const wish = { type: "DefundDirectly", channelId } as const;
      const answer = await world.node("alice").engine.submit(wish);
      expect(answer).toMatchObject({ ok: false, reason: { code: "GameNotOver" } });
    }),
  );

  integration(
    "pays by the chain what both signed last, and nothing that one alone has signed",
    () =>
      play(async (players) => {
        const { channelId, world } = players;
        const { alice, bob, check } = createStage(world, {});
        await say(players, "alice", commit(players));
        await say(players, "bob", gameMessage("play", Uint8Array.of(0)));
        bob.crash();
        const { engine } = world.node("alice");
        const messages = [gameMessage("reveal", PAPER)];
        const change = { type: "Play", baseTurnNum: 3, messages } as const;
        expect((await engine.submit({ type: "UpdateChannel", channelId, change })).ok).toBe(true);
        await alice.dispute(channelId);

        const { adjudication } = channelOf(players, "alice");
        check(
          adjudication.type === "Final" && adjudication.turnNum === 3,
          "the turn of both counts",
        );
        await bob.restart();
      }),
  );

  adversarial("is not opened with a reducer that is not here, or does not begin", () =>
    play(async ({ world }) => {
      const { engine } = world.node("alice");
      const other = admitted(reducerBytes("counter"));
      const answers = [
        await engine.submit(opening(world, other, new Uint8Array())),
        await engine.submit(opening(world, GAME, Uint8Array.of(1))),
      ];

      expect(answers.map((answer) => (answer.ok ? "opened" : answer.reason.code))).toEqual([
        "ReducerUnknown",
        "ReducerRefused",
      ]);
    }),
  );
});
