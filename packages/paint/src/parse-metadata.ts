import { ImageError } from '@viscpm/core'
import type { PaintMetadata } from './types.js'

type Check = (value: unknown) => boolean

const text: Check = v => typeof v === 'string'
const number: Check = v => typeof v === 'number' && Number.isFinite(v)
const size: Check = v => Number.isSafeInteger(v) && (v as number) >= 1
const index: Check = v => Number.isSafeInteger(v) && (v as number) >= 0
const seed: Check = v => text(v) && /^-?\d{1,20}$/.test(v as string)
const object: Check = v => typeof v === 'object' && v !== null && !Array.isArray(v)
const texts =
  (...names: string[]): Check =>
  v =>
    object(v) && names.every(name => text((v as Record<string, unknown>)[name]))

const needed: Readonly<Record<string, Check>> = {
  prompt: text,
  negativePrompt: text,
  syntax: v => v === 'text' || v === 'raw',
  count: size,
  candidates: size,
  candidate: index,
  width: size,
  height: size,
  steps: size,
  guidanceScale: number,
  scheduler: object,
  batchSize: size,
  model: texts('name', 'hash'),
  software: texts('paint', 'backend'),
}

const optional: Readonly<Record<string, Check>> = {
  seed: v => seed(v) || (Array.isArray(v) && v.every(seed)),
  latents: text,
  guidanceInterval: v => Array.isArray(v) && v.length === 2 && v.every(number),
  deepCache: v =>
    object(v) && size((v as Record<string, unknown>).interval) && index((v as Record<string, unknown>).branch),
  tokenMerging: number,
  skipUnguided: v => typeof v === 'boolean',
  image: text,
  mask: text,
  strength: number,
  replaces: v =>
    object(v) && index((v as Record<string, unknown>).candidate) && size((v as Record<string, unknown>).try),
}

/**
 * Reads a picture's own description; it may come from anywhere, so nothing of it is taken on trust.
 * @throws ImageError naming the field
 */
export function parseMetadata(json: string): PaintMetadata {
  const fail = (message: string, cause?: unknown): never => {
    throw new ImageError({
      message: `the picture's description of how it was painted ${message}`,
      ...(cause === undefined ? {} : { cause }),
    })
  }
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    return fail('is not JSON', cause)
  }
  if (!object(value)) return fail('is no JSON object')
  const fields = value as Record<string, unknown>
  if (fields.format !== 1) fail(`has format ${JSON.stringify(fields.format)}, this version reads 1`)
  for (const [name, check] of Object.entries(needed)) if (!check(fields[name])) fail(`has no usable ${name}`)
  for (const [name, check] of Object.entries(optional))
    if (fields[name] !== undefined && !check(fields[name])) fail(`has no usable ${name}`)
  if (!((fields.candidate as number) < (fields.count as number) * (fields.candidates as number)))
    fail('has no usable candidate')
  const names = ['format', ...Object.keys(needed), ...Object.keys(optional)]
  return Object.fromEntries(names.filter(name => name in fields).map(name => [name, fields[name]])) as never
}
