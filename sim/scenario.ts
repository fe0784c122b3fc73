/** A scenario: a story about a few actors, and the diagram that its run must match. */

import type { GameName } from "../src/chain/played-games.ts";
import type { Adjudication } from "../src/channel/adjudication.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { Profile } from "../src/channel/channel-use.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Objective } from "../src/protocols/objective.ts";
import type { ActorName } from "./actors.ts";
import type { Asset } from "./assets.ts";
import type { ChainSetup } from "./chain-conditions.ts";
import type { ChainVerbs } from "./chain-verbs.ts";
import type { Said } from "./games.ts";
import type { Plan } from "./search/plan.ts";
import type { Sequence } from "./sequence.ts";
import type { NetworkConditions } from "./wire.ts";
import type { Fees } from "./world.ts";

/** Values that a user may set with `--set name=value`; the text after `=` is given as it is. */
export type Parameters = Readonly<Record<string, string>>;

/** What one participant puts into a channel of one asset, in participant order. */
export type Deposits = { readonly asset: Asset; readonly amounts: readonly bigint[] };

/** An actor as a script directs her. Every call waits until its part of the story is over. */
export type Actor = {
  readonly name: ActorName;
  /**
   * Opens and funds a channel with the others, and waits until everybody has it running.
   * Throws `ScenarioFailure` when anybody refuses.
   */
  readonly openChannel: (
    others: readonly Actor[],
    deposits: readonly Deposits[],
  ) => Promise<ChannelId>;
  /** Opens a channel that funds virtual channels between the two, and waits until it runs for both. */
  readonly openLedger: (
    other: Actor,
    deposits: readonly Deposits[],
    profile?: Profile,
  ) => Promise<ChannelId>;
  /**
   * Opens a virtual channel with `payee`, and waits until everybody has it running. Amounts are what the actor
   * and the payee put in.
   */
  readonly openVirtual: (
    payee: Actor,
    deposits: readonly Deposits[],
    route?: VirtualRoute,
  ) => Promise<ChannelId>;
  /** Like `openVirtual`, but returns how the opening ended, be it refused. */
  readonly tryToOpenVirtual: (
    payee: Actor,
    deposits: readonly Deposits[],
    route?: VirtualRoute,
  ) => Promise<Objective | string>;
  /** Deposits more into a ledger channel that runs, and waits until it counts for both. */
  readonly topUp: (channelId: ChannelId, asset: Asset, amount: bigint) => Promise<void>;
  /**
   * Pays part of a running ledger channel out, as it says for each asset to the leader and to the follower;
   * waits until both know that the rest is in the ledger channel that goes on, which is returned.
   */
  readonly withdraw: (channelId: ChannelId, amounts: readonly Deposits[]) => Promise<ChannelId>;
  /** Gives `amount` of an asset to another participant, and waits until all have signed that. */
  readonly pay: (channelId: ChannelId, to: Actor, asset: Asset, amount: bigint) => Promise<void>;
  /** Like `pay`, but returns how the update ended, be it refused. */
  readonly tryToPay: (
    channelId: ChannelId,
    to: Actor,
    asset: Asset,
    amount: bigint,
  ) => Promise<Objective | string>;
  /** Pays the other end of a virtual channel by a voucher, and waits until her node has it. */
  readonly payVirtually: (channelId: ChannelId, asset: Asset, amount: bigint) => Promise<void>;
  /** Like `payVirtually`, but returns the code of a refusal, be it the payee's. */
  readonly tryToPayVirtually: (
    channelId: ChannelId,
    asset: Asset,
    amount: bigint,
  ) => Promise<string | undefined>;
  /** Opens and funds a channel for a game with another actor, who moves second, and waits until both have it running. */
  readonly openGame: (
    other: Actor,
    deposits: readonly Deposits[],
    game: GameName,
  ) => Promise<ChannelId>;
  /** Makes a move, and waits until both have signed it, or until it is on the chain where the chain decides. */
  readonly play: (channelId: ChannelId, ...said: readonly Said[]) => Promise<void>;
  /** Like `play`, but returns the code of a refusal, her own node's or the other one's. */
  readonly tryToPlay: (
    channelId: ChannelId,
    ...said: readonly Said[]
  ) => Promise<string | undefined>;
  /** Makes a move, and waits for nobody. */
  readonly askToPlay: (channelId: ChannelId, ...said: readonly Said[]) => Promise<void>;
  /** Asks the chain to decide, and waits until it has on record what she shows; no longer. */
  readonly challenge: (channelId: ChannelId) => Promise<void>;
  /** Waits until her node has seen that the chain has this turn on record. */
  readonly sawTurn: (channelId: ChannelId, turnNum: number) => Promise<void>;
  /** What she owns outside of channels. Fees that she paid to miners are not taken off. */
  readonly wallet: (asset: Asset) => Promise<bigint>;
  /** Closes a channel, and waits until everybody has seen the payouts. */
  readonly closeChannel: (channelId: ChannelId) => Promise<void>;
  /**
   * Lets the chain decide about a channel, and waits until she has all that it pays her. A virtual channel is
   * over once its guarantee is out of her ledgers.
   */
  readonly dispute: (channelId: ChannelId) => Promise<void>;
  /**
   * Cheats: challenges with a state of an earlier turn that all had signed, as her log has it. Eve sends it, who
   * is not in the cast. Resolves once it is in a block.
   */
  readonly challengeWith: (channelId: ChannelId, turnNum: number) => Promise<void>;
  /** What her node knows that the chain has on record about a channel; undefined for one that she is not in. */
  readonly adjudication: (channelId: ChannelId) => Adjudication | undefined;
  /** Asks to close a channel, and waits for nobody. */
  readonly askToClose: (channelId: ChannelId) => Promise<void>;
  /** Waits until her part in the end of a channel is over, be it by the chain. */
  readonly sawEnd: (channelId: ChannelId) => Promise<void>;
  /** Stops her node at once, as a power cut would: only what is on the disk stays. */
  readonly crash: () => void;
  /** Starts her node again, from its disk. */
  readonly restart: () => Promise<void>;
};

