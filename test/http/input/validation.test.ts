/** How bodies are checked: what is repaired, what is refused, where it is said, and that no text can make it slow. */
import fc from 'fast-check'
import t from 'tap'
import { Type } from 'typebox'
import { checkBody, withoutInvalidParts } from '../../../src/http/input/validation.ts'
import { form, isPartialDate } from '../../../src/http/schema/formats.ts'
import * as schemas from '../../../src/http/schema/schemas.ts'

const Part = schemas.requestSchema('TriedPart', 'A part.', {
  name: schemas.title('Name.', 'Salle'),
  note: Type.Optional(schemas.nullable(schemas.prose('Note.', 'Texte'))),
})
const Whole = schemas.requestSchema('TriedWhole', 'A whole.', {
  title: schemas.title('Title.', 'CTG'),
  summary: Type.Optional(schemas.nullable(schemas.prose('Summary.', 'Texte'))),
  startsOn: Type.Optional(schemas.nullable(schemas.partialDate('Start.', '2022'))),
  theme: Type.Optional(schemas.nullable(schemas.code(['enfance', 'jeunesse'], 'Theme.', 'enfance'))),
  themes: Type.Optional(
    schemas.uniqueList(schemas.code(['enfance', 'jeunesse', 'logement'], 'Theme.', 'enfance'), 2, 'T.'),
  ),
  cents: Type.Optional(schemas.nullable(schemas.cents('Money.', 100))),
  value: Type.Optional(schemas.nullable(schemas.decimal('Value.', 1.5))),
  latitude: Type.Optional(schemas.nullable(schemas.degrees(90, 'Latitude.', 48.76))),
  open: Type.Optional(schemas.boolean('Open.', true)),
  leadId: Type.Optional(schemas.nullable(schemas.id('Lead.', '01890a5d-ac96-774b-bcce-b302099a8057'))),
  communeCode: Type.Optional(schemas.pattern(form('^(\\d{2}|2[AB])\\d{3}$', 'five digits'), 'Commune.', '61214')),
  website: Type.Optional(schemas.nullable(schemas.url('Site.', 'https://example.org'))),
  email: Type.Optional(schemas.nullable(schemas.email('Mail.', 'a@example.org'))),
  phone: Type.Optional(schemas.nullable(schemas.phone('Phone.', '02 33 00 00 00'))),
  hours: Type.Optional(schemas.nullable(schemas.openingHours('Hours.', 'Mo-Fr 09:00-12:00'))),
  day: Type.Optional(schemas.date('Day.', '2022-03-17')),
  at: Type.Optional(schemas.instant('Instant.', '2022-03-17T08:30:00.000Z')),
  parts: Type.Optional(schemas.list(schemas.ref(Part), 3, 'Parts.')),
  main: Type.Optional(schemas.nullable(schemas.ref(Part))),
  place: Type.Optional(Type.Unsafe<unknown>({ anyOf: [schemas.text(20, 'A code.', 'epci:1'), schemas.ref(Part)] })),
})

const check = (fields: object) => checkBody(Whole, { title: 'CTG', ...fields })
const errorsOf = (fields: object) => check(fields).errors.map(({ pointer, code }) => `${pointer} ${code}`)
const repaired = (fields: object) => {
  const { value, errors } = check(fields)
  if (errors.length > 0) throw new Error(JSON.stringify(errors))
  return value as Record<string, unknown>
}

/** The work of this process in milliseconds. */
const cpuMs = () => process.cpuUsage().user / 1_000

