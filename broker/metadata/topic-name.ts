// Which topic names are legal, and which two are too alike. Kafka's org.apache.kafka.common.internals.Topic.

const MAX_NAME_LENGTH = 249
const LEGAL_NAME = /^[a-zA-Z0-9._-]+$/

/** Why a name is refused, or undefined. */
export function invalidTopicName(name: string): string | undefined {
  const reason = reasonAgainst(name)
  return reason === undefined ? undefined : `Topic name is invalid: ${reason}`
}

function reasonAgainst(name: string): string | undefined {
  if (name === '') return 'the empty string is not allowed'
  if (name === '.' || name === '..') return `'${name}' is not allowed`
  if (name.length > MAX_NAME_LENGTH) {
    return `the length of '${name}' is longer than the max allowed length ${MAX_NAME_LENGTH}`
  }
  if (!LEGAL_NAME.test(name)) {
    return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`
  }
  return undefined
}

// Metric names turn '.' into '_': two topics must not differ in that alone.
export const hasCollisionChars = (name: string): boolean => name.includes('_') || name.includes('.')
export const unifyCollisionChars = (name: string): string => name.replaceAll('.', '_')
