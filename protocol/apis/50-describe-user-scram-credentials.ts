// DescribeUserScramCredentials: which users have SCRAM credentials, never the credentials (KIP-554).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, int8, string, struct, type Value } from '../schema/vocabulary.ts'

const userName = struct({
  name: string,
})
export interface UserName extends Value<typeof userName> {}

const describeUserScramCredentialsRequest = struct({
  users: array<UserName>(userName).nullable(),
})
export interface DescribeUserScramCredentialsRequest
  extends Value<typeof describeUserScramCredentialsRequest> {}

const credentialInfo = struct({
  mechanism: int8,
  iterations: int32,
})
export interface CredentialInfo extends Value<typeof credentialInfo> {}

const describeUserScramCredentialsResult = struct({
  user: string,
  errorCode: int16,
  errorMessage: string.nullable(),
  credentialInfos: array<CredentialInfo>(credentialInfo),
})
export interface DescribeUserScramCredentialsResult
  extends Value<typeof describeUserScramCredentialsResult> {}

const describeUserScramCredentialsResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable(),
  results: array<DescribeUserScramCredentialsResult>(describeUserScramCredentialsResult),
})
export interface DescribeUserScramCredentialsResponse
  extends Value<typeof describeUserScramCredentialsResponse> {}

export const DescribeUserScramCredentials = defineApi<
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse
>({
  key: 50,
  name: 'DescribeUserScramCredentials',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['broker', 'controller'],
  request: describeUserScramCredentialsRequest,
  response: describeUserScramCredentialsResponse,
})