t.test('text is stored in NFC and trimmed, line breaks become line feeds, empty becomes null', async (t) => {
  t.equal(repaired({ title: '  Cafe\u0301 \n' }).title, 'Café')
  t.equal(repaired({ summary: 'a\r\nb\rc\n\td ' }).summary, 'a\nb\nc\n\td')
  t.equal(repaired({ summary: '  ' }).summary, null)
  t.equal(repaired({ startsOn: '' }).startsOn, null)
  t.equal(repaired({ main: { name: ' a ', note: '' } }).main?.constructor, Object)
  t.same(repaired({ main: { name: ' a ', note: '' } }).main, { name: 'a', note: null })
  t.same(repaired({ parts: [{ name: 'e\u0301' }] }).parts, [{ name: 'é' }])
  t.same(repaired({ place: { name: ' a ' } }).place, { name: 'a' })
  t.equal(repaired({ place: ' epci:1 ' }).place, 'epci:1')
  t.equal(repaired({ leadId: '01890A5D-AC96-774B-BCCE-B302099A8057' }).leadId, '01890a5d-ac96-774b-bcce-b302099a8057')
})

t.test('nothing is converted, dropped or filled in', async (t) => {
  t.same(errorsOf({ title: null, cents: 'null', open: null }), ['/title type', '/cents type', '/open type'])
  t.same(errorsOf({ title: 5, cents: '1e3', open: 'true' }), ['/title type', '/cents type', '/open type'])
  t.same(errorsOf({ title: ['a'], themes: 'enfance' }), ['/title type', '/themes type'])
  t.same(errorsOf({ ownerId: 7 }), ['/ownerId unknown-field'])
  t.same(errorsOf({ cents: Number('9007199254740993') }), ['/cents too-large'])
  t.same(errorsOf({ cents: 1.5 }), ['/cents type'])
  t.same(repaired({}), { title: 'CTG' })
})

t.test('every error is told at its place, with a code and a sentence that names the field', async (t) => {
  const { errors } = checkBody(Whole, {
    startsOn: '2023-02-30',
    theme: 'sante',
    themes: ['enfance', 'jeunesse', 'enfance'],
    parts: [{ note: 5 }, null, 'a'],
    main: { name: '' },
    place: { name: null },
  })
  t.same(
    errors.map(({ pointer, code }) => `${pointer} ${code}`).sort(),
    [
      '/title required',
      '/startsOn invalid-partial-date',
      '/theme unknown-code',
      '/themes too-many',
      '/themes/2 duplicate',
      '/parts/0/name required',
      '/parts/0/note type',
      '/parts/1 type',
      '/parts/2 type',
      '/main/name empty',
      '/place/name type',
    ].sort(),
  )
  const sentences = new Map(errors.map(({ pointer, message }) => [pointer, message]))
  t.equal(sentences.get('/title'), 'title is required.')
  t.equal(sentences.get('/theme'), 'theme must be one of enfance, jeunesse.')
  t.equal(sentences.get('/parts/0/note'), 'note must be a string or null.')
  t.equal(sentences.get('/parts/1'), 'parts[1] must not be null.')
  t.equal(sentences.get('/themes/2'), 'themes[2] stands twice in the list.')
})

t.test('a union tells only the errors of the branch that was meant', async (t) => {
  t.same(errorsOf({ place: 'x'.repeat(21) }), ['/place too-long'])
  t.same(errorsOf({ place: {} }), ['/place/name required'])
  t.same(errorsOf({ place: 5 }), ['/place type'])
  t.same(errorsOf({ main: [] }), ['/main type'])
})

t.test('names in pointers are escaped, and cut when they are absurdly long', async (t) => {
  t.same(errorsOf({ 'a/b~c': 1 }), ['/a~1b~0c unknown-field'])
  t.equal(check({ ['n'.repeat(100_000)]: 1 }).errors[0]?.pointer.length, 201)
})

t.test('a body that is no object says so', async (t) => {
  for (const body of [undefined, null, 5, 'a', []]) {
    const { errors } = checkBody(Whole, body)
    t.same(
      errors.map(({ pointer, code }) => [pointer, code]),
      [['', 'type']],
    )
  }
  t.equal(checkBody(Whole, undefined).errors[0]?.message, 'The body must be an object.')
})

