/**
 * An HTTP proxy in front of something that costs money. A request brings a voucher, which the node checks; what it
 * pays is credit of its channel, and content is passed on as far as the credit reaches. Source: go-nitro,
 * paymentproxy/proxy.go; ADR 0036 says what is otherwise.
 */
import type { Server } from "bun";
import { NodeError } from "../../primitives/node-error.ts";
import { NodeCallError } from "../client/node-call-error.ts";
import type { NodeClient } from "../client/node-client.ts";
import { Credits } from "./credits.ts";
import { type PaidBodyEnds, paidBody } from "./paid-body.ts";
import {
  type PresentedVoucher,
  queryWithoutVoucher,
  VOUCHER_HEADERS,
  voucherOf,
} from "./presented-voucher.ts";

/** What content costs, in the smallest unit of the channel's first asset. */
export type Price = {
  readonly perRequest: bigint;
  readonly perByte: bigint;
};

/** How a proxy is opened. */
export type ProxyOptions = {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** What is behind it. */
  readonly upstream: URL;
  readonly price: Price;
  /** The node that is paid, with a token of the scope `pay`. */
  readonly client: Pick<NodeClient, "call">;
  /** Channels that may pay; any of the node's where empty. */
  readonly channels: readonly string[];
  /** Hears how each request ended, to count it. */
  readonly onAnswer?: (status: number, code: string | undefined) => void;
};

/** A proxy that is open. */
export type RunningProxy = {
  readonly url: string;
  readonly port: number;
  readonly load: () => { readonly requests: number; readonly credits: number };
  readonly close: () => Promise<void>;
};

/** Why a request is not served; the first five with status 402. */
export type PaymentRefusal =
  | "VoucherMissing"
  | "ChannelNotAllowed"
  | "VoucherRefused"
  | "PaymentTooSmall"
  | "NodeAway"
  | "UpstreamAway"
  | "TooManyRequests";

type BreakOff = PaidBodyEnds["breakOff"];

/** What a request that is passed on has paid, and how what comes back is broken off. */
type Passing = {
  readonly channelId: string;
  readonly credit: bigint;
  readonly breakOff: BreakOff;
};

/** Requests at once. */
const REQUESTS_MAX = 256;

/** Bytes of a request's body: 16 MiB. */
const BODY_BYTES_MAX = 16 * 2 ** 20;

/** Milliseconds until what is behind must have begun to answer. */
const UPSTREAM_MS = 30_000;

/**
 * Seconds of silence behind the last byte that is paid, until the connection is closed: Bun's smallest. A stream that
 * ends with an error resets its connection, and what the payer has not read by then is lost, up to all she paid for.
 */
const BREAK_OFF_SECONDS = 1;

/** Headers between two ends of one connection, which are not passed on. Source: RFC 9110, 7.6.1. */
const OWN_HEADERS: readonly string[] = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "host",
];

/** Opens a proxy. Throws `NodeError` with `ListenFailed`. */
export function startPaymentProxy(options: ProxyOptions): RunningProxy {
  const proxy = new PaymentProxy(options);
  return proxy.open();
}

class PaymentProxy {
  readonly #options: ProxyOptions;
  readonly #credits = new Credits();
  #requests = 0;

  constructor(options: ProxyOptions) {
    this.#options = options;
  }

