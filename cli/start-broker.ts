// What a start loads, as one piece.
export { openBroker } from '../broker/broker.ts'
export { start } from './start.ts'
