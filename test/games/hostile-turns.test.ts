/** Eve passes turns, withholds signatures and asks for ends, so that Alice's node would have no answer on the chain. */
import { describe, expect } from "bun:test";
import { rockPaperScissorsTwin } from "../../contracts/rock-paper-scissors.ts";
import type { Change } from "../../src/channel/change.ts";
import { type Channel, stateAt } from "../../src/channel/channel.ts";
import { emptyMessageLog, encodeMessageLog } from "../../src/channel/message-log.ts";
import { directDefundId, type ObjectiveId, updateId } from "../../src/channel/objective-id.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import type { Hash, Signature } from "../../src/crypto/signature.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import type { Result } from "../../src/primitives/result.ts";
import { loneMove } from "../../src/protocols/best-move.ts";
import { bestRedemption } from "../../src/protocols/best-redemption.ts";
import { type MessageLogApp, newestPlayed } from "../../src/protocols/message-log-app.ts";
import type { Context } from "../../src/protocols/protocol.ts";
import type { Rejection } from "../../src/protocols/rejection.ts";
import { evolveOneChannel, type ProtocolEvent } from "../../src/protocols/subject.ts";
import { proposeChange } from "../../src/protocols/update.ts";
import { quiet } from "../adversarial/hostile-scene.ts";
import { stateOf } from "../adversarial/puppet.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { gameMessage } from "../sample-games.ts";
import { begin, channelOf, commit, moved, play, ROCK, type Scene, said } from "./hostile-game.ts";

const chainOf = chainOfFile();

/** Alice's answer to Eve's commitment: paper, which beats rock. */
const PAPER = gameMessage("play", Uint8Array.of(1));

const GAME: MessageLogApp = {
  type: "MessageLog",
  twin: rockPaperScissorsTwin,
  judgeOf: () => "Twin",
};

const CONTEXT = { appOf: () => GAME, sign: () => `0x${"11".repeat(65)}` } as unknown as Context;

const answer = (baseTurnNum: number): Change => ({ type: "Play", baseTurnNum, messages: [PAPER] });

/** Alice's user makes a move. */
function wish(scene: Scene, change: Change): Promise<Result<ObjectiveId, Rejection>> {
  const { channelId, world } = scene;
  return world.node("alice").engine.submit({ type: "UpdateChannel", channelId, change });
}

const askedToClose = ({ channelId, eve }: Scene): Promise<string> =>
  eve.say({ type: "DefundRequest", objectiveId: directDefundId(channelId), channelId });

const passed = ({ channelId, eve }: Scene, turnNum: number): Promise<string> =>
  eve.say({ type: "TurnPassed", channelId, turnNum });

/** Eve's signature on an end that pays what `part` pays. */
const ended = ({ channelId, eve }: Scene, part: VariablePart, turnNum: number): Promise<string> =>
  eve.say(stateOf(eve, channelId, { ...part, turnNum, isFinal: true }, directDefundId(channelId)));

/** Brings the game to Eve's commitment, which both have signed. */
async function committed(scene: Scene, begun: VariablePart): Promise<VariablePart> {
  await begin(scene, begun);
  const part = moved(scene, begun, commit(scene));
  expect(await scene.eve.say(said(scene, part))).toBe("Accepted");
  return part;
}

const known = (scene: Scene): Channel => assertDefined(channelOf(scene), "the channel");

const after = (channel: Channel, event: ProtocolEvent): Channel =>
  assertDefined(evolveOneChannel(channel, event), "the channel");

describe("Eve, who has to move", () => {
  adversarial(
    "passes her turn and asks for the end, and gets no signature that forbids an answer",
    () =>
      play(chainOf(), async (scene, begun) => {
        await begin(scene, begun);
        expect(await passed(scene, 2)).toBe("Accepted");
        expect(await askedToClose(scene)).toBe("Accepted");
        await quiet(scene.world);
        expect(channelOf(scene)).toMatchObject({ mySignedTurn: 1, finalSignedByMe: false });

        // Whoever has to move signs first; then the stakes go back.
        expect(await ended(scene, begun, 2)).toBe("Accepted");
        expect(channelOf(scene)?.supported?.variablePart).toEqual({
          ...begun,
          turnNum: 2,
          isFinal: true,
        });
      }),
  );

  adversarial("gets no signature before her own on the move that she asks for", () =>
    play(chainOf(), async (scene, begun) => {
      const { channelId, eve } = scene;
      await begin(scene, begun);
      expect(await passed(scene, 2)).toBe("Accepted");
      const change = { type: "Play", baseTurnNum: 1, messages: [commit(scene)] } as const;
      const objectiveId = updateId(channelId, 0, 0);
      const about = { type: "UpdateRequest", objectiveId, channelId, change } as const;
      expect(await eve.say({ ...about, turnNum: 3 })).toBe("NotTheMover");
      expect(channelOf(scene)?.mySignedTurn).toBe(1);
    }),
  );

  adversarial("does not make a loss of the end that Alice wished for before", () =>
    play(chainOf(), async (scene, begun) => {
      const { channelId, eve, world } = scene;
      const { engine } = world.node("alice");
      await begin(scene, begun);
      expect((await engine.submit({ type: "DefundDirectly", channelId })).ok).toBe(true);
      await world.pause(1_000);
      expect(await eve.say(said(scene, moved(scene, begun, commit(scene))))).toBe("Accepted");
      await quiet(world);

      expect(channelOf(scene)).toMatchObject({ mySignedTurn: 2, finalSignedByMe: false });
      const closing = engine.objective(directDefundId(channelId));
      expect([closing?.status, closing?.rejectionCode]).toEqual(["Rejected", "Overtaken"]);
    }),
  );
});