  open(): RunningProxy {
    const server = this.#listen();
    const { host, port } = this.#options;
    const bound = server.port ?? port;
    return {
      url: `http://${host}:${bound}`,
      port: bound,
      load: () => ({ requests: this.#requests, credits: this.#credits.size }),
      close: () => server.stop(true),
    };
  }

  #listen(): Server<undefined> {
    const { host: hostname, port } = this.#options;
    try {
      return Bun.serve({
        hostname,
        port,
        maxRequestBodySize: BODY_BYTES_MAX,
        development: false,
        // Without development Bun shares the port with whoever asks for it, who then gets some of the requests.
        reusePort: false,
        fetch: (request, server) =>
          this.#fetch(request, () => {
            server.timeout(request, BREAK_OFF_SECONDS);
            return new Promise(() => {});
          }),
        // A body that breaks off has been told of; anything else is answered without its text.
        error: () => new Response("the proxy has a fault", { status: 500 }),
      });
    } catch (cause) {
      const message = `the proxy cannot listen at ${hostname}:${port}; is the port taken?`;
      throw new NodeError("ListenFailed", message, { data: { hostname, port }, cause });
    }
  }

  async #fetch(request: Request, breakOff: BreakOff): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/health") return new Response("Proxy is healthy");
    if (request.method === "OPTIONS") return withOpenDoor(new Response(null, { status: 200 }));
    if (this.#requests >= REQUESTS_MAX) return this.#refuse(503, "TooManyRequests");
    this.#requests += 1;
    try {
      return await this.#serve(request, url, breakOff);
    } finally {
      this.#requests -= 1;
    }
  }

  async #serve(request: Request, url: URL, breakOff: BreakOff): Promise<Response> {
    const voucher = voucherOf(url, request.headers);
    if (voucher === undefined) return this.#refuse(402, "VoucherMissing");
    const { channels, price } = this.#options;
    const isAllowed = channels.length === 0 || channels.includes(voucher.channelId);
    if (!isAllowed) return this.#refuse(402, "ChannelNotAllowed");
    const refused = await this.#bank(voucher);
    if (refused !== undefined) return refused;
    const { channelId, signature } = voucher;
    const credit = this.#credits.of(channelId, signature);
    // A request that could not pay for one byte is not even passed on.
    const least = price.perRequest + price.perByte;
    if (credit < least) return this.#tooSmall(least, credit);
    this.#credits.take(channelId, credit);
    return this.#pass(request, url, { channelId, credit, breakOff });
  }

  /** Lets the node check the voucher, and books what it adds. */
  async #bank(voucher: PresentedVoucher): Promise<Response | undefined> {
    const { amount, channelId, counter, signature } = voucher;
    try {
      const { Delta } = await this.#options.client.call("receive_voucher", {
        ChannelId: channelId,
        Amount: amount,
        Signature: signature,
        Counter: counter,
      });
      const paid = BigInt(Delta);
      if (paid > 0n) this.#credits.add(channelId, paid, signature);
      return undefined;
    } catch (error) {
      if (!(error instanceof NodeCallError)) throw error;
      if (typeof error.code === "string") return this.#refuse(503, "NodeAway");
      return this.#refuse(402, "VoucherRefused", { reason: error.message });
    }
  }

  async #pass(
    request: Request,
    url: URL,
    { breakOff, channelId, credit }: Passing,
  ): Promise<Response> {
    const { perByte, perRequest } = this.#options.price;
    const answer = await this.#askUpstream(request, url);
    if (answer === undefined) {
      this.#credits.giveBack(channelId, credit);
      return this.#refuse(502, "UpstreamAway");
    }
    const { body, headers, status } = answer;
    const length = body === null ? "0" : headers.get("content-length");
    const cost = length === null ? undefined : perRequest + perByte * BigInt(length);
    if (cost !== undefined && cost > credit) {
      this.#credits.giveBack(channelId, credit);
      await body?.cancel();
      return this.#tooSmall(cost, credit);
    }
    const rest = credit - perRequest;
    // Of content without a price per byte all is passed on.
    const bytesMax = perByte === 0n ? 2n ** 64n : rest / perByte;
    this.#requests += 1;
    const onEnd = (bytes: bigint): void => {
      this.#requests -= 1;
      this.#credits.giveBack(channelId, rest - bytes * perByte);
    };
    this.#options.onAnswer?.(status, undefined);
    const paid = body === null ? null : paidBody(body, bytesMax, { onEnd, breakOff });
    if (paid === null) onEnd(0n);
    return withOpenDoor(new Response(paid, { status, headers: passedOn(headers) }));
  }

  /** Undefined where nobody answers. */
  async #askUpstream(request: Request, url: URL): Promise<Response | undefined> {
    const { upstream } = this.#options;
    const target = new URL(upstream);
    target.pathname = `${upstream.pathname.replace(/\/$/, "")}${url.pathname}`;
    target.search = queryWithoutVoucher(url);
    const tooLate = new AbortController();
    const timer = setTimeout(() => tooLate.abort(), UPSTREAM_MS);
    try {
      return await fetch(target, {
        method: request.method,
        headers: passedOn(request.headers),
        body: request.body,
        redirect: "manual",
        // The bytes that are counted are the bytes that are sent.
        decompress: false,
        signal: AbortSignal.any([request.signal, tooLate.signal]),
      });
    } catch {
      // Whatever it is, the payer is told that nothing was served, and keeps the credit.
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  #tooSmall(needed: bigint, credit: bigint): Response {
    const missing = needed - credit;
    return this.#refuse(402, "PaymentTooSmall", {
      needed: `${needed}`,
      credit: `${credit}`,
      missing: `${missing}`,
    });
  }

  #refuse(
    status: number,
    code: PaymentRefusal,
    data: Readonly<Record<string, string>> = {},
  ): Response {
    const { perByte, perRequest } = this.#options.price;
    this.#options.onAnswer?.(status, code);
    const price = { perRequest: `${perRequest}`, perByte: `${perByte}` };
    const body = { code, ...data, price, headers: VOUCHER_HEADERS };
    return withOpenDoor(Response.json(body, { status }));
  }
}

function passedOn(headers: Headers): Headers {
  const rest = new Headers(headers);
  const named = (headers.get("connection") ?? "").split(",").map((name) => name.trim());
  const dropped = [...OWN_HEADERS, ...Object.values(VOUCHER_HEADERS), ...named];
  for (const name of dropped) if (name !== "") rest.delete(name);
  return rest;
}

/** Pages of any site may ask, as of go-nitro's proxy: what they get, they pay for, and nothing else lets them in. */
function withOpenDoor(response: Response): Response {
  for (const what of ["origin", "headers", "methods"]) {
    response.headers.set(`access-control-allow-${what}`, "*");
  }
  response.headers.set("access-control-expose-headers", "*");
  return response;
}
