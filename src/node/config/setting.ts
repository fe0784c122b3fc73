/** One thing that can be set: what it means, and how it is written as text. */
import { z } from "zod";
import { unreachable } from "../../primitives/assert.ts";

/**
 * How the text of an environment variable or a flag becomes the value that a file would hold.
 *
 * - `text`, `amount`: as it is. `number`: as a number. `switch`: yes or no.
 * - `path`: as it is; a relative one counts from the folder of the file that holds it, or from where the program
 *   was started.
 * - `list`: between commas. `peers`: between commas, each as `name=address@place@place`.
 */
export type TextForm = "text" | "amount" | "number" | "switch" | "path" | "list" | "peers";

/** What is known of a setting besides its schema. */
export type SettingNotes = {
  /** Full sentences in Markdown, for whoever reads the table of settings. */
  readonly doc: string;
  readonly form: TextForm;
  /** What it is where nobody sets it, as a file would write it; absent when it is then not set at all. */
  readonly byDefault?: unknown;
  /** What is taken where nobody sets it and it depends on others, in words. */
  readonly otherwise?: string;
  /** A secret comes from the environment alone, and is never shown. */
  readonly isSecret?: boolean;
  /** Addresses that may hold a key in their path: shown by host. */
  readonly isUrl?: boolean;
  /** Another name of its environment variable, or of its flag, than the one made from its key. */
  readonly variable?: string;
  readonly flag?: string;
};

/** One leaf of the schema. */
export type Setting = Omit<SettingNotes, "variable" | "flag"> & {
  /** Its place in a file, such as `chain.rpc`. */
  readonly key: string;
  /** Its environment variable, such as `CHANNELS_CHAIN_RPC`. */
  readonly variable: string;
  /** Its flag, such as `--chain-rpc`; undefined for a secret, since all users of a machine see flags. */
  readonly flag: string | undefined;
};

const registry = z.registry<SettingNotes>();

/** Makes a setting of a schema, which may be that of other settings as well. */
export function setting<Schema extends z.ZodType>(schema: Schema, notes: SettingNotes): Schema {
  const own = schema.clone();
  registry.add(own, notes);
  return own;
}

/** All settings below a schema, in its order. */
export function settingsOf(schema: z.ZodObject, path: readonly string[] = []): readonly Setting[] {
  return Object.entries(schema.shape).flatMap(([name, below]) => {
    const here = [...path, name];
    const notes = registry.get(below as z.ZodType);
    if (notes !== undefined) return [settingAt(here, notes)];
    return below instanceof z.ZodObject ? settingsOf(below, here) : [];
  });
}

function settingAt(path: readonly string[], notes: SettingNotes): Setting {
  const words = path.flatMap((part) => part.replace(/[A-Z]/g, (letter) => `-${letter}`).split("-"));
  const lowered = words.map((word) => word.toLowerCase());
  const flag = notes.flag ?? `--${lowered.join("-")}`;
  return {
    ...notes,
    key: path.join("."),
    variable: notes.variable ?? `CHANNELS_${lowered.join("_").toUpperCase()}`,
    flag: notes.isSecret === true ? undefined : flag,
  };
}

/** Reads the text of a variable or a flag. What does not fit its form stays text, which the schema refuses. */
export function valueOfText(text: string, form: TextForm): unknown {
  switch (form) {
    case "text":
    case "amount":
    case "path":
      return text;
    case "number":
      return /^\d{1,15}$/.test(text.trim()) ? Number(text) : text;
    case "switch":
      return SWITCHES.get(text.trim().toLowerCase()) ?? text;
    case "list":
      return partsOf(text);
    case "peers":
      return partsOf(text).map(peerOfText);
    default:
      return unreachable(form);
  }
}

const SWITCHES: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["yes", true],
  ["on", true],
  ["1", true],
  ["false", false],
  ["no", false],
  ["off", false],
  ["0", false],
]);

function partsOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function peerOfText(text: string): unknown {
  const [, name, rest = text] = /^([^=@]*)=(.*)$/.exec(text) ?? [];
  const [address, ...places] = rest.split("@");
  return { address, places, ...(name === undefined ? {} : { name }) };
}
