/**
 * The rows of `pg_settings`.
 *
 * @module
 */
import type { Nullable } from "../types/data_type.ts";
import type { Asked } from "./catalog_question.ts";
import type { SettingDefinition, SettingType } from "./setting_definitions.ts";
import { spelledName } from "./setting_definitions.ts";
import { parseInteger } from "./setting_values.ts";

/** The settings, as rows in JSON. */
export function settingRows({ settings, core }: Asked): Nullable {
  return JSON.stringify(
    settings.all().map(({ definition, value }) => {
      const { name, type, initial, description, category } = definition;
      const isRange = type.kind === "integer" || type.kind === "real";
      const start = core.settings.get(name) ?? initial;
      return [
        spelledName(name),
        rawValue(definition, value),
        "unit" in type ? type.unit ?? null : null,
        category ?? "Customized Options",
        description,
        null,
        contextOf(definition),
        typeWord(type),
        value === start ? "default" : "session",
        isRange ? String(type.min) : null,
        isRange ? String(type.max) : null,
        type.kind === "enum" ? `{${type.values.map(quoted).join(",")}}` : null,
        rawValue(definition, initial),
        rawValue(definition, start),
        null,
        null,
        false,
      ];
    }),
  );
}

/** A value without its unit. */
function rawValue(definition: SettingDefinition, value: string): string {
  return definition.type.kind === "integer"
    ? String(parseInteger(definition, value))
    : value;
}

/** An element of an array's text. */
function quoted(word: string): string {
  return /^[\w-]+$/.test(word) ? word : `"${word}"`;
}

function contextOf({ context, effect }: SettingDefinition): string {
  return context ?? (effect === "fixed" ? "internal" : "user");
}

function typeWord({ kind }: SettingType): string {
  return kind === "boolean"
    ? "bool"
    : kind === "integer" || kind === "real" || kind === "enum"
    ? kind
    : "string";
}
