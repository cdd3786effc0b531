// A record that does not fit the state it is replayed over. Skipping it would leave a wrong image for ever, so the broker stops.
export class ReplayError extends Error {
  override readonly name = 'ReplayError'
}
