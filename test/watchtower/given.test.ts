/** What nodes give their tower, told by the tower's own log. */
import { describe, expect } from "bun:test";
import type { World } from "../../sim/world.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { VIRTUAL_FINAL_TURN } from "../../src/channel/payment-voucher.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { turnOf } from "../../src/watchtower/appointment.ts";
import { openTowerStore } from "../../src/watchtower/watchtower.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { integration } from "../kind.ts";
import { paidChannel, paidVirtually, tellWatched } from "./watched-story.ts";

const chainOf = chainOfFile();
const TIME_MAX_MS = 120_000;

/** What the tower was told of a channel, in order: turns, with a mark where the client would close, and the end. */
async function toldOf({ tower }: World, channelId: ChannelId): Promise<readonly string[]> {
  const store = await openTowerStore(assertDefined(tower, "the tower").parts.disk);
  const told: string[] = [];
  for await (const { event } of store.readFrom(0)) {
    if (!("channelId" in event) || event.channelId !== channelId) continue;
    if (event.type === "AppointmentEnded") told.push("end");
    if (event.type !== "AppointmentKept") continue;
    const { appointment } = event;
    const { closing, proof } = appointment;
    told.push(
      `${turnOf(appointment)}${closing ? " closing" : ""}${proof.length > 0 ? " redeemed" : ""}`,
    );
  }
  return told;
}

describe("a node", () => {
  integration(
    "gives every state of a direct channel that all have signed, and the one that it alone would end by",
    async () => {
      let channelId: ChannelId | undefined;
      const options = { cast: ["alice", "bob"], watched: ["bob"] } as const;
      const world = await tellWatched(chainOf(), options, async (told) => {
        channelId = await paidChannel(told.alice, told.bob);
        await told.alice.closeChannel(channelId);
        await told.pause(1_000);
      });
      expect(await toldOf(world, assertDefined(channelId, "a channel"))).toEqual([
        "0",
        "1",
        "2",
        "2 closing",
        "3",
        "end",
      ]);
    },
    TIME_MAX_MS,
  );

  integration(
    "gives every voucher that it was paid, ready to be redeemed, and every state of its ledger",
    async () => {
      let ids: Awaited<ReturnType<typeof paidVirtually>> | undefined;
      const options = { cast: ["alice", "irene", "bob"], watched: ["bob"] } as const;
      const world = await tellWatched(chainOf(), options, async (told) => {
        ids = await paidVirtually(told, [20n, 30n]);
        await told.bob.closeChannel(ids.channelId);
        await told.pause(1_000);
      });
      const { channelId, left, right } = assertDefined(ids, "channels");
      expect(await toldOf(world, channelId)).toEqual([
        "0",
        "1",
        "2 redeemed",
        "3 redeemed",
        "3 closing redeemed",
        `${VIRTUAL_FINAL_TURN}`,
        "end",
      ]);
      expect(await toldOf(world, right)).toEqual(["0", "1", "2", "3"]);
      expect(await toldOf(world, left)).toEqual([]);
    },
    TIME_MAX_MS,
  );

  integration(
    "gives nothing of a virtual channel that no app can enforce",
    async () => {
      let channelId: ChannelId | undefined;
      const options = { cast: ["alice", "irene", "bob"], watched: ["bob"] } as const;
      const world = await tellWatched(
        chainOf(),
        options,
        async ({ alice, bob, eth, irene, pause }) => {
          const deposits = [{ asset: eth, amounts: [500n, 500n] }];
          await alice.openLedger(irene, deposits, "go-nitro");
          await irene.openLedger(bob, deposits, "go-nitro");
          const shares = [{ asset: eth, amounts: [10n, 0n] }];
          channelId = await alice.openVirtual(bob, shares, { via: [irene], profile: "go-nitro" });
          await alice.payVirtually(channelId, eth, 3n);
          await pause(1_000);
        },
      );
      expect(await toldOf(world, assertDefined(channelId, "a channel"))).toEqual([]);
    },
    TIME_MAX_MS,
  );
});
