/** Schemas of single values of a configuration, with words for whoever writes them wrong. */
import { z } from "zod";
import { parseTcpPlace } from "../../adapters/tcp-place.ts";
import { type Address, parseAddress, ZERO_ADDRESS } from "../../crypto/address.ts";
import { GO_NITRO_SCHEME } from "../../network/go-nitro/lines.ts";
import type { ConfiguredPeer, HostPort } from "./configuration.ts";

/** Peers that a configuration may name: the address book of a process is asked for each frame. */
export const PEERS_MAX = 1_000;

/** Characters of a name that people give to a peer. */
const NAME_CHARS_MAX = 40;

const ADDRESS_ADVICE = "write an address as 0x and 40 hexadecimal digits";

/** An account or a contract. */
export const addressValue: z.ZodType<Address> = z.unknown().transform((value, context) => {
  const parsed = parseAddress(value);
  if (parsed.ok && parsed.value !== ZERO_ADDRESS) return parsed.value;
  context.addIssue({ code: "custom", message: ADDRESS_ADVICE });
  return z.NEVER;
});

/** An asset: the address of a token, or the word for the chain's own coin. */
export const assetValue: z.ZodType<Address> = z.unknown().transform((value, context) => {
  if (value === "native") return ZERO_ADDRESS;
  const parsed = parseAddress(value);
  if (parsed.ok) return parsed.value;
  const message = `${ADDRESS_ADVICE}, or "native" for the chain's own coin`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** A whole number of an asset's smallest unit. A file may hold it as text, since numbers end at 2^53 there. */
export const amountValue: z.ZodType<bigint> = z.unknown().transform((value, context) => {
  const isNumber = typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
  const isText = typeof value === "string" && /^\d{1,78}$/.test(value);
  if (isNumber || isText) return BigInt(value);
  const message =
    "write a whole number of the asset's smallest unit, in quotes where it is above 2^53";
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** A whole number within bounds, both included. */
export function wholeNumber(lowest: number, highest: number): z.ZodType<number> {
  const message = `write a whole number from ${lowest} to ${highest}`;
  return z.int({ error: message }).min(lowest, { error: message }).max(highest, { error: message });
}

/** The number of a chain. */
export const chainIdValue: z.ZodType<bigint> = z.unknown().transform((value, context) => {
  const isId = typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
  if (isId) return BigInt(value);
  const message = 'write the number of the chain, such as 1 for Ethereum; "eth_chainId" tells it';
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** Yes or no. */
export const switchValue: z.ZodType<boolean> = z.boolean({ error: "write true or false" });

/** One of some words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(
  words: Words,
): z.ZodType<Words[number]> {
  return z.enum(words, { error: `write one of ${words.join(", ")}` });
}

/** A path of the file system. */
export const pathValue: z.ZodType<string> = z
  .string({ error: "write a path" })
  .min(1, { error: "write a path that is not empty" });

/** Any text that is not empty. */
export const secretValue: z.ZodType<string> = z
  .string({ error: "write a text" })
  .min(1, { error: "write a text that is not empty" });

/** The URL of an Ethereum endpoint. */
export const rpcUrlValue: z.ZodType<string> = z
  .string({ error: "write a URL" })
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    error: "write it as http://host:port or https://host/path",
  });

/** The URL of a PostgreSQL database. Its password is in no message. */
export const databaseValue: z.ZodType<string> = z
  .string({ error: "write a URL" })
  .refine((text) => URL.canParse(text) && /^postgres(?:ql)?:$/.test(new URL(text).protocol), {
    error: "write it as postgres://user:password@host:5432/database",
  });

/** Where a node is dialed. Source: ADR 0034. */
export const placeValue: z.ZodType<string> = z
  .string({ error: "write a place as text" })
  .refine(isPlace, {
    error:
      "write it as tcp://host:port, for libp2p as /ip4/.../tcp/.../p2p/<peer id>, for go-nitro with go-nitro: before that",
  });

/** True for text of a form that some wire can dial. */
export function isPlace(text: string): boolean {
  if (parseTcpPlace(text) !== undefined) return true;
  const other = text.startsWith(GO_NITRO_SCHEME) ? text.slice(GO_NITRO_SCHEME.length) : text;
  const isPeerId = other !== text && /^[A-Za-z0-9]{20,128}$/.test(other);
  return isPeerId || /^\/[a-z0-9]+\/\S{1,500}$/.test(other);
}

/** An address to listen at, or the word `off`. */
export const hostPortValue: z.ZodType<HostPort | undefined> = z
  .unknown()
  .transform((value, context) => {
    if (value === "off") return undefined;
    const [, host, digits] = /^(\[[^\]]+\]|[^\s:]+):(\d{1,5})$/.exec(String(value)) ?? [];
    const port = Number(digits);
    if (host !== undefined && port <= 65_535) {
      return { host: host.replace(/^\[|\]$/g, ""), port };
    }
    const message = "write it as host:port, such as 127.0.0.1:4005, or off";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

/** The name of a host, as a browser sends it but for the port. */
export const hostNameValue: z.ZodType<string> = z
  .string({ error: "write a name" })
  .toLowerCase()
  .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, {
    error: "write the name of a host without scheme and port, such as node.example",
  });

/** The origin of a page, as a browser sends it. */
export const originValue: z.ZodType<string> = z
  .string({ error: "write an origin" })
  .refine((text) => URL.canParse(text) && new URL(text).origin === text, {
    error: "write it as scheme://host or scheme://host:port, such as https://wallet.example",
  });

/** The peers that a configuration names, each once. */
export const peersValue: z.ZodType<readonly ConfiguredPeer[]> = z
  .array(
    z.strictObject(
      {
        address: addressValue,
        places: z
          .array(placeValue, { error: "write a list of places" })
          .max(8, { error: "write at most 8 places" }),
        name: z
          .string({ error: "write a name" })
          .min(1, { error: "write a name that is not empty" })
          .max(NAME_CHARS_MAX, { error: `write at most ${NAME_CHARS_MAX} characters` })
          .optional(),
        fee: amountValue.optional(),
      },
      { error: "write each peer as an object with address, places and perhaps name and fee" },
    ),
    { error: "write a list of peers" },
  )
  .max(PEERS_MAX, { error: `write at most ${PEERS_MAX} peers` })
  .refine((peers) => new Set(peers.map(({ address }) => address)).size === peers.length, {
    error: "write each peer once, with all its places",
  });
