/** A voucher that arrives before its payee has heard that the channel is open, in go-nitro's profile. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { checkFreed } from "../../test/ledger-rest.ts";
import { LINE } from "../../test/ledger-story.ts";
import { Telling } from "../../test/ledger-telling.ts";
import type { ChannelVouchers } from "../channel/voucher.ts";
import { assertDefined } from "../primitives/assert.ts";

const ALICE = 0;
const BOB = 2;

/** Orders of messages in which the voucher comes first: that many are enough. */
const STORIES = 3;

/** A channel of Alice and Bob over a hub; the order of messages comes from the seed. */
function opened(seed: number): Telling {
  const wish = { route: 0, left: 5n, right: 0n, isOfAllAssets: false, closer: 0, isShort: false };
  const payment = { isBack: false, asset: 0, amount: 1n };
  const telling = new Telling({
    town: LINE,
    profile: "go-nitro",
    assets: 1,
    deposit: 20n,
    fee: 0n,
    refusedOf16: 0,
    restartsOf64: 0,
    seed,
    openMax: 1,
    wishes: [{ ...wish, gaveUpBy: undefined, payments: [payment], isHasty: true }],
  });
  telling.tell();
  return telling;
}

function vouchersAt({ asked, network }: Telling, index: number): ChannelVouchers {
  const id = assertDefined(asked[0]?.channelId, "the channel");
  return assertDefined(network.node(index).state.channels.get(id), "her channel").vouchers;
}

describe("a voucher in go-nitro's profile that comes too early", () => {
  unit("is refused, and its money comes with the next one, or with the final state", () => {
    const isEarly = (seed: number): boolean => opened(seed).network.refusals.includes("NotOpen");
    const seeds = Array.from({ length: 200 }, (_, seed) => seed).values();
    const early = [...seeds.filter(isEarly).take(STORIES)];
    expect(early).toHaveLength(STORIES);
    for (const seed of early) {
      const telling = opened(seed);
      const channelId = assertDefined(telling.asked[0]?.channelId, "the channel");
      expect(vouchersAt(telling, ALICE).issued?.amounts).toEqual([1n]);
      expect(vouchersAt(telling, BOB).received).toBeUndefined();

      const route = [0, 1, 2];
      const more = { isBack: false, asset: 0, amount: 2n };
      const wish = assertDefined(telling.asked[0], "a wish").wish;
      telling.payments.add(channelId, route, { ...wish, payments: [more] });
      telling.tell();
      expect(vouchersAt(telling, BOB).received?.amounts).toEqual([3n]);
      telling.closeAll();
      checkFreed(telling);

      const unpaid = opened(seed);
      unpaid.closeAll();
      checkFreed(unpaid);
      expect(vouchersAt(unpaid, BOB).received).toBeUndefined();
    }
  });
});
