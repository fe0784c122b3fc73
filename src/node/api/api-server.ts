/** The API on a port: JSON-RPC by POST and over WebSockets, metrics and health. */
import type { Server, ServerWebSocket } from "bun";
import { version } from "../../../package.json";
import { systemClock } from "../../adapters/system-clock.ts";
import type { Profile } from "../../channel/channel-use.ts";
import type { Address } from "../../crypto/address.ts";
import type { Clock } from "../../ports/clock.ts";
import { NodeError } from "../../primitives/node-error.ts";
import type { RunningNode } from "../daemon/running-node.ts";
import type { ChannelTables } from "../derivation/channel-tables.ts";
import { checkToken, isAllowed, makeToken, SCOPES, type TokenClaims } from "./access-token.ts";
import { ApiSocket } from "./api-socket.ts";
import { answerText, type DispatchParts, errorObject } from "./dispatch.ts";
import { writeJson } from "./json-text.ts";
import type { Caller } from "./method.ts";
import { METHODS } from "./method-table.ts";
import { NitroNotifier } from "./nitro-notifier.ts";
import { ObjectiveWaits } from "./objective-waits.ts";
import { openRpcDocument } from "./open-rpc.ts";
import { type Rate, RateLimit } from "./rate-limit.ts";
import { type AllowedPlaces, checkPlace, isNear } from "./request-origin.ts";
import { Turnstile } from "./turnstile.ts";

/** How the API is opened. */
export type ApiOptions = {
  /** An address of this machine; 127.0.0.1 where absent. Another one opens the API to the network. */
  readonly host?: string;
  /** 0 for any that is free; 4005, as go-nitro's, where absent. */
  readonly port?: number;
  /** 32 bytes that sign the tokens. */
  readonly secret: Uint8Array;
  /** Gives a token to whoever asks on this machine, as go-nitro does. False where absent. */
  readonly goNitroAuth?: boolean;
  /** Certificate and key as PEM: go-nitro's client in TypeScript speaks https alone. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Besides addresses and `localhost`, and besides no origin at all. */
  readonly allowed?: Partial<AllowedPlaces>;
  /** For each token; 2,000 a second and 4,000 at once where absent. */
  readonly rate?: Rate;
  /** Which rules a ledger with this peer follows, where nobody says: ours where absent. */
  readonly profileOf?: (peer: Address) => Profile;
  /** Answers questions about the tables of channels; none are answered where absent. */
  readonly tables?: Pick<ChannelTables, "ask">;
  /** Of the log, that a subscriber may fall behind. The store's own limit where absent. */
  readonly lagMax?: number;
  readonly clock?: Clock;
  /** Hears of each answer, to count it. */
  readonly onAnswer?: (method: string, error: string | undefined) => void;
  /** Hears of requests that were not looked at, by code. */
  readonly onRefused?: (code: string) => void;
  /** Hears of a fault of this program. */
  readonly onBug?: (error: unknown) => void;
};

/** An API that is open. */
export type RunningApi = {
  /** `http://host:port`. */
  readonly url: string;
  readonly port: number;
  /** What it keeps for others, to be watched. */
  readonly load: () => ApiLoad;
  /** Takes nothing more, lets requests under way end for a moment, and ends. */
  readonly close: () => Promise<void>;
};

/** What an API keeps for others. */
export type ApiLoad = {
  /** Requests under way over HTTP. */
  readonly requests: number;
  readonly sockets: number;
  /** Bytes on their way to the readers of WebSockets. */
  readonly bufferedBytes: number;
};

/** Bytes of one request: 1 MiB. */
const BODY_BYTES_MAX = 1_048_576;

/** Requests that are worked on at once, of all callers together. */
const REQUESTS_MAX = 256;

/** WebSockets at once. */
const SOCKETS_MAX = 256;

/** Seconds without a byte after which a connection ends. Waiting requests take a minute. */
const IDLE_SEC = 75;

/** Seconds without a byte, pongs included, after which a WebSocket ends. */
const SOCKET_IDLE_SEC = 120;

/** Milliseconds in which a body must have come. */
const BODY_MS = 10_000;

/** Milliseconds that requests under way have to end when the API closes, and between two looks at them. */
const CLOSING_MS = 1_000;
const LOOK_MS = 5;

/** Requests at once that read the past: each folds from the snapshot before, or a lost one's whole log. */
const PAST_READERS_MAX = 2;

/** Questions at once about tables: each may take two seconds, and a database answers few of them side by side. */
const ASKERS_MAX = 8;

/** go-nitro's port for its RPC. */
const PORT = 4_005;

const RATE: Rate = { perSecond: 2_000, burst: 4_000 };

/** Seconds that a token of `get_auth_token` is valid: 7 days, as go-nitro's. */
const NITRO_TOKEN_SEC = 604_800;

/**
 * Opens the API of a node. Throws `NodeError` with `ListenFailed` when the port is taken.
 */
