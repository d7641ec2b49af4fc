export const enSafety = {
  stages: {
    picture: 'the picture',
    text: 'the question',
    answer: 'the answer',
    prompt: 'the prompt',
    painted: 'the painted picture',
  },
  categories: {
    sexual: 'sexual content',
    profanity: 'profanity',
    hate: 'hatred',
    violence: 'violence',
    'self-harm': 'self-harm',
    drugs: 'drugs',
  } as Record<string, string>,
  blockedTitle: 'Stopped by the safety check',
  block: (what: string, category: string | undefined): string =>
    `A checker takes ${what} for harmful${category === undefined ? '' : ` (${category})`}.`,
  unknown: (what: string): string =>
    `A checker could not tell whether ${what} is harmless, and what is not known to be is stopped.`,
  unspecified: 'A checker takes something in this request for harmful.',
  ways: {
    picture: 'Take another picture.',
    text: 'Put the question in other words.',
    answer: 'Ask in another way, or about something else.',
    prompt: 'Put the prompt in other words.',
    painted: 'Try another seed, or ask for something else.',
  },
  mistaken: 'Checkers are sometimes wrong; the words or the picture were sent to no model.',
  partial: 'The answer was stopped where the checker objected.',
  by: (checker: string): string => `Checker: ${checker}`,
  allBlocked: 'All candidates were withheld.',
  someBlocked: (n: number): string => (n === 1 ? 'One candidate was withheld.' : `${n} candidates were withheld.`),
}
