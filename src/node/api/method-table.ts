/** All methods by name: the one table that the server, the documents and the tests are made from. */
import { z } from "zod";
import { accept } from "../../primitives/result.ts";
import { nothing } from "./api-schemas.ts";
import type { NodeMethods } from "./api-types.ts";
import { channelMethods } from "./channel-methods.ts";
import { eventMethods } from "./event-methods.ts";
import { gameMethods } from "./game-methods.ts";
import type { GameMethods } from "./game-types.ts";
import type { AnyMethod, MethodsOf, NamedMethod, ParamsForm } from "./method.ts";
import { nitroMethods } from "./nitro-methods.ts";
import { nodeMethods } from "./node-methods.ts";
import { openRpcDocument } from "./open-rpc.ts";
import { paymentMethods } from "./payment-methods.ts";
import { tableMethods } from "./table-methods.ts";

const own: MethodsOf<NodeMethods & GameMethods> = {
  "rpc.discover": {
    scope: "none",
    summary: "describes all methods as an OpenRPC document",
    params: nothing,
    result: z.unknown(),
    errors: [],
    example: {},
    run: (_params, { version }) => accept(openRpcDocument([...METHODS.values()], version)),
  },
  ...nodeMethods,
  ...channelMethods,
  ...paymentMethods,
  ...gameMethods,
  ...tableMethods,
  ...eventMethods,
};

const named = (methods: Readonly<Record<string, AnyMethod>>, form: ParamsForm) =>
  Object.entries(methods).map(([name, method]) => [name, { ...method, name, form }] as const);

/** Every method. A map, so that no name of an object's own can be mistaken for a method. */
export const METHODS: ReadonlyMap<string, NamedMethod> = new Map([
  ...named(own, "Named"),
  ...named(nitroMethods, "Payload"),
]);
