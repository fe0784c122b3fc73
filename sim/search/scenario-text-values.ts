/** Values as TypeScript: what a scenario file is written with. */
import { jsonOf } from "../../src/primitives/json.ts";
import { CALM_PLAN } from "./calm-plan.ts";
import { compareFields } from "./capsule-wishes.ts";
import type { Plan } from "./plan.ts";

/** The fields of a plan that are not calm, a line each. */
export function fieldsText(world: Partial<Plan>): string {
  const calm = CALM_PLAN as Readonly<Record<string, unknown>>;
  return Object.entries(world)
    .filter(([field, value]) => jsonOf(value) !== jsonOf(calm[field]))
    .map(([field, value]) => `  ${field}: ${wrappedText(value, "  ")},\n`)
    .join("");
}

/** Longest line of what is wrapped, in characters: that of this repository, with room for the name of the field. */
const LINE_CHARS_MAX = 80;

/** A value with one field to a line where it is too long for one. */
function wrappedText(value: unknown, indent: string): string {
  const flat = valueText(value);
  const isShort = indent.length + flat.length <= LINE_CHARS_MAX;
  if (isShort || typeof value !== "object" || value === null || Array.isArray(value)) return flat;
  const lines = Object.entries(value).map(([field, one]) => {
    return `${indent}  ${nameText(field)}: ${wrappedText(one, `${indent}  `)},\n`;
  });
  return `{\n${lines.join("")}${indent}}`;
}

/** A value on one line. */
export function valueText(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value === Number.POSITIVE_INFINITY) return "Number.POSITIVE_INFINITY";
  if (typeof value === "number") return grouped(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  const fields = Object.entries(value)
    .sort(([one], [other]) => compareFields(one, other))
    .map(([field, one]) => `${nameText(field)}: ${valueText(one)}`);
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}

function nameText(field: string): string {
  return /^(?:[a-zA-Z_]\w*|0|[1-9]\d*)$/.test(field) ? field : JSON.stringify(field);
}

/** Thousands apart, from 10,000 on. */
function grouped(value: number): string {
  const text = `${value}`;
  return /^-?\d{5,}$/.test(text) ? text.replace(/\B(?=(?:\d{3})+$)/g, "_") : text;
}
