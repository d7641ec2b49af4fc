import type { CritiqueMessages } from './critique-types.js'

export const critiqueEn: CritiqueMessages = {
  about: 'Compare who chooses best among painted pictures: the reranker, the model as its own critic, or nobody.',
  options: {
    output: 'Folder of results and pictures; a later run goes on where it ended',
    prompts: 'Scenes of each kind, painted in both languages (1 to 10)',
    candidates: 'Pictures painted for each prompt',
    seed: 'Seed of the first picture',
    steps: 'Denoising steps (DPM-Solver++)',
    threads: 'Threads of each model',
    json: 'Print the figures as JSON',
  },
  running: 'Painting and choosing',
  phases: { critique: 'prompts' },
  heading: (language, prompts, decidable) =>
    `${{ en: 'English', zh: 'Chinese', both: 'Both languages' }[language]}: ${prompts} prompts, ${decidable} with right and wrong candidates`,
  columns: { chooser: 'chooser', right: 'right %', gain: 'to random', over: 'to clip', ms: 'ms a prompt' },
  choosers: {
    first: 'first candidate',
    random: 'random (expected)',
    clip: 'Chinese-CLIP',
    information: 'self: information',
    prompt: 'self: prompt',
    caption: 'self: caption',
    yes: 'self: yes',
    oracle: 'oracle',
  },
  note: 'Brackets: 95 % paired bootstrap intervals over prompts. Judge: the drawings of the embedded world and named colours, no model.',
  kept: file => `Results: ${file}`,
}
