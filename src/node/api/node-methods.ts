/** Methods about the node, its peers and its objectives. */
import { z } from "zod";
import type { ObjectiveId } from "../../channel/objective-id.ts";
import { reconstructObjective } from "../../engine/reconstruction.ts";
import { accept } from "../../primitives/result.ts";
import { isActive, type Objective } from "../../protocols/objective.ts";
import type { PeerRefusal } from "../daemon/running-node.ts";
import { type ApiResult, fault } from "./api-error.ts";
import {
  address,
  count,
  next,
  nodeView as nodeSchema,
  nothing,
  objectiveId,
  objectiveView as objectiveSchema,
  page,
  peerView as peerSchema,
} from "./api-schemas.ts";
import type { NodeMethods, ObjectiveView } from "./api-types.ts";
import { addressIn } from "./asking.ts";
import { EXAMPLE } from "./examples.ts";
import type { ApiContext, MethodsOf } from "./method.ts";
import { pageOf } from "./page.ts";
import { nodeView, objectiveView, peerView, waitsOf } from "./views.ts";

/** Longest that one request waits for the end of an objective: a minute. Whoever wants to wait on asks again. */
const WAIT_MAX_MS = 60_000;

/** What a request waits where it does not say. */
const WAIT_MS = 30_000;

type Names =
  | "session_authenticate"
  | "node_info"
  | "peers_list"
  | "peers_add"
  | "peers_remove"
  | "objectives_list"
  | "objectives_get"
  | "objectives_wait";

/** Why the address book was not changed, for people. */
const PEER_REFUSALS: Readonly<Record<PeerRefusal["code"], string>> = {
  AddressBookFull: "the address book is full: take some peers back first",
  NotAPlace: "that is no place: write it as tcp://host:port, or as /ip4/.../tcp/.../p2p/<peer id>",
  IsMyself: "that is this node",
  NotAdded: "no request has added that, so that none can take it back",
  IsConfigured: "the configuration names it: take it out there, under `peers`",
};

const refusedPeer = ({ code }: PeerRefusal): ApiResult<never> =>
  fault("Refused", { code }, `Refused: ${PEER_REFUSALS[code]}`);

