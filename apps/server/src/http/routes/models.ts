import type { Kind, Services } from '../context.js'
import { badRequest, HttpError } from '../errors.js'

/**
 * The name of the model that a request means. A name is a key of what is served, never a path.
 * @throws HttpError
 */
export function modelFor(kind: Kind, asked: string | undefined, { models }: Pick<Services, 'models'>): string {
  const able = models().filter(model => model.kind === kind)
  if (asked === undefined) {
    const [first] = able
    if (!first) throw badRequest('model', `model: none that is served can ${kind}.`, 'model_not_found')
    return first.id
  }
  if (able.some(({ id }) => id === asked)) return asked
  throw new HttpError(404, 'model_not_found', `model: no model of this name is served for ${kind}. See /v1/models.`, {
    param: 'model',
  })
}
