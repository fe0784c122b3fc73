/** The one schema of everything that a node can be told. The table of settings and the documents are read from it. */
import { z } from "zod";
import { EVENTS_PER_SNAPSHOT } from "../../engine/snapshot-writer.ts";
import { type Configuration, LOG_LEVELS } from "./configuration.ts";
import { type Setting, setting, settingsOf } from "./setting.ts";
import {
  addressValue,
  amountValue,
  assetValue,
  chainIdValue,
  databaseValue,
  hostNameValue,
  hostPortValue,
  oneOf,
  originValue,
  PEERS_MAX,
  pathValue,
  peersValue,
  placeValue,
  rpcUrlValue,
  secretValue,
  switchValue,
  wholeNumber,
} from "./value-schemas.ts";

/** Seconds in a month: more patience than that is a mistake. */
const MONTH_SEC = 2_592_000;

const keySchema = z.strictObject({
  file: setting(pathValue.optional(), {
    form: "path",
    doc: "An encrypted key, in the form of Web3 Secret Storage version 3: `channels node key new` writes one. Only its owner may be able to read it (mode 0600).",
  }),
  passwordFile: setting(pathValue.optional(), {
    form: "path",
    doc: "A file whose first line is the password of `key.file`. Only its owner may be able to read it.",
  }),
  private: setting(secretValue.optional(), {
    form: "text",
    isSecret: true,
    variable: "CHANNELS_KEY",
    doc: "The private key itself, 64 hexadecimal digits, instead of `key.file`.",
  }),
  password: setting(secretValue.optional(), {
    form: "text",
    isSecret: true,
    doc: "The password of `key.file`, instead of `key.passwordFile`.",
  }),
});

const contractNames = [
  "adjudicator",
  "consensusApp",
  "ledgerApp",
  "goNitroLedgerApp",
  "paymentApp",
  "virtualPaymentApp",
] as const;

const contractsSchema = z.strictObject(
  Object.fromEntries(
    contractNames.map((name) => [
      name,
      setting(addressValue.optional(), {
        form: "text",
        otherwise: "where `channels contracts deploy` puts it",
        doc: `Address of the ${name} on this chain. Its code is checked all the same.`,
      }),
    ]),
  ) as Record<(typeof contractNames)[number], z.ZodOptional<typeof addressValue>>,
);

const chainSchema = z.strictObject({
  rpc: setting(
    z
      .array(rpcUrlValue, { error: "write a list of URLs" })
      .min(1, { error: "write at least one URL" })
      .max(8, { error: "write at most 8 URLs" }),
    {
      form: "list",
      isUrl: true,
      doc: "JSON-RPC endpoints of the chain, http or https. The first is followed; nothing is believed that another one denies.",
    },
  ),
  id: setting(chainIdValue, {
    form: "number",
    doc: "Number of the chain. A node whose endpoint is on another chain does not start.",
  }),
  profile: setting(oneOf(["ethereum", "op-stack", "local"]).optional(), {
    form: "text",
    otherwise:
      "by `chain.id`: local for 31337 and 1337, op-stack for rollups of the OP stack that are known, else ethereum",
    doc: "Kind of the chain: when a block counts, what transactions may cost, and how patient the node is (ADR 0024).",
  }),
  adjudicator: setting(oneOf(["published", "hardened"]), {
    form: "text",
    byDefault: "published",
    doc: "Which adjudicator the channels use: the published one, or the one that undoes a payout which a token refuses (ADR 0026). Both ends of a channel use the same.",
  }),
  contracts: contractsSchema,
  pollMs: setting(wholeNumber(50, 60_000).optional(), {
    form: "number",
    otherwise: "500 on a local chain, else a third of the time between blocks",
    doc: "Milliseconds between two looks at the head of the chain.",
  }),
  confirmations: setting(wholeNumber(0, 1_800).optional(), {
    form: "number",
    otherwise: "2 on a local chain, 8 on Ethereum",
    doc: "Blocks on top of one before it counts. Not less than the profile has, but for a local chain; not on the OP stack, where a block counts once it is `safe`.",
  }),
  firstBlock: setting(wholeNumber(0, Number.MAX_SAFE_INTEGER).optional(), {
    form: "number",
    otherwise:
      "the newest final block, when a node without a channel first sees the chain; 0 for channels that come back after a log was lost",
    doc: "No channel of this key is older than this block: logs below it are never read. Say it where a log was lost, so that what peers tell of is looked up from there and not from the chain's first block.",
  }),
});

