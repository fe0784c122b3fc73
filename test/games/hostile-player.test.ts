/** Eve plays rock, paper, scissors with Alice's node, and cheats: what is no move is refused, and nothing is signed. */
import { describe, expect } from "bun:test";
import { newRockPaperScissors } from "../../contracts/rock-paper-scissors.ts";
import {
  appendMessages,
  decodeMessageLog,
  encodeMessageLog,
  type LogMessage,
  type MessageLog,
} from "../../src/channel/message-log.ts";
import { twinStateOf } from "../../src/channel/message-log-twin.ts";
import { directDefundId, directFundId, updateId } from "../../src/channel/objective-id.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Hash } from "../../src/crypto/signature.ts";
import { type Hex, toHex } from "../../src/primitives/hex.ts";
import { quiet } from "../adversarial/hostile-scene.ts";
import { outcomeOf, stateOf } from "../adversarial/puppet.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { acceptedOf } from "../reducers.ts";
import { gameMessage } from "../sample-games.ts";
import {
  begin,
  channelOf,
  commit,
  moved,
  opening,
  play,
  proposal,
  ROCK,
  type Scene,
  said,
} from "./hostile-game.ts";

const chainOf = chainOfFile();

function withLog(part: VariablePart, change: Partial<MessageLog>): VariablePart {
  return { ...part, appData: encodeMessageLog({ ...logOf(part), ...change }) };
}

function logOf({ appData }: VariablePart): MessageLog {
  return acceptedOf(decodeMessageLog(appData));
}

/** A state that is no move, and why. */
type Cheat = readonly [
  name: string,
  make: (scene: Scene, begun: VariablePart) => VariablePart,
  code: string,
];

const CHEATS: readonly Cheat[] = [
  [
    "a move that pays otherwise than the rules",
    (scene, begun) => {
      const outcome = outcomeOf(scene.fixedPart.participants, [9n, 1n]);
      return { ...moved(scene, begun, commit(scene)), outcome };
    },
    "NotWhatWasPlayed",
  ],
  [
    "a message that the rules do not allow now",
    (scene, begun) => forced(scene, begun, gameMessage("reveal", ROCK)),
    "MoveRefused",
  ],
  [
    "a message that no game has",
    (scene, begun) => forced(scene, begun, gameMessage("win", ROCK)),
    "MoveRefused",
  ],
  [
    "a log with more before it than was said",
    (scene, begun) => withLog(moved(scene, begun, commit(scene)), { count: 5 }),
    "NotWhatWasPlayed",
  ],
  [
    "a log with other messages before it",
    (scene, begun) => {
      const runningHash = `0x${"77".repeat(32)}` as Hash;
      return withLog(moved(scene, begun, commit(scene)), { runningHash });
    },
    "NotWhatWasPlayed",
  ],
  [
    "another reducer",
    (scene, begun) => {
      const reducerId = `0x${"77".repeat(32)}` as Hash;
      return withLog(moved(scene, begun, commit(scene)), { reducerId });
    },
    "NotWhatWasPlayed",
  ],
  ["nothing", (_, begun) => ({ ...begun, turnNum: 2 }), "NothingPlayed"],
  [
    "app data that is no log",
    (_, begun) => ({ ...begun, turnNum: 2, appData: "0x1234" as Hex }),
    "AppDataMalformed",
  ],
];

/** The log goes on by a message, whatever the rules say; the game stays. */
function forced({ channelId }: Scene, before: VariablePart, message: LogMessage): VariablePart {
  const log = logOf(before);
  const place = { channelId, turnNum: before.turnNum + 1 };
  const after = acceptedOf(appendMessages(log, place, 0, [message], log.twinState));
  return { ...before, turnNum: place.turnNum, appData: encodeMessageLog(after) };
}

describe("a move of Eve's that is", () => {
  for (const [name, make, code] of CHEATS) {
    adversarial(`${name} is refused as ${code}, and the game goes on`, () =>
      play(chainOf(), async (scene, begun) => {
        await begin(scene, begun);
        expect(await scene.eve.say(said(scene, make(scene, begun)))).toBe(code);
        expect(channelOf(scene)?.mySignedTurn).toBe(1);

        expect(await scene.eve.say(said(scene, moved(scene, begun, commit(scene))))).toBe(
          "Accepted",
        );
        expect(channelOf(scene)?.mySignedTurn).toBe(2);
        expect(channelOf(scene)?.appMessages.map(({ messageType }) => messageType)).toEqual([
          "commit",
        ]);
      }),
    );
  }
});

