// DescribeConfigs: settings of topics, brokers, loggers, clients' metrics and groups, with where each value
// comes from (KIP-133).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, int8, string, struct, type Value } from '../schema/vocabulary.ts'

const describeConfigsResource = struct({
  resourceType: int8,
  resourceName: string,
  configurationKeys: array(string).nullable(),
})
export interface DescribeConfigsResource extends Value<typeof describeConfigsResource> {}

const describeConfigsRequest = struct({
  resources: array<DescribeConfigsResource>(describeConfigsResource),
  includeSynonyms: bool.since(1),
  includeDocumentation: bool.since(3),
})
export interface DescribeConfigsRequest extends Value<typeof describeConfigsRequest> {}

const describeConfigsSynonym = struct({
  name: string.since(1),
  value: string.since(1).nullable(),
  source: int8.since(1),
})
export interface DescribeConfigsSynonym extends Value<typeof describeConfigsSynonym> {}

const describeConfigsResourceResult = struct({
  name: string,
  value: string.nullable(),
  readOnly: bool,
  isDefault: bool.until(0),
  configSource: int8.since(1).default(-1).ignorable(),
  isSensitive: bool,
  synonyms: array<DescribeConfigsSynonym>(describeConfigsSynonym).since(1).ignorable(),
  configType: int8.since(3).ignorable(),
  documentation: string.since(3).nullable().ignorable(),
})
export interface DescribeConfigsResourceResult extends Value<typeof describeConfigsResourceResult> {}

const describeConfigsResult = struct({
  errorCode: int16,
  errorMessage: string.nullable(),
  resourceType: int8,
  resourceName: string,
  configs: array<DescribeConfigsResourceResult>(describeConfigsResourceResult),
})
export interface DescribeConfigsResult extends Value<typeof describeConfigsResult> {}

const describeConfigsResponse = struct({
  throttleTimeMs: int32,
  results: array<DescribeConfigsResult>(describeConfigsResult),
})
export interface DescribeConfigsResponse extends Value<typeof describeConfigsResponse> {}

export const DescribeConfigs = defineApi<DescribeConfigsRequest, DescribeConfigsResponse>({
  key: 32,
  name: 'DescribeConfigs',
  versions: [0, 4],
  flexibleFrom: 4,
  listeners: ['broker', 'controller'],
  request: describeConfigsRequest,
  response: describeConfigsResponse,
})
