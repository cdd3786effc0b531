// AlterClientQuotas: sets and removes quotas (KIP-546).

import { defineApi } from '../schema/message.ts'
import { array, bool, float64, int16, int32, string, struct, type Value } from '../schema/vocabulary.ts'

const alterClientQuotasRequestEntityData = struct({
  entityType: string,
  entityName: string.nullable(),
})
export interface AlterClientQuotasRequestEntityData
  extends Value<typeof alterClientQuotasRequestEntityData> {}

const opData = struct({
  key: string,
  value: float64,
  remove: bool,
})
export interface OpData extends Value<typeof opData> {}

const alterClientQuotasRequestEntryData = struct({
  entity: array<AlterClientQuotasRequestEntityData>(alterClientQuotasRequestEntityData),
  ops: array<OpData>(opData),
})
export interface AlterClientQuotasRequestEntryData extends Value<typeof alterClientQuotasRequestEntryData> {}

const alterClientQuotasRequest = struct({
  entries: array<AlterClientQuotasRequestEntryData>(alterClientQuotasRequestEntryData),
  validateOnly: bool,
})
export interface AlterClientQuotasRequest extends Value<typeof alterClientQuotasRequest> {}

const alterClientQuotasResponseEntityData = struct({
  entityType: string,
  entityName: string.nullable(),
})
export interface AlterClientQuotasResponseEntityData
  extends Value<typeof alterClientQuotasResponseEntityData> {}

const alterClientQuotasResponseEntryData = struct({
  errorCode: int16,
  errorMessage: string.nullable(),
  entity: array<AlterClientQuotasResponseEntityData>(alterClientQuotasResponseEntityData),
})
export interface AlterClientQuotasResponseEntryData
  extends Value<typeof alterClientQuotasResponseEntryData> {}

const alterClientQuotasResponse = struct({
  throttleTimeMs: int32,
  entries: array<AlterClientQuotasResponseEntryData>(alterClientQuotasResponseEntryData),
})
export interface AlterClientQuotasResponse extends Value<typeof alterClientQuotasResponse> {}

export const AlterClientQuotas = defineApi<AlterClientQuotasRequest, AlterClientQuotasResponse>({
  key: 49,
  name: 'AlterClientQuotas',
  versions: [0, 1],
  flexibleFrom: 1,
  listeners: ['broker', 'controller'],
  request: alterClientQuotasRequest,
  response: alterClientQuotasResponse,
})
