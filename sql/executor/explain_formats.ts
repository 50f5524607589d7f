/**
 * EXPLAIN's report as JSON, XML and YAML, in PostgreSQL's shapes.
 *
 * ```text
 * JSON   "Sort Key": ["x"]
 * XML    <Sort-Key><Item>x</Item></Sort-Key>, each on a line
 * YAML   Sort Key: - "x", each on a line
 * ```
 *
 * @module
 */

/** A number that is shown with so many digits after the point. */
export class Decimal {
  readonly value: number;
  readonly digits: number;

  /** `value` with `digits`. */
  constructor(value: number, digits: number) {
    this.value = value;
    this.digits = digits;
  }

  /** As JSON has it. */
  toJSON(): number {
    return Number(this.value.toFixed(this.digits));
  }

  /** As XML and YAML have it. */
  toString(): string {
    return this.value.toFixed(this.digits);
  }
}

/** A value of a report. */
export type ReportValue =
  | string
  | number
  | boolean
  | Decimal
  | readonly string[]
  | readonly Report[]
  | Report;

/** Properties by name, in order. */
export interface Report {
  readonly [name: string]: ReportValue;
}

/** A report as JSON: a list of one query. */
export function jsonText(report: Report): string {
  return JSON.stringify([report], undefined, 2);
}

/** A report as YAML. */
export function yamlText(report: Report): string {
  const lines: string[] = [];
  yamlItem(report, "", lines);
  return lines.join("\n");
}

/** An element of a list: its first property stands behind the dash. */
function yamlItem(report: Report, indent: string, lines: string[]): void {
  const own: string[] = [];
  yamlProperties(report, `${indent}  `, own);
  lines.push(`${indent}- ${own[0]!.trimStart()}`, ...own.slice(1));
}

function yamlProperties(
  report: Report,
  indent: string,
  lines: string[],
): void {
  for (const [name, value] of Object.entries(report)) {
    if (isScalar(value)) {
      lines.push(`${indent}${name}: ${yamlScalar(value)}`);
      continue;
    }
    lines.push(`${indent}${name}: `);
    if (!Array.isArray(value)) {
      yamlProperties(value as Report, `${indent}  `, lines);
      continue;
    }
    for (const item of value as readonly (string | Report)[]) {
      if (typeof item === "string") {
        lines.push(`${indent}  - ${yamlScalar(item)}`);
      } else yamlItem(item, `${indent}  `, lines);
    }
  }
}

function yamlScalar(value: string | number | boolean | Decimal): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function isScalar(
  value: ReportValue,
): value is string | number | boolean | Decimal {
  return typeof value !== "object" || value instanceof Decimal;
}

/** A report as XML. */
export function xmlText(report: Report): string {
  const lines = ['<explain xmlns="http://www.postgresql.org/2009/explain">'];
  xmlElement("Query", report, "  ", lines);
  lines.push("</explain>");
  return lines.join("\n");
}

function xmlElement(
  name: string,
  value: ReportValue,
  indent: string,
  lines: string[],
): void {
  const tag = name.replace(/[^\w.-]/g, "-");
  if (isScalar(value)) {
    lines.push(`${indent}<${tag}>${xmlEscape(String(value))}</${tag}>`);
    return;
  }
  lines.push(`${indent}<${tag}>`);
  if (Array.isArray(value)) {
    for (const item of value as readonly (string | Report)[]) {
      const each = typeof item === "string" ? "Item" : tag.replace(/s$/, "");
      xmlElement(each, item, `${indent}  `, lines);
    }
  } else {
    for (const [key, part] of Object.entries(value as Report)) {
      xmlElement(key, part, `${indent}  `, lines);
    }
  }
  lines.push(`${indent}</${tag}>`);
}

function xmlEscape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll("\r", "&#x0d;");
}
