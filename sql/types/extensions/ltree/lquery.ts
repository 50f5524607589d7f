/**
 * `lquery`: a pattern of trees: `Top.*{0,2}.sport*@.!football|tennis.*`.
 *
 * An item is a star or labels to choose from (`!`: none of them), and says how
 * many levels it takes: a star any number, labels one, if `{n,m}` does not say
 * otherwise.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import {
  formatLabelPattern,
  type LabelPattern,
  matchesLabel,
  MODIFIERS,
} from "./label_pattern.ts";
import {
  checkLabel,
  checkLevels,
  isLabelCharacter,
  LEVELS_MAX,
  unexpectedCharacter,
  unexpectedEnd,
} from "./ltree_value.ts";

/** One item of a pattern. */
export interface QueryItem {
  /** The labels that it takes; none: any. */
  readonly labels: readonly LabelPattern[];
  /** Whether it takes what is none of them. */
  readonly negated: boolean;
  readonly low: number;
  readonly high: number;
  /** Whether `{…}` was written. */
  readonly hasCount: boolean;
}

class QueryReader {
  readonly #characters: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#characters = [...text];
  }

  #next(): string | undefined {
    return this.#characters[this.#at];
  }

  #fail(): SqlError {
    return this.#next() === undefined
      ? unexpectedEnd("lquery")
      : unexpectedCharacter("lquery", this.#at + 1);
  }

  read(): QueryItem[] {
    if (this.#characters.length === 0) throw unexpectedEnd("lquery");
    checkLevels(
      "lquery",
      this.#characters.filter((each) => each === ".").length + 1,
    );
    const items: QueryItem[] = [];
    for (;;) {
      items.push(this.#item());
      if (this.#next() === undefined) return items;
      if (this.#next() !== ".") throw this.#fail();
      this.#at++;
    }
  }

  #item(): QueryItem {
    if (this.#next() === "*") {
      this.#at++;
      const star = { labels: [], negated: false };
      if (this.#next() === "{") return { ...star, ...this.#count() };
      return { ...star, low: 0, high: LEVELS_MAX, hasCount: false };
    }
    const negated = this.#next() === "!";
    if (negated) this.#at++;
    const labels: LabelPattern[] = [];
    do {
      if (labels.length > 0) this.#at++;
      labels.push(this.#label());
    } while (this.#next() === "|");
    const count = this.#next() === "{"
      ? this.#count()
      : { low: 1, high: 1, hasCount: false };
    return { labels, negated, ...count };
  }

  #label(): LabelPattern {
    const start = this.#at;
    while (isLabelCharacter(this.#next())) this.#at++;
    if (this.#at === start) throw this.#fail();
    const word = this.#characters.slice(start, this.#at).join("");
    const pattern = {
      word,
      ignoresCase: false,
      isPrefix: false,
      isWords: false,
    };
    const length = this.#at - start;
    for (;;) {
      const modifier = MODIFIERS[this.#next() ?? ""];
      if (modifier === undefined) break;
      pattern[modifier] = true;
      this.#at++;
    }
    checkLabel(length, this.#at + 1);
    return pattern;
  }

  /** `{n}`, `{n,}`, `{,m}`, `{n,m}`, `{,}` */
  #count(): Pick<QueryItem, "low" | "high" | "hasCount"> {
    this.#at++;
    const [low] = this.#limit("Low");
    let high = low ?? LEVELS_MAX;
    if (this.#next() === ",") {
      this.#at++;
      const [limit, position] = this.#limit("High");
      high = limit ?? LEVELS_MAX;
      if (limit !== undefined && (low ?? 0) > limit) {
        throw new SqlError("42601", "lquery syntax error", {
          detail:
            `Low limit (${low}) is greater than high limit (${limit}), at character ${position}.`,
        });
      }
    } else if (low === undefined) throw this.#fail();
    if (this.#next() !== "}") throw this.#fail();
    this.#at++;
    return { low: low ?? 0, high, hasCount: true };
  }

  #limit(which: string): [limit: number | undefined, position: number] {
    const start = this.#at;
    while (/^[0-9]$/.test(this.#next() ?? "")) this.#at++;
    if (this.#at === start) return [undefined, start + 1];
    const limit = Number(this.#characters.slice(start, this.#at).join(""));
    if (limit > LEVELS_MAX) {
      throw new SqlError("54000", "lquery syntax error", {
        detail:
          `${which} limit (${limit}) exceeds the maximum allowed (${LEVELS_MAX}), at character ${
            start + 1
          }.`,
      });
    }
    return [limit, start + 1];
  }
}

/** Reads a pattern. @throws {SqlError} `42601`, `42622`, `54000`. */
export function readLquery(text: string): readonly QueryItem[] {
  return new QueryReader(text).read();
}

/** The text of a pattern. */
export function formatLquery(items: readonly QueryItem[]): string {
  return items.map((item) => {
    const { labels, negated } = item;
    const what = labels.length === 0
      ? "*"
      : (negated ? "!" : "") + labels.map(formatLabelPattern).join("|");
    return what + formatCount(item);
  }).join(".");
}

function formatCount({ labels, low, high, hasCount }: QueryItem): string {
  if (!hasCount) return "";
  if (low === high) return `{${low}}`;
  const isOpen = high === LEVELS_MAX;
  if (low === 0 && isOpen) return labels.length === 0 ? "" : "{,}";
  return `{${low === 0 ? "" : low},${isOpen ? "" : high}}`;
}

/** Whether labels are what a pattern wants. */
export function matchesLquery(
  items: readonly QueryItem[],
  labels: readonly string[],
): boolean {
  // Where the items so far may have ended.
  let ends = new Uint8Array(labels.length + 1);
  ends[0] = 1;
  for (const item of items) ends = endsAfter(item, labels, ends);
  return ends[labels.length] === 1;
}

/** Where an item may end that begins where `starts` says. */
function endsAfter(
  { labels: patterns, negated, low, high }: QueryItem,
  labels: readonly string[],
  starts: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const count = labels.length;
  // How many labels from each one on the item takes.
  const runs = new Uint32Array(count + 1);
  for (let i = count - 1; i >= 0; i--) {
    const takes = patterns.length === 0 ||
      patterns.some((each) => matchesLabel(each, labels[i]!)) !== negated;
    runs[i] = takes ? runs[i + 1]! + 1 : 0;
  }
  const changes = new Int32Array(count + 2);
  for (let i = 0; i <= count; i++) {
    const longest = Math.min(high, runs[i]!);
    if (starts[i] === 0 || longest < low) continue;
    changes[i + low]!++;
    changes[i + longest + 1]!--;
  }
  const ends = new Uint8Array(count + 1);
  let open = 0;
  for (let i = 0; i <= count; i++) {
    open += changes[i]!;
    ends[i] = open > 0 ? 1 : 0;
  }
  return ends;
}
