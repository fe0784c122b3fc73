/** What two nodes are asked for while everything arrives in every order. */

import type { Channel } from "../../src/channel/channel.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import { LEADER } from "../../src/channel/ledger.ts";
import { ALLOCATION_TYPE, type Outcome } from "../../src/channel/outcome.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { keccak256 } from "../../src/crypto/keccak.ts";
import type { PrivateKey, SignatureBackend } from "../../src/crypto/signature.ts";
import { GUARANTEES_PER_PEER_MAX } from "../../src/engine/peer-limit.ts";
import { neverPayUnasked } from "../../src/engine/policy.ts";
import type { Request } from "../../src/engine/request.ts";
import type { Rules } from "../../src/engine/rules.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { toHex } from "../../src/primitives/hex.ts";
import { consensusRule } from "../../src/protocols/app-rule.ts";
import type { App } from "../../src/protocols/protocol.ts";
import { standInSignatures } from "../stand-in-signatures.ts";
import { heldFor } from "./pure-chain.ts";
import {
  arrive,
  copyWorld,
  createPureWorld,
  openQueues,
  type PureWorld,
  wish,
} from "./pure-world.ts";

/** One script. */
export type OrderScript = {
  readonly name: string;
  /** True when what is asked for at the same time may exclude each other. */
  readonly mayRefuse: boolean;
  /** The first moment: what was before came about in one order. */
  readonly begin: () => PureWorld;
  /** What is wrong at any moment. */
  readonly problemsAlways: (world: PureWorld) => readonly string[];
  /** What is wrong when nothing is on its way any more. */
  readonly problemsAtEnd: (world: PureWorld) => readonly string[];
};

const APP = `0x${"a9".repeat(20)}` as Address;
const LEDGER_APP = `0x${"1e".repeat(20)}` as Address;
const TOKEN = `0x${"70".repeat(20)}` as Address;

const APPS: ReadonlyMap<Address, App> = new Map<Address, App>([
  [APP, { type: "Direct", rule: consensusRule }],
  [LEDGER_APP, { type: "Ledger", profile: "enforceable" }],
]);

/** What each of the two puts in. */
const PARTS = [6n, 4n] as const;
/** Seconds that a challenge can be answered: a day. Nobody challenges. */
const CHALLENGE_DURATION_SEC = 86_400;

const ETH_ONLY: readonly Address[] = [ZERO_ADDRESS];
const BOTH_ASSETS: readonly Address[] = [ZERO_ADDRESS, TOKEN];

/** All scripts. */
export const ORDER_SCRIPTS: readonly OrderScript[] = [
  script("fund of two", ETH_ONLY, (world) => wish(world, 0, opening(world, APP, ETH_ONLY))),
  script("fund of two in two assets", BOTH_ASSETS, (world) =>
    wish(world, 0, opening(world, APP, BOTH_ASSETS)),
  ),
  script("close of two", ETH_ONLY, (world) => {
    fund(world, APP, ETH_ONLY);
    wish(world, 0, closing(world));
  }),
  script("close of two, asked for by both", ETH_ONLY, (world) => {
    fund(world, APP, ETH_ONLY);
    for (const node of [0, 1]) wish(world, node, closing(world));
  }),
  script("payments of two that cross", ETH_ONLY, (world) => {
    fund(world, APP, ETH_ONLY);
    for (const node of [0, 1]) wish(world, node, payment(world, 1 - node));
  }),
  script("payment and close that cross", ETH_ONLY, (world) => {
    fund(world, APP, ETH_ONLY);
    wish(world, 0, payment(world, 1));
    wish(world, 1, closing(world));
  }),
  script("top-up of a ledger by its leader", ETH_ONLY, (world) => {
    fund(world, LEDGER_APP, ETH_ONLY);
    wish(world, LEADER, topUp(world));
  }),
  script("top-ups of a ledger by both", ETH_ONLY, (world) => {
    fund(world, LEDGER_APP, ETH_ONLY);
    for (const node of [0, 1]) wish(world, node, topUp(world));
  }),
];

