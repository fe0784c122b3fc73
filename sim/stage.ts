/** What a script directs: actors over the nodes of a world. */

import { gameOpening } from "../src/chain/played-games.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { externalDestination } from "../src/channel/destination.ts";
import type { ObjectiveId } from "../src/channel/objective-id.ts";
import { ALLOCATION_TYPE, type Outcome } from "../src/channel/outcome.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Engine } from "../src/engine/engine.ts";
import type { Request } from "../src/engine/request.ts";
import { assert } from "../src/primitives/assert.ts";
import { isActive, type Objective } from "../src/protocols/objective.ts";
import type { ActorName } from "./actors.ts";
import { type Asset, ETH } from "./assets.ts";
import { createChainVerbs } from "./chain-stage.ts";
import { sawEnd } from "./disputing.ts";
import { askToMove, playMove, shown } from "./gaming.ts";
import { challengeWith } from "./hostile-calls.ts";
import { payByVoucher } from "./paying.ts";
import {
  type Actor,
  CHALLENGE_DURATION_SEC,
  type Deposits,
  type Parameters,
  ScenarioFailure,
  type Stage,
  type VirtualRoute,
} from "./scenario.ts";
import { walletOf } from "./wallets.ts";
import type { World } from "./world.ts";

/** Builds the stage over a world. */
export function createStage(world: World, parameters: Parameters): Stage<ActorName> {
  const actors = [...world.nodes.keys()].map((name) => [name, createActor(world, name)]);
  return {
    ...(Object.fromEntries(actors) as Record<ActorName, Actor>),
    eth: ETH,
    adjudicator: world.options.chain.deployment.adjudicator,
    token: world.options.chain.token,
    parameters,
    chain: createChainVerbs(world),
    strangerSends: (to, frame) => world.wire.transportOf("stranger").send(to.name, frame),
    pause: (durationMs) => world.pause(durationMs),
    check: (condition, message) => {
      if (!condition) throw new ScenarioFailure(message);
    },
  };
}

