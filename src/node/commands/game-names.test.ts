/** Which game is meant by the name of the other player. */
import { describe, expect } from "bun:test";
import { unit } from "../../../test/kind.ts";
import type { ChannelView } from "../api/api-types.ts";
import type { NodeClient } from "../client/node-client.ts";
import { gameNamed } from "./game-names.ts";

const ALICE = `0x${"a1".repeat(20)}`;
const BOB = `0x${"b0".repeat(20)}`;

/** The id of channel `digit`. */
const idOf = (digit: string): string => `0x${digit.repeat(64)}`;

type Kept = readonly [digit: string, phase: ChannelView["phase"], isFinal?: boolean];

/** A node that has these games with Bob, and a ledger. */
function nodeWith(...kept: readonly Kept[]): NodeClient {
  const games = kept.map(([digit, phase]) => {
    return { channelId: idOf(digit), phase, use: "MessageLog", participants: [ALICE, BOB] };
  });
  const ledger = { ...games[0], channelId: idOf("f"), use: "Ledger" };
  const answers: Readonly<Record<string, (params: { channelId: string }) => unknown>> = {
    node_info: () => ({ address: ALICE }),
    peers_list: () => ({ peers: [{ address: BOB, name: "bob" }] }),
    channels_list: () => ({ channels: [...games, ledger], next: null }),
    games_get: ({ channelId }) => {
      const isFinal = kept.find(([digit]) => idOf(digit) === channelId)?.[2] === true;
      return { dispute: { isFinal } };
    },
  };
  const call = async (method: string, params: unknown): Promise<unknown> =>
    answers[method]?.(params as { channelId: string });
  return { call } as unknown as NodeClient;
}

describe("gameNamed", () => {
  unit("takes the one game that is not over, be it on the chain", async () => {
    const ended: readonly Kept[] = [
      ["1", "Concluded"],
      ["2", "Disputed", true],
    ];
    expect(await gameNamed(nodeWith(...ended, ["3", "Running"]), "bob")).toBe(idOf("3"));
    expect(await gameNamed(nodeWith(...ended, ["4", "Disputed"]), "Bob")).toBe(idOf("4"));
    await expect(gameNamed(nodeWith(...ended), "bob")).rejects.toThrow("no game with bob is open");
    expect(await gameNamed(nodeWith(...ended), "0x22")).toBe(idOf("2"));
  });

  unit("asks which, where there are several", async () => {
    const two = nodeWith(["1", "Running"], ["2", "Disputed"]);
    await expect(gameNamed(two, "bob")).rejects.toThrow(
      "2 games with bob are open: name one of 0x11111111, 0x22222222",
    );
  });
});
