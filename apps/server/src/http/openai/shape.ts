import { z } from '@hono/zod-openapi'

/** The fields of an object schema, for a type that is written out. */
export type Shape<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> }

export const whole = (min: number, max: number): z.ZodInt => z.int().min(min).max(max)

/** How a field is described in openapi.json. */
export const about = (description: string): { readonly description: string } => ({ description })
