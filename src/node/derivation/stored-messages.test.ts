/** What a log has of a channel's messages is taken when it is whole, and refused by a code when it is not. */
import { describe, expect } from "bun:test";
import { adversarial, integration, unit } from "../../../test/kind.ts";
import { appended, recordedGame } from "../../../test/recorded-game.ts";
import { acceptedOf, admitted, reasonOf, reducerBytes } from "../../../test/reducers.ts";
import { gameMessage } from "../../../test/sample-games.ts";
import { cutLog, logOf } from "../../../test/told-log.ts";
import { EMPTY_LOG_HASH } from "../../channel/message-log.ts";
import { deriveTables } from "../../derivation/derive-tables.ts";
import type { NodeEvent } from "../../events/event.ts";
import { StoredMessages } from "./stored-messages.ts";

const GAME = recordedGame("rock-paper-scissors");
const MODULE = admitted(reducerBytes("rock-paper-scissors"));
const { channelId, events } = GAME;

/** Where the messages are among the events. */
const SAID = events.flatMap(({ type }, at) => (type === "AppMessageAppended" ? [at] : []));

type Appended = NodeEvent & { readonly type: "AppMessageAppended" };

const messageAt = (index: number): Appended => events[SAID[index] ?? -1] as Appended;
const read = (some: readonly NodeEvent[]) => new StoredMessages(logOf(some), channelId).catchUp();

describe("StoredMessages", () => {
  unit("gives the beginning of the channel and all that was said in it", async () => {
    const stored = new StoredMessages(logOf(events), channelId);
    const { init, reducerId } = acceptedOf(await stored.catchUp());
    const all = await stored.log.read(0, 1_000);

    expect([stored.count, all.length, String(reducerId)]).toEqual([12, 12, String(MODULE.id)]);
    expect([init.channelId, init.parameters.length]).toEqual([channelId, 38]);
    expect(all.map(({ turn, sender, type }) => [turn, sender, type]).slice(0, 5)).toEqual([
      [2, 0, "commit"],
      [3, 1, "play"],
      [4, 0, "reveal"],
      [5, 1, "commit"],
      [6, 0, "play"],
    ]);
    expect(all.at(-1)?.logHash).toBe(messageAt(11).runningHash);
    expect(await stored.log.read(11, 5)).toEqual(all.slice(11));
  });

  unit("reads on where it has read before", async () => {
    const whole = logOf(events);
    let length = (SAID[4] ?? 0) + 1;
    const growing = {
      ...whole,
      get length() {
        return length;
      },
    };
    const stored = new StoredMessages(growing, channelId);

    expect((await stored.catchUp()).ok).toBe(true);
    expect(stored.count).toBe(5);
    length = whole.length;
    expect((await stored.catchUp()).ok).toBe(true);
    expect((await stored.log.read(0, 99)).map(({ logHash }) => String(logHash))).toEqual(
      SAID.map((_, index) => String(messageAt(index).runningHash)),
    );
  });

  adversarial("refuses a log in which one message is missing, whichever it is", async () => {
    for (const [index, at] of SAID.entries()) {
      const reason = reasonOf(await read(events.toSpliced(at, 1)));
      const isLast = index === SAID.length - 1;
      expect(reason).toEqual(
        isLast
          ? { code: "LogIncomplete", messages: 11, signed: 12 }
          : { code: "ChainBroken", message: index },
      );
    }
  });

  adversarial("refuses a message of which anything was changed", async () => {
    const message = messageAt(4);
    const changed: readonly Appended[] = [
      { ...message, payload: "0x02" },
      { ...message, by: 1 - message.by },
      { ...message, messageType: "Play" },
      { ...message, messageTimeMs: message.messageTimeMs + 1 },
      { ...message, turnNum: message.turnNum + 1 },
      { ...message, runningHash: EMPTY_LOG_HASH },
    ];
    for (const other of changed) {
      const reason = reasonOf(await read(events.with(SAID[4] ?? 0, other)));
      expect(reason).toEqual({ code: "ChainBroken", message: 4 });
    }
  });

  adversarial("refuses messages in another order, and messages that nobody signed", async () => {
    const [third = 0, fourth = 0] = SAID.slice(2);
    const moved = events.with(third, messageAt(3)).with(fourth, messageAt(2));
    const last = messageAt(11);
    const more = appended(channelId, last, 0, gameMessage("x", Uint8Array.of(1)), last.runningHash);

    expect(reasonOf(await read(moved))).toEqual({ code: "ChainBroken", message: 2 });
    // Of the same turn, it is message 1 of that turn and not message 0.
    expect(reasonOf(await read([...events, more]))).toEqual({ code: "ChainBroken", message: 12 });
  });

  unit("takes several messages of one turn, each by its place in it", async () => {
    const said = gameMessage("a", Uint8Array.of(1));
    const turn = { turnNum: 99 };
    const first = appended(channelId, turn, 0, said, messageAt(11).runningHash);
    const second = appended(channelId, turn, 0, said, first.runningHash, 1);

    expect((await read([...events, first, second])).ok).toBe(true);
  });

  adversarial("does not know a channel that the log has not, nor one of another kind", async () => {
    const [created, ...rest] = events;
    const plain = { ...created, appData: "0x" } as NodeEvent;

    expect(reasonOf(await read(rest))).toEqual({ code: "ChannelUnknown" });
    expect(reasonOf(await read([plain]))).toMatchObject({ code: "NoMessageLog" });
  });

  integration("leads to one digest, each of 100 times", async () => {
    const digests = new Set<string>();
    for (let time = 0; time < 100; time += 1) {
      const stored = new StoredMessages(logOf(events), channelId);
      const { init } = acceptedOf(await stored.catchUp());
      const derived = acceptedOf(await deriveTables(MODULE, init, stored.log, 12));
      digests.add([derived.digest, derived.runningHash, String(derived.outcome.amounts)].join(" "));
    }

    expect([...digests]).toEqual([
      `0xd23c195a86c90c472dc6365eeea9f44ea0aa3d2a31b9a168cd38c7bb7be1a2e3 ${messageAt(11).runningHash} 200,0`,
    ]);
  });

  integration("of a log that was shorter leads to the tables as they were then", async () => {
    const stored = new StoredMessages(logOf(events), channelId);
    const { init } = acceptedOf(await stored.catchUp());
    for (const messages of [0, 1, 7, 12]) {
      const end = messages === 0 ? 7 : (SAID[messages - 1] ?? 0) + 1;
      const before = new StoredMessages(cutLog(logOf(events), end), channelId);
      acceptedOf(await before.catchUp());
      const then = acceptedOf(await deriveTables(MODULE, init, before.log, messages));
      const now = acceptedOf(await deriveTables(MODULE, init, stored.log, messages));

      expect([then.digest, then.runningHash]).toEqual([now.digest, now.runningHash]);
    }
    expect(reasonOf(await deriveTables(MODULE, init, stored.log, 13))).toEqual({
      code: "LogTooShort",
      messages: 12,
    });
  });
});
