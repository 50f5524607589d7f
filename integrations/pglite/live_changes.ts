/**
 * What changed between two results whose rows have a key: insertions, updates
 * and deletions. An insertion has the whole row and the key of the one before
 * it; an update has what changed, and NULL for what did not.
 *
 * @module
 */

/** A change of a result. */
export type Change<T> = T & {
  /** What happened to the row. */
  __op__: "INSERT" | "UPDATE" | "DELETE";
  /** The columns that changed, of an update. */
  __changed_columns__: string[];
  /** The key of the row before it, if it is another now. */
  // deno-lint-ignore no-explicit-any
  __after__: any;
};

const AFTER = "__after__";

type Entry = readonly [after: unknown, row: Record<string, unknown>];

/** What turns `before` into `after`. */
export function changesOf<T>(
  before: readonly T[],
  after: readonly T[],
  key: string,
): Change<T>[] {
  const old = byKey(before, key);
  const now = byKey(after, key);
  const changes: unknown[] = [];
  for (const [id, [, row]] of old) {
    if (now.has(id)) continue;
    changes.push({
      __op__: "DELETE",
      ...blankOf(row),
      [key]: row[key],
      __after__: null,
      "__changed_columns__": [],
    });
  }
  for (const [id, entry] of now) {
    const known = old.get(id);
    const [behind, row] = entry;
    if (known === undefined) {
      changes.push({
        __op__: "INSERT",
        ...row,
        __after__: behind,
        "__changed_columns__": [],
      });
      continue;
    }
    const changed = changedColumns(known, entry);
    if (changed.length === 0) continue;
    const update: Record<string, unknown> = {
      __op__: "UPDATE",
      ...blankOf(row),
      [key]: row[key],
      __after__: null,
      "__changed_columns__": changed,
    };
    for (const name of changed) {
      update[name] = name === AFTER ? behind : row[name];
    }
    changes.push(update);
  }
  return changes as Change<T>[];
}

function byKey<T>(rows: readonly T[], key: string): Map<unknown, Entry> {
  const map = new Map<unknown, Entry>();
  let behind: unknown = null;
  for (const row of rows as readonly Record<string, unknown>[]) {
    map.set(idOf(row[key]), [behind, row]);
    behind = row[key];
  }
  return map;
}

function changedColumns([was, old]: Entry, [behind, row]: Entry): string[] {
  const changed = Object.keys(row).filter((name) =>
    idOf(row[name]) !== idOf(old[name])
  );
  return idOf(was) === idOf(behind) ? changed : [...changed, AFTER];
}

function blankOf(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(row).map((name) => [name, null]));
}

/** Equal for equal values. */
function idOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return `${value.getTime()}`;
  return JSON.stringify(
    value,
    (_, item) => typeof item === "bigint" ? `${item}n` : item,
  );
}
