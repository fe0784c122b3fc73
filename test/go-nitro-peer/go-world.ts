/** A simulated world in which some nodes are ours and some run go-nitro. */
import type { ActorName } from "../../sim/actors.ts";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import type { SimulatedNode } from "../../sim/simulated-node.ts";
import type { NetworkConditions } from "../../sim/wire.ts";
import type { World } from "../../sim/world.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import type { Outcome } from "../../src/channel/outcome.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { type GoNitroFault, GoNitroPeers } from "../../src/network/go-nitro/go-nitro-peers.ts";
import type { Transport } from "../../src/ports/transport.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { accept } from "../../src/primitives/result.ts";
import { playWorld } from "../played-world.ts";
import { GoNode } from "./go-node.ts";

/** Seconds that a challenge can be answered in these channels: one day. */
const CHALLENGE_DURATION_SEC = 86_400;

/** What a story about both kinds of node is told with. */
export type GoWorld = {
  readonly world: World;
  /** Who runs go-nitro. */
  readonly theirs: readonly ActorName[];
  /** For whom steps of stories wait before they are over. */
  readonly waitsFor: readonly ActorName[];
  readonly go: (name: ActorName) => GoNode;
  readonly address: (name: ActorName) => Address;
  /** The Go peers of a node of ours, in its present life. */
  readonly peersOf: (name: ActorName) => GoNitroPeers;
  readonly faults: readonly (GoNitroFault & { readonly at: ActorName })[];
  /** The fixed part of a ledger, or with an app of zero of a virtual channel. */
  readonly fixedPart: (names: readonly ActorName[], nonce: bigint, app: Address) => FixedPart;
  /** One asset, an allocation for each. */
  readonly outcome: (parts: readonly (readonly [ActorName, bigint])[]) => Outcome;
};

type Options = {
  readonly seed: number;
  readonly chain: SimulatedChain;
  readonly ours: readonly ActorName[];
  readonly theirs: readonly ActorName[];
  /** True when nodes of ours speak lines with each other, too. */
  readonly isOverLines?: boolean;
  /** Stand-ins when absent. */
  readonly signatures?: "real" | "fast";
  readonly network?: NetworkConditions;
  /** Seconds that a challenge can be answered; 0 is what go-nitro's own client asks for. A day when absent. */
  readonly challengeDurationSec?: number;
  /** Whether a node of go-nitro takes part in what others begin: always when absent. */
  readonly approves?: (name: ActorName) => boolean;
};

/** Tells a story; fails where a node of go-nitro would panic. */
export async function playGoWorld(
  {
    approves,
    chain,
    challengeDurationSec = CHALLENGE_DURATION_SEC,
    isOverLines = false,
    network = {},
    ours,
    seed,
    signatures = "fast",
    theirs,
  }: Options,
  story: (world: GoWorld) => Promise<void>,
): Promise<void> {
  const nodes = new Map<ActorName, GoNode>();
  const peers = new Map<ActorName, GoNitroPeers>();
  const faults: (GoNitroFault & { at: ActorName })[] = [];
  const prepare = (world: World): Promise<void> => {
    for (const name of theirs) {
      const node = new GoNode(
        world,
        name,
        (other) => theirs.includes(other),
        approves && (() => approves(name)),
      );
      nodes.set(name, node);
      node.start();
    }
    for (const name of ours) {
      bindRules(world.node(name), (peer) => theirs.some((one) => world.node(one).address === peer));
      world.node(name).intercept((transport) => {
        peers.get(name)?.close();
        const speakers = isOverLines ? [...theirs, ...ours] : theirs;
        const joined = joinLines(world, name, speakers, transport, (fault) =>
          faults.push({ ...fault, at: name }),
        );
        peers.set(name, joined.peers);
        return joined.transport;
      });
    }
    return Promise.resolve();
  };
  const options = { seed, chain, network, signatures, cast: [...ours, ...theirs], puppets: theirs };
  await playWorld({ ...options, isWatched: false, prepare }, (world) =>
    story({
      world,
      theirs,
      waitsFor: [...ours, ...theirs],
      faults,
      go: (name) => assertDefined(nodes.get(name), name),
      address: (name) => world.node(name).address,
      peersOf: (name) => assertDefined(peers.get(name), name),
      fixedPart: (names, channelNonce, appDefinition) => ({
        participants: names.map((name) => world.node(name).address),
        channelNonce,
        appDefinition,
        challengeDurationSec,
      }),
      outcome: (parts) => [
        {
          asset: ZERO_ADDRESS,
          assetMetadata: { assetType: 0, metadata: "0x" },
          allocations: parts.map(([name, amount]) => ({
            destination: externalDestination(world.node(name).address),
            amount,
            allocationType: 0,
            metadata: "0x",
          })),
        },
      ],
    }),
  );
  for (const one of peers.values()) one.close();
}

/** The node knows which of its peers run go-nitro, and takes their client's durations. */
function bindRules(node: SimulatedNode, isGoNitro: (peer: Address) => boolean): void {
  const rules = node.rules.bind(node);
  node.rules = () => ({ ...rules(), isGoNitro, goNitroDurationMinSec: 0 });
}

/** On the virtual wire, what comes from a node of go-nitro is a line, and everything else a frame. */
function joinLines(
  world: World,
  name: ActorName,
  theirs: readonly ActorName[],
  transport: Transport,
  report: (fault: GoNitroFault) => void,
): { readonly peers: GoNitroPeers; readonly transport: Transport } {
  const { addressBook, signatures } = world.node(name).parts;
  let onLine: ((from: Address, line: Uint8Array) => void) | undefined;
  const isGoNitro = (endpoint: string): boolean => theirs.some((one) => one === endpoint);
  const peers = new GoNitroPeers({
    lines: {
      send: (to, line) => {
        const endpoint = assertDefined(addressBook.endpointOf(to), "a peer");
        transport.send(endpoint, new TextEncoder().encode(line));
        return Promise.resolve(accept(undefined));
      },
      listen: (listener) => {
        onLine = listener;
      },
    },
    clock: {
      nowMs: () => world.timeline.nowMs,
      after: (delayMs, run) => world.timeline.after(delayMs, run),
    },
    me: world.node(name).address,
    recoverSigner: signatures.recoverSigner,
    book: {
      ...addressBook,
      peers: () => addressBook.peers,
      isGoNitro: (peer) => isGoNitro(addressBook.endpointOf(peer) ?? ""),
    },
    view: () => (world.node(name).isRunning ? world.node(name).engine.view() : undefined),
    report,
  });
  const split: Transport = {
    send: (to, frame) => transport.send(to, frame),
    listen: (onFrame, onLost) =>
      transport.listen((from, frame) => {
        const address = isGoNitro(from) ? addressBook.peerAt(from) : undefined;
        if (address === undefined) onFrame(from, frame);
        else onLine?.(address, frame);
      }, onLost),
  };
  return { peers, transport: peers.join(split) };
}
