/** One method of the API: its declaration, from which validation, dispatch and documents are made. */
import type { z } from "zod";
import type { Profile } from "../../channel/channel-use.ts";
import type { Address } from "../../crypto/address.ts";
import type { RunningNode } from "../daemon/running-node.ts";
import type { ChannelTables } from "../derivation/channel-tables.ts";
import type { Scope, TokenClaims } from "./access-token.ts";
import type { ApiErrorName, ApiResult } from "./api-error.ts";
import type { EventFilter } from "./api-types.ts";
import type { ObjectiveWaits } from "./objective-waits.ts";
import type { Turnstile } from "./turnstile.ts";

/** What a connection that lasts can do besides asking. */
export type SocketDoor = {
  /** Lets the connection do what the token allows. */
  readonly authenticate: (token: string) => ApiResult<TokenClaims>;
  /** Sends events from an offset on. Gives the number of the subscription. */
  readonly subscribe: (filter: EventFilter, from: number) => ApiResult<number>;
  readonly unsubscribe: (subscription: number) => boolean;
};

/** Who asks. */
export type Caller = {
  /** Undefined for somebody without a token. */
  readonly claims: TokenClaims | undefined;
  /** True when the request came from this machine. */
  readonly isLoopback: boolean;
  /** True for go-nitro's own client in Go, whose big integers are numbers where others have text. */
  readonly isGo: boolean;
  /** Undefined over HTTP. */
  readonly socket: SocketDoor | undefined;
};

/** What methods work with. One for the life of the API. */
export type ApiContext = {
  readonly node: RunningNode;
  /** Of this program, as `version` says it. */
  readonly version: string;
  readonly waits: ObjectiveWaits;
  /** For what folds the log. */
  readonly past: Turnstile;
  /** What the messages of channels come to; undefined for a node that keeps no tables. */
  readonly tables: Pick<ChannelTables, "ask"> | undefined;
  /** For questions about tables. */
  readonly asking: Turnstile;
  /** Which rules a ledger with this peer follows, where nobody says. */
  readonly profileOf: (peer: Address) => Profile;
  /** Makes a token for a go-nitro client; undefined unless the operator opened that door. */
  readonly goNitroToken: ((name: string) => string) | undefined;
};

/** What a method needs of a token; `none` is open to everybody who may connect. */
export type MethodScope = Scope | "none";

/** A method with parameters and a result of these types. */
export type Method<Params, Value> = {
  readonly scope: MethodScope;
  /** One line: what it does. */
  readonly summary: string;
  /** What a caller must know besides. */
  readonly description?: string;
  readonly params: z.ZodType<Params>;
  readonly result: z.ZodType<Value>;
  /** Errors besides those that any request can meet. */
  readonly errors: readonly ApiErrorName[];
  /** Parameters that are well formed; whether they are answered depends on the node. */
  readonly example: NoInfer<Params>;
  readonly run: (
    params: Params,
    context: ApiContext,
    caller: Caller,
  ) => ApiResult<Value> | Promise<ApiResult<Value>>;
};

/** A method for each name, as the types of the names ask for. */
export type MethodsOf<
  Types extends {
    readonly [Name in keyof Types]: { readonly params: unknown; readonly result: unknown };
  },
> = {
  readonly [Name in keyof Types]: Method<Types[Name]["params"], Types[Name]["result"]>;
};

/** Any method, once its parameters have been checked. */
export type AnyMethod = Omit<Method<unknown, unknown>, "run" | "example"> & {
  readonly example: unknown;
  readonly run: (
    params: never,
    context: ApiContext,
    caller: Caller,
  ) => ApiResult<unknown> | Promise<ApiResult<unknown>>;
};

/** How a method's parameters come: by their names, or as go-nitro's `payload` beside its `authtoken`. */
export type ParamsForm = "Named" | "Payload";

/** A method with its name. */
export type NamedMethod = AnyMethod & { readonly name: string; readonly form: ParamsForm };
