/** Top-ups and withdrawals of a ledger channel between two nodes, in any order of what happens. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, concurrency, integration, property } from "../../test/kind.ts";
import type { PureNetwork } from "../../test/pure-network.ts";
import {
  ASSETS,
  assertNobodyDepends,
  balanceOf,
  channelAt,
  comeToRest,
  currentOf,
  DEPOSIT,
  openLedger,
  statusOf,
  TOKEN,
} from "../../test/wishful-ledger.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { externalDestination } from "../channel/destination.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { WithdrawnAmount } from "../channel/successor.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";

const coins = (leader: bigint, follower: bigint): readonly WithdrawnAmount[] => [
  { asset: ZERO_ADDRESS, leader, follower },
];

const topUp = (network: PureNetwork, node: number, channelId: ChannelId, asset: Address) =>
  network.ask(node, { type: "TopUp", channelId, asset, amount: 7n });

const withdraw = (
  network: PureNetwork,
  node: number,
  channelId: ChannelId,
  amounts: readonly WithdrawnAmount[],
) => network.ask(node, { type: "Withdraw", channelId, amounts });

describe("a top-up", () => {
  for (const node of [0, 1]) {
    integration(`of participant ${node} raises her balance, and nobody else's`, () => {
      const { ledgerId, network } = openLedger();

      const id = topUp(network, node, ledgerId, TOKEN);
      comeToRest(network);

      expect([0, 1].map((at) => statusOf(network, at, id))).toEqual(["Completed", "Completed"]);
      const after = [0, 1].map((side) => balanceOf(channelAt(network, 0, ledgerId), side, TOKEN));
      expect(after).toEqual([DEPOSIT + (node === 0 ? 7n : 0n), DEPOSIT + (node === 1 ? 7n : 0n)]);
      expect(network.heldFor(ledgerId, TOKEN)).toBe(2n * DEPOSIT + 7n);
    });
  }

  adversarial(
    "is deposited in spite of a stranger who deposits first, and is deposited once",
    () => {
      const { ledgerId, network } = openLedger();

      network.depositAsStranger(ledgerId, TOKEN, 3n);
      const id = topUp(network, 0, ledgerId, TOKEN);
      // The two have signed by now, and the deposit is on its way.
      for (let step = 0; step < 40; step++) {
        if (network.node(0).state.transactions.size > 0) break;
        network.act(step);
      }
      network.depositAsStranger(ledgerId, TOKEN, 2n);
      comeToRest(network);

      expect(statusOf(network, 0, id)).toBe("Completed");
      expect(network.heldFor(ledgerId, TOKEN)).toBe(2n * DEPOSIT + 5n + 7n);
      expect(balanceOf(channelAt(network, 1, ledgerId), 0, TOKEN)).toBe(DEPOSIT + 7n);
    },
  );

  adversarial(
    "that a stranger seems to have paid is paid by the one who tops up all the same",
    () => {
      const { ledgerId, network } = openLedger();

      network.depositAsStranger(ledgerId, TOKEN, 1_000n);
      comeToRest(network);
      const id = topUp(network, 1, ledgerId, TOKEN);
      comeToRest(network);

      expect(statusOf(network, 1, id)).toBe("Completed");
      expect(network.heldFor(ledgerId, TOKEN)).toBe(2n * DEPOSIT + 1_007n);
    },
  );

  integration("that is not deposited gets nothing when the ledger is closed", () => {
    const { ledgerId, network } = openLedger();
    const id = topUp(network, 0, ledgerId, TOKEN);
    while (network.node(0).state.transactions.size === 0) network.act(0);

    // The deposit reverts, and there is no time for another one.
    network.depositAsStranger(ledgerId, TOKEN, 1n);
    network.ask(0, { type: "DefundDirectly", channelId: ledgerId });
    comeToRest(network);

    expect([0, 1].map((at) => statusOf(network, at, id))).toEqual([
      "ChannelNotRunning",
      "ChannelNotRunning",
    ]);
    const paid = network.nodes.map(({ rules }) =>
      network.paidTo(externalDestination(rules.me), TOKEN),
    );
    expect(paid).toEqual([DEPOSIT + 1n, DEPOSIT]);
  });

  concurrency("of both at once ends well for the leader, and with a code for the follower", () => {
    const { ledgerId, network } = openLedger();

    const leaders = topUp(network, 0, ledgerId, TOKEN);
    const followers = topUp(network, 1, ledgerId, TOKEN);
    const others = topUp(network, 1, ledgerId, ZERO_ADDRESS);
    comeToRest(network);

    expect(statusOf(network, 0, leaders)).toBe("Completed");
    expect(statusOf(network, 1, followers)).toBe("Yielded");
    expect(statusOf(network, 0, others)).toBe("Completed");
  });
});

describe("a withdrawal", () => {
  for (const node of [0, 1]) {
    integration(`asked for by participant ${node} pays out, and the rest goes on`, () => {
      const { ledgerId, network } = openLedger();

      const id = withdraw(network, node, ledgerId, coins(30n, 20n));
      comeToRest(network);

      expect([0, 1].map((at) => statusOf(network, at, id))).toEqual(["Completed", "Completed"]);
      const next = currentOf(network, 0, ledgerId);
      expect(next.id).toBe(currentOf(network, 1, ledgerId).id);
      expect(next.id).not.toBe(ledgerId);
      const left = [0, 1].map((side) => balanceOf(next, side, ZERO_ADDRESS));
      expect(left).toEqual([70n, 80n]);
      const paid = network.nodes.map(({ rules }) =>
        network.paidTo(externalDestination(rules.me), ZERO_ADDRESS),
      );
      expect(paid).toEqual([30n, 20n]);
    });
  }

  concurrency(
    "of both at once happens for the leader, and ends with a code for the follower",
    () => {
      const { ledgerId, network } = openLedger();

      const leaders = withdraw(network, 0, ledgerId, coins(1n, 0n));
      const followers = withdraw(network, 1, ledgerId, coins(0n, 1n));
      comeToRest(network);

      expect(statusOf(network, 1, leaders)).toBe("Completed");
      expect(statusOf(network, 1, followers)).toBe("Yielded");
    },
  );

  adversarial("ends when strangers' deposits tell before the answer that the rest was paid", () => {
    const { ledgerId, network } = openLedger();
    const id = withdraw(network, 0, ledgerId, coins(1n, 0n));
    const isPaid = (): boolean => network.heldFor(ledgerId, ZERO_ADDRESS) === 0n;
    while (!isPaid()) network.act(0);
    const next = currentOf(network, 0, ledgerId).id;
    for (const asset of ASSETS) network.depositAsStranger(next, asset, 1n);
    while (network.act(0));

    expect([0, 1].map((at) => statusOf(network, at, id))).toEqual(["Completed", "Completed"]);
  });

  integration("goes on with a second one out of the ledger that was left", () => {
    const { ledgerId, network } = openLedger();
    withdraw(network, 0, ledgerId, coins(10n, 0n));
    comeToRest(network);

    const { id } = currentOf(network, 0, ledgerId);
    withdraw(network, 1, id, [{ asset: TOKEN, leader: 0n, follower: DEPOSIT }]);
    comeToRest(network);

    const last = currentOf(network, 0, ledgerId);
    expect(last.ledger?.predecessor).toBe(id);
    expect([0, 1].map((side) => balanceOf(last, side, TOKEN))).toEqual([DEPOSIT, 0n]);
    network.ask(0, { type: "DefundDirectly", channelId: last.id });
    comeToRest(network);
    for (const { rules } of network.nodes) {
      for (const asset of ASSETS) {
        expect(network.paidTo(externalDestination(rules.me), asset)).toBe(DEPOSIT);
      }
    }
  });
});

type Chance = {
  readonly node: number;
  readonly asset: Address;
  readonly kind: "TopUp" | "Withdraw" | "Stranger";
  readonly amount: bigint;
  readonly steps: readonly number[];
  readonly restart: number | null;
};

const chance: fc.Arbitrary<Chance> = fc.record({
  node: fc.nat(1),
  asset: fc.constantFrom(...ASSETS),
  kind: fc.constantFrom("TopUp", "Withdraw", "Stranger"),
  amount: fc.bigInt({ min: 1n, max: 60n }),
  steps: fc.array(fc.nat(20), { maxLength: 12 }),
  restart: fc.option(fc.nat(1)),
});

describe("any number of wishes", () => {
  property(
    "come to rest in any order, with restarts, and no money is lost or counted twice",
    () => {
      fc.assert(
        fc.property(fc.array(chance, { minLength: 1, maxLength: 6 }), (chances) => {
          const { ledgerId, network } = openLedger();
          const asked = chances.flatMap((one) => play(network, ledgerId, one));
          while (network.act(0)) assertNobodyDepends(network);
          expectRest(network, ledgerId, asked);
        }),
        { numRuns: 150 },
      );
    },
    60_000,
  );
});

/** Lets one thing begin, and some of what can happen. Gives the objective of what was not refused. */
function play(network: PureNetwork, ledgerId: ChannelId, one: Chance): readonly ObjectiveId[] {
  const asked = begin(network, currentOf(network, one.node, ledgerId).id, one);
  for (const step of one.steps) {
    network.act(step);
    assertNobodyDepends(network);
  }
  if (one.restart !== null) network.restart(one.restart);
  return asked;
}

