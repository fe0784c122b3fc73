/** What a reducer is told of its channel is what everybody signed. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import { acceptedOf, reasonOf } from "../../test/reducers.ts";
import {
  beginningOf,
  gameChannel,
  gameMessage,
  PLAYERS,
  SOME_REDUCER,
  staked,
} from "../../test/sample-games.ts";
import { channelIdOf } from "../channel/channel-id.ts";
import {
  appendMessages,
  emptyMessageLog,
  encodeMessageLog,
  type MessageLog,
} from "../channel/message-log.ts";
import { twinStateOf } from "../channel/message-log-twin.ts";
import type { Outcome } from "../channel/outcome.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import { reducerInitOf } from "./channel-beginning.ts";

const TOKEN = `0x${"70".repeat(20)}` as Address;
const GAME = Uint8Array.of(3, 1, 4, 1, 5);
const FUNDING = [staked([7n, 13n]), staked([5n, 0n], TOKEN)];
const CHANNEL = gameChannel(`0x${"a1".repeat(20)}` as Address);
const ID = channelIdOf(CHANNEL);

const begun = (outcome: Outcome, appData: Hex) => reducerInitOf(ID, CHANNEL, outcome, appData);

function dataOf(twinState: Uint8Array): Hex {
  return encodeMessageLog(emptyMessageLog(SOME_REDUCER, toHex(twinState)));
}

describe("reducerInitOf", () => {
  unit("tells the channel, who is in it, what each brings in, and the parameters", () => {
    const { appData, outcome } = beginningOf(GAME, FUNDING);

    expect(acceptedOf(begun(outcome, appData))).toEqual({
      channelId: ID,
      participants: PLAYERS.map(({ address }) => address),
      assets: [
        { asset: ZERO_ADDRESS, amounts: [7n, 13n] },
        { asset: TOKEN, amounts: [5n, 0n] },
      ],
      challengeDurationSec: 60,
      parameters: GAME,
    });
  });

  unit("has no parameters where nothing stands before the stakes", () => {
    const { appData, outcome } = beginningOf(new Uint8Array(), FUNDING);
    expect(acceptedOf(begun(outcome, appData)).parameters).toEqual(new Uint8Array());
  });

  adversarial("refuses stakes that are not those of the outcome", () => {
    const kept = twinStateOf(GAME, FUNDING);

    expect(reasonOf(begun([...FUNDING].reverse(), dataOf(kept)))).toEqual({ code: "StakesWrong" });
    expect(reasonOf(begun(FUNDING, dataOf(kept.subarray(0, -1))))).toEqual({ code: "StakesWrong" });
    expect(reasonOf(begun(FUNDING, dataOf(kept.subarray(0, 63))))).toEqual({ code: "StakesWrong" });
    expect(reasonOf(begun(FUNDING, dataOf(new Uint8Array())))).toEqual({ code: "StakesWrong" });
  });

  adversarial("refuses what is no log, and a log in which somebody has spoken", () => {
    const { appData, outcome } = beginningOf(GAME, FUNDING);
    const empty: MessageLog = emptyMessageLog(SOME_REDUCER, toHex(twinStateOf(GAME, FUNDING)));
    const said = [gameMessage("act", Uint8Array.of(1))];
    const place = { channelId: ID, turnNum: 2 };
    const spoken = acceptedOf(appendMessages(empty, place, 0, said, empty.twinState));

    expect(reasonOf(begun(outcome, "0x"))).toEqual({
      code: "NoMessageLog",
      reason: { code: "AppDataMalformed" },
    });
    expect(reasonOf(begun(outcome, `${appData}00`))).toMatchObject({ code: "NoMessageLog" });
    expect(reasonOf(begun(outcome, encodeMessageLog(spoken)))).toEqual({
      code: "LogNotEmpty",
      count: 1,
    });
  });

  adversarial("refuses more participants than a reducer knows, and too few allocations", () => {
    const { appData, outcome } = beginningOf(GAME, FUNDING);
    const participants = Array.from({ length: 17 }, () => PLAYERS[0].address);
    const [first, second] = FUNDING;
    const lone = { ...staked([5n, 0n], TOKEN), allocations: second?.allocations.slice(0, 1) ?? [] };

    expect(reasonOf(reducerInitOf(ID, { ...CHANNEL, participants }, outcome, appData))).toEqual({
      code: "TooManyParticipants",
      count: 17,
    });
    expect(reasonOf(begun(first === undefined ? [] : [first, lone], appData))).toEqual({
      code: "AllocationsWrong",
      asset: 1,
    });
  });
});
