/** Judges: the reducer's word about the next messages, whatever was asked before. */
import { describe, expect } from "bun:test";
import { commitmentOf, newRockPaperScissors } from "../../contracts/rock-paper-scissors.ts";
import { adversarial, invariant, unit } from "../../test/kind.ts";
import { admitted, reducerBytes } from "../../test/reducers.ts";
import { gameChannel, staked } from "../../test/sample-games.ts";
import type { AppMessage } from "../channel/app-message.ts";
import { type ChannelId, channelIdOf } from "../channel/channel-id.ts";
import { EMPTY_LOG_HASH, messageId, nextRunningHash } from "../channel/message-log.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import { assertDefined } from "../primitives/assert.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { toHex } from "../primitives/hex.ts";
import type { PlayedLog } from "../protocols/message-log-app.ts";
import { createLogJudges } from "./log-judges.ts";

const MODULE = admitted(reducerBytes("rock-paper-scissors"));
const FIXED_PART = gameChannel(ZERO_ADDRESS);
const PAPER = concatBytes(Uint8Array.of(1), new Uint8Array(32).fill(3));

function judgeOf(): (played: PlayedLog) => unknown {
  const judge = assertDefined(createLogJudges([MODULE])(MODULE.id as string as Hash), "the judge");
  if (judge === "Twin") throw new Error("a reducer is no twin");
  return judge;
}

/** What is said in a game that Alice wins with paper, each message with the running hash behind it. */
function story(channelId: ChannelId): readonly AppMessage[] {
  const said = [
    ["commit", commitmentOf(channelId, 0, PAPER)],
    ["play", Uint8Array.of(0)],
    ["reveal", PAPER],
  ] as const;
  let runningHash = EMPTY_LOG_HASH;
  return said.map(([messageType, bytes], index) => {
    const [turnNum, by, messageTimeMs] = [2 + index, index % 2, 1_000 * index];
    const payload = toHex(bytes);
    const id = messageId(channelId, turnNum, 0, { messageType, payload, timeMs: messageTimeMs });
    runningHash = nextRunningHash(runningHash, id, by, messageTimeMs);
    return { turnNum, by, messageType, payload, messageTimeMs, runningHash };
  });
}

/** The first `count` messages of the story; the last ones from `from` on are what is judged. */
function played(count: number, from = count, nonce = 1n): PlayedLog {
  const fixedPart = { ...FIXED_PART, channelNonce: nonce };
  const channelId = channelIdOf(fixedPart);
  const messages = story(channelId).slice(0, count);
  return {
    channelId,
    fixedPart,
    funding: [staked([7n, 13n])],
    parameters: newRockPaperScissors(1),
    said: messages.slice(0, from),
    added: messages.slice(from),
    runningHash: messages.at(-1)?.runningHash ?? EMPTY_LOG_HASH,
  };
}

const STANDINGS = [
  { amounts: [[7n, 13n]], mover: 0 },
  { amounts: [[20n, 0n]], mover: 1 },
  { amounts: [[0n, 20n]], mover: 0 },
  { amounts: [[20n, 0n]], mover: undefined },
].map((value) => ({ ok: true, value }));

describe("a judge", () => {
  invariant("says the same of a log, whatever it was asked before", () => {
    const judge = judgeOf();
    const questions = [0, 1, 2, 3].flatMap((count) =>
      [0, 1, 2, 3].filter((from) => from <= count).map((from) => [count, from] as const),
    );
    for (const [count, from] of [...questions, ...questions.toReversed(), ...questions]) {
      expect(judge(played(count, from)) as unknown).toEqual(STANDINGS[count]);
    }
  });

  unit("is there for the modules that it was made of alone", () => {
    expect(createLogJudges([MODULE])(EMPTY_LOG_HASH)).toBe(undefined);
  });

  adversarial("says the reducer's own word of a message that it refuses, and is as before", () => {
    const judge = judgeOf();
    judge(played(1));
    const log = played(2, 1);
    const bent = (message: Partial<AppMessage>): unknown => {
      const added = log.added.map((one) => ({ ...one, ...message }));
      return judge({ ...log, added, runningHash: `0x${"99".repeat(32)}` as Hash });
    };

    const refused = (by: string): unknown => ({
      ok: false,
      reason: { code: "ReducerRefused", by },
    });
    expect(bent({ by: 0 })).toEqual(refused("NotYourTurn"));
    expect(bent({ messageType: "reveal" })).toEqual(refused("NotNow"));
    expect(bent({ messageType: "\u0007" })).toEqual(refused("MessageMalformed"));
    expect(judge(log)).toEqual(STANDINGS[2]);
  });

  adversarial(
    "hears what is in force once, however often a peer says what is refused or never signed",
    () => {
      const judge = judgeOf();
      let heard = 0;
      const log = played(2, 1);
      const said = log.said.map((one) => ({
        ...one,
        get payload() {
          heard += 1;
          return one.payload;
        },
      }));
      for (let count = 0; count < 20; count += 1) {
        const hash = `0x${count.toString(16).padStart(64, "0")}` as Hash;
        const [illegal, legal] = [toHex(Uint8Array.of(7)), toHex(Uint8Array.of(count % 3))];
        for (const payload of [illegal, legal]) {
          const added = log.added.map((one) => ({ ...one, payload }));
          judge({ ...log, said, added, runningHash: hash });
        }
      }

      expect(judge({ ...log, said })).toEqual(STANDINGS[2]);
      expect(heard).toBe(1);
    },
  );

  adversarial("refuses a beginning that its reducer refuses", () => {
    const judge = judgeOf();
    const log = { ...played(0), parameters: Uint8Array.of(1, 2) };

    expect(judge(log)).toMatchObject({ ok: false, reason: { code: "ReducerRefused" } });
    expect(judge(played(0))).toEqual(STANDINGS[0]);
  });

  unit("plays a game again that it has dropped for others", () => {
    const judge = judgeOf();
    judge(played(2));
    for (let nonce = 2n; nonce < 80n; nonce += 1n) judge(played(1, 1, nonce));

    expect(judge(played(3, 2))).toEqual(STANDINGS[3]);
  });

  invariant("knows a channel by its id, and not by what was said", () => {
    const judge = judgeOf();
    judge(played(1));
    const other = {
      ...played(1, 1, 2n),
      funding: [staked([1n, 2n], `0x${"70".repeat(20)}` as Address)],
    };

    expect(judge(other)).toEqual({ ok: true, value: { amounts: [[3n, 0n]], mover: 1 } });
  });
});