describe("a game that Eve proposes", () => {
  adversarial("with another beginning than the app's is refused", () =>
    play(chainOf(), async (scene) => {
      const part = opening(scene);
      const won = newRockPaperScissors(2).with(1, 1);
      const twinState = toHex(twinStateOf(won, part.outcome));
      const answers = [
        await scene.eve.say(proposal(scene, withLog(part, { twinState }))),
        await scene.eve.say(proposal(scene, withLog(part, { twinState: "0x" }))),
        await scene.eve.say(proposal(scene, withLog(part, { count: 1 }))),
        await scene.eve.say(proposal(scene, opening(scene, `0x${"55".repeat(32)}` as Hash))),
        await scene.eve.say(proposal(scene, { ...part, appData: "0x" })),
      ];

      expect(answers).toEqual([
        "NotTheBeginning",
        "NotTheBeginning",
        "NotTheBeginning",
        "ReducerUnknown",
        "AppDataMalformed",
      ]);
      expect(channelOf(scene)).toBe(undefined);
    }),
  );

  adversarial("that pays Alice's share to Eve is refused, and nothing is put in", () =>
    play(chainOf(), async (scene) => {
      const part = opening(scene);
      const [eve] = scene.fixedPart.participants;
      const theirs = outcomeOf(
        [eve, eve].filter((one) => one !== undefined),
        [0n, 10n],
      );
      const { channelId, eve: puppet } = scene;
      expect(await puppet.say(proposal(scene, { ...part, outcome: theirs }))).toBe("Accepted");
      await quiet(scene.world);

      expect(channelOf(scene)?.mySignedTurn).toBe(undefined);
      const opened = scene.world.node("alice").engine.objective(directFundId(channelId));
      expect([opened?.status, opened?.rejectionCode]).toEqual(["Rejected", "PolicyRefused"]);
    }),
  );

  adversarial("for three is refused", () =>
    play(chainOf(), async (scene) => {
      const { participants } = scene.fixedPart;
      const three = {
        ...scene.fixedPart,
        participants: [...participants, chainOf().deployment.adjudicator],
      };
      const part = { ...opening(scene), outcome: outcomeOf(three.participants, [0n, 10n, 0n]) };

      // Nobody knows where the third one is; where somebody does, the game has no place for him.
      const answer = await scene.eve.say(proposal(scene, part, three));
      expect(["PeerUnknown", "NotTwoParticipants"]).toContain(answer);
    }),
  );
});

describe("a game in which Alice has to move", () => {
  adversarial("is not closed because Eve would win by it", () =>
    play(chainOf(), async (scene, begun) => {
      const { channelId, eve } = scene;
      await begin(scene, begun);
      expect(await eve.say(said(scene, moved(scene, begun, commit(scene))))).toBe("Accepted");

      const objectiveId = directDefundId(channelId);
      expect(await eve.say({ type: "DefundRequest", objectiveId, channelId })).toBe("GameNotOver");
      const { engine } = scene.world.node("alice");
      const own = await engine.submit({ type: "DefundDirectly", channelId });
      expect(own.ok).toBe(true);
      await quiet(scene.world);
      // By her own wish she gives the game up.
      expect(channelOf(scene)?.finalSignedByMe).toBe(true);
    }),
  );

  adversarial("is not closed by a wish that Eve had while she had to move herself", () =>
    play(chainOf(), async (scene, begun) => {
      const { channelId, eve, world } = scene;
      const { engine } = world.node("alice");
      await begin(scene, begun);
      const committed = moved(scene, begun, commit(scene));
      expect(await eve.say(said(scene, committed))).toBe("Accepted");
      const answer = gameMessage("play", Uint8Array.of(2));
      const change = { type: "Play", baseTurnNum: 2, messages: [answer] } as const;
      const wish = await engine.submit({ type: "UpdateChannel", channelId, change });
      expect(wish.ok).toBe(true);
      const played = moved(scene, committed, answer);
      expect(await eve.say(stateOf(eve, channelId, played, updateId(channelId, 1, 0)))).toBe(
        "Accepted",
      );

      const objectiveId = directDefundId(channelId);
      expect(await eve.say({ type: "DefundRequest", objectiveId, channelId })).toBe("Accepted");
      const revealed = moved(scene, played, gameMessage("reveal", ROCK));
      expect(await eve.say(said(scene, revealed, 1))).toBe("Accepted");
      await quiet(world);

      expect(channelOf(scene)?.supported?.variablePart).toEqual(revealed);
      expect(channelOf(scene)?.finalSignedByMe).toBe(false);
      const closing = engine.objective(objectiveId);
      expect([closing?.status, closing?.rejectionCode]).toEqual(["Rejected", "GameNotOver"]);
    }),
  );

  adversarial("cannot be paid in by updates, nor moved in by Eve", () =>
    play(chainOf(), async (scene, begun) => {
      const { channelId, eve, world } = scene;
      await begin(scene, begun);
      expect(await eve.say(said(scene, moved(scene, begun, commit(scene))))).toBe("Accepted");

      const objectiveId = updateId(channelId, 0, 1);
      const messages = [gameMessage("play", Uint8Array.of(0))];
      const forged = { type: "Play", baseTurnNum: 2, messages } as const;
      const ask = {
        type: "UpdateRequest",
        objectiveId,
        channelId,
        turnNum: 3,
        change: forged,
      } as const;
      expect(await eve.say(ask)).toBe("NotYourTurn");
      const paying = { type: "Pay", asset: ZERO_ADDRESS, to: 0, amount: 1n } as const;
      expect(await eve.say({ ...ask, change: paying })).toBe("AppNotAllowed");
      const { engine } = world.node("alice");
      const own = await engine.submit({ type: "UpdateChannel", channelId, change: paying });
      expect(own).toMatchObject({ ok: false, reason: { code: "AppNotAllowed" } });
    }),
  );
});
