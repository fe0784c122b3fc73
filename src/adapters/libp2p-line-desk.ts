/** Lines sent and taken: one stream for each, bounded in length, in time and in number. */
import type { Connection, Stream, StreamMessageEvent } from "@libp2p/interface";
import type { Libp2p } from "libp2p";
import { accept, type Result, reject } from "../primitives/result.ts";
import { addressOfPeer, type Libp2pIdentity, parsePeerId } from "./libp2p-identity.ts";
import { LineReader } from "./libp2p-line-reader.ts";
import type { Libp2pLines, LineFault, LinePeer } from "./libp2p-lines.ts";
import { parseLibp2pPlace } from "./libp2p-place.ts";

/** How much is taken for, and from, one line. */
export type LineLimits = {
  /** Bytes of the longest line, sent or taken, without its end. */
  readonly lineSizeMax: number;
  /** Milliseconds for a line, from opening the stream to its end. */
  readonly timeoutMs: number;
  /** Lines that may come over one connection at the same time. */
  readonly inboundMax: number;
  /** Lines that may come over all connections at the same time. */
  readonly totalInboundMax: number;
  /** Lines that may be under way to one peer. */
  readonly outboundMax: number;
};

/**
 * 1 MiB is far above the messages of a go-nitro node, of which the largest carry a ledger's proposals; what strangers
 * can make us hold is that times 64, while each of their lines is cut off after ten seconds.
 */
export const LINE_LIMITS: LineLimits = {
  lineSizeMax: 1_048_576,
  timeoutMs: 10_000,
  inboundMax: 16,
  totalInboundMax: 64,
  outboundMax: 64,
};

/** What a line ends with. */
const NEWLINE = 10;

/** What happened to lines, counted. */
export const LINE_CODES = [
  "LineReceived",
  "LineSent",
  "LineBroken",
  "LineTooLong",
  "LineTimedOut",
  "LineRefused",
] as const;

/** One of the things that are counted. */
export type LineCode = (typeof LINE_CODES)[number];

/** What an exception of the library means. */
const FAULTS: Readonly<Record<string, LineFault["code"]>> = {
  UnsupportedProtocolError: "ProtocolUnknown",
  TooManyOutboundProtocolStreamsError: "TooManyStreams",
  AbortError: "LineTimedOut",
  TimeoutError: "LineTimedOut",
};

/** The lines of one node. */
export class LineDesk implements Libp2pLines {
  readonly #libp2p: Libp2p;
  readonly #identity: Libp2pIdentity;
  readonly #limits: LineLimits;
  readonly #onUse: (connection: Connection) => void;
  readonly #counts = new Map<LineCode, number>(LINE_CODES.map((code) => [code, 0]));
  readonly #underWay = new Map<string, number>();
  #inbound = 0;

  /** `onUse` hears of each connection that has brought a line. */
  constructor(
    libp2p: Libp2p,
    identity: Libp2pIdentity,
    limits: LineLimits,
    onUse: (connection: Connection) => void = () => undefined,
  ) {
    this.#onUse = onUse;
    this.#libp2p = libp2p;
    this.#identity = identity;
    this.#limits = limits;
  }

  counters(): Readonly<Record<LineCode, number>> {
    return Object.fromEntries(this.#counts) as Record<LineCode, number>;
  }

  handle: Libp2pLines["handle"] = async (protocol, onLine) => {
    const take = (stream: Stream, connection: Connection): void => {
      this.#take(stream, connection, onLine);
    };
    await this.#libp2p.handle(protocol, take, { maxInboundStreams: this.#limits.inboundMax });
  };

  sendLine: Libp2pLines["sendLine"] = async (to, protocol, line) => {
    const fault = this.#refusal(to, line);
    if (fault !== undefined) return reject({ code: fault });
    this.#underWay.set(to, (this.#underWay.get(to) ?? 0) + 1);
    try {
      return await this.#send(to, protocol, line);
    } finally {
      const left = (this.#underWay.get(to) ?? 0) - 1;
      if (left > 0) this.#underWay.set(to, left);
      else this.#underWay.delete(to);
    }
  };

  #refusal(to: string, line: Uint8Array): LineFault["code"] | undefined {
    if (this.#libp2p.status !== "started") return "Closed";
    if (line.length > this.#limits.lineSizeMax || line.includes(NEWLINE)) return "LineTooLong";
    return (this.#underWay.get(to) ?? 0) >= this.#limits.outboundMax ? "TooManyStreams" : undefined;
  }

  async #send(
    to: string,
    protocol: string,
    line: Uint8Array,
  ): Promise<Result<undefined, LineFault>> {
    const target = parsePeerId(to) ?? parseLibp2pPlace(to);
    if (target === undefined) return reject({ code: "NotAPeer" });
    const signal = AbortSignal.timeout(this.#limits.timeoutMs);
    let stream: Stream | undefined;
    try {
      stream = await this.#libp2p.dialProtocol(target, protocol, {
        signal,
        maxOutboundStreams: this.#limits.outboundMax,
      });
      stream.send(withNewline(line));
      await stream.close({ signal });
      this.#count("LineSent");
      return accept(undefined);
    } catch (error) {
      const fault = faultOf(error, stream !== undefined);
      stream?.abort(new Error("the line was not taken"));
      return reject({ code: fault });
    }
  }

  #take(
    stream: Stream,
    connection: Connection,
    onLine: (from: LinePeer, line: Uint8Array) => void,
  ): void {
    if (this.#inbound >= this.#limits.totalInboundMax) {
      this.#count("LineRefused");
      stream.abort(new Error("too many lines"));
      return;
    }
    if (stream.status !== "open") return;
    this.#inbound += 1;
    const reader = new LineReader(this.#limits.lineSizeMax);
    let isOver = false;
    const finish = (code: LineCode): void => {
      if (isOver) return;
      isOver = true;
      this.#count(code);
      if (code === "LineReceived") stream.close().catch(() => undefined);
      else stream.abort(new Error("no line came"));
    };
    // Who has sent a line closes the stream; who does not is cut off, and counts until then.
    const timer = setTimeout(() => {
      finish("LineTimedOut");
      stream.abort(new Error("nothing more is read"));
    }, this.#limits.timeoutMs);
    stream.addEventListener("message", ({ data }) => {
      const line = isOver ? undefined : reader.feed(bytesOf(data));
      if (line === undefined) return;
      finish(line === "TooLong" ? "LineTooLong" : "LineReceived");
      if (line === "TooLong") return;
      this.#onUse(connection);
      onLine(this.#peerOf(connection), line);
    });
    stream.addEventListener("end", () => finish("LineBroken"));
    stream.addEventListener("close", () => {
      clearTimeout(timer);
      this.#inbound -= 1;
      finish("LineBroken");
    });
  }

  #peerOf({ remotePeer }: Connection): LinePeer {
    return {
      peerId: remotePeer.toString(),
      address: addressOfPeer(remotePeer, this.#identity),
    };
  }

  #count(code: LineCode): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
  }
}

function bytesOf(data: StreamMessageEvent["data"]): Uint8Array {
  return data instanceof Uint8Array ? data : data.subarray();
}

function withNewline(line: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(line.length + 1);
  bytes.set(line);
  bytes[line.length] = NEWLINE;
  return bytes;
}

function faultOf(error: unknown, wasOpened: boolean): LineFault["code"] {
  const known = error instanceof Error ? FAULTS[error.name] : undefined;
  // Time that ran out before there was a stream says that nobody is there.
  if (known === "LineTimedOut" && !wasOpened) return "PeerUnreachable";
  return known ?? (wasOpened ? "StreamBroken" : "PeerUnreachable");
}
