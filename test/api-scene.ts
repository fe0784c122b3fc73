/** Nodes with their APIs, and channels between them: the scene of the tests of the API and of its client. */
import type { ActorName } from "../sim/actors.ts";
import { realWorld } from "../sim/real-world.ts";
import { systemClock } from "../src/adapters/system-clock.ts";
import { makeToken, type Scope } from "../src/node/api/access-token.ts";
import { type ApiOptions, type RunningApi, startApi } from "../src/node/api/api-server.ts";
import type { ApiContext } from "../src/node/api/method.ts";
import { NitroNotifier } from "../src/node/api/nitro-notifier.ts";
import { ObjectiveWaits } from "../src/node/api/objective-waits.ts";
import { RateLimit } from "../src/node/api/rate-limit.ts";
import { Turnstile } from "../src/node/api/turnstile.ts";
import { connectNode, type NodeClient } from "../src/node/client/node-client.ts";
import { assert } from "../src/primitives/assert.ts";
import { LivingNodes } from "./living-nodes.ts";

/** The secret of every API in the tests. */
export const SECRET: Uint8Array = new Uint8Array(32).fill(7);

/** A token that is valid for an hour, or ended an hour ago. */
export function tokenFor(scopes: readonly Scope[], hours = 1, name = "a test"): string {
  const expiresAtSec = Math.floor(realWorld.nowMs() / 1_000) + hours * 3_600;
  return makeToken(SECRET, { scopes, expiresAtSec, name });
}

/** Nodes that have an API each. */
export type ApiScene = {
  readonly nodes: LivingNodes;
  readonly api: (name: ActorName) => RunningApi;
  /** A client that may do everything. */
  readonly client: (name: ActorName) => NodeClient;
  /** Stops a node with its API, and starts both again from the disk; at this port, if one is given. */
  readonly restart: (name: ActorName, port?: number) => Promise<void>;
  /** The parts of an API, for tests that put one together themselves. */
  readonly context: (name: ActorName) => ApiContext;
  readonly notifier: (name: ActorName) => NitroNotifier;
  readonly rates: () => RateLimit;
  readonly stop: () => Promise<void>;
};

/** Starts nodes for these actors, with their APIs. */
export async function startScene(
  cast: readonly ActorName[],
  options: Partial<ApiOptions> = {},
): Promise<ApiScene> {
  const nodes = await LivingNodes.start(cast);
  const apis = new Map<ActorName, RunningApi>();
  const openApi = async (name: ActorName, port = 0): Promise<void> => {
    apis.set(name, await startApi(nodes.node(name), { port, secret: SECRET, ...options }));
  };
  for (const name of cast) await openApi(name);
  const api = (name: ActorName): RunningApi => {
    const found = apis.get(name);
    assert(found !== undefined, "the actor has an API");
    return found;
  };
  return {
    nodes,
    api,
    client: (name) => connectNode({ url: api(name).url, token: tokenFor(["manage"]) }),
    restart: async (name, port) => {
      await api(name).close();
      nodes.stopNode(name);
      await nodes.startNode(name);
      await openApi(name, port);
    },
    context: (name) => {
      const node = nodes.node(name);
      return {
        node,
        version: "0.0.0",
        waits: new ObjectiveWaits(node.engine, systemClock),
        past: new Turnstile(2),
        tables: undefined,
        asking: new Turnstile(2),
        profileOf: () => "enforceable",
        goNitroToken: undefined,
      };
    },
    notifier: (name) => new NitroNotifier(nodes.node(name)),
    rates: () => new RateLimit({ perSecond: 1_000, burst: 1_000 }),
    stop: async () => {
      for (const one of apis.values()) await one.close();
      await nodes.stop();
    },
  };
}

/** Ledger channels of Alice and of Bob with Irene, and a virtual channel from Alice to Bob. Gives its id. */
export async function openVirtual({ client, nodes }: ApiScene): Promise<string> {
  const coin = `0x${"00".repeat(20)}`;
  const shares = [{ asset: coin, mine: "1000", theirs: "1000" }];
  for (const name of ["alice", "bob"] as const) {
    const peer = nodes.addressOf("irene");
    const { objectiveId } = await client(name).call("channels_open_ledger", { peer, shares });
    const { status } = await client(name).call("objectives_wait", { objectiveId });
    assert(status === "Completed", "the ledger is open");
  }
  const opened = await client("alice").call("channels_open_virtual", {
    payee: nodes.addressOf("bob"),
    shares: [{ asset: coin, mine: "500", theirs: "0" }],
    intermediaries: [nodes.addressOf("irene")],
  });
  const { objectiveId } = opened;
  const { status } = await client("alice").call("objectives_wait", { objectiveId });
  assert(status === "Completed", "the virtual channel is open");
  return opened.channelId;
}
