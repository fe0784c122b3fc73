/** What a node is asked for when its user has a wish. */

import { gameOpening } from "../../src/chain/played-games.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import { ALLOCATION_TYPE } from "../../src/channel/outcome.ts";
import type { Request } from "../../src/engine/request.ts";
import type { ActorName } from "../actors.ts";
import { type Asset, ETH } from "../assets.ts";
import { CHALLENGE_DURATION_SEC } from "../scenario.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import type { World } from "../world.ts";
import type { AssetAmounts, AssetName, ChannelWish, Opening, Wish } from "./wish.ts";

/** The asset of that name in a world. */
export function assetNamed(world: World, name: AssetName): Asset {
  return name === "eth" ? ETH : world.options.chain.token;
}

/** How to open what the wish names. */
export function openingRequest(world: World, wish: Wish & Opening): Request {
  const { ledgerApp, consensusApp } = world.options.chain.deployment;
  if (wish.type === "OpenVirtual") return virtual(world, wish);
  if (wish.type === "OpenGame") return game(world, wish);
  const isLedger = wish.type === "OpenLedger";
  const others = isLedger ? [wish.other] : wish.others;
  return direct(world, [wish.by, ...others], wish.amounts, isLedger ? ledgerApp : consensusApp);
}

/** How to ask for something in a channel that is open. */
export function requestIn(
  world: World,
  { engine }: SimulatedNode,
  channelId: ChannelId,
  wish: Exclude<ChannelWish, { readonly type: "PayVirtually" | "Play" }>,
): Request {
  switch (wish.type) {
    case "Pay": {
      const participants = engine.channel(channelId)?.fixedPart.participants ?? [];
      const to = Math.max(0, participants.indexOf(world.node(wish.to).address));
      const asset = assetNamed(world, wish.asset).address;
      const change = { type: "Pay", asset, to, amount: wish.amount } as const;
      return { type: "UpdateChannel", channelId, change };
    }
    case "TopUp": {
      const asset = assetNamed(world, wish.asset).address;
      return { type: "TopUp", channelId, asset, amount: wish.amount };
    }
    case "Withdraw":
      return {
        type: "Withdraw",
        channelId,
        amounts: wish.amounts.map(({ amounts: [leader = 0n, follower = 0n], asset }) => {
          return { asset: assetNamed(world, asset).address, leader, follower };
        }),
      };
    case "Close": {
      const isVirtual = engine.channel(channelId)?.use.type === "Virtual";
      return { type: isVirtual ? "DefundVirtually" : "DefundDirectly", channelId };
    }
    case "Dispute":
      return { type: "Dispute", channelId };
  }
}

function direct(
  world: World,
  names: readonly ActorName[],
  deposits: readonly AssetAmounts[],
  appDefinition: Asset["address"],
): Request & { readonly type: "FundDirectly" } {
  const participants = names.map((name) => world.node(name).address);
  const outcome = deposits.map(({ amounts, asset }) => ({
    asset: assetNamed(world, asset).address,
    assetMetadata: { assetType: 0, metadata: "0x" as const },
    allocations: participants.map((participant, index) => ({
      destination: externalDestination(participant),
      amount: amounts[index] ?? 0n,
      allocationType: ALLOCATION_TYPE.simple,
      metadata: "0x" as const,
    })),
  }));
  const challengeDurationSec = durationOf(world);
  return {
    type: "FundDirectly",
    participants,
    outcome,
    appDefinition,
    appData: "0x",
    challengeDurationSec,
  };
}

function game(world: World, wish: Wish & Opening & { readonly type: "OpenGame" }): Request {
  const { deployment } = world.options.chain;
  const plain = direct(world, [wish.by, wish.other], wish.amounts, deployment.consensusApp);
  return { ...plain, ...gameOpening(wish.game, deployment, plain.outcome) };
}

function virtual(world: World, wish: Wish & Opening & { readonly type: "OpenVirtual" }): Request {
  const { fees = {}, chain } = world.options;
  return {
    type: "FundVirtually",
    payee: world.node(wish.payee).address,
    route: {
      intermediaries: wish.via.map((hub) => world.node(hub).address),
      fees: wish.via.map((hub) => fees[hub] ?? 0n),
    },
    ledgerId: undefined,
    shares: wish.amounts.map(({ amounts: [left = 0n, right = 0n], asset }) => {
      return { asset: assetNamed(world, asset).address, left, right };
    }),
    appDefinition: chain.deployment.paymentApp,
    challengeDurationSec: durationOf(world),
  };
}

function durationOf({ options }: World): number {
  return options.challengeDurationSec ?? CHALLENGE_DURATION_SEC;
}