/** How a virtual channel is to be opened; what is not said is found. */
export type VirtualRoute = {
  readonly via?: readonly Actor[];
  /** One for each intermediary; what each asks when absent. */
  readonly fees?: readonly bigint[];
  readonly ledgerId?: ChannelId;
  readonly profile?: Profile;
};

/** What a script is given. */
export type Stage<Cast extends ActorName> = { readonly [Name in Cast]: Actor } & {
  readonly eth: Asset;
  /** The contract that holds the money of all channels. */
  readonly adjudicator: Address;
  readonly token: Asset;
  readonly parameters: Parameters;
  /** What the script does to the chain itself. */
  readonly chain: ChainVerbs;
  /** Somebody whom nobody knows sends bytes to a node. */
  readonly strangerSends: (to: Actor, frame: Uint8Array) => void;
  /** Lets virtual time pass. */
  readonly pause: (durationMs: number) => Promise<void>;
  /** Fails the run with `message` when the condition does not hold. */
  readonly check: (condition: boolean, message: string) => void;
};

/** A scenario with everything that it leaves open filled in. */
export type Scenario = {
  readonly name: string;
  /** One line that says what happens. */
  readonly summary: string;
  readonly cast: readonly ActorName[];
  /** What the run must show; a function when it depends on parameters. Undefined: any run will do. */
  readonly diagram: Sequence | ((parameters: Parameters) => Sequence | undefined) | undefined;
  readonly parameters: Parameters;
  /** What actors ask as intermediaries, in the smallest unit of a channel's first asset. */
  readonly fees: Fees;
  /** How the links behave. */
  readonly network: NetworkConditions;
  /** Whether nodes talk by the secure transport; by the bare wire when false. */
  readonly secure: boolean;
  /** Seconds that a challenge on any channel of the story can be answered: a day when it does not say. */
  readonly challengeDurationSec: number;
  /** Milliseconds after which what waits for others is left to the chain; the nodes' own choice when absent. */
  readonly disputeAfterMs: number | undefined;
  /** Who is watched over by a tower, which Igor keeps. */
  readonly watched: readonly ActorName[];
  /** Whose node takes any move of its own for a victory. */
  readonly cheating: readonly ActorName[];
  /** How the chain behaves, and how nodes see it. */
  readonly chain: ChainSetup;
  readonly script: (stage: Stage<ActorName>) => Promise<void>;
  /** What happens, as data, in place of the script: then nothing else of the scenario counts. */
  readonly plan?: Plan;
};

/** The story does not go as its script says: an expectation failed, or an objective was refused. */
export class ScenarioFailure extends Error {
  override readonly name = "ScenarioFailure";
}

/** Seconds that a challenge in a scenario can be answered: one day, what users take. */
export const CHALLENGE_DURATION_SEC = 86_400;

/** Checks and completes a scenario. A file exports the result as `scenario`. */
export function defineScenario<const Cast extends ActorName>(
  definition: Pick<Scenario, "name" | "summary"> & {
    readonly cast: readonly Cast[];
    readonly diagram?: Scenario["diagram"];
    readonly parameters?: Parameters;
    readonly fees?: Fees;
    readonly network?: NetworkConditions;
    readonly secure?: boolean;
    readonly challengeDurationSec?: number;
    readonly disputeAfterMs?: number;
    readonly watched?: readonly Cast[];
    readonly cheating?: readonly Cast[];
    readonly chain?: ChainSetup;
    readonly script: (stage: Stage<Cast>) => Promise<void>;
  },
): Scenario {
  const { chain = {}, diagram, fees = {}, network = {}, parameters = {}, ...rest } = definition;
  const { challengeDurationSec = CHALLENGE_DURATION_SEC, disputeAfterMs } = definition;
  const { cheating = [], secure = false, watched = [] } = definition;
  const who = { cheating, watched };
  const script = definition.script as Scenario["script"];
  const times = { challengeDurationSec, disputeAfterMs };
  return { ...rest, ...times, ...who, chain, diagram, fees, network, parameters, script, secure };
}