function begin(
  network: PureNetwork,
  channelId: ChannelId,
  { amount, asset, kind, node }: Chance,
): readonly ObjectiveId[] {
  if (kind === "Stranger") {
    network.depositAsStranger(channelId, asset, amount);
    return [];
  }
  const [leader, follower] = node === 0 ? [amount, 0n] : [0n, amount];
  const verdict = network.wish(
    node,
    kind === "TopUp"
      ? { type: kind, channelId, asset, amount }
      : { type: kind, channelId, amounts: [{ asset, leader, follower }] },
  );
  return verdict.ok ? [assertDefined(verdict.value, "the objective")] : [];
}

/** Everything is over, both know the same, and all that was put in is there or was paid. */
function expectRest(
  network: PureNetwork,
  ledgerId: ChannelId,
  asked: readonly ObjectiveId[],
): void {
  for (const id of asked) {
    const ends = [0, 1].map((node) => statusOf(network, node, id));
    expect(["Approved", "Unapproved"]).not.toContain(ends[0] ?? "");
    expect(["Approved", "Unapproved"]).not.toContain(ends[1] ?? "");
  }
  const [one, other] = [0, 1].map((node) => currentOf(network, node, ledgerId));
  expect(one?.supported?.variablePart).toEqual(assertDefined(other?.supported, "it").variablePart);
  const ledger = assertDefined(one, "the ledger");
  for (const asset of ASSETS) {
    const owned = balanceOf(ledger, 0, asset) + balanceOf(ledger, 1, asset);
    expect(network.heldFor(ledger.id, asset)).toBeGreaterThanOrEqual(owned);
    for (const [side, { rules, state }] of network.nodes.entries()) {
      const toppedUp = [...state.objectives.values()].reduce((sum, { goal, openedBy, status }) => {
        const isMine = goal.type === "TopUp" && goal.asset === asset && openedBy === side;
        return isMine && status === "Completed" ? sum + goal.amount : sum;
      }, 0n);
      const paid = network.paidTo(externalDestination(rules.me), asset);
      expect(balanceOf(ledger, side, asset) + paid).toBe(DEPOSIT + toppedUp);
    }
  }
  for (const node of [0, 1]) {
    const { agreed, reserved, waiting } = assertDefined(
      currentOf(network, node, ledgerId).ledger,
      "a ledger",
    );
    expect([agreed.size, reserved.size, waiting.size]).toEqual([0, 0, 0]);
    expect(network.eventsOfSecondCrank(node)).toEqual([]);
  }
}
