/** Lines of a stream of bytes, one after the other: a text of any length takes the memory of its longest line. */

const LINE_FEED = 0x0a
const ROOM_BYTES = 64 * 1024
const SPACE = 0x20

/** The lines without their line feeds, the last one too where it is empty; null for one longer than `maxBytes`. */
export async function* linesOf(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer | null> {
  // One buffer that grows: a chunk may have a single byte, and an object of its own a hundred.
  let room = Buffer.allocUnsafe(ROOM_BYTES)
  let bytes = 0
  const keep = (part: Buffer) => {
    const end = bytes + part.length
    if (end > room.length && end <= maxBytes) {
      const larger = Buffer.allocUnsafe(Math.max(end, Math.min(2 * room.length, maxBytes)))
      room.copy(larger, 0, 0, bytes)
      room = larger
    }
    if (end <= maxBytes) part.copy(room, bytes)
    bytes = end
  }
  const take = () => {
    const line = bytes <= maxBytes ? room.subarray(0, bytes) : null
    room = Buffer.allocUnsafe(ROOM_BYTES)
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
