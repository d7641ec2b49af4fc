import type { z } from '@hono/zod-openapi'
import { HttpError } from './errors.js'

type Issue = z.core.$ZodIssue

/** `messages[0].content` */
const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (at, key) => (typeof key === 'number' ? `${at}[${key}]` : at ? `${at}.${String(key)}` : String(key)),
    '',
  )

/** What is wrong, without what was given: that could be anything. */
function told(issue: Issue): { readonly param: string; readonly message: string; readonly code: string } {
  // Of several forms that a field may have, the one that came nearest says most.
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const depth = (issues: readonly Issue[]) => Math.max(0, ...issues.map(({ path }) => path.length))
    const [nearest] = [...issue.errors].sort((a, b) => depth(b) - depth(a))
    const [inner] = nearest ?? []
    if (inner) return told({ ...inner, path: [...issue.path, ...inner.path] } as Issue)
  }
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys
    const param = pathOf([...issue.path, key.slice(0, 64)])
    return { param, message: `${param}: is not supported.`, code: 'unsupported_parameter' }
  }
  const param = pathOf(issue.path).slice(0, 200) || 'body'
  const said = issue.message.replace(/^Invalid input: /, '').slice(0, 200)
  return { param, message: `${param}: ${said}.`, code: 'invalid_request' }
}

/** The first thing that is wrong with a body. */
export function invalidBody(error: { readonly issues: readonly Issue[] }): HttpError {
  const [issue] = error.issues
  if (!issue) return new HttpError(400, 'invalid_request', 'The body is not as it should be.')
  const { param, message, code } = told(issue)
  return new HttpError(400, code, message, { param })
}
