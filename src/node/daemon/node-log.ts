/** What a node tells about itself while it runs: lines with a level, without secrets. */
import { pino } from "pino";
import { NodeError } from "../../primitives/node-error.ts";
import type { LogLevel } from "../config/configuration.ts";

/** Facts of a line, by name. Errors are told by their name, code and message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Tells one thing, in words that do not change; what changes stands in the fields. */
export type Tell = (message: string, fields?: LogFields) => void;

/** Where lines go. */
export type NodeLog = {
  readonly debug: Tell;
  readonly info: Tell;
  readonly warn: Tell;
  readonly error: Tell;
};

/** How lines are written. */
export type NodeLogOptions = {
  readonly level: LogLevel;
  /** JSON lines, or short ones for people. */
  readonly format: "json" | "pretty";
  /** Takes a line with its end. */
  readonly write: (line: string) => void;
  /** Texts that must never be written, whatever brings them: keys and passwords. Short ones are not looked for. */
  readonly secrets: readonly string[];
};

/** A log that stays silent, for tests and tools. */
export const SILENT_LOG: NodeLog = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};

/** What stands in the place of a secret. */
const HIDDEN = "(a secret)";

/** Characters of a text below which hiding it would only spoil other words. */
const SECRET_CHARS_MIN = 6;

/** Fields whose values are never written, whoever names them so. */
const SECRET_FIELDS = /key$|password|secret|token$|authorization|cookie/i;

/** Opens a log. */
export function createNodeLog({ format, level, secrets, write }: NodeLogOptions): NodeLog {
  const hidden = secretForms(secrets);
  const hide = (line: string): void => write(hideAll(line, hidden));
  const lines = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: format === "json" ? hide : (line) => hide(shortLine(line)) },
  );
  const tell =
    (at: "debug" | "info" | "warn" | "error"): Tell =>
    (message, fields = {}) => {
      // Strangers may cause any number of lines that nobody wants to read.
      if (lines.isLevelEnabled(at)) lines[at](plainFields(fields), message);
    };
  return { debug: tell("debug"), info: tell("info"), warn: tell("warn"), error: tell("error") };
}

/** Each secret as it is and as JSON writes it, in any capitals. */
function secretForms(secrets: readonly string[]): readonly RegExp[] {
  return secrets
    .map((secret) => secret.trim().replace(/^0x/i, ""))
    .filter((secret) => secret.length >= SECRET_CHARS_MIN)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .map((secret) => new RegExp(secret.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi"));
}

function hideAll(line: string, hidden: readonly RegExp[]): string {
  return hidden.reduce((text, secret) => text.replace(secret, HIDDEN), line);
}

function plainFields(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      SECRET_FIELDS.test(name) ? HIDDEN : plainValue(value),
    ]),
  );
}

function plainValue(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (!(value instanceof Error)) return value;
  const { message, name, stack } = value;
  // Where the world failed is no matter of this program's code.
  return value instanceof NodeError
    ? { name, code: value.code, message }
    : { name, message, stack };
}

/** `12:34:56 warn  words  name=value`: for people who look at a terminal. */
function shortLine(line: string): string {
  const { level, msg, time, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const facts = Object.entries(fields).map(([name, value]) => `${name}=${factText(value)}`);
  const words = [String(time).slice(11, 19), String(level).padEnd(5), String(msg), ...facts];
  return `${words.join("  ")}\n`;
}

function factText(value: unknown): string {
  if (typeof value === "string") return value;
  const isError = typeof value === "object" && value !== null && "message" in value;
  return isError ? String(value.message) : JSON.stringify(value);
}
