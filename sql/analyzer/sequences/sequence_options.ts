/**
 * The options of a sequence put together into its range, with PostgreSQL's
 * checks (`init_params` of `sequence.c`).
 *
 * @module
 */
import {
  boundsOf,
  type SequenceRange,
  type SequenceType,
} from "../../catalog/sequence_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { SequenceOption } from "../../parser/sequence_syntax.ts";
import { bindTypeName } from "../bind_type.ts";
import type { StatementState } from "../statement_state.ts";
import type { SequenceChoice } from "./bound_sequence.ts";

type Numeric = Extract<SequenceOption, { value: unknown }>["name"];

/**
 * The range that `options` give: of a new sequence, or of one that was as
 * `before`, and stands at `last`.
 *
 * @throws {SqlError} `22023`.
 */
export function sequenceRange(
  state: StatementState,
  options: readonly SequenceOption[],
  before?: SequenceRange & { readonly last: bigint },
): SequenceChoice {
  const find = (name: Numeric): { value: bigint | undefined } | undefined => {
    const option = options.find((each) => each.name === name);
    return option !== undefined && "value" in option ? option : undefined;
  };
  const dataType = typeOf(state, options) ?? before?.dataType ?? "int8";
  const kept = before === undefined ? undefined : keptBounds(before, dataType);
  const increment = find("increment")?.value ?? before?.increment ?? 1n;
  if (increment === 0n) throw wrong("INCREMENT must not be zero");
  const cycle = options.find(({ name }) => name === "cycle");
  const [least, greatest] = boundsOf(dataType);
  const maximum = boundOf(find("maxvalue"), kept?.maximum) ??
    (increment > 0n ? greatest : -1n);
  requireInRange("MAXVALUE", maximum, dataType);
  const minimum = boundOf(find("minvalue"), kept?.minimum) ??
    (increment > 0n ? 1n : least);
  requireInRange("MINVALUE", minimum, dataType);
  if (minimum >= maximum) {
    throw wrong(
      `MINVALUE (${minimum}) must be less than MAXVALUE (${maximum})`,
    );
  }
  const bounds = { minimum, maximum };
  const start = find("start")?.value ?? before?.start ??
    (increment > 0n ? minimum : maximum);
  requireWithin("START", start, bounds);
  const restarts = find("restart");
  const restart = restarts && (restarts.value ?? start);
  const last = restart ?? before?.last ?? start;
  requireWithin("RESTART", last, bounds);
  const cache = find("cache")?.value ?? before?.cache ?? 1n;
  if (cache <= 0n) {
    throw wrong(`CACHE (${cache}) must be greater than zero`);
  }
  return {
    range: {
      dataType,
      start,
      increment,
      ...bounds,
      cache,
      cycle: cycle?.name === "cycle" ? cycle.on : before?.cycle ?? false,
    },
    restart,
  };
}

/** The value that is given, the default for NO MAXVALUE, or what it was. */
function boundOf(
  option: { readonly value: bigint | undefined } | undefined,
  kept: bigint | undefined,
): bigint | undefined {
  return option === undefined ? kept : option.value;
}

/** With another type, bounds that were the old type's go with it. */
function keptBounds(
  before: SequenceRange,
  dataType: SequenceType,
): { minimum: bigint | undefined; maximum: bigint | undefined } {
  const { minimum, maximum } = before;
  if (dataType === before.dataType) return { minimum, maximum };
  const [least, greatest] = boundsOf(before.dataType);
  return {
    minimum: minimum === least ? undefined : minimum,
    maximum: maximum === greatest ? undefined : maximum,
  };
}

function typeOf(
  state: StatementState,
  options: readonly SequenceOption[],
): SequenceType | undefined {
  const option = options.find(({ name }) => name === "as");
  if (option?.name !== "as") return undefined;
  const { name } = bindTypeName(state, option.type).type;
  if (name === "int2" || name === "int4" || name === "int8") return name;
  throw new SqlError(
    "22023",
    "sequence type must be smallint, integer, or bigint",
    { offset: option.offset },
  );
}

const TYPE_NAMES: Readonly<Record<SequenceType, string>> = {
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
};

function requireInRange(
  what: string,
  value: bigint,
  dataType: SequenceType,
): void {
  const [least, greatest] = boundsOf(dataType);
  if (value >= least && value <= greatest) return;
  throw wrong(
    `${what} (${value}) is out of range for sequence data type ${
      TYPE_NAMES[dataType]
    }`,
  );
}

function requireWithin(
  what: string,
  value: bigint,
  { minimum, maximum }: Pick<SequenceRange, "minimum" | "maximum">,
): void {
  if (value < minimum) {
    throw wrong(
      `${what} value (${value}) cannot be less than MINVALUE (${minimum})`,
    );
  }
  if (value > maximum) {
    throw wrong(
      `${what} value (${value}) cannot be greater than MAXVALUE (${maximum})`,
    );
  }
}

function wrong(message: string): SqlError {
  return new SqlError("22023", message);
}
