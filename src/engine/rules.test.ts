/** Tests of what a node was set up to take. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { GO_NITRO_LEDGER_APP, LEDGER_APP, PureNetwork } from "../../test/pure-network.ts";
import { externalDestination } from "../channel/destination.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import { CHALLENGE_DURATION_MIN_SEC, checkOpening, type Rules } from "./rules.ts";

const network = new PureNetwork(2);
const participants = network.nodes.map(({ rules }) => rules.me);
const { rules: usual } = network.node(0);

/** What is said of a ledger with this app and duration; undefined when it is taken. */
function codeOf(appDefinition: Address, challengeDurationSec: number, rules: Rules) {
  const allocations = participants.map((participant) => ({
    destination: externalDestination(participant),
    amount: 5n,
    allocationType: 0,
    metadata: "0x" as const,
  }));
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  const outcome = [{ asset: ZERO_ADDRESS, assetMetadata, allocations }];
  const fixedPart = { participants, channelNonce: 1n, appDefinition, challengeDurationSec };
  const checked = checkOpening({ fixedPart, outcome, appData: "0x" }, rules);
  return checked.ok ? undefined : checked.reason.code;
}

describe("checkOpening", () => {
  unit("asks for time to answer a challenge, in go-nitro's profile too", () => {
    for (const app of [LEDGER_APP, GO_NITRO_LEDGER_APP]) {
      expect(codeOf(app, CHALLENGE_DURATION_MIN_SEC, usual)).toBeUndefined();
      expect(codeOf(app, CHALLENGE_DURATION_MIN_SEC - 1, usual)).toBe(
        "ChallengeDurationOutOfBounds",
      );
    }
  });

  unit(
    "takes what go-nitro's client asks for where the node was set up so, and nowhere else",
    () => {
      const rules = { ...usual, goNitroDurationMinSec: 0 };
      expect(codeOf(GO_NITRO_LEDGER_APP, 0, rules)).toBeUndefined();
      expect(codeOf(LEDGER_APP, 0, rules)).toBe("ChallengeDurationOutOfBounds");
    },
  );
});
