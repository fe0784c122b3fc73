/** Attacks on ledger channels and on what rests on them: by a peer whose key is true and whose node is not. */
import { describe, expect } from "bun:test";
import { supportedState } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { includesGuarantee } from "../../src/channel/ledger-outcome.ts";
import { type ObjectiveId, withdrawalId } from "../../src/channel/objective-id.ts";
import { ALLOCATION_TYPE } from "../../src/channel/outcome.ts";
import { TURN } from "../../src/channel/state.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { LedgerMessage } from "../../src/messages/message.ts";
import { allSignatures } from "../../src/protocols/signing.ts";
import { adversarial } from "../kind.ts";
import { PureNetwork } from "../pure-network.ts";
import {
  agreedAt,
  beginLedger,
  channelAt,
  countersignature,
  hear,
  openLedger,
  proposalOf,
  proposedBy,
  signed,
  wishVirtual,
} from "./pure-scene.ts";
import { NO_SIGNATURE } from "./virtual-scene.ts";

describe("a node that takes back its log", () => {
  adversarial("takes no ledger state without balances, which a peer alone has signed", () => {
    const network = new PureNetwork(3);
    const ledgerId = openLedger(network, 0, 1);
    openLedger(network, 1, 2);
    const eve = network.node(0).rules.me;
    // Eve has heard more than Irene ever said, she says.
    network.decide(1, {
      type: "Welcomed",
      head: undefined,
      peer: eve,
      standing: { lastSent: 0, settledUpTo: 0, lastReceived: 10_000 },
      gap: 1_000,
    });
    const { variablePart } = supportedState(channelAt(network, 1, ledgerId));
    const outcome = variablePart.outcome.map((exit) => ({
      ...exit,
      allocations: exit.allocations.map((one) => ({
        ...one,
        allocationType: ALLOCATION_TYPE.guarantee,
      })),
    }));
    const state = { ...variablePart, turnNum: variablePart.turnNum + 1, outcome };
    hear(network, 0, 1, {
      type: "HeldState",
      channelId: ledgerId,
      objectiveId: undefined,
      variablePart: state,
      signatures: [signed(network, 0, ledgerId, state), undefined],
      updatesAsked: 0,
    });

    expect(channelAt(network, 1, ledgerId).pending.size).toBe(0);
    const round = network.node(1).log.findLast(({ type }) => type === "PeerResynced");
    hear(network, 0, 1, {
      type: "ResyncAnswer",
      round: round?.type === "PeerResynced" ? round.lastSent : 0,
      isCertain: true,
    });
    const { channelId } = wishVirtual(network, [0, 1, 2], ledgerId);
    while (network.actIn((queue) => queue === "0 to 1"));
    expect(network.node(1).state.channels.has(channelId)).toBe(true);
  });
});

describe("a leader who takes back her log", () => {
  adversarial("signs for no withdrawal that she may have signed for before", () => {
    const [irene, eve] = [0, 1];
    const network = new PureNetwork(2);
    const channelId = openLedger(network, irene, eve);
    const nonce = 7n;
    const objectiveId = withdrawalId(channelId, nonce);
    const amounts = [{ asset: ZERO_ADDRESS, leader: 1n, follower: 0n }];
    network.decide(irene, {
      type: "Welcomed",
      head: undefined,
      peer: network.node(eve).rules.me,
      standing: { lastSent: 0, settledUpTo: 0, lastReceived: 10_000 },
      gap: 1_000,
    });
    const resynced = network.node(irene).log.findLast(({ type }) => type === "PeerResynced");
    const round = resynced?.type === "PeerResynced" ? resynced.lastSent : 0;
    hear(network, eve, irene, { type: "ResyncAnswer", round, isCertain: true });

    const asked = { type: "WithdrawalRequest", objectiveId, channelId, nonce, amounts } as const;
    const verdict = hear(network, eve, irene, asked);

    expect(verdict).toMatchObject({ ok: false, reason: { code: "Resyncing" } });
    expect(network.node(irene).state.channels.size).toBe(1);
  });
});