const listenSchema = z.strictObject({
  tcp: setting(hostPortValue, {
    form: "text",
    byDefault: "127.0.0.1:3005",
    doc: "Where other nodes reach this one over TCP; `off`: not at all, and nobody is dialed over TCP. Name an address that others can reach, such as 0.0.0.0:3005.",
  }),
  libp2p: setting(hostPortValue, {
    form: "text",
    byDefault: "off",
    doc: "The same over libp2p.",
  }),
});

const libp2pSchema = z.strictObject({
  bootstrap: setting(
    z
      .array(placeValue, { error: "write a list of places" })
      .max(32, { error: "write at most 32 places" }),
    { form: "list", byDefault: [], doc: "Nodes of libp2p by which others are found." },
  ),
  mdns: setting(switchValue, {
    form: "switch",
    byDefault: false,
    doc: "Find nodes of the local network by multicast.",
  }),
  dht: setting(switchValue, {
    form: "switch",
    byDefault: false,
    doc: "Find nodes by the distributed hash table, and be found by it.",
  }),
});

const goNitroSchema = z.strictObject({
  durationMinSec: setting(wholeNumber(0, MONTH_SEC).optional(), {
    form: "number",
    otherwise: "what the chain's kind asks for, as in all channels",
    doc: "Shortest challenge, in seconds, that is taken in channels by the rules of go-nitro. Its own client always asks for 0: then nobody has the time to answer on the chain, and the peer is trusted with all that is in the channel (ADR 0037).",
  }),
});

const policySchema = z.strictObject({
  depositMax: setting(amountValue, {
    form: "amount",
    byDefault: "0",
    doc: "The most that this node puts into a channel which somebody else opens, of each asset in its smallest unit. 0: only into channels that its own user opens.",
  }),
  channelsPerPeerMax: setting(wholeNumber(1, 1_000_000), {
    form: "number",
    byDefault: 1_000,
    doc: "Channels with one peer that are not over, beyond which the node joins no further one of that peer's.",
  }),
  games: setting(switchValue, {
    form: "switch",
    byDefault: true,
    doc: "Join games and channels of messages that somebody else opens, within `policy.depositMax`. Who joins and then stays silent loses what it has put in.",
  }),
});

const apiSchema = z.strictObject({
  listen: setting(hostPortValue, {
    form: "text",
    byDefault: "127.0.0.1:4005",
    doc: "Where the JSON-RPC API, `/metrics`, `/healthz` and `/readyz` are served; `off`: nowhere. Who reaches it can try tokens: leave it on the loopback, or put a proxy with TLS before it.",
  }),
  goNitroAuth: setting(switchValue, {
    form: "switch",
    byDefault: false,
    flag: "--go-nitro-auth",
    doc: "Answer go-nitro's open `get_auth_token`, for its clients. On the loopback only.",
  }),
  tlsCertificate: setting(pathValue.optional(), {
    form: "path",
    doc: "The certificate by which the API is served over TLS, as PEM, with those that it follows from behind it. Read at the start.",
  }),
  tlsKey: setting(pathValue.optional(), {
    form: "path",
    doc: "The private key of `api.tlsCertificate`, as PEM without a password. Only its owner may be able to read it.",
  }),
  hosts: setting(
    z
      .array(hostNameValue, { error: "write a list of names" })
      .max(16, { error: "write at most 16 names" }),
    {
      form: "list",
      byDefault: [],
      doc: "Names by which the API may be called, besides addresses and `localhost`: of a proxy before it, or of its certificate.",
    },
  ),
  origins: setting(
    z
      .array(originValue, { error: "write a list of origins" })
      .max(16, { error: "write at most 16 origins" }),
    {
      form: "list",
      byDefault: [],
      doc: "Pages that may use the API from a browser, such as https://wallet.example. None where it is empty.",
    },
  ),
});

