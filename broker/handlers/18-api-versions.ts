/**
 * ApiVersions: what we serve, derived from the registry, and which features are finalized. The only request that a version we do not know
 * gets an answer to (UNSUPPORTED_VERSION in the oldest form, with our range of this one key: KIP-511). KIP-35, KIP-584.
 */
import {
  ApiVersions,
  type ApiVersion,
  type ApiVersionsResponse,
} from '../../protocol/apis/18-api-versions.ts'
import { Errors } from '../../protocol/errors.ts'
import { features, finalizedForClients } from '../metadata/features.ts'
import type { MetadataSource } from '../metadata/image.ts'
import type { Controller } from '../ports/controller.ts'
import { defineHandler, RequestError } from './handler.ts'

export interface ApiVersionsNeeds {
  readonly metadata: MetadataSource
  readonly controller: Pick<Controller, 'describeQuorum'>
  /** The registry's ranges, by key. */
  readonly apiRanges: () => readonly ApiVersion[]
}

export default defineHandler(
  ApiVersions,
  {
    access: 'open',
    failed: (_request, { code }): ApiVersionsResponse => {
      const [minVersion, maxVersion] = ApiVersions.versions
      const range = { apiKey: ApiVersions.key, minVersion, maxVersion }
      const apiKeys = code === Errors.UNSUPPORTED_VERSION.code ? [range] : []
      return ApiVersions.response.create({ errorCode: code, apiKeys })
    },
  },
  ({ metadata, controller, apiRanges }: ApiVersionsNeeds) =>
    (request, _context, facts) => {
      const { clientSoftwareName, clientSoftwareVersion } = request
      if (facts.softwareNames && !(isLegalName(clientSoftwareName) && isLegalName(clientSoftwareVersion))) {
        throw new RequestError(Errors.INVALID_REQUEST)
      }
      const image = metadata.current()
      const served = features.map(({ name, served: { min, max } }) => ({
        name,
        minVersion: min,
        maxVersion: max,
      }))
      return {
        errorCode: 0,
        apiKeys: [...apiRanges()],
        throttleTimeMs: 0,
        supportedFeatures: served.filter(feature => feature.maxVersion > 0),
        finalizedFeaturesEpoch: image.offset,
        finalizedFeatures: finalizedForClients(image.features, controller.describeQuorum().kraftVersion),
        zkMigrationReady: false,
      }
    },
)

/** Letters and digits, with dots and dashes between them (ApiVersionsRequest.isValid). */
export function isLegalName(text: string): boolean {
  if (text === '' || !isWord(text.charCodeAt(0)) || !isWord(text.charCodeAt(text.length - 1))) return false
  for (let i = 1; i < text.length - 1; i++) {
    const char = text.charCodeAt(i)
    if (!isWord(char) && char !== 0x2d && char !== 0x2e) return false
  }
  return true
}

const isWord = (char: number): boolean =>
  (char >= 0x30 && char <= 0x39) || (char >= 0x41 && char <= 0x5a) || (char >= 0x61 && char <= 0x7a)
