/** The worker's last message: a worker that ends by itself is not told of otherwise. */
export const ended = 'viscpm-worker-ended'