describe("a leader", () => {
  adversarial("takes no guarantee for certain that a state she signed is without", () => {
    const [eve, irene, bob] = [0, 1, 2];
    const network = new PureNetwork(3);
    const withEve = openLedger(network, irene, eve);
    const withBob = openLedger(network, bob, irene);
    const wished = [1, 2].map(() => wishVirtual(network, [eve, irene, bob], withEve));
    while (network.actIn((queue) => queue === "0 to 1" || queue === "1 to 2"));
    // Bob proposes both guarantees in one state, with the signatures that allow them.
    const changes = agreedAt(network, bob, withBob);
    const evidence = wished.map(({ channelId }) =>
      allSignatures(supportedState(channelAt(network, bob, channelId))),
    );
    const { turnNum } = supportedState(channelAt(network, irene, withBob)).variablePart;
    const place = { turnNum: turnNum + 1, evidence };
    expect(
      hear(network, bob, irene, proposalOf(network, [bob, irene], withBob, changes, place)).ok,
    ).toBe(true);
    const [both] = proposedBy(network, irene, withEve);
    expect(both?.changes).toHaveLength(2);

    // Eve refuses the state that has both, hears how each would come alone, and signs it after all.
    const refused = both?.turnNum ?? 0;
    const code = "PolicyRefused";
    hear(network, eve, irene, {
      type: "LedgerRefusal",
      channelId: withEve,
      turnNum: refused,
      code,
    });
    expect(proposedBy(network, irene, withEve).at(-1)?.turnNum).toBeGreaterThan(refused);
    hear(network, eve, irene, countersignature(network, [irene, eve], withEve, refused));

    for (const { channelId } of wished) {
      const ledger = channelAt(network, irene, withEve);
      const states = [supportedState(ledger), ...ledger.pending.values()];
      const isSure = states.every(({ variablePart }) =>
        includesGuarantee(variablePart.outcome, channelId),
      );
      const isPromised = channelAt(network, irene, channelId).mySignedTurn === TURN.postfund;
      expect([channelId, isPromised]).toEqual([channelId, isSure]);
    }
    const newest = proposedBy(network, irene, withEve).at(-1)?.turnNum ?? 0;
    hear(network, eve, irene, countersignature(network, [irene, eve], withEve, newest));
    for (const { channelId } of wished) {
      expect(channelAt(network, irene, channelId).mySignedTurn).toBe(TURN.postfund);
    }
  });
});

describe("a ledger channel that nobody has opened yet", () => {
  const said = { channelId: "0x" as ChannelId, turnNum: 2, signature: NO_SIGNATURE };
  const objectiveId = "TopUp-" as ObjectiveId;
  const rows: readonly LedgerMessage[] = [
    { type: "LedgerCountersignature", ...said },
    { type: "LedgerProposal", ...said, baseTurnNum: 1, changes: [], evidence: [] },
    { type: "LedgerRefusal", ...said, code: "PolicyRefused" },
    { type: "TopUpRequest", ...said, objectiveId, asset: ZERO_ADDRESS, amount: 1n },
    { type: "WithdrawalRequest", ...said, objectiveId, nonce: 7n, amounts: [] },
    { type: "SuccessorSignatures", ...said, objectiveId, baseTurnNum: 1, signatures: [] },
  ];
  for (const row of rows) {
    adversarial(`knows no ${row.type}`, () => {
      for (const [leader, follower] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const network = new PureNetwork(2);
        const channelId = beginLedger(network, leader, follower);
        while (network.actIn((queue) => queue === `${leader} to ${follower}`));
        const before = network.node(leader).log.length;

        const heard = hear(network, follower, leader, { ...row, channelId });
        const code = "ChannelNotRunning";
        expect(heard).toMatchObject({ ok: false, reason: { code } });
        expect(network.node(leader).log).toHaveLength(before);
      }
    });
  }
});
