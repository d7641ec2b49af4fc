import type { Context } from 'hono'
import type { AppEnv } from './context.js'
import { badRequest, HttpError } from './errors.js'
import { checkPicture, maxPictureBytes } from './security/pictures.js'

/** The body as a form. @throws HttpError */
export function formOf(c: Context<AppEnv>): Promise<FormData> {
  return c.req.formData().catch(() => {
    throw new HttpError(400, 'invalid_form', 'The body is no multipart form.')
  })
}

/** Takes a file out of a form, or a text in its place; some clients call it `name[]`. @throws HttpError */
export function takeFile(form: FormData, name: string): File | string | undefined {
  const given = [...form.getAll(name), ...form.getAll(`${name}[]`)]
  form.delete(name)
  form.delete(`${name}[]`)
  if (given.length > 1) throw badRequest(name, `${name}: one picture is taken.`, 'one_image_only')
  return given[0]
}

/** The bytes of a file that is a picture. @throws HttpError */
export async function pictureOf(file: File, name: string): Promise<Uint8Array> {
  if (file.size > maxPictureBytes)
    throw new HttpError(413, 'image_too_large', `${name}: at most 20 MB are taken.`, { param: name })
  return checkPicture(new Uint8Array(await file.arrayBuffer()), name)
}

/** The texts of a form. @throws HttpError for a field that is given twice */
export function fieldsOf(form: FormData): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [name, value] of form) {
    const shown = name.slice(0, 64)
    if (typeof value !== 'string') throw badRequest(shown, `${shown}: is no field for a file.`)
    if (Object.hasOwn(fields, name)) throw badRequest(shown, `${shown}: is given more than once.`)
    fields[name] = value
  }
  return fields
}
