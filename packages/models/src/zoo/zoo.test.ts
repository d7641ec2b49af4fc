import { describe, expect, it } from 'vitest'
import { findZooModel, sizeOf, zoo } from './index.js'

describe('the zoo', () => {
  it('has what VisCPM is made of', () => {
    expect(zoo.map(({ id }) => id)).toEqual([
      'openbmb/VisCPM-Chat:balance',
      'openbmb/VisCPM-Chat:zhplus',
      'openbmb/VisCPM-Chat:v1.1',
      'openbmb/VisCPM-Paint:balance',
      'openbmb/VisCPM-Paint:zhplus',
      'OFA-Sys/chinese-clip-vit-base-patch16',
      'CompVis/stable-diffusion-safety-checker',
    ])
  })

  it('has names that mean one model each', () => {
    const names = zoo.flatMap(({ id, aliases }) => [id, ...aliases]).map(name => name.toLowerCase())
    expect(new Set(names).size).toBe(names.length)
    expect(findZooModel('OPENBMB/viscpm-chat')?.id).toBe('openbmb/VisCPM-Chat:balance')
    expect(findZooModel('viscpm-paint-zhplus')?.checkpoint).toBe('pytorch_model.bin')
    expect(findZooModel('openbmb/VisCPM-Chat:none')).toBeUndefined()
  })

  const files = zoo.flatMap(model => model.files.flatMap(file => [file, ...(file.otherwise ? [file.otherwise] : [])]))
  it.each(zoo.map(model => [model.id, model] as const))('%s is well formed', (_, model) => {
    expect(model.commit).toMatch(/^[0-9a-f]{40}$/)
    expect(model.files.map(({ path }) => path)).toContain(model.checkpoint)
    expect(new Set(model.files.map(({ path }) => path)).size).toBe(model.files.length)
    for (const companion of model.companions) expect(findZooModel(companion)).toBeDefined()
    expect(model.license.name).not.toBe('')
    expect(model.license.summary.zh).toMatch(/\p{Script=Han}/u)
    expect(sizeOf(model)).toBeGreaterThan(1e6)
  })

  it.each(files.map(file => [file.path, file] as const))('%s: hashes and sources are of the right form', (_, file) => {
    if (file.sha256 !== undefined) expect(file.sha256).toMatch(/^[0-9a-f]{64}$/)
    // Bytes of another place are only taken where a published hash settles what they are.
    if (file.elsewhere) expect(file.sha256).toBeDefined()
    expect(file.size).toBeGreaterThan(0)
  })

  it('has a published hash of every file of weights but two, whose pages show none', () => {
    const weights = files.filter(({ path }) => /\.(bin|safetensors)$/.test(path))
    const without = weights.filter(({ sha256 }) => sha256 === undefined).map(({ path }) => path)
    expect([...new Set(without)].sort()).toEqual(['pytorch_model.v1.bin', 'text-security-checker/pytorch_model.bin'])
  })
})