describe("a move of Alice's", () => {
  adversarial("can be shown to the chain, whatever turns Eve has passed", () =>
    play(chainOf(), async (scene, begun) => {
      const part = await committed(scene, begun);
      expect(await passed(scene, 4)).toBe("Accepted");
      expect((await wish(scene, answer(2))).ok).toBe(true);

      const lone = loneMove(known(scene));
      expect(lone?.on.variablePart).toEqual(part);
      expect(lone?.move.variablePart).toEqual(moved(scene, part, PAPER));
      // Eve refuses it: nothing else is signed for the turn, nor above it.
      expect(await wish(scene, answer(2))).toMatchObject({
        ok: false,
        reason: { code: "NotYourTurn" },
      });
    }),
  );

  adversarial("is not taken back by the end that Alice wishes for behind it", () =>
    play(chainOf(), async (scene, begun) => {
      const part = await committed(scene, begun);
      expect((await wish(scene, answer(2))).ok).toBe(true);
      const { channelId, world } = scene;
      const closing = await world
        .node("alice")
        .engine.submit({ type: "DefundDirectly", channelId });
      expect(closing).toMatchObject({ ok: false, reason: { code: "GameNotOver" } });

      expect(await ended(scene, part, 4)).toBe("GameNotOver");
      expect(channelOf(scene)).toMatchObject({ mySignedTurn: 3, finalSignedByMe: false });
    }),
  );

  adversarial("that she may have made before she lost her log is left to the chain", () =>
    play(chainOf(), async (scene, begun) => {
      await committed(scene, begun);
      const about = { type: "DoubtSettled", channelId: scene.channelId } as const;
      const doubted = after(known(scene), { ...about, passedTurnNum: 3 });
      const proposed = proposeChange(doubted, 1, answer(2), CONTEXT);
      expect(proposed).toMatchObject({ ok: false, reason: { code: "LogIncomplete" } });
      expect(proposeChange(known(scene), 1, answer(2), CONTEXT).ok).toBe(true);
    }),
  );
});

describe("what Eve has signed", () => {
  adversarial("and is no move is never gone on from", () =>
    play(chainOf(), async (scene, begun) => {
      await begin(scene, begun);
      // A node that takes its log back learns such a turn as used up, without judging what it says.
      const log = emptyMessageLog(`0x${"e0".repeat(32)}` as Hash, "0x00");
      const appData = encodeMessageLog({ ...log, count: 2 ** 53 - 1 });
      const variablePart = { outcome: [], appData, turnNum: 2, isFinal: false };
      const signatures = [`0x${"22".repeat(65)}` as Signature, undefined];
      const told = { objectiveId: undefined, variablePart, signatures, updatesAsked: 0 };
      const channel = after(known(scene), {
        type: "ChannelResynced",
        channelId: scene.channelId,
        ...told,
      });

      expect(stateAt(channel, 2)?.variablePart).toEqual(variablePart);
      expect(newestPlayed(channel, GAME).variablePart).toEqual(begun);
    }),
  );

  adversarial(
    "and shown to the chain alone is shown once more, where nobody is paid otherwise",
    () =>
      play(
        chainOf(),
        async (scene, begun) => {
          const part = await committed(scene, begun);
          expect((await wish(scene, answer(2))).ok).toBe(true);
          const played = moved(scene, part, PAPER);
          const { channelId, eve } = scene;
          expect(await eve.say(stateOf(eve, channelId, played, updateId(channelId, 1, 0)))).toBe(
            "Accepted",
          );
          expect(bestRedemption(known(scene), CONTEXT)?.candidate.variablePart).toEqual(played);

          const hash = (byte: string): Hash => `0x${byte.repeat(32)}` as Hash;
          const block = { blockNumber: 9, blockHash: hash("b1") };
          const position = { ...block, logIndex: 0, transactionHash: hash("7a") };
          const shown = (end: VariablePart): Channel => {
            const signature = eve.sign(channelId, end);
            const received = {
              objectiveId: directDefundId(channelId),
              by: 0,
              variablePart: end,
              signature,
            };
            const heard = after(known(scene), { type: "StateReceived", channelId, ...received });
            return after(heard, { type: "ChallengeCleared", channelId, turnNum: 4, position });
          };
          const revealed = moved(scene, played, gameMessage("reveal", ROCK));
          const best = bestRedemption(shown(revealed), CONTEXT);
          expect(best?.candidate.variablePart).toEqual(revealed);
          expect(best?.proof.map(({ variablePart }) => variablePart)).toEqual([played]);
        },
        1,
      ),
  );
});
