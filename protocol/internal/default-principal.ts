// A principal as brokers hand it to the controller inside an Envelope (KIP-590).

import { defineMessage } from '../schema/message.ts'
import { bool, string, struct, type Value } from '../schema/vocabulary.ts'

const defaultPrincipalData = struct({
  type: string,
  name: string,
  tokenAuthenticated: bool,
})
export interface DefaultPrincipalData extends Value<typeof defaultPrincipalData> {}

export const DefaultPrincipalData = defineMessage<DefaultPrincipalData>({
  name: 'DefaultPrincipalData',
  versions: [0, 0],
  flexibleFrom: 0,
  fields: defaultPrincipalData,
})
