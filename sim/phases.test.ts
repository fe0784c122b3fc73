/** The phases of protocols: every rung has one, and a node is in those that its objectives are in. */
import { describe, expect } from "bun:test";
import { externalDestination } from "../src/channel/destination.ts";
import { ZERO_ADDRESS } from "../src/crypto/address.ts";
import { createNodeState } from "../src/engine/node-state.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { unit } from "../test/kind.ts";
import { APP, PureNetwork } from "../test/pure-network.ts";
import { PHASES, phaseOfRung, phasesOf } from "./phases.ts";
import { allRungs, LADDERS } from "./rungs.ts";

describe("phases", () => {
  unit("every rung of every protocol belongs to one, and so does waiting for approval", () => {
    const approvals = Object.keys(LADDERS).map((goal) => `${goal}/Approval`);

    const without = [...allRungs(), ...approvals].filter((rung) => phaseOfRung(rung) === undefined);

    expect(without).toEqual([]);
    expect(phaseOfRung("Update/Done")).toBeUndefined();
  });

  unit("there are more than 15, each once", () => {
    expect(new Set(PHASES).size).toBe(PHASES.length);
    expect(PHASES.length).toBeGreaterThan(15);
  });

  unit("a node without anything to do is idle", () => {
    expect([...phasesOf(createNodeState())]).toEqual(["Idle"]);
  });

  unit(
    "an opening is at its prefund until all have signed it, and concerns only its own channel",
    () => {
      const network = new PureNetwork(2);
      const participants = network.nodes.map(({ rules }) => rules.me);
      const allocations = participants.map((one) => {
        return {
          destination: externalDestination(one),
          amount: 5n,
          allocationType: 0,
          metadata: "0x",
        } as const;
      });
      const assetMetadata = { assetType: 0, metadata: "0x" } as const;
      network.ask(0, {
        type: "FundDirectly",
        participants,
        outcome: [{ asset: ZERO_ADDRESS, assetMetadata, allocations }],
        appDefinition: APP,
        appData: "0x",
        challengeDurationSec: 86_400,
      });

      const { state } = assertDefined(network.nodes[0], "the first node");
      expect([...phasesOf(state)]).toEqual(["DirectFund/prefund"]);
      expect([...phasesOf(state, () => false)]).toEqual(["Idle"]);
    },
  );
});