t.test('control characters, lone surrogates and marks of direction are refused in text', async (t) => {
  for (const bad of [
    '\u0000',
    '\u0007',
    '\u001b',
    '\u007f',
    '\u0085',
    '\u2028',
    '\ud800',
    '\udc00',
    '\u202e',
    '\u2066',
    '\u200e',
    '\u061c',
  ])
    t.same(errorsOf({ title: `a${bad}b` }), ['/title invalid-text'], bad.charCodeAt(0).toString(16))
  t.same(errorsOf({ title: 'a\nb' }), ['/title invalid-text'])
  t.same(errorsOf({ title: 'a\tb' }), ['/title invalid-text'])
  t.same(errorsOf({ summary: 'a\u000bb' }), ['/summary invalid-prose'])
  t.same(errorsOf({ title: 'Œuvre à l’Aigle — « 1 » 👨‍👩‍👧 한국' }), [])
})

t.test('lengths count characters, not UTF-16 units', async (t) => {
  t.same(errorsOf({ title: '👩'.repeat(300) }), [])
  t.same(errorsOf({ title: '👩'.repeat(301) }), ['/title too-long'])
  t.same(errorsOf({ title: 'e\u0301'.repeat(300) }), [], 'after NFC')
})

t.test('numbers: bounds, significant digits and decimals', async (t) => {
  t.same(errorsOf({ value: 123456789012345 }), [])
  t.same(errorsOf({ value: 0.1 + 0.2 }), ['/value too-precise'])
  t.same(errorsOf({ value: 1e-7 }), [])
  t.same(errorsOf({ value: Number.POSITIVE_INFINITY }), ['/value type'])
  t.same(errorsOf({ latitude: 48.7654321 }), [])
  t.same(errorsOf({ latitude: 48.76543211 }), ['/latitude too-precise'])
  t.same(errorsOf({ latitude: -90.1 }), ['/latitude too-small'])
  t.same(errorsOf({ cents: -1 }), ['/cents too-small'])
})

const goodAndBad: Record<string, { good: string[]; bad: string[] }> = {
  day: {
    good: ['2024-02-29', '1900-01-01'],
    bad: ['2023-02-29', '2024-2-9', '2024', '2024-02', '0000-01-01', '2022-01-01T'],
  },
  at: {
    good: ['2022-03-17T08:30:00Z', '2022-03-17T08:30:00.123+02:00'],
    bad: ['2022-03-17', '2022-03-17 08:30:00Z', '2022-02-30T08:30:00Z', '2022-03-17T24:00:00Z', '2022-03-17T08:30:00'],
  },
  startsOn: {
    good: ['2022', '2022-12', '2199-12-31'],
    bad: ['22', '2022-13', '2022-00', '1899', '2200', '2022-1', '+2022', '2022-W01'],
  },
  website: {
    good: ['https://www.caf.fr/allocataires', 'http://example.org:8080/a?b=c#d', 'https://é.fr/ù'],
    bad: [
      'www.caf.fr',
      'ftp://a.fr',
      'javascript:alert(1)',
      'https://',
      'https://a b.fr',
      'https://u:p@a.fr',
      'https://u@a.fr',
      'http:///a',
      'https://[x',
    ],
  },
  email: {
    good: ['contact@mairie-laigle.fr', 'a.b+c@x.example.org'],
    bad: ['a', 'a@b', '@b.fr', 'a@b..fr', 'a b@c.fr', 'a@b.fr\u0000', '.a@b.fr'],
  },
  phone: {
    good: ['02 33 84 50 00', '+33 (0)2.33.84.50.00', '3646'],
    bad: ['accueil', '(02) -', '0'.repeat(16), '02/33/84'],
  },
  hours: {
    good: ['Mo-Fr 09:00-12:00', '24/7', 'Tu,Th 14:00-17:00; PH off', '"sur rendez-vous"'],
    bad: ['ouvert', 'Mo 25:00', 'lundi matin'],
  },
  communeCode: { good: ['61214', '2A004'], bad: ['6121', '2C004', '61214 1', 'x'.repeat(100)] },
}

