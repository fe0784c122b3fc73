/** What a node can be told before it starts, once it was checked. How each value is written: docs/CONFIGURATION.md. */
import type { ContractName } from "../../chain/deployment-plan.ts";
import type { Address } from "../../crypto/address.ts";
import type { Endpoint } from "../../ports/transport.ts";

/** An address to listen at. Port 0: any that is free. */
export type HostPort = { readonly host: string; readonly port: number };

/** Somebody whom the configuration names. */
export type ConfiguredPeer = {
  readonly address: Address;
  /** Where it is dialed, the best first; empty for one that comes by itself. */
  readonly places: readonly Endpoint[];
  readonly name?: string | undefined;
  /** What it asks for as an intermediary, as far as this node was told; see `fee`. */
  readonly fee?: bigint | undefined;
};

/** The contracts whose addresses can be given: all but the test token. */
export type ConfiguredContracts = {
  readonly [Name in Exclude<ContractName, "token">]?: Address | undefined;
};

/** Levels of the log of what happens, the wordiest first. */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "silent"] as const;

/** Which lines are written. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Everything. Secrets are here as they are: never write this whole to anywhere. */
export type Configuration = {
  readonly dataDirectory: string;
  readonly key: {
    readonly file?: string | undefined;
    readonly passwordFile?: string | undefined;
    readonly private?: string | undefined;
    readonly password?: string | undefined;
  };
  readonly chain: {
    readonly rpc: readonly string[];
    readonly id: bigint;
    readonly profile?: "ethereum" | "op-stack" | "local" | undefined;
    readonly adjudicator: "published" | "hardened";
    readonly contracts: ConfiguredContracts;
    readonly pollMs?: number | undefined;
    readonly confirmations?: number | undefined;
    readonly firstBlock?: number | undefined;
  };
  readonly listen: {
    readonly tcp?: HostPort | undefined;
    readonly libp2p?: HostPort | undefined;
  };
  readonly libp2p: {
    readonly bootstrap: readonly Endpoint[];
    readonly mdns: boolean;
    readonly dht: boolean;
  };
  readonly goNitro: {
    readonly durationMinSec?: number | undefined;
  };
  readonly announce: readonly Endpoint[];
  readonly peers: readonly ConfiguredPeer[];
  readonly openToStrangers: boolean;
  readonly strangersMax: number;
  readonly assets: readonly Address[];
  /** In the smallest unit of the first asset of a channel. */
  readonly fee: bigint;
  readonly policy: {
    /** In the smallest unit of each asset. */
    readonly depositMax: bigint;
    readonly channelsPerPeerMax: number;
    /** Whether games that somebody else opens are joined. */
    readonly games: boolean;
  };
  readonly disputeAfterSec?: number | undefined;
  readonly snapshotEvents?: number | undefined;
  readonly api: {
    readonly listen?: HostPort | undefined;
    readonly goNitroAuth: boolean;
    readonly tlsCertificate?: string | undefined;
    readonly tlsKey?: string | undefined;
    /** Without ports, in lower case. */
    readonly hosts: readonly string[];
    readonly origins: readonly string[];
  };
  readonly tables: {
    /** A URL of PostgreSQL, which may hold a password. */
    readonly database?: string | undefined;
  };
  readonly log: {
    readonly level: LogLevel;
    readonly format: "auto" | "json" | "pretty";
  };
  readonly drainSec: number;
};
