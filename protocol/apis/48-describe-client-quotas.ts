// DescribeClientQuotas: the quotas of users, clients and addresses that match a filter (KIP-546).

import { defineApi } from '../schema/message.ts'
import { array, bool, float64, int16, int32, int8, string, struct, type Value } from '../schema/vocabulary.ts'

const componentData = struct({
  entityType: string,
  matchType: int8,
  match: string.nullable(),
})
export interface ComponentData extends Value<typeof componentData> {}

const describeClientQuotasRequest = struct({
  components: array<ComponentData>(componentData),
  strict: bool,
})
export interface DescribeClientQuotasRequest extends Value<typeof describeClientQuotasRequest> {}

const describeClientQuotasEntityData = struct({
  entityType: string,
  entityName: string.nullable(),
})
export interface DescribeClientQuotasEntityData extends Value<typeof describeClientQuotasEntityData> {}

const valueData = struct({
  key: string,
  value: float64,
})
export interface ValueData extends Value<typeof valueData> {}

const describeClientQuotasEntryData = struct({
  entity: array<DescribeClientQuotasEntityData>(describeClientQuotasEntityData),
  values: array<ValueData>(valueData),
})
export interface DescribeClientQuotasEntryData extends Value<typeof describeClientQuotasEntryData> {}

const describeClientQuotasResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable(),
  entries: array<DescribeClientQuotasEntryData>(describeClientQuotasEntryData).nullable(),
})
export interface DescribeClientQuotasResponse extends Value<typeof describeClientQuotasResponse> {}

export const DescribeClientQuotas = defineApi<DescribeClientQuotasRequest, DescribeClientQuotasResponse>({
  key: 48,
  name: 'DescribeClientQuotas',
  versions: [0, 1],
  flexibleFrom: 1,
  listeners: ['broker'],
  request: describeClientQuotasRequest,
  response: describeClientQuotasResponse,
})
