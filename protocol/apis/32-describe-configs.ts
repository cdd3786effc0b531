// DescribeConfigs: settings of topics, brokers, loggers, clients' metrics and groups, with where each value
// comes from (KIP-133).

import { defineApi } from '../schema/message.ts'
import {
  array,
  bool,
  int16,
  int32,
  int8,
  string,
  struct,
  type Value,
  type Wire,
} from '../schema/vocabulary.ts'

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
  name: string,
  value: string.nullable(),
  source: int8,
})
export interface DescribeConfigsSynonym extends Value<typeof describeConfigsSynonym> {}

const describeConfigsResourceResult = struct({
  name: string,
  value: string.nullable(),
  readOnly: bool,
  isDefault: bool.until(0).legacy(),
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

/** What a version brought that handlers must know. */
const means = { sources: 1, documentation: 3 } as const

/** The source of a value that nobody has set. */
const DEFAULT_CONFIG = 5

/** v0 knows only whether a value is the default. */
function downgrade(response: DescribeConfigsResponse, version: number): void {
  if (version >= means.sources) return
  for (const result of response.results) {
    for (const config of result.configs as Wire<typeof describeConfigsResourceResult>[]) {
      config.isDefault = config.configSource === DEFAULT_CONFIG
    }
  }
}

export const DescribeConfigs = defineApi<DescribeConfigsRequest, DescribeConfigsResponse, keyof typeof means>(
  {
    key: 32,
    name: 'DescribeConfigs',
    versions: [0, 4],
    flexibleFrom: 4,
    listeners: ['broker', 'controller'],
    request: describeConfigsRequest,
    response: describeConfigsResponse,
    means,
    downgrade,
  },
)
