/**
 * The answer to a request that failed as a whole (RequestError), in the api's own shape, derived from the schema as Kafka's
 * getErrorResponse methods do it by hand: the code at the top where this version has one, else in every row the request asked for.
 *
 *   request  { topics: [{ name, partitions: [{ partitionIndex }] }] }
 *   answer   { topics: [{ name, partitions: [{ partitionIndex, errorCode }] }] }
 *
 * What names a row is copied; a field with a default of its own says something else and keeps it, and rows without a code stay away.
 * Rows are matched by field name, or, when an array goes by another name in the answer, by order (Produce: topicData → responses).
 */
import { defaultOf } from '../../protocol/schema/defaults.ts'
import type { Struct } from '../../protocol/schema/vocabulary.ts'

export interface Failure {
  readonly code: number
  readonly message: string | null
}

type Values = Record<string, unknown>
type ResponseMessage = { readonly struct: Struct; create(): unknown }

export function failedResponse(
  response: ResponseMessage,
  request: unknown,
  version: number,
  failure: Failure,
): unknown {
  const answer = response.create() as Values
  // A legacy code at the top is what `downgrade` makes of the rows.
  const top = response.struct.shape['errorCode']?.facts
  if (top !== undefined && !top.legacy && top.since <= version && version <= top.until) {
    note(answer, response.struct, failure)
    return answer
  }
  mirror(answer, response.struct, request as Values, failure)
  return answer
}

/** Writes the code, and the message, where there is room for them. */
function note(value: Values, struct: Struct, failure: Failure): void {
  if (!('errorCode' in struct.shape)) return
  value['errorCode'] = failure.code
  if ('errorMessage' in struct.shape) value['errorMessage'] = failure.message
}

function mirror(answer: Values, struct: Struct, request: Values, failure: Failure): void {
  const asked = Object.keys(request).filter(name => Array.isArray(request[name]))
  for (const [name, field] of Object.entries(struct.shape)) {
    const { type } = field.facts
    if (field.facts.legacy || type.kind !== 'array' || type.element.kind !== 'struct') continue
    const source = asked.includes(name) ? name : asked.find(other => !(other in struct.shape))
    if (source === undefined) continue
    const element = type.element.struct
    if (!tellsErrors(element)) continue
    answer[name] = (request[source] as unknown[]).map(row => mirrorRow(element, row, failure))
    return
  }
}

const names = (facts: { default: unknown }): boolean => facts.default === undefined || facts.default === null

function tellsErrors(struct: Struct): boolean {
  return Object.entries(struct.shape).some(
    ([name, { facts }]) =>
      name === 'errorCode' ||
      (facts.type.kind === 'array' &&
        facts.type.element.kind === 'struct' &&
        tellsErrors(facts.type.element.struct)),
  )
}

function mirrorRow(struct: Struct, row: unknown, failure: Failure): Values {
  const answer: Values = {}
  const isObject = typeof row === 'object' && row !== null
  let nameless = !isObject
  for (const [name, field] of Object.entries(struct.shape)) {
    answer[name] = defaultOf(field.facts)
    if (isObject && names(field.facts) && name in row && !Array.isArray((row as Values)[name])) {
      answer[name] = (row as Values)[name]
    }
    // A row that is a bare string or number is the first such field of the answer's row.
    if (nameless && typeof row === typeof answer[name] && name !== 'errorCode') {
      answer[name] = row
      nameless = false
    }
  }
  note(answer, struct, failure)
  if (isObject) mirror(answer, struct, row as Values, failure)
  return answer
}