function createActor(world: World, name: ActorName): Actor {
  const node = world.node(name);
  const ask = (request: Request): Promise<ObjectiveId> => submit(world, name, request);
  const tryToPay: Actor["tryToPay"] = async (channelId, to, asset, amount) => {
    const request = payment(world, channelId, { payer: name, payee: to.name, asset, amount });
    const answer = await engineOf(world, name).submit(request);
    if (!answer.ok) return answer.reason.code;
    return settledForAll(world, channelId, answer.value);
  };
  const open = async (
    others: readonly Actor[],
    deposits: readonly Deposits[],
    appDefinition: Address,
  ): Promise<ChannelId> => {
    const participants = [name, ...others.map((other) => other.name)];
    return opened(opening(world, participants, deposits, appDefinition));
  };
  const opened = async (request: Request): Promise<ChannelId> => {
    const objectiveId = await ask(request);
    const channelId = engineOf(world, name).objective(objectiveId)?.channelId;
    if (channelId === undefined) throw new ScenarioFailure("the channel does not exist");
    await completedForAll(world, channelId, objectiveId);
    return channelId;
  };
  const tryToOpenVirtual: Actor["tryToOpenVirtual"] = async (payee, deposits, route = {}) => {
    const answer = await engineOf(world, name).submit(
      virtualOpening(world, payee, deposits, route),
    );
    if (!answer.ok) return answer.reason.code;
    const channelId = engineOf(world, name).objective(answer.value)?.channelId;
    if (channelId === undefined) throw new ScenarioFailure("the channel does not exist");
    const own = await node.settled(answer.value);
    // Who refuses it, or never hears of it, knows of no objective that could end.
    return own.status === "Rejected" ? own : settledForAll(world, channelId, answer.value);
  };
  return {
    name,
    openChannel: (others, deposits) =>
      open(others, deposits, world.options.chain.deployment.consensusApp),
    openLedger: async (other, deposits, profile = "enforceable") => {
      const { goNitroLedgerApp, ledgerApp } = world.options.chain.deployment;
      const appDefinition = profile === "enforceable" ? ledgerApp : goNitroLedgerApp;
      return open([other], deposits, appDefinition);
    },
    tryToOpenVirtual,
    openVirtual: async (payee, deposits, route) => {
      const ended = await tryToOpenVirtual(payee, deposits, route);
      if (typeof ended !== "string" && ended.status === "Completed") return ended.channelId;
      const code = typeof ended === "string" ? ended : ended.rejectionCode;
      throw new ScenarioFailure(`${name} could not open a channel with ${payee.name}: ${code}`);
    },
    topUp: async (channelId, asset, amount) => {
      const objectiveId = await ask({ type: "TopUp", channelId, asset: asset.address, amount });
      await completedForAll(world, channelId, objectiveId);
    },
    withdraw: async (channelId, amounts) => {
      const objectiveId = await ask({
        type: "Withdraw",
        channelId,
        amounts: amounts.map(({ amounts: [leader = 0n, follower = 0n], asset }) => {
          return { asset: asset.address, leader, follower };
        }),
      });
      await completedForAll(world, channelId, objectiveId);
      const successor = engineOf(world, name).channel(channelId)?.ledger?.successor;
      if (successor === undefined) throw new ScenarioFailure("no ledger channel goes on");
      return successor;
    },
    tryToPay,
    pay: async (channelId, to, asset, amount) => {
      const ended = await tryToPay(channelId, to, asset, amount);
      const isDone = typeof ended !== "string" && ended.status === "Completed";
      if (isDone) return;
      const code = typeof ended === "string" ? ended : ended.rejectionCode;
      throw new ScenarioFailure(`${name} could not pay ${to.name}: ${code}`);
    },
    openGame: async (other, deposits, game) => {
      const participants = [name, other.name];
      const {
        appData: _,
        appDefinition: __,
        ...request
      } = opening(world, participants, deposits, ZERO_ADDRESS);
      const { deployment } = world.options.chain;
      const begun = gameOpening(game, deployment, request.outcome);
      return opened({ ...request, ...begun });
    },
    play: async (channelId, ...said) => {
      const code = await playMove(world, name, channelId, said);
      if (code !== undefined) throw new ScenarioFailure(`${name} could not move: ${code}`);
    },
    tryToPlay: (channelId, ...said) => playMove(world, name, channelId, said),
    askToPlay: async (channelId, ...said) => {
      const answer = await askToMove(world, name, channelId, said);
      if (typeof answer === "string") {
        throw new ScenarioFailure(`${name} could not move: ${answer}`);
      }
    },
    challenge: async (channelId) => {
      await ask({ type: "Dispute", channelId });
      await shown(node, channelId, 0);
    },
    sawTurn: (channelId, turnNum) => shown(node, channelId, turnNum),
    tryToPayVirtually: (channelId, asset, amount) =>
      payByVoucher(world, name, { channelId, asset: asset.address, amount }),
    payVirtually: async (channelId, asset, amount) => {
      const code = await payByVoucher(world, name, { channelId, asset: asset.address, amount });
      if (code !== undefined) throw new ScenarioFailure(`${name} could not pay: ${code}`);
    },
    wallet: (asset) => walletOf(world, name, asset),
    closeChannel: async (channelId) => {
      const use = engineOf(world, name).channel(channelId)?.use.type;
      const type = use === "Virtual" ? "DefundVirtually" : "DefundDirectly";
      const objectiveId = await ask({ type, channelId });
      await completedForAll(world, channelId, objectiveId);
    },
    dispute: async (channelId) => {
      const objectiveId = await ask({ type: "Dispute", channelId });
      await node.settled(objectiveId);
      await sawEnd(world, name, channelId);
    },
    challengeWith: (channelId, turnNum) => cheat(world, name, channelId, turnNum),
    adjudication: (channelId) => engineOf(world, name).channel(channelId)?.adjudication,
    askToClose: async (channelId) => {
      const use = engineOf(world, name).channel(channelId)?.use.type;
      await ask({ type: use === "Virtual" ? "DefundVirtually" : "DefundDirectly", channelId });
    },
    sawEnd: (channelId) => sawEnd(world, name, channelId),
    crash: () => {
      node.crash();
      world.note(name, "crash");
    },
    restart: async () => {
      world.note(name, "restart");
      await node.start();
    },
  };
}

async function cheat(
  world: World,
  name: ActorName,
  channelId: ChannelId,
  turnNum: number,
): Promise<void> {
  const { adjudicator } = world.options.chain.deployment;
  const call = await challengeWith(world.node(name), channelId, turnNum, adjudicator);
  const chain = createChainVerbs(world);
  const label = `${name}'s challenge with turn ${turnNum}`;
  const hash = await chain.asStranger(call, { label });
  const succeeded = await chain.mined(hash);
  if (!succeeded) throw new ScenarioFailure(`the contract refused ${label}`);
}

