/** Exit codes of the command; part of its interface. */
export const exitCodes = {
  ok: 0,
  /** Something failed: a file, the model, the machine. */
  error: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A safety checker blocked the picture or the question. */
  blocked: 3,
  /** Stopped with Ctrl-C. */
  interrupted: 130,
} as const