export async function startApi(node: RunningNode, options: ApiOptions): Promise<RunningApi> {
  const api = new Api(node, options);
  return api.open();
}

type Socket = ServerWebSocket<ApiSocket>;

class Api {
  readonly #node: RunningNode;
  readonly #options: ApiOptions;
  readonly #clock: Clock;
  readonly #notifier: NitroNotifier;
  readonly #dispatch: DispatchParts;
  readonly #sockets = new Set<ApiSocket>();
  #requests = 0;
  #isClosing = false;

  constructor(node: RunningNode, options: ApiOptions) {
    const { clock = systemClock, onAnswer = () => {}, onBug = () => {}, secret } = options;
    this.#node = node;
    this.#options = options;
    this.#clock = clock;
    this.#notifier = new NitroNotifier(node);
    this.#dispatch = {
      context: {
        node,
        version,
        waits: new ObjectiveWaits(node.engine, clock),
        past: new Turnstile(PAST_READERS_MAX),
        tables: options.tables,
        asking: new Turnstile(ASKERS_MAX),
        profileOf: options.profileOf ?? (() => "enforceable"),
        goNitroToken: options.goNitroAuth === true ? (name) => this.#nitroToken(name) : undefined,
      },
      secret,
      nowMs: clock.nowMs,
      rates: new RateLimit(options.rate ?? RATE),
      onAnswer,
      onBug,
    };
  }

  open(): RunningApi {
    const { host = "127.0.0.1", port = PORT, tls } = this.#options;
    const server = this.#listen(host, port);
    const name = host.includes(":") ? `[${host}]` : host;
    const bound = server.port ?? port;
    return {
      url: `${tls === undefined ? "http" : "https"}://${name}:${bound}`,
      port: bound,
      load: () => this.#load(),
      close: () => this.#close(server),
    };
  }

  #load(): ApiLoad {
    const bufferedBytes = [...this.#sockets].reduce((sum, socket) => sum + socket.bufferedBytes, 0);
    return { requests: this.#requests, sockets: this.#sockets.size, bufferedBytes };
  }

  async #close(server: Server<ApiSocket>): Promise<void> {
    this.#isClosing = true;
    const endMs = this.#clock.nowMs() + CLOSING_MS;
    while (this.#requests > 0 && this.#clock.nowMs() < endMs) {
      await new Promise<void>((resolve) => this.#clock.after(LOOK_MS, resolve));
    }
    for (const socket of this.#sockets) socket.stop();
    this.#notifier.stop();
    await server.stop(true);
  }

  #listen(hostname: string, port: number): Server<ApiSocket> {
    const { tls } = this.#options;
    try {
      return Bun.serve<ApiSocket>({
        hostname,
        port,
        development: false,
        // Without development Bun shares the port with whoever asks for it, who then gets some of the requests.
        reusePort: false,
        idleTimeout: IDLE_SEC,
        maxRequestBodySize: BODY_BYTES_MAX,
        ...(tls === undefined ? {} : { tls: { cert: tls.cert, key: tls.key } }),
        fetch: (request, server) => this.#fetch(request, server),
        error: (error) => {
          this.#dispatch.onBug(error);
          return refusal(500, "InternalError");
        },
        websocket: {
          maxPayloadLength: BODY_BYTES_MAX,
          idleTimeout: SOCKET_IDLE_SEC,
          open: (socket: Socket) => socket.data.open(socket),
          message: (socket: Socket, message) => socket.data.received(textOf(message)),
          drain: (socket: Socket) => socket.data.drained(),
          close: (socket: Socket) => {
            socket.data.closed();
            this.#sockets.delete(socket.data);
          },
        },
      });
    } catch (cause) {
      const message = `the API cannot listen at ${hostname}:${port}; is the port taken?`;
      throw new NodeError("ListenFailed", message, { data: { hostname, port }, cause });
    }
  }

  async #fetch(request: Request, server: Server<ApiSocket>): Promise<Response | undefined> {
    if (this.#isClosing) return this.#refuse(503, "Stopping");
    const { hosts = [], origins = [] } = this.#options.allowed ?? {};
    const refused = checkPlace(request.headers, { hosts, origins });
    if (refused !== undefined) return this.#refuse(403, refused);
    const response = await this.#route(request, server);
    return response && withOrigin(response, request.headers.get("origin"));
  }

  async #route(request: Request, server: Server<ApiSocket>): Promise<Response | undefined> {
    const { pathname } = new URL(request.url);
    const caller = this.#callerOf(request, server);
    if (request.method === "OPTIONS") return new Response(null, { status: 204 });
    if (pathname === "/api/v1") return this.#post(request, caller);
    if (request.method !== "GET") return this.#refuse(405, "MethodNotAllowed");
    switch (pathname) {
      case "/api/v1/subscribe":
        return this.#upgrade(request, server, caller);
      case "/api/v1/health":
        return new Response("OK");
      case "/openrpc.json":
        return json(openRpcDocument([...METHODS.values()], version));
      case "/healthz":
        return this.#health(this.#node.health().live);
      case "/readyz":
        return this.#health(this.#node.health().ready);
      case "/metrics":
        return this.#metrics(caller);
      default:
        return this.#refuse(404, "NotFound");
    }
  }

  async #post(request: Request, caller: Caller): Promise<Response> {
    if (request.method !== "POST") return this.#refuse(405, "MethodNotAllowed");
    if (this.#requests >= REQUESTS_MAX) return this.#refuse(503, "TooManyRequests");
    this.#requests += 1;
    try {
      const text = await this.#body(request);
      if (text === undefined) return this.#refuse(408, "BodyTooSlow");
      if (text.length > BODY_BYTES_MAX) return this.#refuse(413, "TooLarge");
      const answer = await answerText(this.#dispatch, text, caller);
      return new Response(answer, { headers: { "content-type": "application/json" } });
    } finally {
      this.#requests -= 1;
    }
  }

  /** Undefined for a body that does not come, or not in time. */
  async #body(request: Request): Promise<string | undefined> {
    let cancel = (): void => {};
    const tooLong = new Promise<undefined>((resolve) => {
      cancel = this.#clock.after(BODY_MS, () => resolve(undefined));
    });
    const body = request.text().catch(() => undefined);
    const text = await Promise.race([body, tooLong]);
    cancel();
    return text;
  }

  #upgrade(request: Request, server: Server<ApiSocket>, caller: Caller): Response | undefined {
    if (this.#sockets.size >= SOCKETS_MAX) return this.#refuse(503, "TooManyRequests");
    const socket = new ApiSocket({
      dispatch: this.#dispatch,
      clock: this.#clock,
      notifier: this.#notifier,
      caller,
      isNotified: new URL(request.url).searchParams.get("notifications") !== "none",
      isOpen: this.#options.goNitroAuth === true && caller.isLoopback,
      lagMax: this.#options.lagMax,
    });
    if (!server.upgrade(request, { data: socket })) return this.#refuse(426, "UpgradeNeeded");
    this.#sockets.add(socket);
    return undefined;
  }

  #callerOf(request: Request, server: Server<ApiSocket>): Caller {
    const bearer = /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    return {
      claims: bearer === undefined ? undefined : this.#claimsIn(bearer),
      isLoopback: isNear(server.requestIP(request)?.address ?? "", request.headers),
      isGo: request.headers.get("user-agent")?.startsWith("Go-http-client") === true,
      socket: undefined,
    };
  }

  #claimsIn(token: string): TokenClaims | undefined {
    const checked = checkToken(this.#options.secret, token, this.#clock.nowMs());
    return checked.ok ? checked.value : undefined;
  }

  /** Whoever is on this machine may look; elsewhere a token is asked for: figures tell of payments and peers. */
  async #metrics({ claims, isLoopback }: Caller): Promise<Response> {
    if (!isLoopback && !isAllowed(claims?.scopes ?? [], "read")) {
      return this.#refuse(401, "InvalidToken");
    }
    const text = await this.#node.metricsText();
    return new Response(text, { headers: { "content-type": "text/plain; version=0.0.4" } });
  }

  #health(isWell: boolean): Response {
    const { crash: _, ...health } = this.#node.health();
    return json(health, isWell ? 200 : 503);
  }

  #nitroToken(name: string): string {
    const expiresAtSec = Math.floor(this.#clock.nowMs() / 1_000) + NITRO_TOKEN_SEC;
    const shown = `go-nitro ${name}`.trim().slice(0, 64);
    return makeToken(this.#options.secret, { scopes: SCOPES, expiresAtSec, name: shown });
  }

  #refuse(status: number, code: string): Response {
    this.#options.onRefused?.(code);
    return refusal(status, code);
  }
}

const textOf = (message: string | Buffer): string =>
  typeof message === "string" ? message : message.toString();

/** What is no JSON-RPC is answered in its form all the same: one kind of body to read. */
function refusal(status: number, code: string): Response {
  const isKnown = code === "TooManyRequests" || code === "TooLarge" || code === "InvalidToken";
  const error = errorObject({ error: isKnown ? code : "InvalidRequest", data: { code } });
  return json({ jsonrpc: "2.0", id: null, error }, status);
}

function json(value: unknown, status = 200): Response {
  return new Response(writeJson(value), {
    status,
    headers: { "content-type": "application/json" },
  });
}

/** Tells the browser of an allowed page that it may read the answer. */
function withOrigin(response: Response, origin: string | null): Response {
  if (origin === null) return response;
  response.headers.set("access-control-allow-origin", origin);
  response.headers.set("access-control-allow-headers", "authorization, content-type");
  response.headers.set("vary", "origin");
  return response;
}
