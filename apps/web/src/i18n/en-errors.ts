export const enErrors = {
  away: { title: 'The server does not answer', way: 'See whether it is still running (viscpm serve), then try again.' },
  broken: { title: 'The connection broke', way: 'Nothing is lost: try again.' },
  'key-needed': { title: 'The server asks for an API key', way: 'Enter the key that its operator gave you.' },
  'key-wrong': {
    title: 'The server does not take this API key',
    way: 'Enter it again, or ask its operator for another one.',
  },
  busy: { title: 'The server has more to do than it can take', way: 'Try again in a moment.' },
  unavailable: {
    title: 'The model is not available at the moment',
    way: 'It may be loading, or the machine lacks memory. Try again in a moment.',
  },
  'no-model': { title: 'There is no model for this here', way: 'Start the server with one: viscpm serve --model.' },
  'not-loaded': {
    title: 'The embedded model is not in this browser yet',
    way: 'It is loaded once, from the server that this page came from: start that (viscpm serve), then try again.',
  },
  blocked: { title: 'Stopped by the safety check', way: 'Put it in other words, or take another picture.' },
  invalid: { title: 'The request is not right', way: 'Change what is named below, then try again.' },
  'too-large': { title: 'That is too large', way: 'Take a smaller picture.' },
  'too-long': { title: 'That is too long for the model', way: 'Shorten it, or start a new conversation.' },
  failed: { title: 'It did not work', way: 'Try again. If it happens again, the server’s log says more.' },
  wait: (seconds: number): string => (seconds === 1 ? 'Try again in 1 second.' : `Try again in ${seconds} seconds.`),
  useBrowser: 'Compute in this browser',
  enterKey: 'Enter the key',
  detail: (message: string): string => `It says: ${message}`,
}
