/** A ledger channel that could not be closed at one moment can be closed later, whoever asked first. */
import { describe, expect } from "bun:test";
import { openLedger, wishVirtual } from "../../test/adversarial/pure-scene.ts";
import { integration } from "../../test/kind.ts";
import { PureNetwork } from "../../test/pure-network.ts";
import { phaseOf } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";
import { isIdleLedger } from "../protocols/ledger.ts";

const LEADER = 0;
const FOLLOWER = 1;

const atBoth = (network: PureNetwork, ledgerId: ChannelId) =>
  [LEADER, FOLLOWER].map((one) =>
    assertDefined(network.node(one).state.channels.get(ledgerId), "the ledger"),
  );

/** The follower asks to close the ledger, and the leader to open a channel over it, at the same moment. */
function refuseEachOther(): { readonly network: PureNetwork; readonly ledgerId: ChannelId } {
  const network = new PureNetwork(3);
  const ledgerId = openLedger(network, LEADER, FOLLOWER);
  openLedger(network, FOLLOWER, 2);
  wishVirtual(network, [LEADER, FOLLOWER, 2], ledgerId);
  network.ask(FOLLOWER, { type: "DefundDirectly", channelId: ledgerId });
  while (network.act(0));
  for (const ledger of atBoth(network, ledgerId)) expect(phaseOf(ledger)).toBe("Running");
  return { network, ledgerId };
}

describe("a ledger channel whose closing was refused while it was in use", () => {
  for (const [name, closer] of [
    ["the one who asked before", FOLLOWER],
    ["the other one", LEADER],
  ] as const) {
    integration(`is closed when ${name} asks once it is idle`, () => {
      const { ledgerId, network } = refuseEachOther();

      network.ask(closer, { type: "DefundDirectly", channelId: ledgerId });
      while (network.act(0));
      for (const ledger of atBoth(network, ledgerId)) expect(phaseOf(ledger)).toBe("Concluded");
    });
  }
});

describe("a leader whose first proposal was refused with its message", () => {
  integration("goes on with a state that changes nothing, and the ledger is idle again", () => {
    const network = new PureNetwork(2);
    const channelId = openLedger(network, LEADER, FOLLOWER);
    network.ask(FOLLOWER, { type: "DefundDirectly", channelId });
    network.ask(LEADER, { type: "TopUp", channelId, asset: ZERO_ADDRESS, amount: 5n });
    while (network.act(0));

    for (const ledger of atBoth(network, channelId)) expect(isIdleLedger(ledger)).toBe(true);
    network.ask(FOLLOWER, { type: "DefundDirectly", channelId });
    while (network.act(0));
    for (const ledger of atBoth(network, channelId)) expect(phaseOf(ledger)).toBe("Concluded");
  });
});

describe("a follower who wants a part of what the leader is closing", () => {
  integration("gives that up, and the ledger is closed with nothing left open", () => {
    const network = new PureNetwork(2);
    const channelId = openLedger(network, LEADER, FOLLOWER);
    const amounts = [{ asset: ZERO_ADDRESS, leader: 0n, follower: 5n }];
    const objectiveId = network.ask(FOLLOWER, { type: "Withdraw", channelId, amounts });
    network.ask(LEADER, { type: "DefundDirectly", channelId });
    while (network.act(0));

    for (const ledger of atBoth(network, channelId)) {
      expect(phaseOf(ledger)).toBe("Concluded");
      expect(isIdleLedger(ledger)).toBe(true);
    }
    const { objectives } = network.node(FOLLOWER).state;
    expect(objectives.get(objectiveId)?.status).toBe("Rejected");
  });
});