function script(
  name: string,
  assets: readonly Address[],
  prepare: (world: PureWorld) => void,
): OrderScript {
  return {
    name,
    mayRefuse: name.includes("cross") || name.includes("both"),
    begin: () => {
      const backend = standInSignatures();
      const world = createPureWorld([0, 1].map((index) => rulesAt(index, backend)));
      prepare(world);
      return copyWorld({ ...world, heard: [], refusals: [] });
    },
    problemsAlways: (world) => assets.flatMap((asset) => problemsOfMoney(world, asset)),
    problemsAtEnd: (world) => problemsOfAgreement(world),
  };
}

/** No node counts on more than the contract holds and has paid. */
function problemsOfMoney(world: PureWorld, asset: Address): readonly string[] {
  return world.states.flatMap((state, index) =>
    [...state.channels.values()].flatMap((channel) => {
      const known = channel.holdings.get(asset) ?? 0n;
      const isOver = channel.paidOut.size > 0;
      const held = heldFor(world.chain, channel.id, asset);
      const isEarly = !isOver && known > held && held > 0n;
      return isEarly ? [`node ${index} knows of ${known} and ${held} are held`] : [];
    }),
  );
}

/** Both have the same state, signed by both. */
function problemsOfAgreement({ states }: PureWorld): readonly string[] {
  const [one, other] = states.map(({ channels }) => [...channels.values()].map(agreed));
  return `${one}` === `${other}` ? [] : [`the two differ: ${one} and ${other}`];
}

function agreed({ holdings, id, supported }: Channel): string {
  const turn = supported?.variablePart.turnNum;
  const amounts = supported?.variablePart.outcome.flatMap(({ allocations }) =>
    allocations.map(({ amount }) => amount),
  );
  return `${id} at turn ${turn} with ${amounts}, ${[...holdings.values()]} held`;
}

/** Opens a channel, in the order in which things come. */
function fund(world: PureWorld, app: Address, assets: readonly Address[]): void {
  wish(world, 0, opening(world, app, assets));
  for (let [queue] = openQueues(world); queue !== undefined; [queue] = openQueues(world)) {
    arrive(world, queue);
  }
}

function opening({ rules }: PureWorld, app: Address, assets: readonly Address[]): Request {
  const participants = rules.map(({ me }) => me);
  const outcome: Outcome = assets.map((asset) => ({
    asset,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: participants.map((participant, index) => ({
      destination: externalDestination(participant),
      amount: PARTS[index] ?? 0n,
      allocationType: ALLOCATION_TYPE.simple,
      metadata: "0x",
    })),
  }));
  const challengeDurationSec = CHALLENGE_DURATION_SEC;
  const channel = { participants, outcome, appDefinition: app, challengeDurationSec };
  return { type: "FundDirectly", appData: "0x", ...channel };
}

function closing(world: PureWorld): Request {
  return { type: "DefundDirectly", channelId: channelIn(world).id };
}

function payment(world: PureWorld, to: number): Request {
  const change = { type: "Pay", asset: ZERO_ADDRESS, to, amount: 1n } as const;
  return { type: "UpdateChannel", channelId: channelIn(world).id, change };
}

function topUp(world: PureWorld): Request {
  return { type: "TopUp", channelId: channelIn(world).id, asset: ZERO_ADDRESS, amount: 3n };
}

function channelIn({ states }: PureWorld): Channel {
  return assertDefined(states[0]?.channels.values().next().value, "the channel");
}

function rulesAt(index: number, backend: SignatureBackend): Rules {
  const key = toHex(keccak256(Uint8Array.of(index))) as PrivateKey;
  return {
    me: backend.addressOf(key),
    context: {
      sign: (hash) => backend.signHash(hash, key),
      recoverSigner: backend.recoverSigner,
      appOf: (app) => APPS.get(app),
    },
    policy: neverPayUnasked,
    isAssetAllowed: () => true,
    isReachable: () => true,
    fee: 0n,
    guaranteesPerPeerMax: GUARANTEES_PER_PEER_MAX,
    knownLedgers: () => [],
    feeOf: () => 0n,
    peers: () => [],
  };
}