for (const [field, { good, bad }] of Object.entries(goodAndBad))
  t.test(`${field}: what is right passes, what is wrong is one error`, async (t) => {
    for (const value of good) t.same(errorsOf({ [field]: value }), [], value)
    for (const value of bad) t.equal(check({ [field]: value }).errors.length, 1, encodeURI(value))
  })

t.test('a partial date is a year, month or day that exists from 1900 to 2199', async () => {
  const days = fc.date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })
  fc.assert(
    fc.property(days, fc.constantFrom(4, 7, 10), (day, length) => isPartialDate(day.toISOString().slice(0, length))),
  )
  fc.assert(
    fc.property(fc.nat(3000), fc.nat(14), fc.nat(33), (year, month, day) => {
      const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
      const date = new Date(`${text}T00:00:00Z`)
      const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
      return isPartialDate(text) === (exists && year >= 1900 && year <= 2199)
    }),
  )
  fc.assert(fc.property(fc.string(), (text) => !isPartialDate(text) || /^\d{4}(-\d\d){0,2}$/.test(text)))
})

t.test('without its faulty parts a value keeps the places of the rest', async (t) => {
  const { value, errors } = check({ theme: 'x', parts: [{ name: 5 }, 7, { name: 'b', zz: 1 }], main: { name: 'a' } })
  t.same(withoutInvalidParts(value, errors), { title: 'CTG', parts: [{}, null, { name: 'b' }], main: { name: 'a' } })
  t.same((value as Record<string, unknown>).theme, 'x', 'the value itself is left alone')
  t.equal(withoutInvalidParts(5, checkBody(Whole, 5).errors), undefined)
})

t.test('what passes once passes again unchanged', async (t) => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('', ' a ', 'e\u0301', '\ud800'))
  const body = fc.record({ title: text, summary: fc.option(text), main: fc.option(fc.record({ name: text })) })
  fc.assert(
    fc.property(body, (given) => {
      const first = checkBody(Whole, given)
      const second = checkBody(Whole, first.value)
      t.same(second, first)
    }),
    { numRuns: 200 },
  )
})

t.test('no text makes a check slow', async (t) => {
  const size = 100_000
  const hostile = [
    'a',
    ' ',
    '1',
    '-',
    '.',
    'a.',
    '@',
    '\r\n',
    '\u0301\u0323',
    'http://',
    '(',
    '2022-',
    '\ud800',
    '"',
    'Mo,',
  ]
  for (const unit of hostile) {
    const text = unit.repeat(size / unit.length)
    for (const value of [text, `${text}!`, `+${text}`, `https://${text}`, `a@${text}`]) {
      const body = Object.fromEntries(Object.keys(goodAndBad).map((field) => [field, value]))
      const start = cpuMs()
      check({ ...body, title: value, summary: value })
      t.ok(cpuMs() - start < 2_000, `${JSON.stringify(unit)} took ${cpuMs() - start} ms`)
    }
  }
})

t.test('a huge body full of errors is checked in time that grows with its size only', async (t) => {
  const bodies: Record<string, (size: number) => object> = {
    'unknown fields': (size) => Object.fromEntries(Array.from({ length: size }, (_, i) => [`a${i}`, 0])),
    'a long list': (size) => ({ parts: Array.from({ length: size }, () => 0) }),
    'a long list of codes': (size) => ({ themes: Array.from({ length: size }, () => 'enfance') }),
  }
  const timed = (body: object) => {
    const start = cpuMs()
    const { errors } = check(body)
    return { ms: cpuMs() - start, count: errors.length }
  }
  for (const [name, make] of Object.entries(bodies)) {
    timed(make(1_000))
    const small = timed(make(50_000))
    const large = timed(make(200_000))
    t.ok(large.count > 0 && large.count <= 100, name)
    t.ok(large.ms < 14 * Math.max(small.ms, 50), `${name}: ${large.ms} ms after ${small.ms} ms`)
  }
})