/** The engine of an actor whom a script wants to act. */
function engineOf(world: World, name: ActorName): Engine {
  const node = world.node(name);
  if (node.isRunning) return node.engine;
  throw new ScenarioFailure(`${name} has crashed; the script must restart her node first`);
}

async function submit(world: World, name: ActorName, request: Request): Promise<ObjectiveId> {
  const answer = await engineOf(world, name).submit(request);
  if (answer.ok) return answer.value;
  throw new ScenarioFailure(`${name}'s ${request.type} was refused: ${answer.reason.code}`);
}

function opening(
  world: World,
  names: readonly ActorName[],
  deposits: readonly Deposits[],
  appDefinition: Address,
): Request & { type: "FundDirectly" } {
  const participants = names.map((name) => world.node(name).address);
  const outcome: Outcome = deposits.map(({ amounts, asset }) => ({
    asset: asset.address,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: participants.map((participant, index) => ({
      destination: externalDestination(participant),
      amount: amounts[index] ?? 0n,
      allocationType: ALLOCATION_TYPE.simple,
      metadata: "0x",
    })),
  }));
  return {
    type: "FundDirectly",
    participants,
    outcome,
    appDefinition,
    appData: "0x",
    challengeDurationSec: world.options.challengeDurationSec ?? CHALLENGE_DURATION_SEC,
  };
}

function virtualOpening(
  world: World,
  payee: Actor,
  deposits: readonly Deposits[],
  { fees, ledgerId, profile = "enforceable", via }: VirtualRoute,
): Request & { type: "FundVirtually" } {
  const asked = via?.map((hub) => world.options.fees?.[hub.name] ?? 0n);
  const intermediaries = via?.map((hub) => world.node(hub.name).address);
  return {
    type: "FundVirtually",
    payee: world.node(payee.name).address,
    route: intermediaries && { intermediaries, fees: fees ?? asked ?? [] },
    ledgerId,
    shares: deposits.map(({ amounts: [left = 0n, right = 0n], asset }) => ({
      asset: asset.address,
      left,
      right,
    })),
    appDefinition:
      profile === "enforceable" ? world.options.chain.deployment.paymentApp : ZERO_ADDRESS,
    challengeDurationSec: world.options.challengeDurationSec ?? CHALLENGE_DURATION_SEC,
  };
}

function payment(
  world: World,
  channelId: ChannelId,
  { asset, amount, payer, payee }: Payment,
): Request {
  const channel = engineOf(world, payer).channel(channelId);
  const index = channel?.fixedPart.participants.indexOf(world.node(payee).address) ?? -1;
  if (index < 0) throw new ScenarioFailure(`${payee} is not in the channel ${channelId}`);
  const change = { type: "Pay", asset: asset.address, to: index, amount } as const;
  return { type: "UpdateChannel", channelId, change };
}

type Payment = {
  readonly payer: ActorName;
  readonly payee: ActorName;
  readonly asset: Asset;
  readonly amount: bigint;
};

async function completedForAll(
  world: World,
  channelId: ChannelId,
  objectiveId: ObjectiveId,
): Promise<void> {
  const { id, rejectionCode, status } = await settledForAll(world, channelId, objectiveId);
  if (status !== "Completed") throw new ScenarioFailure(`${id} was rejected: ${rejectionCode}`);
}

/** Waits until every participant's objective is over; gives the one that went worst. */
async function settledForAll(
  world: World,
  channelId: ChannelId,
  objectiveId: ObjectiveId,
): Promise<Objective> {
  const participants = [...world.nodes.values()].filter(({ address }) =>
    participantsOf(world, channelId).includes(address),
  );
  const ended = await Promise.all(participants.map((node) => node.settled(objectiveId)));
  const rejected = ended.find(({ status }) => status === "Rejected");
  const [first] = ended;
  assert(first !== undefined && ended.every((objective) => !isActive(objective)), "all are over");
  return rejected ?? first;
}

function participantsOf(world: World, channelId: ChannelId): readonly string[] {
  const running = [...world.nodes.values()].filter(({ isRunning }) => isRunning);
  const channels = running.map(({ engine }) => engine.channel(channelId));
  return channels.find((channel) => channel !== undefined)?.fixedPart.participants ?? [];
}
