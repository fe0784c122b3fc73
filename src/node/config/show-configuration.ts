/** Shows the configuration that is in effect, and who said so. Secrets are never shown. */
import { textTable } from "../../primitives/text-table.ts";
import type { Origin, SettingInEffect } from "./load-configuration.ts";

/** A line for each setting. */
export function configurationText(settings: readonly SettingInEffect[]): string {
  const rows = settings.map((one) => [
    one.setting.key,
    textOf(shownValue(one), one),
    originText(one.origin),
  ]);
  return textTable([["setting", "value", "from"], ...rows], ["left", "left", "left"]).join("\n");
}

/** The same for programs: an object by key. */
export function configurationJson(settings: readonly SettingInEffect[]): string {
  const entries = settings.map((one) => [
    one.setting.key,
    { value: shownValue(one) ?? null, from: one.origin },
  ]);
  return JSON.stringify(Object.fromEntries(entries), undefined, 2);
}

/** What may be shown of a value. */
function shownValue({ setting, value }: SettingInEffect): unknown {
  if (value === undefined) return undefined;
  if (setting.isSecret === true) return "(a secret)";
  return setting.isUrl === true && Array.isArray(value) ? value.map(withoutPath) : value;
}

/** The path and the query of an endpoint's URL often hold a key, and so may what stands before its host. */
function withoutPath(url: unknown): string {
  if (typeof url !== "string" || !URL.canParse(url)) return "(no URL)";
  const { host, pathname, protocol, search, username } = new URL(url);
  const isPlain = pathname === "/" && search === "" && username === "";
  return `${protocol}//${host}${isPlain ? "" : "/..."}`;
}

function textOf(value: unknown, { setting }: SettingInEffect): string {
  if (value === undefined) return `(${setting.otherwise?.replaceAll("`", "") ?? "not set"})`;
  if (Array.isArray(value) && value.length === 0) return "(none)";
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
    return value.join(", ");
  }
  return JSON.stringify(value);
}

function originText(origin: Origin): string {
  if (origin.type === "File") return origin.path;
  if (origin.type === "Environment") return origin.variable;
  return origin.type === "Flag" ? origin.flag : "default";
}
