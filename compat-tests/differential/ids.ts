/** Ids that were sent and are nobody's. */
import { ZERO_UUID } from '../../protocol/uuid.ts'

export const UNKNOWN_ID = 'abcdefghijklmnopqrstuw'
export const MADE_UP_IDS: readonly string[] = [ZERO_UUID, UNKNOWN_ID, 'AAAAAAAAAAAAAAAAAAAAAQ']