/** The methods by name. */
export const nodeMethods: MethodsOf<Pick<NodeMethods, Names>> = {
  session_authenticate: {
    scope: "none",
    summary: "lets this WebSocket do what a token allows",
    description:
      "For programs that cannot set headers. To be sent within ten seconds; it may be sent again with another token.",
    params: z.strictObject({ token: z.string().max(1_024) }),
    result: z.strictObject({ scopes: z.array(z.enum(["read", "pay", "manage"])) }),
    errors: ["WrongTransport"],
    example: { token: "cht1.eyJzIjpbInJlYWQiXX0.AAAA" },
    run: ({ token }, _context, { socket }) => {
      if (socket === undefined) return fault("WrongTransport");
      const claims = socket.authenticate(token);
      return claims.ok ? accept({ scopes: claims.value.scopes }) : claims;
    },
  },
  node_info: {
    scope: "read",
    summary: "tells who this node is, and how it is",
    params: nothing,
    result: nodeSchema,
    errors: [],
    example: {},
    run: (_params, { node, version }) => accept(nodeView(node, version)),
  },
  peers_list: {
    scope: "read",
    summary: "lists the address book, and who is connected",
    params: nothing,
    result: z.strictObject({ peers: z.array(peerSchema) }),
    errors: [],
    example: {},
    run: (_params, { node }) => accept({ peers: node.peers().map(peerView) }),
  },
  peers_add: {
    scope: "manage",
    summary: "writes a peer into the address book",
    description:
      "`place` is where to dial it, such as `tcp://host:port`, and is tried before those that are there; without one the node waits until the peer comes. It stays until `peers_remove` takes it back.",
    params: z.strictObject({ address, place: z.string().min(1).max(256).optional() }),
    result: z.strictObject({ added: z.boolean() }),
    errors: ["Refused"],
    example: { address: EXAMPLE.peer, place: "tcp://127.0.0.1:3005" },
    run: (params, { node }) => {
      const refusal = node.addPeer(addressIn(params.address), params.place);
      if (refusal === undefined) return accept({ added: true });
      return refusedPeer(refusal);
    },
  },
  peers_remove: {
    scope: "manage",
    summary: "takes back what `peers_add` has written into the address book",
    description:
      "One `place` of a peer, or without it all that was added of it. Whom the log knows stays, without those places: there may be channels with it. What the configuration names is refused with `IsConfigured`, what was never added with `NotAdded`.",
    params: z.strictObject({ address, place: z.string().min(1).max(256).optional() }),
    result: z.strictObject({ removed: z.boolean() }),
    errors: ["Refused"],
    example: { address: EXAMPLE.peer, place: "tcp://127.0.0.1:3005" },
    run: (params, { node }) => {
      const refusal = node.removePeer(addressIn(params.address), params.place);
      if (refusal === undefined) return accept({ removed: true });
      return refusedPeer(refusal);
    },
  },
  objectives_list: {
    scope: "read",
    summary: "lists objectives, and what each waits for",
    description:
      "By name, in pages. Updates that were over before this start are left out; `objectives_get` finds them.",
    params: z.strictObject({ ...page, open: z.boolean().optional() }),
    result: z.strictObject({ objectives: z.array(objectiveSchema), next }),
    errors: [],
    example: { open: true, limit: 10 },
    run: ({ open, ...where }, { node }) => {
      const all = node.engine.objectives();
      const wanted = open === undefined ? all : all.filter((one) => isActive(one) === open);
      const { items, next: following } = pageOf(wanted, ({ id }) => id, where);
      const waits = waitsOf(node);
      const objectives = items.map((one) => viewOf(node, one, waits));
      return accept({ objectives, next: following });
    },
  },
  objectives_get: {
    scope: "read",
    summary: "tells of one objective, now or after the first so many events",
    params: z.strictObject({ objectiveId, offset: count.optional() }),
    result: objectiveSchema,
    errors: ["NotFound"],
    example: { objectiveId: EXAMPLE.objectiveId },
    run: (params, context) => findObjective(context, params),
  },
  objectives_wait: {
    scope: "read",
    summary: "answers once an objective is over, or the time is up",
    description: `\`timeoutMs\` is at most ${WAIT_MAX_MS}, and ${WAIT_MS} where absent. The answer says how far it is.`,
    params: z.strictObject({
      objectiveId,
      timeoutMs: z.number().int().min(0).max(WAIT_MAX_MS).optional(),
    }),
    result: objectiveSchema,
    errors: ["NotFound"],
    example: { objectiveId: EXAMPLE.objectiveId, timeoutMs: 0 },
    run: async ({ timeoutMs = WAIT_MS, ...params }, context) => {
      const now = await findObjective(context, params);
      if (!now.ok || now.value.waitingFor === "Nothing") return now;
      await context.waits.untilSettled(params.objectiveId as ObjectiveId, timeoutMs);
      return findObjective(context, params);
    },
  },
};

async function findObjective(
  { node, past }: ApiContext,
  params: { readonly objectiveId: string; readonly offset?: number | undefined },
): Promise<ApiResult<ObjectiveView>> {
  const { engine, snapshots, store } = node;
  const id = params.objectiveId as ObjectiveId;
  const { offset = store.length } = params;
  if (offset > store.length) return fault("NotFound", { length: store.length });
  const live = params.offset === undefined ? engine.objective(id) : undefined;
  if (live !== undefined) return accept(viewOf(node, live, waitsOf(node)));
  return past.enter(async () => {
    const found = await reconstructObjective(store, id, offset, snapshots);
    // What an objective of the past waited for follows from more than itself.
    return found === undefined
      ? fault("NotFound", { objectiveId: id })
      : accept(viewOf(node, found, new Map()));
  });
}

function viewOf(
  { engine }: ApiContext["node"],
  objective: Objective,
  waits: ReadonlyMap<ObjectiveId, string>,
): ObjectiveView {
  const myIndex = engine.channel(objective.channelId)?.myIndex;
  return objectiveView(objective, waits.get(objective.id) ?? "Unknown", myIndex);
}
