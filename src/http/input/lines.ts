/** Lines of a stream of bytes, one after the other: a text of any length takes the memory of its longest line. */

const LINE_FEED = 0x0a
const SPACE = 0x20

/** The lines without their line feeds, the last one too where it is empty; null for one longer than `maxBytes`. */
export async function* linesOf(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer | null> {
  let parts: Buffer[] = []
  let bytes = 0
  const keep = (part: Buffer) => {
    bytes += part.length
    if (bytes <= maxBytes) parts.push(part)
    else parts = []
  }
  const take = () => {
    const line = bytes <= maxBytes ? Buffer.concat(parts) : null
    parts = []
    bytes = 0
    return line
  }
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      keep(chunk.subarray(start, end))
      yield take()
      start = end + 1
    }
    keep(chunk.subarray(start))
  }
  yield take()
}

/** Whether a line holds nothing but white space. */
export const isBlank = (line: Buffer | null): boolean => line?.every((byte) => byte <= SPACE) === true
