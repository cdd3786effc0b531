/** UpdateFeatures (KIP-584, KIP-1022): all of them or none. */
import { UpdateFeatures } from '../../protocol/apis/57-update-features.ts'
import { Errors } from '../../protocol/errors.ts'
import type { Controller } from '../ports/controller.ts'
import { defineHandler } from './handler.ts'

export default defineHandler(
  UpdateFeatures,
  {
    access: { operation: 'ALTER', resourceType: 'CLUSTER' },
    deviations: ['A level whose requests are not served yet is refused with INVALID_UPDATE_VERSION.'],
  },
  ({ controller }: { readonly controller: Controller }) =>
    async ({ featureUpdates, validateOnly }) => {
      const { errorCode, errorMessage } = await controller.updateFeatures(featureUpdates, validateOnly)
      if (errorCode !== 0) {
        const reason = `The update failed for all features since the following feature had an error: ${errorMessage}`
        return UpdateFeatures.response.create({ errorCode, errorMessage: reason })
      }
      return UpdateFeatures.response.create({
        errorMessage: null,
        // A feature's own message is the name of its code, success included; versions that still have these rows show it.
        results: featureUpdates.map(({ feature }) => ({
          feature,
          errorCode: 0,
          errorMessage: Errors.NONE.name,
        })),
      })
    },
)
