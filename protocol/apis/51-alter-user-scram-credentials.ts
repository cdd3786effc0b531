// AlterUserScramCredentials: sets and removes SCRAM credentials (KIP-554).

import { defineApi } from '../schema/message.ts'
import { array, bytes, int16, int32, int8, string, struct, type Value } from '../schema/vocabulary.ts'

const scramCredentialDeletion = struct({
  name: string,
  mechanism: int8,
})
export interface ScramCredentialDeletion extends Value<typeof scramCredentialDeletion> {}

const scramCredentialUpsertion = struct({
  name: string,
  mechanism: int8,
  iterations: int32,
  salt: bytes,
  saltedPassword: bytes,
})
export interface ScramCredentialUpsertion extends Value<typeof scramCredentialUpsertion> {}

const alterUserScramCredentialsRequest = struct({
  deletions: array<ScramCredentialDeletion>(scramCredentialDeletion),
  upsertions: array<ScramCredentialUpsertion>(scramCredentialUpsertion),
})
export interface AlterUserScramCredentialsRequest extends Value<typeof alterUserScramCredentialsRequest> {}

const alterUserScramCredentialsResult = struct({
  user: string,
  errorCode: int16,
  errorMessage: string.nullable(),
})
export interface AlterUserScramCredentialsResult extends Value<typeof alterUserScramCredentialsResult> {}

const alterUserScramCredentialsResponse = struct({
  throttleTimeMs: int32,
  results: array<AlterUserScramCredentialsResult>(alterUserScramCredentialsResult),
})
export interface AlterUserScramCredentialsResponse extends Value<typeof alterUserScramCredentialsResponse> {}

export const AlterUserScramCredentials = defineApi<
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse
>({
  key: 51,
  name: 'AlterUserScramCredentials',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['broker', 'controller'],
  request: alterUserScramCredentialsRequest,
  response: alterUserScramCredentialsResponse,
})
