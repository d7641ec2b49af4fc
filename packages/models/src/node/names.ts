import { InvalidArgumentError, isModelId } from '@viscpm/core'
import type { ZooModel } from '../types.js'
import { findZooModel, zoo as wholeZoo } from '../zoo/index.js'

/** What a name means: a model of the zoo, or any repository of the hub. */
export interface NamedModel {
  /** As the zoo writes it, or as it was given. */
  readonly id: string
  readonly repo: string
  readonly model: ZooModel | undefined
  /** Commit, branch or tag that is wanted. */
  readonly revision: string
}

/** @throws InvalidArgumentError for what is neither a model of the zoo nor a repository's OWNER/NAME */
export function namedModel(name: string, zoo: readonly ZooModel[] = wholeZoo): NamedModel {
  const [, base = '', revision] = /^([^@]*)(?:@(.+))?$/.exec(name) ?? []
  const model = findZooModel(base, zoo)
  if (model) return { id: model.id, repo: model.repo, model, revision: revision ?? model.commit }
  const variantless = !base.includes(':')
  if (variantless && isModelId(name)) return { id: base, repo: base, model: undefined, revision: revision ?? 'main' }
  const siblings = zoo.filter(one => one.repo.toLowerCase() === base.split(':')[0]?.toLowerCase())
  throw new InvalidArgumentError({
    argument: 'model',
    message: `${JSON.stringify(name)} is no model that is known, and no OWNER/NAME of the hub`,
    hint: siblings.length
      ? `There are: ${siblings.map(({ id }) => id).join(', ')}.`
      : "'viscpm list --all' shows what there is.",
  })
}
