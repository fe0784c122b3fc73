/** The channels of a differential run: of every kind that the contracts judge, and of kinds that they should not meet. */
import { channelIdOf, type FixedPart } from "../../sim/chain/model/structs.ts";
import type { TestAccount } from "../../sim/chain/test-account.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import type { Chance } from "./chance.ts";
import { PARTICIPANTS, type Stage } from "./stage.ts";

/** Which app judges a channel, or that none does. */
export type ChannelKind = "consensus" | "payment" | "oneWay" | "odd";

/** A channel of a run. */
export type Channel = {
  readonly kind: ChannelKind;
  readonly fixedPart: FixedPart;
  readonly channelId: Hex;
  readonly signers: readonly TestAccount[];
  /** Of a virtual channel: what both ends have together, of each asset. */
  readonly total: bigint;
  readonly assets: readonly Hex[];
};

/** Challenge durations: none, short ones, a long one, and one that no time can be added to. */
const DURATIONS_SEC: readonly bigint[] = [0n, 1n, 12n, 60n, 60n, 600n, 2n ** 48n - 1n];

/** Draws a channel. */
export function drawChannel(chance: Chance, stage: Stage, assets: readonly Hex[]): Channel {
  const kind = chance.weigh<ChannelKind>([
    [8, "consensus"],
    [5, "payment"],
    [3, "oneWay"],
    [1, "odd"],
  ]);
  const signers = drawSigners(chance, kind);
  const fixedPart = {
    participants: signers.map(({ address }) => address),
    channelNonce: BigInt(chance.below(2 ** 31)),
    appDefinition: drawApp(chance, stage, kind),
    challengeDuration: chance.pick(DURATIONS_SEC),
  };
  const ofKind =
    kind === "oneWay" && !chance.isOneIn(8) ? [ZERO_ADDRESS] : drawAssets(chance, assets);
  return {
    kind,
    fixedPart,
    channelId: channelIdOf(fixedPart),
    signers,
    total: BigInt(chance.below(200)),
    assets: ofKind,
  };
}

function drawSigners(chance: Chance, kind: ChannelKind): readonly TestAccount[] {
  if (chance.isOneIn(30)) return [];
  if (chance.isOneIn(30)) return PARTICIPANTS.slice(0, 1);
  // Somebody twice: nothing can ever be unanimous.
  if (chance.isOneIn(30)) return [...PARTICIPANTS.slice(0, 1), ...PARTICIPANTS.slice(0, 2)];
  const count = kind === "consensus" ? 2 + chance.below(2) : 2 + chance.below(3);
  const first = chance.below(PARTICIPANTS.length);
  return Array.from({ length: count }, (_, place) => {
    const index = (first + place) % PARTICIPANTS.length;
    return PARTICIPANTS[index] as TestAccount;
  });
}

function drawApp(chance: Chance, { deployment, tokens }: Stage, kind: ChannelKind): Hex {
  switch (kind) {
    case "consensus":
      return chance.pick([
        deployment.consensusApp,
        deployment.ledgerApp,
        deployment.goNitroLedgerApp,
      ]);
    case "payment":
      return deployment.paymentApp;
    case "oneWay":
      return deployment.virtualPaymentApp;
    case "odd":
      // No code, the adjudicator itself, and a contract that is no app.
      return chance.pick<Hex>([
        ZERO_ADDRESS,
        deployment.adjudicator,
        tokens.test,
        `0x${"55".repeat(20)}`,
      ]);
  }
}

function drawAssets(chance: Chance, assets: readonly Hex[]): readonly Hex[] {
  const count = chance.weigh([
    [1, 0],
    [12, 1],
    [6, 2],
    [1, 3],
  ]);
  // The coin and the good token most of the time; the same asset twice is possible.
  return Array.from({ length: count }, () =>
    chance.isOneIn(3) ? chance.pick(assets) : chance.pick(assets.slice(0, 2)),
  );
}
