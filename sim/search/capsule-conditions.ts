/** The conditions of a plan, network and chain, as JSON. */
import type { ChainProfile, Confirmation, TipPolicy } from "../../src/chain/chain-profile.ts";
import { ACTOR_NAMES, type ActorName } from "../actors.ts";
import type {
  BlockSpan,
  Censorship,
  ChainSetup,
  Reorg,
  ReorgFates,
  RpcConditions,
  TimeSpan,
} from "../chain-conditions.ts";
import type { LinkConditions, NetworkConditions } from "../wire.ts";
import {
  amount,
  count,
  type Fields,
  fraction,
  listOf,
  maybe,
  number,
  object,
  oneOf,
  partial,
  range,
  recordOf,
  type Shape,
  tagged,
  text,
} from "./capsule-shape.ts";

/** A member of the cast. */
export const actor: Shape<ActorName> = oneOf(ACTOR_NAMES);

const link: Fields<LinkConditions> = {
  latencyMs: range,
  slowFraction: fraction,
  slowLatencyMs: range,
  dropFraction: fraction,
  duplicateFraction: fraction,
};

type Links = NonNullable<NetworkConditions["links"]>;

/** What holds on all links, and on some. */
export const networkShape: Shape<NetworkConditions> = partial<Required<NetworkConditions>>({
  ...link,
  links: recordOf(text as Shape<keyof Links & string>, partial(link)) as Shape<Links>,
});

const fates: Fields<ReorgFates> = {
  droppedFraction: fraction,
  delayedFraction: fraction,
  delayBlocks: range,
  reorderedFraction: fraction,
  replacedFraction: fraction,
};

const reorgFields: Fields<Reorg> = { ...fates, depth: count, remade: count, of: actor };

/** A reorg, with other fields beside it. */
export function reorgWith<Value extends object>(others: Fields<Value>): Shape<Reorg & Value> {
  const shape = partial<Reorg & Value>({ ...reorgFields, ...others } as Fields<Reorg & Value>);
  // A reorg without a depth is refused by this, and the others by the shape of what they are part of.
  return (json, at) => {
    const reorg = shape(json, at);
    count(reorg.depth, `${at}.depth`);
    for (const [key, field] of Object.entries(others) as [keyof Value & string, Shape<unknown>][]) {
      field(reorg[key], `${at}.${key}`);
    }
    return reorg as Reorg & Value;
  };
}

const seconds: Shape<TimeSpan> = object<TimeSpan>({ fromSec: number, forSec: number });

/** How an endpoint behaves, as far as it is said. */
export const rpcShape: Shape<Partial<RpcConditions>> = partial<RpcConditions>({
  latencyMs: range,
  staleBlocks: count,
  frozen: listOf(seconds),
  outages: listOf(seconds),
  errorFraction: fraction,
  lostAnswerFraction: fraction,
  missingLogFraction: fraction,
  lateLogFraction: fraction,
  lateLogBlocks: range,
  duplicateLogFraction: fraction,
  reorderedLogFraction: fraction,
  lies: oneOf(["Nothing", "Hashes", "Logs"]),
});

const profile: Shape<ChainProfile> = object<ChainProfile>({
  name: oneOf(["ethereum", "op-stack", "local"]),
  blockTimeSec: number,
  confirmation: tagged<Confirmation>({
    Depth: object({ type: oneOf(["Depth"]), blocks: count }),
    Tag: object({ type: oneOf(["Tag"]), tag: oneOf(["safe", "finalized"]), lagSec: number }),
  }),
  finality: object({ depthBlocks: count, tag: maybe(oneOf(["finalized"])), lagSec: number }),
  visitGapSec: number,
  inclusionBoundSec: number,
  staleAfterSec: number,
  fees: object({
    tip: tagged<TipPolicy>({
      Fixed: object({ type: oneOf(["Fixed"]), tipWei: amount }),
      FeeHistory: object({ type: oneOf(["FeeHistory"]), tipMinWei: amount, tipMaxWei: amount }),
    }),
    patientCapWei: amount,
    urgentCapWei: amount,
    patientBumpBlocks: count,
    urgentBumpBlocks: count,
    bump: oneOf(["Always", "WhenTooLow"]),
  }),
  answersMin: count,
  patienceLooks: count,
});

const censorship: Shape<Censorship & BlockSpan> = (json, at) => {
  const span = partial<Censorship & BlockSpan>({
    sender: actor,
    function: text,
    from: count,
    blocks: count,
  })(json, at);
  const { blocks, from, ...whose } = span;
  return { ...whose, from: count(from, `${at}.from`), blocks: count(blocks, `${at}.blocks`) };
};

/** Names of fields are texts, also where they count blocks. */
const reorgs = recordOf(text, reorgWith({})) as Shape<Readonly<Record<number, Reorg>>>;

/** How the chain behaves, as far as it is said. */
export const chainShape: Shape<ChainSetup> = partial<Required<ChainSetup>>({
  profile,
  pollMs: number,
  gapFraction: fraction,
  gapSec: range,
  safeSec: number,
  finalizedSec: number,
  reorgs,
  reorgFraction: fraction,
  reorgDepth: range,
  fates: partial(fates),
  inclusionDelayBlocks: range,
  stuckFraction: fraction,
  censorship: listOf(censorship),
  feeSpikes: listOf(object({ from: count, blocks: count, baseFeeWei: amount })),
  rpcs: recordOf(actor, listOf(rpcShape)),
});