const logSchema = z.strictObject({
  level: setting(oneOf(LOG_LEVELS), {
    form: "text",
    byDefault: "info",
    doc: "The lowest level that is written to standard error.",
  }),
  format: setting(oneOf(["auto", "json", "pretty"]), {
    form: "text",
    byDefault: "auto",
    doc: "JSON lines, or short lines for people; `auto`: for people on a terminal.",
  }),
});

const tablesSchema = z.strictObject({
  database: setting(databaseValue.optional(), {
    form: "text",
    isSecret: true,
    otherwise: "an embedded database in the folder `tables` of `dataDirectory`",
    doc: "The PostgreSQL database that keeps the tables of channels of messages, as `postgres://user:password@host:port/database`. Its account may create schemas and roles. It is asked for the first time by the first question: a database that is away keeps no node from starting (ADR 0038).",
  }),
});

const schema = z.strictObject({
  dataDirectory: setting(pathValue, {
    form: "path",
    byDefault: "channels-data",
    variable: "CHANNELS_DATA",
    flag: "--data",
    doc: "Folder with the node's log, its tokens and what it tells its commands. Made where it is missing; only its owner can read it.",
  }),
  key: keySchema,
  chain: chainSchema,
  listen: listenSchema,
  libp2p: libp2pSchema,
  goNitro: goNitroSchema,
  announce: setting(
    z
      .array(placeValue, { error: "write a list of places" })
      .max(8, { error: "write at most 8 places" }),
    {
      form: "list",
      byDefault: [],
      otherwise: "where the node listens",
      doc: "Where others dial this node, when that is not where it listens: behind a router or a proxy.",
    },
  ),
  peers: setting(peersValue, {
    form: "peers",
    byDefault: [],
    doc: `Other nodes: address of the channel key, places where it is dialed, perhaps a name, and perhaps the fee that it asks for as an intermediary. A place is \`tcp://host:port\`, a multiaddr of libp2p, or \`go-nitro:\` and the peer id or multiaddr of a node of go-nitro. At most ${PEERS_MAX}.`,
  }),
  openToStrangers: setting(switchValue, {
    form: "switch",
    byDefault: false,
    doc: "Let nodes in that the configuration does not name, once they have proved their key.",
  }),
  strangersMax: setting(wholeNumber(1, 10_000), {
    form: "number",
    byDefault: 100,
    doc: "Strangers that may be connected at once.",
  }),
  assets: setting(
    z
      .array(assetValue, { error: "write a list of assets" })
      .min(1, { error: "write at least one asset" })
      .max(64, { error: "write at most 64 assets" }),
    {
      form: "list",
      byDefault: ["native"],
      doc: "Assets that channels may hold: `native` for the chain's own coin, or addresses of tokens. Run `channels contracts check-token` before you allow one.",
    },
  ),
  fee: setting(amountValue, {
    form: "amount",
    byDefault: "0",
    doc: "What this node asks for as an intermediary of a virtual channel, in the smallest unit of its first asset.",
  }),
  policy: policySchema,
  disputeAfterSec: setting(wholeNumber(60, MONTH_SEC).optional(), {
    form: "number",
    otherwise: "7200, two hours",
    doc: "Seconds after which what waits for a peer is left to the chain (ADR 0027).",
  }),
  snapshotEvents: setting(wholeNumber(100, 1_000_000).optional(), {
    form: "number",
    otherwise: `${EVENTS_PER_SNAPSHOT}`,
    doc: "Events between two snapshots of the node's state. Fewer make the next start shorter (ADR 0009).",
  }),
  api: apiSchema,
  tables: tablesSchema,
  log: logSchema,
  drainSec: setting(wholeNumber(0, 300), {
    form: "number",
    byDefault: 5,
    doc: "Seconds that a node which is asked to end waits for its peers to acknowledge what it has sent. What they have not by then stays in the log, and is sent at the next start.",
  }),
});

/** Every setting, in the order in which they are shown. */
export const SETTINGS: readonly Setting[] = settingsOf(schema);

/** Reads what all sources together say. Unknown keys are the caller's to refuse, with better words. */
export const configurationSchema: z.ZodType<Configuration> = schema;
