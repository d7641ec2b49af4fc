/** Requests that are wrong, and the status that says so. */
export const badRequests: readonly { readonly path: string; readonly body: unknown; readonly status: number }[] = [
  { path: '/v1/chat/completions', body: '{"model": "tiny", "messages": [', status: 400 },
  { path: '/v1/chat/completions', body: { model: 'tiny', messages: [] }, status: 400 },
  { path: '/v1/chat/completions', body: { model: '../../etc/passwd', messages: chat('data:,') }, status: 404 },
  { path: '/v1/chat/completions', body: { model: 'tiny', messages: chat('data:image/png;base64,AAAA') }, status: 400 },
  { path: '/v1/chat/completions', body: { model: 'tiny', messages: chat('http://127.0.0.1/x.png') }, status: 400 },
  { path: '/v1/images/generations', body: { model: 'tiny' }, status: 400 },
  { path: '/v1/images/generations', body: { model: 'tiny', prompt: 'cat', n: 1e9 }, status: 400 },
  { path: '/v1/images/generations', body: { model: 'tiny', prompt: 'cat', size: '63x1' }, status: 400 },
  { path: '/v1/images/generations', body: { model: 'tiny', prompt: 'cat', scheduler: 'eval' }, status: 400 },
  { path: '/v1/nothing', body: {}, status: 404 },
]

function chat(url: string): unknown[] {
  return [
    {
      role: 'user',
      content: [
        { type: 'image_url', image_url: { url } },
        { type: 'text', text: 'what?' },
      ],
    },
  ]
}
