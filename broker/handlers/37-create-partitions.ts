/** CreatePartitions (KIP-195): duplicates and access here, everything else is the controller's to say. */
import { CreatePartitions } from '../../protocol/apis/37-create-partitions.ts'
import { Errors } from '../../protocol/errors.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { Controller } from '../ports/controller.ts'
import { defineHandler } from './handler.ts'

export interface Needs {
  readonly controller: Controller
  readonly authorizer: Authorizer
}

export default defineHandler(
  CreatePartitions,
  { access: 'per-resource' },
  ({ controller, authorizer }: Needs) =>
    async ({ topics, validateOnly }, context) => {
      const results: { name: string; errorCode: number; errorMessage: string | null }[] = []
      const seen = new Map<string, number>()
      for (const { name } of topics) seen.set(name, (seen.get(name) ?? 0) + 1)
      for (const [name, times] of seen) {
        if (times > 1) {
          const errorMessage = 'Duplicate topic name.'
          results.push({ name, errorCode: Errors.INVALID_REQUEST.code, errorMessage })
        } else if (!authorizer.authorize(context, 'ALTER', 'TOPIC', name)) {
          results.push({ name, errorCode: Errors.TOPIC_AUTHORIZATION_FAILED.code, errorMessage: null })
        }
      }
      const refused = new Set(results.map(({ name }) => name))
      const allowed = topics.filter(({ name }) => !refused.has(name))
      results.push(...(await controller.createPartitions(allowed, validateOnly)))
      return CreatePartitions.response.create({ results })
    },
)
